//! `tidegate show`: the report of a stored evaluation.

use super::World;
use super::place::Place;
use super::query::{fail, wait_for, written};
use super::target::series;
use crate::app::{Recalled, recall};
use crate::cli::args::ShowArgs;
use crate::cli::console::complain;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::gate::EvaluationName;
use crate::report::{self, Account, Detail, Format, Standing, printable};

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
        let series = series(&place.target, &place.configured)?;
        let name: EvaluationName = args.run.parse().unwrap_or_else(|never| match never {});
        let work = recall(place.log.as_ref(), &series, &name);
        wait_for(place.timeout(), work)?.map_err(|error| Failure::of_recall(&error, &args.run))
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
    let standing = Standing {
        invalidated: recalled.invalidated.as_deref(),
        pinned: recalled.pinned.as_deref(),
    };
    let account = Account {
        stored: Some(true),
        standing: Some(standing),
        ..Account::of(record)
    };
    let mut text = if format == Format::KeptnEvent {
        report::event_line(&recalled.event)
    } else {
        report::write(format, &account, detail, world.console.stdout)
    };
    let below = report::standing(standing.invalidated, standing.pinned);
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
