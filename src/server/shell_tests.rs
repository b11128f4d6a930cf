//! What surrounds every endpoint: tokens, limits, words, and the document of the API.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::access::Guard;
use super::front::Reception;
use super::metrics::Metrics;
use super::router::router;
use super::routes::uniform::{self, UniformParts};
use super::settings::{AccessSettings, Limits, Scope, TokenDigest, TokenSettings};
use super::store::Store;
use super::uniform::{FailureLog, Registry};

/// A server without a conductor.
struct Shell {
    /// Its folder.
    _folder: tempfile::TempDir,
    /// Its outermost part.
    reception: Reception,
}

impl Shell {
    async fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let moments: crate::app::Moments = Arc::new(|| "2026-01-01T00:00:00Z".parse().unwrap());
        let events = folder.path().join("events.db");
        let store = Store::open(events, Arc::new(BTreeMap::new)).await.unwrap();
        let parts = UniformParts {
            registry: Arc::new(Registry::open(folder.path(), Duration::from_secs(60)).unwrap()),
            log: Arc::new(FailureLog::open(folder.path(), moments()).unwrap()),
            store,
            moments,
        };
        let token = |name: &str, scope| TokenSettings {
            name: name.to_owned(),
            digest: TokenDigest::of(&format!("secret-{name}")),
            scopes: [scope].into(),
            projects: None,
        };
        let access = AccessSettings {
            tokens: vec![
                token("reader", Scope::Read),
                token("worker", Scope::Execute),
            ],
            failures_per_second: 1.0,
            failure_burst: 2.0,
            ..AccessSettings::default()
        };
        // These stand in the places of endpoints of the table.
        let odd = Router::new()
            .route("/health", get(a_bug))
            .route(
                "/ready",
                get(|| async { std::future::pending::<()>().await }),
            )
            .route("/not/in/the/table", get(|| async { "reached" }));
        let patience = limits.answer_timeout;
        let guard = Arc::new(Guard::new(&access, limits));
        let router = router([uniform::routes(parts), odd], guard);
        Self {
            _folder: folder,
            reception: Reception::new(router, Arc::new(Metrics::new()), patience),
        }
    }

    async fn ask(&self, method: &str, path: &str, token: &str, body: impl Into<Body>) -> Response {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-token", token)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into())
            .unwrap();
        self.reception.answer(request, [127, 0, 0, 1].into()).await
    }
}

/// A handler with a bug.
async fn a_bug() -> &'static str {
    panic!("a bug")
}

/// Checks that a refusal has Keptn's body, and returns its words.
async fn refusal(response: Response, status: u16) -> String {
    assert_eq!(response.status().as_u16(), status);
    assert!(response.headers().contains_key("x-request-id"));
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["code"], json!(status), "{body}");
    body["message"].as_str().unwrap().to_owned()
}

const REGISTRATION: &str = "/controlPlane/v1/uniform/registration";

#[tokio::test]
async fn a_wrong_token_is_refused_in_keptns_words_and_then_throttled() {
    let shell = Shell::new(Limits::default()).await;
    for _ in 0..2 {
        let answer = shell.ask("GET", REGISTRATION, "guess", "").await;
        let message = refusal(answer, 401).await;
        assert_eq!(message, "unauthenticated or invalid credentials");
    }
    let answer = shell.ask("GET", REGISTRATION, "guess", "").await;
    assert_eq!(answer.headers()[header::RETRY_AFTER], "1");
    assert_eq!(refusal(answer, 429).await, "too many requests");
    let answer = shell.ask("GET", REGISTRATION, "secret-reader", "").await;
    assert_eq!(answer.status(), StatusCode::OK, "a good token still counts");
    let answer = shell.ask("GET", REGISTRATION, "guess", "").await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "and forgives");
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which_it_lacks() {
    let shell = Shell::new(Limits::default()).await;
    let answer = shell.ask("POST", REGISTRATION, "secret-reader", "{}").await;
    insta::assert_snapshot!(refusal(answer, 403).await, @"the token `reader` lacks the scope `execute`; it has read");
    let answer = shell.ask("POST", REGISTRATION, "secret-worker", "{}").await;
    insta::assert_snapshot!(refusal(answer, 400).await, @"an integration needs a name");
}

