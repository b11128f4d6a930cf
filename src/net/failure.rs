//! Why no answer came: the error of the HTTP library, sorted by what a user can do about it.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::address_policy::Denied;
use super::outgoing::OutgoingError;
use super::redirect::Refused;
use super::token::TokenTrouble;

/// Nothing that could be used came back, after all attempts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{failure}")]
pub struct SendError {
    /// What went wrong in the last attempt.
    pub failure: SendFailure,
    /// How often the request was sent.
    pub attempts: u32,
    /// How long it took, all attempts and the waits between them together.
    pub elapsed: Duration,
}

/// What went wrong in one attempt. No text here holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFailure {
    /// The name of the host has no address.
    #[error("cannot find the address of {host}: {cause}")]
    Dns {
        /// `host:port`.
        host: String,
        /// What the resolver says.
        cause: String,
    },
    /// Nobody answers at the address.
    #[error("cannot connect to {host}: {cause}")]
    Connect {
        /// `host:port`.
        host: String,
        /// What the operating system says.
        cause: String,
    },
    /// The server, or this client, could not prove who it is.
    #[error("no secure connection to {host}: {trouble}")]
    Tls {
        /// `host:port`.
        host: String,
        /// What is wrong.
        trouble: TlsTrouble,
    },
    /// The attempt took too long.
    #[error("no complete answer from {host} within {limit:?}")]
    Timeout {
        /// `host:port`.
        host: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The connection broke, or what came is no HTTP.
    #[error("the exchange with {host} broke off: {cause}")]
    Broken {
        /// `host:port`.
        host: String,
        /// What happened.
        cause: String,
    },
    /// The answer does not end within the limit.
    #[error("the answer from {host} is larger than {limit} bytes")]
    TooLarge {
        /// `host:port`.
        host: String,
        /// The limit.
        limit: usize,
    },
    /// The server sends the request elsewhere.
    #[error("{host} redirected to {target}")]
    Redirected {
        /// `host:port`.
        host: String,
        /// The other place.
        target: String,
    },
    /// There is no token to send.
    #[error("cannot get a token from {host}: {trouble}")]
    Token {
        /// `host:port` of the server that gives out tokens.
        host: String,
        /// What is wrong.
        trouble: TokenTrouble,
    },
    /// The request cannot be sent as it is written.
    #[error("cannot make a request to {host}: {error}")]
    Unsendable {
        /// `host:port`.
        host: String,
        /// What is wrong with it.
        error: OutgoingError,
    },
    /// The address must not be connected to.
    #[error("{host} must not be connected to: {reason}")]
    Denied {
        /// `host:port`.
        host: String,
        /// Why.
        reason: String,
    },
    /// The request itself could not be put together.
    #[error("cannot make a request to {host}: {cause}")]
    Request {
        /// `host:port`.
        host: String,
        /// What is wrong with it.
        cause: String,
    },
}

impl SendFailure {
    /// Returns advice, where there is some.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Dns { .. } => Some("is the host in the URL spelled right?"),
            Self::Connect { .. } => Some("is the server running, and does a firewall let you in?"),
            Self::Tls { trouble, .. } => trouble.hint(),
            Self::Timeout { .. } => Some("set a longer `timeout`, or ask for less"),
            Self::TooLarge { .. } => Some("ask for less: aggregate in the query"),
            Self::Redirected { .. } => Some("is the URL right?"),
            Self::Token { trouble, .. } => trouble.hint(),
            Self::Unsendable { .. } => Some("correct the request in the settings of the provider"),
            Self::Denied { .. } => Some("whoever runs tidegate can allow it in the configuration"),
            Self::Broken { .. } | Self::Request { .. } => None,
        }
    }

    /// Tells whether the same request may do better in a moment.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Dns { .. } | Self::Connect { .. } => true,
            Self::Timeout { .. } | Self::Broken { .. } => true,
            Self::Tls { .. } | Self::TooLarge { .. } => false,
            Self::Redirected { .. } | Self::Request { .. } => false,
            Self::Token { trouble, .. } => trouble.may_pass(),
            Self::Unsendable { .. } | Self::Denied { .. } => false,
        }
    }

    /// Tells whether the request certainly never reached the server.
    pub fn is_before_sending(&self) -> bool {
        match self {
            Self::Dns { .. } | Self::Connect { .. } => true,
            Self::Tls { .. } | Self::Request { .. } => true,
            Self::Token { .. } | Self::Unsendable { .. } | Self::Denied { .. } => true,
            Self::Timeout { .. } | Self::Broken { .. } => false,
            Self::TooLarge { .. } | Self::Redirected { .. } => false,
        }
    }

    /// Passes what others have written through a filter.
    pub(super) fn map_text(mut self, filter: impl Fn(&str) -> String) -> Self {
        match &mut self {
            Self::Dns { cause, .. }
            | Self::Connect { cause, .. }
            | Self::Broken { cause, .. }
            | Self::Request { cause, .. }
            | Self::Redirected { target: cause, .. }
            | Self::Tls {
                trouble: TlsTrouble::Other { cause },
                ..
            } => *cause = filter(cause),
            Self::Tls { .. } | Self::Timeout { .. } | Self::TooLarge { .. } => {}
            Self::Token { .. } | Self::Unsendable { .. } | Self::Denied { .. } => {}
        }
        self
    }

    /// Sorts an error of the HTTP library, also one that another library has wrapped.
    pub(super) fn of(error: &(dyn Error + 'static), host: String, limit: Duration) -> Self {
        if let Some(Refused { target }) = find(error) {
            let target = target.clone();
            return Self::Redirected { host, target };
        }
        if let Some(denied) = find::<Denied>(error) {
            let reason = denied.to_string();
            return Self::Denied { host, reason };
        }
        if let Some(trouble) = find(error).map(TlsTrouble::of) {
            return Self::Tls { host, trouble };
        }
        let cause = root_cause(error);
        let Some(request) = find::<reqwest::Error>(error) else {
            return Self::Request { host, cause };
        };
        if request.is_timeout() {
            Self::Timeout { host, limit }
        } else if request.is_dns() {
            Self::Dns { host, cause }
        } else if request.is_connect() {
            Self::Connect { host, cause }
        } else if request.is_builder() {
            Self::Request { host, cause }
        } else {
            Self::Broken { host, cause }
        }
    }
}

