//! Tests against an organisation that behaves like the documented API.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::site::{API_KEY, APP_KEY, Metric, Organisation, settings, with_keys};
use super::{Datadog, DatadogFacts, DatadogSettings};
use crate::gate::{
    Context, DefinedProvider, FailureKind, Handling, IndicatorDefinition, IndicatorName, Outcome,
    PolicyLayer, ProviderFacts, ProviderName, Providers, Query, Reading, Sli, TimeWindow,
    plan_indicators,
};
use crate::net::test_server::{Reply, TestServer};
use crate::provider::contract::{self, Heard, context};
use crate::provider::{Api, CheckOutcome, LastBucket, Provider as _, Request};

/// An organisation with one metric.
fn with(metric: Metric) -> Organisation {
    Organisation {
        metrics: BTreeMap::from([("load", metric)]),
        ..Organisation::default()
    }
}

fn open(settings: &DatadogSettings) -> Datadog {
    Datadog::open(&ProviderName::new("dd").unwrap(), settings).unwrap()
}

async fn ask_in(settings: &DatadogSettings, context: &Context, request: Request) -> Reading {
    let mut readings = open(settings)
        .fetch(context, &[request], &Heard::default())
        .await;
    let reading = readings.remove(0);
    let shown = format!("{reading:?}");
    assert!(
        !shown.contains(API_KEY) && !shown.contains(APP_KEY),
        "{shown}"
    );
    reading
}

fn request(query: &str, options: &Value, reduce: &str) -> Request {
    Request {
        indicator: IndicatorName::new("sli").unwrap(),
        query: query.to_owned(),
        options: options.as_object().cloned().unwrap_or_default(),
        handling: Handling {
            reduce: reduce.parse().unwrap(),
            ..Handling::default()
        },
    }
}

async fn ask(server: &TestServer, query: &str, options: Value) -> Reading {
    let request = request(query, &options, "single");
    ask_in(&settings(server), &context(), request).await
}

fn outcome(reading: &Reading) -> String {
    match &reading.outcome {
        Outcome::Value(value) => value.get().to_string(),
        Outcome::NoData(reason) => reason.clone(),
        Outcome::Failed(failure) => format!("{:?}: {}", failure.kind, failure.message),
    }
}

/// A window that ends in the middle of a minute.
fn odd_context() -> Context {
    Context {
        window: TimeWindow::new(
            "2024-01-01T00:00:00Z".parse().unwrap(),
            "2024-01-01T00:02:30Z".parse().unwrap(),
        )
        .unwrap(),
        ..context()
    }
}

#[tokio::test]
async fn the_contract_is_kept() {
    let server = with(Metric::of(&[(0, Some(1.0))])).start().await;
    let provider = open(&settings(&server));
    contract::check(&provider, &context(), "avg:load{*}", "avg:none{*}").await;
    assert!(server.most_in_flight() <= 16);
}

#[tokio::test]
async fn a_series_is_the_mean_of_its_points() {
    let samples = [
        (0, Some(1.0)),
        (30, Some(3.0)),
        (60, None),
        (120, Some(6.0)),
    ];
    let server = with(Metric::of(&samples)).start().await;
    let reading = ask(&server, "avg:load{*}", json!({})).await;
    assert_eq!(outcome(&reading), "4");
    assert_eq!(
        (reading.samples, reading.unit.as_deref()),
        (Some(2), Some("s"))
    );
    let received = server.received();
    for (name, value) in [
        ("from", "1704067200"),
        ("to", "1704067800"),
        ("query", "avg:load{*}"),
    ] {
        assert_eq!(received[0].parameter(name).as_deref(), Some(value));
    }
    assert!(
        reading
            .endpoint
            .unwrap()
            .contains("/api/v1/query?from=1704067200&to=1704067800&query=")
    );
    let last = request("avg:load{*}", &json!({}), "last");
    assert_eq!(
        outcome(&ask_in(&settings(&server), &context(), last).await),
        "6"
    );
}

