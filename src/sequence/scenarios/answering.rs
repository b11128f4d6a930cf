//! S18 to S21, S39: several executors, odd answers, foreign events.

use serde_json::{Value, json};

use super::world::World;
use crate::sequence::*;

const DELIVERY: &str = "dev.delivery: deployment test";

fn said(result: &str, status: &str) -> Value {
    json!({"result": result, "status": status})
}

/// Two executors end a task; returns what the task came to, as `RESULT/STATUS`, and its data.
fn two(first: Value, second: Value) -> FinishedTask {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    for source in ["one", "two"] {
        world.answer("A", "deployment", "started", source, json!({}));
    }
    world.answer("A", "deployment", "finished", "one", first);
    assert_eq!(world.open(), ["A dev/deployment"], "it waits for the other");
    world.answer("A", "deployment", "finished", "two", second);
    world.of("A")[0].previous[0].clone()
}

#[test]
fn s18_two_executors_come_to_the_worse_result() {
    let mut pass = said("pass", "succeeded");
    pass["deployment"] = json!({"a": 1, "list": [1]});
    let mut warning = said("warning", "succeeded");
    warning["deployment"] = json!({"b": 2, "list": [2]});
    let task = two(pass, warning);
    assert_eq!(
        (task.result, task.status),
        (crate::gate::Verdict::Warning, TaskStatus::Succeeded)
    );
    assert_eq!(
        task.data["deployment"],
        json!({"a": 1, "b": 2, "list": [2]})
    );
}

#[test]
fn s18_the_next_task_comes_after_both() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    for source in ["one", "two"] {
        world.answer("A", "deployment", "started", source, json!({}));
    }
    for source in ["two", "one"] {
        assert_eq!(world.open(), ["A dev/deployment"]);
        world.answer(
            "A",
            "deployment",
            "finished",
            source,
            said("pass", "succeeded"),
        );
    }
    assert_eq!(world.open(), ["A dev/test"]);
}

#[test]
fn s19_one_bad_executor_ends_the_sequence_after_both() {
    for (first, second, result) in [
        (
            said("fail", "succeeded"),
            said("pass", "succeeded"),
            "Fail Succeeded",
        ),
        (
            said("pass", "succeeded"),
            said("pass", "errored"),
            "Fail Errored",
        ),
        (
            said("pass", "aborted"),
            said("pass", "succeeded"),
            "Fail Aborted",
        ),
        (
            said("fail", "errored"),
            said("pass", "aborted"),
            "Fail Errored",
        ),
    ] {
        let task = two(first, second);
        assert_eq!(format!("{:?} {:?}", task.result, task.status), result);
    }
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    world.started("A", "deployment");
    world.answer(
        "A",
        "deployment",
        "finished",
        "executor",
        said("pass", "errored"),
    );
    world.says(&[
        "A dev/deployment.triggered",
        "A dev.delivery.finished fail/errored",
    ]);
}

#[test]
fn s20_the_order_of_answers_does_not_matter() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    world.finished("A", "deployment", "pass", json!({}));
    assert_eq!(world.open(), ["A dev/deployment"]);
    world.started("A", "deployment");
    assert_eq!(world.open(), ["A dev/test"]);
}

#[test]
fn s20_words_that_nobody_knows_fail() {
    for (result, status, outcome) in [
        ("", "succeeded", "fail/succeeded"),
        ("good", "succeeded", "fail/succeeded"),
        ("failed", "succeeded", "fail/succeeded"),
        ("PASS", "succeeded", "fail/succeeded"),
        ("pass", "", "fail/unknown"),
        ("pass", "done", "fail/unknown"),
        ("pass", "unknown", "fail/unknown"),
        ("pass", "aborted", "fail/aborted"),
    ] {
        let mut world = World::new(DELIVERY);
        world.trigger("A", "dev.delivery");
        world.started("A", "deployment");
        world.answer(
            "A",
            "deployment",
            "finished",
            "executor",
            said(result, status),
        );
        let last = format!("A dev.delivery.finished {outcome}");
        world.says(&["A dev/deployment.triggered", &last]);
    }
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    world.started("A", "deployment");
    world.answer(
        "A",
        "deployment",
        "finished",
        "executor",
        json!({"result": 1, "status": ["succeeded"]}),
    );
    assert_eq!(world.states("A"), ["dev.delivery finished"]);
    assert_eq!(world.view("A").outcome.worst, Some(OutcomeWord::Fail));
}

