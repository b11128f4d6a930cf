//! `tidegate show`: the report of a stored evaluation.

use super::World;
use super::place::Place;
use super::query::{fail, wait_for, written};
use super::stored;
use crate::app::Recalled;
use crate::cli::args::ShowArgs;
use crate::cli::console::complain;
use crate::cli::exit::Exit;
use crate::report::{self, Detail, Format, printable};

/// Shows the report of a stored evaluation.
pub fn show(args: &ShowArgs, world: &World<'_>) -> Exit {
    let output = args.output.map(|format| format.name().to_owned());
    let place = Place::find(
        args.folder.as_deref(),
        &args.log,
        &args.series,
        output,
        world,
    );
    let format = match &place {
        Ok(place) => match place.configured.format() {
            Ok(format) => format,
            Err(error) => return fail(&error, Format::Table, world),
        },
        Err(_) => args.output.unwrap_or(Format::Table),
    };
    let recalled = place.and_then(|place| {
        let work = stored::recalled(&place, &args.run);
        wait_for(place.timeout(), work)?
    });
    match recalled {
        Ok(recalled) => tell(&recalled, args, format, world),
        Err(failure) => fail(&failure, format, world),
    }
}

/// Shows it.
fn tell(recalled: &Recalled, args: &ShowArgs, format: Format, world: &World<'_>) -> Exit {
    let record = &recalled.record;
    for warning in recalled.warnings.iter().chain(&record.warnings) {
        let warning = printable(warning);
        world.console.say(&format!("warning: {warning}"));
    }
    let detail = if args.explain {
        Detail::Explained
    } else {
        Detail::Brief
    };
    let account = stored::account(recalled);
    let mut text = if format == Format::KeptnEvent {
        report::event_line(&recalled.event)
    } else {
        report::write(format, &account, detail, world.console.stdout)
    };
    let below = report::standing(recalled.invalidated.as_deref(), recalled.pinned.as_deref());
    if format == Format::Table && !below.is_empty() {
        text.push('\n');
        text.push_str(&below);
    }
    let exit = written(&text, Exit::Pass);
    if args.explain && format.is_for_machines() {
        complain(&report::arithmetic(record));
    }
    let id = printable(&record.ids.finished);
    let time = record.time;
    world.console.say(&format!("stored as {id} at {time}"));
    exit
}
