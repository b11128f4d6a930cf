//! What a dry run shows: the window, the files, and every query as it would be sent.

use serde_json::{Value, json};

use super::target::Configured;
use crate::app::{Asked, Prepared};
use crate::config::Setting;
use crate::gate::event::keptn_time;
use crate::gate::{Outcome, Query, Reading, in_words};
use crate::report::{printable, source, wording};

/// Returns the plan as text.
pub fn table(prepared: &Prepared, configured: &Configured) -> String {
    let context = &prepared.context;
    let mut lines = vec![
        format!("{}", context.series),
        format!(
            "window     {} to {}",
            keptn_time(context.window.start()),
            keptn_time(context.window.end())
        ),
        format!("files      {}", files(prepared, configured).join(", ")),
        format!("event log  {}", configured.log.url),
    ];
    if !context.labels.is_empty() {
        let labels: Vec<String> = context
            .labels
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        lines.push(format!("labels     {}", labels.join(", ")));
    }
    lines.push(String::new());
    match &prepared.asked {
        Asked::Providers(queries) => lines.extend(queries.iter().flat_map(query_lines)),
        Asked::Nobody(readings) => {
            lines.push("values that were brought along:".to_owned());
            lines.extend(readings.readings.iter().map(value_line));
        }
    }
    lines.push(String::new());
    lines.push("dry run: nothing was asked, nothing was stored".to_owned());
    printable_lines(&lines) + "\n"
}

/// Returns the files that were read.
fn files(prepared: &Prepared, configured: &Configured) -> Vec<String> {
    let all = prepared.files.iter().chain(configured.places.config.iter());
    all.map(|path| path.display().to_string()).collect()
}

/// Returns the lines of one query: a query may have several.
fn query_lines(query: &Query) -> Vec<String> {
    let unit = query
        .handling
        .unit
        .as_deref()
        .map_or_else(String::new, |unit| format!(" [{unit}]"));
    let head = format!("{} ({}){unit}", query.indicator, query.provider);
    let words = in_words(&query.text, &query.options);
    let body = words.trim_end().lines().map(|line| format!("    {line}"));
    std::iter::once(head).chain(body).collect()
}

/// Returns the line of one value.
fn value_line(reading: &Reading) -> String {
    match &reading.outcome {
        Outcome::Value(value) => format!("    {} = {}", reading.indicator, value.get()),
        Outcome::NoData(reason) => format!("    {}: no data, {reason}", reading.indicator),
        Outcome::Failed(failure) => format!("    {}: failed, {failure}", reading.indicator),
    }
}

/// Returns the plan as a document for programs.
pub fn document(prepared: &Prepared, configured: &Configured) -> Value {
    let context = &prepared.context;
    let queries = match &prepared.asked {
        Asked::Providers(queries) => queries.iter().map(query_document).collect(),
        Asked::Nobody(_) => Vec::new(),
    };
    let values = match &prepared.asked {
        Asked::Providers(_) => Vec::new(),
        Asked::Nobody(readings) => readings.readings.iter().map(value_document).collect(),
    };
    json!({
        "version": 1,
        "dry_run": true,
        "project": context.series.project.as_str(),
        "stage": context.series.stage.as_str(),
        "service": context.series.service.as_str(),
        "labels": context.labels,
        "window": {"start": keptn_time(context.window.start()), "end": keptn_time(context.window.end())},
        "files": files(prepared, configured),
        "event_log": configured.log.url.to_string(),
        "queries": queries,
        "values": values,
    })
}

/// Returns the document of one query.
fn query_document(query: &Query) -> Value {
    json!({
        "sli": query.indicator.as_str(),
        "provider": query.provider.as_str(),
        "query": query.text,
        "options": query.options,
        "unit": query.handling.unit,
        "reduce": query.handling.reduce.to_string(),
        "on_nan": query.handling.on_nan.to_string(),
        "on_no_data": query.policies.on_no_data.to_string(),
        "on_error": query.policies.on_error.to_string(),
    })
}

/// Returns the document of one value.
fn value_document(reading: &Reading) -> Value {
    let (value, reason) = match &reading.outcome {
        Outcome::Value(value) => (Some(value.get()), None),
        Outcome::NoData(reason) => (None, Some(reason.clone())),
        Outcome::Failed(failure) => (None, Some(failure.to_string())),
    };
    json!({"sli": reading.indicator.as_str(), "value": value, "reason": reason})
}

/// Returns each setting that anyone made, and where it comes from.
pub fn origins(configured: &Configured) -> String {
    let config = configured.places.config.as_ref();
    let config = config.map_or_else(|| "none".to_owned(), |path| path.display().to_string());
    let settings = Setting::ALL.into_iter().filter_map(|setting| {
        let typed = configured.settings.get(setting)?;
        // As it was typed, the URL of a log may hold a password.
        let value = if setting == Setting::EventLog {
            configured.log.url.to_string()
        } else {
            typed.to_owned()
        };
        Some(format!(
            "{} = {value}  ({})",
            setting.key(),
            configured.settings.origin(setting)
        ))
    });
    let lines: Vec<String> = std::iter::once(format!("configuration: {config}"))
        .chain(settings)
        .collect();
    printable_lines(&lines)
}

/// Returns how a value was fetched.
pub fn fetched(reading: &Reading) -> String {
    let name = printable(reading.indicator.as_str());
    let unit = reading.unit.as_deref().map(printable);
    let unit = unit.map_or_else(String::new, |unit| format!(", in {unit}"));
    let head = format!("{name}: {}{unit}", source(reading));
    let lines = std::iter::once(head).chain(wording(reading));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns lines, each harmless on a terminal.
fn printable_lines(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| printable(line))
        .collect::<Vec<_>>()
        .join("\n")
}
