//! The task `approval`: Keptn's strategies decide what is automatic (controlplane.md 4.1), and whoever is configured the
//! rest.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::{Answer, ApprovalPolicy, Approving, Assignment, Executor, Finish, Voice};
use crate::sequence::ApprovalDecision;

/// The most letters of a result that are shown.
const MOST_SHOWN: usize = 100;

/// Approves, declines, or leaves it to somebody: the task `approval`.
pub struct ApprovalExecutor {
    /// Who decides what is not automatic.
    decider: Decider,
}

/// Who decides what the shipyard leaves to a person.
#[derive(Clone)]
pub enum Decider {
    /// Somebody, later: with `tidegate approve` or `decline`, or by an event.
    Later,
    /// Somebody who is asked now; later where nobody can be asked.
    Prompt(Arc<dyn Questioner>),
    /// A rule.
    Policy(ApprovalPolicy),
}

/// Asks a person. It asks on a terminal only, and never takes silence for consent.
#[async_trait]
pub trait Questioner: Send + Sync {
    /// Asks; `None` where there is nobody to ask, or no answer.
    async fn ask(&self, question: &ApprovalQuestion) -> Option<Decision>;
}

/// What a person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalQuestion {
    /// The project.
    pub project: String,
    /// The stage.
    pub stage: String,
    /// The service.
    pub service: String,
    /// The context of the delivery.
    pub context: String,
    /// The result of the task before; "" where there is none.
    pub result: String,
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may go on; with what was said to it.
    Approved(String),
    /// It may not; with what was said to it.
    Declined(String),
}

impl ApprovalExecutor {
    /// Makes it.
    #[must_use]
    pub fn new(decider: Decider) -> Self {
        Self { decider }
    }

    /// Lets whoever is configured decide.
    async fn decided(&self, result: &str, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        let decision = match &self.decider {
            Decider::Later => None,
            Decider::Prompt(questioner) => questioner.ask(&question(result, assignment)).await,
            Decider::Policy(policy) => ruling(*policy, result),
        };
        match decision {
            Some(Decision::Approved(message)) => Answer::Finished(Finish {
                message,
                ..Finish::pass()
            }),
            Some(Decision::Declined(message)) => Answer::Finished(Finish::fail(message)),
            None => {
                voice.line("waiting for a decision: `tidegate approve` or `tidegate decline`");
                Answer::Elsewhere
            }
        }
    }
}

/// Returns what a rule says after a result.
fn ruling(policy: ApprovalPolicy, result: &str) -> Option<Decision> {
    let approving = match result {
        "pass" => policy.pass,
        "warning" => policy.warning,
        _ => Approving::Manual,
    };
    let message = |word: &str| format!("{word} by the approval policy after result '{result}'");
    match approving {
        Approving::Manual => None,
        Approving::Automatic => Some(Decision::Approved(message("approved"))),
        Approving::Decline => Some(Decision::Declined(message("declined"))),
    }
}

#[async_trait]
impl Executor for ApprovalExecutor {
    fn name(&self) -> &'static str {
        "approval-service"
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        let Value::Object(data) = assignment.event.data.value() else {
            return Answer::Finished(Finish::errored("the event has no data"));
        };
        let decision = ApprovalDecision::of(&data);
        let result = ApprovalDecision::result_of(&data);
        let shown: String = result.escape_debug().take(MOST_SHOWN).collect();
        let strategy = decision.strategy();
        let message = format!("Approval strategy for result '{shown}': {strategy}");
        voice.line(&message);
        match decision {
            ApprovalDecision::Approved => Answer::Finished(Finish {
                message,
                ..Finish::pass()
            }),
            ApprovalDecision::Declined => Answer::Finished(Finish::fail(format!(
                "declined: the result before the approval is '{shown}'"
            ))),
            ApprovalDecision::Manual => self.decided(result, assignment, voice).await,
        }
    }
}

