//! What every log does, asked of each of them.

use std::any::Any;
use std::future::{Ready, ready};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::samples::{append, carts, event, finished, finished_in, ids, invalidation, series};
use super::{
    AppendError, Cursor, EVENT_LIMIT, EventLog, EventLogSettings, Filter, Kinds, LogUrl, Times,
    open,
};
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, EventType};

/// Long enough for a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A log to ask, and what must live as long: its folder, its server.
pub(crate) struct Subject {
    /// The log.
    pub log: Box<dyn EventLog>,
    /// Dropped with the subject.
    _keep: Box<dyn Any + Send>,
}

impl Subject {
    /// Makes a subject of a log and of what must live as long.
    pub(crate) fn new(log: Box<dyn EventLog>, keep: impl Any + Send) -> Self {
        Self {
            log,
            _keep: Box::new(keep),
        }
    }
}

/// Opens a new log on this machine.
fn local(url: &str) -> Ready<Option<Subject>> {
    let folder = tempfile::tempdir().unwrap();
    let url: LogUrl = url.parse().unwrap();
    let settings = EventLogSettings {
        lock_timeout: PATIENCE,
        ..EventLogSettings::new(url.relative_to(folder.path()))
    };
    ready(Some(Subject::new(open(settings).unwrap(), folder)))
}

/// Asks every question of one kind of log: one test for each. `$subject` is an expression of a future of
/// `Option<Subject>`, `None` where its server is not installed.
macro_rules! ask_every_question {
    ($log:ident, $subject:expr) => {
        $crate::eventlog::contract::ask_every_question!(@each $log, $subject;
            what_was_appended_is_read_as_it_was_returned
            an_empty_log_has_no_events
            events_come_newest_first_by_instant
            an_event_without_a_time_is_the_oldest_and_named
            a_limit_keeps_the_newest
            paging_neither_skips_nor_repeats
            series_are_kept_apart_whatever_their_names_are
            a_filter_by_project_takes_all_of_its_series
            a_filter_by_id_takes_one
            a_filter_by_result_takes_all_that_it_names
            a_filter_by_type_or_context_takes_no_other
            a_filter_by_time_includes_its_first_instant_and_not_its_last
            a_filter_for_steering_takes_what_was_said_of_evaluations
            an_event_is_stored_once
            an_event_that_stands_twice_in_a_batch_is_stored_once
            a_stamp_is_later_than_the_newest_of_its_series
            a_later_time_is_kept
            times_that_are_kept_stay_as_they_are
            an_event_that_was_stamped_is_known_by_its_id_later
            a_large_event_and_any_text_survive
            attributes_that_nobody_knows_survive
            an_event_beyond_the_limit_takes_its_batch_with_it
            an_empty_batch_is_no_event
            what_is_removed_is_gone_and_can_come_back
        );
    };
    (@each $log:ident, $subject:expr; $($question:ident)*) => {
        mod $log {
            use super::*;

            $(#[tokio::test]
            async fn $question() {
                let Some(subject) = $subject.await else { return };
                $crate::eventlog::contract::$question(&*subject.log).await;
            })*
        }
    };
}
pub(crate) use ask_every_question;

ask_every_question!(memory, local("memory:"));
ask_every_question!(sqlite, local("sqlite:.tidegate/events.db"));
ask_every_question!(jsonl, local("jsonl:history/carts.jsonl"));

pub(crate) async fn what_was_appended_is_read_as_it_was_returned(log: &dyn EventLog) {
    let mut triggered = finished("1", "2024-02-01T10:00:00Z");
    triggered.event_type = EventType::TRIGGERED.to_owned();
    let batch = vec![triggered, finished("2", "2024-02-01T10:00:00Z")];
    let mut stored = log.append(batch.clone(), Times::Stamped).await.unwrap();
    assert_eq!(stored[0], batch[0]);
    assert_eq!(stored[1].data, batch[1].data);
    stored.reverse();
    assert_eq!(
        log.events(&Filter::default(), 10).await.unwrap().events,
        stored
    );
}

pub(crate) async fn an_empty_log_has_no_events(log: &dyn EventLog) {
    assert!(ids(log, &Filter::default(), 10).await.is_empty());
}

pub(crate) async fn events_come_newest_first_by_instant(log: &dyn EventLog) {
    // Each in a series of its own, so that no time is stamped over.
    let times = [
        ("d", "2024-02-01T10:00:00.12Z"),
        ("a", "2024-02-01T10:00:00Z"),
        ("e", "2024-02-01T09:00:00.5-02:00"),
        ("c", "2024-02-01T10:00:00.100000001Z"),
        ("b", "2024-02-01T11:00:00.1+01:00"),
        ("f", "2024-02-01T23:30:00+12:00"),
    ];
    for (id, time) in times {
        append(
            log,
            [finished_in(&series("sockshop", "staging", id), id, time)],
        )
        .await;
    }
    assert_eq!(
        ids(log, &Filter::default(), 10).await,
        ["f", "e", "d", "c", "b", "a"]
    );
}

