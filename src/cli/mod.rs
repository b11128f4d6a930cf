//! The command line: argv in, words and codes out. The only builder of adapters.

mod args;
mod artifacts;
mod ci;
mod clock;
mod command;
mod completion;
mod console;
mod control_planes;
mod emission;
mod environment;
mod executors;
mod exit;
mod failure;
mod handover;
mod heartbeat;
#[cfg(test)]
mod http_providers;
mod keptn_files;
mod log_failure;
mod manual;
mod marks;
mod notify;
mod progress;
mod report_files;
mod server_parts;
mod signals;
mod version;
mod watched_files;
mod whole_file;
mod wiring;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use args::{CiCommand, Cli, Command, EventsCommand, LogCommand};
use command::World;
use console::{Console, Volume, complain, machine_text, print, write_data};
use environment::{ColourChoice, Environment};
use exit::Exit;
use failure::Failure;
use report_files::ReportFiles;

use crate::report::Format;
use crate::sequence::ControlAction;

/// Runs the program: reads what was typed, does it, and returns the exit code.
pub fn run() -> ExitCode {
    let environment = Environment::capture();
    let argv: Vec<OsString> = std::env::args_os().collect();
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            complain(&format!(
                "tidegate {} stopped at {place}",
                env!("CARGO_PKG_VERSION")
            ));
        }
    }));
    let work =
        || completion::answer(&argv, &environment).unwrap_or_else(|| dispatch(&argv, &environment));
    let exit = catch_unwind(AssertUnwindSafe(work));
    exit.unwrap_or_else(|panic| bug(&argv, &environment, panic.as_ref()))
        .into()
}

/// Parses what was typed and does it.
fn dispatch(argv: &[OsString], environment: &Environment) -> Exit {
    match Cli::try_parse_from(argv) {
        Ok(cli) => obey(cli, environment),
        Err(error) => misunderstood(&error, argv, environment),
    }
}

/// Does what was asked for.
fn obey(cli: Cli, environment: &Environment) -> Exit {
    let Cli {
        command,
        color,
        quiet,
        verbose,
    } = cli;
    let volume = match (quiet, verbose) {
        (true, _) => Volume::Quiet,
        (false, true) => Volume::Verbose,
        (false, false) => Volume::Normal,
    };
    let world = World {
        environment,
        console: Console::new(environment, color, volume),
    };
    match command {
        Command::Evaluate(args) => command::evaluate(&args, &world),
        Command::Run(args) => command::run(&args, &world),
        Command::Query(args) => command::query(&args, &world),
        Command::History(args) => command::history(&args, &world),
        Command::Show(args) => command::show(&args, &world),
        Command::Report(args) => command::report(&args, &world),
        Command::Mark(args) => command::mark(&args.command, &world),
        Command::Ci(args) => match args.command {
            CiCommand::Init(args) => command::ci_init(&args, &world),
            CiCommand::Show(args) => command::ci_show(&args, &world),
        },
        Command::Completions(args) => command::completions(&args),
        Command::Man(args) => command::man(&args, &world),
        Command::Invalidate(args) => command::invalidate(&args, &world),
        Command::Pin(args) => command::pin(&args, &world),
        Command::Unpin(args) => command::unpin(&args, &world),
        Command::Events(args) => events(args.command, &world),
        Command::Log(args) => match args.command {
            LogCommand::Copy(args) => command::log_copy(&args, &world),
        },
        Command::Doctor(args) => command::doctor(&args, &world),
        Command::Plugin(args) => command::plugin(&args, &world),
        Command::Inspect(args) => command::inspect(&args, &world),
        Command::Import(args) => command::import_keptn(&args, &world),
        Command::Init(args) => command::init(&args, &world),
        Command::Trigger(args) => command::trigger(&args, &world),
        Command::Get(args) => command::get_remote(&args, &world),
        Command::Approve(args) => command::approve(&args, &world),
        Command::Decline(args) => command::decline(&args, &world),
        Command::Sequence(args) => command::control_sequence(&args, &world),
        Command::Pause(args) => command::control(&args, ControlAction::Pause, &world),
        Command::Resume(args) => command::control(&args, ControlAction::Resume, &world),
        Command::Abort(args) => command::control(&args, ControlAction::Abort, &world),
        Command::Create(args) => command::create(&args, &world),
        Command::Update(args) => command::update(&args, &world),
        Command::Delete(args) => command::delete(&args, &world),
        Command::AddResource(args) => command::add_resource(&args, &world),
        Command::Send(args) => command::send(&args, &world),
        Command::Auth(args) => command::auth(&args, &world),
        Command::Status(args) => command::status(&args, &world),
        Command::Providers(args) => command::providers(&args, &world),
        Command::Schema(args) => command::schema(&args),
        Command::Serve(args) => command::serve(&args, &world),
    }
}