#[test]
fn s20_an_answer_counts_once() {
    let mut world = World::new("dev.delivery: deployment*2");
    world.trigger("A", "dev.delivery");
    let open = world.open_task("A", "deployment");
    let start = world.answer_event(&open, "started", "one", json!({}));
    let end = world.answer_event(&open, "finished", "one", said("pass", "succeeded"));
    let again = world.answer_event(&open, "finished", "one", said("fail", "succeeded"));
    let other = world.answer_event(&open, "started", "two", json!({}));
    assert_eq!(world.step(Input::Event(start.clone())).ignored, None);
    for repeated in [&start, &start] {
        let step = world.step(Input::Event(repeated.clone()));
        assert_eq!(step.ignored, Some(Ignored::Duplicate(start.id.clone())));
        assert!(step.changed.is_empty());
    }
    world.step(Input::Event(other));
    world.step(Input::Event(end.clone()));
    for repeated in [&end, &again] {
        let step = world.step(Input::Event(repeated.clone()));
        assert_eq!(step.ignored, Some(Ignored::Duplicate(repeated.id.clone())));
    }
    assert_eq!(
        world.open(),
        ["A dev/deployment"],
        "the second executor is still at it"
    );
    world.answer(
        "A",
        "deployment",
        "finished",
        "two",
        said("pass", "succeeded"),
    );
    assert_eq!(world.states("A"), ["dev.delivery finished"]);
    assert_eq!(world.view("A").outcome.worst, Some(OutcomeWord::Pass));
}

#[test]
fn s20_one_source_may_do_a_task_several_times() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    for kind in ["started", "started", "finished"] {
        world.answer(
            "A",
            "deployment",
            kind,
            "webhook-service",
            said("pass", "succeeded"),
        );
        assert_eq!(world.open(), ["A dev/deployment"]);
    }
    world.answer(
        "A",
        "deployment",
        "finished",
        "webhook-service",
        said("warning", "succeeded"),
    );
    assert_eq!(world.open(), ["A dev/test"]);
    assert_eq!(world.data("test.triggered")["result"], "warning");
}

#[test]
fn s20_two_early_ends_for_one_start_do_not_hang() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    world.finished("A", "deployment", "pass", json!({}));
    world.finished("A", "deployment", "fail", json!({}));
    world.started("A", "deployment");
    world.says(&[
        "A dev/deployment.triggered",
        "A dev.delivery.finished fail/succeeded",
    ]);
}

#[test]
fn s20_an_answer_without_a_result_carries_no_number_into_the_next_task() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    world.started("A", "deployment");
    let null = json!({"test": null, "deployment": {"n": null}, "labels": null});
    world.finished("A", "deployment", "pass", null);
    let data = world.data("test.triggered");
    assert_eq!(data.get("test"), None);
    assert_eq!(data["deployment"], json!({"n": null}));
}

#[test]
fn s21_foreign_events_change_nothing() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    let open = world.open_task("A", "deployment");
    let good = world.answer_event(&open, "finished", "executor", said("pass", "succeeded"));
    let started = world.answer_event(&open, "started", "executor", json!({}));
    world.step(Input::Event(started));
    let before = world.engine.clone();
    let not_open = Ignored::NotOpen(open.id.clone());
    let data = |key: &str, value: Value| {
        let mut event = good.clone();
        event.data.set(key, value);
        event
    };
    let change = |change: fn(&mut crate::gate::event::CloudEvent)| {
        let mut event = good.clone();
        change(&mut event);
        event
    };
    for (event, ignored) in [
        (
            change(|one| one.triggeredid = Some("x".to_owned())),
            Ignored::NotOpen("x".to_owned()),
        ),
        (
            change(|one| one.triggeredid = None),
            Ignored::Lacks("triggeredid"),
        ),
        (
            change(|one| one.triggeredid = Some(String::new())),
            Ignored::Lacks("triggeredid"),
        ),
        (
            change(|one| one.shkeptncontext = Some("B".to_owned())),
            not_open.clone(),
        ),
        (change(|one| one.shkeptncontext = None), not_open.clone()),
        (
            change(|one| one.event_type = "sh.keptn.event.test.finished".to_owned()),
            not_open.clone(),
        ),
        (data("project", json!("q")), not_open.clone()),
        (data("stage", json!("prod")), not_open.clone()),
        (data("service", json!("other")), not_open.clone()),
        (data("project", json!("")), Ignored::Lacks("data.project")),
        (data("stage", json!(null)), Ignored::Lacks("data.stage")),
        (
            data("service", json!(["svc"])),
            Ignored::Lacks("data.service"),
        ),
        (
            change(|one| one.data = json!([1]).into()),
            Ignored::Lacks("data"),
        ),
    ] {
        let step = world.step(Input::Event(event));
        assert_eq!(step.ignored, Some(ignored));
        assert!(step.events.is_empty() && step.changed.is_empty());
        assert!(world.engine == before);
    }
    for foreign in [
        "sh.keptn.event.deployment.triggered",
        "sh.keptn.event.dev.delivery.finished",
        "sh.keptn.event.dev.delivery.started",
        "sh.keptn.event.deployment.invalidated",
        "sh.keptn.event.monitoring.configure",
        "sh.keptn.event.deployment..finished",
        "sh.keptn.events.problem",
        "",
    ] {
        let mut event = good.clone();
        foreign.clone_into(&mut event.event_type);
        let step = world.step(Input::Event(event));
        assert_eq!(step.ignored, Some(Ignored::Foreign(foreign.to_owned())));
        assert!(world.engine == before);
    }
    world.step(Input::Event(good));
    assert_eq!(world.open(), ["A dev/test"]);
}

