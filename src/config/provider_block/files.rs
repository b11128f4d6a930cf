//! Files with results in `tidegate.yaml`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::config::reader::Reader;
use crate::gate::parse_duration;
use crate::provider::{ErrorKinds, FilesSettings, Format, Merge, ReadOptions, SampleStatus, Stamp};
use crate::spec::reading::{Fields, hint};

/// The keys of files alone.
pub(in crate::config) const KEYS: [&str; 9] = [
    "path",
    "format",
    "max_age",
    "merge",
    "timestamp_format",
    "timestamp",
    "percentiles",
    "errors",
    "status",
];

/// Returns the JSON Schema of the keys of files. `format` is one of programs, too.
pub(in crate::config) fn properties() -> Value {
    let of_programs = ["protocol", "number", "keyvalue", "nagios", "prometheus"];
    let families = ["auto", "jmeter", "gatling", "locust"];
    let formats = Format::ALL.iter().map(|format| format.as_str());
    let formats: Vec<&str> = of_programs
        .into_iter()
        .chain(families)
        .chain(formats)
        .collect();
    json!({
        "path": {"type": ["string", "null"], "description": "The file with results, or a pattern. Relative paths start at the folder of this file. For type file.", "examples": ["results/k6.json", "results/*.jtl"]},
        "format": {"anyOf": [{"enum": formats}, {"type": "null"}], "description": "How the output of the program is read (type exec; default: protocol), or the format of the files (type file; default: auto, told by content)."},
        "max_age": {"type": ["string", "null"], "description": "How old a file may be at the end of the window. Default: any age.", "examples": ["2h"]},
        "merge": {"enum": ["sum", "concat", null], "description": "How several files become one: concat puts the samples of one run together, sum adds runs side by side. Default: several are an error."},
        "timestamp_format": {"type": ["string", "null"], "description": "How JMeter wrote the times of samples, as Java's SimpleDateFormat has it. Default: milliseconds since 1970, or a usual pattern."},
        "timestamp": {"enum": ["start", "end", null], "default": "start", "description": "What JMeter's time of a sample marks."},
        "percentiles": {"type": ["array", "null"], "items": {"type": "number", "exclusiveMinimum": 0, "maximum": 100}, "description": "Which percentiles the columns without a name hold, in JMeter's statistics.json and Gatling's stats.json. Default: those of the tool."},
        "errors": {"enum": ["transport", "http", "both", null], "default": "both", "description": "Which failures count in error_rate, where a tool tells them apart."},
        "status": {"enum": ["all", "ok", null], "default": "all", "description": "Which samples count in response times, where a tool keeps those of failures apart."}
    })
}

/// Reads where files lie, and how they are read.
pub(super) fn read(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> FilesSettings {
    let defaults = ReadOptions::default();
    FilesSettings {
        folder: reader.surroundings.folder.to_path_buf(),
        path: reader.text(fields, "path"),
        formats: formats(reader, fields),
        max_age: max_age(reader, fields),
        merge: choice(
            reader,
            fields,
            "merge",
            &[("sum", Merge::Sum), ("concat", Merge::Concat)],
        ),
        read: ReadOptions {
            percentiles: percentiles(reader, fields),
            timestamp_format: reader.text(fields, "timestamp_format"),
            stamp: choice(
                reader,
                fields,
                "timestamp",
                &[("start", Stamp::Start), ("end", Stamp::End)],
            )
            .unwrap_or(defaults.stamp),
            errors: choice(
                reader,
                fields,
                "errors",
                &[
                    ("transport", ErrorKinds::Transport),
                    ("http", ErrorKinds::Http),
                    ("both", ErrorKinds::Both),
                ],
            )
            .unwrap_or(defaults.errors),
            status: choice(
                reader,
                fields,
                "status",
                &[("all", SampleStatus::All), ("ok", SampleStatus::Ok)],
            )
            .unwrap_or(defaults.status),
        },
    }
}

/// Reads one of several words.
fn choice<T: Copy>(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
    words: &[(&str, T)],
) -> Option<T> {
    let field = fields.take_set(name)?;
    let text = reader.field_text(&field)?;
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{name}` can't be `{text}`");
        let hint = hint(&text, &known);
        reader.findings.error(field.span(), message, hint);
    }
    found.map(|(_, value)| *value)
}

/// Reads `format`: one, or a family. `auto`, as nothing, means any.
fn formats(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<Format> {
    let Some(field) = fields.take_set("format") else {
        return Vec::new();
    };
    let Some(text) = reader.field_text(&field) else {
        return Vec::new();
    };
    let formats = Format::named(&text);
    if formats.is_empty() && text != "auto" {
        let known: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
        let message = format!("`format` can't be `{text}`");
        let hint = hint(&text, &known);
        reader.findings.error(field.span(), message, hint);
    }
    formats
}

/// Reads `max_age`.
fn max_age(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<Duration> {
    let field = fields.take_set("max_age")?;
    let text = reader.field_text(&field)?;
    let parsed = parse_duration(&text).ok();
    let duration = parsed.and_then(|duration| Duration::try_from(duration).ok());
    let duration = duration.filter(|duration| !duration.is_zero());
    if duration.is_none() {
        let message = format!("`max_age` can't be `{text}`");
        let hint = "write how old a file may be, such as `max_age: 2h`";
        reader.findings.error(field.span(), message, hint);
    }
    duration
}

/// Reads `percentiles`.
fn percentiles(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<f64> {
    let Some(field) = fields.take_set("percentiles") else {
        return Vec::new();
    };
    let Some(elements) = reader.findings.elements(field.value, "percentiles") else {
        return Vec::new();
    };
    let mut percentiles = Vec::new();
    for element in elements {
        let text = reader.findings.text(element, "percentiles");
        let percent = text.and_then(|text| text.parse::<f64>().ok());
        if let Some(percent) = percent.filter(|percent| *percent > 0.0 && *percent <= 100.0) {
            percentiles.push(percent);
        } else {
            let message = "a percentile must be a number above 0 and at most 100";
            let hint = "such as `percentiles: [90, 95, 99]`, in the order of the file's columns";
            reader.findings.error(element.span, message, hint);
        }
    }
    percentiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_key_and_no_other() {
        let properties = properties();
        let mut known: Vec<&String> = properties.as_object().unwrap().keys().collect();
        let mut keys = KEYS.map(str::to_owned);
        known.sort();
        keys.sort();
        assert_eq!(known, keys.iter().collect::<Vec<_>>());
    }
}
