//! `tidegate events prune`.

use std::io;

use crate::app::{PruneMode, PruneRequest, Pruned, prune as remove};
use crate::cli::args::EventsPruneArgs;
use crate::cli::clock;
use crate::cli::command::World;
use crate::cli::command::place::{Place, ago, moment};
use crate::cli::command::query::{fail, reach, written};
use crate::cli::console::complain;
use crate::cli::environment::Stream;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::signals::Goal;
use crate::eventlog::Filter;
use crate::report::{Format, printable};

/// Removes old evaluations.
pub fn prune(args: &EventsPruneArgs, world: &World<'_>) -> Exit {
    prune_log(args, world).unwrap_or_else(|failure| fail(&failure, Format::Table, world))
}

/// Looks what would go, asks, and removes it.
fn prune_log(args: &EventsPruneArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let request = request(args)?;
    let can_ask = world.environment.stdin == Stream::Terminal
        && world.environment.stderr == Stream::Terminal
        && !world.environment.is_ci();
    if !args.dry_run && !args.yes && !can_ask {
        let message = "nobody can be asked here whether evaluations may be removed";
        return Err(Failure::new(Exit::Usage, message)
            .with_hint("look with --dry-run what would go, then add --yes"));
    }
    let place = Place::here(&args.log, world)?;
    let run = |request: &PruneRequest| {
        let work = remove(place.log.as_ref(), request);
        reach(Goal::Events, place.timeout(), work)?.map_err(|error| Failure::of_prune(&error))
    };
    if !args.yes {
        let plan = run(&PruneRequest {
            mode: PruneMode::DryRun,
            ..request.clone()
        })?;
        let count = plan.evaluations();
        let exit = written(&table(&plan, "would go"), Exit::Pass);
        if args.dry_run {
            world.console.say("dry run: nothing was removed");
            return Ok(exit);
        }
        if count == 0 || !agreed(count) {
            world.console.say("nothing was removed");
            return Ok(exit);
        }
    }
    let pruned = run(&request)?;
    for warning in &pruned.warnings {
        let warning = printable(warning);
        world.console.say(&format!("warning: {warning}"));
    }
    let exit = if args.yes {
        written(&table(&pruned, "gone"), Exit::Pass)
    } else {
        Exit::Pass
    };
    let (evaluations, events) = (pruned.evaluations(), pruned.events);
    world.console.say(&format!(
        "removed {} ({}) from {}",
        counted(evaluations, "evaluation"),
        counted(events, "event"),
        place.configured.log.url
    ));
    Ok(exit)
}

/// Returns what may go.
fn request(args: &EventsPruneArgs) -> Result<PruneRequest, Failure> {
    let now = clock::now();
    let older = ago("--older-than", args.older_than.as_ref(), now)?;
    let before = moment("--before", args.before.as_ref(), now)?;
    // Both must hold where both are said.
    let before = match (older, before) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    Ok(PruneRequest {
        filter: Filter {
            project: args.project.clone(),
            stage: args.stage.clone(),
            service: args.service.clone(),
            ..Filter::default()
        },
        before,
        keep: usize::try_from(args.keep).unwrap_or(usize::MAX),
        mode: PruneMode::Remove,
    })
}

/// Asks whether to go on.
fn agreed(count: usize) -> bool {
    let evaluations = counted(count, "evaluation");
    complain(&format!("Remove {evaluations} for good? [y/N] "));
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// Returns a line for each series that loses something.
fn table(pruned: &Pruned, gone: &str) -> String {
    let series = pruned.series.iter().filter(|(_, (gone, _))| *gone > 0);
    let mut lines: Vec<String> = series
        .map(|(name, (count, kept))| format!("{}: {count} {gone}, {kept} stay\n", printable(name)))
        .collect();
    if lines.is_empty() {
        lines.push(
            "no evaluation goes: none is old enough, or they are among those that stay\n"
                .to_owned(),
        );
    }
    lines.concat()
}

/// Counts in words.
fn counted(count: usize, word: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {word}{end}")
}
