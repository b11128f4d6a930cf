//! What the manual says besides the help: exit codes, variables, files.

use crate::cli::exit::Exit;

/// Variables that are no settings.
pub const VARIABLES: [(&str, &str); 5] = [
    ("NO_COLOR", "Set: text is never coloured."),
    (
        "FORCE_COLOR, CLICOLOR_FORCE",
        "Set, and not 0: text is coloured where there is no terminal, too.",
    ),
    ("COLUMNS", "How wide text is."),
    (
        "HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
        "The proxy for requests to providers and event logs, and the hosts that are asked without it.",
    ),
    (
        "PROMETHEUS_URL and the like",
        "Without a tidegate.yaml, the server that a provider asks; tidegate providers lists them.",
    ),
];

/// Files, and what they hold.
pub const FILES: [(&str, &str); 4] = [
    ("slo.yaml", "The objectives, as Keptn writes them."),
    (
        "sli.yaml",
        "The queries, as Keptn writes them; beside slo.yaml, or in PROVIDER/sli.yaml of the project, the stage and the service.",
    ),
    (
        "tidegate.yaml",
        "The configuration; found from the folder of the SLO upwards.",
    ),
    (
        ".tidegate/events.db",
        "The event log, where no other one is named; beside tidegate.yaml, or at the root of the repository.",
    ),
];

/// Returns what an exit code means.
pub fn meaning(exit: Exit) -> &'static str {
    match exit {
        Exit::Pass => "pass, or the command did its work",
        Exit::Fail => "fail",
        Exit::Warning => "warning",
        Exit::Inconclusive => {
            "inconclusive: the data allow no verdict, under a policy that says so"
        }
        Exit::Findings => "what was examined is not as it should be",
        Exit::Usage => "the command line is wrong",
        Exit::Malformed => "a file or a query is malformed",
        Exit::Missing => "a file is missing",
        Exit::Unavailable => "a backend or the event log could not be reached",
        Exit::Bug => "a bug in tidegate",
        Exit::CannotCreate => "a report or the event log could not be created",
        Exit::CannotWrite => "a report or the event log could not be written",
        Exit::TryAgain => "throttled or locked: try again",
        Exit::BadAnswer => "an answer could not be understood",
        Exit::NotAuthorised => "not authorised",
        Exit::Configuration => "tidegate.yaml or the environment is wrong",
        Exit::TimedOut => "--timeout ran out",
        Exit::Interrupted => "interrupted",
        Exit::HungUp => "the terminal was closed",
        Exit::Terminated => "terminated",
    }
}
