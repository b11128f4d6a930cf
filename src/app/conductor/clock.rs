//! Moments that only ever grow: the order of events is the order in which they happened, whatever the machine's clock does.

use jiff::{SignedDuration, Timestamp};

use super::baton::Moments;

/// The least that lies between two events.
const STEP: SignedDuration = SignedDuration::from_micros(1);

/// Gives each event a moment of its own, later than all before.
pub(super) struct Clock {
    /// The machine's clock.
    moments: Moments,
    /// The latest moment that was given.
    latest: Timestamp,
}

impl Clock {
    /// Makes a clock that goes on after a moment.
    pub(super) fn new(moments: Moments, latest: Option<Timestamp>) -> Self {
        Self {
            moments,
            latest: latest.unwrap_or(Timestamp::MIN),
        }
    }

    /// Returns the machine's present moment.
    pub(super) fn now(&self) -> Timestamp {
        (self.moments)()
    }

    /// Returns the moment of an input.
    pub(super) fn input(&mut self) -> Timestamp {
        let now = self.now();
        // Whole microseconds: every store keeps them.
        let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        self.latest = now.max(self.output_after());
        self.latest
    }

    /// Returns the moment of what follows from the input.
    pub(super) fn output(&mut self) -> Timestamp {
        self.latest = self.output_after();
        self.latest
    }

    /// Goes on after a moment, if that is later than where it is.
    pub(super) fn advance(&mut self, latest: Option<Timestamp>) {
        self.latest = latest.map_or(self.latest, |latest| latest.max(self.latest));
    }

    /// Returns the earliest moment that may be given next.
    fn output_after(&self) -> Timestamp {
        self.latest.checked_add(STEP).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn moments_grow_even_when_the_machine_goes_back() {
        let micros = Arc::new(AtomicI64::new(100));
        let shared = Arc::clone(&micros);
        let moments: Moments =
            Arc::new(move || Timestamp::from_microsecond(shared.load(Ordering::Relaxed)).unwrap());
        let mut clock = Clock::new(moments, None);
        let mut given = vec![clock.input(), clock.output(), clock.output()];
        micros.store(5, Ordering::Relaxed);
        given.extend([clock.input(), clock.output()]);
        micros.store(1000, Ordering::Relaxed);
        given.push(clock.input());
        let given: Vec<i64> = given.into_iter().map(Timestamp::as_microsecond).collect();
        assert_eq!(given, [100, 101, 102, 103, 104, 1000]);
    }

    #[test]
    fn a_clock_goes_on_after_what_is_stored() {
        let moments: Moments = Arc::new(|| Timestamp::UNIX_EPOCH);
        let latest = Timestamp::from_microsecond(50).unwrap();
        let mut clock = Clock::new(moments, Some(latest));
        assert_eq!(clock.input().as_microsecond(), 51);
        clock.advance(Timestamp::from_microsecond(80).ok());
        clock.advance(Timestamp::from_microsecond(60).ok());
        assert_eq!(clock.input().as_microsecond(), 81);
    }
}
