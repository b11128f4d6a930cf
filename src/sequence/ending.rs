//! How an execution ends.

use std::sync::Arc;

use jiff::Timestamp;

use super::event_name::{EventKind, EventName};
use super::execution::{
    EndedExecution, Execution, ExecutionState, FinishedTask, Place, TaskStatus,
};
use super::follow_up;
use super::ids::derived_id;
use super::payload::{finished_payload, worst_result};
use super::round::{Outgoing, Round};
use super::settings::FailureFollowUps;
use crate::gate::Verdict;

/// How an execution ends.
pub(super) struct Ending {
    /// Its last state.
    state: ExecutionState,
    /// The status.
    status: TaskStatus,
    /// The result.
    result: Verdict,
    /// Why.
    message: String,
    /// Who caused it.
    cause: Cause,
}

/// Who caused an end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The tasks.
    Tasks,
    /// The engine: something took too long, or could not be begun.
    Engine,
    /// Somebody who does not want it any more: nothing follows.
    Person,
}

impl Ending {
    /// The tasks came to a result.
    pub fn finished(status: TaskStatus, result: Verdict, message: String) -> Self {
        Self {
            state: ExecutionState::Finished,
            status,
            result,
            message,
            cause: Cause::Tasks,
        }
    }

    /// It can't begin, or go on.
    pub fn errored(message: String) -> Self {
        Self {
            cause: Cause::Engine,
            ..Self::finished(TaskStatus::Errored, Verdict::Fail, message)
        }
    }

    /// It was not let in: nothing was begun, so nothing follows.
    pub fn refused(message: String) -> Self {
        Self {
            cause: Cause::Person,
            ..Self::errored(message)
        }
    }

    /// Something took too long.
    pub fn timed_out(message: String) -> Self {
        Self {
            state: ExecutionState::TimedOut,
            ..Self::errored(message)
        }
    }

    /// Somebody ended it.
    pub fn aborted(message: String) -> Self {
        Self {
            state: ExecutionState::Aborted,
            status: TaskStatus::Aborted,
            result: Verdict::Fail,
            message,
            cause: Cause::Person,
        }
    }
}

/// Ends an execution: tells it, and starts what follows.
pub(super) fn end(round: &mut Round<'_>, mut one: Execution, ending: Ending) {
    let cause = ending.cause;
    close(round, &mut one, ending);
    let name = EventName::Sequence {
        stage: one.scope.stage.clone(),
        sequence: one.sequence.name.clone(),
        kind: EventKind::Finished,
    };
    let outgoing = Outgoing {
        id: derived_id(&one.id, &["finished"]),
        event_type: name.to_string(),
        triggered_id: Some(one.scope.triggered_id.clone()),
        data: finished_payload(&one),
    };
    let time = round.send(&one, outgoing);
    if let Some(ended) = &mut one.ended {
        ended.time = time;
    }
    let has_follow_ups = match cause {
        Cause::Tasks => true,
        // What follows and can't even send its first task must not start itself again and again.
        Cause::Engine => {
            let went_somewhere = !one.scope.is_follow_up || !one.previous.is_empty();
            round.settings.follow_ups == FailureFollowUps::Fire && went_somewhere
        }
        Cause::Person => false,
    };
    if has_follow_ups {
        follow_up::start(round, &one);
    }
    round.put(one);
}

/// Ends an execution without a word: its project is gone.
pub(super) fn drop_silently(round: &mut Round<'_>, mut one: Execution) {
    let message = "the project was deleted".to_owned();
    close(round, &mut one, Ending::aborted(message));
    round.put(one);
}

/// Writes down how it ended.
fn close(round: &Round<'_>, one: &mut Execution, ending: Ending) {
    let Ending {
        state,
        status,
        result,
        message,
        cause: _,
    } = ending;
    if let Some(task) = unfinished(one, round.now, status, &message) {
        one.previous.push(task);
    }
    one.current = None;
    one.before_pause = None;
    one.paused_at = None;
    one.place = Place::Free;
    one.state = state;
    one.ended = Some(EndedExecution {
        time: round.now,
        status,
        result,
        worst_result: worst_result(one, result, status),
        message,
    });
}

/// Returns what became of a task that was sent and never came to an end.
fn unfinished(
    one: &Execution,
    now: Timestamp,
    status: TaskStatus,
    message: &str,
) -> Option<FinishedTask> {
    let current = one.current.as_ref()?;
    Some(FinishedTask {
        name: current.name.clone(),
        triggered_id: current.triggered_id.clone(),
        result: Verdict::Fail,
        status,
        message: message.to_owned(),
        data: Arc::default(),
        sent_at: current.sent_at?,
        ended_at: now,
        finished_id: None,
    })
}
