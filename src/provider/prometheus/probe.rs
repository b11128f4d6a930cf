//! Whether a Prometheus can be reached, lets us in, and is one.

use super::Prometheus;
use super::answer;
use crate::gate::{FailureKind, FetchFailure};
use crate::net::{Method, Outgoing, Patience, Repeat, probe};
use crate::provider::{Check, CheckOutcome, transport};

/// The cheapest query there is.
const ONE: &str = "1";
/// A check tells what is, so it does not ask again.
const ONCE: Patience = Patience {
    timeout: None,
    attempts: Some(1),
    base: None,
    max: None,
};

impl Prometheus {
    /// Checks the way to the server, step by step, and then what answers there.
    pub(super) async fn examine(&self) -> Vec<Check> {
        let query = self.cheapest_query();
        let mut checks = transport::checks(probe(&self.http, &query).await);
        let outcome = if checks.iter().any(Check::is_bad) {
            CheckOutcome::Skipped("a check before this one failed".to_owned())
        } else {
            self.api(&query).await
        };
        checks.push(Check::new("API", outcome));
        checks
    }

    /// Returns the request of the cheapest query.
    fn cheapest_query(&self) -> Outgoing {
        let own = [("query".to_owned(), ONE.to_owned())];
        let parameters = self.parameters.iter();
        let parameters =
            parameters.map(|parameter| (parameter.name().to_owned(), parameter.value().to_owned()));
        Outgoing {
            query: own.into_iter().chain(parameters).collect(),
            ..Outgoing::new(Method::GET, "/api/v1/query")
        }
    }

    /// Checks that queries are answered as Prometheus answers them.
    async fn api(&self, query: &Outgoing) -> CheckOutcome {
        let objection = match self.http.request(Repeat::Freely, ONCE, query).await {
            Ok(answer) => answer::objection(&answer, self.http.redactor()),
            Err(error) => Some(transport::excuse(&error.failure)),
        };
        match objection {
            None => CheckOutcome::Good(format!(
                "queries are answered as Prometheus does, {}",
                self.version().await
            )),
            Some(FetchFailure { kind, message }) => CheckOutcome::Bad {
                kind,
                detail: message,
                hint: hint(kind).to_owned(),
            },
        }
    }

    /// Returns the version of the server. Not everything that speaks Prometheus' API tells its own.
    async fn version(&self) -> String {
        let build = Outgoing::new(Method::GET, "/api/v1/status/buildinfo");
        let answer = self.http.request(Repeat::Freely, ONCE, &build).await;
        let document = answer
            .ok()
            .filter(|answer| answer.status == 200)
            .and_then(|answer| serde_json::from_slice::<serde_json::Value>(&answer.body).ok());
        let version = document
            .as_ref()
            .and_then(|document| document.pointer("/data/version")?.as_str());
        match version {
            Some(version) => {
                let version = self.http.redactor().excerpt(version.as_bytes(), 60);
                format!("version {version}")
            }
            None => "its version is not known".to_owned(),
        }
    }
}

/// Returns what to do where a query is not answered though the server can be reached.
fn hint(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::NotAuthorised => "are the credentials right, and may they read?",
        FailureKind::Unavailable | FailureKind::Throttled => {
            "look into the logs of the server, and try again later"
        }
        FailureKind::BadAnswer | FailureKind::BadQuery | FailureKind::Reported => {
            "is the URL that of a Prometheus, with the path before /api/v1?"
        }
    }
}
