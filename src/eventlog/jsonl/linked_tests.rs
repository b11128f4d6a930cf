//! Links say the same as the whole file, and cost less.
#![expect(
    clippy::disallowed_methods,
    reason = "tests: change files as other programs would"
)]

use std::fs;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tempfile::TempDir;

use super::append::by_links;
use super::reader::{Doubt, Reader};
use super::{Catalogue, JsonlLog, LineFile, opened, read, walk};
use crate::eventlog::samples::{carts, evaluation, finished_in, invalidation, series};
use crate::eventlog::{
    Cursor as Place, EventLog as _, EventLogSettings, Filter, Kinds, Page, Times,
};
use crate::gate::event::{CloudEvent, EventType};
use crate::gate::{Series, Verdict};

/// A log in a folder of its own.
struct Lines {
    path: PathBuf,
    _folder: TempDir,
}

impl Lines {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            path: folder.path().join("events.jsonl"),
            _folder: folder,
        }
    }

    /// Opens the log, as a process that never read it.
    fn log(&self) -> JsonlLog {
        JsonlLog::new(self.path.clone(), EventLogSettings::LOCK_TIMEOUT)
    }

    fn append(&self, events: Vec<CloudEvent>, times: Times) -> Vec<CloudEvent> {
        wait(self.log().append(events, times)).unwrap()
    }

    fn text(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap_or_default()
    }

    /// Reads a page by links, and counts what was read.
    fn linked(&self, filter: &Filter, limit: usize) -> Result<(Vec<String>, u64), Doubt> {
        let (text, mut count) = (self.text(), 0);
        let source = Counting {
            file: Cursor::new(&text),
            count: &mut count,
        };
        let events = walk::page(Reader::new(source, text.len() as u64), filter, limit)?;
        Ok((events.into_iter().map(|event| event.id).collect(), count))
    }
}

/// Waits for a log.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.build().unwrap().block_on(future)
}

/// Counts what is read.
struct Counting<'a, F> {
    file: F,
    count: &'a mut u64,
}

impl<F: Read> Read for Counting<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        *self.count += read as u64;
        Ok(read)
    }
}

impl<F: Seek> Seek for Counting<'_, F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Returns where a byte first stands.
fn position(text: &[u8], byte: u8) -> usize {
    text.iter().position(|one| *one == byte).unwrap()
}

/// Returns a service of many.
fn service(number: usize) -> Series {
    series("sockshop", "staging", &format!("service-{number}"))
}

/// Returns a time.
fn minute(number: i64) -> Timestamp {
    let begin: Timestamp = "2024-02-01T00:00:00Z".parse().unwrap();
    begin + SignedDuration::from_mins(number)
}

/// Returns an evaluation of 3 KB, of one of 40 services; the first runs only at the beginning.
fn run(number: usize) -> CloudEvent {
    let own = match number {
        0..10 => service(0),
        _ => service(1 + number % 39),
    };
    let mut event = evaluation(&format!("e{number}"), "", 5);
    event.time = Some(minute(i64::try_from(number).unwrap()));
    event.data.set("service", own.service.as_str().into());
    if number.is_multiple_of(100) {
        event.data.set("result", "warning".into());
    }
    event
}

/// Fills a log.
fn filled(count: usize) -> Lines {
    let lines = Lines::new();
    let log = lines.log();
    for batch in (0..count).collect::<Vec<_>>().chunks(100) {
        let events = batch.iter().map(|number| run(*number)).collect();
        wait(log.append(events, Times::Stamped)).unwrap();
    }
    lines
}

#[test]
fn a_baseline_does_not_read_more_of_a_longer_file() {
    let costs = [1000, 4000].map(|count| {
        let lines = filled(count);
        let cost = |filter: &Filter, limit, found| {
            let (ids, cost) = lines.linked(filter, limit).unwrap();
            assert_eq!(ids.len(), found);
            cost
        };
        let finished = |own: &Series| Filter {
            kinds: Kinds::only(EventType::FINISHED),
            ..Filter::of_series(own)
        };
        let rare = Filter {
            results: vec![Verdict::Warning],
            ..finished(&service(1 + 100 % 39))
        };
        let steering = Filter {
            kinds: Kinds::Steering,
            ..Filter::default()
        };
        [
            cost(&finished(&service(7)), 10, 10),
            cost(&finished(&service(0)), 10, 10),
            cost(&rare, 1, 1),
            cost(&steering, 500, 0),
            cost(&finished(&service(77)), 10, 0),
            cost(&Filter::default(), 10, 10),
        ]
    });
    let [short, long] = costs;
    for (short, long) in short.into_iter().zip(long) {
        // A line is a little longer where the places in it are larger numbers.
        assert!(long <= short + short / 4, "{costs:?}");
    }
    assert!(short.iter().all(|cost| *cost < 1_200_000), "{costs:?}");
    assert!(long[..5].iter().all(|cost| *cost < 300_000), "{costs:?}");
}

