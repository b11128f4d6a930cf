//! How much JSON from outside may hold before it is read: a value takes up to a hundred times the bytes of its text.

/// How many values one text may hold.
pub(super) const MOST_VALUES: usize = 1_000_000;

/// Tells whether a JSON text holds more values than anybody asks for.
pub(super) fn is_too_much(text: &[u8]) -> bool {
    values(text) > MOST_VALUES
}

/// Counts the values of a JSON text, or somewhat more: those in lists and objects follow a comma or a bracket.
fn values(body: &[u8]) -> usize {
    let (mut count, mut in_text, mut escaped) = (1, false, false);
    for byte in body {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b',' | b'[' | b'{' => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_signs_within_texts_are_not() {
        assert_eq!(values(b"1"), 1);
        assert!(values(br#"{"a": [1, 2, 3], "b": "c"}"#) >= 6);
        assert_eq!(values(br#""[,{\",,""#), 1);
        assert!(is_too_much("[".repeat(MOST_VALUES).as_bytes()));
        assert!(!is_too_much(&b",".repeat(MOST_VALUES - 1)));
    }
}
