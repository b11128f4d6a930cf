//! What is known of a declared HTTP backend without asking it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::definition::{Definition, Need, Parameter};
use super::extract;
use super::settings::HttpSettings;
use super::values::PARAMS;
use crate::gate::{
    Context, Escape, IndicatorName, ProviderFacts, Query, QueryPart, QueryProblem, fill_escaped,
};
use crate::provider::facts::unknown_options;

/// What is known of a declared HTTP backend; without its settings that is little.
pub(in crate::provider) struct HttpFacts {
    /// Its settings.
    settings: Option<HttpSettings>,
}

impl HttpFacts {
    /// Takes the settings, which may be missing in a dry run.
    pub(in crate::provider) fn new(settings: Option<&HttpSettings>) -> Self {
        Self {
            settings: settings.cloned(),
        }
    }

    /// Returns the definition.
    fn definition(&self) -> Option<&Definition> {
        self.settings.as_ref().map(|settings| &*settings.definition)
    }
}

impl ProviderFacts for HttpFacts {
    fn default_query(&self, indicator: &IndicatorName, context: &Context) -> Option<String> {
        let definition = self.definition()?;
        let query = definition.defaults.get(indicator.as_str())?;
        fill_escaped(query, context, definition.escape).ok()
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        match part {
            QueryPart::Text => self
                .definition()
                .map_or(Escape::Refuse, |definition| definition.escape),
            // Each is encoded for its position, but what language stands there nobody knows.
            QueryPart::Option(_) => Escape::Refuse,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        let type_name = self
            .settings
            .as_ref()
            .map_or("http", |settings| &settings.type_name);
        let mut problems = unknown_options(query, type_name, &[PARAMS]);
        if let Some(definition) = self.definition() {
            problems.extend(params_problems(definition, query));
            problems.extend(query_problem(definition, query));
        }
        problems
    }

    fn delay(&self, _query: &Query) -> Duration {
        self.definition()
            .map_or(Duration::ZERO, |definition| definition.delay)
    }
}

/// Returns what is wrong with `params`.
fn params_problems(definition: &Definition, query: &Query) -> Vec<QueryProblem> {
    let nothing = serde_json::Map::new();
    let given = match query.options.get(PARAMS) {
        None | Some(Value::Null) => &nothing,
        Some(Value::Object(given)) => given,
        Some(_) => {
            return vec![problem(
                "`params` must be a mapping".to_owned(),
                "such as `params: {name: value}`",
            )];
        }
    };
    let mut problems: Vec<_> = given
        .iter()
        .filter(|(_, value)| value.is_array() || value.is_object())
        .map(|(name, _)| {
            problem(
                format!("`{name}` in `params` must be a text or a number"),
                "write one value",
            )
        })
        .collect();
    let Some(known) = &definition.parameters else {
        return problems;
    };
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    for name in given.keys().filter(|name| !known.contains_key(*name)) {
        let hint = if names.is_empty() {
            "this provider knows none".to_owned()
        } else {
            format!("known are {}", names.join(", "))
        };
        problems.push(problem(format!("`{name}` is unknown in `params`"), &hint));
    }
    problems.extend(missing(known, given));
    problems
}

/// Returns what must be given in `params` and is not.
fn missing(
    known: &BTreeMap<String, Parameter>,
    given: &serde_json::Map<String, Value>,
) -> Vec<QueryProblem> {
    let is_missing = |name: &str, parameter: &Parameter| {
        parameter.need == Need::Required
            && parameter.default.is_none()
            && given.get(name).is_none_or(Value::is_null)
    };
    known
        .iter()
        .filter(|(name, parameter)| is_missing(name, parameter))
        .map(|(name, parameter)| {
            let message = format!("`params` needs `{name}`: {}", parameter.about);
            problem(message, &format!("such as `params: {{{name}: …}}`"))
        })
        .collect()
}

/// Returns what is wrong with the text of the query.
fn query_problem(definition: &Definition, query: &Query) -> Option<QueryProblem> {
    let expression = definition.response.extract.expression();
    let is_expression =
        expression.is_some_and(|template| template.sole().is_some_and(|sole| sole.name == "QUERY"));
    if is_expression && !query.text.is_empty() {
        let checked = extract::check(&definition.response.extract, &query.text);
        let error = checked.err()?;
        return Some(QueryProblem {
            option: None,
            message: error.to_string(),
            hint: "the query says where in the answer the number is".to_owned(),
        });
    }
    let needs_query = definition.uses("QUERY")
        || expression.is_some_and(|template| template.names().any(|name| name == "QUERY"));
    (needs_query && query.text.is_empty()).then(|| QueryProblem {
        option: None,
        message: "the query is empty".to_owned(),
        hint: "write `query:` beside `params:`".to_owned(),
    })
}

/// Makes a problem with `params`.
fn problem(message: String, hint: &str) -> QueryProblem {
    QueryProblem {
        option: Some(PARAMS.to_owned()),
        message,
        hint: hint.to_owned(),
    }
}
