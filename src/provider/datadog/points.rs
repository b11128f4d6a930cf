//! The points of series as `/api/v1/query` sends them.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::settings::LastBucket;
use super::unit::unit;
use crate::gate::Reduce;
use crate::provider::answered::{Found, Number};
use crate::provider::measured::Measured;
use crate::provider::several::{self, Group, Wording};

/// How series are spoken of.
const WORDING: Wording = Wording {
    source: "Datadog",
    groups: "series",
    advice: "leave out `by {…}`",
    nulls: "where nothing is 0, write `default_zero(…)` in the query",
};

/// An answer.
#[derive(Debug, Deserialize)]
pub(super) struct Points {
    /// `ok` or `error`; an error may come under HTTP 200.
    pub status: String,
    /// The error in words.
    pub error: Option<String>,
    /// More words.
    pub message: Option<String>,
    /// The series.
    #[serde(default)]
    series: Vec<Series>,
}

/// One series.
#[derive(Debug, Deserialize)]
struct Series {
    /// The tags that tell it from others.
    #[serde(default)]
    scope: Option<String>,
    /// The metric, or the expression.
    #[serde(default)]
    display_name: Option<String>,
    /// Milliseconds since 1970, and the value.
    #[serde(default)]
    pointlist: Vec<(f64, Option<f64>)>,
    /// How many seconds one point stands for.
    #[serde(default)]
    interval: Option<f64>,
    /// The unit.
    #[serde(default)]
    unit: Option<Value>,
}

/// How points become numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// What a user asked for.
    pub reduce: Reduce,
    /// The end of the window, in milliseconds since 1970.
    pub end: f64,
    /// What becomes of a last bucket that ends behind it.
    pub last_bucket: LastBucket,
}

impl Points {
    /// Makes numbers of the points. Without a `reduce` a series is the mean of its points.
    pub(super) fn measured(mut self, reading: Reading) -> Measured {
        let mut warnings = Vec::new();
        for series in &mut self.series {
            warnings.extend(series.drop_incomplete(reading));
        }
        let groups: Vec<Group> = self.series.iter().map(Series::group).collect();
        let is_single = reading.reduce == Reduce::Single;
        let grouped = match (is_single, groups.as_slice()) {
            // Asked for a mean, several series would be one number that nobody chose.
            (true, [_]) => several::numbers(&groups, Reduce::Mean, WORDING),
            _ => several::numbers(&groups, reading.reduce, WORDING),
        };
        let found = match grouped.found {
            Found::Numbers(numbers) if is_single => mean(&numbers),
            found @ (Found::Numbers(_) | Found::Nothing(_) | Found::Failed(_)) => found,
        };
        let mut units = self.series.iter().map(|series| unit(series.unit.as_ref()));
        let first = units.next().flatten();
        let is_common = units.all(|other| other == first);
        warnings.extend(grouped.warnings);
        Measured {
            found,
            samples: Some(grouped.samples),
            unit: first.filter(|_| is_common),
            warnings,
        }
    }
}

impl Series {
    /// Leaves out a last point whose bucket ends behind the window, where there is another; says what is odd.
    fn drop_incomplete(&mut self, reading: Reading) -> Option<String> {
        let interval = self.interval?;
        let (start, _) = self.pointlist.last()?;
        let is_incomplete = start + interval * 1000.0 > reading.end;
        match reading.last_bucket {
            LastBucket::Dropped if is_incomplete && self.pointlist.len() > 1 => {
                self.pointlist.pop();
                None
            }
            LastBucket::Dropped if is_incomplete => Some(
                "the only bucket ends behind the window, so it may not be complete; ask with a smaller `.rollup(…)`"
                    .to_owned(),
            ),
            LastBucket::Dropped | LastBucket::Kept => None,
        }
    }

    /// Returns the values.
    fn group(&self) -> Group {
        let name = self.scope.clone().or_else(|| self.display_name.clone());
        Group {
            name: name.unwrap_or_default(),
            values: self.pointlist.iter().map(|(_, value)| *value).collect(),
        }
    }
}

