//! What executors answer, and when they have all answered (controlplane.md 3.7).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::advance::complete_task;
use super::engine::Ignored;
use super::event_name::{EventKind, EventName};
use super::execution::{Answer, CurrentTask, Execution, FinishedTask, TaskStatus};
use super::merge::merge_data;
use super::round::Round;
use super::settings::Merging;
use super::trigger::{BaseFields, data_of};
use crate::gate::Verdict;
use crate::gate::event::CloudEvent;

/// How many answers of one task are kept. Real ones have a few.
const MOST_ANSWERS: usize = 1_000;

/// Takes an answer in.
pub(super) fn answer(round: &mut Round<'_>, event: &CloudEvent, task: &str) -> Result<(), Ignored> {
    let triggered_id = event.triggeredid.as_deref().unwrap_or_default();
    if triggered_id.is_empty() {
        return Err(Ignored::Lacks("triggeredid"));
    }
    let not_open = || Ignored::NotOpen(triggered_id.to_owned());
    let one = round.roster.of_task(triggered_id).ok_or_else(not_open)?;
    let data = data_of(event)?;
    let fields = BaseFields::of(&data)?;
    let is_own = fields.project == one.scope.project
        && fields.stage == one.scope.stage
        && fields.service == one.scope.service
        && event.shkeptncontext.as_deref() == Some(&one.scope.context);
    let current = one.current.as_ref().filter(|current| current.name == task);
    let current = current.filter(|_| is_own).ok_or_else(not_open)?;
    if is_repeated(current, event) {
        return Err(Ignored::Duplicate(event.id.clone()));
    }
    let id = one.id.clone();
    let mut one = round.take(&id).ok_or_else(not_open)?;
    let time = round.moment();
    if let Some(current) = &mut one.current {
        keep(current, event, data, time);
    }
    judge(round, one);
    Ok(())
}

/// Tells whether an event says nothing new: it was here before, or its source is done with all that it began.
fn is_repeated(current: &CurrentTask, event: &CloudEvent) -> bool {
    let mut answers = current.answers.iter();
    if answers.any(|answer| answer.id == event.id) || current.answers.len() >= MOST_ANSWERS {
        return true;
    }
    let count = Count::of(current);
    let of_source = count.sources.get(event.source.as_str());
    let is_done = of_source.is_some_and(|of| of.started > 0 && of.finished >= of.started);
    is_done && kind_of(&event.event_type) == Some(EventKind::Finished)
}

/// Keeps an answer. Of how far an executor is, only the newest is of interest.
fn keep(current: &mut CurrentTask, event: &CloudEvent, data: Map<String, Value>, time: Timestamp) {
    let kind = kind_of(&event.event_type);
    if kind == Some(EventKind::StatusChanged) {
        current.answers.retain(|answer| {
            answer.source != event.source || answer.event_type != event.event_type
        });
    }
    let word = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default();
    let (result, status) = (word("result").to_owned(), word("status").to_owned());
    let is_finished = kind == Some(EventKind::Finished);
    current.answers.push(Answer {
        id: event.id.clone(),
        event_type: event.event_type.clone(),
        source: event.source.clone(),
        result,
        status,
        time,
        data: Arc::new(if is_finished { data } else { Map::new() }),
    });
}

/// Goes on where everybody has answered.
fn judge(round: &mut Round<'_>, mut one: Execution) {
    let balance = balance(&one);
    let settle = round.settings.settle_ms;
    let now = round.now;
    match (balance, &mut one.current) {
        (Balance::Open, Some(current)) => current.settled_at = None,
        (Balance::Even, Some(current)) if settle > 0 => {
            current.settled_at = current.settled_at.or(Some(now));
        }
        (Balance::Even | Balance::Complete, _) => {
            if let Some(task) = aggregate(&one, round.settings.merging) {
                return complete_task(round, one, task);
            }
        }
        (Balance::Open, None) => {}
    }
    round.put(one);
}

/// How `.started` and `.finished` stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Balance {
    /// Somebody is still at it, or nobody has begun.
    Open,
    /// Everybody who began is done. Somebody else may begin.
    Even,
    /// Everybody who is expected is done.
    Complete,
}

/// Who began and who is done.
struct Count<'a> {
    /// By source.
    sources: BTreeMap<&'a str, OfSource>,
}

/// What one source said.
#[derive(Clone, Copy, Default)]
struct OfSource {
    /// How often it began.
    started: usize,
    /// How often it was done.
    finished: usize,
}

impl<'a> Count<'a> {
    /// Counts the answers of a task.
    fn of(current: &'a CurrentTask) -> Self {
        let mut sources: BTreeMap<&str, OfSource> = BTreeMap::new();
        for answer in &current.answers {
            let of = sources.entry(answer.source.as_str()).or_default();
            match kind_of(&answer.event_type) {
                Some(EventKind::Started) => of.started += 1,
                Some(EventKind::Finished) => of.finished += 1,
                Some(
                    EventKind::Triggered
                    | EventKind::StatusChanged
                    | EventKind::Invalidated
                    | EventKind::Other(_),
                )
                | None => {}
            }
        }
        Self { sources }
    }

