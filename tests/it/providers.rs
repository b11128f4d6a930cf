//! `tidegate providers`, and a declared HTTP backend on the way from the files to the exit code.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use insta::assert_snapshot;

use crate::harness::Gate;
use crate::help::help;

/// Serves one answer again and again, on a free port of this machine, until the test ends.
fn serve(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 8192];
            drop(stream.read(&mut request));
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    url
}

/// An SLO with one objective.
const SLO: &str = "spec_version: '1.0'\nobjectives:\n  - sli: error_lines\n    pass:\n      - criteria: ['<10']\ntotal_score:\n  pass: '90%'\n";

#[test]
fn the_list_names_every_type_and_what_it_needs() {
    let answer = Gate::new().args(["providers"]).run().code(0);
    assert_snapshot!(answer.stdout(), @"
    TYPE                     WHAT IT IS                                              BY        NEEDS
    azure-monitor            Azure Monitor (KQL)                                     http      vars.tenant, vars.workspace, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET
    cloudwatch               Amazon CloudWatch (metric math, Metrics Insights)       http      vars.region, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
    datadog                  Datadog: metrics, logs, spans, and more                 built in  api_key, app_key
    dynatrace                Dynatrace: metrics, SLOs, problems, USQL, DQL           built in  url, api_token (platform_token for DQL)
    elasticsearch            Elasticsearch (Lucene queries)                          http      url, ELASTICSEARCH_API_KEY
    exec                     Any program that prints numbers, and plug-ins           built in  command
    file                     Files: load tests, JUnit, coverage, metrics, JSON, CSV  built in
    google-cloud-monitoring  Google Cloud Monitoring (PromQL)                        http      vars.project, GOOGLE_ACCESS_TOKEN
    grafana                  Grafana (PromQL through its data-source proxy)          http      url, vars.datasource, GRAFANA_TOKEN
    graphite                 Graphite (render API)                                   http      url
    honeycomb                Honeycomb (Query Data API)                              http      HONEYCOMB_API_KEY
    http                     Any HTTP API, declared in tidegate.yaml                 built in  url, request, response
    influxdb1                InfluxDB 1 (InfluxQL)                                   http      url, vars.db
    influxdb2                InfluxDB 2 (Flux)                                       http      url, vars.org, INFLUX_TOKEN
    loki                     Grafana Loki (LogQL)                                    http      url
    mimir                    Grafana Mimir (PromQL)                                  http      url
    newrelic                 New Relic (NRQL through NerdGraph)                      http      vars.account, NEW_RELIC_API_KEY
    opensearch               OpenSearch (Lucene queries)                             http      url, OPENSEARCH_USER, OPENSEARCH_PASSWORD
    prometheus               Prometheus, and what speaks its API (PromQL)            built in  url
    sentry                   Sentry (Explore)                                        http      vars.org, SENTRY_AUTH_TOKEN
    signoz                   SigNoz (PromQL)                                         http      url, SIGNOZ_API_KEY
    sonarqube                SonarQube (measures)                                    http      url, SONAR_TOKEN
    splunk                   Splunk (search jobs)                                    http      url, SPLUNK_TOKEN
    sql                      PostgreSQL and SQLite                                   built in  url
    static                   Numbers that tidegate.yaml or the SLI file states       built in
    tempo                    Grafana Tempo (TraceQL metrics)                         http      url
    thanos                   Thanos (PromQL over many Prometheus)                    http      url
    victoriametrics          VictoriaMetrics (MetricsQL)                             http      url
    ");
}

#[test]
fn the_list_is_there_for_programs_too_with_definitions_of_ones_own() {
    let own = "about: ours\nurl: http://localhost\nrequest: { path: / }\nresponse: { extract: { text: true } }\n";
    let answer = Gate::new()
        .file("tidegate.yaml", "{}")
        .file("sli-providers/shop.yaml", own)
        .args(["providers", "--output", "json"])
        .run()
        .code(0);
    let document: serde_json::Value = serde_json::from_str(&answer.stdout()).unwrap();
    let providers = document["providers"].as_array().unwrap();
    let shop = providers
        .iter()
        .find(|line| line["type"] == "shop")
        .unwrap();
    assert_eq!(shop["about"], "ours");
    assert!(shop["path"].as_str().unwrap().ends_with("shop.yaml"));
    assert!(providers.len() >= 23, "{}", providers.len());
}

#[test]
fn a_definition_is_printed_as_it_is() {
    let answer = Gate::new()
        .args(["providers", "show", "loki"])
        .run()
        .code(0);
    assert_eq!(
        answer.stdout(),
        include_str!("../../sli-providers/loki.yaml")
    );
    let answer = Gate::new()
        .args(["providers", "show", "lokki"])
        .run()
        .code(64);
    assert!(
        answer.stderr().contains("did you mean `loki`?"),
        "{}",
        answer.stderr()
    );
}

#[test]
fn a_declared_backend_decides_the_exit_code() {
    let files = |url: &str| {
        Gate::new()
            .file("slo.yaml", SLO)
            .file("sli.yaml", "indicators:\n  error_lines: 'sum(count_over_time({app=\"$SERVICE\"}[5m]))'\n")
            .file("tidegate.yaml", format!("event_log: 'memory:'\nproviders:\n  loki:\n    url: {url}\n    retry: {{ attempts: 1 }}\n    auth: {{ bearer: \"${{LOKI_TOKEN}}\" }}\n"))
            .env("LOKI_TOKEN", "s3cret-of-loki")
            .args(["evaluate", "--verbose"])
    };
    let vector = |value: &str| -> &'static str {
        format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[1,"{value}"]}}]}}}}"#).leak()
    };
    for (status, body, code) in [
        ("200 OK", vector("3"), 0),
        ("200 OK", vector("30"), 1),
        (
            "200 OK",
            r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
            1,
        ),
        ("401 Unauthorized", "s3cret-of-loki is wrong", 77),
        ("400 Bad Request", "parse error", 65),
        ("503 Service Unavailable", "{}", 69),
    ] {
        let answer = files(&serve(status, body)).run().code(code);
        let all = format!("{}{}", answer.stdout(), answer.stderr());
        assert!(!all.contains("s3cret-of-loki"), "{all}");
    }
}

#[test]
fn the_help_of_providers() {
    assert_snapshot!(help(&["providers", "-h"]), @r"
    List the providers that SLIs can be asked of, or print one

    Usage: tidegate providers [OPTIONS]
           tidegate providers <COMMAND>

    Commands:
      show  Print the file of a definition, to read or to change it

    Options:
      -o, --output <FORMAT>  What stdout shows: table or json [default: table]
          --color <WHEN>     Colour the text: auto, always or never [default: auto]
      -q, --quiet            Say only what went wrong
      -v, --verbose          Say where each setting comes from, and how each value was fetched
      -h, --help             Print help (see more with '--help')
      -V, --version          Print version

    Examples:
      tidegate providers
      tidegate providers show loki
      tidegate providers show loki > sli-providers/loki.yaml
    ");
    assert_snapshot!(help(&["providers", "show", "-h"]), @r"
    Print the file of a definition, to read or to change it

    Usage: tidegate providers show [OPTIONS] <NAME>

    Arguments:
      <NAME>  The name, as the list has it

    Options:
          --color <WHEN>  Colour the text: auto, always or never [default: auto]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say where each setting comes from, and how each value was fetched
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version
    ");
}
