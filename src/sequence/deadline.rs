//! What happens because time has passed (controlplane.md 3.10).

use jiff::{SignedDuration, Timestamp};

use super::advance::{complete_task, hand_out_slots, proceed};
use super::answers::{aggregate, has_answers, is_answered};
use super::ending::{Ending, end};
use super::event_name::{EventKind, EventName};
use super::execution::{Execution, Place};
use super::round::Round;
use super::settings::EngineSettings;

/// What happens to an execution when a moment comes. The order decides where two come at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expiry {
    /// Nobody else began with the task: it is done.
    Settled,
    /// The delay of the task is over.
    Due,
    /// Nobody answered the task.
    NotStarted,
    /// The task takes too long.
    Task,
    /// Nobody decided.
    Approval,
    /// The sequence takes too long.
    Sequence,
}

/// Returns the moment some milliseconds later.
pub(super) fn later(time: Timestamp, milliseconds: u64) -> Timestamp {
    let milliseconds = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    let later = time.checked_add(SignedDuration::from_millis(milliseconds));
    later.unwrap_or(Timestamp::MAX)
}

/// Returns the milliseconds from one moment to another.
pub(super) fn milliseconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}

/// Returns what happens next to an execution if nobody says anything, and when.
pub(super) fn next_expiry(
    one: &Execution,
    settings: &EngineSettings,
) -> Option<(Timestamp, Expiry)> {
    let task = match one.place {
        Place::Delayed => one.current.as_ref().map(|task| (task.due, Expiry::Due)),
        Place::Waiting => None,
        Place::Holding | Place::Free => task_expiry(one, settings),
    };
    let sequence = sequence_expiry(one, settings);
    task.into_iter().chain(sequence).min()
}

/// Returns what happens next to a task that was sent.
fn task_expiry(one: &Execution, settings: &EngineSettings) -> Option<(Timestamp, Expiry)> {
    let current = one.current.as_ref()?;
    let sent_at = current.sent_at?;
    let own = one.current_task().and_then(|task| task.timeout_ms);
    // At least a moment: what fires at once could start itself again for ever.
    let after = |wait: u64| later(sent_at, wait.max(1));
    let settled = current.settled_at;
    let settled = settled.map(|at| (later(at, settings.settle_ms), Expiry::Settled));
    if current.is_approval() {
        let limit = own.or(settings.approval_timeout_ms);
        let limit = limit.filter(|_| !one.is_paused());
        let limit = limit.map(|limit| after(limit.saturating_add(current.paused_ms)));
        let limit = limit.map(|at| (at, Expiry::Approval));
        return settled.into_iter().chain(limit).min();
    }
    let limit = own.or(settings.task_timeout_ms);
    let limit = limit.map(|limit| (after(limit), Expiry::Task));
    let start = (!is_answered(one)).then(|| (after(settings.started_wait_ms), Expiry::NotStarted));
    settled.into_iter().chain(limit).chain(start).min()
}

/// Returns when a sequence takes too long.
fn sequence_expiry(one: &Execution, settings: &EngineSettings) -> Option<(Timestamp, Expiry)> {
    let limit = one.sequence.timeout_ms.or(settings.sequence_timeout_ms)?;
    let started_at = one.started_at?;
    let limit = limit.max(1).saturating_add(one.paused_ms);
    (!one.is_paused()).then(|| (later(started_at, limit), Expiry::Sequence))
}

/// Lets everything happen that is due, in order.
pub(super) fn let_time_pass(round: &mut Round<'_>) {
    while let Some((due, id)) = round.roster.next_due() {
        if *due > round.now {
            return;
        }
        let id = id.clone();
        let Some(one) = round.take(&id) else { return };
        expire(round, one);
        hand_out_slots(round);
    }
}

/// Lets happen what is due of an execution.
fn expire(round: &mut Round<'_>, mut one: Execution) {
    let Some((_, expiry)) = next_expiry(&one, round.settings) else {
        return round.put(one);
    };
    match expiry {
        Expiry::Due => {
            one.place = Place::Free;
            proceed(round, one);
        }
        Expiry::Settled => finish_task(round, one),
        // Somebody did the work and never said that he began; what he says counts.
        Expiry::NotStarted if has_answers(&one) => finish_task(round, one),
        Expiry::NotStarted | Expiry::Task | Expiry::Approval | Expiry::Sequence => {
            let message = message(&one, expiry, round.settings);
            end(round, one, Ending::timed_out(message));
        }
    }
}

/// Ends the current task with the answers that are there.
fn finish_task(round: &mut Round<'_>, one: Execution) {
    match aggregate(&one, round.settings.merging) {
        Some(task) => complete_task(round, one, task),
        // There is none: nobody is done.
        None => {
            let message = message(&one, Expiry::NotStarted, round.settings);
            end(round, one, Ending::timed_out(message));
        }
    }
}

/// Says what took too long; where Keptn has a text for it, in Keptn's words.
fn message(one: &Execution, expiry: Expiry, settings: &EngineSettings) -> String {
    let task = one.current.as_ref().map_or("", |current| &current.name);
    let own = one.current_task().and_then(|task| task.timeout_ms);
    let limit = |default: Option<u64>| in_seconds(own.or(default).unwrap_or(0));
    match expiry {
        Expiry::Settled | Expiry::Due => String::new(),
        Expiry::NotStarted => {
            let name = EventName::Task {
                task: task.to_owned(),
                kind: EventKind::Triggered,
            };
            format!(
                "sequence timed out while waiting for task {name} to receive a correlating .started or .finished event"
            )
        }
        Expiry::Task => format!(
            "sequence timed out: task {task} did not finish within {}",
            limit(settings.task_timeout_ms)
        ),
        Expiry::Approval => format!(
            "sequence timed out: nobody decided on {task} within {}",
            limit(settings.approval_timeout_ms)
        ),
        Expiry::Sequence => {
            let limit = one.sequence.timeout_ms.or(settings.sequence_timeout_ms);
            let limit = in_seconds(limit.unwrap_or(0));
            format!("sequence timed out: it took longer than {limit}")
        }
    }
}

/// Returns a time as people write it: `90 s`, `1.5 s`.
fn in_seconds(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    if rest == 0 {
        return format!("{seconds} s");
    }
    let text = format!("{seconds}.{rest:03}");
    format!("{} s", text.trim_end_matches('0'))
}
