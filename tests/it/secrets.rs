//! A secret appears nowhere: not in a report, not in an error, not in the log, not in any encoding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::harness::{Answer, Gate, MACHINE_FORMATS, SLI, SLO};
use crate::support::misbehaving::{Reply, Server};

mod entries;
mod everywhere;
mod token;

/// A secret that looks different in every encoding.
const SECRET: &str = "T0k/n+S3cr3t==&x";
/// The same, as it stands in a URL.
const IN_URL: &str = "T0k%2Fn%2BS3cr3t%3D%3D%26x";
/// The name that goes with it.
const USER: &str = "ann";

/// Returns every form in which the secret must not appear; beginnings too, because excerpts are cut.
fn forms() -> Vec<String> {
    vec![
        SECRET[..9].to_owned(),
        IN_URL[..11].to_owned(),
        STANDARD.encode(SECRET)[..10].to_owned(),
        STANDARD.encode(format!("{USER}:{SECRET}"))[..14].to_owned(),
        STANDARD.encode(format!(":{SECRET}"))[..10].to_owned(),
    ]
}

/// Fails if bytes hold the secret in any form.
#[track_caller]
fn clean(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for form in forms() {
        assert!(!text.contains(&form), "{what} shows {form}:\n{text}");
    }
}

/// Fails if an answer holds the secret.
#[track_caller]
fn clean_answer(what: &str, answer: &Answer) {
    clean(&format!("stdout of {what}"), answer.raw_stdout().as_bytes());
    clean(&format!("stderr of {what}"), answer.raw_stderr().as_bytes());
}

/// The ways to give a secret to a provider at a URL: what to call it, and its entry in `tidegate.yaml`.
fn ways(url: &str) -> Vec<(&'static str, String)> {
    let with_user = |user: &str| url.replace("http://", &format!("http://{user}@"));
    vec![
        (
            "bearer",
            format!("url: '{url}', auth: {{ bearer: '{SECRET}' }}"),
        ),
        (
            "bearer from a variable",
            format!("url: '{url}', auth: {{ bearer: '${{SECRET}}' }}"),
        ),
        (
            "bearer from a file",
            format!("url: '{url}', auth: {{ bearer_file: secret }}"),
        ),
        (
            "basic",
            format!("url: '{url}', auth: {{ basic: {{ user: {USER}, password: '{SECRET}' }} }}"),
        ),
        (
            "basic from a file",
            format!("url: '{url}', auth: {{ basic: {{ user: {USER}, password_file: secret }} }}"),
        ),
        (
            "secret header",
            format!("url: '{url}', headers: {{ X-Api-Key: '{SECRET}' }}"),
        ),
        (
            "header from a variable",
            format!("url: '{url}', headers: {{ X-Tenant: '${{SECRET}}' }}"),
        ),
        (
            "URL with user and password",
            format!("url: '{}'", with_user(&format!("{USER}:{IN_URL}"))),
        ),
        (
            "URL with a user only",
            format!("url: '{}'", with_user(IN_URL)),
        ),
    ]
}

/// Makes a gate whose `tidegate.yaml` has one provider.
fn gate(entry: &str, log: &str) -> Gate {
    folder(entry, log).args(["evaluate", "--explain"])
}

/// Makes a folder whose `tidegate.yaml` has one provider, for any command.
fn folder(entry: &str, log: &str) -> Gate {
    Gate::new()
        .file("slo.yaml", SLO)
        .file("sli.yaml", SLI)
        .file("secret", format!("{SECRET}\n"))
        .file("tidegate.yaml", format!("event_log: '{log}'\nproviders:\n  prometheus: {{ {entry}, retry: {{ attempts: 1 }} }}\n"))
        .env("SECRET", SECRET)
}

/// Runs in every format, and dry, and looks at everything that comes out.
#[track_caller]
fn all_clean(what: &str, gate: &Gate) {
    clean_answer(what, &gate.run());
    clean_answer(what, &gate.run_with(["--verbose"]));
    clean_answer(what, &gate.run_with(["--dry-run", "--verbose"]));
    for format in MACHINE_FORMATS {
        clean_answer(what, &gate.run_with(["-o", format]));
        clean_answer(what, &gate.run_with(["-o", format, "--dry-run"]));
    }
}

