//! Response times as they were counted: any percentile of a run, in bounded memory.

mod buckets;

use std::cmp::Ordering;

use super::number::{float, whole};
use buckets::Buckets;

/// How often each response time occurred.
///
/// Times are whole ticks: milliseconds where the tool counts those, else nanoseconds. Whole milliseconds below
/// [`Tick::Millisecond`]'s limit of 65.536 s are counted exactly, whatever their number. Nanoseconds are kept one by
/// one until there are too many; from then on, and for longer times, a time is known within 0.1 %. Count, sum, least,
/// and greatest are exact always.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// What one tick is.
    tick: Tick,
    /// How many times there are.
    count: u64,
    /// All times together, in ticks.
    sum: u128,
    /// The least time, in ticks.
    min: u64,
    /// The greatest time, in ticks.
    max: u64,
    /// How often each occurred.
    counts: Counts,
    /// What a percentile is that falls between two times.
    rule: PercentileRule,
}

/// What a percentile is that falls between two times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PercentileRule {
    /// The least time that at least so many percent of all times don't exceed.
    NearestRank,
    /// As far between its two neighbours as it falls, as k6 has it.
    Linear,
}

/// What the times are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Whole milliseconds.
    Millisecond,
    /// Nanoseconds.
    Nanosecond,
}

impl Tick {
    /// Returns how many ticks a millisecond has.
    fn per_millisecond(self) -> f64 {
        match self {
            Self::Millisecond => 1.0,
            Self::Nanosecond => 1e6,
        }
    }

    /// Returns the power of two below which times are counted one by one.
    fn exact_bits(self) -> u32 {
        match self {
            Self::Millisecond => 16,
            Self::Nanosecond => buckets::CHUNK_BITS,
        }
    }
}

/// The two ways to count.
#[derive(Clone, Debug, PartialEq)]
enum Counts {
    /// Every time as it is.
    List(Vec<u64>),
    /// In buckets.
    Buckets(Buckets),
}

/// Memory that distributions share, in bytes.
#[derive(Clone, Debug)]
pub struct Room {
    /// What is left of it.
    left: usize,
}

impl Room {
    /// Has so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self { left: bytes }
    }

    /// Takes some bytes, where there are as many.
    pub fn take(&mut self, bytes: usize) -> Result<(), NoRoom> {
        self.left = self.left.checked_sub(bytes).ok_or(NoRoom)?;
        Ok(())
    }

    /// Gives bytes back.
    fn give(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(bytes);
    }
}

/// The memory for distributions is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// A percentile, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentile {
    /// The time in milliseconds.
    pub milliseconds: f64,
    /// It is one of the times that occurred, not the middle of a bucket.
    pub exact: bool,
}

/// How many single times a distribution keeps before it counts in buckets: 8 MiB.
const LONGEST_LIST: usize = 1 << 20;

impl Distribution {
    /// Starts with no time at all.
    #[must_use]
    pub fn new(tick: Tick) -> Self {
        let counts = match tick {
            Tick::Millisecond => Counts::Buckets(Buckets::new(tick.exact_bits())),
            Tick::Nanosecond => Counts::List(Vec::new()),
        };
        Self {
            tick,
            count: 0,
            sum: 0,
            min: u64::MAX,
            max: 0,
            counts,
            rule: PercentileRule::NearestRank,
        }
    }

    /// Says what a percentile is that falls between two times.
    #[must_use]
    pub fn by(self, rule: PercentileRule) -> Self {
        Self { rule, ..self }
    }

    /// Returns what a percentile is that falls between two times.
    #[must_use]
    pub fn rule(&self) -> PercentileRule {
        self.rule
    }

    /// Counts a time `weight` times. Fails, and counts nothing, where that takes more memory than there is.
    #[inline]
    pub fn record(&mut self, ticks: u64, weight: u64, room: &mut Room) -> Result<(), NoRoom> {
        self.record_total(ticks, weight, u128::from(ticks) * u128::from(weight), room)
    }

    /// Counts `weight` times of about `ticks` each, whose sum is known exactly.
    #[inline]
    pub fn record_total(
        &mut self,
        ticks: u64,
        weight: u64,
        sum: u128,
        room: &mut Room,
    ) -> Result<(), NoRoom> {
        if weight == 0 {
            return Ok(());
        }
        match &mut self.counts {
            Counts::Buckets(buckets) => buckets.add(ticks, weight, room)?,
            Counts::List(list) => {
                if weight == 1 && list.len() < LONGEST_LIST && push(list, ticks, room).is_ok() {
                    // Kept as it is.
                } else {
                    self.spill(room)?.add(ticks, weight, room)?;
                }
            }
        }
        self.count += weight;
        self.sum += sum;
        self.min = self.min.min(ticks);
        self.max = self.max.max(ticks);
        Ok(())
    }

    /// Counts in buckets from now on.
    fn spill(&mut self, room: &mut Room) -> Result<&mut Buckets, NoRoom> {
        if let Counts::List(list) = &self.counts {
            let mut buckets = Buckets::new(self.tick.exact_bits());
            let held = list.capacity() * size_of::<u64>();
            // The list is freed at once afterwards, so the buckets may have its room already.
            room.give(held);
            for ticks in list {
                if buckets.add(*ticks, 1, room).is_err() {
                    room.give(buckets.bytes());
                    room.left = room.left.saturating_sub(held);
                    return Err(NoRoom);
                }
            }
            self.counts = Counts::Buckets(buckets);
        }
        match &mut self.counts {
            Counts::Buckets(buckets) => Ok(buckets),
            Counts::List(_) => Err(NoRoom),
        }
    }

