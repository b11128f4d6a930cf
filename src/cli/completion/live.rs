//! What only the files at hand know: names of SLIs, of providers, and of stored evaluations.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Arg, Command, FromArgMatches as _};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};

use crate::cli::args::{self, Cli, MeasureArgs};
use crate::cli::command::known_names;
use crate::cli::environment::Environment;
use crate::report::Format;

/// The arguments that take a stored evaluation.
const EVALUATIONS: [&str; 2] = ["run", "evaluation"];

/// Adds to the definition of the command line what the files at hand know.
pub fn completed(program: Command, typed: &[OsString], environment: &Environment) -> Command {
    program.mut_subcommands(|command| {
        let typed = typed.to_vec();
        let environment = environment.clone();
        command.mut_args(move |arg| with_candidates(arg, &typed, &environment))
    })
}

/// Adds candidates to one argument.
fn with_candidates(arg: Arg, typed: &[OsString], environment: &Environment) -> Arg {
    let names = |which: Which| {
        let typed = typed.to_vec();
        let environment = environment.clone();
        ArgValueCandidates::new(move || {
            let names = known_names(&measured(&typed), &environment);
            let names = match which {
                Which::Indicators => names.indicators,
                Which::Providers => names.providers,
            };
            names.into_iter().map(CompletionCandidate::new).collect()
        })
    };
    match arg.get_id().as_str() {
        "indicators" => arg.add(names(Which::Indicators)),
        "provider" => arg.add(names(Which::Providers)),
        "report" => arg.add(ArgValueCandidates::new(reports)),
        id if EVALUATIONS.contains(&id) => arg.add(ArgValueCandidates::new(evaluations)),
        _other => arg,
    }
}

/// Which names are wanted.
#[derive(Clone, Copy, Debug)]
enum Which {
    /// Those of SLIs.
    Indicators,
    /// Those of providers.
    Providers,
}

/// Returns the beginnings of `--report`.
fn reports() -> Vec<CompletionCandidate> {
    let names = Format::names().into_iter();
    names
        .map(|name| CompletionCandidate::new(format!("{name}=")))
        .collect()
}

/// Returns names of stored evaluations that need no look into the log.
fn evaluations() -> Vec<CompletionCandidate> {
    [
        ("latest", "the newest"),
        ("latest~1", "the one before it"),
        ("latest~2", "the second before it"),
    ]
    .map(|(name, help)| CompletionCandidate::new(name).help(Some(help.into())))
    .into()
}

/// Returns which files are meant, as far as that can be told from a line that is not finished.
fn measured(typed: &[OsString]) -> MeasureArgs {
    let program = <Cli as clap::CommandFactory>::command().ignore_errors(true);
    let Ok(matches) = program.try_get_matches_from(typed) else {
        return MeasureArgs::default();
    };
    let command = Cli::from_arg_matches(&matches).map(|cli| cli.command);
    let mut measure = match command {
        Ok(args::Command::Query(query)) => query.measure,
        Ok(args::Command::Evaluate(evaluate)) => evaluate.measure,
        Ok(_) | Err(_) => MeasureArgs::default(),
    };
    // Standard input belongs to the shell.
    let is_stdin = |path: &Path| path.as_os_str() == OsStr::new("-");
    measure.slo = measure.slo.filter(|path| !is_stdin(path));
    measure
}
