//! Approvals that wait for somebody, and the answer to one.

use serde_json::{Map, Value, json};

use crate::control::{CallError, EventQuestion, KeptnClient};
use crate::gate::event::{CloudEvent, SOURCE};

/// The type of an approval that waits.
const TRIGGERED: &str = "sh.keptn.event.approval.triggered";
/// The type of an answer.
const FINISHED: &str = "sh.keptn.event.approval.finished";

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalDecision {
    /// It may go on.
    Approve,
    /// It must not.
    Decline,
}

/// An answer to an approval.
#[derive(Clone, Debug)]
pub struct ApprovalAnswer {
    /// What is decided.
    pub decision: ApprovalDecision,
    /// Why; may be empty.
    pub message: String,
    /// Labels to add.
    pub labels: Map<String, Value>,
}

impl ApprovalDecision {
    /// Returns the result that says it.
    #[must_use]
    pub fn result(self) -> &'static str {
        match self {
            Self::Approve => "pass",
            Self::Decline => "fail",
        }
    }
}

/// Returns the approvals that wait, as a control plane knows them.
pub async fn open_approvals(
    client: &KeptnClient,
    question: &EventQuestion,
) -> Result<Vec<CloudEvent>, CallError> {
    client.open_tasks(TRIGGERED, question).await
}

/// Returns the event that answers an approval. Labels that are there stay as they are.
#[must_use]
pub fn approval_event(triggered: &CloudEvent, answer: &ApprovalAnswer, id: String) -> CloudEvent {
    let data = triggered.data.value();
    let of = |name: &str| data.get(name).cloned().unwrap_or_default();
    let mut labels = answer.labels.clone();
    if let Some(Value::Object(known)) = data.get("labels") {
        labels.extend(known.clone());
    }
    let data = json!({
        "project": of("project"),
        "stage": of("stage"),
        "service": of("service"),
        "labels": labels,
        "status": "succeeded",
        "result": answer.decision.result(),
        "message": answer.message,
    });
    CloudEvent {
        id,
        source: SOURCE.to_owned(),
        specversion: "1.0".to_owned(),
        event_type: FINISHED.to_owned(),
        time: None,
        shkeptncontext: triggered.shkeptncontext.clone(),
        triggeredid: Some(triggered.id.clone()),
        data: data.into(),
        extensions: Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_what_keptn_expects_and_changes_no_label() {
        let triggered: CloudEvent = serde_json::from_value(json!({
            "id": "T3", "type": TRIGGERED, "shkeptncontext": "C",
            "data": {"project": "p", "stage": "prod", "service": "svc", "labels": {"build": "17"}, "approval": {}},
        }))
        .unwrap();
        let mut labels = Map::new();
        labels.insert("build".to_owned(), "18".into());
        labels.insert("by".to_owned(), "ann".into());
        let answer = ApprovalAnswer {
            decision: ApprovalDecision::Decline,
            message: "declined by CI policy".to_owned(),
            labels,
        };
        let event = approval_event(&triggered, &answer, "1".to_owned());
        assert_eq!(event.triggeredid.as_deref(), Some("T3"));
        assert_eq!(event.shkeptncontext.as_deref(), Some("C"));
        assert_eq!(
            event.data.value(),
            json!({"project": "p", "stage": "prod", "service": "svc", "labels": {"build": "17", "by": "ann"},
                "status": "succeeded", "result": "fail", "message": "declined by CI policy"})
        );
    }
}
