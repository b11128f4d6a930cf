//! The objects of Keptn's API, as they are sent in both directions (controlplane.md 1.3 to 1.10): the client reads what
//! the server writes. Members nobody knows are passed over; members that are absent have their default.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A project with its stages and services.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExpandedProject {
    /// Nanoseconds since 1970, as a text.
    pub creation_date: String,
    /// The name.
    pub project_name: String,
    /// The shipyard as YAML; a Keptn may send it in base64 after an update.
    pub shipyard: String,
    /// `spec.keptn.sh/0.2.3`
    pub shipyard_version: String,
    /// Where the upstream repository is; never a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_credentials: Option<Value>,
    /// Whether Keptn made the repository.
    pub is_upstream_auto_provisioned: bool,
    /// The newest event of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event_context: Option<EventContext>,
    /// The stages, in the order of the shipyard.
    pub stages: Vec<ExpandedStage>,
}

/// A stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExpandedStage {
    /// The name.
    pub stage_name: String,
    /// The stages whose sequences trigger some of this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parent_stages: Vec<String>,
    /// The newest event of the stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event_context: Option<EventContext>,
    /// The services.
    pub services: Vec<ExpandedService>,
}

/// A service in a stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExpandedService {
    /// The name.
    pub service_name: String,
    /// Nanoseconds since 1970, as a text.
    pub creation_date: String,
    /// The image that was deployed last; "" where none was.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub deployed_image: String,
    /// The newest event of each type.
    pub last_event_types: BTreeMap<String, EventContext>,
}

/// Names an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct EventContext {
    /// The id.
    pub event_id: String,
    /// The context.
    pub keptn_context: String,
    /// Nanoseconds since 1970, as a text.
    pub time: String,
}

/// How one context stands: all its sequences in all stages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SequenceState {
    /// The name of its first sequence.
    pub name: String,
    /// The service.
    pub service: String,
    /// The project.
    pub project: String,
    /// When it was triggered: RFC 3339, three digits of a second.
    pub time: String,
    /// The Keptn context.
    pub shkeptncontext: String,
    /// `triggered`, `waiting`, `started`, `paused`, `finished`, `timedOut` or `aborted`.
    pub state: String,
    /// The problem that a remediation is for.
    #[serde(rename = "problemTitle", skip_serializing_if = "String::is_empty")]
    pub problem_title: String,
    /// The worst of all its sequences, once all have ended: `pass`, `warning`, `timed_out`, `aborted`, `fail` or
    /// `errored`. Ours; a Keptn does not say it.
    #[serde(rename = "tidegateOutcome", skip_serializing_if = "String::is_empty")]
    pub outcome: String,
    /// The stages, in the order in which they were reached.
    pub stages: Vec<SequenceStateStage>,
}

/// How a context stands in a stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SequenceStateStage {
    /// The name.
    pub name: String,
    /// `triggered` while it runs, then the status of its newest sequence.
    pub state: String,
    /// The image that is deployed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// The newest evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_evaluation: Option<LatestEvaluation>,
    /// The newest event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_event: Option<LatestEvent>,
    /// The newest event that says that something failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_failed_event: Option<LatestEvent>,
    /// The worst of the stage's sequences, once all have ended: a word as the whole has it. Ours, too.
    #[serde(rename = "tidegateOutcome", skip_serializing_if = "String::is_empty")]
    pub outcome: String,
}

/// What an evaluation came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LatestEvaluation {
    /// `pass`, `warning` or `fail`.
    pub result: String,
    /// Per cent.
    pub score: f64,
}

/// An event, in short.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LatestEvent {
    /// The type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The id.
    pub id: String,
    /// RFC 3339, three digits of a second.
    pub time: String,
}

/// One run of a sequence in a stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SequenceExecution {
    /// Its id.
    #[serde(rename = "_id")]
    pub id: String,
    /// "1"
    pub schema_version: String,
    /// When it was triggered.
    pub triggered_at: String,
    /// The data of the trigger.
    pub input_properties: Map<String, Value>,
    /// The sequence.
    pub sequence: Value,
    /// Whose it is.
    pub scope: Value,
    /// How it stands.
    pub status: Value,
}

/// A resource: a file of a project, a stage or a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Resource {
    /// Its path.
    #[serde(rename = "resourceURI")]
    pub uri: String,
    /// Its content in base64; absent in lists.
    #[serde(rename = "resourceContent", skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ResourceMetadata>,
}

/// Where a resource comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ResourceMetadata {
    /// The branch.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// The upstream repository.
    #[serde(rename = "upstreamURL", skip_serializing_if = "String::is_empty")]
    pub upstream_url: String,
    /// The commit.
    pub version: String,
}

/// The answer to a change of resources.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Committed {
    /// The commit.
    #[serde(rename = "commitID")]
    pub commit_id: String,
    /// Where it is.
    pub metadata: ResourceMetadata,
}

/// A secret, as far as it may be told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SecretMetadata {
    /// The name.
    pub name: String,
    /// The scope.
    pub scope: String,
    /// The names of its values.
    pub keys: Vec<String>,
}

/// An executor that registered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Integration {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it runs.
    pub metadata: IntegrationMetadata,
    /// What it wants to hear of.
    pub subscriptions: Vec<Subscription>,
}

/// Where an executor runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct IntegrationMetadata {
    /// The host.
    pub hostname: String,
    /// Its version.
    pub integrationversion: String,
    /// The version of its distributor.
    pub distributorversion: String,
    /// `control-plane` or `remote-execution-plane`.
    pub location: String,
    /// Where in Kubernetes.
    pub kubernetesmetadata: KubernetesMetadata,
    /// When it was seen last: RFC 3339.
    pub lastseen: String,
}

/// Where in Kubernetes something runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KubernetesMetadata {
    /// The namespace.
    pub namespace: String,
    /// The pod.
    pub podname: String,
    /// The deployment.
    pub deploymentname: String,
}

/// What an executor wants to hear of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// The event type.
    pub event: String,
    /// Whose events.
    pub filter: SubscriptionFilter,
}

/// Whose events; an empty list stands for all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SubscriptionFilter {
    /// The projects.
    pub projects: Vec<String>,
    /// The stages.
    pub stages: Vec<String>,
    /// The services.
    pub services: Vec<String>,
}

/// What an integration wrote down as gone wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LogEntry {
    /// The integration.
    pub integrationid: String,
    /// What went wrong.
    pub message: String,
    /// When: RFC 3339.
    pub time: String,
    /// In which context.
    pub shkeptncontext: String,
    /// At which task.
    pub task: String,
    /// The id of the task's `.triggered` event.
    pub triggeredid: String,
    /// The commit.
    pub gitcommitid: String,
}
