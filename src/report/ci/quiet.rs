//! Keeps the runners of CI systems from taking text for a command.
//!
//! They scan what a job prints. GitHub's and Gitea's runner takes `::name` at the start of a line and `##[name` anywhere,
//! Azure's agent `##vso[` anywhere, `TeamCity`'s `##teamcity[` anywhere. None is ever needed in text, so these are broken
//! up always, whatever system this is: a job often runs us in a container that knows nothing of it. Runners compare by
//! the rules of languages in places, for which characters that can't be seen do not count, so they do not count here.

use std::borrow::Cow;

/// What is put in place of the second character of a marker.
#[derive(Clone, Copy, Debug)]
struct Damper {
    /// Of two number signs.
    hash: &'static str,
    /// Of two colons.
    colon: &'static str,
}

/// Puts a space into whatever a runner could take for a command. For text that people read.
#[must_use]
pub fn quiet(text: &str) -> Cow<'_, str> {
    const SPACE: Damper = Damper {
        hash: " #",
        colon: " :",
    };
    dampen(text, SPACE)
}

/// Escapes whatever a runner could take for a command. For JSON, whose value stays the same.
#[must_use]
pub fn quiet_json(text: &str) -> Cow<'_, str> {
    const ESCAPE: Damper = Damper {
        hash: "\\u0023",
        colon: "\\u003a",
    };
    dampen(text, ESCAPE)
}

/// Escapes whatever a runner could take for a command. For XML, whose text stays the same.
#[must_use]
pub fn quiet_xml(text: &str) -> Cow<'_, str> {
    const REFERENCE: Damper = Damper {
        hash: "&#35;",
        colon: "&#58;",
    };
    dampen(text, REFERENCE)
}

/// Tells whether a runner could take a part of a text for a command.
#[must_use]
pub fn stirs(text: &str) -> bool {
    matches!(quiet(text), Cow::Owned(_))
}

/// Where in a line a character stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing but spaces was before it.
    Start,
    /// Nothing but spaces and one colon.
    Colon,
    /// Anything else.
    Within,
}

/// Breaks up every marker.
fn dampen(text: &str, damper: Damper) -> Cow<'_, str> {
    let mut calm = String::new();
    let mut copied = 0;
    let mut previous = '\n';
    let mut place = Place::Start;
    for (at, character) in text.char_indices() {
        if is_invisible(character) {
            continue;
        }
        let end = at + character.len_utf8();
        let rest = text.get(end..).unwrap_or_default();
        let replacement = match (previous, character, place) {
            ('#', '#', _) if opens(rest) => Some(damper.hash),
            (_, ':', Place::Colon) => Some(damper.colon),
            (_, _, _) => None,
        };
        if let Some(replacement) = replacement {
            calm.push_str(text.get(copied..at).unwrap_or_default());
            calm.push_str(replacement);
            copied = end;
        }
        place = match (place, character) {
            (_, '\n' | '\r') => Place::Start,
            (Place::Start, ':') => Place::Colon,
            (Place::Start, space) if space.is_whitespace() => Place::Start,
            (_, _) => Place::Within,
        };
        previous = character;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    calm.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(calm)
}

/// Tells whether what follows two number signs makes a command of them: a word, or none, and a bracket.
fn opens(rest: &str) -> bool {
    rest.chars()
        .filter(|c| !is_invisible(*c))
        .find(|c| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-'))
        == Some('[')
}

/// Tells whether a character can't be seen: comparisons by the rules of languages pass over it.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    ) || (character.is_control() && !character.is_whitespace())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::ci::runners;

    #[test]
    fn markers_are_broken_up_and_nothing_else() {
        assert_eq!(quiet("##vso[task.x]y"), "# #vso[task.x]y");
        assert_eq!(quiet("a ##[error]b"), "a # #[error]b");
        assert_eq!(quiet("###teamcity[x"), "## #teamcity[x");
        assert_eq!(quiet("\t ::error::x"), "\t : :error::x");
        assert_eq!(quiet("a\r::error::x"), "a\r: :error::x");
        assert_eq!(quiet(":\u{200b}:error::x"), ":\u{200b} :error::x");
        for text in [
            "## Heading",
            "a::b",
            "#[derive]",
            "std::fmt",
            "## [link](x)",
            "C##",
            ": ::",
        ] {
            assert_eq!(quiet(text), text);
        }
    }

    #[test]
    fn an_escape_does_not_change_the_value() {
        let text = serde_json::json!({"a": "##vso[x]\n::y", "b##[z]": 1}).to_string();
        let calm = quiet_json(&text);
        assert_ne!(calm, text);
        let values: [serde_json::Value; 2] =
            [&text, &*calm].map(|text| serde_json::from_str(text).unwrap());
        assert_eq!(values[0], values[1]);
        assert!(!stirs(&calm));
    }

    proptest! {
        #[test]
        fn no_runner_finds_a_command_in_calm_text(text in runners::hostile()) {
            for calm in [quiet(&text), quiet_json(&text), quiet_xml(&text)] {
                prop_assert_eq!(runners::commands(&calm), Vec::<String>::new(), "{}", calm);
                prop_assert!(!stirs(&calm), "{}", calm);
            }
        }
    }
}
