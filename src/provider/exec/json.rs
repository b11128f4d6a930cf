//! JSON that any program prints: a path selects the number.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::answer::{OUTPUT_BYTES, too_much};
use super::said::Said;
use crate::gate::FailureKind;
use crate::net::Redactor;
use crate::provider::answered::{Found, Number};
use crate::provider::bulk::is_too_much;

/// How many numbers are read at most.
const MOST_NUMBERS: usize = 100_000;

/// Reads what a path (RFC 9535) selects.
pub(super) fn read(stdout: &[u8], path: &str, redactor: &Redactor) -> Said {
    let failed = |text: String| Said::of(Found::failed(FailureKind::BadAnswer, text));
    if is_too_much(stdout) {
        return failed(too_much());
    }
    let document: Value = match serde_json::from_slice(stdout) {
        Ok(document) => document,
        Err(error) => {
            let shown = redactor.excerpt(stdout, OUTPUT_BYTES);
            return failed(format!(
                "the program must print JSON, and it printed: {shown} (line {}, column {})",
                error.line(),
                error.column()
            ));
        }
    };
    let path = match JsonPath::parse(path) {
        Ok(path) => path,
        Err(error) => {
            let text = format!("`{path}` is no JSONPath: {error}");
            return Said::of(Found::failed(FailureKind::BadQuery, text));
        }
    };
    let nodes = path.query_located(&document);
    if nodes.len() > MOST_NUMBERS {
        // Some of them would be another answer than all of them.
        let count = nodes.len();
        return failed(format!(
            "the path selects {count} values, and at most {MOST_NUMBERS} are read; let the program print fewer"
        ));
    }
    let mut numbers = Vec::new();
    for node in nodes.iter() {
        match node.node() {
            Value::Null => {}
            Value::Number(number) => numbers.push(Number {
                value: number.as_f64().unwrap_or(f64::NAN),
                name: redactor.excerpt(node.location().to_string().as_bytes(), OUTPUT_BYTES),
            }),
            other @ (Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
                let shown = redactor.excerpt(other.to_string().as_bytes(), OUTPUT_BYTES);
                return failed(format!(
                    "the path selects {shown}, which is no number; go deeper, or print a number"
                ));
            }
        }
    }
    if numbers.is_empty() {
        return Said::of(Found::Nothing(
            "the path selects nothing in what the program printed".to_owned(),
        ));
    }
    Said::of(Found::Numbers(numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, path: &str) -> Found {
        read(text.as_bytes(), path, &Redactor::default()).found
    }

    #[test]
    fn a_path_selects_numbers() {
        let text = r#"{"a": {"b": 1.5}, "l": [{"p": 2}, {"p": 3}], "n": null}"#;
        let Found::Numbers(numbers) = of(text, "$.a.b") else {
            panic!();
        };
        assert!((numbers[0].value - 1.5).abs() < f64::EPSILON);
        let Found::Numbers(numbers) = of(text, "$.l[*].p") else {
            panic!();
        };
        assert_eq!(numbers[1].name, "$['l'][1]['p']");
        assert!(matches!(of(text, "$.n"), Found::Nothing(_)));
        assert!(matches!(of(text, "$.x"), Found::Nothing(_)));
    }

    #[test]
    fn more_numbers_than_are_read_are_an_error_and_not_cut() {
        let list = |count: usize| format!("[{}1]", "1,".repeat(count - 1));
        let found = of(&list(MOST_NUMBERS), "$[*]");
        assert!(matches!(found, Found::Numbers(numbers) if numbers.len() == MOST_NUMBERS));
        let Found::Failed(failure) = of(&list(MOST_NUMBERS + 1), "$[*]") else {
            panic!();
        };
        assert_eq!(
            failure.message,
            "the path selects 100001 values, and at most 100000 are read; let the program print fewer"
        );
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        for (text, path) in [
            (r#"{"a": "1"}"#, "$.a"),
            (r#"{"a": true}"#, "$.a"),
            (r#"{"a": [1]}"#, "$.a"),
            ("{", "$.a"),
            ("{}", "a b"),
            ("NaN", "$"),
            ("{\"a\": 1e999}", "$.a"),
        ] {
            assert!(matches!(of(text, path), Found::Failed(_)), "{text} {path}");
        }
    }
}
