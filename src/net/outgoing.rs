//! Requests that this module builds itself, so that no value in them can change what is asked, or whom.

use reqwest::header::{CONNECTION, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use reqwest::{Method, Request};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::encode;
use super::excerpt::excerpt;

/// How much of a path an error shows.
const SHOWN_BYTES: usize = 200;

/// The headers that belong to the connection, not to whoever asks.
const OURS: [HeaderName; 6] = [
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    TE,
    UPGRADE,
];

/// A request to the server of a client. Credentials are added when it leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Where on the server.
    pub place: Place,
    /// Parameters of the URL; names and values are percent-encoded here.
    pub query: Vec<(String, String)>,
    /// Headers, besides those of the connection, which they replace. No secrets.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// Where on the server a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A path below the base URL, with or without a slash in front. Characters that a URL does not know are encoded;
    /// a value in it is to be encoded before, with [`percent_encode`](super::percent_encode).
    Path(String),
    /// A link that the server gave, such as that to the next page: a whole URL of the same server, or a path from its
    /// root on. Its query is kept, and the request's own follows.
    Link(String),
}

/// The body of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    /// There is none.
    #[default]
    None,
    /// JSON.
    Json(Value),
    /// A form; names and values are encoded here.
    Form(Vec<(String, String)>),
    /// Anything.
    Raw {
        /// What it is.
        content_type: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

/// A request cannot be sent as it is written. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// The path would leave the base URL.
    #[error("path `{path}` leads out of the base URL")]
    Climbs {
        /// The path.
        path: String,
    },
    /// The path holds something that does not belong into a path.
    #[error("path `{path}` has {character:?} in it; parameters belong into the query")]
    Character {
        /// The path.
        path: String,
        /// The first such character.
        character: char,
    },
    /// The request would go to another server.
    #[error("`{target}` is another server, or no URL at all; requests stay on {host}")]
    Elsewhere {
        /// The other place, without credentials and query.
        target: String,
        /// The server of the client.
        host: String,
    },
    /// A header has a name or a value that HTTP does not know. The value is not shown.
    #[error(
        "header `{name}` cannot be sent: its name or its value has characters that HTTP forbids"
    )]
    Header {
        /// The name.
        name: String,
    },
    /// A header that belongs to the connection.
    #[error("header `{name}` is set by tidegate itself")]
    Reserved {
        /// The name.
        name: String,
    },
    /// The body cannot be written as JSON.
    #[error("the body cannot be written as JSON")]
    Json,
}

impl Outgoing {
    /// Makes a request for a path below the base URL, without parameters and body.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            place: Place::Path(path.into()),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::None,
        }
    }

    /// Returns where the request goes. The URL has no credentials in it.
    pub(super) fn url(&self, base: &Url) -> Result<Url, OutgoingError> {
        let mut url = match &self.place {
            Place::Path(path) => below(base, path)?,
            Place::Link(link) => linked(base, link)?,
        };
        add_query(&mut url, &self.query);
        Ok(url)
    }

    /// Makes the request, without credentials.
    pub(super) fn prepare(&self, base: &Url) -> Result<Request, OutgoingError> {
        let mut request = Request::new(self.method.clone(), self.url(base)?);
        let (content_type, body) = self.body.written()?;
        if let Some(content_type) = content_type {
            let value = value(CONTENT_TYPE.as_str(), content_type)?;
            request.headers_mut().insert(CONTENT_TYPE, value);
        }
        *request.body_mut() = body.map(reqwest::Body::from);
        self.add_headers(request.headers_mut())?;
        Ok(request)
    }

    /// Adds the headers of the request.
    fn add_headers(&self, headers: &mut HeaderMap) -> Result<(), OutgoingError> {
        for (name, text) in &self.headers {
            let Ok(parsed) = name.parse::<HeaderName>() else {
                return Err(OutgoingError::Header { name: shown(name) });
            };
            if OURS.contains(&parsed) {
                return Err(OutgoingError::Reserved { name: shown(name) });
            }
            headers.insert(parsed, value(name, text)?);
        }
        Ok(())
    }
}

impl Body {
    /// Returns the content type and the bytes.
    fn written(&self) -> Result<(Option<&str>, Option<Vec<u8>>), OutgoingError> {
        Ok(match self {
            Self::None => (None, None),
            Self::Json(value) => {
                let bytes = serde_json::to_vec(value).ok().ok_or(OutgoingError::Json)?;
                (Some("application/json"), Some(bytes))
            }
            Self::Form(fields) => {
                let form = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish();
                let content_type = "application/x-www-form-urlencoded";
                (Some(content_type), Some(form.into_bytes()))
            }
            Self::Raw {
                content_type,
                bytes,
            } => (Some(content_type), Some(bytes.clone())),
        })
    }
}

/// Adds parameters behind those that a URL has.
pub(super) fn add_query(url: &mut Url, parameters: &[(String, String)]) {
    if parameters.is_empty() {
        return;
    }
    let ours = encode::query(parameters);
    let query = match url.query().filter(|query| !query.is_empty()) {
        Some(theirs) => format!("{theirs}&{ours}"),
        None => ours,
    };
    url.set_query(Some(&query));
}

