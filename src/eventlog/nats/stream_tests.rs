//! The stream itself: how it is made, what it refuses, what others put into it, many at once.

use std::collections::HashSet;
use std::sync::Arc;

use async_nats::HeaderMap;
use serde_json::{Value, json};

use super::tests::{
    ask, at, baseline, check_all_ways, client, log, new_stream, publish, subject_of,
};
use crate::eventlog::samples::{
    append, carts, evaluation, event, finished, finished_in, ids, invalidation, series,
};
use crate::eventlog::{AppendError, Cursor, EventLog as _, Filter, Kinds, Page, Times};
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, EventType};

#[tokio::test]
async fn a_body_that_is_no_event_is_named_and_hides_nothing() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let log = log(&url);
    append(&log, [at(1, "pass")]).await;
    let client = client(&url).await;
    let subject = subject_of(&stream);
    client
        .request(subject.clone(), "{\"id\":".into())
        .await
        .unwrap();
    let misplaced = subject.replace("carts", "wagons");
    publish(&client, &misplaced, &at(2, "pass")).await;
    append(&log, [at(3, "pass")]).await;
    let Page { events, warnings } = log.events(&Filter::default(), 1000).await.unwrap();
    let read: Vec<_> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(read, ["e0003", "e0001"]);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[0].starts_with(&format!("{stream}, message 2: it is no event")),
        "{warnings:?}"
    );
    assert!(warnings[1].contains("belongs on"), "{warnings:?}");
    let page = log.events(&baseline(&[]), 2).await.unwrap();
    assert_eq!(page.events.len(), 2);
}

