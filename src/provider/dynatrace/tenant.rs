//! A Dynatrace for tests: a small environment that checks who asks, with which parameters, and answers as the
//! documented API does. Its data begin at the start of the window of the tests, one point a minute.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::settings::DynatraceSettings;
use crate::net::test_server::{Received, Reply, TestServer};
use crate::net::{Auth, ClientCredentials, ConnectionSettings, Secret, TokenUrl};

/// The API token: of the right form, with characters that look alike in base64 and in a URL.
pub(super) const TOKEN: &str = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX.ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The platform token.
pub(super) const PLATFORM_TOKEN: &str = "dt0s16.PLATFORM/+=.hush";
/// The secret of the `OAuth` client.
pub(super) const CLIENT_SECRET: &str = "dt0s02.CLIENT.hush/+ client";
/// The token that the client gets.
const GIVEN_TOKEN: &str = "given-out-1";
/// The start of the data.
const START: i64 = 1_704_067_200_000;

/// A metric.
#[derive(Clone, Debug)]
pub(super) struct Metric {
    /// Each series: its host, and a value a minute.
    pub series: Vec<(&'static str, Vec<Option<f64>>)>,
    /// The aggregation where a selector names none.
    pub aggregation: &'static str,
    /// Whether `resolution=Inf` is known.
    pub takes_infinite: bool,
}

impl Metric {
    /// A metric with one series.
    pub(super) fn of(values: &[Option<f64>]) -> Self {
        Self {
            series: vec![("h1", values.to_vec())],
            aggregation: "avg",
            takes_infinite: true,
        }
    }
}

/// A query of Grail.
#[derive(Clone, Debug)]
pub(super) struct GrailQuery {
    /// How many polls it takes; 0 answers at once.
    pub polls: usize,
    /// The state in the end.
    pub end: &'static str,
    /// The result of a success.
    pub result: Value,
}

/// What the environment knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Tenant {
    /// What stands before every path.
    pub prefix: &'static str,
    /// What the API token may do; empty means everything.
    pub scopes: Vec<&'static str>,
    /// The metrics.
    pub metrics: BTreeMap<&'static str, Metric>,
    /// The SLOs.
    pub slos: BTreeMap<&'static str, Value>,
    /// The status of each problem.
    pub problems: Vec<&'static str>,
    /// The result of each USQL query.
    pub tables: BTreeMap<&'static str, Value>,
    /// The queries of Grail.
    pub grail: BTreeMap<&'static str, GrailQuery>,
    /// How many series a page has; 0 means all.
    pub page_size: usize,
    /// How many requests are too many, and the header that says how long to wait.
    pub throttled: (usize, Option<(&'static str, String)>),
    /// Whether refusals repeat what was sent.
    pub echoes: bool,
}

/// What changes while it runs.
#[derive(Debug, Default)]
struct Memory {
    /// The pages that are still to come, by key.
    pages: BTreeMap<String, (Vec<Value>, String)>,
    /// The polls of each running query, by token.
    running: BTreeMap<String, (String, usize)>,
    /// The queries that were stopped.
    cancelled: Vec<String>,
}

/// A tenant that runs.
pub(super) struct Running {
    /// The server.
    pub server: TestServer,
    /// What it remembers.
    memory: Arc<Mutex<Memory>>,
    /// What stands before every path.
    prefix: &'static str,
}

/// A refusal: status, message, and the parameter that is to blame.
type Refusal = (u16, String, Option<&'static str>);

impl Tenant {
    /// Starts the tenant.
    pub(super) async fn start(self) -> Running {
        let memory = Arc::new(Mutex::new(Memory::default()));
        let (own, prefix) = (Arc::clone(&memory), self.prefix);
        let server = TestServer::start(move |number, request| {
            let mut memory = own.lock().unwrap();
            if number < self.throttled.0 {
                return self.throttle();
            }
            match self.answer(request, &mut memory) {
                Ok((status, body)) => Reply::json(status, &body.to_string()),
                Err(refusal) => self.refuse(refusal, request),
            }
        })
        .await;
        Running {
            server,
            memory,
            prefix,
        }
    }

    /// Asks to slow down.
    fn throttle(&self) -> Reply {
        let body = json!({"error": {"code": 429, "message": "Too many requests"}});
        let reply = Reply::json(429, &body.to_string());
        match &self.throttled.1 {
            Some((name, value)) => reply.header(name, value),
            None => reply,
        }
    }

    /// Writes the error envelope.
    fn refuse(&self, (status, message, path): Refusal, request: &Received) -> Reply {
        let echo = if self.echoes {
            let sent = request.header("authorization").unwrap_or_default();
            let token = sent.split(' ').next_back().unwrap_or_default();
            let encoded = url::form_urlencoded::byte_serialize(token.as_bytes());
            let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, token);
            format!(
                " {sent} {} {base64} {}",
                encoded.collect::<String>(),
                request.body
            )
        } else {
            String::new()
        };
        let mut error = json!({"code": status, "message": format!("{message}{echo}")});
        if let Some(path) = path {
            error["constraintViolations"] =
                json!([{"path": path, "message": "is wrong", "parameterLocation": "QUERY"}]);
        }
        Reply::json(status, &json!({"error": error}).to_string())
    }

    /// Answers a request.
    fn answer(&self, request: &Received, memory: &mut Memory) -> Result<(u16, Value), Refusal> {
        let path = request.path.split('?').next().unwrap_or_default();
        let not_found = || (404, "no such place".to_owned(), None);
        let path = path.strip_prefix(self.prefix).ok_or_else(not_found)?;
        if path == "/sso/oauth2/token" {
            return give_token(request);
        }
        if let Some(verb) = path.strip_prefix("/platform/storage/query/v1/query:") {
            check_bearer(request)?;
            return self.grail(verb, request, memory);
        }
        let metric = path.strip_prefix("/api/v2/metrics/");
        let scope = match path {
            _ if metric.is_some() || path == "/api/v2/metrics" => "metrics.read",
            "/api/v2/problems" => "problems.read",
            "/api/v2/securityProblems" => "securityProblems.read",
            "/api/v1/userSessionQueryLanguage/table" => "DTAQLAccess",
            _ if path.starts_with("/api/v2/slo/") => "slo.read",
            _ => return Err(not_found()),
        };
        self.check_token(request, scope)?;
        let body = match (path, metric) {
            ("/api/v2/metrics/query", _) => self.data_points(request, memory)?,
            ("/api/v2/metrics", _) => json!({"totalCount": self.metrics.len(), "metrics": []}),
            (_, Some(selector)) => self.descriptor(&decoded(selector))?,
            ("/api/v2/problems", _) => self.count(request, "problemSelector")?,
            ("/api/v2/securityProblems", _) => self.count(request, "securityProblemSelector")?,
            ("/api/v1/userSessionQueryLanguage/table", _) => self.table(request)?,
            _ => self.slo(path, request)?,
        };
        Ok((200, body))
    }

    fn check_token(&self, request: &Received, scope: &'static str) -> Result<(), Refusal> {
        if request.method != "GET" {
            return Err((405, "only GET".to_owned(), None));
        }
        if request.header("authorization") != Some(&format!("Api-Token {TOKEN}")) {
            return Err((401, "Token Authentication failed".to_owned(), None));
        }
        if !self.scopes.is_empty() && !self.scopes.contains(&scope) {
            let message = format!("Token is missing required scope. Use one of: {scope}");
            return Err((403, message, None));
        }
        Ok(())
    }

    fn data_points(&self, request: &Received, memory: &mut Memory) -> Result<Value, Refusal> {
        if let Some(key) = request.parameter("nextPageKey") {
            only(request, &["nextPageKey"])?;
            let gone = || (400, "no such page".to_owned(), Some("nextPageKey"));
            let (rows, resolution) = memory.pages.remove(&key).ok_or_else(gone)?;
            return Ok(self.page(rows, &resolution, memory));
        }
        let known = [
            "metricSelector",
            "entitySelector",
            "resolution",
            "mzSelector",
            "from",
            "to",
        ];
        only(request, &known)?;
        let (from, to) = window(request, "from", "to")?;
        let selector = request.parameter("metricSelector");
        let selector = selector.ok_or((400, "missing".to_owned(), Some("metricSelector")))?;
        let resolution = request
            .parameter("resolution")
            .unwrap_or_else(|| "1m".to_owned());
        let mut rows = Vec::new();
        for part in separate(&selector) {
            rows.extend(self.series(&part, &resolution, from, to)?);
        }
        Ok(self.page(rows, &resolution, memory))
    }

    /// Sends as many series as fit a page.
    fn page(&self, mut rows: Vec<Value>, resolution: &str, memory: &mut Memory) -> Value {
        let size = if self.page_size == 0 {
            rows.len()
        } else {
            self.page_size
        };
        let rest = rows.split_off(size.min(rows.len()));
        let next = (!rest.is_empty()).then(|| {
            let key = format!("page/+={}", memory.pages.len() + rest.len());
            memory
                .pages
                .insert(key.clone(), (rest, resolution.to_owned()));
            key
        });
        let mut result: Vec<Value> = Vec::new();
        for row in rows {
            let (metric, series) = (row["metricId"].clone(), row["series"].clone());
            match result.iter_mut().find(|known| known["metricId"] == metric) {
                Some(known) => known["data"].as_array_mut().unwrap().push(series),
                None if series.is_null() => result.push(json!({"metricId": metric, "data": []})),
                None => result.push(json!({"metricId": metric, "data": [series]})),
            }
        }
        json!({"totalCount": result.len(), "nextPageKey": next, "resolution": resolution, "result": result})
    }

    /// Evaluates a selector: a key, and transformations of it.
    fn series(
        &self,
        selector: &str,
        resolution: &str,
        from: i64,
        to: i64,
    ) -> Result<Vec<Value>, Refusal> {
        let wrong = |why: String| (400, why, Some("metricSelector"));
        let (inner, folds) = match selector.strip_suffix(":fold") {
            Some(inner) => (inner.trim_start_matches('(').trim_end_matches(')'), true),
            None => (selector, false),
        };
        let (key, metric) = self
            .metric(inner)
            .ok_or_else(|| wrong(format!("The metric key {inner} is unknown")))?;
        let mut aggregation = metric.aggregation;
        let mut rows: Vec<(&str, Vec<Option<f64>>)> = metric
            .series
            .iter()
            .map(|(host, values)| (*host, within(values, from, to)))
            .collect();
        for transformation in inner[key.len()..].split(':').skip(1) {
            match transformation.split('(').next().unwrap_or_default() {
                name @ ("avg" | "max" | "min" | "sum") => {
                    aggregation = ["avg", "max", "min", "sum"]
                        .into_iter()
                        .find(|known| *known == name)
                        .unwrap();
                }
                "splitBy" | "merge" => rows = vec![("", merged(&rows, aggregation))],
                other => return Err(wrong(format!("unknown transformation {other}"))),
            }
        }
        if resolution == "Inf" && !metric.takes_infinite {
            return Err((
                400,
                "resolution Inf is not supported".to_owned(),
                Some("resolution"),
            ));
        }
        if resolution == "Inf" || folds {
            if aggregation == "value" {
                return Err(wrong("the metric can't be folded".to_owned()));
            }
            for (_, values) in &mut rows {
                *values = vec![aggregate(values, aggregation)];
            }
        }
        let row = |(host, values): &(&str, Vec<Option<f64>>)| {
            let map = if host.is_empty() {
                json!({})
            } else {
                json!({"dt.entity.host": host})
            };
            let times: Vec<i64> = (1..)
                .map(|n| from + n * 60_000)
                .take(values.len())
                .collect();
            json!({"metricId": selector, "series": {"dimensions": [], "dimensionMap": map, "timestamps": times, "values": values}})
        };
        if rows.is_empty() {
            return Ok(vec![json!({"metricId": selector, "series": null})]);
        }
        Ok(rows.iter().map(row).collect())
    }

    /// Finds the metric whose key a selector begins with.
    fn metric(&self, selector: &str) -> Option<(&str, &Metric)> {
        let found = self.metrics.iter().filter(|(key, _)| {
            let rest = selector.strip_prefix(**key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        });
        found
            .map(|(key, metric)| (*key, metric))
            .max_by_key(|(key, _)| key.len())
    }

    fn descriptor(&self, selector: &str) -> Result<Value, Refusal> {
        let unknown = || (404, format!("The metric key {selector} is unknown"), None);
        let (key, metric) = self.metric(selector).ok_or_else(unknown)?;
        Ok(json!({
            "metricId": key,
            "unit": "MicroSecond",
            "defaultAggregation": {"type": metric.aggregation},
            "resolutionInfSupported": metric.takes_infinite,
        }))
    }

    fn slo(&self, path: &str, request: &Received) -> Result<Value, Refusal> {
        only(request, &["from", "to", "timeFrame"])?;
        window(request, "from", "to")?;
        if request.parameter("timeFrame").as_deref() != Some("GTF") {
            return Err((400, "from and to need GTF".to_owned(), Some("timeFrame")));
        }
        let id = decoded(path.trim_start_matches("/api/v2/slo/"));
        let found = self.slos.get(id.as_str()).cloned();
        found.ok_or_else(|| (404, format!("No SLO found with id {id}"), None))
    }

    fn count(&self, request: &Received, selector: &'static str) -> Result<Value, Refusal> {
        only(request, &["from", "to", selector, "entitySelector"])?;
        window(request, "from", "to")?;
        let wanted = request.parameter(selector).unwrap_or_default();
        let count = self.problems.iter().filter(|status| {
            !wanted.contains("status(") || wanted.contains(&format!("status(\"{status}\")"))
        });
        Ok(json!({"totalCount": count.count(), "pageSize": 50, "problems": []}))
    }

    fn table(&self, request: &Received) -> Result<Value, Refusal> {
        let known = [
            "query",
            "explain",
            "addDeepLinkFields",
            "startTimestamp",
            "endTimestamp",
        ];
        only(request, &known)?;
        window(request, "startTimestamp", "endTimestamp")?;
        let query = request.parameter("query").unwrap_or_default();
        let found = self.tables.get(query.as_str()).cloned();
        found.ok_or_else(|| (400, "Invalid USQL".to_owned(), Some("query")))
    }

    fn grail(
        &self,
        verb: &str,
        request: &Received,
        memory: &mut Memory,
    ) -> Result<(u16, Value), Refusal> {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let token = request.parameter("request-token").unwrap_or_default();
        let query = match verb {
            "execute" | "verify" => body["query"].as_str().unwrap_or_default().to_owned(),
            _ => memory
                .running
                .get(&token)
                .map(|(query, _)| query.clone())
                .unwrap_or_default(),
        };
        let known = self.grail.get(query.as_str());
        match (verb, request.method.as_str(), known) {
            ("verify", "POST", _) => Ok((200, json!({"valid": true}))),
            ("execute", "POST", Some(known)) => {
                let instant = |name: &str| {
                    body[name]
                        .as_str()
                        .and_then(|text| text.parse::<jiff::Timestamp>().ok())
                };
                match (
                    instant("defaultTimeframeStart"),
                    instant("defaultTimeframeEnd"),
                ) {
                    (Some(start), Some(end)) if start < end => {}
                    _ => return Err((400, "INVALID_TIMEFRAME".to_owned(), None)),
                }
                if known.polls == 0 {
                    return Ok((200, state(known)));
                }
                let token = format!("req/{}+=", memory.running.len());
                memory.running.insert(token.clone(), (query, 0));
                Ok((
                    202,
                    json!({"state": "RUNNING", "requestToken": token, "ttlSeconds": 60}),
                ))
            }
            ("execute", "POST", None) => Err((400, "PARSE_ERROR".to_owned(), None)),
            ("poll", "GET", Some(known)) => {
                let (_, polls) = memory.running.get_mut(&token).unwrap();
                *polls += 1;
                if *polls < known.polls {
                    return Ok((200, json!({"state": "RUNNING", "progress": 10})));
                }
                Ok((200, state(known)))
            }
            ("cancel", "POST", Some(_)) => {
                memory.running.remove(&token);
                memory.cancelled.push(query);
                Ok((202, json!({"state": "CANCELLED"})))
            }
            _ => Err((410, "the query is gone".to_owned(), None)),
        }
    }
}

impl Running {
    /// Returns the settings that reach both APIs.
    pub(super) fn settings(&self) -> DynatraceSettings {
        let url = format!("{}{}", self.server.url(), self.prefix);
        let hurried = |mut connection: ConnectionSettings, auth: Auth| {
            connection.auth = auth;
            connection.retry.base = std::time::Duration::from_millis(1);
            connection
        };
        let token = Auth::Header {
            name: "Authorization".to_owned(),
            scheme: Some("Api-Token".to_owned()),
            value: Secret::new(TOKEN),
        };
        let bearer = Auth::Bearer(Secret::new(PLATFORM_TOKEN));
        DynatraceSettings {
            environment: Some(hurried(
                DynatraceSettings::environment(&url).unwrap(),
                token,
            )),
            platform: Some(hurried(DynatraceSettings::platform(&url).unwrap(), bearer)),
        }
    }

    /// Returns how an `OAuth` client proves who it is.
    pub(super) fn client(&self) -> Auth {
        let token_url = format!("{}/sso/oauth2/token", self.server.url());
        let token_url = TokenUrl::parse(&token_url).unwrap();
        let secret = Secret::new(CLIENT_SECRET);
        let mut client = ClientCredentials::new(token_url, "dt0s02.CLIENT", secret);
        client.scope = Some(DynatraceSettings::SCOPE.to_owned());
        client.resource = Some("urn:dtenvironment:abc".to_owned());
        Auth::OAuth2(Box::new(client))
    }

    /// Returns the queries that were stopped.
    pub(super) fn cancelled(&self) -> Vec<String> {
        self.memory.lock().unwrap().cancelled.clone()
    }
}

/// Gives out a token.
fn give_token(request: &Received) -> Result<(u16, Value), Refusal> {
    let expected = [
        ("grant_type", "client_credentials"),
        ("client_id", "dt0s02.CLIENT"),
        ("client_secret", CLIENT_SECRET),
        ("scope", DynatraceSettings::SCOPE),
        ("resource", "urn:dtenvironment:abc"),
    ];
    for (name, value) in expected {
        if request.form(name).as_deref() != Some(value) {
            return Err((400, format!("invalid {name}"), None));
        }
    }
    let token = json!({"access_token": GIVEN_TOKEN, "token_type": "Bearer", "expires_in": 300});
    Ok((200, token))
}

fn check_bearer(request: &Received) -> Result<(), Refusal> {
    let sent = request.header("authorization").unwrap_or_default();
    let known = [PLATFORM_TOKEN, GIVEN_TOKEN].map(|token| format!("Bearer {token}"));
    if known.iter().any(|token| token == sent) {
        return Ok(());
    }
    Err((401, "Unauthorized".to_owned(), None))
}

/// Returns the end of a query.
fn state(known: &GrailQuery) -> Value {
    if known.end == "SUCCEEDED" {
        return json!({"state": "SUCCEEDED", "result": known.result, "progress": 100});
    }
    json!({"state": known.end})
}

/// Refuses parameters that are not known.
fn only(request: &Received, known: &[&str]) -> Result<(), Refusal> {
    let query = request.path.split_once('?').map_or("", |(_, query)| query);
    let odd = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| !known.contains(&name.as_ref()));
    match odd {
        Some((name, _)) => Err((400, format!("{name} does not belong here"), Some("query"))),
        None => Ok(()),
    }
}

/// Reads a window of whole seconds in milliseconds.
fn window(request: &Received, from: &'static str, to: &'static str) -> Result<(i64, i64), Refusal> {
    let read = |name: &'static str| {
        let number = request
            .parameter(name)
            .and_then(|text| text.parse::<i64>().ok());
        let number = number.filter(|number| number % 1000 == 0);
        number.ok_or((400, "no whole second".to_owned(), Some(name)))
    };
    let (from, to) = (read(from)?, read(to)?);
    if from >= to {
        return Err((400, "from must be before to".to_owned(), Some("from")));
    }
    Ok((from, to))
}

/// Splits at the commas that stand outside of parentheses.
fn separate(selector: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for character in selector.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(character);
    }
    parts
}

