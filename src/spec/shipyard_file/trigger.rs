//! What triggers a sequence: `triggeredOn` (controlplane.md 3.9, 3.12).

use crate::sequence::{Selector, Trigger};
use crate::spec::fields::{Field, Fields};
use crate::spec::findings::Findings;
use crate::spec::problem::quoted;
use crate::spec::similar;
use crate::spec::source::Span;
use crate::spec::yaml::Node;

/// The keys of a trigger.
const KEYS: [&str; 2] = ["event", "selector"];
/// The results that a selector may name.
const RESULTS: [&str; 3] = ["pass", "warning", "fail"];
/// The statuses that a selector may name.
const STATUSES: [&str; 4] = ["succeeded", "errored", "aborted", "unknown"];
/// What the documents of Keptn say for `fail`; its engine never knew the word.
const FAILED: &str = "failed";

/// Reads the triggers of a sequence, and where their events stand.
pub(super) fn read(
    findings: &mut Findings<'_>,
    field: Option<Field<'_>>,
) -> (Vec<Trigger>, Vec<Span>) {
    let elements = field
        .and_then(|field| findings.elements(field.value, "triggeredOn"))
        .unwrap_or_default();
    let read = elements
        .iter()
        .filter_map(|element| read_one(findings, element));
    read.unzip()
}

/// Reads one trigger.
fn read_one(findings: &mut Findings<'_>, node: &Node) -> Option<(Trigger, Span)> {
    let mut fields = Fields::open(findings, node, "an entry of `triggeredOn`")?;
    let event = fields.take_set("event");
    let selector = fields.take_set("selector");
    fields.warn_unknown(findings, "the trigger", &KEYS);
    let selector = selector.and_then(|field| read_selector(findings, &field));
    let Some(event) = event else {
        findings.error(
            node.span,
            "a trigger has no event",
            "write `event: STAGE.SEQUENCE.finished`",
        );
        return None;
    };
    let text = findings.text(event.value, "event")?;
    let parts: Vec<&str> = text.split('.').collect();
    let (stage, sequence) = match parts[..] {
        [stage, sequence, "finished"] if !stage.is_empty() && !sequence.is_empty() => {
            (stage.to_owned(), sequence.to_owned())
        }
        _ => {
            let message = format!(
                "no event of that form triggers a sequence: {}",
                quoted(&text)
            );
            findings.error(
                event.span(),
                message,
                "write `STAGE.SEQUENCE.finished`, such as `dev.delivery.finished`",
            );
            return None;
        }
    };
    let trigger = Trigger {
        stage,
        sequence,
        selector,
    };
    Some((trigger, event.span()))
}

/// Reads a selector; `None` where there is none, which is another thing than one without pairs.
fn read_selector(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<Selector> {
    let mut fields = Fields::open(findings, field.value, "selector")?;
    let pairs = fields.take("match");
    fields.warn_unknown(findings, "`selector`", &["match"]);
    let pairs = pairs.filter(|pairs| !pairs.value.is_null())?;
    let entries = Fields::open(findings, pairs.value, "match")?.rest();
    if entries.is_empty() {
        findings.warning(
            pairs.span(),
            "`match` has no entries, so this trigger never fires",
            "write `result: fail`, or remove the selector",
        );
    }
    let matches = entries
        .into_iter()
        .filter_map(|entry| read_pair(findings, &entry));
    Some(Selector {
        matches: matches.collect(),
    })
}

/// Reads one pair of a selector.
fn read_pair(findings: &mut Findings<'_>, entry: &Field<'_>) -> Option<(String, String)> {
    let word = findings.text(entry.value, &entry.name)?;
    let key = entry.name.as_str();
    let known: &[&str] = match key {
        "status" => &STATUSES,
        "result" => &RESULTS,
        _ if is_task_result(key) => &RESULTS,
        _ => {
            let message = format!("a selector does not know the key {}", quoted(key));
            findings.error(
                entry.key,
                message,
                "known are `result`, `status`, and `TASK.result`",
            );
            return None;
        }
    };
    if word == FAILED && key != "status" {
        findings.warning(
            entry.span(),
            "`failed` is taken for `fail`",
            "write `fail`: Keptn's own engine never matches `failed`",
        );
        return Some((entry.name.clone(), "fail".to_owned()));
    }
    if !known.contains(&word.as_str()) {
        let message = format!("`{key}` is never {}", quoted(&word));
        findings.error(entry.span(), message, similar::hint(&word, known));
        return None;
    }
    Some((entry.name.clone(), word))
}

/// Tells whether a key names the result of a task.
fn is_task_result(key: &str) -> bool {
    key.strip_suffix(".result")
        .is_some_and(|task| !task.is_empty() && !task.contains('.'))
}
