//! Tokens against servers on this machine: one gives them out, the other wants them.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Barrier;

use super::request_tests::{get, settings};
use super::test_server::{Received, Reply, TestServer};
use super::{
    Answer, Auth, BuildError, ClientCredentials, ClientStyle, ConnectionSettings, HeaderText,
    HttpClient, Method, Outgoing, Patience, Repeat, Secret, SendError, SendFailure, TokenTrouble,
    TokenUrl,
};

const SECRET: &str = "hush/1234";

/// Gives out the tokens `token-0`, `token-1` and so on.
async fn issuer(expires_in: &'static str) -> TestServer {
    TestServer::start(move |number, _| granted(number, expires_in)).await
}

fn granted(number: usize, expires_in: &str) -> Reply {
    let body = format!(
        r#"{{"access_token": "token-{number}", "token_type": "bearer", "expires_in": {expires_in}}}"#
    );
    Reply::json(200, &body)
}

fn credentials(issuer: &TestServer) -> ClientCredentials {
    let url = format!("{}/oauth2/token?version=2", issuer.url());
    ClientCredentials::new(TokenUrl::parse(&url).unwrap(), "me", Secret::new(SECRET))
}

fn with_token(server: &TestServer, credentials: ClientCredentials) -> ConnectionSettings {
    let mut settings = settings(server);
    settings.auth = Auth::OAuth2(Box::new(credentials));
    settings
}

async fn ask(client: &HttpClient) -> Result<Answer, SendError> {
    let outgoing = Outgoing::new(Method::GET, "/x");
    let result = client.request(Repeat::Freely, Patience::default(), &outgoing);
    result.await
}

fn hello(_: usize, _: &Received) -> Reply {
    Reply::new(200, "text/plain", "hello")
}

