//! What stands between the router and the handlers: who comes, whether they may, and how much they bring.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde_json::Value;

use super::bearer::{Bearer, Bearers, Shown};
use super::origin;
use super::patience::Buckets;
use super::projects::ProjectRule;
use super::sent_event::sent_event;
use crate::server::problem::Problem;
use crate::server::settings::{AccessSettings, Anonymous, Limits, MetricsAccess, Proxies, Scope};
use crate::server::table::{self, Endpoint, Need};

/// What the guard knows.
#[derive(Debug)]
pub struct Guard {
    /// Who may come.
    bearers: Bearers,
    /// Whether anybody may.
    anonymous: Anonymous,
    /// Whether metrics are for everybody.
    metrics: MetricsAccess,
    /// Whose word counts for where a client is.
    proxies: Proxies,
    /// How many wrong tokens a client may show.
    failures: Buckets<IpAddr>,
    /// How many requests a token is good for.
    requests: Option<Buckets<String>>,
    /// How much a request may bring.
    limits: Limits,
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub IpAddr);

/// What is worth knowing of a request when it was answered.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The pattern of the path; "" where none matched.
    pub pattern: String,
    /// The name of the token; "" where none was shown.
    pub token: String,
}

impl Guard {
    /// Makes a guard.
    #[must_use]
    pub fn new(settings: &AccessSettings, limits: Limits) -> Self {
        let AccessSettings {
            tokens: _,
            anonymous,
            metrics,
            proxies,
            failures_per_second,
            failure_burst,
            requests_per_second,
        } = settings.clone();
        let buckets = |rate: f64| Buckets::new(rate, (rate * 2.0).max(1.0));
        Self {
            bearers: Bearers::of(settings),
            anonymous,
            metrics,
            proxies,
            failures: Buckets::new(failures_per_second, failure_burst),
            requests: requests_per_second.map(buckets),
            limits,
        }
    }

    /// Finds out who comes; wrong tokens are counted by where they come from.
    fn bearer(&self, request: &Request, now: Instant) -> Result<Arc<Bearer>, Box<Response>> {
        let client = self.client(request);
        match self.bearers.look(request.headers()) {
            Shown::Known(bearer) => {
                if let Some(client) = client {
                    self.failures.fill(&client);
                }
                let requests = self.requests.as_ref();
                requests
                    .map_or(Ok(()), |buckets| buckets.take(bearer.name.clone(), now))
                    .map_err(|wait| Box::new(too_many(wait)))?;
                Ok(bearer)
            }
            Shown::Unknown => {
                if let Some(client) = client {
                    let taken = self.failures.take(client, now);
                    taken.map_err(|wait| Box::new(too_many(wait)))?;
                }
                Err(Box::new(unknown()))
            }
            Shown::Nothing => Err(Box::new(unknown())),
        }
    }

    /// Returns where a request comes from.
    fn client(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.extensions().get::<Client>();
        let told = match self.proxies {
            Proxies::Trusted => told_client(request.headers()),
            Proxies::Distrusted => None,
        };
        told.or(peer.map(|Client(address)| *address))
    }

    /// Checks everything that can be told without the body.
    fn check_head(
        &self,
        endpoint: Option<&Endpoint>,
        pattern: &str,
        request: &Request,
    ) -> Result<Arc<Bearer>, Box<Response>> {
        origin::check(self.anonymous, request)
            .map_err(|problem| Box::new(problem.into_response()))?;
        let is_public = |endpoint: &Endpoint| match endpoint.need {
            Need::Nothing => true,
            Need::MetricsToken => self.metrics == MetricsAccess::Public,
            Need::Token(_) | Need::ByEvent => false,
        };
        if endpoint.is_some_and(is_public) {
            return Ok(Arc::new(Bearer::of_everything("")));
        }
        let bearer = self.bearer(request, Instant::now())?;
        let Some(endpoint) = endpoint else {
            return Err(Box::new(nothing_here(pattern, request)));
        };
        let scope = match endpoint.need {
            Need::Token(scope) => scope,
            Need::Nothing | Need::MetricsToken | Need::ByEvent => Scope::Read,
        };
        let is_allowed = bearer
            .need(scope)
            .and_then(|()| endpoint.project.check_head(pattern, request.uri(), &bearer));
        is_allowed.map_err(|problem| Box::new(problem.into_response()))?;
        Ok(bearer)
    }

    /// Takes the body in, as far as it may be long and slow.
    async fn body(
        &self,
        endpoint: Option<&Endpoint>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Bytes, Problem> {
        let is_of_resources = endpoint.is_some_and(|endpoint| endpoint.family == "resources");
        let most = if is_of_resources {
            self.limits.resource_bytes
        } else {
            self.limits.body_bytes
        };
        let announced = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > most as u64) {
            return Err(too_large(most));
        }
        let received = tokio::time::timeout(self.limits.receive_timeout, collect(body, most));
        received.await.unwrap_or_else(|_elapsed| {
            let message = "the body did not arrive in time";
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, message))
        })
    }

    /// Checks what depends on the body.
    fn check_body(
        endpoint: &Endpoint,
        headers: &HeaderMap,
        body: &Bytes,
        bearer: &Bearer,
    ) -> Result<(), Problem> {
        if endpoint.need == Need::ByEvent {
            // What can't be read is refused by the handler, which reads it in the same way.
            let Ok(event) = sent_event(headers, body) else {
                return Ok(());
            };
            bearer.need(scope_of_event(&event.event_type))?;
            return bearer.enter(&event.data_text("project"));
        }
        if !matches!(endpoint.project, ProjectRule::Body(_)) || bearer.may_enter_all() {
            return Ok(());
        }
        let value = serde_json::from_slice::<Value>(body).unwrap_or_default();
        endpoint.project.check_body(&value, bearer)
    }
}

