//! 124, 130, 143: time ran out, Ctrl-C, asked to end. Signals are sent when the server has seen the request.

use insta::assert_snapshot;

use crate::harness::{Gate, MACHINE_FORMATS, SLI, SLO};
use crate::support::misbehaving::{Reply, Server};

#[test]
fn a_timeout_against_a_server_that_never_answers_ends_with_124() {
    let server = Server::always(Reply::Hang);
    let gate = Gate::of_server(&server.url()).args(["--timeout", "200ms"]);
    assert_snapshot!(gate.refused(124).stderr(), @"
    error: --timeout ran out after 0.2 s, before there was a verdict
      hint: nothing of what was under way is stored; raise --timeout, or look at what is slow
    ");
    let in_environment = Gate::of_server(&server.url()).env("TIDEGATE_TIMEOUT", "0.1s");
    in_environment.run().code(124);
}

/// Sends a signal while the program waits for an answer.
#[track_caller]
fn stopped_by(signal: &str, code: i32) -> String {
    let server = Server::always(Reply::Hang);
    let config = format!(
        "event_log: log.jsonl\nproviders: {{ prometheus: {{ url: '{}' }} }}\n",
        server.url()
    );
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("sli.yaml", SLI)
        .file("tidegate.yaml", config)
        .args(["evaluate"]);
    for format in MACHINE_FORMATS {
        let running = gate.start_with(["-o", format]);
        server.wait_for_request();
        running
            .signal(signal)
            .wait()
            .code(code)
            .says_its_code(format);
    }
    let running = gate.start();
    server.wait_for_request();
    let answer = running.signal(signal).wait().code(code).says_nothing();
    assert!(!gate.path("log.jsonl").exists());
    answer.stderr()
}

#[test]
fn ctrl_c_ends_with_130() {
    assert_snapshot!(stopped_by("INT", 130), @"error: interrupted before there was a verdict; nothing of what was under way is stored");
}

#[test]
fn a_request_to_end_ends_with_143() {
    assert_snapshot!(stopped_by("TERM", 143), @"error: asked to end before there was a verdict; nothing of what was under way is stored");
}

#[test]
fn what_was_done_before_the_interruption_is_told() {
    let server = Server::start(|request| match request {
        request if request.contains("first") => Reply::number(500.0),
        _ => Reply::Hang,
    });
    let gate = Gate::of_server(&server.url())
        .file("one/slo.yaml", SLO)
        .file("one/sli.yaml", "indicators: { response_time: first }\n")
        .file("two/slo.yaml", SLO)
        .file("two/sli.yaml", SLI)
        .args(["one", "two"]);
    let running = gate.start_with(["-o", "json"]);
    server.wait_for_request();
    server.wait_for_request();
    let documents = running.signal("INT").wait().code(130).json();
    assert_eq!(documents[0]["result"], "pass");
    assert_eq!(documents[1]["error"]["code"], 130);
}
