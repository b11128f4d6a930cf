//! Counts by bucket: one bucket a tick up to a power of two, then 512 in each doubling.

use std::collections::BTreeMap;

use super::super::number::float;
use super::{NoRoom, Room};

/// The number of buckets in a chunk, and in each doubling beyond the exact ones, as a power of two.
pub(super) const CHUNK_BITS: u32 = 9;
/// The number of buckets in a chunk.
const CHUNK: usize = 1 << CHUNK_BITS;
/// How many bytes a chunk takes.
const CHUNK_BYTES: usize = CHUNK * size_of::<u32>();

/// How many times fell into each bucket. Chunks of buckets exist where something was counted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Buckets {
    /// Below two to this power each tick has a bucket of its own.
    exact_bits: u32,
    /// The chunks, the smallest times first.
    chunks: Vec<Option<Box<[u32; CHUNK]>>>,
    /// How many times 2^32 was exceeded, by bucket.
    carries: BTreeMap<usize, u64>,
}

impl Buckets {
    /// Starts with nothing counted.
    pub(super) fn new(exact_bits: u32) -> Self {
        Self {
            exact_bits,
            chunks: Vec::new(),
            carries: BTreeMap::new(),
        }
    }

    /// Counts a time `weight` times.
    #[inline]
    pub(super) fn add(&mut self, ticks: u64, weight: u64, room: &mut Room) -> Result<(), NoRoom> {
        let bucket = self.bucket(ticks);
        self.add_to(bucket, weight, room)
    }

    /// Adds to the count of a bucket.
    #[inline]
    fn add_to(&mut self, bucket: usize, weight: u64, room: &mut Room) -> Result<(), NoRoom> {
        let chunk = bucket >> CHUNK_BITS;
        let Some(Some(counts)) = self.chunks.get_mut(chunk) else {
            self.grow(chunk, room)?;
            return self.add_to(bucket, weight, room);
        };
        let Some(count) = counts.get_mut(bucket & (CHUNK - 1)) else {
            return Err(NoRoom);
        };
        let sum = u64::from(*count).wrapping_add(weight);
        match u32::try_from(sum) {
            Ok(sum) if weight <= sum.into() => *count = sum,
            Ok(_) | Err(_) => {
                let sum = u128::from(*count) + u128::from(weight);
                *count = low(sum);
                let carry = u64::try_from(sum >> 32).unwrap_or(u64::MAX);
                *self.carries.entry(bucket).or_default() += carry;
            }
        }
        Ok(())
    }

    /// Makes a chunk.
    #[cold]
    fn grow(&mut self, chunk: usize, room: &mut Room) -> Result<(), NoRoom> {
        room.take(CHUNK_BYTES)?;
        if self.chunks.len() <= chunk {
            self.chunks.resize_with(chunk + 1, || None);
        }
        if let Some(place) = self.chunks.get_mut(chunk) {
            *place = Some(Box::new([0; CHUNK]));
        }
        Ok(())
    }

    /// Adds everything that others have counted.
    pub(super) fn merge(&mut self, other: &Self, room: &mut Room) -> Result<(), NoRoom> {
        for (bucket, count) in other.counted() {
            self.add_to(bucket, count, room)?;
        }
        Ok(())
    }

    /// Returns how many bytes the chunks hold.
    pub(super) fn bytes(&self) -> usize {
        self.chunks.iter().flatten().count() * CHUNK_BYTES
    }

    /// Returns the time at a rank, from 1, in ticks, and whether its bucket holds no other.
    pub(super) fn at_rank(&self, rank: u64) -> Option<(f64, bool)> {
        let mut seen = 0;
        for (bucket, count) in self.counted() {
            seen += count;
            if seen >= rank {
                let (low, width) = self.bounds(bucket);
                return Some((float(low) + float(width - 1) / 2.0, width == 1));
            }
        }
        None
    }

    /// Returns the buckets with a count, the smallest times first.
    fn counted(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let chunks = self.chunks.iter().enumerate();
        chunks.flat_map(move |(chunk, counts)| {
            let counts = counts.iter().flat_map(|counts| counts.iter()).enumerate();
            counts.filter_map(move |(place, count)| {
                let bucket = (chunk << CHUNK_BITS) + place;
                let carry = self.carries.get(&bucket).copied().unwrap_or_default();
                let count = u64::from(*count) + (carry << 32);
                (count > 0).then_some((bucket, count))
            })
        })
    }

    /// Returns the bucket of a time.
    #[inline]
    fn bucket(&self, ticks: u64) -> usize {
        let exact = 1_u64 << self.exact_bits;
        let bucket = if ticks < exact {
            ticks
        } else {
            let power = ticks.ilog2();
            let doublings = u64::from(power - self.exact_bits) << CHUNK_BITS;
            exact + doublings + ((ticks >> (power - CHUNK_BITS)) & (CHUNK as u64 - 1))
        };
        usize::try_from(bucket).unwrap_or(usize::MAX)
    }

    /// Returns the least time of a bucket, and how many ticks it spans.
    fn bounds(&self, bucket: usize) -> (u64, u64) {
        let bucket = bucket as u64;
        let exact = 1_u64 << self.exact_bits;
        if bucket < exact {
            return (bucket, 1);
        }
        let beyond = bucket - exact;
        let doublings = u32::try_from(beyond >> CHUNK_BITS).unwrap_or(u32::MAX);
        let shift = self.exact_bits - CHUNK_BITS + doublings.min(63);
        let place = (CHUNK as u64) + (beyond & (CHUNK as u64 - 1));
        (place << shift, 1 << shift)
    }
}

/// Returns the lowest 32 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the rest is carried by the caller"
)]
fn low(number: u128) -> u32 {
    number as u32
}
