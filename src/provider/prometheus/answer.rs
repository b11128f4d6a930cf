//! What an answer of Prometheus comes to. Nothing here sends or waits.

use prometheus_http_query::response::{Data, InstantVector};
use serde::Deserialize;
use serde_json::Value;

use super::defaults;
use crate::gate::{Context, FailureKind, FetchFailure};
use crate::net::{Answer, Redactor, SendFailure};
use crate::provider::answered::{Found, Number};
use crate::provider::transport;

/// How much of a page that is no answer is shown.
const PAGE_BYTES: usize = 200;
/// How much of the server's own message is shown.
const MESSAGE_BYTES: usize = 600;

/// What an answer comes to, without anything the request says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Understood {
    /// The number, or why there is none.
    pub found: Found,
    /// How many samples the query looked at.
    pub samples: Option<u64>,
    /// What the server wants the user to know.
    pub warnings: Vec<String>,
}

impl Understood {
    /// Wraps what was found, which says everything.
    fn only(found: Found) -> Self {
        Self {
            found,
            samples: None,
            warnings: Vec::new(),
        }
    }
}

/// What was asked.
pub(super) struct Topic<'t> {
    /// The query.
    pub query: &'t str,
    /// What it was made of.
    pub context: &'t Context,
}

/// The envelope of every answer of the API.
#[derive(Deserialize)]
struct Envelope {
    /// Whether there is an error; an error may come with data, which then do not count.
    status: Status,
    /// The result.
    data: Option<Value>,
    /// The kind of the error.
    #[serde(rename = "errorType")]
    error_type: Option<String>,
    /// The error in words.
    error: Option<String>,
    /// What may be wrong with the data.
    warnings: Option<Vec<String>>,
    /// What may be wrong with the query.
    infos: Option<Vec<String>>,
}

/// `status` of the envelope.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// There are data.
    Success,
    /// There is an error.
    Error,
}

/// Says what an answer to a query comes to. Whatever is repeated of it passes through the redactor.
pub(super) fn understand(answer: &Answer, topic: &Topic<'_>, redactor: &Redactor) -> Understood {
    let envelope = match serde_json::from_slice::<Envelope>(&answer.body) {
        Ok(envelope) => envelope,
        Err(error) => return Understood::only(foreign(answer, &error, redactor)),
    };
    let (warnings, infos) = (envelope.warnings.as_ref(), envelope.infos.as_ref());
    let remarks = warnings.into_iter().chain(infos).flatten();
    let warnings = remarks.map(|text| redactor.excerpt(text.as_bytes(), MESSAGE_BYTES));
    let is_success = (200..300).contains(&answer.status);
    Understood {
        found: match (envelope.status, &envelope.data) {
            (Status::Success, Some(data)) if is_success => result(data, topic, redactor),
            (Status::Success, _) => Found::failed(
                transport::by_status(answer.status).unwrap_or(FailureKind::BadAnswer),
                shown(answer, redactor),
            ),
            (Status::Error, _) => refusal(answer, &envelope, redactor),
        },
        samples: envelope
            .data
            .as_ref()
            .and_then(|data| data.pointer("/stats/samples/totalQueryableSamples"))
            .and_then(Value::as_u64),
        warnings: warnings.collect(),
    }
}

/// Says why an answer to a query is none; nothing where it is one, whatever it holds.
pub(super) fn objection(answer: &Answer, redactor: &Redactor) -> Option<FetchFailure> {
    let found = match serde_json::from_slice::<Envelope>(&answer.body) {
        Ok(envelope) => match (envelope.status, &envelope.data) {
            (Status::Success, Some(_)) if (200..300).contains(&answer.status) => return None,
            (Status::Success, _) => Found::failed(
                transport::by_status(answer.status).unwrap_or(FailureKind::BadAnswer),
                shown(answer, redactor),
            ),
            (Status::Error, _) => refusal(answer, &envelope, redactor),
        },
        Err(error) => foreign(answer, &error, redactor),
    };
    match found {
        Found::Failed(failure) => Some(failure),
        Found::Numbers(_) | Found::Nothing(_) => None,
    }
}

