//! The commands that drive a control plane, against a server that behaves as Keptn does, quirks included.

use serde_json::{Value, json};

use crate::harness::{Answer, Gate};
use crate::support::keptn::{Keptn, Mishap, Script, TOKEN};

/// Two stages in parallel behind the first one.
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3\nkind: Shipyard\nmetadata: {name: shop}\nspec:\n  stages:\n  - name: dev\n    sequences:\n    - name: delivery\n      tasks: [{name: deployment}]\n  - name: west\n    sequences:\n    - name: delivery\n      triggeredOn: [{event: dev.delivery.finished}]\n      tasks: [{name: deployment}]\n  - name: east\n    sequences:\n    - name: delivery\n      triggeredOn: [{event: dev.delivery.finished}]\n      tasks: [{name: deployment}]\n";

/// A Keptn with a project.
pub(crate) fn keptn() -> Keptn {
    Keptn::start(&[]).with_shipyard("shop", SHIPYARD, "carts")
}

/// The program, set up for a server.
fn gate(keptn: &Keptn) -> Gate {
    Gate::new()
        .env("TIDEGATE_ENDPOINT", keptn.url())
        .env("TIDEGATE_TOKEN", TOKEN)
        .env("TIDEGATE_PROJECT", "shop")
        .env("TIDEGATE_SERVICE", "carts")
}

/// Says that a sequence was triggered by the engine.
fn triggered(stage: &str) -> Value {
    json!({"id": format!("{stage}-trigger"), "type": format!("sh.keptn.event.{stage}.delivery.triggered"),
        "data": {"stage": stage}})
}

/// Says that a sequence has ended.
fn finished(stage: &str, of: &str, result: &str, status: &str) -> Value {
    json!({"id": format!("{stage}-end"), "type": format!("sh.keptn.event.{stage}.delivery.finished"),
        "triggeredid": of, "data": {"stage": stage, "result": result, "status": status}})
}

/// A delivery whose first stage is `finished` before what follows has begun.
fn fan_out(west: [&str; 2], east: [&str; 2]) -> Vec<Script> {
    vec![
        Script::Play(
            vec![finished("dev", "ROOT", "pass", "succeeded")],
            "finished",
        ),
        Script::Play(vec![], "finished"),
        Script::Play(vec![triggered("west"), triggered("east")], "started"),
        Script::Play(
            vec![finished("west", "west-trigger", west[0], west[1])],
            "finished",
        ),
        Script::Play(
            vec![finished("east", "east-trigger", east[0], east[1])],
            "finished",
        ),
    ]
}

/// Delivers an image, and waits.
fn deliver(keptn: &Keptn, more: &[&str]) -> Answer {
    gate(keptn)
        .args([
            "trigger",
            "delivery",
            "--image",
            "carts:1.2",
            "--wait",
            "-o",
            "json",
        ])
        .run_with(more)
}

#[test]
fn the_outcome_is_the_worst_of_the_whole_fan_out_and_has_its_exit_code() {
    for (west, east, code, word) in [
        (["pass", "succeeded"], ["pass", "succeeded"], 0, "pass"),
        (
            ["pass", "succeeded"],
            ["warning", "succeeded"],
            3,
            "warning",
        ),
        (["fail", "succeeded"], ["pass", "succeeded"], 1, "fail"),
        (["pass", "succeeded"], ["fail", "errored"], 69, "errored"),
        (["fail", "aborted"], ["pass", "succeeded"], 130, "aborted"),
    ] {
        let keptn = keptn();
        keptn.play(fan_out(west, east));
        let answer = deliver(&keptn, &[]).code(code);
        let document = answer.json();
        assert_eq!(document["outcome"], word, "{document}");
        assert_eq!(
            document["sequences"].as_array().unwrap().len(),
            3,
            "{document}"
        );
        let context = document["keptnContext"].as_str().unwrap();
        assert!(answer.raw_stderr().contains(&format!("context {context}")));
    }
}

#[test]
fn a_base64_shipyard_is_read_and_the_event_is_what_keptn_expects() {
    let keptn = keptn();
    keptn.encode_shipyards();
    let answer = gate(&keptn)
        .args(["trigger", "delivery", "--image", "carts:1.2"])
        .args([
            "--values",
            "a.b=c",
            "--values",
            "replicas:=3",
            "-l",
            "build=17",
        ])
        .run()
        .code(0);
    let stored = keptn.stored("shop");
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0]["type"], "sh.keptn.event.dev.delivery.triggered");
    assert_eq!(
        stored[0]["data"],
        json!({"project": "shop", "stage": "dev", "service": "carts", "labels": {"build": "17"},
            "configurationChange": {"values": {"image": "carts:1.2", "a": {"b": "c"}, "replicas": 3}}})
    );
    // Stdout is the context alone.
    assert_eq!(
        answer.raw_stdout().trim_end(),
        stored[0]["shkeptncontext"].as_str().unwrap()
    );
}

