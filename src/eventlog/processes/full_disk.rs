//! A disk is full: the writer is told, what was there stays, and once there is room again it goes on.

use std::env;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use super::child::{batch, child, reports, start, told};
use super::home::{FILES, Home, blocking, in_folder};
use super::servers::{Served, nats, postgres, versitygw};
use crate::eventlog::samples::{append, finished};
use crate::eventlog::{Filter, Times};

#[test]
fn a_full_disk_is_told_and_leaves_what_was_there() {
    for url in FILES {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(in_folder(url, &folder), ());
        blocking(append(
            &*home.log(),
            [finished("before", "2024-02-01T09:00:00Z")],
        ));
        let mut limited = Command::new("sh");
        limited
            .arg("-c")
            .arg(r#"trap "" XFSZ; ulimit -f 200; exec "$0" "$@""#)
            .arg(env::current_exe().unwrap());
        let (mut child, output) = start(told(limited, "endless", "full", &home));
        let mut reports: Vec<_> = reports(output).collect();
        assert!(child.wait().unwrap().success());
        assert_eq!(reports.pop().unwrap(), "refused: CannotWrite");
        assert!(!reports.is_empty());
        let page = blocking(home.log().events(&Filter::default(), usize::MAX)).unwrap();
        assert_eq!(page.events.len(), 1 + 2 * reports.len());
        assert_eq!(page.warnings, Vec::<String>::new());
        if let Some(path) = home.url.strip_prefix("jsonl:") {
            let text = fs::read_to_string(path).unwrap();
            assert_eq!(text.lines().count(), 1 + 2 * reports.len());
            assert!(text.ends_with("}\n"));
        }
        blocking(append(
            &*home.log(),
            [finished("after", "2024-02-01T11:00:00Z")],
        ));
    }
}

/// A small disk in memory.
struct Disk(tempfile::TempDir);

impl Disk {
    /// Makes one. `None`, and a line on stderr, where this is not allowed, as in most containers.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs"])
            .arg(folder.path())
            .output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        if !is_mounted {
            eprintln!("SKIPPED: no small disk can be mounted here");
        }
        is_mounted.then(|| Self(folder))
    }

    /// Fills it, but for a little.
    fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        let block = vec![0; 1 << 16];
        while ballast.write_all(&block).is_ok() {}
        let size = ballast.metadata().unwrap().len();
        ballast.set_len(size - (1 << 20)).unwrap();
    }

    /// Makes room again.
    fn empty(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    /// Returns the path of the file that fills it.
    fn ballast(&self) -> std::path::PathBuf {
        self.0.path().join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.0.path()).status());
    }
}

/// What a server needs once there is room again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Afterwards {
    /// Nothing.
    GoOn,
    /// To be started again.
    Restart,
}

/// Appends until the disk of the server is full, reads, makes room, and appends again.
fn fill_the_disk(name: &str, launch: fn(&Path) -> Option<Served>, afterwards: Afterwards) {
    let Some(disk) = Disk::new() else { return };
    let Some((home, mut server)) = launch(disk.0.path()) else {
        return;
    };
    blocking(append(
        &*home.log(),
        [finished("before", "2024-02-01T09:00:00Z")],
    ));
    disk.fill();
    let (mut child, output) = start(child("endless", "full", &home));
    let mut reports: Vec<_> = reports(output).collect();
    assert!(child.wait().unwrap().success());
    let refusal = reports.pop().unwrap();
    println!(
        "full disk, {name}: batches announced {}, then {refusal}",
        reports.len()
    );
    assert!(refusal.starts_with("refused: "), "{refusal}");
    assert!(!reports.is_empty());
    disk.empty();
    if afterwards == Afterwards::Restart {
        server.kill();
        server.restart();
    }
    let log = home.log();
    let again = blocking(log.append(batch("full", reports.len()), Times::Stamped));
    assert_eq!(again.unwrap().len(), 2);
    let page = blocking(home.log().events(&Filter::default(), usize::MAX)).unwrap();
    assert_eq!(page.events.len(), 1 + 2 * (reports.len() + 1));
    assert_eq!(page.warnings, Vec::<String>::new());
}

#[test]
fn a_full_disk_of_postgres_is_told_and_loses_nothing() {
    fill_the_disk("postgres", postgres, Afterwards::GoOn);
}

#[test]
fn a_full_disk_of_nats_is_told_and_loses_nothing() {
    fill_the_disk("nats", nats, Afterwards::Restart);
}

#[test]
fn a_full_disk_of_versitygw_is_told_and_loses_nothing() {
    fill_the_disk("s3 on versitygw", versitygw, Afterwards::GoOn);
}
