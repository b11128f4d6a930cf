//! Histories in real object stores; they are skipped where there is none.
#![expect(
    clippy::disallowed_methods,
    reason = "tests: damage objects, and put some there by hand"
)]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::eventlog::test_object_stores::{
    ACCOUNT, ACCOUNT_KEY, BUCKET, Fault, KEY_ID, Kind, ObjectStore, Proxy, SECRET,
};
use jiff::{SignedDuration, Timestamp};

use super::key::Key;
use crate::eventlog::contract::{Subject, ask_every_question};
use crate::eventlog::envelope::{Envelope, encode};
use crate::eventlog::samples::{append, carts, check_version_1, finished, ids, invalidation};
use crate::eventlog::{
    AppendError, EventLog, EventLogSettings, Filter, Kinds, LogUrl, ReadError, RemoteFailure,
    Times, Trouble, Variables, open,
};
use crate::gate::Verdict;
use crate::gate::event::{CloudEvent, EventType};
use crate::net::Secret;
use crate::net::test_server::{Reply, TestServer};

fn settings(url: &str, variables: &[(&str, &str)]) -> EventLogSettings {
    EventLogSettings {
        variables: variables.iter().copied().collect::<Variables>(),
        ..EventLogSettings::new(url.parse::<LogUrl>().unwrap())
    }
}

/// Opens the log `gate` in a bucket of an S3 server.
fn s3(server: SocketAddr) -> Box<dyn EventLog> {
    let keys = [
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    open(settings(
        &format!("s3://{BUCKET}/gate?endpoint=http://{server}"),
        &keys,
    ))
    .unwrap()
}

/// Starts a server and opens a log there.
fn start(kind: Kind) -> Option<Subject> {
    let store = ObjectStore::start(kind)?;
    let server = store.address();
    let log = match kind {
        Kind::Versitygw | Kind::S3sFs => s3(server),
        Kind::Azurite => {
            let url =
                format!("az://{BUCKET}/gate?account={ACCOUNT}&endpoint=http://{server}/{ACCOUNT}");
            open(settings(&url, &[("AZURE_STORAGE_KEY", ACCOUNT_KEY)])).unwrap()
        }
        Kind::Moto => {
            let host = server.to_string();
            open(settings(
                &format!("gs://{BUCKET}/gate"),
                &[("STORAGE_EMULATOR_HOST", &host)],
            ))
            .unwrap()
        }
    };
    Some(Subject::new(log, store))
}

ask_every_question!(versitygw, async { start(Kind::Versitygw) });
ask_every_question!(s3s_fs, async { start(Kind::S3sFs) });
ask_every_question!(azurite, async { start(Kind::Azurite) });
ask_every_question!(google_in_moto, async { start(Kind::Moto) });

/// Writes an event into the folder of versitygw, as if it had been stored with its own time.
fn put_by_hand(objects: &Path, event: &CloudEvent, own: Option<Timestamp>) {
    let json = encode(event).unwrap();
    let key = Key::of(&Envelope::of(event), own, json.as_bytes());
    let path = objects.join("gate/v1").join(key.path());
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, json).unwrap();
}

fn at(second: i64) -> String {
    let start: Timestamp = "2024-02-01T00:00:00Z".parse().unwrap();
    let time = start.checked_add(SignedDuration::from_secs(second));
    time.unwrap().to_string()
}

fn passed(results: Vec<Verdict>) -> Filter {
    Filter {
        kinds: Kinds::only(EventType::FINISHED),
        results,
        ..Filter::of_series(&carts())
    }
}

fn trouble_of_read(error: ReadError) -> RemoteFailure {
    let ReadError::Remote(failure) = error else {
        panic!("{error:?}");
    };
    failure
}

fn trouble_of_append(error: AppendError) -> RemoteFailure {
    let AppendError::Remote(failure) = error else {
        panic!("{error:?}");
    };
    failure
}

