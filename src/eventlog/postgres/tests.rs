//! The log in a real PostgreSQL; skipped where there is none.
#![expect(
    clippy::disallowed_methods,
    reason = "writes password files and certificates into folders of their own"
)]

use std::future::{Ready, ready};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio_postgres::types::Type;

use super::question::Question;
use super::session::{Purpose, Session};
use super::{Fault, Limits, PostgresLog};
use crate::eventlog::contract::{Subject, ask_every_question};
use crate::eventlog::samples::{append, carts, check_version_1, finished, ids};
use crate::eventlog::{
    AppendError, EventLog as _, EventLogSettings, Filter, Kinds, LogUrl, ReadError, Times, Trouble,
    Variables,
};
use crate::gate::Verdict;
use crate::gate::event::EventType;
use crate::net::test_postgres::{Certificate, PASSWORD, PASSWORD_IN_URL, Postgres, USER};

/// The server of these tests, for as long as one of them needs it.
static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
/// How many schemas were given away.
static SCHEMAS: AtomicUsize = AtomicUsize::new(0);

/// A schema of its own on the shared server.
struct Home {
    server: Arc<Postgres>,
    schema: String,
}

impl Home {
    fn new() -> Option<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let server = match shared.upgrade() {
            Some(server) => server,
            None => Arc::new(Postgres::start(None)?),
        };
        *shared = Arc::downgrade(&server);
        let schema = format!("Log \"{}\"", SCHEMAS.fetch_add(1, Ordering::Relaxed));
        Some(Self { server, schema })
    }

    fn url_of(&self, user: &str, password: &str) -> String {
        let schema = self.schema.replace('"', "%22").replace(' ', "%20");
        format!("{}?schema={schema}", self.server.url_of(user, password))
    }

    fn log(&self) -> PostgresLog {
        opened(&self.url_of(USER, PASSWORD_IN_URL))
    }

    fn log_of(&self, user: &str) -> PostgresLog {
        opened(&self.url_of(user, "pw"))
    }

    /// Runs statements; `{s}` stands for the schema.
    fn execute(&self, statements: &str) -> String {
        let schema = format!("\"{}\"", self.schema.replace('"', "\"\""));
        self.server.execute(&statements.replace("{s}", &schema))
    }

    /// Makes a user with a password and rights.
    fn user(&self, name: &str, rights: &str) {
        let name = format!("{name}_{}", self.number());
        self.execute(&format!(
            "create role {name} login password 'pw'; {}",
            rights.replace("{u}", &name)
        ));
    }

    fn number(&self) -> String {
        self.schema.chars().filter(char::is_ascii_digit).collect()
    }
}

fn settings(url: &str) -> EventLogSettings {
    EventLogSettings::new(url.parse::<LogUrl>().unwrap())
}

fn open_with(settings: &EventLogSettings) -> PostgresLog {
    let LogUrl::Remote(url) = &settings.url else {
        panic!("no server");
    };
    PostgresLog::open(settings, url).unwrap()
}

fn opened(url: &str) -> PostgresLog {
    open_with(&settings(url))
}

fn subject() -> Ready<Option<Subject>> {
    ready(Home::new().map(|home| Subject::new(Box::new(home.log()), home.server)))
}

ask_every_question!(contract, subject());

/// Returns what is wrong with a server, and the whole text of it.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    let text = format!("{error}: {cause}");
    assert!(
        !text.contains(PASSWORD) && !text.contains(PASSWORD_IN_URL),
        "{text}"
    );
    text
}

async fn refused_read(log: &PostgresLog, trouble: Trouble, part: &str) {
    let error = log.events(&Filter::default(), 1).await.unwrap_err();
    let text = told(&error);
    assert!(
        matches!(&error, ReadError::Remote(failure) if failure.trouble == trouble)
            && text.contains(part),
        "{text} {error:?}"
    );
}

async fn refused_append(log: &PostgresLog, trouble: Trouble, part: &str) {
    let event = finished("refused", "2024-02-01T10:00:00Z");
    let error = log.append(vec![event], Times::Stamped).await.unwrap_err();
    let text = told(&error);
    assert!(
        matches!(&error, AppendError::Remote(failure) if failure.trouble == trouble)
            && text.contains(part),
        "{text} {error:?}"
    );
}

