//! Answers of providers that nobody judged: what `tidegate query` shows.

use anstyle::{AnsiColor, Effects, Style};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::advice::advice;
use super::change::number;
use super::json::{milliseconds, outcome_name};
use super::sparkline::sparkline;
use super::table::minute;
use super::text::{TextStyle, block, paint, printable};
use crate::gate::event::keptn_time;
use crate::gate::{Context, Outcome, Reading, TimeWindow, json_number, spoken};

/// The version of the document. Within a version members are only ever added.
const VERSION: u32 = 1;

/// Answers of providers, nobody has judged them.
pub struct Answers<'a> {
    /// What the queries spoke of.
    pub context: &'a Context,
    /// The readings of its window.
    pub readings: &'a [Reading],
    /// The readings of a range, where one was wanted.
    pub range: Option<AnswerRange<'a>>,
    /// What the user should know of the whole.
    pub warnings: &'a [String],
}

/// Readings of windows that end at steps over a range.
pub struct AnswerRange<'a> {
    /// How far apart they end.
    pub step: SignedDuration,
    /// The windows with their readings, the earliest first.
    pub points: Vec<(TimeWindow, &'a [Reading])>,
    /// The providers whose answers don't depend on a window.
    pub timeless: Vec<&'a str>,
}

/// What one indicator was over a range.
enum Course<'a> {
    /// No range was wanted.
    Unwanted,
    /// Its provider has one answer, whatever the window.
    Timeless(&'a str),
    /// Its windows, and what came of each.
    Points(Vec<(&'a TimeWindow, &'a Outcome)>),
}

