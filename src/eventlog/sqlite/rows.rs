//! Events in and out of the table.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, named_params, params_from_iter};

use super::fault::Fault;
use super::question::{Question, nanoseconds};
use crate::eventlog::Times;
use crate::eventlog::envelope::{Envelope, encode, stamp};
use crate::eventlog::failure::NotALog;
use crate::eventlog::filter::Filter;
use crate::eventlog::page::Page;
use crate::eventlog::warnings::Warnings;
use crate::gate::Verdict;
use crate::gate::event::CloudEvent;

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
///
/// The events are found in an index and then read one by one, so that one that can't be read takes no other with it, and
/// no place of the limit.
pub(super) fn select(
    database: &Connection,
    path: &Path,
    filter: &Filter,
    limit: usize,
) -> Result<Page, Fault> {
    // All statements see the file as it is now.
    let snapshot = database.unchecked_transaction()?;
    let mut events = Vec::new();
    let mut warnings = Warnings::default();
    let place = format_args!("{}", path.display());
    for Question { sql, values } in Question::of(filter) {
        let mut statement = snapshot.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while events.len() < limit {
            let Some(row) = rows.next()? else { break };
            match read(&snapshot, row.get(0)?)? {
                Ok(event) => {
                    warnings.check_time(place, &event);
                    events.push(event);
                }
                Err(problem) => {
                    let id = row.get_ref(1)?.as_bytes().unwrap_or_default();
                    let id = String::from_utf8_lossy(id);
                    let problem = format_args!("the event `{id}` is unreadable: {problem}");
                    warnings.add(place, problem);
                }
            }
        }
    }
    Ok(Page {
        events,
        warnings: warnings.into_lines(),
    })
}

/// Reads the event at a position; the inner error is what is wrong with that event alone.
fn read(database: &Connection, position: i64) -> Result<Result<CloudEvent, String>, Fault> {
    let mut statement = database.prepare_cached("SELECT json FROM events WHERE position = ?")?;
    let event = statement.query_row([position], |row| {
        let json = row.get_ref(0)?.as_bytes().unwrap_or_default();
        Ok(serde_json::from_slice(json).map_err(|error| error.to_string()))
    });
    match event.optional().map_err(Fault::from) {
        Ok(Some(event)) => Ok(event),
        Ok(None) => Ok(Err("an index has it, and the table has not".to_owned())),
        Err(Fault::NotALog(NotALog::Damaged(problem))) => Ok(Err(problem)),
        Err(fault) => Err(fault),
    }
}

/// Removes events and gives their space back; returns how many were there.
pub(super) fn delete(database: &Connection, ids: &[String]) -> Result<usize, Fault> {
    let mut statement = database.prepare_cached("DELETE FROM events WHERE id = ?")?;
    let mut removed = 0;
    for id in ids {
        removed += statement.execute([id])?;
    }
    // Each step moves a page. In a file that was created without `auto_vacuum` there is nothing to do.
    let mut vacuum = database.prepare("PRAGMA incremental_vacuum")?;
    let mut steps = vacuum.query([])?;
    while steps.next()?.is_some() {}
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

/// Tells how SQLite would answer a filter.
#[cfg(test)]
pub(super) fn plan(database: &Connection, filter: &Filter) -> Vec<String> {
    let plan = |Question { sql, values }| {
        let mut statement = database
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let steps = statement
            .query_map(params_from_iter(values), |row| row.get::<_, String>(3))
            .unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    Question::of(filter).into_iter().map(plan).collect()
}
