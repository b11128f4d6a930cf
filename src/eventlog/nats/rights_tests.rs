//! Who may do what: credentials from their usual places, rights that are missing.
#![expect(
    clippy::disallowed_methods,
    reason = "writes files of credentials into a folder of its own"
)]

use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use super::faults_tests::{append_failure, patient, read_failure, with_variables};
use super::tests::log_of;
use crate::eventlog::samples::{append, carts, finished, ids};
use crate::eventlog::test_nats::Nats;
use crate::eventlog::{EventLog as _, EventLogSettings, Filter, ReadError, Trouble};
use crate::net::Secret;

/// Users with a password, with an nkey, and one who may only read.
const USERS: &str = r#"
authorization { users: [
  {user: "ann", password: "s3cret/p@ss"},
  {nkey: "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"},
  {user: "reader", password: "r", permissions: {
    publish: ["$JS.API.STREAM.INFO.>", "$JS.API.DIRECT.GET.>", "$JS.API.CONSUMER.CREATE.>",
              "$JS.API.CONSUMER.MSG.NEXT.>"], subscribe: ["_INBOX.>"]}},
  {user: "writer", password: "w", permissions: {
    publish: ["$JS.API.STREAM.INFO.>", "$JS.API.DIRECT.GET.>", "gate.>"], subscribe: ["_INBOX.>"]}}
] }"#;

/// The seed of that nkey: the one that everyone knows from the documentation of NATS.
const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";

#[tokio::test]
async fn credentials_come_from_their_usual_places() {
    let Some(server) = Nats::start(USERS) else {
        return;
    };
    let url = server.url("GATE");
    let host = format!("127.0.0.1:{}", server.port());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("user.nk"), format!("# a comment\n{SEED}\n")).unwrap();
    std::fs::create_dir_all(path("nats/context")).unwrap();
    let context = serde_json::json!({"url": format!("nats://{host}"), "user": "ann", "password": "s3cret/p@ss"});
    std::fs::write(path("nats/context/ci.json"), context.to_string()).unwrap();
    let config = folder.path().display().to_string();
    let home = ("XDG_CONFIG_HOME", config.as_str());
    let in_url = format!("nats://ann:s3cret%2Fp%40ss@{host}/GATE");
    let nkey = path("user.nk");
    for (n, (url, variables)) in [
        (in_url.as_str(), vec![]),
        (
            &url,
            vec![("NATS_USER", "ann"), ("NATS_PASSWORD", "s3cret/p@ss")],
        ),
        (&url, vec![("NATS_NKEY", nkey.as_str())]),
        (&url, vec![("NATS_CONTEXT", "ci"), home]),
        ("nats:///GATE", vec![("NATS_CONTEXT", "ci"), home]),
    ]
    .into_iter()
    .enumerate()
    {
        let log = with_variables(url, &variables);
        append(&log, [finished(&n.to_string(), "2024-02-01T10:00:00Z")]).await;
        assert_eq!(ids(&log, &Filter::default(), 100).await.len(), n + 1, "{n}");
    }
    // The selected context is for this server, and for no other.
    std::fs::write(path("nats/context.txt"), "ci").unwrap();
    assert_eq!(
        ids(&with_variables(&url, &[home]), &Filter::default(), 100)
            .await
            .len(),
        5
    );
    let other = url.replace("127.0.0.1", "localhost");
    assert_eq!(
        read_failure(&with_variables(&other, &[home])).await.trouble,
        Trouble::NotAuthorised
    );
}

