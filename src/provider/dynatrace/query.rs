//! What is asked of Dynatrace: by the prefix of the query, or by options.

use super::dql::DqlQuery;
use super::metrics_query::{Conversion, MetricsQuery};
use super::pairs::Pairs;
use super::sessions::SessionQuery;
use crate::gate::{Options, QueryProblem};

/// The options of an indicator.
pub(super) const OPTIONS: [&str; 6] = [
    "metric_selector",
    "entity_selector",
    "resolution",
    "mz_selector",
    "dql",
    "field",
];

/// One question to Dynatrace.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ask {
    /// Data points of a metric.
    Metrics(MetricsQuery),
    /// The percentage of an SLO of Dynatrace.
    Slo {
        /// Its id.
        id: String,
    },
    /// The number of problems.
    Problems {
        /// Which problems.
        problems: Option<String>,
        /// Of which entities.
        entities: Option<String>,
    },
    /// The number of security problems.
    SecurityProblems {
        /// Which.
        problems: Option<String>,
    },
    /// A query of user sessions (USQL).
    Sessions(SessionQuery),
    /// A query of Grail (DQL).
    Dql(DqlQuery),
}

impl Ask {
    /// Understands a query, given its text and its options.
    pub(super) fn parse(text: &str, options: &Options) -> Result<Self, QueryProblem> {
        let text = text.trim();
        if let Some(dql) = option(options, "dql")? {
            refuse(options, "dql", &OPTIONS[..4])?;
            no_text_beside(text, "dql")?;
            return DqlQuery::new(&dql, option(options, "field")?).map(Self::Dql);
        }
        if let Some(selector) = option(options, "metric_selector")? {
            refuse(options, "metric_selector", &OPTIONS[5..])?;
            no_text_beside(text, "metric_selector")?;
            return Ok(Self::Metrics(MetricsQuery {
                selector,
                entities: option(options, "entity_selector")?,
                resolution: option(options, "resolution")?,
                zones: option(options, "mz_selector")?,
                conversion: Conversion::None,
            }));
        }
        if let Some(rest) = text.strip_prefix("DQL;") {
            refuse(options, "DQL;", &OPTIONS[..4])?;
            return DqlQuery::new(rest, option(options, "field")?).map(Self::Dql);
        }
        refuse(options, "query", &OPTIONS)?;
        Self::parse_text(text)
    }

    /// Understands the text of a query as Keptn's Dynatrace service does.
    fn parse_text(text: &str) -> Result<Self, QueryProblem> {
        if let Some(rest) = text.strip_prefix("USQL;") {
            return SessionQuery::parse(rest).map(Self::Sessions);
        }
        if let Some(id) = text.strip_prefix("SLO;") {
            return slo(id.trim());
        }
        if let Some(rest) = text.strip_prefix("PV2;") {
            let mut pairs = Pairs::parse(rest, &["problemSelector", "entitySelector"])?;
            return Ok(Self::Problems {
                problems: pairs.take("problemSelector"),
                entities: pairs.take("entitySelector"),
            });
        }
        if let Some(rest) = text.strip_prefix("SECPV2;") {
            let mut pairs = Pairs::parse(rest, &["securityProblemSelector"])?;
            return Ok(Self::SecurityProblems {
                problems: pairs.take("securityProblemSelector"),
            });
        }
        if let Some(rest) = text.strip_prefix("MV2;") {
            let hint = "write `MV2;MicroSecond;metricSelector=…`, or `MV2;Byte;metricSelector=…`";
            let (unit, query) = rest
                .split_once(';')
                .ok_or_else(|| problem("`MV2;` needs a unit and a query", hint))?;
            let conversion = Conversion::parse(unit)
                .ok_or_else(|| problem(format!("`MV2;` does not know the unit `{unit}`"), hint))?;
            let query = MetricsQuery::parse(query)?;
            return Ok(Self::Metrics(MetricsQuery {
                conversion,
                ..query
            }));
        }
        MetricsQuery::parse_either(text).map(Self::Metrics)
    }

