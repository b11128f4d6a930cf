//! Which integrations are asked for.

use crate::control::{Integration, Subscription};

/// Which integrations are asked for; an empty text stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct RegistryQuestion {
    /// The name.
    pub name: String,
    /// The id.
    pub id: String,
    /// The namespace.
    pub namespace: String,
    /// The host.
    pub hostname: String,
    /// A project they hear of.
    pub project: String,
    /// A stage they hear of.
    pub stage: String,
    /// A service they hear of.
    pub service: String,
}

impl RegistryQuestion {
    /// Tells whether an integration is asked for.
    pub(super) fn matches(&self, one: &Integration) -> bool {
        let is = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
        let hears = |wanted: &str, of: fn(&Subscription) -> &Vec<String>| {
            let mut all = one.subscriptions.iter();
            wanted.is_empty()
                || all.any(|one| of(one).is_empty() || of(one).iter().any(|name| name == wanted))
        };
        is(&self.name, &one.name)
            && is(&self.id, &one.id)
            && is(&self.namespace, &one.metadata.kubernetesmetadata.namespace)
            && is(&self.hostname, &one.metadata.hostname)
            && hears(&self.project, |one| &one.filter.projects)
            && hears(&self.stage, |one| &one.filter.stages)
            && hears(&self.service, |one| &one.filter.services)
    }
}
