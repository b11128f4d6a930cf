//! The log against a real nats-server; the tests are skipped where there is none.

use std::future::{Ready, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_nats::{Client, HeaderMap};
use serde_json::{Value, json};

use super::NatsLog;
use crate::eventlog::contract::{Subject, ask_every_question};
use crate::eventlog::samples::{append, carts, finished, finished_in, ids, series};
use crate::eventlog::test_nats::{LARGE, Nats};
use crate::eventlog::{EventLog as _, EventLogSettings, Filter, Kinds, LogUrl, Times, open};
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, EventType};

/// One server for all tests that run at the same time; each has a stream of its own.
static SERVER: Mutex<Weak<Nats>> = Mutex::new(Weak::new());
/// How many streams there were.
static STREAMS: AtomicUsize = AtomicUsize::new(0);

ask_every_question!(nats, subject());

/// Opens a log in a stream of its own.
fn subject() -> Ready<Option<Subject>> {
    ready(new_stream().map(|(server, url, _)| {
        let settings = EventLogSettings::new(url.parse().unwrap());
        Subject::new(open(settings).unwrap(), server)
    }))
}

/// Returns the server.
fn server() -> Option<Arc<Nats>> {
    let mut shared = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = shared.upgrade() {
        return Some(server);
    }
    let server = Arc::new(Nats::start(LARGE)?);
    *shared = Arc::downgrade(&server);
    Some(server)
}

/// Returns the server, the URL of a stream that does not exist, and its name.
pub(super) fn new_stream() -> Option<(Arc<Nats>, String, String)> {
    let server = server()?;
    let name = format!("S{}", STREAMS.fetch_add(1, Ordering::Relaxed));
    let url = server.url(&name);
    Some((server, url, name))
}

/// Opens a log.
pub(super) fn log(url: &str) -> NatsLog {
    let settings = EventLogSettings::new(url.parse().unwrap());
    log_of(settings)
}

/// Opens a log by its settings.
pub(super) fn log_of(settings: EventLogSettings) -> NatsLog {
    let LogUrl::Remote(url) = settings.url.clone() else {
        panic!("a URL of a server");
    };
    NatsLog::new(&url, settings).unwrap()
}

/// Connects beside the log.
pub(super) async fn client(url: &str) -> Client {
    async_nats::connect(url.rsplit_once('/').unwrap().0)
        .await
        .unwrap()
}

/// Asks JetStream something.
pub(super) async fn ask(client: &Client, what: &str, question: Value) -> Value {
    let subject = format!("$JS.API.{what}");
    let answer = client
        .request(subject, question.to_string().into())
        .await
        .unwrap();
    serde_json::from_slice(&answer.payload).unwrap()
}

/// Publishes a message without headers of ours; returns its number.
pub(super) async fn publish(client: &Client, subject: &str, body: &CloudEvent) -> u64 {
    let body = serde_json::to_vec(body).unwrap();
    let answer = client
        .request(subject.to_owned(), body.into())
        .await
        .unwrap();
    let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
    answer["seq"].as_u64().unwrap()
}

