//! Servers that misbehave: nothing of it becomes a number, and everything ends.

use std::time::{Duration, Instant};

use super::{SECRET, ask, configured, failure, value};
use crate::config::FileConfig;
use crate::gate::FailureKind;
use crate::net::test_server::{Reply, TestServer};

/// Reads an entry with a credential.
fn http(url: &str, lines: &str) -> FileConfig {
    let head = "providers:\n  api:\n    type: http\n    retry: { attempts: 1 }\n    auth: { bearer: \"${TOKEN}\" }\n";
    configured(&format!("{head}    url: {url}\n{lines}"), url)
}

/// A request and where the number is.
const PLAIN: &str = "    request: { path: /q, query: { q: '${QUERY}' } }\n    response: { extract: { jsonpath: $.v } }\n";

/// One SLI.
const ONE: &str = "indicators: { a: x }";

/// Waits for a result.
const POLLED: &str = "    request: { path: /q, body: { json: { q: '${QUERY}' } } }
    async:
      token: { jsonpath: $.token }
      poll: { path: '/q/${TOKEN}', interval: 10ms, max: 300ms }
      done_when: { jsonpath: $.state, in: [SUCCEEDED] }
      fail_when: { jsonpath: $.state, in: [FAILED, CANCELLED] }
      cancel: { method: DELETE, path: '/q/${TOKEN}' }
    response: { error_message: $.error, extract: { jsonpath: $.v } }
";

/// Follows pages.
fn paged(rest: &str) -> String {
    format!(
        "    request: {{ path: /q, query: {{ q: '${{QUERY}}', size: '2' }} }}\n    paginate: {{ next: $.next, {rest} }}\n    response: {{ reduce: sum, extract: {{ jsonpath: '$.v[*]' }} }}\n"
    )
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let server = TestServer::start(|_, _| Reply::Endless(200)).await;
    let readings = ask(&http(&server.url(), PLAIN), ONE).await;
    let (kind, message) = failure(&readings[0]);
    assert_eq!(kind, FailureKind::BadAnswer);
    assert!(message.contains("larger than 16777216 bytes"), "{message}");
}

