//! What a server, a network and an administrator can do to the log.
#![expect(
    clippy::disallowed_methods,
    reason = "writes files of credentials into a folder of its own"
)]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::NatsLog;
use super::tests::log_of;
use super::tests::support::{LARGE, Nats};
use crate::eventlog::samples::{append, carts, evaluation, finished, ids};
use crate::eventlog::{
    AppendError, EventLog as _, EventLogSettings, Filter, ReadError, RemoteFailure, Times, Trouble,
    Variables,
};
use crate::net::Secret;

/// What a proxy does to the connections through it.
#[derive(Clone, Debug, Default)]
enum Mood {
    /// Nothing.
    #[default]
    Friendly,
    /// From the moment that the client says this, nothing reaches it any more.
    SilentAfter(Vec<u8>),
    /// The connection is cut when the client has said this, once.
    CutAfter(Vec<u8>),
    /// The connection is cut after so many bytes for the client, once.
    CutAfterBytes(usize),
}

/// A server that passes on what it hears, as far as its mood is.
struct Proxy {
    /// Where it listens.
    port: u16,
    /// What it does.
    mood: Arc<Mutex<Mood>>,
}

/// One connection through a proxy.
#[derive(Clone)]
struct Passage {
    /// What the proxy does.
    mood: Arc<Mutex<Mood>>,
    /// Whether the client hears anything, and whether there is still a connection.
    state: Arc<watch::Sender<(bool, bool)>>,
}

impl Proxy {
    /// Starts before a server.
    async fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mood = Arc::new(Mutex::new(Mood::default()));
        let shared = Arc::clone(&mood);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
                    continue;
                };
                let passage = Passage {
                    mood: Arc::clone(&shared),
                    state: Arc::new(watch::channel((true, true)).0),
                };
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(passage.clone().up(from_client, to_server));
                tokio::spawn(passage.down(from_server, to_client));
            }
        });
        Self { port, mood }
    }

    /// Changes the mood.
    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Returns the URL of a stream behind it.
    fn url(&self, stream: &str) -> String {
        format!("nats://127.0.0.1:{}/{stream}", self.port)
    }
}

impl Passage {
    /// Passes on what the client says.
    async fn up(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
        let mut said = Vec::new();
        let mut buffer = vec![0; 65536];
        let mut state = self.state.subscribe();
        loop {
            let length = tokio::select! {
                length = from.read(&mut buffer) => length?,
                _gone = state.wait_for(|(_, is_there)| !is_there) => return Ok(()),
            };
            if length == 0 {
                self.state.send_replace((false, false));
                return Ok(());
            }
            said.extend_from_slice(&buffer[..length]);
            let has_said = |word: &[u8]| said.windows(word.len()).any(|some| some == word);
            let mood = self.mood.lock().unwrap().clone();
            match mood {
                Mood::SilentAfter(word) if has_said(&word) => {
                    self.state.send_replace((false, true));
                    to.write_all(&buffer[..length]).await?;
                }
                Mood::CutAfter(word) if has_said(&word) => {
                    // The server hears it, and the client hears nothing of that.
                    self.state.send_replace((false, true));
                    to.write_all(&buffer[..length]).await?;
                    to.flush().await?;
                    *self.mood.lock().unwrap() = Mood::Friendly;
                    self.state.send_replace((false, false));
                    return Ok(());
                }
                _ => to.write_all(&buffer[..length]).await?,
            }
        }
    }

    /// Passes on what the server says.
    async fn down(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
        let mut passed = 0;
        let mut buffer = vec![0; 16384];
        let mut state = self.state.subscribe();
        loop {
            let length = tokio::select! {
                length = from.read(&mut buffer) => length?,
                _gone = state.wait_for(|(_, is_there)| !is_there) => return Ok(()),
            };
            if length == 0 {
                self.state.send_replace((false, false));
                return Ok(());
            }
            let (is_heard, _) = *state.borrow();
            if !is_heard {
                continue;
            }
            passed += length;
            let limit = match *self.mood.lock().unwrap() {
                Mood::CutAfterBytes(limit) => limit,
                _ => usize::MAX,
            };
            if passed > limit {
                *self.mood.lock().unwrap() = Mood::Friendly;
                to.write_all(&buffer[..length / 2]).await?;
                self.state.send_replace((false, false));
                return Ok(());
            }
            to.write_all(&buffer[..length]).await?;
        }
    }
}

