//! What was last seen of the services of a project.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rusqlite::Connection;

use super::Store;
use crate::control::EventContext;
use crate::eventlog::AppendError;
use crate::server::projects::Past;
use crate::server::{ServiceSighting, Sightings};

#[async_trait]
impl Sightings for Store {
    async fn of_project(&self, project: &str) -> Vec<ServiceSighting> {
        let name = project.to_owned();
        match self.read(move |database| sightings(database, &name)).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, project, "what was last seen of a project can't be read");
                Vec::new()
            }
        }
    }
}

#[async_trait]
impl Past for Store {
    async fn forget_project(&self, project: &str) -> Result<(), AppendError> {
        self.forget(project.to_owned()).await
    }
}

/// Reads what was last seen.
fn sightings(
    database: &Connection,
    project: &str,
) -> Result<Vec<ServiceSighting>, rusqlite::Error> {
    let mut found: BTreeMap<(String, String), ServiceSighting> = BTreeMap::new();
    let mut statement = database.prepare_cached(
        "SELECT stage, service, type, id, context, time FROM server_latest WHERE project = ?",
    )?;
    let mut rows = statement.query([project])?;
    while let Some(row) = rows.next()? {
        let seen = found.entry((row.get(0)?, row.get(1)?)).or_default();
        let time: i64 = row.get(5)?;
        let event = EventContext {
            event_id: row.get(3)?,
            keptn_context: row.get(4)?,
            time: time.to_string(),
        };
        seen.types.insert(row.get(2)?, event);
    }
    let mut statement = database
        .prepare_cached("SELECT stage, service, image FROM server_images WHERE project = ?")?;
    let mut rows = statement.query([project])?;
    while let Some(row) = rows.next()? {
        let seen = found.entry((row.get(0)?, row.get(1)?)).or_default();
        seen.image = row.get(2)?;
    }
    let all = found.into_iter();
    let all = all.map(|((stage, service), seen)| ServiceSighting {
        stage,
        service,
        ..seen
    });
    Ok(all.collect())
}