#[test]
fn what_is_not_there_is_told_before_anything_is_sent() {
    let keptn = keptn();
    for (args, hint) in [
        (["--project", "shpo"], "`shop`"),
        (["--stage", "prod"], "dev"),
        (["--service", "cart"], "`carts`"),
        (["--sequence", "delivry"], "`delivery`"),
    ] {
        let answer = deliver(&keptn, &args).code(66);
        answer.says_its_code("json");
        assert!(
            answer.raw_stderr().contains(hint),
            "{}",
            answer.raw_stderr()
        );
    }
    assert!(keptn.stored("shop").is_empty());
}

#[test]
fn a_lost_answer_triggers_once() {
    let keptn = keptn();
    keptn.play(fan_out(["pass", "succeeded"], ["pass", "succeeded"]));
    keptn.mishap("/v1/event", Mishap::LoseAnswer);
    deliver(&keptn, &[]).code(0);
    let roots = keptn.stored("shop").into_iter();
    let roots = roots.filter(|event| event["type"] == "sh.keptn.event.dev.delivery.triggered");
    assert_eq!(roots.count(), 1);
}

#[test]
fn an_event_that_was_answered_and_lost_is_told_as_timed_out_and_aborted_where_asked() {
    let keptn = keptn();
    let answer = deliver(&keptn, &["--timeout", "1s", "--abort-on-timeout"]).code(124);
    let document = answer.json();
    assert_eq!(document["outcome"], "timed_out");
    let context = document["keptnContext"].as_str().unwrap();
    assert_eq!(keptn.controls(), [format!("{context} abort")]);
}

#[test]
fn refusals_have_their_exit_codes() {
    let keptn = keptn();
    gate(&keptn)
        .env("TIDEGATE_TOKEN", "wrong")
        .args(["status"])
        .run()
        .code(77);
    keptn.mishap(
        "/v1/metadata",
        Mishap::Answer(200, "text/html", "<html>".to_owned()),
    );
    gate(&keptn).args(["status"]).run().code(76);
    Gate::new().args(["status"]).run().code(64);
    let typed = gate(&keptn)
        .args(["status", "--token", TOKEN])
        .run()
        .code(64);
    assert!(typed.raw_stderr().contains("TIDEGATE_TOKEN"));
    let nobody = Gate::new().args(["status", "--endpoint", "http://127.0.0.1:1"]);
    nobody.run().code(69);
    let secret = gate(&keptn).args(["create", "secret", "s", "--from-literal", "k=hunter2"]);
    let secret = secret.run().code(64);
    assert!(!secret.raw_stderr().contains("hunter2"));
}

#[test]
fn who_is_told_to_wait_asks_again_and_gives_up_in_the_end() {
    let refuse = |keptn: &Keptn, times| {
        for _ in 0..times {
            let many = Mishap::Answer(429, "text/plain", "too many requests".to_owned());
            keptn.mishap("/controlPlane/v1/project", many);
        }
    };
    let keptn = keptn();
    let asked = |code| {
        let answer = gate(&keptn).args(["get", "stages"]).run().code(code);
        answer.raw_stderr()
    };
    refuse(&keptn, 1);
    asked(0);
    refuse(&keptn, 3);
    let told = asked(75);
    assert!(told.contains("too many requests (GET"), "{told}");
}

#[test]
fn approvals_of_one_place_are_told_apart_by_their_contexts() {
    let keptn = keptn();
    for id in ["A1", "A2"] {
        keptn.store(
            json!({"id": id, "type": "sh.keptn.event.approval.triggered", "source": "s",
            "time": "2024-05-01T10:00:00.000Z", "shkeptncontext": format!("context-{id}"),
            "data": {"project": "shop", "stage": "west", "service": "carts", "result": "pass"}}),
        );
    }
    let approve = ["approve", "--stage", "west", "--service", "carts"];
    let several = gate(&keptn).args(approve).run().code(64).raw_stderr();
    assert!(several.contains("--id ID, or --context"), "{several}");
    let one = gate(&keptn).args(approve);
    one.run_with(["--context", "context-A2"]).code(0);
}

