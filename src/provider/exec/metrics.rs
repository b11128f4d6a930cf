//! Metrics as Prometheus reads them, printed by a program; the query selects: `http_requests_total{code="500"}`.

use super::said::Said;
use crate::gate::FailureKind;
use crate::net::Redactor;
use crate::provider::answered::{Found, Number};
use crate::provider::files::openmetrics::{Exposition, MetricsQuery, MetricsSpec};

/// How much of a text about the output is shown.
const TEXT_BYTES: usize = 1000;

/// Reads a query, without an output.
pub(super) fn selector(query: &str) -> Result<MetricsQuery, String> {
    let spec = MetricsSpec {
        select: Some(query.to_owned()),
        ..MetricsSpec::default()
    };
    MetricsQuery::try_from(&spec).map_err(|error| error.to_string())
}

/// Reads what a query selects.
pub(super) fn read(stdout: &[u8], query: &str, redactor: &Redactor) -> Said {
    let failed = |kind: FailureKind, text: &str| {
        let text = redactor.excerpt(text.as_bytes(), TEXT_BYTES);
        Said::of(Found::failed(kind, text))
    };
    let selector = match selector(query) {
        Ok(selector) => selector,
        Err(text) => return failed(FailureKind::BadQuery, &text),
    };
    if stdout.trim_ascii().is_empty() {
        return Said::of(Found::Nothing("the program printed no metrics".to_owned()));
    }
    let exposition = match Exposition::parse(stdout) {
        Ok(exposition) => exposition,
        Err(error) => return failed(FailureKind::BadAnswer, &error.to_string()),
    };
    let found = match selector.ask(&exposition, None) {
        Ok(found) => found,
        Err(error) => return failed(FailureKind::BadAnswer, &error.to_string()),
    };
    let warnings = found.warnings.iter();
    let warnings: Vec<String> = warnings
        .map(|text| redactor.excerpt(text.as_bytes(), TEXT_BYTES))
        .collect();
    if found.values.is_empty() {
        let text = "the query selects none of the metrics that the program printed";
        return Said {
            warnings,
            ..Said::of(Found::Nothing(text.to_owned()))
        };
    }
    let number = |value: f64| Number {
        value,
        name: String::new(),
    };
    Said {
        warnings,
        ..Said::of(Found::Numbers(
            found.values.into_iter().map(number).collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, query: &str) -> Found {
        read(text.as_bytes(), query, &Redactor::default()).found
    }

    #[test]
    fn a_selector_finds_its_series() {
        let text = "# TYPE hits counter\nhits{code=\"200\"} 9\nhits{code=\"500\"} 1\nup NaN\n";
        assert_eq!(of(text, "hits{code=\"500\"}"), Found::number(1.0));
        assert!(matches!(of(text, "hits"), Found::Numbers(numbers) if numbers.len() == 2));
        assert!(matches!(of(text, "up"), Found::Numbers(numbers) if numbers[0].value.is_nan()));
        assert!(matches!(of(text, "misses"), Found::Nothing(_)));
        assert!(matches!(of("", "hits"), Found::Nothing(_)));
    }

    #[test]
    fn what_is_no_metric_never_becomes_a_value() {
        assert!(matches!(
            of("Traceback (most recent call last)\n", "Traceback"),
            Found::Failed(_)
        ));
        assert!(matches!(of("a 1\n", "a{"), Found::Failed(_)));
    }
}
