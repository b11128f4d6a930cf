//! Carries a run out, and tells what came of it.

use std::sync::Arc;

use super::account::table;
use super::document::{Facts, by_whom, document, plan};
use super::ending;
use super::live::Live;
use super::plain::{Plain, heartbeat};
use super::start::{Ready, Setup, given};
use crate::app::{Course, Onlooker, Patience, RunEnd, RunRequest, WaitingTask, run as carry_out};
use crate::cli::args::{RunArgs, RunFormat};
use crate::cli::clock;
use crate::cli::command::World;
use crate::cli::command::query::{fail, reach, written};
use crate::cli::console::{Volume, complain, machine_text};
use crate::cli::environment::Stream;
use crate::cli::executors::{Asking, Workshop};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::signals::Goal;
use crate::config::Setting;
use crate::eventlog::EventLog;
use crate::report::{Format, printable};
use crate::sequence::EngineSettings;

/// What a run came to, for now.
struct Ended {
    /// How it stands.
    course: Course,
    /// What waits for others.
    waiting: Vec<WaitingTask>,
    /// The project.
    project: String,
    /// The context.
    context: String,
}

/// Carries out a sequence, or goes on with a run.
pub fn run(args: &RunArgs, world: &World<'_>) -> Exit {
    let setup = match Setup::read(args, world) {
        Ok(setup) => setup,
        Err(failure) => return fail(&failure, format(args, None, world), world),
    };
    let format = format(args, Some(&setup), world);
    if args.dry_run {
        return match setup.begin(args, world) {
            Ok(ready) => show_plan(&ready, format),
            Err(failure) => fail(&failure, format, world),
        };
    }
    match perform(args, &setup, world) {
        Ok(ended) => tell(&ended, &setup, format, world),
        Err(failure) => fail(&failure, format, world),
    }
}

/// Returns what stdout shows.
fn format(args: &RunArgs, setup: Option<&Setup>, world: &World<'_>) -> Format {
    let configured = match setup {
        Some(setup) => setup.configured.settings.get(Setting::Output),
        None => world.environment.get("TIDEGATE_OUTPUT"),
    };
    let known = |text| <RunFormat as clap::ValueEnum>::from_str(text, false).ok();
    match args.output.or_else(|| configured.and_then(known)) {
        None | Some(RunFormat::Table) => Format::Table,
        Some(RunFormat::Json) => Format::Json,
        Some(RunFormat::Yaml) => Format::Yaml,
    }
}

/// Begins, or goes on, and carries the run out.
fn perform(args: &RunArgs, setup: &Setup, world: &World<'_>) -> Result<Ended, Failure> {
    let log = setup.log()?;
    let ready = match &args.resume {
        Some(context) => setup.resume(context, args, &log, world)?,
        None => setup.begin(args, world)?,
    };
    let context = ready.charter.context.clone();
    let project = ready.charter.project.clone();
    let _lock = setup.lock(&context)?;
    let (_, is_new) = (world, args.resume.is_none());
    let verb = if is_new { "begins" } else { "goes on" };
    let text = format!("the run {} {verb}", printable(&context));
    world.console.say(&text);
    let onlooker = Watching::of(world);
    let given = given(args);
    let asking = match (&given, &onlooker) {
        (None, Watching::Terminal(live)) => Asking::Terminal(Arc::clone(live)),
        (Some(_), _) | (None, Watching::Log(_)) => Asking::Nobody,
    };
    let workshop = Workshop::new(setup, &log, world, asking);
    let request = RunRequest {
        executors: workshop.executors(&ready.uses)?,
        charter: ready.charter,
        settings: EngineSettings::default(),
        given,
        patience: if args.wait {
            Patience::Wait
        } else {
            Patience::Leave
        },
        moments: Arc::new(clock::now),
    };
    let end = carry(log, request, &onlooker, setup, &context)?;
    let (course, waiting) = match end {
        RunEnd::Over(course) => (course, Vec::new()),
        RunEnd::Waiting(course, waiting) => (course, waiting),
    };
    Ok(Ended {
        course,
        waiting,
        project,
        context,
    })
}

