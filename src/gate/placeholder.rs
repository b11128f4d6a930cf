//! What the names in placeholders stand for.

use super::context::Context;

/// The names that are always known.
pub(super) const FIXED: [&str; 16] = [
    "PROJECT",
    "STAGE",
    "SERVICE",
    "DEPLOYMENT",
    "DURATION_SECONDS",
    "DURATION_S",
    "DURATION_MS",
    "DURATION_MIN",
    "START_UNIX",
    "END_UNIX",
    "START_MS",
    "END_MS",
    "START_NS",
    "END_NS",
    "START_RFC3339",
    "END_RFC3339",
];

/// The names of Keptn's event, each with the label that says it here: there is no such event.
const OF_EVENT: [(&str, &str); 4] = [
    ("CONTEXT", "context"),
    ("EVENT", "event"),
    ("SOURCE", "source"),
    ("TESTSTRATEGY", "teststrategy"),
];

/// The value of a name, and how far it can be trusted.
pub(super) enum Value {
    /// Written beside the query, or made of digits: filled in as it is.
    Trusted(String),
    /// From the outside, such as a branch name: must not end a string in the query.
    Foreign(String),
}

impl Value {
    /// Returns the text.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Trusted(text) | Self::Foreign(text) => text,
        }
    }
}

/// Looks a name up. Filters win over everything, as in Keptn.
pub(super) fn lookup(name: &str, context: &Context) -> Option<Value> {
    if let Some(value) = filter_value(name, context) {
        return Some(value);
    }
    if let Some((space, key)) = name.split_once('.') {
        return match space {
            "LABEL" => context.labels.get(key).cloned().map(Value::Foreign),
            "ENV" => context.environment.get(key).cloned().map(Value::Foreign),
            "FILTER" => filter_value(key, context),
            _ => None,
        };
    }
    let series = &context.series;
    match name {
        "PROJECT" => Some(Value::Foreign(series.project.to_string())),
        "STAGE" => Some(Value::Foreign(series.stage.to_string())),
        "SERVICE" => Some(Value::Foreign(series.service.to_string())),
        "DEPLOYMENT" => Some(Value::Foreign(context.deployment().to_owned())),
        _ => event_value(name, context).or_else(|| time_value(name, context).map(Value::Trusted)),
    }
}

/// Returns the value of a name that speaks of Keptn's event, where a label says it.
fn event_value(name: &str, context: &Context) -> Option<Value> {
    let (_, label) = OF_EVENT.iter().find(|(known, _)| *known == name)?;
    context.labels.get(*label).cloned().map(Value::Foreign)
}

/// Returns the value of a filter without any quotes, as Keptn's Prometheus service does it.
fn filter_value(name: &str, context: &Context) -> Option<Value> {
    let (_, value) = context
        .filters
        .iter()
        .find(|(key, _)| key == name || key.to_uppercase() == name)?;
    Some(Value::Trusted(value.replace(['"', '\''], "")))
}

/// Returns the value of a name that speaks of the window.
fn time_value(name: &str, context: &Context) -> Option<String> {
    let window = &context.window;
    let (start, end) = (window.start(), window.end());
    let seconds = window.seconds();
    Some(match name {
        "DURATION_SECONDS" => format!("{seconds}s"),
        "DURATION_S" => seconds.to_string(),
        "DURATION_MS" => (end.as_millisecond() - start.as_millisecond()).to_string(),
        "DURATION_MIN" => seconds.div_ceil(60).to_string(),
        "START_UNIX" => start.as_second().to_string(),
        "END_UNIX" => end.as_second().to_string(),
        "START_MS" => start.as_millisecond().to_string(),
        "END_MS" => end.as_millisecond().to_string(),
        "START_NS" => start.as_nanosecond().to_string(),
        "END_NS" => end.as_nanosecond().to_string(),
        "START_RFC3339" => start.to_string(),
        "END_RFC3339" => end.to_string(),
        _ => return None,
    })
}

/// Returns every name that could be filled in, for messages.
#[must_use]
pub fn known_names(context: &Context) -> Vec<String> {
    FIXED
        .iter()
        .map(|name| (*name).to_owned())
        .chain(
            OF_EVENT
                .iter()
                .filter(|(_, label)| context.labels.contains_key(*label))
                .map(|(name, _)| (*name).to_owned()),
        )
        .chain(context.labels.keys().map(|key| format!("LABEL.{key}")))
        .chain(context.environment.keys().map(|key| format!("ENV.{key}")))
        .chain(context.filters.iter().map(|(key, _)| key.clone()))
        .collect()
}
