//! `tidegate invalidate`, `tidegate pin` and `tidegate unpin`.

use std::path::Path;

use super::World;
use super::place::Place;
use super::query::{fail, wait_for};
use super::target::series;
use crate::app::{SteerRequest, Steered, steer};
use crate::cli::args::{InvalidateArgs, LogArgs, PinArgs, SeriesArgs, UnpinArgs};
use crate::cli::clock;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::gate::EvaluationName;
use crate::gate::event::Word;
use crate::report::{Format, printable};

/// What was typed, whichever of the commands it was.
struct Typed<'a> {
    /// What is said.
    word: Word,
    /// Which evaluation.
    evaluation: Option<&'a str>,
    /// Why.
    reason: Option<&'a str>,
    /// The folder of the service.
    folder: Option<&'a Path>,
    /// Which series.
    series: &'a SeriesArgs,
    /// Which log.
    log: &'a LogArgs,
}

/// Says that an evaluation no longer counts, or that it does again.
pub fn invalidate(args: &InvalidateArgs, world: &World<'_>) -> Exit {
    let InvalidateArgs {
        evaluation,
        reason,
        undo,
        folder,
        series,
        log,
    } = args;
    let typed = Typed {
        word: if *undo {
            Word::Reinstate
        } else {
            Word::Invalidate
        },
        evaluation: Some(evaluation),
        reason: reason.as_deref(),
        folder: folder.as_deref(),
        series,
        log,
    };
    say(&typed, world)
}

/// Makes an evaluation the reference.
pub fn pin(args: &PinArgs, world: &World<'_>) -> Exit {
    let PinArgs {
        evaluation,
        reason,
        folder,
        series,
        log,
    } = args;
    let typed = Typed {
        word: Word::Pin,
        evaluation: Some(evaluation),
        reason: reason.as_deref(),
        folder: folder.as_deref(),
        series,
        log,
    };
    say(&typed, world)
}

/// Lets go of the reference.
pub fn unpin(args: &UnpinArgs, world: &World<'_>) -> Exit {
    let UnpinArgs {
        reason,
        folder,
        series,
        log,
    } = args;
    let typed = Typed {
        word: Word::Unpin,
        evaluation: None,
        reason: reason.as_deref(),
        folder: folder.as_deref(),
        series,
        log,
    };
    say(&typed, world)
}

/// Says it, and tells what came of it.
fn say(typed: &Typed<'_>, world: &World<'_>) -> Exit {
    match attempt(typed, world) {
        Ok(text) => {
            world.console.say(&text);
            Exit::Pass
        }
        Err(failure) => fail(&failure, Format::Table, world),
    }
}

/// Says it; returns what came of it.
fn attempt(typed: &Typed<'_>, world: &World<'_>) -> Result<String, Failure> {
    let place = Place::find(typed.folder, typed.log, typed.series, None, world)?;
    let series = series(&place.target, &place.configured)?;
    let name = typed
        .evaluation
        .map(|text| text.parse().unwrap_or_else(|never| match never {}));
    let name: Option<EvaluationName> = name;
    let request = SteerRequest {
        series: &series,
        name: name.as_ref(),
        word: typed.word,
        reason: typed.reason.unwrap_or_default(),
        time: clock::now(),
        id: &clock::id,
    };
    let steered = wait_for(place.timeout(), steer(place.log.as_ref(), &request))?;
    let of = format!("{series} in {}", place.configured.log.url);
    Ok(told(typed.word, &steered?, &of))
}

/// Tells what came of it.
fn told(word: Word, steered: &Steered, of: &str) -> String {
    match steered {
        Steered::AlreadySo { evaluation: None } => {
            format!("no evaluation of {of} is pinned; nothing was stored")
        }
        Steered::AlreadySo {
            evaluation: Some(evaluation),
        } => {
            let evaluation = printable(evaluation);
            let state = match word {
                Word::Invalidate => "is invalidated already",
                Word::Reinstate => "is not invalidated",
                Word::Pin => "is pinned already",
                Word::Unpin => "is not pinned",
            };
            format!("{evaluation} of {of} {state}; nothing was stored")
        }
        Steered::Stored {
            evaluation,
            unpinned,
            instead_of,
        } => {
            let evaluation = printable(evaluation);
            let mut text = match word {
                Word::Invalidate => {
                    format!("{evaluation} of {of} no longer counts; take it back with --undo")
                }
                Word::Reinstate => format!("{evaluation} of {of} counts again"),
                Word::Pin => format!(
                    "evaluations of {of} are compared with {evaluation} until `tidegate unpin`"
                ),
                Word::Unpin => format!(
                    "evaluations of {of} are compared with the newest again, no longer with {evaluation}"
                ),
            };
            if let Some(before) = instead_of {
                text = format!("{text}; before, with {}", printable(before));
            }
            if *unpinned && word == Word::Invalidate {
                text = format!("{text}; it was pinned, and is not any more");
            }
            text
        }
    }
}
