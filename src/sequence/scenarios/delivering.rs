//! From trigger to end: S1 to S5, S25, S28, S29, and what a payload holds.

use serde_json::json;

use super::world::{World, shipyard};
use crate::sequence::*;

#[test]
fn s01_a_delivery_goes_from_task_to_task() {
    let mut world = World::new("dev.delivery: deployment test evaluation release");
    let values = json!({"configurationChange": {"values": {"image": "reg/app:1.2"}}});
    world.trigger_with("A", "dev.delivery", values.clone());
    for task in ["deployment", "test", "evaluation", "release"] {
        world.started("A", task);
        let data = json!({task: {"by": task}, "message": "well done", "labels": {task: "yes"}});
        world.finished("A", task, "pass", data);
    }
    world.says(&[
        "A dev/deployment.triggered",
        "A dev/test.triggered",
        "A dev/evaluation.triggered",
        "A dev/release.triggered",
        "A dev.delivery.finished pass/succeeded",
    ]);
    let last = world.data("release.triggered");
    assert_eq!(last["configurationChange"], values["configurationChange"]);
    for task in ["deployment", "test", "evaluation"] {
        assert_eq!(last[task]["by"], task);
        assert_eq!(last["labels"][task], "yes");
    }
    assert_eq!(
        (&last["result"], &last["status"]),
        (&json!("pass"), &json!("succeeded"))
    );
    assert_eq!(last["message"], "");
    assert_eq!(
        world.view("A").stages[0].image.as_deref(),
        Some("reg/app:1.2")
    );
    assert_eq!(world.view("A").state, OverallState::Finished);
    assert_eq!(world.engine.open().count(), 0);
}

#[test]
fn s01_the_envelopes_are_keptns() {
    let mut world = World::new("dev.delivery: deployment");
    world.trigger_with("A", "dev.delivery", json!({"labels": {"build": "17"}}));
    world.does("A", "deployment", "pass");
    let task = world.event("deployment.triggered").clone();
    assert_eq!(task.source, "shipyard-controller");
    assert_eq!(task.triggeredid, None);
    assert_eq!(task.extensions["shkeptnspecversion"], "0.2.4");
    assert_eq!(task.extensions["datacontenttype"], "application/json");
    let finished = world.event("dev.delivery.finished");
    assert_eq!(finished.triggeredid.as_deref(), Some("outside-1"));
    assert_eq!(finished.shkeptncontext.as_deref(), Some("A"));
    assert_eq!(
        finished.data.value(),
        json!({
            "project": "p", "stage": "dev", "service": "svc", "labels": {"build": "17"},
            "status": "succeeded", "result": "pass", "message": "",
            "tidegate": {"version": 1, "worstResult": "pass"},
        })
    );
}

#[test]
fn s02_the_next_stage_follows_once() {
    let mut world = World::new(
        "dev.delivery: deployment
         hardening.delivery <- dev.delivery: deployment",
    );
    world.trigger_with("A", "dev.delivery", json!({"x": 1}));
    world.started("A", "deployment");
    world.finished(
        "A",
        "deployment",
        "pass",
        json!({"deployment": {"url": "u"}}),
    );
    world.says(&[
        "A dev/deployment.triggered",
        "A dev.delivery.finished pass/succeeded",
        "A hardening.delivery.triggered",
        "A hardening/deployment.triggered",
    ]);
    let follow_up = world.event("hardening.delivery.triggered");
    assert_eq!(follow_up.triggeredid, None);
    let data = follow_up.data.value();
    assert_eq!(data["stage"], "hardening");
    assert_eq!(data["deployment"]["url"], "u");
    assert_eq!((&data["x"], &data["result"]), (&json!(1), &json!("pass")));
    assert_eq!(world.view("A").state, OverallState::Started);
    world.does("A", "hardening/deployment", "pass");
    world.says(&["A hardening.delivery.finished pass/succeeded"]);
    assert_eq!(world.view("A").state, OverallState::Finished);
    assert_eq!(world.view("A").outcome.worst, Some(OutcomeWord::Pass));
}

#[test]
fn s03_a_failed_evaluation_starts_the_rollback_and_nothing_else() {
    let mut world = World::new(
        "dev.delivery: deployment evaluation release
         dev.rollback <- dev.delivery[result=fail]: rollback
         hardening.delivery <- dev.delivery: deployment",
    );
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    world.does("A", "evaluation", "fail");
    world.does("A", "rollback", "pass");
    world.says(&[
        "A dev/deployment.triggered",
        "A dev/evaluation.triggered",
        "A dev.delivery.finished fail/succeeded",
        "A dev.rollback.triggered",
        "A dev/rollback.triggered",
        "A dev.rollback.finished pass/succeeded",
    ]);
    let view = world.view("A");
    assert_eq!(view.outcome.worst, Some(OutcomeWord::Fail));
    let failed = view.stages[0].latest_failed_event.clone().unwrap();
    assert_eq!(failed.event_type, "sh.keptn.event.dev.delivery.finished");
    assert_eq!(
        view.stages[0].state,
        StageWord::Ended(TaskStatus::Succeeded)
    );
}

