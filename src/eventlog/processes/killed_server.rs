//! A server is killed under a writer, and comes back: the writer ends up with all that it wanted to store, once.

use std::collections::BTreeSet;
use std::env;

use super::child::{STUBBORN, batch, child, reports, start};
use super::home::{Home, blocking, rounds};
use super::servers::{Mortal, nats, postgres, versitygw};
use crate::eventlog::Filter;

/// Kills the server so many times, while a writer appends that tries again until all is stored.
fn kill_the_server(name: &str, (home, mut server): (Home, Box<dyn Mortal>)) {
    let kills = rounds(30) / 10;
    let mut announced = Vec::new();
    let mut expected = BTreeSet::new();
    for round in 0..kills.div_ceil(4) {
        let writer = format!("w{round}");
        let (mut process, output) = start(child("stubborn", &writer, &home));
        let mut reports = reports(output);
        for _ in 0..4.min(kills - 4 * round) {
            announced.extend(reports.by_ref().take(STUBBORN / 6));
            server.kill();
            server.restart();
        }
        announced.extend(reports);
        assert!(process.wait().unwrap().success());
        expected.extend((0..STUBBORN).flat_map(|n| batch(&writer, n)).map(|e| e.id));
    }
    let page = blocking(home.log().events(&Filter::default(), usize::MAX)).unwrap();
    let found: BTreeSet<_> = page.events.iter().map(|event| event.id.clone()).collect();
    let lost = expected.difference(&found).count();
    let doubled = page.events.len() - found.len();
    println!(
        "killed server, {name}: kills {kills}, events announced {}, lost {lost}, doubled {doubled}",
        2 * announced.len()
    );
    assert_eq!(2 * announced.len(), expected.len());
    assert_eq!(found, expected);
    assert_eq!(doubled, 0);
    assert_eq!(page.warnings, Vec::<String>::new());
}

#[test]
fn a_writer_outlives_a_postgres_that_is_killed() {
    if let Some(served) = postgres(&env::temp_dir()) {
        kill_the_server("postgres", served);
    }
}

#[test]
fn a_writer_outlives_a_nats_server_that_is_killed() {
    if let Some(served) = nats(&env::temp_dir()) {
        kill_the_server("nats", served);
    }
}

#[test]
fn a_writer_outlives_a_versitygw_that_is_killed() {
    if let Some(served) = versitygw(&env::temp_dir()) {
        kill_the_server("s3 on versitygw", served);
    }
}
