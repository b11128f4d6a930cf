//! What can stand in a file of lines, and what becomes of it.
#![expect(
    clippy::disallowed_methods,
    reason = "tests: write files that are broken"
)]

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::eventlog::samples::{append, evaluation, finished, ids};
use crate::eventlog::{EVENT_LIMIT, EventLogSettings, NotALog};

/// A file of lines.
struct Place {
    path: PathBuf,
    _folder: TempDir,
}

impl Place {
    /// Writes a file.
    fn with(text: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        fs::write(&path, text).unwrap();
        Self {
            path,
            _folder: folder,
        }
    }

    /// Opens it. Waits for locks: a process that another test starts holds ours, too, between its fork and its exec.
    fn log(&self) -> JsonlLog {
        JsonlLog::new(self.path.clone(), EventLogSettings::LOCK_TIMEOUT)
    }

    /// Reads everything: the ids, and the warnings without the folder.
    async fn read(&self, log: &JsonlLog) -> (Vec<String>, Vec<String>) {
        let Page { events, warnings } = log.events(&Filter::default(), usize::MAX).await.unwrap();
        let folder = format!("{}/", self.path.parent().unwrap().display());
        (
            events.into_iter().map(|event| event.id).collect(),
            warnings
                .iter()
                .map(|line| line.replace(&folder, ""))
                .collect(),
        )
    }

    /// Returns what the file is taken for.
    async fn found(&self) -> NotALog {
        let read = self.log().events(&Filter::default(), 1).await.unwrap_err();
        let before = fs::read(&self.path).unwrap();
        let append = self
            .log()
            .append(vec![finished("1", "")], Times::Stamped)
            .await
            .unwrap_err();
        assert_eq!(fs::read(&self.path).unwrap(), before);
        match (read, append) {
            (ReadError::NotALog { found, .. }, AppendError::NotALog { found: same, .. }) => {
                assert_eq!(found, same);
                found
            }
            other => panic!("{other:?}"),
        }
    }

