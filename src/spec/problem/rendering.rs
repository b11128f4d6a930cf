//! Problems as text for people: path, line, and column first, so that editors and CI systems find the place.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style as Ansi};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::excerpt::is_unsafe;
use super::{Place, Problem, Severity};

/// Whether the text may carry colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Plain text.
    Plain,
    /// With ANSI escapes.
    Coloured,
}

/// How many carets stand under a line at most.
const MOST_CARETS: usize = 80;

/// Renders problems, a blank line between them. Nothing is lost without colours.
///
/// ```
/// use tidegate::spec::{Problem, Style, render};
/// let text = render(&[Problem::missing("slo.yaml", "no such file")], Style::Plain);
/// assert_eq!(text, "slo.yaml: error: no such file\n");
/// ```
#[must_use]
pub fn render(problems: &[Problem], style: Style) -> String {
    let rendered: Vec<String> = problems.iter().map(|p| render_one(p, style)).collect();
    rendered.join("\n")
}

/// Renders one problem, with a line break at its end.
fn render_one(problem: &Problem, style: Style) -> String {
    let mut text = String::new();
    let palette = Palette::new(style, problem.severity());
    let _infallible = write_head(&mut text, problem, &palette);
    let gutter = match &problem.place {
        Some(place) => {
            let gutter = place.position.line.to_string().len();
            let _infallible = write_excerpt(&mut text, place, gutter, &palette);
            gutter
        }
        None => 1,
    };
    let _infallible = write_advice(&mut text, problem, gutter, &palette);
    text
}

/// Writes `path:line:column: error: message`.
fn write_head(text: &mut String, problem: &Problem, palette: &Palette) -> std::fmt::Result {
    write!(text, "{}", safe(&problem.path))?;
    if let Some(place) = &problem.place {
        write!(text, ":{}:{}", place.position.line, place.position.column)?;
    }
    let severity = palette.severity;
    let bold = palette.bold;
    let word = problem.severity().as_str();
    let message = safe(&problem.message);
    writeln!(
        text,
        ": {severity}{word}{severity:#}: {bold}{message}{bold:#}"
    )
}

/// Writes the line and what is meant in it.
fn write_excerpt(
    text: &mut String,
    place: &Place,
    gutter: usize,
    palette: &Palette,
) -> std::fmt::Result {
    let rule = palette.rule;
    let shown = place.source_line.trim_end();
    let before: String = place.source_line.chars().take(place.indent).collect();
    let meant = place
        .source_line
        .chars()
        .skip(place.indent)
        .take(place.length);
    let width: usize = meant.map(|c| c.width().unwrap_or(0)).sum();
    let indent = " ".repeat(before.width());
    let carets = "^".repeat(width.clamp(1, MOST_CARETS));
    let severity = palette.severity;
    let line = place.position.line;
    writeln!(text, "{:gutter$} {rule}|{rule:#}", "")?;
    writeln!(text, "{rule}{line:gutter$} |{rule:#} {shown}")?;
    writeln!(
        text,
        "{:gutter$} {rule}|{rule:#} {indent}{severity}{carets}{severity:#}",
        ""
    )
}

/// Writes hint and notes.
fn write_advice(
    text: &mut String,
    problem: &Problem,
    gutter: usize,
    palette: &Palette,
) -> std::fmt::Result {
    let bold = palette.bold;
    if let Some(hint) = &problem.hint {
        writeln!(text, "{:gutter$} = {bold}hint{bold:#}: {}", "", safe(hint))?;
    }
    for note in &problem.notes {
        writeln!(text, "{:gutter$} = {bold}note{bold:#}: {}", "", safe(note))?;
    }
    Ok(())
}

/// The styles of one problem.
struct Palette {
    /// Of the word and the carets.
    severity: Ansi,
    /// Of the frame around the line.
    rule: Ansi,
    /// Of what stands out.
    bold: Ansi,
}

impl Palette {
    /// Picks the styles.
    fn new(style: Style, severity: Severity) -> Self {
        let colour = match severity {
            Severity::Error => AnsiColor::Red,
            Severity::Warning => AnsiColor::Yellow,
        };
        match style {
            Style::Plain => Self {
                severity: Ansi::new(),
                rule: Ansi::new(),
                bold: Ansi::new(),
            },
            Style::Coloured => Self {
                severity: colour.on_default().bold(),
                rule: AnsiColor::Blue.on_default(),
                bold: Ansi::new().bold(),
            },
        }
    }
}

/// Returns a text without characters that a terminal obeys.
fn safe(text: &str) -> String {
    let replace = |c: char| {
        if is_unsafe(c) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Source;
    use crate::spec::source::Span;

    /// Makes a problem on the word `here` of a text.
    fn problem(text: &str) -> Problem {
        let source = Source::new("slo.yaml", text);
        let start = text.find("here").unwrap();
        let place = source.place(Span::new(start, start + 4));
        Problem::malformed("slo.yaml", Some(place), "that is wrong")
            .with_hint("write it right")
            .with_note("it was wrong before")
    }

    #[test]
    fn a_problem_shows_line_caret_hint_and_note() {
        insta::assert_snapshot!(render(&[problem("a: 1\n\tgröße: \"日本\" here # x\n")], Style::Plain), @r#"
        slo.yaml:2:14: error: that is wrong
          |
        2 |     größe: "日本" here # x
          |                   ^^^^
          = hint: write it right
          = note: it was wrong before
        "#);
    }

    #[test]
    fn colours_add_nothing_but_colours() {
        let problem = problem("here\n");
        let coloured = render(std::slice::from_ref(&problem), Style::Coloured);
        let plain = anstream::adapter::strip_str(&coloured).to_string();
        assert_ne!(coloured, plain);
        assert_eq!(plain, render(&[problem], Style::Plain));
    }

    #[test]
    fn a_terminal_finds_nothing_to_obey() {
        let mut problem = problem("\u{1b}]0;x\u{7} here\u{9b}2J\n");
        problem.path = "a\u{1b}[2Jb".to_owned();
        problem.message = "c\nd".to_owned();
        let text = render(&[problem], Style::Plain);
        assert!(
            !text.chars().any(|c| c.is_control() && c != '\n'),
            "{text:?}"
        );
        assert_eq!(text.lines().count(), 6);
    }
}
