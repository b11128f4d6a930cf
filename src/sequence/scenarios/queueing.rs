//! Who waits for whom: S6 to S10, S15, S26, S38, and the policies of slots.

use serde_json::json;

use super::world::{World, shipyard};
use crate::sequence::*;

const DELIVERY: &str = "dev.delivery: deployment test";

#[test]
fn s06_the_second_context_waits_for_the_first() {
    for end in ["pass", "fail", "timeout", "abort"] {
        let mut world = World::new(DELIVERY);
        world.trigger("A", "dev.delivery");
        world.trigger("B", "dev.delivery");
        assert_eq!(world.view("B").state, OverallState::Waiting);
        assert_eq!(world.open(), ["A dev/deployment"]);
        match end {
            "pass" => {
                world.does("A", "deployment", "pass");
                assert_eq!(world.view("B").state, OverallState::Waiting);
                world.does("A", "test", "pass");
            }
            "fail" => {
                world.does("A", "deployment", "fail");
            }
            "timeout" => world.wait(600),
            _ => {
                world.control("A", None, "abort");
            }
        }
        assert_eq!(world.open(), ["B dev/deployment"], "{end}");
    }
}

#[test]
fn s07_first_come_first_served() {
    let mut world = World::new(DELIVERY);
    let contexts: Vec<String> = (0..10).map(|n| format!("C{n}")).collect();
    for context in contexts.iter().rev() {
        world.trigger(context, "dev.delivery");
    }
    for context in contexts.iter().rev() {
        for task in ["deployment", "test"] {
            assert_eq!(world.open(), [format!("{context} dev/{task}")]);
            world.does(context, task, "pass");
        }
    }
    assert!(world.open().is_empty());
}

#[test]
fn s08_different_services_run_side_by_side() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery/one");
    world.trigger("B", "dev.delivery/two");
    assert_eq!(world.open(), ["A dev/deployment", "B dev/deployment"]);
}

#[test]
fn s09_an_approval_leaves_the_slot_to_others() {
    let mut world = World::new("dev.delivery: approval deployment");
    world.trigger("A", "dev.delivery");
    world.trigger("B", "dev.delivery");
    assert_eq!(world.open(), ["A dev/approval", "B dev/approval"]);
    world.finished("B", "approval", "pass", json!({}));
    assert_eq!(world.open(), ["A dev/approval", "B dev/deployment"]);
    world.finished("A", "approval", "pass", json!({}));
    assert_eq!(world.open(), ["B dev/deployment"]);
    world.does("B", "deployment", "pass");
    assert_eq!(world.open(), ["A dev/deployment"]);
}

#[test]
fn s09_what_has_begun_goes_before_what_has_not() {
    let mut world = World::new("dev.delivery: test approval deployment");
    world.trigger("A", "dev.delivery");
    world.does("A", "test", "pass");
    world.trigger("B", "dev.delivery");
    world.trigger("C", "dev.delivery");
    world.finished("A", "approval", "pass", json!({}));
    assert_eq!(world.open(), ["B dev/test"]);
    world.does("B", "test", "pass");
    assert_eq!(world.open(), ["A dev/deployment", "B dev/approval"]);
    assert_eq!(world.states("C"), ["dev.delivery triggered"]);
}

#[test]
fn s10_a_paused_context_leaves_the_slot_once_its_task_has_ended() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    world.trigger("B", "dev.delivery");
    world.trigger("C", "dev.delivery");
    world.control("A", None, "pause");
    world.control("C", None, "pause");
    assert_eq!(
        world.open(),
        ["A dev/deployment"],
        "the task is not interrupted, and keeps the slot"
    );
    world.does("A", "deployment", "pass");
    assert_eq!(world.open(), ["B dev/deployment"]);
    world.control("A", None, "resume");
    assert_eq!(
        world.open(),
        ["B dev/deployment"],
        "the first waits for the second"
    );
    world.control("C", None, "resume");
    assert_eq!(
        world.states("C"),
        ["dev.delivery triggered"],
        "queued, not started"
    );
    world.does("B", "deployment", "pass");
    world.does("B", "test", "pass");
    assert_eq!(world.open(), ["A dev/test"]);
    world.does("A", "test", "pass");
    assert_eq!(world.open(), ["C dev/deployment"]);
}

#[test]
fn s15_an_abort_frees_the_slots_of_all_stages() {
    let mut world = World::new(
        "dev.delivery: deployment
         left.delivery <- dev.delivery: deployment
         right.delivery <- dev.delivery: deployment",
    );
    for context in ["A", "B"] {
        world.trigger(context, "dev.delivery");
        world.does(context, "dev/deployment", "pass");
    }
    assert_eq!(world.open(), ["A left/deployment", "A right/deployment"]);
    world.control("A", None, "abort");
    assert_eq!(world.open(), ["B left/deployment", "B right/deployment"]);
    assert_eq!(world.view("A").state, OverallState::Aborted);
}

