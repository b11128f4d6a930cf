//! A Datadog for tests: it checks both keys, the parameters and the window, keeps points in buckets that begin at
//! multiples of their length, counts requests against a limit, and answers as the documented API does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::settings::{DatadogSettings, Keys};
use crate::net::test_server::{Received, Reply, TestServer};
use crate::net::{ConnectionSettings, Secret};

/// The API key.
pub(super) const API_KEY: &str = "api-key/+= 0123456789";
/// The application key.
pub(super) const APP_KEY: &str = "app-key/+= 9876543210";

/// A metric: for each host the time of each sample, in seconds after the start of the data, and its value.
#[derive(Clone, Debug, Default)]
pub(super) struct Metric {
    /// The samples of each host.
    pub hosts: Vec<(&'static str, Vec<(i64, Option<f64>)>)>,
    /// The short name of the unit.
    pub unit: Option<&'static str>,
}

impl Metric {
    /// A metric of one host.
    pub(super) fn of(samples: &[(i64, Option<f64>)]) -> Self {
        Self {
            hosts: vec![("a", samples.to_vec())],
            unit: Some("s"),
        }
    }
}

/// What the organisation has.
#[derive(Clone, Debug, Default)]
pub(super) struct Organisation {
    /// The metrics.
    pub metrics: BTreeMap<&'static str, Metric>,
    /// The number of logs that match each search.
    pub logs: BTreeMap<&'static str, u64>,
    /// How many requests are too many, and how many seconds to wait then.
    pub throttled: (usize, &'static str),
    /// Whether refusals repeat the keys.
    pub echoes: bool,
}

/// The start of the data: the window of the tests.
const START: i64 = 1_704_067_200;
/// How many seconds a bucket has.
const BUCKET: i64 = 60;

/// A refusal: status and message.
type Refusal = (u16, String);

impl Organisation {
    /// Starts the organisation.
    pub(super) async fn start(self) -> TestServer {
        TestServer::start(move |number, request| {
            if number < self.throttled.0 {
                return Reply::json(
                    429,
                    r#"{"errors":["Rate limit of 1 requests in 10 seconds reached."]}"#,
                )
                .header("X-RateLimit-Limit", "1")
                .header("X-RateLimit-Period", "10")
                .header("X-RateLimit-Remaining", "0")
                .header("X-RateLimit-Reset", self.throttled.1);
            }
            match self.answer(request) {
                Ok(body) => Reply::json(200, &body.to_string()).header("X-RateLimit-Reset", "3000"),
                Err((status, message)) => {
                    let echo = if self.echoes {
                        echo(request)
                    } else {
                        String::new()
                    };
                    Reply::json(
                        status,
                        &json!({"errors": [format!("{message}{echo}")]}).to_string(),
                    )
                }
            }
        })
        .await
    }

    fn answer(&self, request: &Received) -> Result<Value, Refusal> {
        let path = request.path.split('?').next().unwrap_or_default();
        if request.header("dd-api-key") != Some(API_KEY) {
            return Err((403, "Forbidden".to_owned()));
        }
        if path == "/api/v1/validate" {
            return Ok(json!({"valid": true}));
        }
        if request.header("dd-application-key") != Some(APP_KEY) {
            return Err((403, "Forbidden".to_owned()));
        }
        match (request.method.as_str(), path) {
            ("GET", "/api/v1/query") => self.points(request),
            ("POST", "/api/v2/query/scalar") => self.scalar(&request.body),
            _ => Err((404, "Not found".to_owned())),
        }
    }

