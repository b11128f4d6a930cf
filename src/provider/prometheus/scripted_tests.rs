//! Tests against a server that misbehaves as told.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;

use super::{Prometheus, PrometheusSettings, QueryParameter};
use crate::gate::{FailureKind, Outcome, ProviderName, Reading};
use crate::net::test_server::{Received, Reply, TestServer};
use crate::net::{Auth, ConnectionSettings, HeaderText, Secret};
use crate::provider::Provider as _;
use crate::provider::contract::{self, context};

const TOKEN: &str = "token-1234";
const ONE: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}"#;

fn settings(server: &TestServer) -> PrometheusSettings {
    let mut connection = ConnectionSettings::parse(&server.url()).unwrap();
    connection.auth = Auth::Bearer(Secret::new(TOKEN));
    connection.retry.base = Duration::from_millis(1);
    connection.retry.max = Duration::from_millis(5);
    connection.max_response_bytes = 64 * 1024;
    PrometheusSettings::new(connection)
}

fn open(settings: &PrometheusSettings) -> Prometheus {
    Prometheus::open(&ProviderName::new("prod").unwrap(), settings).unwrap()
}

/// Asks a server one question, and checks that nothing that comes of it holds the token.
async fn ask(settings: &PrometheusSettings) -> Reading {
    let provider = open(settings);
    let mut readings = contract::fetch(&provider, &context(), &["up"]).await;
    assert!(!format!("{readings:?}").contains(TOKEN));
    readings.remove(0)
}

/// Starts a server with a script, and asks it one question.
async fn ask_with(script: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static) -> Reading {
    let server = TestServer::start(script).await;
    ask(&settings(&server)).await
}

/// Returns the kind of a failure, and its message.
fn failure(reading: &Reading) -> (FailureKind, &str) {
    let Outcome::Failed(failure) = &reading.outcome else {
        panic!("{reading:?}");
    };
    (failure.kind, &failure.message)
}

fn is_value(reading: &Reading) -> bool {
    matches!(reading.outcome, Outcome::Value(_))
}

#[tokio::test]
async fn the_contract_is_kept() {
    let server = TestServer::start(|_, request| match request.form("query").as_deref() {
        Some("good") => Reply::json(200, ONE),
        _ => Reply::json(
            400,
            r#"{"status":"error","errorType":"bad_data","error":"no"}"#,
        ),
    })
    .await;
    contract::check(&open(&settings(&server)), &context(), "good", "bad").await;
}

