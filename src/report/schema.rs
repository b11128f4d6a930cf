//! The JSON Schema of our document: what holds for every one of version 1, whatever is added later.

use serde_json::Value;

/// The schema.
const SCHEMA: &str = include_str!("result_schema.json");

/// Returns the JSON Schema of the document that `--report json` writes.
#[must_use]
pub fn result_schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::golden::cases;
    use super::super::{Detail, Format, samples, write};
    use super::*;

    /// Forbids every member that the schema does not name, so that the tests find those it forgot.
    fn close(schema: &mut Value) {
        match schema {
            Value::Object(members) => {
                if members.contains_key("properties")
                    && !members.contains_key("additionalProperties")
                {
                    members.insert("additionalProperties".to_owned(), json!(false));
                }
                members.values_mut().for_each(close);
            }
            Value::Array(elements) => elements.iter_mut().for_each(close),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn every_document_is_described_to_its_last_member() {
        let mut schema = result_schema();
        close(&mut schema);
        let validator = jsonschema::validator_for(&schema).unwrap();
        for case in cases() {
            let text = write(Format::Json, &case.account(), Detail::Brief, samples::PLAIN);
            let document: Value = serde_json::from_str(&text).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&document)
                .map(|error| format!("{} at {}", error, error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{}: {errors:?}", case.name);
            assert!(validator.is_valid(&json!([document])));
        }
    }

    #[test]
    fn what_is_no_document_is_not_valid() {
        let validator = jsonschema::validator_for(&result_schema()).unwrap();
        for other in [json!({}), json!({"version": 1}), json!([7]), json!("pass")] {
            assert!(!validator.is_valid(&other), "{other}");
        }
        let failure = json!({"error": {"code": 69, "name": "unavailable", "message": "no route"}});
        assert!(validator.is_valid(&failure));
    }
}
