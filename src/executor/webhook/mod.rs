//! Any task by HTTP requests to somebody's system: Keptn's `webhook/webhook.yaml` (controlplane.md 4.3).
//!
//! Requests go through the one HTTP client, without any program. Whoever writes the file can't reach what only this
//! machine reaches: see [`AddressPolicy`](crate::net::AddressPolicy).

mod call;
mod definition;
mod settings;
#[cfg(test)]
mod tests;
mod webhook_executor;

pub use settings::{Selection, WebhookSettings};
pub use webhook_executor::WebhookExecutor;
