//! Notifications, as real servers on this machine get them; and that nothing they do changes the exit code.

use serde_json::Value;

use crate::harness::{Gate, SLO};
use crate::support::misbehaving::{Reply, Server, nobody};

/// A path that nobody may see.
const SECRET_PATH: &str = "/services/T0K3N?sig=S1GN";

/// Returns the body of a request.
fn body(request: &str) -> Value {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

/// Returns a header of a request.
fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let lines = request.lines();
    let mut found = lines.filter_map(|line| line.split_once(": "));
    let (_, value) = found
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .unwrap();
    value
}

/// A gate that tells a server.
fn told(server: &Server, value: f64, kind: &str) -> Gate {
    Gate::of_value(value)
        .env("HOOK", server.url() + SECRET_PATH)
        .args(["--notify", &format!("{kind}=env:HOOK")])
}

#[test]
fn a_fail_is_told_in_the_language_of_each() {
    for (kind, reply) in [
        ("slack", Reply::html(200, "ok")),
        ("teams", Reply::html(202, "")),
        ("webhook", Reply::json(200, "{}")),
    ] {
        let server = Server::always(reply);
        let answer = told(&server, 900.0, kind).run().code(1);
        let received = server.received();
        let [request] = received.as_slice() else {
            panic!("{received:?}");
        };
        assert!(
            request.starts_with(&format!("POST {SECRET_PATH} HTTP/1.1")),
            "{request}"
        );
        assert_eq!(header(request, "content-type"), "application/json");
        let body = body(request);
        match kind {
            "slack" => assert!(body["text"].as_str().unwrap().contains("FAIL"), "{body}"),
            "teams" => assert_eq!(body["attachments"][0]["content"]["type"], "AdaptiveCard"),
            _ => assert_eq!(body["result"], "fail"),
        }
        let said = answer.stderr();
        assert!(
            said.contains(&format!("told {kind} at 127.0.0.1:[port]")),
            "{said}"
        );
        assert!(!said.contains("T0K3N") && !said.contains("S1GN"), "{said}");
    }
}

#[test]
fn a_pass_is_told_only_where_the_one_before_was_none() {
    let server = Server::always(Reply::html(200, "ok"));
    let first = Gate::new()
        .file("slo.yaml", SLO)
        .file("values.json", "{\"response_time\": 500}")
        .env("HOOK", server.url())
        .args(["evaluate", "--values", "values.json"])
        .args(["--event-log", "log.jsonl", "--notify", "slack=env:HOOK"]);
    first.run().code(0);
    assert!(server.received().is_empty(), "a first pass is no news");
    let values = |value: u32| {
        std::fs::write(
            first.path("values.json"),
            format!("{{\"response_time\": {value}}}"),
        )
        .unwrap();
    };
    values(900);
    first.run().code(1);
    values(500);
    first.run().code(0);
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert!(received[1].contains("Before: fail"), "{}", received[1]);
    first.run().code(0);
    assert_eq!(
        server.received().len(),
        2,
        "a pass that follows a pass is no news"
    );
}

#[test]
fn the_signature_is_what_python_says() {
    let server = Server::always(Reply::json(204, ""));
    let config = "notifications:\n  - type: webhook\n    url: ${HOOK}\n    secret: ${KEY}\n    headers: {X-Api-Key: \"${KEY}\"}\n    on: [warning]\n";
    let gate = Gate::of_value(700.0)
        .file("tidegate.yaml", config)
        .env("HOOK", server.url() + SECRET_PATH)
        .env("KEY", "k\u{e9}y")
        .args(["--verbose"]);
    let answer = gate.run().code(3);
    assert!(!answer.raw_stderr().contains("k\u{e9}y"));
    let received = server.received();
    let request = received.first().unwrap();
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let script = "import hmac,sys; print('sha256=' + hmac.new('k\u{e9}y'.encode(), (sys.argv[1] + '.' + sys.argv[2]).encode(), 'sha256').hexdigest())";
    let time = header(request, "x-tidegate-timestamp");
    let python = std::process::Command::new("python3")
        .args(["-c", script, time, body])
        .output()
        .unwrap();
    let expected = String::from_utf8(python.stdout).unwrap();
    assert_eq!(header(request, "x-tidegate-signature"), expected.trim());
    assert_eq!(
        header(request, "x-api-key").as_bytes(),
        "k\u{e9}y".as_bytes()
    );
}

#[test]
fn a_busy_server_is_told_again() {
    let server = Server::always(Reply::json(429, "").header("Retry-After", "0"));
    let answer = told(&server, 900.0, "slack").run().code(1);
    assert_eq!(server.received().len(), 3);
    let said = answer.stderr();
    assert!(
        said.contains("slack was not told (--notify): 127.0.0.1:[port] answered 429"),
        "{said}"
    );
}