    /// Returns how many `.started` there are.
    fn started(&self) -> usize {
        self.sources.values().map(|of| of.started).sum()
    }

    /// Returns how many `.finished` there are.
    fn finished(&self) -> usize {
        self.sources.values().map(|of| of.finished).sum()
    }

    /// Tells whether everything that began is done. What a source did not begin itself, it may have done for another:
    /// people answer for the approval service.
    fn is_even(&self) -> bool {
        let open = self
            .sources
            .values()
            .map(|of| of.started.saturating_sub(of.finished));
        let for_others = self.sources.values().filter(|of| of.started == 0);
        let for_others: usize = for_others.map(|of| of.finished).sum();
        self.started() > 0 && open.sum::<usize>() <= for_others
    }
}

/// Compares what began with what is done.
fn balance(one: &Execution) -> Balance {
    let Some(current) = &one.current else {
        return Balance::Open;
    };
    let count = Count::of(current);
    // A decision needs nobody who began with it.
    if current.is_approval() && count.finished() > 0 {
        return Balance::Complete;
    }
    if !count.is_even() {
        return Balance::Open;
    }
    match expected(one) {
        Some(expected) if count.started() < expected => Balance::Open,
        Some(_) => Balance::Complete,
        None => Balance::Even,
    }
}

/// Returns how many executors the shipyard expects of the current task.
fn expected(one: &Execution) -> Option<usize> {
    let executors = one.current_task()?.executors?;
    Some(usize::try_from(executors).unwrap_or(usize::MAX).max(1))
}

/// Tells whether the current task need not wait for a first word any more.
pub(super) fn is_answered(one: &Execution) -> bool {
    let Some(current) = &one.current else {
        return true;
    };
    let count = Count::of(current);
    // A word of progress is one, too.
    let started = count
        .sources
        .values()
        .filter(|of| of.started > 0 || of.finished == 0);
    match expected(one) {
        Some(expected) => count.started() >= expected,
        None => started.count() > 0,
    }
}

/// Tells whether there is a result of the current task, though nobody said that he began.
pub(super) fn has_answers(one: &Execution) -> bool {
    let Some(current) = &one.current else {
        return false;
    };
    let count = Count::of(current);
    count.started() == 0 && count.finished() >= expected(one).unwrap_or(1)
}

/// Returns what all executors of the current task came to together; `None`: none is done.
pub(super) fn aggregate(one: &Execution, how: Merging) -> Option<FinishedTask> {
    let current = one.current.as_ref()?;
    let is_finished = |answer: &&Answer| kind_of(&answer.event_type) == Some(EventKind::Finished);
    let finished: Vec<&Answer> = current.answers.iter().filter(is_finished).collect();
    let status = finished.iter().map(|answer| TaskStatus::of(&answer.status));
    let status = status.max_by_key(|status| weight(*status))?;
    let results = finished.iter().map(|answer| answer.result.parse());
    let result = results
        .map(|result| result.unwrap_or(Verdict::Fail))
        .max()?;
    let messages = finished.iter().rev();
    let mut messages = messages.filter_map(|answer| answer.data.get("message")?.as_str());
    Some(FinishedTask {
        name: current.name.clone(),
        triggered_id: current.triggered_id.clone(),
        // Who could not do his work, or did not come to its end, has found nothing good.
        result: match status {
            TaskStatus::Succeeded => result,
            TaskStatus::Errored | TaskStatus::Aborted | TaskStatus::Unknown => Verdict::Fail,
        },
        status,
        message: messages
            .find(|text| !text.is_empty())
            .unwrap_or_default()
            .to_owned(),
        data: merged(&finished, how),
        sent_at: current.sent_at?,
        ended_at: finished.last()?.time,
        finished_id: finished.last().map(|answer| answer.id.clone()),
    })
}

/// Returns the data of all answers.
fn merged(finished: &[&Answer], how: Merging) -> Arc<Map<String, Value>> {
    if let [only] = finished {
        return Arc::clone(&only.data);
    }
    let mut data = Map::new();
    for answer in finished {
        merge_data(&mut data, &answer.data, how);
    }
    Arc::new(data)
}

/// Returns which status prevails among several.
fn weight(status: TaskStatus) -> u8 {
    match status {
        TaskStatus::Succeeded => 0,
        TaskStatus::Unknown => 1,
        TaskStatus::Aborted => 2,
        TaskStatus::Errored => 3,
    }
}

/// Returns what an event says of a task.
fn kind_of(event_type: &str) -> Option<EventKind> {
    match EventName::parse(event_type)? {
        EventName::Task { kind, .. } | EventName::Sequence { kind, .. } => Some(kind),
    }
}
