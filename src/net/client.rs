//! The client of one server.

use std::error::Error;
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, ClientBuilder, Request, Response};
use tokio::time::Instant;
use url::Url;

use super::address_policy::{AddressPolicy, Denied, GuardedResolver};
use super::answer::{Answer, Arrived, Arriving, BodyError};
use super::authorize::Authorizer;
use super::failure::{SendError, SendFailure};
use super::outgoing::{Outgoing, OutgoingError};
use super::patience::{Limits, Patience};
use super::rate_limit::RateLimitHeader;
use super::redact::Redactor;
use super::retry::Thousandths;
use super::secret::Secret;
use super::settings::{self, Checks, ConnectionSettings, TlsSettings};
use super::tls::{self, TlsSetupError};
use super::{headers, redirect};

/// Sends requests to one server, with its credentials, and asks again where that helps.
pub struct HttpClient {
    /// The client of the library, which adds the headers of every request.
    http: Client,
    /// Adds the credentials that are no such headers.
    authorizer: Authorizer,
    /// The base URL.
    base: Url,
    /// `host:port`, for messages.
    host: String,
    /// How patient to be.
    limits: Limits,
    /// Where the server says how long to wait, besides `Retry-After`.
    rate_limit: RateLimitHeader,
    /// How large an answer may be.
    max_response_bytes: usize,
    /// Takes the secrets out of what comes back.
    redactor: Redactor,
    /// Whether it checks the server's certificate.
    checks: Checks,
    /// Counts the waits, so that no two have the same random part.
    waits: AtomicU64,
}

/// Whether a request may be sent again after the server may have seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It changes nothing, or the same thing twice: it is repeated after any failure that may pass, and after the
    /// statuses 429, 500, 502, 503 and 504.
    Freely,
    /// It may do something twice: it is repeated only where the server certainly did not handle it, that is after
    /// failed connections and the statuses 429 and 503.
    Carefully,
}

/// A client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The credentials are for other hosts.
    #[error("the credentials may be sent to {} only, not to {host}", allowed.join(", "))]
    HostNotAllowed {
        /// `host:port` of the URL.
        host: String,
        /// The hosts that the credentials name.
        allowed: Vec<String>,
    },
    /// A header has a name or a value that HTTP does not know. The value is not shown.
    #[error(
        "header `{name}` cannot be sent: its name or its value has characters that HTTP forbids"
    )]
    Header {
        /// The name.
        name: String,
    },
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// The address must not be connected to.
    #[error("this must not be connected to: {0}")]
    Denied(String),
    /// The library refuses the settings.
    #[error("cannot set up the HTTP client")]
    Library(#[source] reqwest::Error),
}

impl From<Denied> for BuildError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied.to_string())
    }
}

impl HttpClient {
    /// Makes a client. For an `http` URL no certificate is read.
    pub fn new(settings: &ConnectionSettings) -> Result<Self, BuildError> {
        if let Some(host) = settings.stranger() {
            return Err(BuildError::HostNotAllowed {
                host,
                allowed: settings.allowed_hosts.clone(),
            });
        }
        settings.addresses.check(settings.url())?;
        tls::choose_cryptography();
        let headers = headers::of(settings)?;
        let redactor = Redactor::of(settings);
        let authorizer = Authorizer::new(&settings.auth, &headers, &redactor, |token_url| {
            settings.addresses.check(token_url)?;
            let builder = builder(&settings.tls, settings.concurrency, token_url)?;
            library(guarded(builder, &settings.addresses))
        })?;
        let builder = builder(&settings.tls, settings.concurrency, settings.url())?;
        let builder = guarded(builder, &settings.addresses).default_headers(headers);
        Ok(Self {
            http: library(builder)?,
            authorizer,
            base: settings.url().clone(),
            host: settings.host(),
            limits: Limits {
                timeout: settings.timeout,
                retry: settings.retry,
            },
            rate_limit: settings.rate_limit.clone(),
            max_response_bytes: settings.max_response_bytes,
            redactor,
            checks: settings.tls.checks(),
            waits: AtomicU64::new(0),
        })
    }

