//! What is wrong with a target, in the terms of the command line.

use std::path::Path;

use crate::cli::args::EvaluateArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::{Origin, Setting, Settings};
use crate::gate::{IndicatorName, WindowError};

/// Refuses to read two files from one stdin.
pub fn stdin_once(args: &EvaluateArgs) -> Result<(), Failure> {
    let named = [&args.slo, &args.sli, &args.values].into_iter().flatten();
    if named.filter(|path| *path == Path::new("-")).count() < 2 {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Usage,
        "`-` stands for two files, but stdin can be read once only",
    )
    .with_hint("keep one `-`, and name the other file"))
}

/// Says what is wrong with the window; where only a timeframe was set, and not typed, that is the configuration's fault.
pub fn window_failure(error: WindowError, args: &EvaluateArgs, settings: &Settings) -> Failure {
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
pub fn named_by(args: &EvaluateArgs) -> &'static str {
    if args.config.is_some() {
        "--config"
    } else {
        "TIDEGATE_CONFIG"
    }
}

/// Says that there is nobody to ask.
pub fn no_provider(indicators: &[IndicatorName]) -> Failure {
    let names: Vec<&str> = indicators.iter().map(IndicatorName::as_str).collect();
    let message = format!("no provider is configured to ask for {}", names.join(", "));
    Failure::new(Exit::Configuration, message).with_hint(
        "set PROMETHEUS_URL, define a provider in tidegate.yaml (tidegate init writes one), or bring --values",
    )
}
