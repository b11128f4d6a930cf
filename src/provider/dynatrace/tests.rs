//! Tests against a tenant that behaves like the documented API.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::tenant::{CLIENT_SECRET, GrailQuery, Metric, PLATFORM_TOKEN, Running, TOKEN, Tenant};
use super::{Dynatrace, DynatraceFacts, DynatraceSettings};
use crate::gate::{
    Context, DefinedProvider, FailureKind, Handling, IndicatorDefinition, IndicatorName, Options,
    Outcome, PlanError, PolicyLayer, ProviderFacts, ProviderName, Providers, Reading, Sli,
    plan_indicators,
};
use crate::net::Secret;
use crate::provider::contract::{self, Heard, context};
use crate::provider::{Auth, CheckOutcome, Provider as _, Request};

const TIME: &str = "builtin:service.response.time";

/// A tenant with one metric.
fn with(metric: Metric) -> Tenant {
    Tenant {
        metrics: BTreeMap::from([(TIME, metric)]),
        ..Tenant::default()
    }
}

fn open(settings: &DynatraceSettings) -> Dynatrace {
    Dynatrace::open(&ProviderName::new("dt").unwrap(), settings).unwrap()
}

fn request(query: &str, options: &Value, handling: Handling) -> Request {
    Request {
        indicator: IndicatorName::new("sli").unwrap(),
        query: query.to_owned(),
        options: options.as_object().cloned().unwrap_or_default(),
        handling,
    }
}

async fn ask_as(settings: &DynatraceSettings, request: Request) -> Reading {
    let provider = open(settings);
    let mut readings = provider
        .fetch(&context(), &[request], &Heard::default())
        .await;
    let reading = readings.remove(0);
    let shown = format!("{reading:?}");
    for secret in [TOKEN, PLATFORM_TOKEN, CLIENT_SECRET] {
        assert!(!shown.contains(secret), "{shown}");
    }
    reading
}

async fn ask(running: &Running, query: &str) -> Reading {
    ask_as(
        &running.settings(),
        request(query, &json!({}), Handling::default()),
    )
    .await
}

async fn ask_reduced(running: &Running, query: &str, reduce: &str) -> Reading {
    let handling = Handling {
        reduce: reduce.parse().unwrap(),
        ..Handling::default()
    };
    ask_as(&running.settings(), request(query, &json!({}), handling)).await
}

/// Says what came of a request, in one line.
fn outcome(reading: &Reading) -> String {
    match &reading.outcome {
        Outcome::Value(value) => value.get().to_string(),
        Outcome::NoData(reason) => reason.clone(),
        Outcome::Failed(failure) => format!("{:?}: {}", failure.kind, failure.message),
    }
}

async fn measured(metric: Metric, query: &str) -> String {
    let running = with(metric).start().await;
    outcome(&ask(&running, query).await)
}

fn selected(tail: &str) -> String {
    format!("metricSelector={TIME}{tail}")
}

#[tokio::test]
async fn the_contract_is_kept() {
    let running = with(Metric::of(&[Some(1.0)])).start().await;
    let provider = open(&running.settings());
    contract::check(
        &provider,
        &context(),
        &selected(":avg"),
        "metricSelector=no:such",
    )
    .await;
    assert!(running.server.most_in_flight() <= 16);
}

#[tokio::test]
async fn one_value_of_one_series_is_the_value() {
    let running = with(Metric::of(&[Some(1500.0)])).start().await;
    let reading = ask(
        &running,
        &selected(":merge(\"dt.entity.service\"):avg&entitySelector=type(SERVICE),tag(a=b)"),
    )
    .await;
    assert_eq!(outcome(&reading), "1500");
    assert_eq!(reading.unit.as_deref(), Some("µs"));
    let endpoint = reading.endpoint.unwrap();
    assert!(
        endpoint.contains("/api/v2/metrics/query?from=1704067200000&to=1704067800000"),
        "{endpoint}"
    );
    let received = running.server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(
        received[0].parameter("entitySelector").as_deref(),
        Some("type(SERVICE),tag(a=b)")
    );
    assert_eq!(received[0].parameter("resolution"), None);
}

