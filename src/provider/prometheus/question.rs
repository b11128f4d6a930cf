//! Questions: each distinct query of a batch, asked once.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;

use super::settings::QueryParameter;
use crate::gate::{Context, Handling};
use crate::net::{Body, Outgoing};
use crate::provider::Request;

/// Asks for an answer that is not packed: it is a few hundred bytes, and packing it costs Prometheus several times as
/// much as the query itself. A packed answer is read all the same.
const UNPACKED: [&str; 2] = ["accept-encoding", "identity"];

/// A query, and everybody who wants to know the answer.
pub(super) struct Question<'r> {
    /// The query.
    pub query: &'r str,
    /// How patiently it is asked: alike for all who want to know.
    pub handling: &'r Handling,
    /// The requests with this query, and their places in the batch.
    pub requests: Vec<(usize, &'r Request)>,
}

/// Groups a batch by query and patience, in the order in which the queries first occur.
pub(super) fn distinct(requests: &[Request]) -> Vec<Question<'_>> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut questions: Vec<Question<'_>> = Vec::new();
    for (place, request) in requests.iter().enumerate() {
        let known = places.entry(&request.query).or_default();
        let same = known.iter().copied().find(|at| {
            let question = questions.get(*at);
            question.is_some_and(|question| is_as_patient(question.handling, &request.handling))
        });
        if let Some(question) = same.and_then(|at| questions.get_mut(at)) {
            question.requests.push((place, request));
            continue;
        }
        known.push(questions.len());
        questions.push(Question {
            query: &request.query,
            handling: &request.handling,
            requests: vec![(place, request)],
        });
    }
    questions
}

/// Tells whether one answer can serve both: what becomes of the answer may differ, how it is asked for may not.
fn is_as_patient(one: &Handling, other: &Handling) -> bool {
    one.timeout == other.timeout && one.retry == other.retry
}

impl Question<'_> {
    /// Returns the fields of the request: an instant query at the end of the window.
    pub(super) fn fields(
        &self,
        context: &Context,
        timeout: Duration,
        parameters: &[QueryParameter],
    ) -> Vec<(String, String)> {
        let own = |name: &str, value: String| (name.to_owned(), value);
        let mut fields = vec![
            own("query", self.query.to_owned()),
            own("time", seconds(context.window.end())),
            own("timeout", format!("{}ms", server_timeout(timeout))),
        ];
        if parameters
            .iter()
            .all(|parameter| parameter.name() != "stats")
        {
            fields.push(own("stats", "all".to_owned()));
        }
        let further = parameters.iter();
        fields.extend(further.map(|one| (one.name().to_owned(), one.value().to_owned())));
        fields
    }
}

/// How a query is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// As a form: queries outgrow URLs.
    Post,
    /// In the URL, for servers that know no POST.
    Get,
}

impl Way {
    /// Makes the request.
    pub(super) fn outgoing(self, fields: Vec<(String, String)>) -> Outgoing {
        let unpacked = UNPACKED.map(str::to_owned);
        let (method, query, body) = match self {
            Self::Post => (Method::POST, Vec::new(), Body::Form(fields)),
            Self::Get => (Method::GET, fields, Body::None),
        };
        Outgoing {
            query,
            body,
            headers: vec![unpacked.into()],
            ..Outgoing::new(method, "/api/v1/query")
        }
    }
}

/// Returns seconds since 1970, with the milliseconds that Prometheus can tell apart.
fn seconds(instant: Timestamp) -> String {
    let milliseconds = instant.as_millisecond();
    let (whole, rest) = (milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:03}")
}

/// Returns the time, in milliseconds, after which the server is to give up: a little before the client does, so that
/// the server can still say why.
fn server_timeout(timeout: Duration) -> i64 {
    let margin = (timeout / 10).min(Duration::from_secs(1));
    i64::try_from(timeout.saturating_sub(margin).as_millis())
        .unwrap_or(i64::MAX)
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::IndicatorName;

    #[test]
    fn equal_queries_are_asked_once_in_the_order_of_the_first() {
        let request = |name: &str, query: &str| Request {
            indicator: IndicatorName::new(name).unwrap(),
            query: query.to_owned(),
            options: crate::gate::Options::new(),
            handling: Handling::default(),
        };
        let requests = [request("a", "up"), request("b", "down"), request("c", "up")];
        let found: Vec<_> = distinct(&requests)
            .iter()
            .map(|question| {
                let places = question.requests.iter().map(|(place, _)| *place);
                (question.query, places.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(found, [("up", vec![0, 2]), ("down", vec![1])]);
    }

    #[test]
    fn equal_queries_are_asked_apart_where_their_patience_differs() {
        let mut requests = crate::provider::contract::requests(&["up", "up", "up", "up"]);
        requests[1].handling.timeout = Some(Duration::from_secs(1));
        requests[2].handling.retry.attempts = Some(1);
        requests[3].handling.timeout = Some(Duration::from_secs(1));
        let places: Vec<Vec<usize>> = distinct(&requests)
            .iter()
            .map(|question| question.requests.iter().map(|(place, _)| *place).collect())
            .collect();
        assert_eq!(places, [vec![0], vec![1, 3], vec![2]]);
    }

    #[test]
    fn time_is_in_seconds_with_milliseconds_where_there_are_some() {
        let text = |instant: &str| seconds(instant.parse().unwrap());
        assert_eq!(text("1970-01-01T00:02:00Z"), "120");
        assert_eq!(text("1970-01-01T00:02:00.0567891Z"), "120.056");
        assert_eq!(text("1969-12-31T23:59:59.5Z"), "-1.500");
    }

    #[test]
    fn the_server_gives_up_a_little_before_the_client() {
        assert_eq!(server_timeout(Duration::from_secs(30)), 29_000);
        assert_eq!(server_timeout(Duration::from_millis(100)), 90);
        assert_eq!(server_timeout(Duration::ZERO), 1);
        assert_eq!(server_timeout(Duration::MAX), i64::MAX);
    }
}
