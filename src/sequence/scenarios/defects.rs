//! D1 to D17: what goes wrong in Keptn's engine, and does not here.

use serde_json::json;

use super::world::World;
use crate::sequence::*;

#[test]
fn d01_a_crash_between_the_decision_and_the_next_task_loses_nothing() {
    let mut world = World::new("dev.delivery: deployment test");
    world.trigger("A", "dev.delivery");
    let before = world.restarted();
    let moments = (world.now, world.inputs.len());
    world.does("A", "deployment", "pass");
    let next = world.event("test.triggered").clone();
    // The decision was lost: told again, the same event comes out, under its own id and time.
    let mut again = before;
    let mut events = Vec::new();
    for (now, input) in &world.inputs[moments.1..] {
        events.extend(again.step(*now, input.clone()).events);
    }
    assert_eq!(events, [next.clone()]);
    // The decision was stored, and not published: it is among the open tasks.
    assert_eq!(world.restarted().open_tasks(), [next]);
}

#[test]
fn d02_a_sequence_that_ends_leaves_the_others_of_its_stage_alone() {
    let settings = EngineSettings {
        slots: SlotPolicy::Parallel(2),
        ..EngineSettings::default()
    };
    let mut world = World::with(
        settings,
        "dev.delivery: deployment
         prod.one <- dev.delivery: a c
         prod.two <- dev.delivery: b d",
    );
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    assert_eq!(world.open(), ["A prod/a", "A prod/b"]);
    world.does("A", "a", "fail");
    assert_eq!(world.open(), ["A prod/b"]);
    world.does("A", "b", "pass");
    world.does("A", "d", "pass");
    assert_eq!(world.engine.open().count(), 0);
}

#[test]
fn d03_the_end_of_a_leaf_keeps_delays_and_pauses() {
    let mut world = World::new(
        "dev.delivery: deployment
         left.delivery <- dev.delivery: deployment
         middle.delivery <- dev.delivery: test+60
         right.delivery <- dev.delivery: test",
    );
    world.trigger("A", "dev.delivery");
    world.control("A", Some("right"), "pause");
    world.does("A", "dev/deployment", "pass");
    world.does("A", "left/deployment", "pass");
    world.wait(60);
    assert_eq!(world.open(), ["A middle/test"]);
    world.does("A", "middle/test", "pass");
    assert_eq!(world.states("A")[3], "right.delivery paused");
    world.control("A", Some("right"), "resume");
    assert_eq!(world.open(), ["A right/test"]);
}

#[test]
fn d04_a_task_that_waited_long_has_its_full_time_once_it_is_sent() {
    let mut world = World::new("dev.delivery: deployment test+1200");
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    world.control("A", None, "pause");
    world.wait(5000);
    world.control("A", None, "resume");
    world.wait(599);
    assert_eq!(world.open(), ["A dev/test"]);
    world.wait(2);
    assert_eq!(world.states("A"), ["dev.delivery timedOut"]);

    // The same behind another context.
    let mut world = World::new("dev.delivery: deployment");
    world.trigger("A", "dev.delivery");
    world.started("A", "deployment");
    world.trigger("B", "dev.delivery");
    world.wait(5000);
    world.finished("A", "deployment", "pass", json!({}));
    world.wait(599);
    assert_eq!(world.open(), ["B dev/deployment"]);
}

#[test]
fn d05_a_second_executor_is_heard() {
    let mut world = World::new("dev.delivery: deployment*2");
    world.trigger("A", "dev.delivery");
    for (source, result) in [("one", "pass"), ("two", "fail")] {
        world.answer("A", "deployment", "started", source, json!({}));
        let data = json!({"result": result, "status": "succeeded"});
        world.answer("A", "deployment", "finished", source, data);
    }
    world.says(&[
        "A dev/deployment.triggered",
        "A dev.delivery.finished fail/succeeded",
    ]);
}