impl Answers<'_> {
    /// Returns the text for people.
    #[must_use]
    pub fn text(&self, style: TextStyle) -> String {
        let mut out = self.heading(style);
        for reading in self.readings {
            out.push('\n');
            out.push_str(&block(self.answer(reading, style)));
        }
        if let Some(sum) = self.sum() {
            out.push('\n');
            out.push_str(&block([sum]));
        }
        out
    }

    /// Names what the queries spoke of.
    fn heading(&self, style: TextStyle) -> String {
        let Context { series, window, .. } = self.context;
        let series = printable(&series.to_string());
        let bold = Style::new().effects(Effects::BOLD);
        let (start, end) = (minute(window.start()), minute(window.end()));
        block([format!("{}  {start} to {end}", paint(&series, bold, style))])
    }

    /// Returns the lines about one indicator.
    fn answer(&self, reading: &Reading, style: TextStyle) -> Vec<String> {
        let name = printable(reading.indicator.as_str());
        let bold = Style::new().effects(Effects::BOLD);
        let mut lines = vec![format!(
            "{}  {}",
            paint(&name, bold, style),
            result(reading, style)
        )];
        lines.push(format!("  {}", source(reading)));
        lines.extend(wording(reading));
        lines.extend(
            reading
                .warnings
                .iter()
                .map(|warning| format!("  warning: {}", printable(warning))),
        );
        lines.extend(self.course_lines(reading, style));
        lines.extend(advice(&reading.outcome).map(|advice| format!("  hint: {advice}")));
        lines
    }

    /// Returns what an indicator was over the range.
    fn course(&self, reading: &Reading) -> Course<'_> {
        let Some(range) = &self.range else {
            return Course::Unwanted;
        };
        let provider = reading.provider.as_deref().unwrap_or_default();
        if let Some(name) = range.timeless.iter().find(|name| **name == provider) {
            return Course::Timeless(name);
        }
        let points = range.points.iter().filter_map(|(window, readings)| {
            let same = |other: &&Reading| other.indicator == reading.indicator;
            Some((window, &readings.iter().find(same)?.outcome))
        });
        Course::Points(points.collect())
    }

    /// Draws what an indicator was over the range.
    fn course_lines(&self, reading: &Reading, style: TextStyle) -> Vec<String> {
        let points = match self.course(reading) {
            Course::Unwanted => return Vec::new(),
            Course::Timeless(provider) => {
                let provider = printable(provider);
                return vec![format!(
                    "  no range: an answer of {provider} has no time, it is the same for every window"
                )];
            }
            Course::Points(points) => points,
        };
        let values: Vec<Option<f64>> = points.iter().map(|(_, outcome)| value(outcome)).collect();
        let drawn: Vec<char> = sparkline(&values, style.charset).chars().collect();
        let width = usize::from(style.width.saturating_sub(4)).max(1);
        let rows = drawn.chunks(width).map(|row| {
            format!("  {}", row.iter().collect::<String>())
                .trim_end()
                .to_owned()
        });
        rows.chain([self.extremes(&points, reading)]).collect()
    }

    /// Names the lowest, the highest and the last value, and the points without one.
    fn extremes(&self, points: &[(&TimeWindow, &Outcome)], reading: &Reading) -> String {
        let known: Vec<f64> = points
            .iter()
            .filter_map(|(_, outcome)| value(outcome))
            .collect();
        let step = self.range.as_ref().map(|range| range.step.unsigned_abs());
        let step = spoken(step.unwrap_or_default());
        let count = match points.len() {
            1 => "1 point".to_owned(),
            several => format!("{several} points, {step} apart"),
        };
        let unit = unit(reading);
        let lowest = known.iter().copied().reduce(f64::min);
        let highest = known.iter().copied().reduce(f64::max);
        let (Some(lowest), Some(highest)) = (lowest, highest) else {
            return format!("  no point has a value ({count}){}", missing(points));
        };
        let last = points.last().and_then(|(_, outcome)| value(outcome));
        let last = last.map_or_else(|| "none".to_owned(), |last| number(last, &[]) + &unit);
        format!(
            "  min {}{unit}, max {}{unit}, last {last} ({count}){}",
            number(lowest, &[]),
            number(highest, &[]),
            missing(points)
        )
    }

    /// Counts, where not every indicator has a value.
    fn sum(&self) -> Option<String> {
        let count = |wanted: &str| {
            let outcomes = self.readings.iter().map(|reading| &reading.outcome);
            outcomes.filter(|o| outcome_name(o) == wanted).count()
        };
        let (values, no_data, failed) = (count("value"), count("no_data"), count("failed"));
        let told = [(no_data, "no data"), (failed, "failed")];
        let told = told
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"));
        let told: Vec<String> = told.collect();
        let all = self.readings.len();
        (!told.is_empty()).then(|| format!("{values} of {all} with a value, {}", told.join(", ")))
    }

    /// Returns the document for programs.
    #[must_use]
    pub fn document(&self) -> Value {
        let Context {
            series,
            window,
            labels,
            ..
        } = self.context;
        json!({
            "version": VERSION,
            "project": series.project.as_str(),
            "stage": series.stage.as_str(),
            "service": series.service.as_str(),
            "labels": labels,
            "window": window_document(window),
            "slis": self.readings.iter().map(|reading| self.answer_document(reading)).collect::<Vec<_>>(),
            "warnings": self.warnings,
        })
    }

    /// Returns the part about one indicator.
    fn answer_document(&self, reading: &Reading) -> Value {
        let range = match self.course(reading) {
            Course::Unwanted | Course::Timeless(_) => Value::Null,
            Course::Points(points) => json!({
                "step_seconds": self.range.as_ref().map(|range| range.step.as_secs_f64()),
                "points": points.into_iter().map(point_document).collect::<Vec<_>>(),
            }),
        };
        json!({
            "sli": reading.indicator.as_str(),
            "outcome": outcome_name(&reading.outcome),
            "value": value(&reading.outcome).map(json_number),
            "unit": reading.unit,
            "reason": reason(&reading.outcome),
            "hint": advice(&reading.outcome),
            "provider": reading.provider,
            "query": reading.query,
            "endpoint": reading.endpoint,
            "samples": reading.samples,
            "reduced": reading.reduced,
            "attempts": reading.attempts,
            "elapsed_ms": milliseconds(reading),
            "warnings": reading.warnings,
            "range": range,
        })
    }
}

/// Returns the part about one point of a range.
fn point_document((window, outcome): (&TimeWindow, &Outcome)) -> Value {
    json!({
        "start": keptn_time(window.start()),
        "end": keptn_time(window.end()),
        "outcome": outcome_name(outcome),
        "value": value(outcome).map(json_number),
        "reason": reason(outcome),
    })
}

/// Returns the part about a window.
fn window_document(window: &TimeWindow) -> Value {
    json!({"start": keptn_time(window.start()), "end": keptn_time(window.end())})
}

/// Returns the number, where there is one.
fn value(outcome: &Outcome) -> Option<f64> {
    match outcome {
        Outcome::Value(value) => Some(value.get()),
        Outcome::NoData(_) | Outcome::Failed(_) => None,
    }
}

/// Returns why there is no number.
fn reason(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Value(_) => None,
        Outcome::NoData(reason) => Some(reason),
        Outcome::Failed(failure) => Some(&failure.message),
    }
}

