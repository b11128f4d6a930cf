//! `tidegate events export`.

#![expect(
    clippy::disallowed_methods,
    reason = "writing a file is what this command is for"
)]

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::filter::filter;
use super::list::warn;
use crate::app::Chronology;
use crate::cli::args::EventsExportArgs;
use crate::cli::command::World;
use crate::cli::command::place::Place;
use crate::cli::command::query::{fail, wait_for};
use crate::cli::console::{Reader, stream};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::log_failure::history;
use crate::gate::event::CloudEvent;
use crate::report::{Format, event_line};

/// Writes events to a file.
pub fn export(args: &EventsExportArgs, world: &World<'_>) -> Exit {
    write_all(args, world).unwrap_or_else(|failure| fail(&failure, Format::Table, world))
}

/// Writes all events, a page at a time.
fn write_all(args: &EventsExportArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let filter = filter(&args.filter)?;
    let place = Place::here(&args.log, world)?;
    let mut sink = Sink::open(args)?;
    let mut count = 0_usize;
    let mut chronology = Chronology::new(place.log.as_ref(), filter);
    let work = async {
        while let Some(events) = chronology.next().await.map_err(|error| history(&error))? {
            if sink.write(&events)? == Reader::IsGone {
                break;
            }
            count += events.len();
        }
        Ok(())
    };
    let ended: Result<(), Failure> = wait_for(place.timeout(), work).and_then(|ended| ended);
    if let Err(failure) = ended {
        sink.give_up();
        return Err(failure);
    }
    let shown = sink.finish()?;
    warn(&chronology.warnings, world);
    let events = if count == 1 { "event" } else { "events" };
    let log = &place.configured.log.url;
    world
        .console
        .say(&format!("wrote {count} {events} of {log} to {shown}"));
    Ok(Exit::Pass)
}

/// Where the lines go.
enum Sink {
    /// To stdout.
    Stdout,
    /// Into a file, under another name until it is complete.
    File {
        /// The file.
        writer: BufWriter<File>,
        /// Its name until then.
        partial: PathBuf,
        /// Its name.
        path: PathBuf,
    },
}

impl Sink {
    /// Opens it.
    fn open(args: &EventsExportArgs) -> Result<Self, Failure> {
        if args.file == "-" {
            return Ok(Self::Stdout);
        }
        let path = PathBuf::from(&args.file);
        if !args.force && path.symlink_metadata().is_ok() {
            let message = format!("the file {} exists", path.display());
            return Err(Failure::new(Exit::CannotCreate, message)
                .with_hint("choose another name, or replace it with --force"));
        }
        let mut partial = path.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&partial)
            .map_err(|error| unwritable(Exit::CannotCreate, &path, &error))?;
        Ok(Self::File {
            writer: BufWriter::new(file),
            partial,
            path,
        })
    }

    /// Writes events; tells whether anyone reads them.
    fn write(&mut self, events: &[CloudEvent]) -> Result<Reader, Failure> {
        match self {
            Self::Stdout => {
                let lines: String = events.iter().map(event_line).collect();
                stream(&lines).map_err(|error| {
                    Failure::new(
                        Exit::CannotWrite,
                        format!("stdout can't be written: {error}"),
                    )
                })
            }
            Self::File { writer, path, .. } => {
                for event in events {
                    let line = event_line(event);
                    writer
                        .write_all(line.as_bytes())
                        .map_err(|error| unwritable(Exit::CannotWrite, path, &error))?;
                }
                Ok(Reader::Listens)
            }
        }
    }

    /// Gives the file its name; returns what to call it.
    fn finish(self) -> Result<String, Failure> {
        match self {
            Self::Stdout => Ok("stdout".to_owned()),
            Self::File {
                mut writer,
                partial,
                path,
            } => {
                let named = writer
                    .flush()
                    .and_then(|()| writer.get_ref().sync_all())
                    .and_then(|()| std::fs::rename(&partial, &path));
                named.map_err(|error| unwritable(Exit::CannotWrite, &path, &error))?;
                Ok(path.display().to_string())
            }
        }
    }

    /// Takes the incomplete file away.
    fn give_up(self) {
        if let Self::File {
            writer, partial, ..
        } = self
        {
            drop(writer);
            // It is of no use to anyone; what matters was said already.
            drop(std::fs::remove_file(partial));
        }
    }
}

/// Says that the file can't be written.
fn unwritable(exit: Exit, path: &Path, error: &io::Error) -> Failure {
    let hint = if error.kind() == ErrorKind::NotFound {
        "does its folder exist?"
    } else {
        "may you write there, and is there room on the disk?"
    };
    let message = format!("{} can't be written: {error}", path.display());
    Failure::new(exit, message).with_hint(hint)
}
