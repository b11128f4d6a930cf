//! Queries of metrics: `metricSelector=…&entitySelector=…`, and the older `SELECTOR?scope=…`.

use super::pairs::Pairs;
use super::query::problem;
use crate::gate::QueryProblem;

/// The keys of a query.
const KEYS: [&str; 4] = [
    "metricSelector",
    "entitySelector",
    "resolution",
    "mzSelector",
];

/// What one data point stands for the whole window.
pub(super) const INFINITE: &str = "Inf";

/// The transformations that leave the unit of a metric as it is.
const KEEP_UNIT: [&str; 15] = [
    "avg",
    "max",
    "min",
    "median",
    "percentile",
    "merge",
    "splitBy",
    "filter",
    "fold",
    "sort",
    "limit",
    "names",
    "parents",
    "last",
    "auto",
];

/// The units of metrics that services have, by the beginning of their keys.
const UNITS: [(&str, &str); 6] = [
    ("builtin:service.response.time", "µs"),
    ("builtin:service.cpu.time", "µs"),
    ("builtin:service.errors.total.rate", "%"),
    ("builtin:service.errors.server.rate", "%"),
    ("builtin:host.cpu.usage", "%"),
    ("builtin:host.mem.usage", "%"),
];

/// A query of metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MetricsQuery {
    /// Which metric, and what is made of it.
    pub selector: String,
    /// Of which entities.
    pub entities: Option<String>,
    /// How far apart the data points are.
    pub resolution: Option<String>,
    /// Of which management zones.
    pub zones: Option<String>,
    /// What is made of the number.
    pub conversion: Conversion,
}

/// What `MV2;` makes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    /// Nothing: it keeps the unit of the metric.
    None,
    /// A thousandth of it.
    MicrosecondsToMilliseconds,
    /// A 1024th of it.
    BytesToKibibytes,
}

impl Conversion {
    /// Reads the unit behind `MV2;`, in one of the spellings that Keptn knows.
    pub(super) fn parse(unit: &str) -> Option<Self> {
        match unit {
            "Byte" | "byte" => Some(Self::BytesToKibibytes),
            "MicroSecond" | "Microsecond" | "microSecond" | "microsecond" => {
                Some(Self::MicrosecondsToMilliseconds)
            }
            _ => None,
        }
    }

    /// Converts a number.
    pub(super) fn apply(self, value: f64) -> f64 {
        match self {
            Self::None => value,
            Self::MicrosecondsToMilliseconds => value / 1000.0,
            Self::BytesToKibibytes => value / 1024.0,
        }
    }

    /// Returns the unit of the converted number.
    fn unit(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::MicrosecondsToMilliseconds => Some("ms"),
            Self::BytesToKibibytes => Some("KiB"),
        }
    }
}

impl MetricsQuery {
    /// Understands `metricSelector=…`.
    pub(super) fn parse(text: &str) -> Result<Self, QueryProblem> {
        let mut pairs = Pairs::parse(text, &KEYS)?;
        let selector = pairs.take("metricSelector").ok_or_else(|| {
            problem(
                "the query has no `metricSelector`",
                "write `metricSelector=…`",
            )
        })?;
        Ok(Self {
            selector,
            entities: pairs.take("entitySelector"),
            resolution: pairs.take("resolution"),
            zones: pairs.take("mzSelector"),
            conversion: Conversion::None,
        })
    }

    /// Understands `metricSelector=…`, or the older form.
    pub(super) fn parse_either(text: &str) -> Result<Self, QueryProblem> {
        Self::parse(text).or_else(|newer| Self::parse_legacy(text).ok_or(newer))
    }

    /// Understands `SELECTOR?scope=…`, or a selector alone. What reads as `key=value` in front of the `?` is the newer
    /// form with a slip in it.
    fn parse_legacy(text: &str) -> Option<Self> {
        let (selector, scope) = match text.split_once('?') {
            Some((selector, scope)) => (selector, Some(scope)),
            None => (text, None),
        };
        let is_pairs = selector.split('&').all(|part| {
            let key = part.split_once('=').map(|(key, _)| key);
            key.is_some_and(|key| key.chars().all(char::is_alphanumeric))
        });
        if selector.is_empty() || is_pairs {
            return None;
        }
        let entities = match scope {
            None | Some("") => None,
            Some(scope) => {
                let mut pairs = Pairs::parse(scope, &["scope"]).ok()?;
                let scope = pairs.take("scope")?;
                Some(if scope.contains("type(SERVICE)") {
                    scope
                } else {
                    format!("type(SERVICE),{scope}")
                })
            }
        };
        Some(Self {
            selector: selector.to_owned(),
            entities,
            resolution: Some(INFINITE.to_owned()),
            zones: None,
            conversion: Conversion::None,
        })
    }

