//! The log against Keptn's API, as it behaves.

use std::time::Duration;

use serde_json::{Value, json};

use super::KeptnLog;
use crate::eventlog::contract::{Subject, ask_every_question};
use crate::eventlog::samples::{
    append, carts, event, finished, finished_in, ids, invalidation, series,
};
use crate::eventlog::test_keptn::{Keptn, Mishap, TOKEN};
use crate::eventlog::{
    AppendError, Cursor, EVENT_LIMIT, EventLog as _, EventLogSettings, Filter, Kinds, ReadError,
    Times, Trouble, open,
};
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, EventType};
use crate::net::{RetrySettings, Secret};

/// The projects of the contract.
const PROJECTS: [&str; 9] = [
    "sockshop",
    "bookshop",
    "sock'shop",
    "sock%shop",
    "sock:shop",
    "sock",
    "sock/shop",
    "søckshop",
    "",
];

fn settings(keptn: &Keptn) -> EventLogSettings {
    EventLogSettings {
        token: Some(Secret::new(TOKEN)),
        timeout: Duration::from_secs(20),
        ..EventLogSettings::new(keptn.url().parse().unwrap())
    }
}

/// Opens a log that does not wait long before it asks again.
fn hasty(settings: &EventLogSettings) -> KeptnLog {
    let retry = RetrySettings {
        attempts: 2,
        base: Duration::from_millis(2),
        max: Duration::from_millis(2),
        seed: 0,
    };
    KeptnLog::with_retry(settings.clone(), retry).unwrap()
}

/// Starts a server, and a log on it.
fn new() -> (Keptn, KeptnLog) {
    let keptn = Keptn::start(&["sockshop", "bookshop"]);
    let log = hasty(&settings(&keptn));
    (keptn, log)
}

fn subject() -> std::future::Ready<Option<Subject>> {
    let keptn = Keptn::start(&PROJECTS);
    let log = open(settings(&keptn)).unwrap();
    std::future::ready(Some(Subject::new(log, keptn)))
}

// What Keptn can't answer, and why:
// - questions that set the times of events, because Keptn sets them: `events_come_newest_first_by_instant`,
//   `an_event_without_a_time_is_the_oldest_and_named`, `paging_neither_skips_nor_repeats`,
//   `a_filter_by_time_includes_its_first_instant_and_not_its_last`, `an_event_is_stored_once`,
//   `an_event_that_stands_twice_in_a_batch_is_stored_once`, `a_stamp_is_later_than_the_newest_of_its_series`,
//   `a_later_time_is_kept`; each has its like below;
// - `times_that_are_kept_stay_as_they_are`, `what_is_removed_is_gone_and_can_come_back`: it can do neither;
// - `what_was_appended_is_read_as_it_was_returned`, `a_filter_by_type_or_context_takes_no_other`: the API takes no
//   `.triggered` events, and every context is a UUID;
// - `a_filter_for_steering_takes_what_was_said_of_evaluations`: only named types can be asked for, so an invalidation of
//   another task is not found;
// - `a_large_event_and_any_text_survive`: an event has 64 KiB at most;
// - `attributes_that_nobody_knows_survive`: Keptn drops them.
ask_every_question!(@each contract, subject();
    an_empty_log_has_no_events
    a_limit_keeps_the_newest
    series_are_kept_apart_whatever_their_names_are
    a_filter_by_project_takes_all_of_its_series
    a_filter_by_id_takes_one
    a_filter_by_result_takes_all_that_it_names
    an_event_that_was_stamped_is_known_by_its_id_later
    an_event_beyond_the_limit_takes_its_batch_with_it
    an_empty_batch_is_no_event
);

/// Returns an event as a service of Keptn sends it: with an id and a time of its own.
fn foreign(id: &str, time: &str) -> Value {
    let mut event = serde_json::to_value(finished(id, time)).unwrap();
    event["source"] = "lighthouse-service".into();
    event["time"] = time.into();
    event
}

fn finished_only() -> Filter {
    Filter {
        kinds: Kinds::only(EventType::FINISHED),
        ..Filter::of_series(&carts())
    }
}

#[track_caller]
fn trouble(error: &AppendError) -> Trouble {
    let AppendError::Remote(failure) = error else {
        panic!("{error:?}");
    };
    failure.trouble
}