    /// Answers a query of v1. What it cannot read it tells under HTTP 200, as Datadog does.
    fn points(&self, request: &Received) -> Result<Value, Refusal> {
        let number = |name: &str| {
            request
                .parameter(name)
                .and_then(|text| text.parse::<i64>().ok())
        };
        let (Some(from), Some(to), Some(query)) =
            (number("from"), number("to"), request.parameter("query"))
        else {
            return Err((400, "missing parameter".to_owned()));
        };
        if from >= to {
            return Err((400, "from must be before to".to_owned()));
        }
        let Some((name, by_host)) = parsed(&query) else {
            return Ok(
                json!({"status": "error", "error": format!("Rule 'scope_expr' didn't match at '{query}'"), "series": []}),
            );
        };
        let metric = self.metrics.get(name.as_str()).cloned().unwrap_or_default();
        let hosts = if by_host {
            metric.hosts.clone()
        } else {
            together(&metric)
        };
        let series: Vec<Value> = hosts
            .iter()
            .map(|(host, samples)| {
                let scope = if by_host { format!("host:{host}") } else { "*".to_owned() };
                let points = buckets(samples, from, to);
                json!({"metric": name, "display_name": name, "scope": scope, "interval": BUCKET, "length": points.len(), "aggr": "avg", "pointlist": points, "unit": [{"name": "second", "short_name": metric.unit}, null], "expression": query})
            })
            .filter(|series| !series["pointlist"].as_array().unwrap().is_empty())
            .collect();
        Ok(
            json!({"status": "ok", "res_type": "time_series", "from_date": from * 1000, "to_date": to * 1000, "query": query, "message": "", "series": series}),
        )
    }

    fn scalar(&self, body: &str) -> Result<Value, Refusal> {
        let bad = |message: &str| (400, message.to_owned());
        let body: Value = serde_json::from_str(body).map_err(|_| bad("no JSON"))?;
        if body["data"]["type"] != "scalar_request" {
            return Err(bad("invalid type"));
        }
        let attributes = &body["data"]["attributes"];
        let (Some(from), Some(to)) = (attributes["from"].as_i64(), attributes["to"].as_i64())
        else {
            return Err(bad("from and to must be milliseconds"));
        };
        let mut found: BTreeMap<String, Vec<(String, Option<f64>)>> = BTreeMap::new();
        for query in attributes["queries"]
            .as_array()
            .ok_or_else(|| bad("no queries"))?
        {
            let name = query["name"].as_str().ok_or_else(|| bad("no name"))?;
            found.insert(name.to_owned(), self.rows(query, from / 1000, to / 1000)?);
        }
        let formulas = attributes["formulas"].as_array();
        let formula = formulas.and_then(|all| all.first()?["formula"].as_str());
        let rows = computed(formula.ok_or_else(|| bad("no formula"))?, &found)?;
        let mut columns = Vec::new();
        if rows.iter().any(|(group, _)| !group.is_empty()) {
            let keys: Vec<Value> = rows.iter().map(|(group, _)| json!([group])).collect();
            columns.push(json!({"name": "host", "type": "group", "values": keys}));
        }
        let values: Vec<Option<f64>> = rows.iter().map(|(_, value)| *value).collect();
        columns.push(json!({"name": formula, "type": "number", "values": values, "meta": {"unit": [{"name": "second", "short_name": "s"}, null]}}));
        Ok(
            json!({"data": {"id": "0", "type": "scalar_response", "attributes": {"columns": columns}}}),
        )
    }

