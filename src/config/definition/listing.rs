//! What definitions there are, for people who look for one.

use std::path::Path;

use serde_json::Value;

use super::entry::{Named, find, names};
use crate::spec::reading::Findings;

/// A definition as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDefinition {
    /// Its name: what `type` says.
    pub name: String,
    /// What it is.
    pub about: String,
    /// What must be given: keys of the entry, and variables of the environment.
    pub needs: Vec<String>,
    /// The file, where it does not come with the program.
    pub path: Option<String>,
    /// The text of the file.
    pub text: String,
}

/// Returns the definitions that come with the program and those in the folder beside `tidegate.yaml`, by name. A file
/// that cannot be read is left out: using it tells why.
#[must_use]
pub fn definitions(folder: &Path) -> Vec<ListedDefinition> {
    let named = names(folder).into_iter();
    let named = named.filter_map(|name| find(folder, &name)?.ok());
    named.map(listed).collect()
}

/// Reads what a list shows of a definition.
fn listed(named: Named) -> ListedDefinition {
    let Named {
        name,
        source,
        own_path,
        ..
    } = named;
    let mut findings = Findings::new(&source);
    let root = findings.document("definition");
    let definition = root.map_or(Value::Null, |root| findings.json(&root));
    ListedDefinition {
        name,
        about: text(&definition, "about"),
        needs: needs(&definition),
        path: own_path,
        text: source.raw().to_owned(),
    }
}

/// Returns a text of a definition.
fn text(definition: &Value, key: &str) -> String {
    let text = definition.get(key).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// Returns what must be given for a definition to work.
fn needs(definition: &Value) -> Vec<String> {
    let mut needs = Vec::new();
    if definition.get("url").is_none() {
        needs.push("url".to_owned());
    }
    let declared = definition.get("vars").and_then(Value::as_object);
    for (name, parameter) in declared.into_iter().flatten() {
        if parameter.get("required") == Some(&Value::Bool(true)) {
            needs.push(format!("vars.{name}"));
        }
    }
    for key in ["url", "auth"] {
        if let Some(value) = definition.get(key) {
            environment(value, &mut needs);
        }
    }
    needs
}

/// Adds the variables of the environment that texts need. It is as deep as the file, which is bounded.
fn environment(value: &Value, needs: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            for part in text.split("${").skip(1) {
                let name = part.split('}').next().unwrap_or_default();
                let is_needed = !name.contains(":-") && !name.starts_with("VAR.");
                if is_needed && !needs.iter().any(|need| need == name) {
                    needs.push(name.to_owned());
                }
            }
        }
        Value::Object(members) => members
            .values()
            .for_each(|member| environment(member, needs)),
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| environment(element, needs)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
