//! A whole `get-sli.finished`, or its bare `data`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::measurement::{read_all, text};
use super::{Values, shown};
use crate::gate::{Readings, Retrieval};
use crate::spec::findings::Findings;
use crate::spec::problem::quoted;
use crate::spec::yaml::Node;

/// The members of an object.
type Entries = [(Rc<Node>, Rc<Node>)];

/// What an object turned out to be.
pub(super) enum Shape<'n> {
    /// An event, or its data: here are the data.
    Event(&'n Entries),
    /// The short form.
    Numbers,
    /// Something else; it was said what.
    Refused,
}

/// The type of the event that carries values.
const TYPE_ENDS_WITH: &str = "get-sli.finished";

/// Finds the data of an event.
pub(super) fn find_data<'n>(findings: &mut Findings<'_>, entries: &'n Entries) -> Shape<'n> {
    let data_is_object = member(entries, "data").is_some_and(|data| data.entries().is_some());
    let is_event = member(entries, "specversion").is_some()
        || (member(entries, "type")
            .is_some_and(|node| node.text().is_some_and(|t| t.starts_with("sh.keptn"))))
        || data_is_object;
    if !is_event {
        let is_data =
            member(entries, "get-sli").is_some() || member(entries, "indicatorValues").is_some();
        return if is_data {
            Shape::Event(entries)
        } else {
            Shape::Numbers
        };
    }
    let event_type = member(entries, "type");
    if let Some(node) =
        event_type.filter(|node| !node.text().is_some_and(|t| t.ends_with(TYPE_ENDS_WITH)))
    {
        let message = format!(
            "this is an event of type {}",
            quoted(node.text().unwrap_or_default())
        );
        findings.error(
            node.span,
            message,
            "values come in an event of type `sh.keptn.event.get-sli.finished`",
        );
        return Shape::Refused;
    }
    match member(entries, "data").map(|node| (node, node.entries())) {
        Some((_, Some(data))) => Shape::Event(data),
        Some((node, None)) => {
            findings.push(findings.malformed(
                node.span,
                format!("`data` must be an object, not {}", shown(node)),
            ));
            Shape::Refused
        }
        None => {
            let at = entries
                .first()
                .map_or(crate::spec::source::Span::new(0, 0), |(key, _)| key.span);
            findings.push(findings.malformed(at, "the event has no `data`"));
            Shape::Refused
        }
    }
}

/// Reads the data.
pub(super) fn read(findings: &mut Findings<'_>, data: &Entries) -> Option<Values> {
    let labels = read_labels(findings, member(data, "labels"));
    let retrieval = read_retrieval(findings, data);
    let part = member(data, "get-sli").map(|node| (node, node.entries()));
    let part = match part {
        Some((_, Some(part))) => part,
        Some((node, None)) if !node.is_null() => {
            findings.push(findings.malformed(
                node.span,
                format!("`get-sli` must be an object, not {}", shown(node)),
            ));
            return None;
        }
        Some(_) => &[],
        None => data,
    };
    let readings = match member(part, "indicatorValues").filter(|node| !node.is_null()) {
        None => Vec::new(),
        Some(node) => {
            let Some(elements) = node.elements() else {
                let message = format!("`indicatorValues` must be an array, not {}", shown(node));
                findings.push(findings.malformed(node.span, message));
                return None;
            };
            read_all(findings, elements)
        }
    };
    Some(Values {
        readings: Readings {
            retrieval,
            ..Readings::new(readings)
        },
        labels,
        start: read_text(findings, part, "start"),
        end: read_text(findings, part, "end"),
    })
}

/// Reads how the retrieval went.
fn read_retrieval(findings: &mut Findings<'_>, data: &Entries) -> Retrieval {
    let status = read_text(findings, data, "status");
    let result = read_text(findings, data, "result");
    let message = read_text(findings, data, "message").unwrap_or_default();
    match (status.as_deref(), result.as_deref()) {
        (Some("errored"), _) => Retrieval::Errored(message),
        (Some("aborted"), _) => Retrieval::Aborted,
        (_, Some("fail")) => Retrieval::Failed(message),
        _ => Retrieval::Succeeded,
    }
}

/// Reads a text that may be missing, null, or empty.
fn read_text(findings: &mut Findings<'_>, entries: &Entries, name: &str) -> Option<String> {
    let node = member(entries, name).filter(|node| !node.is_null())?;
    text(findings, node, name).filter(|text| !text.is_empty())
}

/// Reads labels.
fn read_labels(findings: &mut Findings<'_>, node: Option<&Node>) -> BTreeMap<String, String> {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return BTreeMap::new();
    };
    let Some(entries) = node.entries() else {
        let message = format!("`labels` must be an object, not {}", shown(node));
        findings.push(findings.malformed(node.span, message));
        return BTreeMap::new();
    };
    let mut labels = BTreeMap::new();
    for (key, value) in entries {
        let name = key.text().unwrap_or_default();
        let value = if value.is_null() {
            Some(String::new())
        } else {
            text(
                findings,
                value,
                &format!("labels.{}", quoted(name).trim_matches('`')),
            )
        };
        labels.extend(value.map(|value| (name.to_owned(), value)));
    }
    labels
}

/// Returns a member by its name, in any case of letters; the last one of several counts, as in Keptn.
fn member<'n>(entries: &'n Entries, name: &str) -> Option<&'n Node> {
    let mut backwards = entries.iter().rev();
    let found = backwards.find(|(key, _)| {
        key.text()
            .is_some_and(|text| text.eq_ignore_ascii_case(name))
    });
    found.map(|(_, value)| value.as_ref())
}