    /// Answers one of the queries of a formula.
    fn rows(
        &self,
        query: &Value,
        from: i64,
        to: i64,
    ) -> Result<Vec<(String, Option<f64>)>, Refusal> {
        let bad = |message: &str| (400, message.to_owned());
        match query["data_source"].as_str() {
            Some("metrics") => {
                let text = query["query"].as_str().ok_or_else(|| bad("no query"))?;
                let aggregator = query["aggregator"]
                    .as_str()
                    .ok_or_else(|| bad("no aggregator"))?;
                let (name, by_host) = parsed(text).ok_or_else(|| bad("cannot parse the query"))?;
                let metric = self.metrics.get(name.as_str()).cloned().unwrap_or_default();
                let hosts = if by_host {
                    metric.hosts
                } else {
                    together(&metric)
                };
                Ok(hosts
                    .iter()
                    .map(|(host, samples)| {
                        let group = if by_host {
                            (*host).to_owned()
                        } else {
                            String::new()
                        };
                        (group, aggregated(&within(samples, from, to), aggregator))
                    })
                    .collect())
            }
            Some("logs") => {
                let search = query["search"]["query"]
                    .as_str()
                    .ok_or_else(|| bad("no search"))?;
                if query["compute"]["aggregation"] != "count" {
                    return Err(bad("no compute"));
                }
                let count = self
                    .logs
                    .get(search)
                    .and_then(|count| u32::try_from(*count).ok());
                Ok(vec![(String::new(), count.map(f64::from))])
            }
            _ => Err(bad("unknown data source")),
        }
    }
}

/// Returns the settings that reach a server.
pub(super) fn settings(server: &TestServer) -> DatadogSettings {
    let mut connection = DatadogSettings::connection(&server.url()).unwrap();
    connection.retry.base = std::time::Duration::from_millis(1);
    with_keys(connection, API_KEY, APP_KEY)
}

/// Returns the settings of a connection with two keys.
pub(super) fn with_keys(
    connection: ConnectionSettings,
    api: &str,
    application: &str,
) -> DatadogSettings {
    let keys = Keys {
        api: Secret::new(api),
        application: Secret::new(application),
    };
    DatadogSettings::new(connection, keys)
}

/// Repeats both keys, plain, in base64, and as in a URL.
fn echo(request: &Received) -> String {
    let mut echo = String::new();
    for name in ["dd-api-key", "dd-application-key"] {
        let key = request.header(name).unwrap_or_default();
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key);
        let encoded: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        echo.push_str(&format!(" {key} {base64} {encoded}"));
    }
    echo
}

/// Reads `avg:NAME{…}`, with `by {host}` behind it or not.
fn parsed(query: &str) -> Option<(String, bool)> {
    let (_, rest) = query.split_once(':')?;
    let (name, rest) = rest.split_once('{')?;
    let (_, rest) = rest.split_once('}')?;
    Some((name.to_owned(), rest.contains("by {host}")))
}

/// Returns the samples of all hosts as those of one.
fn together(metric: &Metric) -> Vec<(&'static str, Vec<(i64, Option<f64>)>)> {
    let all: Vec<_> = metric
        .hosts
        .iter()
        .flat_map(|(_, samples)| samples.clone())
        .collect();
    if all.is_empty() {
        Vec::new()
    } else {
        vec![("", all)]
    }
}

/// Returns the values of the samples within a window.
fn within(samples: &[(i64, Option<f64>)], from: i64, to: i64) -> Vec<f64> {
    let inside = samples
        .iter()
        .filter(|(at, _)| (from..to).contains(&(START + at)));
    inside.filter_map(|(_, value)| *value).collect()
}

/// Returns a point for each bucket with samples: its start in milliseconds, and the mean, or null.
fn buckets(samples: &[(i64, Option<f64>)], from: i64, to: i64) -> Vec<Value> {
    let mut buckets: BTreeMap<i64, Vec<Option<f64>>> = BTreeMap::new();
    for (at, value) in samples
        .iter()
        .filter(|(at, _)| (from..to).contains(&(START + at)))
    {
        let start = (START + at).div_euclid(BUCKET) * BUCKET;
        buckets.entry(start).or_default().push(*value);
    }
    let point = |(start, values): (i64, Vec<Option<f64>>)| {
        let numbers: Vec<f64> = values.into_iter().flatten().collect();
        json!([start * 1000, aggregated(&numbers, "avg")])
    };
    buckets.into_iter().map(point).collect()
}

/// Makes one value of several.
fn aggregated(values: &[f64], aggregator: &str) -> Option<f64> {
    let first = *values.first()?;
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let count = values.len() as f64;
    match aggregator {
        "avg" | "mean" => Some(values.iter().sum::<f64>() / count),
        "sum" => Some(values.iter().sum()),
        "max" => Some(values.iter().copied().fold(first, f64::max)),
        "min" => Some(values.iter().copied().fold(first, f64::min)),
        "last" => values.last().copied(),
        _ => None,
    }
}

/// Computes `a`, or `a / b`.
fn computed(
    formula: &str,
    found: &BTreeMap<String, Vec<(String, Option<f64>)>>,
) -> Result<Vec<(String, Option<f64>)>, Refusal> {
    let rows = |name: &str| {
        let rows = found.get(name.trim()).cloned();
        rows.ok_or_else(|| (400, format!("unknown query {name}")))
    };
    let Some((above, below)) = formula.split_once('/') else {
        return rows(formula);
    };
    let (above, below) = (rows(above)?, rows(below)?);
    let divided = above
        .into_iter()
        .zip(below)
        .map(|((group, above), (_, below))| {
            let below = below.filter(|below| *below != 0.0);
            (group, above.zip(below).map(|(above, below)| above / below))
        });
    Ok(divided.collect())
}