    /// Returns what an API token must be allowed to do.
    pub(super) fn scope(&self) -> &'static str {
        match self {
            Self::Metrics(_) => "metrics.read",
            Self::Slo { .. } => "slo.read",
            Self::Problems { .. } => "problems.read",
            Self::SecurityProblems { .. } => "securityProblems.read",
            Self::Sessions(_) => "DTAQLAccess",
            Self::Dql(_) => {
                "storage:buckets:read and that of the data, such as storage:metrics:read"
            }
        }
    }

    /// Returns the query as text, where the options say it.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::Metrics(query) => Some(query.shown()),
            Self::Dql(query) => Some(query.query.clone()),
            Self::Slo { .. } | Self::Problems { .. } => None,
            Self::SecurityProblems { .. } | Self::Sessions(_) => None,
        }
    }
}

/// Reads the id of an SLO.
fn slo(id: &str) -> Result<Ask, QueryProblem> {
    if id.is_empty() || id.contains(';') {
        return Err(problem(
            "`SLO;` needs the id of one SLO",
            "write `SLO;ID`, with the id that the URL of the SLO shows",
        ));
    }
    Ok(Ask::Slo { id: id.to_owned() })
}

/// Reads an option that is a text, or a number.
fn option(options: &Options, name: &str) -> Result<Option<String>, QueryProblem> {
    let Some(value) = options.get(name) else {
        return Ok(None);
    };
    let text = value.as_str().map(str::to_owned);
    let text = text.or_else(|| value.as_number().map(ToString::to_string));
    match text.map(|text| text.trim().to_owned()) {
        Some(text) if !text.is_empty() => Ok(Some(text)),
        Some(_) | None => Err(QueryProblem {
            option: Some(name.to_owned()),
            message: format!("`{name}` must be a text"),
            hint: format!("write `{name}: \"…\"`, or leave it out"),
        }),
    }
}

/// Refuses options that mean nothing beside another part of the query.
fn refuse(options: &Options, beside: &str, names: &[&str]) -> Result<(), QueryProblem> {
    let Some(name) = names.iter().find(|name| options.contains_key(**name)) else {
        return Ok(());
    };
    Err(QueryProblem {
        option: Some((*name).to_owned()),
        message: format!("`{name}` means nothing beside `{beside}`"),
        hint: "leave it out, or write the query with `metric_selector` or `dql`".to_owned(),
    })
}

/// Refuses a text beside an option that is the whole query.
fn no_text_beside(text: &str, option: &str) -> Result<(), QueryProblem> {
    if text.is_empty() {
        return Ok(());
    }
    Err(problem(
        format!("there is a `query` beside `{option}`"),
        "keep one of the two",
    ))
}

