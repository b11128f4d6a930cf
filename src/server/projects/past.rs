//! What happened in a project, and is to go with it.

use async_trait::async_trait;

use crate::eventlog::AppendError;

/// Where what happened in projects is kept.
#[async_trait]
pub trait Past: Send + Sync {
    /// Forgets all that happened in a project: its deliveries, executions and events.
    async fn forget_project(&self, project: &str) -> Result<(), AppendError>;
}
