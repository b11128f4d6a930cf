//! The commands that drive a control plane, against a `tidegate serve`.

use serde_json::{Value, json};

use crate::harness::{Answer, Gate};
use crate::support::served::{Served, TOKEN};

/// A stage that deploys, and one behind it that has a gate.
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: {name: shop}
spec:
  stages:
  - name: dev
    sequences:
    - {name: delivery, tasks: [{name: deployment}]}
  - name: prod
    sequences:
    - {name: delivery, triggeredOn: [{event: dev.delivery.finished}], tasks: [{name: evaluation}]}
";
/// A server that deploys, by doing nothing.
const DEPLOYS: &str = "tasks:\n  deployment:\n    command: ['true']\n";
/// A server on which nobody deploys.
const DEPLOYS_NOT: &str = "serve: {}\n";

/// The client of a server.
fn client(server: &Served) -> Gate {
    Gate::new()
        .env("TIDEGATE_ENDPOINT", format!("http://{}", server.address()))
        .env("TIDEGATE_TOKEN", TOKEN)
        .env("TIDEGATE_PROJECT", "shop")
        .env("TIDEGATE_SERVICE", "carts")
        .file("shipyard.yaml", SHIPYARD)
}

/// Runs a command; returns what it says.
#[track_caller]
fn told(client: &Gate, line: &str, code: i32) -> Answer {
    client.run_with(line.split(' ')).code(code)
}

/// A server with a project and a service, and its client.
fn shop(config: &str) -> (Served, Gate) {
    let server = Served::start(config);
    let client = client(&server);
    told(&client, "create project shop --shipyard shipyard.yaml", 0);
    told(&client, "create service carts", 0);
    (server, client)
}

/// Waits until the newest delivery is in a state; returns its context.
fn wait_for_state(server: &Served, state: &str) -> String {
    server.wait_for("/api/controlPlane/v1/sequence/shop?pageSize=1", |told| {
        let newest = &told["states"][0];
        let context = newest["shkeptncontext"].as_str();
        context
            .filter(|_| newest["state"] == state)
            .map(str::to_owned)
    })
}

#[test]
fn a_delivery_that_fails_at_its_gate_is_listed_as_failed() {
    let (_server, client) = shop(DEPLOYS);
    let answer = told(
        &client,
        "trigger delivery --image carts:1 --wait -o json",
        1,
    );
    assert_eq!(answer.json()["outcome"], "fail");
    let table = told(&client, "get sequences", 0).raw_stdout();
    let row: Vec<&str> = table.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(
        row[..4],
        ["delivery", "finished", "fail", "carts"],
        "{table}"
    );
    assert_eq!(row[6..], ["dev:pass", "prod:fail"], "{table}");
}

#[test]
fn what_is_triggered_carries_its_data_and_every_list_is_one_document() {
    let (_server, client) = shop(DEPLOYS);
    let line = "trigger sequence delivery --data a.b=c --data n:=3 -l build=17 --wait -o json";
    let context = told(&client, line, 1).json()["keptnContext"].clone();
    let context = context.as_str().unwrap();
    let line = format!("get events dev.delivery.triggered -c {context} -o json");
    let listed = told(&client, &line, 0).json();
    let data = &listed["events"][0]["data"];
    assert_eq!(
        (&data["a"], &data["n"], &data["labels"]),
        (&json!({"b": "c"}), &json!(3), &json!({"build": "17"}))
    );
    let line = "trigger evaluation --stage dev --timeframe 5m -l build=18 --wait -o json";
    let evaluation = told(&client, line, 1).json();
    assert_eq!(
        evaluation["outcome"], "fail",
        "there is no SLO: {evaluation}"
    );
    for (noun, least) in [
        ("projects", 1),
        ("stages", 2),
        ("services", 2),
        ("sequences", 2),
        ("events", 10),
        ("resources", 1),
        ("secrets", 0),
        ("approvals", 0),
    ] {
        let listed = told(&client, &format!("get {noun} -o json"), 0).json();
        let found = listed[noun].as_array().map(Vec::len);
        assert!(found.is_some_and(|found| found >= least), "{listed}");
    }
}

