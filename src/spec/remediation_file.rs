//! `remediation.yaml` (controlplane.md 4.2): which actions are tried against which problem.

use super::Parsed;
use super::fields::Fields;
use super::findings::Findings;
use super::problem::quoted;
use super::source::{Source, Span};
use super::yaml::Node;
use crate::sequence::{Action, ProblemActions, Remediation};

/// The one version that there is.
const VERSION: &str = "spec.keptn.sh/0.1.4";
/// The keys at the top.
const KEYS: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];
/// The keys of an entry.
const ENTRY_KEYS: [&str; 2] = ["problemType", "actionsOnOpen"];
/// The keys of an action.
const ACTION_KEYS: [&str; 4] = ["action", "name", "description", "value"];

/// Reads a remediation file.
#[must_use]
pub fn parse_remediation(source: &Source) -> Parsed<Remediation> {
    let mut findings = Findings::new(source);
    let remediation = read(&mut findings);
    findings.finish(remediation)
}

/// Reads the file; a value may come along with errors.
fn read(findings: &mut Findings<'_>) -> Option<Remediation> {
    let root = findings.document("remediation")?;
    let mut fields = Fields::open(findings, &root, "a remediation file")?;
    check_version(findings, &mut fields, root.span);
    fields.take("kind");
    let metadata = fields.take_set("metadata");
    let metadata = metadata.and_then(|field| Fields::open(findings, field.value, "metadata"));
    let name = metadata.and_then(|mut fields| fields.take_set("name"));
    let name = name.and_then(|field| findings.text(field.value, "metadata.name"));
    let spec = fields.take_set("spec");
    fields.warn_unknown(findings, "the remediation file", &KEYS);
    let Some(spec) = spec else {
        let hint = "list the types of problems below `spec.remediations`";
        findings.error(root.span, "the remediation file has no `spec`", hint);
        return None;
    };
    let mut spec = Fields::open(findings, spec.value, "spec")?;
    let remediations = spec.take_set("remediations");
    spec.warn_unknown(findings, "`spec`", &["remediations"]);
    let elements = remediations.and_then(|field| findings.elements(field.value, "remediations"));
    let problems = elements.unwrap_or_default().iter();
    let problems = problems.filter_map(|element| read_entry(findings, element));
    Some(Remediation {
        problems: problems.collect(),
        name: name.unwrap_or_default(),
    })
}

/// Checks `apiVersion`.
fn check_version(findings: &mut Findings<'_>, fields: &mut Fields<'_>, whole: Span) {
    let hint = format!("write `apiVersion: {VERSION}`");
    let Some(field) = fields.take_set("apiVersion") else {
        findings.error(whole, "the remediation file has no `apiVersion`", hint);
        return;
    };
    let version = findings.text(field.value, "apiVersion").unwrap_or_default();
    if version != VERSION {
        let message = format!("{} is no version of a remediation file", quoted(&version));
        findings.error(field.span(), message, hint);
    }
}

/// Reads the actions against one type of problem.
fn read_entry(findings: &mut Findings<'_>, node: &Node) -> Option<ProblemActions> {
    let mut fields = Fields::open(findings, node, "an entry of `remediations`")?;
    let problem_type = fields.take_set("problemType");
    let actions = fields.take_set("actionsOnOpen");
    fields.warn_unknown(findings, "the remediation", &ENTRY_KEYS);
    let problem_type = problem_type.and_then(|field| findings.text(field.value, "problemType"));
    let Some(problem_type) = problem_type.filter(|text| !text.is_empty()) else {
        let hint = "name the root cause or the title of the problem, or write `default`";
        findings.error(node.span, "a remediation has no `problemType`", hint);
        return None;
    };
    let elements = actions
        .and_then(|field| findings.elements(field.value, "actionsOnOpen"))
        .unwrap_or_default();
    if elements.is_empty() {
        let message = format!("there is no action against {}", quoted(&problem_type));
        findings.warning(node.span, message, "list one below `actionsOnOpen`");
    }
    let actions = elements
        .iter()
        .filter_map(|element| read_action(findings, element));
    Some(ProblemActions {
        actions: actions.collect(),
        problem_type,
    })
}

/// Reads an action.
fn read_action(findings: &mut Findings<'_>, node: &Node) -> Option<Action> {
    let mut fields = Fields::open(findings, node, "an action")?;
    let mut text = |findings: &mut Findings<'_>, name: &str| {
        let field = fields.take_set(name);
        field
            .and_then(|field| findings.text(field.value, name))
            .unwrap_or_default()
    };
    let action = text(findings, "action");
    let name = text(findings, "name");
    let description = text(findings, "description");
    let value = fields.take("value");
    let value = value.map(|field| findings.json(field.value));
    fields.warn_unknown(findings, "the action", &ACTION_KEYS);
    if action.is_empty() {
        let hint = "name what an executor shall do, such as `action: scaling`";
        findings.error(node.span, "an action has no `action`", hint);
        return None;
    }
    Some(Action {
        action,
        name,
        description,
        value: value.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::spec::{Style, render};

    #[test]
    fn actions_are_read_with_values_of_any_kind() {
        let text = "apiVersion: spec.keptn.sh/0.1.4
kind: Remediation
metadata: {name: carts}
spec:
  remediations:
  - problemType: Response time degradation
    actionsOnOpen:
    - {action: scaling, name: scale up, description: more, value: \"1\"}
    - {action: featuretoggle, value: {EnablePromotion: \"off\", n: 2}}
    - {action: rollback, value: }
  - problemType: default
    actionsOnOpen: [{action: escalate}]
";
        let parsed = parse_remediation(&Source::new("remediation.yaml", text));
        assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
        let remediation = parsed.value.unwrap();
        assert_eq!(remediation.name, "carts");
        let value = |index| {
            let action = remediation.action("Response time degradation", "", index);
            action.map(|action| action.value.clone())
        };
        assert_eq!(value(0), Ok(json!("1")));
        assert_eq!(value(1), Ok(json!({"EnablePromotion": "off", "n": 2})));
        assert_eq!(value(2), Ok(Value::Null));
        assert_eq!(remediation.action("x", "y", 0).unwrap().action, "escalate");
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let text = "apiVersion: spec.keptn.sh/0.1.2
spec:
  remediations:
  - actionsOnOpen: [{action: a}]
  - problemType: p
    actionsOnOpen: [{name: b}, 7]
    actions: []
";
        let parsed = parse_remediation(&Source::new("remediation.yaml", text));
        assert!(parsed.value.is_none());
        insta::assert_snapshot!(render(&parsed.problems, Style::Plain), @r"");
        for (text, message) in [
            ("", "empty"),
            ("apiVersion: spec.keptn.sh/0.1.4", "no `spec`"),
        ] {
            let parsed = parse_remediation(&Source::new("r", text));
            assert!(render(&parsed.problems, Style::Plain).contains(message));
        }
    }
}
