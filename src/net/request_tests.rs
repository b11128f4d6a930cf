//! Requests that `net` builds, and the credentials that it puts into them, against a server on this machine.

use std::time::Duration;

use super::outgoing::OutgoingError;
use super::test_server::{Reply, TestServer};
use super::{
    Answer, Auth, Body, ConnectionSettings, HeaderText, HttpClient, Method, Outgoing, Patience,
    Place, RateLimitHeader, Repeat, Secret, SendError, SendFailure, percent_encode,
};

/// The settings for a test server, below a path: three attempts, hardly any wait.
pub(super) fn settings(server: &TestServer) -> ConnectionSettings {
    let mut settings = ConnectionSettings::parse(&format!("{}/base", server.url())).unwrap();
    settings.retry.base = Duration::from_millis(1);
    settings.retry.max = Duration::from_millis(5);
    settings.timeout = Duration::from_secs(20);
    settings
}

/// Asks for `/x` below the base URL.
pub(super) async fn get(settings: &ConnectionSettings) -> Result<Answer, SendError> {
    let client = HttpClient::new(settings).unwrap();
    let outgoing = Outgoing::new(Method::GET, "/x");
    let result = client.request(Repeat::Freely, Patience::default(), &outgoing);
    result.await
}

fn hello(_: usize, _: &super::test_server::Received) -> Reply {
    Reply::new(200, "text/plain", "hello")
}

/// Every kind of credentials that needs no second server, each with the secret `hush/1234`.
fn kinds() -> Vec<Auth> {
    let secret = || Secret::new("hush/1234");
    vec![
        Auth::Basic {
            user: "ann".to_owned(),
            password: secret(),
        },
        Auth::Bearer(secret()),
        Auth::Header {
            name: "X-Key".to_owned(),
            scheme: Some("Splunk".to_owned()),
            value: secret(),
        },
        Auth::QueryParameter {
            name: "key".to_owned(),
            value: secret(),
        },
        Auth::SigV4(super::SigningKey {
            service: "aps".to_owned(),
            region: "eu-central-1".to_owned(),
            access_key_id: "AKID".to_owned(),
            secret_access_key: secret(),
            session_token: Some(secret()),
        }),
    ]
}

#[tokio::test]
async fn a_request_arrives_as_it_was_asked_for() {
    let server = TestServer::start(hello).await;
    let mut settings = settings(&server);
    settings.headers = vec![(
        "X-Scope-OrgID".to_owned(),
        HeaderText::Plain("team-a".to_owned()),
    )];
    let client = HttpClient::new(&settings).unwrap();
    let mut outgoing = Outgoing::new(Method::POST, "/api/query:execute");
    outgoing.query = vec![("q".to_owned(), "sum(a{b=\"c&d\"}) + 1%".to_owned())];
    outgoing.headers = vec![("X-Trace".to_owned(), "1".to_owned())];
    outgoing.body = Body::Json(serde_json::json!({ "query": "a\"b" }));
    let answer = client
        .request(Repeat::Carefully, Patience::default(), &outgoing)
        .await
        .unwrap();
    assert_eq!((answer.status, answer.attempts), (200, 1));
    let received = &server.received()[0];
    assert_eq!(received.method, "POST");
    assert!(received.path.starts_with("/base/api/query:execute?"));
    assert_eq!(
        received.parameter("q").as_deref(),
        Some("sum(a{b=\"c&d\"}) + 1%")
    );
    assert_eq!(received.header("x-trace"), Some("1"));
    assert_eq!(received.header("x-scope-orgid"), Some("team-a"));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.body, r#"{"query":"a\"b"}"#);
    assert_eq!(
        client.shown_url(&outgoing).unwrap(),
        format!("{}{}", server.url(), received.path)
    );
}