/// Says why there is no answer at all.
pub(super) fn excuse(failure: &SendFailure) -> Understood {
    Understood::only(Found::Failed(transport::excuse(failure)))
}

/// Says what the server's own error comes to.
fn refusal(answer: &Answer, envelope: &Envelope, redactor: &Redactor) -> Found {
    let error_type = envelope.error_type.as_deref().unwrap_or_default();
    let kind = match (transport::by_status(answer.status), error_type) {
        (Some(kind @ (FailureKind::NotAuthorised | FailureKind::Throttled)), _) => kind,
        (Some(FailureKind::Unavailable), "bad_data" | "execution") => FailureKind::Unavailable,
        (_, "bad_data" | "execution") => FailureKind::BadQuery,
        (_, "timeout" | "canceled" | "unavailable" | "internal") => FailureKind::Unavailable,
        (_, "not_found") => FailureKind::BadAnswer,
        (Some(kind), _) => kind,
        (None, _) if matches!(answer.status, 400 | 422) => FailureKind::BadQuery,
        (None, _) => FailureKind::BadAnswer,
    };
    let Some(text) = &envelope.error else {
        return Found::failed(kind, shown(answer, redactor));
    };
    let text = redactor.excerpt(text.as_bytes(), MESSAGE_BYTES);
    let error_type = match error_type {
        "" => String::new(),
        word => format!(", {}", redactor.excerpt(word.as_bytes(), PAGE_BYTES)),
    };
    Found::failed(
        kind,
        format!("Prometheus answered {}{error_type}: {text}", answer.status),
    )
}

/// Says what an answer comes to that is not one of the API: a proxy, a login page, another program.
fn foreign(answer: &Answer, error: &serde_json::Error, redactor: &Redactor) -> Found {
    let shown = shown(answer, redactor);
    if let Some(kind) = transport::by_status(answer.status) {
        return Found::failed(kind, shown);
    }
    match answer.status {
        404 => Found::failed(
            FailureKind::BadAnswer,
            format!("{shown}; does the URL have the right path, such as `/prometheus`?"),
        ),
        400 | 422 if !transport::is_html(answer) => Found::failed(FailureKind::BadQuery, shown),
        200..300 if error.is_eof() && !answer.body.is_empty() => Found::failed(
            FailureKind::BadAnswer,
            format!("the JSON of the answer breaks off: {shown}"),
        ),
        _ => Found::failed(FailureKind::BadAnswer, shown),
    }
}

/// Shows an answer that cannot be used.
fn shown(answer: &Answer, redactor: &Redactor) -> String {
    transport::shown(answer, "Prometheus", redactor)
}

/// Says what the data of an answer come to.
fn result(data: &Value, topic: &Topic<'_>, redactor: &Redactor) -> Found {
    let result_type = data.get("resultType").and_then(Value::as_str);
    if result_type == Some("string") {
        let message = "the query yields a text, not a number; ask for a metric";
        return Found::failed(FailureKind::BadQuery, message);
    }
    if has_histogram(data) {
        return Found::failed(
            FailureKind::BadQuery,
            "the query yields a native histogram, not a number; take one out of it with `histogram_quantile(0.95, …)`",
        );
    }
    match Data::deserialize(data) {
        Ok(Data::Scalar(sample)) => Found::number(sample.value()),
        Ok(Data::Vector(series)) if series.is_empty() => Found::Nothing(nothing(topic)),
        Ok(Data::Vector(series)) => {
            let number = |one: &InstantVector| Number {
                value: one.sample().value(),
                name: redactor.excerpt(name(one).as_bytes(), PAGE_BYTES),
            };
            Found::Numbers(series.iter().map(number).collect())
        }
        Ok(Data::Matrix(_)) => Found::failed(
            FailureKind::BadQuery,
            "the query yields a range of values; wrap it in a function such as `rate(…)` or `avg_over_time(…)`",
        ),
        Err(error) => Found::failed(
            FailureKind::BadAnswer,
            format!(
                "the result cannot be read: {}",
                redactor.redact(&error.to_string())
            ),
        ),
    }
}

/// Tells whether a vector holds a histogram in place of a number.
fn has_histogram(data: &Value) -> bool {
    let result = data.get("result").and_then(Value::as_array);
    result
        .into_iter()
        .flatten()
        .any(|series| series.get("histogram").is_some())
}