/// Opens a log that waits so long.
fn patient(url: &str, timeout: Duration) -> NatsLog {
    log_of(EventLogSettings {
        timeout,
        ..EventLogSettings::new(url.parse().unwrap())
    })
}

/// Opens a log with these variables.
fn with_variables(url: &str, variables: &[(&str, &str)]) -> NatsLog {
    log_of(EventLogSettings {
        variables: variables.iter().copied().collect::<Variables>(),
        ..EventLogSettings::new(url.parse().unwrap())
    })
}

/// Returns what went wrong with a read.
async fn read_failure(log: &NatsLog) -> RemoteFailure {
    match log.events(&Filter::default(), 5).await {
        Err(ReadError::Remote(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

/// Returns what went wrong with an append.
async fn append_failure(log: &NatsLog) -> RemoteFailure {
    match log.append(vec![finished("1", "2024-02-01T10:00:00Z")], Times::Stamped).await {
        Err(AppendError::Remote(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cut_before_the_acknowledgement_stores_the_event_once() {
    let Some(server) = Nats::start(LARGE) else { return };
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
    let Some(server) = Nats::start(LARGE) else { return };
    let proxy = Proxy::before(server.port()).await;
    append(&patient(&server.url("GATE"), Duration::from_secs(30)), [finished("0", "2024-02-01T09:00:00Z")]).await;
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
    let Some(server) = Nats::start(LARGE) else { return };
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
    let url = format!("nats://127.0.0.1:{}/GATE", mute.local_addr().unwrap().port());
    let failure = read_failure(&patient(&url, Duration::from_millis(300))).await;
    assert_eq!(failure.trouble, Trouble::Unavailable);
}

#[tokio::test]
async fn a_cut_in_the_middle_of_a_long_answer_loses_and_doubles_nothing() {
    let Some(server) = Nats::start(LARGE) else { return };
    let proxy = Proxy::before(server.port()).await;
    let direct = patient(&server.url("GATE"), Duration::from_secs(30));
    let batch = (0..400).map(|n| evaluation(&format!("{n:03}"), &format!("2024-02-01T10:{:02}:{:02}Z", n / 60, n % 60), 10));
    direct.append(batch.collect(), Times::Kept).await.unwrap();
    let all = ids(&direct, &Filter::default(), usize::MAX).await;
    assert_eq!(all.len(), 400);
    for bytes in [3_000, 40_000, 300_000, 1_000_000] {
        let log = patient(&proxy.url("GATE"), Duration::from_secs(30));
        proxy.set(Mood::CutAfterBytes(bytes));
        assert_eq!(ids(&log, &Filter::default(), usize::MAX).await, all, "{bytes}");
        proxy.set(Mood::CutAfterBytes(bytes / 10));
        assert_eq!(ids(&log, &Filter::of_series(&carts()), 20).await, all[..20], "{bytes}");
    }
}

#[tokio::test]
async fn what_was_announced_survives_when_the_server_is_killed() {
    let Some(mut server) = Nats::start(LARGE) else { return };
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
    assert_eq!(ids(&log, &Filter::of_series(&carts()), 100).await, expected[..100]);
    server.kill();
    let gone = patient(&server.url("GATE"), Duration::from_secs(2));
    assert_eq!(read_failure(&gone).await.trouble, Trouble::Unavailable);
    assert_eq!(append_failure(&gone).await.trouble, Trouble::Unavailable);
}

#[tokio::test]
async fn an_event_that_the_server_does_not_take_is_refused_with_its_limit() {
    let Some(server) = Nats::start("") else { return };
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
    let Some(server) = Nats::start_without_store("") else { return };
    let log = patient(&server.url("GATE"), Duration::from_secs(30));
    for failure in [read_failure(&log).await, append_failure(&log).await] {
        assert_eq!(failure.trouble, Trouble::BadAnswer);
        assert!(failure.source.to_string().contains("JetStream is not enabled"));
    }
}

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
    let Some(server) = Nats::start(USERS) else { return };
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
        (&url, vec![("NATS_USER", "ann"), ("NATS_PASSWORD", "s3cret/p@ss")]),
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
    assert_eq!(ids(&with_variables(&url, &[home]), &Filter::default(), 100).await.len(), 5);
    let other = url.replace("127.0.0.1", "localhost");
    assert_eq!(read_failure(&with_variables(&other, &[home])).await.trouble, Trouble::NotAuthorised);
}

#[tokio::test]
async fn a_token_of_the_settings_opens_the_door() {
    let Some(server) = Nats::start("authorization { token: \"t0ken\" }") else { return };
    let of_token = |token: &str| {
        log_of(EventLogSettings {
            token: Some(Secret::new(token)),
            ..EventLogSettings::new(server.url("GATE").parse().unwrap())
        })
    };
    append(&of_token("t0ken"), [finished("1", "2024-02-01T10:00:00Z")]).await;
    let in_url = format!("nats://t0ken@127.0.0.1:{}/GATE", server.port());
    assert_eq!(ids(&with_variables(&in_url, &[("NATS_TOKEN", "no")]), &Filter::default(), 5).await, ["1"]);
    assert_eq!(ids(&with_variables(&server.url("GATE"), &[("NATS_TOKEN", "t0ken")]), &Filter::default(), 5).await, ["1"]);
    assert_eq!(read_failure(&of_token("other")).await.trouble, Trouble::NotAuthorised);
}

#[tokio::test]
async fn who_may_not_is_told_so_at_once_and_no_secret_is_shown() {
    let Some(server) = Nats::start(USERS) else { return };
    let host = format!("127.0.0.1:{}", server.port());
    let wrong = with_variables(&format!("nats://ann:hunter2@{host}/GATE"), &[]);
    let failure = read_failure(&wrong).await;
    assert_eq!(failure.trouble, Trouble::NotAuthorised);
    assert!(!format!("{failure} {failure:?} {wrong:?}").contains("hunter2"));
    assert_eq!(failure.log, format!("nats://{host}/GATE"));
    let missing = with_variables(&server.url("GATE"), &[("NATS_CREDS", "/nowhere/user.creds")]);
    let failure = read_failure(&missing).await;
    assert_eq!(failure.trouble, Trouble::NotAuthorised);
    assert!(failure.source.to_string().contains("NATS_CREDS: /nowhere/user.creds can't be read"));
}

#[tokio::test]
async fn who_may_only_read_can_read() {
    let Some(server) = Nats::start(USERS) else { return };
    let of = |user: &str| with_variables(&format!("nats://{user}@127.0.0.1:{}/GATE", server.port()), &[]);
    let (ann, reader, writer) = (of("ann:s3cret%2Fp%40ss"), of("reader:r"), of("writer:w"));
    assert!(ids(&reader, &Filter::default(), 10).await.is_empty());
    let began = Instant::now();
    for log in [&reader, &writer] {
        // The stream does not exist, and they may not make it.
        let failure = append_failure(log).await;
        assert_eq!(failure.trouble, Trouble::NotAuthorised, "{failure:?}");
    }
    append(&ann, (0..300).map(|n| finished(&format!("{n:03}"), "2024-02-01T10:00:00Z"))).await;
    append(&writer, [finished("w", "2024-02-01T10:00:00Z")]).await;
    assert_eq!(ids(&reader, &Filter::of_series(&carts()), 3).await, ["w", "299", "298"]);
    assert_eq!(ids(&reader, &Filter::default(), usize::MAX).await.len(), 301);
    let failure = append_failure(&reader).await;
    assert_eq!(failure.trouble, Trouble::NotAuthorised, "{failure:?}");
    assert!(failure.source.to_string().to_lowercase().contains("permissions violation"));
    let failure = match writer.events(&Filter::default(), usize::MAX).await {
        Err(ReadError::Remote(failure)) => failure,
        other => panic!("{other:?}"),
    };
    assert_eq!(failure.trouble, Trouble::NotAuthorised, "{failure:?}");
    assert!(began.elapsed() < Duration::from_secs(25), "no refusal may take the whole timeout");
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let log = patient(&format!("nats://127.0.0.1:{port}/GATE"), Duration::from_secs(5));
    assert_eq!(read_failure(&log).await.trouble, Trouble::Unavailable);
    assert_eq!(append_failure(&log).await.trouble, Trouble::Unavailable);
    let log = with_variables("nats:///GATE", &[]);
    assert_eq!(read_failure(&log).await.trouble, Trouble::Unsupported);
}
