//! Numbers as a line of small bars.

use super::text::Charset;

/// Bars of any character, the lowest first.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same in ASCII.
const ASCII: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// Draws one character for each number, between the lowest and the highest; where there is none, a gap.
pub fn sparkline(values: &[Option<f64>], charset: Charset) -> String {
    let (bars, gap) = match charset {
        Charset::Unicode => (BLOCKS, '·'),
        Charset::Ascii => (ASCII, ' '),
    };
    let known = || values.iter().flatten().copied();
    let lowest = known().fold(f64::INFINITY, f64::min);
    let highest = known().fold(f64::NEG_INFINITY, f64::max);
    let bar = |value: &Option<f64>| {
        let Some(value) = value else { return gap };
        let level = level(*value, lowest, highest);
        bars.into_iter().nth(level).unwrap_or(gap)
    };
    values.iter().map(bar).collect()
}

/// Returns which of the eight bars a number gets. Halves first: the span of two finite numbers may be infinite.
fn level(value: f64, lowest: f64, highest: f64) -> usize {
    let span = highest / 2.0 - lowest / 2.0;
    if span == 0.0 {
        return BLOCKS.len() / 2;
    }
    let share = (value / 2.0 - lowest / 2.0) / span;
    (1..BLOCKS.len())
        .zip([0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875])
        .filter(|(_, limit)| share >= *limit)
        .map(|(level, _)| level)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[f64], charset: Charset) -> String {
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        sparkline(&values, charset)
    }

    #[test]
    fn the_lowest_gets_the_lowest_bar_and_the_highest_the_highest() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        assert_eq!(drawn(&values, Charset::Unicode), "▁▂▃▄▅▆▇██");
        assert_eq!(drawn(&values, Charset::Ascii), "_.:-=+*##");
        assert_eq!(drawn(&[-5.0, -1.0], Charset::Unicode), "▁█");
    }

    #[test]
    fn equal_numbers_are_a_flat_line_and_missing_ones_gaps() {
        assert_eq!(drawn(&[3.0, 3.0], Charset::Unicode), "▅▅");
        let gaps = [Some(1.0), None, Some(2.0)];
        assert_eq!(sparkline(&gaps, Charset::Unicode), "▁·█");
        assert_eq!(sparkline(&gaps, Charset::Ascii), "_ #");
        assert_eq!(sparkline(&[None], Charset::Unicode), "·");
    }

    #[test]
    fn the_largest_numbers_there_are_can_be_drawn() {
        assert_eq!(drawn(&[f64::MIN, 0.0, f64::MAX], Charset::Unicode), "▁▅█");
    }
}
