//! `tidegate approve` and `tidegate decline`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::World;
use super::super::query::{data_format, fail, wait_for, written};
use super::input::labels;
use super::local_approval;
use super::session::{Session, configured, filled, whereabouts};
use super::told::{Told, rows};
use crate::app::{ApprovalAnswer, ApprovalDecision, approval_event, open_approvals, submit_once};
use crate::cli::args::ApprovalArgs;
use crate::cli::clock;
use crate::cli::console::complain;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::Setting;
use crate::control::EventQuestion;
use crate::gate::event::CloudEvent;
use crate::report::printable;

/// Approves.
pub fn approve(args: &ApprovalArgs, world: &World<'_>) -> Exit {
    answer(args, ApprovalDecision::Approve, world)
}

/// Declines.
pub fn decline(args: &ApprovalArgs, world: &World<'_>) -> Exit {
    answer(args, ApprovalDecision::Decline, world)
}

/// Answers an approval.
fn answer(args: &ApprovalArgs, decision: ApprovalDecision, world: &World<'_>) -> Exit {
    let format = data_format(args.connection.output, None, world);
    match attempt(args, decision, world) {
        Ok(told) => written(&told.text(format), told.exit),
        Err(failure) => fail(&failure, format, world),
    }
}

/// Answers an approval on the control plane, or without one in the log of a local run.
fn attempt(
    args: &ApprovalArgs,
    decision: ApprovalDecision,
    world: &World<'_>,
) -> Result<Told, Failure> {
    let answer = ApprovalAnswer {
        decision,
        message: args.message.clone().unwrap_or_default(),
        labels: labels(&args.labels)?,
    };
    let configured = configured(&args.connection, world)?;
    let file = filled(&configured, world.environment)?;
    let Some(found) = whereabouts(&args.connection, &file, world.environment)? else {
        return local_approval::answer(args, &answer, configured, world);
    };
    // A URL may hold a password.
    let place = found
        .endpoint
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .to_owned();
    let session = Session::of(found, &file, configured, world)?;
    let work = async {
        let project = args
            .project
            .as_deref()
            .or_else(|| session.configured.settings.get(Setting::Project));
        let question = EventQuestion {
            project: project.map(str::to_owned),
            stage: args.stage.clone(),
            service: args.service.clone(),
            context: args.context.clone(),
            id: args.id.clone(),
            ..EventQuestion::default()
        };
        let open = open_approvals(&session.client, &question).await?;
        let triggered = only(open, args)?;
        let event = approval_event(&triggered, &answer, clock::id());
        submit_once(&session.client, &event).await?;
        Ok(told(&triggered, decision, &place))
    };
    wait_for(None, work)?
}

/// Returns the one approval that is meant; of several none.
pub fn only(mut open: Vec<CloudEvent>, args: &ApprovalArgs) -> Result<CloudEvent, Failure> {
    if open.len() > 1 {
        complain(&table(&open));
        let message = format!(
            "{} approvals wait, and nothing says which is meant",
            open.len()
        );
        return Err(Failure::new(Exit::Usage, message).with_hint(telling_apart(&open)));
    }
    open.pop().ok_or_else(|| {
        let message = match &args.id {
            Some(id) => format!("no approval `{id}` waits"),
            None => "no such approval waits".to_owned(),
        };
        Failure::new(Exit::Missing, message).with_hint("tidegate get approvals lists those that do")
    })
}

/// Says what tells approvals apart.
fn telling_apart(open: &[CloudEvent]) -> &'static str {
    let place = |event: &CloudEvent| (event.data_text("stage"), event.data_text("service"));
    let places: BTreeSet<_> = open.iter().map(place).collect();
    if places.len() == open.len() {
        "name one of them: --id ID, or --stage and --service"
    } else {
        "name one of them: --id ID, or --context CONTEXT"
    }
}

/// Returns approvals as a table.
pub fn table(open: &[CloudEvent]) -> String {
    let table: Vec<Vec<String>> = open
        .iter()
        .map(|event| {
            let text = |name| event.data_text(name);
            vec![
                event.id.clone(),
                text("project"),
                text("stage"),
                text("service"),
                text("result"),
                event.shkeptncontext.clone().unwrap_or_default(),
            ]
        })
        .collect();
    rows(
        &["ID", "PROJECT", "STAGE", "SERVICE", "RESULT", "CONTEXT"],
        &table,
    )
}

/// Returns what there is to tell of an answer.
pub fn told(triggered: &CloudEvent, decision: ApprovalDecision, place: &str) -> Told {
    let text = |name| triggered.data_text(name);
    let document: Value = json!({
        "keptnContext": triggered.shkeptncontext,
        "triggeredid": triggered.id,
        "project": text("project"),
        "stage": text("stage"),
        "service": text("service"),
        "result": decision.result(),
    });
    let word = match decision {
        ApprovalDecision::Approve => "approved",
        ApprovalDecision::Decline => "declined",
    };
    let line = format!(
        "{word}: {} in the stage {}, context {}, at {}",
        printable(&text("service")),
        printable(&text("stage")),
        printable(triggered.shkeptncontext.as_deref().unwrap_or_default()),
        printable(place)
    );
    Told::new(document, line)
}
