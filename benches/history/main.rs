//! The event log: what a baseline and an append cost while the history grows, and what a crowd of writers does to it.
//!
//! ```text
//! cargo bench --bench history -- sqlite:/disk/events.db                      the curve at 10,000, 100,000 and 1,000,000 evaluations
//! cargo bench --bench history -- nats://127.0.0.1:4222/bench --sizes 1000    one size of one's own
//! cargo bench --bench history -- postgres://… --crowd                        64 processes append at once; nothing may be lost
//! ```
//!
//! The log may also be named by `TIDEGATE_BENCH_LOG`; credentials stand in the environment as for the program. It must
//! be empty, or `--loaded N` says how many evaluations an earlier call put into it. A million evaluations of 20 SLIs are
//! some 15 GB. What is measured is the program's own code: `app::baseline`, `EventLog::append`, events made by
//! `gate::event` from records that `gate::evaluate` made. One call measures one log; nobody else should be at work.
#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a benchmark: it asks the clock and the environment, prints, and stops at the first surprise"
)]

mod crowd;
mod curve;
mod runs;
mod table;

use std::env;
use std::time::Duration;

use clap::Parser;
use tidegate::eventlog::{EventLog, EventLogSettings, LogUrl, Variables, open};
use tokio::runtime::{Builder, Runtime};

/// Measures an event log.
#[derive(Debug, Parser)]
struct Arguments {
    /// The log, as in `--event-log`; without one nothing is measured
    url: Option<String>,
    /// Measure at these numbers of evaluations
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
    sizes: Vec<usize>,
    /// Repeat everything as often at each size
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Take as many samples of each operation in a round
    #[arg(long, default_value_t = 40)]
    samples: usize,
    /// Load as many evaluations with one append
    #[arg(long, default_value_t = 200)]
    batch: usize,
    /// Spread the evaluations over as many services; every tenth goes to the first
    #[arg(long, default_value_t = 200)]
    services: usize,
    /// Give each evaluation as many SLIs
    #[arg(long, default_value_t = 20)]
    slis: usize,
    /// Begin with as many evaluations that an earlier call loaded
    #[arg(long, default_value_t = 0)]
    loaded: usize,
    /// Let many processes append at once instead
    #[arg(long)]
    crowd: bool,
    /// As many processes
    #[arg(long, default_value_t = 64)]
    processes: usize,
    /// Let each of them append as many evaluations
    #[arg(long, default_value_t = 20)]
    each: usize,
    /// Be one of the crowd: its project, and its number
    #[arg(long, hide = true, num_args = 2)]
    writer: Option<Vec<String>>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let url = arguments.url.clone();
    let Some(url) = url.or_else(|| env::var("TIDEGATE_BENCH_LOG").ok()) else {
        eprintln!("history: no log to measure; name one, such as `-- sqlite:/disk/events.db`");
        return;
    };
    match &arguments.writer {
        Some(who) => crowd::write(&url, &who[0], &who[1], &arguments),
        None if arguments.crowd => crowd::gather(&url, &arguments),
        None => curve::measure(&url, &arguments),
    }
}

/// Opens the log, as patient as a crowd needs it.
fn log(url: &str) -> Box<dyn EventLog> {
    let settings = EventLogSettings {
        lock_timeout: Duration::from_secs(120),
        timeout: Duration::from_secs(120),
        variables: env::vars().collect::<Variables>(),
        ..EventLogSettings::new(parse(url))
    };
    open(settings).expect("a log that this build has")
}

/// Reads the URL of the log.
fn parse(url: &str) -> LogUrl {
    url.parse().expect("the URL of an event log")
}

/// Returns a runtime such as that of the program.
fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}
