//! The problems of one file while it is read, and the reading of single values, each of which may add to them.

use std::rc::Rc;

use serde_json::{Number, Value};

use super::Parsed;
use super::problem::{Problem, ProblemKind, Severity, quoted};
use super::source::{Source, Span};
use super::yaml::{Document, Limits, Node, Scalar, compose};

/// Collects the problems of one file.
pub(crate) struct Findings<'s> {
    /// The file.
    source: &'s Source,
    /// What was found.
    problems: Vec<Problem>,
    /// How many more were found than anyone wants to read.
    unsaid: usize,
}

impl<'s> Findings<'s> {
    /// How many problems of one file are told.
    const MOST: usize = 100;

    /// Starts without any.
    pub fn new(source: &'s Source) -> Self {
        Self {
            source,
            problems: Vec::new(),
            unsaid: 0,
        }
    }

    /// Returns the file.
    pub fn source(&self) -> &'s Source {
        self.source
    }

    /// Returns the line, from 1 on, that a span begins in.
    pub fn line_of(&self, span: Span) -> usize {
        self.source.position(span.start).line
    }

    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        if self.problems.contains(&problem) {
            return;
        }
        if self.is_enough(problem.kind) {
            self.unsaid += 1;
            return;
        }
        self.problems.push(problem);
    }

    /// Makes a problem that keeps the file from being used.
    pub fn malformed(&self, at: Span, message: impl Into<String>) -> Problem {
        self.problem(ProblemKind::Malformed, at, message)
    }

    /// Makes a problem that is only worth knowing.
    pub fn advice(&self, at: Span, message: impl Into<String>) -> Problem {
        self.problem(ProblemKind::Advice, at, message)
    }

    /// Makes a problem; where it would not be told anyway its place is not looked up, which takes time in long lines.
    fn problem(&self, kind: ProblemKind, at: Span, message: impl Into<String>) -> Problem {
        let place = (!self.is_enough(kind)).then(|| self.source.place(at));
        Problem::new(kind, self.source.path(), place, message)
    }

    /// Adds an error.
    pub fn error(&mut self, at: Span, message: impl Into<String>, hint: impl Into<String>) {
        self.push(self.malformed(at, message).with_hint(hint));
    }

    /// Adds a warning.
    pub fn warning(&mut self, at: Span, message: impl Into<String>, hint: impl Into<String>) {
        self.push(self.advice(at, message).with_hint(hint));
    }

    /// Ends the reading: the value counts only where there is no error.
    pub fn finish<T>(mut self, value: Option<T>) -> Parsed<T> {
        if self.unsaid > 0 {
            let message = format!("{} more problems are not listed", self.unsaid);
            self.problems.push(Problem::new(
                ProblemKind::Advice,
                self.source.path(),
                None,
                message,
            ));
        }
        super::problem::sort(&mut self.problems);
        Parsed {
            value: value.filter(|_| !self.problems.iter().any(Problem::is_error)),
            problems: self.problems,
        }
    }

    /// Tells whether no more problems of a kind are told; one error is, whatever stands before it.
    fn is_enough(&self, kind: ProblemKind) -> bool {
        let is_full = self.problems.len() >= Self::MOST;
        let is_error = kind.severity() == Severity::Error;
        is_full && (!is_error || self.problems.iter().any(Problem::is_error))
    }

    /// Reads the first document of a YAML file; a file without one, and one that says `null`, are refused.
    pub fn document(&mut self, what: &str) -> Option<Rc<Node>> {
        match compose(self.source, Limits::FILE) {
            Err(problem) => {
                self.push(problem);
                None
            }
            Ok(Document::Empty) => {
                let message = format!("the file is empty: there is no {what} in it");
                self.push(Problem::malformed(self.source.path(), None, message));
                None
            }
            Ok(Document::Root(root)) if root.is_null() => {
                let message = format!("the document is null: there is no {what} in it");
                let hint = "only the first document of a file counts: remove a `---` too many";
                self.error(root.span, message, hint);
                None
            }
            Ok(Document::Root(root)) => Some(root),
        }
    }

    /// Reads a text: any scalar as it stands in the file. `None` where it is null, or not one (which is a problem).
    pub fn text(&mut self, node: &Node, name: &str) -> Option<String> {
        let Some(text) = node.text() else {
            self.wrong_kind(node, name, "a text");
            return None;
        };
        match node.resolve() {
            Ok(Scalar::Null) => None,
            Ok(Scalar::Text(text)) => Some(text),
            Ok(
                Scalar::Boolean(_) | Scalar::Integer(_) | Scalar::HugeInteger | Scalar::Float(_),
            ) => Some(text.to_owned()),
            Err(_) => {
                self.wrong_tag(node);
                None
            }
        }
    }

    /// Reads a whole number, with what Keptn makes of fractions: they are cut off.
    pub fn integer(&mut self, node: &Node, name: &str) -> Option<WholeNumber> {
        const WANTED: &str = "a whole number";
        match node.resolve() {
            Ok(Scalar::Null) => None,
            Ok(Scalar::Integer(value)) => Some(WholeNumber { value, cut: false }),
            Ok(Scalar::Float(value)) => {
                let number = WholeNumber::cut(value);
                if number.is_none() {
                    self.wrong_kind(node, name, "a whole number below 2^63");
                }
                number
            }
            Ok(Scalar::HugeInteger) => {
                self.wrong_kind(node, name, "a whole number below 2^63");
                None
            }
            Ok(Scalar::Boolean(_) | Scalar::Text(_)) => {
                self.wrong_kind(node, name, WANTED);
                None
            }
            Err(_) => {
                self.wrong_tag(node);
                None
            }
        }
    }

    /// Reads a truth value, the words of YAML 1.1 included.
    pub fn boolean(&mut self, node: &Node, name: &str) -> Option<bool> {
        let text = match node.resolve() {
            Ok(Scalar::Null) => return None,
            Ok(Scalar::Boolean(value)) => return Some(value),
            Ok(Scalar::Text(text)) => text,
            Ok(Scalar::Integer(_) | Scalar::HugeInteger | Scalar::Float(_)) => String::new(),
            Err(_) => {
                self.wrong_tag(node);
                return None;
            }
        };
        match text.as_str() {
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
            _ => {
                self.wrong_kind(node, name, "`true` or `false`");
                None
            }
        }
    }

    /// Reads a list; `None` where it is null, or not one (which is a problem).
    pub fn elements<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n [Rc<Node>]> {
        let elements = node.elements();
        if elements.is_none() && !self.is_null(node) {
            self.wrong_kind(node, name, "a list");
        }
        elements
    }

    /// Reads anything at all, as JSON has it; a number that JSON can't hold is its text.
    pub fn json(&mut self, node: &Node) -> Value {
        if let Some(elements) = node.elements() {
            return elements.iter().map(|element| self.json(element)).collect();
        }
        if node.entries().is_some() {
            let fields = super::fields::Fields::open(self, node, "a mapping");
            let fields = fields.map(super::fields::Fields::rest).unwrap_or_default();
            let members = fields
                .into_iter()
                .map(|field| (field.name.clone(), self.json(field.value)));
            return Value::Object(members.collect());
        }
        let as_text = || Value::from(node.text().unwrap_or_default());
        match node.resolve() {
            Ok(Scalar::Null) => Value::Null,
            Ok(Scalar::Boolean(value)) => Value::Bool(value),
            Ok(Scalar::Integer(value)) => Value::from(value),
            Ok(Scalar::Float(value)) => Number::from_f64(value).map_or_else(as_text, Value::Number),
            Ok(Scalar::HugeInteger) => as_text(),
            Ok(Scalar::Text(text)) => Value::String(text),
            Err(_) => {
                self.wrong_tag(node);
                Value::Null
            }
        }
    }

    /// Tells whether a node is null; a tag that does not fit is a problem.
    pub fn is_null(&mut self, node: &Node) -> bool {
        let Ok(scalar) = node.resolve() else {
            self.wrong_tag(node);
            return true;
        };
        scalar == Scalar::Null
    }

    /// Says that something is of the wrong kind.
    pub fn wrong_kind(&mut self, node: &Node, name: &str, wanted: &str) {
        let Some(text) = node.text() else {
            let message = format!("{} must be {wanted}, not {}", label(name), node.kind());
            self.push(self.malformed(node.span, message));
            return;
        };
        let quotes = if node.content.is_plain() {
            ""
        } else {
            "the quoted "
        };
        let message = format!(
            "{} must be {wanted}, not {quotes}{}",
            label(name),
            quoted(text)
        );
        let problem = self.malformed(node.span, message);
        let bare = Node::scalar(node.span, text.to_owned(), super::yaml::ScalarStyle::Plain);
        let would_fit = match bare.resolve() {
            Ok(Scalar::Integer(_)) => wanted.contains("number"),
            Ok(Scalar::Boolean(_)) => wanted.contains("true"),
            _ => false,
        };
        let is_disguised = node.resolve() != bare.resolve();
        self.push(if would_fit && is_disguised {
            problem.with_hint(format!("write it without quotes and tag: `{name}: {text}`"))
        } else {
            problem
        });
    }

    /// Says that a tag does not fit what it stands before.
    fn wrong_tag(&mut self, node: &Node) {
        let tag = node.tag.as_deref().unwrap_or_default();
        let text = quoted(node.text().unwrap_or_default());
        let message = format!("the tag {} does not fit {text}", quoted(tag));
        self.error(node.span, message, "remove the tag");
    }
}

/// Returns how a message names something: keys in backticks, descriptions as they are.
fn label(name: &str) -> String {
    if name.starts_with("a ") || name.starts_with("an ") {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A whole number, and whether a fraction was cut off to make it one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WholeNumber {
    /// The number.
    pub value: i64,
    /// Whether there was a fraction.
    pub cut: bool,
}

impl WholeNumber {
    /// Cuts off the fraction; `None` where the number is too large, or none. Minus infinity is the least number, as in Keptn.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the fraction is to be cut, and the range is checked"
    )]
    fn cut(value: f64) -> Option<Self> {
        const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;
        (value < TOO_LARGE).then_some(Self {
            value: value as i64,
            cut: value.fract() != 0.0,
        })
    }
}
