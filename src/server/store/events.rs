//! Reading events.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params_from_iter};

use super::Store;
use super::search::{EventSearch, Question};
use crate::eventlog::ReadError;
use crate::gate::event::CloudEvent;

/// Some of the events that answer a search, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventPage {
    /// The events. What can't be read is left out, and leaves its place free.
    pub events: Vec<CloudEvent>,
    /// How many there are in all.
    pub total: usize,
}

impl Store {
    /// Returns events, newest first: at most `limit` after the first `offset`.
    ///
    /// # Errors
    /// [`ReadError`] says why the file can't be read.
    pub async fn events(
        &self,
        search: EventSearch,
        offset: usize,
        limit: usize,
    ) -> Result<EventPage, ReadError> {
        self.read(move |database| page(database, &search, offset, limit))
            .await
    }

    /// Returns the newest events, without counting the others.
    ///
    /// # Errors
    /// [`ReadError`] says why the file can't be read.
    pub async fn newest(
        &self,
        search: EventSearch,
        limit: usize,
    ) -> Result<Vec<CloudEvent>, ReadError> {
        self.read(move |database| select(database, &Question::of(&search), 0, limit))
            .await
    }

    /// Returns the event with an id.
    ///
    /// # Errors
    /// [`ReadError`] says why the file can't be read.
    pub async fn event(&self, id: String) -> Result<Option<CloudEvent>, ReadError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached("SELECT json FROM events WHERE id = ?")?;
            let json: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
            Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
        })
        .await
    }
}

/// Reads a page.
fn page(
    database: &Connection,
    search: &EventSearch,
    offset: usize,
    limit: usize,
) -> Result<EventPage, rusqlite::Error> {
    let question = Question::of(search);
    let count = format!("SELECT count(*) {}", question.from);
    let mut statement = database.prepare_cached(&count)?;
    let total: i64 =
        statement.query_row(params_from_iter(question.values.iter()), |row| row.get(0))?;
    Ok(EventPage {
        events: select(database, &question, offset, limit)?,
        total: usize::try_from(total).unwrap_or(0),
    })
}

/// Reads events.
fn select(
    database: &Connection,
    question: &Question,
    offset: usize,
    limit: usize,
) -> Result<Vec<CloudEvent>, rusqlite::Error> {
    let sql = format!(
        "SELECT e.json {} ORDER BY e.time DESC, e.id DESC LIMIT ? OFFSET ?",
        question.from
    );
    let mut statement = database.prepare_cached(&sql)?;
    let range = [limit, offset].map(|n| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX)));
    let values = question.values.iter().chain(&range);
    let rows = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(0))?;
    let mut events = Vec::new();
    for json in rows {
        if let Ok(event) = serde_json::from_str(&json?) {
            events.push(event);
        }
    }
    Ok(events)
}
