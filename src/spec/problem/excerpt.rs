//! The part of a line that a problem shows: short enough to read, and safe to print.

use serde::Serialize;

use crate::spec::source::Position;

/// Where in a file a problem stands, with the line it stands in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Line and column of the first character.
    #[serde(flatten)]
    pub position: Position,
    /// How many characters are meant; 0 for a place between two.
    pub length: usize,
    /// The line, or the part of a long one that matters, without control characters.
    pub source_line: String,
    /// How many characters of `source_line` stand before the first one that is meant.
    #[serde(skip)]
    pub(super) indent: usize,
}

impl Place {
    /// How many characters before the place are shown at most.
    const BEFORE: usize = 60;
    /// How many characters are shown at most.
    const WIDTH: usize = 120;
    /// How many characters a tab becomes.
    const TAB: usize = 4;

    /// Makes a place of a line and the bytes in it that are meant.
    pub(in crate::spec) fn new(number: usize, line: &str, start: usize, end: usize) -> Self {
        let before = line.get(..start).unwrap_or_default();
        let meant = line.get(start..end).unwrap_or_default();
        let column = before.chars().count();
        let length = meant.trim_end().chars().count();
        let skipped = if line.chars().nth(Self::WIDTH).is_some() {
            column.saturating_sub(Self::BEFORE)
        } else {
            0
        };
        let mut excerpt = Excerpt::default();
        if skipped > 0 {
            excerpt.text.push('…');
            excerpt.indent += 1;
        }
        for (at, character) in line.chars().enumerate().skip(skipped).take(Self::WIDTH) {
            let width = excerpt.push(character);
            if at < column {
                excerpt.indent += width;
            }
        }
        if line.chars().nth(skipped + Self::WIDTH).is_some() {
            excerpt.text.push('…');
        }
        Self {
            position: Position {
                line: number,
                column: column + 1,
            },
            length,
            source_line: excerpt.text,
            indent: excerpt.indent,
        }
    }
}

/// An excerpt while it is made.
#[derive(Default)]
struct Excerpt {
    /// What is shown so far.
    text: String,
    /// How many characters of it stand before the place.
    indent: usize,
}

impl Excerpt {
    /// Adds a character of the line, made safe; returns how many characters it became.
    fn push(&mut self, character: char) -> usize {
        let copies = if character == '\t' { Place::TAB } else { 1 };
        let shown = match character {
            '\t' => ' ',
            unsafe_one if is_unsafe(unsafe_one) => picture(unsafe_one),
            plain => plain,
        };
        self.text.extend(std::iter::repeat_n(shown, copies));
        copies
    }
}

/// Tells whether a character could move the cursor, change colours, or reorder the text around it.
pub(super) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Returns what is shown in place of an unsafe character.
fn picture(character: char) -> char {
    match u32::from(character) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let line = format!("{}HERE{}", "a".repeat(5000), "b".repeat(5000));
        let place = Place::new(1, &line, 5000, 5004);
        assert_eq!(place.position.column, 5001);
        assert!(place.source_line.chars().count() < 130);
        let shown: String = place
            .source_line
            .chars()
            .skip(place.indent)
            .take(4)
            .collect();
        assert_eq!(shown, "HERE");
    }

    #[test]
    fn tabs_and_control_characters_are_shown_safely() {
        let place = Place::new(1, "\ta\u{1b}[31m\u{202e}x", 1, 2);
        assert_eq!(place.source_line, "    a\u{241b}[31m\u{fffd}x");
        assert_eq!(place.indent, 4);
        assert_eq!(place.position.column, 2);
    }
}
