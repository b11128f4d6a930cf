//! How sequences stand, and their control.

use serde::Deserialize;
use serde_json::json;

use super::paging::{ListPage, given};
use super::{CallError, KeptnClient, Method, Outgoing, Repeat};
use crate::control::objects::SequenceState;
use crate::control::wire::PageKey;
use crate::net::{Body, percent_encode};
use crate::sequence::Control;

/// Which sequences to ask for; all that is said must be met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SequenceQuestion {
    /// With this name.
    pub name: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// Of this Keptn context.
    pub context: Option<String>,
}

/// A page of states, as it is sent.
#[derive(Deserialize)]
struct WrittenStates {
    /// The states; null where there are none.
    #[serde(deserialize_with = "Option::deserialize")]
    states: Option<Vec<SequenceState>>,
    /// Where the next page begins.
    #[serde(default, rename = "nextPageKey")]
    next: PageKey,
}

impl KeptnClient {
    /// Returns how the sequences of a project stand, newest first; a project that nobody knows has none.
    pub async fn sequences(
        &self,
        project: &str,
        question: &SequenceQuestion,
        most: usize,
    ) -> Result<Vec<SequenceState>, CallError> {
        let call = "GET /controlPlane/v1/sequence/PROJECT";
        let SequenceQuestion {
            name,
            state,
            context,
        } = question;
        let outgoing = Outgoing {
            query: given([
                ("name", name.as_deref()),
                ("state", state.as_deref()),
                ("keptnContext", context.as_deref()),
            ]),
            ..Outgoing::new(
                Method::GET,
                format!("/controlPlane/v1/sequence/{}", percent_encode(project)),
            )
        };
        match self.walk::<WrittenStates>(call, &outgoing, most).await {
            Err(CallError::Refused { status: 404, .. }) => Ok(Vec::new()),
            other => other,
        }
    }

    /// Returns how a context stands; `None` where the project has no such context.
    pub async fn sequence(
        &self,
        project: &str,
        context: &str,
    ) -> Result<Option<SequenceState>, CallError> {
        let question = SequenceQuestion {
            context: Some(context.to_owned()),
            ..SequenceQuestion::default()
        };
        let states = self.sequences(project, &question, usize::MAX).await?;
        let mut states = states.into_iter();
        Ok(states.find(|state| state.shkeptncontext == context))
    }

    /// Pauses, resumes or aborts. Keptn answers yes to whatever context is named.
    pub async fn control(&self, control: &Control) -> Result<(), CallError> {
        let call = "POST /controlPlane/v1/sequence/PROJECT/CONTEXT/control";
        let Control {
            project,
            context,
            stage,
            action,
        } = control;
        let path = format!(
            "/controlPlane/v1/sequence/{}/{}/control",
            percent_encode(project),
            percent_encode(context)
        );
        let stage = stage.as_deref().unwrap_or_default();
        let outgoing = Outgoing {
            body: Body::Json(json!({"state": action.as_str(), "stage": stage})),
            ..Outgoing::new(Method::POST, path)
        };
        self.call(call, Repeat::Freely, outgoing).await.map(drop)
    }
}

impl ListPage for WrittenStates {
    type Element = SequenceState;

    fn taken(self) -> (Vec<SequenceState>, PageKey) {
        (self.states.unwrap_or_default(), self.next)
    }
}
