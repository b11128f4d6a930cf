//! SQLite: a file that is opened for reading only, each query on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};

use super::parameter::Parameter;
use super::table::{Cell, Column, MOST_ROWS, choose};
use super::task::{Said, Task};
use crate::gate::FailureKind;
use crate::provider::answered::Found;

/// How many steps SQLite takes before it looks whether its time is up.
const STEPS: i32 = 1000;

/// Ends the work on the other thread when nobody waits for it any more.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asks a file.
pub(super) async fn ask(path: PathBuf, task: Task, most_bytes: usize) -> Said {
    let stop = Stop(Arc::new(AtomicBool::new(false)));
    let is_over = Arc::clone(&stop.0);
    let work = move || {
        let limit = task.limit;
        let said = query(&path, &task, most_bytes, is_over);
        said.unwrap_or_else(|trouble| trouble.said(&path, limit))
    };
    let said = tokio::task::spawn_blocking(work).await;
    drop(stop);
    said.unwrap_or_else(|_panic| {
        Said::failed(FailureKind::BadAnswer, "SQLite stopped without a word")
    })
}

/// Why there is no answer.
enum Trouble {
    /// SQLite says so.
    Sqlite(rusqlite::Error),
    /// The answer can't be used.
    Found(Found),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Trouble {
    /// Says what happened.
    fn said(self, path: &Path, limit: Duration) -> Said {
        let error = match self {
            Self::Found(found) => return Said::of(found),
            Self::Sqlite(error) => error,
        };
        let shown = path.display();
        match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen) if !path.exists() => Said::failed(
                FailureKind::Unavailable,
                format!("there is no file `{shown}`; relative paths start at the folder of tidegate.yaml"),
            )
            .for_good(),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Said::failed(
                FailureKind::NotAuthorised,
                format!("`{shown}` can't be opened for reading"),
            ),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Said::failed(
                FailureKind::BadAnswer,
                format!("`{shown}` is no SQLite database, or a broken one"),
            ),
            Some(ErrorCode::OperationInterrupted) => Said::failed(
                FailureKind::Unavailable,
                format!("the query did not end within {limit:?}; set a longer `timeout`, or add an index"),
            )
            .for_good(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Said::failed(
                FailureKind::Throttled,
                format!("`{shown}` stays locked by another program"),
            ),
            Some(ErrorCode::AuthorizationForStatementDenied) => Said::failed(
                FailureKind::BadQuery,
                "the query does more than read; write one `select`",
            ),
            Some(ErrorCode::ReadOnly) => Said::failed(
                FailureKind::BadQuery,
                "the query writes; write one `select`",
            ),
            Some(ErrorCode::TooBig) => Said::failed(
                FailureKind::BadQuery,
                "a value of the answer is larger than `max_response_bytes`; select less",
            ),
            Some(_) | None => Said::failed(FailureKind::BadQuery, format!("SQLite says: {}", words(&error))),
        }
    }
}

/// Returns what SQLite says, in one line.
fn words(error: &rusqlite::Error) -> String {
    let text = error.to_string();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// Opens the file, so that nothing can be written, attached, or loaded.
fn open(
    path: &Path,
    task: &Task,
    most_bytes: usize,
    is_over: Arc<AtomicBool>,
) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(task.limit)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    let bytes = i32::try_from(most_bytes).unwrap_or(i32::MAX);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, bytes)?;
    let start = Instant::now();
    let limit = task.limit;
    let is_late = move || is_over.load(Ordering::Relaxed) || start.elapsed() >= limit;
    connection.progress_handler(STEPS, Some(is_late))?;
    connection.authorizer(Some(allow))?;
    Ok(connection)
}

/// Allows reading, and nothing else.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum is the library's, and all that is not reading is denied"
)]
fn allow(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => {
            Authorization::Allow
        }
        AuthAction::Function { function_name } if function_name != "load_extension" => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}

/// Sends a query, and reads one column.
fn query(
    path: &Path,
    task: &Task,
    most_bytes: usize,
    is_over: Arc<AtomicBool>,
) -> Result<Said, Trouble> {
    let connection = open(path, task, most_bytes, is_over)?;
    let mut prepared = connection.prepare(&task.statement.text)?;
    let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
    let listed: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = choose(&listed, task.column.as_deref()).map_err(Trouble::Found)?;
    for (number, parameter) in task.parameters.iter().enumerate() {
        prepared.raw_bind_parameter(number + 1, parameter)?;
    }
    let mut column = Column {
        name: names.get(place).cloned().unwrap_or_default(),
        ..Column::default()
    };
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        if column.cells.len() >= MOST_ROWS {
            column.is_cut = true;
            break;
        }
        column.cells.push(cell(row.get_ref(place)?));
    }
    Ok(Said::column(column))
}

/// Reads a cell. SQLite keeps NaN as NULL.
#[expect(
    clippy::cast_precision_loss,
    reason = "beyond 2^53 the nearest number is what any database client shows"
)]
fn cell(value: ValueRef<'_>) -> Cell {
    let other = |kind: &str| Cell::Other {
        kind: kind.to_owned(),
        hint: "make it one: `cast(… as real)`",
    };
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Number(number as f64),
        ValueRef::Real(number) => Cell::Number(number),
        ValueRef::Text(_) => other("text"),
        ValueRef::Blob(_) => other("blob"),
    }
}

impl ToSql for Parameter {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Float(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Self::Boolean(value) => ToSqlOutput::Owned(Value::Integer(i64::from(*value))),
            Self::Null => ToSqlOutput::Owned(Value::Null),
        })
    }
}
