//! JSON Schemas of `slo.yaml` and `sli.yaml`, for editors. As lenient as the reader: what it takes is valid.

use serde_json::{Value, json};

use super::option_schema::option_properties;
use super::policy_schema::policy_properties;

use crate::gate::{AggregateFunction, IncludedResults};

/// The dialect of both schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What a criterion looks like.
const CRITERION: &str = r"^ *(< *=|<|=|> *=|>) *[+-]? *[+-]? *(0 *[xX][0-9a-fA-F_. ]+[pP][+-]?[0-9_ ]+|[0-9_. ]*[0-9][0-9_. ]*([eE] *[+-]? *[0-9_ ]+)?)%? *$";

/// What a percentage looks like.
const PERCENTAGE: &str =
    r"^[+-]?(0[xX][0-9a-fA-F_.]+[pP][+-]?[0-9_]+|[0-9_.]*[0-9][0-9_.]*([eE][+-]?[0-9_]+)?)%?$";

/// Returns the schema of `slo.yaml`.
///
/// ```
/// let schema = tidegate::spec::slo_schema();
/// assert_eq!(schema["title"], "SLO");
/// ```
#[must_use]
pub fn slo_schema() -> Value {
    json!({
        "$schema": DIALECT,
        "title": "SLO",
        "description": "What a release must fulfil to go on: objectives for indicators, and how many points are enough. The format is Keptn's.",
        "type": "object",
        "additionalProperties": true,
        "required": ["total_score"],
        "properties": {
            "spec_version": text("The version of the format. It is not used.", &["1.0"]),
            "filter": {
                "description": "Keys and values for the providers, usable in queries as `$key`.",
                "type": ["object", "null"],
                "additionalProperties": { "type": ["string", "number", "boolean", "null"] },
                "examples": [{ "handler": "ItemsController" }],
            },
            "comparison": comparison(),
            "objectives": {
                "description": "The objectives, in the order in which they are reported. Two must not have the same `sli`.",
                "type": ["array", "null"],
                "items": objective(),
            },
            "total_score": total_score(),
        },
        "$defs": {
            "criteriaSets": criteria_sets(),
        },
        "examples": [{
            "spec_version": "1.0",
            "objectives": [{ "sli": "error_rate", "pass": [{ "criteria": ["<1"] }] }],
            "total_score": { "pass": "90%", "warning": "75%" },
        }],
    })
}

/// Returns the schema of `sli.yaml`.
#[must_use]
pub fn sli_schema() -> Value {
    json!({
        "$schema": DIALECT,
        "title": "SLI",
        "description": "How indicators are asked for: a query for each name. The format is Keptn's, with a longer form.",
        "type": "object",
        "additionalProperties": true,
        "required": ["indicators"],
        "properties": {
            "spec_version": text("The version of the format. It is not used.", &["1.0"]),
            "provider": text("The provider for indicators that name none, as in `providers:` of tidegate.yaml.", &["prometheus"]),
            "indicators": {
                "description": "A query for each indicator. `$PROJECT`, `$STAGE`, `$SERVICE`, `$DURATION_SECONDS`, and the like are filled in.",
                "type": "object",
                "minProperties": 1,
                "additionalProperties": indicator(),
                "examples": [{ "error_rate": "sum(rate(http_errors_total{service=\"$SERVICE\"}[$DURATION_SECONDS]))" }],
            },
        },
    })
}

/// Returns the schema of a text; numbers and truth values are taken as they are written.
fn text(description: &str, examples: &[&str]) -> Value {
    json!({
        "description": description,
        "type": ["string", "number", "boolean", "null"],
        "examples": examples,
    })
}

/// Returns the schema of `comparison`.
fn comparison() -> Value {
    json!({
        "description": "Which earlier evaluations relative criteria such as `<=+10%` compare with. Without this block: the newest one, whatever its result.",
        "type": ["object", "null"],
        "additionalProperties": true,
        "properties": {
            "compare_with": {
                "description": "One earlier evaluation or several. Unset inside of this block: three.",
                "enum": ["single_result", "several_results", "", null],
            },
            "number_of_comparison_results": {
                "description": "How many, from 1 to 100, with `several_results`; 0 and unset mean 3.",
                "type": ["number", "null"],
                "minimum": 0,
                "exclusiveMaximum": 101,
                "default": 3,
            },
            "include_result_with_score": {
                "description": "Which results earlier evaluations must have had.",
                "anyOf": [
                    { "enum": words(&IncludedResults::NAMES) },
                    { "type": "string", "pattern": "^([aA][lL][lL]|[pP][aA][sS][sS](_[oO][rR]_[wW][aA][rR][nN])?)?$" },
                ],
                "default": "all",
            },
            "aggregate_function": {
                "description": "How several earlier values become one: the mean, the median, the 90th or 95th percentile.",
                "enum": words(&AggregateFunction::NAMES),
                "default": "avg",
            },
        },
    })
}

