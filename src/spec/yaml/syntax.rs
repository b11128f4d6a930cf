//! Syntax errors in words that a person who does not know the grammar of YAML can act on.

use granit_parser::{ErrorKind, ScanError};

use crate::spec::problem::Problem;
use crate::spec::source::{Source, Span};

/// Turns the parser's error into a problem.
pub(super) fn problem(source: &Source, error: &ScanError) -> Problem {
    let start = error.marker().byte_offset().unwrap_or(source.text().len());
    let (start, words) = explain(source.text(), start, error.kind());
    let end = source
        .text()
        .get(start..)
        .and_then(|rest| rest.chars().next());
    let span = Span::new(start, start + end.map_or(0, char::len_utf8));
    let message = match words.message {
        Some(message) => format!("not valid YAML: {message}"),
        None => format!("not valid YAML: {}", error.kind()),
    };
    let problem = Problem::malformed(source.path(), Some(source.place(span)), message);
    match words.hint {
        Some(hint) => problem.with_hint(hint),
        None if source.text().contains("{{") => {
            problem.with_hint("this looks like a template: render it first, and name the result")
        }
        None => problem,
    }
}

/// What is said of an error.
#[derive(Default)]
struct Words {
    /// What is wrong, where the parser's own words are not clear.
    message: Option<&'static str>,
    /// What to do.
    hint: Option<String>,
}

impl Words {
    /// Says what is wrong and what to do.
    fn new(message: &'static str, hint: impl Into<String>) -> Self {
        Self {
            message: Some(message),
            hint: Some(hint.into()),
        }
    }
}

/// Returns where the error really is, and what to say of it.
fn explain(text: &str, start: usize, kind: &ErrorKind) -> (usize, Words) {
    if let Some(criterion) = unquoted_criterion(text, start) {
        let hint = format!("quote criteria that start with `>`: `\"{criterion}\"`");
        let message = "an unquoted `>` begins a block of text";
        return (start, Words::new(message, hint));
    }
    if let Some(tab) = tab_near(text, start, kind) {
        let hint = "replace the tab by spaces";
        return (tab, Words::new("a tab can't be used to indent", hint));
    }
    (start, words(kind, text.get(start..).unwrap_or_default()))
}

