//! Numbers for people: short, and never so short that they tell another story than the criteria.

use crate::gate::{ObjectiveResult, TargetResult};

/// How many digits are shown where nothing more is needed.
const DIGITS: usize = 6;

/// Prints a number with six digits, or with all of them where six would hide on which side of a target it lies.
pub fn number(value: f64, targets: &[TargetResult]) -> String {
    let short = rounded(value, DIGITS);
    let faithful = short.parse::<f64>().is_ok_and(|shown| {
        targets.iter().all(|target| {
            let side = |number: f64| number.partial_cmp(&target.target_value);
            side(shown) == side(value)
        })
    });
    if faithful { short } else { full(value) }
}

/// Prints a score. It is cut, not rounded: 89.999 must not read as the 90 that it missed.
pub fn score(value: f64) -> String {
    let cut = (value * 100.0).trunc() / 100.0;
    rounded(if cut > value { value } else { cut }, 8)
}

/// Prints a number with so many significant digits at most.
pub fn rounded(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return full(value);
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    match scientific.parse::<f64>() {
        Ok(number) => full(number),
        Err(_never_for_own_output) => full(value),
    }
}

/// Prints every digit of a number; very large and very small ones with an exponent.
fn full(value: f64) -> String {
    let magnitude = value.abs();
    if value != 0.0 && !(1e-5..1e15).contains(&magnitude) {
        return format!("{value:e}");
    }
    format!("{value}")
}

/// Returns the change against the baseline in per cent: `+5.9 %`; empty where there is none to speak of.
pub fn change(objective: &ObjectiveResult) -> String {
    let (Some(baseline), Some(value)) = (objective.baseline, objective.judged_value()) else {
        return String::new();
    };
    if baseline == 0.0 {
        return String::new();
    }
    let percent = (value - baseline) / baseline.abs() * 100.0;
    match percent {
        p if !p.is_finite() => String::new(),
        p if p.abs() < 0.05 => "±0 %".to_owned(),
        p if p.abs() >= 1000.0 => format!("{p:+.0} %"),
        p => format!("{p:+.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(value: f64) -> TargetResult {
        TargetResult {
            criteria: String::new(),
            target_value: value,
            violated: false,
        }
    }

    #[test]
    fn rounding_never_moves_a_value_across_a_target() {
        assert_eq!(number(600.000_000_1, &[]), "600");
        assert_eq!(number(600.000_000_1, &[target(600.0)]), "600.0000001");
        assert_eq!(number(0.1 + 0.2, &[target(0.3)]), "0.30000000000000004");
        assert_eq!(number(1.0 / 3.0, &[target(0.5)]), "0.333333");
    }

    #[test]
    fn a_score_just_below_a_limit_does_not_read_as_the_limit() {
        assert_eq!(score(89.999_99), "89.99");
        assert_eq!(score(100.0), "100");
        assert_eq!(score(66.666_666), "66.66");
        assert_eq!(score(28.999_999_999_999_996), "28.99");
    }

    #[test]
    fn very_large_and_very_small_numbers_use_an_exponent() {
        assert_eq!(rounded(1.5e20, 6), "1.5e20");
        assert_eq!(rounded(1.25e-7, 6), "1.25e-7");
        assert_eq!(rounded(0.0, 6), "0");
    }
}
