//! `tidegate events list`, and what comes after with `--follow`.

use std::time::Duration;

use super::filter::filter;
use crate::app::{Follower, newest};
use crate::cli::args::{EventListFormat, EventsListArgs};
use crate::cli::clock;
use crate::cli::command::World;
use crate::cli::command::place::Place;
use crate::cli::command::query::{fail, wait_for, written};
use crate::cli::console::{Reader, stream};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::log_failure::history;
use crate::eventlog::{Cursor, EventLog, Filter, LogUrl, Page};
use crate::gate::event::CloudEvent;
use crate::report::{EventList, Format, event_line, printable};

/// How long to wait before a log on this machine is looked at again.
const NEAR: Duration = Duration::from_secs(1);
/// How long to wait before a log on a server is asked again.
const FAR: Duration = Duration::from_secs(5);

/// Lists events.
pub fn list(args: &EventsListArgs, world: &World<'_>) -> Exit {
    let format = match args.output {
        None | Some(EventListFormat::Table) => Format::Table,
        Some(EventListFormat::Jsonl) => Format::KeptnEvent,
    };
    let listed = if args.follow {
        follow(args, world)
    } else {
        list_once(args, world)
    };
    listed.unwrap_or_else(|failure| fail(&failure, format, world))
}

/// Lists the newest events.
fn list_once(args: &EventsListArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let mut filter = filter(&args.filter)?;
    let place = Place::here(&args.log, world)?;
    let log = place.log.as_ref();
    let limit = usize::from(args.limit);
    let work = async {
        if let Some(id) = &args.before {
            filter.before = Some(place_of(log, id).await?);
        }
        let page = newest(log, filter, limit + 1).await;
        page.map_err(|error| history(&error))
    };
    let Page {
        mut events,
        warnings,
    } = wait_for(place.timeout(), work)??;
    warn(&warnings, world);
    let has_more = events.len() > limit;
    events.truncate(limit);
    let exit = written(&text(&events, args, world), Exit::Pass);
    match events.last() {
        Some(last) if has_more => {
            let id = printable(&last.id);
            world.console.say(&format!(
                "there are more: add --before {id}, or raise --limit"
            ));
        }
        Some(_) => {}
        None => world.console.say(&format!(
            "no such event is in the event log {}",
            place.configured.log.url
        )),
    }
    Ok(exit)
}

/// Returns the place of an event in the order.
async fn place_of(log: &dyn EventLog, id: &str) -> Result<Cursor, Failure> {
    let filter = Filter {
        id: Some(id.to_owned()),
        ..Filter::default()
    };
    let page = log
        .events(&filter, 1)
        .await
        .map_err(|error| history(&error))?;
    page.events.first().map(Cursor::of).ok_or_else(|| {
        Failure::new(Exit::Missing, format!("--before: there is no event `{id}`"))
            .with_hint("it takes the whole id")
    })
}

/// Shows the newest events, and then each that comes, until someone ends it or nobody reads it any more.
fn follow(args: &EventsListArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let filter = filter(&args.filter)?;
    let place = Place::here(&args.log, world)?;
    // What is configured for evaluations does not end a stream; what is typed does.
    let timeout = place.timeout().filter(|_| args.log.timeout.is_some());
    let pause = match place.configured.log.url {
        LogUrl::Remote(_) => FAR,
        LogUrl::Sqlite(_) | LogUrl::Jsonl(_) | LogUrl::Memory => NEAR,
    };
    let log = place.log.as_ref();
    let work = async {
        // First what is new from now on is fixed, so that nothing falls between.
        let mut follower = Follower::start(log, filter.clone(), clock::now()).await?;
        let Page {
            mut events,
            warnings,
        } = newest(log, filter, usize::from(args.limit)).await?;
        follower.know(&events);
        warn(&warnings, world);
        events.reverse();
        let list = EventList::of(&events, world.console.stdout);
        loop {
            let lines: String = events.iter().map(|e| line(e, list, args)).collect();
            match stream(&lines) {
                Ok(Reader::Listens) => {}
                Ok(Reader::IsGone) => return Ok(Exit::Pass),
                Err(_told) => return Ok(Exit::CannotWrite),
            }
            tokio::time::sleep(pause).await;
            events = follower.poll(clock::now()).await?;
        }
    };
    match wait_for(timeout, work) {
        Ok(ended) => ended.map_err(|error| history(&error)),
        Err(stopped) if stopped.exit == Exit::Interrupted => Ok(Exit::Pass),
        Err(stopped) => Err(stopped),
    }
}

/// Returns the lines of events.
fn text(events: &[CloudEvent], args: &EventsListArgs, world: &World<'_>) -> String {
    let list = EventList::of(events, world.console.stdout);
    events.iter().map(|event| line(event, list, args)).collect()
}

/// Returns the line of an event.
fn line(event: &CloudEvent, list: EventList, args: &EventsListArgs) -> String {
    match args.output {
        None | Some(EventListFormat::Table) => list.line(event),
        Some(EventListFormat::Jsonl) => event_line(event),
    }
}

/// Tells what could not be read.
pub fn warn(warnings: &[String], world: &World<'_>) {
    for warning in warnings {
        let warning = printable(warning);
        world.console.say(&format!("warning: {warning}"));
    }
}