/// Returns words of an enumeration, with those that mean "unset".
fn words(names: &[&str]) -> Value {
    let names = names.iter().map(|name| Value::from(*name));
    names.chain([Value::from(""), Value::Null]).collect()
}

/// Returns the schema of an objective.
fn objective() -> Value {
    json!({
        "type": ["object", "null"],
        "additionalProperties": true,
        "required": ["sli"],
        "properties": {
            "sli": {
                "description": "The indicator that is judged.",
                "type": ["string", "number", "boolean"],
                "minLength": 1,
                "examples": ["response_time_p95"],
            },
            "displayName": text("The name to show in reports.", &["Response time P95"]),
            "pass": {
                "description": "Criteria for the full points. One of the sets must hold. Without them the objective is only shown, and never counts.",
                "$ref": "#/$defs/criteriaSets",
            },
            "warning": {
                "description": "Criteria for half the points. One of the sets must hold.",
                "$ref": "#/$defs/criteriaSets",
            },
            "weight": {
                "description": "How many points the objective is worth. 0 counts as 1; fractions are cut off.",
                "type": ["number", "null"],
                "exclusiveMinimum": -1,
                "default": 1,
            },
            "key_sli": {
                "description": "Whether the whole evaluation fails if this objective does.",
                "anyOf": [
                    { "type": ["boolean", "null"] },
                    { "enum": ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"] },
                ],
                "default": false,
            },
        },
    })
}

/// Returns the schema of `pass` and `warning`.
fn criteria_sets() -> Value {
    json!({
        "type": ["array", "null"],
        "items": {
            "description": "Criteria that must all hold.",
            "type": "object",
            "additionalProperties": true,
            "required": ["criteria"],
            "properties": {
                "criteria": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "description": "An operator and a number: `<600` is a fixed limit, `<=+10%` is relative to earlier evaluations. A `%` without a sign is relative, too. Quote criteria that start with `>`.",
                        "type": ["string", "null"],
                        "pattern": CRITERION,
                        "examples": ["<600", ">=99.5", "<=+10%", ">=-10%"],
                    },
                },
            },
        },
    })
}

/// Returns the schema of `total_score`.
fn total_score() -> Value {
    let percentage = |description: &str, example: &str| {
        json!({
            "description": description,
            "anyOf": [
                { "type": "string", "pattern": PERCENTAGE },
                { "type": "number" },
            ],
            "examples": [example],
        })
    };
    let mut warning = percentage(
        "The share of all points that is enough to be a warning.",
        "75%",
    );
    if let Some(Value::Array(any)) = warning.get_mut("anyOf") {
        any.push(json!({ "enum": ["", null] }));
    }
    json!({
        "description": "How many of the points are enough, in per cent.",
        "type": "object",
        "additionalProperties": true,
        "required": ["pass"],
        "properties": {
            "pass": percentage("The share of all points that is enough to pass.", "90%"),
            "warning": warning,
        },
    })
}

