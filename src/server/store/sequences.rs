//! Reading how deliveries and executions stand.

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OptionalExtension as _, params_from_iter};
use serde_json::value::RawValue;

use super::Store;
use super::file::{aside, lock};
use super::views::sequence_execution;
use crate::control::SequenceExecution;
use crate::eventlog::{AppendError, ReadError};
use crate::sequence::Execution;

/// Which deliveries to look for; all that is said must be met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextSearch {
    /// Of this project.
    pub project: String,
    /// Whose first sequence has this name.
    pub name: Option<String>,
    /// In one of these states; none: in any.
    pub states: Vec<String>,
    /// With one of these contexts; none: any.
    pub contexts: Vec<String>,
    /// At or after this moment: nanoseconds since 1970.
    pub since: Option<i64>,
    /// Before this moment: nanoseconds since 1970.
    pub before: Option<i64>,
}

/// Which executions to look for; all that is said must be met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionSearch {
    /// Of this project.
    pub project: String,
    /// Of this stage.
    pub stage: Option<String>,
    /// Of this service.
    pub service: Option<String>,
    /// Of the sequence of this name.
    pub name: Option<String>,
    /// In one of these states; none: in any.
    pub states: Vec<String>,
    /// With one of these contexts; none: any.
    pub contexts: Vec<String>,
}

/// Some of what answers a search, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page<T> {
    /// What was found.
    pub found: Vec<T>,
    /// How much there is in all.
    pub total: usize,
}

/// How a delivery stands, as it is kept.
#[derive(Clone, Debug)]
pub struct StoredContext {
    /// The state.
    pub state: String,
    /// Whether nothing more happens.
    pub is_over: bool,
    /// What it came to.
    pub outcome: Box<RawValue>,
}

/// What is known of the task that a `.triggered` event is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredTask {
    /// Nothing: no execution has that context.
    OtherContext,
    /// There is such a context, and it never had the task.
    Unknown,
    /// The task has ended.
    Ended,
    /// The task is the current one of an execution.
    Current(Box<WaitingTask>),
}

/// A task that waits for answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingTask {
    /// Its name.
    pub name: String,
    /// Its project.
    pub project: String,
    /// Its stage.
    pub stage: String,
    /// Its service.
    pub service: String,
}

impl Store {
    /// Returns deliveries, newest first: at most `limit` after the first `offset`.
    ///
    /// # Errors
    /// [`ReadError`] says why the file can't be read.
    pub async fn contexts(
        &self,
        search: ContextSearch,
        offset: usize,
        limit: usize,
    ) -> Result<Page<Box<RawValue>>, ReadError> {
        let texts = [("name", &search.name)];
        let sets = [("state", &search.states), ("context", &search.contexts)];
        let mut conditions = Conditions::of(search.project.clone(), &texts, &sets);
        for (sign, moment) in [(">=", search.since), ("<", search.before)] {
            if let Some(moment) = moment {
                conditions.and(&format!("time {sign} ?"), [SqlValue::Integer(moment)]);
            }
        }
        let order = "time DESC, context DESC";
        let select = Select {
            what: "view",
            table: "server_contexts",
            order,
            range: (offset, limit),
        };
        self.read(move |database| {
            conditions.page(database, &select, |json| RawValue::from_string(json).ok())
        })
        .await
    }

    /// Returns executions, newest first: at most `limit` after the first `offset`.
    ///
    /// # Errors
    /// [`ReadError`] says why the file can't be read.
    pub async fn executions(
        &self,
        search: ExecutionSearch,
        offset: usize,
        limit: usize,
    ) -> Result<Page<SequenceExecution>, ReadError> {
        let ExecutionSearch {
            project,
            stage,
            service,
            name,
            states,
            contexts,
        } = search;
        let texts = [("stage", &stage), ("service", &service), ("name", &name)];
        let sets = [("state", &states), ("context", &contexts)];
        let conditions = Conditions::of(project, &texts, &sets);
        let select = Select {
            what: "json",
            table: "server_executions",
            order: "triggered_at DESC, id DESC",
            range: (offset, limit),
        };
        self.read(move |database| {
            conditions.page(database, &select, |json| {
                let one: Option<Execution> = serde_json::from_str(&json).ok();
                one.as_ref().map(sequence_execution)
            })
        })
        .await
    }

    /// Returns how a delivery stands; of one project where that is said.
    ///
    /// # Errors
    /// [`ReadError`] says why the file can't be read.
    pub async fn context(
        &self,
        project: Option<String>,
        context: String,
    ) -> Result<Option<StoredContext>, ReadError> {
        self.read(move |database| {
            let mut statement = database.prepare_cached(
                "SELECT state, is_over, outcome FROM server_contexts
                WHERE context = ?1 AND (?2 IS NULL OR project = ?2) ORDER BY time DESC LIMIT 1",
            )?;
            let found = statement.query_row((context, project), |row| {
                let raw = |at| {
                    let json: String = row.get(at)?;
                    let json = RawValue::from_string(json);
                    json.map_err(|_broken| rusqlite::Error::InvalidQuery)
                };
                Ok(StoredContext {
                    state: row.get(0)?,
                    is_over: row.get(1)?,
                    outcome: raw(2)?,
                })
            });
            found.optional()
        })
        .await
    }