#[test]
fn s21_a_trigger_must_say_whose_it_is() {
    let mut world = World::new(DELIVERY);
    let before = world.engine.clone();
    let good = world.trigger_event("A", "dev.delivery", json!({}));
    for (key, lacks) in [
        ("project", "data.project"),
        ("stage", "data.stage"),
        ("service", "data.service"),
    ] {
        let mut event = good.clone();
        event.data.set(key, json!(""));
        assert_eq!(
            world.step(Input::Event(event)).ignored,
            Some(Ignored::Lacks(lacks))
        );
    }
    let mut event = good.clone();
    event.shkeptncontext = None;
    assert_eq!(
        world.step(Input::Event(event)).ignored,
        Some(Ignored::Lacks("shkeptncontext"))
    );
    let mut event = good;
    event.id.clear();
    assert_eq!(
        world.step(Input::Event(event)).ignored,
        Some(Ignored::Lacks("id"))
    );
    assert!(world.engine == before);
}

#[test]
fn s39_a_task_waits_for_the_executors_that_are_declared() {
    let mut world = World::new("dev.delivery: deployment*2 test");
    world.trigger("A", "dev.delivery");
    world.answer("A", "deployment", "started", "one", json!({}));
    world.answer(
        "A",
        "deployment",
        "finished",
        "one",
        said("pass", "succeeded"),
    );
    assert_eq!(world.open(), ["A dev/deployment"]);
    world.answer(
        "A",
        "deployment",
        "finished",
        "two",
        said("warning", "succeeded"),
    );
    assert_eq!(world.open(), ["A dev/deployment"]);
    world.answer("A", "deployment", "started", "two", json!({}));
    assert_eq!(world.open(), ["A dev/test"]);
    assert_eq!(world.data("test.triggered")["result"], "warning");
}

#[test]
fn s39_a_declared_executor_that_never_begins_is_a_timeout() {
    let mut world = World::new("dev.delivery: deployment*2");
    world.trigger("A", "dev.delivery");
    world.answer("A", "deployment", "started", "one", json!({}));
    world.answer(
        "A",
        "deployment",
        "finished",
        "one",
        said("pass", "succeeded"),
    );
    world.wait(601);
    assert_eq!(world.states("A"), ["dev.delivery timedOut"]);
}

#[test]
fn s39_without_a_declaration_the_counts_decide() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    let open = world.open_task("A", "deployment");
    world.answer("A", "deployment", "started", "one", json!({}));
    world.answer(
        "A",
        "deployment",
        "finished",
        "one",
        said("pass", "succeeded"),
    );
    let late = world.answer_event(&open, "started", "two", json!({}));
    assert_eq!(
        world.step(Input::Event(late)).ignored,
        Some(Ignored::NotOpen(open.id))
    );
    assert_eq!(world.open(), ["A dev/test"]);
}

#[test]
fn s39_a_moment_of_patience_hears_the_second() {
    let settings = EngineSettings {
        settle_ms: 2_000,
        ..EngineSettings::default()
    };
    let mut world = World::with(settings, DELIVERY);
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    world.wait(1);
    assert_eq!(world.open(), ["A dev/deployment"]);
    world.answer("A", "deployment", "started", "two", json!({}));
    world.wait(10);
    world.answer(
        "A",
        "deployment",
        "finished",
        "two",
        said("fail", "succeeded"),
    );
    world.wait(3);
    world.says(&[
        "A dev/deployment.triggered",
        "A dev.delivery.finished fail/succeeded",
    ]);
}
