//! `--wait-for-data`: a backend that has its data only after a while.

use std::sync::atomic::{AtomicU32, Ordering};

use insta::assert_snapshot;

use crate::harness::Gate;
use crate::support::misbehaving::{Reply, Server};

/// A Prometheus that has a number from the n-th question on.
fn late(from: u32) -> Server {
    let asked = AtomicU32::new(1);
    Server::start(move |_request| {
        if asked.fetch_add(1, Ordering::Relaxed) < from {
            Reply::no_series()
        } else {
            Reply::number(500.0)
        }
    })
}

#[test]
fn data_that_come_later_are_waited_for() {
    let server = late(3);
    let gate = Gate::of_server(&server.url()).args(["--wait-for-data", "4s", "-o", "json"]);
    let answer = gate.run().code(0);
    let document = answer.json();
    assert_eq!(document["result"], "pass");
    assert_eq!(document["objectives"][0]["reading"]["attempts"], 3);
    assert_snapshot!(answer.stderr(), @"no data yet for response_time; asking again for up to 4 seconds");
}

#[test]
fn without_it_nobody_is_asked_twice() {
    for more in [&[][..], &["--no-wait"], &["--wait-for-data", "0s"]] {
        let server = late(2);
        Gate::of_server(&server.url()).args(more).run().code(1);
        assert_eq!(server.received().len(), 1);
    }
}

#[test]
fn the_file_the_environment_and_the_flag_say_how_long() {
    let config =
        |url: &str| format!("wait_for_data: 1s\nproviders: {{prometheus: {{url: '{url}'}}}}\n");
    let server = late(2);
    let gate = Gate::of_server(&server.url()).file("tidegate.yaml", config(&server.url()));
    gate.run().code(0);
    let server = late(2);
    let gate = Gate::of_server(&server.url()).file("tidegate.yaml", config(&server.url()));
    gate.env("TIDEGATE_WAIT_FOR_DATA", "0s").run().code(1);
    let server = late(2);
    let gate = Gate::of_server(&server.url()).env("TIDEGATE_WAIT_FOR_DATA", "0s");
    gate.args(["--wait-for-data", "1s"]).run().code(0);
    let server = late(2);
    let gate = Gate::of_server(&server.url()).file("tidegate.yaml", config(&server.url()));
    gate.args(["--no-wait"]).run().code(1);
}

#[test]
fn what_has_no_data_in_the_end_counts_as_such_and_a_timeout_is_heard() {
    let server = Server::always(Reply::no_series());
    let gate = Gate::of_server(&server.url());
    gate.run_with(["--wait-for-data", "200ms"]).code(1);
    assert!(server.received().len() > 2);
    gate.run_with(["--wait-for-data", "1h", "--timeout", "300ms"])
        .code(124);
}

#[test]
fn a_patience_that_is_no_duration_is_refused() {
    let gate = || Gate::of_value(500.0);
    gate().args(["--wait-for-data", "-1m"]).run().code(64);
    gate().args(["--wait-for-data", "soon"]).run().code(64);
    gate().env("TIDEGATE_WAIT_FOR_DATA", "soon").run().code(78);
    let both = gate().args(["--wait-for-data", "1m", "--no-wait"]);
    both.run().code(64);
}

#[test]
fn ctrl_c_is_heard_while_data_are_waited_for() {
    let server = Server::always(Reply::no_series());
    let gate = Gate::of_server(&server.url()).args(["--wait-for-data", "1h"]);
    let running = gate.start();
    server.wait_for_request();
    running.signal("INT").wait().code(130).says_nothing();
}
