//! JSON as the same tree of nodes as YAML, with positions. JSON is almost YAML, but only almost; so it has a reader.

use std::rc::Rc;

use serde::de::IgnoredAny;

use super::problem::Problem;
use super::source::{Source, Span, too_large};
use super::yaml::{Content, Limits, Node, ScalarStyle};

/// Reads a whole JSON text.
///
/// # Errors
/// The one problem that keeps it from being read: syntax, or a limit.
pub(super) fn compose(source: &Source, limits: Limits) -> Result<Rc<Node>, Problem> {
    if source.text().len() > limits.bytes {
        return Err(too_large(source.path(), limits.bytes));
    }
    check_syntax(source)?;
    let mut reader = Reader {
        source,
        at: 0,
        nodes: 0,
        limits,
    };
    reader.value(0)
}

/// Proves that the text is JSON, so that the reader need not.
fn check_syntax(source: &Source) -> Result<(), Problem> {
    let Err(error) = serde_json::from_str::<IgnoredAny>(source.text()) else {
        return Ok(());
    };
    let offset = offset_of(source.text(), error.line(), error.column());
    let span = Span::new(offset, offset);
    let full = error.to_string();
    let words = full.split(" at line ").next().unwrap_or_default();
    let message = format!("not valid JSON: {words}");
    Err(Problem::malformed(
        source.path(),
        Some(source.place(span)),
        message,
    ))
}

/// Returns the byte that serde means: lines from 1, columns in bytes from 1, 0 for the end of the line before.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let mut offset = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Reads a text that is known to be JSON.
struct Reader<'s> {
    /// The text.
    source: &'s Source,
    /// The next byte.
    at: usize,
    /// How many values were read.
    nodes: usize,
    /// How large the text may be.
    limits: Limits,
}

impl Reader<'_> {
    /// Reads a value.
    fn value(&mut self, depth: usize) -> Result<Rc<Node>, Problem> {
        self.skip_blanks();
        let start = self.at;
        self.nodes += 1;
        if depth > self.limits.depth || self.nodes > self.limits.nodes {
            let what = if depth > self.limits.depth {
                "deeply nested"
            } else {
                "large"
            };
            let span = Span::new(start, start + 1);
            return Err(self.problem(span, format!("the document is too {what}")));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.text().map(Rc::new),
            _ => Ok(Rc::new(self.literal())),
        }
    }

    /// Reads an object.
    fn object(&mut self, depth: usize) -> Result<Rc<Node>, Problem> {
        let start = self.at;
        let mut entries = Vec::new();
        self.at += 1;
        while self.next_element(b'}') {
            let key = Rc::new(self.text()?);
            self.skip_blanks();
            self.at += 1;
            entries.push((key, self.value(depth + 1)?));
        }
        Ok(self.collection(start, Content::Mapping(entries)))
    }

    /// Reads an array.
    fn array(&mut self, depth: usize) -> Result<Rc<Node>, Problem> {
        let start = self.at;
        let mut elements = Vec::new();
        self.at += 1;
        while self.next_element(b']') {
            elements.push(self.value(depth + 1)?);
        }
        Ok(self.collection(start, Content::Sequence(elements)))
    }

    /// Makes a collection that ends here.
    fn collection(&self, start: usize, content: Content) -> Rc<Node> {
        Rc::new(Node::collection(Span::new(start, self.at), content))
    }

    /// Goes on to the next element; `false` behind the closing bracket, or at the end of the text.
    fn next_element(&mut self, closing: u8) -> bool {
        self.skip_blanks();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.skip_blanks();
        }
        if self.peek().is_none_or(|byte| byte == closing) {
            self.at += 1;
            return false;
        }
        true
    }

    /// Reads a text in quotes.
    fn text(&mut self) -> Result<Node, Problem> {
        let start = self.at;
        let mut is_escaped = false;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' if !is_escaped => break,
                b'\\' => is_escaped = !is_escaped,
                _ => is_escaped = false,
            }
        }
        let span = Span::new(start, self.at);
        let text = serde_json::from_str(self.source.slice(span))
            .map_err(|_half| self.problem(span, "this text holds half of a surrogate pair"))?;
        Ok(Node::scalar(span, text, ScalarStyle::Quoted))
    }

    /// Reads a number, `true`, `false`, or `null`.
    fn literal(&mut self) -> Node {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        {
            self.at += 1;
        }
        let span = Span::new(start, self.at);
        Node::scalar(span, self.source.slice(span).to_owned(), ScalarStyle::Plain)
    }

    /// Skips blanks.
    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Returns the next byte.
    fn peek(&self) -> Option<u8> {
        self.source.text().as_bytes().get(self.at).copied()
    }

    /// Makes a problem.
    fn problem(&self, at: Span, message: impl Into<String>) -> Problem {
        Problem::malformed(self.source.path(), Some(self.source.place(at)), message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How large a text may be in these tests.
    const LIMITS: Limits = Limits {
        bytes: 1 << 20,
        depth: 64,
        nodes: 10_000,
    };

    /// Turns a node back into JSON.
    fn back(node: &Node) -> serde_json::Value {
        match &node.content {
            Content::Scalar { text, style } if *style == ScalarStyle::Quoted => text.clone().into(),
            Content::Scalar { text, .. } => serde_json::from_str(text).unwrap(),
            Content::Sequence(elements) => elements.iter().map(|e| back(e)).collect(),
            Content::Mapping(entries) => {
                let entries = entries
                    .iter()
                    .map(|(k, v)| (k.text().unwrap().to_owned(), back(v)));
                serde_json::Value::Object(entries.collect())
            }
        }
    }

    #[test]
    fn the_tree_holds_what_the_text_says() {
        let text = r#" { "a" : [1, -2.5e3, true, null, "x\"\\", {}, [ ]], "b\u0041":{"c":"ü"} } "#;
        let node = compose(&Source::new("v", text), LIMITS).unwrap();
        assert_eq!(
            back(&node),
            serde_json::from_str::<serde_json::Value>(text).unwrap()
        );
    }

    #[test]
    fn what_yaml_takes_and_json_does_not_is_refused_with_its_place() {
        for (text, line, column) in [
            ("{a: 1}", 1, 2),
            ("[1,\n 2,\n]", 3, 1),
            ("{\"a\": NaN}", 1, 7),
            ("", 1, 1),
            ("1 2", 1, 3),
        ] {
            let problem = compose(&Source::new("v", text), LIMITS).unwrap_err();
            let position = problem.place.unwrap().position;
            assert_eq!(
                (position.line, position.column),
                (line, column),
                "{text} {}",
                problem.message
            );
        }
    }

    #[test]
    fn limits_hold() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(compose(&Source::new("v", deep), LIMITS).is_err());
        let many = format!("[{}0]", "0,".repeat(10_000));
        assert!(compose(&Source::new("v", many), LIMITS).is_err());
    }

    proptest! {
        #[test]
        fn every_json_reads_back(text in r#"[\[\]{}:," a0\-.eE\\un]{0,30}"#) {
            let read = compose(&Source::new("v", text.clone()), LIMITS);
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                prop_assert_eq!(back(&read.unwrap()), value);
            }
        }
    }
}
