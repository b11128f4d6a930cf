//! What `tidegate history` shows: one line for each stored evaluation, and below it what was said about it.

use anstyle::{Effects, Style};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::change::{rounded, score};
use super::listing::{Column, GAP};
use super::sparkline::sparkline;
use super::text::{Charset, Mark, TextStyle, block, paint, printable};
use crate::gate::event::keptn_time;
use crate::gate::{
    ChronicleEntry, Ending, ObjectiveResult, Record, Reference, Series, Verdict, json_number,
};

/// The version of the documents. Within a version members are only ever added.
const VERSION: u32 = 1;
/// From this width on it is shown what was compared with.
const WIDE: usize = 120;
/// The least space that labels need to be worth showing.
const LEAST: usize = 12;
/// The title of the column that gives way first.
const SERVICE: &str = "Service";
/// The widest name of a service among those of all.
const WIDEST_SERVICE: usize = 32;
/// How much of an id is shown at least. Ids of ours begin with the time, to the millisecond at their 13th character.
const LEAST_ID: usize = 13;

/// A list of stored evaluations.
pub struct History<'a> {
    /// The evaluations, newest first.
    pub entries: &'a [ChronicleEntry],
    /// Whose they are; `None` for those of every service.
    pub series: Option<&'a Series>,
    /// Whether there are more before these.
    pub has_more: bool,
}

impl History<'_> {
    /// Returns the table for people.
    #[must_use]
    pub fn text(&self, style: TextStyle) -> String {
        let ids = Ids::of(self.entries);
        let heading = match self.series {
            Some(series) => printable(&series.to_string()),
            None => "all services".to_owned(),
        };
        let bold = Style::new().effects(Effects::BOLD);
        let scores = self.scores(heading.width() + GAP.len(), style);
        let scores = scores.map_or_else(String::new, |scores| format!("{GAP}{scores}"));
        let mut lines = vec![
            format!("{}{scores}", paint(&heading, bold, style)),
            String::new(),
        ];
        let columns = self.columns(&ids, style);
        let titles = columns.iter().map(Column::title);
        lines.push(titles.collect::<Vec<_>>().join(GAP).trim_end().to_owned());
        let line = match style.charset {
            Charset::Unicode => "─",
            Charset::Ascii => "-",
        };
        let width: usize = columns.iter().map(|column| column.width + GAP.len()).sum();
        lines.push(line.repeat(width.saturating_sub(GAP.len())));
        for (at, entry) in self.entries.iter().enumerate() {
            let cells = columns.iter().map(|column| column.cell(at, style));
            lines.push(cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned());
            lines.extend(remarks(entry));
        }
        let hidden = hidden(&columns);
        if !hidden.is_empty() {
            lines.push(String::new());
            lines.push(format!(
                "Not shown at this width: {}. See --output json.",
                hidden.join(", ")
            ));
        }
        block(lines)
    }

    /// Draws the scores of one service, oldest first, as many as there is room for behind `used` columns.
    fn scores(&self, used: usize, style: TextStyle) -> Option<String> {
        self.series?;
        let mut scores: Vec<Option<f64>> = self.entries.iter().map(ChronicleEntry::score).collect();
        let known = || scores.iter().flatten().copied();
        if known().count() < 2 {
            return None;
        }
        let lowest = known().reduce(f64::min).map_or_else(String::new, score);
        let highest = known().reduce(f64::max).map_or_else(String::new, score);
        let words = if lowest == highest {
            format!("score {lowest}")
        } else {
            format!("score {lowest} to {highest}")
        };
        let room = usize::from(style.width).checked_sub(used + GAP.len() + words.width())?;
        scores.truncate(room);
        scores.reverse();
        Some(format!("{}{GAP}{words}", sparkline(&scores, style.charset)))
    }

    /// Chooses the columns that fit.
    fn columns(&self, ids: &Ids, style: TextStyle) -> Vec<Column> {
        let entries = self.entries.iter();
        let each = |text: &dyn Fn(&ChronicleEntry) -> String| -> Vec<String> {
            entries.clone().map(text).collect()
        };
        let mut columns = vec![
            Column::new("ID", each(&|entry| ids.short(&entry.id))),
            Column::new("Stored (UTC)", each(&when)),
        ];
        if self.series.is_none() {
            let place = |entry: &ChronicleEntry| printable(&entry.place.join("/"));
            columns.push(Column::new(SERVICE, each(&place)).at_most(WIDEST_SERVICE, style));
        }
        let mut verdict = Column::new("Verdict", each(&|entry| mark(entry).plain(style)));
        verdict.marks = entries.clone().map(mark).collect();
        columns.push(verdict);
        let points = |entry: &ChronicleEntry| entry.score().map_or_else(String::new, score);
        columns.push(Column::new("Score", each(&points)).at_the_right());
        columns.push(Column::new("Change", each(&|entry| change(entry, style))).at_the_right());
        let used: usize = columns.iter().map(|column| column.width + GAP.len()).sum();
        let total = usize::from(style.width);
        let over = used.saturating_sub(total + GAP.len());
        let columns = columns.into_iter().map(|column| {
            if column.name == SERVICE && over > 0 {
                let width = column.width.saturating_sub(over).max(LEAST);
                column.at_most(width, style)
            } else {
                column
            }
        });
        let mut columns: Vec<Column> = columns.collect();
        let mut left = total.saturating_sub(used);
        let labels = Column::new("Labels", each(&labels));
        let compared = Column::new("Compared with", each(&|entry| compared(entry, ids)));
        if total >= WIDE && left >= 2 * LEAST {
            let width = compared
                .width
                .min(left - GAP.len() - LEAST.min(labels.width));
            left -= width + GAP.len();
            columns.push(labels.at_most(left, style));
            columns.push(compared.at_most(width, style));
        } else if left >= LEAST {
            columns.push(labels.at_most(left, style));
        }
        columns
    }

    /// Returns the document for programs.
    #[must_use]
    pub fn document(&self) -> Value {
        let next = self.entries.last().filter(|_| self.has_more);
        json!({
            "version": VERSION,
            "project": self.series.map(|series| series.project.as_str()),
            "stage": self.series.map(|series| series.stage.as_str()),
            "service": self.series.map(|series| series.service.as_str()),
            "evaluations": self.entries.iter().map(entry_document).collect::<Vec<_>>(),
            "before": next.map(|entry| entry.id.as_str()),
        })
    }

    /// Returns a document a line.
    #[must_use]
    pub fn lines(&self) -> String {
        block(self.entries.iter().map(|entry| {
            let mut document = entry_document(entry);
            if let Some(members) = document.as_object_mut() {
                members.insert("version".to_owned(), VERSION.into());
            }
            document.to_string()
        }))
    }
}