/// Why there is no secure connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsTrouble {
    /// No certificate that is trusted vouches for the server.
    #[error("its certificate is signed by an unknown authority")]
    UnknownIssuer,
    /// The certificate is for other names.
    #[error("its certificate is for another name")]
    WrongName,
    /// The certificate is too old.
    #[error("its certificate has expired")]
    Expired,
    /// The certificate is too new.
    #[error("its certificate is not valid yet")]
    NotValidYet,
    /// The server wants a certificate of the client, or another one.
    #[error("it does not accept the client certificate, or misses one")]
    ClientCertificate,
    /// The server answered in plain text.
    #[error("it does not speak TLS")]
    NoTls,
    /// Something else.
    #[error("{cause}")]
    Other {
        /// What the TLS library says.
        cause: String,
    },
}

impl TlsTrouble {
    /// Returns advice, where there is some.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownIssuer => Some(
                "name the authority's certificate in `tls: { ca_file: … }`, or add it to the system's trust store",
            ),
            Self::WrongName => Some("use a host name that the certificate lists"),
            Self::Expired => Some("renew the server's certificate, and check the clock here"),
            Self::NotValidYet => Some("check the clocks here and there"),
            Self::ClientCertificate => {
                Some("name a certificate and its key in `tls: { cert_file: …, key_file: … }`")
            }
            Self::NoTls => Some("write `http://` in front of the URL if the server has no TLS"),
            Self::Other { .. } => None,
        }
    }

    /// Sorts an error of the TLS library.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enums are the library's and may grow"
    )]
    fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(certificate) => match certificate {
                CertificateError::UnknownIssuer => Self::UnknownIssuer,
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => Self::WrongName,
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    Self::Expired
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    Self::NotValidYet
                }
                other => Self::Other {
                    cause: lower_first(&other.to_string()),
                },
            },
            rustls::Error::AlertReceived(
                AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied,
            ) => Self::ClientCertificate,
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Self::NoTls,
            other => Self::Other {
                cause: lower_first(&other.to_string()),
            },
        }
    }
}

/// Says what is wrong with TLS, and what to do, where that is the cause of an error.
#[must_use]
pub fn tls_advice(error: &(dyn Error + 'static)) -> Option<String> {
    let trouble = find(error).map(TlsTrouble::of)?;
    Some(match trouble.hint() {
        Some(hint) => format!("{trouble}; {hint}"),
        None => trouble.to_string(),
    })
}

/// Finds an error of one type among the causes.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref::<E>())
}

/// Returns the text of the innermost cause, without the number that the operating system gives it.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let text = causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default();
    let text = match text.split_once(" (os error") {
        Some((words, _)) => words,
        None => &text,
    };
    lower_first(text.trim_end_matches('.'))
}

/// Walks from an error to its innermost cause.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| beneath(error))
}

/// Returns the next cause. An `io::Error` hides what it carries from `source`, so it is opened.
fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Puts the first letter in lower case, unless the word is an abbreviation.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_inside_of_an_io_error_is_found() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls));
        let failure = SendFailure::of(&wrapped, "h:1".to_owned(), Duration::ZERO);
        assert_eq!(
            failure.to_string(),
            "no secure connection to h:1: its certificate is signed by an unknown authority"
        );
    }

    #[test]
    fn every_tls_trouble_that_a_user_can_end_says_how() {
        for trouble in [
            TlsTrouble::UnknownIssuer,
            TlsTrouble::WrongName,
            TlsTrouble::Expired,
            TlsTrouble::NotValidYet,
            TlsTrouble::ClientCertificate,
            TlsTrouble::NoTls,
        ] {
            assert!(trouble.hint().is_some(), "{trouble}");
        }
    }

    #[test]
    fn causes_are_lower_case_and_without_numbers() {
        let refused = io::Error::from_raw_os_error(111);
        assert_eq!(root_cause(&refused), "connection refused");
        assert_eq!(lower_first("TLS is off"), "TLS is off");
        assert_eq!(lower_first(""), "");
    }
}
