//! Hides credentials in the lines that problems of `tidegate.yaml` show. Works on the text, because what is broken has
//! no tree: a line is hidden where it, or a line that it stands under, speaks of credentials.

use crate::spec::{Problem, Source};

/// What lines with credentials speak of; `@` stands in a URL behind user and password.
const SPEAKING: [&str; 15] = [
    "auth",
    "bearer",
    "basic",
    "password",
    "passwd",
    "token",
    "secret",
    "key",
    "cookie",
    "credential",
    "header",
    "query_params",
    "notifications",
    "config:",
    "env:",
];

/// Hides the values in the lines that may hold credentials.
pub(super) fn conceal(source: &Source, mut problems: Vec<Problem>, keys: &[&str]) -> Vec<Problem> {
    let lines: Vec<&str> = source.text().lines().collect();
    for problem in &mut problems {
        if let Some(place) = &mut problem.place
            && may_hold_credentials(&lines, place.position.line)
        {
            place.source_line = masked(&place.source_line, keys);
            if let Some((kept, _value)) = problem.message.split_once(", not ") {
                problem.message = kept.to_owned();
            }
        }
    }
    problems
}

/// Tells whether a line (counted from 1) or one that it stands under speaks of credentials.
fn may_hold_credentials(lines: &[&str], number: usize) -> bool {
    let mut deepest = usize::MAX;
    for line in lines.iter().take(number).rev() {
        let indent = line.len() - line.trim_start().len();
        if line.trim().is_empty() || indent >= deepest {
            continue;
        }
        deepest = indent;
        let line = line.to_ascii_lowercase();
        if line.contains('@') || SPEAKING.iter().any(|word| line.contains(word)) {
            return true;
        }
    }
    false
}

/// Returns the `${NAME}` that a text begins with: where a credential comes from may be shown.
fn variable_at(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("${")?.split_once('}')?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    text.get(..name.len() + 3).filter(|_| is_name)
}

/// Replaces everything but known keys, variables, brackets and blanks by stars, each character by one, so that marks below fit.
fn masked(line: &str, keys: &[&str]) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if let Some(variable) = variable_at(rest) {
            shown.push_str(variable);
            rest = rest.get(variable.len()..).unwrap_or_default();
            continue;
        }
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if keys.contains(&word) && after.starts_with(':') {
            shown.push_str(word);
            shown.push(':');
            rest = after.get(1..).unwrap_or_default();
        } else if word.is_empty() {
            let is_frame = first.is_whitespace() || matches!(first, '{' | '}' | '[' | ']');
            shown.push(if is_frame { first } else { '*' });
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            shown.extend(word.chars().map(|_| '*'));
            rest = after;
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_credential_shows_its_keys_only() {
        let keys = ["auth", "bearer"];
        let shown = masked("  auth: { bearer: 's3cret auth', bear: x }", &keys);
        assert_eq!(shown, "  auth: { bearer: ******* ****** ***** * }");
    }

    #[test]
    fn a_variable_is_shown_but_not_its_default() {
        let shown = masked("bearer: \"${TOKEN}x${A:-s3cret}\"", &["bearer"]);
        assert_eq!(shown, "bearer: *${TOKEN}**{*********}*");
    }

    #[test]
    fn a_line_under_one_that_speaks_of_credentials_is_hidden_too() {
        let text = "a: 1\nheaders:\n  X-Tenant: acme\n\n  Y: b\nurl: x\nother: http://me@a";
        let lines: Vec<&str> = text.lines().collect();
        let hidden: Vec<usize> = (1..=7)
            .filter(|line| may_hold_credentials(&lines, *line))
            .collect();
        assert_eq!(hidden, [2, 3, 4, 5, 7]);
    }
}
