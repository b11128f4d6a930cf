//! The parts of the server that carry out tasks, as integrations: as in Keptn, subscriptions of `webhook-service` say which
//! tasks are webhooks.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::uniform::{RegisterError, Registry};
use crate::control::{Integration, IntegrationMetadata, KubernetesMetadata, Subscription};
use crate::executor::{CommandExecutor, TaskSettings, TaskUse};

/// The namespace that they are in.
const NAMESPACE: &str = "tidegate";
/// Their host.
const HOST: &str = "tidegate";
/// The integration whose subscriptions are webhooks.
pub const WEBHOOKS: &str = "webhook-service";

/// Each part, with the tasks that it takes without a subscription of somebody else.
const PARTS: [(&str, &[&str]); 4] = [
    ("lighthouse-service", &["evaluation", "get-sli"]),
    ("approval-service", &["approval"]),
    ("remediation-service", &["get-action"]),
    (WEBHOOKS, &[]),
];

/// Registers them, and the commands of `tidegate.yaml`.
pub fn register_own_parts(
    registry: &Registry,
    tasks: &BTreeMap<String, TaskSettings>,
    now: Timestamp,
) -> Result<(), RegisterError> {
    let commands = tasks.iter().filter(|(_, settings)| has_command(settings));
    let commands: Vec<&str> = commands.map(|(task, _)| task.as_str()).collect();
    if !commands.is_empty() {
        registry.register_own(part(CommandExecutor::NAME, &commands), now)?;
    }
    for (name, tasks) in PARTS {
        registry.register_own(part(name, tasks), now)?;
    }
    Ok(())
}

/// Tells whether a program carries out a task in any stage.
fn has_command(settings: &TaskSettings) -> bool {
    let mut all = settings.usual.iter().chain(settings.stages.values());
    all.any(|found| matches!(found, TaskUse::Command(_)))
}

/// Returns one part.
fn part(name: &str, tasks: &[&str]) -> Integration {
    let subscription = |task: &&str| Subscription {
        event: format!("sh.keptn.event.{task}.triggered"),
        ..Subscription::default()
    };
    Integration {
        id: String::new(),
        name: name.to_owned(),
        metadata: IntegrationMetadata {
            hostname: HOST.to_owned(),
            integrationversion: env!("CARGO_PKG_VERSION").to_owned(),
            distributorversion: env!("CARGO_PKG_VERSION").to_owned(),
            location: "control-plane".to_owned(),
            kubernetesmetadata: KubernetesMetadata {
                namespace: NAMESPACE.to_owned(),
                podname: String::new(),
                deploymentname: name.to_owned(),
            },
            lastseen: String::new(),
        },
        subscriptions: tasks.iter().map(subscription).collect(),
    }
}