#[test]
fn s04_what_can_not_begin_ends_at_once() {
    let mut world = World::new("dev.delivery: deployment\ndev.empty:");
    for (name, data, message) in [
        (
            "dev.nope",
            json!({}),
            "Unable to start sequence nope: no task sequence with name nope found in stage dev",
        ),
        (
            "prod.delivery",
            json!({}),
            "Unable to start sequence delivery: no stage with name prod",
        ),
        (
            "dev.empty",
            json!({}),
            "Unable to start sequence empty: task sequence empty does not contain any tasks",
        ),
        (
            "dev.delivery",
            json!({"project": "x"}),
            "Unable to retrieve Shipyard file: no project with name x found",
        ),
        (
            "dev.delivery",
            json!({"stage": "prod"}),
            "Unable to start sequence delivery: the event's type names the stage dev, its data the stage prod",
        ),
    ] {
        let step = world.trigger_with("A", name, data);
        assert_eq!(step.ignored, None);
        assert_eq!(step.events.len(), 1, "{name}");
        let event = &step.events[0];
        assert_eq!(event.event_type, format!("sh.keptn.event.{name}.finished"));
        let data = event.data.value();
        assert_eq!(data["message"], message);
        assert_eq!(
            (&data["status"], &data["result"]),
            (&json!("errored"), &json!("fail"))
        );
        assert!(step.changed[0].was_refused());
        assert_eq!(world.engine.open().count(), 0);
    }
    assert_eq!(world.view("A").state, OverallState::Finished);
    assert_eq!(world.view("A").outcome.worst, Some(OutcomeWord::Errored));
}

#[test]
fn s04_a_hostile_name_is_cut_short() {
    let mut world = World::new("dev.delivery: deployment");
    let name = format!("\u{1b}[31m::set-output{}", "x".repeat(10_000));
    let step = world.trigger_with("A", "dev.delivery", json!({"project": name}));
    let message = step.events[0].data_text("message");
    assert!(
        message.len() < 200 && !message.contains('\u{1b}'),
        "{message}"
    );
}

#[test]
fn s05_every_stage_can_be_evaluated() {
    let mut world = World::new("dev.delivery: deployment");
    world.trigger("A", "dev.evaluation");
    world.does("A", "evaluation", "warning");
    world.says(&[
        "A dev/evaluation.triggered",
        "A dev.evaluation.finished warning/succeeded",
    ]);
    world.define("p", Some(shipyard("dev.evaluation: test evaluation")));
    world.trigger("B", "dev.evaluation");
    world.says(&["B dev/test.triggered"]);
    world.define("p", Some(shipyard("dev.evaluation:")));
    world.trigger("C", "dev.evaluation");
    world.says(&["C dev.evaluation.finished fail/errored"]);
}

#[test]
fn s25_the_same_task_twice_is_two_tasks() {
    let mut world = World::new("dev.delivery: test test");
    world.trigger("A", "dev.delivery");
    let first = world.open_task("A", "test").id;
    world.started("A", "test");
    world.finished(
        "A",
        "test",
        "pass",
        json!({"test": {"n": 1, "only": "first"}}),
    );
    let second = world.open_task("A", "test");
    assert_ne!(first, second.id);
    assert_eq!(second.data.value()["test"]["n"], 1);
    world.started("A", "test");
    world.finished("A", "test", "pass", json!({"test": {"n": 2}}));
    world.says(&[
        "A dev/test.triggered",
        "A dev/test.triggered",
        "A dev.delivery.finished pass/succeeded",
    ]);
    assert_eq!(world.of("A")[0].previous[1].data["test"]["n"], 2);
}

#[test]
fn s28_a_run_is_pinned_to_a_commit() {
    let mut world = World::new(
        "dev.delivery: deployment
         prod.delivery <- dev.delivery: deployment",
    );
    let mut event = world.trigger_event("A", "dev.delivery", json!({}));
    event
        .extensions
        .insert("gitcommitid".to_owned(), "abc".into());
    world.step(Input::Event(event));
    world.does("A", "deployment", "pass");
    let commit = |world: &World, name: &str| world.event(name).extensions["gitcommitid"].clone();
    assert_eq!(world.events[0].extensions["gitcommitid"], "abc");
    assert_eq!(commit(&world, "dev.delivery.finished"), "abc");
    assert_eq!(commit(&world, "prod.delivery.triggered"), "newest-prod");
    assert_eq!(commit(&world, "deployment.triggered"), "newest-prod");
    world.trigger("B", "dev.delivery");
    assert_eq!(commit(&world, "deployment.triggered"), "newest-dev");
}

