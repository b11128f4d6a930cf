//! What is asked of Datadog: a text of v1, or queries and a formula of v2.

use serde_json::{Map, Value, json};

use super::settings::{Api, LastBucket};
use crate::gate::{Options, QueryProblem};

/// The options of an indicator.
pub(super) const OPTIONS: [&str; 6] = [
    "api",
    "queries",
    "formula",
    "aggregator",
    "data_source",
    "drop_incomplete",
];

/// How Datadog makes one number of a query of metrics.
const AGGREGATORS: [&str; 10] = [
    "avg",
    "min",
    "max",
    "sum",
    "last",
    "percentile",
    "mean",
    "l2norm",
    "area",
    "stddev",
];

/// How many queries one formula may have.
const MOST_QUERIES: usize = 26;

/// One question to Datadog.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ask {
    /// The points of series.
    Points {
        /// The query.
        query: String,
        /// What becomes of a last bucket that is not complete; else what the provider says.
        last_bucket: Option<LastBucket>,
    },
    /// One number.
    Scalar {
        /// The queries, as Datadog takes them.
        queries: Vec<Value>,
        /// What is made of them.
        formula: String,
    },
}

impl Ask {
    /// Understands a query; `api` is asked where nothing says otherwise.
    pub(super) fn parse(text: &str, options: &Options, api: Api) -> Result<Self, QueryProblem> {
        let text = text.trim();
        let needs_v2 = ["queries", "formula", "aggregator", "data_source"]
            .into_iter()
            .find(|name| options.contains_key(*name));
        let api = match (text_option(options, "api")?, needs_v2) {
            (Some(named), _) => named
                .parse::<Api>()
                .map_err(|error| problem("api", &error.to_string(), "write `api: v2`"))?,
            (None, Some(_)) => Api::V2,
            (None, None) => api,
        };
        match (api, needs_v2) {
            (Api::V1, Some(name)) => Err(problem(
                name,
                &format!("`{name}` is known to the API v2 only"),
                "write `api: v2`, or leave it out",
            )),
            (Api::V1, None) => points(text, options),
            (Api::V2, _) => scalar(text, options),
        }
    }

    /// Returns the query as text.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Points { query, .. } => query.clone(),
            Self::Scalar { queries, formula } => {
                json!({"queries": queries, "formula": formula}).to_string()
            }
        }
    }
}

/// Understands a query of v1.
fn points(text: &str, options: &Options) -> Result<Ask, QueryProblem> {
    if text.is_empty() {
        return Err(QueryProblem {
            option: None,
            message: "there is no `query`".to_owned(),
            hint: "write `query: \"avg:system.load.1{*}\"`, or `queries` and `formula`".to_owned(),
        });
    }
    let last_bucket = match options.get("drop_incomplete") {
        None => None,
        Some(Value::Bool(true)) => Some(LastBucket::Dropped),
        Some(Value::Bool(false)) => Some(LastBucket::Kept),
        Some(_) => {
            return Err(problem(
                "drop_incomplete",
                "`drop_incomplete` is true or false",
                "write `drop_incomplete: false` to keep the last bucket",
            ));
        }
    };
    Ok(Ask::Points {
        query: text.to_owned(),
        last_bucket,
    })
}

/// Understands a query of v2.
fn scalar(text: &str, options: &Options) -> Result<Ask, QueryProblem> {
    if options.contains_key("drop_incomplete") {
        return Err(problem(
            "drop_incomplete",
            "`drop_incomplete` is known to the API v1 only",
            "leave it out: Datadog makes the number itself",
        ));
    }
    let aggregator = aggregator(options)?;
    let source = text_option(options, "data_source")?;
    let queries = match (text.is_empty(), options.get("queries")) {
        (false, None) => vec![single(text, source.as_deref(), aggregator.as_deref())],
        (true, Some(queries)) => several(queries, source.as_deref(), aggregator.as_deref())?,
        (false, Some(_)) => {
            return Err(problem(
                "queries",
                "there is a `query` beside `queries`",
                "keep one of the two",
            ));
        }
        (true, None) => {
            return Err(problem(
                "queries",
                "there is neither `query` nor `queries`",
                "write `query: \"avg:system.load.1{*}\"`",
            ));
        }
    };
    let formula = match (text_option(options, "formula")?, queries.as_slice()) {
        (Some(formula), _) => formula,
        (None, [only]) => only
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or("a")
            .to_owned(),
        (None, _) => {
            return Err(problem(
                "formula",
                "several queries need a `formula`",
                "such as `formula: \"a / b\"`, by their names",
            ));
        }
    };
    Ok(Ask::Scalar { queries, formula })
}