#[test]
fn nothing_that_goes_wrong_changes_the_code_or_shows_the_url() {
    let servers = [
        (
            "answered 500",
            Server::always(Reply::html(500, "no T0K3N here")),
        ),
        (
            "answered 400: invalid_payload",
            Server::always(Reply::html(400, "invalid_payload")),
        ),
        (
            "sends it elsewhere",
            Server::always(Reply::html(301, "").header("Location", "https://evil.example/T0K3N")),
        ),
        ("broke off", Server::always(Reply::Close)),
    ];
    for (value, code) in [(500.0, 0), (700.0, 3), (900.0, 1)] {
        for (expected, server) in &servers {
            let gate = told(server, value, "webhook").file(
                "tidegate.yaml",
                "notifications: [{type: webhook, url: \"${HOOK}\", on: pass}]\n",
            );
            let answer = gate.run().code(code);
            let said = answer.raw_stderr();
            assert!(said.contains(expected), "{said}");
            assert!(!said.contains("T0K3N") && !said.contains("S1GN"), "{said}");
        }
        let gate = Gate::of_value(value).args([
            "--notify=slack=env:NOWHERE",
            "--notify=teams=file:nowhere",
            "--notify=webhook=file:url",
            "--notify=slack=file:none",
        ]);
        let gate = gate
            .file("url", nobody() + SECRET_PATH)
            .file("none", "T0K3N");
        let said = gate.run().code(code).stderr();
        if value > 600.0 {
            for expected in [
                "the variable NOWHERE is not set",
                "nowhere, can't be read",
                "cannot connect to 127.0.0.1:[port]",
                "its URL is none",
            ] {
                assert!(said.contains(expected), "{said}");
            }
        }
        assert!(!said.contains("T0K3N"), "{said}");
    }
}

#[test]
fn a_server_that_never_answers_is_not_waited_for_beyond_the_timeout() {
    let server = Server::always(Reply::Hang);
    let answer = told(&server, 900.0, "slack").args(["--timeout", "1s"]);
    let said = answer.run().code(1).stderr();
    assert!(said.contains("was not told"), "{said}");
}

#[test]
fn that_there_is_no_verdict_is_told() {
    let server = Server::always(Reply::json(200, "{}"));
    let gate = Gate::of_server(&nobody())
        .env("HOOK", server.url())
        .args(["--notify", "webhook=env:HOOK"]);
    gate.run().code(69);
    let received = server.received();
    let body = body(received.first().unwrap());
    assert_eq!(body["error"]["code"], 69);
    assert_eq!(body["stage"], "default");
}

#[test]
fn whom_to_tell_can_be_named_by_flag_environment_or_file() {
    let server = Server::always(Reply::json(200, "{}"));
    let gate = Gate::of_value(900.0)
        .env("HOOK", server.url())
        .file("tidegate.yaml", "notify: slack=env:HOOK\n");
    gate.run().code(1);
    assert!(server.received()[0].contains("blocks"));
    let gate = gate.env("TIDEGATE_NOTIFY", "teams=env:HOOK");
    gate.run().code(1);
    assert!(server.received()[1].contains("AdaptiveCard"));
    let gate = gate.args(["--notify", "webhook=env:HOOK"]);
    gate.run().code(1);
    assert_eq!(body(&server.received()[2])["result"], "fail");
    assert_eq!(server.received().len(), 3);
}

#[test]
fn a_url_that_is_typed_is_refused_and_not_shown() {
    let typed = "slack=https://hooks.example/T0K3N";
    let answer = Gate::of_value(500.0)
        .args(["--notify", typed])
        .run()
        .code(64);
    assert!(
        !answer.raw_stderr().contains("T0K3N"),
        "{}",
        answer.raw_stderr()
    );
    let gate = Gate::of_value(500.0).env("TIDEGATE_NOTIFY", typed);
    let answer = gate.args(["--verbose"]).run().code(78);
    assert!(
        !answer.raw_stderr().contains("T0K3N"),
        "{}",
        answer.raw_stderr()
    );
}

#[test]
fn the_schema_knows_every_key_that_the_reader_knows() {
    let schema = Gate::new().args(["schema", "config"]).run().code(0).json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let entry = serde_json::json!({
        "type": "slack", "url": "u", "url_file": "f", "on": ["fail"], "secret": "s", "secret_file": "f",
        "headers": {"a": "b"}, "link": "l", "tls": {"ca_file": "c"},
    });
    assert!(schema.is_valid(&serde_json::json!({"notifications": [entry]})));
    for wrong in [
        serde_json::json!({"type": "pigeon", "url": "u"}),
        serde_json::json!({"type": "slack"}),
        serde_json::json!({"type": "slack", "url": "u", "on": "failure"}),
        serde_json::json!({"type": "slack", "url": "u", "more": 1}),
    ] {
        assert!(!schema.is_valid(&serde_json::json!({"notifications": [wrong]})));
    }
}