/// Lets a request pass, or answers in the place of its handler.
pub async fn guard(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let pattern = matched.map_or_else(String::new, |path| path.as_str().to_owned());
    let mut seen = Seen {
        pattern: pattern.clone(),
        token: String::new(),
    };
    let mut response = match pass(&guard, &pattern, request, &mut seen).await {
        Ok(request) => next.run(request).await,
        Err(response) => response,
    };
    response.extensions_mut().insert(seen);
    response
}

/// Does the checks, in the order of their cost.
async fn pass(
    guard: &Guard,
    pattern: &str,
    request: Request,
    seen: &mut Seen,
) -> Result<Request, Response> {
    let endpoint = table::find(request.method(), pattern);
    let bearer = guard
        .check_head(endpoint, pattern, &request)
        .map_err(|refusal| *refusal)?;
    seen.token.clone_from(&bearer.name);
    let (mut parts, body) = request.into_parts();
    let body = guard.body(endpoint, &parts.headers, body).await;
    let body = body.map_err(Problem::into_response)?;
    if let Some(endpoint) = endpoint {
        Guard::check_body(endpoint, &parts.headers, &body, &bearer)
            .map_err(Problem::into_response)?;
    }
    parts.extensions.insert(bearer);
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// Returns what a token has to be good for to send an event.
fn scope_of_event(event_type: &str) -> Scope {
    let is_of_task = event_type.split('.').count() == 5;
    let kind = event_type.rsplit('.').next().unwrap_or_default();
    let is_answer = matches!(kind, "started" | "finished" | "changed");
    let is_approval = event_type.to_ascii_lowercase().contains(".approval.");
    let is_of_executor = is_of_task && is_answer && !is_approval;
    let is_aside = event_type == "sh.keptn.log.error" || event_type.ends_with(".status.changed");
    if is_of_executor || is_aside {
        Scope::Execute
    } else {
        Scope::Trigger
    }
}

/// Collects a body.
async fn collect(body: Body, most: usize) -> Result<Bytes, Problem> {
    let mut stream = body.into_data_stream();
    let mut collected = Vec::new();
    while let Some(part) = stream.next().await {
        let part = part
            .map_err(|_error| Problem::bad_request("the body broke off; send the request again"))?;
        if collected.len() + part.len() > most {
            return Err(too_large(most));
        }
        collected.extend_from_slice(&part);
    }
    Ok(Bytes::from(collected))
}

/// Refuses a body.
fn too_large(most: usize) -> Problem {
    let message = format!("the body is larger than {most} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}

/// Refuses whoever is not known, in Keptn's words.
fn unknown() -> Response {
    let message = "unauthenticated or invalid credentials";
    Problem::new(StatusCode::UNAUTHORIZED, message).into_response()
}

/// Refuses whoever asks too often.
fn too_many(wait: Duration) -> Response {
    let mut response =
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many requests").into_response();
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Says that there is nothing, or nothing for this method.
fn nothing_here(pattern: &str, request: &Request) -> Response {
    let methods = table::methods(pattern);
    let shown: String = request.uri().path().chars().take(200).collect();
    let shown = crate::report::printable(&shown);
    if methods.is_empty() {
        let message = format!("there is no {shown}; docs/keptn-api.md lists what there is");
        return Problem::not_found(message).into_response();
    }
    let allowed = methods.join(", ");
    let method: &Method = request.method();
    let message = format!("{shown} takes {allowed}, not {method}");
    let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED, message).into_response();
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// Returns the client that a proxy names: the last one, which the proxy itself added. What stands before it may come from
/// the client, who would choose who it is.
fn told_client(headers: &HeaderMap) -> Option<IpAddr> {
    let text = |name: &str| {
        let last = headers.get_all(name).iter().next_back();
        last.and_then(|value| value.to_str().ok())
    };
    let forwarded = text("x-forwarded-for").and_then(|list| list.rsplit(',').next());
    let told = forwarded.or_else(|| text("x-real-ip"))?;
    told.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_event_takes_is_told_by_its_type() {
        for (event_type, scope) in [
            ("sh.keptn.event.dev.delivery.triggered", Scope::Trigger),
            ("sh.keptn.event.deployment.started", Scope::Execute),
            ("sh.keptn.event.deployment.finished", Scope::Execute),
            ("sh.keptn.event.deployment.status.changed", Scope::Execute),
            ("sh.keptn.event.approval.finished", Scope::Trigger),
            ("sh.keptn.event.evaluation.invalidated", Scope::Trigger),
            ("sh.keptn.events.problem", Scope::Trigger),
            ("sh.keptn.log.error", Scope::Execute),
            ("", Scope::Trigger),
        ] {
            assert_eq!(scope_of_event(event_type), scope, "{event_type}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_in_what_it_added_itself() {
        let request = Request::builder()
            .header("x-forwarded-for", "192.0.2.7")
            .header("x-forwarded-for", "192.0.2.8, 192.0.2.1")
            .extension(Client([127, 0, 0, 1].into()))
            .body(Body::empty())
            .unwrap();
        for (proxies, address) in [
            (Proxies::Trusted, [192, 0, 2, 1]),
            (Proxies::Distrusted, [127, 0, 0, 1]),
        ] {
            let settings = AccessSettings {
                proxies,
                ..AccessSettings::default()
            };
            let guard = Guard::new(&settings, Limits::default());
            assert_eq!(guard.client(&request), Some(address.into()));
        }
    }
}
