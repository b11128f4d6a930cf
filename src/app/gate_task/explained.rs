//! Why there is no verdict, in one text for the `.finished` event of a task.

use std::error::Error;

use crate::app::{EvaluateError, PrepareError};
use crate::gate::{IndicatorName, NoVerdict, Outcome, Reading};
use crate::spec::Problem;

/// The most bytes of a message: an event has room for more than people read.
const MOST_BYTES: usize = 16 * 1024;
/// How many readings a message names.
const MOST_READINGS: usize = 5;

/// Says why nothing could be asked.
pub(super) fn unprepared(error: &PrepareError) -> String {
    shortened(match error {
        PrepareError::Files(problems) => {
            let said = Problem::in_one_line(problems);
            format!("the files of the evaluation can't be used: {said}")
        }
        PrepareError::NoProvider(indicators) => format!(
            "no provider is chosen for {}: set `provider` in tidegate.yaml, or in the SLI file",
            named(indicators.iter())
        ),
        PrepareError::Unknown(unknown) => {
            let lines: Vec<String> = unknown
                .iter()
                .map(|unknown| format!("unknown SLI `{}`: {}", unknown.indicator, unknown.hint))
                .collect();
            lines.join("; ")
        }
        PrepareError::NothingToAsk | PrepareError::Range(_) | PrepareError::Window(_) => {
            error.to_string()
        }
    })
}

/// Says why there is no verdict.
pub(super) fn unjudged(error: &EvaluateError) -> String {
    shortened(match error {
        EvaluateError::History { cause, .. } => format!("{error}: {}", with_causes(cause)),
        EvaluateError::NoVerdict {
            cause: NoVerdict::NothingAnswered { .. },
            readings,
            ..
        } => format!("{error}: {}", unanswered(readings)),
        EvaluateError::NoVerdict {
            cause: NoVerdict::Required { .. },
            ..
        } => error.to_string(),
    })
}

/// Says what went wrong with readings, each reason once.
pub(super) fn unanswered(readings: &[Reading]) -> String {
    let mut reasons: Vec<(String, Vec<&IndicatorName>)> = Vec::new();
    for reading in readings {
        let reason = match &reading.outcome {
            Outcome::Value(_) => continue,
            Outcome::NoData(reason) => reason.clone(),
            Outcome::Failed(failure) => failure.message.clone(),
        };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, indicators)) => indicators.push(&reading.indicator),
            None => reasons.push((reason, vec![&reading.indicator])),
        }
    }
    let shown: Vec<String> = reasons
        .iter()
        .take(MOST_READINGS)
        .map(|(reason, indicators)| format!("{}: {reason}", named(indicators.iter().copied())))
        .collect();
    let more = reasons.len().saturating_sub(MOST_READINGS);
    let tail = if more == 0 {
        String::new()
    } else {
        format!("; and {more} more")
    };
    shown.join("; ") + &tail
}

/// Returns an error with all its causes.
pub(super) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let causes = std::iter::successors(Some(error), |&error| error.source());
    for error in causes {
        let text = error.to_string();
        // What forwards its cause says the same.
        if texts.last() != Some(&text) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

/// Names indicators, a few of many.
fn named<'a>(indicators: impl Iterator<Item = &'a IndicatorName>) -> String {
    let names: Vec<String> = indicators.map(|name| format!("`{name}`")).collect();
    match names.get(..MOST_READINGS) {
        Some(few) if few.len() < names.len() => {
            format!("{} and {} more", few.join(", "), names.len() - few.len())
        }
        Some(_) | None => names.join(", "),
    }
}

/// Cuts a text that is too long for a message.
fn shortened(mut text: String) -> String {
    if text.len() > MOST_BYTES {
        let mut end = MOST_BYTES;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}
