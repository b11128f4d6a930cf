//! `tokens`: who may do what.

use std::collections::BTreeSet;

use super::block::texts;
use crate::config::reader::Reader;
use crate::server::{Scope, TokenDigest, TokenSettings};
use crate::spec::reading::{Fields, Span, hint};

/// The keys of an entry.
pub(super) const KEYS: [&str; 6] = [
    "name",
    "token",
    "token_file",
    "token_sha256",
    "scopes",
    "projects",
];
/// The fewest characters of a token: shorter ones are guessed.
const SHORTEST: usize = 16;

/// Reads the list.
pub(super) fn read(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<TokenSettings> {
    let Some(field) = fields.take_set("tokens") else {
        return Vec::new();
    };
    let elements = reader.findings.elements(field.value, "tokens");
    let mut tokens: Vec<TokenSettings> = Vec::new();
    for element in elements.unwrap_or_default() {
        let Some(mut inner) = Fields::open(reader.findings, element, "an entry of `tokens`") else {
            continue;
        };
        if let Some(token) = entry(reader, &mut inner, element.span) {
            refuse_twice(reader, &tokens, &token, element.span);
            tokens.push(token);
        }
        reader.refuse_rest(inner, "`tokens`", &KEYS);
    }
    tokens
}

/// Reads one entry.
fn entry(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    span: Span,
) -> Option<TokenSettings> {
    let name = reader.text(fields, "name").unwrap_or_default();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let is_named = (1..=64).contains(&name.len()) && name.chars().all(is_plain);
    if !is_named {
        let message = "an entry of `tokens` needs a `name` of letters, digits, `-`, `_` and `.`";
        let hint = "it stands in logs in the place of the token: `name: ci`";
        reader.findings.error(span, message, hint);
    }
    let digest = digest(reader, fields, span);
    let scopes = scopes(reader, fields, span);
    let projects = fields.has("projects");
    let listed: BTreeSet<String> = texts(reader, fields, "projects").into_iter().collect();
    if projects && listed.is_empty() {
        let hint = "name some, or leave `projects` out for all of them";
        reader
            .findings
            .error(span, "a token with no `projects` is good for nothing", hint);
    }
    let token = TokenSettings {
        name,
        digest: digest?,
        scopes,
        projects: projects.then_some(listed),
    };
    is_named.then_some(token)
}

/// Reads the token itself, from one of three places.
fn digest(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>, span: Span) -> Option<TokenDigest> {
    let places = ["token", "token_file", "token_sha256"];
    if places.iter().filter(|place| fields.has(place)).count() != 1 {
        let message = "an entry of `tokens` needs one of `token`, `token_file` and `token_sha256`";
        reader
            .findings
            .error(span, message, "such as `token: ${CI_TOKEN}`");
        for place in places {
            drop(fields.take_set(place));
        }
        return None;
    }
    if fields.has("token_sha256") {
        let text = reader.text(fields, "token_sha256")?;
        let digest = TokenDigest::parse(text.trim());
        if digest.is_none() {
            let message = "`token_sha256` must be 64 hexadecimal digits";
            let hint = "printf %s \"$TOKEN\" | sha256sum";
            reader.findings.error(span, message, hint);
        }
        return digest;
    }
    let text = reader
        .text(fields, "token")
        .or_else(|| reader.file_text(fields, "token_file"))?;
    if text.len() < SHORTEST {
        let message = format!("a token is shorter than {SHORTEST} characters");
        let hint = "it would be guessed; make one: openssl rand -hex 24";
        reader.findings.error(span, message, hint);
        return None;
    }
    Some(TokenDigest::of(&text))
}

/// Reads what the token is good for.
fn scopes(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>, span: Span) -> BTreeSet<Scope> {
    let words = texts(reader, fields, "scopes");
    let mut scopes = BTreeSet::new();
    for word in &words {
        if let Ok(scope) = word.parse::<Scope>() {
            scopes.insert(scope);
            continue;
        }
        let message = format!("`scopes` can't have `{word}`");
        reader
            .findings
            .error(span, message, hint(word, &Scope::NAMES));
    }
    if words.is_empty() {
        let message = "an entry of `tokens` needs `scopes`";
        let hint = format!("some of {}", Scope::NAMES.join(", "));
        reader.findings.error(span, message, hint);
    }
    scopes
}

/// Refuses a name or a token that an earlier entry has.
fn refuse_twice(
    reader: &mut Reader<'_, '_>,
    earlier: &[TokenSettings],
    token: &TokenSettings,
    span: Span,
) {
    if earlier.iter().any(|one| one.name == token.name) {
        let message = format!("two tokens are called `{}`", token.name);
        reader
            .findings
            .error(span, message, "give each a name of its own");
    }
    if earlier.iter().any(|one| one.digest == token.digest) {
        let message = format!("the token `{}` is the same as an earlier one", token.name);
        reader
            .findings
            .error(span, message, "make a token for each: openssl rand -hex 24");
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Reality, ServeBlock, Surroundings, parse_serve};
    use crate::spec::{Parsed, Source};

    fn parsed(text: &str) -> Parsed<ServeBlock> {
        let lookup = |name: &str| (name == "CI").then(|| "0123456789abcdef-ci".to_owned());
        let surroundings = Surroundings {
            lookup: &lookup,
            folder: Path::new("/shop"),
            reality: Reality::Real,
        };
        parse_serve(&Source::new("tidegate.yaml", text), &surroundings)
    }

    fn problems(text: &str) -> String {
        let problems = parsed(text).problems;
        let lines = problems.iter().map(|problem| {
            format!(
                "{}: {}",
                problem
                    .place
                    .as_ref()
                    .map_or(0, |place| place.position.line),
                problem.message
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn tokens_are_read_and_never_shown() {
        let text = "project: shop\nserve:\n  listen: 0.0.0.0:8080\n  tokens:\n    - {name: ci, token: \"${CI}\", scopes: [read, trigger], projects: [shop]}\n    - name: boss\n      token_sha256: f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7\n      scopes: admin\n";
        let Parsed { value, problems } = parsed(text);
        assert_eq!(problems.len(), 0, "{problems:?}");
        let block = value.unwrap();
        let names: Vec<&str> = block
            .tokens
            .iter()
            .map(|token| token.name.as_str())
            .collect();
        assert_eq!(names, ["ci", "boss"]);
        assert!(!format!("{block:?}").contains("0123456789"));
        assert_eq!(block.listen.as_deref(), Some("0.0.0.0:8080"));
    }

    #[test]
    fn every_problem_is_told_at_once_and_none_shows_a_token() {
        let text = "serve:\n  tokens:\n    - {name: a, token: short-s3cret, scopes: [read]}\n    - {name: 'b c', token: \"${CI}\", scopes: [root]}\n    - {name: c, token: \"${UNSET}\", scopes: [read]}\n    - {name: d, token_sha256: abc, scopes: []}\n    - {name: e, scopes: [read], projects: []}\n  engine: {merging: old, slots: 0, settle: soon}\n  limits: {body_bytes: 0, bodies: 1}\n  tls: {cert_file: x}\n  pun: 1\n";
        let told = problems(text);
        assert!(!told.contains("s3cret"), "{told}");
        insta::assert_snapshot!(told, @"
        3: a token is shorter than 16 characters
        4: an entry of `tokens` needs a `name` of letters, digits, `-`, `_` and `.`
        4: `scopes` can't have `root`
        5: the environment variable `UNSET` is not set
        6: `token_sha256` must be 64 hexadecimal digits
        6: an entry of `tokens` needs `scopes`
        7: an entry of `tokens` needs one of `token`, `token_file` and `token_sha256`
        7: a token with no `projects` is good for nothing
        8: `merging` can't be `old`
        8: `slots` can't be `0`
        8: `settle` must be a duration above 0, not `soon`
        9: `body_bytes` must be a whole number from 1 on, not 0
        9: unknown key `bodies` in `limits`
        10: `tls` needs `cert_file` and `key_file`
        11: unknown key `pun` in `serve`
        ");
    }

    #[test]
    fn a_name_or_a_token_that_is_there_twice_is_refused() {
        let text = "serve:\n  tokens:\n    - {name: a, token: \"${CI}\", scopes: [read]}\n    - {name: a, token: \"${CI}\", scopes: [read]}\n";
        insta::assert_snapshot!(problems(text), @"
        4: two tokens are called `a`
        4: the token `a` is the same as an earlier one
        ");
    }
}
