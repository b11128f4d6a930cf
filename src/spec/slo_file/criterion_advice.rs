//! What to say of a text that is not a criterion: what is wrong with it, and how it was probably meant.

use crate::gate::{Criterion, CriterionError};
use crate::spec::problem::quoted;

/// What is said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Advice {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Says what is wrong with a text; `block` is its source where it was written as a block (`>` or `|`).
pub(super) fn advise(text: &str, error: CriterionError, block: Option<&str>) -> Advice {
    if let Some(raw) = block {
        return advise_block(text, raw);
    }
    let message = match error {
        CriterionError::NotFinite => format!("{} has no finite target", quoted(text)),
        CriterionError::Operator | CriterionError::Value => {
            format!("{} is not a criterion", quoted(text))
        }
    };
    let hint = hint(text, error);
    Advice { message, hint }
}

/// Says that a criterion was written as a block of text, mostly by accident.
fn advise_block(text: &str, raw: &str) -> Advice {
    let header = raw.lines().next().unwrap_or_default();
    let header = header.split(" #").next().unwrap_or_default().trim_end();
    if text.trim().is_empty() && header.starts_with('>') {
        return Advice {
            message: format!(
                "{} without quotes begins a block of text, which is empty here",
                quoted(header)
            ),
            hint: format!("quote criteria that start with `>`: `\"{header}\"`"),
        };
    }
    Advice {
        message: format!(
            "{} is not a criterion: a block of text ends in a line break",
            quoted(text)
        ),
        hint: format!("write it in quotes on one line: `\"{}\"`", text.trim()),
    }
}

/// Returns how a text was probably meant.
fn hint(text: &str, error: CriterionError) -> String {
    const EXAMPLES: &str = "`<600`, `>=99.5`, or `<=+10%` for 10 % above the earlier results";
    if error == CriterionError::NotFinite {
        return "a criterion that any number meets can be left out".to_owned();
    }
    if text.trim().is_empty() {
        return format!("write an operator and a number, such as {EXAMPLES}");
    }
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if compact.starts_with("!=") || compact.starts_with("<>") || compact.starts_with('≠') {
        return "there is no \"not equal\"; write limits, such as `<0` and `>0` in two criteria sets".to_owned();
    }
    if has_second_criterion(&compact) {
        return "write one criterion an element: all of one `criteria` list must hold".to_owned();
    }
    if let Some(fixed) = corrected(&compact) {
        return fixed;
    }
    if compact.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return format!("start with an operator (`<`, `<=`, `=`, `>=`, `>`): {EXAMPLES}");
    }
    format!("write an operator (`<`, `<=`, `=`, `>=`, `>`) and a number: {EXAMPLES}")
}

/// Tells whether a text holds two criteria, such as `>5 and <10`.
fn has_second_criterion(compact: &str) -> bool {
    let behind_operator = compact.trim_start_matches(['<', '=', '>', '≤', '≥', '!', '"', '\'']);
    behind_operator.contains(['<', '>', '=', '≤', '≥'])
}

/// Returns a hint with a correction that can be read, where a common slip explains the text.
fn corrected(compact: &str) -> Option<String> {
    let plain = operators_corrected(&ascii(compact));
    if is_criterion(&plain) {
        return Some(format!("write `{plain}`"));
    }
    let (number, unit) = split_unit(&plain);
    if !unit.is_empty() && is_criterion(&number) {
        return Some(format!(
            "numbers carry no unit: write `{number}`, in the unit in which the SLI is measured"
        ));
    }
    let joined = number.replace(',', "");
    if number.contains(',') && is_criterion(&joined) {
        let pointed = number.replacen(',', ".", 1);
        let is_grouped = number
            .rsplit(',')
            .next()
            .is_some_and(|group| group.len() == 3);
        return Some(if is_grouped || !is_criterion(&pointed) {
            format!("numbers have no thousands separators: write `{joined}`")
        } else {
            format!("the decimal sign is a point: write `{pointed}`")
        });
    }
    let bare = plain.trim_matches(['"', '\'']);
    is_criterion(bare).then(|| format!("one pair of quotes is enough: write `\"{bare}\"`"))
}

/// Replaces the signs of typographers by those of programmers.
fn ascii(text: &str) -> String {
    let text = text.replace('≤', "<=").replace('≥', ">=");
    text.replace(['−', '–', '—'], "-")
        .replace('％', "%")
        .replace("percent", "%")
}

/// Replaces operators that other languages have.
fn operators_corrected(text: &str) -> String {
    for (wrong, right) in [
        ("=<", "<="),
        ("=>", ">="),
        ("==", "="),
        ("<==", "<="),
        (">==", ">="),
        ("<<", "<"),
        (">>", ">"),
    ] {
        if let Some(rest) = text.strip_prefix(wrong) {
            return format!("{right}{rest}");
        }
    }
    text.to_owned()
}

/// Splits a unit from the end of a text; a percent sign is none.
fn split_unit(text: &str) -> (String, String) {
    let number = text
        .trim_end_matches(|c: char| c.is_alphabetic() || matches!(c, '/' | '°' | '²' | '€' | '$'));
    let unit = text.strip_prefix(number).unwrap_or_default();
    (number.to_owned(), unit.to_owned())
}

/// Tells whether a text is a criterion.
fn is_criterion(text: &str) -> bool {
    text.parse::<Criterion>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the hint for a text.
    fn hint_for(text: &str) -> String {
        let error = text.parse::<Criterion>().unwrap_err();
        advise(text, error, None).hint
    }

    #[test]
    fn the_hint_names_what_was_meant() {
        for (text, part) in [
            ("=<600", "write `<=600`"),
            ("=>5", "write `>=5`"),
            ("==5", "write `=5`"),
            ("≤ 600", "write `<=600`"),
            ("<600ms", "no unit: write `<600`"),
            ("<= 1.5 s", "no unit: write `<=1.5`"),
            ("<1,000", "thousands separators: write `<1000`"),
            ("<0,5", "decimal sign is a point: write `<0.5`"),
            ("<5%%", "write an operator"),
            ("600", "start with an operator"),
            ("+10%", "start with an operator"),
            ("!=5", "no \"not equal\""),
            (">5 AND <10", "one criterion an element"),
            ("<5<6", "one criterion an element"),
            ("<\u{a0}5", "write `<5`"),
            ("", "such as `<600`"),
            ("fast", "write an operator"),
            ("<NaN", "left out"),
            ("<−5", "write `<-5`"),
            ("'<5'", "one pair of quotes"),
        ] {
            assert!(hint_for(text).contains(part), "{text}: {}", hint_for(text));
        }
    }
}
