//! Queries to real SQLite files.
#![expect(
    clippy::disallowed_methods,
    reason = "makes databases in a folder of its own"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Database, Sql, SqlSettings};
use crate::gate::{FailureKind, FetchFailure, Outcome, ProviderName, Reading};
use crate::provider::contract::{self, Heard};
use crate::provider::{CheckOutcome, Provider as _, Request};

/// A database with ten calls of two services within the window, and one outside of it.
struct File {
    folder: tempfile::TempDir,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = rusqlite::Connection::open(folder.path().join("calls.db")).unwrap();
        connection
            .execute_batch(
                "create table calls (at text, unix integer, service text, ms real, note text);
                 with recursive n(i) as (select 1 union all select i + 1 from n where i < 10)
                 insert into calls select '2024-01-01T00:0' || (i % 10) || ':00Z', 1704067200 + 60 * (i % 10),
                   iif(i % 2, 'carts', 'it''s'), i * 10, 'n' from n;
                 insert into calls values ('2023-01-01T00:00:00Z', 1672531200, 'carts', 9999, null);",
            )
            .unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("calls.db")
    }

    fn open(&self) -> Sql {
        open(&self.path())
    }

    async fn ask(&self, query: &str) -> Reading {
        ask(&self.open(), requests(query)).await
    }
}

fn open(path: &std::path::Path) -> Sql {
    let settings = SqlSettings::new(Database::Sqlite(path.to_owned()));
    Sql::open(&ProviderName::new("db").unwrap(), &settings).unwrap()
}

fn requests(query: &str) -> Request {
    contract::requests(&[query]).remove(0)
}

async fn ask(sql: &Sql, request: Request) -> Reading {
    let heard = Heard::default();
    sql.fetch(&contract::context(), &[request], &heard)
        .await
        .remove(0)
}

fn value(reading: &Reading) -> f64 {
    match &reading.outcome {
        Outcome::Value(value) => value.get(),
        other => panic!("{other:?}"),
    }
}