/// Returns the values of the minutes within a window.
fn within(values: &[Option<f64>], from: i64, to: i64) -> Vec<Option<f64>> {
    let minutes = values.iter().zip(0..).filter(|(_, minute)| {
        let at = START + minute * 60_000;
        (from..to).contains(&at)
    });
    minutes.map(|(value, _)| *value).collect()
}

/// Merges series, minute by minute.
fn merged(rows: &[(&str, Vec<Option<f64>>)], aggregation: &str) -> Vec<Option<f64>> {
    let longest = rows
        .iter()
        .map(|(_, values)| values.len())
        .max()
        .unwrap_or(0);
    let minute = |at: usize| {
        let values: Vec<Option<f64>> = rows
            .iter()
            .filter_map(|(_, values)| values.get(at).copied())
            .collect();
        aggregate(&values, aggregation)
    };
    (0..longest).map(minute).collect()
}

/// Makes one value of several; null where all are.
fn aggregate(values: &[Option<f64>], aggregation: &str) -> Option<f64> {
    let values: Vec<f64> = values.iter().flatten().copied().collect();
    let first = *values.first()?;
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let count = values.len() as f64;
    Some(match aggregation {
        "max" => values.iter().copied().fold(first, f64::max),
        "min" => values.iter().copied().fold(first, f64::min),
        "sum" => values.iter().sum(),
        _ => values.iter().sum::<f64>() / count,
    })
}

/// Decodes a segment of a path.
fn decoded(text: &str) -> String {
    let form = format!("x={}", text.replace('+', "%2B"));
    let found = url::form_urlencoded::parse(form.as_bytes()).next();
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