#[tokio::test]
async fn a_token_of_the_settings_opens_the_door() {
    let Some(server) = Nats::start("authorization { token: \"t0ken\" }") else {
        return;
    };
    let of_token = |token: &str| {
        log_of(EventLogSettings {
            token: Some(Secret::new(token)),
            ..EventLogSettings::new(server.url("GATE").parse().unwrap())
        })
    };
    append(&of_token("t0ken"), [finished("1", "2024-02-01T10:00:00Z")]).await;
    let in_url = format!("nats://t0ken@127.0.0.1:{}/GATE", server.port());
    assert_eq!(
        ids(
            &with_variables(&in_url, &[("NATS_TOKEN", "no")]),
            &Filter::default(),
            5
        )
        .await,
        ["1"]
    );
    assert_eq!(
        ids(
            &with_variables(&server.url("GATE"), &[("NATS_TOKEN", "t0ken")]),
            &Filter::default(),
            5
        )
        .await,
        ["1"]
    );
    assert_eq!(
        read_failure(&of_token("other")).await.trouble,
        Trouble::NotAuthorised
    );
}

#[tokio::test]
async fn who_may_not_is_told_so_at_once_and_no_secret_is_shown() {
    let Some(server) = Nats::start(USERS) else {
        return;
    };
    let host = format!("127.0.0.1:{}", server.port());
    let wrong = with_variables(&format!("nats://ann:hunter2@{host}/GATE"), &[]);
    let failure = read_failure(&wrong).await;
    assert_eq!(failure.trouble, Trouble::NotAuthorised);
    assert!(!format!("{failure} {failure:?} {wrong:?}").contains("hunter2"));
    assert_eq!(failure.log, format!("nats://{host}/GATE"));
    let missing = with_variables(
        &server.url("GATE"),
        &[("NATS_CREDS", "/nowhere/user.creds")],
    );
    let failure = read_failure(&missing).await;
    assert_eq!(failure.trouble, Trouble::NotAuthorised);
    assert!(
        failure
            .source
            .to_string()
            .contains("NATS_CREDS: /nowhere/user.creds can't be read")
    );
}

#[tokio::test]
async fn who_may_only_read_can_read() {
    let Some(server) = Nats::start(USERS) else {
        return;
    };
    let of = |user: &str| {
        with_variables(
            &format!("nats://{user}@127.0.0.1:{}/GATE", server.port()),
            &[],
        )
    };
    let (ann, reader, writer) = (of("ann:s3cret%2Fp%40ss"), of("reader:r"), of("writer:w"));
    assert!(ids(&reader, &Filter::default(), 10).await.is_empty());
    let began = Instant::now();
    for log in [&reader, &writer] {
        // The stream does not exist, and they may not make it.
        let failure = append_failure(log).await;
        assert_eq!(failure.trouble, Trouble::NotAuthorised, "{failure:?}");
    }
    append(
        &ann,
        (0..300).map(|n| finished(&format!("{n:03}"), "2024-02-01T10:00:00Z")),
    )
    .await;
    append(&writer, [finished("w", "2024-02-01T11:00:00Z")]).await;
    assert_eq!(
        ids(&reader, &Filter::of_series(&carts()), 3).await,
        ["w", "299", "298"]
    );
    assert_eq!(
        ids(&reader, &Filter::default(), usize::MAX).await.len(),
        301
    );
    let failure = append_failure(&reader).await;
    assert_eq!(failure.trouble, Trouble::NotAuthorised, "{failure:?}");
    assert!(
        failure
            .source
            .to_string()
            .to_lowercase()
            .contains("permissions violation")
    );
    let failure = match writer.events(&Filter::default(), usize::MAX).await {
        Err(ReadError::Remote(failure)) => failure,
        other => panic!("{other:?}"),
    };
    assert_eq!(failure.trouble, Trouble::NotAuthorised, "{failure:?}");
    assert!(
        began.elapsed() < Duration::from_secs(25),
        "no refusal may take the whole timeout"
    );
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let log = patient(
        &format!("nats://127.0.0.1:{port}/GATE"),
        Duration::from_secs(5),
    );
    assert_eq!(read_failure(&log).await.trouble, Trouble::Unavailable);
    assert_eq!(append_failure(&log).await.trouble, Trouble::Unavailable);
    let log = with_variables("nats:///GATE", &[]);
    assert_eq!(read_failure(&log).await.trouble, Trouble::Unsupported);
}
