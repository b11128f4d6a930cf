//! `tidegate evaluate`: every target in turn, then the worst exit code.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;

use super::World;
use super::baseline;
use super::desk::disown;
use super::plan_text;
use super::publish;
use super::refusal::{shared_series, stdin_once};
use super::target::{Configured, Job, Preparation, Target, configure, name_of, prepare_with};
use super::teller::Teller;
use super::wanted::{announced, disown_all, job, wanted};
use super::watch;
use crate::app::{
    Asked, Beginning, EvaluateError, Lateness, LogNeed, Prepared, Services, Stamp,
    evaluate as judge, prepare,
};
use crate::cli::args::{EvaluateArgs, MeasureArgs};
use crate::cli::clock;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, no_history};
use crate::cli::progress::Progress;
use crate::cli::report_files::refuse_shared;
use crate::cli::signals::{Goal, stopped};
use crate::cli::wiring;
use crate::config::{Layer, Reality, Setting};
use crate::eventlog::EventLog;
use crate::gate::{Record, parse_duration};
use crate::provider::Memory;
use crate::report::{Format, printable};
use crate::spec;

/// The name and version that records carry.
pub const PRODUCER: &str = concat!("tidegate ", env!("CARGO_PKG_VERSION"));

/// Evaluates every target.
pub fn evaluate(args: &EvaluateArgs, world: &World<'_>) -> Exit {
    let began = clock::beginning();
    if args.watch {
        return watch::watch(args, world, began);
    }
    let jobs = jobs(args, world);
    if let Some(warning) = shared_series(&jobs) {
        world.console.say(&printable(&warning));
    }
    let format = format(args, &jobs, world);
    let format = match format {
        Ok(format) => format,
        Err(failure) => {
            if !args.dry_run {
                disown(&announced(args, world), None, &failure, began.time);
            }
            let mut teller = Teller::new(Format::Table, args, world, 1);
            teller.no_verdict(&failure, job(args, world).as_ref(), None);
            return teller.fail(&failure);
        }
    };
    let mut teller = Teller::new(format, args, world, jobs.len());
    if args.dry_run {
        let exits = jobs
            .into_iter()
            .map(|job| dry_run(job, args, world, began.time, &mut teller));
        let worst = exits.max().unwrap_or(Exit::Pass);
        return teller.finish(worst);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let exit = teller.fail(&Failure::new(Exit::Bug, format!("no runtime: {error}")));
            return teller.finish(exit);
        }
    };
    let worst = runtime.block_on(evaluate_all(jobs, args, world, began, &mut teller));
    runtime.shutdown_background();
    teller.finish(worst)
}

/// Returns every target with its configuration.
pub fn jobs(args: &EvaluateArgs, world: &World<'_>) -> Vec<Job> {
    let targets = Target::all(args.measure.slo.as_deref(), &args.folders);
    let job = |target: Target| {
        let configured = configured(&target, args, world);
        (target, configured)
    };
    targets.into_iter().map(job).collect()
}

/// Reads the configuration that belongs to a target.
fn configured(
    target: &Target,
    args: &EvaluateArgs,
    world: &World<'_>,
) -> Result<Configured, Failure> {
    let reality = if args.dry_run {
        Reality::DryRun
    } else {
        Reality::Real
    };
    let mut flags = Layer::default();
    flags.set_from_flag(Setting::EventLog, args.event_log.clone());
    flags.set_from_flag(Setting::Baseline, baseline::joined(&args.baseline)?);
    let spelled = |flag: bool| flag.to_string();
    flags.set_from_flag(Setting::RequireBaseline, args.require_baseline.map(spelled));
    flags.set_from_flag(
        Setting::EventLogRequired,
        args.event_log_required.map(spelled),
    );
    flags.set_from_flag(Setting::FailOn, args.fail_on.map(name_of));
    let format = args.output.map(|format| format.name().to_owned());
    flags.set_from_flag(Setting::Output, format);
    flags.set_from_flag(Setting::OnFail, args.on_fail.map(name_of));
    flags.set_from_flag(Setting::OnWarning, args.on_warning.map(name_of));
    flags.set_from_flag(Setting::WaitForData, args.wait_for_data.clone());
    publish::set(&mut flags, &args.publish);
    configure(target, &args.measure, flags, reality, world)
}

