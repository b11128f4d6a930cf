//! The credentials of a Dynatrace: which are there, and whether they look right. None of them is ever shown.

use super::settings::looks_like_token;
use crate::net::{Auth, ConnectionSettings, Secret};
use crate::provider::{Check, CheckOutcome};

/// What to say of an API token that has not the form of one. The token itself is not shown.
const ODD_TOKEN: &str = "the API token has not the form `dt0c01.PUBLIC.SECRET` with 24 and 64 capitals and digits; is it cut off?";

/// Credentials that a query needs and nobody gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Those of the environment API.
    Environment,
    /// Those of the platform.
    Platform,
}

impl Missing {
    /// Says what to give.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Environment => {
                "metrics, SLOs, problems and USQL need the `api_token` of the provider"
            }
            Self::Platform => {
                "DQL needs `platform_token`, or `client_id` and `client_secret`, of the provider"
            }
        }
    }
}

/// Returns what is odd about the token of a connection.
pub(super) fn token_advice(connection: &ConnectionSettings) -> Option<&'static str> {
    secret(connection)
        .filter(|secret| !looks_like_token(secret.expose()))
        .map(|_| ODD_TOKEN)
}

/// Returns the secret of a connection.
pub(super) fn secret(connection: &ConnectionSettings) -> Option<&Secret> {
    match &connection.auth {
        Auth::Header { value, .. } | Auth::Bearer(value) => Some(value),
        Auth::OAuth2(client) => Some(&client.client_secret),
        Auth::None | Auth::Basic { .. } => None,
        Auth::QueryParameter { .. } | Auth::SigV4(_) => None,
    }
}

/// Says in a check that a token has not the form of one.
pub(super) fn odd_token(detail: &str) -> Check {
    Check {
        name: "token".to_owned(),
        outcome: CheckOutcome::Odd {
            detail: detail.to_owned(),
            hint: "copy the token again, or create one under Access tokens in Dynatrace".to_owned(),
        },
    }
}
