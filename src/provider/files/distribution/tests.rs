//! Distributions against sorted vectors.

#![expect(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the numbers of the tests are small and exact"
)]

use proptest::prelude::*;

use super::*;

/// Counts times one by one.
fn counted(tick: Tick, times: &[u64]) -> Distribution {
    let mut room = Room::new(64 << 20);
    let mut distribution = Distribution::new(tick);
    for ticks in times {
        distribution.record(*ticks, 1, &mut room).unwrap();
    }
    distribution
}

/// Returns the percentile by nearest rank, by the book.
fn by_the_book(times: &[u64], percent: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let hundredths = (percent * 100.0).round() as usize;
    let rank = (hundredths * sorted.len()).div_ceil(10_000);
    sorted[rank.max(1) - 1] as f64
}

proptest! {
    #[test]
    fn whole_milliseconds_below_65_seconds_are_exact(
        times in prop::collection::vec(0_u64..65_536, 1..400),
        hundredths in 1_u32..=10_000,
    ) {
        let percent = f64::from(hundredths) / 100.0;
        let distribution = counted(Tick::Millisecond, &times);
        let percentile = distribution.percentile(percent).unwrap();
        prop_assert_eq!(percentile.milliseconds, by_the_book(&times, percent));
        prop_assert!(percentile.exact);
        let mean = times.iter().sum::<u64>() as f64 / times.len() as f64;
        prop_assert_eq!(distribution.mean(), Some(mean));
        prop_assert_eq!(distribution.min(), times.iter().min().map(|t| *t as f64));
        prop_assert_eq!(distribution.max(), times.iter().max().map(|t| *t as f64));
    }

    #[test]
    fn long_times_are_within_a_thousandth(
        times in prop::collection::vec(prop_oneof![0_u64..200_000, 0_u64..u64::MAX / 1_000], 1..200),
        hundredths in 1_u32..=10_000,
    ) {
        let percent = f64::from(hundredths) / 100.0;
        let truth = by_the_book(&times, percent);
        let found = counted(Tick::Millisecond, &times).percentile(percent).unwrap();
        prop_assert!((found.milliseconds - truth).abs() <= truth / 1000.0, "{found:?} {truth}");
        if found.exact {
            prop_assert_eq!(found.milliseconds, truth);
        }
    }

    #[test]
    fn nanoseconds_are_exact_one_by_one_and_within_a_thousandth_in_buckets(
        times in prop::collection::vec(0_u64..10_000_000_000, 1..200),
        hundredths in 1_u32..=10_000,
    ) {
        let percent = f64::from(hundredths) / 100.0;
        let truth = by_the_book(&times, percent) / 1e6;
        let mut distribution = counted(Tick::Nanosecond, &times);
        prop_assert_eq!(distribution.percentile(percent).unwrap().milliseconds, truth);
        distribution.settle();
        prop_assert_eq!(distribution.percentile(percent).unwrap().milliseconds, truth);
        distribution.spill(&mut Room::new(64 << 20)).unwrap();
        let found = distribution.percentile(percent).unwrap();
        prop_assert!((found.milliseconds - truth).abs() <= truth / 1000.0);
    }

    #[test]
    fn merging_is_counting_together(
        tick in prop_oneof![Just(Tick::Millisecond), Just(Tick::Nanosecond)],
        left in prop::collection::vec(0_u64..200_000, 0..50),
        right in prop::collection::vec(0_u64..200_000, 0..50),
    ) {
        let mut merged = counted(tick, &left);
        merged.merge(&counted(tick, &right), &mut Room::new(64 << 20)).unwrap();
        merged.settle();
        let mut together = counted(tick, &[left, right].concat());
        together.settle();
        prop_assert_eq!(merged, together);
    }

    #[test]
    fn interpolation_lies_between_the_neighbours_as_in_k6(
        times in prop::collection::vec(0_u64..1_000_000_000, 1..100),
        percent in 1_u32..=100,
    ) {
        let mut sorted = times.clone();
        sorted.sort_unstable();
        let place = f64::from(percent) / 100.0 * (sorted.len() - 1) as f64;
        let below = sorted[place.floor() as usize] as f64 / 1e6;
        let above = sorted[place.ceil() as usize] as f64 / 1e6;
        let truth = below + (above - below) * (place - place.floor());
        let found = counted(Tick::Nanosecond, &times).interpolated(percent.into()).unwrap();
        prop_assert_eq!(found.milliseconds, truth);
    }
}

#[test]
fn a_rank_is_not_moved_by_the_rounding_of_floats() {
    let times: Vec<u64> = (1..=1000).collect();
    let distribution = counted(Tick::Millisecond, &times);
    let at = |percent| distribution.percentile(percent).unwrap().milliseconds;
    // 99.9 / 100 * 1000 is 999.0000000000001 in floats.
    assert_eq!(at(99.9), 999.0);
    assert_eq!(at(0.1), 1.0);
    assert_eq!(at(50.0), 500.0);
    assert_eq!(at(50.01), 501.0);
    assert_eq!(at(100.0), 1000.0);
}

#[test]
fn there_is_no_percentile_of_nothing_or_beyond_the_scale() {
    let empty = Distribution::new(Tick::Millisecond);
    assert_eq!((empty.mean(), empty.min(), empty.max()), (None, None, None));
    assert_eq!(empty.percentile(50.0), None);
    assert_eq!(empty.interpolated(50.0), None);
    let one = counted(Tick::Millisecond, &[7]);
    for percent in [0.0, -1.0, 100.1, f64::NAN, f64::INFINITY] {
        assert_eq!(one.percentile(percent), None);
    }
}

#[test]
fn weights_beyond_32_bits_are_counted() {
    let mut room = Room::new(1 << 20);
    let mut distribution = Distribution::new(Tick::Millisecond);
    for (ticks, weight) in [(1, u64::from(u32::MAX)), (1, 3), (2, 1 << 40), (3, 5)] {
        distribution.record(ticks, weight, &mut room).unwrap();
    }
    assert_eq!(distribution.count(), (1 << 40) + (1 << 32) + 7);
    assert_eq!(distribution.percentile(0.3).unwrap().milliseconds, 1.0);
    assert_eq!(
        distribution.percentile(99.999_999).unwrap().milliseconds,
        2.0
    );
    assert_eq!(distribution.percentile(100.0).unwrap().milliseconds, 3.0);
}

#[test]
fn memory_stays_within_the_room_whatever_comes() {
    let mut room = Room::new(100 << 10);
    let mut distribution = Distribution::new(Tick::Nanosecond);
    let mut refused = 0;
    for n in 0..200_000_u64 {
        // Spread over all magnitudes.
        let ticks = (n.wrapping_mul(0x9E37_79B9_7F4A_7C15)) >> (n % 60);
        refused += u32::from(distribution.record(ticks, 1, &mut room).is_err());
    }
    assert!(distribution.bytes() <= 100 << 10);
    assert_eq!(distribution.count() + u64::from(refused), 200_000);
    assert!(refused > 0);
}