#[test]
fn d06_an_executor_that_dies_does_not_block_for_ever() {
    let mut world = World::new("dev.delivery: deployment!300");
    world.trigger("A", "dev.delivery");
    world.started("A", "deployment");
    world.trigger("B", "dev.delivery");
    world.wait(299);
    assert_eq!(world.open(), ["A dev/deployment"]);
    world.wait(1);
    assert_eq!(world.open(), ["B dev/deployment"]);
    assert_eq!(
        world.data("dev.delivery.finished")["message"],
        "sequence timed out: task deployment did not finish within 300 s"
    );
}

#[test]
fn d07_pauses_of_a_stage_and_of_everything_are_two_things() {
    let text = "dev.delivery: deployment
                left.delivery <- dev.delivery: a
                right.delivery <- dev.delivery: b";
    let begin = || {
        let mut world = World::new(text);
        world.trigger("A", "dev.delivery");
        world.control("A", Some("left"), "pause");
        world.control("A", None, "pause");
        world.does("A", "deployment", "pass");
        assert!(world.open().is_empty());
        world
    };
    let mut world = begin();
    world.control("A", None, "resume");
    assert_eq!(
        world.open(),
        ["A left/a", "A right/b"],
        "to resume everything leaves no pause behind"
    );
    let mut world = begin();
    world.control("A", Some("left"), "resume");
    assert!(world.open().is_empty(), "everything is still paused");
    world.control("A", Some("right"), "pause");
    world.control("A", None, "resume");
    assert_eq!(world.open(), ["A left/a", "A right/b"]);
    world.control("A", Some("left"), "pause");
    world.control("A", Some("right"), "pause");
    world.control("A", Some("left"), "resume");
    let states = world.states("A");
    assert_eq!(
        states[1..],
        ["left.delivery started", "right.delivery paused"]
    );
}

#[test]
fn d08_the_same_sequence_twice_in_a_context_is_two_executions() {
    let mut world = World::new("dev.delivery: deployment");
    world.trigger_with("A", "dev.delivery", json!({"n": 1}));
    world.trigger_with("A", "dev.delivery", json!({"n": 2}));
    assert_eq!(world.data("deployment.triggered")["n"], 1);
    world.does("A", "deployment", "fail");
    assert_eq!(world.data("deployment.triggered")["n"], 2);
    assert_eq!(
        world.event("dev.delivery.finished").triggeredid.as_deref(),
        Some("outside-1")
    );
    world.does("A", "deployment", "pass");
    assert_eq!(
        world.event("dev.delivery.finished").triggeredid.as_deref(),
        Some("outside-2")
    );
}

#[test]
fn d09_the_view_is_read_from_the_executions() {
    let mut world = World::new(
        "dev.delivery: deployment
         left.delivery <- dev.delivery: a
         right.delivery <- dev.delivery: b",
    );
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    for task in ["a", "b"] {
        assert_eq!(world.view("A").state, OverallState::Started);
        world.does("A", task, "pass");
    }
    assert_eq!(world.view("A").state, OverallState::Finished);
    let mut shuffled = world.of("A");
    shuffled.reverse();
    assert_eq!(ContextState::of(shuffled), Some(world.view("A")));
}

#[test]
fn d10_what_has_ended_stays_as_it_ended() {
    let mut world = World::new("dev.delivery: deployment");
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    let view = world.view("A");
    for (context, action) in [
        ("A", "abort"),
        ("A", "pause"),
        ("A", "resume"),
        ("X", "abort"),
    ] {
        let step = world.control(context, None, action);
        assert_eq!(step.ignored, Some(Ignored::NothingOpen(context.to_owned())));
    }
    assert_eq!(world.view("A"), view);
    world.trigger("A", "dev.delivery");
    assert_eq!(
        world.open(),
        ["A dev/deployment"],
        "a pause of nothing leaves nothing behind"
    );
}

#[test]
fn d11_the_words_of_the_documentation_select() {
    let mut world = World::new(
        "dev.delivery: test deployment
         dev.rollback <- dev.delivery[result=failed]: rollback
         prod.delivery <- dev.delivery[test.result=pass,status=succeeded,result=pass]: deployment",
    );
    world.trigger("A", "dev.delivery");
    world.does("A", "test", "pass");
    world.does("A", "deployment", "fail");
    assert_eq!(world.open(), ["A dev/rollback"]);
    world.does("A", "rollback", "pass");
    world.trigger("B", "dev.delivery");
    world.does("B", "test", "pass");
    world.does("B", "deployment", "pass");
    assert_eq!(world.open(), ["B prod/deployment"]);
}

