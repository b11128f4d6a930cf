//! How an execution begins: somebody triggers a sequence, or it follows from another (controlplane.md 3.3, 3.4).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::advance::capacity;
use super::ending::{Ending, end};
use super::engine::Ignored;
use super::execution::{Execution, ExecutionState, Pauses, Place, Scope};
use super::ids::derived_id;
use super::roster::{Slot, SlotKey};
use super::round::{Outgoing, Round};
use super::settings::SlotPolicy;
use super::shipyard::Sequence;
use crate::gate::event::{CloudEvent, EventData};

/// How many executions of one context may be under way at the same time.
const MOST_OF_A_CONTEXT: usize = 1_000;

/// The longest name that a message repeats.
const LONGEST_NAME: usize = 100;

/// What an execution begins with.
pub(super) struct Beginning {
    /// Whose it is.
    pub scope: Scope,
    /// The sequence.
    pub sequence: String,
    /// The data of the trigger.
    pub input: Arc<Map<String, Value>>,
    /// What of the context is paused.
    pub pauses: Pauses,
    /// Why it can't begin.
    pub refusal: Option<String>,
}

/// Base fields of an event's data.
pub(super) struct BaseFields {
    /// `data.project`
    pub project: String,
    /// `data.stage`
    pub stage: String,
    /// `data.service`
    pub service: String,
}

impl BaseFields {
    /// Reads them; all must be there.
    pub fn of(data: &Map<String, Value>) -> Result<Self, Ignored> {
        let text = |key: &str, name| match data.get(key).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            Some(_) | None => Err(Ignored::Lacks(name)),
        };
        Ok(Self {
            project: text("project", "data.project")?,
            stage: text("stage", "data.stage")?,
            service: text("service", "data.service")?,
        })
    }
}

/// Returns the data of an event, which must be an object.
pub(super) fn data_of(event: &CloudEvent) -> Result<Map<String, Value>, Ignored> {
    match event.data.value() {
        Value::Object(data) => Ok(data),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Ignored::Lacks("data"))
        }
    }
}

/// Takes the `.triggered` event of a sequence in.
pub(super) fn trigger(
    round: &mut Round<'_>,
    event: &CloudEvent,
    stage: &str,
    sequence: String,
) -> Result<(), Ignored> {
    let context = event.shkeptncontext.clone().unwrap_or_default();
    if context.is_empty() {
        return Err(Ignored::Lacks("shkeptncontext"));
    }
    if event.id.is_empty() {
        return Err(Ignored::Lacks("id"));
    }
    if round.roster.open.contains_key(&execution_id(&event.id)) {
        return Err(Ignored::Duplicate(event.id.clone()));
    }
    let data = data_of(event)?;
    let fields = BaseFields::of(&data)?;
    let of_context = round.roster.of_context(&fields.project, &context);
    let pauses = of_context.first().and_then(|id| round.roster.open.get(id));
    let beginning = Beginning {
        refusal: foreign_stage(stage, &fields.stage, &sequence),
        pauses: pauses.map(|one| one.pauses.clone()).unwrap_or_default(),
        scope: scope(round, event, stage, fields, &data),
        input: Arc::new(data),
        sequence,
    };
    begin(round, beginning, None);
    Ok(())
}

/// Returns whose an execution is that an event triggers.
fn scope(
    round: &Round<'_>,
    event: &CloudEvent,
    stage: &str,
    fields: BaseFields,
    data: &Map<String, Value>,
) -> Scope {
    let commit = event.extensions.get("gitcommitid").and_then(Value::as_str);
    let commit = commit.filter(|commit| !commit.is_empty());
    let project = round.projects.get(&fields.project);
    let newest = || project.and_then(|project| project.commits.get(stage).cloned());
    let labels = data.get("labels").and_then(Value::as_object);
    let labels = labels.into_iter().flatten();
    let labels = labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.into())));
    Scope {
        project: fields.project,
        stage: stage.to_owned(),
        service: fields.service,
        context: event.shkeptncontext.clone().unwrap_or_default(),
        triggered_id: event.id.clone(),
        event_type: event.event_type.clone(),
        git_commit_id: commit.map(str::to_owned).or_else(newest),
        is_follow_up: false,
        labels: labels.collect(),
    }
}

/// Returns the id of the execution that an event begins.
fn execution_id(trigger: &str) -> String {
    derived_id(trigger, &["execution"])
}

/// Begins an execution. What follows from another sequence is told first, with its data.
pub(super) fn begin(round: &mut Round<'_>, beginning: Beginning, announced: Option<EventData>) {
    let resolved = match &beginning.refusal {
        Some(refusal) => Err(refusal.clone()),
        None => resolve(round, &beginning.scope, &beginning.sequence),
    };
    let Beginning {
        scope,
        sequence,
        input,
        pauses,
        refusal: _,
    } = beginning;
    let nothing = || Sequence {
        name: sequence,
        ..Sequence::default()
    };
    let (sequence, refusal) = match resolved {
        Ok(sequence) => (sequence, None),
        Err(refusal) => (nothing(), Some(refusal)),
    };
    let is_held = pauses.hold(&scope.stage) && refusal.is_none();
    let mut one = Execution {
        id: execution_id(&scope.triggered_id),
        scope,
        sequence: Arc::new(sequence),
        input,
        triggered_at: round.now,
        started_at: None,
        state: ExecutionState::Triggered,
        before_pause: None,
        place: Place::Waiting,
        pauses,
        paused_at: None,
        paused_ms: 0,
        previous: Vec::new(),
        current: None,
        ended: None,
    };
    one.triggered_at = match announced {
        Some(data) => announce(round, &one, data),
        None => round.moment(),
    };
    if let Some(refusal) = refusal {
        return end(round, one, Ending::errored(refusal));
    }
    if is_held {
        one.state = ExecutionState::Paused;
        one.before_pause = Some(ExecutionState::Triggered);
        one.paused_at = Some(round.now);
        one.place = Place::Free;
        return round.put(one);
    }
    queue(round, one);
}

