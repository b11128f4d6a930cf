//! Tokens that another server gives out: fetched once, shared by all requests, and fetched again when they are over.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use tokio::time::Instant;

use super::answer::{Arriving, BodyError};
use super::auth::{ClientCredentials, ClientStyle};
use super::failure::SendFailure;
use super::rate_limit::RateLimitHeader;
use super::redact::Redactor;
use super::secret::Secret;
use super::settings::host_and_port;

/// How large an answer with a token may be.
const LIMIT: usize = 256 * 1024;
/// How much of what the server says is shown.
const SHOWN_BYTES: usize = 300;
/// How long before its end a token is not used any more; of a short-lived one, a tenth of its life.
const MARGIN: Duration = Duration::from_secs(60);
/// How long a token is used whose server does not say how long it is good.
const UNSTATED_LIFE: Duration = Duration::from_secs(300);
/// How long a token is used at most, whatever its server says.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Fetches tokens and keeps them as long as they are good.
pub(super) struct TokenSource {
    /// The client of the library, without any credentials.
    http: Client,
    /// What to ask for.
    credentials: ClientCredentials,
    /// `host:port` of the server, for messages.
    host: String,
    /// Learns every token.
    redactor: Redactor,
    /// Whoever holds it fetches.
    turn: tokio::sync::Mutex<()>,
    /// What came of it so far.
    state: Mutex<State>,
}

/// What came of fetching so far.
#[derive(Default)]
struct State {
    /// The token.
    token: Option<Token>,
    /// How often a fetch ended.
    fetches: u64,
    /// Why the last fetch failed.
    failure: Option<SendFailure>,
    /// What the next token is.
    next: Standing,
}

/// A token.
struct Token {
    /// Its text.
    text: Secret,
    /// When to use it no more.
    until: Instant,
    /// Whether it may be replaced before.
    standing: Standing,
}

/// Whether a token that is refused is worth another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    /// It is: perhaps it was taken back.
    #[default]
    Trusted,
    /// It replaces one that was refused, and no server has accepted it yet: a third one would be refused, too.
    OnTrial,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenTrouble {
    /// No answer came.
    #[error("{0}")]
    Unreachable(Box<SendFailure>),
    /// The server answered something else.
    #[error("it answered {status}: {reason}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the server says, without secrets.
        reason: String,
    },
    /// The answer is not understood.
    #[error("{cause}")]
    Unreadable {
        /// What is wrong with it.
        cause: String,
    },
}

impl TokenTrouble {
    /// Returns advice, where there is some.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable(failure) => failure.hint(),
            Self::Refused { .. } => {
                Some("check `token_url`, `client_id`, `client_secret` and `scope`")
            }
            Self::Unreadable { .. } => Some("check `token_url`"),
        }
    }

    /// Tells whether asking again may do better in a moment.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(failure) => failure.may_pass(),
            Self::Refused { status, .. } => matches!(status, 429 | 500 | 502 | 503 | 504),
            Self::Unreadable { .. } => false,
        }
    }
}

/// What a server answers that gives out a token (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Granted {
    /// The token.
    access_token: String,
    /// Its kind.
    token_type: Option<String>,
    /// How many seconds it is good. Some servers write a string.
    expires_in: Option<serde_json::Value>,
}

/// What a server answers that gives out none (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Denied {
    /// The code.
    error: String,
    /// More about it.
    error_description: Option<String>,
}

impl TokenSource {
    /// Makes a source. Nothing is sent yet.
    pub(super) fn new(http: Client, credentials: &ClientCredentials, redactor: Redactor) -> Self {
        Self {
            http,
            host: host_and_port(credentials.token_url.url()),
            credentials: credentials.clone(),
            redactor,
            turn: tokio::sync::Mutex::default(),
            state: Mutex::default(),
        }
    }

    /// Returns a token that is good. Of many that wait for one, the first fetches it; the others share what comes of it.
    pub(super) async fn token(&self, timeout: Duration) -> Result<Secret, SendFailure> {
        let fetches = {
            let state = self.state();
            if let Some(token) = state.good() {
                return Ok(token);
            }
            state.fetches
        };
        let _turn = self.turn.lock().await;
        {
            let state = self.state();
            if let Some(token) = state.good() {
                return Ok(token);
            }
            if let Some(failure) = state.failure.as_ref().filter(|_| state.fetches != fetches) {
                return Err(failure.clone());
            }
        }
        let start = Instant::now();
        let result = self.fetch(timeout).await;
        self.keep(start, result)
    }

    /// Hears that a server has accepted a token.
    pub(super) fn accepted(&self, token: &Secret) {
        if let Some(known) = &mut self.state().token
            && known.text == *token
        {
            known.standing = Standing::Trusted;
        }
    }

    /// Hears that a server has refused a token; tells whether to try once more, with another one.
    pub(super) fn refused(&self, token: &Secret) -> bool {
        let mut state = self.state();
        match &state.token {
            Some(known) if known.text == *token => {
                if known.standing == Standing::OnTrial {
                    return false;
                }
                state.token = None;
                state.next = Standing::OnTrial;
                true
            }
            Some(_) | None => true,
        }
    }

