//! Requests that another library has put together, signed and wants to repeat by itself: here they only get our TLS
//! settings, our trust, our limits, and our words for what goes wrong.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Client, Method, Proxy, Request, StatusCode};
use url::{Host, Url};

use super::client::{self, BuildError};
use super::failure::SendFailure;
use super::settings::{TlsSettings, UrlError};
use super::tls;

pub use reqwest::Body as PlainBody;

/// How many connections to one server are kept open.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

/// Sends requests as they are, to any server, once.
#[derive(Debug)]
pub struct PlainClient {
    /// How to check servers, and what to show them.
    tls: TlsSettings,
    /// How large an answer may be.
    max_response_bytes: usize,
    /// The proxy that every request goes through, instead of those that the environment names.
    proxy: Option<Url>,
    /// The clients of the library, made when they are needed first.
    clients: Mutex<HashMap<Way, Client>>,
}

/// What a client must be made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Way {
    /// Whether the URL is `https`.
    is_secure: bool,
    /// Whether no proxy can stand in between.
    is_near: bool,
}

/// A request, ready to be sent.
#[derive(Debug)]
pub struct PlainRequest {
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: PlainBody,
    /// How long it may take, from connecting to the last byte.
    pub timeout: Duration,
}

/// An answer with any status.
#[derive(Debug)]
pub struct PlainAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
pub enum PlainFailure {
    /// The URL can't be used.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// A client could not be made.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The exchange failed.
    #[error(transparent)]
    Send(#[from] SendFailure),
}

impl PlainClient {
    /// Makes a client.
    #[must_use]
    pub fn new(tls: TlsSettings, max_response_bytes: usize) -> Self {
        Self {
            tls,
            max_response_bytes,
            proxy: None,
            clients: Mutex::default(),
        }
    }

    /// Sends every request through a proxy, such as `http://localhost:29418`.
    pub fn through(self, proxy: &str) -> Result<Self, UrlError> {
        let proxy = Url::parse(proxy).map_err(UrlError::Malformed)?;
        Ok(Self {
            proxy: Some(proxy),
            ..self
        })
    }

    /// Sends a request and reads the whole answer.
    pub async fn exchange(&self, request: PlainRequest) -> Result<PlainAnswer, PlainFailure> {
        let PlainRequest {
            method,
            url,
            headers,
            body,
            timeout,
        } = request;
        let url = Url::parse(&url).map_err(UrlError::Malformed)?;
        let host = match (url.host_str(), url.port_or_known_default()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let client = self.client(&url)?;
        let mut request = Request::new(method, url);
        *request.headers_mut() = headers;
        // The body is wanted as it is stored: its length and its digest count.
        let identity = HeaderValue::from_static("identity");
        request.headers_mut().insert(ACCEPT_ENCODING, identity);
        *request.body_mut() = Some(body);
        *request.timeout_mut() = Some(timeout);
        self.read(client, request, &host, timeout)
            .await
            .map_err(PlainFailure::Send)
    }

    /// Sends a request with a client of the library, and reads the answer up to the limit.
    async fn read(
        &self,
        client: Client,
        request: Request,
        host: &str,
        timeout: Duration,
    ) -> Result<PlainAnswer, SendFailure> {
        let failure = |error| SendFailure::of(&without_url(error), host.to_owned(), timeout);
        let mut response = client.execute(request).await.map_err(failure)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len().saturating_add(chunk.len()) > self.max_response_bytes {
                return Err(SendFailure::TooLarge {
                    host: host.to_owned(),
                    limit: self.max_response_bytes,
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(PlainAnswer {
            status: response.status(),
            headers: response.headers().clone(),
            body,
        })
    }

    /// Returns the client for a URL.
    fn client(&self, url: &Url) -> Result<Client, BuildError> {
        let way = Way {
            is_secure: url.scheme() != "http",
            is_near: is_near(url),
        };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&way) {
            return Ok(client.clone());
        }
        tls::choose_cryptography();
        let mut builder = client::builder(&self.tls, CONCURRENCY, url)?;
        if let Some(proxy) = &self.proxy {
            let proxy = Proxy::all(proxy.clone()).map_err(BuildError::Library)?;
            builder = builder.no_proxy().proxy(proxy);
        } else if way.is_near {
            builder = builder.no_proxy();
        }
        let client = client::library(builder)?;
        clients.insert(way, client.clone());
        Ok(client)
    }
}

/// Takes the URL out of an error: it may hold a signature.
fn without_url(error: reqwest::Error) -> reqwest::Error {
    error.without_url()
}

/// Tells whether a server is on this machine or its link, as the metadata services of the clouds are.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => ["localhost", "metadata.google.internal"].contains(&name),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::test_server::{Reply, TestServer};

    fn get(url: &str) -> PlainRequest {
        PlainRequest {
            method: Method::GET,
            url: url.to_owned(),
            headers: HeaderMap::new(),
            body: PlainBody::from(Vec::new()),
            timeout: Duration::from_secs(20),
        }
    }

    #[tokio::test]
    async fn an_answer_with_any_status_is_an_answer_up_to_the_limit() {
        let server = TestServer::start(|_, _| Reply::new(404, "text/plain", "nothing")).await;
        let client = PlainClient::new(TlsSettings::default(), 7);
        let answer = client.exchange(get(&server.url())).await.unwrap();
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.body, b"nothing");
        let client = PlainClient::new(TlsSettings::default(), 6);
        let failure = client.exchange(get(&server.url())).await.unwrap_err();
        let PlainFailure::Send(SendFailure::TooLarge { limit, .. }) = failure else {
            panic!("{failure:?}");
        };
        assert_eq!(limit, 6);
    }

    #[tokio::test]
    async fn a_proxy_is_told_the_whole_url() {
        let proxy = TestServer::start(|_, request| {
            Reply::new(
                200,
                "text/plain",
                format!("{} {}", request.method, request.path),
            )
        })
        .await;
        let client = PlainClient::new(TlsSettings::default(), 1000);
        let client = client.through(&proxy.url()).unwrap();
        let answer = client
            .exchange(get("http://api.example/2.0/x"))
            .await
            .unwrap();
        let heard = String::from_utf8(answer.body).unwrap();
        assert_eq!(heard, "GET http://api.example/2.0/x");
    }

    #[tokio::test]
    async fn no_failure_shows_a_signature_of_the_url() {
        let client = PlainClient::new(TlsSettings::default(), 6);
        let url = "http://127.0.0.1:1/a?sig=hush-1234";
        let failure = client.exchange(get(url)).await.unwrap_err();
        assert!(matches!(
            failure,
            PlainFailure::Send(SendFailure::Connect { .. })
        ));
        assert!(!format!("{failure} {failure:?}").contains("hush"));
    }
}