#[test]
fn an_append_does_not_read_more_of_a_longer_file() {
    let costs = [1000, 4000].map(|count| {
        let text = filled(count).text();
        [service(7), service(0), service(77)].map(|own| {
            let mut event = run(count);
            event.data.set("service", own.service.as_str().into());
            let mut read = 0;
            let source = Counting {
                file: Cursor::new(&text),
                count: &mut read,
            };
            let end = text.len() as u64;
            by_links(Reader::new(source, end), end, &[event], Times::Stamped).unwrap();
            read
        })
    });
    let [short, long] = costs;
    for (short, long) in short.into_iter().zip(long) {
        // Of four times as many lines: the way to a series may take a step or two more, and how lines lie in blocks
        // differs; what reads the whole file reads four times as much.
        assert!(long < 2 * short && long < 200_000, "{costs:?}");
    }
}

#[test]
fn a_kill_in_the_middle_of_a_batch_leaves_the_file_linked() {
    let lines = filled(20);
    let before = lines.text().len();
    lines.append(vec![run(20), run(21)], Times::Stamped);
    let whole = lines.text();
    // The first bytes of a line may be anybody's.
    let begins = [before, before + position(&whole[before..], b'\n') + 1];
    let is_ours = |cut: &usize| {
        begins
            .iter()
            .all(|begin| !(begin + 1..begin + 10).contains(cut))
    };
    for cut in (before..whole.len()).step_by(31).filter(is_ours) {
        fs::write(&lines.path, &whole[..cut]).unwrap();
        lines.append(vec![run(22)], Times::Stamped);
        let linked = lines.linked(&Filter::default(), 99);
        let left = String::from_utf8_lossy(&whole[before..cut]).into_owned();
        let (ids, _) = linked.unwrap_or_else(|error| panic!("{error} after {left}"));
        assert_eq!(ids.first().map(String::as_str), Some("e22"));
        let page = wait(lines.log().events(&Filter::default(), 99)).unwrap();
        assert!(page.events.len() >= 21 && page.warnings.is_empty());
    }
}

#[test]
fn what_other_programs_append_ends_the_run_and_the_next_append_begins_one() {
    let lines = filled(12);
    let mut text = lines.text();
    text.extend(serde_json::to_vec(&invalidation("i", "trigger-e3")).unwrap());
    text.push(b'\n');
    fs::write(&lines.path, text).unwrap();
    let steering = Filter {
        kinds: Kinds::Steering,
        ..Filter::default()
    };
    lines.linked(&steering, 9).unwrap_err();
    lines.append(vec![run(12)], Times::Stamped);
    lines.append(vec![run(13)], Times::Stamped);
    assert_eq!(lines.linked(&steering, 9).unwrap().0, ["i"]);
    let own = Filter::of_series(&service(1 + 13));
    assert_eq!(lines.linked(&own, 1).unwrap().0, ["e13"]);
    lines.linked(&own, 2).unwrap_err();
}

#[test]
fn a_file_is_linked_to_its_end_after_a_removal() {
    let lines = filled(30);
    let gone: Vec<_> = [0, 3, 29].map(run).into();
    assert_eq!(wait(lines.log().remove(&gone)).unwrap(), 3);
    let (ids, _) = lines.linked(&Filter::default(), 99).unwrap();
    assert_eq!((ids.len(), ids[0].as_str()), (27, "e28"));
}

