//! What a run tells others, and that nothing of it changes how it ends.

use serde_json::Value;

use super::shop;
use crate::harness::Gate;
use crate::support::misbehaving::{Reply, Server, nobody};

/// Returns the types of the events that a server received.
fn types(server: &Server) -> Vec<String> {
    let read = |request: &String| {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let event: Value = serde_json::from_str(body).unwrap();
        event["type"].as_str().unwrap().to_owned()
    };
    server.received().iter().map(read).collect()
}

/// Runs a delivery that fails in its first stage.
fn failing(gate: &Gate, words: &[&str]) -> String {
    let argv = ["run", "delivery", "--image", "a:bad"];
    gate.run_with(argv.iter().chain(words)).code(1).stderr()
}

#[test]
fn each_receiver_hears_of_a_run_in_its_words() {
    let (cdevents, cloud_events) = (
        Server::always(Reply::json(202, "{}")),
        Server::always(Reply::json(202, "{}")),
    );
    let typed = format!("cdevents={}/in", cdevents.url());
    let also = format!("cloudevents={}/in", cloud_events.url());
    failing(&shop(), &["--emit", &typed, "--emit", &also]);
    let told = types(&cdevents);
    for wanted in [
        "dev.cdevents.pipelinerun.queued.0.3.0",
        "dev.cdevents.taskrun.started.0.3.0",
        "dev.cdevents.service.deployed.0.3.0",
        "dev.cdevents.pipelinerun.finished.0.3.0",
    ] {
        assert!(told.iter().any(|one| one == wanted), "{wanted}: {told:?}");
    }
    let told = types(&cloud_events);
    let first = told.first().map(String::as_str);
    assert_eq!(first, Some("sh.keptn.event.dev.delivery.triggered"));
    let last = told.last().map(String::as_str);
    assert_eq!(last, Some("sh.keptn.event.dev.rollback.finished"));
}

#[test]
fn the_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let servers = [(); 3].map(|()| Server::always(Reply::json(202, "{}")));
    let target = |at: usize| format!("cloudevents={}/in", servers[at].url());
    let config = format!("{}emit: [\"{}\"]\n", super::CONFIG, target(0));
    let gate = shop().file("tidegate.yaml", &config);
    let heard = || {
        servers
            .iter()
            .map(|server| !server.received().is_empty())
            .collect::<Vec<_>>()
    };
    failing(&gate, &[]);
    assert_eq!(heard(), [true, false, false]);
    let gate = gate.env("TIDEGATE_EMIT", target(1));
    failing(&gate, &[]);
    assert_eq!(heard(), [true, true, false]);
    failing(&gate, &["--emit", &target(2)]);
    assert_eq!(heard(), [true, true, true]);
}

#[test]
fn a_receiver_that_is_not_there_is_told_and_changes_nothing() {
    let said = failing(&shop(), &["--emit", &format!("cdevents={}/in", nobody())]);
    assert!(said.contains("could not be sent"), "{said}");
    let gate = shop();
    let argv = ["run", "delivery", "--emit", "slack=http://h"];
    gate.run_with(argv).code(64);
    let gate = gate.env("TIDEGATE_EMIT", "cdevents=ftp://h");
    gate.run_with(["run", "delivery"]).code(78);
    assert!(!gate.exists("events.jsonl"), "nothing has begun");
}
