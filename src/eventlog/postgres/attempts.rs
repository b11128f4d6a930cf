//! How often an append is tried.

use std::time::Duration;

use tokio::time::Instant;

use super::fault::Fault;

/// The first pause; the next are twice as long.
const PAUSE: Duration = Duration::from_millis(20);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(1);

/// What was tried so far.
#[derive(Debug)]
pub(super) struct Attempts {
    /// When to stop.
    deadline: Instant,
    /// The next pause.
    pause: Duration,
    /// A connection was lost, and replaced by a new one.
    is_reconnected: bool,
    /// The events may be stored.
    is_in_doubt: bool,
}

impl Attempts {
    /// Starts the clock.
    pub(super) fn begin(limit: Duration) -> Self {
        Self {
            deadline: Instant::now() + limit,
            pause: PAUSE,
            is_reconnected: false,
            is_in_doubt: false,
        }
    }

    /// Takes note of a fault; waits and returns where another attempt makes sense. Whoever was in doubt once gets an
    /// answer from a later attempt, or stays in doubt.
    pub(super) async fn after(&mut self, fault: Fault) -> Result<(), Fault> {
        self.is_in_doubt |= matches!(fault, Fault::InDoubt(_));
        let makes_sense = if self.is_in_doubt {
            fault.may_pass() || fault.is_conflict() || matches!(fault, Fault::InDoubt(_))
        } else {
            fault.is_conflict() || (fault.is_lost() && !self.is_reconnected)
        };
        self.is_reconnected |= fault.is_lost();
        if !makes_sense || Instant::now() + self.pause >= self.deadline {
            return Err(if self.is_in_doubt {
                fault.into_doubt()
            } else {
                fault
            });
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST);
        Ok(())
    }
}
