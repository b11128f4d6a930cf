//! Queries of Grail (DQL), and the numbers in the records that come back.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::query::problem;
use crate::gate::{FailureKind, QueryProblem, Reduce};
use crate::provider::answered::Found;
use crate::provider::measured::Measured;
use crate::provider::several::{self, Group, Wording};

/// How records are spoken of.
const WORDING: Wording = Wording {
    source: "the query of Grail",
    groups: "records",
    advice: "leave one with `summarize`, or with `by:{}` in `timeseries`",
    nulls: "was there any data in the window?",
};
/// How many fields are named in a message.
const MOST_NAMED: usize = 10;
/// How many remarks of Grail are passed on.
const MOST_REMARKS: usize = 5;

/// A record.
pub(super) type Record = Map<String, Value>;

/// A query of Grail, and where its number stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DqlQuery {
    /// The text of the query.
    pub query: String,
    /// The field of the number; not needed where there is one only.
    pub field: Option<String>,
}

impl DqlQuery {
    /// Takes the text of a query.
    pub(super) fn new(query: &str, field: Option<String>) -> Result<Self, QueryProblem> {
        let query = query.trim();
        if query.is_empty() {
            let hint = "write `dql: \"timeseries …\"`, or `DQL;timeseries …`";
            return Err(problem("the query of Grail is empty", hint));
        }
        Ok(Self {
            query: query.to_owned(),
            field,
        })
    }
}

/// What a query came to in Grail.
#[derive(Debug, Deserialize)]
pub(super) struct QueryResult {
    /// The records.
    records: Vec<Option<Record>>,
    /// The types of their fields.
    #[serde(default)]
    types: Vec<Types>,
    /// Remarks, among others.
    #[serde(default)]
    metadata: Value,
}

/// The types of the fields of some records.
#[derive(Debug, Deserialize)]
struct Types {
    /// The first and the last of the records.
    #[serde(rename = "indexRange", default)]
    range: Option<(usize, usize)>,
    /// The type of each field.
    #[serde(default)]
    mappings: Map<String, Value>,
}

impl QueryResult {
    /// Makes numbers of the records.
    pub(super) fn measured(&self, query: &DqlQuery, reduce: Reduce) -> Measured {
        let (mut groups, mut unit) = (Vec::new(), None);
        for (index, record) in self.records.iter().flatten().enumerate() {
            let field = match self.field(index, record, query) {
                Ok(Some(field)) => field,
                Ok(None) => {
                    groups.push(Group {
                        name: name(record),
                        values: Vec::new(),
                    });
                    continue;
                }
                Err(message) => return self.with_remarks(failed(message)),
            };
            if self.type_of(index, field).is_some_and(is_duration) {
                unit = Some("ns".to_owned());
            }
            let Some(values) = record.get(field).and_then(values) else {
                let message = format!(
                    "the field `{field}` of the answer is no number, and no list of numbers"
                );
                return self.with_remarks(failed(message));
            };
            groups.push(Group {
                name: name(record),
                values,
            });
        }
        let grouped = several::numbers(&groups, reduce, WORDING);
        let mut measured = self.with_remarks(grouped.found);
        measured.samples = Some(grouped.samples);
        measured.unit = unit;
        measured.warnings.extend(grouped.warnings);
        measured
    }