#[test]
fn d12_a_timeout_and_an_error_start_the_rollback() {
    let text = "dev.delivery: deployment
                dev.rollback <- dev.delivery[result=fail]: rollback
                prod.delivery <- dev.delivery: deployment";
    for hold in [FailureFollowUps::Fire, FailureFollowUps::Hold] {
        let settings = EngineSettings {
            follow_ups: hold,
            ..EngineSettings::default()
        };
        let mut world = World::with(settings, text);
        world.trigger("A", "dev.delivery");
        world.wait(601);
        let expected = usize::from(hold == FailureFollowUps::Fire);
        assert_eq!(world.open().len(), expected, "{hold:?}");
        assert_eq!(world.count("dev.rollback.triggered"), expected);
        assert_eq!(world.count("prod.delivery.triggered"), 0);
    }
    let mut world =
        World::new("dev.delivery:\ndev.rollback <- dev.delivery[result=fail]: rollback");
    world.trigger("A", "dev.delivery");
    assert_eq!(world.open(), ["A dev/rollback"]);
}

#[test]
fn d13_a_newer_number_replaces_the_older() {
    let mut world = World::new("dev.delivery: a b c");
    world.trigger_with(
        "A",
        "dev.delivery",
        json!({"a": {"n": 0, "flag": false, "list": [0]}}),
    );
    for (task, n) in [("a", 1), ("b", 2)] {
        world.started("A", task);
        world.finished(
            "A",
            task,
            "pass",
            json!({"a": {"n": n, "flag": true, "list": [n]}}),
        );
    }
    assert_eq!(
        world.data("c.triggered")["a"],
        json!({"n": 2, "flag": true, "list": [2]})
    );
}

#[test]
fn d14_nothing_waits_for_what_is_gone() {
    let mut world = World::new("dev.delivery: deployment");
    for context in ["A", "B", "C"] {
        world.trigger(context, "dev.delivery");
    }
    world.control("B", None, "abort");
    world.control("A", None, "abort");
    assert_eq!(world.open(), ["C dev/deployment"]);
    world.does("C", "deployment", "pass");
    assert_eq!(world.engine, {
        let mut fresh = Engine::new(EngineSettings::default());
        let (now, project) = world.inputs[0].clone();
        fresh.step(now, project);
        fresh
    });
}

#[test]
fn d15_a_trigger_that_is_delivered_twice_starts_once() {
    let mut world = World::new("dev.delivery: deployment");
    let event = world.trigger_event("A", "dev.delivery", json!({}));
    for _ in 0..3 {
        world.step(Input::Event(event.clone()));
        world.engine = world.restarted();
    }
    assert_eq!(world.engine.open().count(), 1);
    assert_eq!(world.count("deployment.triggered"), 1);
}

#[test]
fn d16_a_delay_leaves_the_slot_to_others() {
    let mut world = World::new("dev.delivery: deployment validation+3600");
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    world.trigger("B", "dev.delivery");
    assert_eq!(world.open(), ["B dev/deployment"]);
    world.started("B", "deployment");
    world.wait(3600);
    assert_eq!(
        world.open(),
        ["B dev/deployment"],
        "the first waits until the slot is free"
    );
    world.finished("B", "deployment", "pass", json!({}));
    assert_eq!(world.open(), ["A dev/validation"]);
}

#[test]
fn d17_a_rollback_goes_before_the_deliveries_that_wait() {
    let mut world = World::new(
        "dev.delivery: deployment
         dev.rollback <- dev.delivery[result=fail]: rollback",
    );
    for context in ["A", "B", "C"] {
        world.trigger(context, "dev.delivery");
    }
    world.does("A", "deployment", "fail");
    assert_eq!(world.open(), ["A dev/rollback"]);
    world.does("A", "rollback", "pass");
    assert_eq!(world.open(), ["B dev/deployment"]);
}
