//! What a crowd, a crash, a cut connection and a server that refuses do to the log.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::runtime;

use super::PostgresLog;
use crate::eventlog::samples::{evaluation, finished, ids};
use crate::eventlog::{
    AppendError, EventLog as _, EventLogSettings, Filter, LogUrl, ReadError, Times, Trouble,
};
use crate::gate::event::CloudEvent;
use crate::net::test_postgres::Postgres;

/// How many write at once.
const WRITERS: usize = 8;
/// How many events each of them appends.
const EACH: usize = 15;

fn opened(url: &str, timeout: Duration) -> PostgresLog {
    let settings = EventLogSettings {
        timeout,
        lock_timeout: timeout,
        ..EventLogSettings::new(url.parse::<LogUrl>().unwrap())
    };
    let LogUrl::Remote(url) = &settings.url else {
        panic!("no server");
    };
    PostgresLog::open(&settings, url).unwrap()
}

/// Long enough for a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(60);

fn blocking<T>(work: impl Future<Output = T>) -> T {
    let mut builder = runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(work)
}

async fn all(log: &PostgresLog) -> Vec<CloudEvent> {
    let page = log.events(&Filter::default(), usize::MAX).await.unwrap();
    assert_eq!(page.warnings, Vec::<String>::new());
    page.events
}

#[test]
fn a_crowd_that_starts_with_nothing_gets_strictly_growing_times() {
    let Some(server) = Postgres::start(None) else {
        return;
    };
    let url = server.url();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let url = url.clone();
            thread::spawn(move || {
                blocking(async {
                    let log = opened(&url, PATIENCE);
                    let mut stored = Vec::new();
                    for n in 0..EACH {
                        // All have the same time, and every other id is everyone's.
                        let id = if n % 2 == 0 {
                            format!("all-{n}")
                        } else {
                            format!("{writer}-{n}")
                        };
                        let event = finished(&id, "2024-02-01T10:00:00Z");
                        stored.extend(log.append(vec![event], Times::Stamped).await.unwrap());
                    }
                    stored
                })
            })
        })
        .collect();
    let announced: Vec<CloudEvent> = writers
        .into_iter()
        .flat_map(|writer| writer.join().unwrap())
        .collect();
    let found = blocking(all(&opened(&url, PATIENCE)));
    assert_eq!(found.len(), WRITERS * (EACH / 2) + EACH.div_ceil(2));
    assert!(found.windows(2).all(|pair| pair[0].time > pair[1].time));
    assert!(announced.iter().all(|event| found.contains(event)));
}

#[test]
fn what_was_announced_outlives_a_server_that_is_killed() {
    let Some(mut server) = Postgres::start(None) else {
        return;
    };
    let url = server.url();
    let (announce, announced) = channel();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (url, announce) = (url.clone(), announce.clone());
            thread::spawn(move || blocking(endure(&url, writer, &announce)))
        })
        .collect();
    drop(announce);
    let mut heard = HashSet::new();
    for _ in 0..2 {
        // The crowd is at work when this comes.
        heard.extend(announced.iter().take(20));
        server.kill();
        server.restart();
    }
    heard.extend(announced.iter());
    for writer in writers {
        writer.join().unwrap();
    }
    let found = blocking(all(&opened(&url, PATIENCE)));
    let times: HashSet<_> = found.iter().map(|event| event.time).collect();
    let unique: HashSet<String> = found.iter().map(|event| event.id.clone()).collect();
    assert_eq!((unique.len(), times.len()), (found.len(), found.len()));
    assert_eq!(heard.len(), 4 * 40);
    assert_eq!(unique, heard);
}