#[tokio::test]
async fn a_json_bomb_is_refused_and_the_next_query_unharmed() {
    let server = TestServer::start(|_, request| match request.parameter("q").as_deref() {
        Some("deep") => Reply::json(200, &"[".repeat(100_000)),
        Some("wide") => Reply::json(200, &format!("[{}0]", "0,".repeat(3_000_000))),
        _ => Reply::json(200, r#"{"v": 1}"#),
    })
    .await;
    let config = http(&server.url(), PLAIN);
    let readings = ask(&config, "indicators: { a: deep, b: wide, c: fine }").await;
    assert!(failure(&readings[0]).1.contains("no JSON"));
    assert!(failure(&readings[1]).1.contains("more than 1000000 values"));
    assert_eq!(value(&readings[2]), 1.0);
}

#[tokio::test]
async fn a_redirect_to_another_host_gets_nothing() {
    let stranger = TestServer::start(|_, _| Reply::json(200, r#"{"v": 1}"#)).await;
    let target = format!("{}/q", stranger.url());
    let server =
        TestServer::start(move |_, _| Reply::json(307, "").header("Location", &target)).await;
    let readings = ask(&http(&server.url(), PLAIN), ONE).await;
    let (kind, message) = failure(&readings[0]);
    assert_eq!(kind, FailureKind::BadAnswer);
    assert!(message.contains("redirected to"), "{message}");
    assert!(stranger.received().is_empty());
    assert!(
        server.received()[0]
            .header("authorization")
            .unwrap()
            .contains(SECRET)
    );
}

#[tokio::test]
async fn a_refusal_a_wrong_url_and_an_outage_are_told_apart() {
    let cases = [
        (401, "{}", FailureKind::NotAuthorised, "look at `auth`"),
        (
            404,
            "page not found",
            FailureKind::BadAnswer,
            "is the URL right",
        ),
        (
            404,
            r#"{"error": "no such project"}"#,
            FailureKind::BadQuery,
            "no such project",
        ),
        (
            422,
            "bad expression",
            FailureKind::BadQuery,
            "bad expression",
        ),
        (500, "panic", FailureKind::Unavailable, "panic"),
        (302, "", FailureKind::BadAnswer, "302"),
    ];
    for (status, body, kind, words) in cases {
        let server = TestServer::start(move |_, _| Reply::json(status, body)).await;
        let lines = PLAIN.replace("response: {", "response: { error_message: $.error,");
        let readings = ask(&http(&server.url(), &lines), ONE).await;
        let (found, message) = failure(&readings[0]);
        assert_eq!(found, kind, "{status}: {message}");
        assert!(message.contains(words), "{status}: {message}");
    }
}

#[tokio::test]
async fn a_result_is_waited_for() {
    let server = TestServer::start(|number, request| match (number, request.path.as_str()) {
        (0, "/q") => Reply::json(202, r#"{"token": "a/1"}"#),
        (1, "/q/a%2F1") => Reply::json(200, r#"{"state": "RUNNING", "v": 99}"#),
        (2, "/q/a%2F1") => Reply::json(200, r#"{"state": "SUCCEEDED", "v": 3}"#),
        _ => Reply::json(404, "{}"),
    })
    .await;
    let readings = ask(&http(&server.url(), POLLED), ONE).await;
    assert_eq!(value(&readings[0]), 3.0);
    assert_eq!(readings[0].attempts, 3);
    let server =
        TestServer::start(|_, _| Reply::json(200, r#"{"state": "SUCCEEDED", "v": 4}"#)).await;
    let readings = ask(&http(&server.url(), POLLED), ONE).await;
    assert_eq!(value(&readings[0]), 4.0);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_result_that_never_comes_is_given_up_and_cancelled() {
    let server = TestServer::start(|number, _| match number {
        0 => Reply::json(202, r#"{"token": "t1"}"#),
        _ => Reply::json(200, r#"{"state": "RUNNING", "v": 99}"#),
    })
    .await;
    let start = Instant::now();
    let readings = ask(&http(&server.url(), POLLED), ONE).await;
    let (kind, message) = failure(&readings[0]);
    assert_eq!(kind, FailureKind::Unavailable);
    assert!(
        message.contains("no result within 300ms, and was cancelled"),
        "{message}"
    );
    assert!(start.elapsed() < Duration::from_secs(20));
    let last = server.received().pop().unwrap();
    assert_eq!(
        (last.method.as_str(), last.path.as_str()),
        ("DELETE", "/q/t1")
    );
}

#[tokio::test]
async fn a_query_that_fails_on_the_way_is_told() {
    let server = TestServer::start(|number, _| match number {
        0 => Reply::json(202, r#"{"token": "t1"}"#),
        _ => Reply::json(200, r#"{"state": "FAILED", "error": "out of memory"}"#),
    })
    .await;
    let readings = ask(&http(&server.url(), POLLED), ONE).await;
    let (_, message) = failure(&readings[0]);
    assert!(
        message.contains("ended without a result") && message.contains("out of memory"),
        "{message}"
    );
}

#[tokio::test]
async fn pages_are_followed_to_the_last_one() {
    let server = TestServer::start(|_, request| match request.parameter("page").as_deref() {
        None => Reply::json(200, r#"{"v": [1, 2], "next": "b&c"}"#),
        Some("b&c") => Reply::json(200, r#"{"v": [3, 4], "next": 3}"#),
        _ => Reply::json(200, r#"{"v": [5], "next": null}"#),
    })
    .await;
    let readings = ask(
        &http(
            &server.url(),
            &paged("param: page, drop_other_params: true"),
        ),
        ONE,
    )
    .await;
    assert_eq!(value(&readings[0]), 15.0);
    let paths: Vec<String> = server
        .received()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(paths, ["/q?q=x&size=2", "/q?page=b%26c", "/q?page=3"]);
    let readings = ask(&http(&server.url(), &paged("param: page")), ONE).await;
    assert_eq!(value(&readings[0]), 15.0);
    assert_eq!(server.received()[5].path, "/q?q=x&size=2&page=3");
}

#[tokio::test]
async fn pages_that_never_end_are_an_error_and_not_a_part_of_the_sum() {
    let server = TestServer::start(|number, _| {
        Reply::json(200, &format!(r#"{{"v": [1], "next": "{number}"}}"#))
    })
    .await;
    let readings = ask(
        &http(&server.url(), &paged("param: page, max_pages: 3")),
        ONE,
    )
    .await;
    let (kind, message) = failure(&readings[0]);
    assert_eq!(kind, FailureKind::BadAnswer);
    assert!(message.contains("more than 3 pages"), "{message}");
    assert_eq!(server.received().len(), 3);
    let server = TestServer::start(|_, _| Reply::json(200, r#"{"v": [1], "next": "same"}"#)).await;
    let readings = ask(&http(&server.url(), &paged("param: page")), ONE).await;
    assert!(failure(&readings[0]).1.contains("again and again"));
}

#[tokio::test]
async fn a_page_that_fails_is_no_part_of_a_sum() {
    let server = TestServer::start(|number, _| match number {
        0 => Reply::json(200, r#"{"v": [1], "next": "b"}"#),
        _ => Reply::json(503, "{}"),
    })
    .await;
    let readings = ask(&http(&server.url(), &paged("param: page")), ONE).await;
    assert_eq!(failure(&readings[0]).0, FailureKind::Unavailable);
}

#[tokio::test]
async fn a_link_to_a_page_stays_on_the_server() {
    let stranger = TestServer::start(|_, _| Reply::json(200, r#"{"v": [100]}"#)).await;
    let elsewhere = format!("{}/q?page=2", stranger.url());
    let server = TestServer::start(move |_, request| match request.parameter("q").as_deref() {
        Some("out") => Reply::json(200, &format!(r#"{{"v": [1], "next": "{elsewhere}"}}"#)),
        Some("in") => Reply::json(200, r#"{"v": [1], "next": "/other?page=2"}"#),
        _ => Reply::json(200, r#"{"v": [2]}"#),
    })
    .await;
    let config = http(&server.url(), &paged("link: true"));
    let readings = ask(&config, "indicators: { a: out, b: in }").await;
    let (kind, message) = failure(&readings[0]);
    assert_eq!(kind, FailureKind::BadAnswer);
    assert!(message.contains("is another server"), "{message}");
    assert!(stranger.received().is_empty());
    assert_eq!(value(&readings[1]), 3.0);
    assert!(
        server
            .received()
            .iter()
            .any(|request| request.path == "/other?page=2")
    );
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_configured() {
    let server = TestServer::start(|_, _| Reply::json(200, r#"{"v": 1}"#)).await;
    let config = http(&server.url(), &format!("    concurrency: 3\n{PLAIN}"));
    let lines: Vec<String> = (0..60)
        .map(|number| format!("  s{number}: q{number}"))
        .collect();
    let sli = format!("indicators:\n{}\n", lines.join("\n"));
    assert_eq!(ask(&config, &sli).await.len(), 60);
    assert!(server.most_in_flight() <= 3);
    assert_eq!(server.received().len(), 60);
}

#[tokio::test]
async fn the_timeout_of_an_sli_is_its_own() {
    let server = TestServer::start(|_, request| match request.parameter("q").as_deref() {
        Some("slow") => Reply::Hang,
        _ => Reply::json(200, r#"{"v": 1}"#),
    })
    .await;
    let config = http(&server.url(), PLAIN);
    let readings = ask(
        &config,
        "indicators: { a: { query: slow, timeout: 200ms }, b: fine }",
    )
    .await;
    let (kind, message) = failure(&readings[0]);
    assert_eq!(kind, FailureKind::Unavailable);
    assert!(message.contains("within 200ms"), "{message}");
    assert_eq!(value(&readings[1]), 1.0);
}
