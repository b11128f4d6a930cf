//! The client of an API.

use serde::de::DeserializeOwned;

use super::expression::Expression;
use super::failure::CallError;
use super::question::{EventQuestion, before_second_of};
use super::wire::{EventPage, Metadata, WrittenContext, WrittenEvents, WrittenProjects};
use crate::net::{
    Answer, Body, BuildError, ConnectionSettings, HttpClient, Method, Outgoing, Patience, Repeat,
};

/// The most events that one page may have.
pub(super) const LARGEST_PAGE: usize = 100;
/// The most pages of projects that are read: nobody has that many.
const MOST_PAGES: usize = 1_000;

/// Speaks to the API of one installation.
#[derive(Debug)]
pub struct KeptnClient {
    /// Sends the requests, with the token.
    http: HttpClient,
}

impl KeptnClient {
    /// The most events that one page may have.
    pub const LARGEST_PAGE: usize = LARGEST_PAGE;

    /// Makes a client. Nothing is sent yet.
    pub fn new(connection: &ConnectionSettings) -> Result<Self, BuildError> {
        let http = HttpClient::new(connection)?;
        Ok(Self { http })
    }

    /// Asks whether the token is accepted.
    pub async fn check_token(&self) -> Result<(), CallError> {
        let outgoing = Outgoing::new(Method::POST, "/v1/auth");
        let call = "POST /v1/auth";
        self.call(call, Repeat::Freely, outgoing).await.map(drop)
    }

    /// Asks what the installation says of itself.
    pub async fn metadata(&self) -> Result<Metadata, CallError> {
        let outgoing = Outgoing::new(Method::GET, "/v1/metadata");
        self.ask("GET /v1/metadata", outgoing).await
    }

    /// Returns the names of all projects.
    pub async fn projects(&self) -> Result<Vec<String>, CallError> {
        let call = "GET /controlPlane/v1/project";
        let mut names = Vec::new();
        let mut key = None;
        for _ in 0..MOST_PAGES {
            let outgoing = Outgoing {
                query: page_parameters(LARGEST_PAGE, key.as_deref()),
                ..Outgoing::new(Method::GET, "/controlPlane/v1/project")
            };
            let WrittenProjects { projects, next } = self.ask(call, outgoing).await?;
            names.extend(projects.into_iter().flatten().map(|project| project.name));
            let next = next.more();
            if next.is_none() {
                return Ok(names);
            }
            if next == key {
                break;
            }
            key = next;
        }
        Err(CallError::unreadable(call, &"its pages have no end", b""))
    }

    /// Sends an event, once; returns the context that it got. Nothing is stored yet when this returns.
    pub async fn send(&self, event: Vec<u8>) -> Result<String, CallError> {
        let call = "POST /v1/event";
        let outgoing = Outgoing {
            body: Body::Raw {
                content_type: "application/json".to_owned(),
                bytes: event,
            },
            ..Outgoing::new(Method::POST, "/v1/event")
        };
        let answer = self.call(call, Repeat::Carefully, outgoing).await?;
        let WrittenContext { context } = read(call, &answer)?;
        Ok(context)
    }

    /// Returns one page of the events that answer a question.
    pub async fn events(
        &self,
        question: &EventQuestion,
        size: usize,
        key: Option<&str>,
    ) -> Result<EventPage, CallError> {
        let mut query = question.parameters();
        query.extend(page_parameters(size, key));
        let outgoing = Outgoing {
            query,
            ..Outgoing::new(Method::GET, "/mongodb-datastore/event")
        };
        let written: WrittenEvents = self.ask("GET /mongodb-datastore/event", outgoing).await?;
        Ok(written.into())
    }

    /// Returns the newest events of a type that meet an expression; invalidated ones are among them.
    pub async fn newest_of_type(
        &self,
        event_type: &str,
        expression: &Expression,
        since: Option<jiff::Timestamp>,
        limit: usize,
    ) -> Result<EventPage, CallError> {
        let mut query = vec![
            ("filter".to_owned(), expression.to_string()),
            ("limit".to_owned(), limit.clamp(1, LARGEST_PAGE).to_string()),
        ];
        query.extend(since.map(|since| ("fromTime".to_owned(), before_second_of(since))));
        let path = format!(
            "/mongodb-datastore/event/type/{}",
            crate::net::percent_encode(event_type)
        );
        let outgoing = Outgoing {
            query,
            ..Outgoing::new(Method::GET, path)
        };
        let call = "GET /mongodb-datastore/event/type";
        let written: WrittenEvents = self.ask(call, outgoing).await?;
        Ok(written.into())
    }

    /// Asks something that changes nothing, and reads the answer.
    async fn ask<T: DeserializeOwned>(
        &self,
        call: &'static str,
        outgoing: Outgoing,
    ) -> Result<T, CallError> {
        let answer = self.call(call, Repeat::Freely, outgoing).await?;
        read(call, &answer)
    }

    /// Sends a request; any answer from 200 to 204 is a yes.
    async fn call(
        &self,
        call: &'static str,
        repeat: Repeat,
        outgoing: Outgoing,
    ) -> Result<Answer, CallError> {
        let request = self.http.request(repeat, Patience::default(), &outgoing);
        let answer = request.await?;
        if (200..=204).contains(&answer.status) {
            return Ok(answer);
        }
        Err(CallError::refused(call, &answer, self.http.redactor()))
    }
}

/// Returns the parameters of a page.
fn page_parameters(size: usize, key: Option<&str>) -> Vec<(String, String)> {
    let size = size.clamp(1, LARGEST_PAGE).to_string();
    let key = key.map(|key| ("nextPageKey".to_owned(), key.to_owned()));
    let mut parameters = vec![("pageSize".to_owned(), size)];
    parameters.extend(key);
    parameters
}

/// Reads the JSON of an answer.
fn read<T: DeserializeOwned>(call: &'static str, answer: &Answer) -> Result<T, CallError> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| CallError::unreadable(call, &error, &answer.body))
}