/// Appends forty events, each until it is stored, and announces them.
async fn endure(url: &str, writer: usize, announce: &Sender<String>) {
    let log = opened(url, PATIENCE);
    for n in 0..40 {
        let event = evaluation(&format!("{writer}-{n}"), "2024-02-01T10:00:00Z", 5);
        loop {
            match log.append(vec![event.clone()], Times::Stamped).await {
                Ok(stored) => break announce.send(stored[0].id.clone()).unwrap(),
                Err(AppendError::Remote(failure)) => {
                    let troubles = [Trouble::Unavailable, Trouble::InDoubt];
                    assert!(troubles.contains(&failure.trouble), "{failure:?}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

/// What a proxy does to the answers of a server.
#[derive(Clone, Copy)]
enum Harm {
    /// It cuts the connection in place of the answer to a commit, so many times.
    CutCommits(usize),
    /// It cuts the connection after so many bytes.
    CutAfter(usize),
    /// It stops to pass on answers after so many bytes, and keeps the connection.
    StallAfter(usize),
}

/// Starts a proxy before a server, and returns its port.
fn proxy(server: &Postgres, harm: Harm) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (own, port) = (listener.local_addr().unwrap().port(), server.port());
    let cuts = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let commits = Arc::new(AtomicUsize::new(0));
            let up = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let seen = Arc::clone(&commits);
            thread::spawn(move || requests(up.0, up.1, &seen));
            let cuts = Arc::clone(&cuts);
            thread::spawn(move || answers(server, client, harm, &commits, &cuts));
        }
    });
    own
}

/// Passes requests on, and counts the commits among them before they arrive.
fn requests(mut client: TcpStream, mut server: TcpStream, commits: &AtomicUsize) {
    let mut buffer = vec![0; 65536];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let bytes = &buffer[..count];
        if bytes.windows(7).any(|seven| seven == b"COMMIT\0") {
            commits.fetch_add(1, Ordering::SeqCst);
        }
        if server.write_all(bytes).is_err() {
            break;
        }
    }
    // The other side may be gone already.
    drop(server.shutdown(Shutdown::Both));
}

/// Passes answers on, and does its harm.
fn answers(
    mut server: TcpStream,
    mut client: TcpStream,
    harm: Harm,
    commits: &AtomicUsize,
    cuts: &AtomicUsize,
) {
    let mut buffer = vec![0; 4096];
    let mut passed = 0;
    while let Ok(count @ 1..) = server.read(&mut buffer) {
        passed += count;
        let is_cut = match harm {
            Harm::CutCommits(most) => {
                commits.load(Ordering::SeqCst) > 0 && cuts.fetch_add(1, Ordering::SeqCst) < most
            }
            Harm::CutAfter(bytes) => passed > bytes,
            Harm::StallAfter(bytes) if passed > bytes => {
                // Until the client goes away.
                while let Ok(1..) = server.read(&mut buffer) {}
                return;
            }
            Harm::StallAfter(_) => false,
        };
        if is_cut || client.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    drop(client.shutdown(Shutdown::Both));
}

/// Returns the URL of a server behind a proxy.
fn behind(server: &Postgres, harm: Harm) -> String {
    let (own, other) = (server.port().to_string(), proxy(server, harm));
    server.url().replace(&own, &other.to_string())
}

fn trouble_of(error: &AppendError) -> Option<Trouble> {
    let AppendError::Remote(failure) = error else {
        return None;
    };
    Some(failure.trouble)
}

#[tokio::test]
async fn an_append_whose_answer_is_lost_is_stored_once_and_known() {
    let Some(server) = Postgres::start(None) else {
        return;
    };
    let event = || finished("1", "2024-02-01T10:00:00Z");
    let once = opened(&behind(&server, Harm::CutCommits(1)), PATIENCE);
    let stored = once.append(vec![event()], Times::Stamped).await.unwrap();
    assert_eq!(all(&opened(&server.url(), PATIENCE)).await, stored);

    let always = behind(&server, Harm::CutCommits(usize::MAX));
    let always = opened(&always, Duration::from_secs(2));
    let second = finished("2", "2024-02-01T10:00:00Z");
    let error = always
        .append(vec![second.clone()], Times::Stamped)
        .await
        .unwrap_err();
    assert_eq!(trouble_of(&error), Some(Trouble::InDoubt), "{error:?}");
    assert!(
        error.to_string().contains("may be stored, or not"),
        "{error}"
    );
    let log = opened(&server.url(), PATIENCE);
    let again = log.append(vec![second], Times::Stamped).await.unwrap();
    assert_eq!(all(&log).await, [again[0].clone(), stored[0].clone()]);
    let error = always.remove(&again).await.unwrap_err();
    assert_eq!(trouble_of(&error), Some(Trouble::InDoubt), "{error:?}");
    assert_eq!(ids(&log, &Filter::default(), 9).await, ["1"]);
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_stalls_is_no_history() {
    let Some(server) = Postgres::start(None) else {
        return;
    };
    let log = opened(&server.url(), PATIENCE);
    let batch = (0..50).map(|n| evaluation(&n.to_string(), "2024-02-01T10:00:00Z", 20));
    log.append(batch.collect(), Times::Stamped).await.unwrap();
    for (harm, part) in [
        (Harm::CutAfter(60_000), "broke off"),
        (Harm::CutAfter(100), "broke off"),
        (Harm::StallAfter(60_000), "no answer within 2s"),
        (Harm::StallAfter(0), "no answer within 2s"),
    ] {
        let log = opened(&behind(&server, harm), Duration::from_secs(2));
        let error = log.events(&Filter::default(), 50).await.unwrap_err();
        let ReadError::Remote(failure) = error else {
            panic!("{error:?}");
        };
        let text = failure.source.to_string();
        assert_eq!(failure.trouble, Trouble::Unavailable);
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn what_the_server_refuses_is_sorted_and_conflicts_are_tried_again() {
    let Some(server) = Postgres::start(None) else {
        return;
    };
    let log = opened(&server.url(), Duration::from_secs(5));
    let event = |id: &str| finished(id, "2024-02-01T10:00:00Z");
    log.append(vec![event("1")], Times::Stamped).await.unwrap();
    server.execute(
        "create sequence tries; create table refusal (code text, first int);
        create function refuse() returns trigger language plpgsql as $$ begin
          if nextval('tries') <= (select first from refusal) then
            raise exception 'no way' using errcode = (select code from refusal); end if;
          return new; end $$;
        create trigger refuse before insert on tidegate.events for each row execute function refuse();",
    );
    let refuse = |code: &str, first: i32| {
        server.execute(&format!(
            "alter sequence tries restart; delete from refusal; insert into refusal values ('{code}', {first})"
        ));
    };
    for (code, trouble, part) in [
        ("53100", Trouble::Unavailable, "disk is full"),
        ("53300", Trouble::Throttled, "too many connections"),
        ("57P01", Trouble::Unavailable, "57P01"),
        ("57014", Trouble::Unavailable, "did not answer within"),
        ("55P03", Trouble::Throttled, "try again"),
        ("42501", Trouble::NotAuthorised, "grant"),
        ("XX000", Trouble::Unavailable, "no way"),
        ("P0001", Trouble::BadAnswer, "no way"),
    ] {
        refuse(code, 1000);
        let error = log
            .append(vec![event("2")], Times::Stamped)
            .await
            .unwrap_err();
        assert_eq!(trouble_of(&error), Some(trouble), "{code}");
        let text = std::error::Error::source(&error).unwrap().to_string();
        assert!(text.contains(part), "{code}: {text}");
    }
    for code in ["40001", "40P01"] {
        refuse(code, 3);
        let stored = log.append(vec![event(code)], Times::Stamped).await.unwrap();
        assert_eq!(stored[0].id, code);
        assert_eq!(server.execute("select last_value from tries").trim(), "4");
    }
    assert_eq!(
        ids(&log, &Filter::default(), 9).await,
        ["40P01", "40001", "1"]
    );
}

#[tokio::test]
async fn whoever_waits_for_another_writer_too_long_is_told_to_try_again() {
    let Some(server) = Postgres::start(None) else {
        return;
    };
    let log = opened(&server.url(), Duration::from_secs(2));
    let event = finished("1", "2024-02-01T10:00:00Z");
    log.append(vec![event], Times::Stamped).await.unwrap();
    let other = opened(&server.url(), PATIENCE);
    let connection = other.connection().await.unwrap();
    let key = super::schema::lock_key(&other.place, None);
    let lock = format!("BEGIN; SELECT pg_advisory_xact_lock({key})");
    connection.client.batch_execute(&lock).await.unwrap();
    let late = || log.append(vec![finished("2", "")], Times::Stamped);
    let error = late().await.unwrap_err();
    assert_eq!(trouble_of(&error), Some(Trouble::Throttled), "{error:?}");
    assert_eq!(ids(&log, &Filter::default(), 9).await, ["1"]);
    drop(connection);
    drop(other);
    late().await.unwrap();
    assert_eq!(ids(&log, &Filter::default(), 9).await, ["2", "1"]);
}

#[tokio::test]
async fn a_connection_that_was_lost_while_it_waited_is_replaced() {
    let Some(mut server) = Postgres::start(None) else {
        return;
    };
    let log = opened(&server.url(), PATIENCE);
    log.append(vec![finished("1", "2024-02-01T10:00:00Z")], Times::Stamped)
        .await
        .unwrap();
    for n in ["2", "3"] {
        server.kill();
        server.restart();
        assert_eq!(ids(&log, &Filter::default(), 1).await.len(), 1);
        server.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tidegate'");
        let event = finished(n, "2024-02-01T10:00:00Z");
        log.append(vec![event], Times::Stamped).await.unwrap();
    }
    assert_eq!(ids(&log, &Filter::default(), 9).await, ["3", "2", "1"]);
}
