//! `tidegate serve` as an operator meets it: how it starts, whom it lets in, what it says of itself, how it ends.

use serde_json::{Value, json};

use crate::harness::Gate;
use crate::support::served::{Served, TOKEN};

/// Returns a call that would start a server on a free port.
fn serve() -> Gate {
    Gate::new().args(["serve", "--listen", "127.0.0.1:0"])
}

#[test]
fn it_does_not_start_without_a_token_or_with_an_open_door() {
    let told = serve().run().code(78).raw_stderr();
    assert!(told.contains("there is no token"), "{told}");
    let open = serve().run_with(["--allow-anonymous", "--listen", "0.0.0.0:0"]);
    assert!(open.code(64).raw_stderr().contains("--listen"));
    let open = Gate::new().args(["serve", "--allow-anonymous", "--listen", "0.0.0.0:0"]);
    let told = open.run().code(78).raw_stderr();
    assert!(told.contains("loopback"), "{told}");
    let short = serve().env("TIDEGATE_SERVE_TOKEN", "short").run();
    assert!(!short.code(78).raw_stderr().contains("`short`"));
}

#[test]
fn every_problem_of_its_configuration_is_told_at_once() {
    let gate = serve().file(
        "tidegate.yaml",
        "serve:\n  listen: here\n  tokens: [{name: a, token: \"${UNSET}\", scopes: [root]}]\n  pun: 1\n",
    );
    let told = gate.run().code(78).raw_stderr();
    for problem in ["UNSET", "`root`", "`pun`"] {
        assert!(told.contains(problem), "{problem} in {told}");
    }
    let gate = serve().env("TIDEGATE_LISTEN", "nowhere");
    gate.run().code(78);
    let gate = Gate::new()
        .args(["serve"])
        .env("TIDEGATE_LISTEN", "nowhere");
    let told = gate.run().code(78).raw_stderr();
    assert!(told.contains("TIDEGATE_LISTEN"), "{told}");
    let gate = serve().env("TIDEGATE_LOG_FORMAT", "xml");
    assert!(
        gate.run()
            .code(78)
            .raw_stderr()
            .contains("TIDEGATE_LOG_FORMAT")
    );
}

#[test]
fn it_says_what_it_is_and_stops_when_asked() {
    let server = Served::start("project: shop\n");
    for prefix in ["", "/api", "//api/"] {
        let told = server.call("POST", &format!("{prefix}/v1/auth"), None);
        assert_eq!((told.status, told.text.as_str()), (200, ""));
    }
    assert_eq!(
        server.done("GET", "/api/v1/metadata", None)["shipyardversion"],
        "0.2.0"
    );
    assert_eq!(
        server.call_as("", "GET", "/health", None).body,
        json!({"status": "ok"})
    );
    assert_eq!(server.call_as("", "GET", "/api/ready", None).status, 200);
    assert_eq!(server.call_as("", "GET", "/metrics", None).status, 401);
    let document = server.call_as("", "GET", "/api/openapi.json", None).body;
    assert_eq!(document["openapi"], "3.1.0");
    let metrics = server.call("GET", "/metrics", None);
    assert!(metrics.head.contains("text/plain; version=0.0.4"));
    let line = "tidegate_http_requests_total{route=\"/v1/auth\",method=\"POST\",status=\"200\"} 3";
    assert!(metrics.text.contains(line), "{}", metrics.text);
    let (code, lines) = server.stop();
    assert_eq!(code, 0);
    let line = lines.wait_for("/v1/metadata");
    for part in ["method=\"GET\"", "status=200", "token=\"environment\""] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert!(!line.contains(TOKEN), "{line}");
    lines.wait_for("stopped");
}

#[test]
fn the_folder_belongs_to_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let first = serve()
        .env("TIDEGATE_SERVE_TOKEN", TOKEN)
        .env("TIDEGATE_DATA", path);
    let mut first = first.start();
    let lines = first.stderr_lines();
    lines.wait_for("listening on");
    let second = serve()
        .env("TIDEGATE_SERVE_TOKEN", TOKEN)
        .args(["--data", path])
        .run();
    let told = second.code(75).raw_stderr();
    assert!(told.contains("another server uses"), "{told}");
    first.signal("TERM").wait().code(0);
}

