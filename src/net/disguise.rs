//! How a secret may be written where it comes back: letter by letter in plain, for a URL, for JSON, for a page, in any
//! mixture and also twice, or as a whole in base64.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use url::form_urlencoded;

use super::encode::percent_encode;

/// The most letters that one letter of a secret is written with: `%2525XX` for each of four bytes.
const LONGEST_LETTER: usize = 40;
/// The shortest piece of base64 that belongs to nothing but the secret.
const SHORTEST_PIECE: usize = 6;
/// So much of a secret in front of a cut is taken for one.
const SHORTEST_BEGINNING: usize = 1;

/// Where a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Where it ended by itself.
    Whole,
    /// Somewhere in the middle, perhaps of a secret.
    Cut,
}

/// Returns how many bytes at the start of a text spell a secret, or its beginning in front of a cut.
pub(super) fn spelled(text: &str, secret: &str, end: End) -> Option<usize> {
    let is_plain = secret.starts_with(text.chars().next()?);
    if !is_plain && !text.starts_with(['%', '&', '\\', '+']) {
        return None;
    }
    let mut places = vec![0];
    for (count, letter) in secret.chars().enumerate() {
        if end == End::Cut && count >= SHORTEST_BEGINNING && is_near_end(text, &places) {
            return Some(text.len());
        }
        let mut next: Vec<usize> = Vec::new();
        for place in places {
            let rest = text.get(place..).unwrap_or_default();
            written(rest, letter, |length| next.push(place + length));
        }
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return None;
        }
        places = next;
    }
    places.last().copied().filter(|length| *length > 0)
}

/// Tells whether the text may end within the next letter.
fn is_near_end(text: &str, places: &[usize]) -> bool {
    let is_rest_of_letter = |rest: &str| {
        rest.is_empty() || (rest.len() < LONGEST_LETTER && rest.starts_with(['%', '\\', '&']))
    };
    let mut rests = places.iter().filter_map(|place| text.get(*place..));
    rests.any(is_rest_of_letter)
}

/// Tells of every length at the start of a text that may stand for one letter.
fn written(text: &str, letter: char, mut found: impl FnMut(usize)) {
    if text.starts_with(letter) || (letter == ' ' && text.starts_with('+')) {
        found(letter.len_utf8());
    }
    match text.as_bytes().first() {
        Some(b'%') => percent(text, letter).into_iter().for_each(found),
        Some(b'&') => entity(text, letter).into_iter().for_each(found),
        Some(b'\\') => backslashes(text, letter, found),
        Some(_) | None => {}
    }
}

/// Returns the length of a letter whose bytes are each written as `%XX`, or as `%25XX`.
fn percent(text: &str, letter: char) -> Option<usize> {
    let mut rest = text;
    for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
        rest = rest.strip_prefix('%')?;
        let code = format!("{byte:02x}");
        while let Some(again) = rest.strip_prefix("25")
            && !starts_with(rest, &code)
        {
            rest = again;
        }
        // `%2525` is a percent sign that was written twice.
        rest = match rest.strip_prefix("25") {
            Some(again) if code == "25" && again.starts_with("25") => again,
            Some(_) | None => rest,
        };
        rest = starts_with(rest, &code).then(|| rest.get(code.len()..))??;
    }
    Some(text.len() - rest.len())
}

/// Returns the length of a letter that is written as an entity of a page.
fn entity(text: &str, letter: char) -> Option<usize> {
    let end = text.bytes().take(LONGEST_LETTER).position(|c| c == b';')?;
    let name = text.get(1..end)?;
    let meant = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        },
        None => u32::from(match name {
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            "lt" => '<',
            "gt" => '>',
            _ => return None,
        }),
    };
    (meant == u32::from(letter)).then_some(end + 1)
}

/// Tells of every length of a letter with backslashes before it: `\"`, `\u00e9`, `\u{e9}`, and the same within
/// another text in quotes.
fn backslashes(text: &str, letter: char, mut found: impl FnMut(usize)) {
    let count = text.bytes().take_while(|c| *c == b'\\').count();
    if letter == '\\' {
        // The first is there in plain already.
        (2..=count).for_each(found);
        return;
    }
    let rest = text.get(count..).unwrap_or_default();
    if matches!(letter, '"' | '\'' | '/') && rest.starts_with(letter) {
        found(count + 1);
    }
    let sign = match letter {
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        _ => None,
    };
    if sign.is_some_and(|sign| rest.starts_with(sign)) {
        found(count + 1);
    }
    let mut units = [0; 2];
    let units = letter.encode_utf16(&mut units).iter();
    let in_json: Vec<String> = units.map(|unit| format!("u{unit:04x}")).collect();
    let between = text.get(..count).unwrap_or_default();
    let in_rust = format!("u{{{:x}}}", u32::from(letter));
    for code in [in_json.join(between), in_rust] {
        if starts_with(rest, &code) {
            found(count + code.len());
        }
    }
}