/// Returns an instant as Datadog writes it, in whole seconds.
pub(super) fn milliseconds(instant: Timestamp) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the seconds since 1970 are below 2^53"
    )]
    let seconds = instant.as_second() as f64;
    seconds * 1000.0
}

/// Returns the mean of some numbers.
fn mean(numbers: &[Number]) -> Found {
    let values: Vec<f64> = numbers.iter().map(|number| number.value).collect();
    match Reduce::Mean.apply(&values) {
        Some(mean) => Found::number(mean),
        None => Found::Nothing("Datadog returned zero values".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Reads series over a window that ends 600 s after 1970.
    fn read(series: impl Into<Value>, reduce: Reduce) -> Measured {
        let series: Value = series.into();
        let points: Points =
            serde_json::from_value(json!({"status": "ok", "series": series})).unwrap();
        points.measured(Reading {
            reduce,
            end: 600_000.0,
            last_bucket: LastBucket::Dropped,
        })
    }

    fn text(measured: &Measured) -> String {
        match &measured.found {
            Found::Numbers(numbers) => {
                let numbers: Vec<f64> = numbers.iter().map(|number| number.value).collect();
                format!("{numbers:?}")
            }
            Found::Nothing(reason) => reason.clone(),
            Found::Failed(failure) => format!("{:?}: {}", failure.kind, failure.message),
        }
    }

    fn series(points: impl Into<Value>) -> Value {
        let points: Value = points.into();
        json!([{"scope": "*", "interval": 60, "pointlist": points}])
    }

    #[test]
    fn a_series_is_the_mean_of_its_points_without_nulls() {
        let points = series(json!([[0, 1.0], [60000, null], [120_000, 4.0]]));
        let measured = read(points.clone(), Reduce::Single);
        assert_eq!(
            (text(&measured).as_str(), measured.samples),
            ("[2.5]", Some(2))
        );
        assert_eq!(text(&read(points, Reduce::Last)), "[1.0, 4.0]");
    }

    #[test]
    fn a_last_bucket_that_is_not_complete_is_left_out() {
        let points = series(json!([[480_000, 2.0], [540_000, 4.0], [570_000, 90.0]]));
        assert_eq!(text(&read(points, Reduce::Single)), "[3.0]");
        let complete = series(json!([[480_000, 2.0], [540_000, 4.0]]));
        assert_eq!(text(&read(complete, Reduce::Single)), "[3.0]");
    }

    #[test]
    fn an_only_bucket_counts_with_a_warning() {
        let measured = read(series(json!([[570_000, 5.0]])), Reduce::Single);
        assert_eq!(text(&measured), "[5.0]");
        insta::assert_snapshot!(measured.warnings.join("\n"), @"the only bucket ends behind the window, so it may not be complete; ask with a smaller `.rollup(…)`");
    }

    #[test]
    fn a_last_bucket_of_null_is_no_value() {
        let points = series(json!([[0, 3.0], [60000, null]]));
        assert_eq!(text(&read(points, Reduce::Single)), "[3.0]");
        insta::assert_snapshot!(text(&read(series(json!([[0, null]])), Reduce::Single)), @"Datadog returned 'null' as value; where nothing is 0, write `default_zero(…)` in the query");
        assert!(
            text(&read(series(json!([])), Reduce::Single))
                .starts_with("Datadog returned zero values")
        );
        assert_eq!(
            text(&read(json!([]), Reduce::Single)),
            "Datadog returned zero series"
        );
    }

    #[test]
    fn several_series_are_several_numbers() {
        let two = json!([
            {"scope": "host:a", "interval": 60, "pointlist": [[0, 1.0], [60000, 2.0]], "unit": [{"short_name": "s"}, null]},
            {"scope": "host:b", "interval": 60, "pointlist": [[0, 7.0]], "unit": [{"short_name": "ms"}, null]},
        ]);
        insta::assert_snapshot!(text(&read(two.clone(), Reduce::Single)), @"BadQuery: Datadog returned 2 series but only one is supported (host:a, host:b); leave out `by {…}`, or say how to make one of them: `reduce: max`");
        let measured = read(two, Reduce::Max);
        assert_eq!(text(&measured), "[1.0, 2.0, 7.0]");
        assert_eq!(measured.unit, None);
    }
}
