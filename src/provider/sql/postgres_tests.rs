//! Queries to a real PostgreSQL; they are skipped where there is none.
#![cfg(unix)]
#![expect(clippy::float_cmp, reason = "the numbers are exact, or they are wrong")]
#![expect(
    clippy::disallowed_methods,
    reason = "writes certificates into a folder of its own"
)]

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Database, Sql, SqlSettings};
use crate::gate::{FailureKind, FetchFailure, Outcome, ProviderName, Reading};
use crate::net::test_postgres::{Certificate, PASSWORD, PASSWORD_IN_URL, Postgres, USER};
use crate::net::{RetrySettings, TlsSettings};
use crate::provider::contract::{self, Heard};
use crate::provider::{CheckOutcome, Provider as _, Request};

/// Ten calls within the window, and one outside of it; what a reader may and may not see.
const SETUP: &str = "
create table calls (at timestamptz, service text, ms numeric, secret_note text);
insert into calls select '2024-01-01T00:00:00Z'::timestamptz + i * interval '50 s',
  case when i % 2 = 1 then 'carts' else 'it''s' end, i * 10, 'n' from generate_series(1, 10) i;
insert into calls values ('2023-01-01T00:00:00Z', 'carts', 9999, null);
create table hidden (a int);
create role reader login password 'r3ader-pass';
grant select on calls to reader;
";

fn settings(url: &str) -> SqlSettings {
    let mut settings = SqlSettings::new(Database::parse(url).unwrap());
    settings.retry = RetrySettings {
        attempts: 2,
        base: Duration::from_millis(1),
        max: Duration::from_millis(1),
        seed: 0,
    };
    settings
}

fn open(settings: &SqlSettings) -> Sql {
    Sql::open(&ProviderName::new("db").unwrap(), settings).unwrap()
}

fn request(query: &str) -> Request {
    contract::requests(&[query]).remove(0)
}

async fn ask_with(sql: &Sql, request: Request) -> Reading {
    let heard = Heard::default();
    let mut readings = sql.fetch(&contract::context(), &[request], &heard).await;
    readings.remove(0)
}

async fn ask(sql: &Sql, query: &str) -> Reading {
    ask_with(sql, request(query)).await
}

fn value(reading: &Reading) -> f64 {
    match &reading.outcome {
        Outcome::Value(value) => value.get(),
        other @ (Outcome::NoData(_) | Outcome::Failed(_)) => panic!("{other:?}"),
    }
}

