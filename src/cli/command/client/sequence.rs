//! `tidegate sequence pause|resume|abort`, and the same in Keptn's order of words.

use serde_json::json;

use super::super::World;
use super::session::{Session, converse};
use super::told::Told;
use crate::cli::args::{ControlArgs, ControlNoun, ControlNounArgs, SequenceArgs, SequenceCommand};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::report::printable;
use crate::sequence::{Control, ControlAction};

/// Pauses, resumes or aborts.
pub fn control_sequence(args: &SequenceArgs, world: &World<'_>) -> Exit {
    let (args, action) = match &args.command {
        SequenceCommand::Pause(args) => (args, ControlAction::Pause),
        SequenceCommand::Resume(args) => (args, ControlAction::Resume),
        SequenceCommand::Abort(args) => (args, ControlAction::Abort),
    };
    carry_out(args, action, world)
}

/// Pauses, resumes or aborts, as Keptn's command line has it.
pub fn control(args: &ControlNounArgs, action: ControlAction, world: &World<'_>) -> Exit {
    let ControlNoun::Sequence(args) = &args.command;
    carry_out(args, action, world)
}

/// Does it.
fn carry_out(args: &ControlArgs, action: ControlAction, world: &World<'_>) -> Exit {
    converse(&args.connection, world, async |session: &Session<'_>| {
        steer(args, action, session).await
    })
}

/// Looks whether there is anything to steer, because a Keptn says yes to everything, and steers it.
async fn steer(
    args: &ControlArgs,
    action: ControlAction,
    session: &Session<'_>,
) -> Result<Told, Failure> {
    let project = session.project(args.project.as_deref())?;
    let context = args.context.as_str();
    let Some(state) = session.client.sequence(project, context).await? else {
        let message = format!("there is no context `{context}` in the project `{project}`");
        return Err(
            Failure::new(Exit::Missing, message).with_hint("tidegate get sequences lists them")
        );
    };
    let known_stage = |name: &String| state.stages.iter().any(|stage| stage.name == *name);
    if let Some(stage) = args.stage.as_ref().filter(|stage| !known_stage(stage)) {
        let message = format!("the context `{context}` has not reached a stage `{stage}`");
        return Err(Failure::new(Exit::Missing, message));
    }
    let has_ended = matches!(state.state.as_str(), "finished" | "timedOut" | "aborted");
    let document = |done: bool| {
        json!({
            "keptnContext": context,
            "project": project,
            "stage": args.stage,
            "action": action.as_str(),
            "done": done,
            "stateBefore": state.state,
        })
    };
    if has_ended {
        let message = format!(
            "the context {} has ended already: {}",
            printable(context),
            printable(&state.state)
        );
        if action == ControlAction::Abort {
            return Ok(Told::new(document(false), message));
        }
        return Err(Failure::new(Exit::Missing, message));
    }
    let control = Control {
        project: project.to_owned(),
        context: context.to_owned(),
        stage: args.stage.clone(),
        action,
    };
    session.client.control(&control).await?;
    let word = outcome(action, &state.state);
    let text = format!("the context {} {word}", printable(context));
    Ok(Told::new(document(true), text))
}

/// Says what comes of an action, by how the context stood.
fn outcome(action: ControlAction, state: &str) -> &'static str {
    match (action, state) {
        (ControlAction::Pause, "paused") => "is paused already",
        (ControlAction::Pause, "waiting") => {
            "is paused: it waits in line, and does not begin before it is resumed"
        }
        (ControlAction::Pause, _) => "is paused after its running task",
        (ControlAction::Resume, _) => "goes on",
        (ControlAction::Abort, _) => "is aborted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_worded_by_what_is_paused() {
        let told =
            ["started", "waiting", "paused"].map(|state| outcome(ControlAction::Pause, state));
        insta::assert_snapshot!(told.join("\n"), @"
        is paused after its running task
        is paused: it waits in line, and does not begin before it is resumed
        is paused already
        ");
    }
}
