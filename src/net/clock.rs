//! The clock of this machine, which signatures need and which a server's own clock is compared with. No value that is
//! measured depends on it.
#![expect(
    clippy::disallowed_methods,
    reason = "a signature holds the time at which its request leaves"
)]

use jiff::Timestamp;

/// Returns the time.
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}