#[track_caller]
fn reading_trouble(error: &ReadError) -> Trouble {
    let ReadError::Remote(failure) = error else {
        panic!("{error:?}");
    };
    failure.trouble
}

#[tokio::test]
async fn what_was_appended_is_read_as_it_was_returned_under_our_id_and_at_keptns_time() {
    let (keptn, log) = new();
    let mut triggered = finished("1", "2024-02-01T10:00:00Z");
    triggered.event_type = EventType::TRIGGERED.to_owned();
    let mut own = finished("2", "2024-02-01T10:00:00Z");
    own.data.set("tidegate", json!({"version": 1}));
    let batch = vec![triggered.clone(), own.clone()];
    let stored = log.append(batch, Times::Stamped).await.unwrap();
    assert_eq!(stored[0], triggered);
    assert_eq!((stored[1].id.as_str(), &stored[1].data), ("2", &own.data));
    assert_eq!(
        stored[1].time.unwrap().to_string(),
        "2024-06-01T00:00:00.4Z"
    );
    assert_eq!(stored[1].source, "lighthouse-service");
    let page = log.events(&Filter::of_series(&carts()), 10).await.unwrap();
    assert_eq!(page.events, stored[1..]);
    let kept = &keptn.stored("sockshop")[0];
    assert_ne!(kept["id"], "2");
    assert_eq!(
        kept["data"]["tidegate"],
        json!({"version": 1, "id": "2", "time": "2024-02-01T10:00:00Z"})
    );
}

#[tokio::test]
async fn events_come_newest_first_by_instant_though_keptn_orders_by_text() {
    let (keptn, log) = new();
    // As text, the first of a second is its last.
    for (id, time) in [
        ("c", "2024-02-01T10:00:00.12Z"),
        ("d", "2024-02-01T10:00:00.123456789Z"),
        ("a", "2024-02-01T10:00:00Z"),
        ("b", "2024-02-01T10:00:00.1Z"),
        ("e", "2024-02-01T10:00:01Z"),
        ("z", "2024-02-01T09:59:59.999Z"),
    ] {
        keptn.store(foreign(id, time));
    }
    for filter in [
        finished_only(),
        Filter {
            results: vec![Verdict::Pass],
            ..finished_only()
        },
    ] {
        for limit in 0..7 {
            let expected = ["e", "d", "c", "b", "a", "z"];
            assert_eq!(
                ids(&log, &filter, limit).await,
                expected[..limit.min(6)],
                "{limit}"
            );
        }
    }
}

#[tokio::test]
async fn paging_neither_skips_nor_repeats_whatever_the_times_are() {
    let (keptn, log) = new();
    for n in 0..260 {
        // Three events have the same instant, and a second has 150.
        let time = format!("2024-02-01T10:00:{:02}.{:03}Z", n / 150, n % 150 / 3);
        keptn.store(foreign(&format!("e{n:03}"), &time));
    }
    let mut expected: Vec<String> = (0..260).map(|n| format!("e{n:03}")).collect();
    expected.reverse();
    for limit in [7, 100, 300] {
        let mut filter = finished_only();
        let mut seen = Vec::new();
        loop {
            let page = log.events(&filter, limit).await.unwrap();
            filter.before = page.events.last().map(Cursor::of);
            seen.extend(page.events.iter().map(|event| event.id.clone()));
            if page.events.len() < limit {
                break;
            }
        }
        assert_eq!(seen, expected, "{limit}");
    }
}

#[tokio::test]
async fn a_filter_by_result_reads_on_where_keptn_gives_too_few_at_once() {
    let (keptn, log) = new();
    for n in 0..150 {
        keptn.store(foreign(
            &format!("e{n:03}"),
            &format!("2024-02-01T10:{:02}:{:02}Z", n / 60, n % 60),
        ));
    }
    let filter = Filter {
        results: vec![Verdict::Pass, Verdict::Warning],
        ..finished_only()
    };
    assert_eq!(ids(&log, &filter, 3).await, ["e149", "e148", "e147"]);
    assert_eq!(keptn.requests().len(), 1, "{:?}", keptn.requests());
    assert_eq!(ids(&log, &filter, 140).await.len(), 140);
}

