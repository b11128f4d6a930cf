//! The evaluations of one series, or of all, newest first.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::history::{HistoryError, steering};
use crate::eventlog::{Cursor, EventLog, Filter, Kinds, ReadError};
use crate::gate::event::{CloudEvent, EventType};
use crate::gate::{
    ChronicleEntry, Ending, ProjectName, Series, ServiceName, StageName, Steering, Verdict,
};

/// How many events are read at once at most.
const PAGE: usize = 200;

/// Which evaluations are wanted.
#[derive(Clone, Debug, Default)]
pub struct ChronicleRequest {
    /// Only those of this series.
    pub series: Option<Series>,
    /// Only those with all of these labels.
    pub labels: BTreeMap<String, String>,
    /// Only those that ended so; none stands for any.
    pub endings: Vec<Ending>,
    /// Only those from this instant on.
    pub since: Option<Timestamp>,
    /// Only those before this instant.
    pub until: Option<Timestamp>,
    /// Only those before this one.
    pub before: Option<Cursor>,
    /// How many at most.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Chronicle {
    /// The evaluations, newest first.
    pub entries: Vec<ChronicleEntry>,
    /// Whether there are more before these.
    pub has_more: bool,
    /// What could not be read, with its place.
    pub warnings: Vec<String>,
}

/// Lists evaluations with what was said about them.
pub async fn chronicle(
    log: &dyn EventLog,
    request: &ChronicleRequest,
) -> Result<Chronicle, HistoryError> {
    let (events, mut chronicle) = matching(log, request).await?;
    let mut said: BTreeMap<Series, Steering> = BTreeMap::new();
    let is_gapless =
        request.series.is_some() && request.labels.is_empty() && request.endings.is_empty();
    let scores: Vec<Option<f64>> = chronicle
        .entries
        .iter()
        .map(ChronicleEntry::score)
        .collect();
    chronicle.has_more = scores.len() > request.limit;
    chronicle.entries.truncate(request.limit);
    for (at, (entry, event)) in chronicle.entries.iter_mut().zip(&events).enumerate() {
        let earlier = match scores.get(at + 1) {
            Some(score) if is_gapless => *score,
            Some(_) | None => score_before(log, event).await?,
        };
        entry.change = entry.score().zip(earlier).map(|(now, then)| now - then);
        let Some(series) = series_of(entry) else {
            continue;
        };
        if !said.contains_key(&series) {
            let (steering, warnings) = steering(log, &series).await?;
            chronicle.warnings.extend(warnings);
            said.insert(series.clone(), steering);
        }
        if let Some(steering) = said.get(&series) {
            entry.invalidated = steering.invalidated(event).map(str::to_owned);
            let pin = steering.pin().filter(|pin| pin.evaluation == entry.id);
            entry.pinned = pin.map(|pin| pin.reason);
        }
    }
    chronicle.warnings.sort();
    chronicle.warnings.dedup();
    Ok(chronicle)
}

/// Reads the evaluations that are wanted, and one more where there is one.
async fn matching(
    log: &dyn EventLog,
    request: &ChronicleRequest,
) -> Result<(Vec<CloudEvent>, Chronicle), ReadError> {
    let mut results: Vec<Verdict> = request.endings.iter().map(|e| e.stored_as()).collect();
    results.sort_unstable();
    results.dedup();
    let mut filter = Filter {
        kinds: Kinds::only(EventType::FINISHED),
        results,
        since: request.since,
        until: request.until,
        before: request.before.clone(),
        ..request
            .series
            .as_ref()
            .map(Filter::of_series)
            .unwrap_or_default()
    };
    let mut found = Vec::new();
    let mut chronicle = Chronicle::default();
    loop {
        let limit = PAGE.min(request.limit.saturating_add(1));
        let page = log.events(&filter, limit).await?;
        let is_last = page.events.len() < limit;
        filter.before = page.events.last().map(Cursor::of);
        chronicle.warnings.extend(page.warnings);
        for event in page.events {
            let entry = ChronicleEntry::of(&event);
            if found.len() <= request.limit && request.wants(&entry) {
                chronicle.entries.push(entry);
                found.push(event);
            }
        }
        if is_last || found.len() > request.limit {
            return Ok((found, chronicle));
        }
    }
}

impl ChronicleRequest {
    /// Tells whether an evaluation is wanted. One that can't be read is shown, unless its content would decide.
    fn wants(&self, entry: &ChronicleEntry) -> bool {
        let Ok(record) = &entry.record else {
            return self.labels.is_empty() && self.endings.is_empty();
        };
        let ending = Ending::of(record);
        let has = |(key, value): (&String, &String)| record.labels.get(key) == Some(value);
        (self.endings.is_empty() || self.endings.contains(&ending)) && self.labels.iter().all(has)
    }
}

