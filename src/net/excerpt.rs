//! Excerpts: the beginning of what a server sent, made safe to print.

/// Returns the first `limit` bytes as one line: white space is folded, and whatever could steer a terminal or turn the
/// direction of the text is escaped. `…` says that something was cut off.
pub(super) fn excerpt(bytes: &[u8], limit: usize) -> String {
    let head = bytes.get(..limit).unwrap_or(bytes);
    let text = String::from_utf8_lossy(head);
    let mut line = String::with_capacity(text.len());
    for (index, word) in text.split_ascii_whitespace().enumerate() {
        if index > 0 {
            line.push(' ');
        }
        word.chars().for_each(|c| push_safely(&mut line, c));
    }
    if bytes.len() > head.len() {
        line.push('…');
    }
    line
}

/// Appends a character, escaped where it is not safe to print.
fn push_safely(line: &mut String, c: char) {
    if c.is_control() || is_invisible(c) {
        line.extend(c.escape_unicode());
    } else {
        line.push(c);
    }
}

/// Tells whether a character has no shape of its own but changes how others look.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_folded_and_control_characters_are_escaped() {
        assert_eq!(
            excerpt(b"<html>\r\n\t<b>\x1b[31mred\x07</b>\n", 200),
            "<html> <b>\\u{1b}[31mred\\u{7}</b>"
        );
        assert_eq!(excerpt("a\u{202e}b".as_bytes(), 200), "a\\u{202e}b");
    }

    #[test]
    fn long_text_and_text_cut_within_a_character_end_in_an_ellipsis() {
        assert_eq!(excerpt(b"abcdef", 3), "abc…");
        assert_eq!(excerpt("aé".as_bytes(), 2), "a\u{fffd}…");
        assert_eq!(excerpt(b"abc", 3), "abc");
    }
}