#[tokio::test]
async fn eight_writers_in_one_series_lose_nothing_and_double_nothing() {
    const EACH: usize = 40;
    let Some((_server, url, _)) = new_stream() else {
        return;
    };
    let url = Arc::new(url);
    let writers = (0..8).map(|writer| {
        let url = Arc::clone(&url);
        tokio::spawn(async move {
            let log = log(&url);
            for n in 0..EACH {
                let mut batch = vec![evaluation(
                    &format!("{writer}-{n}"),
                    "2024-02-01T10:00:00Z",
                    3,
                )];
                if n % 4 == 0 {
                    let mut triggered =
                        finished(&format!("{writer}-{n}-t"), "2024-02-01T10:00:00Z");
                    triggered.event_type = EventType::TRIGGERED.to_owned();
                    batch.insert(0, triggered);
                    // Two say the same.
                    batch.push(finished(&format!("both-{n}"), "2024-02-01T10:00:00Z"));
                }
                log.append(batch, Times::Stamped).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let log = log(&url);
    let page = log.events(&baseline(&[]), usize::MAX).await.unwrap();
    assert_eq!(page.warnings, Vec::<String>::new());
    assert_eq!(page.events.len(), 8 * EACH + EACH / 4);
    assert!(
        page.events
            .windows(2)
            .all(|pair| pair[0].time > pair[1].time)
    );
    let walked = log.events(&baseline(&[]), 100).await.unwrap();
    assert_eq!(walked.events, page.events[..100]);
    let all = log
        .events(&Filter::of_series(&carts()), usize::MAX)
        .await
        .unwrap();
    assert_eq!(all.events.len(), 8 * EACH + EACH / 4 + 8 * EACH / 4);
}

#[tokio::test]
async fn reading_makes_no_stream() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let log = log(&url);
    assert!(ids(&log, &Filter::default(), 10).await.is_empty());
    assert_eq!(log.remove(&[at(1, "pass")]).await.unwrap(), 0);
    assert_eq!(log.append(Vec::new(), Times::Stamped).await.unwrap(), []);
    let client = client(&url).await;
    let info = ask(&client, &format!("STREAM.INFO.{stream}"), json!({})).await;
    assert_eq!(info["error"]["code"], 404);
}

#[tokio::test]
async fn the_stream_that_is_made_keeps_everything() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    append(&log(&url), [at(1, "pass")]).await;
    let info = ask(
        &client(&url).await,
        &format!("STREAM.INFO.{stream}"),
        json!({}),
    )
    .await;
    let config = &info["config"];
    assert_eq!(config["retention"], "limits");
    assert_eq!(config["discard"], "new");
    assert_eq!(config["storage"], "file");
    assert_eq!(config["duplicate_window"], 7_200_000_000_000_u64);
    for unlimited in [
        "max_msgs",
        "max_bytes",
        "max_msgs_per_subject",
        "max_msg_size",
    ] {
        assert_eq!(config[unlimited], -1, "{unlimited}");
    }
    assert_eq!(config["max_age"], 0);
}

#[tokio::test]
async fn a_stream_that_forgets_says_so_with_each_page() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let client = client(&url).await;
    let config = json!({
        "name": stream, "subjects": [format!("{}.>", stream.to_lowercase())], "retention": "limits", "storage": "file",
        "max_msgs": 3, "discard": "old", "max_bytes": -1,
    });
    ask(&client, &format!("STREAM.CREATE.{stream}"), config).await;
    let log = log(&url);
    append(
        &log,
        (0..20).map(|second| at(second, if second == 1 { "pass" } else { "fail" })),
    )
    .await;
    let page = log.events(&baseline(&[Verdict::Pass]), 10).await.unwrap();
    assert_eq!(page.events, []);
    assert!(
        page.warnings[0].contains("`max_msgs` (3)"),
        "{:?}",
        page.warnings
    );
    let page = log.events(&baseline(&[]), 10).await.unwrap();
    assert_eq!(page.events.len(), 3);
}

#[tokio::test]
async fn a_full_stream_refuses_and_keeps_what_it_has() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let client = client(&url).await;
    let config = json!({
        "name": stream, "subjects": [format!("{}.>", stream.to_lowercase())], "retention": "limits", "storage": "file",
        "max_msgs": 3, "discard": "new", "max_bytes": -1,
    });
    ask(&client, &format!("STREAM.CREATE.{stream}"), config).await;
    let log = log(&url);
    append(&log, (0..3).map(|second| at(second, "pass"))).await;
    let full = log
        .append(vec![at(4, "pass")], Times::Stamped)
        .await
        .unwrap_err();
    let AppendError::Remote(failure) = full else {
        panic!("{full:?}")
    };
    assert!(
        failure
            .source
            .to_string()
            .contains("maximum messages exceeded"),
        "{}",
        failure.source
    );
    assert_eq!(ids(&log, &Filter::default(), 10).await.len(), 3);
    let halfway = log.remove(&[at(0, "pass")]).await.unwrap();
    assert_eq!(halfway, 1);
    let batch = vec![at(5, "pass"), at(6, "pass")];
    let error = log.append(batch, Times::Stamped).await.unwrap_err();
    assert!(format!("{error:?}").contains("InDoubt"), "{error:?}");
}

/// Returns events of 40 series, three of each, that all say the same time.
fn of_forty_series() -> Vec<CloudEvent> {
    (0..120)
        .map(|n| {
            let own = series("sockshop", "staging", &format!("s{}", n % 40));
            finished_in(&own, &format!("e{n:03}"), "2024-02-01T10:00:00Z")
        })
        .collect()
}

#[tokio::test]
async fn a_batch_of_many_series_is_returned_in_its_order_and_rises_within_each() {
    let Some((_server, url, _)) = new_stream() else {
        return;
    };
    let log = log(&url);
    let batch = of_forty_series();
    for times in [Times::Stamped, Times::Stamped, Times::Kept] {
        let stored = log.append(batch.clone(), times).await.unwrap();
        assert!(
            stored
                .iter()
                .map(|event| &event.id)
                .eq(batch.iter().map(|event| &event.id))
        );
        for turn in 0..2 {
            for n in 0..40 {
                assert!(stored[turn * 40 + n].time < stored[turn * 40 + 40 + n].time);
            }
        }
    }
    let all = ids(&log, &Filter::default(), usize::MAX).await;
    assert_eq!(all.len(), 120);
    let of_one = Filter::of_series(&series("sockshop", "staging", "s7"));
    assert_eq!(
        check_all_ways(&log, &of_one).await,
        ["e087", "e047", "e007"]
    );
}

#[tokio::test]
async fn a_batch_that_ends_in_the_middle_says_how_much_is_stored_and_can_be_sent_again() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let client = client(&url).await;
    let config = |most: i64| {
        json!({
            "name": stream, "subjects": [format!("{}.>", stream.to_lowercase())], "retention": "limits",
            "storage": "file", "max_msgs": most, "discard": "new", "max_bytes": -1,
        })
    };
    ask(&client, &format!("STREAM.CREATE.{stream}"), config(50)).await;
    let log = log(&url);
    let error = log.append(of_forty_series(), Times::Stamped).await;
    let error = format!("{:?}", error.unwrap_err());
    assert!(error.contains("50 of 120 events are stored"), "{error}");
    assert!(error.contains("InDoubt"), "{error}");
    assert_eq!(ids(&log, &Filter::default(), usize::MAX).await.len(), 50);
    ask(&client, &format!("STREAM.UPDATE.{stream}"), config(-1)).await;
    let stored = log.append(of_forty_series(), Times::Stamped).await.unwrap();
    assert_eq!(stored.len(), 120);
    let all = ids(&log, &Filter::default(), usize::MAX).await;
    let different: HashSet<_> = all.iter().collect();
    assert_eq!((all.len(), different.len()), (120, 120));
}