/// Does what was asked for with events.
fn events(command: EventsCommand, world: &World<'_>) -> Exit {
    match command {
        EventsCommand::List(args) => command::list(&args, world),
        EventsCommand::Get(args) => command::get(&args, world),
        EventsCommand::Export(args) => command::export(&args, world),
        EventsCommand::Import(args) => command::import(&args, world),
        EventsCommand::Prune(args) => command::prune(&args, world),
    }
}

/// Prints help and version on stdout; anything else that clap could not make sense of on stderr, with code 64.
fn misunderstood(error: &clap::Error, argv: &[OsString], environment: &Environment) -> Exit {
    let console = Console::new(environment, ColourChoice::Auto, Volume::Normal);
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return print(&paint(error, console.stdout));
    }
    complain(&paint(error, console.stderr));
    let plain = error.to_string();
    let message = plain.lines().next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let failure = Failure::new(Exit::Usage, message);
    disown_reports(&failure, argv, environment);
    answer_machines(&failure, argv, environment);
    Exit::Usage
}

/// Returns clap's text, coloured where the stream is.
fn paint(error: &clap::Error, style: crate::report::TextStyle) -> String {
    match style.colour {
        crate::report::Colour::On => error.render().ansi().to_string(),
        crate::report::Colour::Off => error.render().to_string(),
    }
}

/// Says that the program has a bug.
fn bug(argv: &[OsString], environment: &Environment, panic: &(dyn std::any::Any + Send)) -> Exit {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it stopped without a word");
    let failure = Failure::new(Exit::Bug, format!("this is a bug in tidegate: {what}"))
        .with_hint("please report it, with the command and its files; there is no verdict");
    complain(&failure.text());
    disown_reports(&failure, argv, environment);
    answer_machines(&failure, argv, environment);
    Exit::Bug
}

/// Says in the reports of an evaluation that there is no verdict, as far as they can be told from argv.
fn disown_reports(failure: &Failure, argv: &[OsString], environment: &Environment) {
    let words: Vec<&str> = argv.iter().filter_map(|word| word.to_str()).collect();
    if !words.contains(&"evaluate") || words.contains(&"--dry-run") {
        return;
    }
    let joined = words
        .iter()
        .filter_map(|word| word.strip_prefix("--report="));
    let pairs = words.iter().zip(words.iter().skip(1));
    let apart = pairs.filter(|(word, _)| **word == "--report");
    let typed = joined.chain(apart.map(|(_, next)| *next));
    let typed: Vec<String> = typed.map(str::to_owned).collect();
    let reports = ReportFiles::announced(&typed, environment);
    command::disown(&reports, None, failure, clock::beginning().time);
}

/// Prints a failure on stdout where a machine format was asked for, as far as that can be told from argv.
fn answer_machines(failure: &Failure, argv: &[OsString], environment: &Environment) {
    let format = wanted_format(argv, environment);
    if let Some(text) = machine_text(format, &failure.document()) {
        drop(write_data(&text));
    }
}

/// Looks for `--output` in arguments that could not be parsed.
fn wanted_format(argv: &[OsString], environment: &Environment) -> Format {
    let words: Vec<&str> = argv.iter().filter_map(|word| word.to_str()).collect();
    let value_at = |at: usize, word: &'_ str| -> Option<String> {
        let joined = word
            .strip_prefix("--output=")
            .or_else(|| short_output(word).filter(|rest| !rest.is_empty()));
        match joined {
            Some(value) => Some(value.trim_start_matches('=').to_owned()),
            None if word == "--output" || short_output(word) == Some("") => {
                words.get(at + 1).map(|next| (*next).to_owned())
            }
            None => None,
        }
    };
    let typed = words
        .iter()
        .enumerate()
        .find_map(|(at, word)| value_at(at, word));
    let value = typed.or_else(|| environment.get("TIDEGATE_OUTPUT").map(str::to_owned));
    if value.as_deref() == Some("jsonl") {
        // One line, too.
        return Format::KeptnEvent;
    }
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(Format::Table)
}

/// Returns what stands behind `-o`, which other short flags may precede in one word: `-qojson`.
fn short_output(word: &str) -> Option<&str> {
    word.strip_prefix('-')?
        .trim_start_matches('q')
        .strip_prefix('o')
}