/// Reads `aggregator`.
fn aggregator(options: &Options) -> Result<Option<String>, QueryProblem> {
    let aggregator = text_option(options, "aggregator")?;
    let Some(name) = &aggregator else {
        return Ok(None);
    };
    // Logs, spans, and their like count differently: `count`, `cardinality`, `pc95`.
    let is_metrics = options
        .get("data_source")
        .is_none_or(|source| source == "metrics");
    if is_metrics && !AGGREGATORS.contains(&name.as_str()) {
        return Err(problem(
            "aggregator",
            &format!("`{name}` is no aggregator of metrics"),
            &format!("known are {}", AGGREGATORS.join(", ")),
        ));
    }
    Ok(aggregator)
}

/// Makes the query of a text.
fn single(text: &str, source: Option<&str>, aggregator: Option<&str>) -> Value {
    let source = source.unwrap_or("metrics");
    match source {
        "metrics" | "cloud_cost" => json!({
            "data_source": source,
            "name": "a",
            "query": text,
            "aggregator": aggregator.unwrap_or("avg"),
        }),
        "slo" => json!({
            "data_source": source,
            "name": "a",
            "slo_id": text,
            "measure": aggregator.unwrap_or("slo_status"),
        }),
        _ => json!({
            "data_source": source,
            "name": "a",
            "search": {"query": text},
            "compute": {"aggregation": aggregator.unwrap_or("count")},
        }),
    }
}

/// Reads `queries`: each as Datadog takes it, with a name, a source, and an aggregator where it has none.
fn several(
    queries: &Value,
    source: Option<&str>,
    aggregator: Option<&str>,
) -> Result<Vec<Value>, QueryProblem> {
    const HINT: &str = "write a list: `- { name: a, query: \"sum:trace.http.request.hits{*}\" }`";
    let refuse = |message: &str| Err(problem("queries", message, HINT));
    let Some(queries) = queries.as_array().filter(|queries| !queries.is_empty()) else {
        return refuse("`queries` must be a list with at least one query");
    };
    if queries.len() > MOST_QUERIES {
        return refuse("there are more than 26 `queries`");
    }
    let mut complete = Vec::with_capacity(queries.len());
    let mut names: Vec<String> = Vec::with_capacity(queries.len());
    for (query, default_name) in queries.iter().zip('a'..) {
        let Some(query) = query.as_object() else {
            return refuse("each of the `queries` must be a mapping");
        };
        let query = completed(query.clone(), default_name, source, aggregator);
        let Some(name) = query.get("name").and_then(Value::as_str).map(str::to_owned) else {
            return refuse("the `name` of a query must be a text");
        };
        if names.contains(&name) {
            return refuse(&format!("two of the `queries` are named `{name}`"));
        }
        names.push(name);
        complete.push(Value::Object(query));
    }
    Ok(complete)
}

/// Completes a query with what it leaves out.
fn completed(
    mut query: Map<String, Value>,
    name: char,
    source: Option<&str>,
    aggregator: Option<&str>,
) -> Map<String, Value> {
    query
        .entry("name")
        .or_insert_with(|| name.to_string().into());
    let source = query
        .entry("data_source")
        .or_insert_with(|| source.unwrap_or("metrics").into());
    if *source == "metrics" || *source == "cloud_cost" {
        let aggregator = aggregator.unwrap_or("avg");
        query
            .entry("aggregator")
            .or_insert_with(|| aggregator.into());
    }
    query
}

/// Reads an option that is a text.
fn text_option(options: &Options, name: &str) -> Result<Option<String>, QueryProblem> {
    let Some(value) = options.get(name) else {
        return Ok(None);
    };
    match value.as_str().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(Some(text.to_owned())),
        Some(_) | None => Err(problem(
            name,
            &format!("`{name}` must be a text"),
            "write it in quotes, or leave it out",
        )),
    }
}

