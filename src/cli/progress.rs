//! A live line on stderr while queries run, or while their data are waited for. On a terminal only, and never in CI, where some systems feign one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::{Console, Volume, complain};
use super::environment::{Environment, Stream};
use super::heartbeat::Heartbeat;
use crate::app::{Audience, Wait};
use crate::gate::{IndicatorName, Reading, spoken};
use crate::provider::Watch;
use crate::report::{Charset, printable};

/// How long a job may be silent: CI systems end one after ten minutes or so.
const BEAT: Duration = Duration::from_secs(30);
/// What the live line shows while queries run.
const COUNTING: &str = "{spinner} {pos}/{len} SLIs, {elapsed}  {wide_msg}";
/// What it shows during a wait.
const WAITING: &str = "{spinner} {elapsed}  {wide_msg}";

/// The characters that turn, where any can be shown.
const TURNING: &str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ";
/// The same in ASCII.
const TURNING_ASCII: &str = "|/-\\ ";

/// Shows how many SLIs are answered, and which are not.
pub struct Progress {
    /// The line; a hidden one where nobody watches.
    bar: ProgressBar,
    /// Where a wait is told that no line shows.
    console: Console,
    /// Shows in a CI log that work goes on.
    heartbeat: Option<Heartbeat>,
    /// The SLIs that are still open.
    open: Mutex<Vec<String>>,
}

impl Progress {
    /// Starts a line for these SLIs; an invisible one where nobody watches.
    pub fn start<'a>(
        environment: &Environment,
        console: &Console,
        indicators: impl IntoIterator<Item = &'a IndicatorName>,
    ) -> Self {
        let open: Vec<String> = indicators
            .into_iter()
            .map(|name| printable(name.as_str()))
            .collect();
        let total = open.len();
        let watched = environment.stderr == Stream::Terminal
            && !environment.is_ci()
            && environment.get("TERM") != Some("dumb")
            && console.volume != Volume::Quiet;
        let bar = if watched && total > 0 {
            let total = u64::try_from(total).unwrap_or(u64::MAX);
            let target = ProgressDrawTarget::stderr_with_hz(10);
            ProgressBar::with_draw_target(Some(total), target)
        } else {
            ProgressBar::hidden()
        };
        let is_silent_job = environment.is_ci()
            && total > 0
            && environment.stderr != Stream::Terminal
            && console.volume != Volume::Quiet;
        let progress = Self {
            bar,
            console: *console,
            heartbeat: is_silent_job.then(|| Heartbeat::start(BEAT, total, complain)),
            open: Mutex::new(open),
        };
        // Before the first tick, which draws the line.
        progress.show(COUNTING);
        progress.name_open(None);
        if !progress.bar.is_hidden() {
            progress.bar.enable_steady_tick(Duration::from_millis(120));
        }
        progress
    }

    /// Changes what the line shows.
    fn show(&self, template: &str) {
        let turning = match self.console.stderr.charset {
            Charset::Unicode => TURNING,
            Charset::Ascii => TURNING_ASCII,
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.tick_chars(turning));
        }
    }

    /// Names the SLIs that are still open, without one that is answered now.
    fn name_open(&self, answered: Option<&str>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = open.iter().position(|name| Some(name.as_str()) == answered) {
            open.remove(at);
        }
        if !open.is_empty() {
            self.bar.set_message(format!("open: {}", open.join(", ")));
        }
    }
}

impl Drop for Progress {
    /// Takes the line away, also when the call is interrupted.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Progress {
    fn answered(&self, reading: &Reading) {
        self.bar.inc(1);
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.answered();
        }
        self.name_open(Some(&printable(reading.indicator.as_str())));
    }
}

impl Audience for Progress {
    fn waits(&self, wait: &Wait) {
        let text = announcement(wait);
        if self.bar.is_hidden() {
            self.console.say(&text);
        }
        self.show(WAITING);
        self.bar.set_message(text);
        self.bar.reset_elapsed();
    }

    fn lacks(&self, indicators: &[&IndicatorName], patience: Duration) {
        let text = lack(indicators, patience);
        if self.bar.is_hidden() {
            self.console.say(&text);
        }
        self.show(WAITING);
        self.bar.set_message(text);
        self.bar.reset_elapsed();
    }

    fn goes_on(&self) {
        self.show(COUNTING);
        self.name_open(None);
        self.bar.reset_elapsed();
    }
}

/// Shows how many events were dealt with; how many there are is not known.
pub struct Counter {
    /// The line; a hidden one where nobody watches.
    bar: ProgressBar,
}

impl Counter {
    /// Starts a line; an invisible one where nobody watches.
    pub fn start(environment: &Environment, console: &Console) -> Self {
        let watched = environment.stderr == Stream::Terminal
            && !environment.is_ci()
            && environment.get("TERM") != Some("dumb")
            && console.volume != Volume::Quiet;
        if !watched {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} events, {elapsed}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Shows how many it are by now.
    pub fn show(&self, count: usize) {
        self.bar
            .set_position(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

impl Drop for Counter {
    /// Takes the line away.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Says which SLIs have no data yet, and how long they are asked for.
fn lack(indicators: &[&IndicatorName], patience: Duration) -> String {
    const NAMED: usize = 3;
    let names = indicators.iter().take(NAMED).map(|name| name.as_str());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    let more = indicators.len().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let (names, patience) = (names.join(", "), spoken(patience));
    printable(&format!(
        "no data yet for {names}; asking again for up to {patience}"
    ))
}

/// Says until when is waited, and why.
fn announcement(wait: &Wait) -> String {
    let format = if wait.length < Duration::from_secs(12 * 3600) {
        "%H:%M:%SZ"
    } else {
        "%Y-%m-%d %H:%M:%SZ"
    };
    let until = wait.until.strftime(format);
    let seconds = wait.length.as_secs_f64().ceil();
    printable(&format!(
        "waiting until {until} ({seconds} s) for {}",
        wait.reason()
    ))
}