#[tokio::test]
async fn none_and_two_collections_are_told() {
    let none = Tenant {
        metrics: BTreeMap::from([(
            TIME,
            Metric {
                series: vec![],
                ..Metric::of(&[])
            },
        )]),
        ..Tenant::default()
    };
    let running = none.start().await;
    assert_eq!(
        outcome(&ask(&running, &selected("")).await),
        "Metrics API v2 returned zero metric series"
    );
    let two = Tenant {
        metrics: BTreeMap::from([("a", Metric::of(&[Some(1.0)])), ("b", Metric::of(&[None]))]),
        ..Tenant::default()
    };
    let running = two.start().await;
    insta::assert_snapshot!(outcome(&ask(&running, "metricSelector=a:avg,b:avg").await), @"BadQuery: Metrics API v2 returned 2 metric series collections or series but only one is supported (a:avg dt.entity.host=h1, b:avg dt.entity.host=h1); select one metric, or say how to make one of them: `reduce: max`");
    assert_eq!(
        outcome(&ask_reduced(&running, "metricSelector=a:avg,b:avg", "max").await),
        "1"
    );
}

#[tokio::test]
async fn a_query_without_any_collection_is_no_data() {
    let server = crate::net::test_server::TestServer::start(|_, _| {
        crate::net::test_server::Reply::json(
            200,
            r#"{"totalCount":0,"nextPageKey":null,"result":[],"warnings":["nothing matched"]}"#,
        )
    })
    .await;
    let settings = DynatraceSettings {
        environment: Some(DynatraceSettings::environment(&server.url()).unwrap()),
        platform: None,
    };
    let reading = ask_as(
        &settings,
        request("metricSelector=a", &json!({}), Handling::default()),
    )
    .await;
    assert_eq!(
        outcome(&reading),
        "Metrics API v2 returned zero metric series collections"
    );
    assert_eq!(reading.warnings, ["nothing matched"]);
}

#[tokio::test]
async fn two_series_are_ambiguous_also_where_one_is_null() {
    let metric = Metric {
        series: vec![("h1", vec![Some(1.0)]), ("h2", vec![None])],
        ..Metric::of(&[])
    };
    let running = with(metric).start().await;
    insta::assert_snapshot!(outcome(&ask(&running, &selected("")).await), @"BadQuery: Metrics API v2 returned 2 metric series but only one is supported (dt.entity.host=h1, dt.entity.host=h2); aggregate with `:splitBy()` or `:merge(…)`, or say how to make one of them: `reduce: max`");
    assert_eq!(
        outcome(&ask(&running, &selected(":splitBy():avg")).await),
        "1"
    );
    assert_eq!(
        outcome(&ask_reduced(&running, &selected(""), "mean").await),
        "1"
    );
}

#[tokio::test]
async fn names_of_series_are_shown_without_secrets_and_control_characters() {
    let metric = Metric {
        series: vec![(TOKEN, vec![Some(1.0)]), ("a\u{1b}[31m\n", vec![Some(2.0)])],
        ..Metric::of(&[])
    };
    let reason = measured(metric, &selected("")).await;
    assert!(
        reason.contains("(dt.entity.host=***, dt.entity.host=a"),
        "{reason}"
    );
    assert!(!reason.chars().any(char::is_control), "{reason}");
}

#[tokio::test]
async fn no_value_and_null_are_no_data() {
    insta::assert_snapshot!(measured(Metric::of(&[]), &selected("")).await, @"Metrics API v2 returned zero values; was there any traffic in the window?");
    insta::assert_snapshot!(measured(Metric::of(&[None]), &selected("")).await, @"Metrics API v2 returned 'null' as value; was there any traffic in the window?");
    insta::assert_snapshot!(measured(Metric::of(&[None, None]), &selected("")).await, @"Metrics API v2 returned 'null' as value; was there any traffic in the window?");
}