    /// Adds to the file as another program would.
    fn add(&self, text: &str) {
        let mut file = OpenOptions::new().append(true).open(&self.path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
}

/// Returns the line of an event.
fn line(id: &str) -> String {
    format!(r#"{{"id":"{id}","type":"t","time":"2024-02-01T10:00:00Z"}}"#)
}

#[tokio::test]
async fn a_broken_line_is_named_and_the_rest_is_read() {
    let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(EVENT_LIMIT));
    let place = Place::with(format!(
        "{}\nnonsense\n{}\n{{\"id\":5}}\n{long}\n{}\n",
        line("1"),
        line("2"),
        line("3")
    ));
    let (ids, warnings) = place.read(&place.log()).await;
    assert_eq!(ids, ["3", "2", "1"]);
    insta::assert_snapshot!(warnings.join("\n"), @r"
    events.jsonl:2: not an event: not a JSON object
    events.jsonl:4: not an event: invalid type: integer `5`, expected a string, column 7
    events.jsonl:5: not an event: longer than 16 MiB
    ");
}

#[tokio::test]
async fn what_editors_and_windows_leave_behind_is_no_problem() {
    let place = Place::with(format!(
        "\u{feff}{}\r\n\r\n  \n{}\r\n{}",
        line("1"),
        line("2"),
        line("3")
    ));
    let log = place.log();
    assert_eq!(
        place.read(&log).await,
        (["3", "2", "1"].map(str::to_owned).to_vec(), vec![])
    );
    append(&log, [finished("4", "2024-02-02T10:00:00Z")]).await;
    for log in [log, place.log()] {
        assert_eq!(place.read(&log).await.0, ["4", "3", "2", "1"]);
        place.add("nonsense\n");
        let (_, warnings) = place.read(&log).await;
        assert!(warnings[0].starts_with("events.jsonl:7: "), "{warnings:?}");
    }
}

#[tokio::test]
async fn a_line_that_was_cut_off_swallows_no_event() {
    for cut in [1, 10, 30, line("2").len() - 1] {
        let place = Place::with(format!("{}\n{}", line("1"), &line("2")[..cut]));
        let log = place.log();
        assert_eq!(place.read(&log).await, (vec!["1".to_owned()], vec![]));
        append(&log, [finished("3", "2024-02-02T10:00:00Z")]).await;
        for log in [log, place.log()] {
            let (ids, warnings) = place.read(&log).await;
            assert_eq!(ids, ["3", "1"]);
            assert_eq!(warnings.len(), 1);
            assert!(warnings[0].starts_with("events.jsonl:2: "), "{warnings:?}");
        }
    }
}

#[tokio::test]
async fn a_line_that_was_cut_anywhere_is_passed_over() {
    let data = r#"{"id":"2","type":"t","data":{"a":[-1.5e+7,true,null,"\u00e9x"],"b":0}}"#;
    for cut in 1..data.len() {
        let place = Place::with(format!("{}\n{}", line("1"), &data[..cut]));
        let read = place.read(&place.log()).await;
        assert_eq!(read, (vec!["1".to_owned()], vec![]), "{}", &data[..cut]);
    }
}

#[tokio::test]
async fn lines_that_are_no_events_stay_when_others_are_removed() {
    let endless = "x".repeat(EVENT_LIMIT + 9);
    let text = format!(
        "{}\n\nnonsense\n{endless}\n{}\n{{\"id\":",
        line("1"),
        line("2")
    );
    let place = Place::with(&text);
    let log = place.log();
    let [first, other] = ["1", "9"].map(|id| finished(id, ""));
    assert_eq!(log.remove(&[first, other]).await.unwrap(), 1);
    let left = fs::read_to_string(&place.path).unwrap();
    assert!(left == text.replacen(&(line("1") + "\n"), "", 1));
    assert_eq!(place.read(&log).await.0, ["2"]);
}

#[tokio::test]
async fn what_stands_twice_is_removed_twice() {
    let place = Place::with(format!("{}\n{}\n{}\n", line("1"), line("2"), line("1")));
    assert_eq!(place.log().remove(&[finished("1", "")]).await.unwrap(), 1);
    assert_eq!(place.read(&place.log()).await.0, ["2"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_removal_keeps_links_and_permissions_and_leaves_no_other_file() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let place = Place::with(format!("{}\n{}\n", line("1"), line("2")));
    fs::set_permissions(&place.path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = tempfile::tempdir().unwrap();
    let path = link.path().join("link.jsonl");
    symlink(&place.path, &path).unwrap();
    // What a killed process left.
    fs::write(place.path.with_file_name(".events.jsonl.rest"), "rest").unwrap();
    let log = JsonlLog::new(path.clone(), EventLogSettings::LOCK_TIMEOUT);
    assert_eq!(log.remove(&[finished("1", "")]).await.unwrap(), 1);
    assert!(path.symlink_metadata().unwrap().is_symlink());
    let mode = fs::metadata(&place.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(place.read(&log).await.0, ["2"]);
    let folder = place.path.parent().unwrap();
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
}

#[tokio::test]
async fn a_log_that_is_open_elsewhere_notices_a_removal() {
    let place = Place::with(format!("{}\n{}\n{}\n", line("1"), line("2"), line("3")));
    let log = place.log();
    assert_eq!(place.read(&log).await.0, ["3", "2", "1"]);
    let other = place.log();
    other.remove(&[finished("2", "")]).await.unwrap();
    let fourth = evaluation("4", "2024-02-02T10:00:00Z", 9);
    append(&other, [fourth]).await;
    assert_eq!(place.read(&log).await.0, ["4", "3", "1"]);
    append(&log, [finished("5", "2024-02-03T10:00:00Z")]).await;
    assert_eq!(place.read(&other).await.0, ["5", "4", "3", "1"]);
}

#[cfg(unix)]
#[tokio::test]
async fn whoever_waited_for_the_lock_while_events_were_removed_writes_to_the_new_file() {
    let place = Place::with(format!("{}\n{}\n", line("1"), line("2")));
    let holder = File::open(&place.path).unwrap();
    holder.lock().unwrap();
    let log = place.log();
    let waiting = tokio::spawn(async move {
        append(&log, [finished("3", "2024-02-02T10:00:00Z")]).await;
    });
    // As a removal does: another file takes the place of the locked one.
    let rest = place.path.with_extension("rest");
    fs::write(&rest, line("2") + "\n").unwrap();
    tokio::task::yield_now().await;
    fs::rename(rest, &place.path).unwrap();
    drop(holder);
    waiting.await.unwrap();
    assert_eq!(place.read(&place.log()).await.0, ["3", "2"]);
}

#[tokio::test]
async fn a_line_that_another_program_is_still_writing_is_read_once_it_is_complete() {
    let place = Place::with(line("1") + "\n");
    let log = place.log();
    let second = line("2");
    place.add(&second[..20]);
    assert_eq!(place.read(&log).await, (vec!["1".to_owned()], vec![]));
    place.add(&second[20..]);
    assert_eq!(place.read(&log).await.0, ["2", "1"]);
    place.add("\n");
    assert_eq!(place.read(&log).await.0, ["2", "1"]);
}

#[tokio::test]
async fn of_events_with_one_id_the_first_counts() {
    let place = Place::with(format!(
        "{}\n{}\n",
        line("1"),
        r#"{"id":"1","type":"other","time":"2025-02-01T10:00:00Z"}"#
    ));
    let page = place.log().events(&Filter::default(), 9).await.unwrap();
    assert_eq!(page.events.len(), 1);
    assert_eq!(page.events[0].event_type, "t");
}

#[tokio::test]
async fn an_event_that_is_broken_behind_its_id_uses_up_no_place() {
    let broken = r#"{"id":"2","type":"t","time":"2024-02-02T10:00:00Z","source":"\ud800"}"#;
    let place = Place::with(format!("{}\n{broken}\n", line("1")));
    let page = place.log().events(&Filter::default(), 1).await.unwrap();
    assert_eq!(page.events[0].id, "1");
    assert!(page.warnings[0].contains("events.jsonl:2: not an event: "));
}

#[tokio::test]
async fn a_payload_is_handed_on_as_it_came() {
    let odd =
        r#"{"id":"2","type":"t","time":"2024-02-02T10:00:00Z","data":{"x":"\ud800", "y" : 1e999}}"#;
    let place = Place::with(format!("{odd}\n"));
    let page = place.log().events(&Filter::default(), 1).await.unwrap();
    assert_eq!(page.events[0].data.json(), r#"{"x":"\ud800", "y" : 1e999}"#);
    assert_eq!(page.events[0].data.tree(), None);
}

#[tokio::test]
async fn a_file_that_holds_no_event_is_no_log() {
    let text = Place::with("title: SLO\nobjectives: []\n").found().await;
    assert_eq!(
        text.to_string(),
        "it holds no event: line 1 is none (not a JSON object)"
    );
    for export in [
        format!("[{},{}]", line("1"), line("2")),
        format!("[\n  {},\n  {}\n]\n", line("1"), line("2")),
        format!("{{\"events\":[{}]}}\n", line("1")),
        format!("{{\n  \"events\": [\n    {}\n  ]\n}}\n", line("1")),
    ] {
        assert_eq!(Place::with(export).found().await, NotALog::OneDocument);
    }
    let place = Place::with("");
    assert!(ids(&place.log(), &Filter::default(), 9).await.is_empty());
}

#[tokio::test]
async fn a_folder_is_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = JsonlLog::new(folder.path().to_owned(), Duration::ZERO);
    let read = log.events(&Filter::default(), 1).await.unwrap_err();
    let append = log
        .append(vec![finished("1", "")], Times::Stamped)
        .await
        .unwrap_err();
    assert!(read.to_string().ends_with("it is a folder"), "{read}");
    assert!(append.to_string().ends_with("it is a folder"), "{append}");
}

#[tokio::test]
async fn a_file_that_was_replaced_is_read_anew() {
    let place = Place::with(format!("{}\n{}\n", line("1"), line("2")));
    let log = place.log();
    assert_eq!(place.read(&log).await.0, ["2", "1"]);
    fs::write(&place.path, line("3") + "\n").unwrap();
    assert_eq!(place.read(&log).await.0, ["3"]);
}

#[tokio::test]
async fn a_lock_that_is_held_too_long_is_told() {
    let place = Place::with(line("1") + "\n");
    let holder = File::open(&place.path).unwrap();
    holder.lock().unwrap();
    let impatient = JsonlLog::new(place.path.clone(), Duration::ZERO);
    let read = impatient.events(&Filter::default(), 1).await.unwrap_err();
    let append = impatient
        .append(vec![finished("2", "")], Times::Stamped)
        .await
        .unwrap_err();
    assert!(matches!(read, ReadError::Locked { .. }));
    assert!(matches!(append, AppendError::Locked { .. }));
    holder.unlock().unwrap();
    holder.lock_shared().unwrap();
    assert_eq!(place.read(&place.log()).await.0, ["1"]);
}

#[tokio::test]
async fn a_log_of_version_1_stays_readable() {
    let place = Place::with(include_str!("../../../fixtures/eventlog/v1.jsonl"));
    crate::eventlog::samples::check_version_1(&place.log()).await;
}
