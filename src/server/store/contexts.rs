//! The executions of the deliveries that are under way, so that how one stands is not read again at each step.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use crate::sequence::{ContextState, Execution};

/// Project and context.
pub(super) type Key = (String, String);

/// The executions of deliveries that are under way.
#[derive(Default)]
pub(super) struct Contexts {
    /// By project and context, then by id.
    open: HashMap<Key, BTreeMap<String, Execution>>,
}

impl Contexts {
    /// Takes note of an execution as it is now; returns whose it is.
    pub(super) fn put(
        &mut self,
        database: &Connection,
        one: Execution,
    ) -> Result<Key, rusqlite::Error> {
        let key = (one.scope.project.clone(), one.scope.context.clone());
        if !self.open.contains_key(&key) {
            let stored = stored(database, &key)?;
            self.open.insert(key.clone(), stored);
        }
        if let Some(all) = self.open.get_mut(&key) {
            all.insert(one.id.clone(), one);
        }
        Ok(key)
    }

    /// Returns how a delivery stands.
    pub(super) fn state(&self, key: &Key) -> Option<ContextState> {
        ContextState::of(self.open.get(key)?.values())
    }

    /// Lets a delivery go that is over.
    pub(super) fn let_go(&mut self, key: &Key) {
        let is_over =
            |all: &BTreeMap<String, Execution>| all.values().all(|one| one.ended.is_some());
        if self.open.get(key).is_some_and(is_over) {
            self.open.remove(key);
        }
    }
}

/// Reads the executions of a delivery. One that can't be read is left out of the view.
fn stored(
    database: &Connection,
    (project, context): &Key,
) -> Result<BTreeMap<String, Execution>, rusqlite::Error> {
    let mut statement = database.prepare_cached(
        "SELECT json FROM server_executions INDEXED BY server_executions_by_context
        WHERE context = ? AND project = ?",
    )?;
    let rows = statement.query_map([context, project], |row| row.get::<_, String>(0))?;
    let mut all = BTreeMap::new();
    for json in rows {
        if let Ok(one) = serde_json::from_str::<Execution>(&json?) {
            all.insert(one.id.clone(), one);
        }
    }
    Ok(all)
}
