//! Several processes, and how they end: crowded, killed, out of space, without permission.
//!
//! A child is this test binary again, told by an environment variable to be one. Nothing here waits for time to pass.
#![expect(
    clippy::disallowed_methods,
    reason = "tests: a child learns from its environment what it is to do; folders get other permissions"
)]

use std::collections::{BTreeMap, HashSet};
use std::env;
use std::io::{BufRead as _, BufReader};
#[cfg(unix)]
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime;

use super::samples::{carts, evaluation, finished, finished_in, series};
use super::{
    AppendError, EventLog, EventLogSettings, Filter, LogUrl, Page, ReadError, Times, open,
};
use crate::gate::event::{CloudEvent, EventType};

/// Tells a child its task, the folder and the log.
const TASK: &str = "TIDEGATE_TEST_CHILD";

/// Stands before each line in which a child reports.
const REPORT: &str = "report: ";

/// How many batches each writer of a crowd appends.
const BATCHES: usize = 50;

/// The logs that are files.
const LOGS: [&str; 2] = ["sqlite:events.db", "jsonl:events.jsonl"];

/// What a child is to do.
struct Task {
    /// Its name: `crowd`, `meet`, `endless`, `until-refused`, `look`.
    name: String,
    /// What to put into the ids.
    writer: String,
    /// The log.
    url: String,
}

impl Task {
    /// Reads the task of this process, if it is a child.
    fn own() -> Option<Self> {
        let text = env::var(TASK).ok()?;
        let mut words = text.splitn(3, ' ').map(str::to_owned);
        Some(Self {
            name: words.next()?,
            writer: words.next()?,
            url: words.next()?,
        })
    }
}

#[test]
fn a_child_does_its_task() {
    let Some(task) = Task::own() else { return };
    let log = log(&task.url);
    match task.name.as_str() {
        "crowd" => crowd(&*log, &task.writer),
        "meet" => {
            println!("{REPORT}here");
            crowd(&*log, &task.writer);
        }
        "endless" => append_until_refused(&*log, &task.writer),
        "look" => look(&*log),
        other => panic!("no task {other}"),
    }
}

/// Appends the batches of one writer among many, all with one time.
fn crowd(log: &dyn EventLog, writer: &str) {
    for n in 0..BATCHES {
        let own = if n % 2 == 0 {
            carts()
        } else {
            series("sockshop", "prod", "carts")
        };
        let id = format!("{writer}-{n}");
        let mut triggered = finished_in(&own, &format!("{id}-t"), "2024-02-01T10:00:00Z");
        triggered.event_type = EventType::TRIGGERED.to_owned();
        let batch = vec![
            triggered,
            finished_in(&own, &format!("{id}-f"), "2024-02-01T10:00:00Z"),
        ];
        assert_eq!(append(log, batch).unwrap().len(), 2);
    }
}

/// Appends, small and large in turn, and reports each batch after it is stored; ends when one is refused.
fn append_until_refused(log: &dyn EventLog, writer: &str) {
    for n in 0.. {
        let id = format!("{writer}-{n}");
        let indicators = if n % 3 == 2 { 100 } else { 3 };
        let batch = vec![
            finished(&format!("{id}-a"), "2024-02-01T10:00:00Z"),
            evaluation(&format!("{id}-b"), "2024-02-01T10:00:00Z", indicators),
        ];
        match append(log, batch) {
            Ok(_) => println!("{REPORT}{id}"),
            Err(error) => return println!("{REPORT}refused: {}", kind(&error)),
        }
    }
}

/// Reads, then appends, and reports how either went.
fn look(log: &dyn EventLog) {
    match read(log) {
        Ok(page) => println!("{REPORT}read {}", page.events.len()),
        Err(ReadError::Forbidden { .. }) => println!("{REPORT}read Forbidden"),
        Err(other) => println!("{REPORT}read {other:?}"),
    }
    match append(log, vec![finished("new", "2024-02-01T10:00:00Z")]) {
        Ok(_) => println!("{REPORT}appended"),
        Err(error) => println!("{REPORT}append {}", kind(&error)),
    }
}

/// Returns the name of the variant.
fn kind(error: &AppendError) -> String {
    let text = format!("{error:?}");
    text.split(' ').next().unwrap_or_default().to_owned()
}