/// Says why a query may have matched nothing.
fn nothing(topic: &Topic<'_>) -> String {
    let Topic { query, context } = topic;
    let window = context.window;
    let (start, end) = (window.start(), window.end());
    let head = format!("query did not return any values between {start} and {end}");
    if let Some(job) = defaults::implicit_job(context).filter(|job| query.contains(job)) {
        return format!(
            "{head}; the built-in query asks for {job}: if your job has another name, set `job` under `filter` in the SLO"
        );
    }
    let needs_two = ["rate(", "increase(", "delta("];
    if window.seconds() < 120 && needs_two.iter().any(|function| query.contains(function)) {
        return format!(
            "{head}; a rate needs two scrapes within the window, which is only {} s long",
            window.seconds()
        );
    }
    format!("{head}; is the metric scraped, and was there any traffic?")
}

/// Returns a series as PromQL writes it, labels in order.
fn name(series: &InstantVector) -> String {
    let mut labels: Vec<_> = series.metric().iter().collect();
    labels.sort();
    let metric = series.metric().get("__name__").map_or("", String::as_str);
    let matchers: Vec<_> = labels
        .into_iter()
        .filter(|(label, _)| *label != "__name__")
        .map(|(label, value)| format!("{label}=\"{value}\""))
        .collect();
    format!("{metric}{{{}}}", matchers.join(","))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::gate::{FetchFailure, Outcome, ProviderName};
    use crate::provider::answered::Answered;
    use crate::provider::contract::{context, requests};

    fn page(status: u16, content_type: &str, body: &str) -> Answer {
        Answer {
            status,
            content_type: Some(content_type.to_owned()),
            date: None,
            headers: BTreeMap::new(),
            body: body.as_bytes().to_vec(),
            attempts: 1,
            elapsed: Duration::ZERO,
        }
    }

    fn read(answer: &Answer) -> Understood {
        let topic = Topic {
            query: "up",
            context: &context(),
        };
        understand(answer, &topic, &Redactor::default())
    }

    fn of(status: u16, body: &str) -> Understood {
        read(&page(status, "application/json", body))
    }

    /// Returns what a success with this result type and result comes to, as one line.
    fn line(result_type: &str, result: &str) -> String {
        let data = format!(r#"{{"resultType":"{result_type}","result":{result}}}"#);
        text(of(200, &format!(r#"{{"status":"success","data":{data}}}"#)).found)
    }

    fn text(found: Found) -> String {
        let provider = ProviderName::new("prod").unwrap();
        let reading = Answered {
            advice: Some("make one of them with `sum(…)`"),
            ..Answered::new(found)
        };
        match reading
            .reading(&provider, &requests(&["up"]).remove(0))
            .outcome
        {
            Outcome::Value(value) => format!("value {}", value.get()),
            Outcome::NoData(reason) => format!("no data: {reason}"),
            Outcome::Failed(FetchFailure { kind, message }) => format!("{kind:?}: {message}"),
        }
    }

    #[test]
    fn one_sample_is_a_value() {
        assert_eq!(line("scalar", r#"[1,"2.5"]"#), "value 2.5");
        let vector = r#"[{"metric":{"a":"b"},"value":[1.5,"-1e3"]}]"#;
        assert_eq!(line("vector", vector), "value -1000");
    }

    #[test]
    fn what_is_no_number_is_no_data_and_says_why() {
        insta::assert_snapshot!(line("vector", "[]"), @"no data: query did not return any values between 2024-01-01T00:00:00Z and 2024-01-01T00:10:00Z; is the metric scraped, and was there any traffic?");
        insta::assert_snapshot!(line("vector", r#"[{"metric":{},"value":[1,"NaN"]}]"#), @"no data: the value is NaN: 0/0, because there was no traffic in the window?");
        insta::assert_snapshot!(line("vector", r#"[{"metric":{},"value":[1,"+Inf"]}]"#), @"no data: the value is +Inf: a division by zero?");
        insta::assert_snapshot!(line("scalar", r#"[1,"-Inf"]"#), @"no data: the value is -Inf: a division by zero?");
    }

    #[test]
    fn a_query_that_yields_something_else_is_called_wrong() {
        let series = |n: usize| {
            let one = |i| {
                format!(r#"{{"metric":{{"z":"{i}","a":"x","__name__":"up"}},"value":[1,"1"]}}"#)
            };
            format!("[{}]", (0..n).map(one).collect::<Vec<_>>().join(","))
        };
        insta::assert_snapshot!(line("vector", &series(2)), @r#"BadQuery: query did return multiple values (2): up{a="x",z="0"}, up{a="x",z="1"}; make one of them with `sum(…)`, or with `reduce: max` beside the query"#);
        insta::assert_snapshot!(line("vector", &series(5)), @r#"BadQuery: query did return multiple values (5): up{a="x",z="0"}, up{a="x",z="1"}, up{a="x",z="2"} and 2 more; make one of them with `sum(…)`, or with `reduce: max` beside the query"#);
        insta::assert_snapshot!(line("matrix", r#"[{"metric":{},"values":[[1,"1"]]}]"#), @"BadQuery: the query yields a range of values; wrap it in a function such as `rate(…)` or `avg_over_time(…)`");
        insta::assert_snapshot!(line("string", r#"[1,"text"]"#), @"BadQuery: the query yields a text, not a number; ask for a metric");
        insta::assert_snapshot!(line("vector", r#"[{"metric":{},"histogram":[1,{"count":"1"}]}]"#), @"BadQuery: the query yields a native histogram, not a number; take one out of it with `histogram_quantile(0.95, …)`");
    }

    #[test]
    fn a_result_that_cannot_be_read_is_a_bad_answer() {
        for (result_type, result) in [
            ("vector", r#"[{"metric":{},"value":[1,"one"]}]"#),
            ("vector", r#"[{"metric":{},"value":[1]}]"#),
            ("table", "[]"),
        ] {
            let line = line(result_type, result);
            assert!(
                line.starts_with("BadAnswer: the result cannot be read: "),
                "{line}"
            );
        }
    }

    #[test]
    fn the_error_of_the_server_decides_by_its_type_and_its_status() {
        for (status, error_type, kind) in [
            (400, "bad_data", FailureKind::BadQuery),
            (422, "execution", FailureKind::BadQuery),
            (503, "timeout", FailureKind::Unavailable),
            (503, "canceled", FailureKind::Unavailable),
            (503, "unavailable", FailureKind::Unavailable),
            (500, "internal", FailureKind::Unavailable),
            (404, "not_found", FailureKind::BadAnswer),
            (422, "422", FailureKind::BadQuery),
            (502, "whatever", FailureKind::Unavailable),
            (401, "bad_data", FailureKind::NotAuthorised),
            (403, "", FailureKind::NotAuthorised),
            (429, "too_many_requests", FailureKind::Throttled),
            (200, "whatever", FailureKind::BadAnswer),
        ] {
            let body = format!(
                r#"{{"status":"error","errorType":"{error_type}","error":"wrong\nthere","data":{{"resultType":"scalar","result":[1,"1"]}}}}"#
            );
            let shown_type = if error_type.is_empty() {
                String::new()
            } else {
                format!(", {error_type}")
            };
            let expected = FetchFailure {
                kind,
                message: format!("Prometheus answered {status}{shown_type}: wrong there"),
            };
            assert_eq!(of(status, &body).found, Found::Failed(expected));
        }
    }

    #[test]
    fn pages_of_others_are_told_by_their_status() {
        let login = "<html>\r\n<title>Log in\x1b[31m</title>";
        let foreign = |status| text(read(&page(status, "text/html", login)).found);
        insta::assert_snapshot!(foreign(200), @r#"BadAnswer: HTTP 200, this is not an answer of Prometheus: <html> <title>Log in\u{1b}[31m</title> (text/html)"#);
        insta::assert_snapshot!(foreign(400), @r#"BadAnswer: HTTP 400, this is not an answer of Prometheus: <html> <title>Log in\u{1b}[31m</title> (text/html)"#);
        insta::assert_snapshot!(foreign(401), @r#"NotAuthorised: HTTP 401, the server refuses the credentials, or misses them: <html> <title>Log in\u{1b}[31m</title> (text/html)"#);
        insta::assert_snapshot!(foreign(404), @r#"BadAnswer: HTTP 404, this is not an answer of Prometheus: <html> <title>Log in\u{1b}[31m</title> (text/html); does the URL have the right path, such as `/prometheus`?"#);
        insta::assert_snapshot!(foreign(429), @r#"Throttled: HTTP 429, the server asks to slow down: <html> <title>Log in\u{1b}[31m</title> (text/html)"#);
        insta::assert_snapshot!(foreign(502), @r#"Unavailable: HTTP 502, the server, or a proxy before it, has a problem: <html> <title>Log in\u{1b}[31m</title> (text/html)"#);
    }

    #[test]
    fn json_that_is_none_or_is_another_is_a_bad_answer() {
        insta::assert_snapshot!(text(of(200, r#"{"status":"success","data":{"resu"#).found), @r#"BadAnswer: the JSON of the answer breaks off: HTTP 200, this is not an answer of Prometheus: {"status":"success","data":{"resu (application/json)"#);
        insta::assert_snapshot!(text(of(200, "").found), @"BadAnswer: HTTP 200, this is not an answer of Prometheus: an empty page (application/json)");
        insta::assert_snapshot!(text(of(200, r#"{"hello":"world"}"#).found), @r#"BadAnswer: HTTP 200, this is not an answer of Prometheus: {"hello":"world"} (application/json)"#);
        insta::assert_snapshot!(text(of(200, r#"{"status":"success"}"#).found), @r#"BadAnswer: HTTP 200, this is not an answer of Prometheus: {"status":"success"} (application/json)"#);
        insta::assert_snapshot!(text(of(422, "query too long").found), @"BadQuery: HTTP 422, this is not an answer of Prometheus: query too long (application/json)");
    }

    #[test]
    fn an_envelope_without_a_message_or_with_a_status_that_denies_it_is_shown_as_it_is() {
        insta::assert_snapshot!(text(of(404, r#"{"status":"error","message":"no route"}"#).found), @r#"BadAnswer: HTTP 404, this is not an answer of Prometheus: {"status":"error","message":"no route"} (application/json)"#);
        insta::assert_snapshot!(text(of(503, r#"{"status":"success","data":{}}"#).found), @r#"Unavailable: HTTP 503, the server, or a proxy before it, has a problem: {"status":"success","data":{}} (application/json)"#);
    }

    #[test]
    fn a_long_page_is_cut() {
        let Found::Failed(failure) = of(200, &"x".repeat(5000)).found else {
            panic!("a page is no answer");
        };
        assert!(failure.message.len() < 300, "{}", failure.message);
    }

    #[test]
    fn warnings_infos_and_samples_are_passed_on() {
        let body = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"1"],
            "stats":{"samples":{"totalQueryableSamples":12}}},"warnings":["slow\tstore"],"infos":["no counter"]}"#;
        let understood = of(200, body);
        assert_eq!(understood.warnings, ["slow store", "no counter"]);
        assert_eq!(understood.samples, Some(12));
    }

    #[test]
    fn nothing_is_explained_by_what_the_query_is() {
        let short = Context {
            window: crate::gate::TimeWindow::new(
                "2024-01-01T00:09:00Z".parse().unwrap(),
                "2024-01-01T00:10:00Z".parse().unwrap(),
            )
            .unwrap(),
            ..context()
        };
        let why = |query: &str| {
            nothing(&Topic {
                query,
                context: &short,
            })
        };
        insta::assert_snapshot!(why("sum(rate(x[60s]))"), @"query did not return any values between 2024-01-01T00:09:00Z and 2024-01-01T00:10:00Z; a rate needs two scrapes within the window, which is only 60 s long");
        let throughput = crate::gate::IndicatorName::new("throughput").unwrap();
        let built_in = defaults::default_query(&throughput, &short).unwrap();
        insta::assert_snapshot!(why(&built_in), @"query did not return any values between 2024-01-01T00:09:00Z and 2024-01-01T00:10:00Z; the built-in query asks for job='carts-sockshop-dev-canary': if your job has another name, set `job` under `filter` in the SLO");
    }
}
