//! A live line on stderr while queries run. On a terminal only, and never in CI, where some systems feign one.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::{Console, Volume};
use super::environment::{Environment, Stream};
use crate::gate::Reading;
use crate::provider::Watch;

/// Shows how many SLIs are answered.
pub struct Progress(ProgressBar);

impl Progress {
    /// Starts a line for so many SLIs; an invisible one where nobody watches.
    pub fn start(environment: &Environment, console: &Console, total: usize) -> Self {
        let watched = environment.stderr == Stream::Terminal
            && !environment.is_ci()
            && environment.get("TERM") != Some("dumb")
            && console.volume != Volume::Quiet;
        if !watched || total == 0 {
            return Self(ProgressBar::hidden());
        }
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        let bar =
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {pos}/{len} SLIs, {elapsed}  {wide_msg}")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }
}

impl Drop for Progress {
    /// Takes the line away, also when the call is interrupted.
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Watch for Progress {
    fn answered(&self, reading: &Reading) {
        self.0.inc(1);
        self.0
            .set_message(crate::report::printable(reading.indicator.as_str()));
    }
}