fn failure(reading: &Reading) -> &FetchFailure {
    match &reading.outcome {
        Outcome::Failed(failure) => failure,
        other @ (Outcome::NoData(_) | Outcome::Value(_)) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_real_server_answers_and_only_reads() {
    let Some(server) = Postgres::start(None) else {
        return;
    };
    server.execute(SETUP);
    let sql = open(&settings(&server.url()));
    contract::check(
        &sql,
        &contract::context(),
        "select avg(ms) from calls",
        "select ms from calls where false",
    )
    .await;
    values(&sql).await;
    bound_values(&sql).await;
    what_is_no_number(&sql).await;
    nothing_is_written(&sql).await;
    limits(&server).await;
    refusals(&server).await;
    doctor(&server).await;
}

async fn values(sql: &Sql) {
    for (query, expected) in [
        ("select 7::int2", 7.0),
        ("select 7::int4", 7.0),
        ("select 70000000000::int8", 7e10),
        ("select 0.5::float4", 0.5),
        ("select 0.1::float8", 0.1),
        ("select -1234567.000890123::numeric", -1_234_567.000_890_123),
        ("select 1e-30::numeric", 1e-30),
        ("select 1e30::numeric", 1e30),
        ("select 100000000::numeric", 1e8),
        ("select extract(epoch from interval '90 s')", 90.0),
        (
            "select percentile_cont(0.75) within group (order by ms) from calls where ms < 9000",
            77.5,
        ),
        (
            "select count(*) from calls where at between :start and :end; -- done",
            10.0,
        ),
        (
            "select count(*) from calls where extract(epoch from at) between :start_unix and :end_unix",
            10.0,
        ),
        ("select count(*) from calls where service = :service", 6.0),
        (
            "select (:project = 'sockshop' and :stage = 'dev')::int",
            1.0,
        ),
        ("select :duration_s::int / 2", 300.0),
        ("with x as (select 5 as a) select a from x", 5.0),
        ("values (3)", 3.0),
    ] {
        assert_eq!(value(&ask(sql, query).await), expected, "{query}");
    }
}

async fn bound_values(sql: &Sql) {
    for (service, count) in [("it's", 5.0), ("' or 1=1 --", 0.0), ("$1", 0.0)] {
        let mut request =
            request("select count(*) from calls where service = :svc and ms < :most and :yes");
        let params = json!({"svc": service, "most": 9000.5, "yes": true});
        request.options.insert("params".to_owned(), params);
        assert_eq!(value(&ask_with(sql, request).await), count, "{service}");
    }
    let mut request =
        request("select service, sum(ms) as total from calls where ms < 9000 group by 1");
    request.options.insert("column".to_owned(), "total".into());
    request.handling.reduce = "max".parse().unwrap();
    assert_eq!(value(&ask_with(sql, request).await), 300.0);
}

async fn what_is_no_number(sql: &Sql) {
    for query in [
        "select null::float8",
        "select avg(ms) from calls where false",
        "select 'NaN'::float8",
        "select 'NaN'::numeric",
        "select 'Infinity'::float8",
        "select 1 where false",
    ] {
        let reading = ask(sql, query).await;
        assert!(
            matches!(reading.outcome, Outcome::NoData(_)),
            "{query}: {:?}",
            reading.outcome
        );
    }
    for (query, part) in [
        (
            "select true",
            "type bool, which is no number; count instead",
        ),
        ("select interval '1 s'", "extract(epoch from …)"),
        ("select now()", "extract(epoch from …)"),
        ("select '5'", "`(…)::float8`"),
        ("select 1, 2", "returns 2 columns"),
        ("select ms from calls", "reduce: max"),
        ("select ms frmo calls", "at `calls` (SQLSTATE 42601)"),
        (
            "select nothing from calls",
            "at `nothing from calls` (SQLSTATE 42703)",
        ),
        ("select 1/0", "division by zero (SQLSTATE 22012)"),
        ("select :start + 1", "SQLSTATE"),
    ] {
        let reading = ask(sql, query).await;
        let failure = failure(&reading);
        assert_eq!(failure.kind, FailureKind::BadQuery, "{query}");
        assert!(
            failure.message.contains(part),
            "{query}: {}",
            failure.message
        );
        assert_eq!(reading.attempts, 1);
    }
}

async fn nothing_is_written(sql: &Sql) {
    for query in [
        "delete from calls",
        "delete from calls returning 1",
        "with gone as (delete from calls returning 1) select count(*) from gone",
        "create table t (a int)",
        "select 1; delete from calls",
        "select nextval('s'); commit",
        "commit",
        "copy calls to program 'true'",
        "select setval('nowhere', 1)",
        "do $x$ begin delete from calls; end $x$",
    ] {
        let reading = ask(sql, query).await;
        assert_eq!(failure(&reading).kind, FailureKind::BadQuery, "{query}");
    }
    let reading = ask(sql, "delete from calls returning 1").await;
    assert!(failure(&reading).message.starts_with("the query writes"));
    assert_eq!(value(&ask(sql, "select count(*) from calls").await), 11.0);
}

async fn limits(server: &Postgres) {
    let mut settings = settings(&server.url());
    settings.max_response_bytes = 100_000;
    let sql = open(&settings);
    let mut slow = request("select 1 from pg_sleep(60)");
    slow.handling.timeout = Some(Duration::from_millis(300));
    let start = Instant::now();
    let reading = ask_with(&sql, slow).await;
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(failure(&reading).kind, FailureKind::Unavailable);
    assert!(
        failure(&reading).message.contains("within 300ms"),
        "{reading:?}"
    );
    assert_eq!(reading.attempts, 1);
    let mut many = request("select i from generate_series(1, 10001) i");
    many.handling.reduce = "max".parse().unwrap();
    let reading = ask_with(&open(&super::postgres_tests::settings(&server.url())), many).await;
    assert!(
        failure(&reading).message.contains("more than 10000 rows"),
        "{reading:?}"
    );
    let mut huge = request("select 1 as a, repeat('x', 10000000) as b");
    huge.options.insert("column".to_owned(), "a".into());
    let reading = ask_with(&sql, huge).await;
    assert!(
        failure(&reading)
            .message
            .contains("larger than 100000 bytes"),
        "{reading:?}"
    );
    assert_eq!(value(&ask(&sql, "select 1").await), 1.0);
}

async fn refusals(server: &Postgres) {
    let wrong = open(&settings(&server.url_of(USER, "wr0ng-pass")));
    let reading = ask(&wrong, "select 1").await;
    let text = &failure(&reading).message;
    assert_eq!(failure(&reading).kind, FailureKind::NotAuthorised, "{text}");
    assert!(text.contains("28P01") && !text.contains("wr0ng"), "{text}");
    let none = format!("postgres://{USER}@127.0.0.1:{}/postgres", server.port());
    let reading = ask(&open(&settings(&none)), "select 1").await;
    assert_eq!(
        failure(&reading).kind,
        FailureKind::NotAuthorised,
        "{reading:?}"
    );
    let reader = open(&settings(&server.url_of("reader", "r3ader-pass")));
    assert_eq!(
        value(&ask(&reader, "select count(*) from calls").await),
        11.0
    );
    let reading = ask(&reader, "select count(*) from hidden").await;
    assert_eq!(failure(&reading).kind, FailureKind::NotAuthorised);
    let reading = ask(
        &reader,
        "select count(*) from calls where service = 'r3ader-pass' + 1",
    )
    .await;
    assert!(!failure(&reading).message.contains("r3ader"), "{reading:?}");
    let missing = server.url().replace("/postgres", "/nowhere");
    let missing = missing.replace("/nowhere:", "/postgres:");
    let reading = ask(&open(&settings(&missing)), "select 1").await;
    assert!(failure(&reading).message.contains("3D000"), "{reading:?}");
    let plain = settings(&format!("{}?sslmode=verify-full", server.url()));
    let reading = ask(&open(&plain), "select 1").await;
    assert!(
        failure(&reading).message.contains("sslmode=disable"),
        "{reading:?}"
    );
    let secrets = [PASSWORD, PASSWORD_IN_URL];
    assert!(
        !secrets
            .iter()
            .any(|secret| format!("{reading:?}{plain:?}").contains(secret))
    );
    let closed = settings("postgres://a:b@127.0.0.1:1/x");
    let reading = ask(&open(&closed), "select 1").await;
    assert_eq!(
        (failure(&reading).kind, reading.attempts),
        (FailureKind::Unavailable, 2)
    );
    assert!(
        failure(&reading).message.contains("is the server running"),
        "{reading:?}"
    );
}

async fn doctor(server: &Postgres) {
    let checks = open(&settings(&server.url())).probe().await;
    assert!(matches!(checks[0].outcome, CheckOutcome::Good(_)));
    let checks = open(&settings(&server.url_of(USER, "wr0ng"))).probe().await;
    assert!(matches!(
        checks[0].outcome,
        CheckOutcome::Bad {
            kind: FailureKind::NotAuthorised,
            ..
        }
    ));
}

#[tokio::test]
async fn the_way_to_a_real_server_is_as_safe_as_the_user_wants() {
    let (authority, pair) = Certificate::of("127.0.0.1");
    let Some(server) = Postgres::start(Some(&pair)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, authority).unwrap();
    let is_safe = "select ssl::int from pg_stat_ssl where pid = pg_backend_pid()";
    let with = |mode: &str, tls: TlsSettings| {
        let mut settings = settings(&format!("{}?sslmode={mode}", server.url()));
        settings.tls = tls;
        open(&settings)
    };
    let trusting = || TlsSettings {
        ca_file: Some(ca_file.clone()),
        ..TlsSettings::default()
    };
    let skipping = TlsSettings {
        insecure_skip_verify: true,
        ..TlsSettings::default()
    };
    assert_eq!(
        value(&ask(&with("verify-full", trusting()), is_safe).await),
        1.0
    );
    assert_eq!(value(&ask(&with("require", skipping), is_safe).await), 1.0);
    assert_eq!(
        value(&ask(&with("prefer", TlsSettings::default()), is_safe).await),
        1.0
    );
    assert_eq!(
        value(&ask(&with("disable", TlsSettings::default()), is_safe).await),
        0.0
    );
    let reading = ask(&with("require", TlsSettings::default()), is_safe).await;
    let message = &failure(&reading).message;
    assert!(
        message.contains("signed by an unknown authority") && message.contains("ca_file"),
        "{message}"
    );
    let named = server.url().replace("127.0.0.1", "localhost");
    let mut other_name = settings(&format!("{named}?sslmode=verify-full"));
    other_name.tls = trusting();
    let reading = ask(&open(&other_name), is_safe).await;
    assert!(
        failure(&reading).message.contains("for another name"),
        "{reading:?}"
    );
}

#[tokio::test]
async fn a_unix_socket_is_a_way_too() {
    let Some(server) = Postgres::start(None) else {
        return;
    };
    let url = format!(
        "postgres:///postgres?host={}&port={}&user={USER}&password={PASSWORD_IN_URL}",
        server.folder().display(),
        server.port()
    );
    let mut permissions = std::fs::metadata(server.folder()).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(server.folder(), permissions).unwrap();
    assert_eq!(value(&ask(&open(&settings(&url)), "select 1").await), 1.0);
}
