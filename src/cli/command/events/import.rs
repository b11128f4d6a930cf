//! `tidegate events import`.

#![expect(
    clippy::disallowed_methods,
    reason = "reading a file is what this command is for"
)]

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::app::{Delivered, deliver};
use crate::cli::args::EventsImportArgs;
use crate::cli::command::World;
use crate::cli::command::place::Place;
use crate::cli::command::query::{fail, reach};
use crate::cli::console::complain;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::signals::Goal;
use crate::eventlog::EventLog;
use crate::gate::event::CloudEvent;
use crate::report::{Format, printable};
use crate::spec::{EventFile, EventPiece};

/// How many events are stored at once.
const BATCH: usize = 500;
/// How many bytes of payload are held at once.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// How many broken events are named.
const NAMED: usize = 20;

/// What came out of the file at once.
type Batch = io::Result<Vec<EventPiece>>;

/// What became of the events of a file.
#[derive(Default)]
struct Tally {
    /// Those that are stored now.
    delivered: Delivered,
    /// How many have no time.
    timeless: usize,
    /// How many are broken.
    broken: usize,
}

/// Stores the events of a file.
pub fn import(args: &EventsImportArgs, world: &World<'_>) -> Exit {
    match take(args, world) {
        Ok(tally) => conclude(&tally, args, world),
        Err(failure) => fail(&failure, Format::Table, world),
    }
}

/// Reads the file while its events are stored.
fn take(args: &EventsImportArgs, world: &World<'_>) -> Result<Tally, Failure> {
    let place = Place::here(&args.log, world)?;
    let file: Box<dyn Read + Send> = if args.file == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(&args.file).map_err(|error| unreadable(args, &error))?)
    };
    let (sender, receiver) = channel(2);
    // A thread of its own: a read from a pipe must not keep a signal from being heard.
    std::thread::spawn(move || read(file, &sender));
    let work = store(receiver, place.log.as_ref(), args);
    reach(Goal::Events, place.timeout(), work)?
}

/// Reads the file, and hands its events on in batches.
fn read(file: Box<dyn Read + Send>, to: &Sender<Batch>) {
    let mut file = EventFile::new(BufReader::with_capacity(64 * 1024, file));
    let mut batch = Vec::new();
    let mut bytes = 0;
    loop {
        match file.read() {
            Ok(Some(piece)) => {
                if let EventPiece::Event(event) = &piece {
                    bytes += event.data.json().len();
                }
                batch.push(piece);
                if batch.len() < BATCH && bytes < BATCH_BYTES {
                    continue;
                }
                bytes = 0;
                if to.blocking_send(Ok(std::mem::take(&mut batch))).is_err() {
                    return;
                }
            }
            // Where nobody listens any more, there is nothing left to do.
            Ok(None) => return drop(to.blocking_send(Ok(batch))),
            Err(error) => {
                drop(to.blocking_send(Ok(batch)));
                return drop(to.blocking_send(Err(error)));
            }
        }
    }
}

/// Stores what comes.
async fn store(
    mut batches: Receiver<Batch>,
    log: &dyn EventLog,
    args: &EventsImportArgs,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    while let Some(batch) = batches.recv().await {
        let batch = batch.map_err(|error| unreadable(args, &error))?;
        let events = tally.sort(batch);
        let delivered = deliver(log, events).await.map_err(|error| {
            let stored = tally.delivered.fresh;
            Failure::of_delivery(&error).with_hint(format!(
                "{stored} events are stored so far; do it again when this is mended: none is stored twice"
            ))
        })?;
        tally.delivered.fresh += delivered.fresh;
        tally.delivered.known += delivered.known;
    }
    Ok(tally)
}

impl Tally {
    /// Returns the events of a batch; what is broken is named.
    fn sort(&mut self, batch: Vec<EventPiece>) -> Vec<CloudEvent> {
        let mut events = Vec::with_capacity(batch.len());
        for piece in batch {
            match piece {
                EventPiece::Event(event) => {
                    self.timeless += usize::from(event.time.is_none());
                    events.push(*event);
                }
                EventPiece::Broken { place, reason } => {
                    self.broken += 1;
                    if self.broken <= NAMED {
                        complain(&format!("broken: {place}: {}", printable(&reason)));
                    }
                }
            }
        }
        events
    }
}

/// Says what became of the events, and returns how the call ends.
fn conclude(tally: &Tally, args: &EventsImportArgs, world: &World<'_>) -> Exit {
    let Tally {
        delivered: Delivered { fresh, known },
        timeless,
        broken,
    } = *tally;
    if broken > NAMED {
        complain(&format!("broken: {} more", broken - NAMED));
    }
    if timeless > 0 {
        world.console.say(&format!(
            "warning: {timeless} without a time that can be read: they are the oldest of the history"
        ));
    }
    let shown = printable(&args.file);
    world.console.say(&format!(
        "{shown}: {fresh} new, {known} known already, {broken} broken"
    ));
    if broken > 0 {
        Exit::Malformed
    } else {
        Exit::Pass
    }
}

/// Says that the file can't be read.
fn unreadable(args: &EventsImportArgs, error: &io::Error) -> Failure {
    let file = &args.file;
    if error.kind() == ErrorKind::NotFound {
        Failure::new(Exit::Missing, format!("the file {file} does not exist"))
    } else if error.kind() == ErrorKind::PermissionDenied {
        let message = format!("the file {file} may not be read");
        Failure::new(Exit::NotAuthorised, message)
    } else {
        Failure::new(Exit::Unavailable, format!("{file} can't be read: {error}"))
    }
}