#[test]
fn many_writers_lose_nothing_and_double_nothing() {
    for url in LOGS {
        let folder = tempfile::tempdir().unwrap();
        let url = &in_folder(url, &folder);
        let mut children: Vec<_> = (0..8)
            .map(|n| start(child(&format!("crowd p{n} {url}"))))
            .collect();
        thread::scope(|scope| {
            for n in 0..8 {
                scope.spawn(move || crowd(&*log(url), &format!("t{n}")));
            }
        });
        for (child, _output) in &mut children {
            assert!(child.wait().unwrap().success());
        }
        check_crowd(&read(&*log(url)).unwrap());
    }
}

#[test]
fn processes_that_meet_a_log_of_version_1_at_once_bring_it_up_once_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = &in_folder(LOGS[0], &folder);
    let path = folder.path().join("events.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    let dump = include_str!("../../fixtures/eventlog/v1.sql");
    database.execute_batch(dump).unwrap();
    let count = "SELECT count(*), count(DISTINCT id) FROM events";
    let stored = |database: &rusqlite::Connection| -> (i64, i64) {
        let row = database.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)));
        row.unwrap()
    };
    let (before, _) = stored(&database);
    // Nobody can begin before all are there: each waits for this lock.
    database.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let children = (0..4).map(|n| {
        let (child, output) = start(child(&format!("meet p{n} {url}")));
        (child, reports(output))
    });
    let mut children: Vec<_> = children.collect();
    for (_child, reports) in &mut children {
        assert_eq!(reports.next().unwrap(), "here");
    }
    database.execute_batch("COMMIT").unwrap();
    for (child, _reports) in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let appended = i64::try_from(4 * BATCHES * 2).unwrap();
    let all = before + appended;
    assert_eq!(stored(&database), (all, all));
    let version = database.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    assert_eq!(version.unwrap(), 2);
    let check = database.pragma_query_value(None, "integrity_check", |row| row.get::<_, String>(0));
    assert_eq!(check.unwrap(), "ok");
}

/// Checks that a crowd of sixteen left every batch once, each in one piece, with times that rise within a series.
fn check_crowd(page: &Page) {
    assert_eq!(page.warnings, Vec::<String>::new());
    assert_eq!(page.events.len(), 16 * BATCHES * 2);
    let mut by_stage: BTreeMap<String, Vec<&CloudEvent>> = BTreeMap::new();
    for event in page.events.iter().rev() {
        by_stage
            .entry(event.data_text("stage"))
            .or_default()
            .push(event);
    }
    for events in by_stage.values() {
        assert!(events.windows(2).all(|pair| pair[0].time < pair[1].time));
        for batch in events.chunks(2) {
            let id = batch[0].id.strip_suffix("-t").unwrap();
            assert_eq!(batch[1].id, format!("{id}-f"));
        }
    }
    let ids: HashSet<_> = page.events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), page.events.len());
}

#[test]
fn what_was_announced_survives_a_kill() {
    for url in LOGS {
        let folder = tempfile::tempdir().unwrap();
        let url = &in_folder(url, &folder);
        let mut announced = Vec::new();
        for round in 0..30 {
            let (mut child, output) = start(child(&format!("endless r{round} {url}")));
            let mut reports = reports(output);
            // After 1 to 7 batches: which of them is large changes with the round.
            announced.extend(reports.by_ref().take(1 + round * 5 % 7));
            child.kill().unwrap();
            child.wait().unwrap();
            announced.extend(reports);
            let log = log(url);
            let after = finished(&format!("after-{round}"), "2024-02-01T10:00:00Z");
            assert_eq!(append(&*log, vec![after]).unwrap().len(), 1);
            check_announced(&read(&*log).unwrap(), &announced, round);
        }
    }
}

