//! `tidegate mark`: remembers instants.

use std::path::{Path, PathBuf};

use super::World;
use crate::cli::args::{MarkCommand, MarkNameArgs, MarkShowArgs};
use crate::cli::ci::chosen;
use crate::cli::clock;
use crate::cli::console::{complain, print};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::handover::Channel;
use crate::cli::marks::{Mark, MarkName, Marks, Side, find};
use crate::config::find_config;
use crate::gate::event::keptn_time;

/// Remembers or shows an instant.
pub fn mark(command: &MarkCommand, world: &World<'_>) -> Exit {
    let done = match command {
        MarkCommand::Start(args) => set(Side::Start, args, world),
        MarkCommand::End(args) => set(Side::End, args, world),
        MarkCommand::Show(args) => show(args, world),
    };
    match done {
        Ok(text) => print(&text),
        Err(failure) => {
            complain(&failure.text());
            failure.exit
        }
    }
}

/// Finds the marks of the working folder.
pub fn here(world: &World<'_>) -> Marks {
    let given = world.environment.get("TIDEGATE_CONFIG").map(PathBuf::from);
    Marks::of(&find_config(Path::new("."), given.as_deref()).root)
}

/// Remembers this instant, hands it to the CI system, and returns it.
fn set(side: Side, args: &MarkNameArgs, world: &World<'_>) -> Result<String, Failure> {
    let MarkNameArgs { name, ci } = args;
    let choice = ci
        .as_deref()
        .or_else(|| world.environment.get("TIDEGATE_CI"));
    let job = chosen(choice, world.environment)
        .map_err(|why| Failure::new(Exit::Usage, format!("--ci: {why}")))?;
    let name = MarkName::new(name.as_deref().unwrap_or(side.word()))?;
    let mark = Mark {
        time: clock::now(),
        marks: side,
    };
    let marks = here(world);
    marks.set(&name, mark)?;
    let path = world.environment.near(marks.path());
    let kept = format!("marked as @{} in {}", name.as_str(), path.display());
    world.console.say(&kept);
    let instant = keptn_time(mark.time);
    Channel::of(job.as_ref(), world.environment).tell(&name, &instant, world);
    Ok(instant)
}

/// Returns the instant of one mark, or of all.
fn show(args: &MarkShowArgs, world: &World<'_>) -> Result<String, Failure> {
    let marks = here(world);
    if let Some(name) = &args.name {
        let name = name.strip_prefix('@').unwrap_or(name);
        let found = find(&MarkName::new(name)?, &[marks], clock::now())?;
        if let Some(warning) = found.warning {
            world.console.say(&warning);
        }
        return Ok(keptn_time(found.mark.time));
    }
    let all = marks.read()?;
    if all.is_empty() {
        world
            .console
            .say("nothing is marked yet: tidegate mark start");
    }
    let lines = all
        .iter()
        .map(|(name, mark)| format!("{name} {}\n", keptn_time(mark.time)));
    Ok(lines.collect())
}
