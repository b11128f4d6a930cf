//! What `tidegate doctor` shows: one line for each check, grouped by what was checked.

use anstyle::{AnsiColor, Effects, Style};
use serde_json::{Value, json};

use super::text::{TextStyle, block, paint, printable};

/// The version of the document. Within a version members are only ever added.
const VERSION: u32 = 1;

/// What came of all checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// The findings, in the order in which they are shown.
    pub findings: Vec<Finding>,
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was checked: `configuration`, `event log`, or a provider.
    pub subject: String,
    /// Which of its checks: `DNS`.
    pub check: String,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works, but is odd.
    Warning,
    /// It does not work.
    Failed,
    /// It was not checked.
    Skipped,
}

impl Health {
    /// Returns the word.
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Returns the colour of the word.
    fn style(self) -> Style {
        let colour = match self {
            Self::Ok => AnsiColor::Green,
            Self::Warning => AnsiColor::Yellow,
            Self::Failed => AnsiColor::Red,
            Self::Skipped => return Style::new().effects(Effects::DIMMED),
        };
        Style::new().fg_color(Some(colour.into())).bold()
    }
}

impl Diagnosis {
    /// Returns the text for people.
    #[must_use]
    pub fn text(&self, style: TextStyle) -> String {
        let widest = self.findings.iter().map(|finding| finding.check.len());
        let widest = widest.max().unwrap_or_default();
        let mut lines = Vec::new();
        let mut subject = "";
        for finding in &self.findings {
            if finding.subject != subject {
                subject = &finding.subject;
                let bold = Style::new().effects(Effects::BOLD);
                lines.push(paint(&printable(subject), bold, style));
            }
            let word = format!("{:<8}", finding.health.word());
            let word = paint(&word, finding.health.style(), style);
            let (check, detail) = (printable(&finding.check), printable(&finding.detail));
            let line = format!("  {word} {check:<widest$}  {detail}");
            lines.push(line.trim_end().to_owned());
            let hint = finding.hint.as_deref().map(printable);
            lines.extend(hint.map(|hint| format!("  {:8} {:widest$}  hint: {hint}", "", "")));
        }
        format!("{}\n{}\n", block(lines), self.sum())
    }

    /// Counts what is to be looked at.
    fn sum(&self) -> String {
        let count = |health| {
            let findings = self.findings.iter();
            findings.filter(|finding| finding.health == health).count()
        };
        match (count(Health::Failed), count(Health::Warning)) {
            (0, 0) => "all is well".to_owned(),
            (0, warnings) => format!("usable, with {}", plural(warnings, "warning")),
            (failed, 0) => format!("{} failed", plural(failed, "check")),
            (failed, warnings) => format!(
                "{} failed, and {}",
                plural(failed, "check"),
                plural(warnings, "warning")
            ),
        }
    }

    /// Returns the document for programs; `code` is the exit code.
    #[must_use]
    pub fn document(&self, code: u8) -> Value {
        let finding = |finding: &Finding| {
            json!({
                "subject": finding.subject,
                "check": finding.check,
                "state": finding.health.word(),
                "detail": finding.detail,
                "hint": finding.hint,
            })
        };
        json!({
            "version": VERSION,
            "code": code,
            "checks": self.findings.iter().map(finding).collect::<Vec<_>>(),
        })
    }
}

/// Counts in words.
fn plural(count: usize, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::PLAIN;

    fn finding(subject: &str, check: &str, health: Health, hint: Option<&str>) -> Finding {
        Finding {
            subject: subject.to_owned(),
            check: check.to_owned(),
            health,
            detail: "a detail\u{1b}[2J".to_owned(),
            hint: hint.map(str::to_owned),
        }
    }

    #[test]
    fn each_check_is_a_line_below_its_subject_and_its_hint_follows() {
        let diagnosis = Diagnosis {
            findings: vec![
                finding("configuration", "file", Health::Ok, None),
                finding("prod", "DNS", Health::Ok, None),
                finding("prod", "clock", Health::Warning, Some("set the clocks")),
                finding("prod", "HTTP", Health::Failed, Some("ask for access")),
                finding("prod", "query", Health::Skipped, None),
            ],
        };
        insta::assert_snapshot!(diagnosis.text(PLAIN), @r"
        configuration
          ok       file   a detail\u{1b}[2J
        prod
          ok       DNS    a detail\u{1b}[2J
          warning  clock  a detail\u{1b}[2J
                          hint: set the clocks
          failed   HTTP   a detail\u{1b}[2J
                          hint: ask for access
          skipped  query  a detail\u{1b}[2J

        1 check failed, and 1 warning
        ");
        assert_eq!(diagnosis.document(77)["checks"][3]["state"], "failed");
        let well = Diagnosis::default().text(PLAIN);
        assert!(well.ends_with("all is well\n"));
        let coloured = TextStyle {
            colour: crate::report::Colour::On,
            ..PLAIN
        };
        assert!(!diagnosis.text(coloured).contains("\u{1b}[2J"));
    }
}
