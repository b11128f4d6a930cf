//! What is really sent: requests that come to the same are sent once.

use super::Http;
use super::building::build;
use super::values::FillError;
use crate::gate::Context;
use crate::net::{Outgoing, Patience};
use crate::provider::{Request, transport};

/// How much of a URL a message shows.
const SHOWN_BYTES: usize = 300;

/// Something to ask, for one or more requests.
pub(super) struct Question<'q> {
    /// The request to send.
    pub outgoing: Result<Outgoing, FillError>,
    /// How patient to be.
    pub patience: Patience,
    /// Where it goes, without credentials.
    pub endpoint: String,
    /// What is sent, for messages: `GET https://…`.
    pub sent: String,
    /// The requests, each with its place in the order.
    pub requests: Vec<(usize, &'q Request)>,
}

/// Puts requests together whose answer is the same.
pub(super) fn distinct<'q>(
    http: &Http,
    context: &Context,
    requests: &'q [Request],
) -> Vec<Question<'q>> {
    let mut questions: Vec<Question<'q>> = Vec::new();
    for (place, request) in requests.iter().enumerate() {
        let outgoing = build(&http.definition.request, &http.values(context, request));
        let patience = transport::patience(&request.handling);
        let same = questions
            .iter_mut()
            .find(|question| question.outgoing == outgoing && question.patience == patience);
        match same {
            Some(question) => question.requests.push((place, request)),
            None => questions.push(question(http, outgoing, patience, (place, request))),
        }
    }
    questions
}

/// Makes a question of one request.
fn question<'q>(
    http: &Http,
    outgoing: Result<Outgoing, FillError>,
    patience: Patience,
    request: (usize, &'q Request),
) -> Question<'q> {
    let base = http.settings.connection.redacted_url();
    let shown = outgoing
        .as_ref()
        .ok()
        .and_then(|outgoing| http.client.shown_url(outgoing).ok());
    let endpoint = shown.unwrap_or(base);
    let method = &http.definition.request.method;
    let short = http
        .client
        .redactor()
        .excerpt(endpoint.as_bytes(), SHOWN_BYTES);
    Question {
        outgoing,
        patience,
        sent: format!("{method} {short}"),
        endpoint,
        requests: vec![request],
    }
}