#[tokio::test]
async fn several_values_are_asked_again_as_one_where_the_metric_knows_how() {
    let running = with(Metric::of(&[Some(1.0), None, Some(4.0)]))
        .start()
        .await;
    let reading = ask(&running, &selected(":avg")).await;
    assert_eq!(outcome(&reading), "2.5");
    assert_eq!(reading.attempts, 3);
    assert_eq!(
        reading.warnings,
        ["the answer had 3 values, so it was asked again with `resolution=Inf`"]
    );
    let received = running.server.received();
    assert!(
        received[1]
            .path
            .starts_with("/api/v2/metrics/builtin%3Aservice.response.time%3Aavg")
    );
    assert_eq!(received[2].parameter("resolution").as_deref(), Some("Inf"));
}

#[tokio::test]
async fn several_values_are_folded_where_the_resolution_is_given_or_inf_is_not_known() {
    let values = [Some(1.0), Some(4.0)];
    let running = with(Metric::of(&values)).start().await;
    let reading = ask(&running, &selected(":max&resolution=1m")).await;
    assert_eq!(outcome(&reading), "4");
    assert_eq!(
        reading.warnings,
        ["the answer had 2 values, so it was asked again with `:fold`"]
    );
    let last = running.server.received().pop().unwrap();
    assert_eq!(
        last.parameter("metricSelector").as_deref(),
        Some("(builtin:service.response.time:max):fold")
    );
    assert_eq!(last.parameter("resolution").as_deref(), Some("1m"));

    let finite = Metric {
        takes_infinite: false,
        ..Metric::of(&values)
    };
    let running = with(finite).start().await;
    assert_eq!(outcome(&ask(&running, &selected("")).await), "2.5");
}

#[tokio::test]
async fn a_metric_that_is_not_aggregated_cannot_be_folded() {
    let metric = Metric {
        aggregation: "value",
        takes_infinite: false,
        ..Metric::of(&[Some(1.0), Some(2.0)])
    };
    insta::assert_snapshot!(measured(metric, &selected("")).await, @"BadQuery: Metrics API v2 returned 2 values but only one is supported; the metric can't be folded, because its aggregation is `value`; add one to the selector, such as `:avg`");
}

#[tokio::test]
async fn a_reduce_takes_the_points_themselves() {
    let running = with(Metric::of(&[Some(1.0), None, Some(4.0)]))
        .start()
        .await;
    let reading = ask_reduced(&running, &selected(""), "max").await;
    assert_eq!(outcome(&reading), "4");
    assert_eq!((reading.attempts, reading.samples), (1, Some(2)));
    assert_eq!(
        reading.warnings,
        ["1 of 3 values are null and were left out"]
    );
}

#[tokio::test]
async fn only_points_within_the_window_count() {
    let mut values = vec![Some(1.0); 10];
    values.push(Some(1000.0));
    let running = with(Metric::of(&values)).start().await;
    assert_eq!(
        outcome(&ask_reduced(&running, &selected(""), "max").await),
        "1"
    );
    assert_eq!(
        outcome(&ask_reduced(&running, &selected(""), "count").await),
        "10"
    );
}

#[tokio::test]
async fn mv2_converts_and_says_the_unit() {
    let running = with(Metric::of(&[Some(2048.0)])).start().await;
    for (unit, value, shown) in [
        ("MicroSecond", "2.048", "ms"),
        ("microsecond", "2.048", "ms"),
        ("Byte", "2", "KiB"),
        ("byte", "2", "KiB"),
    ] {
        let reading = ask(&running, &format!("MV2;{unit};{}", selected(":avg"))).await;
        assert_eq!(outcome(&reading), value);
        assert_eq!(reading.unit.as_deref(), Some(shown));
    }
}

#[tokio::test]
async fn the_older_form_of_keptn_is_asked_with_resolution_inf() {
    let running = with(Metric::of(&[Some(1.0), Some(3.0)])).start().await;
    let reading = ask(
        &running,
        &format!("{TIME}:avg?scope=tag(keptn_project:sockshop)"),
    )
    .await;
    assert_eq!(outcome(&reading), "2");
    let received = running.server.received();
    assert_eq!(
        received[0].parameter("entitySelector").as_deref(),
        Some("type(SERVICE),tag(keptn_project:sockshop)")
    );
    assert_eq!(received[0].parameter("resolution").as_deref(), Some("Inf"));
}