/// What may happen to a log.
#[derive(Clone, Debug)]
enum Step {
    /// We append: a service, a minute, and a kind for each event.
    Append(Vec<(usize, i64, usize)>, Times),
    /// We append an event again, as it was.
    Again(usize),
    /// Another program appends an event.
    Foreign((usize, i64, usize)),
    /// Another program appends something else.
    Text(&'static str),
    /// The end is lost.
    Cut(usize),
    /// A line is lost.
    Delete(usize),
    /// Two lines change places.
    Swap(usize, usize),
    /// A line stands twice.
    Double(usize),
    /// A line gets longer.
    Widen(usize),
    /// Two clones of a repository append, and are merged.
    Merge((usize, i64, usize), usize),
    /// We remove events.
    Remove(Vec<usize>),
}

/// Returns any event: a service, a minute and a kind.
fn any_event() -> impl Strategy<Value = (usize, i64, usize)> {
    (0..4_usize, 0..60_i64, 0..6_usize)
}

/// Returns any step.
fn any_step() -> impl Strategy<Value = Step> {
    let batch = || prop::collection::vec(any_event(), 1..4);
    let text = prop::sample::select(vec![
        "\n",
        "nonsense\n",
        "{\"id\":",
        "  ",
        "{\"id\":\"x\"}\n",
    ]);
    prop_oneof![
        12 => batch().prop_map(|events| Step::Append(events, Times::Stamped)),
        2 => batch().prop_map(|events| Step::Append(events, Times::Kept)),
        2 => any::<usize>().prop_map(Step::Again),
        1 => any_event().prop_map(Step::Foreign),
        1 => text.prop_map(Step::Text),
        1 => (1..900_usize).prop_map(Step::Cut),
        1 => any::<usize>().prop_map(Step::Delete),
        1 => any::<(usize, usize)>().prop_map(|(one, other)| Step::Swap(one, other)),
        1 => any::<usize>().prop_map(Step::Double),
        1 => any::<usize>().prop_map(Step::Widen),
        1 => (any_event(), 1..4_usize).prop_map(|(event, back)| Step::Merge(event, back)),
        1 => prop::collection::vec(any::<usize>(), 1..4).prop_map(Step::Remove),
    ]
}

/// A log to which things happen.
struct Story {
    lines: Lines,
    /// The events that were appended, as they were.
    said: Vec<CloudEvent>,
}

impl Story {
    /// Makes a new event.
    fn event(&mut self, (number, time, kind): (usize, i64, usize)) -> CloudEvent {
        let id = format!("e{}", self.said.len());
        let mut event = finished_in(&service(number), &id, "");
        event.time = (kind != 5).then(|| minute(time));
        match kind {
            0 => event.data.set("result", "warning".into()),
            1 => EventType::TRIGGERED.clone_into(&mut event.event_type),
            2 => EventType::PINNED.clone_into(&mut event.event_type),
            _ => {}
        }
        self.said.push(event.clone());
        event
    }

    /// Changes the lines of the file, of which there must be some.
    fn change(&self, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
        let text = self.lines.text();
        let mut lines: Vec<Vec<u8>> = text
            .split_inclusive(|b| *b == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        if !lines.is_empty() {
            change(&mut lines);
            fs::write(&self.lines.path, lines.concat()).unwrap();
        }
    }

    /// Adds to the file as another program would.
    fn add(&self, added: &[u8]) {
        let mut text = self.lines.text();
        text.extend(added);
        fs::write(&self.lines.path, text).unwrap();
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Append(events, times) => {
                let events = events.into_iter().map(|event| self.event(event)).collect();
                Self::append(&self.lines.path, events, times);
            }
            Step::Again(number) => {
                if let Some(event) = self.said.get(number % self.said.len().max(1)).cloned() {
                    Self::append(&self.lines.path, vec![event], Times::Stamped);
                }
            }
            Step::Foreign(event) => {
                let mut line = serde_json::to_vec(&self.event(event)).unwrap();
                line.push(b'\n');
                self.add(&line);
            }
            Step::Text(text) => self.add(text.as_bytes()),
            Step::Cut(length) => {
                let mut text = self.lines.text();
                text.truncate(text.len().saturating_sub(length));
                if self.lines.path.exists() {
                    fs::write(&self.lines.path, text).unwrap();
                }
            }
            Step::Delete(number) => self.change(|lines| drop(lines.remove(number % lines.len()))),
            Step::Swap(one, other) => self.change(|lines| {
                let count = lines.len();
                lines.swap(one % count, other % count);
            }),
            Step::Double(number) => self.change(|lines| {
                let line = lines[number % lines.len()].clone();
                lines.push(line);
            }),
            Step::Widen(number) => self.change(|lines| {
                let at = number % lines.len();
                lines[at].insert(0, b' ');
            }),
            Step::Merge(event, back) => self.merge(event, back),
            Step::Remove(numbers) => {
                let mut gone = self.said.clone();
                let mut number = 0;
                gone.retain(|_| {
                    number += 1;
                    numbers
                        .iter()
                        .any(|gone| gone % self.said.len().max(1) == number - 1)
                });
                drop(wait(self.lines.log().remove(&gone)));
            }
        }
    }

    /// Appends to a file, unless it is none of ours any more.
    fn append(path: &Path, events: Vec<CloudEvent>, times: Times) {
        let log = JsonlLog::new(path.to_owned(), EventLogSettings::LOCK_TIMEOUT);
        drop(wait(log.append(events, times)));
    }

