//! `tidegate report`: reports of a stored evaluation, or of a file.

use std::path::Path;

use super::World;
use super::desk::disown;
use super::place::{Place, configured};
use super::query::{fail, wait_for, written};
use super::target::{Configured, Target};
use super::{publish, stored};
use crate::app::{learn, trend};
use crate::cli::args::ReportArgs;
use crate::cli::artifacts::{artifacts, refuse_without_subject};
use crate::cli::clock;
use crate::cli::console::complain;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::report_files::ReportFiles;
use crate::config::{Layer, Setting};
use crate::report::{self, Account, DecodeError, Decoded, Detail, Format, printable};
use crate::spec::Source;

/// Writes reports.
pub fn report(args: &ReportArgs, world: &World<'_>) -> Exit {
    match prepare(args, world) {
        Ok((target, configured)) => {
            let told = match &args.from {
                Some(path) => from_file(path, args, &configured, world),
                None => from_log(target, configured, args, world),
            };
            told.unwrap_or_else(|failure| told_failure(&failure, args, world))
        }
        Err(failure) => told_failure(&failure, args, world),
    }
}

/// Tells why there is no report, in the files that it was for, too: what an earlier call left there is not this one's.
fn told_failure(failure: &Failure, args: &ReportArgs, world: &World<'_>) -> Exit {
    let announced = ReportFiles::announced(&args.publish.report, world.environment);
    disown(&announced, None, failure, clock::now());
    fail(failure, args.output.unwrap_or(Format::Table), world)
}

/// Reads the configuration, and refuses a call that would write nothing.
fn prepare(args: &ReportArgs, world: &World<'_>) -> Result<(Target, Configured), Failure> {
    let mut flags = Layer::default();
    publish::set(&mut flags, &args.publish);
    let folder = args.folder.as_deref();
    let (target, configured) = configured(folder, &args.log, &args.series, flags, world)?;
    let reports = configured.settings.get(Setting::Report);
    let is_empty = reports.is_none_or(|reports| reports.trim().is_empty());
    if is_empty && args.output.is_none() {
        let message = "nothing says which report to write";
        let hint = "add --report FORMAT=PATH, such as --report html=gate.html, or --output FORMAT for stdout";
        return Err(Failure::new(Exit::Usage, message).with_hint(hint));
    }
    Ok((target, configured))
}

/// Reports what the event log holds.
fn from_log(
    target: Target,
    configured: Configured,
    args: &ReportArgs,
    world: &World<'_>,
) -> Result<Exit, Failure> {
    let place = Place::open(target, configured, world)?;
    let run = args.run.as_deref().unwrap_or("latest");
    let work = async {
        let recalled = stored::recalled(&place, run).await?;
        let trend = trend(place.log.as_ref(), &recalled.record).await;
        trend.map(|trend| (recalled, trend)).map_err(Failure::from)
    };
    let (recalled, trend) = wait_for(place.timeout(), work)??;
    for warning in &recalled.warnings {
        let warning = printable(warning);
        world.console.say(&format!("warning: {warning}"));
    }
    let built = artifacts(&place.configured)?;
    let account = Account {
        trend: Some(&trend),
        artifacts: &built,
        ..stored::account(&recalled)
    };
    write(&account, &place.configured, args, world)
}

/// Reports what a file holds.
fn from_file(
    path: &Path,
    args: &ReportArgs,
    configured: &Configured,
    world: &World<'_>,
) -> Result<Exit, Failure> {
    let source = Source::read(path, Source::MOST_JSON_BYTES)
        .map_err(|problem| Failure::of_files(vec![problem]))?;
    let mut decoded =
        report::decode(source.text()).map_err(|error| undecoded(&error, source.path()))?;
    learn(&mut decoded.record);
    let built = artifacts(configured)?;
    if !built.is_empty() {
        decoded.artifacts = built;
    }
    let ended = ended(&decoded);
    let account = decoded.account(ended.map(Exit::ended));
    write(&account, configured, args, world)
}

/// Returns how the process ended that evaluated, where it tells that in a way that is known.
fn ended(decoded: &Decoded) -> Option<Exit> {
    let (code, name) = decoded.ended.as_ref()?;
    Exit::named(*code, name)
}

/// Says why a file can't be read as an evaluation.
fn undecoded(error: &DecodeError, path: &str) -> Failure {
    let path = printable(path);
    let hint = match error {
        DecodeError::NoJson { .. } | DecodeError::Other | DecodeError::Event(_) => {
            "--from takes what --report json, keptn-event, or keptn-events wrote"
        }
        DecodeError::Newer(_) => "use the tidegate that wrote it, or a newer one",
        DecodeError::Contradiction(_) => "somebody changed it: take the file as tidegate wrote it",
        DecodeError::NoVerdict(_) => "there is nothing to report: look at why, and evaluate again",
        DecodeError::NotOne(_) => "take one of them out, as in jq '.[0]'",
    };
    let place = match error {
        DecodeError::NoJson { line, column, .. } => format!("{path}:{line}:{column}"),
        DecodeError::Other
        | DecodeError::Event(_)
        | DecodeError::Newer(_)
        | DecodeError::Contradiction(_)
        | DecodeError::NoVerdict(_)
        | DecodeError::NotOne(_) => path,
    };
    Failure::new(Exit::Malformed, format!("{place}: {error}"))
        .with_causes_of(error)
        .with_hint(hint)
}

/// Writes the files, and stdout.
fn write(
    account: &Account<'_>,
    configured: &Configured,
    args: &ReportArgs,
    world: &World<'_>,
) -> Result<Exit, Failure> {
    let reports = ReportFiles::of(configured, &account.record.series, world.environment)?;
    let formats = reports.formats().chain(args.output);
    refuse_without_subject(formats, account.artifacts, account.job)?;
    for warning in &account.record.warnings {
        let warning = printable(warning);
        world.console.say(&format!("warning: {warning}"));
    }
    let mut exit = Exit::Pass;
    for report in reports.write(account) {
        match report {
            Ok((format, path)) => {
                let text = format!("{} report: {}", format.name(), path.display());
                world.console.say(&printable(&text));
            }
            Err(failure) => {
                complain(&failure.text());
                exit = exit.max(failure.exit);
            }
        }
    }
    let Some(format) = args.output else {
        return Ok(exit);
    };
    let text = report::write(format, account, Detail::Brief, world.console.stdout);
    Ok(written(&text, exit))
}
