//! The JSON Schemas: what they say of themselves, and that they know every key.

use serde_json::Value;

use crate::harness::Gate;

/// Returns a schema.
fn schema(kind: &str) -> Value {
    let answer = Gate::new().args(["schema", kind]).run().code(0);
    assert_eq!(answer.raw_stderr(), "");
    answer.json()
}

#[test]
fn each_schema_is_an_object_that_names_its_draft_and_explains_every_key() {
    for kind in ["slo", "sli", "config"] {
        let schema = schema(kind);
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{kind}"
        );
        assert!(schema["title"].is_string(), "{kind}");
        for (key, property) in schema["properties"].as_object().unwrap() {
            let explained = property["description"].is_string() || property["$ref"].is_string();
            assert!(explained, "{kind}: {key}");
        }
    }
}

#[test]
fn every_reference_inside_a_schema_leads_somewhere() {
    for kind in ["slo", "sli", "config", "result"] {
        let schema = schema(kind);
        let text = schema.to_string();
        for rest in text.split("\"$ref\":\"#").skip(1) {
            let pointer = rest.split('"').next().unwrap();
            assert!(schema.pointer(pointer).is_some(), "{kind}: {pointer}");
        }
    }
}

#[test]
fn the_schema_of_the_configuration_knows_exactly_the_keys_that_are_read() {
    let schema = schema("config");
    for key in schema["properties"].as_object().unwrap().keys() {
        let gate = Gate::of_value(500.0).file("tidegate.yaml", format!("{key}:\n"));
        gate.run().code(0);
    }
    let provider = &schema["properties"]["providers"]["additionalProperties"]["properties"];
    for key in provider.as_object().unwrap().keys() {
        let kinds = [
            "prometheus",
            "exec",
            "sql",
            "static",
            "dynatrace",
            "datadog",
            "file",
            "http",
        ];
        let is_known = kinds.iter().any(|kind| {
            let config = format!("providers: {{ a: {{ type: {kind}, {key}: }} }}\n");
            let answer = Gate::of_value(500.0).file("tidegate.yaml", config).run();
            !answer.stderr().contains("unknown key")
        });
        assert!(is_known, "{key}");
    }
    let task = &schema["properties"]["tasks"]["additionalProperties"]["oneOf"][1]["properties"];
    for key in task.as_object().unwrap().keys() {
        let config = format!("tasks: {{ a: {{ {key}: , use: gate }} }}\n");
        let config = config.replace("use: , ", "");
        let gate = Gate::of_value(500.0).file("tidegate.yaml", config);
        gate.run().code(0);
    }
    let unknown = Gate::of_value(500.0)
        .file("tidegate.yaml", "nothing:\n")
        .run()
        .code(78);
    let known = unknown.stderr();
    assert!(known.contains("unknown key `nothing`"), "{known}");
}

#[test]
fn an_unknown_schema_ends_with_64() {
    Gate::new()
        .args(["schema", "shipyard"])
        .run()
        .code(64)
        .says_nothing();
}
