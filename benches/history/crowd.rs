//! A crowd: many processes that append at once; then everything is read back and counted.

use std::collections::HashMap;
use std::env;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tidegate::eventlog::{Cursor, EventLog, Filter, Times};
use tidegate::gate::event::CloudEvent;
use uuid::Uuid;

use super::runs::Runs;
use super::table::{milliseconds, rank};
use super::{Arguments, log, runtime};

/// How many events are read at once.
const PAGE: usize = 500;

/// What the crowd says it stored.
#[derive(Default)]
struct Said {
    /// How long each append took.
    times: Vec<Duration>,
    /// The ids, and how often each was read back.
    ids: HashMap<String, usize>,
}

/// Is one of the crowd: gets ready, waits for the word, appends, and says what was stored and how long it took.
pub fn write(url: &str, project: &str, number: &str, arguments: &Arguments) {
    let number: usize = number.parse().expect("a number");
    let mut runs = Runs::new(
        project,
        arguments.slis,
        arguments.services,
        number * 1_000_003,
    );
    let (log, runtime) = (log(url), runtime());
    println!("ready");
    let mut word = String::new();
    io::stdin().read_line(&mut word).expect("the word");
    for turn in 0..arguments.each {
        let service = (number + turn) % arguments.services;
        let batch = runs.make_of(service, Timestamp::now());
        let before = Instant::now();
        let stored = runtime.block_on(log.append(batch, Times::Stamped));
        let took = before.elapsed().as_micros();
        let stored = stored.expect("a log that can be written");
        let ids: Vec<_> = stored.iter().map(|event| event.id.as_str()).collect();
        println!("{took} {}", ids.join(" "));
    }
}

/// Starts the crowd, waits for its end, and counts.
pub fn gather(url: &str, arguments: &Arguments) {
    let project = format!("crowd-{}", Uuid::now_v7());
    let mut children: Vec<Child> = (0..arguments.processes)
        .map(|number| start(url, &project, number, arguments))
        .collect();
    let mut outputs: Vec<_> = children
        .iter_mut()
        .map(|child| BufReader::new(child.stdout.take().expect("its output")))
        .collect();
    for output in &mut outputs {
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
    }
    let begun = Instant::now();
    for child in &mut children {
        child
            .stdin
            .take()
            .expect("its input")
            .write_all(b"go\n")
            .expect("the word");
    }
    let texts: Vec<String> = thread::scope(|scope| {
        let readers: Vec<_> = outputs
            .iter_mut()
            .map(|output| scope.spawn(|| text(output)))
            .collect();
        readers
            .into_iter()
            .map(|reader| reader.join().expect("a text"))
            .collect()
    });
    let took = begun.elapsed();
    for child in &mut children {
        assert!(
            child.wait().expect("its end").success(),
            "one of the crowd failed"
        );
    }
    let mut said = Said::default();
    for line in texts.iter().flat_map(|text| text.lines()) {
        said.add(line);
    }
    let expected = arguments.processes * arguments.each;
    assert_eq!(said.times.len(), expected, "every append was announced");
    let tied = said.check(url, project);
    let per_second = expected as f64 / took.as_secs_f64();
    println!(
        "| processes | appends | nothing lost or doubled of | median ms | p95 ms | longest ms | appends per second | as late as another type |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    println!(
        "| {} | {expected} | {} events | {} | {} | {} | {per_second:.0} | {tied} |",
        arguments.processes,
        said.ids.len(),
        milliseconds(rank(&said.times, 50)),
        milliseconds(rank(&said.times, 95)),
        milliseconds(rank(&said.times, 100)),
    );
}

/// Starts one of the crowd: this program again.
fn start(url: &str, project: &str, number: usize, arguments: &Arguments) -> Child {
    let number = number.to_string();
    let options = [
        ("--each", arguments.each),
        ("--slis", arguments.slis),
        ("--services", arguments.services),
    ];
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.arg(url).args(["--writer", project, &number]);
    for (option, value) in options {
        command.arg(option).arg(value.to_string());
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.spawn().expect("a process")
}

/// Reads what one of the crowd says.
fn text(output: &mut BufReader<impl io::Read>) -> String {
    let mut text = String::new();
    output.read_to_string(&mut text).expect("text");
    text
}

impl Said {
    /// Takes a line.
    fn add(&mut self, line: &str) {
        let mut words = line.split(' ');
        let micros = words.next().and_then(|word| word.parse().ok());
        self.times
            .push(Duration::from_micros(micros.expect("a time")));
        for id in words {
            let doubled = self.ids.insert(id.to_owned(), 0);
            assert_eq!(doubled, None, "an id is announced once");
        }
    }

    /// Reads everything back: all that was announced is there once, nothing else, and times rise within a series and type.
    /// Returns how many events are not later than one of another type of their series.
    fn check(&mut self, url: &str, project: String) -> usize {
        let mut of_type: HashMap<(String, String), Timestamp> = HashMap::new();
        let mut of_series: HashMap<String, Timestamp> = HashMap::new();
        let mut tied = 0;
        for event in everything(&*log(url), project) {
            let count = self.ids.get_mut(&event.id);
            *count.unwrap_or_else(|| panic!("`{}` was never announced", event.id)) += 1;
            let time = event.time.expect("a time");
            let service = event.data_text("service");
            let later = of_type.insert((service.clone(), event.event_type.clone()), time);
            assert!(
                later.is_none_or(|later| time < later),
                "times rise within a series and type"
            );
            let later = of_series.insert(service, time);
            tied += usize::from(later.is_some_and(|later| time >= later));
        }
        for (id, count) in &self.ids {
            assert_eq!(*count, 1, "`{id}` is stored once");
        }
        tied
    }
}

/// Reads all events of a project, newest first.
fn everything(log: &dyn EventLog, project: String) -> Vec<CloudEvent> {
    let runtime = runtime();
    let mut filter = Filter {
        project: Some(project),
        ..Filter::default()
    };
    let mut events = Vec::new();
    loop {
        let page = runtime
            .block_on(log.events(&filter, PAGE))
            .expect("a log that can be read");
        let is_last = page.events.len() < PAGE;
        filter.before = page.events.last().map(Cursor::of);
        events.extend(page.events);
        if is_last {
            return events;
        }
    }
}