    /// Returns the redactor that knows the secrets of this connection.
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Returns how long one attempt may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.limits.timeout
    }

    /// Returns the base URL.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// Tells whether a request needs a token of another server.
    pub(super) fn uses_token(&self) -> bool {
        matches!(self.authorizer, Authorizer::Token(_))
    }

    /// Tells whether the server's certificate is checked.
    pub(super) fn checks(&self) -> Checks {
        self.checks
    }

    /// Returns where a request goes, as it may be shown: with its query, but without credentials.
    pub fn shown_url(&self, outgoing: &Outgoing) -> Result<String, OutgoingError> {
        let url = outgoing.url(&self.base)?;
        Ok(self.redactor.redact(url.as_str()))
    }

    /// Sends a request with the credentials, again and again where that helps, and reads the answer.
    ///
    /// An answer with any status is an answer: after the last attempt also a 429 or a 503 is returned as it is.
    pub async fn request(
        &self,
        repeat: Repeat,
        patience: Patience,
        outgoing: &Outgoing,
    ) -> Result<Answer, SendError> {
        let limits = self.limits.with(patience);
        let prepared = self.prepare(outgoing).map_err(|failure| SendError {
            failure,
            attempts: 0,
            elapsed: Duration::ZERO,
        })?;
        let attempt = || self.exchange(&prepared, limits.timeout);
        self.again(repeat, limits, attempt).await
    }

    /// Sends a request once, and tells how it came.
    pub(super) async fn observe(&self, outgoing: &Outgoing) -> Result<Arrived, SendFailure> {
        let prepared = self.prepare(outgoing)?;
        let authorized = self.authorized(&prepared, self.limits.timeout).await;
        authorized.map(|(_, arrived)| arrived)
    }

    /// Makes a request, without credentials.
    fn prepare(&self, outgoing: &Outgoing) -> Result<Request, SendFailure> {
        let prepared = outgoing.prepare(&self.base);
        prepared.map_err(|error| SendFailure::Unsendable {
            host: self.host.clone(),
            error,
        })
    }

    /// Makes attempts as long as that helps.
    async fn again<F>(
        &self,
        repeat: Repeat,
        limits: Limits,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<Answer, SendError>
    where
        F: Future<Output = Result<Arrived, SendFailure>> + Send,
    {
        let start = Instant::now();
        let (mut made, mut sent) = (0, 0);
        loop {
            let result = attempt().await;
            made += 1;
            sent += result.as_ref().map_or(1, |arrived| arrived.answer.attempts);
            if let Some(pause) = self.pause_after(repeat, limits, made, &result) {
                tokio::time::sleep(pause).await;
                continue;
            }
            let elapsed = start.elapsed();
            return match result {
                Ok(Arrived { answer, .. }) => Ok(Answer {
                    attempts: sent,
                    elapsed,
                    ..answer
                }),
                Err(failure) => Err(SendError {
                    failure,
                    attempts: sent,
                    elapsed,
                }),
            };
        }
    }

    /// Sends a request with the credentials; once more with a new token where the old one is refused.
    async fn exchange(
        &self,
        prepared: &Request,
        timeout: Duration,
    ) -> Result<Arrived, SendFailure> {
        let (token, arrived) = self.authorized(prepared, timeout).await?;
        if !self
            .authorizer
            .answered(token.as_ref(), arrived.answer.status)
        {
            return Ok(arrived);
        }
        let (token, mut arrived) = self.authorized(prepared, timeout).await?;
        self.authorizer
            .answered(token.as_ref(), arrived.answer.status);
        arrived.answer.attempts += 1;
        Ok(arrived)
    }

    /// Sends a request once with the credentials; returns the token that it used, too.
    async fn authorized(
        &self,
        prepared: &Request,
        timeout: Duration,
    ) -> Result<(Option<Secret>, Arrived), SendFailure> {
        let mut request = prepared.try_clone().ok_or_else(|| SendFailure::Request {
            host: self.host.clone(),
            cause: "its body cannot be sent twice".to_owned(),
        })?;
        let authorizer = &self.authorizer;
        let token = authorizer
            .authorize(&mut request, &self.host, timeout)
            .await?;
        let arrived = self.once(timeout, self.http.execute(request)).await?;
        Ok((token, arrived))
    }

    /// Sends one request and reads the answer, all within the time for one attempt.
    async fn once<E: Error + 'static>(
        &self,
        timeout: Duration,
        request: impl Future<Output = Result<Response, E>> + Send,
    ) -> Result<Arrived, SendFailure> {
        let exchange = async {
            let response = request.await.map_err(|error| self.failure(&error))?;
            let arriving = Arriving::new(response, &self.rate_limit);
            let arrived = arriving.complete(self.max_response_bytes).await;
            arrived.map_err(|error| self.body_failure(&error))
        };
        tokio::time::timeout(timeout, exchange)
            .await
            .unwrap_or_else(|_| {
                Err(SendFailure::Timeout {
                    host: self.host.clone(),
                    limit: timeout,
                })
            })
    }

    /// Returns how long to wait before the next attempt, or `None` where this one was the last.
    fn pause_after(
        &self,
        repeat: Repeat,
        limits: Limits,
        attempts: u32,
        result: &Result<Arrived, SendFailure>,
    ) -> Option<Duration> {
        let (may_pass, asked) = match (result, repeat) {
            (Ok(arrived), Repeat::Freely) => (
                matches!(arrived.answer.status, 429 | 500 | 502 | 503 | 504),
                arrived.retry_after,
            ),
            (Ok(arrived), Repeat::Carefully) => (
                matches!(arrived.answer.status, 429 | 503),
                arrived.retry_after,
            ),
            (Err(failure), Repeat::Freely) => (failure.may_pass(), None),
            (Err(failure), Repeat::Carefully) => {
                (failure.may_pass() && failure.is_before_sending(), None)
            }
        };
        if !may_pass {
            return None;
        }
        let index = self.waits.fetch_add(1, Ordering::Relaxed);
        let jitter = Thousandths::scatter(limits.retry.seed, index);
        limits.retry.pause(attempts, asked, jitter)
    }

    /// Sorts an error that came instead of a response.
    fn failure(&self, error: &(dyn Error + 'static)) -> SendFailure {
        SendFailure::of(error, self.host.clone(), self.limits.timeout)
            .map_text(|text| self.redactor.redact(text))
    }

    /// Sorts an error that came instead of a body.
    fn body_failure(&self, error: &BodyError) -> SendFailure {
        match error {
            BodyError::TooLarge => SendFailure::TooLarge {
                host: self.host.clone(),
                limit: self.max_response_bytes,
            },
            BodyError::Broken(error) => self.failure(error),
        }
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpClient")
            .field("host", &self.host)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Sets up the client of the library for the server of a URL, without any headers.
pub(super) fn builder(
    tls: &TlsSettings,
    concurrency: NonZeroUsize,
    url: &Url,
) -> Result<ClientBuilder, BuildError> {
    let mut builder = Client::builder()
        .user_agent(concat!("tidegate/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::policy())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(concurrency.get())
        .referer(false);
    if settings::is_loopback(url) {
        builder = builder.no_proxy();
    }
    Ok(match url.scheme() {
        "http" => tls::without(builder),
        _ => tls::with(builder, tls)?,
    })
}

/// Lets connections through only to where a policy allows them.
fn guarded(builder: ClientBuilder, policy: &AddressPolicy) -> ClientBuilder {
    match policy {
        AddressPolicy::Any => builder,
        AddressPolicy::Public { .. } => builder
            .no_proxy()
            .dns_resolver(Arc::new(GuardedResolver::new(policy.clone()))),
    }
}

/// Makes the client of the library.
pub(super) fn library(builder: ClientBuilder) -> Result<Client, BuildError> {
    builder.build().map_err(BuildError::Library)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use reqwest::Method;

    use super::*;
    use crate::net::Auth;
    use crate::net::test_server::{Reply, TestServer};

    /// The settings for a test server: three attempts, hardly any wait.
    fn settings(server: &TestServer) -> ConnectionSettings {
        let mut settings = ConnectionSettings::parse(&server.url()).unwrap();
        settings.auth = Auth::Bearer(Secret::new("token-1234"));
        settings.retry.base = Duration::from_millis(1);
        settings.retry.max = Duration::from_millis(5);
        settings.timeout = Duration::from_secs(20);
        settings.max_response_bytes = 1024 * 1024;
        settings
    }

    async fn get(settings: &ConnectionSettings) -> Result<Answer, SendError> {
        send(settings, Method::GET, Repeat::Freely).await
    }

    async fn send(
        settings: &ConnectionSettings,
        method: Method,
        repeat: Repeat,
    ) -> Result<Answer, SendError> {
        let client = HttpClient::new(settings).unwrap();
        let outgoing = Outgoing::new(method, "/path");
        let result = client.request(repeat, Patience::default(), &outgoing).await;
        assert!(!format!("{client:?} {result:?}").contains("token-1234"));
        result
    }

    #[tokio::test]
    async fn an_answer_carries_status_type_date_and_body() {
        let server = TestServer::start(|_, _| {
            Reply::new(404, "text/html", "<h1>no</h1>")
                .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
        })
        .await;
        let answer = get(&settings(&server)).await.unwrap();
        assert_eq!(answer.status, 404);
        assert_eq!(answer.content_type.as_deref(), Some("text/html"));
        assert_eq!(answer.date, "1994-11-06T08:49:37Z".parse().ok());
        assert_eq!(answer.body, b"<h1>no</h1>");
        assert_eq!(answer.attempts, 1);
        let received = server.received();
        assert_eq!(
            received[0].header("authorization"),
            Some("Bearer token-1234")
        );
    }

    #[tokio::test]
    async fn a_status_that_may_pass_is_asked_again() {
        for status in [429, 500, 502, 503, 504] {
            let server = TestServer::start(move |number, _| match number {
                0 | 1 => Reply::new(status, "text/plain", "later"),
                _ => Reply::new(200, "text/plain", "now"),
            })
            .await;
            let answer = get(&settings(&server)).await.unwrap();
            assert_eq!((answer.status, answer.attempts), (200, 3), "{status}");
        }
    }

    #[tokio::test]
    async fn after_the_last_attempt_the_status_is_returned_as_it_is() {
        let server = TestServer::start(|_, _| Reply::new(429, "text/plain", "later")).await;
        let answer = get(&settings(&server)).await.unwrap();
        assert_eq!((answer.status, answer.attempts), (429, 3));
        assert_eq!(server.received().len(), 3);
    }

    #[tokio::test]
    async fn other_statuses_are_not_asked_again() {
        for status in [400, 401, 403, 404, 405, 422, 501] {
            let server = TestServer::start(move |_, _| Reply::new(status, "text/plain", "")).await;
            assert_eq!(
                get(&settings(&server)).await.unwrap().attempts,
                1,
                "{status}"
            );
        }
    }

    #[tokio::test]
    async fn retry_after_is_obeyed_in_both_forms() {
        for value in ["1", "Sun, 06 Nov 1994 08:49:38 GMT"] {
            let server = TestServer::start(move |number, _| match number {
                0 => Reply::new(429, "text/plain", "later")
                    .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
                    .header("Retry-After", value),
                _ => Reply::new(200, "text/plain", "now"),
            })
            .await;
            let mut settings = settings(&server);
            settings.retry.max = Duration::from_secs(1);
            let answer = get(&settings).await.unwrap();
            assert_eq!((answer.status, answer.attempts), (200, 2));
            assert!(answer.elapsed >= Duration::from_secs(1), "{value}");
        }
    }

    #[tokio::test]
    async fn who_asks_for_more_patience_than_there_is_is_not_asked_again() {
        let busy = |_, _: &_| Reply::new(429, "text/plain", "").header("Retry-After", "99999");
        let server = TestServer::start(busy).await;
        let answer = get(&settings(&server)).await.unwrap();
        assert_eq!((answer.status, answer.attempts), (429, 1));
    }

    #[tokio::test]
    async fn what_may_act_twice_is_repeated_only_if_it_was_not_handled() {
        for (status, attempts) in [(429, 3), (503, 3), (500, 1), (502, 1), (504, 1)] {
            let server = TestServer::start(move |_, _| Reply::new(status, "text/plain", "")).await;
            let answer = send(&settings(&server), Method::POST, Repeat::Carefully).await;
            assert_eq!(answer.unwrap().attempts, attempts, "{status}");
        }
        let server = TestServer::start(|_, _| Reply::Close).await;
        let error = send(&settings(&server), Method::POST, Repeat::Carefully).await;
        assert_eq!(error.unwrap_err().attempts, 1);
    }

    #[tokio::test]
    async fn a_refused_connection_is_tried_again_and_named() {
        let server = TestServer::start(|_, _| Reply::Close).await;
        let settings = settings(&server);
        let host = server.address().to_string();
        drop(server);
        let error = get(&settings).await.unwrap_err();
        assert_eq!(error.attempts, 3);
        assert_eq!(
            error.to_string(),
            format!("cannot connect to {host}: connection refused")
        );
    }

    #[tokio::test]
    async fn an_unknown_host_is_told_from_a_refused_connection() {
        // A label of more than 63 letters has no address, and no resolver needs to be asked.
        let url = format!("http://{}.localhost", "a".repeat(64));
        let mut settings = ConnectionSettings::parse(&url).unwrap();
        settings.retry.attempts = 1;
        let error = get(&settings).await.unwrap_err();
        assert!(
            matches!(error.failure, SendFailure::Dns { .. }),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn a_server_that_hangs_times_out_on_every_attempt() {
        let server = TestServer::start(|_, _| Reply::Hang).await;
        let mut settings = settings(&server);
        settings.timeout = Duration::from_millis(30);
        let error = get(&settings).await.unwrap_err();
        assert_eq!(error.attempts, 3);
        let host = server.address();
        assert_eq!(
            error.to_string(),
            format!("no complete answer from {host} within 30ms")
        );
    }

    #[tokio::test]
    async fn a_connection_that_breaks_within_the_body_is_an_error() {
        let server = TestServer::start(|_, _| {
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec())
        })
        .await;
        let error = get(&settings(&server)).await.unwrap_err();
        assert!(
            matches!(error.failure, SendFailure::Broken { .. }),
            "{error:?}"
        );
        assert_eq!(error.attempts, 3);
    }

    #[tokio::test]
    async fn an_endless_answer_is_cut_off() {
        let server = TestServer::start(|_, _| Reply::Endless(200)).await;
        let error = get(&settings(&server)).await.unwrap_err();
        assert!(
            matches!(
                error.failure,
                SendFailure::TooLarge {
                    limit: 1_048_576,
                    ..
                }
            ),
            "{error:?}"
        );
        assert_eq!(error.attempts, 1);
    }

    #[tokio::test]
    async fn of_an_endless_error_page_the_beginning_is_kept() {
        let server = TestServer::start(|_, _| Reply::Endless(401)).await;
        let answer = get(&settings(&server)).await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (401, 64 * 1024));
    }

    #[tokio::test]
    async fn a_small_body_that_unpacks_to_a_huge_one_is_cut_off() {
        let bomb = include_bytes!("../../fixtures/net/ten-mebibytes-of-zeros.gz");
        let server = TestServer::start(move |_, _| {
            Reply::new(200, "application/json", bomb).header("Content-Encoding", "gzip")
        })
        .await;
        let error = get(&settings(&server)).await.unwrap_err();
        assert!(
            matches!(error.failure, SendFailure::TooLarge { .. }),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn a_redirect_to_another_host_is_an_error_and_the_token_stays_here() {
        let stranger = TestServer::start(|_, _| Reply::new(200, "text/plain", "got you")).await;
        for status in [301, 302, 303, 307, 308] {
            let target = format!("{}/in?secret=1", stranger.url());
            let server = TestServer::start(move |_, _| {
                Reply::new(status, "text/plain", "").header("Location", &target)
            })
            .await;
            let error = get(&settings(&server)).await.unwrap_err();
            let expected = format!("{} redirected to {}/in", server.address(), stranger.url());
            assert_eq!(error.to_string(), expected, "{status}");
            assert_eq!(error.failure.hint(), Some("is the URL right?"));
        }
        assert_eq!(stranger.received().len(), 0);
    }

    #[tokio::test]
    async fn a_redirect_on_the_same_host_that_repeats_the_request_is_followed() {
        let server = TestServer::start(|_, request| match request.path.as_str() {
            "/path" => Reply::new(307, "text/plain", "").header("Location", "/other"),
            _ => Reply::new(200, "text/plain", "here"),
        })
        .await;
        let answer = send(&settings(&server), Method::POST, Repeat::Freely).await;
        assert_eq!(answer.unwrap().body, b"here");
        let received = server.received();
        assert_eq!(received[1].method, "POST");
        assert_eq!(
            received[1].header("authorization"),
            Some("Bearer token-1234")
        );
    }

    #[tokio::test]
    async fn a_redirect_that_changes_the_request_or_never_ends_is_an_error() {
        for status in [302, 307] {
            let server = TestServer::start(move |_, _| {
                Reply::new(status, "text/plain", "").header("Location", "/path")
            })
            .await;
            let error = get(&settings(&server)).await.unwrap_err();
            assert!(
                matches!(error.failure, SendFailure::Redirected { .. }),
                "{error:?}"
            );
        }
    }

    #[test]
    fn credentials_go_to_no_host_that_they_do_not_name() {
        let mut settings = ConnectionSettings::parse("https://evil.example.org").unwrap();
        settings.allowed_hosts = vec!["prom.example.org".to_owned()];
        assert!(HttpClient::new(&settings).is_ok());
        settings.auth = Auth::Bearer(Secret::new("token-1234"));
        let error = HttpClient::new(&settings).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the credentials may be sent to prom.example.org only, not to evil.example.org:443"
        );
    }

    #[tokio::test]
    async fn credentials_with_any_character_are_sent_as_a_header_and_never_in_the_url() {
        let server = TestServer::start(|_, _| Reply::new(200, "text/plain", "")).await;
        let mut settings = settings(&server);
        settings.auth = Auth::Basic {
            user: "ann+bob".to_owned(),
            password: Secret::new("p w+@:%ü"),
        };
        let client = HttpClient::new(&settings).unwrap();
        let outgoing = Outgoing::new(Method::GET, "");
        let result = client.request(Repeat::Freely, Patience::default(), &outgoing);
        result.await.unwrap();
        let received = server.received();
        let expected = format!("Basic {}", STANDARD.encode("ann+bob:p w+@:%ü"));
        assert_eq!(received[0].header("authorization"), Some(expected.as_str()));
        assert_eq!(received[0].path, "/");
    }
}
