//! A small language to tell scenarios in: a shipyard in a few words, executors that answer, and what the engine says.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::gate::event::CloudEvent;
use crate::sequence::*;

/// The service of every event that names no other.
pub const SERVICE: &str = "svc";

/// Reads a shipyard: a line is `STAGE.SEQUENCE [<- STAGE.SEQUENCE[KEY=VALUE,…] …]: TASK …`, a task is
/// `NAME[+DELAY][!TIMEOUT][*EXECUTORS]` with times in seconds.
pub fn shipyard(text: &str) -> Shipyard {
    let mut shipyard = Shipyard::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (head, tasks) = line.split_once(':').unwrap();
        let (name, triggers) = head.split_once("<-").unwrap_or((head, ""));
        let (stage, name) = name.trim().split_once('.').unwrap();
        let sequence = Sequence {
            name: name.to_owned(),
            triggered_on: triggers.split_whitespace().map(trigger).collect(),
            tasks: tasks.split_whitespace().map(task).collect(),
            timeout_ms: None,
        };
        if !shipyard.stages.iter().any(|one| one.name == stage) {
            shipyard.stages.push(Stage {
                name: stage.to_owned(),
                sequences: Vec::new(),
            });
        }
        let stage = shipyard.stages.iter_mut().find(|one| one.name == stage);
        stage.unwrap().sequences.push(sequence);
    }
    shipyard
}

fn trigger(word: &str) -> Trigger {
    let (name, selector) = word.split_once('[').unwrap_or((word, ""));
    let (stage, sequence) = name.split_once('.').unwrap();
    let pairs = selector.trim_end_matches(']').split(',');
    let pairs = pairs.filter_map(|pair| pair.split_once('='));
    Trigger {
        stage: stage.to_owned(),
        sequence: sequence.to_owned(),
        selector: word.contains('[').then(|| Selector {
            matches: pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        }),
    }
}

fn task(word: &str) -> Task {
    let number = |mark: char| {
        let (_, rest) = word.split_once(mark)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()
    };
    let name = word.split(['+', '!', '*']).next().unwrap();
    Task {
        name: name.to_owned(),
        triggered_after_ms: number('+').unwrap_or(0) * 1000,
        properties: None,
        timeout_ms: number('!').map(|seconds| seconds * 1000),
        executors: number('*').map(|count| u32::try_from(count).unwrap()),
    }
}

/// An engine, and everything that was said to it and by it.
pub struct World {
    pub engine: Engine,
    pub settings: EngineSettings,
    pub now: Timestamp,
    /// Every input, with its moment.
    pub inputs: Vec<(Timestamp, Input)>,
    /// Every event of the engine.
    pub events: Vec<CloudEvent>,
    /// Every execution as it was told last.
    pub executions: BTreeMap<String, Execution>,
    /// How many events were told by `said`.
    told: usize,
    /// How many events came from outside.
    outside: usize,
}

impl World {
    /// A project `p` with a shipyard.
    pub fn new(text: &str) -> Self {
        Self::with(EngineSettings::default(), text)
    }

    pub fn with(settings: EngineSettings, text: &str) -> Self {
        let mut world = Self {
            engine: Engine::new(settings.clone()),
            settings,
            now: "2024-05-01T10:00:00Z".parse().unwrap(),
            inputs: Vec::new(),
            events: Vec::new(),
            executions: BTreeMap::new(),
            told: 0,
            outside: 0,
        };
        world.define("p", Some(shipyard(text)));
        world
    }

    pub fn define(&mut self, project: &str, shipyard: Option<Shipyard>) -> Step {
        let definition = shipyard.map(|shipyard| ProjectDefinition {
            commits: shipyard
                .stages
                .iter()
                .map(|stage| (stage.name.clone(), format!("newest-{}", stage.name)))
                .collect(),
            shipyard: Arc::new(shipyard),
        });
        self.step(Input::Project(project.to_owned(), definition))
    }

    /// Tells the engine something a millisecond later. The state must always be the one that a restart would find.
    pub fn step(&mut self, input: Input) -> Step {
        self.now += SignedDuration::from_millis(1);
        self.inputs.push((self.now, input.clone()));
        let step = self.engine.step(self.now, input);
        for one in &step.changed {
            self.executions.insert(one.id.clone(), one.clone());
        }
        self.events.extend(step.events.iter().cloned());
        assert!(
            self.restarted() == self.engine,
            "a restart changes the state"
        );
        step
    }

