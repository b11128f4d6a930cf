//! From numbers to places in a drawing.

use std::ops::Range;

/// A line of numbers that is drawn over a length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// The number at the start.
    low: f64,
    /// The number at the end.
    high: f64,
    /// Where it starts.
    start: f64,
    /// Where it ends.
    end: f64,
}

impl Scale {
    /// Draws a range of numbers between two places.
    pub(super) fn new(numbers: Range<f64>, places: Range<f64>) -> Self {
        Self {
            low: numbers.start,
            high: numbers.end,
            start: places.start,
            end: places.end,
        }
    }

    /// Returns the place of a number. Halves first: the span of two finite numbers may be infinite.
    pub(super) fn place(&self, number: f64) -> f64 {
        let span = self.high / 2.0 - self.low / 2.0;
        let share = if span == 0.0 {
            0.5
        } else {
            (number / 2.0 - self.low / 2.0) / span
        };
        self.start + (self.end - self.start) * share.clamp(0.0, 1.0)
    }
}

/// Prints a place, to a tenth.
pub(super) fn place(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    format!("{}", rounded + 0.0)
}

/// Moves labels apart: returns for each place, in the order given, one that is at least `gap` away from its neighbours
/// and as near as possible, and not beyond `last`.
pub(super) fn apart(places: &[f64], gap: f64, last: f64) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = places.iter().copied().enumerate().collect();
    order.sort_by(|one, other| one.1.total_cmp(&other.1));
    let mut free = f64::NEG_INFINITY;
    for (_, place) in &mut order {
        *place = place.max(free);
        free = *place + gap;
    }
    let mut free = last;
    for (_, place) in order.iter_mut().rev() {
        *place = place.min(free);
        free = *place - gap;
    }
    order.sort_by_key(|(index, _)| *index);
    order.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the places are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_place_however_large_it_is() {
        let scale = Scale::new(f64::MIN..f64::MAX, 100.0..0.0);
        assert_eq!(scale.place(0.0), 50.0);
        assert_eq!(scale.place(f64::MAX), 0.0);
        assert_eq!(Scale::new(5.0..5.0, 0.0..10.0).place(5.0), 5.0);
        assert_eq!(place(-0.01), "0");
        assert_eq!(place(12.345), "12.3");
    }

    #[test]
    fn labels_never_lie_on_each_other() {
        assert_eq!(apart(&[10.0, 12.0, 40.0], 11.0, 100.0), [10.0, 21.0, 40.0]);
        assert_eq!(apart(&[98.0, 99.0], 11.0, 100.0), [89.0, 100.0]);
    }
}
