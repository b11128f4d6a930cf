//! `tidegate import`: the history of another system, copied into the event log.

#![expect(
    clippy::disallowed_methods,
    reason = "reading the files that are named is what this command is for"
)]

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use serde_json::json;

use super::World;
use super::query::{data_format, fail, wait_for, written};
use super::target::{Configured, Target, configure};
use crate::app::{ImportError, Imported, Importer, Purpose};
use crate::cli::args::{ImportArgs, ImportCommand, ImportKeptnArgs, MeasureArgs};
use crate::cli::console::{complain, machine_text};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::log_failure::history;
use crate::cli::wiring;
use crate::config::{Layer, Reality, Setting};
use crate::control::events_of_export;
use crate::eventlog::{EventLogSettings, KeptnLog, LogUrl, RemoteLog};
use crate::report::printable;

/// The most bytes that a file may have: some 100,000 evaluations.
const FILE_LIMIT: u64 = 512 * 1024 * 1024;
/// How many problems are spelled out.
const SPELLED_OUT: usize = 20;
/// The version of the document that programs read.
const VERSION: &str = "tidegate.import/v1";

/// Copies what is asked for.
pub fn import(args: &ImportArgs, world: &World<'_>) -> Exit {
    let ImportArgs { command } = args;
    match command {
        ImportCommand::Keptn(args) => import_keptn(args, world),
    }
}

/// Copies the evaluations of a Keptn.
fn import_keptn(args: &ImportKeptnArgs, world: &World<'_>) -> Exit {
    let configured = configured(args, world);
    let format = data_format(args.output, configured.as_ref().ok(), world);
    match configured.and_then(|configured| copy(args, configured, world)) {
        Ok(imported) => {
            let document = document(args, &imported);
            let text = machine_text(format, &document).unwrap_or_else(|| text(args, &imported));
            let exit = if imported.problems.is_empty() {
                Exit::Pass
            } else {
                Exit::Malformed
            };
            written(&text, exit)
        }
        Err(failure) => fail(&failure, format, world),
    }
}

/// Reads the configuration that belongs to the working folder.
fn configured(args: &ImportKeptnArgs, world: &World<'_>) -> Result<Configured, Failure> {
    let mut flags = Layer::default();
    flags.set_from_flag(Setting::EventLog, args.event_log.clone());
    let measure = MeasureArgs {
        config: args.config.clone(),
        ..MeasureArgs::default()
    };
    configure(&Target::one(None), &measure, flags, Reality::DryRun, world)
}

/// Copies everything, and says what it came to.
fn copy(
    args: &ImportKeptnArgs,
    configured: Configured,
    world: &World<'_>,
) -> Result<Imported, Failure> {
    if is_keptn(&configured.log.url) {
        let text = "a Keptn can't take the history of another log: it gives every event a new time";
        return Err(Failure::new(Exit::Usage, text)
            .with_hint("name another log with --event-log, such as sqlite:.tidegate/events.db"));
    }
    let log = wiring::open_log(configured.log)?;
    let purpose = if args.dry_run {
        Purpose::Count
    } else {
        Purpose::Store
    };
    let mut importer = Importer::new(&*log, purpose, &args.project);
    let work = async {
        match &args.from {
            Some(url) => take_api(args, url, &mut importer, world).await?,
            None => take_files(args, &mut importer, world).await?,
        }
        Ok(())
    };
    let done = wait_for(configured.timeout, work).and_then(|done| done);
    let result = importer.imported().clone();
    tell(&result.problems);
    match done {
        Ok(()) => Ok(result),
        Err(failure) => {
            if result.new > 0 && purpose == Purpose::Store {
                complain(&format!(
                    "{} events are stored already; repeat the import to take it up again",
                    result.new
                ));
            }
            Err(failure)
        }
    }
}

/// Tells whether a log is a Keptn.
fn is_keptn(url: &LogUrl) -> bool {
    matches!(url, LogUrl::Remote(remote) if remote.kind == RemoteLog::Keptn)
}

/// Copies from the API.
async fn take_api(
    args: &ImportKeptnArgs,
    url: &str,
    importer: &mut Importer<'_>,
    world: &World<'_>,
) -> Result<(), Failure> {
    let keptn = KeptnLog::new(source(url, world)?)?;
    let metadata = keptn.greet().await.map_err(|error| unreadable(&error))?;
    let version = match metadata.keptnversion.as_str() {
        "" | "N/A" => "of an unknown version".to_owned(),
        version => printable(version),
    };
    world.console.mention(&format!("this is a Keptn {version}"));
    let projects = if args.project.is_empty() {
        keptn.projects().await.map_err(|error| unreadable(&error))?
    } else {
        args.project.clone()
    };
    for project in projects {
        let before = importer.imported().read;
        let taken = importer.take_history(&keptn, &project).await;
        taken.map_err(|error| of_import(&error))?;
        let read = importer.imported().read - before;
        let line = format!("{}: {read} events read", printable(&project));
        world.console.say(&line);
    }
    Ok(())
}