    /// The engine as it would be after a restart: from what was stored.
    pub fn restarted(&self) -> Engine {
        let stored = self.executions.values().filter(|one| one.ended.is_none());
        let stored =
            stored.map(|one| serde_json::from_str(&serde_json::to_string(one).unwrap()).unwrap());
        let project = |name: &str| Some((name.to_owned(), self.engine.project(name)?.clone()));
        let projects = ["p", "q"].into_iter().filter_map(project).collect();
        Engine::restore(self.settings.clone(), projects, stored)
    }

    /// The engine as it would be if everything was told again from the beginning, and what it would say.
    pub fn replayed(&self) -> (Engine, Vec<CloudEvent>) {
        let mut engine = Engine::new(self.settings.clone());
        let mut events = Vec::new();
        for (now, input) in &self.inputs {
            events.extend(engine.step(*now, input.clone()).events);
        }
        (engine, events)
    }

    pub fn next_id(&mut self) -> String {
        self.outside += 1;
        format!("outside-{}", self.outside)
    }

    /// Triggers `STAGE.SEQUENCE` or `STAGE.SEQUENCE/SERVICE` in a context.
    pub fn trigger(&mut self, context: &str, name: &str) -> Step {
        self.trigger_with(context, name, json!({}))
    }

    pub fn trigger_with(&mut self, context: &str, name: &str, data: Value) -> Step {
        let event = self.trigger_event(context, name, data);
        self.step(Input::Event(event))
    }

    pub fn trigger_event(&mut self, context: &str, name: &str, data: Value) -> CloudEvent {
        let (name, service) = name.split_once('/').unwrap_or((name, SERVICE));
        let stage = name.split_once('.').unwrap().0;
        let mut all = json!({"project": "p", "stage": stage, "service": service});
        extend(&mut all, data);
        CloudEvent {
            id: self.next_id(),
            source: "test".to_owned(),
            event_type: format!("sh.keptn.event.{name}.triggered"),
            shkeptncontext: Some(context.to_owned()),
            data: all.into(),
            ..CloudEvent::default()
        }
    }

    /// The open task of a context: `TASK` or `STAGE/TASK`.
    pub fn open_task(&self, context: &str, task: &str) -> CloudEvent {
        let open = self.open_task_maybe(context, task);
        open.unwrap_or_else(|| panic!("{context} has no open task {task}: {:?}", self.open()))
    }

    pub fn open_task_maybe(&self, context: &str, task: &str) -> Option<CloudEvent> {
        let (stage, task) = task.split_once('/').unwrap_or(("", task));
        self.engine.open_tasks().into_iter().find(|event| {
            event.shkeptncontext.as_deref() == Some(context)
                && event.event_type == format!("sh.keptn.event.{task}.triggered")
                && (stage.is_empty() || event.data_text("stage") == stage)
        })
    }

    /// Answers an open task.
    pub fn answer(
        &mut self,
        context: &str,
        task: &str,
        kind: &str,
        source: &str,
        data: Value,
    ) -> Step {
        let open = self.open_task(context, task);
        let event = self.answer_event(&open, kind, source, data);
        self.step(Input::Event(event))
    }

    pub fn answer_event(
        &mut self,
        open: &CloudEvent,
        kind: &str,
        source: &str,
        data: Value,
    ) -> CloudEvent {
        let mut all = json!({});
        for key in ["project", "stage", "service"] {
            all[key] = open.data_text(key).into();
        }
        extend(&mut all, data);
        CloudEvent {
            id: self.next_id(),
            source: source.to_owned(),
            event_type: open.event_type.replace(".triggered", &format!(".{kind}")),
            shkeptncontext: open.shkeptncontext.clone(),
            triggeredid: Some(open.id.clone()),
            data: all.into(),
            ..CloudEvent::default()
        }
    }

    pub fn started(&mut self, context: &str, task: &str) -> Step {
        self.answer(context, task, "started", "executor", json!({}))
    }

    /// An executor ends a task with a result, and data.
    pub fn finished(&mut self, context: &str, task: &str, result: &str, data: Value) -> Step {
        let mut all = json!({"result": result, "status": "succeeded"});
        extend(&mut all, data);
        self.answer(context, task, "finished", "executor", all)
    }