/// Returns the score of the evaluation before this one in its series.
async fn score_before(log: &dyn EventLog, event: &CloudEvent) -> Result<Option<f64>, ReadError> {
    let [project, stage, service] =
        ["project", "stage", "service"].map(|name| Some(event.data_text(name)));
    let filter = Filter {
        project,
        stage,
        service,
        kinds: Kinds::only(EventType::FINISHED),
        before: Some(Cursor::of(event)),
        ..Filter::default()
    };
    let page = log.events(&filter, 1).await?;
    let earlier = page.events.first().map(ChronicleEntry::of);
    Ok(earlier.and_then(|earlier| earlier.score()))
}

/// Returns the series of an evaluation, where its names can be those of one.
fn series_of(entry: &ChronicleEntry) -> Option<Series> {
    let [project, stage, service] = &entry.place;
    Some(Series {
        project: ProjectName::new(project).ok()?,
        stage: StageName::new(stage).ok()?,
        service: ServiceName::new(service).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::samples::{carts, evaluation, invalidation, memory, pin, said, store};

    /// Stores four evaluations, of which one is invalidated and one is pinned, and one that can't be read.
    async fn log() -> Box<dyn EventLog> {
        let log = memory();
        for (name, minute, result, score) in [
            ("a", 1, "pass", 90.0),
            ("b", 2, "fail", 10.0),
            ("c", 3, "pass", 95.0),
            ("d", 4, "warning", 80.0),
        ] {
            store(log.as_ref(), evaluation(name, minute, result, score)).await;
        }
        let broken = said(
            "x",
            EventType::FINISHED,
            Some(0),
            &serde_json::json!({"result": "pass"}),
        );
        store(
            log.as_ref(),
            vec![invalidation("b", 5), pin("c", 6), broken],
        )
        .await;
        log
    }

    /// Writes what was found.
    async fn listed(request: ChronicleRequest) -> Vec<String> {
        let found = chronicle(log().await.as_ref(), &request).await.unwrap();
        let entries = found.entries.iter().map(|entry| {
            format!(
                "{} {:?} {:?} {:?} {:?}",
                entry.id,
                entry.score(),
                entry.change,
                entry.invalidated,
                entry.pinned
            )
        });
        let more = found.has_more.then(|| "more".to_owned());
        entries.chain(more).collect()
    }

    #[tokio::test]
    async fn each_evaluation_has_its_change_and_what_was_said_about_it() {
        let request = ChronicleRequest {
            series: Some(carts()),
            limit: 20,
            ..ChronicleRequest::default()
        };
        let expected = [
            "d Some(80.0) Some(-15.0) None None",
            "c Some(95.0) Some(85.0) None Some(\"release 5\")",
            "b Some(10.0) Some(-80.0) Some(\"wrong load\") None",
            "a Some(90.0) None None None",
            "x None None None None",
        ];
        assert_eq!(listed(request.clone()).await, expected);
        let everywhere = ChronicleRequest {
            series: None,
            ..request
        };
        assert_eq!(listed(everywhere).await, expected);
    }

    #[tokio::test]
    async fn a_change_is_against_the_one_before_even_where_that_is_not_shown() {
        let request = ChronicleRequest {
            series: Some(carts()),
            endings: vec![Ending::Verdict(Verdict::Pass)],
            limit: 1,
            ..ChronicleRequest::default()
        };
        let expected = ["c Some(95.0) Some(85.0) None Some(\"release 5\")", "more"];
        assert_eq!(listed(request).await, expected);
    }

    #[tokio::test]
    async fn labels_times_and_places_choose() {
        let all = ChronicleRequest {
            series: Some(carts()),
            limit: 20,
            ..ChronicleRequest::default()
        };
        let labels = |value: &str| BTreeMap::from([("branch".to_owned(), value.to_owned())]);
        let with = |value| ChronicleRequest {
            labels: labels(value),
            ..all.clone()
        };
        assert_eq!(listed(with("main")).await.len(), 4);
        assert_eq!(listed(with("dev")).await.len(), 0);
        let between = ChronicleRequest {
            since: Some("2024-02-01T00:02:00Z".parse().unwrap()),
            until: Some("2024-02-01T00:04:00Z".parse().unwrap()),
            ..all.clone()
        };
        assert_eq!(listed(between).await.len(), 2);
        let before = ChronicleRequest {
            before: Some(Cursor::of(&evaluation("b", 2, "fail", 10.0)[1])),
            ..all
        };
        assert_eq!(listed(before).await[0], "a Some(90.0) None None None");
    }
}
