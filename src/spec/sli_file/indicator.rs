//! One entry of `indicators`: a query, or a mapping with a query and what belongs to it.

use crate::gate::{IndicatorDefinition, IndicatorName, Options, ProviderName};
use crate::spec::fields::{Field, Fields};
use crate::spec::findings::Findings;
use crate::spec::policy_fields::{POLICY_KEYS, read as read_policies};
use crate::spec::problem::quoted;
use crate::spec::source::Span;

/// The keys of the longer form, besides those of policies and the options of providers.
const KEYS: [&str; 2] = ["query", "provider"];

/// The options that any provider knows. Each provider refuses those that are not its own; what none of them knows is
/// a slip of the finger.
pub(in crate::spec) const OPTIONS: [&str; 34] = [
    "params",
    "options",
    "value",
    "path",
    "format",
    "metric",
    "select",
    "lines",
    "parse_strings",
    "parse_units",
    "booleans",
    "aggregate",
    "histogram_quantile",
    "ratio",
    "seconds",
    "baseline_path",
    "column",
    "filter",
    "delimiter",
    "header",
    "decimal",
    "na",
    "metric_selector",
    "entity_selector",
    "resolution",
    "mz_selector",
    "dql",
    "field",
    "api",
    "queries",
    "formula",
    "aggregator",
    "data_source",
    "drop_incomplete",
];

/// Keys that people write here, and that belong to the provider.
const OF_PROVIDERS: [&str; 9] = [
    "max_age",
    "merge",
    "timestamp_format",
    "percentiles",
    "url",
    "auth",
    "headers",
    "command",
    "concurrency",
];

/// An indicator as it was read.
pub(super) struct Read {
    /// Its name.
    pub name: IndicatorName,
    /// What is said of it.
    pub definition: IndicatorDefinition,
    /// Where its query stands, or its name where there is none.
    pub query: Span,
}

/// Reads an entry; `None` where it has an error.
pub(super) fn read(findings: &mut Findings<'_>, entry: &Field<'_>) -> Option<Read> {
    let name = match IndicatorName::new(entry.name.clone()) {
        Ok(name) => Some(name),
        Err(error) => {
            findings.error(entry.key, error.to_string(), "give the indicator a name");
            None
        }
    };
    if entry.value.elements().is_some() {
        let hint = format!("write `{0}: QUERY`, or `{0}: {{query: QUERY}}`", entry.name);
        findings.error(
            entry.value.span,
            format!("the query of `{}` must be a text, not a list", entry.name),
            hint,
        );
        return None;
    }
    let (definition, query) = if entry.value.entries().is_some() {
        read_longer_form(findings, entry)?
    } else {
        let query = findings.text(entry.value, &entry.name).unwrap_or_default();
        if query.is_empty() {
            warn_empty(findings, entry.span(), &entry.name);
        }
        let definition = IndicatorDefinition {
            query,
            ..IndicatorDefinition::default()
        };
        (definition, entry.span())
    };
    Some(Read {
        name: name?,
        definition,
        query,
    })
}

/// Warns of an indicator without a query.
fn warn_empty(findings: &mut Findings<'_>, at: Span, name: &str) {
    let message = format!("`{name}` has no query: it counts as not defined here");
    findings.warning(at, message, "write a query, or remove the line");
}

/// Reads a mapping with `query` and what belongs to it.
fn read_longer_form(
    findings: &mut Findings<'_>,
    entry: &Field<'_>,
) -> Option<(IndicatorDefinition, Span)> {
    let mut fields = Fields::open(findings, entry.value, &entry.name)?;
    let query = fields.take("query");
    let provider = fields.take("provider");
    let policies = read_policies(findings, &mut fields);
    let mut options = Options::new();
    for name in OPTIONS {
        if let Some(field) = fields.take_set(name) {
            options.insert(name.to_owned(), findings.json(field.value));
        }
    }
    let known = [&KEYS[..], &POLICY_KEYS, &OPTIONS].concat();
    let fields = refuse_keys_of_providers(findings, fields, &entry.name);
    fields.warn_unknown(findings, &format!("indicator `{}`", entry.name), &known);
    let place = match &query {
        Some(field) if options.is_empty() => field.span(),
        Some(_) | None if !options.is_empty() => entry.value.span,
        Some(_) | None => entry.key,
    };
    let is_unset = query
        .as_ref()
        .is_none_or(|field| field.value.text() == Some("") || field.value.is_null());
    if is_unset && options.is_empty() {
        warn_empty(findings, place, &entry.name);
    }
    let definition = IndicatorDefinition {
        query: query
            .and_then(|field| findings.text(field.value, "query"))
            .unwrap_or_default(),
        provider: provider.and_then(|field| read_provider(findings, &field)),
        options,
        policies,
    };
    Some((definition, place))
}

/// Refuses the keys that belong to providers: ignored, they would change what is measured. Returns the other fields.
fn refuse_keys_of_providers<'n>(
    findings: &mut Findings<'_>,
    fields: Fields<'n>,
    indicator: &str,
) -> Fields<'n> {
    fields.filter(|field| {
        let is_foreign = OF_PROVIDERS.contains(&field.name.as_str());
        if is_foreign {
            let name = quoted(&field.name);
            let message = format!("{name} can't stand in indicator `{indicator}`");
            let hint = "it belongs to the provider, in tidegate.yaml";
            findings.error(field.key, message, hint);
        }
        !is_foreign
    })
}

/// Reads the name of a provider; empty is none.
pub(super) fn read_provider(
    findings: &mut Findings<'_>,
    field: &Field<'_>,
) -> Option<ProviderName> {
    let text = findings.text(field.value, "provider")?;
    if text.is_empty() {
        return None;
    }
    let name = ProviderName::new(text);
    if let Err(error) = &name {
        findings.error(
            field.span(),
            error.to_string(),
            "name a provider of tidegate.yaml",
        );
    }
    name.ok()
}
