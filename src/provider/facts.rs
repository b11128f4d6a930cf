//! What is known of each kind of provider without asking it: for planning, for a dry run, and for `lint`.

use super::constant::StaticFacts;
use super::datadog::DatadogFacts;
use super::dynatrace::DynatraceFacts;
use super::exec::ExecFacts;
use super::files::FilesFacts;
use super::http::HttpFacts;
use super::prometheus::PrometheusFacts;
use super::sql::SqlFacts;
use super::{Api, ProviderKind, ProviderSettings};
use crate::gate::{ProviderFacts, Query, QueryProblem};

/// Returns what is known of a provider; its settings may be missing in a dry run.
#[must_use]
pub fn facts(kind: ProviderKind, settings: Option<&ProviderSettings>) -> Box<dyn ProviderFacts> {
    match (kind, settings) {
        (ProviderKind::Prometheus, _) => Box::new(PrometheusFacts),
        (ProviderKind::Files, Some(ProviderSettings::Files(settings))) => Box::new(FilesFacts {
            formats: settings.formats.clone(),
        }),
        (ProviderKind::Files, _) => Box::new(FilesFacts {
            formats: Vec::new(),
        }),
        (ProviderKind::Http, Some(ProviderSettings::Http(settings))) => {
            Box::new(HttpFacts::new(Some(settings)))
        }
        (ProviderKind::Http, _) => Box::new(HttpFacts::new(None)),
        (ProviderKind::Exec, Some(ProviderSettings::Exec(settings))) => Box::new(ExecFacts {
            format: Some(settings.format.clone()),
        }),
        (ProviderKind::Exec, _) => Box::new(ExecFacts { format: None }),
        (ProviderKind::Sql, Some(ProviderSettings::Sql(settings))) => {
            Box::new(SqlFacts::of(Some(settings)))
        }
        (ProviderKind::Sql, _) => Box::new(SqlFacts::of(None)),
        (ProviderKind::Static, Some(ProviderSettings::Static(settings))) => Box::new(StaticFacts {
            value: settings.value,
        }),
        (ProviderKind::Static, _) => Box::new(StaticFacts { value: None }),
        (ProviderKind::Dynatrace, Some(ProviderSettings::Dynatrace(settings))) => {
            Box::new(DynatraceFacts::new(Some(settings)))
        }
        (ProviderKind::Dynatrace, _) => Box::new(DynatraceFacts::new(None)),
        (ProviderKind::Datadog, Some(ProviderSettings::Datadog(settings))) => {
            Box::new(DatadogFacts::new(settings.api))
        }
        (ProviderKind::Datadog, _) => Box::new(DatadogFacts::new(Api::default())),
    }
}

/// Refuses every option that a provider does not know: a slip of the finger would otherwise change what is measured.
pub(super) fn unknown_options(query: &Query, kind: &str, known: &[&str]) -> Vec<QueryProblem> {
    let unknown = query
        .options
        .keys()
        .filter(|name| !known.contains(&name.as_str()));
    let hint = if known.is_empty() {
        "write the query alone, and `unit` or a policy beside it".to_owned()
    } else {
        format!("known are {}", known.join(", "))
    };
    unknown
        .map(|name| QueryProblem {
            option: Some(name.clone()),
            message: format!("`{name}` is no option of a provider of type {kind}"),
            hint: hint.clone(),
        })
        .collect()
}