/// Returns the tokens that came, in order.
fn tokens(server: &TestServer) -> Vec<String> {
    let received = server.received();
    let tokens = received.iter().filter_map(|r| r.header("authorization"));
    tokens.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_settings_say_and_used_again() {
    let (issuer, server) = (issuer("3600").await, TestServer::start(hello).await);
    let mut credentials = credentials(&issuer);
    credentials.scope = Some("storage:metrics:read storage:logs:read".to_owned());
    credentials.audience = Some("api".to_owned());
    credentials.resource = Some("urn:dtenvironment:abc".to_owned());
    credentials.extra = vec![("tenant".to_owned(), "t&1".to_owned())];
    let mut settings = with_token(&server, credentials);
    let key = HeaderText::Secret(Secret::new("for the server only"));
    settings.headers = vec![("X-Key".to_owned(), key)];
    let client = HttpClient::new(&settings).unwrap();
    for _ in 0..3 {
        assert_eq!(ask(&client).await.unwrap().status, 200);
    }
    assert_eq!(tokens(&server), ["Bearer token-0"; 3]);
    let asked = issuer.received();
    assert_eq!(asked.len(), 1);
    let [asked] = asked.as_slice() else {
        unreachable!()
    };
    assert_eq!(
        (asked.method.as_str(), asked.path.as_str()),
        ("POST", "/oauth2/token?version=2")
    );
    for (name, expected) in [
        ("grant_type", "client_credentials"),
        ("client_id", "me"),
        ("client_secret", SECRET),
        ("scope", "storage:metrics:read storage:logs:read"),
        ("audience", "api"),
        ("resource", "urn:dtenvironment:abc"),
        ("tenant", "t&1"),
    ] {
        assert_eq!(asked.form(name).as_deref(), Some(expected));
    }
    assert_eq!(asked.header("authorization"), None);
    assert_eq!(asked.header("x-key"), None);
    assert_eq!(
        server.received()[0].header("x-key"),
        Some("for the server only")
    );
}

#[tokio::test]
async fn a_client_may_name_itself_in_a_header() {
    let (issuer, server) = (issuer("3600").await, TestServer::start(hello).await);
    let mut credentials = credentials(&issuer);
    credentials.style = ClientStyle::Basic;
    get(&with_token(&server, credentials)).await.unwrap();
    let asked = &issuer.received()[0];
    // me:hush%2F1234
    assert_eq!(
        asked.header("authorization"),
        Some("Basic bWU6aHVzaCUyRjEyMzQ=")
    );
    assert_eq!(asked.form("client_id"), None);
    assert_eq!(asked.form("client_secret"), None);
}

#[tokio::test]
async fn many_requests_wait_for_one_token() {
    // Nobody is answered before all ten have arrived, so all of them start without a token.
    let barrier = Arc::new(Barrier::new(10));
    let server = TestServer::start(move |_, _| {
        Reply::Together(
            Arc::clone(&barrier),
            Box::new(Reply::new(200, "text/plain", "")),
        )
    })
    .await;
    let issuer = issuer("3600").await;
    let client = HttpClient::new(&with_token(&server, credentials(&issuer))).unwrap();
    let results = join_all((0..10).map(|_| ask(&client))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(issuer.received().len(), 1);
    assert_eq!(issuer.most_in_flight(), 1);
}

#[tokio::test]
async fn those_who_waited_for_a_token_that_never_came_do_not_ask_again() {
    let server = TestServer::start(hello).await;
    let issuer = TestServer::start(|_, _| Reply::json(401, r#"{"error": "invalid_client"}"#)).await;
    let client = HttpClient::new(&with_token(&server, credentials(&issuer))).unwrap();
    let results = join_all((0..10).map(|_| ask(&client))).await;
    assert!(results.iter().all(Result::is_err), "{results:?}");
    assert_eq!(issuer.received().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_over_is_replaced() {
    for expires_in in ["0", "\"0\"", "-5"] {
        let (issuer, server) = (issuer(expires_in).await, TestServer::start(hello).await);
        let client = HttpClient::new(&with_token(&server, credentials(&issuer))).unwrap();
        ask(&client).await.unwrap();
        ask(&client).await.unwrap();
        assert_eq!(tokens(&server), ["Bearer token-0", "Bearer token-1"]);
    }
}

#[tokio::test]
async fn how_long_a_token_is_good_may_be_text_or_missing() {
    for expires_in in ["\"3600\"", "3600.5", "null", "1e300", "\"soon\""] {
        let (issuer, server) = (issuer(expires_in).await, TestServer::start(hello).await);
        let client = HttpClient::new(&with_token(&server, credentials(&issuer))).unwrap();
        ask(&client).await.unwrap();
        ask(&client).await.unwrap();
        assert_eq!(issuer.received().len(), 1, "{expires_in}");
    }
}

#[tokio::test]
async fn a_token_that_the_server_refuses_is_replaced_once() {
    let issuer = issuer("3600").await;
    let server = TestServer::start(|_, request| match request.header("authorization") {
        Some("Bearer token-1") => Reply::new(200, "text/plain", "now"),
        _ => Reply::new(401, "text/plain", "who are you?"),
    })
    .await;
    let client = HttpClient::new(&with_token(&server, credentials(&issuer))).unwrap();
    let answer = ask(&client).await.unwrap();
    assert_eq!((answer.status, answer.attempts), (200, 2));
    assert_eq!(tokens(&server), ["Bearer token-0", "Bearer token-1"]);
}

#[tokio::test]
async fn a_server_that_refuses_every_token_does_not_make_us_fetch_one_for_every_request() {
    let issuer = issuer("3600").await;
    let server = TestServer::start(|_, _| Reply::new(401, "text/plain", "no")).await;
    let client = HttpClient::new(&with_token(&server, credentials(&issuer))).unwrap();
    for _ in 0..5 {
        assert_eq!(ask(&client).await.unwrap().status, 401);
    }
    assert_eq!(issuer.received().len(), 2);
}

#[tokio::test]
async fn a_token_that_was_good_once_may_be_replaced_again() {
    let issuer = issuer("3600").await;
    // Every token is good for one request.
    let server = TestServer::start(|number, request| {
        let token = request.header("authorization").unwrap_or_default();
        let expected = format!("Bearer token-{}", number.div_ceil(2));
        Reply::new(if token == expected { 200 } else { 401 }, "text/plain", "")
    })
    .await;
    let client = HttpClient::new(&with_token(&server, credentials(&issuer))).unwrap();
    for _ in 0..3 {
        assert_eq!(ask(&client).await.unwrap().status, 200);
    }
    assert_eq!(issuer.received().len(), 3);
}

#[tokio::test]
async fn why_there_is_no_token_is_said_without_the_secret() {
    let cases: [(Reply, &str); 7] = [
        (
            Reply::json(200, r#"{"error": "bad_verification hush/1234"}"#),
            "it answered 200: bad_verification ***",
        ),
        (
            Reply::json(
                401,
                r#"{"error": "invalid_client", "error_description": "no client me with hush/1234"}"#,
            ),
            "it answered 401: invalid_client, no client me with ***",
        ),
        (
            Reply::new(400, "text/html", "<p>hush%2F1234</p>"),
            "it answered 400: <p>***</p>",
        ),
        (
            Reply::json(200, r#"{"token": "hush/1234"}"#),
            "its answer holds no `access_token`",
        ),
        (
            Reply::json(200, r#"{"access_token": "a\nb"}"#),
            "its `access_token` cannot be sent in a header",
        ),
        (
            Reply::json(200, r#"{"access_token": "abcd", "token_type": "mac abcd"}"#),
            "its token is of the type `mac ***`, where `Bearer` is known only",
        ),
        (
            Reply::new(302, "text/plain", "").header("Location", "http://evil.example/hush%2F1234"),
            "HOST redirected to http://evil.example/***",
        ),
    ];
    let server = TestServer::start(hello).await;
    for (reply, expected) in cases {
        let issuer = TestServer::start(move |_, _| reply.clone()).await;
        let host = issuer.address().to_string();
        let error = get(&with_token(&server, credentials(&issuer))).await;
        let error = error.unwrap_err();
        let expected = expected.replace("HOST", &host);
        assert_eq!(
            error.to_string(),
            format!("cannot get a token from {host}: {expected}")
        );
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
        assert_eq!(error.attempts, 1);
        assert!(error.failure.hint().is_some());
    }
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn a_server_for_tokens_that_may_do_better_is_asked_again() {
    let server = TestServer::start(hello).await;
    let issuer = TestServer::start(|number, _| match number {
        0 => Reply::new(503, "text/plain", "later"),
        1 => Reply::Close,
        _ => granted(number, "3600"),
    })
    .await;
    let answer = get(&with_token(&server, credentials(&issuer))).await;
    assert_eq!(answer.unwrap().attempts, 3);
    assert_eq!(tokens(&server), ["Bearer token-2"]);
}

#[tokio::test]
async fn an_endless_answer_and_none_at_all_end_within_the_limits() {
    let server = TestServer::start(hello).await;
    for (reply, expected) in [
        (Reply::Endless(200), "is larger than 262144 bytes"),
        (Reply::Hang, "within 50ms"),
    ] {
        let issuer = TestServer::start(move |_, _| reply.clone()).await;
        let mut settings = with_token(&server, credentials(&issuer));
        settings.retry.attempts = 1;
        if expected.contains("ms") {
            settings.timeout = Duration::from_millis(50);
        }
        let error = get(&settings).await.unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
        assert!(
            matches!(
                error.failure,
                SendFailure::Token {
                    trouble: TokenTrouble::Unreachable(_),
                    ..
                }
            ),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_token_that_comes_back_is_shown_nowhere() {
    let issuer = issuer("3600").await;
    let server = TestServer::start(|_, request| {
        Reply::new(
            500,
            "text/plain",
            request.header("authorization").unwrap_or_default(),
        )
    })
    .await;
    let mut settings = with_token(&server, credentials(&issuer));
    settings.retry.attempts = 1;
    let client = HttpClient::new(&settings).unwrap();
    let answer = ask(&client).await.unwrap();
    assert_eq!(answer.body, b"Bearer token-0");
    assert_eq!(client.redactor().excerpt(&answer.body, 100), "Bearer ***");
}

#[tokio::test]
async fn no_token_follows_a_redirect_to_another_host() {
    let (issuer, stranger) = (issuer("3600").await, TestServer::start(hello).await);
    let target = stranger.url();
    let server = TestServer::start(move |_, _| {
        Reply::new(307, "text/plain", "").header("Location", &target)
    })
    .await;
    let error = get(&with_token(&server, credentials(&issuer))).await;
    let failure = error.unwrap_err().failure;
    assert!(
        matches!(failure, SendFailure::Redirected { .. }),
        "{failure:?}"
    );
    assert_eq!(stranger.received().len(), 0);
}

#[tokio::test]
async fn a_server_for_tokens_that_is_not_allowed_is_not_asked() {
    let (issuer, server) = (issuer("3600").await, TestServer::start(hello).await);
    let mut settings = with_token(&server, credentials(&issuer));
    settings.allowed_hosts = vec![server.address().to_string()];
    let error = HttpClient::new(&settings).unwrap_err();
    let BuildError::HostNotAllowed { host, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(host, issuer.address().to_string());
    settings.allowed_hosts.push(issuer.address().to_string());
    assert_eq!(get(&settings).await.unwrap().status, 200);
}
