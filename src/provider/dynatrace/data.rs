//! Data points as `/api/v2/metrics/query` sends them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::metrics_query::Conversion;
use crate::gate::Reduce;
use crate::provider::answered::{Found, Number};
use crate::provider::several::{self, Group, Grouped, Wording};

/// How series are spoken of.
const WORDING: Wording = Wording {
    source: "Metrics API v2",
    groups: "metric series",
    advice: "aggregate with `:splitBy()` or `:merge(…)`",
    nulls: "was there any traffic in the window?",
};

/// One page of data points.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    /// The metrics.
    pub result: Vec<Collection>,
    /// What to ask for next.
    #[serde(rename = "nextPageKey")]
    pub next: Option<String>,
    /// What may be wrong with all of it.
    pub warnings: Option<Vec<String>>,
}

/// The series of one metric.
#[derive(Debug, Deserialize)]
pub(super) struct Collection {
    /// The selector that it answers.
    #[serde(rename = "metricId", default)]
    pub metric: String,
    /// The series.
    pub data: Vec<Series>,
    /// What may be wrong with them.
    pub warnings: Option<Vec<String>>,
}

/// One series.
#[derive(Debug, Deserialize)]
pub(super) struct Series {
    /// The dimensions, by name.
    #[serde(rename = "dimensionMap", default)]
    dimensions: BTreeMap<String, Option<String>>,
    /// The values; null where there is none.
    pub values: Vec<Option<f64>>,
}

/// The definition of a metric.
#[derive(Debug, Deserialize)]
pub(super) struct Descriptor {
    /// Whether one data point may stand for a whole window.
    #[serde(rename = "resolutionInfSupported", default)]
    pub takes_infinite: bool,
    /// How its data points are aggregated.
    #[serde(rename = "defaultAggregation")]
    pub aggregation: Option<Aggregation>,
    /// Its unit.
    pub unit: Option<String>,
}

/// How data points are aggregated.
#[derive(Debug, Deserialize)]
pub(super) struct Aggregation {
    /// `value` where they can't be.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The data points of all pages.
#[derive(Debug, Default)]
pub(super) struct Data {
    /// The series of each metric.
    collections: Vec<Collection>,
    /// What may be wrong with them.
    pub warnings: Vec<String>,
}

impl Data {
    /// Adds a page. Series of a metric that is there already belong to it.
    pub(super) fn add(&mut self, page: Page) {
        self.warnings.extend(page.warnings.into_iter().flatten());
        for mut collection in page.result {
            let warnings = collection.warnings.take();
            self.warnings.extend(warnings.into_iter().flatten());
            let mut known = self.collections.iter_mut();
            match known.find(|known| known.metric == collection.metric) {
                Some(known) => known.data.extend(collection.data),
                None => self.collections.push(collection),
            }
        }
    }

    /// Returns how many values the only series of the only metric has, where there are several.
    pub(super) fn several_values(&self) -> Option<usize> {
        match self.collections.as_slice() {
            [only] => match only.data.as_slice() {
                [series] if series.values.len() > 1 => Some(series.values.len()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Makes numbers of the data points.
    pub(super) fn numbers(&self, reduce: Reduce, conversion: Conversion) -> Grouped {
        if self.collections.is_empty() {
            return several::numbers(
                &[],
                reduce,
                Wording {
                    groups: "metric series collections",
                    ..WORDING
                },
            );
        }
        let groups: Vec<Group> = self.groups().collect();
        let mut grouped = several::numbers(&groups, reduce, self.wording());
        if let Found::Numbers(numbers) = &mut grouped.found {
            let convert = |number: &mut Number| number.value = conversion.apply(number.value);
            numbers.iter_mut().for_each(convert);
        }
        grouped
    }

    /// Returns how the series are spoken of.
    fn wording(&self) -> Wording {
        if self.collections.len() > 1 {
            return Wording {
                groups: "metric series collections or series",
                advice: "select one metric",
                ..WORDING
            };
        }
        WORDING
    }

    /// Returns every series, by name. A metric without any counts too: it is one more thing that was asked for.
    fn groups(&self) -> impl Iterator<Item = Group> {
        let several = self.collections.len() > 1;
        self.collections.iter().flat_map(move |collection| {
            let metric = if several {
                collection.metric.as_str()
            } else {
                ""
            };
            let empty = (several && collection.data.is_empty()).then(|| Group {
                name: metric.to_owned(),
                values: Vec::new(),
            });
            let series = collection.data.iter().map(move |series| Group {
                name: series.name(metric),
                values: series.values.clone(),
            });
            series.chain(empty)
        })
    }
}

impl Series {
    /// Returns the name of the series: the metric, where there are several, and the dimensions.
    fn name(&self, metric: &str) -> String {
        let dimensions: Vec<String> = self
            .dimensions
            .iter()
            .map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("null")))
            .collect();
        let dimensions = dimensions.join(" ");
        match (metric.is_empty(), dimensions.is_empty()) {
            (true, _) => dimensions,
            (false, true) => metric.to_owned(),
            (false, false) => format!("{metric} {dimensions}"),
        }
    }
}
