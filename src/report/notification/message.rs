//! What a chat says, before it is put into the form of the chat: short texts, harmless on any screen.

use super::notice::{Notice, What};
use crate::gate::{Conclusion, Ending, ObjectiveResult, Status, TimeWindow, Verdict};
use crate::report::account::{Account, Unjudged};
use crate::report::change::score;
use crate::report::explain;
use crate::report::table::{minute, needed};
use crate::report::text::printable;

/// How long a text may be.
const LONGEST: usize = 400;
/// How long a name may be.
const LONGEST_NAME: usize = 80;
/// How many labels are shown.
const MOST_LABELS: usize = 8;

/// How a message looks, for those that show colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Look at it.
    Warning,
    /// It is bad.
    Bad,
}

/// What a chat says.
pub struct Message {
    /// How it looks.
    pub tone: Tone,
    /// The verdict, with its sign: `✗ FAIL`.
    pub verdict: String,
    /// What was evaluated: `sockshop/staging/carts`.
    pub series: String,
    /// The score, or why there is none.
    pub headline: String,
    /// The objectives that lost points, those that failed first.
    pub missed: Vec<Missed>,
    /// More about it, each with its name.
    pub facts: Vec<(&'static str, String)>,
}

/// An objective that lost points.
pub struct Missed {
    /// Its sign.
    pub sign: &'static str,
    /// Its name.
    pub name: String,
    /// Why, as it follows the name in a sentence.
    pub reason: String,
}

impl Message {
    /// Says what there is to tell.
    pub fn of(notice: &Notice<'_>) -> Self {
        match notice.what {
            What::Judged { account, previous } => Self::judged(account, previous),
            What::Unjudged(unjudged) => Self::unjudged(unjudged),
        }
    }

    /// Returns the whole in one line, for a notification that pops up.
    pub fn in_short(&self) -> String {
        format!("{} {}: {}", self.verdict, self.series, self.headline)
    }

    /// Tells of an evaluation.
    fn judged(account: &Account<'_>, previous: Option<Ending>) -> Self {
        let record = account.record;
        let evaluation = &record.evaluation;
        let ending = Ending::of(record);
        let (tone, verdict) = match ending {
            Ending::Verdict(Verdict::Pass) => (Tone::Good, "✓ PASS"),
            Ending::Verdict(Verdict::Warning) => (Tone::Warning, "! WARNING"),
            Ending::Verdict(Verdict::Fail) => (Tone::Bad, "✗ FAIL"),
            Ending::Inconclusive => (Tone::Warning, "? INCONCLUSIVE"),
        };
        let headline = match &evaluation.conclusion {
            Conclusion::Scored => {
                let needed = evaluation.total_score.map_or_else(String::new, needed);
                format!("score {} of 100{needed}", score(evaluation.score))
            }
            Conclusion::Inconclusive(reason) => format!("no verdict: {reason}"),
            Conclusion::RetrievalErrored => "the values could not be fetched".to_owned(),
            Conclusion::NotSucceeded(status) => format!("its status is {status}"),
        };
        let mut facts = Vec::new();
        if let Some(previous) = previous.filter(|previous| *previous != ending) {
            facts.push(("Before", previous.as_str().to_owned()));
        }
        facts.extend(record.window.as_ref().map(window));
        if !record.labels.is_empty() {
            let labels = record.labels.iter().take(MOST_LABELS);
            let labels: Vec<String> = labels
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            facts.push(("Labels", short(&labels.join(", "), LONGEST)));
        }
        facts.push(("Evaluation", short(&record.ids.finished, LONGEST_NAME)));
        Self {
            tone,
            verdict: verdict.to_owned(),
            series: short(&record.series.to_string(), LONGEST_NAME),
            headline: short(&headline, LONGEST),
            missed: missed(evaluation.objectives()),
            facts,
        }
    }

    /// Tells that there is no verdict.
    fn unjudged(unjudged: &Unjudged<'_>) -> Self {
        let series = unjudged.series.map_or_else(
            || "tidegate".to_owned(),
            |series| short(&series.to_string(), LONGEST_NAME),
        );
        let ended = unjudged.ended;
        let mut facts = Vec::new();
        if let Some(hint) = unjudged.hint {
            facts.push(("Hint", short(hint, LONGEST)));
        }
        facts.push(("Exit code", format!("{} ({})", ended.code, ended.name)));
        Self {
            tone: Tone::Bad,
            verdict: "? NO VERDICT".to_owned(),
            series,
            headline: short(unjudged.message, LONGEST),
            missed: Vec::new(),
            facts,
        }
    }
}

/// Tells which window was looked at.
fn window(window: &TimeWindow) -> (&'static str, String) {
    let text = format!("{} to {}", minute(window.start()), minute(window.end()));
    ("Window", text)
}

/// Lists the objectives that lost points, those that failed first.
fn missed(objectives: &[ObjectiveResult]) -> Vec<Missed> {
    let of_status = |status: Status, sign: &'static str| {
        let some = objectives.iter().filter(move |one| one.status == status);
        some.map(move |objective| Missed {
            sign,
            name: short(objective.shown_name(), LONGEST_NAME),
            reason: short(&explain::reason(objective), LONGEST),
        })
    };
    let failed = of_status(Status::Fail, "✗");
    failed.chain(of_status(Status::Warning, "!")).collect()
}

/// Makes a text harmless, and cuts it where it is longer, so that everyone sees that it is cut.
fn short(text: &str, longest: usize) -> String {
    let mut shown = printable(text);
    if let Some((end, _)) = shown.char_indices().nth(longest) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}
