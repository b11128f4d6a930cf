//! A child: what it is told, what it does, and what it reports.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use super::crowd;
use super::home::{Home, blocking, open_patiently};
use crate::eventlog::samples::{evaluation, finished};
use crate::eventlog::{AppendError, EventLog, Filter, ReadError, Times, Trouble};
use crate::gate::event::CloudEvent;

/// Tells a child its task.
const TASK: &str = "TIDEGATE_TEST_CHILD";

/// Stands before each line in which a child reports.
const REPORT: &str = "report: ";

/// How many batches a child appends that puts up with a server that comes and goes.
pub(super) const STUBBORN: usize = 100;

/// What a child is to do.
struct Task {
    /// Its name: `crowd`, `meet`, `endless`, `stubborn`, `look`.
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
    let log = open_patiently(&task.url, env::vars().collect());
    let log = &*log;
    blocking(async move {
        match task.name.as_str() {
            "crowd" => crowd::append_in_a_crowd(log, &task.writer).await,
            "meet" => {
                println!("{REPORT}here");
                crowd::append_in_a_crowd(log, &task.writer).await;
            }
            "endless" => append_until_refused(log, &task.writer).await,
            "stubborn" => append_until_all_is_stored(log, &task.writer).await,
            "look" => look(log).await,
            other => panic!("no task {other}"),
        }
    });
}

/// Returns one batch of a writer: small and large in turn. Two writers share a series.
pub(super) fn batch(writer: &str, n: usize) -> Vec<CloudEvent> {
    let indicators = if n % 3 == 2 { 100 } else { 3 };
    let mut events = vec![
        finished(&format!("{writer}-{n}-a"), "2024-02-01T10:00:00Z"),
        evaluation(
            &format!("{writer}-{n}-b"),
            "2024-02-01T10:00:00Z",
            indicators,
        ),
    ];
    for event in &mut events {
        event.shkeptncontext = Some(format!("{writer}-{n}"));
        event.data.set("stage", stage(writer).into());
    }
    events
}

/// Returns the stage that a writer such as `r17` writes of.
pub(super) fn stage(writer: &str) -> String {
    let number = writer.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let number: usize = number.parse().unwrap_or_default();
    format!("stage-{}", number / 2)
}

/// Appends, small and large in turn, and reports each batch after it is stored; ends when one is refused.
async fn append_until_refused(log: &dyn EventLog, writer: &str) {
    for n in 0.. {
        match log.append(batch(writer, n), Times::Stamped).await {
            Ok(_) => println!("{REPORT}{writer}-{n}"),
            Err(error) => return println!("{REPORT}refused: {}", kind(&error)),
        }
    }
}

/// Appends so many batches, each until it is stored, and reports each.
async fn append_until_all_is_stored(log: &dyn EventLog, writer: &str) {
    for n in 0..STUBBORN {
        while let Err(error) = log.append(batch(writer, n), Times::Stamped).await {
            let AppendError::Remote(failure) = &error else {
                panic!("{error:?}");
            };
            let troubles = [Trouble::Unavailable, Trouble::InDoubt, Trouble::Throttled];
            assert!(troubles.contains(&failure.trouble), "{error:?}");
            // The server is on its way back; nothing depends on how long this is.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        println!("{REPORT}{writer}-{n}");
    }
}

/// Reads, then appends, and reports how either went.
async fn look(log: &dyn EventLog) {
    match log.events(&Filter::default(), usize::MAX).await {
        Ok(page) => println!("{REPORT}read {}", page.events.len()),
        Err(ReadError::Forbidden { .. }) => println!("{REPORT}read Forbidden"),
        Err(other) => println!("{REPORT}read {other:?}"),
    }
    let batch = vec![finished("new", "2024-02-01T10:00:00Z")];
    match log.append(batch, Times::Stamped).await {
        Ok(_) => println!("{REPORT}appended"),
        Err(error) => println!("{REPORT}append {}", kind(&error)),
    }
}

/// Returns the name of the variant.
fn kind(error: &AppendError) -> String {
    let text = if let AppendError::Remote(failure) = error {
        format!("{:?}", failure.trouble)
    } else {
        format!("{error:?}")
    };
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Returns the command that starts a child.
pub(super) fn child(name: &str, writer: &str, home: &Home) -> Command {
    told(
        Command::new(env::current_exe().unwrap()),
        name,
        writer,
        home,
    )
}

/// Tells the command of a child its task.
pub(super) fn told(mut command: Command, name: &str, writer: &str, home: &Home) -> Command {
    command
        .args(["--exact", "--nocapture", "--test-threads=1"])
        .arg("eventlog::processes::child::a_child_does_its_task")
        .envs(home.variables.iter().map(|(name, value)| (name, value)))
        .env(TASK, format!("{name} {writer} {}", home.url))
        .stdout(Stdio::piped());
    command
}

/// Starts a child.
pub(super) fn start(mut command: Command) -> (Child, ChildStdout) {
    let mut child = command.spawn().unwrap();
    let output = child.stdout.take().unwrap();
    (child, output)
}

/// Returns what a child reports, until it ends. A line that a kill cut off was not reported.
pub(super) fn reports(output: ChildStdout) -> impl Iterator<Item = String> {
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
