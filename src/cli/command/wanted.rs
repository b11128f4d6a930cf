//! What one call is to evaluate, and where each evaluation goes.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::World;
use super::desk::{Desk, disown};
use super::target::{Job, Target};
use crate::cli::args::EvaluateArgs;
use crate::cli::ci::chosen;
use crate::cli::failure::Failure;
use crate::cli::report_files::ReportFiles;
use crate::report::ci::CiJob;

/// Returns the job of the CI system, where no configuration that can be read names another.
pub fn job(args: &EvaluateArgs, world: &World<'_>) -> Option<CiJob> {
    let variable = || world.environment.get("TIDEGATE_CI");
    let choice = args.publish.ci.as_deref().or_else(variable);
    chosen(choice, world.environment).unwrap_or_else(|_unknown| world.environment.ci_job())
}

/// What is still to be evaluated, and where it goes; or why it can't be, and the reports that are known all the same.
pub type Wanted = (Target, Result<Desk, (Failure, ReportFiles)>);

/// Finds out where each evaluation goes.
pub fn wanted(jobs: Vec<Job>, args: &EvaluateArgs, world: &World<'_>) -> VecDeque<Wanted> {
    let with_desk = |(target, configured): Job| {
        let desk = configured.and_then(|configured| Desk::of(&target, configured, world));
        let desk = desk.map_err(|failure| (failure, announced(args, world)));
        (target, desk)
    };
    jobs.into_iter().map(with_desk).collect()
}

/// Says in the reports of everything that is not evaluated any more that there is no verdict.
pub fn disown_all(wanted: &VecDeque<Wanted>, failure: &Failure, now: Timestamp) {
    for (_, desk) in wanted {
        match desk {
            Ok(desk) => desk.disown(failure, now),
            Err((own, announced)) => disown(announced, None, own, now),
        }
    }
}

/// Returns the reports that are known without the configuration.
pub fn announced(args: &EvaluateArgs, world: &World<'_>) -> ReportFiles {
    ReportFiles::announced(&args.publish.report, world.environment)
}