#[tokio::test]
async fn an_encoded_value_in_a_path_stays_one_segment() {
    let server = TestServer::start(hello).await;
    let client = HttpClient::new(&settings(&server)).unwrap();
    for (value, expected) in [
        ("a/../b?c#d", Some("/base/slo/a%2F..%2Fb%3Fc%23d")),
        ("100%", Some("/base/slo/100%25")),
        ("..", None),
    ] {
        let outgoing = Outgoing::new(Method::GET, format!("/slo/{}", percent_encode(value)));
        let result = client.request(Repeat::Freely, Patience::default(), &outgoing);
        assert_eq!(result.await.is_ok(), expected.is_some(), "{value}");
        let last = server.received().pop().map(|received| received.path);
        assert!(
            expected.is_none() || last.as_deref() == expected,
            "{last:?}"
        );
    }
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_request_that_leaves_the_server_is_not_sent() {
    let server = TestServer::start(hello).await;
    let client = HttpClient::new(&settings(&server)).unwrap();
    let mut outgoing = Outgoing::new(Method::GET, "/../admin");
    for place in [
        Place::Path("/../admin".to_owned()),
        Place::Path("//evil.example/x".to_owned()),
        Place::Link("http://evil.example/x".to_owned()),
    ] {
        outgoing.place = place;
        let result = client.request(Repeat::Freely, Patience::default(), &outgoing);
        let error = result.await.unwrap_err();
        assert_eq!(error.attempts, 0);
        assert!(
            matches!(
                error.failure,
                SendFailure::Unsendable {
                    error: OutgoingError::Climbs { .. } | OutgoingError::Elsewhere { .. },
                    ..
                }
            ),
            "{error:?}"
        );
    }
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn every_kind_of_credentials_is_sent_and_shown_nowhere() {
    for auth in kinds() {
        let server = TestServer::start(hello).await;
        let mut settings = settings(&server);
        settings.auth = auth.clone();
        let client = HttpClient::new(&settings).unwrap();
        let outgoing = Outgoing::new(Method::GET, "/x");
        let answer = client
            .request(Repeat::Freely, Patience::default(), &outgoing)
            .await
            .unwrap();
        let url = client.shown_url(&outgoing).unwrap();
        let shown = format!("{auth:?} {client:?} {answer:?} {url} {outgoing:?}");
        assert!(!shown.contains("hush"), "{shown}");
        let received = &server.received()[0];
        match auth {
            Auth::Basic { .. } => assert!(received.header("authorization").is_some()),
            Auth::Bearer(_) => {
                assert_eq!(received.header("authorization"), Some("Bearer hush/1234"));
            }
            Auth::Header { .. } => {
                assert_eq!(received.header("x-key"), Some("Splunk hush/1234"));
            }
            Auth::QueryParameter { .. } => assert_eq!(received.path, "/base/x?key=hush%2F1234"),
            Auth::SigV4(_) => {
                let authorization = received.header("authorization").unwrap();
                assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"));
                assert_eq!(received.header("x-amz-security-token"), Some("hush/1234"));
            }
            Auth::None | Auth::OAuth2(_) => unreachable!(),
        }
    }
}

#[tokio::test]
async fn no_error_shows_the_credentials_also_where_the_server_echoes_them() {
    for auth in kinds() {
        let server = TestServer::start(|number, request| match number {
            0 => Reply::Raw(b"hush/1234 is no HTTP\r\n\r\n".to_vec()),
            1 => Reply::new(307, "text/plain", "").header("Location", "http://evil/hush%2F1234"),
            2 => Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhush".to_vec()),
            _ => Reply::new(500, "text/plain", format!("{request:?}")),
        })
        .await;
        let mut settings = settings(&server);
        settings.retry.attempts = 1;
        settings.auth = auth;
        for number in 0..3 {
            let error = get(&settings).await.unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hush"), "{number}: {shown}");
        }
        let client = HttpClient::new(&settings).unwrap();
        let answer = get(&settings).await.unwrap();
        let shown = client.redactor().excerpt(&answer.body, 10_000);
        assert!(shown.contains("***") && !shown.contains("hush"), "{shown}");
    }
}

#[tokio::test]
async fn no_kind_of_credentials_follows_a_redirect_to_another_host() {
    let stranger = TestServer::start(hello).await;
    for auth in kinds() {
        let target = format!("{}/in", stranger.url());
        let server = TestServer::start(move |_, _| {
            Reply::new(307, "text/plain", "").header("Location", &target)
        })
        .await;
        let mut settings = settings(&server);
        settings.auth = auth;
        let error = get(&settings).await.unwrap_err();
        assert!(
            matches!(error.failure, SendFailure::Redirected { .. }),
            "{error:?}"
        );
    }
    assert_eq!(stranger.received().len(), 0);
}

#[tokio::test]
async fn a_request_may_be_more_patient_or_less_than_its_connection() {
    let server = TestServer::start(|_, request| match request.path.as_str() {
        "/base/hang" => Reply::Hang,
        _ => Reply::new(503, "text/plain", "later"),
    })
    .await;
    let client = HttpClient::new(&settings(&server)).unwrap();
    let patience = Patience {
        timeout: Some(Duration::from_millis(20)),
        attempts: Some(5),
        ..Patience::default()
    };
    let outgoing = Outgoing::new(Method::GET, "/busy");
    let answer = client.request(Repeat::Freely, patience, &outgoing).await;
    assert_eq!(answer.unwrap().attempts, 5);
    let outgoing = Outgoing::new(Method::GET, "/hang");
    let patience = Patience {
        attempts: Some(1),
        ..patience
    };
    let error = client.request(Repeat::Freely, patience, &outgoing).await;
    let error = error.unwrap_err();
    assert_eq!(error.attempts, 1);
    assert_eq!(
        error.to_string(),
        format!("no complete answer from {} within 20ms", server.address())
    );
}

#[tokio::test]
async fn a_header_of_the_vendor_says_how_long_to_wait() {
    for (header, value) in [
        (
            RateLimitHeader::SecondsUntil("X-RateLimit-Reset".to_owned()),
            "1",
        ),
        (
            RateLimitHeader::EpochMicroseconds("X-RateLimit-Reset".to_owned()),
            "784111778000000",
        ),
    ] {
        let server = TestServer::start(move |number, _| match number {
            0 => Reply::new(429, "text/plain", "later")
                .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
                .header("X-RateLimit-Reset", value),
            _ => Reply::new(200, "text/plain", "now"),
        })
        .await;
        let mut settings = settings(&server);
        settings.rate_limit = header.clone();
        settings.retry.max = Duration::from_secs(2);
        let answer = get(&settings).await.unwrap();
        assert_eq!((answer.status, answer.attempts), (200, 2));
        assert!(answer.elapsed >= Duration::from_secs(1), "{header:?}");
    }
}

#[tokio::test]
async fn the_header_of_the_vendor_counts_only_where_there_were_too_many_requests() {
    let server = TestServer::start(|number, _| match number {
        0 => Reply::new(500, "text/plain", "oops").header("X-RateLimit-Reset", "59"),
        _ => Reply::new(200, "text/plain", "now"),
    })
    .await;
    let mut settings = settings(&server);
    settings.rate_limit = RateLimitHeader::SecondsUntil("X-RateLimit-Reset".to_owned());
    assert_eq!(get(&settings).await.unwrap().attempts, 2);
}

#[tokio::test]
async fn headers_of_the_answer_are_kept_as_far_as_they_fit() {
    let server = TestServer::start(|_, _| {
        let long = "x".repeat(40 * 1024);
        Reply::new(200, "text/plain", "")
            .header("Link", "</a>; rel=\"prev\"")
            .header("link", "</b>; rel=\"next\"")
            .header("Set-Cookie", "session=1")
            .header("X-One", &long)
            .header("X-Two", &long)
            .header("X-Three", "3")
    })
    .await;
    let answer = get(&settings(&server)).await.unwrap();
    assert_eq!(
        answer.header("LINK"),
        Some("</a>; rel=\"prev\", </b>; rel=\"next\"")
    );
    assert_eq!(answer.header("x-three"), Some("3"));
    assert_eq!(answer.header("set-cookie"), None);
    let bytes: usize = answer.headers.iter().map(|(k, v)| k.len() + v.len()).sum();
    assert!(bytes <= 64 * 1024);
    assert!(answer.header("x-one").is_some() && answer.header("x-two").is_none());
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_time_of_one_attempt() {
    let server = TestServer::start(|_, _| Reply::Dripping(Duration::from_millis(5))).await;
    let mut settings = settings(&server);
    settings.retry.attempts = 1;
    settings.timeout = Duration::from_millis(60);
    let error = get(&settings).await.unwrap_err();
    assert!(
        matches!(error.failure, SendFailure::Timeout { .. }),
        "{error:?}"
    );
    assert!(error.elapsed >= settings.timeout);
}

#[tokio::test]
async fn a_head_without_an_end_is_cut_off() {
    let server = TestServer::start(|_, _| Reply::EndlessHead).await;
    let mut settings = settings(&server);
    settings.retry.attempts = 1;
    let error = get(&settings).await.unwrap_err();
    assert!(
        matches!(error.failure, SendFailure::Broken { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_content_length_that_lies_is_no_longer_body() {
    let raw = |text: &str| Reply::Raw(text.as_bytes().to_vec());
    for (reply, expected) in [
        (
            raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello"),
            Some("he"),
        ),
        (
            raw("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551614\r\n\r\nhello"),
            None,
        ),
        (
            raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\nhello"),
            None,
        ),
        (
            raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\nhello"),
            None,
        ),
        (
            raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
            None,
        ),
    ] {
        let shown = format!("{reply:?}");
        let server = TestServer::start(move |_, _| reply.clone()).await;
        let mut settings = settings(&server);
        settings.retry.attempts = 1;
        match (get(&settings).await, expected) {
            (Ok(answer), Some(expected)) => assert_eq!(answer.body, expected.as_bytes()),
            (Err(error), None) => assert!(
                matches!(error.failure, SendFailure::Broken { .. }),
                "{error:?}"
            ),
            (result, _) => panic!("{shown}: {result:?}"),
        }
    }
}