#[tokio::test]
async fn what_was_said_of_a_project_is_found_among_many_services() {
    let Some((_server, url, _)) = new_stream() else {
        return;
    };
    let log = log(&url);
    for n in 0..30 {
        let own = series("sockshop", "staging", &format!("s{n}"));
        append(
            &log,
            [finished_in(
                &own,
                &format!("r{n:02}"),
                &format!("2024-02-01T10:00:{n:02}Z"),
            )],
        )
        .await;
    }
    let steering = Filter {
        project: Some("sockshop".to_owned()),
        kinds: Kinds::Steering,
        ..Filter::default()
    };
    assert!(ids(&log, &steering, usize::MAX).await.is_empty());
    append(&log, [invalidation("i1", "trigger-r03")]).await;
    let mut odd = event(json!({
        "id": "i2", "source": "x", "specversion": "1.0", "type": "a.very.own.type.invalidated", "time": "2024-03-01T10:00:00Z",
        "data": {"project": "sockshop"},
    }));
    append(&log, [odd.clone()]).await;
    assert_eq!(ids(&log, &steering, usize::MAX).await, ["i2", "i1"]);
    odd.event_type.push_str(".not");
    let of_project = Filter {
        kinds: Kinds::Any,
        ..steering
    };
    let page = check_all_ways(&log, &of_project).await;
    assert_eq!((page.len(), page[2].as_str()), (32, "r29"));
    let before = Filter {
        before: Some(Cursor {
            time: finished("", "2024-02-01T10:00:05Z").time,
            id: "r05".to_owned(),
        }),
        ..of_project
    };
    assert_eq!(
        check_all_ways(&log, &before).await,
        ["r04", "r03", "r02", "r01", "r00"]
    );
}

#[tokio::test]
async fn what_version_1_wrote_is_read_for_ever() {
    let Some((_server, url, stream)) = new_stream() else {
        return;
    };
    let log = log(&url);
    // Makes the stream.
    append(&log, [finished("first", "2024-02-01T10:00:00Z")]).await;
    let client = client(&url).await;
    let fixture = include_str!("../../../fixtures/eventlog/nats_v1.json");
    let messages: Vec<Value> = serde_json::from_str(fixture).unwrap();
    for message in &messages {
        let mut headers = HeaderMap::new();
        for (name, value) in message["headers"].as_object().unwrap() {
            // What the server was asked to check is of the stream that it was written to.
            if !name.starts_with("Nats-Expected") {
                headers.insert(name.as_str(), value.as_str().unwrap());
            }
        }
        let (_, rest) = message["subject"]
            .as_str()
            .unwrap()
            .split_once('.')
            .unwrap();
        let subject = format!("{}.{rest}", stream.to_lowercase());
        let body = message["body"].to_string();
        client
            .request_with_headers(subject, headers, body.into())
            .await
            .unwrap();
    }
    let found = ids(&log, &baseline(&[Verdict::Pass]), 10).await;
    assert_eq!(
        found,
        [
            "01a20508-9d13-7466-a25f-69f059569908",
            "01a20508-9cfd-7004-aa32-e84af2310955",
            "first"
        ]
    );
    assert_eq!(ids(&log, &Filter::default(), 10).await.len(), 5);
    let stored = log.append(vec![finished("new", "")], Times::Stamped).await;
    let time = stored.unwrap().remove(0).time.unwrap();
    assert_eq!(time.to_string(), "2026-11-22T20:53:00.307Z");
}
