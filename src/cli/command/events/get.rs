//! `tidegate events get`.

use crate::cli::args::EventsGetArgs;
use crate::cli::command::World;
use crate::cli::command::place::Place;
use crate::cli::command::query::{fail, wait_for, written};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::log_failure::history;
use crate::eventlog::Filter;
use crate::gate::event::CloudEvent;
use crate::report::{Format, event_line, indented};

/// Prints one event.
pub fn get(args: &EventsGetArgs, world: &World<'_>) -> Exit {
    match find(args, world) {
        Ok(event) => written(&indented(&event_line(&event)), Exit::Pass),
        Err(failure) => fail(&failure, Format::Table, world),
    }
}

/// Reads the event.
fn find(args: &EventsGetArgs, world: &World<'_>) -> Result<CloudEvent, Failure> {
    let place = Place::here(&args.log, world)?;
    let filter = Filter {
        id: Some(args.id.clone()),
        ..Filter::default()
    };
    let page = wait_for(place.timeout(), place.log.events(&filter, 1))?;
    let page = page.map_err(|error| history(&error))?;
    page.events.into_iter().next().ok_or_else(|| {
        let (id, log) = (&args.id, &place.configured.log.url);
        Failure::new(Exit::Missing, format!("there is no event `{id}` in {log}")).with_hint(
            "it takes the whole id; tidegate events list shows those of the newest events",
        )
    })
}
