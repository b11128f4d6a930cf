//! How an execution goes on: it takes its slot, sends its next task, waits, or ends.

use jiff::Timestamp;

use super::deadline::later;
use super::ending::{Ending, end};
use super::event_name::{EventKind, EventName};
use super::execution::{CurrentTask, Execution, ExecutionState, FinishedTask, Place, TaskStatus};
use super::ids::derived_id;
use super::payload::{MOST_BYTES, task_payload};
use super::roster::SlotKey;
use super::round::{Outgoing, Round, event};
use super::settings::{EngineSettings, SlotPolicy};
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, EventData};

/// Gives every slot that became free to those whose turn it is.
pub(super) fn hand_out_slots(round: &mut Round<'_>) {
    while let Some(key) = round.loose.pop_first() {
        while let Some(id) = whose_turn(round, &key) {
            let Some(one) = round.take(&id) else { break };
            take_slot(round, one);
        }
    }
}

/// Returns who may take a slot now.
fn whose_turn(round: &Round<'_>, key: &SlotKey) -> Option<String> {
    let slot = round.roster.slot(key)?;
    let has_room = slot.holders.len() < capacity(round.settings);
    has_room.then(|| slot.waiting.first().map(|turn| turn.id.clone()))?
}

/// Returns how many may have the same slot.
pub(super) fn capacity(settings: &EngineSettings) -> usize {
    match settings.slots {
        SlotPolicy::Queue | SlotPolicy::ReplaceWaiting | SlotPolicy::Reject => 1,
        SlotPolicy::Parallel(most) => usize::try_from(most).unwrap_or(usize::MAX).max(1),
    }
}

/// Goes on with an execution that waited for its slot.
fn take_slot(round: &mut Round<'_>, mut one: Execution) {
    one.place = Place::Holding;
    if one.current.is_none() {
        one.started_at = Some(round.now);
        one.set_state(ExecutionState::Started);
        prepare(&mut one, 0, round.now);
    }
    proceed(round, one);
}

/// Makes a task the current one.
fn prepare(one: &mut Execution, at: usize, now: Timestamp) {
    one.current = one.sequence.tasks.get(at).map(|task| CurrentTask {
        name: task.name.clone(),
        at,
        triggered_id: derived_id(&one.id, &["task", &at.to_string()]),
        due: later(now, task.triggered_after_ms),
        sent_at: None,
        answers: Vec::new(),
        settled_at: None,
        paused_ms: 0,
    });
}

/// Sends the current task where it may be sent, and puts the execution where it waits otherwise.
pub(super) fn proceed(round: &mut Round<'_>, mut one: Execution) {
    let Some(current) = one.current.as_ref().filter(|task| task.sent_at.is_none()) else {
        return round.put(one);
    };
    let needs_slot = !current.is_approval() && one.place != Place::Holding;
    if one.is_paused() {
        one.place = Place::Free;
    } else if current.due > round.now {
        one.place = Place::Delayed;
    } else if needs_slot {
        one.place = Place::Waiting;
    } else {
        return send_task(round, one);
    }
    round.put(one);
}

/// Sends the current task.
fn send_task(round: &mut Round<'_>, mut one: Execution) {
    let payload = task_payload(&one, round.settings.merging);
    if payload.json().len() > MOST_BYTES {
        let message = too_large(&one, payload.json().len());
        return end(round, one, Ending::errored(message));
    }
    let Some(current) = &one.current else {
        return round.put(one);
    };
    let sent_at = Some(round.send(&one, task_event(current, payload)));
    let is_approval = current.is_approval();
    if let Some(current) = &mut one.current {
        current.sent_at = sent_at;
    }
    if is_approval {
        one.place = Place::Free;
        one.set_state(ExecutionState::WaitingForApproval);
    } else {
        one.set_state(ExecutionState::Started);
    }
    round.put(one);
}

/// Returns the `.triggered` event of the current task as it was sent; `None`: it was not.
pub(super) fn sent_task(one: &Execution, settings: &EngineSettings) -> Option<CloudEvent> {
    let current = one.current.as_ref()?;
    let payload = task_payload(one, settings.merging);
    Some(event(one, task_event(current, payload), current.sent_at?))
}

/// Makes the `.triggered` event of a task.
fn task_event(current: &CurrentTask, data: EventData) -> Outgoing {
    let name = EventName::Task {
        task: current.name.clone(),
        kind: EventKind::Triggered,
    };
    Outgoing {
        id: current.triggered_id.clone(),
        event_type: name.to_string(),
        triggered_id: None,
        data,
    }
}

/// Says that a payload can't be sent.
fn too_large(one: &Execution, bytes: usize) -> String {
    let task = one.current.as_ref().map_or("", |current| &current.name);
    format!(
        "task {task} can't be triggered: the data of the trigger and of the tasks before it come to {bytes} bytes, and an event has {MOST_BYTES} at most"
    )
}

/// Goes on after a task: with the next one, or to the end.
pub(super) fn complete_task(round: &mut Round<'_>, mut one: Execution, task: FinishedTask) {
    let Some(current) = one.current.take() else {
        return round.put(one);
    };
    let (result, status) = (task.result, task.status);
    let message = task.message.clone();
    one.previous.push(task);
    let stops = result == Verdict::Fail || status == TaskStatus::Errored;
    let next = current.at + 1;
    if stops || next >= one.sequence.tasks.len() {
        return end(round, one, Ending::finished(status, result, message));
    }
    one.set_state(ExecutionState::Started);
    prepare(&mut one, next, round.now);
    proceed(round, one);
}