/// Makes a problem with the text of a query.
pub(super) fn problem(message: impl Into<String>, hint: &str) -> QueryProblem {
    QueryProblem {
        option: None,
        message: message.into(),
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn options(value: Value) -> Options {
        let Value::Object(options) = value else {
            panic!("{value}")
        };
        options
    }

    fn text(query: &str) -> Result<Ask, String> {
        Ask::parse(query, &Options::new()).map_err(|problem| problem.message)
    }

    fn metrics(selector: &str) -> MetricsQuery {
        MetricsQuery {
            selector: selector.to_owned(),
            entities: None,
            resolution: None,
            zones: None,
            conversion: Conversion::None,
        }
    }

    #[test]
    fn the_prefix_decides_what_is_asked() {
        assert_eq!(
            text("SLO;524ca177-849b-3e8c-8175-42b93fbc33c5"),
            Ok(Ask::Slo {
                id: "524ca177-849b-3e8c-8175-42b93fbc33c5".to_owned()
            })
        );
        assert_eq!(
            text(
                "PV2;problemSelector=status(\"open\"),managementZoneIds(123)&entitySelector=type(SERVICE)"
            ),
            Ok(Ask::Problems {
                problems: Some("status(\"open\"),managementZoneIds(123)".to_owned()),
                entities: Some("type(SERVICE)".to_owned()),
            })
        );
        assert_eq!(
            text("SECPV2;securityProblemSelector=status(\"open\")"),
            Ok(Ask::SecurityProblems {
                problems: Some("status(\"open\")".to_owned())
            })
        );
        assert!(matches!(
            text("USQL;SINGLE_VALUE;;SELECT 1"),
            Ok(Ask::Sessions(_))
        ));
        assert!(matches!(
            text("DQL;fetch logs | summarize count()"),
            Ok(Ask::Dql(_))
        ));
        assert_eq!(text("metricSelector=a:b"), Ok(Ask::Metrics(metrics("a:b"))));
    }

    #[test]
    fn mv2_knows_two_units_in_all_their_spellings() {
        for (unit, conversion) in [
            ("Byte", Conversion::BytesToKibibytes),
            ("byte", Conversion::BytesToKibibytes),
            ("MicroSecond", Conversion::MicrosecondsToMilliseconds),
            ("Microsecond", Conversion::MicrosecondsToMilliseconds),
            ("microSecond", Conversion::MicrosecondsToMilliseconds),
            ("microsecond", Conversion::MicrosecondsToMilliseconds),
        ] {
            let expected = MetricsQuery {
                conversion,
                ..metrics("a")
            };
            let query = format!("MV2;{unit};metricSelector=a");
            assert_eq!(text(&query), Ok(Ask::Metrics(expected)), "{unit}");
        }
        assert_eq!(
            text("MV2;MICROSECOND;metricSelector=a"),
            Err("`MV2;` does not know the unit `MICROSECOND`".to_owned())
        );
        assert_eq!(
            text("MV2;Byte"),
            Err("`MV2;` needs a unit and a query".to_owned())
        );
        // A legacy query has no `metricSelector`, and Keptn does not take it behind `MV2;`.
        assert!(text("MV2;Byte;builtin:host.mem").is_err());
    }

    #[test]
    fn options_say_the_same_without_traps() {
        let asked = Ask::parse(
            "",
            &options(json!({
                "metric_selector": "a:filter(eq(\"x\",\"1&2=3\"))",
                "entity_selector": "type(SERVICE)",
                "resolution": "Inf",
                "mz_selector": "mzId(1)",
            })),
        );
        assert_eq!(
            asked,
            Ok(Ask::Metrics(MetricsQuery {
                selector: "a:filter(eq(\"x\",\"1&2=3\"))".to_owned(),
                entities: Some("type(SERVICE)".to_owned()),
                resolution: Some("Inf".to_owned()),
                zones: Some("mzId(1)".to_owned()),
                conversion: Conversion::None,
            }))
        );
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (query, given, message) in [
            (
                "x",
                json!({"metric_selector": "a"}),
                "there is a `query` beside `metric_selector`",
            ),
            ("x", json!({"dql": "a"}), "there is a `query` beside `dql`"),
            (
                "",
                json!({"dql": "a", "metric_selector": "b"}),
                "`metric_selector` means nothing beside `dql`",
            ),
            (
                "",
                json!({"metric_selector": "b", "field": "c"}),
                "`field` means nothing beside `metric_selector`",
            ),
            (
                "a",
                json!({"entity_selector": "b"}),
                "`entity_selector` means nothing beside `query`",
            ),
            (
                "",
                json!({"metric_selector": ["a"]}),
                "`metric_selector` must be a text",
            ),
            ("", json!({"dql": " "}), "`dql` must be a text"),
        ] {
            let problem = Ask::parse(query, &options(given)).unwrap_err();
            assert_eq!(problem.message, message);
        }
    }

    #[test]
    fn an_slo_needs_one_id() {
        assert!(text("SLO;").is_err());
        assert!(text("SLO;a;b").is_err());
    }
}
