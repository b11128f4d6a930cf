//! Numbers as `/api/v2/query/scalar` sends them: columns, of which some are the keys of groups.

use serde::Deserialize;
use serde_json::{Value, json};

use super::unit::unit;
use crate::gate::{Context, FailureKind, Reduce};
use crate::net::{Body, Method, Outgoing};
use crate::provider::answered::Found;
use crate::provider::measured::Measured;
use crate::provider::several::{self, Group, Wording};

/// How rows are spoken of.
const WORDING: Wording = Wording {
    source: "Datadog",
    groups: "groups",
    advice: "leave out `by {…}` and `group_by`",
    nulls: "where nothing is 0, write `default_zero(…)` in the query or the formula",
};

/// Makes a request for a number.
pub(super) fn request(context: &Context, queries: &[Value], formula: &str) -> Outgoing {
    let window = &context.window;
    let mut outgoing = Outgoing::new(Method::POST, "/api/v2/query/scalar");
    outgoing.body = Body::Json(json!({
        "data": {
            "type": "scalar_request",
            "attributes": {
                "from": window.start().as_millisecond(),
                "to": window.end().as_millisecond(),
                "queries": queries,
                "formulas": [{"formula": formula}],
            },
        },
    }));
    outgoing
}

/// An answer.
#[derive(Debug, Deserialize)]
pub(super) struct Scalar {
    /// What was found.
    data: Option<Data>,
    /// What went wrong.
    errors: Option<Value>,
}

/// What was found.
#[derive(Debug, Deserialize)]
struct Data {
    /// Its attributes.
    attributes: Attributes,
}

/// The attributes of what was found.
#[derive(Debug, Deserialize)]
struct Attributes {
    /// The columns.
    columns: Vec<Column>,
}

/// One column.
#[derive(Debug, Deserialize)]
struct Column {
    /// `number`, or `group` for the keys of groups.
    #[serde(rename = "type")]
    kind: String,
    /// A value for each row.
    #[serde(default)]
    values: Vec<Value>,
    /// Its unit, among others.
    #[serde(default)]
    meta: Value,
}

impl Scalar {
    /// Returns what went wrong, in words.
    pub(super) fn error(&self) -> Option<String> {
        let text = match self.errors.as_ref()? {
            Value::Null => return None,
            Value::Array(errors) if errors.is_empty() => return None,
            Value::Array(errors) => {
                let texts = errors.iter().map(|error| {
                    let detail = error.get("detail").or_else(|| error.get("title"));
                    let text = error.as_str().or_else(|| detail?.as_str());
                    text.map_or_else(|| error.to_string(), str::to_owned)
                });
                texts.collect::<Vec<_>>().join("; ")
            }
            Value::String(text) if text.is_empty() => return None,
            Value::String(text) => text.clone(),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Object(_)) => other.to_string(),
        };
        Some(text)
    }

    /// Makes numbers of the columns; `None` where there are none, or of no known kind.
    pub(super) fn measured(self, reduce: Reduce) -> Option<Measured> {
        let columns = self.data?.attributes.columns;
        let (numbers, groups): (Vec<Column>, Vec<Column>) = columns
            .into_iter()
            .partition(|column| column.kind == "number");
        let [column] = numbers.as_slice() else {
            return Some(Measured::of(match numbers.len() {
                0 if groups.is_empty() => Found::Nothing("Datadog returned no column".to_owned()),
                0 => return None,
                several => Found::failed(
                    FailureKind::BadQuery,
                    format!(
                        "Datadog returned {several} columns with numbers; ask with one formula"
                    ),
                ),
            }));
        };
        let rows: Option<Vec<Group>> = column
            .values
            .iter()
            .enumerate()
            .map(|(row, value)| {
                let is_number = value.is_null() || value.is_number();
                is_number.then(|| Group {
                    name: name(&groups, row),
                    values: vec![value.as_f64()],
                })
            })
            .collect();
        let grouped = several::numbers(&rows?, reduce, WORDING);
        Some(Measured {
            found: grouped.found,
            samples: None,
            unit: unit(column.meta.get("unit")),
            warnings: grouped.warnings,
        })
    }
}

/// Returns what tells a row from others: the keys of its group.
fn name(groups: &[Column], row: usize) -> String {
    let keys = groups.iter().filter_map(|column| {
        let value = column.values.get(row)?;
        let keys = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
        Some(keys.join(","))
    });
    keys.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(columns: impl Into<Value>, reduce: Reduce) -> String {
        let columns: Value = columns.into();
        let answer =
            json!({"data": {"type": "scalar_response", "attributes": {"columns": columns}}});
        let scalar: Scalar = serde_json::from_value(answer).unwrap();
        match scalar.measured(reduce) {
            None => "none".to_owned(),
            Some(measured) => match measured.found {
                Found::Numbers(numbers) => {
                    let numbers: Vec<f64> = numbers.iter().map(|number| number.value).collect();
                    format!("{numbers:?} {}", measured.unit.unwrap_or_default())
                }
                Found::Nothing(reason) => reason,
                Found::Failed(failure) => format!("{:?}: {}", failure.kind, failure.message),
            },
        }
    }

    #[test]
    fn a_number_column_is_the_number() {
        let column = json!([{"name": "a", "type": "number", "values": [0.25], "meta": {"unit": [{"short_name": "s"}, null]}}]);
        assert_eq!(read(column, Reduce::Single), "[0.25] s");
        let null = json!([{"name": "a", "type": "number", "values": [null]}]);
        insta::assert_snapshot!(read(null, Reduce::Single), @"Datadog returned 'null' as value; where nothing is 0, write `default_zero(…)` in the query or the formula");
        assert_eq!(
            read(json!([]), Reduce::Single),
            "Datadog returned no column"
        );
        let empty = json!([{"name": "a", "type": "number", "values": []}]);
        assert_eq!(read(empty, Reduce::Single), "Datadog returned zero groups");
    }

    #[test]
    fn a_group_column_is_never_a_number() {
        let grouped = json!([
            {"name": "host", "type": "group", "values": [["a"], ["b"]]},
            {"name": "a", "type": "number", "values": [1, null]},
        ]);
        insta::assert_snapshot!(read(grouped.clone(), Reduce::Single), @"BadQuery: Datadog returned 2 groups but only one is supported (a, b); leave out `by {…}` and `group_by`, or say how to make one of them: `reduce: max`");
        assert_eq!(read(grouped, Reduce::Max), "[1.0] ");
        let only = json!([{"name": "host", "type": "group", "values": [["7"]]}]);
        assert_eq!(read(only, Reduce::Single), "none");
        let text = json!([{"name": "a", "type": "number", "values": ["7"]}]);
        assert_eq!(read(text, Reduce::Single), "none");
    }

    #[test]
    fn several_numbers_are_ambiguous_whatever_the_reduce() {
        let two = json!([{"type": "number", "values": [1]}, {"type": "number", "values": [2]}]);
        insta::assert_snapshot!(read(two, Reduce::Max), @"BadQuery: Datadog returned 2 columns with numbers; ask with one formula");
    }

    #[test]
    fn errors_come_as_text_or_list() {
        let error = |errors: Value| {
            let scalar: Scalar = serde_json::from_value(json!({"errors": errors})).unwrap();
            scalar.error()
        };
        assert_eq!(error(json!("bad")), Some("bad".to_owned()));
        assert_eq!(
            error(json!(["a", {"detail": "b"}])),
            Some("a; b".to_owned())
        );
        assert_eq!(error(json!([])), None);
        assert_eq!(error(json!(null)), None);
    }
}
