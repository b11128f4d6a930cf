//! Every definition that comes with the program, with the examples of its own head.

use super::vendors::{Vendor, vendors};
use super::{ask, configured, failure, nothing, value};
use crate::config::FileConfig;
use crate::gate::FailureKind;
use crate::net::test_server::{Received, Reply, TestServer};
use crate::provider::SHIPPED;

/// Returns a part of the example in the head of a definition.
fn part(text: &str, from: &str, to: Option<&str>) -> String {
    let mut lines = text.lines().skip_while(|line| *line != from).skip(1);
    let mut part = String::new();
    for line in &mut lines {
        match line.strip_prefix("#   ") {
            Some(line) if to != Some(line) => part = part + line + "\n",
            _ => break,
        }
    }
    assert!(!part.is_empty(), "no {from} in {text}");
    part
}

/// Returns the example of a vendor: its configuration, asking a server, and its SLIs.
fn example(vendor: &Vendor, url: &str) -> (FileConfig, String) {
    let shipped = SHIPPED.iter().find(|shipped| shipped.name == vendor.name);
    let text = shipped.unwrap().text;
    let config = part(text, "# tidegate.yaml:", None);
    let sli = part(text, "# sli.yaml:", None);
    let entry = format!("  {}:", vendor.name);
    assert!(config.contains(&entry), "{config}");
    let config = config.replace(&format!("{entry} {{}}"), &entry);
    let mut own = format!("{entry}\n    retry: {{ attempts: 1 }}");
    if !config.contains("url:") {
        own = own + "\n    url: " + url;
    }
    let config = config.replace(&entry, &own);
    // The server that gives out tokens is this one, too.
    let login = format!("vars: {{ login: \"{url}\", tenant: contoso");
    let config = config.replace("vars: { tenant: contoso", &login);
    (configured(&config, url), sli)
}

/// Answers as a vendor does on the way to the last answer, which is another one.
fn instead(vendor: &Vendor, request: &Received, last: Reply) -> Reply {
    let path = request.path.split('?').next().unwrap_or_default();
    let is_before = path.ends_with("/oauth2/v2.0/token")
        || match vendor.name {
            "splunk" => !path.ends_with("/results"),
            "honeycomb" => !path.ends_with("/r1"),
            _ => false,
        };
    if is_before {
        (vendor.answer)(request)
    } else {
        last
    }
}

#[test]
fn every_definition_has_a_vendor_here_and_a_head_that_explains_it() {
    for shipped in SHIPPED {
        assert!(
            vendors().iter().any(|vendor| vendor.name == shipped.name),
            "{}",
            shipped.name
        );
        for word in [
            "# Docs: ",
            "# Credentials: ",
            "# tidegate.yaml:",
            "# sli.yaml:",
        ] {
            assert!(shipped.text.contains(word), "{}: {word}", shipped.name);
        }
    }
}

#[tokio::test]
async fn every_example_in_the_head_of_a_definition_gets_its_value() {
    for vendor in vendors() {
        let server = TestServer::start(|_, request| (vendor.answer)(request)).await;
        let (config, sli) = example(vendor, &server.url());
        let readings = ask(&config, &sli).await;
        let values: Vec<f64> = readings.iter().map(value).collect();
        assert_eq!(values, vendor.values, "{}", vendor.name);
        (vendor.check)(&server.received());
    }
}

#[tokio::test]
async fn an_answer_without_data_is_no_data_and_never_zero() {
    for vendor in vendors() {
        let server = TestServer::start(|_, request| {
            instead(vendor, request, Reply::json(200, vendor.empty))
        })
        .await;
        let (config, sli) = example(vendor, &server.url());
        for reading in ask(&config, &sli).await {
            let reason = nothing(&reading);
            assert!(reason.contains("HTTP 200"), "{}: {reason}", vendor.name);
        }
    }
}

#[tokio::test]
async fn a_wrong_query_is_told_in_the_words_of_the_server() {
    for vendor in vendors() {
        let (status, body) = vendor.error;
        let server = TestServer::start(move |_, request| {
            instead(vendor, request, Reply::json(status, body))
        })
        .await;
        let (config, sli) = example(vendor, &server.url());
        for reading in ask(&config, &sli).await {
            let (kind, message) = failure(&reading);
            assert_eq!(kind, FailureKind::BadQuery, "{}: {message}", vendor.name);
            assert!(message.contains(vendor.words), "{}: {message}", vendor.name);
        }
    }
}

