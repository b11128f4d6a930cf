//! Listens to what a command prints: line by line for people, and the end as a whole for us.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::printed::{LONGEST_ANSWER_START, looks_like_answer};
use crate::executor::Voice;
use crate::net::Redactor;

/// How much of a line is passed on.
const LINE: usize = 2 * 1024;
/// How much is read at once.
const PIECE: usize = 8 * 1024;

/// What is kept of an output.
#[derive(Debug)]
pub(super) struct Kept {
    /// Its end.
    pub(super) bytes: Vec<u8>,
    /// Whether what stood before it, and was dropped, held something like an answer.
    pub(super) had_answer: bool,
}

/// Listens to one output.
pub(super) struct Ears<'a> {
    /// Hears the lines.
    voice: &'a dyn Voice,
    /// Takes secrets out.
    redactor: &'a Redactor,
    /// The end of what was printed.
    kept: Vec<u8>,
    /// How much of it is kept; at times it is twice as much.
    most: usize,
    /// Whether what was dropped held something like an answer.
    had_answer: bool,
    /// The line that is not complete yet.
    line: Vec<u8>,
    /// Whether the rest of the line is dropped.
    is_too_long: bool,
    /// The first byte that is no space.
    first: Option<u8>,
    /// Whether nothing is an answer.
    talks: bool,
}

impl<'a> Ears<'a> {
    /// Listens, and keeps the end.
    pub(super) fn new(voice: &'a dyn Voice, redactor: &'a Redactor, most: usize) -> Self {
        Self {
            voice,
            redactor,
            kept: Vec::new(),
            most,
            had_answer: false,
            line: Vec::new(),
            is_too_long: false,
            first: None,
            talks: false,
        }
    }

    /// Listens to talk: nothing of it is an answer, and nothing is kept.
    pub(super) fn talk(voice: &'a dyn Voice, redactor: &'a Redactor) -> Self {
        Self {
            talks: true,
            ..Self::new(voice, redactor, 0)
        }
    }

    /// Listens to the end.
    pub(super) async fn listen(&mut self, pipe: Option<impl AsyncRead + Unpin>) {
        let Some(mut pipe) = pipe else {
            return;
        };
        let mut piece = vec![0; PIECE];
        while let Ok(count) = pipe.read(&mut piece).await {
            if count == 0 {
                break;
            }
            self.hear(piece.get(..count).unwrap_or_default());
        }
        self.say();
    }

    /// Returns the end of what was printed.
    pub(super) fn into_kept(mut self) -> Kept {
        self.drop_beginning();
        Kept {
            bytes: self.kept,
            had_answer: self.had_answer,
        }
    }

    /// Takes a piece.
    fn hear(&mut self, piece: &[u8]) {
        if !self.talks {
            self.keep(piece);
        }
        // It may be an answer, which nobody wants to see.
        if self.first == Some(b'{') {
            return;
        }
        for byte in piece {
            if *byte == b'\n' {
                self.say();
            } else if self.line.len() < LINE {
                self.line.push(*byte);
            } else {
                self.is_too_long = true;
            }
        }
    }

    /// Keeps a piece.
    fn keep(&mut self, piece: &[u8]) {
        if self.first.is_none() {
            self.first = piece
                .iter()
                .copied()
                .find(|byte| !byte.is_ascii_whitespace());
        }
        self.kept.extend_from_slice(piece);
        if self.kept.len() > self.most.saturating_mul(2) {
            self.drop_beginning();
        }
    }

    /// Drops what is too much, once it was looked through.
    fn drop_beginning(&mut self) {
        let surplus = self.kept.len().saturating_sub(self.most);
        if surplus == 0 {
            return;
        }
        // What stands across the border is looked at with what is dropped.
        let seen = (surplus + LONGEST_ANSWER_START).min(self.kept.len());
        self.had_answer |= self.kept.get(..seen).is_some_and(looks_like_answer);
        self.kept.drain(..surplus);
    }

    /// Passes the line on.
    fn say(&mut self) {
        let line = std::mem::take(&mut self.line);
        let is_cut = std::mem::take(&mut self.is_too_long);
        if line.is_empty() {
            return;
        }
        let mut text = self.redactor.excerpt(&line, LINE);
        if is_cut && !text.ends_with('…') {
            text.push('…');
        }
        self.voice.line(&text);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::net::Secret;

    /// Remembers the lines.
    #[derive(Default)]
    struct Lines(Mutex<Vec<String>>);

    impl Voice for Lines {
        fn line(&self, text: &str) {
            self.0.lock().unwrap().push(text.to_owned());
        }
    }

    /// Returns the lines and what was kept.
    async fn heard(text: &[u8], most: usize) -> (Vec<String>, Vec<u8>) {
        let lines = Lines::default();
        let secret = Secret::new("hunter22");
        let redactor = Redactor::new([&secret]);
        let mut ears = Ears::new(&lines, &redactor, most);
        ears.listen(Some(text)).await;
        let kept = ears.into_kept();
        (lines.0.into_inner().unwrap(), kept.bytes)
    }

    #[tokio::test]
    async fn lines_are_safe_and_without_secrets() {
        let (lines, kept) = heard(b"one\r\n\n\x1b[31mtwo\x07 hunter22\nlast", 6).await;
        insta::assert_debug_snapshot!(lines, @r#"
        [
            "one",
            "\\u{1b}[31mtwo\\u{7} ***",
            "last",
        ]
        "#);
        assert_eq!(kept, b"2\nlast");
    }

    #[tokio::test]
    async fn an_endless_line_is_cut_and_an_answer_is_not_shown() {
        let (lines, _) = heard(&b"x".repeat(1_000_000), 10).await;
        assert_eq!(lines.len(), 1);
        assert!(lines[0].len() < 3 * LINE && lines[0].ends_with('…'));
        let (lines, kept) = heard(b" {\"result\": \"pass\"}\n", 100).await;
        assert_eq!((lines.len(), kept.len()), (0, 20));
    }
}
