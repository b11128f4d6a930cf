//! `tidegate show`: the report of a stored evaluation.

use serde_json::json;

use super::World;
use super::place::Place;
use super::query::{fail, wait_for, written};
use super::target::{name_of, output_format, series};
use crate::app::{Recalled, recall};
use crate::cli::args::ShowArgs;
use crate::cli::console::{complain, format_of, machine_text};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::Setting;
use crate::gate::EvaluationName;
use crate::report::{self, Detail, Format, printable};

/// Shows the report of a stored evaluation.
pub fn show(args: &ShowArgs, world: &World<'_>) -> Exit {
    let output = args.output.map(name_of);
    let place = Place::find(
        args.folder.as_deref(),
        &args.log,
        &args.series,
        output,
        world,
    );
    let format = match &place {
        Ok(place) => match place
            .configured
            .settings
            .read(Setting::Output, output_format)
        {
            Ok(format) => format_of(format),
            Err(error) => return fail(&error.into(), Format::Table, world),
        },
        Err(_) => format_of(args.output),
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
    let reason = |reason: &Option<String>| reason.as_ref().map(|reason| json!({"reason": reason}));
    let text = match format {
        Format::Table => {
            let mut text = report::write(format, record, detail, world.console.stdout);
            let (invalidated, pinned) = (&recalled.invalidated, &recalled.pinned);
            let standing = report::standing(invalidated.as_deref(), pinned.as_deref());
            if !standing.is_empty() {
                text.push('\n');
                text.push_str(&standing);
            }
            text
        }
        Format::Json | Format::Yaml => {
            let mut document = report::document(record);
            if let Some(members) = document.as_object_mut() {
                members.insert("stored".to_owned(), true.into());
                members.insert(
                    "invalidated".to_owned(),
                    json!(reason(&recalled.invalidated)),
                );
                members.insert("pinned".to_owned(), json!(reason(&recalled.pinned)));
            }
            machine_text(format, &document).unwrap_or_default()
        }
        Format::KeptnEvent => report::event_line(&recalled.event),
    };
    let exit = written(&text, Exit::Pass);
    if args.explain && format.is_for_machines() {
        complain(&report::arithmetic(record));
    }
    let id = printable(&record.ids.finished);
    let time = record.time;
    world.console.say(&format!("stored as {id} at {time}"));
    exit
}