/// Returns what to say of the errors that people meet.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser has eighty kinds of errors, and its own words for each"
)]
fn words(kind: &ErrorKind, rest: &str) -> Words {
    match kind {
        ErrorKind::UnknownAnchor => Words::new(
            "there is no anchor of this name before this place",
            "quote a text that starts with `*`",
        ),
        ErrorKind::UnexpectedCharacter { .. } => Words::new(
            "a text can't start with this character",
            "put the text in quotes",
        ),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => Words::new(
            "a `:` is not expected here",
            "check the indentation, or put a text that holds `: ` in quotes",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            Words::new("a key without `:`", "write `key: value`")
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => Words::new(
            "this does not belong to the block that it stands in",
            "check the indentation: keys of one mapping, and the dashes of one list, start in the same column",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed => Words::new(
            "a list can't begin here",
            "put the first `-` on a line of its own below the key",
        ),
        ErrorKind::InvalidQuotedScalarIndent => Words::new(
            "this line belongs to a text in quotes, and is not indented further than its key",
            "indent it further, or close the quote before it",
        ),
        ErrorKind::UnclosedQuotedScalar => Words::new(
            "a quote is not closed",
            "close the text with the quote that opened it",
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar
        | ErrorKind::InvalidTrailingSingleQuotedScalar => Words::new(
            "something follows the closing quote",
            "put the whole text in one pair of quotes; use `'…'` around a text that holds `\"`",
        ),
        ErrorKind::UnknownQuotedScalarEscape => Words::new(
            "unknown escape behind a backslash",
            "write `\\\\` for a backslash, or use single quotes, in which it has no meaning",
        ),
        ErrorKind::UnclosedFlowCollection { .. } => {
            Words::new("a bracket is not closed", "add the closing `]` or `}`")
        }
        _ if rest.is_empty() => {
            Words::new("the text ends too early", "close all quotes and brackets")
        }
        _ => Words::default(),
    }
}

/// Returns a criterion such as `>500` that stands without quotes where the error is.
fn unquoted_criterion(text: &str, start: usize) -> Option<&str> {
    let rest = text.get(start..)?.lines().next()?;
    let end = rest.find([',', ']', '}', '#']).unwrap_or(rest.len());
    let criterion = rest.get(..end)?.trim_end();
    let number = criterion.strip_prefix('>')?;
    let begins = number.trim_start_matches(['=', ' ', '+', '-']);
    begins
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(criterion)
}

/// Returns the tab that an error about tabs, or about what it made of the line, is about.
fn tab_near(text: &str, start: usize, kind: &ErrorKind) -> Option<usize> {
    let is_about_tabs = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::ExpectedBlockMappingKey
    );
    if !is_about_tabs {
        return None;
    }
    let line_start = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let mut at = line_start;
    for line in text.get(line_start..)?.split_inclusive('\n').take(3) {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line.get(..indent).and_then(|indent| indent.find('\t')) {
            return Some(at + tab);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::spec::yaml::{Limits, compose};
    use crate::spec::{Source, Style, render};

    /// Renders what is said of a text that is not YAML.
    fn said(text: &str) -> String {
        let problem = compose(&Source::new("slo.yaml", text), Limits::FILE).unwrap_err();
        render(&[problem], Style::Plain)
    }

    #[test]
    fn an_unquoted_criterion_is_recognised() {
        insta::assert_snapshot!(said("pass:\n- criteria:\n    - >=500\n"), @r#"
        slo.yaml:3:7: error: not valid YAML: an unquoted `>` begins a block of text
          |
        3 |     - >=500
          |       ^
          = hint: quote criteria that start with `>`: `">=500"`
        "#);
        insta::assert_snapshot!(said("pass: [{criteria: [>500, <1]}]\n"), @r#"
        slo.yaml:1:20: error: not valid YAML: an unquoted `>` begins a block of text
          |
        1 | pass: [{criteria: [>500, <1]}]
          |                    ^
          = hint: quote criteria that start with `>`: `">500"`
        "#);
    }

    #[test]
    fn tabs_are_shown_where_they_stand() {
        insta::assert_snapshot!(said("objectives:\n\t- sli: a\n"), @r#"
        slo.yaml:2:1: error: not valid YAML: a tab can't be used to indent
          |
        2 |     - sli: a
          | ^
          = hint: replace the tab by spaces
        "#);
        insta::assert_snapshot!(said("a:\n  b: 1\n\tc: 2\n"), @r#"
        slo.yaml:3:1: error: not valid YAML: a tab can't be used to indent
          |
        3 |     c: 2
          | ^
          = hint: replace the tab by spaces
        "#);
    }

    #[test]
    fn common_slips_are_explained() {
        insta::assert_snapshot!(said("a: 1\n b: 2\n"), @r#"
        slo.yaml:2:3: error: not valid YAML: a `:` is not expected here
          |
        2 |  b: 2
          |   ^
          = hint: check the indentation, or put a text that holds `: ` in quotes
        "#);
        insta::assert_snapshot!(said("a: \"b\" c\n"), @r#"
        slo.yaml:1:8: error: not valid YAML: something follows the closing quote
          |
        1 | a: "b" c
          |        ^
          = hint: put the whole text in one pair of quotes; use `'…'` around a text that holds `"`
        "#);
        insta::assert_snapshot!(said("a: [1, 2\n"), @r#"
        slo.yaml:1:4: error: not valid YAML: a bracket is not closed
          |
        1 | a: [1, 2
          |    ^
          = hint: add the closing `]` or `}`
        "#);
        insta::assert_snapshot!(said("a: 'x\nb: 1\n"), @r#"
        slo.yaml:2:1: error: not valid YAML: this line belongs to a text in quotes, and is not indented further than its key
          |
        2 | b: 1
          | ^
          = hint: indent it further, or close the quote before it
        "#);
        insta::assert_snapshot!(said("a: @x\n"), @r#"
        slo.yaml:1:4: error: not valid YAML: a text can't start with this character
          |
        1 | a: @x
          |    ^
          = hint: put the text in quotes
        "#);
    }
}
