//! The curve: the same operations again and again while the history grows.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tidegate::eventlog::{EventLog, Filter, LogUrl, Times};
use tidegate::gate::event::CloudEvent;
use tidegate::gate::{Comparison, IncludedResults, Series};
use tidegate::{Wanted, baseline};
use tokio::runtime::Runtime;

use super::runs::{Runs, mix};
use super::table::{Column, Table};
use super::{Arguments, log, parse, runtime};

/// The project of the curve.
const PROJECT: &str = "sockshop";

/// What is measured, and with what.
struct Curve<'a> {
    /// The log's URL.
    url: &'a str,
    /// The file of the log, where it is one.
    file: Option<PathBuf>,
    /// The open log.
    log: Box<dyn EventLog>,
    /// Where evaluations come from.
    runs: Runs,
    /// How many evaluations are in the log.
    loaded: usize,
    /// How many events this call stored.
    events: u64,
    /// How many bytes they are as lines of JSON.
    bytes: u64,
    /// How many services were never seen before they were measured.
    new_services: usize,
    /// A number that differs from draw to draw.
    draw: u64,
    /// What waits for the log.
    runtime: Runtime,
    /// What the user asked for.
    arguments: &'a Arguments,
}

/// Measures a log at each size and prints the table.
pub fn measure(url: &str, arguments: &Arguments) {
    let mut curve = Curve {
        url,
        file: match parse(url) {
            LogUrl::Sqlite(path) | LogUrl::Jsonl(path) => Some(path),
            LogUrl::Memory | LogUrl::Remote(_) => None,
        },
        log: log(url),
        runs: Runs::new(
            PROJECT,
            arguments.slis,
            arguments.services,
            arguments.loaded,
        ),
        loaded: arguments.loaded,
        events: 0,
        bytes: 0,
        new_services: arguments.services + arguments.loaded,
        draw: 0,
        runtime: runtime(),
        arguments,
    };
    curve.check_emptiness();
    let mut table = Table::default();
    for size in &arguments.sizes {
        let mut column = Column::of(*size);
        curve.load(*size, &mut column);
        for round in 1..=arguments.rounds {
            curve.round(&mut column);
            eprintln!(
                "history: {size} evaluations, round {round} of {}",
                arguments.rounds
            );
        }
        table.add(column);
        println!("{table}");
    }
}