/// Joins a path with the base URL, and makes sure that it stays below.
fn below(base: &Url, path: &str) -> Result<Url, OutgoingError> {
    let forbidden = |c: &char| c.is_control() || matches!(c, '\\' | '?' | '#');
    if let Some(character) = path.chars().find(forbidden) {
        let path = shown(path);
        return Err(OutgoingError::Character { path, character });
    }
    if path.starts_with("//") || has_scheme(path) {
        return Err(elsewhere(base, path));
    }
    if path.split('/').any(is_dots) {
        return Err(OutgoingError::Climbs { path: shown(path) });
    }
    let mut url = base.clone();
    let slash = if path.is_empty() || path.starts_with('/') {
        ""
    } else {
        "/"
    };
    let prefix = base.path().trim_end_matches('/');
    url.set_path(&format!("{prefix}{slash}{path}"));
    Ok(url)
}

/// Tells whether a text starts as a URL does: `https://…`.
fn has_scheme(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        let mut chars = scheme.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic())
            && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// Tells whether a segment means this folder or the one above, also where its dots are encoded.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    matches!(plain.as_str(), "." | "..")
}

/// Follows a link of the server, as long as it stays there.
fn linked(base: &Url, link: &str) -> Result<Url, OutgoingError> {
    let Ok(mut url) = base.join(link) else {
        return Err(elsewhere(base, link));
    };
    let is_clean = url.username().is_empty() && url.password().is_none();
    if url.origin() != base.origin() || !is_clean {
        return Err(elsewhere(base, link));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Says that a request would go elsewhere, without what may be secret.
fn elsewhere(base: &Url, target: &str) -> OutgoingError {
    let target = match base.join(target) {
        Ok(url) => format!("{}{}", url.origin().ascii_serialization(), url.path()),
        Err(_) => target
            .split(['?', '#', '@'])
            .next()
            .unwrap_or_default()
            .to_owned(),
    };
    OutgoingError::Elsewhere {
        target: shown(&target),
        host: super::settings::host_and_port(base),
    }
}

/// Returns text as an error may show it.
fn shown(text: &str) -> String {
    excerpt(text.as_bytes(), SHOWN_BYTES)
}

/// Returns the value of a header.
fn value(name: &str, text: &str) -> Result<HeaderValue, OutgoingError> {
    let value = HeaderValue::from_str(text).ok();
    value.ok_or_else(|| OutgoingError::Header { name: shown(name) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> Url {
        Url::parse("https://h:8443/grafana").unwrap()
    }

    fn get(place: Place) -> Outgoing {
        Outgoing {
            place,
            ..Outgoing::new(Method::GET, "")
        }
    }

    fn path(path: &str) -> Result<String, String> {
        let url = get(Place::Path(path.to_owned())).url(&base());
        url.map(String::from).map_err(|error| error.to_string())
    }

    fn link(link: &str) -> Result<String, String> {
        let url = get(Place::Link(link.to_owned())).url(&base());
        url.map(String::from).map_err(|error| error.to_string())
    }

    #[test]
    fn a_path_is_joined_with_the_base_url_whose_own_path_is_kept() {
        for (given, expected) in [
            ("/api/v1/query", "https://h:8443/grafana/api/v1/query"),
            ("query:poll", "https://h:8443/grafana/query:poll"),
            ("", "https://h:8443/grafana"),
            ("/", "https://h:8443/grafana/"),
            ("/a b/ü", "https://h:8443/grafana/a%20b/%C3%BC"),
            ("/a%2Fb", "https://h:8443/grafana/a%2Fb"),
            ("/a..b/...", "https://h:8443/grafana/a..b/..."),
            ("/a//b", "https://h:8443/grafana/a//b"),
        ] {
            assert_eq!(path(given).unwrap(), expected);
        }
        let root = Url::parse("http://h").unwrap();
        let url = Outgoing::new(Method::GET, "/x").url(&root).unwrap();
        assert_eq!(url.as_str(), "http://h/x");
    }

    #[test]
    fn a_path_that_climbs_out_is_refused() {
        for given in [
            "/..",
            "/../admin",
            "a/../../b",
            "/%2e%2E/x",
            "/.%2e",
            "/a/.",
        ] {
            let error = path(given).unwrap_err();
            assert_eq!(error, format!("path `{given}` leads out of the base URL"));
        }
        for (given, target) in [
            ("//evil.example/x", "https://evil.example/x"),
            ("https://evil.example/x", "https://evil.example/x"),
            ("http://h:8443/x", "http://h:8443/x"),
        ] {
            let error = path(given).unwrap_err();
            let expected =
                format!("`{target}` is another server, or no URL at all; requests stay on h:8443");
            assert_eq!(error, expected);
        }
        for (given, character) in [
            ("/a?b", '?'),
            ("/a#b", '#'),
            ("/a\\..\\b", '\\'),
            ("/a\nb", '\n'),
        ] {
            let error = path(given).unwrap_err();
            assert!(
                error.contains(&format!("has {character:?} in it")),
                "{error}"
            );
            assert!(!error.contains('\n'));
        }
    }

    #[test]
    fn a_link_stays_on_the_server() {
        for (given, expected) in [
            ("/api/x?page=2", "https://h:8443/api/x?page=2"),
            (
                "https://h:8443/x?cursor=a%20b#top",
                "https://h:8443/x?cursor=a%20b",
            ),
            ("?page=2", "https://h:8443/grafana?page=2"),
        ] {
            assert_eq!(link(given).unwrap(), expected);
        }
        for given in [
            "https://evil.example/x?token=secret",
            "http://h:8443/x",
            "https://h/x",
            "//evil.example/x",
            "https://ann:secret@h:8443/x",
            "https://[secret",
            "javascript:alert(1)",
        ] {
            let error = link(given).unwrap_err();
            assert!(error.contains("requests stay on h:8443"), "{error}");
            assert!(
                !error.contains("token") && !error.contains("ann"),
                "{error}"
            );
        }
    }

    #[test]
    fn parameters_are_encoded_and_follow_those_of_a_link() {
        let mut outgoing = get(Place::Link("/x?page=2".to_owned()));
        outgoing.query = vec![("q".to_owned(), "a&b=c +%".to_owned())];
        let url = outgoing.url(&base()).unwrap();
        assert_eq!(url.as_str(), "https://h:8443/x?page=2&q=a%26b%3Dc%20%2B%25");
        outgoing.place = Place::Path("/y".to_owned());
        let url = outgoing.url(&base()).unwrap();
        assert_eq!(url.query(), Some("q=a%26b%3Dc%20%2B%25"));
    }

    #[test]
    fn every_kind_of_body_says_what_it_is() {
        for (body, content_type, expected) in [
            (Body::None, None, None),
            (
                Body::Json(serde_json::json!({"q": "a\"b"})),
                Some("application/json"),
                Some(r#"{"q":"a\"b"}"#),
            ),
            (
                Body::Form(vec![("q".to_owned(), "a&b c".to_owned())]),
                Some("application/x-www-form-urlencoded"),
                Some("q=a%26b+c"),
            ),
            (
                Body::Raw {
                    content_type: "text/plain".to_owned(),
                    bytes: b"x".to_vec(),
                },
                Some("text/plain"),
                Some("x"),
            ),
        ] {
            let mut outgoing = Outgoing::new(Method::POST, "/x");
            outgoing.body = body;
            let request = outgoing.prepare(&base()).unwrap();
            let bytes = request.body().and_then(reqwest::Body::as_bytes);
            assert_eq!(bytes, expected.map(str::as_bytes));
            let found = request.headers().get(CONTENT_TYPE);
            assert_eq!(found.map(|value| value.to_str().unwrap()), content_type);
        }
    }

    #[test]
    fn a_header_of_the_request_may_say_more_than_the_body_but_nothing_of_the_connection() {
        let mut outgoing = Outgoing::new(Method::POST, "/x");
        outgoing.body = Body::Json(Value::Null);
        let content_type = "application/x-amz-json-1.0";
        outgoing.headers = vec![("content-type".to_owned(), content_type.to_owned())];
        let request = outgoing.prepare(&base()).unwrap();
        assert_eq!(request.headers()[CONTENT_TYPE], content_type);
        for (name, text, message) in [
            ("Host", "evil", "header `Host` is set by tidegate itself"),
            (
                "content-length",
                "1",
                "header `content-length` is set by tidegate itself",
            ),
            (
                "X Y",
                "secret",
                "header `X Y` cannot be sent: its name or its value has characters that HTTP forbids",
            ),
            (
                "X-Y",
                "secret\r\nX-Z: 1",
                "header `X-Y` cannot be sent: its name or its value has characters that HTTP forbids",
            ),
        ] {
            outgoing.headers = vec![(name.to_owned(), text.to_owned())];
            let error = outgoing.prepare(&base()).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_goes_to_the_server_and_a_path_below_the_base_url(
            text in "[a-z./\\\\:@?#%2eE\\[ \t\u{ff0e}\u{2024}]{0,24}|https?://[a-z@:.h843/]{0,16}",
            value in ".{0,12}",
        ) {
            for place in [Place::Path(text.clone()), Place::Link(text.clone())] {
                let is_path = matches!(place, Place::Path(_));
                let mut outgoing = get(place);
                outgoing.query = vec![("q".to_owned(), value.clone())];
                let Ok(url) = outgoing.url(&base()) else {
                    continue;
                };
                prop_assert_eq!(url.origin(), base().origin());
                prop_assert!(url.username().is_empty() && url.password().is_none());
                let last = url.query_pairs().last().unwrap();
                prop_assert_eq!(last.1, value.as_str());
                if is_path {
                    let path = url.path();
                    prop_assert!(path == "/grafana" || path.starts_with("/grafana/"), "{}", path);
                }
            }
        }
    }
}
