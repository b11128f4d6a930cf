//! Credentials of every kind reach the server, and nobody else.

use super::{SECRET, ask, complaints, configured, failure, value};
use crate::net::test_server::{Received, Reply, TestServer};

/// One SLI.
const ONE: &str = "indicators: { a: x }";

/// Reads an entry with credentials.
fn entry(url: &str, auth: &str) -> crate::config::FileConfig {
    let text = format!(
        "providers:\n  api:\n    type: http\n    url: {url}\n    retry: {{ attempts: 1 }}\n    auth: {auth}\n    request: {{ path: /q, query: {{ q: '${{QUERY}}' }} }}\n    response: {{ extract: {{ jsonpath: $.v }} }}\n"
    );
    configured(&text, url)
}

/// Every kind of credentials, and what the server sees of it.
#[expect(clippy::type_complexity, reason = "a table of one test")]
const KINDS: [(&str, fn(&Received) -> bool); 8] = [
    ("{ basic: { user: ann, password: '${P}' } }", |request| {
        request
            .header("authorization")
            .is_some_and(|value| value.starts_with("Basic "))
    }),
    ("{ bearer: '${P}' }", |request| {
        request.header("authorization") == Some(&format!("Bearer {SECRET}"))
    }),
    ("{ header: { name: X-Key, value: '${P}' } }", |request| {
        request.header("x-key") == Some(SECRET)
    }),
    (
        "{ header: { name: Authorization, prefix: Token, value: '${P}' } }",
        |request| request.header("authorization") == Some(&format!("Token {SECRET}")),
    ),
    ("{ query_param: { name: key, value: '${P}' } }", |request| {
        request.parameter("key").as_deref() == Some(SECRET)
    }),
    (
        "{ oauth2_client_credentials: { token_url: '${T_URL}/token', client_id: me, client_secret: '${P}', scope: read, audience: them } }",
        |request| request.header("authorization") == Some("Bearer fresh-token-1"),
    ),
    (
        "{ oauth2_client_credentials: { token_url: '${T_URL}/token', client_id: me, client_secret: '${P}', style: basic } }",
        |request| request.header("authorization") == Some("Bearer fresh-token-1"),
    ),
    (
        "{ sigv4: { service: aps, region: eu-west-1, access_key_id: AKID, secret_access_key: '${P}', session_token: '${P}' } }",
        |request| {
            request.header("x-amz-security-token") == Some(SECRET)
                && request
                    .header("authorization")
                    .unwrap()
                    .starts_with("AWS4-HMAC-SHA256")
        },
    ),
];

/// Gives out a token, or what `then` says.
fn reply(request: &Received, then: impl FnOnce(&Received) -> Reply) -> Reply {
    if request.path == "/token" {
        return Reply::json(
            200,
            r#"{"access_token": "fresh-token-1", "token_type": "Bearer", "expires_in": 300}"#,
        );
    }
    then(request)
}

#[tokio::test]
async fn credentials_of_every_kind_reach_the_server() {
    for (auth, is_right) in KINDS {
        let server =
            TestServer::start(|_, request| reply(request, |_| Reply::json(200, r#"{"v": 1}"#)))
                .await;
        assert_eq!(value(&ask(&entry(&server.url(), auth), ONE).await[0]), 1.0);
        let received = server.received();
        assert!(is_right(received.last().unwrap()), "{auth}: {received:?}");
    }
}

#[tokio::test]
async fn no_reading_holds_a_secret_whatever_the_server_echoes() {
    for (auth, _) in KINDS {
        for status in [200, 400, 401, 500] {
            let server = TestServer::start(move |_, request| {
                reply(request, |request| {
                    let echo = format!("{SECRET} {request:?}");
                    Reply::new(status, "text/plain", echo)
                })
            })
            .await;
            let config = entry(&server.url(), auth);
            // `ask` looks for the secret in the readings.
            let readings = ask(&config, ONE).await;
            let (_, message) = failure(&readings[0]);
            assert!(!message.contains("fresh-token-1"), "{message}");
            assert!(message.contains("***"), "{auth}: {message}");
            let endpoint = readings[0].endpoint.as_deref().unwrap();
            assert!(endpoint.ends_with("/q?q=x"), "{endpoint}");
            super::assert_no_secret(&format!("{config:?}"));
        }
    }
}

#[tokio::test]
async fn a_token_server_that_refuses_gives_no_secret_away() {
    let (auth, _) = KINDS[5];
    let server = TestServer::start(|_, request| Reply::json(401, &format!("{request:?}"))).await;
    let readings = ask(&entry(&server.url(), auth), ONE).await;
    let (kind, message) = failure(&readings[0]);
    assert_eq!(kind, crate::gate::FailureKind::NotAuthorised, "{message}");
}

#[test]
fn wrong_credentials_are_told_without_showing_them() {
    let read = |auth: &str| {
        let text = format!(
            "providers:\n  api:\n    type: http\n    url: http://a\n    auth: {auth}\n    request: {{ path: /q }}\n    response: {{ extract: {{ text: true }} }}\n"
        );
        complaints(&text).join("\n")
    };
    let cases = [
        (
            "{ bearer: a, basic: { user: a, password: b } }",
            "`auth` has both `basic` and `bearer`",
        ),
        ("{ header: { value: hunter2 } }", "`header` needs a `name`"),
        (
            "{ oauth2_client_credentials: { client_id: a, client_secret: hunter2 } }",
            "needs a `token_url`",
        ),
        (
            "{ oauth2_client_credentials: { token_url: 'ftp://x', client_id: a, client_secret: hunter2 } }",
            "neither",
        ),
        (
            "{ sigv4: { service: es, access_key_id: a, secret_access_key: hunter2 } }",
            "`sigv4` needs a `region`",
        ),
        ("{ bearr: hunter2 }", "unknown key `bearr` in `auth`"),
        ("hunter2", "`auth` must be a mapping"),
    ];
    for (auth, wanted) in cases {
        let said = read(auth);
        assert!(said.contains(wanted), "{auth}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
