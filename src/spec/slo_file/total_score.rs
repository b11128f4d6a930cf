//! `total_score` (lighthouse.md 5.2).

use crate::gate::TotalScore;
use crate::spec::fields::{Field, Fields};
use crate::spec::findings::Findings;
use crate::spec::problem::quoted;
use crate::spec::source::Span;

/// The keys of the block.
const KEYS: [&str; 2] = ["pass", "warning"];

/// How the block looks.
const EXAMPLE: &str = "add `total_score: {pass: \"90%\", warning: \"75%\"}`";

/// Reads the block; `None` where it is missing or has an error.
pub(super) fn read(
    findings: &mut Findings<'_>,
    slo: &mut Fields<'_>,
    root: Span,
) -> Option<TotalScore> {
    let Some(block) = slo.take("total_score") else {
        let at = Span::new(root.start, root.start);
        findings.error(
            at,
            "`total_score` is missing: nothing says how many points are enough",
            EXAMPLE,
        );
        return None;
    };
    if findings.is_null(block.value) {
        findings.error(block.key, "`total_score` is empty", EXAMPLE);
        return None;
    }
    let mut fields = Fields::open(findings, block.value, "total_score")?;
    let pass = read_text(findings, fields.take("pass"));
    let warning = read_text(findings, fields.take("warning"));
    fields.warn_unknown(findings, "`total_score`", &KEYS);
    if pass.is_none() {
        findings.error(
            block.key,
            "`total_score` has no `pass`",
            "add `pass: \"90%\"`",
        );
    }
    let texts = [pass, warning];
    for text in texts.iter().flatten() {
        check(findings, text);
    }
    let [pass, warning] = texts;
    TotalScore::parse(&pass?.text, warning.as_ref().map(|w| w.text.as_str())).ok()
}

/// One percentage as it is written.
struct Written<'n> {
    /// The field.
    field: Field<'n>,
    /// Its text.
    text: String,
}

/// Reads the text of a field; `None` where it is empty.
fn read_text<'n>(findings: &mut Findings<'_>, field: Option<Field<'n>>) -> Option<Written<'n>> {
    let field = field?;
    let text = findings.text(field.value, &format!("total_score.{}", field.name))?;
    (!text.is_empty()).then_some(Written { field, text })
}

/// Says what keeps a text from being a percentage.
fn check(findings: &mut Findings<'_>, written: &Written<'_>) {
    let Written { field, text } = written;
    if TotalScore::percentage(text).is_some() {
        return;
    }
    let message = format!(
        "`total_score.{}`: {} is not a percentage",
        field.name,
        quoted(text)
    );
    findings.error(field.span(), message, hint(&field.name, text));
}

/// Returns how the percentage was probably meant.
fn hint(name: &str, text: &str) -> String {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let fixed = compact.replace(',', ".");
    let is_finite = TotalScore::percentage(&fixed).is_some();
    if is_finite && text.trim_end() == compact {
        return format!(
            "write it on one line, without a line break at its end: `{name}: \"{fixed}\"`"
        );
    }
    if is_finite {
        return format!("write `{name}: \"{fixed}\"`");
    }
    format!("write a number with or without `%`: `{name}: \"90%\"`")
}
