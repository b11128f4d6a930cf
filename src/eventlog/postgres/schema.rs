//! The tables of the log, and which version of them a schema holds.

use ring::digest;
use tokio_postgres::types::Type;

use super::fault::Fault;
use super::place::Place;
use super::session::Session;
use crate::eventlog::envelope::SeriesKey;

/// What brings a schema from each version to the next; `{schema}` stands for its name. The list only ever grows; what
/// was released is never changed.
///
/// Texts are compared byte by byte, as this program does it. A time that there is none of is the smallest number, so
/// that one order holds for all, and pages can be found by it. The index of the whole log has its times plus nothing: a
/// question for one series would be answered badly by it, and so can't be.
const MIGRATIONS: &[&str] = &[r#"
CREATE TABLE {schema}.version (tidegate_version bigint NOT NULL);
INSERT INTO {schema}.version VALUES (0);
CREATE TABLE {schema}.events (
    id text COLLATE "C" PRIMARY KEY,
    type text COLLATE "C" NOT NULL,
    time bigint NOT NULL,
    project text COLLATE "C" NOT NULL,
    stage text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    context text COLLATE "C",
    triggeredid text COLLATE "C",
    result text COLLATE "C",
    json text NOT NULL
);
COMMENT ON COLUMN {schema}.events.time IS
    'nanoseconds since 1970-01-01T00:00:00Z; -9223372036854775808: no readable time';
COMMENT ON COLUMN {schema}.events.json IS 'the event as it was appended';
CREATE INDEX events_by_result ON {schema}.events (project, stage, service, type, result, time, id);
CREATE INDEX events_by_type ON {schema}.events (project, stage, service, type, time, id);
CREATE INDEX events_by_series ON {schema}.events (project, stage, service, time, id);
CREATE INDEX events_by_context ON {schema}.events (context, time, id) WHERE context IS NOT NULL;
CREATE INDEX events_by_time ON {schema}.events ((time + 0), id);
CREATE INDEX events_that_steer ON {schema}.events (project, time, id) WHERE
    (type LIKE '%.invalidated' OR type IN ('sh.keptn.event.reinstate.finished',
        'sh.keptn.event.pin.finished', 'sh.keptn.event.unpin.finished'));
"#];

/// What a schema holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No log.
    Nothing {
        /// There is a schema of this name already.
        schema: bool,
    },
    /// A log of this version or of an earlier one.
    Log {
        /// The version.
        version: i64,
    },
}

/// Returns the version that this program writes.
pub(super) fn current() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Tells what the schema holds; refuses what is no log, or a later one. What is not there is read from the catalogue,
/// which everyone may read: a missing privilege never looks like an empty history.
pub(super) async fn inspect(session: &Session<'_>, place: &Place) -> Result<Found, Fault> {
    let rows = session
        .rows(
            "SELECT c.relname::text FROM pg_catalog.pg_namespace AS n
                LEFT JOIN pg_catalog.pg_class AS c
                    ON c.relnamespace = n.oid AND c.relname IN ('version', 'events')
                WHERE n.nspname = $1::text::name",
            &[(&place.schema, Type::TEXT)],
        )
        .await?;
    let mut names = Vec::new();
    for row in &rows {
        names.extend(row.try_get::<_, Option<String>>(0)?);
    }
    let has = |name: &str| names.iter().any(|found| found == name);
    match (has("version"), has("events")) {
        (false, false) => Ok(Found::Nothing {
            schema: !rows.is_empty(),
        }),
        (true, true) => Ok(Found::Log {
            version: version(session, place).await?,
        }),
        (false, true) => Err(Fault::Foreign(
            "the schema has a table `events` of another program",
        )),
        (true, false) => Err(Fault::Foreign(
            "the schema has a table `version`, and no `events`",
        )),
    }
}

/// Returns the version of a log that is there; refuses a later one.
pub(super) async fn version(session: &Session<'_>, place: &Place) -> Result<i64, Fault> {
    let query = format!(
        "SELECT max(tidegate_version) FROM {}.version",
        place.quoted_schema()
    );
    let rows = session.rows(&query, &[]).await?;
    let version = match rows.first() {
        Some(row) => row.try_get::<_, Option<i64>>(0)?,
        None => None,
    };
    match version {
        Some(version) if version > current() => Err(Fault::Newer(version)),
        Some(version) => Ok(version),
        None => Err(Fault::Foreign("the schema's table `version` is empty")),
    }
}

/// Brings the schema to the last of the migrations, within the transaction of an append. Others who want the same wait.
pub(super) async fn prepare(session: &Session<'_>, place: &Place) -> Result<(), Fault> {
    if is_current(inspect(session, place).await?) {
        return Ok(());
    }
    let lock = "SELECT pg_catalog.pg_advisory_xact_lock($1)::text";
    session
        .rows(lock, &[(&lock_key(place, None), Type::INT8)])
        .await?;
    // Another writer may have done it meanwhile.
    let found = inspect(session, place).await?;
    upgrade(session, place, found, MIGRATIONS).await
}

/// Runs the migrations that a schema lacks.
async fn upgrade(
    session: &Session<'_>,
    place: &Place,
    found: Found,
    migrations: &[&str],
) -> Result<(), Fault> {
    let schema = place.quoted_schema();
    let done = match found {
        Found::Nothing { schema: true } => 0,
        Found::Nothing { schema: false } => {
            session.run(&format!("CREATE SCHEMA {schema}")).await?;
            0
        }
        Found::Log { version } => usize::try_from(version).unwrap_or(0),
    };
    let missing = migrations.get(done..).unwrap_or_default();
    for migration in missing {
        session.run(&migration.replace("{schema}", &schema)).await?;
    }
    if !missing.is_empty() {
        let version = migrations.len();
        let statement = format!("UPDATE {schema}.version SET tidegate_version = {version}");
        session.run(&statement).await?;
    }
    Ok(())
}

/// Tells whether nothing is to be done.
fn is_current(found: Found) -> bool {
    found == Found::Log { version: current() }
}

/// Returns the number that stands for a series, or for the whole log, where locks are numbers. Two names that come to
/// the same number only wait for each other.
pub(super) fn lock_key(place: &Place, series: Option<&SeriesKey>) -> i64 {
    let series = series.map(|series| {
        let SeriesKey {
            project,
            stage,
            service,
        } = series;
        format!("{project:?}\n{stage:?}\n{service:?}")
    });
    let series = series.unwrap_or_default();
    let text = format!("tidegate event log\n{:?}\n{series}", place.schema);
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let bytes = digest.as_ref().iter().take(8);
    bytes.fold(0, |key, byte| (key << 8) | i64::from(*byte))
}