/// Carries the run out, until it ends, or time runs out, or someone stops it.
fn carry(
    log: Arc<dyn EventLog>,
    request: RunRequest,
    onlooker: &Watching,
    setup: &Setup,
    context: &str,
) -> Result<RunEnd, Failure> {
    let work = carry_out(log, request, onlooker.as_onlooker());
    let ended = reach(Goal::Run, setup.configured.timeout, work).map_err(|failure| {
        let hint = format!("go on with it: tidegate run --resume {context}");
        failure.with_hint(hint)
    })?;
    ended.map_err(|error| ending::failure(error, context))
}

/// Who watches.
enum Watching {
    /// Somebody at a terminal.
    Terminal(Arc<Live>),
    /// A log.
    Log(Arc<Plain>),
}

impl Watching {
    /// Looks at the surroundings.
    fn of(world: &World<'_>) -> Self {
        let environment = world.environment;
        let console = world.console;
        let is_terminal = environment.stderr == Stream::Terminal
            && !environment.is_ci()
            && environment.get("TERM") != Some("dumb")
            && console.volume != Volume::Quiet;
        if is_terminal {
            return Self::Terminal(Arc::new(Live::new(console)));
        }
        let is_silent_job = environment.is_ci() && console.volume != Volume::Quiet;
        Self::Log(Arc::new(Plain::new(console, is_silent_job.then(heartbeat))))
    }

    /// Returns who hears of the run.
    fn as_onlooker(&self) -> Arc<dyn Onlooker> {
        match self {
            Self::Terminal(live) => Arc::clone(live) as _,
            Self::Log(plain) => Arc::clone(plain) as _,
        }
    }
}

/// Tells what came of a run.
fn tell(ended: &Ended, setup: &Setup, format: Format, world: &World<'_>) -> Exit {
    let Ended {
        course,
        waiting,
        project,
        context,
    } = ended;
    let exit = if waiting.is_empty() {
        ending::exit(course.executions(), setup.configured.fail_on)
    } else {
        Exit::TryAgain
    };
    let facts = Facts {
        project,
        context,
        waiting,
        exit,
    };
    let text = match machine_text(format, &document(course, &facts)) {
        Some(text) => text,
        None => table(course, context, world.console.stdout),
    };
    let exit = written(&text, exit);
    if !waiting.is_empty() {
        complain(&ending::waits(context, waiting).text());
    }
    exit
}

/// Shows what would be carried out by whom.
fn show_plan(ready: &Ready, format: Format) -> Exit {
    let Ready {
        charter,
        reached,
        uses,
    } = ready;
    let service = charter.trigger.data_text("service");
    let document = plan(&charter.project, &service, reached, uses);
    if let Some(text) = machine_text(format, &document) {
        return written(&text, Exit::Pass);
    }
    let mut lines = Vec::new();
    for one in reached {
        let after = one.sequence.triggered_on.iter().map(|on| {
            let pairs = on.selector.iter().flat_map(|selector| &selector.matches);
            let pairs: Vec<String> = pairs
                .map(|(key, value)| format!("{key}: {value}"))
                .collect();
            let when = if pairs.is_empty() {
                String::new()
            } else {
                format!(" ({})", pairs.join(", "))
            };
            format!("{}.{}{when}", on.stage, on.sequence)
        });
        let after: Vec<String> = after.collect();
        let when = if after.is_empty() {
            String::new()
        } else {
            format!(", after {}", after.join(" or "))
        };
        lines.push(format!("{}.{}{when}", one.stage, one.sequence.name));
        for task in &one.sequence.tasks {
            let by = uses.get(&(one.stage.clone(), task.name.clone()));
            let by = by.map(by_whom).unwrap_or_default();
            lines.push(format!("  {}: {by}", task.name));
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
    written(&format!("{}\n", lines.join("\n")), Exit::Pass)
}
