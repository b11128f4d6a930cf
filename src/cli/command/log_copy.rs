//! `tidegate log copy`: one event log into another.

#![expect(
    clippy::disallowed_methods,
    reason = "whether two paths are one file is asked of the file system"
)]

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::World;
use super::place::refuse_password;
use super::query::{fail, reach, written};
use crate::app::{Copied, CopyError, Delivered, copy};
use crate::cli::args::LogCopyArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::log_failure::history;
use crate::cli::progress::Counter;
use crate::cli::signals::Goal;
use crate::cli::wiring;
use crate::eventlog::{EventLogSettings, LogUrl};
use crate::gate::parse_duration;
use crate::report::{Format, printable};

/// Copies a log.
pub fn log_copy(args: &LogCopyArgs, world: &World<'_>) -> Exit {
    copy_log(args, world).unwrap_or_else(|failure| fail(&failure, Format::Table, world))
}

/// Copies a log, and tells what came of it.
fn copy_log(args: &LogCopyArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let timeout = timeout(args, world)?;
    let from = named("FROM", &args.from, world)?;
    let to = named("TO", &args.to, world)?;
    if same(&from, &to) {
        let message = format!("FROM and TO are the same event log, {from}");
        return Err(Failure::new(Exit::Usage, message).with_hint("name two different logs"));
    }
    if let LogUrl::Sqlite(path) | LogUrl::Jsonl(path) = &from
        && path
            .symlink_metadata()
            .is_err_and(|e| e.kind() == io::ErrorKind::NotFound)
    {
        let message = format!("there is no event log {from}");
        return Err(Failure::new(Exit::Missing, message).with_hint("is FROM written right?"));
    }
    let open = |url: &LogUrl| {
        wiring::open_log(EventLogSettings {
            variables: world.environment.variables(),
            ..EventLogSettings::new(url.clone())
        })
    };
    let (source, target) = (open(&from)?, open(&to)?);
    let counter = Counter::start(world.environment, &world.console);
    let progress = |delivered: Delivered| counter.show(delivered.fresh + delivered.known);
    let work = copy(source.as_ref(), target.as_ref(), &progress);
    let copied = reach(Goal::Events, timeout, work)?;
    drop(counter);
    let copied = copied.map_err(|error| match error {
        CopyError::From(error) => history(&error),
        CopyError::To(error) => Failure::of_delivery(&error)
            .with_hint("do it again when this is mended: it goes on where it stopped"),
    })?;
    tell(&copied, &from, &to, world)
}

/// Tells what was copied.
fn tell(copied: &Copied, from: &LogUrl, to: &LogUrl, world: &World<'_>) -> Result<Exit, Failure> {
    for warning in &copied.warnings {
        let warning = printable(warning);
        world.console.say(&format!("warning: {warning}"));
    }
    let lines = copied.series.iter().map(|(series, (all, found))| {
        let series = if series == "//" {
            "(no service)"
        } else {
            series
        };
        format!("{}: {found} of {all} events\n", printable(series))
    });
    let exit = written(&lines.collect::<String>(), Exit::Pass);
    let Delivered { fresh, known } = copied.delivered;
    let missing = copied.missing();
    if missing > 0 {
        let message = format!("{missing} events of {from} are not in {to}");
        return Err(Failure::new(Exit::TryAgain, message)
            .with_hint("they came while it was copied: do it again, it goes on where it stopped"));
    }
    world.console.say(&format!(
        "every event of {from} is in {to}: {fresh} copied, {known} there already"
    ));
    Ok(exit)
}

/// Returns the log that a word means: a URL, a path, or the variable that holds one.
fn named(which: &str, text: &str, world: &World<'_>) -> Result<LogUrl, Failure> {
    let refuse = |why: String| Failure::new(Exit::Usage, format!("{which}: {why}"));
    let url = if let Some(name) = text.strip_prefix('@') {
        let unset = || refuse(format!("the environment variable `{name}` is not set"));
        let value = world.environment.get(name).ok_or_else(unset)?;
        let url = value.parse::<LogUrl>();
        url.map_err(|error| refuse(format!("{name}: {error}")))?
    } else {
        let url = text.parse::<LogUrl>();
        let url = url.map_err(|error| refuse(error.to_string()))?;
        let hint = "put the URL into an environment variable, and name that: @NEW_LOG";
        refuse_password(&url, hint)?;
        url
    };
    match url {
        LogUrl::Memory => Err(refuse("`memory:` keeps nothing".to_owned())),
        LogUrl::Sqlite(_) | LogUrl::Jsonl(_) | LogUrl::Remote(_) => Ok(url),
    }
}

/// Tells whether two logs are one.
fn same(from: &LogUrl, to: &LogUrl) -> bool {
    let file = |url: &LogUrl| match url {
        LogUrl::Sqlite(path) | LogUrl::Jsonl(path) => Some(real(path)),
        LogUrl::Memory | LogUrl::Remote(_) => None,
    };
    from == to || file(from).is_some_and(|path| file(to) == Some(path))
}

/// Returns the path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_not_there| crate::config::absolute(path))
}

/// Returns how long the copy may take.
fn timeout(args: &LogCopyArgs, world: &World<'_>) -> Result<Option<Duration>, Failure> {
    let typed = args.timeout.as_deref();
    let Some(text) = typed.or_else(|| world.environment.get("TIDEGATE_TIMEOUT")) else {
        return Ok(None);
    };
    let exit = if typed.is_some() {
        Exit::Usage
    } else {
        Exit::Configuration
    };
    let refuse = |why: String| Failure::new(exit, format!("--timeout: {why}"));
    let length = parse_duration(text).map_err(|error| refuse(error.to_string()))?;
    let length = Duration::try_from(length)
        .ok()
        .filter(|length| !length.is_zero());
    length
        .map(Some)
        .ok_or_else(|| refuse("it must be above 0".to_owned()))
}