/// Reads the files of a target and makes the plan.
fn prepared(
    target: &Target,
    args: &EvaluateArgs,
    configured: &Configured,
    world: &World<'_>,
    now: Timestamp,
) -> Result<Prepared, Failure> {
    stdin_once(args)?;
    let preparation = Preparation {
        target,
        args: &args.measure,
        values: args.values.as_deref(),
        configured,
        now,
    };
    prepare_with(&preparation, world, prepare)
}

/// Returns what stdout shows: the flag, the environment, or the configuration of the first target.
pub fn format(args: &EvaluateArgs, jobs: &[Job], world: &World<'_>) -> Result<Format, Failure> {
    let configured = jobs
        .iter()
        .find_map(|(_, configured)| configured.as_ref().ok());
    let format = match (args.output, configured) {
        (Some(format), _) => format,
        (None, Some(configured)) => configured.format()?,
        (None, None) => {
            let named = world.environment.get("TIDEGATE_OUTPUT");
            let named = named.and_then(|name| name.parse().ok());
            named.unwrap_or(Format::Table)
        }
    };
    if jobs.len() > 1 && !format.holds_several() {
        let name = format.name();
        let message = format!("{name} shows one evaluation, and these are {}", jobs.len());
        let hint = format!("write one file for each: --report {name}={{service}}.{name}");
        return Err(Failure::new(Exit::Usage, message).with_hint(hint));
    }
    Ok(format)
}

/// Evaluates the targets one after the other, until time runs out or someone stops it.
async fn evaluate_all(
    jobs: Vec<Job>,
    args: &EvaluateArgs,
    world: &World<'_>,
    began: Beginning,
    teller: &mut Teller<'_>,
) -> Exit {
    let call = Call {
        args,
        world,
        began,
        memory: None,
    };
    let timeout = jobs
        .iter()
        .find_map(|(_, configured)| configured.as_ref().ok()?.timeout);
    let mut stop: Pin<Box<dyn Future<Output = Failure>>> =
        Box::pin(stopped(timeout, Goal::Verdict));
    let job = job(args, world);
    let mut worst = Exit::Pass;
    let mut wanted = wanted(jobs, args, world);
    let files = wanted.iter().map(|(_, desk)| match desk {
        Ok(desk) => &desk.reports,
        Err((_, announced)) => announced,
    });
    if let Err(failure) = refuse_shared(files) {
        disown_all(&wanted, &failure, began.time);
        teller.no_verdict(&failure, job.as_ref(), None);
        return teller.fail(&failure);
    }
    while let Some((target, desk)) = wanted.pop_front() {
        let desk = match desk {
            Ok(desk) => desk,
            Err((failure, announced)) => {
                disown(&announced, None, &failure, began.time);
                teller.no_verdict(&failure, job.as_ref(), None);
                worst = worst.max(teller.fail(&failure));
                continue;
            }
        };
        let judged = tokio::select! {
            // In this order signals are heard from the first moment on.
            biased;
            failure = &mut stop => {
                desk.report_failure(&failure, began.time, teller, world).await;
                disown_all(&wanted, &failure, began.time);
                let exit = teller.fail(&failure);
                desk.tell_failure(&failure, began, world).await;
                return worst.max(exit);
            }
            judged = judge_one(&target, &desk.configured, &call) => judged,
        };
        let exit = match judged {
            Ok(judged) => desk.publish(judged, teller, began, world).await,
            Err(Unjudged { failure, record }) => {
                desk.report_failure(&failure, began.time, teller, world)
                    .await;
                let exit = teller.without_verdict(record.as_deref(), &failure);
                desk.tell_failure(&failure, began, world).await;
                exit
            }
        };
        worst = worst.max(exit);
    }
    worst
}

/// An evaluation with a verdict, and where it goes.
pub struct Judged {
    /// The evaluation.
    pub record: Record,
    /// The log that it goes to.
    pub log: Box<dyn EventLog>,
    /// Whether the evaluation counts if it can't be stored.
    pub need: LogNeed,
}

