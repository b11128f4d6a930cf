//! What executors read of a project: its resources, and the secrets that were meant for them.

use async_trait::async_trait;

use crate::net::Secret;

/// Where a resource is looked for; the first that has it wins, or all are merged, as its reader says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePlace {
    /// The project.
    pub project: String,
    /// The stage; `None`: the project's own resources.
    pub stage: Option<String>,
    /// The service; `None`: the stage's own resources.
    pub service: Option<String>,
}

/// Reads the resources of projects: folders on this machine, or the configuration of a server.
#[async_trait]
pub trait ResourceReader: Send + Sync {
    /// Returns a file at a commit, or as it is now; `None` where there is none.
    async fn resource(
        &self,
        place: &ResourcePlace,
        uri: &str,
        commit: Option<&str>,
    ) -> Result<Option<Vec<u8>>, UnreadableResource>;
}

/// A resource could not be read, though it may be there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the resource {uri} can't be read: {reason}")]
pub struct UnreadableResource {
    /// The resource.
    pub uri: String,
    /// Why.
    pub reason: String,
}

/// Reads secrets that a scope may use.
#[async_trait]
pub trait SecretReader: Send + Sync {
    /// Returns one value of a secret; `None` where the scope has none.
    async fn secret(&self, scope: &str, name: &str, key: &str) -> Option<Secret>;

    /// Says how to make a value that is not there, in words that go behind a colon.
    fn remedy(&self, scope: &str, _name: &str, _key: &str) -> String {
        format!("create it with the scope `{scope}`")
    }
}