/// Returns what follows the name: the value, or why there is none.
fn result(reading: &Reading, style: TextStyle) -> String {
    let coloured = |word: &str, colour: AnsiColor| {
        let with = Style::new().fg_color(Some(colour.into())).bold();
        paint(word, with, style)
    };
    match &reading.outcome {
        Outcome::Value(value) => number(value.get(), &[]) + &unit(reading),
        Outcome::NoData(reason) => {
            format!(
                "{}: {}",
                coloured("no data", AnsiColor::Yellow),
                printable(reason)
            )
        }
        Outcome::Failed(failure) => format!(
            "{}: {}",
            coloured("failed", AnsiColor::Red),
            printable(&failure.message)
        ),
    }
}

/// Returns the unit behind a number.
fn unit(reading: &Reading) -> String {
    let unit = reading.unit.as_deref();
    unit.map_or_else(String::new, |unit| format!(" {}", printable(unit)))
}

/// Counts the points without a value.
fn missing(points: &[(&TimeWindow, &Outcome)]) -> String {
    let count = |wanted: &str| {
        let outcomes = points.iter().map(|(_, outcome)| *outcome);
        outcomes.filter(|o| outcome_name(o) == wanted).count()
    };
    let first_failure = points.iter().find_map(|(_, outcome)| match outcome {
        Outcome::Failed(failure) => Some(printable(&failure.message)),
        Outcome::Value(_) | Outcome::NoData(_) => None,
    });
    let no_data = Some(count("no_data")).filter(|count| *count > 0);
    let no_data = no_data.map(|count| format!(", {count} without data"));
    let failed = first_failure.map(|failure| format!(", {} failed: {failure}", count("failed")));
    [no_data, failed].into_iter().flatten().collect()
}

/// Says who was asked for a window, and how that went.
#[must_use]
pub fn asked(reading: &Reading, window: &TimeWindow) -> String {
    let (start, end) = (minute(window.start()), minute(window.end()));
    let (place, facts) = (place(reading), facts(reading));
    printable(&format!("{place}, for {start} to {end}{facts}"))
}

/// Says where an answer comes from: provider, endpoint, time, attempts, samples.
#[must_use]
pub fn source(reading: &Reading) -> String {
    printable(&format!("{}{}", place(reading), facts(reading)))
}

/// Names provider and endpoint.
fn place(reading: &Reading) -> String {
    let provider = reading.provider.as_deref().unwrap_or("nobody");
    match &reading.endpoint {
        Some(endpoint) => format!("{provider} at {endpoint}"),
        None => provider.to_owned(),
    }
}

/// Says, behind a colon, what it took to get an answer; nothing where nothing is known.
fn facts(reading: &Reading) -> String {
    let elapsed = milliseconds(reading).map(|elapsed| format!("{elapsed:.1} ms"));
    let attempts = match reading.attempts {
        0 => None,
        1 => Some("1 attempt".to_owned()),
        several => Some(format!("{several} attempts")),
    };
    let samples = reading.samples.map(|samples| match samples {
        1 => "1 sample".to_owned(),
        several => format!("{several} samples"),
    });
    let facts = [elapsed, attempts, samples, reading.reduced.clone()];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    if facts.is_empty() {
        return String::new();
    }
    format!(": {}", facts.join(", "))
}

/// Returns the lines of a resolved query, indented.
#[must_use]
pub fn wording(reading: &Reading) -> Vec<String> {
    let query = reading.query.as_deref().unwrap_or_default().trim_end();
    let lines = query.lines();
    lines
        .map(|line| format!("    {}", printable(line)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{Finite, IndicatorName};
    use crate::report::samples::{PLAIN, all, record};

    #[test]
    fn a_provider_without_time_has_one_answer_and_says_so() {
        let record = record(all(500.0, 0.0), &[]);
        let context = Context {
            series: record.series.clone(),
            deployment: None,
            labels: std::collections::BTreeMap::new(),
            filters: Vec::new(),
            environment: std::collections::BTreeMap::new(),
            window_origin: crate::gate::WindowOrigin::Assumed,
            window: record.window.unwrap(),
        };
        let name = IndicatorName::new("p95").unwrap();
        let value = Outcome::Value(Finite::new(95.5).unwrap());
        let readings = [Reading {
            provider: Some("k6".to_owned()),
            samples: Some(1),
            unit: Some("ms".to_owned()),
            ..Reading::new(name, value)
        }];
        let answers = Answers {
            context: &context,
            readings: &readings,
            range: Some(AnswerRange {
                step: SignedDuration::from_mins(1),
                points: vec![(context.window, &[]), (context.window, &readings)],
                timeless: vec!["k6"],
            }),
            warnings: &[],
        };
        insta::assert_snapshot!(answers.text(PLAIN), @"
        sockshop/staging/carts  2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z

        p95  95.5 ms
          k6: 1 sample
          no range: an answer of k6 has no time, it is the same for every window
        ");
        assert_eq!(answers.document()["slis"][0]["range"], Value::Null);
    }
}
