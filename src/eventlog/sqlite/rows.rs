//! Events in and out of the table.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, named_params, params_from_iter};

use super::fault::Fault;
use crate::eventlog::envelope::{Envelope, encode, stamp};
use crate::eventlog::filter::{Filter, Invalidated};
use crate::eventlog::page::Page;
use crate::eventlog::warnings::Warnings;
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, EventType};

/// Stores an event, stamped, and returns it as stored; one whose id is there already is returned as it is there.
pub(super) fn insert(database: &Connection, mut event: CloudEvent) -> Result<CloudEvent, Fault> {
    if let Some(stored) = by_id(database, &event.id)? {
        return Ok(stored);
    }
    let mut envelope = Envelope::of(&event);
    event.time = stamp(event.time, newest(database, &envelope)?);
    envelope.time = event.time;
    let json = encode(&event).map_err(Fault::Event)?;
    let mut statement = database.prepare_cached(
        "INSERT INTO events
            (id, type, time, project, stage, service, context, triggeredid, result, invalidates, json)
        VALUES
            (:id, :type, :time, :project, :stage, :service, :context, :triggeredid, :result, :invalidates, :json)",
    )?;
    statement.execute(named_params! {
        ":id": envelope.id,
        ":type": envelope.event_type,
        ":time": envelope.time.map(nanoseconds),
        ":project": envelope.series.project,
        ":stage": envelope.series.stage,
        ":service": envelope.series.service,
        ":context": envelope.context,
        ":triggeredid": envelope.triggered_id,
        ":result": envelope.result.map(Verdict::as_str),
        ":invalidates": envelope.invalidates(),
        ":json": json,
    })?;
    Ok(event)
}

/// Returns at most `limit` events that the filter lets through, newest first.
pub(super) fn select(
    database: &Connection,
    path: &Path,
    filter: &Filter,
    limit: usize,
) -> Result<Page, Fault> {
    let Question { sql, values } = Question::from(filter);
    let mut statement = database.prepare(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut events = Vec::new();
    let mut warnings = Warnings::default();
    while events.len() < limit {
        // Rows are made one by one, so one that can't be read costs no place of the limit.
        let Some(row) = rows.next()? else { break };
        let id: String = row.get(0)?;
        let place = format_args!("{}", path.display());
        match serde_json::from_str::<CloudEvent>(row.get_ref(1)?.as_str().unwrap_or_default()) {
            Ok(event) => {
                warnings.check_time(place, &event);
                events.push(event);
            }
            Err(error) => {
                warnings.add(
                    place,
                    format_args!("the event `{id}` is unreadable: {error}"),
                );
            }
        }
    }
    Ok(Page {
        events,
        warnings: warnings.into_lines(),
    })
}

/// Returns the event with an id.
fn by_id(database: &Connection, id: &str) -> Result<Option<CloudEvent>, Fault> {
    let mut statement = database.prepare_cached("SELECT json FROM events WHERE id = ?")?;
    let json: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
    // What is unreadable can't be returned; storing it again then fails, because the id is taken.
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
}

/// Returns the newest time in the series of an event.
fn newest(database: &Connection, event: &Envelope) -> Result<Option<Timestamp>, Fault> {
    let mut statement = database.prepare_cached(
        "SELECT max(time) FROM events WHERE project = ? AND stage = ? AND service = ?",
    )?;
    let series = &event.series;
    let time: Option<i64> = statement
        .query_row([&series.project, &series.stage, &series.service], |row| {
            row.get(0)
        })?;
    Ok(time.and_then(|time| Timestamp::from_nanosecond(time.into()).ok()))
}

/// Returns a time as it is stored: 64 bits hold the nanoseconds of 1677 to 2262, which is when software is evaluated.
fn nanoseconds(time: Timestamp) -> i64 {
    let nanoseconds = time.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX })
}

/// A filter as SQL.
struct Question {
    /// The statement.
    sql: String,
    /// What to put for its question marks.
    values: Vec<Value>,
}

impl From<&Filter> for Question {
    fn from(filter: &Filter) -> Self {
        let mut question = Self {
            sql: "SELECT e.id, e.json FROM events AS e WHERE true".to_owned(),
            values: Vec::new(),
        };
        question.add_names(filter);
        question.add_times(filter);
        match filter.invalidated {
            Invalidated::Shown => {}
            Invalidated::Hidden => question.and(
                "NOT (e.type = ? AND EXISTS (SELECT 1 FROM events AS i
                    WHERE i.project = e.project AND i.invalidates = e.triggeredid))",
                [text(EventType::FINISHED)],
            ),
        }
        question.sql.push_str(" ORDER BY e.time DESC, e.id DESC");
        question
    }
}

impl Question {
    /// Adds what the filter says of series, type, context and result.
    fn add_names(&mut self, filter: &Filter) {
        if let Some(series) = &filter.series {
            self.and(
                "e.project = ? AND e.stage = ? AND e.service = ?",
                [
                    text(series.project.as_str()),
                    text(series.stage.as_str()),
                    text(series.service.as_str()),
                ],
            );
        }
        if let Some(event_type) = &filter.event_type {
            self.and("e.type = ?", [text(event_type)]);
        }
        if let Some(context) = &filter.context {
            self.and("e.context = ?", [text(context)]);
        }
        if !filter.results.is_empty() {
            let marks = vec!["?"; filter.results.len()].join(", ");
            let words = filter.results.iter().map(|result| text(result.as_str()));
            // The plus keeps SQLite from giving up the order of the index for this.
            self.and(&format!("+e.result IN ({marks})"), words);
        }
    }

    /// Adds what the filter says of times.
    fn add_times(&mut self, filter: &Filter) {
        if let Some(since) = filter.since {
            self.and("e.time >= ?", [Value::Integer(nanoseconds(since))]);
        }
        let Some(before) = &filter.before else { return };
        match before.time {
            Some(time) => {
                let time = Value::Integer(nanoseconds(time));
                self.and(
                    "(e.time IS NULL OR e.time < ? OR (e.time = ? AND e.id < ?))",
                    [time.clone(), time, text(&before.id)],
                );
            }
            None => self.and("e.time IS NULL AND e.id < ?", [text(&before.id)]),
        }
    }

    /// Adds a condition.
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }
}

/// Returns a text as a value of SQL.
fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Tells how SQLite would answer a filter.
#[cfg(test)]
pub(super) fn plan(database: &Connection, filter: &Filter) -> String {
    let Question { sql, values } = Question::from(filter);
    let mut statement = database
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let steps = statement
        .query_map(params_from_iter(values), |row| row.get::<_, String>(3))
        .unwrap();
    steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}
