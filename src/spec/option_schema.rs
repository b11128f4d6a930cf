//! The JSON Schema of what an SLI says to its provider besides the query.

use serde_json::{Map, Value, json};

/// Returns the schema of every option, by name.
pub(super) fn option_properties() -> Map<String, Value> {
    [files(), documents(), databases(), vendors()]
        .into_iter()
        .filter_map(|part| part.as_object().cloned())
        .flatten()
        .collect()
}

/// Makes the schema of a text.
fn text(description: &str, examples: &[&str]) -> Value {
    json!({ "description": description, "type": ["string", "number", "null"], "examples": examples })
}

/// Makes the schema of a truth value.
fn flag(description: &str) -> Value {
    json!({ "description": description, "type": ["boolean", "string", "null"] })
}

/// Returns the options that say which file is read, and for which figure.
fn files() -> Value {
    json!({
        "path": text("Files: the file, or a pattern. Default: that of the provider.", &["results/k6-*.json"]),
        "format": text("Files: the format. Default: told by the content.", &["k6", "jmeter", "junit"]),
        "metric": text("Files: the figure. Default: the query, or the name of the SLI.", &["response_time_p95", "native:http_req_waiting.p(95)"]),
        "select": {
            "description": "Files: the part of the run, such as one request; of CSV, the column.",
            "type": ["object", "string", "null"],
            "examples": [{ "name": "POST /login" }],
        },
        "baseline_path": text("Metrics: the file of before, where counters are compared.", &["before.prom"]),
    })
}

/// Returns the options that ask JSON, CSV, and metrics.
fn documents() -> Value {
    json!({
        "lines": flag("JSON: each line is a document."),
        "parse_strings": flag("JSON: texts that are numbers count as numbers."),
        "parse_units": flag("JSON: texts such as `12ms` count as numbers, in the base unit."),
        "booleans": flag("JSON: true counts as 1, false as 0."),
        "column": text("CSV, databases: the column that holds the number.", &["elapsed"]),
        "filter": { "description": "CSV: which rows count.", "type": ["object", "null"], "examples": [{ "status": ">=500" }] },
        "aggregate": text("CSV, metrics: how several numbers become one.", &["p95", "sum", "ratio"]),
        "ratio": { "description": "CSV: which of the rows are counted. Metrics: a numerator and a denominator.", "type": ["object", "null"] },
        "histogram_quantile": { "description": "Metrics: the quantile of a histogram.", "type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 1 },
        "seconds": { "description": "Metrics: how much time lies between the two files.", "type": ["number", "string", "null"] },
        "delimiter": text("CSV: what stands between cells. Default: told by the content.", &[";"]),
        "header": flag("CSV: whether the first line names the columns. Default: true."),
        "decimal": text("CSV: the decimal sign. Default: a point.", &[","]),
        "na": { "description": "CSV: cells that mean that there is no number.", "type": ["array", "null"], "items": { "type": "string" } },
    })
}

/// Returns the options of databases, programs, and numbers in the file.
fn databases() -> Value {
    json!({
        "params": { "description": "Databases: values for the :names in the query.", "type": ["object", "null"] },
        "options": { "description": "Programs: what the plug-in is told of this SLI.", "type": ["object", "null"] },
        "value": { "description": "Static: the number itself.", "type": ["number", "string", "null"] },
    })
}

/// Returns the options of Dynatrace and Datadog.
fn vendors() -> Value {
    json!({
        "metric_selector": text("Dynatrace: the metric, and what is made of it.", &["builtin:service.response.time:splitBy():percentile(95)"]),
        "entity_selector": text("Dynatrace: of which entities.", &["type(SERVICE),tag(\"keptn_service:carts\")"]),
        "resolution": text("Dynatrace: how far apart the data points are.", &["Inf"]),
        "mz_selector": text("Dynatrace: of which management zones.", &["mzId(123)"]),
        "dql": text("Dynatrace: a query of Grail.", &["timeseries p95 = percentile(dt.service.request.response_time, 95), by:{}"]),
        "field": text("Dynatrace: the field of the record that holds the number.", &["p95"]),
        "api": { "description": "Datadog: which API is asked. Default: v1.", "enum": ["v1", "v2", null] },
        "queries": { "description": "Datadog: the queries of a formula, as its API v2 takes them.", "type": "array", "minItems": 1, "maxItems": 26, "items": { "type": "object" } },
        "formula": text("Datadog: what is made of the queries, by their names.", &["errors / hits"]),
        "aggregator": text("Datadog: how each query becomes a number. Default: avg.", &["sum"]),
        "data_source": text("Datadog: where the data are. Default: metrics.", &["logs"]),
        "drop_incomplete": flag("Datadog: whether a last bucket that ends behind the window is left out. Default: true."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::sli_file::OPTIONS;

    #[test]
    fn every_option_that_is_read_is_described_and_no_other() {
        let described = option_properties();
        let mut described: Vec<&str> = described.keys().map(String::as_str).collect();
        let mut read = OPTIONS.to_vec();
        described.sort_unstable();
        read.sort_unstable();
        assert_eq!(described, read);
    }
}
