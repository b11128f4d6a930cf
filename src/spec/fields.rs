//! The fields of a mapping: duplicates refused, `<<` merged in, unknown ones warned of.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::findings::Findings;
use super::problem::quoted;
use super::similar;
use super::source::Span;
use super::yaml::{Content, Node};

/// The fields of a mapping that are not taken yet, in the order of the file.
pub(crate) struct Fields<'n> {
    /// The fields.
    fields: Vec<Field<'n>>,
}

/// One field of a mapping.
#[derive(Clone)]
pub(crate) struct Field<'n> {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub key: Span,
    /// Its value.
    pub value: &'n Node,
}

impl Field<'_> {
    /// Returns where the value stands, or the name where there is nothing to see of a value.
    pub fn span(&self) -> Span {
        if self.value.span.start == self.value.span.end {
            self.key
        } else {
            self.value.span
        }
    }
}

impl<'n> Fields<'n> {
    /// Opens a mapping. `None` where it is null, or not one (which is a problem).
    pub fn open(findings: &mut Findings<'_>, node: &'n Node, name: &str) -> Option<Self> {
        if node.entries().is_none() {
            if !findings.is_null(node) {
                findings.wrong_kind(node, name, "a mapping");
            }
            return None;
        }
        let mut collected = Collected::default();
        collected.add(findings, node);
        Some(Self {
            fields: collected.fields,
        })
    }

    /// Tells whether there is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// Takes a field out.
    pub fn take(&mut self, name: &str) -> Option<Field<'n>> {
        let at = self.fields.iter().position(|field| field.name == name)?;
        Some(self.fields.remove(at))
    }

    /// Takes a field out, unless it is null.
    pub fn take_set(&mut self, name: &str) -> Option<Field<'n>> {
        self.take(name).filter(|field| !field.value.is_null())
    }

    /// Keeps the fields that a test lets through.
    pub fn filter(mut self, keep: impl FnMut(&Field<'n>) -> bool) -> Self {
        self.fields.retain(keep);
        self
    }

    /// Returns the fields that are left.
    pub fn rest(self) -> Vec<Field<'n>> {
        self.fields
    }

    /// Warns of every field that is left. Keptn ignores them, and so do we: most are slips of the finger.
    pub fn warn_unknown(self, findings: &mut Findings<'_>, of: &str, known: &[&str]) {
        for field in self.fields {
            if field.name.starts_with("x-") || field.value.anchored {
                continue;
            }
            let name = quoted(&field.name);
            let message = format!("unknown key {name} in {of}; it is ignored");
            findings.warning(field.key, message, similar::hint(&field.name, known));
        }
    }
}

/// Fields while they are collected.
#[derive(Default)]
struct Collected<'n> {
    /// The fields so far.
    fields: Vec<Field<'n>>,
    /// Their names: what stands in a mapping wins over what is merged into it.
    names: BTreeSet<String>,
}

impl<'n> Collected<'n> {
    /// Adds the fields of a mapping, then those that are merged into it.
    fn add(&mut self, findings: &mut Findings<'_>, node: &'n Node) {
        let mut own = BTreeSet::new();
        let mut merged = Vec::new();
        for (key, value) in node.entries().unwrap_or_default() {
            let is_merge = is_merge(key);
            if !own.insert(key.text().unwrap_or_default()) {
                say_duplicate(findings, key);
            } else if is_merge {
                merged.push(value);
            } else if let Some(name) = findings.text(key, "a key") {
                self.insert(name, key, value);
            }
        }
        for value in merged {
            self.merge(findings, value);
        }
    }

    /// Adds one field, unless there is one of the name.
    fn insert(&mut self, name: String, key: &Node, value: &'n Rc<Node>) {
        if self.names.insert(name.clone()) {
            self.fields.push(Field {
                name,
                key: key.span,
                value,
            });
        }
    }

    /// Adds what stands behind a `<<`.
    fn merge(&mut self, findings: &mut Findings<'_>, node: &'n Node) {
        match &node.content {
            Content::Mapping(_) => self.add(findings, node),
            Content::Sequence(parts) => {
                for part in parts {
                    if part.entries().is_some() {
                        self.add(findings, part);
                    } else {
                        say_no_mapping(findings, part);
                    }
                }
            }
            Content::Scalar { .. } => say_no_mapping(findings, node),
        }
    }
}

/// Tells whether a key is `<<`, unquoted.
fn is_merge(key: &Node) -> bool {
    let fits = match key.tag.as_deref() {
        None => {
            matches!(&key.content, Content::Scalar { style, .. } if *style == super::yaml::ScalarStyle::Plain)
        }
        Some(tag) => tag == "!!merge",
    };
    fits && key.text() == Some("<<")
}

/// Says that a key stands twice in one mapping.
fn say_duplicate(findings: &mut Findings<'_>, key: &Node) {
    let name = quoted(key.text().unwrap_or_default());
    let message = format!("the key {name} stands twice in the same mapping");
    findings.error(
        key.span,
        message,
        "remove one of them, or merge them into one",
    );
}

/// Says that only mappings can be merged.
fn say_no_mapping(findings: &mut Findings<'_>, node: &Node) {
    let message = format!("`<<` merges mappings, and this is {}", node.kind());
    findings.error(
        node.span,
        message,
        "name an anchor that stands before a mapping",
    );
}
