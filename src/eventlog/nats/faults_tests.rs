//! What a server and a network can do to the log.

use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::NatsLog;
use super::test_proxy::{Mood, Proxy};
use super::tests::log_of;
use crate::eventlog::samples::{append, carts, evaluation, finished, ids};
use crate::eventlog::test_nats::{LARGE, Nats};
use crate::eventlog::{
    AppendError, EventLog as _, EventLogSettings, Filter, ReadError, RemoteFailure, Times, Trouble,
    Variables,
};

/// Opens a log that waits so long.
pub(super) fn patient(url: &str, timeout: Duration) -> NatsLog {
    log_of(EventLogSettings {
        timeout,
        ..EventLogSettings::new(url.parse().unwrap())
    })
}

/// Opens a log with these variables.
pub(super) fn with_variables(url: &str, variables: &[(&str, &str)]) -> NatsLog {
    log_of(EventLogSettings {
        variables: variables.iter().copied().collect::<Variables>(),
        ..EventLogSettings::new(url.parse().unwrap())
    })
}

/// Returns what went wrong with a read.
pub(super) async fn read_failure(log: &NatsLog) -> RemoteFailure {
    match log.events(&Filter::default(), 5).await {
        Err(ReadError::Remote(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

/// Returns what went wrong with an append.
pub(super) async fn append_failure(log: &NatsLog) -> RemoteFailure {
    match log
        .append(vec![finished("1", "2024-02-01T10:00:00Z")], Times::Stamped)
        .await
    {
        Err(AppendError::Remote(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cut_before_the_acknowledgement_stores_the_event_once() {
    let Some(server) = Nats::start(LARGE) else {
        return;
    };
    let proxy = Proxy::before(server.port()).await;
    let log = patient(&proxy.url("GATE"), Duration::from_secs(30));
    append(&log, [finished("0", "2024-02-01T09:00:00Z")]).await;
    for n in 1..=20 {
        proxy.set(Mood::CutAfter(b"HPUB gate.".to_vec()));
        append(&log, [finished(&n.to_string(), "2024-02-01T10:00:00Z")]).await;
    }
    let found = ids(&log, &Filter::default(), 100).await;
    let expected: Vec<String> = (0..=20).rev().map(|n| n.to_string()).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_lost_acknowledgement_is_a_doubt_and_saying_it_again_does_no_harm() {
    let Some(server) = Nats::start(LARGE) else {
        return;
    };
    let proxy = Proxy::before(server.port()).await;
    append(
        &patient(&server.url("GATE"), Duration::from_secs(30)),
        [finished("0", "2024-02-01T09:00:00Z")],
    )
    .await;
    proxy.set(Mood::SilentAfter(b"HPUB gate.".to_vec()));
    let log = patient(&proxy.url("GATE"), Duration::from_secs(2));
    let began = Instant::now();
    let failure = append_failure(&log).await;
    assert_eq!(failure.trouble, Trouble::InDoubt, "{failure:?}");
    assert!(began.elapsed() < Duration::from_secs(15));
    let again = patient(&server.url("GATE"), Duration::from_secs(30));
    append(&again, [finished("1", "2024-02-01T10:00:00Z")]).await;
    assert_eq!(ids(&again, &Filter::default(), 10).await, ["1", "0"]);
}

#[tokio::test]
async fn an_answer_that_never_comes_ends_in_time() {
    let Some(server) = Nats::start(LARGE) else {
        return;
    };
    let proxy = Proxy::before(server.port()).await;
    proxy.set(Mood::SilentAfter(b"STREAM.INFO".to_vec()));
    for log in [0, 1].map(|_| patient(&proxy.url("GATE"), Duration::from_secs(1))) {
        let began = Instant::now();
        assert_eq!(read_failure(&log).await.trouble, Trouble::Unavailable);
        let failure = append_failure(&log).await;
        assert_eq!(failure.trouble, Trouble::Unavailable, "{failure:?}");
        assert!(began.elapsed() < Duration::from_secs(10));
    }
    // Someone listens, and never says a word.
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "nats://127.0.0.1:{}/GATE",
        mute.local_addr().unwrap().port()
    );
    let failure = read_failure(&patient(&url, Duration::from_millis(300))).await;
    assert_eq!(failure.trouble, Trouble::Unavailable);
}

#[tokio::test]
async fn a_cut_in_the_middle_of_a_long_answer_loses_and_doubles_nothing() {
    let Some(server) = Nats::start(LARGE) else {
        return;
    };
    let proxy = Proxy::before(server.port()).await;
    let direct = patient(&server.url("GATE"), Duration::from_secs(30));
    let batch = (0..400).map(|n| {
        evaluation(
            &format!("{n:03}"),
            &format!("2024-02-01T10:{:02}:{:02}Z", n / 60, n % 60),
            10,
        )
    });
    direct.append(batch.collect(), Times::Kept).await.unwrap();
    let all = ids(&direct, &Filter::default(), usize::MAX).await;
    assert_eq!(all.len(), 400);
    for bytes in [3_000, 40_000, 300_000, 1_000_000] {
        let log = patient(&proxy.url("GATE"), Duration::from_secs(30));
        proxy.set(Mood::CutAfterBytes(bytes));
        assert_eq!(
            ids(&log, &Filter::default(), usize::MAX).await,
            all,
            "{bytes}"
        );
        proxy.set(Mood::CutAfterBytes(bytes / 10));
        assert_eq!(
            ids(&log, &Filter::of_series(&carts()), 20).await,
            all[..20],
            "{bytes}"
        );
    }
}

#[tokio::test]
async fn what_was_announced_survives_when_the_server_is_killed() {
    let Some(mut server) = Nats::start(LARGE) else {
        return;
    };
    let url = server.url("GATE");
    let (announce, mut announced) = watch::channel(0_usize);
    let writer = tokio::spawn(async move {
        let log = patient(&url, Duration::from_secs(60));
        for n in 0..120 {
            append(&log, [finished(&format!("{n:03}"), "2024-02-01T10:00:00Z")]).await;
            announce.send_replace(n + 1);
        }
    });
    for round in 1..=6 {
        let enough = round * 17;
        announced.wait_for(|count| *count >= enough).await.unwrap();
        server.kill();
        server.restart();
    }
    writer.await.unwrap();
    let log = patient(&server.url("GATE"), Duration::from_secs(60));
    let expected: Vec<String> = (0..120).rev().map(|n| format!("{n:03}")).collect();
    assert_eq!(ids(&log, &Filter::default(), usize::MAX).await, expected);
    assert_eq!(
        ids(&log, &Filter::of_series(&carts()), 100).await,
        expected[..100]
    );
    server.kill();
    let gone = patient(&server.url("GATE"), Duration::from_secs(2));
    assert_eq!(read_failure(&gone).await.trouble, Trouble::Unavailable);
    assert_eq!(append_failure(&gone).await.trouble, Trouble::Unavailable);
}

#[tokio::test]
async fn an_event_that_the_server_does_not_take_is_refused_with_its_limit() {
    let Some(server) = Nats::start("") else {
        return;
    };
    let log = patient(&server.url("GATE"), Duration::from_secs(30));
    let mut large = finished("large", "2024-02-01T10:00:00Z");
    large.data.set("text", "x".repeat(1_100_000).into());
    let batch = vec![finished("small", "2024-02-01T09:00:00Z"), large];
    match log.append(batch, Times::Stamped).await {
        Err(AppendError::TooLarge { id, size, limit }) => {
            assert_eq!((id.as_str(), limit), ("large", 1_048_576 - 4096));
            assert!(size > 1_100_000);
        }
        other => panic!("{other:?}"),
    }
    assert!(ids(&log, &Filter::default(), 10).await.is_empty());
}

#[tokio::test]
async fn a_server_without_jetstream_is_told_from_one_that_is_away() {
    let Some(server) = Nats::start_without_store("") else {
        return;
    };
    let log = patient(&server.url("GATE"), Duration::from_secs(30));
    for failure in [read_failure(&log).await, append_failure(&log).await] {
        assert_eq!(failure.trouble, Trouble::BadAnswer);
        assert!(
            failure
                .source
                .to_string()
                .contains("JetStream is not enabled")
        );
    }
}