#[test]
fn s26_nothing_is_left_of_a_project_that_was_deleted() {
    let mut world = World::new("dev.delivery: deployment\nprod.delivery: a+60");
    for n in 0..50 {
        world.trigger(&format!("A{n}"), &format!("dev.delivery/s{n}"));
        world.trigger(&format!("B{n}"), &format!("dev.delivery/s{n}"));
        world.trigger(&format!("C{n}"), &format!("prod.delivery/s{n}"));
    }
    let open = world.open_task("A0", "deployment");
    let step = world.define("p", None);
    assert!(step.events.is_empty());
    assert_eq!(step.changed.len(), 150);
    assert!(step.changed.iter().all(|one| one.ended.is_some()));
    assert_eq!(world.engine, Engine::new(EngineSettings::default()));
    let late = world.answer_event(&open, "finished", "late", json!({"result": "pass"}));
    assert_eq!(
        world.step(Input::Event(late)).ignored,
        Some(Ignored::NotOpen(open.id))
    );
    world.define("p", Some(shipyard(DELIVERY)));
    world.trigger("A0", "dev.delivery/s0");
    assert_eq!(world.open(), ["A0 dev/deployment"]);
}

#[test]
fn s38_a_restart_at_any_moment_changes_nothing() {
    // Every step of every scenario compares the engine with one that was restarted; here it goes on as the other.
    let mut world = World::new(DELIVERY);
    for n in 0..10 {
        world.trigger(&format!("C{n}"), "dev.delivery");
        world.engine = world.restarted();
    }
    for n in 0..10 {
        for task in ["deployment", "test"] {
            world.started(&format!("C{n}"), task);
            world.engine = world.restarted();
            world.finished(&format!("C{n}"), task, "pass", json!({}));
            world.engine = world.restarted();
        }
    }
    assert_eq!(world.count("dev.delivery.finished"), 10);
    assert_eq!(world.count("deployment.triggered"), 10);
    assert_eq!(world.engine.open().count(), 0);
}

fn with_slots(slots: SlotPolicy, most_waiting: Option<usize>) -> World {
    let settings = EngineSettings {
        slots,
        most_waiting,
        ..EngineSettings::default()
    };
    World::with(
        settings,
        "dev.delivery: deployment
         dev.rollback <- dev.delivery[result=fail]: rollback",
    )
}

#[test]
fn the_newest_can_take_the_place_of_those_who_wait() {
    let mut world = with_slots(SlotPolicy::ReplaceWaiting, None);
    for context in ["A", "B", "C"] {
        world.trigger(context, "dev.delivery");
    }
    world.says(&[
        "A dev/deployment.triggered",
        "B dev.delivery.finished fail/aborted",
    ]);
    let message = world.data("dev.delivery.finished")["message"].clone();
    assert_eq!(message, "a newer sequence took its place: context C");
    world.does("A", "deployment", "pass");
    assert_eq!(world.open(), ["C dev/deployment"]);
}

#[test]
fn a_second_delivery_can_be_refused() {
    let mut world = with_slots(SlotPolicy::Reject, None);
    world.trigger("A", "dev.delivery");
    world.trigger("B", "dev.delivery");
    world.does("A", "deployment", "fail");
    world.says(&[
        "A dev/deployment.triggered",
        "B dev.delivery.finished fail/errored",
        "A dev.delivery.finished fail/succeeded",
        "A dev.rollback.triggered",
        "A dev/rollback.triggered",
    ]);
}

#[test]
fn several_can_share_a_slot() {
    let mut world = with_slots(SlotPolicy::Parallel(2), None);
    for context in ["A", "B", "C"] {
        world.trigger(context, "dev.delivery");
    }
    assert_eq!(world.open(), ["A dev/deployment", "B dev/deployment"]);
    world.does("B", "deployment", "pass");
    assert_eq!(world.open(), ["A dev/deployment", "C dev/deployment"]);
}

#[test]
fn a_queue_has_an_end() {
    let mut world = with_slots(SlotPolicy::Queue, Some(1));
    for context in ["A", "B", "C"] {
        world.trigger(context, "dev.delivery");
    }
    world.says(&[
        "A dev/deployment.triggered",
        "C dev.delivery.finished fail/errored",
    ]);
    world.does("A", "deployment", "fail");
    assert_eq!(
        world.open(),
        ["A dev/rollback"],
        "what follows is always let in"
    );
}

#[test]
fn the_same_trigger_twice_starts_once() {
    let mut world = World::new(DELIVERY);
    let event = world.trigger_event("A", "dev.delivery", json!({}));
    world.step(Input::Event(event.clone()));
    let step = world.step(Input::Event(event.clone()));
    assert_eq!(step.ignored, Some(Ignored::Duplicate(event.id)));
    assert!(step.events.is_empty() && step.changed.is_empty());
}