/// There is no verdict.
pub struct Unjudged {
    /// Why.
    pub failure: Failure,
    /// What was measured all the same.
    pub record: Option<Box<Record>>,
}

impl From<Failure> for Unjudged {
    fn from(failure: Failure) -> Self {
        let record = None;
        Self { failure, record }
    }
}

impl From<EvaluateError> for Unjudged {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::History { cause, record } => Self {
                failure: no_history(&cause),
                record: Some(record),
            },
            error @ EvaluateError::NoVerdict { .. } => Failure::from(error).into(),
        }
    }
}

/// What a call brings along.
pub struct Call<'a> {
    /// What was typed.
    pub args: &'a EvaluateArgs,
    /// What may be looked at.
    pub world: &'a World<'a>,
    /// When it began.
    pub began: Beginning,
    /// What providers said before, where that still counts.
    pub memory: Option<&'a Memory>,
}

/// Evaluates one target, up to the verdict.
pub async fn judge_one(
    target: &Target,
    configured: &Configured,
    call: &Call<'_>,
) -> Result<Judged, Unjudged> {
    let Call {
        args,
        world,
        began,
        memory,
    } = *call;
    advise(&configured.advice, world);
    world.console.mention(&plan_text::origins(configured));
    let prepared = prepared(target, args, configured, world, began.time)?;
    advise(&prepared.advice, world);
    let queries = match &prepared.asked {
        Asked::Providers(queries) => queries.as_slice(),
        Asked::Nobody(_) => &[],
    };
    let definitions = &configured.providers.all;
    let mut providers = wiring::open_providers(definitions, queries)?;
    if let Some(memory) = memory {
        providers = wiring::remember(providers, definitions, memory);
    }
    let log = wiring::open_log(configured.log.clone())?;
    let progress = Progress::start(
        world.environment,
        &world.console,
        queries.iter().map(|query| &query.indicator),
    );
    let comparing = baseline::comparing(configured, world)?;
    let services = Services {
        providers: &providers,
        log: log.as_ref(),
        comparing: &comparing,
        watch: &progress,
        lateness: lateness(&args.measure),
        patience: patience(configured, args)?,
    };
    let stamp = Stamp {
        began,
        ids: clock::ids(),
        producer: PRODUCER.to_owned(),
    };
    let record = judge(services, prepared, stamp).await?;
    drop(progress);
    Ok(Judged {
        record,
        log,
        need: comparing.need,
    })
}

/// Says what to do where data come late.
pub fn lateness(args: &MeasureArgs) -> Lateness {
    if args.no_wait {
        Lateness::Accepted
    } else {
        Lateness::Awaited
    }
}

/// Says how long to ask again for what has no data.
fn patience(configured: &Configured, args: &EvaluateArgs) -> Result<Duration, Failure> {
    let read = |text: &str| {
        let length = parse_duration(text).map_err(|error| error.reason)?;
        Duration::try_from(length).map_err(|_negative| "it can't be below 0")
    };
    let patience = configured.settings.read(Setting::WaitForData, read)?;
    let wanted = patience.filter(|_| !args.measure.no_wait);
    Ok(wanted.unwrap_or_default())
}

/// Shows what is worth knowing of files.
pub fn advise(problems: &[spec::Problem], world: &World<'_>) {
    if !problems.is_empty() {
        world
            .console
            .say(&spec::render(problems, world.console.problem_style()));
    }
}

/// Shows what would be asked.
fn dry_run(
    job: Job,
    args: &EvaluateArgs,
    world: &World<'_>,
    now: Timestamp,
    teller: &mut Teller<'_>,
) -> Exit {
    let (target, configured) = job;
    let shown = configured.and_then(|configured| {
        advise(&configured.advice, world);
        let prepared = prepared(&target, args, &configured, world, now)?;
        advise(&prepared.advice, world);
        Ok((prepared, configured))
    });
    match shown {
        Ok((prepared, configured)) => teller.planned(&prepared, &configured),
        Err(failure) => teller.fail(&failure),
    }
}