/// Returns what a person is asked.
fn question(result: &str, assignment: &Assignment) -> ApprovalQuestion {
    let event = &assignment.event;
    ApprovalQuestion {
        project: event.data_text("project"),
        stage: event.data_text("stage"),
        service: event.data_text("service"),
        context: event.shkeptncontext.clone().unwrap_or_default(),
        result: result.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::executor::Attempt;
    use crate::executor::contract::{Heard, keeps};

    /// An approval with data.
    fn assignment(data: &Value) -> Assignment {
        let event = json!({
            "id": "T", "type": "sh.keptn.event.approval.triggered", "shkeptncontext": "C", "data": data,
        });
        Assignment {
            task: "approval".to_owned(),
            event: serde_json::from_value(event).unwrap(),
            deadline: None,
            attempt: Attempt::First,
        }
    }

    /// Says what becomes of an approval.
    async fn outcome(decider: &Decider, data: &Value) -> String {
        let heard = Heard::default();
        let executor = ApprovalExecutor::new(decider.clone());
        match executor.execute(&assignment(data), &heard).await {
            Answer::Finished(finish) => {
                format!(
                    "{}/{}: {}",
                    finish.status.as_str(),
                    finish.result,
                    finish.message
                )
            }
            Answer::Elsewhere => "waits".to_owned(),
            Answer::Shared(_) => "shared".to_owned(),
        }
    }

    /// A rule that leaves everything to somebody.
    const MANUAL: ApprovalPolicy = ApprovalPolicy {
        pass: Approving::Manual,
        warning: Approving::Manual,
    };

    /// Somebody who answers each question alike.
    struct Somebody(Option<Decision>);

    #[async_trait]
    impl Questioner for Somebody {
        async fn ask(&self, question: &ApprovalQuestion) -> Option<Decision> {
            assert_eq!(
                (question.stage.as_str(), question.context.as_str()),
                ("prod", "C")
            );
            self.0.clone()
        }
    }

    #[tokio::test]
    async fn the_matrix_is_that_of_keptn() {
        let mut lines = Vec::new();
        for result in ["pass", "warning", "fail", "", "odd"] {
            for (pass, warning) in [
                (json!("automatic"), json!("automatic")),
                (json!("automatic"), json!("manual")),
                (json!("manual"), json!("automatic")),
                (json!("manual"), json!(null)),
            ] {
                let data =
                    json!({"result": result, "approval": {"pass": pass, "warning": warning}});
                let outcome = outcome(&Decider::Later, &data).await;
                lines.push(format!("{result:7} {pass} {warning} -> {outcome}"));
            }
        }
        insta::assert_snapshot!(lines.join("\n"), @r#"
        pass    "automatic" "automatic" -> succeeded/pass: Approval strategy for result 'pass': automatic
        pass    "automatic" "manual" -> succeeded/pass: Approval strategy for result 'pass': automatic
        pass    "manual" "automatic" -> waits
        pass    "manual" null -> waits
        warning "automatic" "automatic" -> succeeded/pass: Approval strategy for result 'warning': automatic
        warning "automatic" "manual" -> waits
        warning "manual" "automatic" -> succeeded/pass: Approval strategy for result 'warning': automatic
        warning "manual" null -> waits
        fail    "automatic" "automatic" -> succeeded/fail: declined: the result before the approval is 'fail'
        fail    "automatic" "manual" -> succeeded/fail: declined: the result before the approval is 'fail'
        fail    "manual" "automatic" -> succeeded/fail: declined: the result before the approval is 'fail'
        fail    "manual" null -> succeeded/fail: declined: the result before the approval is 'fail'
                "automatic" "automatic" -> waits
                "automatic" "manual" -> waits
                "manual" "automatic" -> waits
                "manual" null -> waits
        odd     "automatic" "automatic" -> waits
        odd     "automatic" "manual" -> waits
        odd     "manual" "automatic" -> waits
        odd     "manual" null -> waits
        "#);
    }

    #[tokio::test]
    async fn the_evaluation_speaks_where_there_is_no_result() {
        let strategies = json!({"pass": "automatic", "warning": "automatic"});
        for (result, expected) in [("fail", "succeeded/fail"), ("warning", "succeeded/pass")] {
            let data = json!({"evaluation": {"result": result}, "approval": strategies});
            let outcome = outcome(&Decider::Later, &data).await;
            assert!(outcome.starts_with(expected), "{outcome}");
        }
    }

    #[tokio::test]
    async fn what_is_manual_is_decided_by_whom_the_configuration_names() {
        let said = |decision| Decider::Prompt(Arc::new(Somebody(decision)));
        let data = |result: &str| json!({"stage": "prod", "result": result});
        let policy = Decider::Policy(ApprovalPolicy {
            pass: Approving::Automatic,
            warning: Approving::Decline,
        });
        let yes = said(Some(Decision::Approved("fine".to_owned())));
        let no = said(Some(Decision::Declined("too late".to_owned())));
        let mut lines = Vec::new();
        for decider in [&yes, &no, &said(None), &policy, &Decider::Policy(MANUAL)] {
            for result in ["pass", "warning", "fail", "", "a\u{1b}[31m"] {
                lines.push(outcome(decider, &data(result)).await);
            }
        }
        insta::assert_snapshot!(lines.join("\n"), @"
        succeeded/pass: fine
        succeeded/pass: fine
        succeeded/fail: declined: the result before the approval is 'fail'
        succeeded/pass: fine
        succeeded/pass: fine
        succeeded/fail: too late
        succeeded/fail: too late
        succeeded/fail: declined: the result before the approval is 'fail'
        succeeded/fail: too late
        succeeded/fail: too late
        waits
        waits
        succeeded/fail: declined: the result before the approval is 'fail'
        waits
        waits
        succeeded/pass: approved by the approval policy after result 'pass'
        succeeded/fail: declined by the approval policy after result 'warning'
        succeeded/fail: declined: the result before the approval is 'fail'
        waits
        waits
        waits
        waits
        succeeded/fail: declined: the result before the approval is 'fail'
        waits
        waits
        ");
    }

    #[tokio::test]
    async fn it_keeps_the_contract_of_executors() {
        let data = json!({"stage": "prod", "result": "pass"});
        for decider in [
            Decider::Later,
            Decider::Prompt(Arc::new(Somebody(None))),
            Decider::Policy(MANUAL),
        ] {
            keeps(&ApprovalExecutor::new(decider), &assignment(&data)).await;
        }
    }
}