    /// Keeps what came of a fetch that began at `start`.
    fn keep(
        &self,
        start: Instant,
        result: Result<(Secret, Duration), SendFailure>,
    ) -> Result<Secret, SendFailure> {
        let mut state = self.state();
        state.fetches += 1;
        match result {
            Ok((text, life)) => {
                let margin = MARGIN.min(life / 10);
                state.failure = None;
                state.token = Some(Token {
                    text: text.clone(),
                    until: start + life.saturating_sub(margin),
                    standing: std::mem::take(&mut state.next),
                });
                Ok(text)
            }
            Err(failure) => {
                state.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }

    /// Fetches a token; returns it, and how long it is good.
    async fn fetch(&self, timeout: Duration) -> Result<(Secret, Duration), SendFailure> {
        let exchange = async {
            let response = self.request().send().await;
            let response = response.map_err(|error| self.unreachable(&error, timeout))?;
            let arriving = Arriving::new(response, &RateLimitHeader::None);
            arriving.complete(LIMIT).await.map_err(|error| match error {
                BodyError::TooLarge => {
                    self.failure(TokenTrouble::Unreachable(Box::new(SendFailure::TooLarge {
                        host: self.host.clone(),
                        limit: LIMIT,
                    })))
                }
                BodyError::Broken(error) => self.unreachable(&error, timeout),
            })
        };
        let Ok(arrived) = tokio::time::timeout(timeout, exchange).await else {
            let failure = SendFailure::Timeout {
                host: self.host.clone(),
                limit: timeout,
            };
            return Err(self.failure(TokenTrouble::Unreachable(Box::new(failure))));
        };
        let answer = arrived?.answer;
        if !(200..300).contains(&answer.status) {
            return Err(self.failure(self.denied(answer.status, &answer.body)));
        }
        self.granted(answer.status, &answer.body)
    }

    /// Builds the request for a token.
    fn request(&self) -> RequestBuilder {
        let credentials = &self.credentials;
        let mut form = vec![("grant_type", "client_credentials")];
        let optional = [
            ("scope", &credentials.scope),
            ("audience", &credentials.audience),
            ("resource", &credentials.resource),
        ];
        for (name, value) in optional {
            form.extend(value.as_deref().map(|value| (name, value)));
        }
        let extra = credentials.extra.iter();
        form.extend(extra.map(|(name, value)| (name.as_str(), value.as_str())));
        let url = credentials.token_url.url().clone();
        let mut request = self.http.post(url).header(ACCEPT, "application/json");
        match credentials.style {
            ClientStyle::Body => {
                form.push(("client_id", &credentials.client_id));
                form.push(("client_secret", credentials.client_secret.expose()));
            }
            ClientStyle::Basic => {
                let pair = format!("Basic {}", STANDARD.encode(credentials.pair()));
                // Base64 has only characters that a header may have.
                if let Ok(mut value) = HeaderValue::from_str(&pair) {
                    value.set_sensitive(true);
                    request = request.header(AUTHORIZATION, value);
                }
            }
        }
        request.form(&form)
    }

    /// Reads an answer with a token, and lets the redactor learn it before anything else sees it.
    fn granted(&self, status: u16, body: &[u8]) -> Result<(Secret, Duration), SendFailure> {
        let unreadable = |cause: &str| {
            self.failure(TokenTrouble::Unreadable {
                cause: cause.to_owned(),
            })
        };
        // The text of the error is dropped: it may hold part of the token.
        let Ok(granted) = serde_json::from_slice::<Granted>(body) else {
            return Err(match serde_json::from_slice::<Denied>(body) {
                Ok(_) => self.failure(self.denied(status, body)),
                Err(_) => unreadable("its answer holds no `access_token`"),
            });
        };
        let Granted {
            access_token,
            token_type,
            expires_in,
        } = granted;
        let token = Secret::new(access_token);
        self.redactor.learn(&token);
        let sendable = HeaderValue::from_str(token.expose()).is_ok();
        if token.expose().trim().is_empty() || !sendable {
            return Err(unreadable("its `access_token` cannot be sent in a header"));
        }
        if let Some(kind) = token_type.filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            let kind = self.redactor.excerpt(kind.as_bytes(), SHOWN_BYTES);
            return Err(unreadable(&format!(
                "its token is of the type `{kind}`, where `Bearer` is known only"
            )));
        }
        Ok((token, life(expires_in.as_ref())))
    }

    /// Says what a refusal says.
    fn denied(&self, status: u16, body: &[u8]) -> TokenTrouble {
        let reason = match serde_json::from_slice::<Denied>(body) {
            Ok(Denied {
                error,
                error_description: Some(description),
            }) => format!("{error}, {description}"),
            Ok(Denied { error, .. }) => error,
            Err(_) => String::from_utf8_lossy(body).into_owned(),
        };
        TokenTrouble::Refused {
            status,
            reason: self.redactor.excerpt(reason.as_bytes(), SHOWN_BYTES),
        }
    }

    /// Says that no answer came.
    fn unreachable(&self, error: &reqwest::Error, timeout: Duration) -> SendFailure {
        let failure = SendFailure::of(error, self.host.clone(), timeout)
            .map_text(|text| self.redactor.redact(text));
        self.failure(TokenTrouble::Unreachable(Box::new(failure)))
    }

    /// Says that there is no token.
    fn failure(&self, trouble: TokenTrouble) -> SendFailure {
        SendFailure::Token {
            host: self.host.clone(),
            trouble,
        }
    }

    /// Returns what came so far. Nobody panics while holding it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Returns the token as long as it is good.
    fn good(&self) -> Option<Secret> {
        let token = self.token.as_ref();
        let good = token.filter(|token| Instant::now() < token.until);
        good.map(|token| token.text.clone())
    }
}

/// Returns how long a token is good.
fn life(expires_in: Option<&serde_json::Value>) -> Duration {
    let seconds = expires_in.and_then(|value| match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => value.as_f64(),
    });
    let Some(seconds) = seconds.filter(|seconds: &f64| !seconds.is_nan()) else {
        return UNSTATED_LIFE;
    };
    let seconds = seconds.clamp(0.0, LONGEST_LIFE.as_secs_f64());
    Duration::try_from_secs_f64(seconds).unwrap_or(UNSTATED_LIFE)
}
