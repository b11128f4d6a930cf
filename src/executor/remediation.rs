//! The task `get-action`: the next action of `remediation.yaml` against a problem (controlplane.md 4.2).

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::{Answer, Assignment, Executor, Finish, ResourcePlace, ResourceReader, Voice};
use crate::sequence::{Action, Remediation};
use crate::spec::{Problem, Source, parse_remediation};

/// The file, among the resources of the service.
const URI: &str = "remediation.yaml";
/// The member that counts the actions.
const MEMBER: &str = "get-action";

/// Chooses the next action against a problem: the task `get-action`.
pub struct RemediationExecutor {
    /// Where the file is.
    resources: Arc<dyn ResourceReader>,
}

impl RemediationExecutor {
    /// Makes it.
    #[must_use]
    pub fn new(resources: Arc<dyn ResourceReader>) -> Self {
        Self { resources }
    }

    /// Reads the file; `Err` says why it can't be used.
    async fn remediation(&self, assignment: &Assignment) -> Result<Remediation, String> {
        let event = &assignment.event;
        let place = ResourcePlace {
            project: event.data_text("project"),
            stage: Some(event.data_text("stage")),
            service: Some(event.data_text("service")),
        };
        let commit = event.extensions.get("gitcommitid").and_then(Value::as_str);
        let commit = commit.filter(|commit| !commit.is_empty());
        let content = self.resources.resource(&place, URI, commit).await;
        let content = content.map_err(|error| error.to_string())?;
        let content = content.ok_or("the service has no remediation.yaml; add one")?;
        let source = Source::from_bytes(URI, content, Source::MOST_YAML_BYTES);
        let problems = match source.map(|source| parse_remediation(&source)) {
            Ok(parsed) => match parsed.value {
                Some(remediation) => return Ok(remediation),
                None => parsed.problems,
            },
            Err(problem) => vec![problem],
        };
        let said = Problem::in_one_line(&problems);
        Err(format!("remediation.yaml can't be used: {said}"))
    }
}

#[async_trait]
impl Executor for RemediationExecutor {
    fn name(&self) -> &'static str {
        "remediation-service"
    }

    async fn execute(&self, assignment: &Assignment, _voice: &dyn Voice) -> Answer {
        let remediation = match self.remediation(assignment).await {
            Ok(remediation) => remediation,
            Err(reason) => return Answer::Finished(Finish::errored(reason)),
        };
        let data = assignment.event.data.value();
        let index = match index(&data) {
            Ok(index) => index,
            Err(reason) => return Answer::Finished(Finish::errored(reason)),
        };
        let (title, cause) = problem(&data);
        Answer::Finished(match remediation.action(&title, &cause, index) {
            Ok(action) => Finish {
                data: chosen(action, index),
                ..Finish::pass()
            },
            Err(none) => Finish::fail(none.to_string().escape_debug().to_string()),
        })
    }
}

/// Returns title and root cause of the problem; older tools write the title with a capital.
fn problem(data: &Value) -> (String, String) {
    let text = |keys: [&str; 2]| {
        let problem = data.get("problem");
        let found = keys.into_iter().find_map(|key| problem?.get(key)?.as_str());
        found.unwrap_or_default().to_owned()
    };
    (
        text(["problemTitle", "ProblemTitle"]),
        text(["rootCause", "RootCause"]),
    )
}

/// Returns the number of the action that is next, from 0. What is there but no such number is an error: to begin again
/// would repeat the first action for ever.
fn index(data: &Value) -> Result<usize, String> {
    let own = data
        .get(MEMBER)
        .and_then(|member| member.get("actionIndex"));
    let found = own
        .or_else(|| data.get("actionIndex"))
        .or_else(|| data.get("ActionIndex"));
    match found {
        None | Some(Value::Null) => Ok(0),
        Some(number) => number
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| "`get-action.actionIndex` is no whole number from 0 on".to_owned()),
    }
}

