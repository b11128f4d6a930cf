//! `evaluate --watch`: with real files, a real process, and a backend that counts.

use std::fs;

use crate::harness::{Gate, SLI, SLO};
use crate::support::misbehaving::{Reply, Server};

#[test]
fn each_change_evaluates_again_and_only_new_queries_are_asked() {
    let server = Server::start(|request| {
        Reply::number(if request.contains("slow") {
            900.0
        } else {
            500.0
        })
    });
    let gate = Gate::new()
        .file("slo.yaml", SLO)
        .file("sli.yaml", SLI)
        .file(
            "tidegate.yaml",
            format!("providers: {{prometheus: {{url: '{}'}}}}\n", server.url()),
        )
        .args(["evaluate", "--watch", "--event-log", "log.jsonl"]);
    let mut running = gate.start();
    let (stdout, stderr) = (running.stdout_lines(), running.stderr_lines());
    stdout.wait_for("PASS");
    stderr.wait_for("watching");
    assert_eq!(server.received().len(), 1);

    let stricter = SLO.replace("<600", "<400").replace("<800", "<450");
    fs::write(gate.path("slo.yaml"), stricter).unwrap();
    stdout.wait_for("FAIL");
    stderr.wait_for("watching");
    assert_eq!(server.received().len(), 1, "the value is known");

    fs::write(gate.path("slo.yaml"), "objectives: [").unwrap();
    stderr.wait_for("slo.yaml:1");
    stderr.wait_for("watching");

    fs::write(gate.path("slo.yaml"), SLO).unwrap();
    stdout.wait_for("PASS");
    stderr.wait_for("watching");
    assert_eq!(server.received().len(), 1, "the value is still known");

    // As editors do it: a new file in the place of the old one.
    fs::write(gate.path("sli.new"), "indicators:\n  response_time: slow\n").unwrap();
    fs::rename(gate.path("sli.new"), gate.path("sli.yaml")).unwrap();
    stdout.wait_for("FAIL");
    stderr.wait_for("watching");
    assert_eq!(server.received().len(), 2, "the query is new");

    let config = gate.read("tidegate.yaml") + "fail_on: sometimes\n";
    let good = gate.read("tidegate.yaml");
    fs::write(gate.path("tidegate.yaml"), config).unwrap();
    stderr.wait_for("sometimes");
    stderr.wait_for("watching");
    fs::write(gate.path("tidegate.yaml"), good + "project: renamed\n").unwrap();
    stdout.wait_for("renamed/");

    running.signal("INT").wait().code(0);
    assert!(!gate.path("log.jsonl").exists(), "nothing is stored");
}

#[test]
fn values_of_a_file_are_read_again() {
    let gate = Gate::of_value(500.0).args(["--watch"]);
    let mut running = gate.start();
    let (stdout, stderr) = (running.stdout_lines(), running.stderr_lines());
    stdout.wait_for("PASS");
    stderr.wait_for("watching");
    fs::write(gate.path("values.json"), "{\"response_time\": 700}").unwrap();
    stdout.wait_for("WARNING");
    stderr.wait_for("watching");
    fs::remove_file(gate.path("values.json")).unwrap();
    stderr.wait_for("values.json");
    stderr.wait_for("watching");
    fs::write(gate.path("values.json"), "{\"response_time\": 900}").unwrap();
    stdout.wait_for("FAIL");
    running.signal("TERM").wait().code(143);
}

#[test]
fn what_can_not_be_watched_is_refused() {
    let gate = Gate::new().file("slo.yaml", SLO);
    let stdin = gate.args(["evaluate", "--values", "-", "--watch"]);
    let answer = stdin.run().code(64);
    assert!(answer.stderr().contains("stdin"), "{}", answer.stderr());
    let with_report = Gate::of_value(500.0).args(["--watch", "--report", "json=x.json"]);
    with_report.run().code(64);
}

#[test]
fn nobody_is_told_and_no_report_is_written() {
    let server = Server::always(Reply::json(200, "{}"));
    let config =
        "report: json=gate.json\nnotifications: [{type: webhook, url: \"${HOOK}\", on: [pass]}]\n";
    let gate = Gate::of_value(500.0)
        .file("tidegate.yaml", config)
        .env("HOOK", server.url())
        .args(["--watch"]);
    let mut running = gate.start();
    running.stdout_lines().wait_for("PASS");
    running.stderr_lines().wait_for("watching");
    running.signal("INT").wait().code(0);
    assert!(server.received().is_empty());
    assert!(!gate.path("gate.json").exists());
}
