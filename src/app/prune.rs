//! Removes old evaluations: whole ones, with what asked for them and what was said about them.
//!
//! What a baseline may need stays: of each series the newest ones, counted for every choice of results that an SLO can
//! make, and the one that is pinned. First the evaluations go, then what was said about them: whenever this stops, nothing that was
//! invalidated counts again.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::history::{HistoryError, steering};
use super::pages::Pages;
use crate::eventlog::{AppendError, EventLog, Filter, Kinds, ReadError};
use crate::gate::event::{CloudEvent, EventType, decode_past};
use crate::gate::{Series, Steering, Verdict};

/// What Keptn says between the question and the answer.
const STARTED: &str = "sh.keptn.event.evaluation.started";

/// What may go.
#[derive(Clone, Debug)]
pub struct PruneRequest {
    /// Which series: the project, the stage and the service of this filter count.
    pub filter: Filter,
    /// Only evaluations before this instant.
    pub before: Option<Timestamp>,
    /// How many stay in each series, of those that pass, of those that don't fail, and of all.
    pub keep: usize,
    /// Whether to remove anything.
    pub mode: PruneMode,
}

/// Whether to remove anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PruneMode {
    /// Only say what would go.
    DryRun,
    /// Remove it.
    Remove,
}

/// What went, or would go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many evaluations of each series go, and how many stay.
    pub series: BTreeMap<String, (usize, usize)>,
    /// How many events went; 0 where nothing was removed.
    pub events: usize,
    /// What could not be read, with its place.
    pub warnings: Vec<String>,
}

impl Pruned {
    /// Returns how many evaluations go.
    #[must_use]
    pub fn evaluations(&self) -> usize {
        self.series.values().map(|(gone, _)| gone).sum()
    }
}

/// A log could not be pruned.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// It can't be read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// It can't be written.
    #[error(transparent)]
    Remove(#[from] AppendError),
}

impl From<ReadError> for PruneError {
    fn from(error: ReadError) -> Self {
        Self::History(error.into())
    }
}

/// Removes old evaluations.
pub async fn prune(log: &dyn EventLog, request: &PruneRequest) -> Result<Pruned, PruneError> {
    let mut plan = Plan::default();
    plan.read(log, request).await?;
    let mut pruned = plan.outcome();
    if request.mode == PruneMode::DryRun || plan.going.is_empty() {
        return Ok(pruned);
    }
    // Someone may have pinned one meanwhile.
    plan.spare_pinned(log).await?;
    let evaluations = vec![
        EventType::FINISHED.to_owned(),
        EventType::TRIGGERED.to_owned(),
        STARTED.to_owned(),
    ];
    let filter = Filter {
        kinds: Kinds::Types(evaluations),
        until: None,
        ..request.filter.clone()
    };
    pruned.events += remove(log, filter, |event| plan.removes(event)).await?;
    let filter = Filter {
        kinds: Kinds::Steering,
        project: request.filter.project.clone(),
        ..Filter::default()
    };
    pruned.events += remove(log, filter, |event| plan.silences(event)).await?;
    pruned.series = plan.outcome().series;
    Ok(pruned)
}

/// Removes all events that are meant, newest first: an answer goes before its question.
async fn remove(
    log: &dyn EventLog,
    filter: Filter,
    is_meant: impl Fn(&CloudEvent) -> bool,
) -> Result<usize, PruneError> {
    let mut pages = Pages::of(log, filter);
    let mut removed = 0;
    while let Some(page) = pages.next().await? {
        let mut meant: Vec<CloudEvent> = page.events.into_iter().filter(&is_meant).collect();
        if !meant.is_empty() {
            meant.sort_by_key(|event| event.event_type != EventType::FINISHED);
            removed += log.remove(&meant).await?;
        }
    }
    Ok(removed)
}

/// An evaluation that may go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Going {
    /// The id of its `.finished` event.
    id: String,
    /// The id of what asked for it; "" where nothing did.
    trigger: String,
    /// Its series.
    series: Series,
}

/// What goes and what stays.
#[derive(Debug, Default)]
struct Plan {
    /// The evaluations that go, by id.
    going: BTreeMap<String, Going>,
    /// What asked for evaluations that stay.
    kept_triggers: HashSet<String>,
    /// What asked for those that go.
    triggers: HashSet<String>,
    /// What is known of each series.
    series: BTreeMap<Series, Tally>,
    /// What could not be read.
    warnings: Vec<String>,
}

/// How many evaluations of a series stay.
#[derive(Debug, Default)]
struct Tally {
    /// What was said about them.
    steering: Steering,
    /// Those that can be compared with and passed.
    passed: usize,
    /// Those that can be compared with and did not fail.
    not_failed: usize,
    /// Those that can be compared with.
    all: usize,
    /// How many stay.
    kept: usize,
}