#[tokio::test]
async fn the_last_bucket_is_left_out_where_the_window_ends_within() {
    let samples = [(0, Some(1.0)), (60, Some(3.0)), (125, Some(90.0))];
    let server = with(Metric::of(&samples)).start().await;
    let ask = |settings: DatadogSettings, options: Value| async move {
        let request = request("avg:load{*}", &options, "max");
        outcome(&ask_in(&settings, &odd_context(), request).await)
    };
    assert_eq!(ask(settings(&server), json!({})).await, "3");
    assert_eq!(
        ask(settings(&server), json!({"drop_incomplete": false})).await,
        "90"
    );
    let mut kept = settings(&server);
    kept.last_bucket = LastBucket::Kept;
    assert_eq!(ask(kept.clone(), json!({})).await, "90");
    assert_eq!(ask(kept, json!({"drop_incomplete": true})).await, "3");
}

#[tokio::test]
async fn an_empty_answer_and_null_are_no_data() {
    let server = with(Metric::of(&[(0, None)])).start().await;
    insta::assert_snapshot!(outcome(&ask(&server, "avg:load{*}", json!({})).await), @"Datadog returned 'null' as value; where nothing is 0, write `default_zero(…)` in the query");
    assert_eq!(
        outcome(&ask(&server, "avg:none{*}", json!({})).await),
        "Datadog returned zero series"
    );
    let server = with(Metric::of(&[(0, Some(2.0)), (60, None)]))
        .start()
        .await;
    assert_eq!(outcome(&ask(&server, "avg:load{*}", json!({})).await), "2");
}

#[tokio::test]
async fn several_series_are_ambiguous_unless_reduced() {
    let metric = Metric {
        hosts: vec![("a", vec![(0, Some(1.0))]), ("b", vec![(0, Some(5.0))])],
        unit: None,
    };
    let server = with(metric).start().await;
    insta::assert_snapshot!(outcome(&ask(&server, "avg:load{*} by {host}", json!({})).await), @"BadQuery: Datadog returned 2 series but only one is supported (host:a, host:b); leave out `by {…}`, or say how to make one of them: `reduce: max`");
    let max = request("avg:load{*} by {host}", &json!({}), "max");
    assert_eq!(
        outcome(&ask_in(&settings(&server), &context(), max).await),
        "5"
    );
}

#[tokio::test]
async fn an_error_under_http_200_is_an_error() {
    let server = with(Metric::default()).start().await;
    insta::assert_snapshot!(outcome(&ask(&server, "load", json!({})).await), @"BadQuery: Datadog answered 200: Rule 'scope_expr' didn't match at 'load'");
}

#[tokio::test]
async fn keys_that_are_refused_are_told_with_what_to_do() {
    let server = with(Metric::default()).start().await;
    let connection = DatadogSettings::connection(&server.url()).unwrap();
    let wrong = with_keys(connection, API_KEY, "wrong-key");
    let reading = ask_in(
        &wrong,
        &context(),
        request("avg:load{*}", &json!({}), "single"),
    )
    .await;
    insta::assert_snapshot!(outcome(&reading), @"NotAuthorised: Datadog answered 403: Forbidden; are both keys of this site, and may the application key use `timeseries_query`?");
}

#[tokio::test]
async fn a_throttled_question_is_asked_again_after_as_many_seconds_as_the_server_says() {
    let organisation = Organisation {
        throttled: (2, "0"),
        ..with(Metric::of(&[(0, Some(1.0))]))
    };
    let server = organisation.start().await;
    let reading = ask(&server, "avg:load{*}", json!({})).await;
    assert_eq!((outcome(&reading).as_str(), reading.attempts), ("1", 3));
    let server = Organisation {
        throttled: (usize::MAX, "0"),
        ..Organisation::default()
    }
    .start()
    .await;
    insta::assert_snapshot!(outcome(&ask(&server, "avg:load{*}", json!({})).await), @"Throttled: Datadog answered 429: Rate limit of 1 requests in 10 seconds reached.");
    let connection = DatadogSettings::connection("https://api.datadoghq.eu").unwrap();
    assert_eq!(connection.retry.max, Duration::from_secs(60));
}

