//! What text for people may use: colour, characters, width.

use anstyle::{AnsiColor, Style};

use crate::gate::{Status, Verdict};

/// How text is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Whether escape sequences for colour are written.
    pub colour: Colour,
    /// Which characters can be shown.
    pub charset: Charset,
    /// How many columns there are.
    pub width: u16,
}

/// Whether text is coloured. Output is complete without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// Which characters can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Any.
    Unicode,
    /// Only ASCII.
    Ascii,
}

/// A word with a sign before it, so that colour is never needed to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The sign, where any character can be shown.
    sign: &'static str,
    /// The letter that stands for it in ASCII where there is room for one character only.
    letter: &'static str,
    /// The word.
    pub word: &'static str,
    /// The colour.
    colour: AnsiColor,
}

impl Mark {
    /// Returns the mark of an objective's status.
    pub fn of_status(status: Status) -> Self {
        match status {
            Status::Pass => Self {
                sign: "✓",
                letter: "P",
                word: "pass",
                colour: AnsiColor::Green,
            },
            Status::Warning => Self {
                sign: "!",
                letter: "W",
                word: "warning",
                colour: AnsiColor::Yellow,
            },
            Status::Fail => Self {
                sign: "✗",
                letter: "F",
                word: "fail",
                colour: AnsiColor::Red,
            },
            Status::Info => Self {
                sign: "i",
                letter: "i",
                word: "info",
                colour: AnsiColor::Cyan,
            },
        }
    }

    /// Returns the mark of a verdict.
    pub fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self {
                sign: "✓",
                letter: "P",
                word: "PASS",
                colour: AnsiColor::Green,
            },
            Verdict::Warning => Self {
                sign: "!",
                letter: "W",
                word: "WARNING",
                colour: AnsiColor::Yellow,
            },
            Verdict::Fail => Self {
                sign: "✗",
                letter: "F",
                word: "FAIL",
                colour: AnsiColor::Red,
            },
        }
    }

    /// Returns the mark of an evaluation without a verdict.
    pub fn inconclusive() -> Self {
        Self {
            sign: "?",
            letter: "?",
            word: "INCONCLUSIVE",
            colour: AnsiColor::Magenta,
        }
    }

    /// Returns the mark of an evaluation that can't be read.
    pub fn unreadable() -> Self {
        Self {
            sign: "?",
            letter: "?",
            word: "unreadable",
            colour: AnsiColor::Magenta,
        }
    }

    /// Returns sign and word, uncoloured.
    pub fn plain(self, style: TextStyle) -> String {
        match style.charset {
            Charset::Unicode => format!("{} {}", self.sign, self.word),
            Charset::Ascii => self.word.to_owned(),
        }
    }

    /// Returns one character that stands for it.
    pub fn short(self, charset: Charset) -> &'static str {
        match charset {
            Charset::Unicode => self.sign,
            Charset::Ascii => self.letter,
        }
    }

    /// Returns the same mark with the sign of something that has no value.
    pub fn without_value(self) -> Self {
        Self {
            sign: "?",
            letter: "?",
            ..self
        }
    }

    /// Returns a text on a ground of the colour of the mark.
    pub fn fill(self, text: &str, style: TextStyle) -> String {
        let ground = Style::new()
            .fg_color(Some(AnsiColor::Black.into()))
            .bg_color(Some(self.colour.into()));
        paint(text, ground, style)
    }

    /// Returns a text in the colour of the mark.
    pub fn paint(self, text: &str, style: TextStyle) -> String {
        paint(
            text,
            Style::new().fg_color(Some(self.colour.into())).bold(),
            style,
        )
    }
}

/// Returns a text in a style, where colour is on.
pub fn paint(text: &str, with: Style, style: TextStyle) -> String {
    match style.colour {
        Colour::On => format!("{with}{text}{with:#}"),
        Colour::Off => text.to_owned(),
    }
}

/// Returns lines as one text, a line break behind each.
pub fn block(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().fold(String::new(), |mut text, line| {
        text.push_str(&line);
        text.push('\n');
        text
    })
}

/// Makes text from files and backends harmless on a terminal: control characters, which could move the cursor or
/// colour other lines, become visible escapes; so do the characters that reverse the direction of writing, that some
/// programs take for the end of a line, and that are none.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        let reverses = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
        let misleads = matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        );
        if character.is_control() || reverses || misleads {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_can_steer_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(printable("ümlaut ✓"), "ümlaut ✓");
    }
}