#[tokio::test]
async fn a_filter_by_time_includes_its_first_instant_and_not_its_last_of_keptns_times() {
    let (keptn, log) = new();
    for (id, time) in [
        ("1", "10:00:00Z"),
        ("2", "10:00:00.5Z"),
        ("3", "10:00:01Z"),
        ("4", "10:00:01.001Z"),
    ] {
        keptn.store(foreign(id, &format!("2024-02-01T{time}")));
    }
    let filter = |since: &str, until: &str| Filter {
        since: format!("2024-02-01T{since}").parse().ok(),
        until: format!("2024-02-01T{until}").parse().ok(),
        ..finished_only()
    };
    assert_eq!(
        ids(&log, &filter("10:00:00.5Z", "10:00:01.001Z"), 9).await,
        ["3", "2"]
    );
    assert_eq!(
        ids(&log, &filter("10:00:00Z", "10:00:01Z"), 9).await,
        ["2", "1"]
    );
}

#[tokio::test]
async fn an_event_is_stored_once_whoever_says_it_again() {
    let (keptn, log) = new();
    let batch = vec![finished("1", ""), finished("1", ""), finished("2", "")];
    let stored = log.append(batch, Times::Stamped).await.unwrap();
    assert_eq!(stored[0], stored[1]);
    let again = hasty(&settings(&keptn))
        .append(vec![finished("1", "")], Times::Stamped)
        .await
        .unwrap();
    assert_eq!(again, stored[..1]);
    assert_eq!(keptn.stored("sockshop").len(), 2);
}

#[tokio::test]
async fn an_event_that_keptn_has_twice_is_one_event_and_the_first_counts() {
    let (keptn, log) = new();
    log.append(vec![finished("1", "")], Times::Stamped)
        .await
        .unwrap();
    let mut twice = keptn.stored("sockshop").remove(0);
    twice["id"] = "other".into();
    twice["time"] = "2024-07-01T00:00:00.000Z".into();
    keptn.store(twice);
    let page = log.events(&finished_only(), 10).await.unwrap();
    assert_eq!(page.events.len(), 1);
    assert_eq!(
        page.events[0].time.unwrap().to_string(),
        "2024-06-01T00:00:00.4Z"
    );
}

