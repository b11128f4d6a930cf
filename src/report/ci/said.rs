//! What there is to say of an evaluation, whatever the language.

use super::super::change::score;
use super::super::explain::reason;
use super::super::slo_lines::SloLines;
use crate::gate::{Ending, ObjectiveResult, Record, Series, Status, Verdict};
use crate::report::Unjudged;

/// How loud something is said. The order is from the loudest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Why there is no pass.
    Error,
    /// Someone should look.
    Warning,
    /// For the record.
    Notice,
}

impl Level {
    /// Returns how loud the outcome of an evaluation is.
    pub fn of(record: &Record) -> Self {
        match Ending::of(record) {
            Ending::Verdict(Verdict::Pass) => Self::Notice,
            Ending::Verdict(Verdict::Warning) => Self::Warning,
            Ending::Verdict(Verdict::Fail) | Ending::Inconclusive => Self::Error,
        }
    }
}

/// One objective that missed points.
pub(super) struct Complaint<'a> {
    /// The objective.
    pub objective: &'a ObjectiveResult,
    /// How loud. Never louder than the outcome: what fails in a gate that passed is a warning.
    pub level: Level,
    /// What happened, in one sentence.
    pub text: String,
    /// The line of the SLO file that it is about.
    pub line: usize,
}

/// Returns the objectives that missed points: failed key objectives, then other failed ones, then warnings.
pub(super) fn complaints(record: &Record) -> Vec<Complaint<'_>> {
    let lines = SloLines::of(record);
    let loudest = Level::of(record);
    let complaint = |objective| Complaint {
        objective,
        level: match objective.status {
            Status::Fail if loudest == Level::Error => Level::Error,
            Status::Fail => Level::Warning,
            Status::Warning | Status::Pass | Status::Info => Level::Warning,
        },
        text: clipped(&format!("{} {}", objective.shown_name(), reason(objective))),
        line: lines.decisive(objective),
    };
    let missed =
        |objective: &&ObjectiveResult| matches!(objective.status, Status::Fail | Status::Warning);
    let mut complaints: Vec<Complaint<'_>> = record
        .evaluation
        .objectives()
        .iter()
        .filter(missed)
        .map(complaint)
        .collect();
    complaints.sort_by_key(|complaint| {
        let objective = complaint.objective;
        let is_fail = objective.status == Status::Fail;
        (!is_fail, !(is_fail && objective.key))
    });
    complaints
}

/// Returns what was evaluated, and what it came to: `sockshop/staging/carts: fail, score 50`.
pub(super) fn headline(record: &Record) -> String {
    let ending = Ending::of(record).as_str();
    let score = score(record.evaluation.score);
    clipped(&format!(
        "{}: {ending}, score {score}",
        series(&record.series)
    ))
}

/// Returns the headline and what it was made of.
pub(super) fn summary(record: &Record) -> String {
    let headline = headline(record);
    if Ending::of(record) == Ending::Inconclusive {
        return clipped(&format!("{headline}. {}", record.evaluation.message));
    }
    let objectives = record.evaluation.objectives();
    let count = |status| {
        let counted = objectives.iter().filter(|o| o.status == status);
        counted.count()
    };
    let (failed, warned) = (count(Status::Fail), count(Status::Warning));
    let all = objectives.len();
    let parts = match (failed, warned) {
        (0, 0) => return headline,
        (failed, 0) => format!("{failed} of {all} objectives failed"),
        (0, warned) => format!("{warned} of {all} objectives returned a warning"),
        (failed, warned) => {
            format!("{failed} of {all} objectives failed, {warned} returned a warning")
        }
    };
    format!("{headline} ({parts})")
}

/// Returns that there is no verdict, and why.
pub(super) fn no_verdict(unjudged: &Unjudged<'_>) -> String {
    let name = unjudged.series.map(series);
    let name = name.map_or_else(String::new, |name| format!("{name}: "));
    let hint = unjudged
        .hint
        .map_or_else(String::new, |hint| format!(" ({hint})"));
    let message = unjudged.message.trim_start_matches("no verdict: ");
    clipped(&format!("{name}no verdict: {message}{hint}"))
}

/// Returns what is evaluated, as one word.
pub(super) fn series(series: &Series) -> String {
    let Series {
        project,
        stage,
        service,
    } = series;
    format!("{project}/{stage}/{service}")
}

/// Returns a text that is not longer than CI systems take.
pub(super) fn clipped(text: &str) -> String {
    const MOST: usize = 2000;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} […]", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Returns a name made of letters, digits and `_` only, at most so long; two names that differ stay different.
pub(super) fn identifier(text: &str, most: usize) -> String {
    let harmless = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let plain: String = text.chars().map(harmless).collect();
    let differs = text.chars().any(|c| !c.is_ascii_alphanumeric() && c != '_');
    if !differs && plain.len() <= most {
        return plain;
    }
    // FNV-1a, 64 bits: the same on every machine and in every version.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let start: String = plain.chars().take(most.saturating_sub(17)).collect();
    format!("{start}_{hash:016x}")
}
