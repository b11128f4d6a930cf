//! Pausing, resuming and aborting (controlplane.md 3.10).

use super::advance::proceed;
use super::control::{Control, ControlAction};
use super::deadline::milliseconds;
use super::ending::{Ending, end};
use super::engine::Ignored;
use super::execution::{Execution, ExecutionState, Pauses, Place};
use super::round::Round;

/// Does what somebody wants done with a context.
pub(super) fn steer(round: &mut Round<'_>, control: &Control) -> Result<(), Ignored> {
    let ids = round.roster.of_context(&control.project, &control.context);
    if ids.is_empty() {
        return Err(Ignored::NothingOpen(control.context.clone()));
    }
    match control.action {
        ControlAction::Abort => abort(round, control, &ids),
        ControlAction::Pause | ControlAction::Resume => {
            for id in &ids {
                if let Some(mut one) = round.take(id) {
                    mark(&mut one.pauses, control);
                    hold_or_let_go(round, one);
                }
            }
            Ok(())
        }
    }
}

/// Ends what is open.
fn abort(round: &mut Round<'_>, control: &Control, ids: &[String]) -> Result<(), Ignored> {
    let is_meant = |one: &Execution| {
        let stage = control.stage.as_deref();
        stage.is_none_or(|stage| stage == one.scope.stage)
    };
    let mut is_any = false;
    for id in ids {
        if !round.roster.open.get(id).is_some_and(is_meant) {
            continue;
        }
        if let Some(one) = round.take(id) {
            is_any = true;
            end(round, one, Ending::aborted("aborted".to_owned()));
        }
    }
    if is_any {
        Ok(())
    } else {
        Err(Ignored::NothingOpen(control.context.clone()))
    }
}

/// Notes what is paused. To resume everything ends every pause; to resume a stage ends that stage's own.
fn mark(pauses: &mut Pauses, control: &Control) {
    match (control.action, &control.stage) {
        (ControlAction::Pause, None) => pauses.all = true,
        (ControlAction::Pause, Some(stage)) => {
            pauses.stages.insert(stage.clone());
        }
        (ControlAction::Resume, None) => *pauses = Pauses::default(),
        (ControlAction::Resume, Some(stage)) => {
            pauses.stages.remove(stage);
        }
        (ControlAction::Abort, _) => {}
    }
}

/// Lets an execution stand as its pauses say.
fn hold_or_let_go(round: &mut Round<'_>, one: Execution) {
    match (one.is_paused(), one.pauses.hold(&one.scope.stage)) {
        (false, true) => pause(round, one),
        (true, false) => resume(round, one),
        (true, true) | (false, false) => round.put(one),
    }
}

/// Holds an execution. A running task keeps the slot until it ends.
fn pause(round: &mut Round<'_>, mut one: Execution) {
    one.before_pause = Some(one.state);
    one.state = ExecutionState::Paused;
    one.paused_at = Some(round.now);
    if !one.has_open_task() {
        one.place = Place::Free;
    }
    round.put(one);
}

/// Lets an execution go on where it was.
fn resume(round: &mut Round<'_>, mut one: Execution) {
    let paused_at = one.paused_at.take();
    let paused_ms = paused_at.map_or(0, |from| milliseconds(from, round.now));
    one.paused_ms = one.paused_ms.saturating_add(paused_ms);
    let before = one.before_pause.take();
    one.state = before.unwrap_or(ExecutionState::Started);
    if one.has_open_task() {
        if let Some(current) = &mut one.current {
            current.paused_ms = current.paused_ms.saturating_add(paused_ms);
        }
        return round.put(one);
    }
    if one.current.is_none() {
        one.place = Place::Waiting;
    }
    proceed(round, one);
}
