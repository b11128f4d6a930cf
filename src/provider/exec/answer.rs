//! What a plug-in prints: one JSON document, checked against what was asked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::document::API_VERSION;
use super::said::{Failing, Said};
use crate::gate::{FailureKind, IndicatorName};
use crate::net::Redactor;
use crate::provider::answered::Found;
use crate::provider::bulk::{MOST_VALUES, is_too_much};

/// How much of an output that is no answer is shown.
pub(super) const OUTPUT_BYTES: usize = 200;
/// How long a text of a plug-in may be.
const TEXT_BYTES: usize = 1000;
/// How long a query may be that a plug-in says it sent.
const QUERY_BYTES: usize = 10_000;
/// How many warnings of one result are passed on.
const MOST_WARNINGS: usize = 10;
/// How many results are passed on that nobody asked for.
const MOST_NAMED: usize = 3;

/// The document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    /// The version of the protocol.
    #[serde(default)]
    api_version: Value,
    /// What kind of document this is.
    #[serde(default)]
    kind: Value,
    /// One result an indicator.
    #[serde(default)]
    results: Value,
    /// The versions that the plug-in knows, where it does not know ours.
    #[serde(default)]
    supported: Value,
}

/// What a plug-in answered, by indicator; those that it left out are not there.
pub(super) type Results = BTreeMap<String, Said>;

/// What the whole of an answer came to.
#[derive(Debug, PartialEq)]
pub(super) struct Understood {
    /// The results.
    pub results: Results,
    /// What is odd about the whole.
    pub warnings: Vec<String>,
}

/// Reads the answer to a question for some indicators.
pub(super) fn understand(
    stdout: &[u8],
    asked: &[&IndicatorName],
    redactor: &Redactor,
) -> Result<Understood, Failing> {
    let response = parse(stdout, redactor)?;
    check_envelope(&response, redactor)?;
    let Value::Array(list) = response.results else {
        let text = "the plug-in's answer has no list `results`";
        return Err(Failing::once(FailureKind::BadAnswer, text));
    };
    let mut understood = Understood {
        results: Results::new(),
        warnings: Vec::new(),
    };
    let mut unasked = Vec::new();
    for entry in list {
        let Value::Object(entry) = entry else {
            let text =
                "the list `results` of the plug-in's answer holds something that is no object";
            return Err(Failing::once(FailureKind::BadAnswer, text));
        };
        let name = entry
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if asked.iter().any(|indicator| indicator.as_str() == name) {
            let name = name.to_owned();
            let result = read(&entry, redactor);
            let is_new = !understood.results.contains_key(&name);
            let result = if is_new { result } else { Said::twice(&name) };
            understood.results.insert(name, result);
        } else {
            unasked.push(redactor.excerpt(name.as_bytes(), OUTPUT_BYTES));
        }
    }
    understood.warnings.extend(said_unasked(&unasked));
    Ok(understood)
}

/// Reads the document.
fn parse(stdout: &[u8], redactor: &Redactor) -> Result<Response, Failing> {
    let failing = |text: String| Failing::once(FailureKind::BadAnswer, text);
    if stdout.trim_ascii().is_empty() {
        let text = "the plug-in printed nothing; it must print one JSON document";
        return Err(failing(text.to_owned()));
    }
    if is_too_much(stdout) {
        return Err(failing(too_much()));
    }
    serde_json::from_slice(stdout).map_err(|error| {
        let shown = redactor.excerpt(stdout, OUTPUT_BYTES);
        let hint = if says_nan(stdout) {
            "; JSON has no NaN and no Infinity: say `\"status\": \"no_data\"`"
        } else {
            ""
        };
        failing(format!(
            "the plug-in must print one JSON document and nothing else, and it printed: {shown} (line {}, column {}){hint}",
            error.line(),
            error.column()
        ))
    })
}

/// Says that a program printed more than can be held.
pub(super) fn too_much() -> String {
    format!("the program printed JSON with more than {MOST_VALUES} values; let it print fewer")
}

/// Tells whether a text has a word that some libraries print for what JSON can't say.
fn says_nan(stdout: &[u8]) -> bool {
    let text = String::from_utf8_lossy(stdout);
    text.split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| matches!(word, "NaN" | "Infinity" | "nan" | "inf"))
}

/// Checks that the document is an answer in our version.
fn check_envelope(response: &Response, redactor: &Redactor) -> Result<(), Failing> {
    let show = |value: &Value| redactor.excerpt(value.to_string().as_bytes(), OUTPUT_BYTES);
    let text = match (response.kind.as_str(), response.api_version.as_str()) {
        (Some("VersionUnsupported"), _) => format!(
            "the plug-in does not know {API_VERSION}, but {}; get a version of the plug-in that does",
            show(&response.supported)
        ),
        (Some("FetchResponse"), Some(API_VERSION)) => return Ok(()),
        (Some("FetchResponse"), _) => format!(
            "the plug-in answered with `apiVersion` {}, and it was asked in {API_VERSION}; both must be the same",
            show(&response.api_version)
        ),
        _ => format!(
            "the plug-in's answer must have `\"kind\": \"FetchResponse\"`, and has {}",
            show(&response.kind)
        ),
    };
    Err(Failing::once(FailureKind::BadAnswer, text))
}

