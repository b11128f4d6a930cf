//! Random shipyards, and everything that can go wrong on the way: whatever happens, every sequence ends, nothing runs
//! twice, no slot leaks, first come is first served, and the log tells the same story again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::model::{Happening, Model, SEQUENCES, STAGES, TASKS};
use super::world::shipyard;
use crate::gate::event::CloudEvent;
use crate::sequence::*;

fn happening() -> impl Strategy<Value = Happening> {
    let action = prop_oneof![
        Just(ControlAction::Pause),
        Just(ControlAction::Resume),
        Just(ControlAction::Abort)
    ];
    prop_oneof![
        6 => (0..4usize, 0..3usize, 0..3usize, 0..2usize).prop_map(
            |(context, stage, sequence, service)| Happening::Trigger { context, stage, sequence, service }
        ),
        8 => (any::<usize>(), 0..4usize, 0..3usize, 0..5usize, 0..4usize).prop_map(
            |(pick, kind, source, result, status)| Happening::Answer { pick, kind, source, result, status }
        ),
        10 => (any::<usize>(), 0..3usize).prop_map(|(pick, result)| Happening::Do { pick, result }),
        3 => any::<usize>().prop_map(|pick| Happening::Again { pick }),
        4 => (0..4usize, proptest::option::of(0..3usize), action)
            .prop_map(|(context, stage, action)| Happening::Control { context, stage, action }),
        3 => (0..400i64).prop_map(|seconds| Happening::Wait { seconds }),
        1 => Just(Happening::Restart),
        1 => Just(Happening::Lost),
        1 => (0..8usize).prop_map(|how| Happening::Redefine { how }),
        2 => garbage().prop_map(|event| Happening::Garbage { event: Box::new(event) }),
    ]
}

/// Any JSON, also of the members that the engine reads.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        prop::sample::select(vec!["p", "dev", "one", "pass", "succeeded", ""])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let key = prop_oneof![
            prop::sample::select(vec![
                "project", "stage", "service", "labels", "result", "status", "message", "test",
                "tidegate"
            ])
            .prop_map(str::to_owned),
            "\\PC{0,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn garbage() -> impl Strategy<Value = CloudEvent> {
    let event_type = prop_oneof![
        "\\PC{0,20}",
        "sh\\.keptn\\.event(\\.(dev|delivery|test|finished|triggered|started|status|changed)){1,4}",
    ];
    let word = || proptest::option::of(prop_oneof!["\\PC{0,6}", Just("A".to_owned())]);
    (
        event_type,
        word(),
        word(),
        json_value(),
        json_value(),
        "\\PC{0,6}",
    )
        .prop_map(
            |(event_type, context, triggered, data, commit, id)| CloudEvent {
                id,
                event_type,
                shkeptncontext: context,
                triggeredid: triggered,
                data: data.into(),
                extensions: [("gitcommitid".to_owned(), commit)].into_iter().collect(),
                ..CloudEvent::default()
            },
        )
}

/// A shipyard of up to three stages, with whatever cycles come out.
fn any_shipyard() -> impl Strategy<Value = Shipyard> {
    let task = (
        0..4usize,
        prop_oneof![4 => Just(0u64), 1 => 1..300u64],
        0..6u64,
        0..4u32,
    )
        .prop_map(|(name, delay, timeout, executors)| {
            let mut text = TASKS[name].to_owned();
            if delay > 0 {
                write!(text, "+{delay}").unwrap();
            }
            if timeout == 1 {
                text += "!100";
            }
            if executors == 2 {
                text += "*2";
            }
            text
        });
    let selectors = [
        "",
        "[result=fail]",
        "[result=warning]",
        "[test.result=fail]",
        "[]",
        "[status=succeeded,result=pass]",
    ];
    let trigger = (
        0..3usize,
        0..3usize,
        prop::sample::select(selectors.to_vec()),
    )
        .prop_map(|(stage, sequence, selector)| {
            format!("{}.{}{selector}", STAGES[stage], SEQUENCES[sequence])
        });
    let sequence = (
        0..3usize,
        0..3usize,
        prop::collection::vec(trigger, 0..2),
        prop::collection::vec(task, 0..4),
    );
    prop::collection::vec(sequence, 1..7).prop_map(|sequences| {
        let mut seen = BTreeSet::new();
        let mut text = String::new();
        for (stage, sequence, triggers, tasks) in sequences {
            if seen.insert((stage, sequence)) {
                let (stage, sequence) = (STAGES[stage], SEQUENCES[sequence]);
                let (triggers, tasks) = (triggers.join(" "), tasks.join(" "));
                writeln!(text, "{stage}.{sequence} <- {triggers}: {tasks}").unwrap();
            }
        }
        shipyard(&text)
    })
}

