//! Questions to a snapshot of metrics.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::found::{Found, QueryError};
use super::super::number;
use super::super::results::Unit;
use super::exposition::{Exposition, newest};
use super::histogram::{Bucket, quantile};
use super::increase::increases;
use super::sample::{Sample, parse_value};
use super::selector::Selector;

/// The most series that one selector may select.
const MOST_SELECTED: usize = 100_000;

/// A question to a snapshot, as an indicator states it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSpec {
    /// The series: `name{label="value"}`.
    pub select: Option<String>,
    /// What is made of several series.
    pub aggregate: Aggregate,
    /// The quantile of a histogram, 0 to 1, instead of the values of its series.
    pub histogram_quantile: Option<f64>,
    /// One sum divided by another.
    pub ratio: Option<RatioSpec>,
    /// The seconds between the two snapshots, which turn what counters gained into a rate.
    pub seconds: Option<f64>,
}

/// One sum divided by another.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioSpec {
    /// The series above the line.
    pub num: String,
    /// The series below the line.
    pub den: String,
}

/// What is made of several series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// Nothing: one is expected, and several stay several.
    #[default]
    Single,
    /// Their sum.
    Sum,
    /// Their mean.
    Avg,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// How many there are.
    Count,
}

/// A question to a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricsQuery {
    /// What is asked for.
    question: Question,
    /// The seconds between the two snapshots.
    seconds: Option<f64>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
enum Question {
    /// The values of series.
    Values(Selector, Aggregate),
    /// A quantile of a histogram.
    Quantile(Selector, f64),
    /// One sum divided by another.
    Ratio(Selector, Selector),
}

impl TryFrom<&MetricsSpec> for MetricsQuery {
    type Error = QueryError;

    fn try_from(spec: &MetricsSpec) -> Result<Self, Self::Error> {
        let MetricsSpec {
            select,
            aggregate,
            histogram_quantile,
            ratio,
            seconds,
        } = spec;
        let question = match (select, histogram_quantile, ratio) {
            (Some(select), None, None) => Question::Values(select.parse()?, *aggregate),
            (Some(select), Some(fraction), None) => {
                if !(0.0..=1.0).contains(fraction) {
                    return Err(QueryError::wrong(format!(
                        "`histogram_quantile: {fraction}` is not between 0 and 1"
                    )));
                }
                Question::Quantile(select.parse()?, *fraction)
            }
            (None, None, Some(ratio)) => Question::Ratio(ratio.num.parse()?, ratio.den.parse()?),
            (None, _, None) => {
                return Err(QueryError::wrong(
                    "`select` is missing: name the series, such as `http_requests_total{code=~\"5..\"}`",
                ));
            }
            (_, _, Some(_)) => {
                return Err(QueryError::wrong(
                    "`ratio` stands alone: remove `select` and `histogram_quantile`",
                ));
            }
        };
        if seconds.is_some_and(|seconds| !(seconds.is_finite() && seconds > 0.0)) {
            return Err(QueryError::wrong("`seconds` is not a number above 0"));
        }
        Ok(Self {
            question,
            seconds: *seconds,
        })
    }
}

/// A snapshot, and the one before it where there is one.
#[derive(Clone, Copy)]
struct Snapshots<'e, 'a> {
    /// The later one.
    after: &'e Exposition<'a>,
    /// The earlier one.
    before: Option<&'e Exposition<'a>>,
}

/// The series that a selector selected.
struct Selected<'e, 'a> {
    /// The series with their values, or with what they gained.
    series: Vec<(&'e Sample<'a>, f64)>,
    /// What is odd about them.
    warnings: Vec<String>,
}

impl MetricsQuery {
    /// Asks a snapshot; with an earlier one beside it, asks for what counters gained in between.
    pub fn ask(
        &self,
        after: &Exposition<'_>,
        before: Option<&Exposition<'_>>,
    ) -> Result<Found, QueryError> {
        if self.seconds.is_some() && before.is_none() {
            return Err(QueryError::wrong(
                "`seconds` needs a baseline: a rate is what counters gained between two files",
            ));
        }
        let snapshots = Snapshots { after, before };
        let mut found = match &self.question {
            Question::Values(selector, aggregate) => {
                let mut found = snapshots.values(selector, *aggregate)?;
                if let Some(seconds) = self.seconds {
                    found.values.iter_mut().for_each(|value| *value /= seconds);
                    found.unit = Unit::PerSecond;
                }
                found
            }
            Question::Quantile(selector, fraction) => snapshots.quantile(selector, *fraction)?,
            Question::Ratio(num, den) => snapshots.ratio(num, den)?,
        };
        found.warnings.extend(after.warnings());
        Ok(found)
    }
}