impl Curve<'_> {
    /// Refuses a log that holds other things than the arguments say.
    fn check_emptiness(&self) {
        let page = self
            .runtime
            .block_on(self.log.events(&Filter::default(), 1));
        let found = page.expect("a log that can be read").events.len();
        assert!(
            (found > 0) == (self.loaded > 0),
            "the log must be empty, or say with --loaded how many evaluations it holds"
        );
    }

    /// Appends evaluations in batches until there are enough.
    fn load(&mut self, size: usize, column: &mut Column) {
        let (begun, mut appending) = (Instant::now(), Duration::ZERO);
        let (first, bytes_before) = (self.loaded, self.bytes);
        while self.loaded < size {
            let count = self.arguments.batch.min(size - self.loaded);
            let batch: Vec<_> = (0..count).flat_map(|_| self.runs.make()).collect();
            let before = Instant::now();
            let stored = self
                .runtime
                .block_on(self.log.append(batch, Times::Stamped));
            appending += before.elapsed();
            let stored = stored.expect("a log that can be written");
            self.count(&stored);
            self.loaded += count;
            if self.loaded % 10_000 < count {
                let seconds = begun.elapsed().as_secs();
                eprintln!("history: {} evaluations after {seconds} s", self.loaded);
            }
        }
        let loaded = self.loaded - first;
        if loaded == 0 {
            return;
        }
        column.fact("evaluations loaded", loaded.to_string());
        column.fact(
            "time to append them",
            format!("{:.1} s", appending.as_secs_f64()),
        );
        column.fact(
            "JSON per evaluation",
            format!("{} bytes", (self.bytes - bytes_before) / loaded as u64),
        );
        self.weigh(column);
    }

    /// States the size of the files, closed; what was there before this call can't be compared with its JSON.
    fn weigh(&mut self, column: &mut Column) {
        let Some(file) = self.file.clone() else {
            return;
        };
        self.reopen();
        let size = size(&file);
        column.fact(
            "size of the files",
            format!("{:.1} MB", ratio(size, 1_000_000)),
        );
        if self.arguments.loaded == 0 {
            let per_event = ratio(size, self.events);
            column.fact("file per event", format!("{per_event:.0} bytes"));
            column.fact("file to JSON", format!("{:.3}", ratio(size, self.bytes)));
        }
    }

    /// Closes the log and opens it again, warm.
    fn reopen(&mut self) {
        self.log = log("memory:");
        self.log = log(self.url);
        self.baseline(0, IncludedResults::All);
    }

    /// Measures every operation a number of times.
    fn round(&mut self, column: &mut Column) {
        column.begin_round();
        for _ in 0..self.arguments.samples {
            let service = 1 + self.draw(self.arguments.services - 1);
            let took = self.baseline(service, IncludedResults::All);
            column.took("baseline of 10", took);
            let service = 1 + self.draw(self.arguments.services - 1);
            let took = self.baseline(service, IncludedResults::Pass);
            column.took("baseline of 10, only the rare pass", took);
            let took = self.baseline(0, IncludedResults::All);
            column.took("baseline of 10, busiest service", took);
            let took = self.baseline(0, IncludedResults::Pass);
            column.took("baseline of 10, busiest service, rare pass", took);
            self.append(column);
            self.new_services += 1;
            let took = self.append_to(self.new_services).0;
            column.took("append of an evaluation, service never seen", took);
        }
        if self.file.is_some() {
            self.fresh(column);
        }
    }

    /// Measures an append, and beside it the least that durability costs: a write and an fsync of the same bytes.
    fn append(&mut self, column: &mut Column) {
        let service = self.draw(self.arguments.services);
        let (took, bytes) = self.append_to(service);
        column.took("append of an evaluation", took);
        let Some(file) = &self.file else { return };
        let mut peer = file.as_os_str().to_owned();
        peer.push(".peer");
        let mut peer = File::options()
            .create(true)
            .append(true)
            .open(peer)
            .expect("a file");
        let before = Instant::now();
        peer.write_all(&bytes).expect("a write");
        peer.sync_all().expect("an fsync");
        column.took("bare write and fsync of its bytes", before.elapsed());
    }

    /// Measures what one call of the program pays: opening, reading, appending, closing.
    fn fresh(&mut self, column: &mut Column) {
        self.log = log("memory:");
        for _ in 0..self.arguments.samples {
            let service = self.draw(self.arguments.services);
            let before = Instant::now();
            self.log = log(self.url);
            self.baseline(service, IncludedResults::All);
            column.took("open, baseline of 10", before.elapsed());
            self.append_to(service);
            self.log = log("memory:");
            column.took("open, baseline of 10, append, close", before.elapsed());
        }
        self.reopen();
    }

    /// Reads a baseline as `evaluate` does; returns how long it took.
    fn baseline(&self, service: usize, include: IncludedResults) -> Duration {
        let series: Series = self.runs.series(service);
        let comparison = Comparison {
            include,
            ..self.runs.slo.comparison
        };
        let before = Instant::now();
        let history = baseline(&*self.log, &series, &comparison, &Wanted::AsStored);
        let history = self.runtime.block_on(history).expect("a history");
        let took = before.elapsed();
        assert_eq!(history.warnings, Vec::<String>::new());
        let compared = history.baseline.compared().len();
        assert!(compared <= 10);
        if include == IncludedResults::All && self.loaded >= 100 * self.arguments.services {
            assert_eq!(compared, 10);
        }
        took
    }

    /// Appends an evaluation; returns how long it took and what was stored.
    fn append_to(&mut self, service: usize) -> (Duration, Vec<u8>) {
        let batch = self.runs.make_of(service, self.runs.now());
        let before = Instant::now();
        let stored = self
            .runtime
            .block_on(self.log.append(batch, Times::Stamped));
        let took = before.elapsed();
        self.loaded += 1;
        let stored = stored.expect("a log that can be written");
        self.count(&stored);
        (took, stored.iter().flat_map(json).collect())
    }

    /// Counts what was stored.
    fn count(&mut self, stored: &[CloudEvent]) {
        self.events += stored.len() as u64;
        self.bytes += stored
            .iter()
            .map(|event| json(event).len() as u64)
            .sum::<u64>();
    }

    /// Draws a number below another.
    fn draw(&mut self, below: usize) -> usize {
        self.draw += 1;
        usize::try_from(mix(self.draw) % below.max(1) as u64).expect("a small number")
    }
}

/// Returns an event as one line of JSON.
fn json(event: &CloudEvent) -> Vec<u8> {
    let mut line = serde_json::to_vec(event).expect("JSON");
    line.push(b'\n');
    line
}

/// Returns the size of a log's file and of those that belong to it; a folder counts with all in it.
fn size(file: &Path) -> u64 {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let name = file
        .file_name()
        .expect("a file")
        .to_string_lossy()
        .into_owned();
    let entries = fs::read_dir(folder).expect("a folder");
    let own = entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| {
            let entry = entry.file_name().to_string_lossy().into_owned();
            entry.contains(&name) && !entry.contains(".peer")
        });
    own.map(|entry| entry.metadata().map_or(0, |file| file.len()))
        .sum()
}

/// Divides.
fn ratio(number: u64, by: u64) -> f64 {
    number as f64 / by as f64
}