    /// Returns the field of the number; `None` where the record has none; an error where there are several.
    fn field<'r>(
        &self,
        index: usize,
        record: &'r Record,
        query: &'r DqlQuery,
    ) -> Result<Option<&'r str>, String> {
        if let Some(field) = &query.field {
            if record.contains_key(field) {
                return Ok(Some(field));
            }
            let all: Vec<&str> = record.keys().map(String::as_str).collect();
            return Err(format!(
                "the records have no field `{field}`, but {}",
                listed(&all)
            ));
        }
        let is_timeseries = record.contains_key("timeframe");
        let candidates = record.iter().filter(|(field, value)| {
            let frame = is_timeseries && matches!(field.as_str(), "timeframe" | "interval");
            !frame && self.may_be_number(index, field, value)
        });
        let candidates: Vec<&str> = candidates.map(|(field, _)| field.as_str()).collect();
        match candidates.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            several => Err(format!(
                "the records have several fields with numbers, {}; say which: `field: {}`",
                listed(several),
                several.first().unwrap_or(&"NAME")
            )),
        }
    }

    /// Tells whether a field holds numbers. The types that Grail names decide, where it names any: an id may look like
    /// a number.
    fn may_be_number(&self, index: usize, field: &str, value: &Value) -> bool {
        match self.type_of(index, field) {
            Some("long" | "double" | "duration") => true,
            Some(_) => false,
            None => values(value).is_some(),
        }
    }

    /// Returns the type of a field; of a list, that of its elements.
    fn type_of(&self, index: usize, field: &str) -> Option<&str> {
        let of_record = self.types.iter().find(|types| {
            let (first, last) = types.range.unwrap_or((0, usize::MAX));
            (first..=last).contains(&index)
        })?;
        let mapping = of_record.mappings.get(field)?;
        let kind = mapping.get("type")?.as_str()?;
        if kind != "array" {
            return Some(kind);
        }
        let elements = mapping.get("types")?.as_array()?;
        let mut kinds = elements.iter().filter_map(|bucket| {
            let mapping = bucket.get("mappings")?.get("element")?;
            mapping.get("type")?.as_str()
        });
        let is_number = |kind: &&str| matches!(*kind, "long" | "double" | "duration");
        kinds.clone().find(is_number).or_else(|| kinds.next())
    }

    /// Adds what Grail remarks, such as that it did not read all data.
    fn with_remarks(&self, found: Found) -> Measured {
        let remarks = self.metadata.pointer("/grail/notifications");
        let remarks = remarks.and_then(Value::as_array).into_iter().flatten();
        let texts = remarks.filter_map(|remark| {
            let text = remark.get("message")?.as_str()?;
            let severity = remark.get("severity").and_then(Value::as_str);
            (severity != Some("INFO")).then(|| text.to_owned())
        });
        Measured {
            warnings: texts.take(MOST_REMARKS).collect(),
            ..Measured::of(found)
        }
    }
}

/// Tells whether a type counts nanoseconds.
fn is_duration(kind: &str) -> bool {
    kind == "duration"
}

/// Returns the numbers of a field; `None` where it holds none. A long comes as text, so that no digit is lost.
fn values(value: &Value) -> Option<Vec<Option<f64>>> {
    match value {
        Value::Array(elements) => all(elements),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            all(std::slice::from_ref(value))
        }
    }
}

/// Returns a number for each value, or nothing where it is null; `None` where one is neither.
fn all(elements: &[Value]) -> Option<Vec<Option<f64>>> {
    let is_number = |value: &Value| value.is_null() || number(value).is_some();
    elements
        .iter()
        .all(is_number)
        .then(|| elements.iter().map(number).collect())
}

/// Returns the number of a value, where it is one.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns what tells a record from others: its texts.
fn name(record: &Record) -> String {
    let texts = record.iter().filter_map(|(field, value)| {
        let text = value.as_str()?;
        text.parse::<f64>()
            .is_err()
            .then(|| format!("{field}={text}"))
    });
    texts.collect::<Vec<_>>().join(" ")
}

/// Lists some names.
fn listed(names: &[&str]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMED).copied().collect();
    let more = if names.len() > MOST_NAMED {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", shown.join(", "))
}

