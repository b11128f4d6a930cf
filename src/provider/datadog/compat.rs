//! The placeholders of Keptn's Datadog service that are only known here: `$DURATION`, which counts
//! seconds without an `s`, and `$project`, `$stage`, `$service` in lower case.

use std::borrow::Cow;

/// The placeholders, and what they mean.
const NAMES: [(&str, &str); 4] = [
    ("DURATION", "${DURATION_S}"),
    ("project", "${PROJECT}"),
    ("stage", "${STAGE}"),
    ("service", "${SERVICE}"),
];

/// Returns a text with these placeholders written as ours. A name ends where a word does; `$$` stays a literal `$`.
pub(super) fn native(text: &str) -> Cow<'_, str> {
    if !NAMES.iter().any(|(name, _)| text.contains(*name)) {
        return Cow::Borrowed(text);
    }
    let mut native = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        native.push_str(rest.get(..dollar).unwrap_or_default());
        let after = rest.get(dollar + 1..).unwrap_or_default();
        if let Some(behind) = after.strip_prefix('$') {
            native.push_str("$$");
            rest = behind;
        } else if let Some((ours, behind)) = NAMES.iter().find_map(|name| replaced(after, *name)) {
            native.push_str(ours);
            rest = behind;
        } else {
            native.push('$');
            rest = after;
        }
    }
    native.push_str(rest);
    Cow::Owned(native)
}

/// Returns what stands for the name at the start of a text, and what follows it.
fn replaced<'t>(
    text: &'t str,
    (name, ours): (&str, &'static str),
) -> Option<(&'static str, &'t str)> {
    let (behind, braced) = match text.strip_prefix('{') {
        Some(inner) => (inner.strip_prefix(name)?.strip_prefix('}')?, true),
        None => (text.strip_prefix(name)?, false),
    };
    let runs_on = behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    (braced || !runs_on).then_some((ours, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_keptn_become_ours() {
        for (text, expected) in [
            (
                "avg:x{$service}.rollup(avg, $DURATION)",
                "avg:x{${SERVICE}}.rollup(avg, ${DURATION_S})",
            ),
            (
                "$project-$stage.${service}",
                "${PROJECT}-${STAGE}.${SERVICE}",
            ),
            (
                "$DURATION_SECONDS $DURATION_S $services $$service",
                "$DURATION_SECONDS $DURATION_S $services $$service",
            ),
            ("$SERVICE costs 5$", "$SERVICE costs 5$"),
            ("service", "service"),
            ("$", "$"),
        ] {
            assert_eq!(native(text), expected, "{text}");
        }
    }
}