#[tokio::test]
async fn the_longer_form_takes_selectors_as_they_are() {
    let running = with(Metric::of(&[Some(1.0)])).start().await;
    let options = json!({"metric_selector": format!("{TIME}:avg"), "entity_selector": "entityName(\"a&b=c\")", "mz_selector": "mzId(1)"});
    let reading = ask_as(
        &running.settings(),
        request("", &options, Handling::default()),
    )
    .await;
    assert_eq!(outcome(&reading), "1");
    insta::assert_snapshot!(reading.query.unwrap(), @r#"metricSelector=builtin:service.response.time:avg&entitySelector=entityName("a&b=c")&mzSelector=mzId(1)"#);
    let received = running.server.received();
    assert_eq!(
        received[0].parameter("entitySelector").as_deref(),
        Some("entityName(\"a&b=c\")")
    );
    assert_eq!(
        received[0].parameter("mzSelector").as_deref(),
        Some("mzId(1)")
    );
}

#[tokio::test]
async fn every_page_is_read_with_nothing_but_its_key() {
    let metric = Metric {
        series: vec![
            ("h1", vec![Some(1.0)]),
            ("h2", vec![Some(5.0)]),
            ("h3", vec![Some(3.0)]),
        ],
        ..Metric::of(&[])
    };
    let tenant = Tenant {
        page_size: 1,
        ..with(metric)
    };
    let running = tenant.start().await;
    let reading = ask_reduced(&running, &selected(""), "max").await;
    assert_eq!(outcome(&reading), "5");
    assert_eq!((reading.attempts, reading.samples), (3, Some(3)));
    let reading = ask(&running, &selected("")).await;
    assert!(outcome(&reading).contains("3 metric series"), "{reading:?}");
}

#[tokio::test]
async fn pages_without_an_end_are_no_answer() {
    let server = crate::net::test_server::TestServer::start(|_, _| {
        crate::net::test_server::Reply::json(200, r#"{"nextPageKey":"again","result":[]}"#)
    })
    .await;
    let settings = DynatraceSettings {
        environment: Some(DynatraceSettings::environment(&server.url()).unwrap()),
        platform: None,
    };
    let reading = ask_as(
        &settings,
        request("metricSelector=a", &json!({}), Handling::default()),
    )
    .await;
    insta::assert_snapshot!(outcome(&reading), @"BadQuery: the answer has more than 20 pages; ask for less: aggregate with `:splitBy()`");
    assert_eq!(server.received().len(), 20);
}

#[tokio::test]
async fn a_managed_cluster_keeps_its_path() {
    let tenant = Tenant {
        prefix: "/e/1234-abcd",
        ..with(Metric::of(&[Some(1.0)]))
    };
    let running = tenant.start().await;
    assert_eq!(outcome(&ask(&running, &selected(":avg")).await), "1");
    assert!(
        running.server.received()[0]
            .path
            .starts_with("/e/1234-abcd/api/v2/metrics/query?")
    );
}

#[tokio::test]
async fn an_slo_of_dynatrace_is_its_percentage() {
    let slos = BTreeMap::from([
        (
            "good",
            json!({"evaluatedPercentage": 99.5, "error": "NONE", "status": "SUCCESS"}),
        ),
        (
            "empty",
            json!({"evaluatedPercentage": -1.0, "error": "NONE"}),
        ),
        (
            "odd",
            json!({"evaluatedPercentage": 0.0, "error": "METRIC_NOT_FOUND"}),
        ),
        ("a/b", json!({"evaluatedPercentage": 0.0, "error": "NONE"})),
    ]);
    let running = Tenant {
        slos,
        ..Tenant::default()
    }
    .start()
    .await;
    let reading = ask(&running, "SLO;good").await;
    assert_eq!(
        (outcome(&reading).as_str(), reading.unit.as_deref()),
        ("99.5", Some("%"))
    );
    assert_eq!(outcome(&ask(&running, "SLO;a/b").await), "0");
    insta::assert_snapshot!(outcome(&ask(&running, "SLO;empty").await), @"Dynatrace has no data for the SLO: `evaluatedPercentage` is -1");
    insta::assert_snapshot!(outcome(&ask(&running, "SLO;odd").await), @"BadQuery: Dynatrace could not evaluate the SLO: METRIC_NOT_FOUND; look at it there");
    insta::assert_snapshot!(outcome(&ask(&running, "SLO;none").await), @"BadQuery: Dynatrace API error (404): No SLO found with id none");
}

#[tokio::test]
async fn problems_are_counted_and_none_is_zero() {
    let tenant = Tenant {
        problems: vec!["open", "open", "closed"],
        ..Tenant::default()
    };
    let running = tenant.start().await;
    for (query, count) in [
        (
            "PV2;problemSelector=status(\"open\"),managementZoneIds(1)&entitySelector=type(SERVICE)",
            "2",
        ),
        ("PV2;entitySelector=type(SERVICE)", "3"),
        ("SECPV2;securityProblemSelector=status(\"closed\")", "1"),
        ("SECPV2;securityProblemSelector=status(\"resolved\")", "0"),
    ] {
        assert_eq!(outcome(&ask(&running, query).await), count, "{query}");
    }
}

#[tokio::test]
async fn user_sessions_are_asked_in_four_shapes() {
    let tables = BTreeMap::from([
        (
            "SELECT one",
            json!({"columnNames": ["n"], "values": [[7]], "extrapolationLevel": 4}),
        ),
        (
            "SELECT many",
            json!({"columnNames": ["os", "n", "m"], "values": [["iOS", 1, 10], ["Android", 2, 20]]}),
        ),
    ]);
    let running = Tenant {
        tables,
        ..Tenant::default()
    }
    .start()
    .await;
    let reading = ask(&running, "USQL;SINGLE_VALUE;;SELECT one").await;
    assert_eq!(outcome(&reading), "7");
    assert_eq!(
        reading.warnings,
        ["Dynatrace looked at one of 4 user sessions and extrapolated the rest"]
    );
    for (shape, value) in [
        ("PIE_CHART", "2"),
        ("COLUMN_CHART", "2"),
        ("LINE_CHART", "2"),
        ("TABLE", "20"),
    ] {
        let query = format!("USQL;{shape};Android;SELECT many");
        assert_eq!(outcome(&ask(&running, &query).await), value, "{shape}");
    }
    insta::assert_snapshot!(outcome(&ask(&running, "USQL;TABLE;a;SELECT nothing").await), @"BadQuery: Dynatrace API error (400): Invalid USQL; query: is wrong");
}

#[tokio::test]
async fn a_throttled_question_is_asked_again_when_the_server_says() {
    let reset = (jiff::Timestamp::from_second(0).unwrap().as_microsecond()).to_string();
    for header in [
        Some(("Retry-After", "0".to_owned())),
        Some(("X-RateLimit-Reset", reset)),
        None,
    ] {
        let tenant = Tenant {
            throttled: (2, header),
            ..with(Metric::of(&[Some(1.0)]))
        };
        let running = tenant.start().await;
        let reading = ask(&running, &selected(":avg")).await;
        assert_eq!((outcome(&reading).as_str(), reading.attempts), ("1", 3));
    }
    let tenant = Tenant {
        throttled: (2, Some(("Retry-After", "61".to_owned()))),
        ..with(Metric::of(&[Some(1.0)]))
    };
    let running = tenant.start().await;
    let reading = ask(&running, &selected(":avg")).await;
    assert_eq!(
        (outcome(&reading).as_str(), reading.attempts),
        ("Throttled: Dynatrace API error (429): Too many requests", 1)
    );
}

#[tokio::test]
async fn a_wait_of_a_minute_is_waited_and_no_longer() {
    let settings = DynatraceSettings::environment("https://abc.live.dynatrace.com").unwrap();
    assert_eq!(settings.retry.max, Duration::from_secs(60));
}

#[tokio::test]
async fn a_missing_scope_and_a_wrong_parameter_are_told_with_what_to_do() {
    let tenant = Tenant {
        scopes: vec!["slo.read"],
        ..with(Metric::of(&[]))
    };
    let running = tenant.start().await;
    insta::assert_snapshot!(outcome(&ask(&running, &selected("")).await), @"NotAuthorised: Dynatrace API error (403): Token is missing required scope. Use one of: metrics.read; the token needs the scope metrics.read");
    let running = with(Metric::of(&[])).start().await;
    insta::assert_snapshot!(outcome(&ask(&running, "metricSelector=a:b:c").await), @"BadQuery: Dynatrace API error (400): The metric key a:b:c is unknown; metricSelector: is wrong");
}

#[tokio::test]
async fn an_odd_token_is_refused_with_advice_and_never_shown() {
    let running = with(Metric::of(&[])).start().await;
    let mut settings = running.settings();
    settings.environment.as_mut().unwrap().auth = Auth::Header {
        name: "Authorization".to_owned(),
        scheme: Some("Api-Token".to_owned()),
        value: Secret::new("dt0c01.CUT-OFF"),
    };
    let reading = ask_as(
        &settings,
        request(&selected(""), &json!({}), Handling::default()),
    )
    .await;
    insta::assert_snapshot!(outcome(&reading), @"NotAuthorised: Dynatrace API error (401): Token Authentication failed; the token needs the scope metrics.read; the API token has not the form `dt0c01.PUBLIC.SECRET` with 24 and 64 capitals and digits; is it cut off?");
}

#[tokio::test]
async fn what_the_server_echoes_of_the_secrets_is_masked() {
    let tenant = Tenant {
        scopes: vec!["none"],
        echoes: true,
        ..with(Metric::of(&[]))
    };
    let running = tenant.start().await;
    let mut with_client = running.settings();
    with_client.platform.as_mut().unwrap().auth = running.client();
    for (settings, query) in [
        (running.settings(), selected("")),
        (running.settings(), "DQL;unknown".to_owned()),
        (with_client, format!("DQL;{CLIENT_SECRET} {TOKEN}")),
    ] {
        let reading = ask_as(&settings, request(&query, &json!({}), Handling::default())).await;
        let Outcome::Failed(failure) = &reading.outcome else {
            panic!("{reading:?}");
        };
        let text = &failure.message;
        assert!(text.contains("***"), "{text}");
        for secret in [TOKEN, PLATFORM_TOKEN, CLIENT_SECRET, "given-out-1"] {
            let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, secret);
            let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            for form in [secret, &base64, &encoded] {
                assert!(!text.contains(form), "{text}");
            }
        }
    }
}

fn grail(query: GrailQuery) -> Tenant {
    Tenant {
        grail: BTreeMap::from([("timeseries x", query)]),
        ..Tenant::default()
    }
}

fn succeeded(polls: usize, records: &Value) -> GrailQuery {
    GrailQuery {
        polls,
        end: "SUCCEEDED",
        result: json!({"records": records, "types": []}),
    }
}

async fn ask_dql(running: &Running, handling: Handling) -> Reading {
    let options = json!({"dql": "timeseries x"});
    ask_as(&running.settings(), request("", &options, handling)).await
}

#[tokio::test]
async fn a_query_of_grail_may_be_done_at_once() {
    let running = grail(succeeded(0, &json!([{"n": "42"}]))).start().await;
    let reading = ask(&running, "DQL;timeseries x").await;
    assert_eq!((outcome(&reading).as_str(), reading.attempts), ("42", 1));
    let body: Value = serde_json::from_str(&running.server.received()[0].body).unwrap();
    assert_eq!(body["defaultTimeframeStart"], "2024-01-01T00:00:00Z");
    assert_eq!(body["defaultTimeframeEnd"], "2024-01-01T00:10:00Z");
    let reading = ask_dql(&running, Handling::default()).await;
    assert_eq!(reading.query.as_deref(), Some("timeseries x"));
}

#[tokio::test]
async fn a_query_of_grail_is_polled_until_it_is_done() {
    let running = grail(succeeded(
        3,
        &json!([{"p95": [1, null, 3], "interval": "60000000000", "timeframe": {}}]),
    ))
    .start()
    .await;
    let handling = Handling {
        reduce: "mean".parse().unwrap(),
        ..Handling::default()
    };
    let reading = ask_dql(&running, handling).await;
    assert_eq!(
        (
            outcome(&reading).as_str(),
            reading.attempts,
            reading.samples
        ),
        ("2", 4, Some(2))
    );
    let received = running.server.received();
    assert_eq!(
        received[1].parameter("request-token").as_deref(),
        Some("req/0+=")
    );
    let hold: u64 = received[1]
        .parameter("request-timeout-milliseconds")
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=10_000).contains(&hold));
    assert_eq!(running.cancelled(), Vec::<String>::new());
}

