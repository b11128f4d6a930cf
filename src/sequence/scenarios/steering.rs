//! S11 to S17: pause, resume, abort, and what time does.

use serde_json::json;

use super::world::World;
use crate::sequence::*;

const DELIVERY: &str = "dev.delivery: deployment test";

#[test]
fn s11_a_paused_sequence_sends_nothing() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    world.started("A", "deployment");
    world.control("A", None, "pause");
    assert_eq!(world.view("A").state, OverallState::Paused);
    world.finished("A", "deployment", "pass", json!({}));
    world.wait(3600);
    world.says(&["A dev/deployment.triggered"]);
    world.control("A", None, "resume");
    world.says(&["A dev/test.triggered"]);
    assert_eq!(world.states("A"), ["dev.delivery started"]);
    world.control("A", None, "resume");
    world.says(&[]);
}

#[test]
fn s11_what_follows_is_paused_too() {
    let mut world =
        World::new("dev.delivery: deployment\nprod.delivery <- dev.delivery: deployment");
    world.trigger("A", "dev.delivery");
    world.control("A", None, "pause");
    world.does("A", "deployment", "pass");
    assert_eq!(
        world.states("A"),
        ["dev.delivery finished", "prod.delivery paused"]
    );
    world.control("A", None, "resume");
    assert_eq!(world.open(), ["A prod/deployment"]);
}

#[test]
fn s11_a_decision_while_paused_counts_after() {
    let mut world = World::new("dev.delivery: approval deployment");
    world.trigger("A", "dev.delivery");
    world.control("A", None, "pause");
    world.finished("A", "approval", "pass", json!({}));
    assert!(world.open().is_empty());
    world.control("A", None, "resume");
    assert_eq!(world.open(), ["A dev/deployment"]);
    assert_eq!(world.states("A"), ["dev.delivery started"]);
}

#[test]
fn s12_an_abort_ends_it_and_lets_the_next_begin() {
    let mut world = World::new(
        "dev.delivery: deployment\nprod.delivery <- dev.delivery[result=fail] dev.delivery: deployment",
    );
    world.trigger("A", "dev.delivery");
    world.trigger("B", "dev.delivery");
    let open = world.open_task("A", "deployment");
    world.control("A", None, "abort");
    world.says(&[
        "A dev/deployment.triggered",
        "A dev.delivery.finished fail/aborted",
        "B dev/deployment.triggered",
    ]);
    let late = world.answer_event(
        &open,
        "finished",
        "executor",
        json!({"result": "pass", "status": "succeeded"}),
    );
    assert_eq!(
        world.step(Input::Event(late)).ignored,
        Some(Ignored::NotOpen(open.id))
    );
    assert_eq!(world.view("A").state, OverallState::Aborted);
    assert_eq!(world.view("A").outcome.worst, Some(OutcomeWord::Aborted));
    let step = world.control("A", None, "abort");
    assert_eq!(step.ignored, Some(Ignored::NothingOpen("A".to_owned())));
}

#[test]
fn s13_an_abort_reaches_what_waits_and_what_is_delayed() {
    let mut world = World::new("dev.delivery: deployment\nprod.delivery: test+60");
    world.trigger("A", "dev.delivery");
    world.trigger("B", "dev.delivery");
    world.trigger("C", "prod.delivery");
    world.control("B", None, "abort");
    world.control("C", None, "abort");
    world.says(&[
        "A dev/deployment.triggered",
        "B dev.delivery.finished fail/aborted",
        "C prod.delivery.finished fail/aborted",
    ]);
    world.does("A", "deployment", "pass");
    world.wait(3600);
    world.says(&["A dev.delivery.finished pass/succeeded"]);
}

#[test]
fn s14_an_abort_of_what_is_paused_frees_its_slot() {
    let mut world = World::new("dev.delivery: deployment*2");
    world.trigger("A", "dev.delivery");
    world.trigger("B", "dev.delivery");
    let pass = json!({"result": "pass", "status": "succeeded"});
    for source in ["one", "two"] {
        world.answer("A", "deployment", "started", source, json!({}));
    }
    world.answer("A", "deployment", "finished", "one", pass);
    world.control("A", None, "pause");
    assert_eq!(world.open(), ["A dev/deployment"]);
    world.control("A", None, "abort");
    assert_eq!(world.open(), ["B dev/deployment"]);
}

#[test]
fn s16_a_task_that_nobody_begins_times_out() {
    let settings = EngineSettings {
        started_wait_ms: 20_000,
        ..EngineSettings::default()
    };
    let mut world = World::with(settings, DELIVERY);
    world.trigger("A", "dev.delivery");
    world.trigger("B", "dev.delivery");
    world.wait(19);
    world.says(&["A dev/deployment.triggered"]);
    world.wait(2);
    world.says(&[
        "A dev.delivery.finished fail/errored",
        "B dev/deployment.triggered",
    ]);
    assert_eq!(
        world.data("dev.delivery.finished")["message"],
        "sequence timed out while waiting for task sh.keptn.event.deployment.triggered to receive a correlating .started or .finished event"
    );
    assert_eq!(world.view("A").state, OverallState::TimedOut);
    assert_eq!(world.view("A").outcome.worst, Some(OutcomeWord::TimedOut));
}

