//! One entry of `indicators`: a query, or a mapping with a query and what belongs to it.

use crate::gate::{
    Finite, IndicatorDefinition, IndicatorName, MissingValue, PolicyLayer, ProviderName,
};
use crate::spec::fields::{Field, Fields};
use crate::spec::findings::Findings;
use crate::spec::similar;
use crate::spec::source::Span;

/// The keys of the longer form.
const KEYS: [&str; 5] = ["query", "provider", "unit", "on_no_data", "on_error"];

/// What a policy may say.
const POLICIES: [&str; 5] = ["fail", "warning", "ignore", "inconclusive", "error"];

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
    let unit = fields.take("unit");
    let on_no_data = fields.take("on_no_data");
    let on_error = fields.take("on_error");
    fields.warn_unknown(findings, &format!("indicator `{}`", entry.name), &KEYS);
    let place = query.as_ref().map_or(entry.key, Field::span);
    if query
        .as_ref()
        .is_none_or(|field| field.value.text() == Some("") || field.value.is_null())
    {
        warn_empty(findings, place, &entry.name);
    }
    let definition = IndicatorDefinition {
        query: query
            .and_then(|field| findings.text(field.value, "query"))
            .unwrap_or_default(),
        provider: provider.and_then(|field| read_provider(findings, &field)),
        unit: unit
            .and_then(|field| findings.text(field.value, "unit"))
            .filter(|unit| !unit.is_empty()),
        policies: PolicyLayer {
            on_no_data: on_no_data.and_then(|field| read_policy(findings, &field)),
            on_error: on_error.and_then(|field| read_policy(findings, &field)),
        },
    };
    Some((definition, place))
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

/// Reads a policy: a word, `value: N` as a text, or a mapping with `value`.
fn read_policy(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<MissingValue> {
    if field.value.entries().is_some() {
        return read_stand_in(findings, field);
    }
    let text = findings.text(field.value, &field.name)?;
    match text.parse() {
        Ok(policy) => Some(policy),
        Err(error) => {
            let hint = similar::hint(&text, &POLICIES);
            findings.error(field.span(), format!("`{}`: {error}", field.name), hint);
            None
        }
    }
}

/// Reads `{value: N}`.
fn read_stand_in(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<MissingValue> {
    let mut fields = Fields::open(findings, field.value, &field.name)?;
    let value = fields.take("value");
    fields.warn_unknown(findings, &format!("`{}`", field.name), &["value"]);
    let text = value
        .as_ref()
        .and_then(|value| findings.text(value.value, "value"))
        .unwrap_or_default();
    let number = text.parse().ok().and_then(Finite::new);
    if number.is_none() {
        let at = value.map_or(field.span(), |value| value.span());
        let message = format!("`{}` must name a finite number as `value`", field.name);
        findings.error(at, message, format!("write `{}: {{value: 0}}`", field.name));
    }
    number.map(MissingValue::Value)
}
