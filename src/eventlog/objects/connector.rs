//! How the library of the object stores sends its requests: through our client, watched, so that we know in our own words
//! what a store said. What the library says itself may hold signatures.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};

use super::trouble::{Seen, Speaker};
use crate::net::{PlainBody, PlainClient, PlainFailure, PlainRequest, SendFailure};

/// How long the metadata service of a cloud may take: it is next door, or not there at all.
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);
/// The hosts of the metadata services.
const METADATA_HOSTS: [&str; 4] = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "metadata.google.internal",
];

/// What was seen last.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch(Arc<Mutex<Option<Seen>>>);

impl Watch {
    /// Keeps what was seen.
    fn keep(&self, seen: Seen) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    /// Takes what was seen last.
    pub(super) fn take(&self) -> Option<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Gives the library our client.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    /// The client.
    http: Arc<PlainClient>,
    /// How long one exchange may take.
    timeout: Duration,
    /// What was seen last of requests that nobody else watches: those for credentials, and deletions.
    watch: Watch,
}

impl Connector {
    /// Makes a connector.
    pub(super) fn new(http: PlainClient, timeout: Duration, watch: Watch) -> Self {
        Self {
            http: Arc::new(http),
            timeout,
            watch,
        }
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let watch = parts.extensions.get::<Watch>().unwrap_or(&self.watch);
        let host = parts.uri.host().unwrap_or_default();
        let (speaker, timeout) = if METADATA_HOSTS.contains(&host) {
            (Speaker::Metadata, self.timeout.min(METADATA_TIMEOUT))
        } else {
            (Speaker::Server, self.timeout)
        };
        let request = PlainRequest {
            method: parts.method,
            url: parts.uri.to_string(),
            headers: parts.headers,
            body: PlainBody::wrap(body),
            timeout,
        };
        match self.http.exchange(request).await {
            Ok(answer) => {
                watch.keep(Seen::answer(speaker, answer.status.as_u16(), &answer.body));
                let mut response = HttpResponse::new(answer.body.into());
                *response.status_mut() = answer.status;
                *response.headers_mut() = answer.headers;
                Ok(response)
            }
            Err(failure) => {
                let kind = kind(&failure);
                watch.keep(Seen::failure(speaker, &failure));
                Err(HttpError::new(kind, failure))
            }
        }
    }
}

/// Tells the library whether it may repeat the request.
fn kind(failure: &PlainFailure) -> HttpErrorKind {
    match failure {
        PlainFailure::Send(send) => match send {
            SendFailure::Dns { .. } | SendFailure::Connect { .. } => HttpErrorKind::Connect,
            SendFailure::Timeout { .. } => HttpErrorKind::Timeout,
            SendFailure::Broken { .. } => HttpErrorKind::Interrupted,
            SendFailure::TooLarge { .. } => HttpErrorKind::Decode,
            SendFailure::Tls { .. }
            | SendFailure::Denied { .. }
            | SendFailure::Redirected { .. }
            | SendFailure::Token { .. }
            | SendFailure::Unsendable { .. }
            | SendFailure::Request { .. } => HttpErrorKind::Unknown,
        },
        PlainFailure::Url(_) | PlainFailure::Build(_) => HttpErrorKind::Unknown,
    }
}
