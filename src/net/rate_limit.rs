//! Headers in which vendors say when they will listen again, besides `Retry-After`.

use std::time::Duration;

use jiff::Timestamp;

/// The header of a vendor that says how long to wait after a 429 without `Retry-After`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RateLimitHeader {
    /// There is none.
    #[default]
    None,
    /// A header with this name counts the seconds from now on, as `X-RateLimit-Reset` of Datadog does.
    SecondsUntil(String),
    /// A header with this name holds the microseconds since 1970, as `X-RateLimit-Reset` of Dynatrace does.
    EpochMicroseconds(String),
}

impl RateLimitHeader {
    /// The longest wait that is believed.
    const LONGEST: Duration = Duration::from_secs(60);

    /// Returns the name of the header.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::SecondsUntil(name) | Self::EpochMicroseconds(name) => Some(name),
        }
    }

    /// Reads the value of the header, given the time there.
    pub(super) fn wait(&self, value: &str, now: Timestamp) -> Option<Duration> {
        let value = value.trim();
        let wait = match self {
            Self::None => return None,
            Self::SecondsUntil(_) => {
                let seconds: f64 = value.parse().ok()?;
                if seconds.is_nan() {
                    return None;
                }
                let seconds = seconds.clamp(0.0, Self::LONGEST.as_secs_f64());
                Duration::try_from_secs_f64(seconds).ok()?
            }
            Self::EpochMicroseconds(_) => {
                let reset = Timestamp::from_microsecond(value.parse().ok()?).ok()?;
                Duration::try_from(reset.duration_since(now)).unwrap_or(Duration::ZERO)
            }
        };
        Some(wait.min(Self::LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(header: &RateLimitHeader, value: &str) -> Option<Duration> {
        header.wait(value, "1994-11-06T08:49:37Z".parse().unwrap())
    }

    #[test]
    fn seconds_are_read_and_never_more_than_a_minute() {
        let header = RateLimitHeader::SecondsUntil("x-ratelimit-reset".to_owned());
        for (value, expected) in [
            (" 7 ", Some(Duration::from_secs(7))),
            ("0.5", Some(Duration::from_millis(500))),
            ("-3", Some(Duration::ZERO)),
            ("86400", Some(Duration::from_secs(60))),
            ("inf", Some(Duration::from_secs(60))),
            ("NaN", None),
            ("soon", None),
        ] {
            assert_eq!(wait(&header, value), expected, "{value}");
        }
    }

    #[test]
    fn microseconds_since_1970_are_compared_with_the_time_there() {
        let header = RateLimitHeader::EpochMicroseconds("x-ratelimit-reset".to_owned());
        for (value, expected) in [
            ("784111779500000", Some(Duration::from_millis(2500))),
            ("784111000000000", Some(Duration::ZERO)),
            ("984111777000000", Some(Duration::from_secs(60))),
            ("99999999999999999999", None),
            ("9223372036854775807", None),
        ] {
            assert_eq!(wait(&header, value), expected, "{value}");
        }
        assert_eq!(wait(&RateLimitHeader::None, "1"), None);
    }
}
