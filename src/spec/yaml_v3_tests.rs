//! What Keptn's own parser (yaml.v3 3.0.1) made of generated documents, decoded into a struct with a text `s`, an int
//! `w`, a bool `k`, a map of texts `f`, a list of texts `l`, and the same again as `o`. We must make the same of them.

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::findings::Findings;
use super::source::Source;
use super::yaml::{Document, Limits, Node, compose};

/// One document a line: `text`, and `ok` with what it decodes to, or neither where it is refused.
const DOCUMENTS: &str = include_str!("../../fixtures/spec/yaml_v3.jsonl");

#[test]
fn documents_mean_what_they_mean_to_keptn() {
    for line in DOCUMENTS.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let source = Source::new("a", row["text"].as_str().unwrap());
        let mut findings = Findings::new(&source);
        let decoded = match compose(&source, Limits::FILE) {
            Err(problem) => {
                findings.push(problem);
                None
            }
            Ok(Document::Empty) => Some(decode(&mut findings, &empty())),
            Ok(Document::Root(root)) => (!root.is_null()).then(|| decode(&mut findings, &root)),
        };
        let parsed = findings.finish(decoded);
        assert_eq!(
            parsed.value.as_ref(),
            row.get("ok"),
            "{line}\n{:?}",
            parsed.problems
        );
    }
}

/// Returns a mapping without entries.
fn empty() -> Node {
    let content = super::yaml::Content::Mapping(Vec::new());
    Node::collection(super::source::Span::new(0, 0), content)
}

/// Decodes the struct.
fn decode(findings: &mut Findings<'_>, node: &Node) -> Value {
    let Some(mut fields) = Fields::open(findings, node, "o") else {
        return Value::Null;
    };
    let text = fields
        .take("s")
        .and_then(|field| findings.text(field.value, "s"));
    let number = fields
        .take("w")
        .and_then(|field| findings.integer(field.value, "w"));
    let truth = fields
        .take("k")
        .and_then(|field| findings.boolean(field.value, "k"));
    let map = fields
        .take("f")
        .map(|field| decode_map(findings, field.value));
    let list = fields
        .take("l")
        .map(|field| decode_list(findings, field.value));
    let nested = fields.take("o").map(|field| decode(findings, field.value));
    json!({
        "s": text.unwrap_or_default(),
        "w": number.map_or(0, |number| number.value),
        "k": truth.unwrap_or_default(),
        "f": map.unwrap_or_default(),
        "l": list.unwrap_or_default(),
        "o": nested,
    })
}

/// Decodes a map of texts.
fn decode_map(findings: &mut Findings<'_>, node: &Node) -> Map<String, Value> {
    let entries = Fields::open(findings, node, "f").map_or(Vec::new(), Fields::rest);
    let decode = |field: super::fields::Field<'_>| {
        let text = findings.text(field.value, "f").unwrap_or_default();
        (field.name, text.into())
    };
    entries.into_iter().map(decode).collect()
}

/// Decodes a list of texts; null is dropped.
fn decode_list(findings: &mut Findings<'_>, node: &Node) -> Vec<String> {
    let elements = findings.elements(node, "l").unwrap_or_default();
    elements
        .iter()
        .filter_map(|element| findings.text(element, "l"))
        .collect()
}
