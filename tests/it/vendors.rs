//! Dynatrace and Datadog through the program: from the environment alone, in Keptn's folders, and side by side.

use insta::assert_snapshot;

use crate::harness::Gate;
use crate::support::misbehaving::{Reply, Server};

/// A token of the right form.
const TOKEN: &str = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX.ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The window; it is over, so that nobody waits for data to arrive.
const WINDOW: [&str; 4] = [
    "--start",
    "2024-01-01T00:00:00Z",
    "--end",
    "2024-01-01T00:10:00Z",
];

/// One objective.
fn slo(indicator: &str, criterion: &str) -> String {
    format!(
        "objectives:\n  - sli: {indicator}\n    pass: [{{criteria: [\"{criterion}\"]}}]\ntotal_score: {{ pass: \"100%\" }}\n"
    )
}

/// A Dynatrace that knows a token, a metric and a window.
fn dynatrace() -> Server {
    Server::start(|request| {
        let line = request.lines().next().unwrap_or_default();
        let head = request.to_ascii_lowercase();
        let token = format!("authorization: api-token {TOKEN}").to_ascii_lowercase();
        if !head.contains(&token) {
            let body = r#"{"error":{"code":401,"message":"Token Authentication failed"}}"#;
            return Reply::json(401, body);
        }
        let is_asked = line
            .starts_with("GET /e/1/api/v2/metrics/query?from=1704067200000&to=1704067800000&")
            && line.contains("metricSelector=builtin%3Aservice.response.time%3A");
        let values = if is_asked { "120000" } else { "" };
        Reply::json(
            200,
            format!(
                r#"{{"totalCount":1,"nextPageKey":null,"result":[{{"metricId":"m","data":[{{"dimensions":[],"dimensionMap":{{}},"timestamps":[1704067800000],"values":[{values}]}}]}}]}}"#
            ),
        )
    })
}

/// A Datadog that knows two keys and answers with the length of its query.
fn datadog() -> Server {
    Server::start(|request| {
        let head = request.to_ascii_lowercase();
        if !head.contains("dd-api-key: key-1") || !head.contains("dd-application-key: key-2") {
            return Reply::json(403, r#"{"errors":["Forbidden"]}"#);
        }
        let is_asked =
            request.contains("query=avg%3Aload%7Bservice%3Acarts%7D.rollup%28avg%2C%20600%29");
        let points = if is_asked { "[1704067200000,3.5]" } else { "" };
        Reply::json(
            200,
            format!(
                r#"{{"status":"ok","series":[{{"scope":"service:carts","interval":600,"pointlist":[{points}]}}]}}"#
            ),
        )
    })
}

#[test]
fn a_tenant_and_a_token_are_enough_for_the_built_in_queries() {
    let server = dynatrace();
    let gate = Gate::new()
        .file("slo.yaml", slo("response_time_p95", "<=120000"))
        .env("DT_TENANT", format!("{}/e/1/", server.url()))
        .env("DT_API_TOKEN", TOKEN)
        .args(["evaluate"])
        .args(WINDOW);
    let answer = gate.run_with(["-o", "json"]).code(0).json();
    assert_eq!(answer["objectives"][0]["value"], 120_000);
    assert_eq!(answer["objectives"][0]["unit"], "µs");
    let refused = gate.env("DT_API_TOKEN", "dt0c01.CUT").run().code(77);
    assert!(!refused.raw_stderr().contains("dt0c01.CUT"));
}

#[test]
fn an_own_query_switches_the_built_in_ones_off() {
    let gate = Gate::new()
        .file("slo.yaml", slo("throughput", ">0"))
        .file(
            "dynatrace/sli.yaml",
            "spec_version: '1.0'\nindicators:\n  other: metricSelector=a\n",
        )
        .env("DT_TENANT", "abc.live.dynatrace.com")
        .env("DT_API_TOKEN", TOKEN)
        .args(["evaluate", "--dry-run"]);
    let refused = gate.run().code(65).stderr();
    assert!(
        refused.contains("there is no query for SLI `throughput`"),
        "{refused}"
    );
}

#[test]
fn a_gate_that_a_dashboard_defines_is_refused() {
    let gate = Gate::new()
        .file("slo.yaml", slo("throughput", ">0"))
        .file(
            "dynatrace/dynatrace.conf.yaml",
            "spec_version: '0.1.0'\ndashboard: query\n",
        )
        .env("DT_TENANT", "abc.live.dynatrace.com")
        .env("DT_API_TOKEN", TOKEN)
        .args(["evaluate"]);
    let refused = gate.run().code(65).stderr();
    assert!(
        refused.contains("`dashboard` is set, but tidegate reads no dashboards"),
        "{refused}"
    );
}

#[test]
fn two_keys_and_the_folders_of_keptn_are_enough_for_datadog() {
    let server = datadog();
    let gate = Gate::new()
        .file("slo.yaml", slo("load", "<4"))
        .file("datadog/sli.yaml", "indicators:\n  load: 'avg:load{service:$service}.rollup(avg, $DURATION)'\n")
        .file("tidegate.yaml", format!("event_log: 'memory:'\nproviders:\n  datadog: {{ url: '{}', api_key: key-1, app_key: key-2 }}\n", server.url()))
        .args(["evaluate", "--service", "carts", "-o", "json"])
        .args(WINDOW);
    let answer = gate.run().code(0).json();
    assert_eq!(answer["objectives"][0]["value"], 3.5);
}

#[test]
fn one_file_mixes_both() {
    let (dynatrace, datadog) = (dynatrace(), datadog());
    let gate = Gate::new()
        .file("slo.yaml", "objectives:\n  - sli: time\n    pass: [{criteria: [\"<=120\"]}]\n  - sli: load\n    pass: [{criteria: [\"<4\"]}]\ntotal_score: { pass: \"100%\" }\n")
        .file("sli.yaml", "indicators:\n  time: { provider: dt, query: 'MV2;MicroSecond;metricSelector=builtin:service.response.time:avg' }\n  load: { provider: dd, query: 'avg:load{service:$SERVICE}.rollup(avg, ${DURATION_S})' }\n")
        .file("tidegate.yaml", format!("event_log: 'memory:'\nproviders:\n  dt: {{ type: dynatrace, url: '{}/e/1', api_token: {TOKEN} }}\n  dd: {{ type: datadog, url: '{}', api_key: key-1, app_key: key-2 }}\n", dynatrace.url(), datadog.url()))
        .args(["evaluate", "--service", "carts", "-o", "json"])
        .args(WINDOW);
    let answer = gate.run().code(0).json();
    assert_eq!(answer["objectives"][0]["value"], 120);
    assert_eq!(answer["objectives"][0]["unit"], "ms");
    assert_eq!(answer["objectives"][1]["value"], 3.5);
}

#[test]
fn a_site_that_does_not_exist_is_refused() {
    let gate = Gate::new()
        .file("slo.yaml", slo("load", "<4"))
        .env("DD_API_KEY", "key-1")
        .env("DD_APP_KEY", "key-2")
        .env("DD_SITE", "datadog.com")
        .args(["evaluate"]);
    assert_snapshot!(gate.run().code(78).stderr(), @"
    error: DD_SITE can't be used: `datadog.com` is no site of Datadog
      hint: such as datadoghq.eu, or us5.datadoghq.com
    ");
}