#[test]
fn lists_are_always_lists_and_an_empty_one_is_no_error_unless_required() {
    let keptn = keptn();
    let list = |words: &[&str], code| {
        let answer = gate(&keptn).args(["get"]).args(words).args(["-o", "json"]);
        answer.run().code(code).json()
    };
    assert_eq!(list(&["projects"], 0)["projects"][0]["projectName"], "shop");
    assert_eq!(
        list(&["project", "shop"], 0)["projects"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(list(&["stages"], 0)["stages"].as_array().unwrap().len(), 3);
    assert_eq!(
        list(&["services"], 0)["services"].as_array().unwrap().len(),
        3
    );
    assert_eq!(list(&["sequences"], 0)["sequences"], json!([]));
    assert_eq!(
        list(&["event", "evaluation.finished"], 0)["events"],
        json!([])
    );
    assert_eq!(list(&["secrets"], 0)["secrets"], json!([]));
    list(&["sequences", "--require"], 66);
    list(&["sequences", "--context", "none"], 66);
    list(&["project", "none"], 66);
    list(&["service", "none"], 66);
}

#[test]
fn more_than_a_page_is_read() {
    let keptn = keptn();
    for number in 0..250 {
        keptn.store(
            json!({"id": format!("e{number}"), "type": "sh.keptn.event.deployment.started",
            "time": format!("2024-05-01T10:{:02}:{:02}.000Z", number / 60, number % 60),
            "source": "t", "shkeptncontext": "C", "data": {"project": "shop"}}),
        );
    }
    let get = |limit: &str| {
        let answer = gate(&keptn).args(["get", "events", "--limit", limit, "-o", "json"]);
        answer.run().code(0).json()["events"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(get("1000"), 250);
    assert_eq!(get("120"), 120);
}

#[test]
fn what_runs_is_steered_and_what_nobody_knows_is_not() {
    let keptn = keptn();
    let answer = gate(&keptn)
        .args(["trigger", "delivery", "--image", "i"])
        .run()
        .code(0);
    let context = answer.raw_stdout().trim_end().to_owned();
    gate(&keptn)
        .args(["sequence", "pause", "-c", &context])
        .run()
        .code(0);
    gate(&keptn)
        .args(["abort", "sequence", "--keptn-context", &context])
        .run()
        .code(0);
    gate(&keptn)
        .args(["sequence", "abort", "-c", "unknown"])
        .run()
        .code(66);
    assert_eq!(
        keptn.controls(),
        [format!("{context} pause"), format!("{context} abort")]
    );
}

#[test]
fn the_one_approval_that_is_meant_is_answered_and_of_several_none() {
    let keptn = keptn();
    for (id, stage) in [("A1", "west"), ("A2", "east")] {
        keptn.store(json!({"id": id, "type": "sh.keptn.event.approval.triggered", "source": "s",
            "time": "2024-05-01T10:00:00.000Z", "shkeptncontext": "00000000-0000-4000-8000-000000000009",
            "data": {"project": "shop", "stage": stage, "service": "carts", "result": "pass", "labels": {}}}));
    }
    let several = gate(&keptn)
        .args(["approve", "--project", "shop"])
        .run()
        .code(64);
    assert!(several.raw_stderr().contains("A1") && several.raw_stderr().contains("A2"));
    gate(&keptn)
        .args(["decline", "--stage", "west", "--message", "not today"])
        .run()
        .code(0);
    gate(&keptn).args(["approve", "--id", "A2"]).run().code(0);
    gate(&keptn).args(["approve", "--id", "A2"]).run().code(66);
    let stored = keptn.stored("shop");
    let answers: Vec<[&Value; 3]> = stored
        .iter()
        .filter(|event| event["type"] == "sh.keptn.event.approval.finished")
        .map(|event| {
            [
                &event["triggeredid"],
                &event["data"]["result"],
                &event["data"]["message"],
            ]
        })
        .collect();
    assert_eq!(answers, [["A1", "fail", "not today"], ["A2", "pass", ""]]);
}

#[test]
fn projects_services_secrets_and_resources_are_managed() {
    let keptn = keptn();
    let run = |words: &[&str], code| {
        gate(&keptn)
            .file("shipyard.yaml", SHIPYARD)
            .file("slo.yaml", "objectives: []\n")
            .env("SLACK", "hunter2")
            .args(words)
            .run()
            .code(code)
    };
    run(
        &["create", "project", "new", "--shipyard", "shipyard.yaml"],
        0,
    );
    run(
        &["create", "project", "new", "--shipyard", "shipyard.yaml"],
        73,
    );
    run(&["create", "project", "bad", "--shipyard", "slo.yaml"], 65);
    run(&["create", "service", "orders"], 0);
    run(&["delete", "service", "orders"], 0);
    run(
        &["create", "secret", "slack", "--from-env", "token=SLACK"],
        0,
    );
    let listed = run(&["get", "secret", "slack", "-o", "json"], 0).json();
    assert_eq!(listed["secrets"][0]["keys"], json!(["token"]));
    run(&["delete", "secret", "slack"], 0);
    run(&["delete", "secret", "slack"], 66);
    run(
        &[
            "add-resource",
            "--all-stages",
            "--service",
            "carts",
            "-r",
            "slo.yaml",
        ],
        0,
    );
    assert_eq!(keptn.resources().len(), 3);
    run(&["add-resource", "-r", "../slo.yaml"], 66);
    run(
        &["add-resource", "-r", "slo.yaml", "--resource-uri", "../x"],
        64,
    );
}