impl Plan {
    /// Reads all evaluations, newest first, and decides.
    async fn read(&mut self, log: &dyn EventLog, request: &PruneRequest) -> Result<(), PruneError> {
        let filter = Filter {
            kinds: Kinds::only(EventType::FINISHED),
            ..request.filter.clone()
        };
        let mut pages = Pages::of(log, filter);
        while let Some(page) = pages.next().await? {
            self.warnings.extend(page.warnings);
            for event in &page.events {
                // What has no series is nobody's baseline, and nobody's to remove.
                let Some(series) = event.series() else {
                    continue;
                };
                if !self.series.contains_key(&series) {
                    let (steering, _) = steering(log, &series).await?;
                    let tally = Tally {
                        steering,
                        ..Tally::default()
                    };
                    self.series.insert(series.clone(), tally);
                }
                self.decide(event, series, request);
            }
        }
        self.keep_whole();
        Ok(())
    }

    /// Decides about one evaluation.
    fn decide(&mut self, event: &CloudEvent, series: Series, request: &PruneRequest) {
        let Some(tally) = self.series.get_mut(&series) else {
            return;
        };
        let is_old = match (event.time, request.before) {
            (Some(time), Some(before)) => time < before,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let is_pinned = tally
            .steering
            .pin()
            .is_some_and(|pin| pin.evaluation == event.id);
        let is_needed = tally.counts(event, request.keep);
        let trigger = event.triggeredid.clone().unwrap_or_default();
        if is_old && !is_pinned && !is_needed {
            let id = event.id.clone();
            let going = Going {
                id: id.clone(),
                trigger,
                series,
            };
            self.going.insert(id, going);
        } else {
            tally.kept += 1;
            self.kept_triggers.insert(trigger);
        }
    }

    /// Keeps what shares its question with an evaluation that stays: what is said about one is said about both.
    fn keep_whole(&mut self) {
        let kept = std::mem::take(&mut self.kept_triggers);
        for going in std::mem::take(&mut self.going).into_values() {
            if !going.trigger.is_empty() && kept.contains(&going.trigger) {
                if let Some(tally) = self.series.get_mut(&going.series) {
                    tally.kept += 1;
                }
            } else {
                self.triggers.insert(going.trigger.clone());
                self.going.insert(going.id.clone(), going);
            }
        }
        self.triggers.remove("");
        self.kept_triggers = kept;
    }

    /// Keeps what was pinned since the plan was made.
    async fn spare_pinned(&mut self, log: &dyn EventLog) -> Result<(), PruneError> {
        let mut pinned = Vec::new();
        for (series, tally) in &mut self.series {
            let (steering, _) = steering(log, series).await?;
            if let Some(going) = steering
                .pin()
                .and_then(|pin| self.going.get(&pin.evaluation))
            {
                tally.kept += 1;
                pinned.push(going.clone());
            }
        }
        for Going { id, trigger, .. } in pinned {
            self.going.remove(&id);
            self.triggers.remove(&trigger);
        }
        Ok(())
    }

    /// Tells whether an event of an evaluation goes.
    fn removes(&self, event: &CloudEvent) -> bool {
        if event.event_type == EventType::FINISHED {
            return self.going.contains_key(&event.id);
        }
        let asked_by = event.triggeredid.as_ref();
        self.triggers.contains(&event.id) || asked_by.is_some_and(|id| self.triggers.contains(id))
    }

    /// Tells whether an event says something about an evaluation that goes, and about no other.
    fn silences(&self, event: &CloudEvent) -> bool {
        if event.event_type == EventType::PINNED {
            let data = event.data.value();
            let pinned = data.pointer("/pin/evaluation").and_then(|id| id.as_str());
            return pinned.is_some_and(|id| self.going.contains_key(id));
        }
        let about = event.triggeredid.as_ref();
        event.event_type != EventType::UNPINNED
            && about.is_some_and(|id| self.triggers.contains(id))
    }

    /// Counts.
    fn outcome(&self) -> Pruned {
        let mut series: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (name, tally) in &self.series {
            series.entry(name.to_string()).or_default().1 = tally.kept;
        }
        for going in self.going.values() {
            series.entry(going.series.to_string()).or_default().0 += 1;
        }
        Pruned {
            series,
            events: 0,
            warnings: self.warnings.clone(),
        }
    }
}

impl Tally {
    /// Counts an evaluation, if it can be compared with; tells whether it is among the newest that stay.
    fn counts(&mut self, event: &CloudEvent, keep: usize) -> bool {
        if self.steering.invalidated(event).is_some() {
            return false;
        }
        let Ok(past) = decode_past(event) else {
            return false;
        };
        let mut is_needed = self.all < keep;
        self.all += 1;
        if matches!(past.result, Some(Verdict::Pass | Verdict::Warning)) {
            is_needed |= self.not_failed < keep;
            self.not_failed += 1;
        }
        if past.result == Some(Verdict::Pass) {
            is_needed |= self.passed < keep;
            self.passed += 1;
        }
        is_needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::samples::{evaluation, event, invalidation, memory, pin, store};

    /// Returns a request to remove all but so many.
    fn keep(keep: usize) -> PruneRequest {
        PruneRequest {
            filter: Filter::default(),
            before: None,
            keep,
            mode: PruneMode::Remove,
        }
    }

    /// Returns the ids that are left, newest first.
    async fn left(log: &dyn EventLog) -> Vec<String> {
        let page = log.events(&Filter::default(), 1000).await.unwrap();
        page.events.into_iter().map(|event| event.id).collect()
    }

    #[tokio::test]
    async fn whole_evaluations_go_and_what_was_said_about_them() {
        let log = memory();
        for (at, name) in ["a", "b", "c"].into_iter().enumerate() {
            let minute = u32::try_from(at).unwrap();
            store(log.as_ref(), evaluation(name, minute, "pass", 90.0)).await;
        }
        let others = vec![
            invalidation("a", 7),
            invalidation("c", 8),
            event("z", Some(1)),
        ];
        store(log.as_ref(), others).await;
        let pruned = prune(log.as_ref(), &keep(1)).await.unwrap();
        // `c` is invalidated: it takes no place in a baseline, and goes like the others.
        assert_eq!(pruned.series["sockshop/staging/carts"], (2, 1));
        assert_eq!(pruned.events, 6);
        assert_eq!(left(log.as_ref()).await, ["z", "b-t", "b"]);
    }

    #[tokio::test]
    async fn a_baseline_finds_what_it_found_before_whatever_results_it_includes() {
        let log = memory();
        for at in 0..30 {
            let result = ["pass", "fail", "fail", "warning", "fail"][at as usize % 5];
            store(
                log.as_ref(),
                evaluation(&format!("e{at:02}"), at, result, 50.0),
            )
            .await;
        }
        prune(log.as_ref(), &keep(3)).await.unwrap();
        let left = left(log.as_ref()).await;
        let left: Vec<&String> = left.iter().filter(|id| !id.ends_with("-t")).collect();
        // The newest three of all, of those that did not fail, and of those that passed.
        assert_eq!(left, ["e29", "e28", "e27", "e25", "e23", "e20", "e15"]);
    }

    #[tokio::test]
    async fn the_pinned_one_stays_however_old_it_is() {
        let log = memory();
        for (name, minute) in [("a", 1), ("b", 2), ("c", 3)] {
            store(log.as_ref(), evaluation(name, minute, "pass", 90.0)).await;
        }
        store(log.as_ref(), vec![pin("b", 5), pin("a", 6)]).await;
        prune(log.as_ref(), &keep(0)).await.unwrap();
        assert_eq!(left(log.as_ref()).await, ["a-p", "a-t", "a"]);
    }

    #[tokio::test]
    async fn evaluations_of_one_question_stay_or_go_together() {
        let log = memory();
        store(log.as_ref(), evaluation("a", 1, "pass", 90.0)).await;
        let mut second = evaluation("b", 2, "pass", 95.0).remove(1);
        second.triggeredid = Some("a-t".to_owned());
        store(log.as_ref(), vec![second, invalidation("a", 3)]).await;
        let request = PruneRequest {
            before: Some("2024-02-01T00:02:00Z".parse().unwrap()),
            ..keep(0)
        };
        let pruned = prune(log.as_ref(), &request).await.unwrap();
        assert_eq!((pruned.evaluations(), pruned.events), (0, 0));
        assert_eq!(left(log.as_ref()).await.len(), 4);
        // Nothing that was invalidated counts again.
        assert!(left(log.as_ref()).await.contains(&"a-i".to_owned()));
    }

    #[tokio::test]
    async fn a_dry_run_removes_nothing() {
        let log = memory();
        store(log.as_ref(), evaluation("a", 1, "pass", 90.0)).await;
        let request = PruneRequest {
            mode: PruneMode::DryRun,
            ..keep(0)
        };
        let pruned = prune(log.as_ref(), &request).await.unwrap();
        assert_eq!((pruned.evaluations(), pruned.events), (1, 0));
        assert_eq!(left(log.as_ref()).await.len(), 2);
    }
}
