//! Tests against moto, which speaks the API of `CloudWatch` as the models of AWS' own client describe it, and checks
//! signatures with that client. It evaluates no Metrics Insights: it sums up what lies in a period.

use std::process::Command;

use super::super::{configured, failure, nothing, value};
use super::{Server, ask, free_port, is_healthy, is_installed, now, skip, until};
use crate::config::FileConfig;
use crate::gate::FailureKind;

/// What runs it.
const PROGRAM: &str = "moto_server";

/// A server, and the key of its user.
struct Cloud {
    /// The server.
    server: Server,
    /// The name of the key.
    key: String,
    /// The secret of the key.
    secret: String,
}

impl Cloud {
    /// Starts one that accepts the signatures of a single user, and writes two samples.
    fn start(end: i64) -> Option<Self> {
        if !is_installed(PROGRAM, "--help") {
            return None;
        }
        let port = free_port();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(PROGRAM);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let server = Server::start(&mut command, port, "/moto-api/reset", folder);
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        identity(&server, &[("Action", "CreateUser")])?;
        identity(
            &server,
            &[
                ("Action", "PutUserPolicy"),
                ("PolicyName", "all"),
                ("PolicyDocument", policy),
            ],
        )?;
        let answer = identity(&server, &[("Action", "CreateAccessKey")])?;
        let sample = |value: f64, age: i64| {
            serde_json::json!({
                "MetricName": "CPUUtilization",
                "Dimensions": [{ "Name": "Service", "Value": "carts" }],
                "Value": value,
                "Timestamp": end - age,
            })
        };
        let data = serde_json::json!({
            "Namespace": "Shop",
            "MetricData": [sample(10.0, 90), sample(12.5, 210)],
        });
        let headers = [
            &*scope("monitoring"),
            "X-Amz-Target: GraniteServiceVersion20100801.PutMetricData",
            "Content-Type: application/x-amz-json-1.0",
        ];
        said(&server, &headers, &data.to_string())?;
        // From here on, every request must be signed.
        server.must_post("/moto-api/reset-auth", &[], "0");
        Some(Self {
            server,
            key: element(&answer, "AccessKeyId"),
            secret: element(&answer, "SecretAccessKey"),
        })
    }

    /// Returns a configuration that asks it, with a key.
    fn config(&self, key: &str, secret: &str) -> FileConfig {
        configured(
            &format!(
                "providers:\n  cloudwatch:\n    url: ${{CLOUDWATCH_URL}}\n    retry: {{ attempts: 1 }}\n    vars: {{ region: eu-central-1 }}\n    auth:\n      sigv4: {{ service: monitoring, region: eu-central-1, access_key_id: '{key}', secret_access_key: '{secret}' }}\n"
            ),
            &self.server.url(),
        )
    }
}

/// Returns the header that says which service is meant.
fn scope(service: &str) -> String {
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20240101/eu-central-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// Does something with the user, and returns the answer.
fn identity(server: &Server, fields: &[(&str, &str)]) -> Option<String> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("Version", "2010-05-08")
        .append_pair("UserName", "ann");
    let form = form.extend_pairs(fields).finish();
    let headers = [
        &*scope("iam"),
        "Content-Type: application/x-www-form-urlencoded",
    ];
    said(server, &headers, &form)
}

/// Sends what prepares it, and returns the answer; `None`, as if it were not installed, where it breaks down: an older
/// one, or one without the parts of a server, does.
fn said(server: &Server, headers: &[&str], body: &str) -> Option<String> {
    let answer = server.post("/", headers, body).unwrap_or_default();
    match answer.split(' ').nth(1) {
        Some("200") => Some(answer),
        Some("500") => {
            skip("a moto_server that works, such as 5.2.5 with flask and flask-cors,");
            None
        }
        _ => panic!("{answer}"),
    }
}

/// Returns the text of an element of an answer.
fn element(answer: &str, name: &str) -> String {
    let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap();
    rest.split('<').next().unwrap().to_owned()
}

/// The queries of every test.
const SLI: &str = r#"indicators:
  a_example:
    query: SELECT AVG(CPUUtilization) FROM "Shop" WHERE Service = '$SERVICE'
    params: { period: 60 }
    reduce: max
  b_last: { query: SELECT AVG(CPUUtilization) FROM "Shop", reduce: last }
  c_several: SELECT AVG(CPUUtilization) FROM "Shop"
  d_signed_as_utf_8: { query: "SELECT AVG(Auslastung) FROM \"Größe\" WHERE a = '&=+ %20'", reduce: min }
  e_nothing: METRICS()
"#;

#[tokio::test]
async fn moto_accepts_the_requests_and_signatures_for_cloudwatch() {
    let end = now();
    let Some(cloud) = Cloud::start(end) else {
        return;
    };
    let config = cloud.config(&cloud.key, &cloud.secret);
    let readings = ask(&config, SLI, &until(end)).await;
    assert_eq!(value(&readings[0]), 12.5);
    assert_eq!(value(&readings[1]), 10.0);
    let (_, message) = failure(&readings[2]);
    assert!(message.contains("multiple values (2): "), "{message}");
    assert_eq!(value(&readings[3]), 10.0);
    assert!(nothing(&readings[4]).contains("HTTP 200"));
    assert!(is_healthy(&config).await);
    assert!(!format!("{readings:?}").contains(&cloud.secret));

    // Before the first sample, there is nothing.
    let readings = ask(&config, SLI, &until(end - 3600)).await;
    for reading in &readings {
        assert!(nothing(reading).contains("HTTP 200"));
    }
}

#[tokio::test]
async fn moto_refuses_the_signature_of_a_wrong_key() {
    let end = now();
    let Some(cloud) = Cloud::start(end) else {
        return;
    };
    let cases = [
        (&*cloud.key, "wrong", "signature"),
        ("AKIAUNKNOWN", &*cloud.secret, "security token"),
    ];
    for (key, secret, words) in cases {
        let config = cloud.config(key, secret);
        for reading in ask(&config, SLI, &until(end)).await {
            let (kind, message) = failure(&reading);
            assert_eq!(kind, FailureKind::NotAuthorised, "{message}");
            assert!(message.contains(words), "{message}");
            assert!(!message.contains(&cloud.secret), "{message}");
        }
        assert!(!is_healthy(&config).await);
    }
}
