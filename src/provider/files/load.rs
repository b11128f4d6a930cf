//! Canonical figures of a load test, whatever tool ran it.

use super::number::float;
use super::options::ErrorKinds;
use super::results::{Figure, Group, Unit};

/// Requests and how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests {
    /// How many there were, answered or not.
    pub(super) total: u64,
    /// How many got an answer that says failure: 400 and above.
    pub(super) refused: u64,
    /// How many got no answer.
    pub(super) unanswered: u64,
}

impl Requests {
    /// Returns how many failed, of the kinds that count; never more than there were.
    pub(super) fn failures(self, kinds: ErrorKinds) -> u64 {
        let failures = match kinds {
            ErrorKinds::Transport => self.unanswered,
            ErrorKinds::Http => self.refused,
            ErrorKinds::Both => self.refused.saturating_add(self.unanswered),
        };
        failures.min(self.total)
    }

    /// Adds requests that were answered with a status.
    pub(super) fn count_status(&mut self, status: u64, count: u64) {
        self.total = self.total.saturating_add(count);
        if status == 0 {
            self.unanswered = self.unanswered.saturating_add(count);
        } else if status >= 400 {
            self.refused = self.refused.saturating_add(count);
        }
    }

    /// Adds requests that were not answered.
    pub(super) fn count_errors(&mut self, count: u64) {
        self.count_status(0, count);
    }
}

impl Group {
    /// Sets the counts and the rate of errors. Without a request there are none: no data is not 0.
    pub(super) fn set_requests(&mut self, total: u64, failures: u64) {
        if total > 0 {
            let count = |count: u64| Figure::new(float(count), Unit::Count).of_samples(total);
            self.set("request_count", count(total));
            self.set("failure_count", count(failures));
            let rate = float(failures) / float(total);
            self.set(
                "error_rate",
                Figure::new(rate, Unit::Ratio).of_samples(total),
            );
        }
    }

    /// Sets a response time in milliseconds, such as `avg` or `p95`; nothing where the file has none.
    pub(super) fn set_time(&mut self, statistic: &str, time: Option<f64>, note: Option<&str>) {
        let Some(time) = time else {
            return;
        };
        let figure = Figure::new(time, Unit::Milliseconds);
        let figure = note.map_or(figure.clone(), |note| figure.with_note(note));
        self.set(&format!("response_time_{statistic}"), figure);
    }

    /// Sets requests a second; nothing where the file has none.
    pub(super) fn set_throughput(&mut self, rate: Option<f64>) {
        if let Some(rate) = rate {
            self.set("throughput", Figure::new(rate, Unit::PerSecond));
        }
    }

    /// Sets how long the run took, in seconds; nothing where the file does not say.
    pub(super) fn set_duration(&mut self, seconds: Option<f64>) {
        if let Some(seconds) = seconds {
            self.set("duration", Figure::new(seconds, Unit::Seconds));
        }
    }
}

/// Returns the name of a percentile: `p95`, or `p99_9` with a fraction.
pub(super) fn percentile_name(rank: f64) -> String {
    format!("p{}", rank.to_string().replace('.', "_"))
}

/// The warning for a run without a request.
pub(super) const NO_REQUESTS: &str = "no request was made, so that there is nothing to judge";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_request_is_no_data_and_not_0() {
        let mut group = Group::default();
        group.set_requests(0, 0);
        assert_eq!(group, Group::default());
    }

    #[test]
    fn only_the_kinds_of_failures_that_count_are_counted() {
        let mut requests = Requests::default();
        for (status, count) in [(200, 90), (302, 4), (404, 2), (500, 1), (0, 3)] {
            requests.count_status(status, count);
        }
        assert_eq!(requests.failures(ErrorKinds::Both), 6);
        assert_eq!(requests.failures(ErrorKinds::Http), 3);
        assert_eq!(requests.failures(ErrorKinds::Transport), 3);
        assert_eq!(requests.total, 100);
    }

    #[test]
    fn percentiles_are_named_with_an_underscore_for_the_point() {
        assert_eq!(percentile_name(95.0), "p95");
        assert_eq!(percentile_name(99.9), "p99_9");
    }
}