/// Says that a query does not yield one number.
fn failed(message: String) -> Found {
    Found::failed(FailureKind::BadQuery, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(field: Option<&str>) -> DqlQuery {
        DqlQuery::new("timeseries x", field.map(str::to_owned)).unwrap()
    }

    fn read(result: Value, field: Option<&str>, reduce: Reduce) -> Measured {
        let result: QueryResult = serde_json::from_value(result).unwrap();
        result.measured(&ask(field), reduce)
    }

    fn text(measured: Measured) -> String {
        match measured.found {
            Found::Numbers(numbers) => {
                let numbers: Vec<f64> = numbers.iter().map(|number| number.value).collect();
                format!("{numbers:?}")
            }
            Found::Nothing(reason) => reason,
            Found::Failed(failure) => format!("{:?}: {}", failure.kind, failure.message),
        }
    }

    fn timeseries() -> Value {
        json!({
            "records": [{
                "timeframe": {"start": "2024-01-01T00:00:00Z", "end": "2024-01-01T00:10:00Z"},
                "interval": "60000000000",
                "p95": [1.5, null, 2.5],
            }],
            "types": [{"indexRange": [0, 0], "mappings": {
                "timeframe": {"type": "timeframe"},
                "interval": {"type": "duration"},
                "p95": {"type": "array", "types": [{"indexRange": [0, 2], "mappings": {"element": {"type": "double"}}}]},
            }}],
        })
    }

    #[test]
    fn nulls_in_a_list_are_left_out_and_said() {
        let measured = read(timeseries(), None, Reduce::Mean);
        assert_eq!(measured.samples, Some(2));
        assert_eq!(
            measured.warnings,
            ["1 of 3 values are null and were left out"]
        );
        assert_eq!(text(measured), "[1.5, 2.5]");
    }

    #[test]
    fn a_long_as_text_is_a_number_and_a_duration_is_in_nanoseconds() {
        let long = json!({"records": [{"count": "9007199254740993"}], "types": [{"indexRange": [0, 0], "mappings": {"count": {"type": "long"}}}]});
        assert_eq!(
            text(read(long, None, Reduce::Single)),
            "[9007199254740992.0]"
        );
        let duration = json!({"records": [{"p95": "1500000"}], "types": [{"indexRange": [0, 0], "mappings": {"p95": {"type": "duration"}}}]});
        let measured = read(duration, None, Reduce::Single);
        assert_eq!(measured.unit.as_deref(), Some("ns"));
        assert_eq!(text(measured), "[1500000.0]");
    }

    #[test]
    fn two_numeric_fields_are_ambiguous_without_field() {
        let records = json!({"records": [{"a": 1, "b": [2, null], "name": "7"}], "types": [{"indexRange": [0, 0], "mappings": {"a": {"type": "long"}, "b": {"type": "array", "types": [{"mappings": {"element": {"type": "long"}}}]}, "name": {"type": "string"}}}]});
        insta::assert_snapshot!(text(read(records.clone(), None, Reduce::Max)), @"BadQuery: the records have several fields with numbers, a, b; say which: `field: a`");
        assert_eq!(
            text(read(records.clone(), Some("b"), Reduce::Single)),
            "[2.0]"
        );
        insta::assert_snapshot!(text(read(records.clone(), Some("c"), Reduce::Max)), @"BadQuery: the records have no field `c`, but a, b, name");
        insta::assert_snapshot!(text(read(json!({"records": [{"x": {"y": 1}}]}), Some("x"), Reduce::Max)), @"BadQuery: the field `x` of the answer is no number, and no list of numbers");
    }

    #[test]
    fn several_records_are_several_numbers() {
        let records = json!({"records": [{"host": "a", "n": "1"}, {"host": "b", "n": null}, {"host": "c", "n": "3"}]});
        insta::assert_snapshot!(text(read(records.clone(), Some("n"), Reduce::Single)), @"BadQuery: the query of Grail returned 3 records but only one is supported (host=a, host=b, host=c); leave one with `summarize`, or with `by:{}` in `timeseries`, or say how to make one of them: `reduce: max`");
        assert_eq!(text(read(records, Some("n"), Reduce::Sum)), "[1.0, 3.0]");
    }

    #[test]
    fn nothing_is_no_data_and_never_zero() {
        let found = |records: Value| text(read(json!({"records": records}), None, Reduce::Single));
        assert_eq!(found(json!([])), "the query of Grail returned zero records");
        insta::assert_snapshot!(found(json!([{"n": null}])), @"the query of Grail returned 'null' as value; was there any data in the window?");
        insta::assert_snapshot!(found(json!([{"n": [null, null]}])), @"the query of Grail returned nothing but 'null' as values; was there any data in the window?");
        insta::assert_snapshot!(found(json!([{"n": []}])), @"the query of Grail returned zero values; was there any data in the window?");
        insta::assert_snapshot!(found(json!([{"host": "a"}])), @"the query of Grail returned zero values; was there any data in the window?");
        assert_eq!(
            found(json!([null])),
            "the query of Grail returned zero records"
        );
    }

    #[test]
    fn what_grail_remarks_is_passed_on() {
        let mut result = timeseries();
        result["metadata"] = json!({"grail": {"notifications": [
            {"severity": "WARNING", "message": "scan limit reached"},
            {"severity": "INFO", "message": "fine"},
        ]}});
        let measured = read(result, Some("p95"), Reduce::Max);
        assert_eq!(measured.warnings.first().unwrap(), "scan limit reached");
        assert_eq!(measured.warnings.len(), 2);
    }
}