#[tokio::test]
async fn refused_credentials_a_limit_and_an_outage_are_told_apart() {
    let cases = [
        (401, FailureKind::NotAuthorised),
        (403, FailureKind::NotAuthorised),
        (429, FailureKind::Throttled),
        (500, FailureKind::Unavailable),
        (503, FailureKind::Unavailable),
    ];
    for vendor in vendors() {
        for (status, wanted) in cases {
            let server = TestServer::start(move |_, request| {
                instead(vendor, request, Reply::json(status, "{}"))
            })
            .await;
            let (config, sli) = example(vendor, &server.url());
            for reading in ask(&config, &sli).await {
                let (kind, message) = failure(&reading);
                assert_eq!(kind, wanted, "{}: {message}", vendor.name);
                assert!(message.contains(&format!("HTTP {status}")), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_echoes_everything_gives_no_secret_away() {
    for vendor in vendors() {
        let server = TestServer::start(move |_, request| {
            let echo = format!("{request:?}");
            instead(vendor, request, Reply::new(400, "text/plain", echo))
        })
        .await;
        let (config, sli) = example(vendor, &server.url());
        // Looks for the secret in every reading.
        for reading in ask(&config, &sli).await {
            let (_, message) = failure(&reading);
            assert!(message.contains("HTTP 400"), "{}: {message}", vendor.name);
        }
    }
}

#[tokio::test]
async fn partial_answers_are_refused() {
    let cases = [
        (
            "elasticsearch",
            r#"{"timed_out":true,"_shards":{"failed":0},"hits":{"total":{"value":5}},"aggregations":{"p":{"values":{"95.0":1}}}}"#,
        ),
        (
            "opensearch",
            r#"{"timed_out":false,"_shards":{"failed":2},"hits":{"total":{"value":5}},"aggregations":{"p":{"values":{"95.0":1}}}}"#,
        ),
        (
            "victoriametrics",
            r#"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}"#,
        ),
        // What Thanos 0.41 answers when one of its stores is down, for all that `partial_response` is false.
        (
            "thanos",
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}],"analysis":{}},"warnings":["PromQL info: metric might not be a counter","fetch series for Store Gateway Addr: 127.0.0.1:38583 MinTime: -9223372036854775808 MaxTime: 9223372036854775807: rpc error: code = Unavailable desc = connection error"]}"#,
        ),
        ("tempo", r#"{"series":[{"value":1}],"status":"PARTIAL"}"#),
        (
            "azure-monitor",
            r#"{"tables":[{"name":"PrimaryResult","rows":[[1]]}],"error":{"message":"partial"}}"#,
        ),
        (
            "newrelic",
            r#"{"data":{"actor":{"account":{"nrql":{"results":[{"p":1,"d":{"95":1}}]}}}},"errors":[{"message":"timeout"}]}"#,
        ),
        (
            "cloudwatch",
            r#"{"MetricDataResults":[{"StatusCode":"InternalError","Values":[1]}]}"#,
        ),
        (
            "loki",
            r#"{"status":"success","data":{"resultType":"streams","result":[{"value":[1,"1"]}]}}"#,
        ),
    ];
    for (name, body) in cases {
        let vendor = vendors()
            .into_iter()
            .find(|vendor| vendor.name == name)
            .unwrap();
        let server =
            TestServer::start(move |_, request| instead(vendor, request, Reply::json(200, body)))
                .await;
        let (config, sli) = example(vendor, &server.url());
        for reading in ask(&config, &sli).await {
            failure(&reading);
        }
    }
}

#[tokio::test]
async fn a_remark_of_promql_does_not_refuse_an_answer_of_thanos() {
    let body = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"12.5"]}]},"warnings":["PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"up\" (1:10)"]}"#;
    let server = TestServer::start(move |_, _| Reply::json(200, body)).await;
    let vendor = vendors().into_iter().find(|vendor| vendor.name == "thanos");
    let (config, sli) = example(vendor.unwrap(), &server.url());
    let readings = ask(&config, &sli).await;
    assert_eq!(value(&readings[0]), 12.5);
    assert!(readings[0].warnings[0].contains("might not be a counter"));
}