/// Makes a problem with an option.
fn problem(option: &str, message: &str, hint: &str) -> QueryProblem {
    QueryProblem {
        option: Some(option.to_owned()),
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, options: Value) -> Result<Ask, String> {
        let Value::Object(options) = options else {
            panic!("{options}")
        };
        Ask::parse(text, &options, Api::V1).map_err(|problem| problem.message)
    }

    fn shown(text: &str, options: Value) -> String {
        parse(text, options).unwrap().shown()
    }

    #[test]
    fn a_text_alone_is_asked_of_v1() {
        let points = |last_bucket| {
            Ok(Ask::Points {
                query: "avg:a{*}".to_owned(),
                last_bucket,
            })
        };
        assert_eq!(parse(" avg:a{*}\n", json!({})), points(None));
        assert_eq!(
            parse("avg:a{*}", json!({"drop_incomplete": false})),
            points(Some(LastBucket::Kept))
        );
        assert_eq!(
            parse("avg:a{*}", json!({"api": "v1", "drop_incomplete": true})),
            points(Some(LastBucket::Dropped))
        );
    }

    #[test]
    fn a_text_may_be_asked_of_v2_and_of_any_source() {
        insta::assert_snapshot!(shown("avg:a{*}", json!({"api": "v2"})), @r#"{"queries":[{"data_source":"metrics","name":"a","query":"avg:a{*}","aggregator":"avg"}],"formula":"a"}"#);
        insta::assert_snapshot!(shown("avg:a{*}", json!({"aggregator": "max"})), @r#"{"queries":[{"data_source":"metrics","name":"a","query":"avg:a{*}","aggregator":"max"}],"formula":"a"}"#);
        insta::assert_snapshot!(shown("status:error", json!({"data_source": "logs"})), @r#"{"queries":[{"data_source":"logs","name":"a","search":{"query":"status:error"},"compute":{"aggregation":"count"}}],"formula":"a"}"#);
        insta::assert_snapshot!(shown("0a1b", json!({"data_source": "slo"})), @r#"{"queries":[{"data_source":"slo","name":"a","slo_id":"0a1b","measure":"slo_status"}],"formula":"a"}"#);
    }

    #[test]
    fn queries_get_names_a_source_and_an_aggregator() {
        let queries = json!([
            {"query": "sum:errors{*}", "aggregator": "sum"},
            {"name": "hits", "query": "sum:hits{*}"},
            {"data_source": "rum", "search": {"query": "x"}, "compute": {"aggregation": "count"}},
        ]);
        insta::assert_snapshot!(shown("", json!({"queries": queries, "formula": "a / hits + c"})), @r#"{"queries":[{"query":"sum:errors{*}","aggregator":"sum","name":"a","data_source":"metrics"},{"name":"hits","query":"sum:hits{*}","data_source":"metrics","aggregator":"avg"},{"data_source":"rum","search":{"query":"x"},"compute":{"aggregation":"count"},"name":"c"}],"formula":"a / hits + c"}"#);
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (text, options, message) in [
            ("", json!({}), "there is no `query`"),
            ("a", json!({"api": "v3"}), "`api` is v1 or v2"),
            ("a", json!({"api": 2}), "`api` must be a text"),
            (
                "a",
                json!({"api": "v1", "formula": "a"}),
                "`formula` is known to the API v2 only",
            ),
            (
                "a",
                json!({"api": "v2", "drop_incomplete": true}),
                "`drop_incomplete` is known to the API v1 only",
            ),
            (
                "a",
                json!({"drop_incomplete": "no"}),
                "`drop_incomplete` is true or false",
            ),
            (
                "a",
                json!({"aggregator": "p95"}),
                "`p95` is no aggregator of metrics",
            ),
        ] {
            assert_eq!(parse(text, options), Err(message.to_owned()));
        }
    }

    #[test]
    fn queries_that_make_no_sense_are_refused() {
        for (text, options, message) in [
            (
                "a",
                json!({"queries": []}),
                "there is a `query` beside `queries`",
            ),
            (
                "",
                json!({"queries": []}),
                "`queries` must be a list with at least one query",
            ),
            (
                "",
                json!({"queries": ["a"]}),
                "each of the `queries` must be a mapping",
            ),
            (
                "",
                json!({"queries": [{"name": 1}]}),
                "the `name` of a query must be a text",
            ),
            (
                "",
                json!({"queries": [{"name": "b"}, {}]}),
                "two of the `queries` are named `b`",
            ),
            (
                "",
                json!({"queries": [{}, {}]}),
                "several queries need a `formula`",
            ),
            (
                "",
                json!({"formula": "a"}),
                "there is neither `query` nor `queries`",
            ),
        ] {
            assert_eq!(parse(text, options), Err(message.to_owned()));
        }
    }
}
