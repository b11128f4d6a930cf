//! The line through values.

use std::fmt::Write as _;

use super::scale::{Scale, place};

/// Returns the line through values, the first at number 0 from left to right; where there is none it has a gap.
pub(super) fn trace(values: &[Option<f64>], widths: Scale, heights: Scale) -> String {
    let mut path = String::new();
    let mut pen = 'M';
    for (index, value) in (0_u32..).zip(values) {
        let Some(value) = value else {
            pen = 'M';
            continue;
        };
        let (x, y) = (widths.place(f64::from(index)), heights.place(*value));
        // Nothing can go wrong where a string is written to.
        if write!(path, "{pen}{} {}", place(x), place(y)).is_ok() {
            pen = 'L';
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_is_a_gap() {
        let widths = Scale::new(0.0..3.0, 0.0..30.0);
        let heights = Scale::new(0.0..10.0, 10.0..0.0);
        let values = [Some(1.0), Some(2.0), None, Some(4.5)];
        assert_eq!(trace(&values, widths, heights), "M0 9L10 8M30 5.5");
    }
}