#[test]
fn a_server_that_echoes_everything_reveals_nothing() {
    for status in [200, 400, 401, 403, 404, 429, 500, 503] {
        let server =
            Server::start(move |request| Reply::html(status, format!("<pre>{request}</pre>")));
        for (way, entry) in ways(&server.url()) {
            let gate = gate(&entry, "memory:");
            clean_answer(
                &format!("{way}, HTTP {status}"),
                &gate.run_with(["-o", "json"]),
            );
            clean_answer(&format!("{way}, HTTP {status}"), &gate.run());
        }
        assert!(
            server
                .received()
                .iter()
                .any(|request| request.contains("uthorization"))
        );
    }
}

/// The ways to give secrets to the vendors at a URL: the kind, its entry in `tidegate.yaml`, and a query.
fn vendors(url: &str) -> Vec<(&'static str, String, &'static str)> {
    let platform = format!("url: '{url}', platform_url: '{url}'");
    let client = format!("client_secret: 'dt0s02.ID.{SECRET}', token_url: '{url}/t'");
    vec![
        (
            "dynatrace",
            format!("url: '{url}', api_token: '{SECRET}'"),
            "metricSelector=a",
        ),
        (
            "dynatrace",
            format!("url: '{url}', api_token_file: secret"),
            "SLO;a",
        ),
        (
            "dynatrace",
            format!("{platform}, platform_token: '{SECRET}'"),
            "DQL;a",
        ),
        ("dynatrace", format!("{platform}, {client}"), "DQL;a"),
        (
            "datadog",
            format!("url: '{url}', api_key: '{SECRET}', app_key_file: secret"),
            "avg:a{*}",
        ),
        (
            "datadog",
            format!("url: '{url}', api_key_file: secret, app_key: '${{SECRET}}', api: v2"),
            "avg:a{*}",
        ),
    ]
}

#[test]
fn the_keys_of_vendors_are_revealed_by_nothing() {
    const WINDOW: [&str; 4] = [
        "--start",
        "2024-01-01T00:00:00Z",
        "--end",
        "2024-01-01T00:10:00Z",
    ];
    for status in [200, 403, 500] {
        let server = Server::start(move |request| {
            let error = serde_json::json!({"code": status, "message": request});
            let answer =
                serde_json::json!({"error": error, "errors": [request], "status": "error"});
            Reply::json(status, answer.to_string())
        });
        for (kind, entry, query) in vendors(&server.url()) {
            let gate = Gate::new()
                .file("slo.yaml", SLO)
                .file("sli.yaml", format!("indicators:\n  response_time: '{query}'\n"))
                .file("secret", format!("{SECRET}\n"))
                .file("tidegate.yaml", format!("event_log: 'memory:'\nproviders:\n  {kind}: {{ {entry}, retry: {{ attempts: 1 }} }}\n"))
                .env("SECRET", SECRET)
                .args(["evaluate", "--explain"])
                .args(WINDOW);
            clean_answer(&entry, &gate.run());
            clean_answer(&entry, &gate.run_with(["-o", "json"]));
            clean_answer(&entry, &gate.run_with(["--dry-run", "--verbose"]));
        }
        let received = server.received();
        assert!(received.iter().any(|request| request.contains(SECRET)));
    }
}

#[test]
fn query_and_doctor_reveal_nothing_whatever_the_server_says() {
    let number = |request: &str| {
        let body = serde_json::json!({
            "status": "success",
            "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "1"]}], "version": request},
            "warnings": [request],
        });
        Reply::json(200, body.to_string())
    };
    let echo = |status: u16, request: &str| Reply::html(status, format!("<pre>{request}</pre>"));
    for status in [200, 401, 500] {
        let server = Server::start(move |request| match status {
            200 => number(request),
            other => echo(other, request),
        });
        for (way, entry) in ways(&server.url()) {
            for command in ["query", "doctor"] {
                let gate = folder(&entry, "memory:").args([command, "--verbose"]);
                let what = format!("{command}, {way}, HTTP {status}");
                clean_answer(&what, &gate.run());
                clean_answer(&what, &gate.run_with(["-o", "json"]));
            }
        }
    }
}

#[test]
fn an_echo_in_prometheus_own_error_reveals_nothing() {
    let server = Server::start(Reply::bad_query);
    for (way, entry) in ways(&server.url()) {
        all_clean(way, &gate(&entry, "memory:"));
    }
}

#[test]
fn a_redirect_to_elsewhere_reveals_nothing() {
    let elsewhere = Server::start(|request| Reply::html(404, request));
    let target = elsewhere.url();
    let server = Server::start(move |request| {
        Reply::html(302, request).header("Location", &format!("{target}/?token={IN_URL}"))
    });
    for (way, entry) in ways(&server.url()) {
        clean_answer(way, &gate(&entry, "memory:").run());
    }
    for request in elsewhere.received() {
        let head = request.lines().skip(1).collect::<String>();
        clean("a request that was redirected", head.as_bytes());
    }
}