/// Returns what there is no room for.
fn hidden(columns: &[Column]) -> Vec<&'static str> {
    let is_shown = |name| columns.iter().any(|column| column.name == name);
    let all = [("Labels", "labels"), ("Compared with", "compared with")];
    let hidden = all.into_iter().filter(|(name, _)| !is_shown(*name));
    hidden.map(|(_, words)| words).collect()
}

/// The ids of a list, to be written so short that none can be mistaken for another.
struct Ids {
    /// How many characters that takes.
    length: usize,
}

impl Ids {
    /// Looks at the ids of a list.
    fn of(entries: &[ChronicleEntry]) -> Self {
        let mut ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let common = |pair: &[&str]| match pair {
            [one, other] => {
                let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
                same.count() + 1
            }
            _ => 0,
        };
        let needed = ids.windows(2).map(common).max().unwrap_or_default();
        Self {
            length: needed.max(LEAST_ID),
        }
    }

    /// Returns the beginning of an id.
    fn short(&self, id: &str) -> String {
        printable(&id.chars().take(self.length).collect::<String>())
    }
}

/// Returns when an evaluation was stored, to the minute.
fn when(entry: &ChronicleEntry) -> String {
    entry.time.map_or_else(
        || "unknown".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// Returns how an evaluation ended.
fn mark(entry: &ChronicleEntry) -> Mark {
    match entry.ending() {
        Some(Ending::Verdict(verdict)) => Mark::of_verdict(verdict),
        Some(Ending::Inconclusive) => Mark::inconclusive(),
        None => Mark::unreadable(),
    }
}

/// Returns the change of the score.
fn change(entry: &ChronicleEntry, style: TextStyle) -> String {
    match entry.change {
        None => String::new(),
        Some(change) if change.abs() < 0.005 => match style.charset {
            Charset::Unicode => "±0".to_owned(),
            Charset::Ascii => "0".to_owned(),
        },
        Some(change) => {
            let sign = if change > 0.0 { "+" } else { "" };
            format!("{sign}{}", rounded((change * 100.0).round() / 100.0, 6))
        }
    }
}

/// Returns the labels.
fn labels(entry: &ChronicleEntry) -> String {
    let labels = entry.record.iter().flat_map(|record| &record.labels);
    let labels = labels.map(|(key, value)| format!("{key}={value}"));
    printable(&labels.collect::<Vec<_>>().join(", "))
}

/// Returns what an evaluation was compared with.
fn compared(entry: &ChronicleEntry, ids: &Ids) -> String {
    let Ok(record) = &entry.record else {
        return String::new();
    };
    let evaluation = &record.evaluation;
    let short = evaluation.compared.iter().map(|one| ids.short(&one.id));
    let short: Vec<String> = short.collect();
    let all = match short.as_slice() {
        [] => "none".to_owned(),
        [first, second, third, _, ..] => {
            format!("{first}, {second}, {third}, {} more", short.len() - 3)
        }
        few => few.join(", "),
    };
    match &evaluation.reference {
        Reference::Newest => all,
        Reference::Labelled(labels) => {
            let labels = labels.iter().map(|(key, value)| format!("{key}={value}"));
            let labels = labels.collect::<Vec<_>>().join(", ");
            printable(&format!("label {labels}: {all}"))
        }
        Reference::Pinned { .. } => format!("pinned {all}"),
        Reference::Evaluation(_) => format!("chosen {all}"),
        Reference::File(path) => printable(&format!("file {path}")),
    }
}

/// Returns what was said about an evaluation, one line each.
fn remarks(entry: &ChronicleEntry) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(reason) = &entry.invalidated {
        lines.push(remark("invalidated", reason));
    }
    if let Some(reason) = &entry.pinned {
        lines.push(remark("pinned as the reference", reason));
    }
    if let Err(error) = &entry.record {
        lines.push(remark("can't be read", &error.to_string()));
    }
    lines
}

/// Returns one remark, with its reason if there is one.
fn remark(what: &str, reason: &str) -> String {
    let gap = if reason.is_empty() { "" } else { ": " };
    format!("    {what}{gap}{}", printable(reason))
}

/// Returns the part about one evaluation.
fn entry_document(entry: &ChronicleEntry) -> Value {
    let record = entry.record.as_ref().ok();
    let [project, stage, service] = &entry.place;
    json!({
        "id": entry.id,
        "time": entry.time.map(|time| time.to_string()),
        "project": project,
        "stage": stage,
        "service": service,
        "result": entry.ending().map(Ending::as_str),
        "score": entry.score().map(json_number),
        "change": entry.change.map(json_number),
        "labels": record.map(|record| &record.labels),
        "window": record.and_then(|record| record.window).map(|window| json!({
            "start": keptn_time(window.start()),
            "end": keptn_time(window.end()),
        })),
        "compared": record.map(|record| compared_document(record)),
        "slis": record.map(|record| slis_document(record)),
        "invalidated": entry.invalidated.as_ref().map(|reason| json!({"reason": reason})),
        "pinned": entry.pinned.as_ref().map(|reason| json!({"reason": reason})),
        "error": entry.record.as_ref().err().map(ToString::to_string),
    })
}

/// Returns the part about what each SLI came to.
fn slis_document(record: &Record) -> Vec<Value> {
    let objectives = record.evaluation.objectives().iter();
    let sli = |objective: &ObjectiveResult| {
        json!({
            "name": objective.indicator.as_str(),
            "status": objective.status.as_str(),
            "value": objective.judged_value().map(json_number),
            "unit": objective.unit,
        })
    };
    objectives.map(sli).collect()
}

/// Returns the part about what an evaluation was compared with.
fn compared_document(record: &Record) -> Value {
    let evaluation = &record.evaluation;
    let (by, more) = match &evaluation.reference {
        Reference::Newest => ("slo", Value::Null),
        Reference::Labelled(labels) => ("labels", json!(labels)),
        Reference::Pinned { evaluation, .. } => ("pin", evaluation.as_str().into()),
        Reference::Evaluation(id) => ("evaluation", id.as_str().into()),
        Reference::File(path) => ("file", path.as_str().into()),
    };
    let compared = evaluation.compared.iter().map(|one| {
        json!({
            "id": one.id,
            "time": one.time.map(|time| time.to_string()),
            "result": one.result.map(Verdict::as_str),
        })
    });
    json!({"by": by, "reference": more, "evaluations": compared.collect::<Vec<_>>()})
}

/// Says what was said about a stored evaluation since; empty where nothing was.
#[must_use]
pub fn standing(invalidated: Option<&str>, pinned: Option<&str>) -> String {
    let sentence = |start: &str, reason: &str| {
        let gap = if reason.is_empty() { "" } else { ": " };
        format!("{start}{gap}{}", printable(reason))
    };
    let lines = [
        invalidated.map(|reason| {
            sentence(
                "Invalidated since: no evaluation is compared with it any more",
                reason,
            )
        }),
        pinned.map(|reason| {
            sentence(
                "Pinned: later evaluations of its service are compared with it",
                reason,
            )
        }),
    ];
    block(lines.into_iter().flatten())
}
