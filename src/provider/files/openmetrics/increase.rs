//! What counters gained between two snapshots.

use std::collections::{BTreeMap, HashMap};

use super::sample::Sample;

/// The labels of a series, sorted.
type Labels<'a> = Vec<(&'a str, &'a str)>;

/// What series gained, and what was odd about it.
pub struct Increases<'e, 'a> {
    /// Each series of the later snapshot with what it gained.
    pub values: Vec<(&'e Sample<'a>, f64)>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Compares two snapshots. A counter that fell was reset, and gained what it shows now, as in Prometheus; with it all
/// buckets of its histogram were. A series that the earlier snapshot lacks gained all it shows.
pub fn increases<'e, 'a>(before: &[&Sample<'_>], after: &[&'e Sample<'a>]) -> Increases<'e, 'a> {
    let earlier: HashMap<(&str, Labels<'_>), f64> = before
        .iter()
        .map(|sample| (key(sample), sample.value))
        .collect();
    let mut reset: BTreeMap<(&str, Labels<'_>), usize> = BTreeMap::new();
    let mut appeared = 0_usize;
    for sample in after {
        match earlier.get(&key(sample)) {
            Some(value) if sample.value < *value => {
                *reset.entry(histogram(sample)).or_default() += 1;
            }
            Some(_) => {}
            None => appeared += 1,
        }
    }
    let gained = |sample: &Sample<'_>| match earlier.get(&key(sample)) {
        Some(value) if !reset.contains_key(&histogram(sample)) => sample.value - value,
        Some(_) | None => sample.value,
    };
    let vanished = (before.len() + appeared).saturating_sub(after.len());
    let warnings = warnings(reset.values().sum(), appeared, vanished);
    Increases {
        values: after
            .iter()
            .map(|sample| (*sample, gained(sample)))
            .collect(),
        warnings,
    }
}

/// Returns what makes a series the same in both snapshots.
fn key<'s>(sample: &'s Sample<'_>) -> (&'s str, Labels<'s>) {
    let labels = sample.labels.iter();
    (
        &sample.name,
        labels.map(|(name, value)| (&**name, &**value)).collect(),
    )
}

/// Returns what the buckets of one histogram share; the series itself where it is no bucket.
fn histogram<'s>(sample: &'s Sample<'_>) -> (&'s str, Labels<'s>) {
    (&sample.name, sample.labels_without_le())
}

/// Words what is odd.
fn warnings(reset: usize, appeared: usize, vanished: usize) -> Vec<String> {
    let mut warnings = Vec::new();
    if reset > 0 {
        warnings.push(format!(
            "{reset} counters are smaller than in the baseline: they were reset, and count from 0"
        ));
    }
    if appeared > 0 {
        warnings.push(format!(
            "{appeared} series are not in the baseline, and count from 0"
        ));
    }
    if vanished > 0 {
        warnings.push(format!(
            "{vanished} series of the baseline are gone, and count for nothing"
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::super::exposition::Exposition;
    use super::*;

    /// Compares two snapshots; returns what was gained and how many warnings there are.
    fn compare(before: &str, after: &str) -> (Vec<f64>, Vec<String>) {
        let before = Exposition::parse(before.as_bytes()).unwrap();
        let after = Exposition::parse(after.as_bytes()).unwrap();
        let before: Vec<_> = before.samples().iter().collect();
        let after: Vec<_> = after.samples().iter().collect();
        let increases = increases(&before, &after);
        let values = increases.values.iter().map(|(_, gained)| *gained);
        (values.collect(), increases.warnings)
    }

    #[test]
    fn a_counter_gained_the_difference() {
        let gained = compare(
            "a{x=\"1\"} 3\na{x=\"2\"} 4\n",
            "a{x=\"2\"} 9\na{x=\"1\"} 3\n",
        );
        assert_eq!(gained, (vec![5.0, 0.0], vec![]));
    }

    #[test]
    fn a_counter_that_fell_was_reset() {
        let (values, warnings) = compare("a 10\n", "a 4\n");
        assert_eq!(values, [4.0]);
        assert!(warnings[0].starts_with("1 counters are smaller than in the baseline"));
    }

    #[test]
    fn series_that_appear_or_vanish_are_told() {
        let (values, warnings) = compare("a 1\nb 2\n", "b 3\nc 7\nd 1\n");
        assert_eq!(values, [1.0, 7.0, 1.0]);
        assert!(warnings[0].starts_with("2 series are not in the baseline"));
        assert!(warnings[1].starts_with("1 series of the baseline are gone"));
    }

    #[test]
    fn one_bucket_that_fell_resets_its_histogram() {
        let (values, _) = compare(
            "h_bucket{le=\"1\"} 5\nh_bucket{le=\"+Inf\"} 6\n",
            "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 9\n",
        );
        assert_eq!(values, [2.0, 9.0]);
    }
}
