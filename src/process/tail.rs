//! The end of what a program says on stderr. All of it is read, so that the program never waits; little of it is kept.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::net::Redactor;

/// How much is kept: more than is shown, so that a secret at the cut is seen whole.
const KEPT: usize = 64 * 1024;
/// How much is shown.
const SHOWN: usize = 4 * 1024;
/// How much is read at once.
const PIECE: usize = 8 * 1024;

/// The end of a text.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    /// What was kept.
    bytes: Vec<u8>,
    /// Something before it was dropped.
    is_cut: bool,
}

impl Tail {
    /// Reads to the end, whatever comes.
    pub async fn drain(&mut self, pipe: Option<impl AsyncRead + Unpin>) {
        let Some(mut pipe) = pipe else {
            return;
        };
        let mut piece = vec![0; PIECE];
        while let Ok(count) = pipe.read(&mut piece).await {
            if count == 0 {
                break;
            }
            self.push(piece.get(..count).unwrap_or_default());
        }
    }

    /// Adds to the end.
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > 2 * KEPT {
            let surplus = self.bytes.len() - KEPT;
            self.bytes.drain(..surplus);
            self.is_cut = true;
        }
    }

    /// Returns the last 4 KiB as one safe line without secrets; empty where nothing was said.
    pub fn shown(&self, redactor: &Redactor) -> String {
        let redacted = redactor.redact(&String::from_utf8_lossy(&self.bytes));
        let mut text = redacted.trim();
        if self.is_cut && text.len() < KEPT / 2 {
            // So much was masked that the beginning is near: there may stand the rest of a secret that the cut tore apart.
            text = text
                .find("***")
                .and_then(|at| text.get(at..))
                .unwrap_or(text);
        }
        let least = text.len().saturating_sub(SHOWN);
        let from = (least..text.len()).find(|at| text.is_char_boundary(*at));
        let end = text.get(from.unwrap_or_default()..).unwrap_or_default();
        let line = redactor.excerpt(end.as_bytes(), SHOWN);
        if end.len() < text.len() || self.is_cut {
            format!("…{line}")
        } else {
            line
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Secret;

    fn tail(text: &[u8]) -> Tail {
        let mut tail = Tail::default();
        for piece in text.chunks(1000) {
            tail.push(piece);
        }
        tail
    }

    #[test]
    fn a_short_text_is_shown_in_one_line() {
        let shown = tail(b"first\n\tsecond\x1b[1m\n").shown(&Redactor::default());
        assert_eq!(shown, "first second\\u{1b}[1m");
        assert_eq!(tail(b"").shown(&Redactor::default()), "");
    }

    #[test]
    fn of_an_endless_text_only_the_end_is_kept_and_shown() {
        let mut text = b"x".repeat(10_000_000);
        text.extend_from_slice(b"the end");
        let tail = tail(&text);
        assert!(tail.bytes.len() <= 2 * KEPT && tail.bytes.capacity() <= 8 * KEPT);
        let shown = tail.shown(&Redactor::default());
        assert!(shown.starts_with("…x") && shown.ends_with("the end"));
        assert!(shown.len() <= SHOWN + 10, "{}", shown.len());
    }

    #[test]
    fn a_secret_is_never_shown_not_even_a_part_of_it_at_the_cut() {
        for length in [1, 10, 100] {
            let parts = (0..length).map(|number| format!("s3cret-token-{number}6789-"));
            let secret = Secret::new(parts.collect::<String>());
            let redactor = Redactor::new([&secret]);
            for count in [1, 100, 2_001] {
                let shown = tail(secret.expose().repeat(count).as_bytes()).shown(&redactor);
                assert!(
                    !shown.contains("token") && !shown.contains("6789"),
                    "{length} {count} {shown}"
                );
                assert!(shown.contains("***"));
            }
        }
    }
}
