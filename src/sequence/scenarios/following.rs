//! S22 to S24, S31: what follows what, and what a selector asks for.

use serde_json::json;

use super::world::{World, shipyard};
use crate::gate::Verdict;
use crate::sequence::*;

#[test]
fn s22_parallel_stages_leave_each_other_alone() {
    let mut world = World::new(
        "dev.delivery: deployment
         left.delivery <- dev.delivery: deployment
         right.delivery <- dev.delivery: test+60",
    );
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    world.does("A", "left/deployment", "fail");
    assert_eq!(world.view("A").state, OverallState::Started);
    let words: Vec<_> = world
        .view("A")
        .stages
        .iter()
        .map(|stage| stage.state)
        .collect();
    let over = StageWord::Ended(TaskStatus::Succeeded);
    assert_eq!(words, [over, over, StageWord::Triggered]);
    world.wait(60);
    world.does("A", "right/test", "pass");
    assert_eq!(world.view("A").state, OverallState::Finished);
    assert_eq!(world.view("A").outcome.worst, Some(OutcomeWord::Fail));
}

#[test]
fn s23_two_sequences_of_a_stage_follow_the_same() {
    let mut world = World::new(
        "dev.delivery: deployment
         prod.one <- dev.delivery: a
         prod.two <- dev.delivery: b",
    );
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    world.does("A", "a", "pass");
    world.does("A", "b", "pass");
    assert_eq!(
        world.states("A"),
        [
            "dev.delivery finished",
            "prod.one finished",
            "prod.two finished"
        ]
    );
}

#[test]
fn s24_a_loop_goes_on_while_its_task_fails() {
    let mut world = World::new("dev.loop <- dev.loop[mytask.result=fail]: first mytask");
    world.trigger("A", "dev.loop");
    for _ in 0..3 {
        world.does("A", "first", "pass");
        world.does("A", "mytask", "fail");
    }
    world.does("A", "first", "pass");
    world.does("A", "mytask", "pass");
    assert_eq!(world.count("dev.loop.finished"), 4);
    assert_eq!(world.count("dev.loop.triggered"), 3);
    let ids: std::collections::BTreeSet<_> = world.events.iter().map(|event| &event.id).collect();
    assert_eq!(
        ids.len(),
        world.events.len(),
        "every event has an id of its own"
    );
    assert!(world.engine.open().count() == 0 && world.of("A").len() == 4);

    let mut world = World::new("dev.loop <- dev.loop[mytask.result=fail]: first mytask");
    world.trigger("A", "dev.loop");
    world.does("A", "first", "fail");
    assert_eq!(world.engine.open().count(), 0, "mytask was not reached");
}

/// The executor of get-action, as the remediation service does it: the index says which action is next.
fn next_action(world: &mut World, actions: u64) -> &'static str {
    let data = world.open_task("A", "get-action").data.value();
    let index = data["get-action"]["actionIndex"].as_u64().unwrap_or(0);
    world.started("A", "get-action");
    let result = if index < actions { "pass" } else { "fail" };
    let action = json!({"get-action": {"actionIndex": index + 1}, "action": {"value": index}});
    world.finished("A", "get-action", result, action);
    result
}

#[test]
fn s31_a_remediation_tries_one_action_after_the_other() {
    let text = "prod.remediation <- prod.remediation[evaluation.result=fail]: get-action action evaluation+900";
    let mut world = World::new(text);
    world.trigger_with(
        "A",
        "prod.remediation",
        json!({"problem": {"problemTitle": "slow"}}),
    );
    let mut tried = Vec::new();
    while next_action(&mut world, 3) == "pass" {
        let action = world.open_task("A", "action").data.value();
        tried.push(action["action"]["value"].as_u64().unwrap());
        world.does("A", "action", "pass");
        world.wait(900);
        world.started("A", "evaluation");
        world.finished(
            "A",
            "evaluation",
            "fail",
            json!({"evaluation": {"score": 0}}),
        );
    }
    assert_eq!(tried, [0, 1, 2]);
    assert_eq!(
        world.engine.open().count(),
        0,
        "get-action failed first: no evaluation, no loop"
    );
    assert_eq!(world.view("A").problem_title.as_deref(), Some("slow"));

    let mut world = World::new(text);
    world.trigger("A", "prod.remediation");
    for result in ["fail", "pass"] {
        next_action(&mut world, 2);
        world.does("A", "action", "pass");
        world.wait(900);
        world.does("A", "evaluation", result);
    }
    assert_eq!(
        world.data("evaluation.triggered")["get-action"]["actionIndex"],
        2
    );
    assert_eq!(world.engine.open().count(), 0);
    assert_eq!(world.of("A").len(), 2);
}

#[test]
fn every_pair_of_a_selector_must_be_met() {
    let finished = FinishedSequence {
        stage: "dev".to_owned(),
        sequence: "delivery".to_owned(),
        result: Verdict::Warning,
        status: TaskStatus::Succeeded,
        tasks: vec![
            ("test".to_owned(), Verdict::Fail),
            ("test".to_owned(), Verdict::Pass),
            ("evaluation".to_owned(), Verdict::Warning),
        ],
    };
    let mut failed = finished.clone();
    failed.result = Verdict::Fail;
    failed.status = TaskStatus::Errored;
    for (trigger, on_warning, on_fail) in [
        ("dev.delivery", true, false),
        ("dev.other", false, false),
        ("prod.delivery", false, false),
        ("dev.delivery[]", false, false),
        ("dev.delivery[result=warning]", true, false),
        ("dev.delivery[result=fail]", false, true),
        ("dev.delivery[result=failed]", false, true),
        ("dev.delivery[result=pass]", false, false),
        ("dev.delivery[result=]", false, false),
        ("dev.delivery[status=succeeded]", true, false),
        ("dev.delivery[status=errored,result=fail]", false, true),
        ("dev.delivery[status=errored,result=warning]", false, false),
        ("dev.delivery[test.result=pass]", true, true),
        ("dev.delivery[test.result=fail]", false, false),
        (
            "dev.delivery[test.result=pass,evaluation.result=warning]",
            true,
            true,
        ),
        ("dev.delivery[release.result=pass]", false, false),
        ("dev.delivery[whatever=pass]", false, false),
        (
            "dev.delivery[result=fail] dev.delivery[result=warning]",
            true,
            true,
        ),
        ("dev.delivery[result=warning] dev.delivery", true, false),
    ] {
        let shipyard = shipyard(&format!("prod.x <- {trigger}: a"));
        assert_eq!(
            expected_follow_ups(&shipyard, &finished).len(),
            usize::from(on_warning),
            "{trigger}"
        );
        assert_eq!(
            expected_follow_ups(&shipyard, &failed).len(),
            usize::from(on_fail),
            "{trigger}"
        );
    }
}