pub(crate) async fn an_event_without_a_time_is_the_oldest_and_named(log: &dyn EventLog) {
    append(log, [finished("none", "")]).await;
    append(log, [finished("old", "1970-01-01T00:00:00Z")]).await;
    let page = log.events(&Filter::default(), 10).await.unwrap();
    let ids: Vec<_> = page.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["old", "none"]);
    assert_eq!(page.warnings.len(), 1);
    assert!(page.warnings[0].contains("`none` has no readable time"));
    let since = Filter {
        since: Some(Timestamp::MIN),
        ..Filter::default()
    };
    let page = log.events(&since, 10).await.unwrap();
    assert_eq!((page.events.len(), page.warnings.len()), (1, 0));
}

pub(crate) async fn a_limit_keeps_the_newest(log: &dyn EventLog) {
    append(log, (1..=9).map(on_day)).await;
    assert_eq!(ids(log, &Filter::default(), 3).await, ["9", "8", "7"]);
    assert!(ids(log, &Filter::default(), 0).await.is_empty());
}

pub(crate) async fn paging_neither_skips_nor_repeats(log: &dyn EventLog) {
    // Ties in time across series, and events without a time.
    for n in 0..10 {
        let time = if n < 3 { "" } else { "2024-02-01T10:00:00Z" };
        let own = series("sockshop", "staging", &format!("s{n}"));
        append(log, [finished_in(&own, &format!("e{}", 9 - n), time)]).await;
    }
    let mut filter = Filter::default();
    let mut seen = Vec::new();
    loop {
        let page = log.events(&filter, 3).await.unwrap();
        let Some(last) = page.events.last() else {
            break;
        };
        filter.before = Some(Cursor::of(last));
        seen.extend(page.events.iter().map(|event| event.id.clone()));
    }
    assert_eq!(
        seen,
        ["e6", "e5", "e4", "e3", "e2", "e1", "e0", "e9", "e8", "e7"]
    );
}

pub(crate) async fn series_are_kept_apart_whatever_their_names_are(log: &dyn EventLog) {
    let names = [
        series("sock'shop", "st\"age", "carts"),
        series("sock%shop", "staging", "carts_"),
        series("sock:shop", "a,b", "carts AND data.stage:x"),
        series("sock", "shop/staging", "carts"),
        series("sock/shop", "staging", "carts"),
        series("søckshop", "Staging", "🛒"),
    ];
    for (n, own) in names.iter().enumerate() {
        let id = n.to_string();
        append(log, [finished_in(own, &id, "2024-02-01T10:00:00Z")]).await;
    }
    for (n, own) in names.into_iter().enumerate() {
        let filter = Filter::of_series(&own);
        assert_eq!(ids(log, &filter, 10).await, [n.to_string()]);
    }
}

pub(crate) async fn a_filter_by_project_takes_all_of_its_series(log: &dyn EventLog) {
    let of = |project, stage, id: &str| {
        let own = series(project, stage, "carts");
        finished_in(&own, id, &format!("2024-02-0{id}T00:00:00Z"))
    };
    let batch = [
        of("sockshop", "dev", "1"),
        of("bookshop", "dev", "2"),
        of("sockshop", "prod", "3"),
    ];
    append(log, batch).await;
    let filter = Filter {
        project: Some("sockshop".to_owned()),
        ..Filter::default()
    };
    assert_eq!(ids(log, &filter, 10).await, ["3", "1"]);
    let filter = Filter {
        stage: Some("dev".to_owned()),
        ..filter
    };
    assert_eq!(ids(log, &filter, 10).await, ["1"]);
}

pub(crate) async fn a_filter_by_id_takes_one(log: &dyn EventLog) {
    append(log, (1..=3).map(on_day)).await;
    let with_id = |id: &str| Filter {
        id: Some(id.to_owned()),
        ..Filter::of_series(&carts())
    };
    assert_eq!(ids(log, &with_id("2"), 10).await, ["2"]);
    assert!(ids(log, &with_id("4"), 10).await.is_empty());
}

pub(crate) async fn a_filter_by_result_takes_all_that_it_names(log: &dyn EventLog) {
    for (day, result) in [(1, "pass"), (2, "warning"), (3, "fail"), (4, "PASS")] {
        let mut event = on_day(day);
        event.data.set("result", result.into());
        append(log, [event]).await;
    }
    for (results, found) in [
        (vec![], vec!["4", "3", "2", "1"]),
        (vec![Verdict::Pass], vec!["1"]),
        (vec![Verdict::Pass, Verdict::Warning], vec!["2", "1"]),
        (vec![Verdict::Fail], vec!["3"]),
    ] {
        let filter = Filter {
            results,
            kinds: Kinds::only(EventType::FINISHED),
            ..Filter::of_series(&carts())
        };
        assert_eq!(ids(log, &filter, 10).await, found);
    }
}

