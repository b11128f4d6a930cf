//! How often something is asked again, where several places may say so.

use crate::gate::RetryLayer;
use crate::net::RetrySettings;

/// Returns what a layer says, and `below` where it says nothing.
#[must_use]
pub fn retry_over(layer: RetryLayer, below: RetrySettings) -> RetrySettings {
    RetrySettings {
        attempts: layer.attempts.unwrap_or(below.attempts),
        base: layer.base.unwrap_or(below.base),
        max: layer.max.unwrap_or(below.max),
        seed: below.seed,
    }
}