#[test]
fn a_verdict_and_its_place_in_the_log_reveal_nothing() {
    let server = Server::always(Reply::number(500.0));
    for (way, entry) in ways(&server.url()) {
        for (log, file) in [("jsonl:log", "log"), ("sqlite:log", "log")] {
            let gate = gate(&entry, log);
            all_clean(way, &gate);
            gate.run().code(0);
            clean(
                &format!("the log of {way}"),
                &std::fs::read(gate.path(file)).unwrap(),
            );
        }
    }
}

#[test]
fn a_server_that_is_down_reveals_nothing() {
    for (way, entry) in ways(&crate::support::misbehaving::nobody()) {
        all_clean(way, &gate(&entry, "memory:"));
    }
}

#[test]
fn mistakes_in_the_configuration_reveal_nothing() {
    for (mistake, entry) in [
        (
            "key",
            format!("url: 'http://a', auth: {{ bearer: '{SECRET}', bearr: x }}"),
        ),
        (
            "unknown auth",
            format!("url: 'http://a', auth: {{ baerer: '{SECRET}' }}"),
        ),
        (
            "both",
            format!(
                "url: 'http://a', auth: {{ bearer: '{SECRET}', basic: {{ user: a, password: '{SECRET}' }} }}"
            ),
        ),
        (
            "url",
            format!("url: 'ftp://{USER}:{IN_URL}@a', auth: {{ bearer: '{SECRET}' }}"),
        ),
        ("port", format!("url: 'http://{USER}:{IN_URL}@a:port'")),
        (
            "password in the url, unencoded",
            format!("url: 'http://{USER}:{SECRET}@a'"),
        ),
        (
            "host",
            format!("url: 'http://{USER}:{IN_URL}@a', allowed_hosts: [b]"),
        ),
        (
            "header",
            format!("url: 'http://a', headers: {{ 'X Key': '{SECRET}' }}"),
        ),
        (
            "header value",
            format!("url: 'http://a', headers: {{ X-Key: \"{SECRET}\\n\" }}"),
        ),
        (
            "unset",
            format!("url: 'http://a', auth: {{ bearer: '{SECRET}${{UNSET}}' }}"),
        ),
        (
            "list",
            format!("url: 'http://a', auth: {{ bearer: ['{SECRET}'] }}"),
        ),
        ("auth as text", format!("url: 'http://a', auth: '{SECRET}'")),
        (
            "duration",
            format!("url: 'http://a', auth: {{ bearer: '{SECRET}' }}, timeout: soon"),
        ),
        (
            "broken",
            format!("url: 'http://a', auth: {{ bearer: '{SECRET}' "),
        ),
    ] {
        all_clean(mistake, &gate(&entry, "memory:"));
    }
}

#[test]
fn secrets_of_the_environment_alone_reveal_nothing() {
    let server = Server::start(|request| Reply::html(403, request));
    let gate = |url: String| {
        Gate::new()
            .file("slo.yaml", SLO)
            .file("sli.yaml", SLI)
            .env("PROMETHEUS_URL", url)
            .args(["evaluate", "--event-log", "memory:"])
    };
    let url = server.url();
    all_clean(
        "PROMETHEUS_TOKEN",
        &gate(url.clone()).env("PROMETHEUS_TOKEN", SECRET),
    );
    let basic = gate(url.clone())
        .env("PROMETHEUS_USER", USER)
        .env("PROMETHEUS_PASSWORD", SECRET);
    all_clean("PROMETHEUS_PASSWORD", &basic);
    all_clean(
        "PROMETHEUS_URL",
        &gate(url.replace("http://", &format!("http://{USER}:{IN_URL}@"))),
    );
    all_clean(
        "a broken PROMETHEUS_URL",
        &gate(format!("http://{USER}:{IN_URL}@a:port")),
    );
    all_clean(
        "a PROMETHEUS_URL of another kind",
        &gate(format!("ftp://{USER}:{IN_URL}@a")),
    );
}

#[test]
fn the_password_of_an_event_log_is_not_shown() {
    for scheme in ["postgres", "https", "s3", "mysql", "redis"] {
        let log = format!("{scheme}://{USER}:{IN_URL}@host/x");
        let gate = Gate::new()
            .file("slo.yaml", SLO)
            .file("values.json", "{}")
            .args(["evaluate", "--values", "values.json"]);
        all_clean(scheme, &gate.env("TIDEGATE_EVENT_LOG", log));
    }
}
