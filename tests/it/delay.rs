//! Data that come late: what is said while they are waited for, and what where they are not.

use insta::assert_snapshot;
use regex::Regex;

use crate::harness::{Gate, SLO};
use crate::support::misbehaving::{Reply, Server};

/// An indicator whose data come an hour late.
const LATE: &str = "indicators:\n  response_time: { query: up, delay: 1h }\n";

/// Starts with an SLI whose data come late.
fn late(url: &str) -> Gate {
    Gate::of_server(url).file("sli.yaml", LATE)
}

#[test]
fn a_wait_is_told_and_ends_with_the_timeout() {
    let server = Server::always(Reply::number(500.0));
    let gate = late(&server.url()).args(["--timeout", "100ms"]);
    let answer = gate.run().code(124).says_nothing();
    let clock = Regex::new(r"until \d\d:\d\d:\d\dZ \(\d+ s\)").unwrap();
    let told = clock
        .replace(&answer.raw_stderr(), "until [clock] ([s] s)")
        .into_owned();
    assert_snapshot!(told, @"
    waiting until [clock] ([s] s) for prometheus: its data come 1 hour late
    error: --timeout ran out after 0.1 s, before there was a verdict
      hint: nothing of what was under way is stored; raise --timeout, or look at what is slow
    ");
    assert_eq!(server.received().len(), 0);
}

#[test]
fn without_a_wait_the_report_says_that_data_may_be_incomplete() {
    let server = Server::always(Reply::number(500.0));
    let gate = late(&server.url()).args(["--no-wait"]);
    let answer = gate.run().code(0);
    assert_snapshot!(answer.stderr(), @"warning: the data may be incomplete: --no-wait was given, but 3600 more seconds are needed for prometheus: its data come 1 hour late");
    let document = gate.run_with(["-o", "json"]).code(0).json();
    assert_snapshot!(document["warnings"][0].as_str().unwrap(), @"the data may be incomplete: --no-wait was given, but 3600 more seconds are needed for prometheus: its data come 1 hour late");
}

#[test]
fn nobody_waits_for_values_that_are_brought_along_or_for_a_dry_run() {
    let brought = Gate::of_value(500.0).file("sli.yaml", LATE);
    assert!(!brought.run().code(0).raw_stderr().contains("waiting"));
    let dry = Gate::new()
        .file("slo.yaml", SLO)
        .file("sli.yaml", LATE)
        .args(["evaluate", "--dry-run"]);
    assert!(!dry.run().code(0).raw_stderr().contains("waiting"));
}