#[tokio::test]
async fn an_append_waits_until_the_event_can_be_read() {
    let (keptn, log) = new();
    keptn.delay(3);
    log.append(vec![finished("1", "")], Times::Stamped)
        .await
        .unwrap();
    assert_eq!(ids(&log, &finished_only(), 9).await, ["1"]);
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_nothing_is_sent_twice() {
    let (keptn, log) = new();
    for (n, mishap) in [
        Mishap::LoseAnswer,
        Mishap::Answer(500, "text/plain", "publish failed".to_owned()),
        Mishap::Forget,
    ]
    .into_iter()
    .enumerate()
    {
        keptn.mishap("/v1/event", mishap.clone());
        let log = KeptnLog {
            timeout: Duration::from_millis(400),
            ..hasty(&settings(&keptn))
        };
        let result = log
            .append(vec![finished(&n.to_string(), "")], Times::Stamped)
            .await;
        match mishap {
            Mishap::LoseAnswer => assert_eq!(result.unwrap()[0].id, "0"),
            Mishap::Answer(..) | Mishap::Forget => {
                assert_eq!(trouble(&result.unwrap_err()), Trouble::InDoubt);
            }
        }
    }
    let posts = keptn
        .requests()
        .iter()
        .filter(|request| request.starts_with("POST /v1/event"))
        .count();
    assert_eq!((posts, keptn.stored("sockshop").len()), (3, 1));
    // Whoever is in doubt says it again.
    append(&log, [finished("0", ""), finished("1", "")]).await;
    assert_eq!(ids(&log, &finished_only(), 9).await, ["1", "0"]);
}

#[tokio::test]
async fn a_batch_that_fails_half_way_is_in_doubt() {
    let (keptn, log) = new();
    let mut bad = finished("2", "");
    bad.data.set("status", "".into());
    let error = log
        .append(vec![bad.clone()], Times::Stamped)
        .await
        .unwrap_err();
    assert_eq!(trouble(&error), Trouble::BadAnswer);
    let batch = vec![finished("1", ""), bad];
    let error = log.append(batch, Times::Stamped).await.unwrap_err();
    assert_eq!(trouble(&error), Trouble::InDoubt);
    assert_eq!(keptn.stored("sockshop").len(), 1);
}

#[tokio::test]
async fn times_are_not_kept_and_nothing_is_removed() {
    let (keptn, log) = new();
    let error = log
        .append(vec![finished("1", "")], Times::Kept)
        .await
        .unwrap_err();
    assert_eq!(trouble(&error), Trouble::Unsupported);
    let error = log.remove(&[finished("1", "")]).await.unwrap_err();
    assert_eq!(trouble(&error), Trouble::Unsupported);
    assert_eq!(keptn.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_said_of_evaluations_is_found_in_the_whole_project() {
    let (_keptn, log) = new();
    let mut pin = finished("9", "");
    pin.event_type = EventType::PINNED.to_owned();
    let mut elsewhere = invalidation("4", "trigger-1");
    elsewhere.data.set("project", "bookshop".into());
    append(
        &log,
        [
            finished("1", ""),
            invalidation("3", "trigger-1"),
            elsewhere,
            pin,
        ],
    )
    .await;
    let filter = Filter {
        kinds: Kinds::Steering,
        project: Some("sockshop".to_owned()),
        ..Filter::default()
    };
    assert_eq!(ids(&log, &filter, 10).await, ["9", "3"]);
}

#[tokio::test]
async fn a_context_is_the_one_that_keptn_gave() {
    let (_keptn, log) = new();
    let stored = log
        .append(vec![finished("1", "")], Times::Stamped)
        .await
        .unwrap();
    let context = stored[0].shkeptncontext.clone();
    assert_eq!(
        context.as_deref(),
        Some("636f6e74-6578-4420-a020-202020202020")
    );
    let filter = Filter {
        context,
        ..Filter::default()
    };
    assert_eq!(ids(&log, &filter, 10).await, ["1"]);
}

#[tokio::test]
async fn an_evaluation_of_keptn_is_found_by_its_id_and_ours_by_ours_in_whatever_project() {
    let (keptn, log) = new();
    keptn.store(foreign("theirs", "2024-02-01T10:00:00Z"));
    append(
        &log,
        [finished_in(&series("bookshop", "dev", "carts"), "ours", "")],
    )
    .await;
    for id in ["theirs", "ours"] {
        let filter = Filter {
            id: Some(id.to_owned()),
            kinds: Kinds::only(EventType::FINISHED),
            ..Filter::default()
        };
        assert_eq!(ids(&log, &filter, 1).await, [id]);
    }
    let theirs = keptn.stored("bookshop")[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let filter = Filter {
        id: Some(theirs),
        ..Filter::default()
    };
    assert_eq!(ids(&log, &filter, 1).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_project_that_keptn_does_not_know_has_an_empty_history() {
    let (_keptn, log) = new();
    let filter = Filter {
        project: Some("nobody".to_owned()),
        ..finished_only()
    };
    assert_eq!(ids(&log, &filter, 3).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_history_that_cannot_be_read_is_an_error_never_an_empty_history() {
    for (status, content_type, body, expected) in [
        (
            401,
            "application/json",
            r#"{"code":401,"message":"unauthenticated"}"#,
            Trouble::NotAuthorised,
        ),
        (403, "text/html", "<html>", Trouble::NotAuthorised),
        (404, "text/html", "", Trouble::BadAnswer),
        (400, "application/json", "{}", Trouble::BadAnswer),
        (429, "text/plain", "too many requests", Trouble::Throttled),
        (
            500,
            "application/json",
            r#"{"code":500}"#,
            Trouble::Unavailable,
        ),
        (503, "text/plain", "", Trouble::Unavailable),
        (
            200,
            "text/html",
            "<html>the bridge</html>",
            Trouble::BadAnswer,
        ),
        (200, "application/json", "{}", Trouble::BadAnswer),
        (
            200,
            "application/json",
            r#"{"events":{}}"#,
            Trouble::BadAnswer,
        ),
        (204, "application/json", "", Trouble::BadAnswer),
    ] {
        let (keptn, log) = new();
        for _ in 0..2 {
            keptn.mishap(
                "/mongodb-datastore",
                Mishap::Answer(status, content_type, body.to_owned()),
            );
        }
        let error = log.events(&finished_only(), 3).await.unwrap_err();
        assert_eq!(reading_trouble(&error), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn a_page_without_an_end_is_an_error() {
    let (keptn, log) = new();
    let page = json!({"events": [foreign("1", "2024-02-01T10:00:00Z")], "nextPageKey": "20"});
    for _ in 0..40 {
        keptn.mishap(
            "/mongodb-datastore",
            Mishap::Answer(200, "application/json", page.to_string()),
        );
    }
    let error = log.events(&finished_only(), 3).await.unwrap_err();
    assert_eq!(reading_trouble(&error), Trouble::BadAnswer);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_named_and_the_others_are_read() {
    let (keptn, log) = new();
    let page = json!({"events": [{"id": 7}, foreign("1", "2024-02-01T10:00:00Z"), foreign("0", "yesterday")]});
    keptn.mishap(
        "/mongodb-datastore",
        Mishap::Answer(200, "application/json", page.to_string()),
    );
    let page = log.events(&finished_only(), 3).await.unwrap();
    let found: Vec<_> = page.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(found, ["1", "0"]);
    assert_eq!(page.warnings.len(), 2, "{:?}", page.warnings);
    assert!(page.warnings[0].contains("an event can't be read"));
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_shown_nowhere() {
    let keptn = Keptn::start(&[]);
    let wrong = EventLogSettings {
        token: Some(Secret::new("wr0ng-t0ken")),
        ..settings(&keptn)
    };
    let log = hasty(&wrong);
    let error = log.events(&finished_only(), 3).await.unwrap_err();
    assert_eq!(reading_trouble(&error), Trouble::NotAuthorised);
    let error = log
        .append(vec![finished("1", "")], Times::Stamped)
        .await
        .unwrap_err();
    assert_eq!(trouble(&error), Trouble::NotAuthorised);
    // The third in a row is one too many.
    let error = log.events(&finished_only(), 3).await.unwrap_err();
    assert_eq!(reading_trouble(&error), Trouble::Throttled);
    assert!(!format!("{error} {error:?} {log:?}").contains("wr0ng"));
    assert!(hasty(&settings(&keptn)).greet().await.is_ok());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let url = "http://127.0.0.1:1/api".parse().unwrap();
    let log = hasty(&EventLogSettings::new(url));
    let error = log
        .append(vec![finished("1", "")], Times::Stamped)
        .await
        .unwrap_err();
    assert_eq!(trouble(&error), Trouble::Unavailable);
}

#[tokio::test]
async fn an_event_that_is_too_large_for_keptn_is_stored_without_our_additions() {
    let (keptn, log) = new();
    let mut large = finished("1", "");
    large.data.set(
        "tidegate",
        json!({"version": 1, "more": "x".repeat(70_000)}),
    );
    let stored = log.append(vec![large], Times::Stamped).await.unwrap();
    assert_eq!(stored[0].data, finished("1", "").data);
    let kept = keptn.stored("sockshop")[0]["data"]["tidegate"].clone();
    assert_eq!(kept, json!({"id": "1", "leftOut": ["tidegate"]}));
    let mut huge = finished("2", "");
    huge.data.set("text", "x".repeat(EVENT_LIMIT).into());
    let refused = log.append(vec![huge], Times::Stamped).await.unwrap_err();
    assert!(matches!(
        refused,
        AppendError::TooLarge { limit: 65_536, .. }
    ));
}

#[test]
fn opening_sends_nothing_and_refuses_a_url_that_is_none() {
    for url in ["https://h/api?x=1", "https:///"] {
        let settings = EventLogSettings::new(url.parse().unwrap());
        assert!(open(settings).is_err(), "{url}");
    }
}

#[test]
fn events_from_a_keptn_are_read_as_they_are() {
    let theirs: CloudEvent = event(foreign("theirs", "2024-02-01T10:00:00Z"));
    assert_eq!(super::marks::unmarked(theirs.clone()), theirs);
}
