//! Random shipyards, and everything that can go wrong on the way: whatever happens, every sequence ends, nothing runs
//! twice, no slot leaks, first come is first served, and the log tells the same story again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::shipyard;
use crate::gate::event::CloudEvent;
use crate::sequence::*;

const STAGES: [&str; 3] = ["dev", "qa", "prod"];
const SEQUENCES: [&str; 3] = ["delivery", "rollback", "evaluation"];
const TASKS: [&str; 4] = ["deployment", "test", "approval", "evaluation"];
const CONTEXTS: [&str; 4] = ["A", "B", "C", "D"];
const SERVICES: [&str; 2] = ["one", "two"];

/// Something that happens.
#[derive(Clone, Debug)]
enum Happening {
    Trigger {
        context: usize,
        stage: usize,
        sequence: usize,
        service: usize,
    },
    /// An executor says something of an open task.
    Answer {
        pick: usize,
        kind: usize,
        source: usize,
        result: usize,
        status: usize,
    },
    /// An executor does an open task from beginning to end.
    Do {
        pick: usize,
        result: usize,
    },
    /// An event of before arrives again.
    Again {
        pick: usize,
    },
    Control {
        context: usize,
        stage: Option<usize>,
        action: ControlAction,
    },
    Wait {
        seconds: i64,
    },
    /// The process is killed and starts again from what was stored.
    Restart,
    /// The process is killed before what follows from the last input was stored, and the input arrives again.
    Lost,
    /// The shipyard is replaced by itself, without its first stage, or the project is deleted.
    Redefine {
        how: usize,
    },
    /// An event that nobody would send.
    Garbage {
        event: Box<CloudEvent>,
    },
}

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
                text += &format!("+{delay}");
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
                text += &format!(
                    "{}.{} <- {}: {}\n",
                    STAGES[stage],
                    SEQUENCES[sequence],
                    triggers.join(" "),
                    tasks.join(" ")
                );
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

/// What was stored, and the engine.
struct Model {
    settings: EngineSettings,
    shipyard: Shipyard,
    engine: Engine,
    now: Timestamp,
    inputs: Vec<(Timestamp, Input)>,
    sent: Vec<CloudEvent>,
    events: Vec<CloudEvent>,
    executions: BTreeMap<String, Execution>,
    /// The ids of all events from outside that were taken in: a journal tells them once.
    known: BTreeSet<String>,
    /// What would be there if the last input had never been told.
    before: Option<(Engine, usize)>,
    ids: usize,
}

impl Model {
    fn new(settings: EngineSettings, shipyard: Shipyard) -> Self {
        let mut model = Self {
            engine: Engine::new(settings.clone()),
            settings,
            shipyard,
            now: Timestamp::UNIX_EPOCH,
            inputs: Vec::new(),
            sent: Vec::new(),
            events: Vec::new(),
            executions: BTreeMap::new(),
            known: BTreeSet::new(),
            before: None,
            ids: 0,
        };
        model.define(Some(model.shipyard.clone()));
        model
    }

    fn define(&mut self, shipyard: Option<Shipyard>) {
        let definition = shipyard.map(|shipyard| ProjectDefinition {
            shipyard: shipyard.into(),
            commits: BTreeMap::new(),
        });
        self.step(Input::Project("p".to_owned(), definition));
    }

    fn step(&mut self, input: Input) -> Step {
        self.now += SignedDuration::from_millis(1);
        self.before = Some((self.engine.clone(), self.events.len()));
        self.inputs.push((self.now, input.clone()));
        let step = self.engine.step(self.now, input);
        self.keep(&step);
        self.check(&step);
        step
    }

    fn keep(&mut self, step: &Step) {
        for one in &step.changed {
            self.executions.insert(one.id.clone(), one.clone());
        }
        self.events.extend(step.events.iter().cloned());
    }

    /// An event from outside: a journal lets one that it knows through only while its execution is open.
    fn tell(&mut self, event: CloudEvent) {
        self.known.insert(event.id.clone());
        self.sent.push(event.clone());
        self.step(Input::Event(event));
    }

    fn event(&mut self, event_type: String, context: &str, data: Value) -> CloudEvent {
        self.ids += 1;
        CloudEvent {
            id: format!("outside-{}", self.ids),
            event_type,
            shkeptncontext: Some(context.to_owned()),
            data: data.into(),
            ..CloudEvent::default()
        }
    }

    fn answer(&mut self, open: &CloudEvent, kind: &str, source: &str, said: (&str, &str)) {
        let mut data =
            json!({"result": said.0, "status": said.1, "test": {"n": self.ids, "l": [self.ids]}});
        for key in ["project", "stage", "service"] {
            data[key] = open.data_text(key).into();
        }
        let event_type = open.event_type.replace(".triggered", &format!(".{kind}"));
        let context = open.shkeptncontext.clone().unwrap();
        let mut event = self.event(event_type, &context, data);
        event.triggeredid = Some(open.id.clone());
        source.clone_into(&mut event.source);
        self.tell(event);
    }

