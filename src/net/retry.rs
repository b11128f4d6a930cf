//! When to ask again, and how long to wait before: pure, so that every delay can be tested without waiting.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// How often to ask again, and how long to wait before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetrySettings {
    /// How often to ask in all; 1 means: never again. 0 counts as 1.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles with each further one.
    pub base: Duration,
    /// The longest wait. Where the server asks for more, it is not asked again.
    pub max: Duration,
    /// Where the random part of the waits starts, so that many jobs don't all come back at once. The caller picks it.
    pub seed: u64,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_secs(1),
            max: Duration::from_secs(30),
            seed: 0,
        }
    }
}

impl RetrySettings {
    /// Returns how long to wait after attempt `number` (the first is 1) of what is not sent over HTTP, or `None` where it
    /// was the last.
    #[must_use]
    pub fn wait(&self, number: u32) -> Option<Duration> {
        self.pause(
            number,
            None,
            Thousandths::scatter(self.seed, u64::from(number)),
        )
    }

    /// Returns how long to wait after attempt `number` (the first is 1), or `None` where it was the last.
    ///
    /// What the server asked for is obeyed; where it is more than `max`, asking again sooner would be rude, and it is over. Otherwise it is half the exponential wait for certain, and the
    /// other half times the jitter.
    pub(super) fn pause(
        &self,
        number: u32,
        asked: Option<Duration>,
        jitter: Thousandths,
    ) -> Option<Duration> {
        if number >= self.attempts {
            return None;
        }
        if let Some(asked) = asked {
            return (asked <= self.max).then_some(asked);
        }
        let factor = 2_u32.saturating_pow(number.saturating_sub(1));
        let half = self.base.saturating_mul(factor).min(self.max) / 2;
        Some(half + half * jitter.0 / 1000)
    }
}

/// A share of one, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thousandths(u32);

impl Thousandths {
    /// Returns the share number `index` of the sequence that starts at `seed` (`SplitMix64`).
    pub(super) fn scatter(seed: u64, index: u64) -> Self {
        let step = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut mixed = seed.wrapping_add(step);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        Self(u32::try_from(mixed % 1001).unwrap_or(1000))
    }
}

/// Reads `Retry-After`: seconds, or a date, which is compared with the server's own `Date`, so that no clock of ours
/// has to agree with it. A date in the past means: at once.
pub(super) fn retry_after(value: &str, date: Option<Timestamp>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = http_date(value)?.duration_since(date?);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

/// Reads the date of a header: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(value: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(value.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: RetrySettings = RetrySettings {
        attempts: 5,
        base: Duration::from_secs(1),
        max: Duration::from_secs(6),
        seed: 0,
    };

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_last_attempt() {
        let waits: Vec<_> = (1..=5)
            .map(|number| SETTINGS.pause(number, None, Thousandths(1000)))
            .collect();
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(
            waits,
            [seconds(1), seconds(2), seconds(4), seconds(6), None]
        );
    }

    #[test]
    fn jitter_takes_away_at_most_half() {
        let wait = |jitter| SETTINGS.pause(2, None, Thousandths(jitter));
        assert_eq!(wait(0), Some(Duration::from_secs(1)));
        assert_eq!(wait(500), Some(Duration::from_millis(1500)));
    }

    #[test]
    fn one_attempt_and_none_mean_no_second_one() {
        for attempts in [0, 1] {
            let settings = RetrySettings {
                attempts,
                ..SETTINGS
            };
            assert_eq!(settings.pause(1, None, Thousandths(0)), None);
        }
    }

    #[test]
    fn huge_settings_do_not_overflow() {
        let settings = RetrySettings {
            attempts: u32::MAX,
            base: Duration::MAX,
            max: Duration::MAX,
            seed: 0,
        };
        let pause = settings.pause(u32::MAX - 1, None, Thousandths(0));
        assert_eq!(pause, Some(Duration::MAX / 2));
    }

    #[test]
    fn the_wish_of_the_server_is_obeyed_or_it_is_over() {
        let wait = |asked| SETTINGS.pause(1, Some(Duration::from_secs(asked)), Thousandths(0));
        assert_eq!(wait(0), Some(Duration::ZERO));
        assert_eq!(wait(5), Some(Duration::from_secs(5)));
        assert_eq!(wait(86_400), None);
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let date = http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date, "1994-11-06T08:49:37Z".parse().ok());
        let read = |value| retry_after(value, date);
        assert_eq!(read(" 120 "), Some(Duration::from_secs(120)));
        assert_eq!(
            read("Sun, 06 Nov 1994 08:49:40 GMT"),
            Some(Duration::from_secs(3))
        );
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:40 GMT", None), None);
    }

    #[test]
    fn shares_are_scattered_and_repeatable() {
        let shares: Vec<_> = (0..100).map(|n| Thousandths::scatter(7, n).0).collect();
        assert!(shares.iter().all(|share| *share <= 1000));
        assert!(shares.iter().any(|share| *share < 250) && shares.iter().any(|share| *share > 750));
        assert_eq!(Thousandths::scatter(7, 3), Thousandths::scatter(7, 3));
        assert_ne!(Thousandths::scatter(7, 3), Thousandths::scatter(8, 3));
    }
}
