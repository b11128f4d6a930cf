//! Events: sending them, and reading their history.

use super::paging::{LARGEST_PAGE, ListPage, given, page_parameters, read};
use super::{CallError, KeptnClient, Method, Outgoing, Repeat};
use crate::control::expression::Expression;
use crate::control::question::{EventQuestion, before_second_of};
use crate::control::wire::{EventPage, PageKey, WrittenContext, WrittenEvents};
use crate::gate::event::CloudEvent;
use crate::net::Body;

/// Why nobody knows what came of an event.
#[derive(Debug)]
pub enum SendTrouble {
    /// It was certainly not taken.
    Refused(CallError),
    /// It may have been taken: the answer is lost.
    InDoubt(CallError),
}

impl KeptnClient {
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

    /// Sends an event, once, and tells a refusal from a lost answer.
    pub async fn submit(&self, event: &CloudEvent) -> Result<String, SendTrouble> {
        let body = serde_json::to_vec(event).unwrap_or_default();
        self.send(body).await.map_err(|error| match &error {
            CallError::Unsent(unsent) if !unsent.failure.is_before_sending() => {
                SendTrouble::InDoubt(error)
            }
            CallError::Refused { status, .. } if *status >= 500 => SendTrouble::InDoubt(error),
            CallError::Unreadable { .. } => SendTrouble::InDoubt(error),
            CallError::Unsent(_) | CallError::NoToken { .. } | CallError::Refused { .. } => {
                SendTrouble::Refused(error)
            }
        })
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

    /// Returns the newest events that answer a question, from as many pages as it takes. What is no event is passed over.
    pub async fn history(
        &self,
        question: &EventQuestion,
        most: usize,
    ) -> Result<Vec<CloudEvent>, CallError> {
        let outgoing = Outgoing {
            query: question.parameters(),
            ..Outgoing::new(Method::GET, "/mongodb-datastore/event")
        };
        let call = "GET /mongodb-datastore/event";
        self.walk::<WrittenEvents>(call, &outgoing, most).await
    }

    /// Returns the tasks of a type that are open: their `.triggered` events.
    pub async fn open_tasks(
        &self,
        event_type: &str,
        question: &EventQuestion,
    ) -> Result<Vec<CloudEvent>, CallError> {
        let call = "GET /controlPlane/v1/event/triggered";
        let event_type = crate::net::percent_encode(event_type);
        let path = format!("/controlPlane/v1/event/triggered/{event_type}");
        let query = given([
            ("project", question.project.as_deref()),
            ("stage", question.stage.as_deref()),
            ("service", question.service.as_deref()),
            ("eventID", question.id.as_deref()),
        ]);
        let outgoing = Outgoing {
            query,
            ..Outgoing::new(Method::GET, path)
        };
        // Keptn's pages of this list all start at its first element.
        let mut found: Vec<CloudEvent> = match self
            .walk::<WrittenEvents>(call, &outgoing, LARGEST_PAGE)
            .await
        {
            Ok(found) => found,
            Err(CallError::Refused { status: 404, .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let is_asked_for = |event: &CloudEvent| {
            let context = question.context.as_deref();
            let of = |name: &str, wanted: &Option<String>| {
                wanted
                    .as_ref()
                    .is_none_or(|wanted| event.data_text(name) == *wanted)
            };
            context.is_none_or(|context| event.shkeptncontext.as_deref() == Some(context))
                && question.id.as_ref().is_none_or(|id| event.id == *id)
                && of("project", &question.project)
                && of("stage", &question.stage)
                && of("service", &question.service)
        };
        found.retain(is_asked_for);
        Ok(found)
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
}

impl ListPage for WrittenEvents {
    type Element = CloudEvent;

    fn taken(self) -> (Vec<CloudEvent>, PageKey) {
        let (events, next) = self.into_parts();
        let events = events.iter();
        let read = events.filter_map(|event| serde_json::from_str(event.get()).ok());
        (read.collect(), next)
    }
}
