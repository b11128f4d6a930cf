//! Listens to what a command prints: line by line for people, and the end as a whole for us.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::traces::{Tracer, Traces};
use crate::executor::Voice;
use crate::net::Redactor;

/// How much of a line is passed on.
const LINE: usize = 2 * 1024;
/// How much is read at once.
const PIECE: usize = 8 * 1024;
/// How many bytes of lines that may be an answer are held back.
const HELD: usize = 1024 * 1024;

/// What was heard.
pub(super) struct Heard {
    /// The end of it.
    pub(super) end: Vec<u8>,
    /// How many bytes there were before it.
    pub(super) dropped: u64,
    /// Whether all of it begins with a brace.
    pub(super) begins_with_brace: bool,
    /// What in all of it looks like an answer.
    pub(super) traces: Traces,
}

/// Listens to one output.
pub(super) struct Ears<'a> {
    /// Hears the lines.
    voice: &'a dyn Voice,
    /// Takes secrets out.
    redactor: &'a Redactor,
    /// The end of what was printed, and a little more.
    kept: Vec<u8>,
    /// How much of it is wanted.
    most: usize,
    /// How many bytes are not kept any more.
    dropped: u64,
    /// The first byte that is no space.
    first: Option<u8>,
    /// Looks for answers in all of it.
    tracer: Tracer,
    /// The line that is not complete yet.
    line: Vec<u8>,
    /// Whether the rest of the line is dropped.
    is_too_long: bool,
    /// Lines that may be an answer, which nobody wants to see.
    held: Vec<String>,
    /// How many bytes they have.
    held_bytes: usize,
    /// Whether they end like an answer.
    is_complete: bool,
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
            dropped: 0,
            first: None,
            tracer: Tracer::default(),
            line: Vec::new(),
            is_too_long: false,
            held: Vec::new(),
            held_bytes: 0,
            is_complete: false,
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
        if !self.is_complete {
            self.release();
        }
    }

    /// Returns what was heard.
    pub(super) fn into_heard(mut self) -> Heard {
        self.forget();
        Heard {
            end: self.kept,
            dropped: self.dropped,
            begins_with_brace: self.first == Some(b'{'),
            traces: self.tracer.into_traces(),
        }
    }

    /// Takes a piece.
    fn hear(&mut self, piece: &[u8]) {
        if !self.talks {
            self.tracer.look(piece);
            let mut bytes = piece.iter().copied();
            self.first = self
                .first
                .or_else(|| bytes.find(|byte| !byte.is_ascii_whitespace()));
            self.kept.extend_from_slice(piece);
            // Seldom, so that each byte is moved no more than once.
            if self.kept.len() > self.most.saturating_mul(2).saturating_add(PIECE) {
                self.forget();
            }
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

    /// Keeps no more than is wanted.
    fn forget(&mut self) {
        let surplus = self.kept.len().saturating_sub(self.most);
        self.kept.drain(..surplus);
        self.dropped = self.dropped.saturating_add(surplus as u64);
    }

    /// Passes the line on, or holds it back while it may be part of an answer.
    fn say(&mut self) {
        let line = std::mem::take(&mut self.line);
        let is_cut = std::mem::take(&mut self.is_too_long);
        let shown = line.trim_ascii();
        if shown.is_empty() {
            return;
        }
        let may_begin = self.held.is_empty() || line.first() == Some(&b'{');
        let begins = !self.talks && may_begin && shown.first() == Some(&b'{');
        if begins || self.is_complete || self.held_bytes > HELD {
            self.release();
        }
        let mut text = self.redactor.excerpt(&line, LINE);
        if is_cut && !text.ends_with('…') {
            text.push('…');
        }
        if begins || !self.held.is_empty() {
            let is_last = begins || line.first() == Some(&b'}');
            self.is_complete = is_last && (is_cut || shown.last() == Some(&b'}'));
            self.held_bytes = self.held_bytes.saturating_add(text.len());
            self.held.push(text);
        } else {
            self.voice.line(&text);
        }
    }

    /// Passes on what was held back: it is no answer.
    fn release(&mut self) {
        for text in self.held.drain(..) {
            self.voice.line(&text);
        }
        self.held_bytes = 0;
        self.is_complete = false;
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
        let kept = ears.into_heard().end;
        (lines.0.into_inner().unwrap(), kept)
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

    #[tokio::test]
    async fn logs_before_an_answer_are_shown_and_the_answer_is_not() {
        let logs = "log\n{\"level\":\"info\"}\n{\n\"a\": 1\n}\nlast\n";
        let answer = "{\n  \"result\": \"pass\"\n}\n";
        let text = format!("{logs}{answer}");
        let (lines, _) = heard(text.as_bytes(), 1000).await;
        assert_eq!(lines.join("\n") + "\n", logs);
        let (lines, _) = heard(b"{broken\nand more", 1000).await;
        assert_eq!(lines, ["{broken", "and more"]);
    }

    #[tokio::test]
    async fn the_end_of_a_flood_is_kept_and_all_of_it_is_looked_at() {
        let lines = Lines::default();
        let redactor = Redactor::new([]);
        let mut ears = Ears::new(&lines, &redactor, 10);
        let flood = format!("x \"result\": \"fail\"\n{}tail", "y\n".repeat(100_000));
        ears.listen(Some(flood.as_bytes())).await;
        let Heard {
            end,
            dropped,
            traces,
            ..
        } = ears.into_heard();
        assert_eq!(end, b"y\ny\ny\ntail");
        assert_eq!(usize::try_from(dropped), Ok(flood.len() - 10));
        assert_eq!(traces.fail, Some(2));
    }
}
