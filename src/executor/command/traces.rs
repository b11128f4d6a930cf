//! Looks for what may be an answer, in everything that a command prints, however much that is.

/// The most letters of a word that is looked for.
const LETTERS: usize = 6;

/// Where in an output something was that looks like an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Traces {
    /// A key `result` or `status` with a value.
    pub(super) any: Option<u64>,
    /// The first `result` that is a fail.
    pub(super) fail: Option<u64>,
}

/// Looks at an output byte by byte. NUL is passed over, so that UTF-16 is seen through.
#[derive(Debug, Default)]
pub(super) struct Tracer {
    /// What was found.
    traces: Traces,
    /// Where it looks.
    state: State,
    /// How many bytes were looked at.
    at: u64,
    /// Whether the byte before was a backslash.
    after_backslash: bool,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Nothing of interest.
    #[default]
    Outside,
    /// In quotes.
    Word(Word),
    /// After a key.
    Key(Key),
    /// After the colon behind a key.
    Colon(Key),
    /// In the quotes of a value of `result`.
    Value(Word),
}

/// What stands in quotes.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    /// Its letters.
    letters: [u8; LETTERS],
    /// How many there are.
    length: usize,
    /// Where its key begins.
    start: u64,
    /// Whether its quote is escaped: it is JSON in a text.
    is_escaped: bool,
}

/// A key of an answer.
#[derive(Clone, Copy, Debug)]
struct Key {
    /// Whether it is `result`.
    is_result: bool,
    /// Where it begins.
    start: u64,
    /// Whether its quote is escaped.
    is_escaped: bool,
}

impl Word {
    /// Adds a letter; `None` where it is too long for any word that is looked for.
    fn with(mut self, byte: u8) -> Option<Self> {
        *self.letters.get_mut(self.length)? = byte;
        self.length += 1;
        Some(self)
    }

    /// Returns whether it is this word, in any case.
    fn is(&self, word: &str) -> bool {
        let letters = self.letters.get(..self.length);
        letters.is_some_and(|letters| letters.eq_ignore_ascii_case(word.as_bytes()))
    }
}

impl Tracer {
    /// Looks at more.
    pub(super) fn look(&mut self, piece: &[u8]) {
        for byte in piece {
            match byte {
                0 => {}
                b'\\' => self.after_backslash = true,
                byte => {
                    self.step(*byte);
                    self.after_backslash = false;
                }
            }
            self.at = self.at.saturating_add(1);
        }
    }

    /// Returns what was found; what ends within a key is found, too.
    pub(super) fn into_traces(mut self) -> Traces {
        if let State::Key(key) | State::Colon(key) = self.state {
            self.note(key);
        }
        self.traces
    }

    /// Looks at a byte.
    fn step(&mut self, byte: u8) {
        let is_quote = matches!(byte, b'"' | b'\'');
        let is_space = byte.is_ascii_whitespace();
        self.state = match self.state {
            State::Word(word) if !is_quote => word.with(byte).map_or(State::Outside, State::Word),
            State::Word(word) if word.is("result") || word.is("status") => State::Key(Key {
                is_result: word.is("result"),
                start: word.start,
                is_escaped: word.is_escaped,
            }),
            State::Key(_) if is_space => return,
            // Other languages write `=` and `=>` there.
            State::Key(key) if matches!(byte, b':' | b'=') => State::Colon(key),
            State::Colon(_) if is_space || byte == b'>' => return,
            // An object is no result.
            State::Colon(_) if byte == b'{' => State::Outside,
            State::Colon(key) => {
                self.note(key);
                match is_quote {
                    true if key.is_result => State::Value(Word {
                        start: key.start,
                        ..Word::default()
                    }),
                    true => self.opened(),
                    false => State::Outside,
                }
            }
            State::Value(word) if !is_quote => word.with(byte).map_or(State::Outside, State::Value),
            State::Value(word) => {
                if word.is("fail") || word.is("failed") {
                    self.traces.fail.get_or_insert(word.start);
                }
                self.opened()
            }
            // A quote that ends one text may begin another.
            State::Outside | State::Word(_) | State::Key(_) if is_quote => self.opened(),
            State::Outside | State::Word(_) | State::Key(_) => State::Outside,
        };
    }

    /// Returns the state after a quote.
    fn opened(&self) -> State {
        State::Word(Word {
            start: self.at,
            is_escaped: self.after_backslash,
            ..Word::default()
        })
    }

    /// Notes a key that has a value.
    fn note(&mut self, key: Key) {
        if !key.is_escaped {
            self.traces.any.get_or_insert(key.start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(text: &[u8]) -> (Option<u64>, Option<u64>) {
        let mut tracer = Tracer::default();
        // However it comes in pieces.
        for piece in text.chunks(3) {
            tracer.look(piece);
        }
        let Traces { any, fail } = tracer.into_traces();
        (any, fail)
    }

    #[test]
    fn what_looks_like_an_answer_is_found_where_it_begins() {
        for (text, any, fail) in [
            (r#"x {"result": "fail"}"#, Some(3), Some(3)),
            (r#"{"Result" : "FAILED"}"#, Some(1), Some(1)),
            (r#"["a","status":1]"#, Some(5), None),
            (r"{'result': 'fail'}", Some(1), Some(1)),
            (r#"{"result"=>"fail"}"#, Some(1), Some(1)),
            (r#"{"result""#, Some(1), None),
            (r#""{\"result\": \"fail\"}""#, None, Some(3)),
            (r#"msg="{\"status\": 200}""#, None, None),
            (r#"{"result":"pass"} {"result":"fail"}"#, Some(1), Some(19)),
            (r#"{"status":{"phase":"Running"}}"#, None, None),
            (r#"the "result" is "fail""#, None, None),
            (r#"{"results":"fail","text":"result"}"#, None, None),
            ("result: fail", None, None),
        ] {
            assert_eq!(traces(text.as_bytes()), (any, fail), "{text}");
        }
        let wide: Vec<u8> = br#"{"result":"fail"}"#.iter().flat_map(|byte| [*byte, 0]).collect();
        assert!(traces(&wide).1.is_some());
    }
}