#[test]
fn s16_a_word_of_progress_is_an_answer() {
    let mut world = World::new("dev.delivery: deployment!900");
    world.trigger("A", "dev.delivery");
    world.answer(
        "A",
        "deployment",
        "status.changed",
        "executor",
        json!({"message": "half"}),
    );
    world.wait(800);
    assert_eq!(world.open(), ["A dev/deployment"]);
    world.wait(200);
    assert_eq!(world.states("A"), ["dev.delivery timedOut"]);
}

#[test]
fn s16_whoever_forgets_to_say_that_he_began_is_heard_when_the_wait_is_over() {
    let mut world = World::new("dev.delivery: deployment");
    world.trigger("A", "dev.delivery");
    world.finished("A", "deployment", "warning", json!({}));
    world.says(&["A dev/deployment.triggered"]);
    world.wait(601);
    world.says(&["A dev.delivery.finished warning/succeeded"]);
}

#[test]
fn s17_a_delayed_task_is_sent_when_its_time_has_come() {
    let mut world = World::new("dev.delivery: deployment test+1200");
    world.trigger("A", "dev.delivery");
    world.does("A", "deployment", "pass");
    world.wait(1199);
    world.says(&["A dev/deployment.triggered"]);
    assert!(world.open().is_empty());
    world.wait(1);
    world.says(&["A dev/test.triggered"]);
    let age = world.now - world.event("test.triggered").time.unwrap();
    assert!(age.get_seconds() < 2, "it has the time of its sending");
    world.wait(598);
    assert_eq!(world.open(), ["A dev/test"]);
    world.does("A", "test", "pass");
    world.says(&["A dev.delivery.finished pass/succeeded"]);
}

fn with(change: impl FnOnce(&mut EngineSettings), text: &str) -> World {
    let mut settings = EngineSettings::default();
    change(&mut settings);
    World::with(settings, text)
}

#[test]
fn a_sequence_may_take_so_long() {
    let mut world = with(|one| one.sequence_timeout_ms = Some(60_000), DELIVERY);
    world.trigger("A", "dev.delivery");
    world.trigger("B", "dev.delivery");
    world.wait(30);
    world.started("A", "deployment");
    world.control("A", None, "pause");
    world.wait(100);
    world.control("A", None, "resume");
    world.wait(29);
    assert_eq!(
        world.states("A"),
        ["dev.delivery started"],
        "a pause does not count"
    );
    world.wait(2);
    assert_eq!(world.states("A"), ["dev.delivery timedOut"]);
    assert_eq!(
        world.data("dev.delivery.finished")["message"],
        "sequence timed out: it took longer than 60 s"
    );
    assert_eq!(
        world.states("B"),
        ["dev.delivery started"],
        "it counts from its first task on"
    );
}

#[test]
fn a_decision_may_take_so_long() {
    let mut world = with(
        |one| one.approval_timeout_ms = Some(60_000),
        "dev.delivery: approval",
    );
    world.trigger("A", "dev.delivery");
    world.wait(30);
    world.control("A", None, "pause");
    world.wait(1000);
    world.control("A", None, "resume");
    world.wait(29);
    assert_eq!(world.states("A"), ["dev.delivery waitingForApproval"]);
    world.wait(2);
    assert_eq!(world.states("A"), ["dev.delivery timedOut"]);
    assert_eq!(
        world.data("dev.delivery.finished")["message"],
        "sequence timed out: nobody decided on approval within 60 s"
    );
}

#[test]
fn several_things_that_are_due_happen_in_their_order() {
    let mut world = World::new("dev.delivery: a+30\nprod.delivery: b+10\nqa.delivery: c+20");
    for (context, stage) in [("A", "dev"), ("B", "prod"), ("C", "qa")] {
        world.trigger(context, &format!("{stage}.delivery"));
    }
    world.now += jiff::SignedDuration::from_secs(100);
    let step = world.step(Input::Tick);
    world.says(&[
        "B prod/b.triggered",
        "C qa/c.triggered",
        "A dev/a.triggered",
    ]);
    let times: Vec<_> = step.events.iter().map(|event| event.time).collect();
    assert!(times.is_sorted() && times[0] != times[1] && times[1] != times[2]);
}

#[test]
fn a_control_for_another_project_or_stage_does_nothing() {
    let mut world = World::new(DELIVERY);
    world.trigger("A", "dev.delivery");
    let control = |project: &str, context: &str| {
        Input::Control(Control {
            project: project.to_owned(),
            context: context.to_owned(),
            stage: None,
            action: ControlAction::Abort,
        })
    };
    for (project, context) in [("q", "A"), ("p", "B"), ("", "")] {
        let step = world.step(control(project, context));
        assert_eq!(step.ignored, Some(Ignored::NothingOpen(context.to_owned())));
    }
    let step = world.control("A", Some("prod"), "abort");
    assert_eq!(step.ignored, Some(Ignored::NothingOpen("A".to_owned())));
    assert_eq!(world.open(), ["A dev/deployment"]);
}
