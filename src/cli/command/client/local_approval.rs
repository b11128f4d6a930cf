//! Answers an approval that a local run waits for: in the event log.

use super::super::World;
use super::super::query::wait_for;
use super::super::target::Configured;
use super::approve::{only, told};
use super::told::Told;
use crate::app::{ApprovalAnswer, approval_event};
use crate::cli::args::ApprovalArgs;
use crate::cli::clock;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::log_failure::history;
use crate::cli::wiring;
use crate::eventlog::{EventLog, Filter, Kinds, ReadError, Times};
use crate::gate::event::CloudEvent;

/// The type of an approval that waits.
const TRIGGERED: &str = "sh.keptn.event.approval.triggered";
/// The type of an answer.
const FINISHED: &str = "sh.keptn.event.approval.finished";
/// How many of the newest events of each type are looked at.
const NEWEST: usize = 1_000;

/// Answers the approval that is meant.
pub fn answer(
    args: &ApprovalArgs,
    answer: &ApprovalAnswer,
    configured: Configured,
    world: &World<'_>,
) -> Result<Told, Failure> {
    let url = configured.log.url.to_string();
    world
        .console
        .mention(&format!("no control plane is named; event log: {url}"));
    let log = wiring::open_log(configured.log)?;
    let work = async {
        let open = open(log.as_ref(), args).await;
        let triggered = only(open.map_err(|error| history(&error))?, args);
        let triggered = triggered.map_err(|failure| {
            if failure.exit != Exit::Missing {
                return failure;
            }
            failure.with_hint(format!(
                "looked for in {url}; --endpoint names a control plane, --config or a variable another log"
            ))
        })?;
        let mut event = approval_event(&triggered, answer, clock::id());
        event.time = Some(clock::now());
        let stored = log.append(vec![event], Times::Stamped).await;
        stored.map_err(|error| Failure::from(crate::app::SteerError::Append(error)))?;
        Ok(told(&triggered, answer.decision, &url))
    };
    wait_for(configured.timeout, work)?
}

/// Returns the approvals that wait, as the log knows them.
async fn open(log: &dyn EventLog, args: &ApprovalArgs) -> Result<Vec<CloudEvent>, ReadError> {
    let filter = Filter {
        id: args.id.clone(),
        project: args.project.clone(),
        stage: args.stage.clone(),
        service: args.service.clone(),
        context: args.context.clone(),
        kinds: Kinds::only(TRIGGERED),
        ..Filter::default()
    };
    let mut open = log.events(&filter, NEWEST).await?.events;
    let finished = Filter {
        id: None,
        kinds: Kinds::only(FINISHED),
        ..filter
    };
    let finished = log.events(&finished, NEWEST).await?.events;
    open.retain(|event| {
        let id = Some(event.id.as_str());
        !finished.iter().any(|one| one.triggeredid.as_deref() == id)
    });
    Ok(open)
}
