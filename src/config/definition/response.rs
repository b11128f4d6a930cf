//! What the answers to a definition's request mean.

use serde_json_path::JsonPath;

use super::blueprint::Blueprint;
use crate::gate::PolicyLayer;
use crate::provider::{Absence, Demand, Expectation, Extract, ResponseRules, Texts};
use crate::spec::reading::{Field, Fields, POLICY_KEYS, hint, read_policies};

/// The keys of `response`, besides those of policies.
const RESPONSE_KEYS: [&str; 9] = [
    "success_when",
    "error_message",
    "extract",
    "empty_means",
    "null_means",
    "parse_strings",
    "samples",
    "unit_at",
    "warnings",
];

/// The keys of `extract`.
const EXTRACT_KEYS: [&str; 6] = ["jsonpath", "jmespath", "regex", "header", "text", "csv"];

/// Reads `response`, and the policies in it.
pub(super) fn read(
    blueprint: &mut Blueprint<'_, '_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<(ResponseRules, PolicyLayer)> {
    let Some((field, mut inner)) = blueprint.reader.open(fields, "response") else {
        let example = "response: { extract: { jsonpath: $.value } }";
        blueprint.missing(owner, "response", example);
        return None;
    };
    let policies = read_policies(blueprint.reader, &mut inner);
    let (statuses, expectations) = success(blueprint, &mut inner);
    let error_messages = error_messages(blueprint, &mut inner);
    let extract = extract(blueprint, &field, &mut inner);
    let on_empty = absence(blueprint, &mut inner, "empty_means");
    let on_null = absence(blueprint, &mut inner, "null_means");
    let texts = match blueprint.flag(&mut inner, "parse_strings") {
        Some(false) => Texts::Refused,
        Some(true) | None => Texts::Parsed,
    };
    let samples = blueprint.optional_path(&mut inner, "samples");
    let unit = blueprint.optional_path(&mut inner, "unit_at");
    let warnings = blueprint.optional_path(&mut inner, "warnings");
    let known = [&RESPONSE_KEYS[..], &POLICY_KEYS].concat();
    blueprint.reader.refuse_rest(inner, "`response`", &known);
    let rules = ResponseRules {
        statuses,
        expectations,
        error_messages,
        extract: extract?,
        on_empty,
        on_null,
        texts,
        samples,
        unit,
        warnings,
    };
    Some((rules, policies))
}

/// Reads `success_when`.
fn success(
    blueprint: &mut Blueprint<'_, '_, '_>,
    fields: &mut Fields<'_>,
) -> (Vec<u16>, Vec<Expectation>) {
    let Some((field, mut inner)) = blueprint.reader.open(fields, "success_when") else {
        return (Vec::new(), Vec::new());
    };
    let statuses = statuses(blueprint, &mut inner);
    let mut expectations = Vec::new();
    if let Some(all) = inner.take_set("all") {
        let elements = blueprint.reader.findings.elements(all.value, "all");
        for element in elements.unwrap_or_default() {
            let element = Field {
                value: element,
                ..all.clone()
            };
            let opened = Fields::open(blueprint.reader.findings, element.value, "all");
            if let Some(mut fields) = opened {
                expectations.extend(expectation(blueprint, &element, &mut fields));
                let known = ["jsonpath", "equals", "in", "absent", "optional"];
                blueprint.reader.refuse_rest(fields, "`all`", &known);
            }
        }
    }
    if inner.has("jsonpath") {
        expectations.extend(expectation(blueprint, &field, &mut inner));
    }
    let known = [
        "status", "jsonpath", "equals", "in", "absent", "optional", "all",
    ];
    blueprint
        .reader
        .refuse_rest(inner, "`success_when`", &known);
    (statuses, expectations)
}

/// Reads `status`.
fn statuses(blueprint: &mut Blueprint<'_, '_, '_>, fields: &mut Fields<'_>) -> Vec<u16> {
    let Some(field) = fields.take_set("status") else {
        return Vec::new();
    };
    let elements = blueprint.reader.findings.elements(field.value, "status");
    let mut statuses = Vec::new();
    for element in elements.unwrap_or_default() {
        let number = blueprint.reader.findings.integer(element, "status");
        let status = number.and_then(|number| u16::try_from(number.value).ok());
        match status.filter(|status| (100..600).contains(status)) {
            Some(status) => statuses.push(status),
            None => blueprint.reader.findings.error(
                field.span(),
                "`status` must be a list of HTTP statuses",
                "such as `status: [200]`",
            ),
        }
    }
    statuses
}

/// Reads what must hold of an answer.
fn expectation(
    blueprint: &mut Blueprint<'_, '_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<Expectation> {
    let path = if let Some(field) = fields.take_set("jsonpath") {
        blueprint.path(&field)
    } else {
        blueprint.missing(owner, "jsonpath", "jsonpath: $.status");
        None
    };
    let values = blueprint.values(fields);
    let absent = blueprint.flag(fields, "absent");
    let optional = blueprint.flag(fields, "optional");
    let demand = match (values.is_empty(), absent, optional) {
        (true, Some(true), _) => Demand::Nothing,
        (false, None | Some(false), Some(true)) => Demand::OneOfOrNothing(values),
        (false, None | Some(false), _) => Demand::OneOf(values),
        (true, _, _) | (false, Some(true), _) => {
            let message = format!(
                "`{}` must say one of `equals`, `in` and `absent`",
                owner.name
            );
            let hint = "such as `equals: success`, or `absent: true`";
            blueprint.reader.findings.error(owner.key, message, hint);
            return None;
        }
    };
    Some(Expectation {
        path: path?,
        demand,
    })
}

/// Reads `error_message`: a path, or several.
fn error_messages(blueprint: &mut Blueprint<'_, '_, '_>, fields: &mut Fields<'_>) -> Vec<JsonPath> {
    let Some(field) = fields.take_set("error_message") else {
        return Vec::new();
    };
    let Some(elements) = field.value.elements() else {
        return blueprint.path(&field).into_iter().collect();
    };
    let mut paths = Vec::new();
    for element in elements {
        let element = Field {
            value: element,
            ..field.clone()
        };
        paths.extend(blueprint.path(&element));
    }
    paths
}

/// Reads `extract`.
fn extract(
    blueprint: &mut Blueprint<'_, '_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<Extract> {
    let Some((field, mut inner)) = blueprint.reader.open(fields, "extract") else {
        blueprint.missing(owner, "extract", "extract: { jsonpath: $.value }");
        return None;
    };
    let mut found = Vec::new();
    for key in EXTRACT_KEYS {
        if let Some(value) = inner.take_set(key) {
            found.push(one_extract(blueprint, &value));
        }
    }
    blueprint
        .reader
        .refuse_rest(inner, "`extract`", &EXTRACT_KEYS);
    if found.len() != 1 {
        let message = "`extract` must say one way to find the number";
        let hint = format!("one of {}", EXTRACT_KEYS.join(", "));
        blueprint.reader.findings.error(field.key, message, hint);
        return None;
    }
    let extract = found.pop().flatten()?;
    if let Some(problem) = extract.problem() {
        let hint = "try the expression on an answer of the server";
        blueprint.reader.findings.error(field.span(), problem, hint);
    }
    Some(extract)
}

/// Reads one way to find the number.
fn one_extract(blueprint: &mut Blueprint<'_, '_, '_>, field: &Field<'_>) -> Option<Extract> {
    Some(match field.name.as_str() {
        "jsonpath" => Extract::JsonPath(blueprint.template(field)?),
        "jmespath" => Extract::JmesPath(blueprint.template(field)?),
        "regex" => Extract::Regex(blueprint.template(field)?),
        "header" => Extract::Header(blueprint.reader.findings.text(field.value, "header")?),
        "text" => {
            blueprint.reader.findings.boolean(field.value, "text")?;
            Extract::Text
        }
        _ => {
            let mut inner = Fields::open(blueprint.reader.findings, field.value, "csv")?;
            let column = inner.take_set("column");
            blueprint.reader.refuse_rest(inner, "`csv`", &["column"]);
            let Some(column) = column else {
                blueprint.missing(field, "column", "csv: { column: _value }");
                return None;
            };
            Extract::Csv {
                column: blueprint.template(&column)?,
            }
        }
    })
}

/// Reads `empty_means` or `null_means`.
fn absence(blueprint: &mut Blueprint<'_, '_, '_>, fields: &mut Fields<'_>, name: &str) -> Absence {
    const KNOWN: [&str; 2] = ["no_data", "error"];
    let Some(field) = fields.take_set(name) else {
        return Absence::NoData;
    };
    let text = blueprint.reader.findings.text(field.value, name);
    match text.as_deref().unwrap_or_default() {
        "no_data" => Absence::NoData,
        "error" => Absence::Error,
        other => {
            let message = format!("`{name}` can't be `{other}`");
            blueprint
                .reader
                .findings
                .error(field.span(), message, hint(other, &KNOWN));
            Absence::NoData
        }
    }
}
