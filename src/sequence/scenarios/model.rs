//! A model of everything around the engine: what was stored, executors, and all that can go wrong.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::gate::event::CloudEvent;
use crate::sequence::*;

pub const STAGES: [&str; 3] = ["dev", "qa", "prod"];
pub const SEQUENCES: [&str; 3] = ["delivery", "rollback", "evaluation"];
pub const TASKS: [&str; 4] = ["deployment", "test", "approval", "evaluation"];
pub const CONTEXTS: [&str; 4] = ["A", "B", "C", "D"];
pub const SERVICES: [&str; 2] = ["one", "two"];

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Happening {
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

/// What was stored, and the engine.
pub struct Model {
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
    pub fn new(settings: EngineSettings, shipyard: Shipyard) -> Self {
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

    pub fn happen(&mut self, what: Happening) {
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
            Happening::Again { pick } => self.again(pick),
            Happening::Control {
                context,
                stage,
                action,
            } => {
                let stage = stage.map(|stage| STAGES[stage]);
                self.control(CONTEXTS[context], stage, action);
            }
            // Sequences that start each other become more and more; that is what they were told.
            Happening::Wait { .. } if self.engine.open().count() > 100 => {}
            Happening::Wait { seconds } => self.wait(seconds),
            Happening::Restart => self.engine = self.restarted(),
            Happening::Lost => self.lose(),
            Happening::Redefine { how } => self.redefine(how),
            Happening::Garbage { event } => {
                if !self.known.contains(&event.id) {
                    self.tell(*event);
                }
            }
        }
    }

    /// An event of before arrives again.
    fn again(&mut self, pick: usize) {
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

    /// What followed from the last input is lost, and the input is told again.
    fn lose(&mut self) {
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

    fn redefine(&mut self, how: usize) {
        match how {
            0 => self.define(None),
            1 => {
                let mut less = self.shipyard.clone();
                less.stages.remove(0);
                self.define(Some(less));
            }
            _ => self.define(Some(self.shipyard.clone())),
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
    pub fn check_all(&self) {
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
    pub fn come_to_rest(&mut self) {
        for context in CONTEXTS {
            self.control(context, None, ControlAction::Resume);
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
            let Some(first) = self.engine.open().next() else {
                break;
            };
            assert!(round < 10_000, "something never ends: {first:?}");
            if let Some(open) = self.open_task(0) {
                self.bring_to_an_end(&open);
            } else {
                assert!(self.engine.next_due().is_some(), "it hangs: {first:?}");
                self.wait(400);
            }
        }
        assert_eq!(self.engine.next_due(), None);
        let mut fresh = Engine::new(self.settings.clone());
        let project = self.engine.project("p").cloned();
        fresh.step(self.now, Input::Project("p".to_owned(), project));
        assert!(self.engine == fresh, "something is left");
        assert!(self.executions.values().all(|one| one.ended.is_some()));
    }

    /// Does a task for all who began with it. If somebody began and died, only time helps, or an abort.
    fn bring_to_an_end(&mut self, open: &CloudEvent) {
        for source in ["last", "of all"] {
            self.answer(open, "started", source, ("", ""));
        }
        for source in ["last", "of all", "one", "two", "three"] {
            self.answer(open, "finished", source, ("pass", "succeeded"));
        }
        for seconds in [6, 500] {
            if self.is_open(open) {
                self.wait(seconds);
            }
        }
        if self.is_open(open) {
            let context = open.shkeptncontext.clone().unwrap();
            self.control(&context, None, ControlAction::Abort);
        }
    }

    fn is_open(&self, task: &CloudEvent) -> bool {
        let open = self.engine.open_tasks();
        open.iter().any(|one| one.id == task.id)
    }

    fn control(&mut self, context: &str, stage: Option<&str>, action: ControlAction) -> Step {
        self.step(Input::Control(Control {
            project: "p".to_owned(),
            context: context.to_owned(),
            stage: stage.map(str::to_owned),
            action,
        }))
    }
}