/// Tells whether a text starts with letters of ASCII, large or small.
fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// Returns text in every common kind of base64, also as the part of a longer text.
pub(super) fn base64(text: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let mut all = Vec::new();
    for text in [text, &percent_encode(text), &form] {
        let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
        all.extend(engines.map(|engine| engine.encode(text)));
        for before in 0..3_usize {
            let shifted = ["\0".repeat(before).as_bytes(), text.as_bytes()].concat();
            let (first, end) = ((before * 4).div_ceil(3), shifted.len() * 4 / 3);
            let encoded = [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| engine.encode(&shifted));
            let pieces = encoded.iter().filter_map(|encoded| encoded.get(first..end));
            all.extend(
                pieces
                    .filter(|piece| piece.len() >= SHORTEST_PIECE)
                    .map(str::to_owned),
            );
        }
    }
    all
}

/// Returns how many bytes at the start of a text are this piece, or its beginning in front of a cut.
pub(super) fn matched(text: &str, piece: &str, end: End) -> Option<usize> {
    if text.starts_with(piece) {
        return Some(piece.len());
    }
    let is_beginning = end == End::Cut && text.len() >= SHORTEST_BEGINNING;
    (is_beginning && piece.starts_with(text)).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_secret_is_known_in_every_mixture_of_spellings() {
        let secret = "p@ss/w+rd %=é\"x\\";
        for spelling in [
            secret,
            "p%40ss%2Fw%2Brd%20%25%3D%C3%A9%22x%5C",
            "p%40ss%2fw%2brd+%25%3d%c3%a9%22x%5c",
            "p%2540ss%252Fw%252Brd%2520%2525%253D%25C3%25A9%2522x%255C",
            "p@ss\\/w+rd %=\\u00E9\\\"x\\\\",
            "p@ss\\\\/w+rd %=\\\\u00e9\\\\\\\"x\\\\\\\\",
            "p@ss/w+rd %=\\u{e9}\\\"x\\\\",
            "p@ss&#x2F;w+rd %=&#233;&quot;x\\",
            "%70@ss/w+rd+%25=é%22x\\",
        ] {
            assert_eq!(
                spelled(spelling, secret, End::Whole),
                Some(spelling.len()),
                "{spelling}"
            );
        }
        assert_eq!(spelled("p@ss/w+rd", secret, End::Whole), None);
        assert_eq!(spelled("", "", End::Cut), None);
    }

    #[test]
    fn the_beginning_of_a_secret_counts_in_front_of_a_cut_only() {
        let secret = "abc/é/xyz";
        for beginning in ["abc", "abc/", "abc%2", "abc%2F%C", "abc/\\u00", "abc/&#2"] {
            assert_eq!(spelled(beginning, secret, End::Whole), None, "{beginning}");
            assert_eq!(
                spelled(beginning, secret, End::Cut),
                Some(beginning.len()),
                "{beginning}"
            );
        }
        assert_eq!(spelled("abd", secret, End::Cut), None);
        assert_eq!(matched("YWJj", "YWJjL8OpL3h5eg==", End::Cut), Some(4));
        assert_eq!(matched("YWJj", "YWJjL8OpL3h5eg==", End::Whole), None);
    }

    #[test]
    fn base64_is_known_wherever_in_a_text_the_secret_stands() {
        let pieces = base64("hunter2/hunter2");
        for before in ["", "a", "ab", "abc", "ann:"] {
            for behind in ["", "&", "&x", "&xy"] {
                let encoded = STANDARD.encode(format!("{before}hunter2/hunter2{behind}"));
                assert!(
                    pieces.iter().any(|piece| encoded.contains(piece)),
                    "{encoded}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_outside_leads_to_a_panic_or_beyond_the_text(text in any::<String>(), secret in any::<String>()) {
            for end in [End::Whole, End::Cut] {
                if let Some(length) = spelled(&text, &secret, end) {
                    prop_assert!(text.is_char_boundary(length));
                }
                prop_assert!(secret.is_empty() || spelled(&secret, &secret, end).is_some());
            }
        }
    }
}