fn settings() -> impl Strategy<Value = EngineSettings> {
    let slots = prop_oneof![
        4 => Just(SlotPolicy::Queue),
        1 => Just(SlotPolicy::ReplaceWaiting),
        1 => Just(SlotPolicy::Reject),
        1 => (0..4u32).prop_map(SlotPolicy::Parallel),
    ];
    let limit = || proptest::option::of(50_000..500_000u64);
    (
        slots,
        limit(),
        limit(),
        limit(),
        prop_oneof![Just(0u64), Just(5_000)],
        proptest::option::of(0..3usize),
        any::<(bool, bool)>(),
    )
        .prop_map(
            |(slots, task, sequence, approval, settle_ms, most_waiting, (keptn, hold))| {
                EngineSettings {
                    started_wait_ms: 200_000,
                    task_timeout_ms: task,
                    sequence_timeout_ms: sequence,
                    approval_timeout_ms: approval,
                    settle_ms,
                    slots,
                    most_waiting,
                    merging: if keptn {
                        Merging::Keptn
                    } else {
                        Merging::NewerWins
                    },
                    follow_ups: if hold {
                        FailureFollowUps::Hold
                    } else {
                        FailureFollowUps::Fire
                    },
                }
            },
        )
}

proptest! {
    #[test]
    fn whatever_happens_every_sequence_ends_and_nothing_is_lost_or_done_twice(
        settings in settings(),
        shipyard in any_shipyard(),
        happenings in prop::collection::vec(happening(), 0..60),
    ) {
        let mut model = Model::new(settings, shipyard);
        for what in happenings {
            model.happen(what);
        }
        model.come_to_rest();
        model.check_all();
    }

    #[test]
    fn garbage_never_breaks_the_engine(events in prop::collection::vec(garbage(), 0..20)) {
        let mut engine = Engine::new(EngineSettings::default());
        let project = ProjectDefinition {
            shipyard: shipyard("dev.delivery: test").into(),
            commits: BTreeMap::new(),
        };
        let mut now = Timestamp::UNIX_EPOCH;
        engine.step(now, Input::Project("p".to_owned(), Some(project)));
        for event in events {
            now += SignedDuration::from_millis(1);
            engine.step(now, Input::Event(event));
        }
    }

    #[test]
    fn any_text_is_a_type_or_none_and_a_type_is_written_as_it_was_read(
        text in prop_oneof!["\\PC{0,40}", "sh\\.keptn\\.event(\\.[a-z.]{0,6}){0,5}"],
    ) {
        if let Some(name) = EventName::parse(&text) {
            prop_assert_eq!(name.to_string(), text);
        }
    }

    #[test]
    fn a_time_far_away_is_no_trouble(
        wait in any::<u64>(), delay in any::<u64>(), seconds in -300_000_000_000i64..250_000_000_000,
    ) {
        let settings = EngineSettings {
            started_wait_ms: wait,
            sequence_timeout_ms: Some(wait),
            ..EngineSettings::default()
        };
        let mut yard = shipyard("dev.delivery <- dev.delivery[result=fail]: test test");
        yard.stages[0].sequences[0].tasks[0].triggered_after_ms = delay;
        let mut engine = Engine::new(settings);
        let Ok(now) = Timestamp::from_second(seconds) else { return Ok(()) };
        let project = ProjectDefinition { shipyard: yard.into(), commits: BTreeMap::new() };
        engine.step(now, Input::Project("p".to_owned(), Some(project)));
        engine.step(now, Input::Event(CloudEvent {
            id: "1".to_owned(),
            event_type: "sh.keptn.event.dev.delivery.triggered".to_owned(),
            shkeptncontext: Some("A".to_owned()),
            data: json!({"project": "p", "stage": "dev", "service": "s"}).into(),
            ..CloudEvent::default()
        }));
        prop_assert_eq!(engine.open().count(), 1);
        engine.step(Timestamp::MAX, Input::Tick);
        engine.step(Timestamp::MAX, Input::Tick);
    }
}
