//! Problems of files: what is wrong, where, and what to do about it.

mod excerpt;
mod rendering;

use serde::Serialize;

pub use excerpt::Place;
pub use rendering::{Style, render};

/// One thing that is wrong with a file, or that its author should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What sort of problem it is; decides severity and exit code.
    pub kind: ProblemKind,
    /// The file.
    pub path: String,
    /// Where in the file; `None` where the whole file is meant.
    #[serde(flatten)]
    pub place: Option<Box<Place>>,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What else helps to understand it.
    pub notes: Vec<String>,
}

/// The sorts of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProblemKind {
    /// The file does not exist (exit code 66).
    Missing,
    /// The file can't be used as it is (exit code 65).
    Malformed,
    /// The file can be used, but something in it looks unintended.
    Advice,
}

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// There is no verdict.
    Error,
    /// Read it, but go on.
    Warning,
}

impl ProblemKind {
    /// Returns how much a problem of this kind weighs.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Missing | Self::Malformed => Severity::Error,
            Self::Advice => Severity::Warning,
        }
    }
}

impl Severity {
    /// Returns the word that is shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Problem {
    /// Makes a problem.
    #[must_use]
    pub fn new(
        kind: ProblemKind,
        path: &str,
        place: Option<Place>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            path: path.to_owned(),
            place: place.map(Box::new),
            message: message.into(),
            hint: None,
            notes: Vec::new(),
        }
    }

    /// Makes the problem that a file does not exist.
    #[must_use]
    pub fn missing(path: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Missing, path, None, message)
    }

    /// Makes the problem that a file can't be used as it is.
    #[must_use]
    pub fn malformed(path: &str, place: Option<Place>, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Malformed, path, place, message)
    }

    /// Says what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what else helps to understand it.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Returns how much it weighs.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }

    /// Tells whether there can be no verdict because of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// Says what is wrong with a file in one line, for the message of an event: every error, without the lines that it
    /// stands in. Where nothing is an error, every problem.
    #[must_use]
    pub fn in_one_line(problems: &[Self]) -> String {
        let has_error = problems.iter().any(Self::is_error);
        let told = problems.iter().filter(|one| !has_error || one.is_error());
        let told = told.map(|one| {
            let place = one.place.as_ref().map(|place| place.position);
            let place = place.map(|at| format!(":{}:{}", at.line, at.column));
            let hint = one.hint.as_ref().map(|hint| format!(" ({hint})"));
            format!(
                "{}{}: {}{}",
                one.path,
                place.unwrap_or_default(),
                one.message,
                hint.unwrap_or_default()
            )
        });
        told.collect::<Vec<_>>().join("; ")
    }
}

/// Sorts problems of many files by path, line, and column, and drops exact repetitions, which aliases cause.
pub fn sort(problems: &mut Vec<Problem>) {
    let key = |p: &Problem| (p.path.clone(), p.place.as_ref().map(|p| p.position), p.kind);
    problems.sort_by_cached_key(key);
    problems.dedup();
}

/// Returns a text in backticks for a message: control characters escaped, and cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    let mut shown: String = text.chars().take(MOST).flat_map(escaped).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Returns a character for a message, escaped where it could move the cursor or hide text.
fn escaped(character: char) -> Vec<char> {
    if excerpt::is_unsafe(character) {
        character.escape_default().collect()
    } else {
        vec![character]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Source;
    use crate::spec::source::Span;

    #[test]
    fn problems_are_sorted_by_path_line_and_column() {
        let source = Source::new("b.yaml", "one\ntwo\n");
        let at = |offset| Some(source.place(Span::new(offset, offset + 1)));
        let mut problems = vec![
            Problem::malformed("b.yaml", at(5), "3"),
            Problem::malformed("b.yaml", at(4), "2"),
            Problem::malformed("b.yaml", at(4), "2"),
            Problem::missing("b.yaml", "1"),
            Problem::malformed("a.yaml", at(6), "0"),
        ];
        sort(&mut problems);
        let order: String = problems.into_iter().map(|p| p.message).collect();
        assert_eq!(order, "0123");
    }

    #[test]
    fn machines_get_every_part() {
        let source = Source::new("slo.yaml", "a: 1\n  bc: 2\n");
        let place = source.place(Span::new(7, 9));
        let problem = Problem::malformed("slo.yaml", Some(place), "no").with_hint("yes");
        insta::assert_json_snapshot!(problem, @r#"
        {
          "kind": "malformed",
          "path": "slo.yaml",
          "line": 2,
          "column": 3,
          "length": 2,
          "source_line": "  bc: 2",
          "message": "no",
          "hint": "yes",
          "notes": []
        }
        "#);
    }

    #[test]
    fn a_quoted_text_can_not_move_the_cursor() {
        assert_eq!(quoted("<5\n\u{1b}[2J"), "`<5\\n\\u{1b}[2J`");
        assert_eq!(quoted(&"x".repeat(99)).chars().count(), 63);
    }
}
