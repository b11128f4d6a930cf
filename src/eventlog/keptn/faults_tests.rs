//! What a network and a proxy can do to the answers of Keptn.

use std::time::{Duration, Instant};

use serde_json::json;

use super::KeptnLog;
use crate::eventlog::samples::finished;
use crate::eventlog::{
    AppendError, EventLog as _, EventLogSettings, Filter, ReadError, Times, Trouble,
};
use crate::net::test_server::{Reply, TestServer};
use crate::net::{RetrySettings, Secret};

/// Opens a log on a server that does what it likes, and asks twice.
fn log(server: &TestServer) -> KeptnLog {
    let settings = EventLogSettings {
        token: Some(Secret::new("s3cret")),
        timeout: Duration::from_secs(1),
        ..EventLogSettings::new(format!("{}/api", server.url()).parse().unwrap())
    };
    let retry = RetrySettings {
        attempts: 2,
        base: Duration::from_millis(2),
        max: Duration::from_millis(2),
        seed: 0,
    };
    KeptnLog::with_retry(settings, retry).unwrap()
}

/// Returns an answer with one event, cut off after so many bytes of its body.
fn cut_off(length: usize) -> Vec<u8> {
    let event = finished("1", "2024-02-01T10:00:00Z");
    let body = json!({"events": [event], "totalCount": 1}).to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body.as_bytes()[..length]].concat()
}

/// Returns what is wrong with a read.
async fn read_trouble(reply: Reply) -> Trouble {
    let server = TestServer::start(move |_, _| reply.clone()).await;
    let began = Instant::now();
    let error = log(&server).events(&Filter::default(), 5).await;
    assert!(began.elapsed() < Duration::from_secs(20));
    match error {
        Err(ReadError::Remote(failure)) => failure.trouble,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_or_never_ends_is_no_history() {
    for (reply, expected) in [
        (Reply::Raw(cut_off(0)), Trouble::Unavailable),
        (Reply::Raw(cut_off(60)), Trouble::Unavailable),
        (Reply::Close, Trouble::Unavailable),
        (Reply::Hang, Trouble::Unavailable),
        (
            Reply::Dripping(Duration::from_millis(100)),
            Trouble::Unavailable,
        ),
        (Reply::Endless(200), Trouble::BadAnswer),
    ] {
        let name = format!("{reply:?}");
        assert_eq!(read_trouble(reply).await, expected, "{name}");
    }
}

#[tokio::test]
async fn an_event_whose_answer_is_cut_is_in_doubt_until_it_can_be_read() {
    // The history is empty, and stays so: nobody knows whether the event is on its way.
    let server = TestServer::start(|_, request| match request.method.as_str() {
        "POST" => Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n{\"kept".to_vec()),
        _ if request.path.contains("/project") => {
            Reply::json(200, r#"{"projects": [{"projectName": "sockshop"}]}"#)
        }
        _ => Reply::json(200, r#"{"events": [], "totalCount": 0}"#),
    })
    .await;
    let event = finished("1", "2024-02-01T10:00:00Z");
    match log(&server).append(vec![event], Times::Stamped).await {
        Err(AppendError::Remote(failure)) => assert_eq!(failure.trouble, Trouble::InDoubt),
        other => panic!("{other:?}"),
    }
    let requests = server.received();
    let sent = requests.iter().filter(|request| request.method == "POST");
    assert_eq!(sent.count(), 1);
}
