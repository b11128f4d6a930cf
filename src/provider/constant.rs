//! A number that stands in the file itself (`type: static`): for values that somebody measured by hand, and for trying
//! things out.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::answered::{Answered, Found};
use super::facts::unknown_options;
use super::{Check, Provider, ProviderKind, Request, Watch};
use crate::gate::{
    Context, Escape, FailureKind, Finite, IndicatorName, Options, ProviderFacts, ProviderName,
    Query, QueryPart, QueryProblem, Reading,
};

/// The option that holds the number, where the query does not.
const VALUE: &str = "value";

/// Settings of a number that stands in a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StaticSettings {
    /// The number of SLIs that state none themselves.
    pub value: Option<Finite>,
}

/// A provider whose numbers stand in the file.
pub(super) struct Constant {
    /// Its name in the configuration.
    name: ProviderName,
}

impl Constant {
    /// Makes a provider.
    pub(super) fn open(name: &ProviderName) -> Self {
        Self { name: name.clone() }
    }

    /// Reads the number of a request.
    fn reading(&self, request: &Request) -> Reading {
        let found = match number(&request.query, &request.options) {
            Ok(number) => Found::number(number.get()),
            Err(problem) => Found::failed(FailureKind::BadQuery, problem),
        };
        let answered = Answered {
            endpoint: Some("the file itself".to_owned()),
            attempts: 1,
            elapsed: Some(Duration::ZERO),
            ..Answered::new(found)
        };
        answered.reading(&self.name, request)
    }
}

#[async_trait]
impl Provider for Constant {
    async fn fetch(
        &self,
        _context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading> {
        let readings = requests.iter().map(|request| self.reading(request));
        readings
            .inspect(|reading| watch.answered(reading))
            .collect()
    }

    fn is_backend(&self) -> bool {
        false
    }

    async fn probe(&self) -> Vec<Check> {
        Vec::new()
    }
}

/// Returns the number that a query, or the option `value`, states.
fn number(query: &str, options: &Options) -> Result<Finite, String> {
    let stated = match (query.trim(), options.get(VALUE)) {
        ("", Some(Value::Number(number))) => number.as_f64().ok_or_else(|| number.to_string()),
        ("", Some(Value::String(text))) => text.trim().parse().map_err(|_no_number| text.clone()),
        ("", Some(other)) => Err(other.to_string()),
        ("", None) => Err(String::new()),
        (text, None) => text.parse().map_err(|_no_number| text.to_owned()),
        (_, Some(_)) => return Err("both `query` and `value` state a number".to_owned()),
    };
    let finite = stated.and_then(|number| Finite::new(number).ok_or_else(|| number.to_string()));
    finite.map_err(|text| format!("`{text}` is no number"))
}

/// What is known of numbers in files.
pub(super) struct StaticFacts {
    /// The number of SLIs that state none themselves.
    pub value: Option<Finite>,
}

impl ProviderFacts for StaticFacts {
    fn default_query(&self, _indicator: &IndicatorName, _context: &Context) -> Option<String> {
        self.value.map(|value| value.get().to_string())
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        match part {
            QueryPart::Text | QueryPart::Option(_) => Escape::Plain,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        let mut problems = unknown_options(query, ProviderKind::Static.as_str(), &[VALUE]);
        let Err(message) = number(&query.text, &query.options) else {
            return problems;
        };
        problems.push(QueryProblem {
            option: query.options.contains_key(VALUE).then(|| VALUE.to_owned()),
            message,
            hint: "write a number: `query: \"0.01\"`, or `value: 0.01`".to_owned(),
        });
        problems
    }

    fn delay(&self, _query: &Query) -> Duration {
        Duration::ZERO
    }

    fn has_time(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gate::Outcome;
    use crate::provider::contract;

    fn provider() -> Constant {
        Constant::open(&ProviderName::new("manual").unwrap())
    }

    #[tokio::test]
    async fn a_number_in_a_file_keeps_the_contract() {
        contract::check(&provider(), &contract::context(), "3.5", "three").await;
    }

    #[tokio::test]
    async fn a_number_is_the_query_or_the_value_but_never_nan() {
        for (query, value, expected) in [
            (" -1.5e3 ", json!(null), Some(-1500.0)),
            ("", json!(3), Some(3.0)),
            ("", json!("0.25"), Some(0.25)),
            ("1", json!(1), None),
            ("", json!(true), None),
            ("", json!("NaN"), None),
            ("inf", json!(null), None),
            ("", json!(null), None),
        ] {
            let mut requests = contract::requests(&[query]);
            if !value.is_null() {
                requests[0].options.insert(VALUE.to_owned(), value.clone());
            }
            let heard = contract::Heard::default();
            let readings = provider()
                .fetch(&contract::context(), &requests, &heard)
                .await;
            let found = match readings[0].outcome {
                Outcome::Value(value) => Some(value.get()),
                Outcome::NoData(_) | Outcome::Failed(_) => None,
            };
            assert_eq!(found, expected, "{query} {value}");
        }
    }
}