/// Returns the settings of the Keptn to read from.
fn source(url: &str, world: &World<'_>) -> Result<EventLogSettings, Failure> {
    let url = if url.contains("://") {
        url.to_owned()
    } else {
        format!("https://{url}")
    };
    match url.parse::<LogUrl>() {
        Ok(url) if is_keptn(&url) => Ok(EventLogSettings {
            variables: world.environment.variables(),
            ..EventLogSettings::new(url)
        }),
        Ok(_) | Err(_) => Err(Failure::new(Exit::Usage, "--from is no URL of a Keptn")
            .with_hint("write it as https://HOST/api")),
    }
}

/// Copies from files.
async fn take_files(
    args: &ImportKeptnArgs,
    importer: &mut Importer<'_>,
    world: &World<'_>,
) -> Result<(), Failure> {
    for path in &args.file {
        let shown = path.display();
        let exported = events_of_export(&content(path)?);
        let problems = exported.problems.into_iter();
        importer.complain(problems.map(|problem| format!("{shown}: {problem}")));
        let read = exported.events.len();
        let taken = importer.take(exported.events).await;
        taken.map_err(|error| of_import(&error))?;
        let line = format!("{shown}: {read} events read");
        world.console.say(&printable(&line));
    }
    Ok(())
}

/// Reads a file, or stdin.
fn content(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: &io::Error| {
        let kind = error.kind();
        let exit = if kind == ErrorKind::NotFound {
            Exit::Missing
        } else if kind == ErrorKind::PermissionDenied {
            Exit::NotAuthorised
        } else {
            Exit::Malformed
        };
        Failure::new(exit, format!("`{}` can't be read: {error}", path.display()))
    };
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().take(FILE_LIMIT + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(FILE_LIMIT + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| failed(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= FILE_LIMIT) {
        return Ok(bytes);
    }
    let text = format!("`{}` has more than {FILE_LIMIT} bytes", path.display());
    Err(Failure::new(Exit::Malformed, text).with_hint("split it: one event on each line"))
}

/// Makes a failure of an import that came to an end before its time.
fn of_import(error: &ImportError) -> Failure {
    match error {
        ImportError::Source(error) => unreadable(error),
        ImportError::Read(error) => history(error),
        ImportError::Append(error) => Failure::of_import(error),
    }
}

/// The Keptn can't be read.
fn unreadable(error: &crate::eventlog::ReadError) -> Failure {
    let failure = history(error);
    if failure.exit == Exit::NotAuthorised {
        return failure.with_hint("set KEPTN_API_TOKEN to the API token of this Keptn");
    }
    if matches!(failure.exit, Exit::Unavailable | Exit::BadAnswer) {
        return failure.with_hint("does --from name the API of a Keptn, such as https://HOST/api?");
    }
    failure
}

/// Names what could not be read: the first few, and how many more there are.
fn tell(problems: &[String]) {
    for problem in problems.iter().take(SPELLED_OUT) {
        complain(&printable(&format!("warning: {problem}")));
    }
    let more = problems.len().saturating_sub(SPELLED_OUT);
    if more > 0 {
        complain(&format!("warning: and {more} more problems"));
    }
}

/// Returns the summary for people.
fn text(args: &ImportKeptnArgs, imported: &Imported) -> String {
    let Imported {
        read,
        new,
        known,
        upgraded,
        skipped,
        problems,
    } = imported;
    let stored = if args.dry_run {
        "new, not stored"
    } else {
        "new, stored"
    };
    let mut lines = vec![
        format!("{read:>8}  read"),
        format!("{new:>8}  {stored}"),
        format!("{known:>8}  known already"),
    ];
    if *upgraded > 0 {
        lines.push(format!(
            "{upgraded:>8}  of Keptn before 0.8, brought into the form of today"
        ));
    }
    for (reason, count) in skipped {
        lines.push(format!("{count:>8}  left out: {reason}"));
    }
    if !problems.is_empty() {
        lines.push(format!("{:>8}  could not be read", problems.len()));
    }
    lines.join("\n") + "\n"
}

/// Returns the summary for programs.
fn document(args: &ImportKeptnArgs, imported: &Imported) -> serde_json::Value {
    let Imported {
        read,
        new,
        known,
        upgraded,
        skipped,
        problems,
    } = imported;
    json!({
        "version": VERSION,
        "dryRun": args.dry_run,
        "read": read,
        "new": new,
        "known": known,
        "upgraded": upgraded,
        "skipped": skipped,
        "problems": problems,
    })
}
