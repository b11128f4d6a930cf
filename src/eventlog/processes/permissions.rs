//! Logs on this machine that may not be read, written or created.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use super::child::{child, reports, start};
use super::home::{FILES, Home, blocking, in_folder};
use crate::eventlog::samples::{append, finished};

#[test]
fn a_log_that_may_not_be_written_can_still_be_read() {
    for url in FILES {
        let folder = tempfile::tempdir().unwrap();
        let url = in_folder(url, &folder);
        let url = url.as_str();
        let path = Path::new(url.split_once(':').unwrap().1);
        let log = Home::new(url, ()).log();
        blocking(append(&*log, [finished("1", "2024-02-01T09:00:00Z")]));
        drop(log);
        permit(path, 0o444);
        permit(folder.path(), 0o555);
        assert_eq!(look_without_rights(url), ["read 1", "append CannotWrite"]);
        permit(path, 0o000);
        assert_eq!(
            look_without_rights(url),
            ["read Forbidden", "append CannotWrite"]
        );
        permit(folder.path(), 0o755);
    }
}

#[test]
fn a_log_of_an_earlier_version_that_may_not_be_written_can_still_be_read() {
    for mode in ["DELETE", "WAL"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.db");
        let dump = include_str!("../../../fixtures/eventlog/v1.sql");
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute_batch(dump).unwrap();
        database
            .pragma_update_and_check(None, "journal_mode", mode, |_| Ok(()))
            .unwrap();
        drop(database);
        permit(&path, 0o444);
        permit(folder.path(), 0o555);
        let url = format!("sqlite:{}", path.display());
        assert_eq!(look_without_rights(&url), ["read 6", "append CannotWrite"]);
        permit(folder.path(), 0o755);
    }
}

#[test]
fn a_log_that_may_not_be_created_is_an_empty_history() {
    for url in FILES {
        let folder = tempfile::tempdir().unwrap();
        permit(folder.path(), 0o555);
        for url in [
            in_folder(url, &folder),
            in_folder(&url.replace(':', ":a/"), &folder),
        ] {
            assert_eq!(look_without_rights(&url), ["read 0", "append CannotWrite"]);
        }
        permit(folder.path(), 0o755);
    }
}

/// Lets a child without special rights look at a log.
fn look_without_rights(url: &str) -> Vec<String> {
    let mut command = child("look", "x", &Home::new(url, ()));
    if tempfile::tempfile().unwrap().metadata().unwrap().uid() == 0 {
        command.uid(65_534);
    }
    let (mut child, output) = start(command);
    let reports = reports(output).collect();
    assert!(child.wait().unwrap().success());
    reports
}

/// Sets the permissions of a file or folder.
fn permit(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