#[test]
fn s29_a_decision_lets_it_go_on_or_ends_it() {
    for (result, ends) in [("pass", "pass/succeeded"), ("fail", "fail/succeeded")] {
        let mut world = World::new("dev.delivery: approval deployment");
        world.trigger("A", "dev.delivery");
        world.answer("A", "approval", "started", "approval-service", json!({}));
        assert_eq!(world.states("A"), ["dev.delivery waitingForApproval"]);
        let decision = json!({"result": result, "status": "succeeded"});
        world.answer("A", "approval", "finished", "somebody", decision);
        if result == "pass" {
            world.does("A", "deployment", "pass");
            assert_eq!(world.count("deployment.triggered"), 1);
        } else {
            assert_eq!(world.count("deployment.triggered"), 0);
        }
        let finished = world.event("dev.delivery.finished");
        let data = (finished.data_text("result"), finished.data_text("status"));
        assert_eq!(format!("{}/{}", data.0, data.1), ends);
    }
}

#[test]
fn s29_a_decision_needs_nobody_who_began_with_it_and_waits_for_ever() {
    let mut world = World::new("dev.delivery: approval");
    world.trigger("A", "dev.delivery");
    world.wait(100_000);
    world.finished("A", "approval", "pass", json!({}));
    world.says(&[
        "A dev/approval.triggered",
        "A dev.delivery.finished pass/succeeded",
    ]);
}

#[test]
fn the_worst_result_stands_beside_the_last() {
    let mut world = World::new("dev.delivery: evaluation release");
    world.trigger("A", "dev.delivery");
    world.does("A", "evaluation", "warning");
    world.does("A", "release", "pass");
    let data = world.data("dev.delivery.finished");
    assert_eq!(data["result"], "pass");
    assert_eq!(
        data["tidegate"],
        json!({"version": 1, "worstResult": "warning"})
    );
}

#[test]
fn the_shipyard_has_the_last_word_on_properties() {
    let mut yard = shipyard("dev.delivery: first deployment");
    let properties = json!({"deploymentstrategy": "direct", "replicas": 2});
    yard.stages[0].sequences[0].tasks[1].properties = properties.as_object().cloned();
    let mut world = World::new("");
    world.define("p", Some(yard));
    let data = json!({"deployment": {"deploymentstrategy": "canary", "mine": [1]}, "project": "p"});
    world.trigger_with("A", "dev.delivery", data);
    let other = json!({"deployment": {"replicas": 1, "mine": [2]}, "labels": {"a": "b"}});
    world.started("A", "first");
    world.finished("A", "first", "pass", other);
    assert_eq!(
        world.data("deployment.triggered")["deployment"],
        json!({"deploymentstrategy": "direct", "mine": [2], "replicas": 2})
    );
}

#[test]
fn labels_of_a_delivery_can_be_added_but_not_changed() {
    let mut world = World::new("dev.delivery: a b");
    world.trigger_with("A", "dev.delivery", json!({"labels": {"build": "17"}}));
    world.started("A", "a");
    world.finished(
        "A",
        "a",
        "pass",
        json!({"labels": {"build": "18", "new": "1"}}),
    );
    let labels = json!({"build": "17", "new": "1"});
    assert_eq!(world.data("b.triggered")["labels"], labels);
    world.does("A", "b", "pass");
    assert_eq!(world.data("dev.delivery.finished")["labels"], labels);
}

#[test]
fn a_payload_that_is_too_large_ends_the_sequence() {
    let mut world = World::new("dev.delivery: a b c\ndev.again <- dev.delivery[result=fail]: d");
    world.trigger("A", "dev.delivery");
    let large = "x".repeat(700_000);
    for task in ["a", "b"] {
        world.started("A", task);
        world.finished("A", task, "pass", json!({task: large}));
    }
    world.says(&[
        "A dev/a.triggered",
        "A dev/b.triggered",
        "A dev.delivery.finished fail/errored",
        "A dev.again.triggered",
        "A dev.again.finished fail/errored",
    ]);
    let message = world.events[2].data_text("message");
    assert!(
        message.starts_with("task c can't be triggered: the data"),
        "{message}"
    );
    assert_eq!(world.engine.open().count(), 0);
    assert!(
        world
            .events
            .iter()
            .all(|event| event.data.json().len() <= 1 << 20)
    );
}

#[test]
fn a_sequence_that_can_not_begin_does_not_start_itself_for_ever() {
    let mut world = World::new("dev.loop <- dev.loop[result=fail]:");
    world.trigger("A", "dev.loop");
    assert_eq!(world.count("dev.loop.finished"), 2);
    assert_eq!(world.engine.open().count(), 0);
}
