//! Text from outside, made harmless for Markdown.
//!
//! Names go into code, where nothing is active. In prose every character that Markdown gives a meaning becomes an entity,
//! which never has one; a zero-width space keeps mentions and addresses from becoming links.

use super::headline::shortened;
use super::text::printable;

/// Keeps what stands on both sides of it from being read as one word.
const ZERO_WIDTH_SPACE: &str = "&#8203;";

/// Returns a name as code, at most so many characters of it.
pub(super) fn name(text: &str, most: usize) -> String {
    let text = shortened(&printable(&shortened(text, most)), most);
    let is_plain = |c: char| c.is_alphanumeric() || " _-./:=<>+%,;()#".contains(c);
    let stands_alone = !text.trim().is_empty() && text.trim() == text;
    if stands_alone && text.chars().all(is_plain) {
        return format!("`{text}`");
    }
    let entities: String = text.chars().map(entity).collect();
    format!("<code>{entities}</code>")
}

/// Returns a sentence, at most so many characters of it.
pub(super) fn prose(text: &str, most: usize) -> String {
    let text = shortened(&printable(&shortened(text, most)), most);
    let mut safe = String::with_capacity(text.len());
    let mut before = "";
    for (at, character) in text.char_indices() {
        match character {
            '@' | '/' if character == '@' || before.ends_with(':') => {
                safe.push_str(&entity(character));
                safe.push_str(ZERO_WIDTH_SPACE);
            }
            '.' if ends_with_www(before) => {
                safe.push_str(ZERO_WIDTH_SPACE);
                safe.push('.');
            }
            ' ' | ',' | '.' | ';' | '(' | ')' | '%' | '=' | '+' | '/' | '?' | '\'' | '"' => {
                safe.push(character);
            }
            '-' | ':' if at > 0 => safe.push(character),
            _ => safe.push_str(&entity(character)),
        }
        before = text.get(..at + character.len_utf8()).unwrap_or_default();
    }
    safe
}

/// Returns what a comment of HTML can hold without ending: letters, digits, and `.`, `_`, `-`; all else as `%` and hex.
pub(super) fn comment(text: &str) -> String {
    let mut safe = String::new();
    for byte in text.bytes() {
        match byte {
            b'-' if safe.ends_with('-') => safe.push_str("%2D"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => {
                safe.push(char::from(byte));
            }
            _ => safe = format!("{safe}%{byte:02X}"),
        }
    }
    safe
}

/// Tells whether a text ends with `www`, in any case of letters.
fn ends_with_www(text: &str) -> bool {
    let start = text.len().saturating_sub(3);
    let end = text.get(start..);
    end.is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// Returns a character, as an entity where it is punctuation.
fn entity(character: char) -> String {
    if character.is_ascii_punctuation() {
        format!("&#{};", u32::from(character))
    } else {
        character.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_name_is_code_and_any_other_has_entities() {
        assert_eq!(name("response_time_p95", 99), "`response_time_p95`");
        assert_eq!(name("<=+10%", 99), "`<=+10%`");
        assert_eq!(name("a|b`c", 99), "<code>a&#124;b&#96;c</code>");
        assert_eq!(name(" ", 99), "<code> </code>");
        assert_eq!(name("aaaa", 2), "<code>aa…</code>");
    }

    #[test]
    fn prose_mentions_nobody_and_links_nowhere() {
        assert_eq!(prose("is 1.5, which is <2", 99), "is 1.5, which is &#60;2");
        assert_eq!(prose("@all", 99), "&#64;&#8203;all");
        assert_eq!(prose("http://x", 99), "http:&#47;&#8203;/x");
        assert_eq!(prose("WWW.x.y", 99), "WWW&#8203;.x.y");
        assert_eq!(prose("- a_b", 99), "&#45; a&#95;b");
    }

    #[test]
    fn a_comment_cant_be_ended() {
        assert_eq!(comment("--><b>"), "-%2D%3E%3Cb%3E");
    }
}
