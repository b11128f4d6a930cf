//! Tells the voice of a task what the gate is doing.

use std::time::Duration;

use crate::app::{Audience, Wait};
use crate::executor::Voice;
use crate::gate::{IndicatorName, Outcome, Reading};
use crate::provider::Watch;

/// Speaks through the voice of a task.
pub(super) struct Speaker<'a>(pub &'a dyn Voice);

impl Watch for Speaker<'_> {
    fn answered(&self, reading: &Reading) {
        let name = &reading.indicator;
        self.0.line(&match &reading.outcome {
            Outcome::Value(value) => format!("{name} = {}", value.get()),
            Outcome::NoData(reason) => format!("{name}: no data: {reason}"),
            Outcome::Failed(failure) => format!("{name}: {}", failure.message),
        });
    }
}

impl Audience for Speaker<'_> {
    fn waits(&self, wait: &Wait) {
        let seconds = wait.length.as_secs();
        self.0
            .line(&format!("waiting {seconds} s until all data are there"));
    }

    fn lacks(&self, indicators: &[&IndicatorName], _patience: Duration) {
        let names: Vec<&str> = indicators.iter().map(|name| name.as_str()).collect();
        self.0
            .line(&format!("no data yet for {}", names.join(", ")));
    }

    fn goes_on(&self) {}
}