fn failure(reading: &Reading) -> &FetchFailure {
    match &reading.outcome {
        Outcome::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_keeps_the_contract() {
    let file = File::new();
    let (good, bad) = ("select avg(ms) from calls", "select ms from calls where 0");
    contract::check(&file.open(), &contract::context(), good, bad).await;
}

#[tokio::test]
async fn the_window_and_the_series_can_be_bound() {
    let file = File::new();
    for (query, expected) in [
        (
            "select count(*) from calls where at >= :start and at < :end",
            10.0,
        ),
        (
            "select count(*) from calls where unix between :start_unix and :end_unix",
            10.0,
        ),
        ("select count(*) from calls where service = :service", 6.0),
        ("select :duration_s", 600.0),
        (
            "select :project = 'sockshop' and :stage = 'dev' and :deployment = 'primary'",
            1.0,
        ),
    ] {
        assert_eq!(value(&file.ask(query).await), expected, "{query}");
    }
}

#[tokio::test]
async fn values_are_bound_whatever_they_hold() {
    let file = File::new();
    for (service, count) in [("it's", 5.0), ("' or 1=1 --", 0.0), (":service", 0.0)] {
        let mut request =
            requests("select count(*) from calls where service = :svc and ms < :most");
        let params = json!({"svc": service, "most": 9000});
        request.options.insert("params".to_owned(), params);
        assert_eq!(value(&ask(&file.open(), request).await), count, "{service}");
    }
}

#[tokio::test]
async fn several_rows_need_reduce_and_several_columns_a_name() {
    let file = File::new();
    let mut request =
        requests("select service, sum(ms) as total from calls where ms < 9000 group by service");
    let reading = ask(&file.open(), request.clone()).await;
    assert_eq!(
        failure(&reading).message,
        "the query returns 2 columns: `service`, `total`; select one, or name it: `column: …`"
    );
    request.options.insert("column".to_owned(), "total".into());
    let reading = ask(&file.open(), request.clone()).await;
    assert_eq!(
        failure(&reading).message,
        "query did return multiple values (2): row 1, row 2; return one row, or with `reduce: max` beside the query"
    );
    request.handling.reduce = "max".parse().unwrap();
    assert_eq!(value(&ask(&file.open(), request).await), 300.0);
}

#[tokio::test]
async fn what_is_no_number_never_becomes_one() {
    let file = File::new();
    for query in [
        "select avg(ms) from calls where 0",
        "select null",
        "select 0.0 / 0",
        "select 1 where 0",
    ] {
        let reading = file.ask(query).await;
        assert!(
            matches!(reading.outcome, Outcome::NoData(_)),
            "{query}: {:?}",
            reading.outcome
        );
    }
    for query in [
        "select '5'",
        "select x'00'",
        "select 1 where 0; select 2",
        "selec 1",
        "select * from nowhere",
        "select :nothing",
    ] {
        let reading = file.ask(query).await;
        assert_eq!(failure(&reading).kind, FailureKind::BadQuery, "{query}");
    }
    assert_eq!(
        failure(&file.ask("select note from calls limit 1").await).message,
        "the column `note` is of type text, which is no number; make it one: `cast(… as real)`"
    );
}

#[tokio::test]
async fn nothing_is_written_attached_or_loaded() {
    let file = File::new();
    let other = file.folder.path().join("other.db");
    for query in [
        "delete from calls".to_owned(),
        "delete from calls returning ms".to_owned(),
        "insert into calls(ms) values (1) returning ms".to_owned(),
        "create table t (a)".to_owned(),
        format!("attach '{}' as o", other.display()),
        "pragma query_only = off".to_owned(),
        "pragma user_version".to_owned(),
        "select load_extension('x')".to_owned(),
        format!("vacuum into '{}'", other.display()),
    ] {
        let reading = file.ask(&query).await;
        assert_eq!(failure(&reading).kind, FailureKind::BadQuery, "{query}");
    }
    assert!(!other.exists());
    assert_eq!(value(&file.ask("select count(*) from calls").await), 11.0);
}

#[tokio::test]
async fn a_query_without_an_end_is_stopped() {
    let file = File::new();
    let mut request = requests(
        "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n",
    );
    request.handling.timeout = Some(Duration::from_millis(200));
    let start = Instant::now();
    let reading = ask(&file.open(), request).await;
    assert!(start.elapsed() < Duration::from_secs(10));
    let failure = failure(&reading);
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert!(
        failure.message.contains("did not end within 200ms"),
        "{}",
        failure.message
    );
    assert_eq!(reading.attempts, 1);
}

#[tokio::test]
async fn rows_and_bytes_are_bounded() {
    let file = File::new();
    let mut request = requests(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10001) select i from n",
    );
    request.handling.reduce = "max".parse().unwrap();
    let reading = ask(&file.open(), request).await;
    assert!(failure(&reading).message.contains("more than 10000 rows"));
    let reading = file.ask("select length(zeroblob(900000000))").await;
    assert!(
        failure(&reading).message.contains("max_response_bytes"),
        "{:?}",
        reading.outcome
    );
}

#[tokio::test]
async fn a_file_that_is_none_is_named_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing.db");
    let reading = ask(&open(&path), requests("select 1")).await;
    let expected = format!(
        "there is no file `{}`; relative paths start at the folder of tidegate.yaml",
        path.display()
    );
    assert_eq!(failure(&reading).message, expected);
    assert!(!path.exists());
    std::fs::write(
        &path,
        "this is no database, but a text that is long enough to be taken for one",
    )
    .unwrap();
    let reading = ask(&open(&path), requests("select 1 from sqlite_master")).await;
    assert_eq!(failure(&reading).kind, FailureKind::BadAnswer);
}

#[tokio::test]
async fn a_doctor_asks_for_1() {
    let file = File::new();
    let checks = file.open().probe().await;
    assert!(matches!(checks[0].outcome, CheckOutcome::Good(_)));
    let checks = open(&file.folder.path().join("missing.db")).probe().await;
    assert!(matches!(checks[0].outcome, CheckOutcome::Bad { .. }));
}