pub(crate) async fn a_filter_by_type_or_context_takes_no_other(log: &dyn EventLog) {
    let mut other = on_day(1);
    other.event_type = EventType::TRIGGERED.to_owned();
    other.shkeptncontext = Some("elsewhere".to_owned());
    let mut bare = on_day(3);
    bare.shkeptncontext = None;
    append(log, [other, on_day(2), bare]).await;
    let by_type = Filter {
        kinds: Kinds::only(EventType::FINISHED),
        ..Filter::default()
    };
    let by_context = Filter {
        context: Some("elsewhere".to_owned()),
        ..Filter::default()
    };
    assert_eq!(ids(log, &by_type, 10).await, ["3", "2"]);
    assert_eq!(ids(log, &by_context, 10).await, ["1"]);
}

pub(crate) async fn a_filter_by_time_includes_its_first_instant_and_not_its_last(
    log: &dyn EventLog,
) {
    append(log, (1..=4).map(on_day)).await;
    let filter = Filter {
        since: on_day(2).time,
        ..Filter::default()
    };
    assert_eq!(ids(log, &filter, 10).await, ["4", "3", "2"]);
    let filter = Filter {
        until: on_day(4).time,
        ..filter
    };
    assert_eq!(ids(log, &filter, 10).await, ["3", "2"]);
}

pub(crate) async fn a_filter_for_steering_takes_what_was_said_of_evaluations(log: &dyn EventLog) {
    let mut other_type = invalidation("2", "trigger-1");
    other_type.event_type = "sh.keptn.event.test.invalidated".to_owned();
    other_type.data = json!({"project": "sockshop"}).into();
    let mut pin = on_day(9);
    pin.event_type = EventType::PINNED.to_owned();
    let mut elsewhere = invalidation("4", "trigger-1");
    elsewhere.data.set("project", "bookshop".into());
    append(log, [on_day(1), other_type, elsewhere, pin]).await;
    append(log, [invalidation("3", "")]).await;
    let filter = Filter {
        kinds: Kinds::Steering,
        project: Some("sockshop".to_owned()),
        ..Filter::default()
    };
    let mut found = ids(log, &filter, 10).await;
    found.sort_unstable();
    assert_eq!(found, ["2", "3", "9"]);
}

pub(crate) async fn an_event_is_stored_once(log: &dyn EventLog) {
    append(log, [on_day(1), on_day(2)]).await;
    let mut again = on_day(1);
    again.data.set("result", "fail".into());
    let stored = log
        .append(vec![on_day(3), again], Times::Stamped)
        .await
        .unwrap();
    assert_eq!(stored, [on_day(3), on_day(1)]);
    assert_eq!(ids(log, &Filter::default(), 10).await, ["3", "2", "1"]);
}

pub(crate) async fn an_event_that_stands_twice_in_a_batch_is_stored_once(log: &dyn EventLog) {
    let stored = log
        .append(vec![on_day(1), on_day(1)], Times::Stamped)
        .await
        .unwrap();
    assert_eq!(stored, [on_day(1), on_day(1)]);
    assert_eq!(ids(log, &Filter::default(), 10).await, ["1"]);
}

pub(crate) async fn a_stamp_is_later_than_the_newest_of_its_series(log: &dyn EventLog) {
    let noon = "2024-02-01T12:00:00.0000005Z";
    append(log, [finished("1", noon)]).await;
    let elsewhere = finished_in(
        &series("sockshop", "prod", "carts"),
        "4",
        "2024-02-01T09:00:00Z",
    );
    let batch = vec![
        finished("2", "2024-02-01T08:00:00Z"),
        finished("3", ""),
        elsewhere.clone(),
    ];
    let stored = log.append(batch, Times::Stamped).await.unwrap();
    let times: Vec<_> = stored.iter().map(|e| e.time.unwrap().to_string()).collect();
    assert_eq!(
        times,
        [
            "2024-02-01T12:00:00.0010005Z",
            "2024-02-01T12:00:00.0020005Z",
            "2024-02-01T09:00:00Z"
        ]
    );
    assert_eq!(ids(log, &Filter::default(), 10).await, ["3", "2", "1", "4"]);
}

pub(crate) async fn a_later_time_is_kept(log: &dyn EventLog) {
    append(log, [on_day(1)]).await;
    let later = finished("2", "2024-02-01T00:00:00.002000001Z");
    assert_eq!(
        log.append(vec![later.clone()], Times::Stamped)
            .await
            .unwrap(),
        [later]
    );
}

