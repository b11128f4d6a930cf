//! Waiting for data that come late: once per run, until the backends have all data of the window.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep_until};

use crate::gate::{IndicatorName, ProviderName, Query, TimeWindow, spoken};
use crate::provider::Watch;

/// When a run began, on the clock on the wall and on the one that never jumps.
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    /// On the clock on the wall.
    pub time: Timestamp,
    /// On the clock that never jumps.
    pub instant: Instant,
}

/// What to do where data come late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lateness {
    /// Wait for them.
    Awaited,
    /// Ask at once, and warn that they may be incomplete.
    Accepted,
}

/// A wait that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// When all data are there.
    pub until: Timestamp,
    /// How long that is from the beginning of the run.
    pub length: Duration,
    /// How late the data of each provider are that has to be waited for.
    pub late: BTreeMap<ProviderName, Duration>,
}

/// Hears of waits besides readings. Cosmetic: nothing depends on it.
pub trait Audience: Watch {
    /// The run waits.
    fn waits(&self, wait: &Wait);

    /// SLIs have no data yet, and are asked for again until so much time is over.
    fn lacks(&self, indicators: &[&IndicatorName], patience: Duration);

    /// The wait is over.
    fn goes_on(&self);
}

impl Wait {
    /// Returns the wait that queries of a window need; `None` where all data are there, or nothing is asked.
    #[must_use]
    pub fn of(queries: &[Query], window: &TimeWindow, now: Timestamp) -> Option<Self> {
        let mut late: BTreeMap<ProviderName, Duration> = BTreeMap::new();
        for query in queries {
            let delay = query.handling.delay.unwrap_or_default();
            let known = late.entry(query.provider.clone()).or_default();
            *known = delay.max(*known);
        }
        late.retain(|_, delay| complete(window, *delay).is_some_and(|complete| complete > now));
        let until = complete(window, late.values().copied().max()?)?;
        let length = Duration::try_from(until.duration_since(now)).ok()?;
        Some(Self {
            until,
            length,
            late,
        })
    }

    /// Says for whom, and why: `dynatrace: its data come 2 minutes late`.
    #[must_use]
    pub fn reason(&self) -> String {
        let names: Vec<&str> = self.late.keys().map(ProviderName::as_str).collect();
        let most = spoken(self.late.values().copied().max().unwrap_or_default());
        match names.as_slice() {
            [only] => format!("{only}: its data come {most} late"),
            several => format!(
                "{}: their data come up to {most} late",
                several.join(" and ")
            ),
        }
    }
}

/// Returns when a backend with this delay has all data of a window; `None` where no delay is known, or where the time
/// leaves the calendar.
fn complete(window: &TimeWindow, delay: Duration) -> Option<Timestamp> {
    if delay.is_zero() {
        return None;
    }
    let delay = SignedDuration::try_from(delay).ok()?;
    window.end().checked_add(delay).ok()
}

/// Waits where that is needed; where it is needed but not wanted, returns what the user must know instead.
pub async fn wait_for_data(
    wait: Option<Wait>,
    lateness: Lateness,
    began: Beginning,
    audience: &dyn Audience,
) -> Option<String> {
    let wait = wait?;
    match lateness {
        Lateness::Accepted => Some(format!(
            "the data may be incomplete: --no-wait was given, but {} more seconds are needed for {}",
            wait.length.as_secs_f64().ceil(),
            wait.reason()
        )),
        Lateness::Awaited => {
            let deadline = began.instant + wait.length;
            if deadline > Instant::now() {
                audience.waits(&wait);
                sleep_until(deadline).await;
                audience.goes_on();
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::gate::{Handling, Options, Policies, Reading};

    /// Remembers what it heard.
    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl Watch for Heard {
        fn answered(&self, _reading: &Reading) {}
    }

    impl Audience for Heard {
        fn waits(&self, wait: &Wait) {
            let told = format!("{} s for {}", wait.length.as_secs_f64(), wait.reason());
            self.0.lock().unwrap().push(told);
        }

        fn lacks(&self, _indicators: &[&IndicatorName], _patience: Duration) {}

        fn goes_on(&self) {
            self.0.lock().unwrap().push("on".to_owned());
        }
    }

    fn query(provider: &str, delay: u64) -> Query {
        Query {
            indicator: IndicatorName::new("a").unwrap(),
            provider: ProviderName::new(provider).unwrap(),
            text: "up".to_owned(),
            options: Options::new(),
            policies: Policies::default(),
            handling: Handling {
                delay: Some(Duration::from_secs(delay)),
                ..Handling::default()
            },
        }
    }

    fn at(time: &str) -> Timestamp {
        format!("2024-02-01T{time}Z").parse().unwrap()
    }

    fn window() -> TimeWindow {
        TimeWindow::new(at("10:00:00"), at("10:05:00")).unwrap()
    }

    /// Waits as a run that begins at 10:05:25 does; returns what was heard, how long it took, and the warning.
    async fn run(queries: &[Query], lateness: Lateness) -> (Vec<String>, f64, Option<String>) {
        let began = Beginning {
            time: at("10:05:25"),
            instant: Instant::now(),
        };
        let wait = Wait::of(queries, &window(), began.time);
        let heard = Heard::default();
        let warning = wait_for_data(wait, lateness, began, &heard).await;
        let took = began.instant.elapsed().as_secs_f64();
        (heard.0.into_inner().unwrap(), took, warning)
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_waits_once_until_the_slowest_backend_has_all_data() {
        let queries = [
            query("prometheus", 0),
            query("dynatrace", 60),
            query("dynatrace", 120),
            query("datadog", 90),
            query("early", 20),
        ];
        let (heard, took, warning) = run(&queries, Lateness::Awaited).await;
        let expected = "95 s for datadog and dynatrace: their data come up to 2 minutes late";
        assert_eq!(heard, [expected, "on"]);
        assert!((95.0..95.1).contains(&took), "{took}");
        assert_eq!(warning, None);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_where_all_data_are_there_or_nothing_is_asked() {
        for queries in [&[][..], &[query("a", 0)], &[query("a", 25)]] {
            let (heard, took, warning) = run(queries, Lateness::Awaited).await;
            assert_eq!((heard.len(), warning), (0, None));
            assert!(took < 0.1, "{took}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_passed_since_the_beginning_is_not_waited_again() {
        let began = Beginning {
            time: at("10:05:25"),
            instant: Instant::now(),
        };
        tokio::time::advance(Duration::from_secs(200)).await;
        let wait = Wait::of(&[query("dynatrace", 120)], &window(), began.time);
        assert!(wait.is_some());
        let heard = Heard::default();
        assert_eq!(
            wait_for_data(wait, Lateness::Awaited, began, &heard).await,
            None
        );
        assert_eq!(heard.0.into_inner().unwrap().len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_wait_is_told_that_data_may_be_incomplete() {
        let (heard, took, warning) = run(&[query("dynatrace", 120)], Lateness::Accepted).await;
        assert_eq!((heard.len(), took < 0.1), (0, true));
        insta::assert_snapshot!(warning.unwrap(), @"the data may be incomplete: --no-wait was given, but 95 more seconds are needed for dynatrace: its data come 2 minutes late");
        let (_, _, warning) = run(&[query("prometheus", 0)], Lateness::Accepted).await;
        assert_eq!(warning, None);
    }

    #[test]
    fn an_end_in_the_future_counts_where_data_come_late() {
        let wait = |delay| Wait::of(&[query("a", delay)], &window(), at("10:03:00"));
        assert_eq!(wait(0), None);
        assert_eq!(wait(1).unwrap().length, Duration::from_secs(121));
    }
}
