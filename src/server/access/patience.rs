//! How often somebody may do something: buckets that fill with time.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many buckets are kept; beyond that the fullest go, who lose nothing by it.
const MOST: usize = 10_000;
/// How long a bucket is kept that nobody uses, as in Keptn.
const KEPT: Duration = Duration::from_secs(3 * 60);

/// One bucket for each of somebody.
#[derive(Debug)]
pub struct Buckets<K> {
    /// How many drops fall into a bucket in a second.
    per_second: f64,
    /// How many drops a bucket holds.
    burst: f64,
    /// What is in them.
    filled: Mutex<HashMap<K, Bucket>>,
}

/// One bucket.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// How many drops were in it.
    drops: f64,
    /// When that was.
    at: Instant,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Makes buckets that are full.
    #[must_use]
    pub fn new(per_second: f64, burst: f64) -> Self {
        Self {
            per_second,
            burst,
            filled: Mutex::default(),
        }
    }

    /// Takes a drop; where there is none, says how long to wait for the next.
    pub fn take(&self, whose: K, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < KEPT);
        }
        if buckets.len() >= MOST && !buckets.contains_key(&whose) {
            self.make_room(&mut buckets, now);
        }
        let bucket = buckets.entry(whose).or_insert(Bucket {
            drops: self.burst,
            at: now,
        });
        bucket.drops = self.level(*bucket, now);
        bucket.at = now;
        if bucket.drops >= 1.0 {
            bucket.drops -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - bucket.drops) / self.per_second.max(f64::MIN_POSITIVE);
        Err(Duration::from_secs_f64(wait.clamp(0.001, 3600.0)))
    }

    /// Returns how many drops are in a bucket by now.
    fn level(&self, bucket: Bucket, now: Instant) -> f64 {
        let gained = now.duration_since(bucket.at).as_secs_f64() * self.per_second;
        (bucket.drops + gained).min(self.burst)
    }

    /// Takes the fullest buckets away: many at once, so that it is seldom done.
    fn make_room(&self, buckets: &mut HashMap<K, Bucket>, now: Instant) {
        let level = |bucket: &Bucket| self.level(*bucket, now);
        let mut levels: Vec<f64> = buckets.values().map(level).collect();
        levels.sort_unstable_by(|one, other| other.total_cmp(one));
        let Some(edge) = levels.get(levels.len() / 10).copied() else {
            return;
        };
        let fuller = levels.iter().filter(|level| level.total_cmp(&edge).is_gt());
        let mut spare = levels.len() / 10 + 1 - fuller.count();
        buckets.retain(|_, bucket| match level(bucket).total_cmp(&edge) {
            Ordering::Greater => false,
            Ordering::Less => true,
            Ordering::Equal => {
                let is_kept = spare == 0;
                spare = spare.saturating_sub(1);
                is_kept
            }
        });
    }

    /// Fills somebody's bucket.
    pub fn fill(&self, whose: &K) {
        let mut buckets = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.remove(whose);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_what_falls_in() {
        let start = Instant::now();
        let buckets = Buckets::new(1.0, 2.0);
        let at = |ms: u64| start + Duration::from_millis(ms);
        assert_eq!(buckets.take("a", at(0)), Ok(()));
        assert_eq!(buckets.take("a", at(0)), Ok(()));
        assert_eq!(buckets.take("a", at(0)), Err(Duration::from_secs(1)));
        assert_eq!(buckets.take("b", at(0)), Ok(()), "everybody has their own");
        assert_eq!(buckets.take("a", at(500)), Err(Duration::from_millis(500)));
        assert_eq!(buckets.take("a", at(1500)), Ok(()));
        buckets.fill(&"a");
        assert_eq!(buckets.take("a", at(1500)), Ok(()));
        assert_eq!(buckets.take("a", at(1500)), Ok(()));
    }

    #[test]
    fn a_crowd_takes_no_more_memory_than_is_meant_for_it() {
        let now = Instant::now();
        let buckets = Buckets::new(1.0, 2.0);
        for client in 0..MOST * 3 {
            buckets.take(client, now).unwrap();
        }
        assert!(buckets.filled.lock().unwrap().len() <= MOST);
    }

    #[test]
    fn whoever_has_nothing_left_is_not_forgotten_because_of_a_crowd() {
        let now = Instant::now();
        let buckets = Buckets::new(1.0, 2.0);
        for _drop in 0..2 {
            buckets.take(usize::MAX, now).unwrap();
        }
        for client in 0..MOST * 3 {
            buckets.take(client, now).unwrap();
        }
        assert!(buckets.take(usize::MAX, now).is_err());
    }
}