#[tokio::test]
async fn every_other_end_of_a_query_is_told() {
    for (end, expected) in [
        (
            "FAILED",
            "BadQuery: Grail could not run the query (state FAILED); try it in a notebook there",
        ),
        (
            "CANCELLED",
            "Unavailable: somebody cancelled the query in Grail (state CANCELLED); ask again",
        ),
        (
            "RESULT_GONE",
            "Unavailable: Grail has dropped the result before it was fetched (state RESULT_GONE); ask again",
        ),
        (
            "EXPLODED",
            "BadAnswer: Grail names a state of the query that is not known",
        ),
    ] {
        let query = GrailQuery {
            polls: 1,
            end,
            result: Value::Null,
        };
        let running = grail(query).start().await;
        assert_eq!(
            outcome(&ask_dql(&running, Handling::default()).await),
            expected
        );
    }
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_cancelled() {
    let running = grail(succeeded(usize::MAX, &json!([]))).start().await;
    let handling = Handling {
        timeout: Some(Duration::from_millis(200)),
        ..Handling::default()
    };
    let reading = ask_dql(&running, handling).await;
    insta::assert_snapshot!(outcome(&reading), @"Unavailable: Grail did not finish the query within 200ms, and it was cancelled; set a longer `timeout`, or ask for less");
    assert_eq!(running.cancelled(), ["timeseries x"]);
}

#[tokio::test]
async fn a_query_whose_polls_hang_is_cancelled() {
    let query = GrailQuery {
        end: "HANGS",
        ..succeeded(1, &json!([]))
    };
    let running = grail(query).start().await;
    let handling = Handling {
        timeout: Some(Duration::from_millis(100)),
        ..Handling::default()
    };
    let reading = ask_dql(&running, handling).await;
    let text = outcome(&reading);
    assert!(
        text.starts_with("Unavailable: no complete answer from"),
        "{text}"
    );
    assert_eq!(running.cancelled(), ["timeseries x"]);
}

#[tokio::test]
async fn a_client_of_oauth_gets_its_token_first() {
    let running = grail(succeeded(1, &json!([{"n": 1}]))).start().await;
    let mut settings = running.settings();
    settings.platform.as_mut().unwrap().auth = running.client();
    let options = json!({"dql": "timeseries x"});
    let reading = ask_as(&settings, request("", &options, Handling::default())).await;
    assert_eq!(outcome(&reading), "1");
    assert_eq!(running.server.received()[0].path, "/sso/oauth2/token");
}

#[tokio::test]
async fn a_query_that_grail_cannot_read_is_told() {
    let running = grail(succeeded(0, &json!([]))).start().await;
    insta::assert_snapshot!(outcome(&ask(&running, "DQL;fetsch").await), @"BadQuery: Dynatrace API error (400): PARSE_ERROR");
}

#[tokio::test]
async fn a_kind_of_query_without_credentials_is_refused() {
    let running = with(Metric::of(&[Some(1.0)])).start().await;
    let settings = DynatraceSettings {
        platform: None,
        ..running.settings()
    };
    let reading = ask_as(&settings, request("DQL;x", &json!({}), Handling::default())).await;
    insta::assert_snapshot!(outcome(&reading), @"NotAuthorised: DQL needs `platform_token`, or `client_id` and `client_secret`, of the provider");
    assert_eq!(running.server.received().len(), 0);
}

#[tokio::test]
async fn a_probe_asks_for_one_metric_and_verifies_a_query() {
    let running = with(Metric::of(&[])).start().await;
    let checks = open(&running.settings()).probe().await;
    let good = checks
        .iter()
        .filter(|check| matches!(check.outcome, CheckOutcome::Good(_)));
    assert!(good.count() >= 4, "{checks:?}");
    assert!(
        !checks
            .iter()
            .any(|check| matches!(check.outcome, CheckOutcome::Bad { .. })),
        "{checks:?}"
    );
    let paths: Vec<String> = running
        .server
        .received()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(
        paths,
        [
            "/api/v2/metrics?pageSize=1",
            "/platform/storage/query/v1/query:verify"
        ]
    );
    let refused = Tenant {
        scopes: vec!["slo.read"],
        ..Tenant::default()
    };
    let checks = open(&refused.start().await.settings()).probe().await;
    let bad = checks.iter().find_map(|check| match &check.outcome {
        CheckOutcome::Bad { kind, .. } => Some(*kind),
        CheckOutcome::Good(_) | CheckOutcome::Odd { .. } | CheckOutcome::Skipped(_) => None,
    });
    assert_eq!(bad, Some(FailureKind::NotAuthorised));
}

/// Plans one indicator, given what the files define.
fn planned(
    indicators: &[(&str, &str)],
    wanted: &str,
    context: &Context,
) -> Result<String, PlanError> {
    let facts = DynatraceFacts::new(None);
    let name = ProviderName::new("dynatrace").unwrap();
    let defined = BTreeMap::from([(
        name.clone(),
        DefinedProvider {
            policies: PolicyLayer::default(),
            facts: &facts as &dyn ProviderFacts,
        },
    )]);
    let policies = PolicyLayer::default();
    let providers = Providers {
        for_undefined: None,
        default: Some(&name),
        defined: &defined,
        policies: &policies,
    };
    let definition = |(name, query): &(&str, &str)| {
        let definition = IndicatorDefinition {
            query: (*query).to_owned(),
            ..IndicatorDefinition::default()
        };
        (IndicatorName::new(*name).unwrap(), definition)
    };
    let sli = Sli {
        provider: None,
        indicators: indicators.iter().map(definition).collect(),
    };
    let wanted = IndicatorName::new(wanted).unwrap();
    let planned = plan_indicators([&wanted], &sli, &providers, context);
    planned
        .map(|mut queries| queries.remove(0).text)
        .map_err(|mut errors| errors.remove(0))
}

#[test]
fn the_built_in_queries_count_only_where_no_file_defines_any() {
    let alone = planned(&[], "throughput", &context()).unwrap();
    assert!(alone.starts_with("metricSelector=builtin:service.requestCount.total"));
    let error = planned(&[("other", "metricSelector=a")], "throughput", &context()).unwrap_err();
    assert!(matches!(error, PlanError::NoQuery { .. }), "{error}");
    assert!(planned(&[("empty", "")], "throughput", &context()).is_ok());
}

#[test]
fn the_names_of_an_event_are_those_of_labels() {
    let mut labelled = context();
    labelled.labels = BTreeMap::from([
        ("context".to_owned(), "c1".to_owned()),
        ("teststrategy".to_owned(), "performance".to_owned()),
    ]);
    let query = "metricSelector=a:filter(eq(x,$CONTEXT-$TESTSTRATEGY-$DEPLOYMENT))";
    assert_eq!(
        planned(&[("a", query)], "a", &labelled).unwrap(),
        "metricSelector=a:filter(eq(x,c1-performance-primary))"
    );
    let error = planned(&[("a", query)], "a", &context()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`$CONTEXT` stands for nothing in the query of SLI `a`"
    );
}

#[test]
fn the_delay_is_that_of_keptn() {
    let facts = DynatraceFacts::new(None);
    let delay = |text: &str| {
        facts.delay(&crate::gate::Query {
            indicator: IndicatorName::new("a").unwrap(),
            provider: ProviderName::new("dt").unwrap(),
            text: text.to_owned(),
            options: Options::new(),
            policies: PolicyLayer::default().resolve(),
            handling: Handling::default(),
        })
    };
    assert_eq!(
        delay("USQL;SINGLE_VALUE;;SELECT 1"),
        Duration::from_secs(360)
    );
    for query in ["metricSelector=a", "SLO;a", "PV2;problemSelector=a", ""] {
        assert_eq!(delay(query), Duration::from_secs(120));
    }
}
