//! Writing: events, executions, and how the deliveries stand after them, in one transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior, named_params, params};

use super::contexts::Contexts;
use super::views::{StoredOutcome, sequence_state};
use crate::app::{Entry, JournalError};
use crate::eventlog::{AppendError, SqliteHost};
use crate::sequence::{ContextState, Execution};

/// How many events of a project that is gone are removed in one transaction.
const REMOVED_AT_ONCE: usize = 5000;

/// The connection that writes, and what it remembers of open deliveries.
pub(super) struct Writer {
    /// The file.
    host: SqliteHost,
    /// The connection.
    connection: Connection,
    /// All executions of the deliveries that are under way.
    contexts: Contexts,
}

impl Writer {
    /// Makes a writer of a connection.
    pub(super) fn new(host: SqliteHost, connection: Connection) -> Self {
        Self {
            host,
            connection,
            contexts: Contexts::default(),
        }
    }

    /// Stores entries, all or none of them.
    pub(super) fn commit(&mut self, entries: Vec<Entry>) -> Result<(), JournalError> {
        let committed = self.write(entries);
        if committed.is_err() {
            // It may hold what was not stored.
            self.contexts = Contexts::default();
        }
        committed
    }

    /// Stores entries.
    fn write(&mut self, entries: Vec<Entry>) -> Result<(), JournalError> {
        let Self {
            host,
            connection,
            contexts,
        } = self;
        let failed = |error| JournalError::Append(host.append_error(error));
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(failed)?;
        let mut changed: BTreeMap<String, Execution> = BTreeMap::new();
        for entry in entries {
            for event in entry.input.into_iter().chain(entry.events) {
                host.insert(&transaction, event)?;
            }
            let all = entry.changed.into_iter();
            changed.extend(all.map(|one| (one.id.clone(), one)));
        }
        let mut touched = Vec::new();
        for (_, one) in changed {
            put_execution(&transaction, &one, failed)?;
            put_image(&transaction, &one).map_err(failed)?;
            let key = contexts.put(&transaction, one).map_err(failed)?;
            if !touched.contains(&key) {
                touched.push(key);
            }
        }
        for key in touched {
            if let Some(state) = contexts.state(&key) {
                put_context(&transaction, &state, failed)?;
            }
            contexts.let_go(&key);
        }
        transaction.commit().map_err(failed)
    }

    /// Forgets all of a project: what stands, and what happened.
    pub(super) fn forget(&mut self, project: &str) -> Result<(), AppendError> {
        self.contexts = Contexts::default();
        let Self {
            host, connection, ..
        } = self;
        let failed = |error| host.append_error(error);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(failed)?;
        for table in ["executions", "contexts", "images", "latest"] {
            let delete = format!("DELETE FROM server_{table} WHERE project = ?");
            transaction.execute(&delete, [project]).map_err(failed)?;
        }
        transaction.commit().map_err(failed)?;
        let delete = format!(
            "DELETE FROM events WHERE position IN (SELECT position FROM events
            INDEXED BY server_events_by_project WHERE project = ? LIMIT {REMOVED_AT_ONCE})"
        );
        while connection.execute(&delete, [project]).map_err(failed)? > 0 {}
        Ok(())
    }
}

/// Stores an execution as it is now.
fn put_execution(
    database: &Connection,
    one: &Execution,
    failed: impl Fn(rusqlite::Error) -> JournalError,
) -> Result<(), JournalError> {
    let json = written(one)?;
    let put = || {
        let mut statement = database.prepare_cached(
            "INSERT INTO server_executions
                (id, project, stage, service, context, name, state, triggered_at, is_open, json)
            VALUES (:id, :project, :stage, :service, :context, :name, :state, :at, :open, :json)
            ON CONFLICT DO UPDATE SET state = excluded.state, is_open = excluded.is_open, json = excluded.json",
        )?;
        statement.execute(named_params! {
            ":id": one.id,
            ":project": one.scope.project,
            ":stage": one.scope.stage,
            ":service": one.scope.service,
            ":context": one.scope.context,
            ":name": one.sequence.name,
            ":state": one.state.as_str(),
            ":at": nanoseconds(one.triggered_at),
            ":open": one.ended.is_none(),
            ":json": json,
        })
    };
    put().map(drop).map_err(failed)
}

/// Stores how a delivery stands.
fn put_context(
    database: &Connection,
    state: &ContextState,
    failed: impl Fn(rusqlite::Error) -> JournalError,
) -> Result<(), JournalError> {
    let view = written(&sequence_state(state))?;
    let outcome = written(&StoredOutcome::of(state))?;
    let put = || {
        let mut statement = database.prepare_cached(
            "INSERT INTO server_contexts
                (project, context, name, service, state, is_over, time, view, outcome)
            VALUES (:project, :context, :name, :service, :state, :over, :time, :view, :outcome)
            ON CONFLICT DO UPDATE SET name = excluded.name, service = excluded.service, state = excluded.state,
                is_over = excluded.is_over, time = excluded.time, view = excluded.view, outcome = excluded.outcome",
        )?;
        statement.execute(named_params! {
            ":project": state.project,
            ":context": state.context,
            ":name": state.name,
            ":service": state.service,
            ":state": state.state.as_str(),
            ":over": state.state.is_final(),
            ":time": nanoseconds(state.time),
            ":view": view,
            ":outcome": outcome,
        })
    };
    put().map(drop).map_err(failed)
}

/// Takes down the image that an execution deployed.
fn put_image(database: &Connection, one: &Execution) -> Result<(), rusqlite::Error> {
    let of_deployment = |name: &str| name == "deployment";
    let Some(task) = one
        .previous
        .iter()
        .rev()
        .find(|task| of_deployment(&task.name))
    else {
        return Ok(());
    };
    let image = |data: &serde_json::Map<String, serde_json::Value>| {
        let values = data.get("configurationChange")?.get("values")?;
        Some(values.get("image")?.as_str()?.to_owned())
    };
    let is_deployed = task.result != crate::gate::Verdict::Fail;
    let image = image(&task.data).or_else(|| image(&one.input));
    if let Some(image) = image.filter(|_| is_deployed) {
        let mut statement = database.prepare_cached(
            "INSERT INTO server_images (project, stage, service, image) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET image = excluded.image",
        )?;
        let scope = &one.scope;
        statement.execute(params![scope.project, scope.stage, scope.service, image])?;
    }
    Ok(())
}

/// Writes something as JSON.
fn written(value: &impl serde::Serialize) -> Result<String, JournalError> {
    serde_json::to_string(value)
        .map_err(|error| JournalError::Damaged(format!("it can't be written: {error}")))
}

/// Returns a moment as the tables have it; beyond the year 2262 the latest that they can hold.
pub(super) fn nanoseconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(if time < Timestamp::UNIX_EPOCH {
        i64::MIN
    } else {
        i64::MAX
    })
}
