//! A program in `tidegate.yaml`.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde_json::{Value, json};

use super::secrets::Secrets;
use crate::config::reader::Reader;
use crate::gate::PolicyLayer;
use crate::provider::{
    Batch, ExecFormat, ExecSettings, Pin, PluginConfig, RetrySettings, Secret, UnitSuffix,
    retry_over,
};
use crate::spec::reading::{Field, Fields};

/// The variables that every program gets.
const ALWAYS: [&str; 5] = ["PATH", "HOME", "LANG", "TMPDIR", "SystemRoot"];

/// The keys of a program, besides those of any provider.
pub(in crate::config) const KEYS: [&str; 12] = [
    "command",
    "env_allow",
    "env",
    "max_output",
    "batch",
    "install_hint",
    "config",
    "sha256",
    "parallel",
    "format",
    "jsonpath",
    "parse_units",
];

/// Reads how to run a program.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
) -> Option<ExecSettings> {
    let command = command(reader, entry, fields);
    settings(reader, fields, policies, command)
}

/// Reads how to run a program that was found by the name of its type.
pub(super) fn read_found(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
    program: String,
) -> Option<ExecSettings> {
    if let Some(field) = fields.take_set("command") {
        let message = format!(
            "the provider `{}` has a `command`, and a type that is a program itself",
            entry.name
        );
        let hint = "remove `command`, or write `type: exec`";
        reader.findings.error(field.key, message, hint);
        return None;
    }
    settings(reader, fields, policies, Some(vec![program]))
}

/// Reads everything but the command.
fn settings(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
    command: Option<Vec<String>>,
) -> Option<ExecSettings> {
    let mut secrets = Secrets::default();
    let environment = environment(reader, fields, &mut secrets);
    let config = config(reader, fields, &mut secrets);
    let format = format(reader, fields);
    let pin = pin(reader, fields);
    let batch = batch(reader, fields);
    let parallel: Option<u32> = reader.count(fields, "parallel");
    let max_output = max_output(reader, fields);
    let install_hint = reader.text(fields, "install_hint");
    let mut settings = ExecSettings::new(command?, reader.surroundings.folder.to_owned());
    settings.environment = environment;
    settings.secrets = secrets.found();
    settings.timeout = policies.timeout.unwrap_or(settings.timeout);
    settings.retry = retry_over(policies.retry, RetrySettings::default());
    settings.max_output = max_output.unwrap_or(settings.max_output);
    settings.batch = batch.unwrap_or(settings.batch);
    settings.parallel = parallel
        .and_then(|count| NonZeroUsize::new(usize::try_from(count).unwrap_or(usize::MAX)))
        .unwrap_or(settings.parallel);
    settings.install_hint = install_hint;
    settings.config = config;
    settings.pin = pin?;
    settings.format = format?;
    Some(settings)
}