#[test]
fn tokens_reach_as_far_as_their_scopes_and_projects() {
    let config = "serve:\n  tokens:\n    - {name: ci, token: a-token-of-the-ci-system, scopes: [trigger], projects: [shop]}\n  log_format: json\n";
    let server = Served::start(config);
    let ci = |method: &str, path: &str, body: Option<&Value>| {
        server
            .call_as("a-token-of-the-ci-system", method, path, body)
            .status
    };
    assert_eq!(ci("POST", "/v1/auth", None), 200);
    assert_eq!(ci("GET", "/controlPlane/v1/project/shop", None), 404);
    assert_eq!(ci("GET", "/controlPlane/v1/project/bank", None), 403);
    assert_eq!(ci("GET", "/secrets/v1/secret", None), 403);
    assert_eq!(ci("GET", "/mongodb-datastore/event", None), 403);
    let event = |project: &str, event_type: &str| {
        let data = json!({"project": project, "stage": "dev", "service": "cart"});
        json!({"type": event_type, "source": "ci", "specversion": "1.0", "data": data})
    };
    let trigger = "sh.keptn.event.dev.delivery.triggered";
    assert_eq!(ci("POST", "/v1/event", Some(&event("bank", trigger))), 403);
    let finished = "sh.keptn.event.deployment.finished";
    assert_eq!(ci("POST", "/v1/event", Some(&event("shop", finished))), 403);
    assert_eq!(
        server.call_as("wrong", "GET", "/v1/metadata", None).status,
        401
    );
}

#[test]
fn what_is_too_large_or_no_request_is_refused() {
    let server = Served::start("serve: {limits: {body_bytes: 1000, header_bytes: 8192}}\n");
    let large = json!({"logs": [{"message": "x".repeat(1000)}]});
    let told = server.call("POST", "/controlPlane/v1/log", Some(&large));
    assert_eq!((told.status, &told.body["code"]), (413, &json!(413)));
    let told = server.call("GET", &format!("/{}", "x".repeat(9000)), None);
    assert!([414, 431].contains(&told.status), "{told:?}");
    let told = server.send(b"NO HTTP AT ALL\r\n\r\n");
    assert_eq!(told.status, 400);
    assert_eq!(server.call("GET", "/health", None).status, 200);
}

/// Sends an event that says one thing in its headers and another in its body.
fn forged(server: &Served, token: &str, content_type: &str, ce_type: &str, body: &Value) -> u16 {
    let body = body.to_string();
    let request = format!(
        "POST /v1/event HTTP/1.1\r\nhost: tidegate\r\nx-token: {token}\r\ncontent-type: {content_type}\r\nce-type: {ce_type}\r\nce-specversion: 1.0\r\nce-source: e\r\nce-id: 1\r\nce-shkeptncontext: c\r\nce-triggeredid: t\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    server.send(request.as_bytes()).status
}

#[test]
fn an_event_is_checked_as_it_is_taken() {
    let config = "serve:\n  tokens:\n    - {name: helm, token: a-token-of-an-executor, scopes: [execute], projects: [shop]}\n";
    let server = Served::start(config);
    let token = "a-token-of-an-executor";
    let trigger = json!({"type": "sh.keptn.event.dev.delivery.triggered", "source": "e", "specversion": "1.0",
        "project": "shop", "data": {"project": "bank", "stage": "dev", "service": "cart"}});
    let finished = "sh.keptn.event.deployment.finished";
    let structured = "application/cloudevents+json";
    // The headers say that an executor answers in its project; the body triggers a delivery in another.
    assert_eq!(forged(&server, token, structured, finished, &trigger), 403);
    let data = json!({"project": "shop", "stage": "dev", "service": "cart", "result": "pass", "status": "succeeded"});
    let json = "application/json";
    for approval in [
        "sh.keptn.event.approval.finished",
        "sh.keptn.event.%61pproval.finished",
    ] {
        assert_eq!(
            forged(&server, token, json, approval, &data),
            403,
            "{approval}"
        );
    }
    // What an executor may send gets as far as the question whether there is such a project.
    assert_eq!(forged(&server, token, json, finished, &data), 404);
}