    /// Tells what is known of a task.
    ///
    /// # Errors
    /// [`ReadError`] says why the file can't be read.
    pub async fn task(
        &self,
        context: String,
        triggered_id: String,
    ) -> Result<StoredTask, ReadError> {
        self.read(move |database| task(database, &context, &triggered_id))
            .await
    }

    /// Forgets all of a project that is gone: its deliveries, executions and events.
    ///
    /// # Errors
    /// [`AppendError`] says why the file can't be written.
    pub async fn forget(&self, project: String) -> Result<(), AppendError> {
        let writer = std::sync::Arc::clone(&self.writer);
        aside(move || lock(&writer).forget(&project)).await
    }
}

/// Tells what is known of a task.
fn task(
    database: &Connection,
    context: &str,
    triggered_id: &str,
) -> Result<StoredTask, rusqlite::Error> {
    let mut statement = database.prepare_cached(
        "SELECT json FROM server_executions INDEXED BY server_executions_by_context WHERE context = ?",
    )?;
    let rows = statement.query_map([context], |row| row.get::<_, String>(0))?;
    let mut known = StoredTask::OtherContext;
    for json in rows {
        let Ok(one) = serde_json::from_str::<Execution>(&json?) else {
            continue;
        };
        let mut done = one.previous.iter().map(|task| &task.triggered_id);
        let current = one.current.as_ref();
        if let Some(current) = current.filter(|task| task.triggered_id == triggered_id) {
            if one.ended.is_some() {
                return Ok(StoredTask::Ended);
            }
            let waiting = WaitingTask {
                name: current.name.clone(),
                project: one.scope.project,
                stage: one.scope.stage,
                service: one.scope.service,
            };
            return Ok(StoredTask::Current(Box::new(waiting)));
        }
        if done.any(|id| id == triggered_id) {
            return Ok(StoredTask::Ended);
        }
        known = StoredTask::Unknown;
    }
    Ok(known)
}

/// What to select, and from where.
struct Select {
    /// The column.
    what: &'static str,
    /// The table.
    table: &'static str,
    /// The order.
    order: &'static str,
    /// How many to pass over, and how many to return.
    range: (usize, usize),
}

/// The conditions of a search.
struct Conditions {
    /// As SQL.
    sql: String,
    /// What to put for the question marks.
    values: Vec<SqlValue>,
}

impl Conditions {
    /// Makes the conditions that columns have certain values.
    fn of(
        project: String,
        texts: &[(&str, &Option<String>)],
        sets: &[(&str, &Vec<String>)],
    ) -> Self {
        let mut conditions = Self {
            sql: "project = ?".to_owned(),
            values: vec![project.into()],
        };
        for (column, value) in texts {
            if let Some(value) = value {
                conditions.and(&format!("{column} = ?"), [value.clone()]);
            }
        }
        for (column, values) in sets {
            if !values.is_empty() {
                let marks = vec!["?"; values.len()].join(", ");
                conditions.and(&format!("{column} IN ({marks})"), values.iter().cloned());
            }
        }
        conditions
    }

    /// Adds a condition.
    fn and<V: Into<SqlValue>>(&mut self, condition: &str, values: impl IntoIterator<Item = V>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values.into_iter().map(Into::into));
    }

    /// Reads a page of one column.
    fn page<T>(
        &self,
        database: &Connection,
        select: &Select,
        read: impl Fn(String) -> Option<T>,
    ) -> Result<Page<T>, rusqlite::Error> {
        let Select {
            what,
            table,
            order,
            range: (offset, limit),
        } = select;
        let count = format!("SELECT count(*) FROM {table} WHERE {}", self.sql);
        let mut statement = database.prepare_cached(&count)?;
        let values = params_from_iter(self.values.iter());
        let total: i64 = statement.query_row(values, |row| row.get(0))?;
        let sql = format!(
            "SELECT {what} FROM {table} WHERE {} ORDER BY {order} LIMIT ? OFFSET ?",
            self.sql
        );
        let mut statement = database.prepare_cached(&sql)?;
        let range = [*limit, *offset];
        let range = range.map(|n| SqlValue::Integer(i64::try_from(n).unwrap_or(i64::MAX)));
        let values = params_from_iter(self.values.iter().chain(&range));
        let mut found = Vec::new();
        for json in statement.query_map(values, |row| row.get::<_, String>(0))? {
            found.extend(read(json?));
        }
        Ok(Page {
            found,
            total: usize::try_from(total).unwrap_or(0),
        })
    }
}
