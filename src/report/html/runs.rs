//! The evaluations that a page draws: the earlier ones and this one, the oldest first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::link::Link;
use crate::gate::{Ending, Record, TrendPoint, TrendValue, Verdict};
use crate::report::Account;

/// Labels that name a build, the best first.
const NAMES: [&str; 5] = ["buildId", "build", "buildNumber", "version", "commit"];
/// How many earlier evaluations an account holds at most.
const MOST_SHOWN: usize = 50;
/// How long a name in the head of a column may be.
const LONGEST: usize = 24;

/// One evaluation.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// What it is called.
    pub name: String,
    /// Where its job can be seen.
    pub link: Option<Link>,
    /// What it came to.
    pub point: TrendPoint,
    /// Whether this one was compared with it.
    pub compared: bool,
}

/// The evaluations, the oldest first; the last is the one that the page is about.
#[derive(Clone, Debug)]
pub(super) struct Runs(pub Vec<Run>);

impl Runs {
    /// Takes what an account tells.
    pub(super) fn of(account: &Account<'_>) -> Self {
        let record = account.record;
        let compared: BTreeSet<&str> = record
            .evaluation
            .compared
            .iter()
            .map(|past| past.id.as_str())
            .collect();
        let earlier = account.trend.iter().flat_map(|trend| &trend.points);
        let mut points: Vec<TrendPoint> = earlier.cloned().collect();
        points.reverse();
        points.push(this(record));
        let mut seen = BTreeMap::new();
        let runs = points.into_iter().map(|point| Run {
            name: unique(name(&point), &mut seen),
            link: point
                .labels
                .get("joburl")
                .and_then(|text| Link::parse(text)),
            compared: compared.contains(point.id.as_str()),
            point,
        });
        Self(runs.collect())
    }

    /// Tells whether there is an earlier one.
    pub(super) fn has_earlier(&self) -> bool {
        self.0.len() > 1
    }

    /// Returns what one indicator was in each evaluation.
    pub(super) fn course(&self, indicator: &str) -> Vec<Option<TrendValue>> {
        let value = |run: &Run| run.point.values.get(indicator).copied();
        self.0.iter().map(value).collect()
    }

    /// Says how this evaluation follows those before it that still count: `This is the third warning in a row.`
    pub(super) fn sentence(&self) -> Option<String> {
        let counting = self.0.iter().filter(|run| run.point.invalidated.is_none());
        let endings: Vec<Ending> = counting.rev().map(|run| run.point.ending).collect();
        let (this, before) = (*endings.first()?, *endings.get(1)?);
        let row = |endings: &[Ending], ending| {
            let same = endings.iter().take_while(|other| **other == ending);
            same.count()
        };
        if before == this {
            let length = row(&endings, this);
            let least = if length == self.0.len() && length > MOST_SHOWN {
                "at least "
            } else {
                ""
            };
            let (ordinal, noun) = (ordinal(length), noun(this));
            return Some(format!("This is {least}the {ordinal} {noun} in a row."));
        }
        Some(match row(endings.get(1..)?, before) {
            1 => format!("The evaluation before it ended with {}.", article(before)),
            length => format!(
                "The {length} evaluations before it were {}.",
                plural(before)
            ),
        })
    }
}

/// Returns the evaluation that the page is about, as a point.
fn this(record: &Record) -> TrendPoint {
    let evaluation = &record.evaluation;
    let values = evaluation.objectives().iter().map(|objective| {
        let value = TrendValue {
            status: objective.status,
            value: objective.judged_value(),
        };
        (objective.indicator.as_str().to_owned(), value)
    });
    TrendPoint {
        id: record.ids.finished.clone(),
        time: Some(record.time),
        labels: record.labels.clone(),
        ending: Ending::of(record),
        score: evaluation.known_score(),
        invalidated: None,
        values: values.collect(),
    }
}

/// Returns what an evaluation is called: by its build, else by its time.
fn name(point: &TrendPoint) -> String {
    let labelled = NAMES.iter().find_map(|key| {
        let value = point.labels.get(*key)?.trim();
        let shown = if *key == "commit" {
            value.chars().take(8).collect()
        } else {
            cut(value)
        };
        (!value.is_empty()).then_some(shown)
    });
    labelled
        .or_else(|| point.time.map(short_time))
        .unwrap_or_else(|| cut(&point.id))
}

/// Returns a text, the middle left out where it is long.
fn cut(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST / 2).collect();
    let end: String = text.chars().skip(length - LONGEST / 2 + 1).collect();
    format!("{start}…{end}")
}

/// Prints a time for the head of a column.
fn short_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Numbers names that were there already: `17 (2)`.
fn unique(name: String, seen: &mut BTreeMap<String, usize>) -> String {
    let times = seen.entry(name.clone()).or_default();
    *times += 1;
    match *times {
        1 => name,
        times => format!("{name} ({times})"),
    }
}

/// Returns the word for a place in a row.
fn ordinal(number: usize) -> String {
    const WORDS: [&str; 9] = [
        "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    ];
    if let Some(word) = number.checked_sub(2).and_then(|index| WORDS.get(index)) {
        return (*word).to_owned();
    }
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// Returns what an ending is called.
fn noun(ending: Ending) -> &'static str {
    match ending {
        Ending::Verdict(Verdict::Pass) => "pass",
        Ending::Verdict(Verdict::Warning) => "warning",
        Ending::Verdict(Verdict::Fail) => "failure",
        Ending::Inconclusive => "evaluation without a verdict",
    }
}

/// Returns what one ending is called.
fn article(ending: Ending) -> &'static str {
    match ending {
        Ending::Verdict(Verdict::Pass) => "a pass",
        Ending::Verdict(Verdict::Warning) => "a warning",
        Ending::Verdict(Verdict::Fail) => "a failure",
        Ending::Inconclusive => "no verdict",
    }
}

/// Returns what several endings are called.
fn plural(ending: Ending) -> &'static str {
    match ending {
        Ending::Verdict(Verdict::Pass) => "passes",
        Ending::Verdict(Verdict::Warning) => "warnings",
        Ending::Verdict(Verdict::Fail) => "failures",
        Ending::Inconclusive => "without a verdict",
    }
}