/// Checks a failure: what it means, what it says, and that it says no secret.
fn check_failure(failure: &RemoteFailure, trouble: Trouble, text: &str) {
    let said = format!("{failure}: {}", failure.source);
    assert_eq!(failure.trouble, trouble, "{said}");
    assert!(said.contains(text), "{said}");
    assert!(!format!("{said} {failure:?}").contains(SECRET), "{said}");
}

#[tokio::test]
async fn a_baseline_costs_two_listings_and_one_read_for_each_run() {
    let Some(store) = ObjectStore::start(Kind::Versitygw) else {
        return;
    };
    // 2600 events of one series; the only one that did not fail is the 2100th from the top.
    for n in 0..1300 {
        let mut event = finished(&format!("run-{n}"), &at(n * 60));
        if n != 250 {
            event.data.set("result", "fail".into());
        }
        put_by_hand(&store.objects(), &event, event.time);
        let mut triggered = finished(&format!("trigger-run-{n}"), &at(n * 60 - 1));
        triggered.event_type = EventType::TRIGGERED.to_owned();
        put_by_hand(&store.objects(), &triggered, triggered.time);
    }
    let proxy = Proxy::start(store.address());
    let log = s3(proxy.address());
    let runs = ids(&*log, &passed(Vec::new()), 10).await;
    assert_eq!(runs.first().map(String::as_str), Some("run-1299"));
    assert_eq!((runs.len(), proxy.count()), (10, 11));
    let steering = Filter {
        kinds: Kinds::Steering,
        project: Some("sockshop".to_owned()),
        ..Filter::default()
    };
    assert!(ids(&*log, &steering, 1000).await.is_empty());
    // With the eleven above these are two more than the runs.
    assert_eq!(proxy.count(), 1);
    append(&*log, [invalidation("invalid", "trigger-run-7")]).await;
    // The series, the project's steering, the layout, and the event.
    assert_eq!(proxy.count(), 4);
    assert_eq!(ids(&*log, &steering, 1000).await, ["invalid"]);
    assert_eq!(proxy.count(), 2);
    assert_eq!(
        ids(&*log, &passed(vec![Verdict::Pass]), 1).await,
        ["run-250"]
    );
    // Each further thousand events costs one listing.
    assert_eq!(proxy.count(), 3 + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_of_one_series_lose_and_double_nothing() {
    let Some(store) = ObjectStore::start(Kind::Versitygw) else {
        return;
    };
    let server = store.address();
    let writers = (0..8).map(|writer| {
        tokio::spawn(async move {
            let log = s3(server);
            for n in 0..8 {
                let own = finished(&format!("{writer}-{n}"), &at(n));
                let shared = finished(&format!("shared-{n}"), &at(n));
                log.append(vec![own], Times::Stamped).await.unwrap();
                log.append(vec![shared], Times::Stamped).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let found = ids(&*s3(server), &passed(Vec::new()), 1000).await;
    let distinct: BTreeSet<&String> = found.iter().collect();
    assert_eq!((found.len(), distinct.len()), (8 * 8 + 8, 8 * 8 + 8));
}

#[tokio::test]
async fn what_was_announced_survives_a_server_that_is_killed() {
    let Some(mut store) = ObjectStore::start(Kind::Versitygw) else {
        return;
    };
    let mut announced = Vec::new();
    for round in 0..5 {
        let log = s3(store.address());
        for n in 0..4 {
            let id = format!("{round}-{n}");
            append(&*log, [finished(&id, &at(round * 10 + n))]).await;
            announced.push(id);
        }
        store.kill();
        let refused = log.append(vec![finished("lost", &at(99))], Times::Stamped);
        let failure = trouble_of_append(refused.await.unwrap_err());
        check_failure(&failure, Trouble::Unavailable, "cannot connect");
        let unread = log.events(&passed(Vec::new()), 1).await.unwrap_err();
        check_failure(
            &trouble_of_read(unread),
            Trouble::Unavailable,
            "cannot connect",
        );
        store.restart();
    }
    announced.reverse();
    assert_eq!(
        ids(&*s3(store.address()), &passed(Vec::new()), 100).await,
        announced
    );
}

#[tokio::test]
async fn an_answer_that_is_cut_slow_or_lost_changes_nothing() {
    let Some(store) = ObjectStore::start(Kind::Versitygw) else {
        return;
    };
    let proxy = Proxy::start(store.address());
    let log = s3(proxy.address());
    append(&*log, [finished("1", &at(1))]).await;
    // The listings of an append, then its put: lost after it was obeyed.
    for faults in [
        vec![Fault::Cut(0); 3],
        vec![Fault::Cut(150); 3],
        vec![Fault::Delay(Duration::from_millis(300)); 3],
    ] {
        proxy.plan(faults);
        append(&*log, [finished("2", &at(2))]).await;
        proxy.plan([
            Fault::Cut(0),
            Fault::Cut(200),
            Fault::Delay(Duration::from_millis(300)),
        ]);
        assert_eq!(ids(&*log, &passed(Vec::new()), 9).await, ["2", "1"]);
    }
    let lost = Fault::Delay(Duration::from_millis(0));
    proxy.plan([lost, lost, lost, Fault::Cut(0)]);
    append(&*log, [finished("3", &at(3))]).await;
    proxy.plan([]);
    assert_eq!(ids(&*log, &passed(Vec::new()), 9).await, ["3", "2", "1"]);
    // All answers to the put are lost: nobody knows.
    proxy.plan(
        [lost, lost, lost]
            .into_iter()
            .chain(vec![Fault::Cut(0); 40]),
    );
    let doubted = log
        .append(vec![finished("4", &at(4))], Times::Stamped)
        .await;
    let failure = trouble_of_append(doubted.unwrap_err());
    check_failure(&failure, Trouble::InDoubt, "broke off");
    proxy.plan([]);
    append(&*log, [finished("4", &at(4))]).await;
    assert_eq!(
        ids(&*log, &passed(Vec::new()), 9).await,
        ["4", "3", "2", "1"]
    );
}

#[tokio::test]
async fn what_the_store_refuses_is_sorted_and_never_an_empty_history() {
    let Some(store) = ObjectStore::start(Kind::Versitygw) else {
        return;
    };
    let endpoint = format!("endpoint=http://{}", store.address());
    for (bucket, secret, trouble, text) in [
        (
            BUCKET,
            "wrong-secret",
            Trouble::NotAuthorised,
            "SignatureDoesNotMatch",
        ),
        (
            "nowhere",
            SECRET,
            Trouble::BadAnswer,
            "create the bucket `nowhere`",
        ),
    ] {
        let keys = [
            ("AWS_ACCESS_KEY_ID", KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", secret),
        ];
        let log = open(settings(&format!("s3://{bucket}/gate?{endpoint}"), &keys)).unwrap();
        let unread = log.events(&Filter::default(), 1).await.unwrap_err();
        check_failure(&trouble_of_read(unread), trouble, text);
        let refused = log
            .append(vec![finished("1", &at(1))], Times::Stamped)
            .await;
        check_failure(&trouble_of_append(refused.unwrap_err()), trouble, text);
    }
    let keys = [
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    let log = open(settings(
        &format!("s3://{BUCKET}?{endpoint}&region=eu-west-9"),
        &keys,
    ))
    .unwrap();
    let unread = log.events(&Filter::default(), 1).await.unwrap_err();
    check_failure(
        &trouble_of_read(unread),
        Trouble::BadAnswer,
        "set the bucket's region",
    );
}

#[tokio::test]
async fn what_is_damaged_is_named_and_the_rest_stays_readable() {
    let Some(store) = ObjectStore::start(Kind::Versitygw) else {
        return;
    };
    let objects = store.objects();
    let log = s3(store.address());
    append(&*log, (1..=4).map(|n| finished(&n.to_string(), &at(n)))).await;
    let folder = objects.join("gate/v1/events/sockshop/staging/carts");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    std::fs::write(&files[0], "{\"id\":").unwrap();
    std::fs::copy(&files[3], &files[1]).unwrap();
    let quiet = std::fs::read_to_string(&files[2])
        .unwrap()
        .replace("pass", "fail");
    std::fs::write(&files[2], quiet).unwrap();
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    let page = log.events(&passed(Vec::new()), 2).await.unwrap();
    assert_eq!(page.events.len(), 1);
    assert_eq!(page.events[0].id, "1");
    let warnings = page.warnings.join("\n");
    let place = format!("s3://{BUCKET}/gate/v1/events/sockshop/staging/carts/");
    assert_eq!(page.warnings.len(), 4, "{warnings}");
    assert!(
        page.warnings.iter().all(|line| line.starts_with(&place)),
        "{warnings}"
    );
    for text in [
        "is damaged: it holds no event",
        "is damaged: it holds the event `1`",
        "is damaged: its content is not what its key says",
        "notes.txt: is no event of tidegate",
    ] {
        assert!(warnings.contains(text), "{warnings}");
    }
}

#[tokio::test]
async fn of_twins_that_two_writers_stored_the_earliest_counts() {
    let Some(store) = ObjectStore::start(Kind::Versitygw) else {
        return;
    };
    let own = finished("twin", &at(1));
    let late = finished("twin", &at(500));
    put_by_hand(&store.objects(), &own, own.time);
    put_by_hand(&store.objects(), &late, own.time);
    let log = s3(store.address());
    append(&*log, [finished("2", &at(100))]).await;
    assert_eq!(ids(&*log, &passed(Vec::new()), 9).await, ["2", "twin"]);
    assert_eq!(ids(&*log, &passed(Vec::new()), 1).await, ["2"]);
    let again = log.append(vec![own.clone()], Times::Stamped).await.unwrap();
    assert_eq!(again, std::slice::from_ref(&own));
    assert_eq!(log.remove(&[own]).await.unwrap(), 1);
    assert_eq!(ids(&*log, &passed(Vec::new()), 9).await, ["2"]);
}

#[tokio::test]
async fn a_log_of_a_later_layout_is_refused() {
    let Some(store) = ObjectStore::start(Kind::Versitygw) else {
        return;
    };
    let later = store.objects().join("gate/v12/events");
    std::fs::create_dir_all(&later).unwrap();
    std::fs::write(later.join("x"), "?").unwrap();
    let log = s3(store.address());
    let refused = log
        .append(vec![finished("1", &at(1))], Times::Stamped)
        .await;
    assert!(
        matches!(
            refused,
            Err(AppendError::Newer {
                found: 12,
                known: 1,
                ..
            })
        ),
        "{refused:?}"
    );
    let refused = log.events(&Filter::default(), 1).await;
    assert!(
        matches!(
            refused,
            Err(ReadError::Newer {
                found: 12,
                known: 1,
                ..
            })
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_version_1_wrote_is_read_for_ever() {
    let Some(store) = ObjectStore::start(Kind::Versitygw) else {
        return;
    };
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/eventlog/objects_v1");
    copy(&fixture, &store.objects().join("gate"));
    check_version_1(&*s3(store.address())).await;
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Starts a server that answers every listing with the same page.
async fn server(page: &'static str, put: fn(bool) -> Reply) -> (TestServer, Box<dyn EventLog>) {
    let server = TestServer::start(move |_, received| {
        if received.method == "PUT" {
            put(received.header("if-none-match").is_some())
        } else {
            Reply::new(200, "application/xml", page)
        }
    })
    .await;
    let keys = [
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    let log = open(settings(
        &format!("s3://{BUCKET}?endpoint={}", server.url()),
        &keys,
    ))
    .unwrap();
    (server, log)
}

/// A page without keys.
const EMPTY: &str = "<ListBucketResult></ListBucketResult>";

#[tokio::test]
async fn a_store_that_knows_no_conditional_writes_gets_plain_ones() {
    let (_server, log) = server(EMPTY, |is_conditional| {
        if is_conditional {
            Reply::new(
                501,
                "application/xml",
                "<Error><Code>NotImplemented</Code></Error>",
            )
        } else {
            Reply::new(200, "text/plain", "").header("ETag", "\"1\"")
        }
    })
    .await;
    let event = finished("1", &at(1));
    let stored = log
        .append(vec![event.clone()], Times::Stamped)
        .await
        .unwrap();
    assert_eq!(stored, [event]);
}

#[tokio::test]
async fn a_store_that_is_busy_says_try_again_later() {
    let (_server, log) = server(EMPTY, |_| {
        Reply::new(
            503,
            "application/xml",
            "<Error><Code>SlowDown</Code></Error>",
        )
    })
    .await;
    let refused = log
        .append(vec![finished("1", &at(1))], Times::Stamped)
        .await;
    check_failure(
        &trouble_of_append(refused.unwrap_err()),
        Trouble::Throttled,
        "503 SlowDown",
    );
}

#[tokio::test]
async fn what_is_no_listing_or_in_no_order_is_no_history() {
    let put = |_| Reply::new(200, "text/plain", "");
    let (_server, log) = server("<html>Welcome</html", put).await;
    let unread = log.events(&Filter::default(), 1).await.unwrap_err();
    check_failure(
        &trouble_of_read(unread),
        Trouble::BadAnswer,
        "is the endpoint an object store?",
    );
    let unordered = "<ListBucketResult>\
        <Contents><Key>v1/events/b</Key><Size>1</Size><LastModified>2024-02-01T00:00:00Z</LastModified></Contents>\
        <Contents><Key>v1/events/a</Key><Size>1</Size><LastModified>2024-02-01T00:00:00Z</LastModified></Contents></ListBucketResult>";
    let (_server, log) = server(unordered, put).await;
    let unread = log.events(&Filter::default(), 1).await.unwrap_err();
    check_failure(
        &trouble_of_read(unread),
        Trouble::Unsupported,
        "does not list its keys in order",
    );
}

#[test]
fn what_is_missing_is_said_when_the_log_is_opened() {
    for (url, variables, problem) in [
        ("az://gate", [("A", "")], "it says no storage account"),
        (
            "s3://gate",
            [("AWS_ACCESS_KEY_ID", "AK")],
            "AWS_SECRET_ACCESS_KEY is not",
        ),
        (
            "s3://gate",
            [("AWS_PROFILE", "prod")],
            "AWS_PROFILE is `prod`",
        ),
        (
            "gs://gate",
            [("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/x.json")],
            "cannot read /nowhere/x.json",
        ),
        (
            "az://gate?account=me",
            [("AZURE_STORAGE_KEY", "hush:no base64")],
            "its credentials can't be used",
        ),
    ] {
        let Err(error) = open(settings(url, &variables)) else {
            panic!("{url}");
        };
        let said = format!("{error}: {}", error.source);
        assert!(said.contains(problem) && !said.contains("hush"), "{said}");
    }
}

#[test]
fn a_token_is_refused_with_the_places_that_credentials_come_from() {
    for (url, place) in [
        ("s3://gate", "AWS_ACCESS_KEY_ID"),
        ("gs://gate", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("az://gate?account=me", "AZURE_STORAGE_"),
    ] {
        let settings = EventLogSettings {
            token: Some(Secret::new("hush")),
            ..settings(url, &[])
        };
        let Err(error) = open(settings) else {
            panic!("{url}");
        };
        let said = error.source.to_string();
        assert!(said.contains("takes no `token`"), "{said}");
        assert!(said.contains(place) && !said.contains("hush"), "{said}");
    }
}
