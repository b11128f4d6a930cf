//! `tidegate query`: asks for values, and shows them.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;

use super::World;
use super::evaluate::{advise, lateness};
use super::plan_text;
use super::target::{Configured, Preparation, Target, configure, name_of, prepare_with};
use crate::app::{Beginning, Subject, Survey, SurveyServices, Surveyed, prepare_survey, survey};
use crate::cli::args::{DataFormat, QueryArgs};
use crate::cli::clock;
use crate::cli::console::{complain, machine_text, write_data};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, exit_of};
use crate::cli::progress::Progress;
use crate::cli::signals::{Goal, stopped};
use crate::cli::wiring;
use crate::config::{Layer, Reality, Setting};
use crate::gate::{
    FailureKind, IndicatorName, Outcome, ProviderName, Query, RangeRequest, Reading,
};
use crate::report::{AnswerRange, Answers, Format, printable};
use crate::spec;

/// What a typed query is called.
const TYPED: &str = "query";

/// Asks for values, and shows them.
pub fn query(args: &QueryArgs, world: &World<'_>) -> Exit {
    let began = clock::beginning();
    let target = Target::one(args.measure.slo.as_deref());
    let mut flags = Layer::default();
    flags.set_from_flag(Setting::Output, args.output.map(name_of));
    let configured = configure(&target, &args.measure, flags, Reality::Real, world);
    let format = data_format(args.output, configured.as_ref().ok(), world);
    let shown = configured.and_then(|configured| {
        advise(&configured.advice, world);
        world.console.mention(&plan_text::origins(&configured));
        let plan = plan(args, &target, &configured, world, began)?;
        advise(&plan.advice, world);
        let files = plan.files.iter().map(|path| path.display().to_string());
        let files = files.collect::<Vec<_>>().join(", ");
        world
            .console
            .mention(&printable(&format!("files: {files}")));
        let surveyed = run(&plan, args, &configured, world, began)?;
        Ok((plan, surveyed))
    });
    match shown {
        Ok((plan, surveyed)) => show(&plan, &surveyed, format, world),
        Err(failure) => fail(&failure, format, world),
    }
}

/// Returns what stdout shows of a command that is no evaluation: the flag, else what is configured, as far as it fits.
pub fn data_format(
    typed: Option<DataFormat>,
    configured: Option<&Configured>,
    world: &World<'_>,
) -> Format {
    let configured = match configured {
        Some(configured) => configured.settings.get(Setting::Output),
        None => world.environment.get("TIDEGATE_OUTPUT"),
    };
    let known = |text| <DataFormat as clap::ValueEnum>::from_str(text, false).ok();
    match typed.or_else(|| configured.and_then(known)) {
        None | Some(DataFormat::Table) => Format::Table,
        Some(DataFormat::Json) => Format::Json,
        Some(DataFormat::Yaml) => Format::Yaml,
    }
}

/// Reads the files and makes the plan.
fn plan(
    args: &QueryArgs,
    target: &Target,
    configured: &Configured,
    world: &World<'_>,
    began: Beginning,
) -> Result<Survey, Failure> {
    let subject = if let Some(query) = &args.expr {
        Subject::Expression {
            name: IndicatorName::new(TYPED)?,
            query: query.clone(),
        }
    } else {
        let names = args.indicators.iter().map(IndicatorName::new);
        Subject::Indicators(names.collect::<Result<_, _>>()?)
    };
    let range = args.range.as_ref().map(|length| RangeRequest {
        length: length.clone(),
        step: args.step.clone(),
    });
    let preparation = Preparation {
        target,
        args: &args.measure,
        values: None,
        configured,
        now: began.time,
    };
    prepare_with(&preparation, world, |request| {
        prepare_survey(request, &subject, range.as_ref())
    })
}

/// Asks, until time runs out or someone stops it.
fn run(
    plan: &Survey,
    args: &QueryArgs,
    configured: &Configured,
    world: &World<'_>,
    began: Beginning,
) -> Result<Surveyed, Failure> {
    let queries: Vec<&Query> = plan.steps().flat_map(|step| &step.queries).collect();
    let providers = wiring::open_providers(&configured.providers.all, &plan.now.queries)?;
    let progress = Progress::start(
        world.environment,
        &world.console,
        queries.iter().map(|query| &query.indicator),
    );
    let services = SurveyServices {
        providers: &providers,
        watch: &progress,
        lateness: lateness(&args.measure),
        began,
    };
    wait_for(configured.timeout, survey(&services, plan))
}

/// Asks for something, until it is there, time runs out or someone stops it.
pub fn wait_for<T>(timeout: Option<Duration>, work: impl Future<Output = T>) -> Result<T, Failure> {
    reach(Goal::Answers, timeout, work)
}

/// Runs something to its end, or until time runs out or someone stops it.
pub fn reach<T>(
    goal: Goal,
    timeout: Option<Duration>,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Bug, format!("no runtime: {error}")))?;
    let result = runtime.block_on(async {
        let mut stop: Pin<Box<dyn Future<Output = Failure>>> = Box::pin(stopped(timeout, goal));
        tokio::select! {
            // In this order signals are heard from the first moment on.
            biased;
            failure = &mut stop => Err(failure),
            done = work => Ok(done),
        }
    });
    runtime.shutdown_background();
    result
}

/// Shows the answers, and returns how the call ends.
fn show(plan: &Survey, surveyed: &Surveyed, format: Format, world: &World<'_>) -> Exit {
    let range = plan.range.as_ref().map(|range| {
        let readings = surveyed.earlier.iter().map(Vec::as_slice);
        let readings = readings.chain([surveyed.now.as_slice()]);
        AnswerRange {
            step: range.step,
            points: range.windows.iter().copied().zip(readings).collect(),
            timeless: plan.timeless.iter().map(ProviderName::as_str).collect(),
        }
    });
    let answers = Answers {
        context: &plan.now.context,
        readings: &surveyed.now,
        range,
        warnings: &surveyed.warnings,
    };
    for warning in &surveyed.warnings {
        world
            .console
            .say(&format!("warning: {}", printable(warning)));
    }
    let text = machine_text(format, &answers.document())
        .unwrap_or_else(|| answers.text(world.console.stdout));
    let all = surveyed.earlier.iter().flatten().chain(&surveyed.now);
    written(&text, worst(all).map_or(Exit::Pass, exit_of))
}

/// Returns the kind of failure that decides the exit code. No data are an answer.
pub fn worst<'r>(readings: impl Iterator<Item = &'r Reading>) -> Option<FailureKind> {
    let kinds = readings.filter_map(|reading| match &reading.outcome {
        Outcome::Failed(failure) => Some(failure.kind),
        Outcome::Value(_) | Outcome::NoData(_) => None,
    });
    kinds.min()
}

/// Writes to stdout, and returns how the call ends.
pub fn written(text: &str, exit: Exit) -> Exit {
    match write_data(text) {
        Ok(()) => exit,
        Err(error) => {
            complain(&format!("error: stdout can't be written: {error}"));
            exit.max(Exit::CannotWrite)
        }
    }
}

/// Tells a failure: words on stderr, and a document on stdout where a program reads it.
pub fn fail(failure: &Failure, format: Format, world: &World<'_>) -> Exit {
    if !failure.problems.is_empty() {
        let style = world.console.problem_style();
        complain(&spec::render(&failure.problems, style));
    }
    let text = failure.text();
    if !text.is_empty() {
        complain(&text);
    }
    let document: Value = failure.document();
    match machine_text(format, &document) {
        Some(text) => written(&text, failure.exit),
        None => failure.exit,
    }
}