#[tokio::test]
async fn reading_and_removing_create_nothing() {
    let Some(home) = Home::new() else { return };
    assert!(ids(&home.log(), &Filter::default(), 9).await.is_empty());
    let gone = [finished("1", "")];
    assert_eq!(home.log().remove(&gone).await.unwrap(), 0);
    let schemas = "select count(*) from pg_namespace where nspname like 'Log%' and quote_ident(nspname) = '{s}'";
    assert_eq!(home.execute(schemas).trim(), "0");
    append(&home.log(), [finished("1", "")]).await;
    assert_eq!(home.execute(schemas).trim(), "1");
}

#[tokio::test]
async fn a_log_of_version_1_stays_readable() {
    let Some(home) = Home::new() else { return };
    let dump = include_str!("../../../fixtures/eventlog/postgres_v1.sql");
    let name = format!("v1_{}", home.number());
    home.execute(
        &dump
            .replace("tidegate.", &format!("{name}."))
            .replace("CREATE SCHEMA tidegate;", &format!("CREATE SCHEMA {name};")),
    );
    let old = opened(&format!("{}?schema={name}", home.server.url()));
    check_version_1(&old).await;
}

#[tokio::test]
async fn each_user_can_do_what_was_granted_and_no_more() {
    let Some(home) = Home::new() else { return };
    append(&home.log(), [finished("1", "2024-02-01T10:00:00Z")]).await;
    home.user(
        "reader",
        "grant usage on schema {s} to {u}; grant select on all tables in schema {s} to {u};",
    );
    home.user("writer", "grant usage on schema {s} to {u}; grant select, insert on all tables in schema {s} to {u};");
    home.user("stranger", "");
    home.user("blind", "grant usage on schema {s} to {u};");
    home.user(
        "replica",
        "grant usage on schema {s} to {u}; grant select, insert on all tables in schema {s} to {u};
        alter role {u} set default_transaction_read_only = on;",
    );
    home.user("crowd", "alter role {u} connection limit 0;");
    let user = |name: &str| home.log_of(&format!("{name}_{}", home.number()));

    assert_eq!(ids(&user("reader"), &Filter::default(), 9).await, ["1"]);
    refused_append(
        &user("reader"),
        Trouble::NotAuthorised,
        "appending also `insert`",
    )
    .await;
    append(&user("writer"), [finished("2", "2024-02-01T10:00:00Z")]).await;
    assert_eq!(
        ids(&user("writer"), &Filter::default(), 9).await,
        ["2", "1"]
    );
    let removed = user("writer")
        .remove(&[finished("2", "")])
        .await
        .unwrap_err();
    assert!(told(&removed).contains("pruning `delete`"), "{removed:?}");
    for name in ["stranger", "blind"] {
        refused_read(
            &user(name),
            Trouble::NotAuthorised,
            "grant select on all tables",
        )
        .await;
        refused_append(&user(name), Trouble::NotAuthorised, "grant").await;
    }
    assert_eq!(ids(&user("replica"), &Filter::default(), 1).await, ["2"]);
    refused_append(
        &user("replica"),
        Trouble::Unsupported,
        "name the primary server",
    )
    .await;
    refused_read(&user("crowd"), Trouble::Throttled, "too many connections").await;
    assert_eq!(ids(&home.log(), &Filter::default(), 9).await, ["2", "1"]);
}

