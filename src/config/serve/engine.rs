//! `engine`: how sequences behave.

use std::time::Duration;

use super::block::duration;
use crate::config::reader::Reader;
use crate::sequence::{EngineSettings, FailureFollowUps, Merging, SlotPolicy};
use crate::spec::reading::{Fields, hint};

/// The keys.
pub(super) const KEYS: [&str; 9] = [
    "started_timeout",
    "task_timeout",
    "sequence_timeout",
    "approval_timeout",
    "settle",
    "slots",
    "most_waiting",
    "merging",
    "failure_follow_ups",
];
/// The words of `slots`.
const SLOTS: [&str; 3] = ["queue", "replace", "reject"];

/// Reads `engine`.
pub(super) fn read(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> EngineSettings {
    let defaults = EngineSettings::default();
    let Some((_, mut inner)) = reader.open(fields, "engine") else {
        return defaults;
    };
    let fields = &mut inner;
    let mut length = |name: &str| duration(reader, fields, name).map(milliseconds);
    let started_wait = length("started_timeout");
    let task_timeout_ms = length("task_timeout");
    let sequence_timeout_ms = length("sequence_timeout");
    let approval_timeout_ms = length("approval_timeout");
    let settle = length("settle");
    let merging = choice(
        reader,
        fields,
        "merging",
        &[("newer", Merging::NewerWins), ("keptn", Merging::Keptn)],
    );
    let follow_ups = choice(
        reader,
        fields,
        "failure_follow_ups",
        &[
            ("fire", FailureFollowUps::Fire),
            ("hold", FailureFollowUps::Hold),
        ],
    );
    let settings = EngineSettings {
        started_wait_ms: started_wait.unwrap_or(defaults.started_wait_ms),
        task_timeout_ms,
        sequence_timeout_ms,
        approval_timeout_ms,
        settle_ms: settle.unwrap_or(defaults.settle_ms),
        slots: slots(reader, fields).unwrap_or(defaults.slots),
        most_waiting: reader
            .count::<u32>(fields, "most_waiting")
            .map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
        merging: merging.unwrap_or(defaults.merging),
        follow_ups: follow_ups.unwrap_or(defaults.follow_ups),
    };
    reader.refuse_rest(inner, "`engine`", &KEYS);
    settings
}

/// Reads one of some words.
pub(super) fn choice<T: Copy>(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
    words: &[(&str, T)],
) -> Option<T> {
    let field = fields.take_set(name)?;
    let text = reader.field_text(&field)?;
    if let Some((_, choice)) = words.iter().find(|(word, _)| *word == text) {
        return Some(*choice);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let message = format!("`{name}` can't be `{text}`");
    reader
        .findings
        .error(field.span(), message, hint(&text, &known));
    None
}

/// Reads `slots`: a word, or how many may run at the same time.
fn slots(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<SlotPolicy> {
    let field = fields.take_set("slots")?;
    let text = reader.field_text(&field)?;
    let policy = match text.as_str() {
        "queue" => Some(SlotPolicy::Queue),
        "replace" => Some(SlotPolicy::ReplaceWaiting),
        "reject" => Some(SlotPolicy::Reject),
        other => {
            let number = other.parse::<u32>().ok().filter(|number| *number > 0);
            number.map(SlotPolicy::Parallel)
        }
    };
    if policy.is_none() {
        let message = format!("`slots` can't be `{text}`");
        let hint = format!("{} or a number from 1 on", SLOTS.join(", "));
        reader.findings.error(field.span(), message, hint);
    }
    policy
}

/// Returns a length in milliseconds; a shorter one is one.
fn milliseconds(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX).max(1)
}