    /// An executor does a task from beginning to end.
    pub fn does(&mut self, context: &str, task: &str, result: &str) -> Step {
        self.started(context, task);
        self.finished(context, task, result, json!({}))
    }

    pub fn control(&mut self, context: &str, stage: Option<&str>, action: &str) -> Step {
        self.step(Input::Control(Control {
            project: "p".to_owned(),
            context: context.to_owned(),
            stage: stage.map(str::to_owned),
            action: action.parse().unwrap(),
        }))
    }

    /// Lets seconds pass; the clock rings whenever the engine wants it to.
    pub fn wait(&mut self, seconds: i64) {
        let until = self.now + SignedDuration::from_secs(seconds);
        while let Some(due) = self.engine.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due - SignedDuration::from_millis(1));
            self.step(Input::Tick);
        }
        self.now = until;
        self.step(Input::Tick);
    }

    /// What the engine said since it was asked last must be this: `CONTEXT STAGE/TYPE` or `CONTEXT TYPE RESULT/STATUS`.
    #[track_caller]
    pub fn says(&mut self, expected: &[&str]) {
        let said: Vec<String> = self.events[self.told..].iter().map(spoken).collect();
        self.told = self.events.len();
        assert_eq!(said, expected);
    }

    /// How a context stands, as everybody sees it.
    pub fn view(&self, context: &str) -> ContextState {
        ContextState::of(self.of(context)).unwrap()
    }

    /// The open tasks, as `CONTEXT STAGE/TASK`.
    pub fn open(&self) -> Vec<String> {
        let tasks = self.engine.open_tasks();
        let mut tasks: Vec<String> = tasks
            .iter()
            .map(|event| {
                let task = event.event_type.split('.').nth(3).unwrap();
                let context = event.shkeptncontext.as_deref().unwrap();
                format!("{context} {}/{task}", event.data_text("stage"))
            })
            .collect();
        tasks.sort();
        tasks
    }

    /// The executions of a context in the order of their triggers, as `STAGE.SEQUENCE STATE`.
    pub fn states(&self, context: &str) -> Vec<String> {
        self.of(context)
            .iter()
            .map(|one| {
                format!(
                    "{}.{} {}",
                    one.scope.stage,
                    one.sequence.name,
                    one.state.as_str()
                )
            })
            .collect()
    }

    pub fn of(&self, context: &str) -> Vec<&Execution> {
        let mut found: Vec<&Execution> = self
            .executions
            .values()
            .filter(|one| one.scope.context == context)
            .collect();
        found.sort_by_key(|one| one.triggered_at);
        found
    }

    /// The last event of a type.
    pub fn event(&self, name: &str) -> &CloudEvent {
        let event_type = format!("sh.keptn.event.{name}");
        let mut events = self.events.iter().rev();
        events
            .find(|event| event.event_type == event_type)
            .unwrap_or_else(|| panic!("no {event_type}"))
    }

    /// The data of the last event of a type.
    pub fn data(&self, name: &str) -> Value {
        self.event(name).data.value()
    }

    /// How many events of a type there were.
    pub fn count(&self, name: &str) -> usize {
        let event_type = format!("sh.keptn.event.{name}");
        let events = self.events.iter();
        events
            .filter(|event| event.event_type == event_type)
            .count()
    }
}

impl Drop for World {
    /// Whatever happened: told again, it comes to the same.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let (engine, events) = self.replayed();
            assert!(engine == self.engine, "the log tells of another state");
            assert!(events == self.events, "the log leads to other events");
        }
    }
}

fn extend(all: &mut Value, data: Value) {
    let data: Map<String, Value> = serde_json::from_value(data).unwrap();
    all.as_object_mut().unwrap().extend(data);
}

fn spoken(event: &CloudEvent) -> String {
    let name = event.event_type.trim_start_matches("sh.keptn.event.");
    let context = event.shkeptncontext.as_deref().unwrap();
    let result = event.data_text("result");
    let parts = name.split('.').count();
    let place = if parts == 2 {
        format!("{}/", event.data_text("stage"))
    } else {
        String::new()
    };
    let outcome = if name.ends_with("finished") {
        format!(" {result}/{}", event.data_text("status"))
    } else {
        String::new()
    };
    format!("{context} {place}{name}{outcome}")
}