/// Sends the `.triggered` event of a sequence that follows; returns its moment.
fn announce(round: &mut Round<'_>, one: &Execution, data: EventData) -> jiff::Timestamp {
    let outgoing = Outgoing {
        id: one.scope.triggered_id.clone(),
        event_type: one.scope.event_type.clone(),
        triggered_id: None,
        data,
    };
    round.send(one, outgoing)
}

/// Finds the sequence, or says why there is none, in Keptn's words.
fn resolve(round: &Round<'_>, scope: &Scope, sequence: &str) -> Result<Sequence, String> {
    let project = shown(&scope.project);
    let Some(definition) = round.projects.get(&scope.project) else {
        return Err(format!(
            "Unable to retrieve Shipyard file: no project with name {project} found"
        ));
    };
    let (stage, name) = (shown(&scope.stage), shown(sequence));
    let Some(found) = definition.shipyard.stage(&scope.stage) else {
        return Err(format!(
            "Unable to start sequence {name}: no stage with name {stage}"
        ));
    };
    let Some(found) = found.sequence(sequence) else {
        return Err(format!(
            "Unable to start sequence {name}: no task sequence with name {name} found in stage {stage}"
        ));
    };
    if found.tasks.is_empty() {
        return Err(format!(
            "Unable to start sequence {name}: task sequence {name} does not contain any tasks"
        ));
    }
    let of_context = round.roster.of_context(&scope.project, &scope.context);
    if of_context.len() >= MOST_OF_A_CONTEXT {
        return Err(format!(
            "Unable to start sequence {name}: {MOST_OF_A_CONTEXT} sequences of its context are under way"
        ));
    }
    Ok(found)
}

/// Says that the type of an event and its data disagree; `None`: they agree.
fn foreign_stage(of_type: &str, of_data: &str, sequence: &str) -> Option<String> {
    (of_type != of_data).then(|| {
        let (sequence, of_type, of_data) = (shown(sequence), shown(of_type), shown(of_data));
        format!(
            "Unable to start sequence {sequence}: the event's type names the stage {of_type}, its data the stage {of_data}"
        )
    })
}

/// Returns a foreign name for a message: short, and without control characters.
fn shown(name: &str) -> String {
    let characters = name.chars().take(LONGEST_NAME);
    let characters = characters.map(|one| if one.is_control() { ' ' } else { one });
    let mut text: String = characters.collect();
    if name.chars().nth(LONGEST_NAME).is_some() {
        text.push('…');
    }
    text
}

/// Lets an execution wait for its slot, as far as the policy lets it in. What follows from another sequence always waits:
/// nobody wants half a delivery, or no rollback.
fn queue(round: &mut Round<'_>, one: Execution) {
    if one.scope.is_follow_up {
        return round.put(one);
    }
    let slot = round.roster.slot(&SlotKey::of(&one.scope)).cloned();
    let slot = slot.unwrap_or_default();
    if round.settings.slots == SlotPolicy::ReplaceWaiting {
        replace_waiting(round, &one, &slot);
    } else if let Some(refusal) = no_room(round, &slot) {
        return end(round, one, Ending::refused(refusal));
    }
    round.put(one);
}

/// Says why a slot lets nobody in; `None`: it does.
fn no_room(round: &Round<'_>, slot: &Slot) -> Option<String> {
    let is_busy = slot.holders.len() >= capacity(round.settings) || !slot.waiting.is_empty();
    if is_busy && round.settings.slots == SlotPolicy::Reject {
        return Some("another sequence of this stage and service is under way".to_owned());
    }
    let most = round.settings.most_waiting?;
    (is_busy && slot.waiting.len() >= most).then(|| {
        let waiting = slot.waiting.len();
        format!(
            "{waiting} sequences of this stage and service wait already, which is the most allowed"
        )
    })
}

/// Ends what waits in a slot for other contexts and has not begun.
fn replace_waiting(round: &mut Round<'_>, one: &Execution, slot: &Slot) {
    for turn in &slot.waiting {
        let waiting = round.roster.open.get(&turn.id);
        let is_replaced = waiting.is_some_and(|waiting| {
            waiting.started_at.is_none() && waiting.scope.context != one.scope.context
        });
        if !is_replaced {
            continue;
        }
        if let Some(waiting) = round.take(&turn.id) {
            let message = format!(
                "a newer sequence took its place: context {}",
                shown(&one.scope.context)
            );
            end(round, waiting, Ending::aborted(message));
        }
    }
}
