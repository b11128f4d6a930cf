//! Patience: what one request changes about timeout and retries of its connection.

use std::time::Duration;

use super::retry::RetrySettings;

/// What one request changes about the patience of its connection; what is unset stays as the connection has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patience {
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How often to ask in all.
    pub attempts: Option<u32>,
    /// The wait before the second attempt.
    pub base: Option<Duration>,
    /// The longest wait.
    pub max: Option<Duration>,
}

/// How patient to be with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How often to ask again.
    pub retry: RetrySettings,
}

impl Limits {
    /// Lets a request change what its connection has.
    pub(super) fn with(self, patience: Patience) -> Self {
        let Patience {
            timeout,
            attempts,
            base,
            max,
        } = patience;
        let retry = RetrySettings {
            attempts: attempts.unwrap_or(self.retry.attempts),
            base: base.unwrap_or(self.retry.base),
            max: max.unwrap_or(self.retry.max),
            seed: self.retry.seed,
        };
        Self {
            timeout: timeout.unwrap_or(self.timeout),
            retry,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_changes_only_what_it_names() {
        let limits = Limits {
            timeout: Duration::from_secs(9),
            retry: RetrySettings::default(),
        };
        assert_eq!(limits.with(Patience::default()), limits);
        let changed = limits.with(Patience {
            timeout: Some(Duration::from_secs(1)),
            attempts: Some(7),
            ..Patience::default()
        });
        assert_eq!(changed.timeout, Duration::from_secs(1));
        let expected = RetrySettings {
            attempts: 7,
            ..limits.retry
        };
        assert_eq!(changed.retry, expected);
        let other = limits.with(Patience {
            base: Some(Duration::from_secs(2)),
            max: Some(Duration::from_secs(3)),
            ..Patience::default()
        });
        assert_eq!(other.retry.base, Duration::from_secs(2));
        assert_eq!(other.retry.max, Duration::from_secs(3));
    }
}