#[tokio::test]
async fn who_may_not_create_the_schema_is_told_so() {
    let Some(home) = Home::new() else { return };
    home.user("guest", "");
    let log = home.log_of(&format!("guest_{}", home.number()));
    assert!(ids(&log, &Filter::default(), 1).await.is_empty());
    refused_append(
        &log,
        Trouble::NotAuthorised,
        "the right to create the schema",
    )
    .await;
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why_without_the_password() {
    let Some(home) = Home::new() else { return };
    let wrong = opened(&home.url_of(USER, "hunter2"));
    refused_read(
        &wrong,
        Trouble::NotAuthorised,
        "password authentication failed",
    )
    .await;
    refused_append(&wrong, Trouble::NotAuthorised, "28P01").await;
    let none = format!(
        "postgres://{USER}@127.0.0.1:{}/postgres",
        home.server.port()
    );
    refused_read(&opened(&none), Trouble::NotAuthorised, "PGPASSWORD").await;
    let missing =
        home.server
            .url()
            .replace("/postgres", "/nowhere")
            .replacen("nowhere://", "postgres://", 1);
    refused_read(
        &opened(&missing),
        Trouble::Unavailable,
        "create the database",
    )
    .await;
    refused_append(&opened(&missing), Trouble::Unavailable, "3D000").await;
    let nobody = home
        .server
        .url()
        .replace(&home.server.port().to_string(), "1");
    refused_read(&opened(&nobody), Trouble::Unavailable, "connection refused").await;
    refused_append(&opened(&nobody), Trouble::Unavailable, "connection refused").await;
}

#[tokio::test]
async fn a_password_file_lets_us_in_unless_others_may_read_it() {
    let Some(home) = Home::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passwords");
    let escaped = PASSWORD.replace('\\', "\\\\").replace(':', "\\:");
    std::fs::write(&path, format!("127.0.0.1:*:postgres:{USER}:{escaped}\n")).unwrap();
    let url = format!(
        "postgres://{USER}@127.0.0.1:{}/postgres?schema=pass",
        home.server.port()
    );
    let mut settings = settings(&url);
    let variables = [("PGPASSFILE", path.to_str().unwrap())];
    settings.variables = variables.into_iter().collect::<Variables>();
    let allow = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(0o600);
    assert!(
        ids(&open_with(&settings), &Filter::default(), 1)
            .await
            .is_empty()
    );
    allow(0o644);
    refused_read(&open_with(&settings), Trouble::NotAuthorised, "chmod 600").await;
}

#[tokio::test]
async fn what_is_no_log_of_ours_is_neither_read_nor_written() {
    let Some(home) = Home::new() else { return };
    append(&home.log(), [finished("1", "")]).await;
    home.execute("update {s}.version set tidegate_version = 9");
    let newer = home.log().events(&Filter::default(), 1).await.unwrap_err();
    assert!(
        matches!(
            newer,
            ReadError::Newer {
                found: 9,
                known: 1,
                ..
            }
        ),
        "{newer:?}"
    );
    let newer = home
        .log()
        .append(vec![finished("2", "")], Times::Stamped)
        .await;
    assert!(
        matches!(
            newer,
            Err(AppendError::Newer {
                found: 9,
                known: 1,
                ..
            })
        ),
        "{newer:?}"
    );
    for (change, part) in [
        ("delete from {s}.version", "is empty"),
        ("drop table {s}.version", "of another program"),
        ("create table {s}.version (version int)", "is no event log"),
        (
            "drop table {s}.version, {s}.events; create table {s}.version (x int)",
            "no `events`",
        ),
        (
            "drop table {s}.version; create table {s}.version (tidegate_version bigint);
          insert into {s}.version values (1); create table {s}.events (id text)",
            "is no event log",
        ),
        (
            "drop table {s}.events; create table {s}.events (id int, time bigint, json int)",
            "another type",
        ),
    ] {
        home.execute(change);
        if part == "another type" {
            home.execute("insert into {s}.events values (1, 1, 1)");
        }
        refused_read(&home.log(), Trouble::BadAnswer, part).await;
    }
    refused_append(&home.log(), Trouble::BadAnswer, "is no event log").await;
}

#[tokio::test]
async fn rows_that_someone_broke_are_named_and_the_rest_is_read() {
    let Some(home) = Home::new() else { return };
    let log = home.log();
    append(
        &log,
        (1..=7).map(|day| finished(&day.to_string(), &format!("2024-02-0{day}T00:00:00Z"))),
    )
    .await;
    home.execute(
        "update {s}.events set json = 'no JSON' where id = '7';
        update {s}.events set json = '{\"id\": \"6\"}' where id = '6';
        update {s}.events set json = replace(json, '\"5\"', '\"five\"') where id = '5';
        update {s}.events set time = time + 1 where id = '4';",
    );
    let page = log.events(&Filter::default(), 2).await.unwrap();
    let found: Vec<_> = page.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(found, ["3", "2"]);
    assert_eq!(page.warnings.len(), 4, "{:?}", page.warnings);
    for (warning, part) in page.warnings.iter().zip([
        "`7` is unreadable: expected",
        "`6` is unreadable: missing",
        "another id",
        "another time",
    ]) {
        assert!(
            warning.contains(part) && warning.contains("schema=Log"),
            "{warning}"
        );
    }
    let again = finished("7", "2024-02-07T00:00:00Z");
    let error = log.append(vec![again], Times::Stamped).await.unwrap_err();
    assert!(told(&error).contains("`7` is stored already"), "{error:?}");
}

#[tokio::test]
async fn names_may_hold_any_letter_and_an_id_that_is_too_long_is_refused() {
    let Some(home) = Home::new() else { return };
    let log = home.log();
    let mut odd = finished("a\0b\u{1}", "2024-02-01T10:00:00Z");
    odd.data.set("project", "x\0y".into());
    odd.shkeptncontext = Some("\0".to_owned());
    append(&log, [odd.clone(), finished("a", "2024-02-01T10:00:00Z")]).await;
    let filter = Filter {
        id: Some(odd.id.clone()),
        project: Some("x\0y".to_owned()),
        context: odd.shkeptncontext.clone(),
        ..Filter::default()
    };
    assert_eq!(log.events(&filter, 9).await.unwrap().events, [odd]);
    let mut letter = 1_u32;
    let letters = std::iter::repeat_with(|| {
        letter = letter.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x4e00 + (letter >> 16) % 20_000).unwrap()
    });
    let error = log
        .append(
            vec![finished(&letters.take(4000).collect::<String>(), "")],
            Times::Stamped,
        )
        .await
        .unwrap_err();
    assert!(told(&error).contains("longer than an index"), "{error:?}");
}