/// Returns an evaluation of that second with a result.
pub(super) fn at(second: usize, result: &str) -> CloudEvent {
    let mut event = finished(
        &format!("e{second:04}"),
        &format!(
            "2024-02-01T{:02}:{:02}:{:02}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        ),
    );
    event.data.set("result", result.into());
    event
}

/// Returns what a baseline asks for.
pub(super) fn baseline(results: &[Verdict]) -> Filter {
    Filter {
        results: results.to_vec(),
        kinds: Kinds::only(EventType::FINISHED),
        ..Filter::of_series(&carts())
    }
}

/// Returns the subject of [`finished`] in a stream.
pub(super) fn subject_of(stream: &str) -> String {
    format!(
        "{}.sockshop.staging.carts.e.{}",
        stream.to_lowercase(),
        EventType::FINISHED
    )
}

/// Reads everything by every way there is, and checks that they agree.
pub(super) async fn check_all_ways(log: &NatsLog, filter: &Filter) -> Vec<String> {
    let all = ids(log, filter, usize::MAX).await;
    for limit in [1, 2, 5, 11, 40] {
        let some = ids(log, filter, limit).await;
        assert_eq!(some, all[..limit.min(all.len())], "{filter:?}");
    }
    all
}

#[tokio::test]
async fn the_newest_of_each_result_are_found_along_the_trail() {
    let Some((_server, url, _)) = new_stream() else {
        return;
    };
    let log = log(&url);
    for second in 0..60 {
        let result = match second {
            3 | 17 | 40 => "pass",
            n if n % 7 == 0 => "warning",
            _ => "fail",
        };
        append(&log, [at(second, result)]).await;
    }
    let pass = baseline(&[Verdict::Pass]);
    assert_eq!(
        check_all_ways(&log, &pass).await,
        ["e0040", "e0017", "e0003"]
    );
    let both = baseline(&[Verdict::Pass, Verdict::Warning]);
    assert_eq!(check_all_ways(&log, &both).await.len(), 12);
    assert_eq!(check_all_ways(&log, &baseline(&[])).await.len(), 60);
    assert_eq!(
        check_all_ways(&log, &baseline(&[Verdict::Fail]))
            .await
            .len(),
        48
    );
}

#[tokio::test]
async fn events_of_others_without_our_headers_are_part_of_the_history() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let log = log(&url);
    append(&log, [at(1, "pass"), at(2, "fail")]).await;
    let client = client(&url).await;
    publish(&client, &subject_of(&stream), &at(3, "pass")).await;
    assert_eq!(
        check_all_ways(&log, &baseline(&[])).await,
        ["e0003", "e0002", "e0001"]
    );
    append(&log, [at(4, "fail")]).await;
    publish(&client, &subject_of(&stream), &at(0, "pass")).await;
    let pass = ["e0003", "e0001", "e0000"];
    assert_eq!(
        check_all_ways(&log, &baseline(&[Verdict::Pass])).await,
        pass
    );
    append(&log, [at(5, "fail")]).await;
    assert_eq!(
        check_all_ways(&log, &baseline(&[Verdict::Pass])).await,
        pass
    );
    let again = log
        .append(vec![at(3, "fail")], Times::Stamped)
        .await
        .unwrap();
    assert_eq!(again, [at(3, "pass")]);
}

#[tokio::test]
async fn headers_that_lie_deceive_nobody() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let log = log(&url);
    append(&log, [at(1, "pass"), at(2, "fail"), at(3, "pass")]).await;
    let client = client(&url).await;
    let other = finished_in(
        &series("sockshop", "staging", "other"),
        "o",
        "2024-02-01T00:00:09Z",
    );
    append(&log, [other]).await;
    let info = ask(&client, &format!("STREAM.INFO.{stream}"), json!({})).await;
    let identity = format!("{stream} {}", info["created"].as_str().unwrap());
    for (second, name, value) in [
        // One of another subject, one that is no pass, one that does not exist, one that is later, and no number.
        (10, "Tidegate-Previous-Pass", "4"),
        (11, "Tidegate-Previous-Pass", "2"),
        (12, "Tidegate-Previous-Pass", "0"),
        (13, "Tidegate-Previous-Pass", "900"),
        (14, "Tidegate-Previous-Pass", "x"),
        (15, "Tidegate-Unordered", "here"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("Tidegate-Stream", identity.as_str());
        headers.insert(name, value);
        let body = serde_json::to_vec(&at(second, "fail")).unwrap();
        let sent = client
            .request_with_headers(subject_of(&stream), headers, body.into())
            .await;
        let sent = sent.unwrap();
        if second != 12 {
            let found = check_all_ways(&log, &baseline(&[Verdict::Pass])).await;
            assert_eq!(found, ["e0003", "e0001"], "{name}: {value}");
        }
        let sent: Value = serde_json::from_slice(&sent.payload).unwrap();
        let gone = json!({"seq": sent["seq"]});
        ask(&client, &format!("STREAM.MSG.DELETE.{stream}"), gone).await;
    }
}

#[tokio::test]
async fn a_stream_that_was_copied_is_not_misled_by_the_numbers_of_the_first() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let log = log(&url);
    append(&log, (0..5).map(|second| at(second, "pass"))).await;
    let client = client(&url).await;
    // The same messages with their headers, one number on: another stream may have them so.
    let mut messages = Vec::new();
    for number in 1..=5 {
        let what = format!("$JS.API.DIRECT.GET.{stream}");
        let asked = json!({"seq": number}).to_string();
        messages.push(client.request(what, asked.into()).await.unwrap());
    }
    let (_same, copy_url, copy) = new_stream().unwrap();
    let other = self::log(&copy_url);
    let odd = finished_in(
        &series("sockshop", "staging", "odd"),
        "odd",
        "2024-02-01T00:00:00Z",
    );
    append(&other, [odd]).await;
    for message in messages {
        let mut headers = HeaderMap::new();
        for name in [
            "Tidegate-Stream",
            "Tidegate-Previous",
            "Tidegate-Previous-Pass",
        ] {
            if let Some(value) = message.headers.as_ref().unwrap().get(name) {
                headers.insert(name, value.clone());
            }
        }
        let sent = client.request_with_headers(subject_of(&copy), headers, message.payload);
        sent.await.unwrap();
    }
    let found = check_all_ways(&other, &baseline(&[Verdict::Pass])).await;
    assert_eq!(found, ["e0004", "e0003", "e0002", "e0001", "e0000"]);
}