#[tokio::test]
async fn a_query_is_posted_at_the_end_of_the_window() {
    let server = TestServer::start(|_, _| Reply::json(200, ONE)).await;
    let mut settings = settings(&server);
    settings.query_parameters = vec![QueryParameter::new("dedup", "true").unwrap()];
    settings.connection.headers = vec![
        (
            "X-Scope-OrgID".to_owned(),
            HeaderText::Plain("team-a".to_owned()),
        ),
        (
            "X-Key".to_owned(),
            HeaderText::Secret(Secret::new("key-1234")),
        ),
    ];
    let reading = ask(&settings).await;
    assert!(is_value(&reading), "{reading:?}");
    assert_eq!(
        reading.endpoint,
        Some(format!("{}/api/v1/query", server.url()))
    );
    let received = server.received();
    let request = received.first().unwrap();
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/api/v1/query")
    );
    for (name, value) in [
        ("query", "up"),
        ("time", "1704067800"),
        ("timeout", "29000ms"),
        ("stats", "all"),
        ("dedup", "true"),
    ] {
        assert_eq!(request.form(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(request.header("authorization"), Some("Bearer token-1234"));
    assert_eq!(request.header("accept-encoding"), Some("identity"));
    assert_eq!(request.header("x-scope-orgid"), Some("team-a"));
    assert_eq!(request.header("x-key"), Some("key-1234"));
}

#[tokio::test]
async fn the_path_of_the_url_is_kept() {
    let server = TestServer::start(|_, _| Reply::json(200, ONE)).await;
    let url = format!("{}/select/0/prometheus/", server.url());
    let settings = PrometheusSettings::new(ConnectionSettings::parse(&url).unwrap());
    let reading = ask(&settings).await;
    assert_eq!(reading.endpoint, Some(format!("{url}api/v1/query")));
    let received = server.received();
    assert_eq!(received[0].path, "/select/0/prometheus/api/v1/query");
}

#[tokio::test]
async fn a_server_that_knows_no_post_is_asked_with_get_from_then_on() {
    for status in [405, 501] {
        let server = TestServer::start(move |_, request| match request.method.as_str() {
            "GET" => Reply::json(200, ONE),
            _ => Reply::new(status, "text/plain", "no POST"),
        })
        .await;
        let provider = open(&settings(&server));
        let first = contract::fetch(&provider, &context(), &["up"]).await;
        assert!(is_value(&first[0]));
        assert_eq!(first[0].attempts, 2);
        let second = contract::fetch(&provider, &context(), &["up"]).await;
        assert_eq!(second[0].attempts, 1);
        let received = server.received();
        assert!(
            received[2]
                .path
                .starts_with("/api/v1/query?query=up&time=1704067800")
        );
    }
}

#[tokio::test]
async fn credentials_that_are_refused_are_not_tried_again() {
    for status in [401, 403] {
        let reading = ask_with(move |_, request| {
            let echo = request.header("authorization").unwrap_or_default();
            Reply::new(status, "text/plain", format!("who is {echo}?"))
        })
        .await;
        let (kind, message) = failure(&reading);
        assert_eq!(kind, FailureKind::NotAuthorised);
        assert_eq!(
            message,
            format!(
                "HTTP {status}, the server refuses the credentials, or misses them: who is Bearer ***? (text/plain)"
            )
        );
        assert_eq!(reading.attempts, 1);
    }
}

#[tokio::test]
async fn what_passes_is_asked_again_and_the_attempts_are_counted() {
    for status in [429, 500, 502, 503, 504] {
        let reading = ask_with(move |number, _| match number {
            0 => Reply::new(status, "text/html", "<h1>later</h1>").header("Retry-After", "0"),
            _ => Reply::json(200, ONE),
        })
        .await;
        assert!(is_value(&reading), "{reading:?}");
        assert_eq!(reading.attempts, 2);
    }
}

#[tokio::test]
async fn what_does_not_pass_is_a_failure_after_all_attempts() {
    for (status, expected) in [
        (429, FailureKind::Throttled),
        (500, FailureKind::Unavailable),
        (503, FailureKind::Unavailable),
    ] {
        let reading = ask_with(move |_, _| Reply::new(status, "text/plain", "later")).await;
        assert_eq!(failure(&reading).0, expected, "{status}");
        assert_eq!(reading.attempts, 3);
    }
}

#[tokio::test]
async fn answers_that_cannot_be_used_are_bad_answers() {
    let bomb = include_bytes!("../../../fixtures/net/ten-mebibytes-of-zeros.gz");
    for (reply, expected) in [
        (Reply::new(404, "text/html", "<h1>404</h1>"), "right path"),
        (Reply::new(200, "text/html", "<h1>Log in</h1>"), "text/html"),
        (Reply::json(200, &ONE[..60]), "breaks off"),
        (Reply::Endless(200), "larger than 65536 bytes"),
        (
            Reply::json(200, "").header("Location", "http://127.0.0.1:1/x"),
            "not an answer of Prometheus",
        ),
        (
            Reply::new(302, "text/plain", "").header("Location", "http://127.0.0.1:1/login?x=1"),
            "redirected to http://127.0.0.1:1/login; is the URL right?",
        ),
        (
            Reply::new(200, "application/json", bomb).header("Content-Encoding", "gzip"),
            "larger than 65536 bytes",
        ),
    ] {
        let reading = ask_with(move |_, _| reply.clone()).await;
        let (kind, message) = failure(&reading);
        assert_eq!(kind, FailureKind::BadAnswer, "{message}");
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_unavailable() {
    let server = TestServer::start(|_, _| Reply::Hang).await;
    let mut impatient = settings(&server);
    impatient.connection.timeout = Duration::from_millis(30);
    let reading = ask(&impatient).await;
    let (kind, message) = failure(&reading);
    assert_eq!(kind, FailureKind::Unavailable);
    assert!(message.contains("within 30ms"), "{message}");
    drop(server);
    let reading = ask(&impatient).await;
    let (kind, message) = failure(&reading);
    assert_eq!(kind, FailureKind::Unavailable);
    assert!(
        message.contains("connection refused; is the server running"),
        "{message}"
    );
    assert_eq!(reading.attempts, 3);
}

#[tokio::test]
async fn warnings_reach_the_reading() {
    let reading = ask_with(|_, request| {
        let echo = request.header("authorization").unwrap_or_default();
        let body = format!(
            r#"{{"status":"success","data":{{"resultType":"scalar","result":[1,"1"]}},"warnings":["store {echo}"]}}"#
        );
        Reply::json(200, &body)
    })
    .await;
    assert!(is_value(&reading));
    assert_eq!(reading.warnings, ["store Bearer ***"]);
}

#[tokio::test]
async fn as_many_queries_are_under_way_as_the_settings_allow_and_no_more() {
    let together = Arc::new(Barrier::new(4));
    let server = TestServer::start(move |_, _| {
        Reply::Together(Arc::clone(&together), Box::new(Reply::json(200, ONE)))
    })
    .await;
    let mut settings = settings(&server);
    settings.connection.concurrency = NonZeroUsize::new(4).unwrap();
    let queries: Vec<_> = (0..40).map(|number| format!("up == {number}")).collect();
    let queries: Vec<_> = queries.iter().map(String::as_str).collect();
    let readings = contract::fetch(&open(&settings), &context(), &queries).await;
    assert!(readings.iter().all(is_value));
    assert_eq!(server.most_in_flight(), 4);
}

#[tokio::test]
async fn equal_queries_are_sent_once() {
    let server = TestServer::start(|_, _| Reply::json(200, ONE)).await;
    let provider = open(&settings(&server));
    let readings = contract::fetch(&provider, &context(), &["up", "down", "up", "up"]).await;
    assert!(readings.iter().all(is_value));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn the_patience_of_a_request_is_obeyed() {
    let server = TestServer::start(|_, request| match request.form("query").as_deref() {
        Some("busy") => Reply::json(503, "{}"),
        _ => Reply::Hang,
    })
    .await;
    let provider = open(&settings(&server));
    let mut requests = contract::requests(&["busy", "slow"]);
    requests[0].handling.retry.attempts = Some(2);
    requests[1].handling.timeout = Some(Duration::from_millis(20));
    requests[1].handling.retry.attempts = Some(1);
    let heard = contract::Heard::default();
    let readings = provider.fetch(&context(), &requests, &heard).await;
    assert_eq!((readings[0].attempts, readings[1].attempts), (2, 1));
    let (kind, message) = failure(&readings[1]);
    assert_eq!(kind, FailureKind::Unavailable);
    assert!(message.contains("within 20ms"), "{message}");
}
