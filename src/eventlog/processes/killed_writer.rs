//! A writer is killed at any moment: what it announced is there, once, and the next one goes on.

use std::collections::HashSet;
use std::env;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::thread;
use std::time::Duration;

use super::child::{batch, child, reports, stage, start};
use super::home::{FILES, Home, blocking, rounds};
#[cfg(unix)]
use super::servers;
use crate::eventlog::samples::series;
use crate::eventlog::{EventLog, Filter, Times};
use crate::gate::event::CloudEvent;

/// What came of all rounds.
#[derive(Debug, Default)]
struct Tally {
    rounds: usize,
    /// How many writers were killed before they had announced anything.
    early: usize,
    /// How many events were announced.
    announced: usize,
    /// How many of those are not there.
    lost: usize,
    /// How many events are there twice.
    doubled: usize,
    /// How many batches were stored, whole, and never announced.
    unheard: usize,
    /// How many batches were stored in part when their writer died; they became whole when they were said again.
    parted: usize,
    /// How many places that a kill broke are named.
    warnings: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "rounds {}, killed before the first announcement {}, events announced {}, lost {}, doubled {}, batches stored \
             unannounced {}, in part {}, broken places named {}",
            self.rounds,
            self.early,
            self.announced,
            self.lost,
            self.doubled,
            self.unheard,
            self.parted,
            self.warnings
        )
    }
}

/// Draws a number below a limit.
fn lot(limit: u64) -> u64 {
    RandomState::new().hash_one(()) % limit
}

/// Kills so many writers, each after some announcements and some milliseconds more, and checks the log after each. The
/// batch in which a writer died is said again, as a job does that is started again.
fn kill_writers(home: &Home, rounds: usize) -> Tally {
    let mut tally = Tally {
        rounds,
        ..Tally::default()
    };
    let mut expected = HashSet::new();
    for round in 0..rounds {
        let writer = format!("r{round}");
        let (mut process, output) = start(child("endless", &writer, home));
        let mut reports = reports(output);
        let patience = usize::try_from(lot(6)).unwrap();
        let heard = reports.by_ref().take(patience).count();
        assert_eq!(heard, patience, "{writer} ended by itself");
        // Any moment is a good one to die.
        thread::sleep(Duration::from_micros(lot(20_000)));
        process.kill().unwrap();
        process.wait().unwrap();
        let heard = heard + reports.count();
        tally.early += usize::from(heard == 0);
        tally.announced += 2 * heard;
        blocking(mend(&*home.log(), &writer, heard, &mut tally));
        for n in 0..=heard {
            expected.extend([format!("{writer}-{n}-a"), format!("{writer}-{n}-b")]);
        }
    }
    check_the_end(home, &expected, &mut tally);
    tally
}

/// Looks what is there of a writer that was killed, and says its last batch again.
async fn mend(log: &dyn EventLog, writer: &str, heard: usize, tally: &mut Tally) {
    let found = ids_of(log, writer).await;
    for id in (0..heard)
        .flat_map(|n| batch(writer, n))
        .map(|event| event.id)
    {
        tally.lost += usize::from(!found.contains(&id));
    }
    match found.len().saturating_sub(2 * heard) {
        0 => {}
        1 => tally.parted += 1,
        2 => tally.unheard += 1,
        more => panic!("{writer} stored {more} events beyond what it announced"),
    }
    let again = log.append(batch(writer, heard), Times::Stamped).await;
    assert_eq!(again.unwrap().len(), 2);
    let mended = ids_of(log, writer).await;
    assert_eq!(mended.len(), 2 * (heard + 1), "{writer}: {mended:?}");
}

/// Returns the ids of what is there of a writer; another one has the same series.
async fn ids_of(log: &dyn EventLog, writer: &str) -> Vec<String> {
    let own = Filter::of_series(&series("sockshop", &stage(writer), "carts"));
    let page = log.events(&own, usize::MAX).await.unwrap();
    let ids = page.events.into_iter().map(|event| event.id);
    let start = format!("{writer}-");
    ids.filter(|id| id.starts_with(&start)).collect()
}

/// Reads the whole log: it has what is expected, once, in order.
fn check_the_end(home: &Home, expected: &HashSet<String>, tally: &mut Tally) {
    let page = blocking(home.log().events(&Filter::default(), usize::MAX)).unwrap();
    let found: HashSet<String> = page.events.iter().map(|event| event.id.clone()).collect();
    tally.lost += expected.difference(&found).count();
    tally.doubled = page.events.len() - found.len();
    tally.warnings = page.warnings.len();
    assert_eq!(&found, expected);
    let position = |event: &CloudEvent| (event.data_text("stage"), event.time);
    let places: HashSet<_> = page.events.iter().map(position).collect();
    assert_eq!(places.len(), page.events.len(), "two have the same time");
}

/// Shows a tally, and checks that nothing was lost or doubled.
fn check(name: &str, tally: &Tally) {
    println!("killed writers, {name}: {tally}");
    assert_eq!((tally.lost, tally.doubled), (0, 0), "{name}: {tally}");
    let lines_cut = if name == "jsonl" { tally.rounds } else { 0 };
    assert!(tally.warnings <= lines_cut, "{name}: {tally}");
}

#[test]
fn what_was_announced_survives_a_kill_in_a_file() {
    for url in FILES {
        let name = url.split(':').next().unwrap();
        check(name, &kill_writers(&Home::of_file(url), rounds(20)));
    }
}

#[cfg(unix)]
#[test]
fn what_was_announced_to_postgres_survives_the_writer() {
    if let Some((home, _server)) = servers::postgres(&env::temp_dir()) {
        check("postgres", &kill_writers(&home, rounds(20)));
    }
}

#[cfg(unix)]
#[test]
fn what_was_announced_to_nats_survives_the_writer() {
    if let Some((home, _server)) = servers::nats(&env::temp_dir()) {
        check("nats", &kill_writers(&home, rounds(20)));
    }
}

#[cfg(unix)]
#[test]
fn what_was_announced_to_s3_survives_the_writer() {
    if let Some((home, _server)) = servers::versitygw(&env::temp_dir()) {
        check("s3 on versitygw", &kill_writers(&home, rounds(20)));
    }
}

#[cfg(unix)]
#[test]
fn what_was_announced_to_keptn_survives_the_writer() {
    check("keptn", &kill_writers(&servers::keptn(), rounds(20)));
}
