//! Waits for a delivery, tells on stderr what happens, and ends with its outcome.

use std::time::Duration;

use serde_json::Value;

use super::outcome::{add, exit_of, table};
use super::session::Session;
use super::told::Told;
use crate::app::{Attendance, Attendant, Attended, Delivery, Pace, SequenceOutcome, attend};
use crate::cli::args::WaitArgs;
use crate::cli::console::{complain, stream};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::gate::event::CloudEvent;
use crate::gate::parse_duration;
use crate::report::{EventList, Format, printable};
use crate::sequence::{Control, ControlAction, EventKind, EventName, Shipyard};

/// How long to wait where nobody says.
const TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// What was triggered.
pub struct Triggered<'a> {
    /// The project.
    pub project: &'a str,
    /// The context.
    pub context: &'a str,
    /// The shipyard.
    pub shipyard: &'a Shipyard,
    /// What there is to tell of it so far.
    pub document: Value,
}

/// Tells what happens while a delivery is waited for.
struct Teller<'w> {
    /// Where and how.
    session: &'w Session<'w>,
    /// Whether each event is shown.
    shows_events: bool,
    /// What stdout shows.
    format: Format,
    /// The state that was told last.
    state: String,
}

/// Returns how long to wait: the flag, what is configured, an hour.
pub fn limit(args: &WaitArgs, session: &Session<'_>) -> Result<Duration, Failure> {
    let Some(text) = &args.timeout else {
        return Ok(session.timeout().unwrap_or(TIMEOUT));
    };
    let duration = parse_duration(text)
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| {
        let message = format!("--timeout: `{text}` is no duration above 0");
        Failure::new(Exit::Usage, message).with_hint("such as --timeout 30m")
    })
}

/// Waits, if that was asked for, and returns what is printed.
pub async fn outcome(
    triggered: Triggered<'_>,
    args: &WaitArgs,
    format: Format,
    session: &Session<'_>,
) -> Result<Told, Failure> {
    let Triggered {
        project,
        context,
        shipyard,
        mut document,
    } = triggered;
    if !args.wait && !args.watch {
        add(&mut document, None, None);
        return Ok(Told::new(document, context));
    }
    let limit = limit(args, session)?;
    let attendance = Attendance {
        client: &session.client,
        project,
        context,
        shipyard: Some(shipyard),
        pace: Pace::USUAL,
    };
    let mut teller = Teller {
        session,
        shows_events: args.watch,
        format,
        state: String::new(),
    };
    let mut attended = Attended::default();
    let waited = tokio::time::timeout(limit, attend(&attendance, &mut attended, &mut teller)).await;
    let outcome = match waited {
        Ok(Ok(())) => attended.delivery.outcome(),
        Ok(Err(error)) => return Err(lost(error.into(), context)),
        Err(_elapsed) => {
            give_up(project, context, args, limit, session).await;
            Some(SequenceOutcome::TimedOut)
        }
    };
    add(&mut document, Some(&attended), outcome);
    let text = format!(
        "{}\ncontext {context}: {}\n",
        table(&attended, session.world.console.stdout).trim_end(),
        outcome.map_or("no outcome", SequenceOutcome::as_str)
    );
    let fail_on = args.fail_on.or(session.configured.fail_on);
    let mut told = Told::new(document, text.trim_start());
    told.exit = exit_of(outcome, fail_on);
    Ok(told)
}

/// Says that the wait took too long, and ends the delivery where that was asked for.
async fn give_up(
    project: &str,
    context: &str,
    args: &WaitArgs,
    limit: Duration,
    session: &Session<'_>,
) {
    complain(&format!(
        "error: the delivery {context} has no outcome after {limit:?}"
    ));
    if !args.abort_on_timeout {
        complain(&format!(
            "  hint: it goes on; end it with tidegate sequence abort --project {} --context {context}",
            printable(project)
        ));
        return;
    }
    let control = Control {
        project: project.to_owned(),
        context: context.to_owned(),
        stage: None,
        action: ControlAction::Abort,
    };
    match session.client.control(&control).await {
        Ok(()) => complain("it is aborted, as --abort-on-timeout says"),
        Err(error) => complain(&format!("error: it could not be aborted: {error}")),
    }
}

/// Adds to a failure which delivery it leaves behind.
fn lost(mut failure: Failure, context: &str) -> Failure {
    let hint = format!(
        "the delivery {context} goes on; tidegate get sequences --context {context} tells how it stands"
    );
    failure.hint = Some(hint);
    failure
}

impl Teller<'_> {
    /// Says how to answer an approval that somebody has to decide about.
    fn approval(event: &CloudEvent) {
        let data = event.data.value();
        let result = event.data_text("result");
        let strategy = data.pointer(&format!("/approval/{result}"));
        let is_decided = strategy.and_then(Value::as_str) == Some("automatic");
        if is_decided || result == "fail" {
            return;
        }
        let (id, stage) = (printable(&event.id), printable(&event.data_text("stage")));
        complain(&format!(
            "an approval waits in the stage {stage}: tidegate approve --id {id}, or tidegate decline --id {id}"
        ));
    }

    /// Shows an event: on stdout, unless a document goes there.
    fn show(&self, event: &CloudEvent) {
        let console = &self.session.world.console;
        if self.format == Format::Table && self.shows_events {
            let list = EventList::of(std::slice::from_ref(event), console.stdout);
            // A reader that went away changes no outcome.
            drop(stream(&list.line(event)));
            return;
        }
        let list = EventList::of(std::slice::from_ref(event), console.stderr);
        let line = list.line(event);
        let line = line.lines().next().unwrap_or_default();
        console.say(line.trim_end());
    }
}

impl Attendant for Teller<'_> {
    fn event(&mut self, event: &CloudEvent) {
        let name = EventName::parse(&event.event_type);
        let is_step = match &name {
            Some(EventName::Sequence { .. }) => true,
            Some(EventName::Task { kind, .. }) => *kind == EventKind::Finished,
            None => false,
        };
        if self.shows_events || is_step {
            self.show(event);
        }
        let is_approval = matches!(
            &name,
            Some(EventName::Task { task, kind: EventKind::Triggered }) if task == "approval"
        );
        if is_approval {
            Self::approval(event);
        }
    }

    fn standing(&mut self, delivery: &Delivery) {
        if delivery.state != self.state {
            self.state.clone_from(&delivery.state);
            let state = printable(&self.state);
            self.session
                .world
                .console
                .mention(&format!("state: {state}"));
        }
    }

    fn in_line(&mut self, behind: Option<&str>) {
        let whom = behind.map_or_else(
            || "another sequence of the same stage and service is under way".to_owned(),
            |context| format!("the context {} comes before it", printable(context)),
        );
        let console = &self.session.world.console;
        console.say(&format!("the delivery waits in line: {whom}"));
    }

    fn untaken(&mut self, task: &str, stage: &str) {
        let (task, stage) = (printable(task), printable(stage));
        self.session.world.console.say(&format!(
            "nobody has taken `{task}` of `{stage}` yet; does whatever carries it out run?"
        ));
    }
}
