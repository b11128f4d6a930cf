//! `tidegate query`: values, why there are none, ranges, and how it ends.

mod range;

use insta::assert_snapshot;

use crate::harness::Gate;
use crate::support::misbehaving::{Reply, Server};
use crate::support::prometheus::{Access, Prometheus};

/// A window that every test can speak of.
const WINDOW: [&str; 4] = [
    "--start",
    "2024-02-01T10:00:00Z",
    "--end",
    "2024-02-01T10:05:00Z",
];

/// SLIs that are answered differently.
const SLI: &str = "indicators:
  broken: bad($DURATION_SECONDS)
  gone: none{service='$SERVICE'}
  many: { query: many, reduce: max, unit: ms, scale: 1000 }
  plain: one
";

/// Starts a server that answers as Prometheus does.
fn server() -> Server {
    Server::start(|request| {
        let many = r#"{"status":"success","data":{"resultType":"vector","result":[
            {"metric":{"pod":"a"},"value":[1706781600,"0.25"]},{"metric":{"pod":"b"},"value":[1706781600,"0.5"]}]}}"#;
        match request {
            request if request.contains("query=one") => Reply::number(7.5),
            request if request.contains("query=many") => Reply::json(200, many),
            request if request.contains("query=none") => Reply::no_series(),
            _ => Reply::bad_query("parse error: unexpected end of input"),
        }
    })
}

/// Starts in a folder with an SLI file and no SLO.
fn gate(url: &str) -> Gate {
    let config = format!(
        "project: sockshop\nservice: carts\nproviders: {{ prod: {{ type: prometheus, url: '{url}', retry: {{ attempts: 1 }} }} }}\n"
    );
    Gate::new()
        .file("sli.yaml", SLI)
        .file("tidegate.yaml", config)
        .args(["query"])
        .args(WINDOW)
}