/// Returns the schema of one indicator.
fn indicator() -> Value {
    let mut properties = policy_properties();
    let query = text(
        "The query.",
        &["sum(rate(http_requests_total[$DURATION_SECONDS]))"],
    );
    let provider = text(
        "The provider that is asked, as in `providers:` of tidegate.yaml.",
        &["prometheus"],
    );
    properties.extend(option_properties());
    properties.insert("query".to_owned(), query);
    properties.insert("provider".to_owned(), provider);
    let params = json!({
        "type": ["object", "null"],
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        "description": "What the provider wants to know besides the query; `tidegate providers show NAME` says what.",
        "examples": [{"index": "logs-*"}]
    });
    properties.insert("params".to_owned(), params);
    json!({
        "anyOf": [
            { "description": "The query.", "type": ["string", "number", "boolean", "null"] },
            { "type": "object", "additionalProperties": true, "properties": properties },
        ],
    })
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;

    use super::*;
    use crate::spec::yaml::{Content, Document, Limits, Node, Scalar, compose};
    use crate::spec::{Source, parse_sli, parse_slo};

    /// Returns a node as an editor sees it.
    fn as_json(node: &Node) -> Value {
        match &node.content {
            Content::Sequence(elements) => elements.iter().map(|node| as_json(node)).collect(),
            Content::Mapping(entries) => {
                let entry = |(key, value): &(std::rc::Rc<Node>, std::rc::Rc<Node>)| {
                    (key.text().unwrap_or_default().to_owned(), as_json(value))
                };
                Value::Object(entries.iter().map(entry).collect())
            }
            Content::Scalar { text, .. } => match node.resolve() {
                Ok(Scalar::Null) => Value::Null,
                Ok(Scalar::Boolean(value)) => value.into(),
                Ok(Scalar::Integer(value)) => value.into(),
                Ok(Scalar::Float(value)) => value.into(),
                Ok(Scalar::Text(_) | Scalar::HugeInteger) | Err(_) => text.clone().into(),
            },
        }
    }

    /// Tells whether an editor would accept a text, and why not.
    fn validate(validator: &Validator, text: &str) -> Result<(), String> {
        let Ok(Document::Root(root)) = compose(&Source::new("a", text), Limits::FILE) else {
            return Err("no document".to_owned());
        };
        let json = as_json(&root);
        validator
            .validate(&json)
            .map_err(|error| format!("{error} at {}", error.instance_path()))
    }

    #[test]
    fn every_slo_that_is_read_without_aliases_is_valid() {
        let validator = jsonschema::validator_for(&slo_schema()).unwrap();
        let cases: Value = serde_json::from_str(include_str!(
            "../../fixtures/conformance/reference_cases.json"
        ))
        .unwrap();
        let documents = cases["slo_parse"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["yaml"]);
        let evaluated = cases["cases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|case| &case["slo"]);
        let mut checked = 0;
        for text in documents.chain(evaluated).filter_map(Value::as_str) {
            let is_merged = text.contains("<<");
            if !is_merged && parse_slo(&Source::new("slo.yaml", text)).value.is_some() {
                assert_eq!(validate(&validator, text), Ok(()), "{text}");
                checked += 1;
            }
        }
        assert!(checked > 150, "{checked}");
    }

    #[test]
    fn what_people_mistype_is_not_valid() {
        let validator = jsonschema::validator_for(&slo_schema()).unwrap();
        let objective =
            |part: &str| format!("objectives: [{{{part}}}]\ntotal_score: {{pass: 90%}}\n");
        assert_eq!(validate(&validator, &objective("sli: a")), Ok(()));
        for text in [
            objective("pass: []"),
            objective("sli: a, pass: [{criteria: [\"=<5\"]}]"),
            objective("sli: a, pass: [{criteria: [\"600\"]}]"),
            objective("sli: a, pass: [{criteria: []}]"),
            objective("sli: a, pass: [{criteria: [\"<600ms\"]}]"),
            objective("sli: a, pass: [{criteria: [\"<1,000\"]}]"),
            objective("sli: a, pass: [\"<5\"]"),
            objective("sli: a, weight: \"2\""),
            objective("sli: a, weight: -1"),
            "objectives: []\n".to_owned(),
            "total_score: {pass: 90 %}\n".to_owned(),
            "comparison: {aggregate_function: max}\ntotal_score: {pass: 90%}\n".to_owned(),
            "comparison: {number_of_comparison_results: 101}\ntotal_score: {pass: 90%}\n"
                .to_owned(),
        ] {
            assert!(validate(&validator, &text).is_err(), "{text}");
            assert!(parse_slo(&Source::new("slo.yaml", text)).value.is_none());
        }
    }

    #[test]
    fn both_forms_of_an_indicator_are_valid() {
        let validator = jsonschema::validator_for(&sli_schema()).unwrap();
        for (text, is_valid) in [
            (
                "indicators: {a: x, b: 5, c: {query: x, unit: ms, on_no_data: ignore, on_error: {value: 0}}, d: }\n",
                true,
            ),
            (
                "provider: p\nindicators: {a: {query: x, on_no_data: \"value: 1\"}}\n",
                true,
            ),
            ("indicators: {}\n", false),
            ("indicators: {a: [x]}\n", false),
            ("indicators: {a: {query: x, on_no_data: pass}}\n", false),
            ("spec_version: 1\n", false),
        ] {
            assert_eq!(validate(&validator, text).is_ok(), is_valid, "{text}");
            assert_eq!(
                parse_sli(&Source::new("sli.yaml", text)).value.is_some(),
                is_valid,
                "{text}"
            );
        }
    }
}
