//! What is wrong with a target, in the terms of the command line.

use std::collections::BTreeMap;
use std::path::Path;

use super::target::{Configured, Job, series};
use crate::app::UnknownIndicator;
use crate::cli::args::{EvaluateArgs, MeasureArgs};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::{Origin, Setting, Settings};
use crate::eventlog::LogUrl;
use crate::gate::{IndicatorName, ProviderName, Series, WindowError};

/// Refuses to read two files, or one file for each of several folders, from one stdin.
pub fn stdin_once(args: &EvaluateArgs) -> Result<(), Failure> {
    let named = [&args.measure.slo, &args.measure.sli, &args.values]
        .into_iter()
        .flatten();
    let times = named.filter(|path| *path == Path::new("-")).count() * args.folders.len().max(1);
    if times < 2 {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Usage,
        "`-` would be read more than once, but stdin can be read once only",
    )
    .with_hint("keep one `-`, and name the other file"))
}

/// Returns a warning where several targets are the same series in the same log: each becomes the history of the other, and hides its
/// changes. It is not refused, because a service may well have several SLO files.
pub fn shared_series(jobs: &[Job]) -> Option<String> {
    let mut folders: BTreeMap<(Series, &LogUrl), Vec<String>> = BTreeMap::new();
    for (past, folder) in jobs.iter().filter_map(history) {
        folders.entry(past).or_default().push(folder);
    }
    let ((series, _), folders) = folders.into_iter().find(|(_, folders)| folders.len() > 1)?;
    Some(format!(
        "warning: {} are all evaluated as {series}: each is compared with the others as its history; name the \
         service of each folder apart, in a tidegate.yaml of its own",
        folders.join(", ")
    ))
}

/// Returns the series of a target with the log that its history is in, and its folder; nothing where none is kept.
fn history((target, configured): &Job) -> Option<((Series, &LogUrl), String)> {
    let configured = configured.as_ref().ok()?;
    let series = series(target, configured).ok()?;
    let folder = target.folder.display().to_string();
    (configured.log.url != LogUrl::Memory).then_some(((series, &configured.log.url), folder))
}

/// Says what is wrong with the window; where only a timeframe was set, and not typed, that is the configuration's fault.
pub fn window_failure(error: WindowError, args: &MeasureArgs, settings: &Settings) -> Failure {
    let origin = settings.origin(Setting::Timeframe);
    let typed = args.start.is_some() || args.end.is_some();
    let failure = Failure::from(error);
    match origin {
        Origin::Environment(_) | Origin::File { .. } if !typed => Failure {
            exit: Exit::Configuration,
            message: format!("{origin}: {}", failure.message),
            ..failure
        },
        Origin::Environment(_) | Origin::File { .. } | Origin::Flag(_) | Origin::Default => failure,
    }
}

/// Returns who names the configuration, where it is not found but named.
pub fn named_by(args: &MeasureArgs) -> &'static str {
    if args.config.is_some() {
        "--config"
    } else {
        "TIDEGATE_CONFIG"
    }
}

/// Says which names nobody knows, and what may have been meant.
pub fn unknown_indicators(unknown: &[UnknownIndicator]) -> Failure {
    let names: Vec<String> = unknown
        .iter()
        .map(|unknown| format!("`{}`", unknown.indicator))
        .collect();
    let message = match names.as_slice() {
        [only] => format!("there is no SLI {only}"),
        several => format!("there are no SLIs {}", several.join(", ")),
    };
    let failure = Failure::new(Exit::Usage, message);
    match unknown {
        [only] => failure.with_hint(&only.hint),
        several => failure.with_hint(
            several
                .iter()
                .map(|unknown| format!("{}: {}", unknown.indicator, unknown.hint))
                .collect::<Vec<_>>()
                .join("; "),
        ),
    }
}

/// Says that no file names an SLI.
pub fn nothing_to_ask() -> Failure {
    let message = "there is no SLI to ask for: neither sli.yaml nor slo.yaml was found";
    Failure::new(Exit::Missing, message).with_hint(
        "go to their folder, name one with --sli FILE, or type a query: tidegate query --expr 'up' --provider prometheus",
    )
}

/// Says that there is nobody to ask, or that nobody knows whom of several.
pub fn no_provider(indicators: &[IndicatorName], configured: &Configured) -> Failure {
    const NAMED: usize = 3;
    let names: Vec<&str> = indicators
        .iter()
        .take(NAMED)
        .map(IndicatorName::as_str)
        .collect();
    let more = indicators.len().saturating_sub(NAMED);
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    let indicators = names.join(", ") + &more;
    let defined: Vec<&str> = configured
        .providers
        .configured
        .keys()
        .map(ProviderName::as_str)
        .collect();
    if defined.is_empty() {
        let message = format!("no provider is configured to ask for {indicators}");
        return Failure::new(Exit::Configuration, message).with_hint(
            "set PROMETHEUS_URL (or DT_TENANT and DT_API_TOKEN, or DD_API_KEY and DD_APP_KEY), define a provider in tidegate.yaml (tidegate init writes one), or bring --results or --values",
        );
    }
    let message = format!(
        "there are the providers {}, and none is chosen for {indicators}",
        defined.join(", ")
    );
    Failure::new(Exit::Configuration, message)
        .with_hint("choose one with `provider:` in sli.yaml or tidegate.yaml, or with --provider")
}
