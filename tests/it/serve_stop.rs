//! `tidegate serve` when it is to stop: who listens is let go, and nobody keeps it from ending.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::support::served::{Served, TOKEN};

/// A project with one stage.
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: {name: shop}
spec: {stages: [{name: dev, sequences: [{name: delivery, tasks: [{name: deployment}]}]}]}
";
/// Longer than the server may take to stop, and than any test should.
const PATIENCE: Duration = Duration::from_secs(60);

/// Connects to a server, and says something.
fn say(server: &Served, text: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    BufReader::new(stream)
}

/// Follows the events of a server; returns the connection once the server has answered.
fn follow(server: &Served, query: &str) -> BufReader<TcpStream> {
    let request = format!(
        "GET /api/x/v1/events/stream{query} HTTP/1.1\r\nhost: h\r\nx-token: {TOKEN}\r\n\r\n"
    );
    let mut stream = say(server, &request);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "{head}");
    }
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("text/event-stream"), "{head}");
    stream
}

/// Triggers a delivery.
fn deliver(server: &Served) {
    let project = json!({"name": "shop", "shipyard": BASE64_STANDARD.encode(SHIPYARD)});
    server.done("POST", "/controlPlane/v1/project", Some(&project));
    let service = json!({"serviceName": "cart"});
    let path = "/controlPlane/v1/project/shop/service";
    server.done("POST", path, Some(&service));
    let data = json!({"project": "shop", "stage": "dev", "service": "cart"});
    let event = json!({"type": "sh.keptn.event.dev.delivery.triggered", "source": "ci", "specversion": "1.0", "data": data});
    server.done("POST", "/v1/event", Some(&event));
}

#[test]
fn who_listens_hears_everything_and_is_let_go_when_the_server_stops() {
    // Nothing but the end of the stream can end the server before the test gives up.
    let server = Served::start("serve: {limits: {stop_timeout: 1h}}\n");
    let mut all = follow(&server, "");
    let mut some = follow(&server, "?type=sh.keptn.event.deployment.triggered");
    deliver(&server);
    let mut line = String::new();
    while !line.contains("sh.keptn.event.deployment.triggered") {
        line.clear();
        assert_ne!(all.read_line(&mut line).unwrap(), 0, "the stream ended");
    }
    let (code, lines) = server.stop();
    assert_eq!(code, 0);
    lines.wait_for("stopped");
    for stream in [&mut all, &mut some] {
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        assert!(rest.ends_with("0\r\n\r\n"), "cut off: {rest:?}");
    }
}

#[test]
fn the_stream_leaves_out_what_was_not_asked_for() {
    let server = Served::start("project: shop\n");
    let mut some = follow(&server, "?type=sh.keptn.event.deployment.triggered");
    deliver(&server);
    let mut line = String::new();
    while !line.starts_with("data:") {
        line.clear();
        assert_ne!(some.read_line(&mut line).unwrap(), 0, "the stream ended");
    }
    let event: serde_json::Value = serde_json::from_str(&line["data:".len()..]).unwrap();
    assert_eq!(event["type"], "sh.keptn.event.deployment.triggered");
}

#[test]
fn a_request_that_never_ends_does_not_keep_the_server_from_stopping() {
    let server = Served::start(
        "serve: {limits: {stop_timeout: 200ms, receive_timeout: 1h, answer_timeout: 1h}}\n",
    );
    // A body that is announced, and never comes.
    let request = format!(
        "POST /v1/event HTTP/1.1\r\nhost: h\r\nx-token: {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n"
    );
    let mut stream = say(&server, &request);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert!(line.contains("100 Continue"), "{line}");
    let (code, lines) = server.stop();
    assert_eq!(code, 0);
    lines.wait_for("cut off");
    lines.wait_for("stopped");
}

#[test]
fn what_is_under_way_is_answered_before_the_server_stops() {
    let server = Served::start("serve: {limits: {stop_timeout: 1h}}\n");
    let body = json!({"logs": [{"integrationid": "i", "message": "the last word"}]}).to_string();
    let request = format!(
        "POST /controlPlane/v1/log HTTP/1.1\r\nhost: h\r\nx-token: {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    let mut stream = say(&server, &request);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert!(line.contains("100 Continue"), "{line}");
    let address = server.address().to_owned();
    let stopping = std::thread::spawn(move || server.stop());
    // New connections are refused from the moment at which it is stopping; this one is served to its end.
    let start = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(start.elapsed() < PATIENCE, "it does not stop");
        std::thread::sleep(Duration::from_millis(5));
    }
    stream.get_mut().write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 200"), "{answer}");
    let (code, lines) = stopping.join().unwrap();
    assert_eq!(code, 0);
    lines.wait_for("stopped");
}
