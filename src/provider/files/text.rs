//! Bytes of a file as text.

use super::failure::FileError;

/// Returns the text of a file that is read whole, without its byte order mark.
pub(super) fn decode(input: &[u8]) -> Result<&str, FileError> {
    if let Some(found) = other_encoding(input) {
        return Err(FileError::Encoding {
            found: found.to_owned(),
        });
    }
    let input = input.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input);
    let text = std::str::from_utf8(input).map_err(|error| FileError::Encoding {
        found: format!("not UTF-8 from byte {} on", error.valid_up_to()),
    })?;
    if text.trim().is_empty() {
        return Err(FileError::Empty);
    }
    Ok(text)
}

/// Recognises what PowerShell's `>` and some editors write.
fn other_encoding(input: &[u8]) -> Option<&'static str> {
    match input {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0x20..=0x7E, 0, ..] | [0, 0x20..=0x7E, ..] => {
            Some("UTF-16")
        }
        [0x1F, 0x8B, ..] => Some("compressed with gzip"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(decode(b"\xEF\xBB\xBFa").unwrap(), "a");
    }

    #[test]
    fn other_encodings_are_named() {
        let error = |input: &[u8]| decode(input).unwrap_err().to_string();
        assert!(error(b"\xFF\xFEa\0").starts_with("the file is UTF-16, "));
        assert!(error(b"<\0t\0").starts_with("the file is UTF-16, "));
        assert!(error(b"caf\xE9").starts_with("the file is not UTF-8 from byte 3 on, "));
    }

    #[test]
    fn nothing_but_blanks_is_an_empty_file() {
        for input in [b"".as_slice(), b" \r\n", b"\xEF\xBB\xBF\n"] {
            assert!(matches!(decode(input), Err(FileError::Empty)));
        }
    }
}