impl Snapshots<'_, '_> {
    /// Returns the values of series.
    fn values(self, selector: &Selector, aggregate: Aggregate) -> Result<Found, QueryError> {
        let Selected { series, warnings } = self.select(selector, "")?;
        let count = series.len();
        let values: Vec<f64> = series.into_iter().map(|(_, value)| value).collect();
        let found = Found::new(aggregate.of(values));
        Ok(found.of_samples(count).with_warnings(warnings))
    }

    /// Estimates a quantile of the histogram that the selected series are of.
    fn quantile(self, selector: &Selector, fraction: f64) -> Result<Found, QueryError> {
        let Selected {
            series,
            mut warnings,
        } = self.select(selector, "_bucket")?;
        if series.is_empty() {
            return Ok(Found::new(Vec::new()));
        }
        let mut buckets = Vec::with_capacity(series.len());
        let mut histograms: BTreeMap<_, f64> = BTreeMap::new();
        for (sample, count) in series {
            let bound = Some(sample.label("le")).filter(|bound| !bound.is_empty());
            let bound = bound.and_then(parse_value).filter(|bound| !bound.is_nan());
            let bound = bound.ok_or_else(|| QueryError::NotANumber {
                place: format!("the bound `le` of `{}`", sample.series()),
                found: format!("`{}`", sample.label("le")),
                advice: "select the buckets of a histogram".to_owned(),
            })?;
            let total = histograms.entry(sample.labels_without_le()).or_default();
            *total = total.max(count);
            buckets.push(Bucket { bound, count });
        }
        if histograms.len() > 1 {
            warnings.push(format!(
                "the buckets of {} histograms are added up",
                histograms.len()
            ));
        }
        let answer = quantile(fraction, buckets);
        if answer.is_above {
            warnings.push(format!(
                "the quantile lies above the largest bound, {}: it is more than that",
                answer.value
            ));
        }
        if answer.is_raised {
            warnings.push(
                "the counts of some buckets fall with growing `le`; they are raised".to_owned(),
            );
        }
        let mut found = Found::new(vec![answer.value]).with_warnings(warnings);
        found.samples = whole(histograms.values().sum());
        found.note = Some("linear within a bucket, as in Prometheus".to_owned());
        Ok(found)
    }

