//! Events in and out of the table.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, named_params, params_from_iter};

use super::fault::Fault;
use crate::eventlog::Times;
use crate::eventlog::envelope::{Envelope, encode, stamp};
use crate::eventlog::filter::{Filter, Kinds};
use crate::eventlog::page::Page;
use crate::eventlog::warnings::Warnings;
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, EventType};

/// Stores an event, stamped, and returns it as stored; one whose id is there already is returned as it is there.
pub(super) fn insert(
    database: &Connection,
    mut event: CloudEvent,
    times: Times,
) -> Result<CloudEvent, Fault> {
    if let Some(stored) = by_id(database, &event.id)? {
        return Ok(stored);
    }
    let mut envelope = Envelope::of(&event);
    match times {
        Times::Kept => {}
        Times::Stamped => event.time = stamp(event.time, newest(database, &envelope)?),
    }
    envelope.time = event.time;
    let json = encode(&event).map_err(Fault::Event)?;
    let mut statement = database.prepare_cached(
        "INSERT INTO events
            (id, type, time, project, stage, service, context, triggeredid, result, json)
        VALUES
            (:id, :type, :time, :project, :stage, :service, :context, :triggeredid, :result, :json)",
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

/// Removes events; returns how many were there.
pub(super) fn delete(database: &Connection, ids: &[String]) -> Result<usize, Fault> {
    let mut statement = database.prepare_cached("DELETE FROM events WHERE id = ?")?;
    let mut removed = 0;
    for id in ids {
        removed += statement.execute([id])?;
    }
    Ok(removed)
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
        question.sql.push_str(" ORDER BY e.time DESC, e.id DESC");
        question
    }
}

impl Question {
    /// Adds what the filter says of series, type, context and result.
    fn add_names(&mut self, filter: &Filter) {
        for (column, wanted) in [
            ("id", &filter.id),
            ("project", &filter.project),
            ("stage", &filter.stage),
            ("service", &filter.service),
        ] {
            if let Some(wanted) = wanted {
                self.and(&format!("e.{column} = ?"), [text(wanted)]);
            }
        }
        match &filter.kinds {
            Kinds::Any => {}
            Kinds::Types(types) => self.and_one_of("e.type", types.iter().map(|one| text(one))),
            Kinds::Steering => self.and(
                "(e.type LIKE '%.invalidated' OR e.type IN (?, ?, ?))",
                [
                    EventType::REINSTATED,
                    EventType::PINNED,
                    EventType::UNPINNED,
                ]
                .map(text),
            ),
        }
        if let Some(context) = &filter.context {
            self.and("e.context = ?", [text(context)]);
        }
        if !filter.results.is_empty() {
            let words = filter.results.iter().map(|result| text(result.as_str()));
            // The plus keeps SQLite from giving up the order of the index for this.
            self.and_one_of("+e.result", words);
        }
    }

    /// Adds what the filter says of times.
    fn add_times(&mut self, filter: &Filter) {
        if let Some(since) = filter.since {
            self.and("e.time >= ?", [Value::Integer(nanoseconds(since))]);
        }
        if let Some(until) = filter.until {
            let until = Value::Integer(nanoseconds(until));
            self.and("(e.time IS NULL OR e.time < ?)", [until]);
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

    /// Adds that a column has one of several values.
    fn and_one_of(&mut self, column: &str, values: impl ExactSizeIterator<Item = Value>) {
        let marks = vec!["?"; values.len()].join(", ");
        self.and(&format!("{column} IN ({marks})"), values);
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