    /// Adds everything that another distribution has counted in the same ticks.
    pub fn merge(&mut self, other: &Self, room: &mut Room) -> Result<(), NoRoom> {
        if other.tick != self.tick {
            return Err(NoRoom);
        }
        match (&mut self.counts, &other.counts) {
            (Counts::List(list), Counts::List(more)) if list.len() + more.len() <= LONGEST_LIST => {
                for ticks in more {
                    push(list, *ticks, room)?;
                }
            }
            (_, Counts::List(more)) => {
                let buckets = self.spill(room)?;
                for ticks in more {
                    buckets.add(*ticks, 1, room)?;
                }
            }
            (_, Counts::Buckets(more)) => self.spill(room)?.merge(more, room)?,
        }
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        Ok(())
    }

    /// Sorts what is kept one by one, so that percentiles are quick. Nothing is recorded afterwards.
    pub fn settle(&mut self) {
        if let Counts::List(list) = &mut self.counts {
            list.sort_unstable();
            list.shrink_to_fit();
        }
    }

    /// Returns how many bytes it holds.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        match &self.counts {
            Counts::List(list) => list.capacity() * size_of::<u64>(),
            Counts::Buckets(buckets) => buckets.bytes(),
        }
    }

    /// Returns how many times there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the arithmetic mean in milliseconds; none of no times.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let count = self.count;
        (count > 0).then(|| wide(self.sum) / float(count) / self.tick.per_millisecond())
    }

    /// Returns the least time in milliseconds.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then(|| float(self.min) / self.tick.per_millisecond())
    }

    /// Returns the greatest time in milliseconds.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then(|| float(self.max) / self.tick.per_millisecond())
    }

    /// Returns a percentile. None where there are no times, or where `percent` is not above 0 and at most 100.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Option<Percentile> {
        match self.rule {
            PercentileRule::NearestRank => self.nearest(percent),
            PercentileRule::Linear => self.interpolated(percent),
        }
    }

    /// Returns the percentile by nearest rank.
    fn nearest(&self, percent: f64) -> Option<Percentile> {
        let millionths = millionths(percent)?;
        let rank = (millionths * u128::from(self.count)).div_ceil(100_000_000);
        self.at_rank(u64::try_from(rank).ok()?)
    }

    /// Returns the percentile between the two nearest times.
    fn interpolated(&self, percent: f64) -> Option<Percentile> {
        millionths(percent)?;
        let rank = percent / 100.0 * float(self.count.checked_sub(1)?);
        let lower = self.at_rank(whole(rank.floor())? + 1)?;
        let upper = self.at_rank(whole(rank.ceil())? + 1)?;
        let step = upper.milliseconds - lower.milliseconds;
        Some(Percentile {
            milliseconds: lower.milliseconds + step * (rank - rank.floor()),
            exact: lower.exact && upper.exact,
        })
    }

    /// Returns the time at a rank, from 1.
    fn at_rank(&self, rank: u64) -> Option<Percentile> {
        let highest = self.count.checked_sub(1)? + 1;
        let rank = rank.clamp(1, highest);
        let (ticks, exact) = match &self.counts {
            Counts::List(list) if list.is_sorted() => (float(*list.get(index(rank - 1)?)?), true),
            Counts::List(list) => {
                let mut list = list.clone();
                let (_, ticks, _) = list.select_nth_unstable(index(rank - 1)?);
                (float(*ticks), true)
            }
            Counts::Buckets(buckets) => buckets.at_rank(rank)?,
        };
        // The least and the greatest are known exactly, whatever the bucket.
        let (min, max) = (float(self.min), float(self.max));
        let (ticks, exact) = match (rank == 1, rank == highest) {
            (true, _) => (min, true),
            (_, true) => (max, true),
            (false, false) => (ticks.clamp(min, max), exact),
        };
        Some(Percentile {
            milliseconds: ticks / self.tick.per_millisecond(),
            exact,
        })
    }
}

/// Keeps a time, where there is room.
fn push(list: &mut Vec<u64>, ticks: u64, room: &mut Room) -> Result<(), NoRoom> {
    if list.len() == list.capacity() {
        let more = list.capacity().max(16);
        room.take(more * size_of::<u64>())?;
        list.reserve_exact(more);
    }
    list.push(ticks);
    Ok(())
}

/// Returns a percentage in millionths of a percent; none where it is not above 0 and at most 100.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be within 0 and 10^8"
)]
fn millionths(percent: f64) -> Option<u128> {
    let above = percent.partial_cmp(&0.0) == Some(Ordering::Greater);
    (above && percent <= 100.0).then(|| ((percent * 1e6).round() as u128).max(1))
}

/// Returns a wide integer as the nearest float.
#[expect(
    clippy::cast_precision_loss,
    reason = "the nearest float is what is wanted"
)]
fn wide(number: u128) -> f64 {
    number as f64
}

/// Returns an integer as an index.
fn index(number: u64) -> Option<usize> {
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests;