    /// Divides one sum by another. Where either selects nothing there is no ratio.
    fn ratio(self, num: &Selector, den: &Selector) -> Result<Found, QueryError> {
        let above = self.select(num, "")?;
        let below = self.select(den, "")?;
        let mut warnings = above.warnings;
        warnings.extend(below.warnings);
        for (selector, series) in [(num, &above.series), (den, &below.series)] {
            if series.is_empty() {
                warnings.push(format!("`{selector}` selects no series"));
            }
        }
        if above.series.is_empty() || below.series.is_empty() {
            return Ok(Found::new(Vec::new()).with_warnings(warnings));
        }
        let sum = |series: &[(&Sample<'_>, f64)]| series.iter().map(|(_, value)| value).sum();
        let (above, below): (f64, f64) = (sum(&above.series), sum(&below.series));
        let mut found = Found::new(vec![above / below]).with_warnings(warnings);
        found.samples = whole(below);
        found.unit = Unit::Ratio;
        Ok(found)
    }
}

impl<'e, 'a> Snapshots<'e, 'a> {
    /// Selects series. A name that no series has is tried with `suffix` behind it.
    fn select(self, selector: &Selector, suffix: &str) -> Result<Selected<'e, 'a>, QueryError> {
        let (after, mut warnings) = selected(self.after, selector, suffix)?;
        let Some(before) = self.before else {
            let series = after.into_iter().map(|sample| (sample, sample.value));
            let series = series.collect();
            return Ok(Selected { series, warnings });
        };
        let gauge = after
            .iter()
            .find(|sample| self.after.kind(sample) == Some("gauge"));
        if let Some(gauge) = gauge {
            return Err(QueryError::wrong(format!(
                "`{}` is a gauge, and only counters can be compared with a baseline: ask for it without one",
                gauge.series()
            )));
        }
        let (before, _) = selected(before, selector, suffix)?;
        let increases = increases(&before, &after);
        warnings.extend(increases.warnings);
        Ok(Selected {
            series: increases.values,
            warnings,
        })
    }
}

/// Selects the series of one snapshot, each with its newest sample.
fn selected<'e, 'a>(
    exposition: &'e Exposition<'a>,
    selector: &Selector,
    suffix: &str,
) -> Result<(Vec<&'e Sample<'a>>, Vec<String>), QueryError> {
    let is_selected = |sample: &&Sample<'_>| {
        let base = sample.name.strip_suffix(suffix).unwrap_or(&sample.name);
        let is_suffixed = !suffix.is_empty() && sample.name.ends_with(suffix);
        selector.selects(sample) || (is_suffixed && selector.selects_named(sample, base))
    };
    let samples = exposition.samples().iter().filter(is_selected);
    let samples: Vec<_> = samples.take(MOST_SELECTED + 1).collect();
    if samples.len() > MOST_SELECTED {
        return Err(QueryError::wrong(format!(
            "`{selector}` selects more than {MOST_SELECTED} series: narrow it down by labels"
        )));
    }
    let (samples, is_thinned) = newest(samples).map_err(|(first, second)| {
        QueryError::wrong(format!(
            "`{selector}` selects the same series twice, at lines {first} and {second}: are these several files in one?"
        ))
    })?;
    let mut warnings = Vec::new();
    if is_thinned {
        warnings.push("series have several samples; the newest of each counts".to_owned());
    }
    Ok((samples, warnings))
}

impl Aggregate {
    /// Makes one number of several, or leaves them as they are. Of none there is none, not even a count.
    fn of(self, values: Vec<f64>) -> Vec<f64> {
        if values.is_empty() {
            return values;
        }
        let count = number::float(u64::try_from(values.len()).unwrap_or(u64::MAX));
        let sum = || values.iter().sum::<f64>();
        // A NaN makes the whole one: which is the largest of an unknown number cannot be told.
        let most = |larger: fn(f64, f64) -> f64| {
            let has_nan = values.iter().any(|value| value.is_nan());
            let most = values.iter().copied().reduce(larger);
            most.filter(|_| !has_nan).unwrap_or(f64::NAN)
        };
        match self {
            Self::Single => values,
            Self::Sum => vec![sum()],
            Self::Avg => vec![sum() / count],
            Self::Max => vec![most(f64::max)],
            Self::Min => vec![most(f64::min)],
            Self::Count => vec![count],
        }
    }
}

/// Turns a float that counts something into a count, where it is one.
fn whole(count: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float is cut to the range of integers, and the range is checked before"
    )]
    (count.is_finite() && count >= 0.0).then_some(count as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: &str = r#"# TYPE http_requests_total counter
http_requests_total{code="200"} 970
http_requests_total{code="500"} 20
http_requests_total{code="503"} 10
# TYPE latency_seconds histogram
latency_seconds_bucket{path="/a",le="0.1"} 5
latency_seconds_bucket{path="/a",le="0.2"} 7
latency_seconds_bucket{path="/a",le="1"} 10
latency_seconds_bucket{path="/a",le="+Inf"} 12
# TYPE heap gauge
heap 7
broken NaN
"#;

    /// Asks a question, written as YAML's twin JSON.
    fn ask_with(spec: &str, after: &str, before: Option<&str>) -> Result<Found, QueryError> {
        let spec: MetricsSpec = serde_json::from_str(spec).unwrap();
        let after = Exposition::parse(after.as_bytes())?;
        let before = before.map(|text| Exposition::parse(text.as_bytes()).unwrap());
        MetricsQuery::try_from(&spec)?.ask(&after, before.as_ref())
    }

    fn ask(spec: &str) -> Found {
        ask_with(spec, METRICS, None).unwrap()
    }

    #[test]
    fn series_are_aggregated_as_asked() {
        let value = |aggregate: &str| {
            let spec = r#"{"select": "http_requests_total{code=~\"5..\"}", "aggregate": "AGG"}"#;
            ask(&spec.replace("AGG", aggregate)).values
        };
        assert_eq!(value("sum"), [30.0]);
        assert_eq!(value("avg"), [15.0]);
        assert_eq!(value("max"), [20.0]);
        assert_eq!(value("min"), [10.0]);
        assert_eq!(value("count"), [2.0]);
        assert_eq!(value("single"), [20.0, 10.0]);
    }

    #[test]
    fn nothing_selected_is_nothing_found_whatever_the_aggregate() {
        for aggregate in ["single", "sum", "count"] {
            let spec = format!(r#"{{"select": "absent", "aggregate": "{aggregate}"}}"#);
            assert_eq!(ask(&spec).values, [] as [f64; 0]);
        }
        assert!(ask(r#"{"select": "broken", "aggregate": "max"}"#).values[0].is_nan());
    }

    #[test]
    fn a_ratio_divides_sums_and_has_no_value_without_both() {
        let found = ask(
            r#"{"ratio": {"num": "http_requests_total{code=~\"5..\"}", "den": "http_requests_total"}}"#,
        );
        assert_eq!(
            (found.values, found.samples, found.unit),
            (vec![0.03], Some(1000), Unit::Ratio)
        );
        let none = ask(r#"{"ratio": {"num": "absent", "den": "http_requests_total"}}"#);
        assert_eq!(none.values, [] as [f64; 0]);
        assert_eq!(none.warnings, ["`absent` selects no series"]);
    }

    #[test]
    fn a_quantile_takes_the_histogram_by_its_own_name_or_that_of_its_buckets() {
        for name in ["latency_seconds", "latency_seconds_bucket"] {
            let found = ask(&format!(
                r#"{{"select": "{name}", "histogram_quantile": 0.5}}"#
            ));
            assert!((found.values[0] - 0.15).abs() < 1e-12);
            assert_eq!(found.samples, Some(12));
        }
        let above = ask(r#"{"select": "latency_seconds", "histogram_quantile": 0.99}"#);
        assert_eq!(above.values, [1.0]);
        assert!(above.warnings[0].contains("it is more than that"));
    }

    #[test]
    fn with_a_baseline_the_ratio_is_that_of_the_time_between() {
        let spec = r#"{"ratio": {"num": "r{code=\"500\"}", "den": "r"}}"#;
        let before = "r{code=\"200\"} 100\nr{code=\"500\"} 50\n";
        let after = "r{code=\"200\"} 190\nr{code=\"500\"} 60\n";
        let found = ask_with(spec, after, Some(before)).unwrap();
        assert_eq!((found.values, found.samples), (vec![0.1], Some(100)));
    }

    #[test]
    fn with_a_baseline_and_seconds_the_value_is_a_rate() {
        let spec = r#"{"select": "r", "seconds": 10}"#;
        let found = ask_with(spec, "r 70\n", Some("r 20\n")).unwrap();
        assert_eq!((found.values, found.unit), (vec![5.0], Unit::PerSecond));
        assert!(ask_with(spec, "r 70\n", None).is_err());
    }

    #[test]
    fn a_gauge_is_not_compared_with_a_baseline() {
        let error = ask_with(r#"{"select": "heap"}"#, METRICS, Some(METRICS)).unwrap_err();
        assert!(error.to_string().starts_with("`heap` is a gauge"));
    }

    #[test]
    fn a_wrong_question_says_what_would_be_right() {
        let error = |spec: &str| ask_with(spec, METRICS, None).unwrap_err().to_string();
        assert!(error("{}").starts_with("`select` is missing"));
        assert!(
            error(r#"{"select": "a", "histogram_quantile": 95}"#).contains("not between 0 and 1")
        );
        assert!(
            error(r#"{"select": "a", "ratio": {"num": "a", "den": "b"}}"#).contains("stands alone")
        );
        assert!(error(r#"{"select": "a{"}"#).starts_with("cannot read the selector `a{`"));
        let twice = ask_with(r#"{"select": "a"}"#, "a 1\na 2\n", None).unwrap_err();
        assert!(twice.to_string().contains("lines 1 and 2"));
    }
}