/// Reads `command`: a list, and no variables in it.
fn command(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<Vec<String>> {
    const EXAMPLE: &str = "such as `command: [\"./plugins/newrelic.py\", \"--region\", \"eu\"]`";
    let Some(field) = fields.take_set("command") else {
        let message = format!("the provider `{}` needs a `command`", entry.name);
        reader.findings.error(entry.key, message, EXAMPLE);
        return None;
    };
    let elements = reader.findings.elements(field.value, "command")?;
    let mut words = Vec::new();
    for element in elements {
        let word = reader.findings.text(element, "command")?;
        if word.contains("${") {
            let message = "a variable in `command` would show its value in the list of processes";
            let hint = "pass it on with `env_allow` or `env`, or in `config`";
            reader.findings.error(element.span, message, hint);
            return None;
        }
        words.push(word);
    }
    if words.first().is_none_or(String::is_empty) {
        let message = "`command` names no program";
        reader.findings.error(field.span(), message, EXAMPLE);
        return None;
    }
    Some(words)
}

/// Reads `env_allow` and `env`, and returns the whole environment of the program.
pub(in crate::config) fn environment(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    secrets: &mut Secrets,
) -> BTreeMap<String, Secret> {
    let mut environment = BTreeMap::new();
    let allowed = allowed(reader, fields);
    let names = ALWAYS.iter().map(|name| (*name).to_owned());
    for name in names.chain(allowed) {
        if let Some(value) = (reader.surroundings.lookup)(&name) {
            secrets.add_variable(&name, &value);
            environment.insert(name, Secret::new(value));
        }
    }
    let Some((_, inner)) = reader.open(fields, "env") else {
        return environment;
    };
    for field in inner.rest() {
        if !is_name(&field.name) {
            let message = format!("`{}` can't be the name of a variable", field.name);
            let hint = "letters, digits, and `_`";
            reader.findings.error(field.key, message, hint);
            continue;
        }
        if let Some(value) = reader.field_text(&field) {
            let raw = field.value.text().unwrap_or_default();
            secrets.add_written(&field.name, raw, &value);
            environment.insert(field.name, Secret::new(value));
        }
    }
    environment
}

/// Reads `env_allow`.
fn allowed(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<String> {
    let Some(field) = fields.take_set("env_allow") else {
        return Vec::new();
    };
    let elements = reader
        .findings
        .elements(field.value, "env_allow")
        .unwrap_or_default();
    let mut names = Vec::new();
    for element in elements {
        let Some(name) = reader.findings.text(element, "env_allow") else {
            continue;
        };
        if is_name(&name) {
            names.push(name);
        } else {
            let message = format!("`{name}` is no name of a variable");
            let hint = "name each variable that the program may see; there are no patterns";
            reader.findings.error(element.span, message, hint);
        }
    }
    names
}

/// Tells whether a text can be the name of a variable.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Reads `config`, variables filled in.
fn config(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    secrets: &mut Secrets,
) -> PluginConfig {
    let Some(field) = fields.take_set("config") else {
        return PluginConfig::default();
    };
    let value = reader.findings.json(field.value);
    PluginConfig::new(filled(reader, &field, "", value, secrets))
}

/// Fills the variables in every text of a value. It is as deep as the file, which is bounded.
fn filled(
    reader: &mut Reader<'_, '_>,
    field: &Field<'_>,
    name: &str,
    value: Value,
    secrets: &mut Secrets,
) -> Value {
    match value {
        Value::String(raw) => {
            let Some(text) = reader.fill_text(field, &raw) else {
                return Value::Null;
            };
            secrets.add_written(name, &raw, &text);
            Value::String(text)
        }
        Value::Array(elements) => elements
            .into_iter()
            .map(|element| filled(reader, field, name, element, secrets))
            .collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let value = filled(reader, field, &name, value, secrets);
                (name, value)
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// Reads `format`, and what belongs to it.
fn format(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<ExecFormat> {
    let path = reader.text(fields, "jsonpath");
    let suffix = match truth(reader, fields, "parse_units") {
        Some(true) => UnitSuffix::Read,
        Some(false) | None => UnitSuffix::Refused,
    };
    let Some(field) = fields.take_set("format") else {
        return Some(ExecFormat::Protocol);
    };
    let word = reader.field_text(&field)?;
    Some(match word.as_str() {
        "protocol" => ExecFormat::Protocol,
        "number" => ExecFormat::Number(suffix),
        "keyvalue" => ExecFormat::KeyValue(suffix),
        "nagios" => ExecFormat::Nagios,
        "prometheus" => ExecFormat::Prometheus,
        "json" => ExecFormat::Json(path),
        _ => {
            let message = format!("`format` can't be `{word}`");
            let hint = crate::spec::reading::hint(&word, &ExecFormat::NAMES);
            reader.findings.error(field.span(), message, hint);
            return None;
        }
    })
}

/// Reads a truth value.
fn truth(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>, name: &str) -> Option<bool> {
    let field = fields.take_set(name)?;
    reader.findings.boolean(field.value, name)
}

/// Reads `batch`.
fn batch(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<Batch> {
    let is_whole = truth(reader, fields, "batch")?;
    Some(if is_whole {
        Batch::Whole
    } else {
        Batch::Single
    })
}

/// Reads `sha256`. The outer `None` is a problem: a pin that can't be read must not be left out.
#[expect(clippy::option_option, reason = "unset and unreadable are not alike")]
fn pin(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<Option<Pin>> {
    let Some(field) = fields.take_set("sha256") else {
        return Some(None);
    };
    let text = reader.field_text(&field)?;
    let pin = Pin::parse(&text);
    if pin.is_none() {
        let message = "`sha256` must be 64 hexadecimal digits";
        let hint = "`sha256sum FILE` prints them";
        reader.findings.error(field.span(), message, hint);
    }
    pin.map(Some)
}

/// Reads `max_output`: a number of bytes, `8MiB` for short.
fn max_output(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<usize> {
    let field = fields.take_set("max_output")?;
    let text = reader.field_text(&field)?;
    let size = bytes(&text);
    if size.is_none() {
        let message = format!("`max_output` can't be `{text}`");
        reader
            .findings
            .error(field.span(), message, "such as `8MiB`, up to 1GiB");
    }
    size
}

/// Reads a size from 1 byte to 1 GiB.
fn bytes(text: &str) -> Option<usize> {
    const MOST: usize = 1024 * 1024 * 1024;
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: usize = match unit.trim() {
        "" | "B" => 1,
        "KB" | "kB" => 1000,
        "KiB" => 1024,
        "MB" => 1_000_000,
        "MiB" => 1024 * 1024,
        "GiB" => MOST,
        _ => return None,
    };
    let size = number.parse::<usize>().ok()?.checked_mul(factor)?;
    (1..=MOST).contains(&size).then_some(size)
}

/// Returns the keys of a program for the JSON Schema.
pub(in crate::config) fn properties() -> Value {
    let text = |description: &str| json!({"type": ["string", "null"], "description": description});
    json!({
        "command": {"type": ["array", "null"], "items": {"type": "string"}, "minItems": 1, "description": "The program and its arguments; never a shell. Relative paths start at the folder of this file. For type exec.", "examples": [["./plugins/newrelic.py", "--region", "eu"]]},
        "env_allow": {"type": ["array", "null"], "items": {"type": "string"}, "description": "Variables of the environment that the program may see, besides PATH, HOME, LANG, and TMPDIR.", "examples": [["NEW_RELIC_API_KEY"]]},
        "env": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "number", "boolean"]}, "description": "Further variables of the program."},
        "max_output": {"type": ["string", "integer", "null"], "default": "8MiB", "description": "How much the program may print."},
        "batch": {"type": ["boolean", "null"], "default": true, "description": "Whether one run answers all SLIs; else each has a run of its own."},
        "install_hint": text("How to get the program, said where it is missing."),
        "config": {"description": "What a plug-in is told besides; it gets it on stdin, as it stands here, variables filled in."},
        "sha256": text("The SHA-256 that the program's file must have."),
        "parallel": {"type": ["integer", "null"], "minimum": 1, "default": 4, "description": "How many runs may be under way at once."},
        "format": {"enum": ["protocol", "number", "keyvalue", "nagios", "prometheus", "json", null], "default": "protocol", "description": "How the output of the program is read."},
        "jsonpath": text("Where the number is in the JSON that the program prints. Default: the query."),
        "parse_units": {"type": ["boolean", "null"], "default": false, "description": "Whether units behind numbers are read: 12ms, 3%."}
    })
}