    /// Returns the unit of the numbers, where it is known without asking.
    pub(super) fn unit(&self) -> Option<&'static str> {
        if let Some(unit) = self.conversion.unit() {
            return Some(unit);
        }
        UNITS.iter().find_map(|(key, unit)| {
            let rest = self.selector.strip_prefix(key)?;
            keeps_unit(rest).then_some(*unit)
        })
    }

    /// Returns the query as text, in the form that a user may write.
    pub(super) fn shown(&self) -> String {
        let optional = [
            ("entitySelector", &self.entities),
            ("resolution", &self.resolution),
            ("mzSelector", &self.zones),
        ];
        let mut text = format!("metricSelector={}", self.selector);
        for (key, value) in optional {
            if let Some(value) = value {
                text.extend(["&", key, "=", value]);
            }
        }
        text
    }
}

/// Tells whether what follows the key of a metric leaves its unit as it is. In doubt it does not.
fn keeps_unit(rest: &str) -> bool {
    let Some(outside) = outside_of_parentheses(rest) else {
        return false;
    };
    let mut names = outside.split(':');
    names.next() == Some("") && names.all(|name| KEEP_UNIT.contains(&name))
}

/// Returns a text without what stands in parentheses; `None` where they don't match.
fn outside_of_parentheses(text: &str) -> Option<String> {
    let mut outside = String::new();
    let mut depth = 0_u32;
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            other if depth == 0 => outside.push(other),
            _ => {}
        }
    }
    (depth == 0).then_some(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legacy(text: &str) -> Option<(String, Option<String>)> {
        let query = MetricsQuery::parse_either(text).ok()?;
        assert_eq!(query.resolution.as_deref(), Some(INFINITE));
        Some((query.selector, query.entities))
    }

    #[test]
    fn the_older_form_becomes_the_newer_one() {
        let selector = "builtin:service.response.time:merge(0):avg";
        let expected =
            |entities: Option<&str>| Some((selector.to_owned(), entities.map(str::to_owned)));
        assert_eq!(legacy(selector), expected(None));
        assert_eq!(legacy(&format!("{selector}?")), expected(None));
        assert_eq!(
            legacy(&format!("{selector}?scope=tag(keptn_project:a),tag(b)")),
            expected(Some("type(SERVICE),tag(keptn_project:a),tag(b)"))
        );
        assert_eq!(
            legacy(&format!("{selector}?scope=tag(a),type(SERVICE)")),
            expected(Some("tag(a),type(SERVICE)"))
        );
    }

    #[test]
    fn a_slip_in_the_newer_form_is_not_taken_for_the_older_one() {
        for (text, message) in [
            ("metricSelctor=a", "`metricSelctor` is no key of this query"),
            (
                "entitySelector=type(SERVICE)",
                "the query has no `metricSelector`",
            ),
            (
                "metricSelector=a&metricSelector=b",
                "`metricSelector` stands there twice",
            ),
            ("", "a part of the query is empty"),
            ("a?scpe=b", "`a?scpe` is no key of this query"),
        ] {
            let problem = MetricsQuery::parse_either(text).unwrap_err();
            assert_eq!(problem.message, message);
        }
    }

    #[test]
    fn a_unit_is_stated_only_where_it_is_certain() {
        let unit = |selector: &str| {
            MetricsQuery::parse(&format!("metricSelector={selector}"))
                .unwrap()
                .unit()
        };
        let time = "builtin:service.response.time";
        assert_eq!(unit(time), Some("µs"));
        assert_eq!(
            unit(&format!(
                "{time}:merge(\"dt.entity.service\"):percentile(95)"
            )),
            Some("µs")
        );
        assert_eq!(
            unit("builtin:service.errors.total.rate:splitBy():avg"),
            Some("%")
        );
        for other in [
            format!("{time}:avg/1000"),
            format!("{time}:toUnit(MicroSecond,MilliSecond)"),
            format!("{time}:count"),
            format!("{time}.client:avg"),
            format!("{time}:avg("),
            format!("({time}:avg)"),
            "builtin:service.requestCount.total:sum".to_owned(),
        ] {
            assert_eq!(unit(&other), None, "{other}");
        }
    }
}
