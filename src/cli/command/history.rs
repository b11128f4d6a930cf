//! `tidegate history`: lists stored evaluations.

use std::collections::BTreeMap;

use super::World;
use super::place::{Place, moment};
use super::query::{fail, wait_for, written};
use super::target::series;
use crate::app::{Chronicle, ChronicleRequest, chronicle, find_evaluation};
use crate::cli::args::{HistoryArgs, ListFormat, ResultChoice};
use crate::cli::clock;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::eventlog::{Cursor, LogUrl};
use crate::gate::{Ending, EvaluationName, Series, Verdict};
use crate::report::{self, Format, printable};

/// How many evaluations a list shows where nobody says.
const LIST: u16 = 20;
/// How many evaluations a heatmap shows where nobody says.
const HEATMAP: u16 = 50;

/// What was found, and whose it is.
struct Found {
    /// The evaluations.
    chronicle: Chronicle,
    /// The series; `None` for all.
    series: Option<Series>,
    /// The log.
    log: LogUrl,
}

/// Lists stored evaluations.
pub fn history(args: &HistoryArgs, world: &World<'_>) -> Exit {
    let format = match args.output {
        None | Some(ListFormat::Table) => Format::Table,
        Some(ListFormat::Json) => Format::Json,
        // A failure is one line there, too.
        Some(ListFormat::Jsonl) => Format::KeptnEvent,
    };
    match find(args, world) {
        Ok(found) => show(&found, args, world),
        Err(failure) => fail(&failure, format, world),
    }
}

/// Reads the evaluations.
fn find(args: &HistoryArgs, world: &World<'_>) -> Result<Found, Failure> {
    let now = clock::now();
    let since = moment("--since", args.since.as_ref(), now)?;
    let until = moment("--until", args.until.as_ref(), now)?;
    let labels = labels(&args.label)?;
    let limit = args
        .limit
        .unwrap_or(if args.heatmap { HEATMAP } else { LIST });
    let place = Place::find(args.folder.as_deref(), &args.log, &args.series, None, world)?;
    let own = series(&place.target, &place.configured)?;
    let log = place.log.as_ref();
    let work = async {
        let before = match &args.before {
            Some(name) => {
                let name: EvaluationName = name.parse().unwrap_or_else(|never| match never {});
                let found = find_evaluation(log, &own, &name).await;
                Some(Cursor::of(
                    &found.map_err(|error| Failure::of_find(&error))?,
                ))
            }
            None => None,
        };
        let request = ChronicleRequest {
            series: (!args.all).then(|| own.clone()),
            labels,
            endings: args.results.iter().copied().map(ending).collect(),
            since,
            until,
            before,
            limit: usize::from(limit),
        };
        let chronicle = chronicle(log, &request).await.map_err(Failure::from)?;
        Ok(Found {
            chronicle,
            series: request.series,
            log: place.configured.log.url.clone(),
        })
    };
    wait_for(place.timeout(), work)?
}

/// Reads the labels that were typed.
fn labels(typed: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let label = |text: &String| match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        Some(_) | None => Err(Failure::new(
            Exit::Usage,
            format!("--label: `{text}` is not a label"),
        )
        .with_hint("write KEY=VALUE, such as branch=main")),
    };
    typed.iter().map(label).collect()
}

/// Returns a result that was typed.
fn ending(choice: ResultChoice) -> Ending {
    match choice {
        ResultChoice::Pass => Ending::Verdict(Verdict::Pass),
        ResultChoice::Warning => Ending::Verdict(Verdict::Warning),
        ResultChoice::Fail => Ending::Verdict(Verdict::Fail),
        ResultChoice::Inconclusive => Ending::Inconclusive,
    }
}

/// Shows what was found.
fn show(found: &Found, args: &HistoryArgs, world: &World<'_>) -> Exit {
    let Found {
        chronicle, series, ..
    } = found;
    for warning in &chronicle.warnings {
        let warning = printable(warning);
        world.console.say(&format!("warning: {warning}"));
    }
    let history = report::History {
        entries: &chronicle.entries,
        series: series.as_ref(),
        has_more: chronicle.has_more,
    };
    let is_empty = chronicle.entries.is_empty();
    let text = match args.output {
        Some(ListFormat::Json) => report::pretty(&history.document()),
        Some(ListFormat::Jsonl) => history.lines(),
        None | Some(ListFormat::Table) if is_empty => String::new(),
        None | Some(ListFormat::Table) if args.heatmap => heatmap(found, world),
        None | Some(ListFormat::Table) => history.text(world.console.stdout),
    };
    let exit = written(&text, Exit::Pass);
    if is_empty {
        world.console.say(&nothing(found, args));
    } else if let Some(last) = chronicle.entries.last().filter(|_| chronicle.has_more) {
        let id = printable(&last.id);
        world.console.say(&format!(
            "there are more: add --before {id}, or raise --limit"
        ));
    }
    exit
}

/// Draws the heatmap of a service.
fn heatmap(found: &Found, world: &World<'_>) -> String {
    let entries = &found.chronicle.entries;
    let heatmap = |series| report::Heatmap { entries, series };
    let drawn = found.series.as_ref().map(heatmap);
    drawn.map_or_else(String::new, |drawn| drawn.text(world.console.stdout))
}

/// Says that there is nothing, and what to do.
fn nothing(found: &Found, args: &HistoryArgs) -> String {
    let whose = match &found.series {
        Some(series) => format!("of {series} "),
        None => String::new(),
    };
    let is_filtered = !args.label.is_empty()
        || !args.results.is_empty()
        || [&args.since, &args.until, &args.before]
            .iter()
            .any(|o| o.is_some());
    if found.log == LogUrl::Memory {
        let hint = "name another log with --event-log, or under event_log in tidegate.yaml";
        return format!("the event log is memory:, which keeps nothing\n  hint: {hint}");
    }
    let (what, hint) = if is_filtered {
        (
            "no such evaluation",
            "ask for less: fewer labels, other results, a longer time",
        )
    } else if found.series.is_some() {
        (
            "no evaluation",
            "tidegate evaluate stores one; tidegate history --all lists those of every service",
        )
    } else {
        (
            "no evaluation",
            "tidegate evaluate stores one; --event-log names another log",
        )
    };
    let text = format!("{what} {whose}is in the event log {}", found.log);
    format!("{}\n  hint: {hint}", printable(&text))
}