#[tokio::test]
async fn more_than_one_answer_holds_is_read_and_stored_in_several() {
    let Some(home) = Home::new() else { return };
    let log = home.log();
    let batch: Vec<_> = (0..1203)
        .map(|n| finished(&format!("{n:04}"), "2024-02-01T10:00:00Z"))
        .collect();
    let stored = log.append(batch.clone(), Times::Stamped).await.unwrap();
    assert!(stored.windows(2).all(|pair| pair[0].time < pair[1].time));
    let mut found = log
        .events(&Filter::default(), usize::MAX)
        .await
        .unwrap()
        .events;
    found.reverse();
    assert_eq!(found, stored);
    assert_eq!(log.append(batch, Times::Stamped).await.unwrap(), stored);
    let half = &stored[..600];
    assert_eq!(log.remove(half).await.unwrap(), 600);
    assert_eq!(ids(&log, &Filter::default(), 5000).await.len(), 603);
}

#[tokio::test]
async fn a_unix_socket_is_a_way_too() {
    let Some(home) = Home::new() else { return };
    std::fs::set_permissions(home.server.folder(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let folder: &Path = home.server.folder();
    let url = format!(
        "postgres:///postgres?host={}&port={}&user={USER}&schema=socket",
        folder.display(),
        home.server.port()
    );
    let mut settings = settings(&url);
    settings.variables = [("PGPASSWORD", PASSWORD)].into_iter().collect();
    assert!(
        ids(&open_with(&settings), &Filter::default(), 1)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn the_way_to_a_server_is_as_safe_as_the_user_wants() {
    let (authority, pair) = Certificate::of("127.0.0.1");
    let Some(server) = Postgres::start(Some(&pair)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let trusted = write("ca.pem", &authority);
    let other = write("other.pem", &Certificate::of("127.0.0.1").0);
    let with = |mode: &str, variables: &[(&str, &str)]| {
        let mut settings = settings(&format!("{}?sslmode={mode}", server.url()));
        settings.variables = variables.iter().copied().collect();
        open_with(&settings)
    };
    let empty = |log: PostgresLog| async move { ids(&log, &Filter::default(), 1).await.is_empty() };
    assert!(empty(with("verify-full", &[("PGSSLROOTCERT", &trusted)])).await);
    assert!(
        empty(with(
            &format!("require&sslrootcert={trusted}"),
            &[("PGSSLROOTCERT", &other)]
        ))
        .await
    );
    assert!(empty(with("prefer", &[])).await);
    refused_read(
        &with("require", &[("PGSSLROOTCERT", &other)]),
        Trouble::Unavailable,
        "no secure connection",
    )
    .await;
    refused_append(
        &with("require", &[]),
        Trouble::Unavailable,
        "no secure connection",
    )
    .await;
    let named = server.url().replace("127.0.0.1", "localhost");
    let named = format!("{named}?sslmode=verify-full&sslrootcert={trusted}");
    refused_read(&opened(&named), Trouble::Unavailable, "for another name").await;
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_wanted() {
    let Some(home) = Home::new() else { return };
    let url = format!("{}?sslmode=require", home.server.url());
    refused_read(&opened(&url), Trouble::Unavailable, "sslmode=disable").await;
}

/// Returns how the server would answer a filter.
async fn plan(log: &PostgresLog, filter: &Filter) -> String {
    let connection = log.connection().await.unwrap();
    let session = Session::begin(&connection, log.limits, Purpose::Read)
        .await
        .unwrap();
    let question = Question::new(&log.place.quoted_schema(), filter, None, 1).unwrap();
    let explain = format!("EXPLAIN {}", question.sql);
    let rows = session
        .rows(&explain, &question.parameters())
        .await
        .unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
}

#[tokio::test]
async fn a_question_is_answered_by_an_index_alone() {
    let Some(home) = Home::new() else { return };
    let log = home.log();
    append(&log, [finished("0", "2024-02-01T10:00:00Z")]).await;
    // One series that always fails among many, one pass at its very beginning.
    home.execute(
        "insert into {s}.events select 'id' || n, case when n % 4 = 0 then 'other' else 'sh.keptn.event.evaluation.finished' end, 1706781600000000000 + n,
            'sockshop', 'staging', case when n % 2 = 0 then 'carts' else 's' || n % 50 end, 'context' || n % 1000, null, 'fail',
            '{}' from generate_series(1, 20000) n;
        insert into {s}.events select 'iv' || n, 'sh.keptn.event.evaluation.invalidated', n, 'p' || n % 20, '', '', null, null, null, '{}'
            from generate_series(1, 400) n;
        analyze {s}.events;",
    );
    let baseline = Filter {
        kinds: Kinds::only(EventType::FINISHED),
        ..Filter::of_series(&carts())
    };
    let rare = Filter {
        results: vec![Verdict::Pass, Verdict::Warning],
        ..baseline.clone()
    };
    let steering = Filter {
        kinds: Kinds::Steering,
        project: Some("p7".to_owned()),
        ..Filter::default()
    };
    let context = Filter {
        context: Some("context7".to_owned()),
        ..Filter::default()
    };
    let id = Filter {
        id: Some("id7".to_owned()),
        ..Filter::default()
    };
    let since = Filter {
        since: finished("", "2024-02-01T10:00:00Z").time,
        ..Filter::default()
    };
    for (filter, index) in [
        (&baseline, "events_by_type"),
        (&rare, "events_by_result"),
        (&Filter::of_series(&carts()), "events_by_series"),
        (&steering, "events_that_steer"),
        (&context, "events_by_context"),
        (&id, "events_pkey"),
        (&since, "events_by_time"),
        (&Filter::default(), "events_by_time"),
    ] {
        let plan = plan(&log, filter).await;
        assert!(plan.contains(index), "{index}:\n{plan}");
        assert!(!plan.contains("Seq Scan"), "{plan}");
        assert!(!plan.contains("Filter:"), "{plan}");
        // Neither a sort nor an incremental one, but where at most one event is found; the arms of several are merged
        // in the order of their indexes.
        let is_one = filter.id.is_some();
        assert!(is_one || !plan.contains("Sort  ("), "{plan}");
        let is_merged = plan.contains("Merge Append");
        assert_eq!(is_merged, filter.results.len() > 1, "{plan}");
    }
    assert_eq!(ids(&log, &rare, 1).await, ["0"]);
}

#[tokio::test]
async fn the_newest_of_a_series_is_found_by_an_index() {
    let Some(home) = Home::new() else { return };
    let log = home.log();
    append(&log, [finished("0", "2024-02-01T10:00:00Z")]).await;
    home.execute(
        "insert into {s}.events select 'id' || n, 't', n, 'p', 's', 'v' || n % 10, null, null, null, '{}' from generate_series(1, 20000) n;
        analyze {s}.events;",
    );
    let connection = log.connection().await.unwrap();
    let limits = Limits { ..log.limits };
    let session = Session::begin(&connection, limits, Purpose::Read)
        .await
        .unwrap();
    let query = format!(
        "EXPLAIN SELECT max(time) FROM {}.events WHERE project = $1 AND stage = $2 AND service = $3",
        log.place.quoted_schema()
    );
    let rows: Result<_, Fault> = session
        .rows(
            &query,
            &[(&"p", Type::TEXT), (&"s", Type::TEXT), (&"v3", Type::TEXT)],
        )
        .await;
    let rows = rows.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(
        plan.join("\n")
            .contains("Index Only Scan Backward using events_by_series"),
        "{plan:?}"
    );
}
