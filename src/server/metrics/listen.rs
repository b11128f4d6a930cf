//! Counts the events of a conductor.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::Metrics;
use crate::app::Moments;
use crate::gate::event::CloudEvent;
use crate::sequence::EventName;

/// Counts events until the conductor is gone.
pub async fn count_events(
    mut events: Receiver<Arc<CloudEvent>>,
    metrics: Arc<Metrics>,
    moments: Moments,
) {
    loop {
        match events.recv().await {
            Ok(event) => count(&event, &metrics, &moments),
            Err(RecvError::Lagged(_missed)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Counts one event. What others sent names statuses and results at will, so only known words are counted as such.
fn count(event: &CloudEvent, metrics: &Metrics, moments: &Moments) {
    let known = |word: String, words: &[&'static str]| -> &'static str {
        let mut words = words.iter();
        words.find(|one| **one == word).copied().unwrap_or("other")
    };
    let of = concerned(event);
    let kind = event.event_type.rsplit('.').next().unwrap_or_default();
    let kind = known(
        kind.to_owned(),
        &["triggered", "started", "finished", "changed", "invalidated"],
    );
    metrics.event(of, kind);
    match (of, kind) {
        ("sequence", "finished") => {
            let status = known(
                event.data_text("status"),
                &["succeeded", "errored", "aborted", "timedOut", "unknown"],
            );
            let result = known(event.data_text("result"), &["pass", "warning", "fail"]);
            metrics.sequence(status, result);
        }
        ("task", "triggered") => {
            let took = event.time.map(|time| moments().duration_since(time));
            let took = took.and_then(|took| Duration::try_from(took).ok());
            metrics.task_out(took.unwrap_or_default());
        }
        _ => {}
    }
}

/// Returns what an event concerns. What is told of projects and services, such as `project.create.finished`, is named
/// like a sequence, but happens in no stage.
fn concerned(event: &CloudEvent) -> &'static str {
    match EventName::parse(&event.event_type) {
        Some(EventName::Task { .. }) => "task",
        Some(EventName::Sequence { stage, .. }) if event.data_text("stage") == stage => "sequence",
        Some(EventName::Sequence { .. }) | None => "other",
    }
}
