//! The values that a definition asks for, and those that an entry gives.

use std::collections::BTreeMap;

use super::is_missing;
use crate::config::reader::Reader;
use crate::provider::{Need, Parameter};
use crate::spec::reading::{Field, Fields, hint};

/// What the names of secrets speak of.
const SPEAKING: [&str; 5] = ["token", "secret", "password", "credential", "api_key"];

/// Reads what a definition declares: a name, and what is to be known of it.
pub(in crate::config) fn declared(
    reader: &mut Reader<'_, '_>,
    fields: Fields<'_>,
) -> BTreeMap<String, Parameter> {
    let mut declared = BTreeMap::new();
    for field in fields.rest() {
        let Some(mut inner) = Fields::open(reader.findings, field.value, &field.name) else {
            declared.insert(field.name.clone(), Parameter::default());
            continue;
        };
        let about = super::raw_text(reader, &mut inner, "about").unwrap_or_default();
        let default = super::raw_text(reader, &mut inner, "default");
        let required = inner
            .take_set("required")
            .and_then(|field| reader.findings.boolean(field.value, "required"));
        let known = ["about", "default", "required"];
        reader.refuse_rest(inner, &format!("`{}`", field.name), &known);
        let need = match required {
            Some(true) => Need::Required,
            Some(false) | None => Need::Optional,
        };
        declared.insert(
            field.name.clone(),
            Parameter {
                about,
                default,
                need,
            },
        );
    }
    declared
}

/// Reads the `vars` of an entry. `known` is what the definition declares; `None` where the entry declares itself.
pub(in crate::config) fn given(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    known: Option<&BTreeMap<String, Parameter>>,
) -> BTreeMap<String, String> {
    let mut given = BTreeMap::new();
    if let Some((_, inner)) = reader.open(fields, "vars") {
        for field in inner.rest() {
            if refused(reader, &field, known) {
                continue;
            }
            if let Some(text) = reader.field_text(&field).filter(|text| !text.is_empty()) {
                given.insert(field.name, text);
            }
        }
    }
    let wanted = known.into_iter().flatten();
    for (name, parameter) in wanted.filter(|(_, parameter)| is_missing(parameter)) {
        if !given.contains_key(name) {
            let message = format!(
                "the provider `{}` needs `{name}`: {}",
                entry.name, parameter.about
            );
            let hint = format!("such as `vars: {{ {name}: … }}`");
            reader.findings.error(entry.key, message, hint);
        }
    }
    given
}

/// Refuses what nobody asks for, and what should be a credential.
fn refused(
    reader: &mut Reader<'_, '_>,
    field: &Field<'_>,
    known: Option<&BTreeMap<String, Parameter>>,
) -> bool {
    let name = field.name.to_ascii_lowercase();
    if SPEAKING.iter().any(|word| name.contains(word)) {
        let message = format!(
            "`{}` looks like a secret, and `vars` may be shown",
            field.name
        );
        let hint = "write it under `auth`, or as a header under `headers`";
        reader.findings.error(field.key, message, hint);
        return true;
    }
    let Some(known) = known.filter(|known| !known.contains_key(&field.name)) else {
        return false;
    };
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    let message = format!("unknown variable `{}`", field.name);
    reader
        .findings
        .error(field.key, message, hint(&field.name, &names));
    true
}
