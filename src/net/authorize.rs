//! Credentials that are put into a request when it leaves, because they depend on it or on the time.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Request};

use super::auth::{Auth, SigningKey};
use super::failure::SendFailure;
use super::redact::Redactor;
use super::secret::Secret;
use super::token::TokenSource;
use super::{clock, outgoing, sigv4};

/// Puts credentials into a request.
pub(super) enum Authorizer {
    /// There is nothing to do: headers of every request carry them, if there are any.
    Headers,
    /// Adds a parameter.
    Parameter {
        /// Its name.
        name: String,
        /// Its value.
        value: Secret,
    },
    /// Adds a token.
    Token(Box<TokenSource>),
    /// Signs. The headers of every request are signed, too.
    Signature {
        /// With what.
        key: SigningKey,
        /// The headers of every request.
        headers: HeaderMap,
    },
}

impl Authorizer {
    /// Makes one. `token_client` sends requests for tokens.
    pub(super) fn new<E>(
        auth: &Auth,
        headers: &HeaderMap,
        redactor: &Redactor,
        token_client: impl FnOnce(&url::Url) -> Result<Client, E>,
    ) -> Result<Self, E> {
        Ok(match auth {
            Auth::None | Auth::Basic { .. } | Auth::Bearer(_) | Auth::Header { .. } => {
                Self::Headers
            }
            Auth::QueryParameter { name, value } => Self::Parameter {
                name: name.clone(),
                value: value.clone(),
            },
            Auth::OAuth2(credentials) => {
                let client = token_client(credentials.token_url.url())?;
                let source = TokenSource::new(client, credentials, redactor.clone());
                Self::Token(Box::new(source))
            }
            Auth::SigV4(key) => Self::Signature {
                key: key.clone(),
                headers: headers.clone(),
            },
        })
    }

    /// Puts the credentials into a request; returns the token that it used.
    pub(super) async fn authorize(
        &self,
        request: &mut Request,
        host: &str,
        timeout: Duration,
    ) -> Result<Option<Secret>, SendFailure> {
        match self {
            Self::Headers => Ok(None),
            Self::Parameter { name, value } => {
                let secret = value.expose().trim().to_owned();
                outgoing::add_query(request.url_mut(), &[(name.clone(), secret)]);
                Ok(None)
            }
            Self::Token(source) => {
                let token = source.token(timeout).await?;
                let text = format!("Bearer {}", token.expose().trim());
                let Ok(mut value) = HeaderValue::from_str(&text) else {
                    return Err(unsendable(host, "the token cannot be put into a header"));
                };
                value.set_sensitive(true);
                request.headers_mut().insert(AUTHORIZATION, value);
                Ok(Some(token))
            }
            Self::Signature { key, headers } => {
                for (name, value) in headers {
                    if !request.headers().contains_key(name) {
                        request.headers_mut().insert(name, value.clone());
                    }
                }
                sigv4::sign(request, key, clock::now())
                    .map(|()| None)
                    .ok_or_else(|| unsendable(host, "the AWS key cannot be put into a header"))
            }
        }
    }

    /// Hears what the server answered to a token; tells whether to ask once more, with another one.
    pub(super) fn answered(&self, token: Option<&Secret>, status: u16) -> bool {
        match (self, token) {
            (Self::Token(source), Some(token)) if status == 401 => source.refused(token),
            (Self::Token(source), Some(token)) => {
                source.accepted(token);
                false
            }
            (Self::Token(_), None) => false,
            (Self::Headers | Self::Parameter { .. } | Self::Signature { .. }, _) => false,
        }
    }
}

/// Says that credentials do not fit into a request.
fn unsendable(host: &str, cause: &str) -> SendFailure {
    SendFailure::Request {
        host: host.to_owned(),
        cause: cause.to_owned(),
    }
}