#[tokio::test]
async fn what_is_not_there_and_what_does_not_go_is_told_in_json() {
    let shell = Shell::new(Limits::default()).await;
    let answer = shell.ask("GET", "/api/v1/pun", "secret-reader", "").await;
    insta::assert_snapshot!(refusal(answer, 404).await, @"there is no /v1/pun; docs/keptn-api.md lists what there is");
    let answer = shell
        .ask("PATCH", "/api//controlPlane/v1/log", "secret-reader", "")
        .await;
    assert_eq!(answer.headers()[header::ALLOW], "GET, HEAD, POST");
    insta::assert_snapshot!(refusal(answer, 405).await, @"/controlPlane/v1/log takes GET, HEAD, POST, not PATCH");
    let answer = shell
        .ask("GET", "/not/in/the/table", "secret-reader", "")
        .await;
    assert!(!refusal(answer, 404).await.contains("reached"));
    let answer = shell.ask("GET", "/api/../x", "secret-reader", "").await;
    refusal(answer, 400).await;
    let answer = shell
        .ask("POST", "/controlPlane/v1/log", "secret-worker", "{")
        .await;
    assert!(refusal(answer, 400).await.contains("JSON"));
    let answer = shell
        .ask(
            "GET",
            "/controlPlane/v1/log?pageSize=-1",
            "secret-worker",
            "",
        )
        .await;
    refusal(answer, 400).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_or_too_slow_is_refused() {
    let shell = Shell::new(Limits {
        body_bytes: 64,
        receive_timeout: Duration::from_millis(20),
        ..Limits::default()
    })
    .await;
    let large = vec![b' '; 65];
    let answer = shell
        .ask("POST", REGISTRATION, "secret-worker", large.clone())
        .await;
    insta::assert_snapshot!(refusal(answer, 413).await, @"the body is larger than 64 bytes");
    // In pieces, so that nothing announces how long it is.
    let pieces = large
        .chunks(13)
        .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
    let pieces = Body::from_stream(futures_util::stream::iter(pieces.collect::<Vec<_>>()));
    let answer = shell
        .ask("POST", REGISTRATION, "secret-worker", pieces)
        .await;
    refusal(answer, 413).await;
    let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let answer = shell
        .ask(
            "POST",
            REGISTRATION,
            "secret-worker",
            Body::from_stream(never),
        )
        .await;
    insta::assert_snapshot!(refusal(answer, 408).await, @"the body did not arrive in time");
}

#[tokio::test]
async fn a_bug_and_a_handler_that_hangs_are_answers_too() {
    let shell = Shell::new(Limits {
        answer_timeout: Duration::from_millis(20),
        ..Limits::default()
    })
    .await;
    let answer = shell.ask("GET", "/health", "", "").await;
    assert!(
        refusal(answer, 500)
            .await
            .starts_with("this is a bug in tidegate")
    );
    let answer = shell.ask("GET", "/ready", "", "").await;
    refusal(answer, 503).await;
}

#[tokio::test]
async fn a_request_keeps_the_id_that_its_client_gave_it_where_it_is_one() {
    let shell = Shell::new(Limits::default()).await;
    for (given, is_kept) in [("ci-1.2_3", true), ("a b", false), ("", false)] {
        let request = Request::builder()
            .uri(REGISTRATION)
            .header("x-token", "secret-reader")
            .header("x-request-id", given)
            .body(Body::empty())
            .unwrap();
        let answer = shell.reception.answer(request, [127, 0, 0, 1].into()).await;
        let told = answer.headers()["x-request-id"].to_str().unwrap();
        assert_eq!(told == given, is_kept, "{given}: {told}");
    }
}
