//! Quantiles of histograms, as Prometheus estimates them.

/// Differences between buckets that are smaller than this part of them come from rounding.
const SMALL_DIFFERENCE: f64 = 1e-12;

/// A bucket of a histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// The largest value that it counts: `le`.
    pub bound: f64,
    /// How many values are at most that.
    pub count: f64,
}

/// What a histogram says of a quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// The estimate; NaN where there is none.
    pub value: f64,
    /// Whether the quantile lies above the largest finite bound, so that it is in truth greater than `value`.
    pub is_above: bool,
    /// Whether a count was smaller than that of a lower bound, and was raised to it.
    pub is_raised: bool,
}

/// Estimates a quantile as `histogram_quantile` does: linear within a bucket, the first of which starts at 0.
pub fn quantile(fraction: f64, mut buckets: Vec<Bucket>) -> Quantile {
    let mut answer = Quantile {
        value: f64::NAN,
        is_above: false,
        is_raised: false,
    };
    if buckets.iter().any(|bucket| bucket.count.is_nan()) {
        return answer;
    }
    buckets.sort_by(|a, b| a.bound.total_cmp(&b.bound));
    let mut buckets = merged(&buckets);
    answer.is_raised = raise(&mut buckets);
    let (Some(last), true) = (buckets.last().copied(), buckets.len() > 1) else {
        return answer;
    };
    let is_usable = last.bound == f64::INFINITY && last.count > 0.0;
    if !is_usable || !(0.0..=1.0).contains(&fraction) {
        return answer;
    }
    let rank = fraction * last.count;
    let finite = buckets.get(..buckets.len() - 1).unwrap_or_default();
    let Some(place) = finite.iter().position(|bucket| bucket.count >= rank) else {
        answer.value = finite.last().map_or(f64::NAN, |bucket| bucket.bound);
        answer.is_above = true;
        return answer;
    };
    answer.value = within(finite, place, rank);
    answer
}

/// Interpolates within the bucket at `place`.
fn within(buckets: &[Bucket], place: usize, rank: f64) -> f64 {
    let Some(bucket) = buckets.get(place) else {
        return f64::NAN;
    };
    let below = place.checked_sub(1).and_then(|place| buckets.get(place));
    match below {
        None if bucket.bound <= 0.0 => bucket.bound,
        None => bucket.bound * (rank / bucket.count),
        Some(below) => {
            let share = (rank - below.count) / (bucket.count - below.count);
            below.bound + (bucket.bound - below.bound) * share
        }
    }
}

/// Adds up buckets of the same bound.
fn merged(buckets: &[Bucket]) -> Vec<Bucket> {
    let mut merged: Vec<Bucket> = Vec::with_capacity(buckets.len());
    for bucket in buckets {
        match merged.last_mut() {
            Some(last) if last.bound.total_cmp(&bucket.bound).is_eq() => last.count += bucket.count,
            Some(_) | None => merged.push(*bucket),
        }
    }
    merged
}

/// Makes counts grow with their bounds, and tells whether more than rounding was wrong.
fn raise(buckets: &mut [Bucket]) -> bool {
    let mut is_raised = false;
    let mut highest = f64::NEG_INFINITY;
    for bucket in buckets {
        if bucket.count < highest {
            let difference = (highest - bucket.count) / (highest.abs() + bucket.count.abs());
            is_raised |= difference > SMALL_DIFFERENCE;
            bucket.count = highest;
        }
        highest = bucket.count;
    }
    is_raised
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]
mod tests {
    use super::*;

    fn buckets(pairs: &[(f64, f64)]) -> Vec<Bucket> {
        let bucket = |(bound, count): &(f64, f64)| Bucket {
            bound: *bound,
            count: *count,
        };
        pairs.iter().map(bucket).collect()
    }

    const INF: f64 = f64::INFINITY;

    /// The expected values are those of Prometheus' own `histograms.test`, `testhistogram` with the same counts.
    #[test]
    fn quantiles_agree_with_prometheus() {
        let histogram = [(0.1, 5.0), (0.2, 7.0), (1.0, 10.0), (INF, 12.0)];
        let at = |fraction: f64| quantile(fraction, buckets(&histogram)).value;
        assert_eq!(at(0.0), 0.0);
        assert!((at(0.25) - 0.06).abs() < 1e-12);
        assert!((at(0.5) - 0.15).abs() < 1e-12);
        assert!((at(0.75) - (0.2 + 0.8 * 2.0 / 3.0)).abs() < 1e-12);
        assert_eq!(at(0.99), 1.0);
    }

    #[test]
    fn a_quantile_above_the_largest_bound_is_told_to_be_more() {
        let answer = quantile(0.95, buckets(&[(1.0, 10.0), (INF, 100.0)]));
        assert_eq!((answer.value, answer.is_above), (1.0, true));
    }

    #[test]
    fn a_first_bound_of_zero_or_less_is_the_quantile_itself() {
        let histogram = [(-1.0, 10.0), (0.0, 10.0), (INF, 10.0)];
        assert_eq!(quantile(0.5, buckets(&histogram)).value, -1.0);
    }

    #[test]
    fn without_observations_or_an_infinite_bucket_there_is_no_quantile() {
        for histogram in [
            vec![],
            buckets(&[(INF, 10.0)]),
            buckets(&[(1.0, 0.0), (INF, 0.0)]),
            buckets(&[(1.0, 5.0), (2.0, 9.0)]),
            buckets(&[(1.0, 5.0), (INF, f64::NAN)]),
        ] {
            assert!(
                quantile(0.5, histogram.clone()).value.is_nan(),
                "{histogram:?}"
            );
        }
        let usable = buckets(&[(1.0, 5.0), (INF, 9.0)]);
        assert!(quantile(1.5, usable).value.is_nan());
    }

    #[test]
    fn counts_that_fall_are_raised_and_told() {
        let answer = quantile(0.5, buckets(&[(1.0, 6.0), (2.0, 5.0), (INF, 8.0)]));
        assert!(answer.is_raised);
        assert!((answer.value - 4.0 / 6.0).abs() < 1e-12);
        let rounded = quantile(0.5, buckets(&[(1.0, 6.0), (2.0, 6.0 - 1e-13), (INF, 8.0)]));
        assert!(!rounded.is_raised);
    }
}