/// Checks that everything announced is there; of what was not announced only the end may be missing.
fn check_announced(page: &Page, announced: &[String], round: usize) {
    let ids: HashSet<_> = page.events.iter().map(|event| event.id.as_str()).collect();
    for id in announced {
        assert!(ids.contains(format!("{id}-a").as_str()), "{id}");
        assert!(ids.contains(format!("{id}-b").as_str()), "{id}");
    }
    assert!(ids.contains(format!("after-{round}").as_str()));
    assert_eq!(ids.len(), page.events.len());
    // At most one batch a round was stored without being announced, and at most one line cut.
    assert!(ids.len() <= 2 * (announced.len() + round + 1) + round + 1);
    assert!(page.warnings.len() <= round + 1, "{:?}", page.warnings);
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_leaves_what_was_there() {
    for url in LOGS {
        let folder = tempfile::tempdir().unwrap();
        let url = &in_folder(url, &folder);
        append(&*log(url), vec![finished("before", "2024-02-01T09:00:00Z")]).unwrap();
        let mut limited = Command::new("sh");
        limited
            .arg("-c")
            .arg(r#"trap "" XFSZ; ulimit -f 200; exec "$0" "$@""#)
            .arg(env::current_exe().unwrap());
        let (mut child, output) = start(task(limited, &format!("endless full {url}")));
        let mut reports: Vec<_> = reports(output).collect();
        assert!(child.wait().unwrap().success());
        assert_eq!(reports.pop().unwrap(), "refused: CannotWrite");
        assert!(!reports.is_empty());
        let page = read(&*log(url)).unwrap();
        assert_eq!(page.events.len(), 1 + 2 * reports.len());
        assert_eq!(page.warnings, Vec::<String>::new());
        if let Some(path) = url.strip_prefix("jsonl:") {
            let text = std::fs::read_to_string(path).unwrap();
            assert_eq!(text.lines().count(), 1 + 2 * reports.len());
            assert!(text.ends_with("}\n"));
        }
        append(&*log(url), vec![finished("after", "2024-02-01T11:00:00Z")]).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_log_that_may_not_be_written_can_still_be_read() {
    for url in LOGS {
        let folder = tempfile::tempdir().unwrap();
        let url = &in_folder(url, &folder);
        let path = Path::new(url.split_once(':').unwrap().1);
        append(&*log(url), vec![finished("1", "2024-02-01T09:00:00Z")]).unwrap();
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

#[cfg(unix)]
#[test]
fn a_log_of_an_earlier_version_that_may_not_be_written_can_still_be_read() {
    for mode in ["DELETE", "WAL"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.db");
        let dump = include_str!("../../fixtures/eventlog/v1.sql");
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

#[cfg(unix)]
#[test]
fn a_log_that_may_not_be_created_is_an_empty_history() {
    for url in LOGS {
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
#[cfg(unix)]
fn look_without_rights(url: &str) -> Vec<String> {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;

    let mut command = child(&format!("look x {url}"));
    if tempfile::tempfile().unwrap().metadata().unwrap().uid() == 0 {
        command.uid(65_534);
    }
    let (mut child, output) = start(command);
    let reports = reports(output).collect();
    assert!(child.wait().unwrap().success());
    reports
}

/// Sets the permissions of a file or folder.
#[cfg(unix)]
fn permit(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Returns the URL of a log in a folder.
fn in_folder(url: &str, folder: &TempDir) -> String {
    let url: LogUrl = url.parse().unwrap();
    url.relative_to(folder.path()).to_string()
}

/// Opens a log, with patience for a busy machine.
fn log(url: &str) -> Box<dyn EventLog> {
    let settings = EventLogSettings {
        lock_timeout: Duration::from_secs(120),
        ..EventLogSettings::new(url.parse().unwrap())
    };
    open(settings).unwrap()
}

/// Appends, from a thread of its own runtime.
fn append(log: &dyn EventLog, events: Vec<CloudEvent>) -> Result<Vec<CloudEvent>, AppendError> {
    runtime().block_on(log.append(events, Times::Stamped))
}

/// Reads everything.
fn read(log: &dyn EventLog) -> Result<Page, ReadError> {
    runtime().block_on(log.events(&Filter::default(), usize::MAX))
}

/// Returns a runtime such as that of the program.
fn runtime() -> runtime::Runtime {
    runtime::Builder::new_current_thread().build().unwrap()
}

/// Returns the command that starts a child.
fn child(text: &str) -> Command {
    task(Command::new(env::current_exe().unwrap()), text)
}

/// Tells the command of a child its task.
fn task(mut command: Command, text: &str) -> Command {
    command
        .args(["--exact", "--nocapture", "--test-threads=1"])
        .arg("eventlog::processes::a_child_does_its_task")
        .env(TASK, text)
        .stdout(Stdio::piped());
    command
}

/// Starts a child.
fn start(mut command: Command) -> (Child, ChildStdout) {
    let mut child = command.spawn().unwrap();
    let output = child.stdout.take().unwrap();
    (child, output)
}

/// Returns what a child reports, until it ends. A line that a kill cut off was not reported.
fn reports(output: ChildStdout) -> impl Iterator<Item = String> {
    let mut output = BufReader::new(output);
    std::iter::from_fn(move || {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line.ends_with('\n').then_some(line)
    })
    .filter_map(|line| {
        line.trim_end()
            .split_once(REPORT)
            .map(|(_, report)| report.to_owned())
    })
}
