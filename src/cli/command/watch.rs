//! `tidegate evaluate --watch`: evaluates again whenever a file changes, until someone ends it. Nothing is stored, and
//! nobody is told but the terminal.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use super::World;
use super::evaluate::{Call, Judged, Unjudged, format, jobs, judge_one};
use super::outcome::Outcomes;
use super::target::{Configured, Job, Target};
use super::teller::{Teller, Told};
use crate::app::Beginning;
use crate::cli::args::EvaluateArgs;
use crate::cli::console::write_data;
use crate::cli::environment::Stream;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::signals::{Goal, stopped};
use crate::cli::watched_files::WatchedFiles;
use crate::provider::Memory;
use crate::report::{Account, Format};

/// How many folders above that of the SLO may hold SLI files, as in Keptn's layout.
const LEVELS: usize = 2;
/// Puts the cursor to the top, and empties the screen.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// Evaluates every target, and again after each change.
pub fn watch(args: &EvaluateArgs, world: &World<'_>, began: Beginning) -> Exit {
    let refuse = |failure: &Failure| Teller::new(Format::Table, args, world, 1).fail(failure);
    if args.values.as_deref() == Some(Path::new("-")) {
        let failure = Failure::new(Exit::Usage, "--watch can't read stdin again and again")
            .with_hint("put the values into a file: --values values.json");
        return refuse(&failure);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let exit = runtime.block_on(again_and_again(args, world, began));
            runtime.shutdown_background();
            exit
        }
        Err(error) => refuse(&Failure::new(Exit::Bug, format!("no runtime: {error}"))),
    }
}

/// Evaluates, waits for a change, and so on. Ctrl-C is how it ends, and no failure.
async fn again_and_again(args: &EvaluateArgs, world: &World<'_>, began: Beginning) -> Exit {
    let memory = Memory::default();
    let call = Call {
        args,
        world,
        began,
        memory: Some(&memory),
    };
    let mut stop = pin!(stopped(None, Goal::Answers));
    let mut is_first = true;
    loop {
        if !is_first {
            clear(world);
        }
        is_first = false;
        // Before they are read, so that no change goes unnoticed.
        let mut watched = WatchedFiles::look(named_files(args, world));
        let jobs = jobs(args, world);
        watched.look_at_more(jobs.iter().flat_map(files_of_providers));
        let round = async {
            evaluate_once(jobs, &call).await;
            world
                .console
                .say("watching the files; a change evaluates again, Ctrl-C ends");
            watched.wait_for_change().await;
        };
        tokio::select! {
            biased;
            failure = &mut stop => {
                let is_wanted = failure.exit == Exit::Interrupted;
                return if is_wanted { Exit::Pass } else { failure.exit };
            }
            () = round => {}
        }
    }
}

/// Empties a screen that shows tables.
fn clear(world: &World<'_>) {
    let environment = world.environment;
    if environment.stdout == Stream::Terminal && environment.get("TERM") != Some("dumb") {
        // Where stdout is gone the next table says so.
        drop(write_data(CLEAR));
    }
}

/// Evaluates every target once.
async fn evaluate_once(jobs: Vec<Job>, call: &Call<'_>) {
    let Call { args, world, .. } = *call;
    let format = match format(args, &jobs, world) {
        Ok(format) => format,
        Err(failure) => {
            Teller::new(Format::Table, args, world, 1).fail(&failure);
            return;
        }
    };
    let mut teller = Teller::new(format, args, world, jobs.len());
    let mut worst = Exit::Pass;
    for (target, configured) in jobs {
        let exit = match configured {
            Ok(configured) => evaluate_one(&target, &configured, call, &mut teller).await,
            Err(failure) => teller.fail(&failure),
        };
        worst = worst.max(exit);
    }
    teller.finish(worst);
}

/// Evaluates one target, and tells it.
async fn evaluate_one(
    target: &Target,
    configured: &Configured,
    call: &Call<'_>,
    teller: &mut Teller<'_>,
) -> Exit {
    let outcomes = match Outcomes::of(configured) {
        Ok(outcomes) => outcomes,
        Err(failure) => return teller.fail(&failure),
    };
    let longest = configured.timeout.unwrap_or(Duration::MAX);
    let judging = judge_one(target, configured, call);
    let Ok(judged) = tokio::time::timeout(longest, judging).await else {
        let text = format!("--timeout ran out after {} s", longest.as_secs_f64());
        return teller.fail(&Failure::new(Exit::TimedOut, text));
    };
    match judged {
        Ok(Judged { record, need, .. }) => {
            let verdict = outcomes.exit(&record);
            let account = Account {
                stored: Some(false),
                ended: Some(verdict.ended()),
                ..Account::of(&record)
            };
            teller.evaluated(&Told {
                account,
                verdict,
                unstored: None,
                need,
                log: &configured.log.url,
                reports: Vec::new(),
            })
        }
        Err(Unjudged { failure, record }) => teller.without_verdict(record.as_deref(), &failure),
    }
}

/// Returns the files that are known before any is read, whether they are there or not.
fn named_files(args: &EvaluateArgs, world: &World<'_>) -> Vec<PathBuf> {
    let measure = &args.measure;
    let configured = world.environment.get("TIDEGATE_CONFIG").map(PathBuf::from);
    let mut files: Vec<PathBuf> = [&measure.slo, &measure.sli, &args.values, &measure.config]
        .into_iter()
        .flatten()
        .cloned()
        .chain(configured)
        .collect();
    for target in Target::all(measure.slo.as_deref(), &args.folders) {
        let folder = crate::config::absolute(&target.folder);
        let beside = ["slo.yaml", "slo.yml", "sli.yaml", "sli.yml"];
        files.extend(beside.map(|name| folder.join(name)));
        files.extend(folder.ancestors().map(|above| above.join("tidegate.yaml")));
    }
    files
}

/// Returns the files of Keptn's layout, which lie in folders that are named after providers.
fn files_of_providers(job: &Job) -> Vec<PathBuf> {
    let (target, configured) = job;
    let folder = crate::config::absolute(&target.folder);
    let providers = configured.iter().flat_map(|one| one.providers.all.keys());
    let mut files = Vec::new();
    for provider in providers {
        for level in folder.ancestors().take(1 + LEVELS) {
            let level = level.join(provider.as_str());
            let names = ["sli.yaml", "sli.yml", "dynatrace.conf.yaml"];
            files.extend(names.map(|name| level.join(name)));
        }
    }
    files
}