pub(crate) async fn times_that_are_kept_stay_as_they_are(log: &dyn EventLog) {
    append(log, [on_day(5)]).await;
    let mut same = on_day(5);
    same.id = "6".to_owned();
    let batch = vec![on_day(2), same, on_day(1)];
    let stored = log.append(batch.clone(), Times::Kept).await.unwrap();
    assert_eq!(stored, batch);
    let all = ["6", "5", "2", "1"];
    assert_eq!(ids(log, &Filter::default(), 10).await, all);
    assert_eq!(log.append(batch.clone(), Times::Kept).await.unwrap(), batch);
    assert_eq!(ids(log, &Filter::default(), 10).await, all);
    let stored = log.append(vec![on_day(3)], Times::Stamped).await.unwrap();
    assert_eq!(
        stored[0].time.unwrap().to_string(),
        "2024-02-05T00:00:00.001Z"
    );
}

pub(crate) async fn an_event_that_was_stamped_is_known_by_its_id_later(log: &dyn EventLog) {
    append(log, [on_day(5)]).await;
    let stored = log.append(vec![on_day(1)], Times::Stamped).await.unwrap();
    append(log, [on_day(7)]).await;
    // Whoever did not hear that it was stored says it again, as it was.
    let again = log.append(vec![on_day(1)], Times::Stamped).await.unwrap();
    assert_eq!(again, stored);
    assert_eq!(ids(log, &Filter::default(), 10).await, ["7", "1", "5"]);
}

pub(crate) async fn what_is_removed_is_gone_and_can_come_back(log: &dyn EventLog) {
    assert_eq!(log.remove(&[on_day(1)]).await.unwrap(), 0);
    append(log, (1..=4).map(on_day)).await;
    let gone = [on_day(4), on_day(2), on_day(9)];
    assert_eq!(log.remove(&gone).await.unwrap(), 2);
    assert_eq!(log.remove(&gone).await.unwrap(), 0);
    assert_eq!(ids(log, &Filter::default(), 10).await, ["3", "1"]);
    let filter = Filter {
        id: Some("2".to_owned()),
        ..Filter::default()
    };
    assert!(ids(log, &filter, 10).await.is_empty());
    log.append(vec![on_day(2)], Times::Kept).await.unwrap();
    append(log, [on_day(5)]).await;
    assert_eq!(ids(log, &Filter::default(), 10).await, ["5", "3", "2", "1"]);
}

pub(crate) async fn a_large_event_and_any_text_survive(log: &dyn EventLog) {
    let mut large = on_day(1);
    large
        .data
        .set("text", "x\n\r\u{2028}\u{0}\\\"🛒".repeat(100_000).into());
    large.data.set(
        "nested",
        json!([[[{"a": [null, true, 1e300, -0.1, 12_345_678_901_234_567_u64]}]]]),
    );
    append(log, [large.clone()]).await;
    let page = log.events(&Filter::default(), 1).await.unwrap();
    assert_eq!(page.events, [large]);
}

pub(crate) async fn attributes_that_nobody_knows_survive(log: &dyn EventLog) {
    let foreign = event(json!({
        "id": "1", "source": "lighthouse-service", "specversion": "1.0", "type": "t", "time": "2024-02-01T10:00:00Z",
        "contenttype": "application/json", "gitcommitid": "abc", "shkeptnspecversion": "0.2.4", "x": {"y": [1]},
    }));
    append(log, [foreign.clone()]).await;
    let page = log.events(&Filter::default(), 1).await.unwrap();
    assert_eq!(page.events, [foreign]);
}

pub(crate) async fn an_event_beyond_the_limit_takes_its_batch_with_it(log: &dyn EventLog) {
    append(log, [on_day(1)]).await;
    let mut huge = on_day(3);
    huge.data.set("text", "x".repeat(EVENT_LIMIT).into());
    let refused = log
        .append(vec![on_day(2), huge], Times::Stamped)
        .await
        .unwrap_err();
    assert!(matches!(refused, AppendError::TooLarge { id, .. } if id == "3"));
    assert_eq!(ids(log, &Filter::default(), 10).await, ["1"]);
    append(log, [on_day(2)]).await;
    assert_eq!(ids(log, &Filter::default(), 10).await, ["2", "1"]);
}

pub(crate) async fn an_empty_batch_is_no_event(log: &dyn EventLog) {
    assert_eq!(log.append(Vec::new(), Times::Stamped).await.unwrap(), []);
    assert!(ids(log, &Filter::default(), 10).await.is_empty());
}

/// Returns an evaluation of that day; its id is the day.
fn on_day(day: usize) -> CloudEvent {
    finished(&day.to_string(), &format!("2024-02-{day:02}T00:00:00Z"))
}