/// Says which results nobody asked for.
fn said_unasked(names: &[String]) -> Option<String> {
    let (first, more) = names.split_at(names.len().min(MOST_NAMED));
    let more = match more.len() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let first: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
    let text = format!(
        "the plug-in also answered {}{more}, which nobody asked for",
        first.join(", ")
    );
    (!names.is_empty()).then_some(text)
}

/// Reads one result.
fn read(entry: &Map<String, Value>, redactor: &Redactor) -> Said {
    let text = |name: &str, most: usize| {
        let text = entry.get(name).and_then(Value::as_str).unwrap_or_default();
        Some(redactor.excerpt(text.as_bytes(), most)).filter(|text| !text.is_empty())
    };
    let message = text("message", TEXT_BYTES);
    let mut warnings = warnings(entry, redactor);
    let samples = match entry.get("samples") {
        None | Some(Value::Null) => None,
        Some(value) if value.is_u64() => value.as_u64(),
        Some(_) => {
            warnings.push("`samples` of the plug-in is no count, and is ignored".to_owned());
            None
        }
    };
    let mut may_pass = false;
    let found = match entry.get("status").and_then(Value::as_str) {
        Some("ok") => value(entry),
        Some("no_data") if has(entry, "value") => lied("says `no_data` and a `value`"),
        Some("no_data") => {
            Found::Nothing(message.unwrap_or_else(|| "the plug-in found no data".to_owned()))
        }
        Some("error") if has(entry, "value") => lied("says `error` and a `value`"),
        Some("error") => {
            may_pass = entry.get("retryable") == Some(&Value::Bool(true));
            let unnamed = if may_pass {
                FailureKind::Unavailable
            } else {
                FailureKind::BadAnswer
            };
            let kind = kind(entry.get("kind").and_then(Value::as_str)).unwrap_or(unnamed);
            Found::failed(
                kind,
                message.unwrap_or_else(|| "the plug-in says `error`, and not why".to_owned()),
            )
        }
        _ => lied("has no `status` of ok, no_data, or error"),
    };
    Said {
        found,
        samples,
        unit: text("unit", OUTPUT_BYTES),
        query: text("query", QUERY_BYTES),
        warnings,
        may_pass,
    }
}

/// Tells whether a result has something under a name.
fn has(entry: &Map<String, Value>, name: &str) -> bool {
    entry.get(name).is_some_and(|value| !value.is_null())
}

/// Says what is wrong with a result.
fn lied(what: &str) -> Found {
    Found::failed(
        FailureKind::BadAnswer,
        format!("the plug-in's result {what}"),
    )
}

/// Reads the warnings of a result.
fn warnings(entry: &Map<String, Value>, redactor: &Redactor) -> Vec<String> {
    let list = entry.get("warnings").and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts
        .take(MOST_WARNINGS)
        .map(|text| redactor.excerpt(text.as_bytes(), TEXT_BYTES))
        .collect()
}

/// Reads the value of a result: a number, or a ratio of two counts.
fn value(entry: &Map<String, Value>) -> Found {
    let has_counts = has(entry, "good") || has(entry, "total");
    match (entry.get("value"), has_counts) {
        (Some(Value::Null) | None, false) => lied("says `ok` and has no `value`"),
        (Some(Value::Null) | None, true) => ratio(entry),
        (Some(_), true) => lied("has a `value` beside `good` and `total`; send one or the other"),
        (Some(Value::Number(number)), false) => match number.as_f64() {
            Some(value) if value.is_finite() => Found::number(value),
            Some(_) | None => lied("has a `value` that is too large"),
        },
        (Some(Value::String(_)), false) => {
            lied("has a `value` that is text; send a number, or `no_data` where there is none")
        }
        (Some(_), false) => lied("has a `value` that is no number"),
    }
}

/// Divides `good` by `total`.
fn ratio(entry: &Map<String, Value>) -> Found {
    let count = |name: &str| entry.get(name).and_then(Value::as_f64);
    let (Some(good), Some(total)) = (count("good"), count("total")) else {
        return lied("must have two numbers, `good` and `total`");
    };
    if !good.is_finite() || !total.is_finite() || good < 0.0 || good > total {
        return lied("must have `good` from 0 to `total`");
    }
    if total > 0.0 {
        Found::number(good / total)
    } else {
        Found::Nothing("`total` is 0: nothing happened in the window".to_owned())
    }
}

/// Returns the kind of failure that a plug-in names, where it is known.
fn kind(word: Option<&str>) -> Option<FailureKind> {
    Some(match word? {
        "auth" => FailureKind::NotAuthorised,
        "unavailable" | "timeout" => FailureKind::Unavailable,
        "rate_limited" | "throttled" => FailureKind::Throttled,
        "bad_query" | "not_found" | "config" | "ambiguous" => FailureKind::BadQuery,
        "bad_response" | "not_finite" => FailureKind::BadAnswer,
        _ => return None,
    })
}