/// Returns what the event says of the action that was chosen.
fn chosen(action: &Action, index: usize) -> Map<String, Value> {
    let Action {
        action,
        name,
        description,
        value,
    } = action;
    let next = json!({"actionIndex": index.saturating_add(1)});
    let chosen =
        json!({"name": name, "action": action, "description": description, "value": value});
    Map::from_iter([("action".to_owned(), chosen), (MEMBER.to_owned(), next)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::contract::keeps;
    use crate::executor::{Attempt, FolderReader, Silence};

    const FILE: &str = "apiVersion: spec.keptn.sh/0.1.4
kind: Remediation
metadata: {name: carts}
spec:
  remediations:
  - problemType: slow
    actionsOnOpen:
    - {action: scaling, name: scale up, value: '1'}
    - {action: featuretoggle, value: {promotion: 'off'}}
    - {action: escalate}
";

    /// A folder with this remediation file.
    #[expect(clippy::disallowed_methods, reason = "writes a file to read")]
    fn folder(file: Option<&str>) -> (tempfile::TempDir, RemediationExecutor) {
        let folder = tempfile::tempdir().unwrap();
        if let Some(file) = file {
            std::fs::write(folder.path().join(URI), file).unwrap();
        }
        let reader = FolderReader::new(folder.path().to_owned());
        (folder, RemediationExecutor::new(Arc::new(reader)))
    }

    /// A task with data.
    fn assignment(more: &Value) -> Assignment {
        let mut data = json!({"project": "p", "stage": "prod", "service": "carts"});
        data.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let event = json!({"id": "T", "type": "sh.keptn.event.get-action.triggered", "data": data});
        Assignment {
            task: MEMBER.to_owned(),
            event: serde_json::from_value(event).unwrap(),
            deadline: None,
            attempt: Attempt::First,
        }
    }

    /// Says how a task ends.
    async fn ended(executor: &RemediationExecutor, more: &Value) -> Finish {
        match executor.execute(&assignment(more), &Silence).await {
            Answer::Finished(finish) => finish,
            other @ (Answer::Elsewhere | Answer::Shared(_)) => panic!("{other:?}"),
        }
    }

    /// Says in one line how a task ended.
    fn shown(finish: &Finish) -> String {
        let data = Value::Object(finish.data.clone());
        format!(
            "{}/{} {data} {}",
            finish.status.as_str(),
            finish.result,
            finish.message
        )
    }

    #[tokio::test]
    async fn s31_the_actions_come_one_after_the_other_and_the_loop_ends() {
        let (_folder, executor) = folder(Some(FILE));
        let mut data = json!({"problem": {"problemTitle": "slow"}});
        let mut lines = Vec::new();
        for _ in 0..4 {
            let finish = ended(&executor, &data).await;
            lines.push(shown(&finish));
            // As the engine merges: the newer value replaces the older.
            data.as_object_mut().unwrap().extend(finish.data);
        }
        insta::assert_snapshot!(lines.join("\n"), @r#"
        succeeded/pass {"action":{"name":"scale up","action":"scaling","description":"","value":"1"},"get-action":{"actionIndex":1}} 
        succeeded/pass {"action":{"name":"","action":"featuretoggle","description":"","value":{"promotion":"off"}},"get-action":{"actionIndex":2}} 
        succeeded/pass {"action":{"name":"","action":"escalate","description":"","value":null},"get-action":{"actionIndex":3}} 
        succeeded/fail {} there is no action with index 3 for slow: all 3 were tried
        "#);
    }

    #[tokio::test]
    async fn what_can_not_be_done_is_told_from_what_there_is_nothing_against() {
        let problem = json!({"problem": {"ProblemTitle": "slow", "rootCause": "x"}});
        let mut lines = Vec::new();
        let unknown = json!({"problem": {"problemTitle": "down\u{1b}[31m"}});
        let odd =
            json!({"problem": {"problemTitle": "slow"}, "get-action": {"actionIndex": "one"}});
        let later = json!({"problem": {"problemTitle": "slow"}, "ActionIndex": 2});
        let old = FILE.replace("0.1.4", "0.1.3");
        for (file, data) in [
            (Some(FILE), &problem),
            (Some(FILE), &later),
            (Some(FILE), &unknown),
            (Some(FILE), &odd),
            (None, &problem),
            (Some("- what"), &problem),
            (Some(old.as_str()), &problem),
        ] {
            let (_folder, executor) = folder(file);
            lines.push(shown(&ended(&executor, data).await));
        }
        insta::assert_snapshot!(lines.join("\n---\n"), @r#"
        succeeded/pass {"action":{"name":"scale up","action":"scaling","description":"","value":"1"},"get-action":{"actionIndex":1}} 
        ---
        succeeded/pass {"action":{"name":"","action":"escalate","description":"","value":null},"get-action":{"actionIndex":3}} 
        ---
        succeeded/fail {} unable to find action for down\u{1b}[31m
        ---
        errored/fail {} `get-action.actionIndex` is no whole number from 0 on
        ---
        errored/fail {} the service has no remediation.yaml; add one
        ---
        errored/fail {} remediation.yaml can't be used: remediation.yaml:1:1: a remediation file must be a mapping, not a list
        ---
        errored/fail {} remediation.yaml can't be used: remediation.yaml:1:13: `spec.keptn.sh/0.1.3` is no version of a remediation file (write `apiVersion: spec.keptn.sh/0.1.4`)
        "#);
    }

    #[tokio::test]
    async fn it_keeps_the_contract_of_executors() {
        let (_folder, executor) = folder(Some(FILE));
        keeps(
            &executor,
            &assignment(&json!({"problem": {"problemTitle": "slow"}})),
        )
        .await;
    }
}
