//! Questions to documents whose figures have no names of their own: JSON, CSV, and metrics.

use serde_json::Value;

use super::csv_query::{self, CsvSpec};
use super::format::Format;
use super::found::{Found, QueryError};
use super::json::{self, JsonSpec};
use super::openmetrics::{Exposition, MetricsQuery, MetricsSpec};
use super::question::QuestionError;
use crate::gate::Options;

/// A question to a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum DocumentQuery {
    /// To JSON.
    Json(JsonSpec),
    /// To CSV.
    Csv(CsvSpec),
    /// To metrics.
    Metrics(MetricsQuery),
}

impl DocumentQuery {
    /// Reads the text of a query and its options.
    pub(super) fn parse(
        format: Format,
        query: &str,
        options: &Options,
    ) -> Result<Self, QuestionError> {
        let whole = |error: QueryError| QuestionError::whole(error.to_string());
        if format == Format::Openmetrics {
            let spec: MetricsSpec = spec("select", query, options)?;
            let query = MetricsQuery::try_from(&spec).map_err(whole)?;
            return Ok(Self::Metrics(query));
        }
        if format == Format::Csv {
            return Ok(Self::Csv(spec("column", query, options)?));
        }
        let spec: JsonSpec = spec("query", query, options)?;
        json::check(&spec).map_err(whole)?;
        Ok(Self::Json(spec))
    }

    /// Asks a document.
    /// A baseline is the document of before, whose counters are compared.
    pub(super) fn ask(
        &self,
        document: &[u8],
        baseline: Option<&[u8]>,
    ) -> Result<Found, QueryError> {
        match (self, baseline) {
            (Self::Json(spec), None) => json::query(document, spec),
            (Self::Csv(spec), None) => csv_query::query(document, spec),
            (Self::Json(_) | Self::Csv(_), Some(_)) => {
                let problem = "`baseline_path` is for metrics, whose counters it compares";
                Err(QueryError::wrong(problem))
            }
            (Self::Metrics(query), baseline) => {
                let after = Exposition::parse(document)?;
                let before = baseline.map(Exposition::parse).transpose()?;
                query.ask(&after, before.as_ref())
            }
        }
    }
}

/// Reads options; the text of the query is the one of this name.
fn spec<T: serde::de::DeserializeOwned>(
    name: &str,
    query: &str,
    options: &Options,
) -> Result<T, QuestionError> {
    let mut options = options.clone();
    if !query.is_empty() {
        if options.contains_key(name) {
            let message =
                format!("`{name}` stands beside the query, which says the same: keep one");
            return Err(QuestionError::of(name, message));
        }
        options.insert(name.to_owned(), Value::String(query.to_owned()));
    }
    serde_json::from_value(Value::Object(options))
        .map_err(|error| QuestionError::whole(error.to_string()))
}