#[test]
fn names_that_are_not_there_are_told_and_an_empty_list_is_none_of_them() {
    let (_server, client) = shop(DEPLOYS_NOT);
    for noun in ["approvals", "events", "sequences", "stages", "services"] {
        told(&client, &format!("get {noun}"), 0);
        let answer = told(&client, &format!("get {noun} -p shpo"), 66).raw_stderr();
        assert!(answer.contains("there is no project `shpo`"), "{answer}");
        assert!(answer.contains("did you mean `shop`?"), "{answer}");
    }
    for (line, code, hint) in [
        ("delete secret nope", 66, "tidegate get secrets"),
        ("delete service nope", 66, "tidegate get services"),
        ("delete resource nope", 66, "tidegate get resources"),
        ("create service carts", 73, "tidegate get services"),
        ("create service carts -p shpo", 66, "tidegate get projects"),
    ] {
        let answer = told(&client, line, code).raw_stderr();
        assert!(answer.contains(hint), "{line}: {answer}");
        assert_eq!(answer.lines().count(), 2, "{answer}");
        assert!(answer.contains(": HTTP 4"), "{answer}");
    }
}

#[test]
fn projects_secrets_and_resources_are_changed_and_deleted() {
    let (_server, client) = shop(DEPLOYS_NOT);
    let client = client
        .file("more.yaml", format!("{SHIPYARD}  - name: west\n    sequences: [{{name: delivery, tasks: [{{name: test}}]}}]\n"))
        .file("broken.yaml", "apiVersion: spec.keptn.sh/0.2.3\nkind: Shipyard\nspec:\n  stages:\n  - sequences: []\n  - name: 7up\n    sequences: 3\n")
        .file("slo.yaml", "objectives: []\n")
        .env("SLACK", "hunter2");
    told(&client, "update project shop --shipyard more.yaml", 0);
    let stages = told(&client, "get stages -o json", 0).json();
    assert_eq!(stages["stages"].as_array().map(Vec::len), Some(3));
    for line in [
        "update project shop --shipyard broken.yaml",
        "create project other --shipyard broken.yaml",
    ] {
        let refused = told(&client, line, 65).raw_stderr();
        assert!(refused.contains("broken.yaml:"), "{refused}");
        assert!(refused.matches("error").count() > 1, "{refused}");
    }
    told(&client, "create secret slack --from-env token=SLACK", 0);
    told(&client, "update secret slack --from-env other=SLACK", 0);
    let secrets = told(&client, "get secret slack -o json", 0);
    assert_eq!(secrets.json()["secrets"][0]["keys"], json!(["other"]));
    told(&client, "delete secret slack", 0);
    told(
        &client,
        "add-resource --stage dev --service carts -r slo.yaml",
        0,
    );
    let place = "--stage dev --service carts";
    let line = format!("get resources slo.yaml {place} -o json");
    assert_eq!(
        told(&client, &line, 0).json()["resources"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    told(&client, &format!("delete resource slo.yaml {place}"), 0);
    told(&client, &line, 66);
    told(&client, "delete service carts", 0);
    told(&client, "get service carts", 66);
    told(&client, "delete project shop", 0);
    told(&client, "get project shop", 66);
}

#[test]
fn a_warning_about_a_shipyard_is_told_and_does_no_harm() {
    let server = Served::start(DEPLOYS_NOT);
    let waits_for_nothing = SHIPYARD.replace("dev.delivery.finished", "dev.nothing.finished");
    let client = client(&server).file("odd.yaml", waits_for_nothing);
    let answer = told(&client, "create project shop --shipyard odd.yaml", 0).raw_stderr();
    assert!(answer.contains("odd.yaml:"), "{answer}");
    told(&client, "get project shop", 0);
}

#[test]
fn what_runs_is_paused_resumed_and_aborted_and_what_waits_in_line_says_so() {
    let (server, client) = shop(DEPLOYS_NOT);
    let deliver = ["trigger", "delivery", "--image", "carts:1", "--wait"];
    let first = client.start_with(deliver);
    let context = wait_for_state(&server, "started");
    let mut second = client.start_with(deliver);
    let second_lines = second.stderr_lines();
    let queued = wait_for_state(&server, "waiting");
    second_lines.wait_for(&format!("the context {context} comes before it"));
    let say = |action: &str, context: &str, words: &str| {
        let line = format!("sequence {action} -c {context}");
        let answer = told(&client, &line, 0).raw_stdout();
        assert!(answer.contains(words), "{answer}");
    };
    say("pause", &queued, "it waits in line");
    say("pause", &queued, "is paused already");
    say("pause", &context, "is paused after its running task");
    say("resume", &context, "goes on");
    say("abort", &context, "is aborted");
    first.wait().code(130);
    say("abort", &context, "has ended already");
    told(&client, &format!("sequence pause -c {context}"), 66);
    say("resume", &queued, "goes on");
    say("abort", &queued, "is aborted");
    second.wait().code(130);
    told(&client, "sequence abort -c unknown", 66);
}

#[test]
fn a_task_is_done_by_events_that_are_sent() {
    let (server, client) = shop(DEPLOYS_NOT);
    let deliver = "trigger delivery --image carts:1 --wait -o json";
    let waiting = client.start_with(deliver.split(' '));
    let path = "/api/controlPlane/v1/event/triggered/sh.keptn.event.deployment.triggered";
    let task: Value = server.wait_for(path, |told| told["events"].get(0).cloned());
    let mut client = client;
    for (kind, result) in [("started", ""), ("finished", "fail")] {
        let event = json!({
            "type": format!("sh.keptn.event.deployment.{kind}"), "source": "by-hand",
            "shkeptncontext": task["shkeptncontext"], "triggeredid": task["id"],
            "data": {"project": "shop", "stage": "dev", "service": "carts", "status": "succeeded", "result": result},
        });
        client = client.file("event.json", event.to_string());
        told(&client, "send event -f event.json", 0);
    }
    let ended = waiting.wait().code(1).json();
    assert_eq!(ended["outcome"], "fail");
    let large = format!("{{\"type\": \"{}\"}}", "ü".repeat(600_000));
    let client = client.file("large.json", large);
    for line in [
        "send event -f large.json",
        "trigger sequence delivery --data-file large.json",
    ] {
        let answer = told(&client, line, 65).raw_stderr();
        assert!(
            answer.contains("large.json is larger than 1 MiB"),
            "{answer}"
        );
    }
}

#[test]
fn the_status_names_the_server_and_who_has_no_token_is_told_so() {
    let server = Served::start(DEPLOYS_NOT);
    let client = client(&server);
    let version = env!("CARGO_PKG_VERSION");
    let table = told(&client, "status", 0).raw_stdout();
    assert!(table.contains(&format!("tidegate {version}")), "{table}");
    let document = told(&client, "status -o json", 0).json();
    assert_eq!(document["tidegateVersion"], version);
    let client = client.env("TIDEGATE_TOKEN", "");
    for line in ["status", "get projects", "trigger delivery --image i"] {
        let answer = told(&client, line, 77).raw_stderr();
        assert!(answer.contains("there is no token"), "{answer}");
        assert!(answer.contains("TIDEGATE_TOKEN"), "{answer}");
    }
}

#[test]
fn who_asks_too_often_waits_and_is_answered() {
    let server = Served::start("serve:\n  limits: {requests_per_second: 1}\n");
    let client = client(&server);
    let mut asked = 0;
    while server
        .call("GET", "/api/controlPlane/v1/project", None)
        .status
        != 429
    {
        asked += 1;
        assert!(asked < 1000, "nothing was ever refused");
    }
    told(&client, "get projects", 0);
}