    fn open_task(&self, pick: usize) -> Option<CloudEvent> {
        let open = self.engine.open_tasks();
        (!open.is_empty()).then(|| open[pick % open.len()].clone())
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Trigger {
                context,
                stage,
                sequence,
                service,
            } => {
                let (stage, sequence) = (STAGES[stage], SEQUENCES[sequence]);
                let data = json!({"project": "p", "stage": stage, "service": SERVICES[service]});
                let event_type = format!("sh.keptn.event.{stage}.{sequence}.triggered");
                let event = self.event(event_type, CONTEXTS[context], data);
                self.tell(event);
            }
            Happening::Answer {
                pick,
                kind,
                source,
                result,
                status,
            } => {
                let Some(open) = self.open_task(pick) else {
                    return;
                };
                let kind = ["started", "finished", "status.changed", "finished"][kind];
                let result = ["pass", "warning", "fail", "", "odd"][result];
                let status = ["succeeded", "errored", "aborted", "odd"][status];
                let source = ["one", "two", "three"][source];
                self.answer(&open, kind, source, (result, status));
            }
            Happening::Do { pick, result } => {
                let Some(open) = self.open_task(pick) else {
                    return;
                };
                self.answer(&open, "started", "doer", ("", ""));
                let result = ["pass", "warning", "fail"][result];
                self.answer(&open, "finished", "doer", (result, "succeeded"));
            }
            Happening::Again { pick } => {
                if self.sent.is_empty() {
                    return;
                }
                let event = self.sent[pick % self.sent.len()].clone();
                let is_open = |trigger: &str| {
                    self.engine
                        .open()
                        .any(|one| one.scope.triggered_id == trigger)
                };
                // The journal knows what has ended; the engine itself knows what is open.
                let is_trigger = event.triggeredid.is_none();
                // Of how far somebody is, only the newest is kept: an older one may come again, and does nothing.
                let is_progress = event.event_type.ends_with(".status.changed");
                if !is_progress && (!is_trigger || is_open(&event.id)) {
                    let events = self.step(Input::Event(event.clone())).ignored;
                    assert!(events.is_some(), "{event:?} was taken in twice");
                }
            }
            Happening::Control {
                context,
                stage,
                action,
            } => {
                self.step(Input::Control(Control {
                    project: "p".to_owned(),
                    context: CONTEXTS[context].to_owned(),
                    stage: stage.map(|stage| STAGES[stage].to_owned()),
                    action,
                }));
            }
            // Sequences that start each other become more and more; that is what they were told.
            Happening::Wait { .. } if self.engine.open().count() > 100 => {}
            Happening::Wait { seconds } => self.wait(seconds),
            Happening::Restart => self.engine = self.restarted(),
            Happening::Lost => {
                let Some((engine, events)) = self.before.take() else {
                    return;
                };
                let Some((now, input)) = self.inputs.last().cloned() else {
                    return;
                };
                self.engine = engine;
                let again = self.engine.step(now, input);
                assert_eq!(
                    again.events,
                    self.events[events..],
                    "told again, it says something else"
                );
            }
            Happening::Redefine { how } => match how {
                0 => self.define(None),
                1 => {
                    let mut less = self.shipyard.clone();
                    less.stages.remove(0);
                    self.define(Some(less));
                }
                _ => self.define(Some(self.shipyard.clone())),
            },
            Happening::Garbage { event } => {
                if !self.known.contains(&event.id) {
                    self.tell(*event);
                }
            }
        }
    }

    fn wait(&mut self, seconds: i64) {
        let until = self.now + SignedDuration::from_secs(seconds);
        while let Some(due) = self.engine.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let step = self.step(Input::Tick);
            assert!(!step.changed.is_empty(), "the clock rang for nothing");
        }
        self.now = self.now.max(until);
    }

    fn restarted(&self) -> Engine {
        let stored = self.executions.values().filter(|one| one.ended.is_none());
        let stored =
            stored.map(|one| serde_json::from_str(&serde_json::to_string(one).unwrap()).unwrap());
        let project = self.engine.project("p").cloned();
        let projects = project.map(|project| ("p".to_owned(), project));
        Engine::restore(
            self.settings.clone(),
            projects.into_iter().collect(),
            stored,
        )
    }

    /// What must be true after every step.
    fn check(&self, step: &Step) {
        assert!(
            self.restarted() == self.engine,
            "what is stored is not what is"
        );
        let times: Vec<_> = step
            .events
            .iter()
            .map(|event| event.time.unwrap())
            .collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(times.iter().all(|time| *time >= self.now));
        assert!(
            self.engine.next_due().is_none_or(|due| due > self.now),
            "something is due and does not happen"
        );
        self.check_slots();
        self.check_order(step);
    }

    /// Nobody works without a slot, nobody has one for nothing, and none is free while somebody waits for it.
    fn check_slots(&self) {
        let most = match self.settings.slots {
            SlotPolicy::Parallel(most) => most.max(1),
            SlotPolicy::Queue | SlotPolicy::ReplaceWaiting | SlotPolicy::Reject => 1,
        };
        let mut slots: BTreeMap<_, (u32, u32)> = BTreeMap::new();
        for one in self.engine.open() {
            let key = (&one.scope.project, &one.scope.stage, &one.scope.service);
            let (holding, waiting) = slots.entry(key).or_default();
            let works = one.has_open_task() && !one.current.as_ref().unwrap().is_approval();
            assert_eq!(works, one.place == Place::Holding, "{one:?}");
            *holding += u32::from(one.place == Place::Holding);
            *waiting += u32::from(one.place == Place::Waiting);
            if one.is_paused() {
                assert!(one.before_pause.is_some() && one.pauses.hold(&one.scope.stage));
                assert!(matches!(one.place, Place::Free | Place::Holding));
            } else {
                assert!(one.before_pause.is_none() && !one.pauses.hold(&one.scope.stage));
                let is_free = one.place == Place::Free;
                assert_eq!(
                    is_free,
                    one.state == ExecutionState::WaitingForApproval,
                    "{one:?}"
                );
            }
        }
        for (key, (holding, waiting)) in slots {
            assert!(holding <= most, "{key:?} has {holding}");
            assert!(
                waiting == 0 || holding == most,
                "{key:?} is free, and {waiting} wait"
            );
        }
    }

    /// Whoever begins was the first of those who waited.
    fn check_order(&self, step: &Step) {
        for begun in step
            .changed
            .iter()
            .filter(|one| one.started_at == Some(self.now))
        {
            let passed = self.engine.open().find(|one| {
                one.place == Place::Waiting
                    && one.started_at.is_none()
                    && (&one.scope.project, &one.scope.stage, &one.scope.service)
                        == (
                            &begun.scope.project,
                            &begun.scope.stage,
                            &begun.scope.service,
                        )
                    && (!one.scope.is_follow_up, one.triggered_at)
                        < (!begun.scope.is_follow_up, begun.triggered_at)
            });
            assert!(passed.is_none(), "{begun:?} went before {passed:?}");
        }
    }

    /// What must be true of everything that was said.
    fn check_all(&self) {
        let ids: BTreeSet<_> = self.events.iter().map(|event| &event.id).collect();
        assert_eq!(ids.len(), self.events.len(), "two events have the same id");
        for one in self.executions.values() {
            let sent: Vec<_> = one.previous.iter().map(|task| &task.triggered_id).collect();
            let distinct: BTreeSet<_> = sent.iter().collect();
            assert_eq!(distinct.len(), sent.len(), "a task ran twice");
            assert!(sent.len() <= one.sequence.tasks.len());
            for (done, task) in one.previous.iter().zip(&one.sequence.tasks) {
                assert_eq!(done.name, task.name, "a task was left out");
            }
        }
        let mut engine = Engine::new(self.settings.clone());
        let mut events = Vec::new();
        for (now, input) in &self.inputs {
            events.extend(engine.step(*now, input.clone()).events);
        }
        assert!(engine == self.engine, "the log tells of another state");
        assert!(events == self.events, "the log leads to other events");
    }

    /// Lets everything come to its end: nobody triggers, executors answer everything with pass, pauses end.
    fn come_to_rest(&mut self) {
        for context in CONTEXTS {
            self.step(Input::Control(Control {
                project: "p".to_owned(),
                context: context.to_owned(),
                stage: None,
                action: ControlAction::Resume,
            }));
        }
        // A shipyard may hold an endless loop: what follows what is taken away, what is under way must end.
        let mut without = self.shipyard.clone();
        for stage in &mut without.stages {
            for sequence in &mut stage.sequences {
                sequence.triggered_on.clear();
            }
        }
        self.define(Some(without));
        for round in 0.. {
            assert!(
                round < 10_000,
                "something never ends: {:?}",
                self.engine.open().next()
            );
            if let Some(open) = self.open_task(0) {
                for source in ["last", "of all"] {
                    self.answer(&open, "started", source, ("", ""));
                }
                for source in ["last", "of all", "one", "two", "three"] {
                    self.answer(&open, "finished", source, ("pass", "succeeded"));
                }
                if self.open_task(0).is_some_and(|next| next.id == open.id) {
                    self.wait(6);
                }
                if self.open_task(0).is_some_and(|next| next.id == open.id) {
                    // Somebody began and died: only time helps, or an abort.
                    self.wait(500);
                }
                if self.open_task(0).is_some_and(|next| next.id == open.id) {
                    let context = open.shkeptncontext.clone().unwrap();
                    self.step(Input::Control(Control {
                        project: open.data_text("project"),
                        context,
                        stage: None,
                        action: ControlAction::Abort,
                    }));
                }
            } else if self.engine.open().next().is_some() {
                assert!(
                    self.engine.next_due().is_some(),
                    "it hangs: {:?}",
                    self.engine.open().next()
                );
                self.wait(400);
            } else {
                break;
            }
        }
        assert_eq!(self.engine.next_due(), None);
        let mut fresh = Engine::new(self.settings.clone());
        fresh.step(
            self.now,
            Input::Project("p".to_owned(), self.engine.project("p").cloned()),
        );
        assert!(self.engine == fresh, "something is left");
        assert!(self.executions.values().all(|one| one.ended.is_some()));
    }
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
