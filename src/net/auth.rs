//! How to prove who is asking: plain data, built by whoever reads configuration.

use url::Url;
use url::form_urlencoded::byte_serialize;

use super::secret::Secret;
use super::settings::{UrlError, parse_url};

/// How to prove who is asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// With a name and a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// With a token.
    Bearer(Secret),
    /// With a key in a header of its own, or behind another word than `Bearer`: `Authorization: Api-Token …`.
    Header {
        /// The name of the header.
        name: String,
        /// The word in front of the key.
        scheme: Option<String>,
        /// The key.
        value: Secret,
    },
    /// With a key in the query of each URL. It is added when the request leaves, and shown nowhere.
    QueryParameter {
        /// The name of the parameter.
        name: String,
        /// The key.
        value: Secret,
    },
    /// With a token that another server gives out.
    OAuth2(Box<ClientCredentials>),
    /// With a signature of each request, as the services of AWS want it.
    SigV4(SigningKey),
}

/// How to get a token: `OAuth` 2 client credentials (RFC 6749, section 4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCredentials {
    /// Who gives out tokens.
    pub token_url: TokenUrl,
    /// The name of the client.
    pub client_id: String,
    /// The password of the client.
    pub client_secret: Secret,
    /// What the token is to be good for.
    pub scope: Option<String>,
    /// Whom the token is for, as Auth0 and others ask.
    pub audience: Option<String>,
    /// Whom the token is for, as Dynatrace and Azure ask.
    pub resource: Option<String>,
    /// Further parameters, which may be shown.
    pub extra: Vec<(String, String)>,
    /// Where name and password of the client stand.
    pub style: ClientStyle,
}

impl ClientCredentials {
    /// Takes what every server wants to know, and nothing else.
    #[must_use]
    pub fn new(token_url: TokenUrl, client_id: impl Into<String>, client_secret: Secret) -> Self {
        Self {
            token_url,
            client_id: client_id.into(),
            client_secret,
            scope: None,
            audience: None,
            resource: None,
            extra: Vec::new(),
            style: ClientStyle::default(),
        }
    }

    /// Returns name and password as basic authentication has them: each encoded as in a form (RFC 6749, section 2.3.1).
    pub(super) fn pair(&self) -> String {
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let (id, secret) = (encode(&self.client_id), encode(self.client_secret.expose()));
        format!("{id}:{secret}")
    }
}

/// Where name and password of an `OAuth` client stand in the request for a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientStyle {
    /// In the form, as most servers accept.
    #[default]
    Body,
    /// In a header, as for basic authentication.
    Basic,
}

/// Where tokens are given out. It may have a query, but holds no user and no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUrl(Url);

impl TokenUrl {
    /// Reads the URL, which is `https` unless it says otherwise.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let url = parse_url(text)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Userinfo);
        }
        if url.fragment().is_some() {
            return Err(UrlError::Tail { mark: '#' });
        }
        Ok(Self(url))
    }

    /// Returns the URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

/// What signs requests to AWS (Signature Version 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// The service: `monitoring`, `aps`, `es`, `execute-api`.
    pub service: String,
    /// The region: `eu-central-1`.
    pub region: String,
    /// The name of the key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: Secret,
    /// The token of credentials that expire.
    pub session_token: Option<Secret>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_url_holds_no_credentials_and_may_have_a_query() {
        let url = TokenUrl::parse("login.example.org/oauth2/token?api-version=2").unwrap();
        assert_eq!(
            url.url().as_str(),
            "https://login.example.org/oauth2/token?api-version=2"
        );
        for (text, message) in [
            (
                "https://ann:secret@h/token",
                "the URL has a user or a password in it, which belong into the settings",
            ),
            (
                "https://h/token#secret",
                "the URL must end with its path, but has a `#` behind it",
            ),
        ] {
            let error = TokenUrl::parse(text).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn no_credentials_are_shown() {
        let token_url = TokenUrl::parse("https://h/token").unwrap();
        let client = ClientCredentials::new(token_url, "me", Secret::new("hush-1"));
        let key = SigningKey {
            service: "aps".to_owned(),
            region: "eu-central-1".to_owned(),
            access_key_id: "AKID".to_owned(),
            secret_access_key: Secret::new("hush-2"),
            session_token: Some(Secret::new("hush-3")),
        };
        let parameter = Auth::QueryParameter {
            name: "key".to_owned(),
            value: Secret::new("hush-4"),
        };
        let shown = format!(
            "{:?} {:?} {parameter:?}",
            Auth::OAuth2(Box::new(client)),
            Auth::SigV4(key)
        );
        assert!(!shown.contains("hush"), "{shown}");
    }
}
