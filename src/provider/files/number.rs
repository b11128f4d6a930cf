//! Numbers as tools write them.

/// Turns a count into a float.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts beyond 2^53 do not occur, and a rounded one does no harm"
)]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// Turns a float that is not negative into a count, its fraction cut off; none where it is too large for its digits to
/// be exact.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be within 0 and 2^53"
)]
pub(super) fn whole(number: f64) -> Option<u64> {
    (0.0..9_007_199_254_740_992.0)
        .contains(&number)
        .then_some(number as u64)
}

/// Reads `1234.5` and `1,234.5`. A comma before anything but three digits, as in `0,5`, is a decimal comma.
pub(super) fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let Some((whole, rest)) = text.rsplit_once(',') else {
        return text.parse().ok();
    };
    let digits = rest.split('.').next().unwrap_or(rest);
    let is_thousands = digits.len() == 3 && !whole.starts_with('0');
    if is_thousands || whole.contains(',') || rest.contains('.') {
        return text.replace(',', "").parse().ok();
    }
    format!("{whole}.{rest}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_have_commas() {
        let numbers = [
            "1,234.5",
            "0.25",
            "0,5",
            "1,234,567",
            "12,5",
            "1,234",
            "0,125",
        ];
        let expected = [1234.5, 0.25, 0.5, 1_234_567.0, 12.5, 1234.0, 0.125];
        assert_eq!(numbers.map(parse), expected.map(Some));
        assert_eq!(parse(""), None);
        assert_eq!(parse("N/A"), None);
    }
}
