//! Where the commands that read what is stored find it: the configuration of a folder, without its SLO and its SLIs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::World;
use super::target::{Configured, Target, configure};
use crate::cli::args::{LogArgs, MeasureArgs, SeriesArgs, VerdictChoice};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::wiring;
use crate::config::{Layer, Reality, Setting};
use crate::eventlog::{EventLog, LogUrl};
use crate::gate::{Verdict, parse_duration, parse_moment};

/// A log and how it is configured.
pub struct Place {
    /// The folder that is meant.
    pub target: Target,
    /// The configuration.
    pub configured: Configured,
    /// The log.
    pub log: Box<dyn EventLog>,
}

impl Place {
    /// Reads the configuration of a folder, and opens its log.
    pub fn find(
        folder: Option<&Path>,
        log: &LogArgs,
        series: &SeriesArgs,
        output: Option<String>,
        world: &World<'_>,
    ) -> Result<Self, Failure> {
        let mut flags = Layer::default();
        flags.set_from_flag(Setting::Output, output);
        let (target, configured) = configured(folder, log, series, flags, world)?;
        Self::open(target, configured, world)
    }

    /// Opens the log of a configuration.
    pub fn open(
        target: Target,
        configured: Configured,
        world: &World<'_>,
    ) -> Result<Self, Failure> {
        world
            .console
            .mention(&format!("event log: {}", configured.log.url));
        let log = wiring::open_log(configured.log.clone())?;
        Ok(Self {
            target,
            configured,
            log,
        })
    }

    /// Finds the log of the working folder.
    pub fn here(log: &LogArgs, world: &World<'_>) -> Result<Self, Failure> {
        Self::find(None, log, &SeriesArgs::default(), None, world)
    }

    /// Returns how long the call may take.
    pub fn timeout(&self) -> Option<Duration> {
        self.configured.timeout
    }
}

/// Reads the configuration of a folder, as far as the log and the flags of a command need it.
pub fn configured(
    folder: Option<&Path>,
    log: &LogArgs,
    series: &SeriesArgs,
    mut flags: Layer,
    world: &World<'_>,
) -> Result<(Target, Configured), Failure> {
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let target = Target {
        slo: folder.clone(),
        folder,
    };
    let SeriesArgs {
        project,
        stage,
        service,
    } = series;
    let measure = MeasureArgs {
        config: log.config.clone(),
        timeout: log.timeout.clone(),
        project: project.clone(),
        stage: stage.clone(),
        service: service.clone(),
        ..MeasureArgs::default()
    };
    flags.set_from_flag(Setting::EventLog, log.event_log.clone());
    let configured = configure(&target, &measure, flags, Reality::LogOnly, world)?;
    Ok((target, configured))
}

/// Refuses a URL that was typed with a password: other users of the machine can see it.
pub fn refuse_password(url: &LogUrl, hint: &str) -> Result<(), Failure> {
    match url {
        LogUrl::Remote(remote) if remote.has_password() => {
            let message = format!(
                "a password stands in the URL of `{remote}` on the command line, where others can see it"
            );
            Err(Failure::new(Exit::Usage, message).with_hint(hint))
        }
        LogUrl::Remote(_) | LogUrl::Sqlite(_) | LogUrl::Jsonl(_) | LogUrl::Memory => Ok(()),
    }
}

/// Reads a time that was typed.
pub fn moment(
    flag: &str,
    text: Option<&String>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Failure> {
    let read = |text: &String| {
        parse_moment(text, now)
            .map_err(|error| Failure::new(Exit::Usage, format!("{flag}: {error}")))
    };
    text.map(read).transpose()
}

/// Reads how long ago something is to be.
pub fn ago(
    flag: &str,
    text: Option<&String>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Failure> {
    let read = |text: &String| {
        let refuse = |why: String| Failure::new(Exit::Usage, format!("{flag}: {why}"));
        let length = parse_duration(text).map_err(|error| refuse(error.to_string()))?;
        now.checked_sub(length)
            .map_err(|_out_of_range| refuse("that is too long ago".to_owned()))
    };
    text.map(read).transpose()
}

/// Returns a verdict that was typed.
pub fn verdict(choice: VerdictChoice) -> Verdict {
    match choice {
        VerdictChoice::Pass => Verdict::Pass,
        VerdictChoice::Warning => Verdict::Warning,
        VerdictChoice::Fail => Verdict::Fail,
    }
}