#[tokio::test]
async fn a_trail_leads_over_what_was_removed() {
    let Some((_server, url, _)) = new_stream() else {
        return;
    };
    let log = log(&url);
    let events: Vec<_> = (0..50)
        .map(|second| at(second, if second % 10 == 0 { "pass" } else { "fail" }))
        .collect();
    append(&log, events.clone()).await;
    // A middle, with a pass and more than a trail names; the beginning; the end.
    assert_eq!(log.remove(&events[15..35]).await.unwrap(), 20);
    assert_eq!(
        check_all_ways(&log, &baseline(&[Verdict::Pass])).await,
        ["e0040", "e0010", "e0000"]
    );
    assert_eq!(check_all_ways(&log, &baseline(&[])).await.len(), 30);
    assert_eq!(log.remove(&events[..5]).await.unwrap(), 5);
    assert_eq!(log.remove(&events[48..]).await.unwrap(), 2);
    assert_eq!(
        check_all_ways(&log, &baseline(&[Verdict::Pass])).await,
        ["e0040", "e0010"]
    );
    append(&log, [at(60, "pass")]).await;
    assert_eq!(check_all_ways(&log, &baseline(&[])).await.len(), 24);
}

#[tokio::test]
async fn times_that_are_kept_come_in_their_order() {
    let Some((_server, url, _)) = new_stream() else {
        return;
    };
    let log = log(&url);
    for seconds in [&[30, 31][..], &[5, 7, 3], &[6], &[40], &[35, 50, 41]] {
        let batch = seconds.iter().map(|second| at(*second, "pass")).collect();
        log.append(batch, Times::Kept).await.unwrap();
        let mut found = check_all_ways(&log, &baseline(&[Verdict::Pass])).await;
        assert!(found.contains(&format!("e{:04}", seconds[0])));
        let read = found.clone();
        found.sort_by(|a, b| b.cmp(a));
        assert_eq!(read, found);
    }
    // Another process, which has nothing in mind, knows them all again.
    let batch: Vec<_> = [3, 30, 50, 6].map(|second| at(second, "pass")).to_vec();
    let other = self::log(&url);
    assert_eq!(
        other.append(batch.clone(), Times::Kept).await.unwrap(),
        batch
    );
    assert_eq!(ids(&log, &baseline(&[]), 100).await.len(), 10);
    let stored = other
        .append(vec![at(8, "pass")], Times::Stamped)
        .await
        .unwrap();
    assert_eq!(
        stored[0].time.unwrap().to_string(),
        "2024-02-01T00:00:50.001Z"
    );
    assert_eq!(check_all_ways(&log, &baseline(&[])).await[0], "e0008");
}

#[tokio::test]
async fn an_id_is_known_after_the_server_forgot_it() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let client = client(&url).await;
    let config = json!({
        "name": stream, "subjects": [format!("{}.>", stream.to_lowercase())], "retention": "limits", "storage": "file",
        "duplicate_window": 100_000_000, "allow_direct": false, "max_msgs": -1, "max_bytes": -1,
    });
    ask(&client, &format!("STREAM.CREATE.{stream}"), config).await;
    let log = log(&url);
    append(&log, (0..100).map(|second| at(second, "pass"))).await;
    // What the server knows of ids is gone with the window; the events are not.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for second in [99, 98, 50, 0] {
        let again = vec![at(second, "pass")];
        assert_eq!(
            log.append(again.clone(), Times::Stamped).await.unwrap(),
            again
        );
        assert_eq!(
            self::log(&url)
                .append(again.clone(), Times::Kept)
                .await
                .unwrap(),
            again
        );
    }
    assert_eq!(check_all_ways(&log, &baseline(&[])).await.len(), 100);
}