#[test]
fn each_value_is_shown_with_all_that_is_needed_to_ask_again() {
    let server = server();
    let gate = gate(&server.url());
    assert_snapshot!(gate.run_with(["plain", "many"]).code(0).stdout(), @"
    sockshop/default/carts  [time] to [time]

    plain  7.5
      prod at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt
        one

    many  [ms]
      prod at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt, max of 2 numbers
        many
    ");
    assert!(!gate.path(".tidegate").exists());
}

#[test]
fn what_has_no_value_says_why_and_what_to_try() {
    let server = server();
    let gate = gate(&server.url());
    let answer = gate.run().code(65);
    assert_snapshot!(answer.stdout(), @"
    sockshop/default/carts  [time] to [time]

    broken  failed: Prometheus answered 400, bad_data: parse error: unexpected end of input
      prod at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt
        bad(300s)
      hint: correct the query: tidegate query --expr QUERY tries one that stands in no file

    gone  no data: query did not return any values between [time] and [time]; is the metric scraped, and was there any traffic?
      prod at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt
        none{service='carts'}
      hint: look whether there are data in this window: tidegate query --range 1d shows when there were, and `on_no_data` says what their absence means

    many  [ms]
      prod at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt, max of 2 numbers
        many

    plain  7.5
      prod at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt
        one

    2 of 4 with a value, 1 no data, 1 failed
    ");
    assert_eq!(answer.raw_stderr(), "");
    assert_snapshot!(gate.run_with(["gone"]).code(0).stdout(), @"
    sockshop/default/carts  [time] to [time]

    gone  no data: query did not return any values between [time] and [time]; is the metric scraped, and was there any traffic?
      prod at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt
        none{service='carts'}
      hint: look whether there are data in this window: tidegate query --range 1d shows when there were, and `on_no_data` says what their absence means

    0 of 1 with a value, 1 no data
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one text")]
fn programs_read_the_same_as_json() {
    let server = server();
    let document = gate(&server.url()).run_with(["-o", "json"]).code(65).json();
    let mut document = document;
    for sli in document["slis"].as_array_mut().unwrap() {
        assert!(sli["elapsed_ms"].is_number());
        assert!(sli["endpoint"].as_str().unwrap().ends_with("/api/v1/query"));
        sli.as_object_mut().unwrap().remove("elapsed_ms");
        sli.as_object_mut().unwrap().remove("endpoint");
    }
    let slis = document["slis"].as_array_mut().unwrap();
    let outcomes: Vec<&str> = slis
        .iter()
        .map(|sli| sli["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["failed", "no_data", "value", "value"]);
    slis.drain(1..3);
    assert_snapshot!(format!("{document:#}"), @r#"
    {
      "version": 1,
      "project": "sockshop",
      "stage": "default",
      "service": "carts",
      "labels": {},
      "window": {
        "start": "2024-02-01T10:00:00.000Z",
        "end": "2024-02-01T10:05:00.000Z"
      },
      "slis": [
        {
          "sli": "broken",
          "outcome": "failed",
          "value": null,
          "unit": null,
          "reason": "Prometheus answered 400, bad_data: parse error: unexpected end of input",
          "hint": "correct the query: tidegate query --expr QUERY tries one that stands in no file",
          "provider": "prod",
          "query": "bad(300s)",
          "warnings": [],
          "samples": null,
          "reduced": null,
          "attempts": 1,
          "range": null
        },
        {
          "sli": "plain",
          "outcome": "value",
          "value": 7.5,
          "unit": null,
          "reason": null,
          "hint": null,
          "provider": "prod",
          "query": "one",
          "warnings": [],
          "samples": null,
          "reduced": null,
          "attempts": 1,
          "range": null
        }
      ],
      "warnings": []
    }
    "#);
}

#[test]
fn a_name_that_nobody_knows_ends_with_64_and_the_nearest_one() {
    let gate = gate("http://127.0.0.1:9");
    assert_snapshot!(gate.run_with(["plan"]).code(64).stderr(), @"
    error: there is no SLI `plan`
      hint: did you mean `plain`? Known are `broken`, `gone`, `many`, and `plain`
    ");
    assert_snapshot!(gate.run_with(["plan", "nothing_like_it"]).code(64).stderr(), @"
    error: there are no SLIs `plan`, `nothing_like_it`
      hint: plan: did you mean `plain`? Known are `broken`, `gone`, `many`, and `plain`; nothing_like_it: known are `broken`, `gone`, `many`, and `plain`
    ");
    gate.run_with(["plan", "-o", "json"])
        .code(64)
        .says_its_code("json");
}

#[test]
fn evaluate_tells_the_same_of_each_value_to_those_who_ask() {
    let server = server();
    let config = format!(
        "providers: {{ prod: {{ type: prometheus, url: '{}' }} }}\n",
        server.url()
    );
    let gate = Gate::new()
        .file(
            "slo.yaml",
            "objectives: [{ sli: many }]\ntotal_score: { pass: 90% }\n",
        )
        .file("sli.yaml", SLI)
        .file("tidegate.yaml", config)
        .args(["evaluate", "--event-log", "memory:", "--verbose"]);
    let told = gate.run().code(0).stderr();
    let (_, told) = told.split_once("many:").unwrap();
    assert_snapshot!(told, @"
    prod at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt, max of 2 numbers, in ms
       many
    ");
}

#[test]
fn without_any_file_there_is_nothing_to_ask() {
    let gate = Gate::new()
        .env("PROMETHEUS_URL", "http://127.0.0.1:9")
        .args(["query"]);
    assert_snapshot!(gate.run().code(66).stderr(), @"
    error: there is no SLI to ask for: neither sli.yaml nor slo.yaml was found
      hint: go to their folder, name one with --sli FILE, or type a query: tidegate query --expr 'up' --provider prometheus
    ");
}

#[test]
fn a_typed_query_needs_no_file_and_its_problems_are_its_own() {
    let server = server();
    let gate = Gate::new()
        .env("PROMETHEUS_URL", server.url())
        .args([
            "query",
            "--provider",
            "prometheus",
            "--service=carts",
            "--project=sockshop",
        ])
        .args(WINDOW);
    assert_snapshot!(gate.run_with(["--expr", "one"]).code(0).stdout(), @"
    sockshop/default/carts  [time] to [time]

    query  7.5
      prometheus at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt
        one
    ");
    assert_snapshot!(gate.run_with(["--expr", "up{a='$NOTHING'}"]).code(65).stderr(), @"
    --expr: error: `$NOTHING` stands for nothing in the query of SLI `query`
      = hint: known are $PROJECT, $STAGE, $SERVICE, $DEPLOYMENT, $DURATION_SECONDS, $DURATION_S, $DURATION_MS, $DURATION_MIN, $START_UNIX, $END_UNIX, $START_MS, $END_MS, $START_NS, $END_NS, $START_RFC3339, $END_RFC3339. A literal $ is written $$
    ");
}

#[test]
fn filters_of_an_slo_count() {
    let server = server();
    let slo = "filter: { handler: Items }\nobjectives: [{ sli: throughput }]\ntotal_score: { pass: 90% }\n";
    let gate = Gate::new()
        .env("PROMETHEUS_URL", server.url())
        .file("slo.yaml", slo)
        .args(["query", "-o", "json"]);
    let document = gate.run().code(65).json();
    let query = document["slis"][0]["query"].as_str().unwrap();
    assert!(query.contains("handler='Items'"), "{query}");
}

#[test]
fn the_code_is_that_of_the_failure() {
    let unauthorised = Server::always(Reply::json(401, "{}"));
    let gate = gate(&unauthorised.url());
    assert_snapshot!(gate.run_with(["plain"]).code(77).stdout(), @"
    sockshop/default/carts  [time] to [time]

    plain  failed: HTTP 401, the server refuses the credentials, or misses them: {} (application/json)
      prod at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt
        one
      hint: check the credentials of the provider, in tidegate.yaml or in the environment

    0 of 1 with a value, 1 failed
    ");
    let silent = Server::always(Reply::Hang);
    let gate = self::gate(&silent.url()).args(["--timeout", "100ms"]);
    assert_snapshot!(gate.run().code(124).says_nothing().stderr(), @"
    error: --timeout ran out after 0.1 s, before all answers were there
      hint: raise --timeout, or look at what is slow
    ");
}

#[test]
fn a_real_prometheus_answers() {
    let Some(server) = Prometheus::start(Access::Open) else {
        return;
    };
    server.wait_for_samples();
    let gate = Gate::new().env("PROMETHEUS_URL", server.url()).args([
        "query",
        "--timeframe",
        "1m",
        "-o",
        "json",
    ]);
    let document = gate
        .run_with(["--expr", "count(http_requests_total)", "--range", "3m"])
        .code(0)
        .json();
    assert_eq!(document["slis"][0]["value"], 2);
    let points = document["slis"][0]["range"]["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[2]["value"]), (3, &2.into()));
}

#[test]
fn a_name_that_no_file_knows_is_called_so_also_where_no_provider_is_the_default() {
    let config = "providers: {one: {type: static}, two: {type: static}}\n";
    let sli = "indicators: {errors: {provider: one, value: 3}}\n";
    let gate = Gate::new()
        .file("tidegate.yaml", config)
        .file("sli.yaml", sli)
        .args(["query"]);
    gate.run_with(["errors"]).code(0);
    let answer = gate.run_with(["erors"]).code(64);
    assert!(
        answer.stderr().contains("did you mean `errors`?"),
        "{}",
        answer.stderr()
    );
}