#[tokio::test]
async fn v2_lets_datadog_make_the_number() {
    let samples = [(0, Some(1.0)), (30, Some(2.0)), (60, Some(9.0))];
    let server = with(Metric::of(&samples)).start().await;
    for (options, value) in [
        (json!({"api": "v2"}), "4"),
        (json!({"aggregator": "max"}), "9"),
        (json!({"aggregator": "last"}), "9"),
        (json!({"aggregator": "sum"}), "12"),
    ] {
        let reading = ask(&server, "avg:load{*}", options).await;
        assert_eq!(
            (outcome(&reading).as_str(), reading.unit.as_deref()),
            (value, Some("s"))
        );
    }
    let body: Value = serde_json::from_str(&server.received()[0].body).unwrap();
    assert_eq!(body["data"]["attributes"]["from"], 1_704_067_200_000_i64);
    assert_eq!(body["data"]["attributes"]["to"], 1_704_067_800_000_i64);
    let mut by_default = settings(&server);
    by_default.api = Api::V2;
    let plain = request("avg:load{*}", &json!({}), "single");
    assert_eq!(outcome(&ask_in(&by_default, &context(), plain).await), "4");
}

#[tokio::test]
async fn a_formula_combines_queries_of_any_source() {
    let organisation = Organisation {
        metrics: BTreeMap::from([("hits", Metric::of(&[(0, Some(40.0)), (60, Some(60.0))]))]),
        logs: BTreeMap::from([("status:error", 5)]),
        ..Organisation::default()
    };
    let server = organisation.start().await;
    let options = json!({
        "queries": [
            {"name": "errors", "data_source": "logs", "search": {"query": "status:error"}, "compute": {"aggregation": "count"}},
            {"name": "hits", "query": "sum:hits{*}.as_count()", "aggregator": "sum"},
        ],
        "formula": "errors / hits",
    });
    let reading = ask(&server, "", options).await;
    assert_eq!(outcome(&reading), "0.05");
    assert!(
        reading
            .query
            .unwrap()
            .contains(r#""formula":"errors / hits""#)
    );
    assert_eq!(
        outcome(&ask(&server, "status:error", json!({"data_source": "logs"})).await),
        "5"
    );
    let unknown = ask(&server, "status:warn", json!({"data_source": "logs"})).await;
    assert!(matches!(unknown.outcome, Outcome::NoData(_)), "{unknown:?}");
}

#[tokio::test]
async fn groups_of_v2_are_told_from_numbers() {
    let metric = Metric {
        hosts: vec![("7", vec![(0, Some(1.0))]), ("8", vec![(0, Some(5.0))])],
        unit: None,
    };
    let server = with(metric).start().await;
    let options = json!({"api": "v2"});
    insta::assert_snapshot!(outcome(&ask(&server, "avg:load{*} by {host}", options.clone()).await), @"BadQuery: Datadog returned 2 groups but only one is supported (7, 8); leave out `by {…}` and `group_by`, or say how to make one of them: `reduce: max`");
    let max = request("avg:load{*} by {host}", &options, "max");
    assert_eq!(
        outcome(&ask_in(&settings(&server), &context(), max).await),
        "5"
    );
}

#[tokio::test]
async fn errors_of_v2_are_told() {
    let server = with(Metric::default()).start().await;
    insta::assert_snapshot!(outcome(&ask(&server, "x", json!({"data_source": "weather"})).await), @"BadQuery: Datadog answered 400: unknown data source");
    insta::assert_snapshot!(outcome(&ask(&server, "load", json!({"api": "v2"})).await), @"BadQuery: Datadog answered 400: cannot parse the query");
    let odd =
        TestServer::start(|_, _| Reply::json(200, r#"{"data":null,"errors":"partial failure"}"#))
            .await;
    insta::assert_snapshot!(outcome(&ask(&odd, "a", json!({"api": "v2"})).await), @"BadQuery: Datadog answered 200: partial failure");
}

#[tokio::test]
async fn what_is_no_answer_of_datadog_is_shown() {
    for (reply, expected) in [
        (
            Reply::new(200, "text/html", "<html>login</html>"),
            "BadAnswer: HTTP 200, this is not an answer of Datadog: <html>login</html> (text/html)",
        ),
        (
            Reply::json(200, "{\"status\":"),
            "BadAnswer: the JSON of the answer breaks off: HTTP 200, this is not an answer of Datadog: {\"status\": (application/json)",
        ),
        (
            Reply::json(200, "[]"),
            "BadAnswer: HTTP 200, this is not an answer of Datadog: [] (application/json)",
        ),
    ] {
        let server = TestServer::start(move |_, _| reply.clone()).await;
        assert_eq!(
            outcome(&ask(&server, "avg:a{*}", json!({})).await),
            expected
        );
    }
}

#[tokio::test]
async fn what_the_server_echoes_of_the_keys_is_masked() {
    let organisation = Organisation {
        echoes: true,
        ..Organisation::default()
    };
    let server = organisation.start().await;
    for options in [json!({"data_source": "weather"}), json!({"api": "v2"})] {
        let reading = ask(&server, &format!("{API_KEY} {APP_KEY}"), options).await;
        let shown = format!("{reading:?}");
        assert!(outcome(&reading).contains("***"), "{shown}");
        for key in [API_KEY, APP_KEY] {
            let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key);
            let encoded: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
            for form in [key, &base64, &encoded] {
                assert!(!shown.contains(form), "{shown}");
            }
        }
    }
}

#[tokio::test]
async fn a_probe_validates_the_keys() {
    let server = Organisation::default().start().await;
    let checks = open(&settings(&server)).probe().await;
    assert!(
        checks
            .iter()
            .any(|check| check.name == "HTTP" && matches!(check.outcome, CheckOutcome::Good(_))),
        "{checks:?}"
    );
    assert_eq!(server.received()[0].path, "/api/v1/validate");
    let connection = DatadogSettings::connection(&server.url()).unwrap();
    let wrong = with_keys(connection, "wrong", "wrong");
    let checks = open(&wrong).probe().await;
    let kind = checks.iter().find_map(|check| match &check.outcome {
        CheckOutcome::Bad { kind, .. } => Some(*kind),
        CheckOutcome::Good(_) | CheckOutcome::Odd { .. } | CheckOutcome::Skipped(_) => None,
    });
    assert_eq!(kind, Some(FailureKind::NotAuthorised));
}

/// Plans one query.
fn planned(query: &str, facts: &dyn ProviderFacts) -> Result<Query, String> {
    let name = ProviderName::new("datadog").unwrap();
    let policies = PolicyLayer::default();
    let defined = BTreeMap::from([(
        name.clone(),
        DefinedProvider {
            policies: policies.clone(),
            facts,
        },
    )]);
    let providers = Providers {
        for_undefined: None,
        default: Some(&name),
        defined: &defined,
        policies: &policies,
    };
    let indicator = IndicatorName::new("load").unwrap();
    let definition = IndicatorDefinition {
        query: query.to_owned(),
        ..IndicatorDefinition::default()
    };
    let sli = Sli {
        provider: None,
        indicators: BTreeMap::from([(indicator.clone(), definition)]),
    };
    let queries = plan_indicators([&indicator], &sli, &providers, &context());
    queries
        .map(|mut queries| queries.remove(0))
        .map_err(|mut errors| errors.remove(0).to_string())
}

#[test]
fn the_placeholders_of_keptn_are_filled_here() {
    let facts = DatadogFacts::new(Api::V1);
    let query = planned(
        "avg:network.http.response_time{*} by {$SERVICE}.rollup(avg, $DURATION)",
        &facts,
    )
    .unwrap();
    assert_eq!(
        query.text,
        "avg:network.http.response_time{*} by {carts}.rollup(avg, 600)"
    );
    assert_eq!(query.handling.delay, Some(Duration::from_secs(60)));
    let query = planned(
        "avg:a{project:$project,env:$stage,service:$service,x:$PROJECT}",
        &facts,
    )
    .unwrap();
    assert_eq!(
        query.text,
        "avg:a{project:sockshop,env:dev,service:carts,x:sockshop}"
    );
    assert_eq!(
        planned("", &facts).unwrap_err(),
        "there is no query for SLI `load`"
    );
}
