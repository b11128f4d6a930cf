//! Tells others of every event of the conductor.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::control::Emitter;
use crate::gate::event::CloudEvent;

/// How long to wait in the end for what is not sent yet.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// Tells others until the conductor is gone.
pub async fn tell_others(mut events: Receiver<Arc<CloudEvent>>, emitter: Emitter) {
    loop {
        match events.recv().await {
            Ok(event) => emitter.take(&event),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(
                    missed,
                    "others were not told of some events: there were too many"
                );
            }
            Err(RecvError::Closed) => break,
        }
    }
    for line in emitter.finish(LAST_WAIT).await {
        tracing::warn!("{line}");
    }
}
