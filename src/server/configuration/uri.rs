//! The path of a resource below its scope. It comes from anybody, and names a place on the disk and in a repository, so
//! it is read strictly: nothing in it climbs, is hidden from a reader, or means something to git.

use std::fmt;

/// The most bytes of a path.
const MOST_BYTES: usize = 1024;
/// The most bytes of one part of it, as file systems have it.
const MOST_PART: usize = 255;
/// The most folders one in the other.
const DEEPEST: usize = 32;
/// Where the layout with folders has its stages.
pub const STAGES_FOLDER: &str = ".keptn-stages";

/// A path with `/` between its parts, such as `dynatrace/sli.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceUri(String);

/// A path of a resource that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// It has no characters.
    #[error("it is empty")]
    Empty,
    /// It has too many.
    #[error("it has more than {MOST_BYTES} bytes, {MOST_PART} bytes in a part, or {DEEPEST} parts")]
    Long,
    /// It begins at the root, or has two slashes in a row, or ends with one.
    #[error("a part of it is empty: it has to be like `dynatrace/sli.yaml`")]
    EmptyPart,
    /// It climbs.
    #[error("it must not contain `..`, `~`, or a part `.`")]
    Climbs,
    /// It has characters that nobody sees, or that divide folders on some systems.
    #[error("it must not contain a backslash, a control character, or an invisible one")]
    Character,
    /// It means something to git, or to the layout.
    #[error("`.git` and `{STAGES_FOLDER}` are not for resources")]
    Reserved,
}

impl ResourceUri {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        if text.is_empty() {
            return Err(UriError::Empty);
        }
        if text.len() > MOST_BYTES || text.split('/').count() > DEEPEST {
            return Err(UriError::Long);
        }
        for part in text.split('/') {
            check_part(part)?;
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks one part of a path: the name of a file or a folder.
pub fn check_part(part: &str) -> Result<(), UriError> {
    if part.is_empty() {
        return Err(UriError::EmptyPart);
    }
    if part.len() > MOST_PART {
        return Err(UriError::Long);
    }
    if part == "." || part.contains("..") || part.contains('~') {
        return Err(UriError::Climbs);
    }
    if part.chars().any(is_hidden) {
        return Err(UriError::Character);
    }
    // Windows drops what stands at the end.
    let plain = part.trim_end_matches(['.', ' ']);
    if plain.eq_ignore_ascii_case(".git") || plain.eq_ignore_ascii_case(STAGES_FOLDER) {
        return Err(UriError::Reserved);
    }
    Ok(())
}

/// Tells whether a character can't be seen, turns the direction of writing, or divides folders.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\\' | '/' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_paths_are_taken_as_they_are() {
        for text in [
            "slo.yaml",
            "dynatrace/sli.yaml",
            "a b/ü.txt",
            ".gitignore",
            "x/.hidden",
            "a:b",
            "\"quoted\"",
        ] {
            assert_eq!(ResourceUri::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_climbs_hides_or_means_something_to_git_is_refused() {
        for (text, error) in [
            ("", UriError::Empty),
            ("/etc/passwd", UriError::EmptyPart),
            ("a//b", UriError::EmptyPart),
            ("a/", UriError::EmptyPart),
            ("..", UriError::Climbs),
            ("a/../../b", UriError::Climbs),
            ("a/..b", UriError::Climbs),
            ("./a", UriError::Climbs),
            ("~/a", UriError::Climbs),
            ("git~1/hooks", UriError::Climbs),
            ("a\\..b", UriError::Climbs),
            ("a\\b", UriError::Character),
            ("a\0b", UriError::Character),
            ("a\nb", UriError::Character),
            (".g\u{200c}it/config", UriError::Character),
            ("\u{202e}lmay.ols", UriError::Character),
            (".git/config", UriError::Reserved),
            ("a/.GIT/hooks/x", UriError::Reserved),
            (".git /config", UriError::Reserved),
            (".git./config", UriError::Reserved),
            (".keptn-stages/prod/slo.yaml", UriError::Reserved),
        ] {
            let refused = ResourceUri::parse(text);

            assert_eq!(refused, Err(error), "{text:?}");
        }
        assert_eq!(ResourceUri::parse(&"a".repeat(256)), Err(UriError::Long));
        assert_eq!(ResourceUri::parse(&"a/".repeat(600)), Err(UriError::Long));
    }

    proptest! {
        #[test]
        fn whatever_is_taken_stays_below_its_folder(text in "[a./~\\\\ g-i\u{0}-\u{20}]{0,24}|\\PC{0,40}|(\\.{1,2}|/|a|\\.git){1,8}") {
            if let Ok(uri) = ResourceUri::parse(&text) {
                prop_assert_eq!(uri.as_str(), &text);
                for component in Path::new(&text).components() {
                    prop_assert!(matches!(component, Component::Normal(_)));
                }
                prop_assert!(!text.contains('\0'));
                prop_assert_eq!(Path::new(&text).components().count(), text.split('/').count());
            }
        }
    }
}