    /// Lets another clone append to what the file was some lines ago, and adds what it appended.
    fn merge(&mut self, event: (usize, i64, usize), back: usize) {
        let text = self.lines.text();
        let lines: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let common = lines[..lines.len().saturating_sub(back)].concat();
        let clone = self.lines.path.with_extension("clone");
        fs::write(&clone, &common).unwrap();
        let event = self.event(event);
        Self::append(&clone, vec![event], Times::Stamped);
        let added = fs::read(&clone).unwrap();
        self.add(added.get(common.len()..).unwrap_or_default());
    }

    /// Checks that a process that follows links reads what one that reads everything does.
    fn check(&self) {
        let mut filters = vec![Filter::default()];
        let finished = Kinds::only(EventType::FINISHED);
        for number in 0..2 {
            let own = Filter::of_series(&service(number));
            let of = |results| Filter {
                kinds: finished.clone(),
                results,
                ..own.clone()
            };
            filters.push(of(vec![]));
            filters.push(of(vec![Verdict::Warning]));
            filters.push(of(vec![Verdict::Warning, Verdict::Pass, Verdict::Warning]));
            filters.push(Filter {
                since: Some(minute(30)),
                ..own.clone()
            });
            filters.push(Filter {
                until: Some(minute(30)),
                ..own.clone()
            });
            filters.push(own);
        }
        let project = Some("sockshop".to_owned());
        filters.push(Filter {
            kinds: Kinds::Steering,
            project,
            ..Filter::default()
        });
        filters.push(Filter {
            kinds: finished,
            results: vec![Verdict::Warning],
            ..Filter::default()
        });
        filters.extend(self.said.get(self.said.len() / 2).map(|event| Filter {
            id: Some(event.id.clone()),
            ..Filter::default()
        }));
        filters.extend(self.said.first().map(|event| Filter {
            before: Some(Place::of(event)),
            ..Filter::default()
        }));
        for filter in filters {
            for limit in [1, 3, usize::MAX] {
                let [linked, whole] = self.read_both(&filter, limit);
                assert_eq!(linked, whole, "{filter:?}, {limit}");
            }
        }
    }

    /// Reads a page in both ways.
    fn read_both(&self, filter: &Filter, limit: usize) -> [Result<Page, String>; 2] {
        let file = LineFile {
            path: self.lines.path.clone(),
            lock_timeout: Duration::from_secs(10),
            catalogue: std::sync::Mutex::default(),
        };
        let linked = read::page(&file, &mut Catalogue::default(), filter, limit);
        let whole = match opened::to_read(&file).unwrap() {
            Some((open, end)) => read::whole(
                &file,
                &mut Catalogue::default(),
                (&open, end),
                filter,
                limit,
            ),
            None => Ok(Page::default()),
        };
        [linked, whole].map(|page| page.map_err(|error| error.to_string()))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn links_say_the_same_as_the_whole_file_whatever_happened_to_it(
        steps in prop::collection::vec(any_step(), 1..14)
    ) {
        let mut story = Story { lines: Lines::new(), said: Vec::new() };
        for step in steps {
            story.take(step);
            story.check();
        }
    }
}

#[test]
fn a_log_of_version_2_stays_readable() {
    let lines = Lines::new();
    let stored = include_bytes!("../../../fixtures/eventlog/v2.jsonl");
    fs::write(&lines.path, stored).unwrap();
    let (ids, _) = lines.linked(&Filter::default(), 99).unwrap();
    assert_eq!(ids, ["6", "5", "4", "3", "2", "1"]);
    let page = wait(lines.log().events(&Filter::of_series(&carts()), 99)).unwrap();
    let ids: Vec<_> = page.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["6", "5", "2", "1"]);
    assert!(page.events.iter().all(|event| event.extensions.is_empty()));
    // What is appended to a copy makes the same lines as then.
    let again = Lines::new();
    for event in [1, 2, 3, 4, 5, 6].map(stored_in_version_2) {
        again.append(vec![event], Times::Stamped);
    }
    assert_eq!(again.text(), stored);
}

/// Returns an event of the fixture.
fn stored_in_version_2(number: usize) -> CloudEvent {
    let own = if number == 3 || number == 4 {
        series("sockshop", "prod", "carts")
    } else {
        carts()
    };
    let id = number.to_string();
    let mut event = finished_in(&own, &id, &format!("2024-02-0{number}T10:00:00Z"));
    // Then without a status.
    let data = serde_json::json!({
        "project": own.project.as_str(),
        "stage": own.stage.as_str(),
        "service": own.service.as_str(),
        "result": "pass",
    });
    event.data = serde_json::from_value(data).unwrap();
    match number {
        1 => EventType::TRIGGERED.clone_into(&mut event.event_type),
        4 => event.data.set("result", "fail".into()),
        5 => {
            EventType::INVALIDATED.clone_into(&mut event.event_type);
            event.triggeredid = Some("trigger-2".to_owned());
        }
        _ => {}
    }
    event
}
