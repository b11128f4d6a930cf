//! End to end against a real Prometheus. Where there is none these tests say that they are skipped.

use insta::assert_snapshot;

use crate::harness::Gate;
use crate::support::prometheus::{Access, PASSWORD, Prometheus, USER};

/// Objectives for Keptn's default SLIs.
const DEFAULTS: &str = r#"objectives:
  - sli: throughput
    pass: [{criteria: [">0"]}]
  - sli: error_rate
    pass: [{criteria: [">0", "<1"]}]
  - sli: response_time_p95
    pass: [{criteria: ["<=100"]}]
total_score: { pass: "100%" }
"#;

/// What the exporter is scraped as: SERVICE-PROJECT-STAGE-DEPLOYMENT.
const SERIES: [&str; 6] = [
    "--service=carts",
    "--project=sockshop",
    "--stage=dev",
    "--deployment=canary",
    "--timeframe",
    "1m",
];

/// Starts a server that has scraped already.
fn server(access: Access) -> Option<Prometheus> {
    let server = Prometheus::start(access)?;
    server.wait_for_samples();
    Some(server)
}

#[test]
fn the_url_alone_is_enough_for_the_default_slis() {
    let Some(server) = server(Access::Open) else {
        return;
    };
    let gate = Gate::new()
        .file("slo.yaml", DEFAULTS)
        .env("PROMETHEUS_URL", server.url())
        .args(["evaluate"])
        .args(SERIES);
    let first = gate.run_with(["-o", "json"]).code(0).json();
    assert_eq!(first["score"], 100);
    assert_eq!(first["comparison"]["compared"].as_array().unwrap().len(), 0);
    assert_eq!(first["objectives"][2]["value"], 95);
    let second = gate.run_with(["-o", "json"]).code(0).json();
    assert_eq!(second["comparison"]["compared"][0]["id"], first["id"]);
    assert_eq!(second["objectives"][2]["baseline"], 95);
    let table = gate.run().code(0).stdout();
    assert!(table.contains("Compared with"), "{table}");
    reads_own_queries_beside_one_that_fails(&server);
    a_second_run_is_judged_by_the_first(&server);
}

/// The objective of a query that Prometheus refuses fails; the others are judged.
fn reads_own_queries_beside_one_that_fails(server: &Prometheus) {
    let slo = r#"objectives:
  - sli: good
    pass: [{criteria: ["=4"]}]
  - sli: broken
    pass: [{criteria: ["<1"]}]
  - sli: many
    pass: [{criteria: ["<1"]}]
  - sli: none
    pass: [{criteria: ["<1"]}]
total_score: { pass: "90%", warning: "25%" }
"#;
    let sli = "indicators:\n  good: vector($LABEL.number)\n  broken: sum(\n  many: http_requests_total\n  none: absent_metric\n";
    let gate = Gate::new()
        .file("slo.yaml", slo)
        .file("sli.yaml", sli)
        .env("PROMETHEUS_URL", server.url())
        .args(["evaluate", "--label", "number=4", "--event-log", "memory:"])
        .args(SERIES);
    let answer = gate.run().code(3).stdout();
    let missed: Vec<&str> = answer
        .lines()
        .filter(|line| line.contains("has no value"))
        .collect();
    assert_snapshot!(missed.join("\n"), @r#"
    ✗ fail broken has no value: Prometheus answered 400, bad_data: invalid parameter "query": 1:5: parse error: unclosed left parenthesis
    ✗ fail many has no value: query did return multiple values (2): http_requests_total{instance="127.0.0.1:[port]",job="carts-sockshop-dev-canary",status="200"}, http_requests_total{instance="127.0.0.1:[port]",job="carts-sockshop-dev-canary",status="500"}; make one of them with `sum(…)` or `max(…)`, or with `reduce: max` beside the query
    ✗ fail none has no value: query did not return any values between [time] and [time]; is the metric scraped, and was there any traffic?
    "#);
    let only_broken = Gate::new()
        .file(
            "slo.yaml",
            "objectives: [{ sli: broken }]\ntotal_score: { pass: 90% }\n",
        )
        .file("sli.yaml", "indicators: { broken: 'sum(' }\n")
        .env("PROMETHEUS_URL", server.url())
        .args(["evaluate", "--event-log", "memory:"]);
    assert_snapshot!(only_broken.refused(65).stderr(), @r#"
    error: no verdict: the only query could not be answered
      because: broken: Prometheus answered 400, bad_data: invalid parameter "query": 1:5: parse error: unclosed left parenthesis
      asked: broken of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: sum(
      hint: correct the query: tidegate query --expr QUERY tries one that stands in no file
    "#);
}

/// The second run meets a relative criterion or not, depending on the first.
fn a_second_run_is_judged_by_the_first(server: &Prometheus) {
    let slo = "objectives:\n  - sli: level\n    pass: [{criteria: ['<=+10%']}]\ntotal_score: { pass: 90% }\n";
    let sli = "indicators: { level: 'vector($LABEL.level)' }\n";
    let config = format!(
        "event_log: history.jsonl\nproviders: {{ prometheus: {{ url: '{}' }} }}\n",
        server.url()
    );
    let gate = Gate::new()
        .file("slo.yaml", slo)
        .file("sli.yaml", sli)
        .file("tidegate.yaml", config)
        .args(["evaluate", "--project=p", "--service=s"]);
    gate.run_with(["--label", "level=100"]).code(0);
    gate.run_with(["--label", "level=110"]).code(0);
    let answer = gate.run_with(["--label", "level=122"]).code(1);
    assert_snapshot!(answer.stdout(), @r"
    p/default/s  [time] to [time]
    labels: level=122

              SLI     Value   Baseline    Change   Passes if      Points
    ─────────────────────────────────────────────────────────────────────
     ✗ fail   level     122        110   +10.9 %   <=+10% (121)      0/1

    ✗ fail level is 122 and misses <=+10% (which is <= 121 here, with a baseline of 110)

    Compared with 1 earlier evaluation: [id] of [time]

    ✗ FAIL  score 0 of 100 (90 to pass)
    Evaluation failed since the calculated score of 0 is below the target value of 90
    ");
    assert_eq!(gate.read("history.jsonl").lines().count(), 6);
}

#[test]
fn a_protected_server_is_asked_with_credentials_and_refuses_wrong_ones() {
    let Some(server) = Prometheus::start(Access::Protected) else {
        return;
    };
    let gate = |password: &str| {
        let config = format!(
            "providers: {{ prometheus: {{ url: '{}', auth: {{ basic: {{ user: {USER}, password: '${{PASSWORD}}' }} }} }} }}\n",
            server.url()
        );
        Gate::new()
            .file("slo.yaml", "objectives: [{ sli: one, pass: [{criteria: ['=1']}] }]\ntotal_score: { pass: 90% }\n")
            .file("sli.yaml", "indicators: { one: vector(1) }\n")
            .file("tidegate.yaml", config)
            .env("PASSWORD", password)
            .args(["evaluate", "--event-log", "memory:"])
    };
    gate(PASSWORD).run().code(0);
    gate("wrong").refused(77);
    let keptn = Gate::new()
        .file(
            "slo.yaml",
            "objectives: [{ sli: one, pass: [{criteria: ['=1']}] }]\ntotal_score: { pass: 90% }\n",
        )
        .file("prometheus/sli.yaml", "indicators: { one: vector(1) }\n")
        .env("PROMETHEUS_URL", server.url())
        .env("PROMETHEUS_USER", USER)
        .env("PROMETHEUS_PASSWORD", PASSWORD)
        .args(["evaluate", "--event-log", "memory:"]);
    keptn.run().code(0);
}
