//! Carries a run out, and tells what came of it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::account::table;
use super::again::Again;
use super::document::{Facts, by_whom, document, plan};
use super::ending;
use super::live::Live;
use super::plain::{Plain, heartbeat};
use super::question::Question;
use super::start::{Ready, Setup, given};
use crate::app::{Course, Onlooker, Patience, RunEnd, RunRequest, WaitingTask, run as carry_out};
use crate::cli::args::{RunArgs, RunFormat};
use crate::cli::clock;
use crate::cli::command::World;
use crate::cli::command::query::{fail, reach, written};
use crate::cli::console::{Volume, complain, machine_text};
use crate::cli::emission::{Emitting, LAST_WAIT, emit_targets};
use crate::cli::environment::Stream;
use crate::cli::executors::Workshop;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::signals::Goal;
use crate::config::Setting;
use crate::control::{EmitTarget, Emitter};
use crate::eventlog::EventLog;
use crate::executor::Questioner;
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
    /// How to go on with it.
    again: Again,
}

/// Carries out a sequence, or goes on with a run.
pub fn run(args: &RunArgs, world: &World<'_>) -> Exit {
    let setup = refuse_decision(args).and_then(|()| Setup::read(args, world));
    let setup = match setup {
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

/// Refuses to run nothing, and a decision on a run that only begins: clap lets it through where another flag excludes `--resume`.
fn refuse_decision(args: &RunArgs) -> Result<(), Failure> {
    if args.sequence.is_none() && args.resume.is_none() {
        let what = "nothing says what to run";
        return Err(Failure::new(Exit::Usage, what).with_hint(
            "tidegate run SEQUENCE begins one; tidegate run --resume goes on with the newest run that is not over",
        ));
    }
    let decides = args.approve || args.decline || args.message.is_some();
    if !decides || args.resume.is_some() {
        return Ok(());
    }
    let what = "--approve, --decline, and --message decide on a run that waits";
    Err(Failure::new(Exit::Usage, what).with_hint("add --resume, or --resume CONTEXT"))
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
    let targets = emit_targets(&args.emit, world.environment, &setup.configured.file.emit)?;
    let log = setup.log()?;
    let ready = match &args.resume {
        Some(context) => setup.resume(context, args, &log, world)?,
        None => setup.begin(args, world)?,
    };
    let context = ready.charter.context.clone();
    let project = ready.charter.project.clone();
    let _lock = setup.lock(&context, args)?;
    let verb = if args.resume.is_none() {
        "begins"
    } else {
        "goes on"
    };
    let text = format!("the run {} {verb}", printable(&context));
    world.console.say(&text);
    let onlooker = Watching::of(world);
    let given = given(args);
    let can_answer = given.is_none() && world.environment.stdin == Stream::Terminal;
    let questioner: Option<Arc<dyn Questioner>> = match &onlooker {
        Watching::Terminal(live) if can_answer => Some(Arc::new(Question::new(live))),
        Watching::Terminal(_) | Watching::Log(_) => None,
    };
    let workshop = Workshop::new(setup, &log, world, questioner);
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
    let again = Again::of(&context, args, setup);
    let timeout = setup.configured.timeout;
    let is_stored = Arc::new(AtomicBool::new(args.resume.is_some()));
    let emitting = (&onlooker, targets.as_slice(), &is_stored);
    let end = carry(log, request, emitting, timeout, &again);
    let end = end.map_err(|failure| failure.of_context(&context))?;
    let (course, waiting) = match end {
        RunEnd::Over(course) => (course, Vec::new()),
        RunEnd::Waiting(course, waiting) => (course, waiting),
    };
    Ok(Ended {
        course,
        waiting,
        project,
        context,
        again,
    })
}

/// Carries the run out, until it ends, or time runs out, or someone stops it.
fn carry(
    log: Arc<dyn EventLog>,
    request: RunRequest,
    (onlooker, targets, is_stored): (&Watching, &[EmitTarget], &Arc<AtomicBool>),
    timeout: Option<Duration>,
    again: &Again,
) -> Result<RunEnd, Failure> {
    let work = async {
        let emitter = Emitter::new(targets).map(Arc::new);
        let emitter =
            emitter.map_err(|error| Failure::new(Exit::Configuration, error.to_string()))?;
        let emitting = Emitting::new(
            onlooker.as_onlooker(),
            Arc::clone(&emitter),
            Arc::clone(is_stored),
        );
        let end = carry_out(log, request, Arc::new(emitting)).await;
        if let Some(emitter) = Arc::into_inner(emitter) {
            for line in emitter.finish(LAST_WAIT).await {
                complain(&line);
            }
        }
        Ok::<_, Failure>(end)
    };
    let ended = reach(Goal::Run, timeout, work);
    let ended = ended.map_err(|failure| Failure {
        hint: again.hint(is_stored),
        ..failure
    })?;
    ended?.map_err(|error| ending::failure(error, again, is_stored))
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
        again,
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
        complain(&ending::waits(again, waiting).text());
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
