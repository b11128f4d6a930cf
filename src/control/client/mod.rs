//! The client of an API, one file for each family of endpoints.

mod events;
mod paging;
mod projects;
mod resources;
mod secrets;
mod sequences;

pub use events::SendTrouble;
pub use projects::NewProject;
pub use resources::ResourcePlace;
pub use sequences::SequenceQuestion;

use serde::de::DeserializeOwned;

use super::failure::CallError;
use super::wire::Metadata;
use crate::net::{
    Answer, BuildError, ConnectionSettings, HttpClient, Method, Outgoing, Patience, Repeat,
};
use paging::{LARGEST_PAGE, read};

/// Speaks to the API of one installation.
#[derive(Debug)]
pub struct KeptnClient {
    /// Sends the requests, with the token.
    http: HttpClient,
    /// Whether there is a token.
    has_token: bool,
}

impl KeptnClient {
    /// The most events that one page may have.
    pub const LARGEST_PAGE: usize = LARGEST_PAGE;

    /// Makes a client. Nothing is sent yet.
    pub fn new(connection: &ConnectionSettings) -> Result<Self, BuildError> {
        let http = HttpClient::new(connection)?;
        let has_token = connection.has_credentials();
        Ok(Self { http, has_token })
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

    /// Asks something that changes nothing, and reads the answer.
    async fn ask<T: DeserializeOwned>(
        &self,
        call: &'static str,
        outgoing: Outgoing,
    ) -> Result<T, CallError> {
        let answer = self.call(call, Repeat::Freely, outgoing).await?;
        read(call, &answer)
    }

    /// Asks for something that may not be there.
    async fn find<T: DeserializeOwned>(
        &self,
        call: &'static str,
        outgoing: Outgoing,
    ) -> Result<Option<T>, CallError> {
        match self.ask(call, outgoing).await {
            Ok(found) => Ok(Some(found)),
            Err(CallError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
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
        match answer.status {
            status @ (401 | 403) if !self.has_token => Err(CallError::NoToken { call, status }),
            _ => Err(CallError::refused(call, &answer, self.http.redactor())),
        }
    }
}
