//! Which keys a JSON document has, as far as it is there: it may be cut off, or be the first of many.

use std::collections::BTreeSet;

/// How many levels are looked at.
const DEEPEST: usize = 5;
/// How many keys are kept.
const MOST: usize = 20_000;
/// How long a key or a text is kept.
const LONGEST: usize = 200;

/// The keys of a document, each with those above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// Paths such as `metrics/http_reqs/values`; an element of a list is `[]`.
    paths: BTreeSet<String>,
    /// The texts at the top: `type` is `Point`.
    texts: Vec<(String, String)>,
    /// How many documents there are, as far as it is there; only the first is looked at.
    pub(super) documents: usize,
    /// It is not JSON.
    pub(super) is_broken: bool,
}

/// A level that is open.
struct Level {
    /// It is an object.
    is_object: bool,
    /// The key that is read, or was read last.
    key: String,
    /// A key comes next, not a value.
    awaits_key: bool,
}

impl Outline {
    /// Looks at a text that starts with a document.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut outline = Self::default();
        let mut levels: Vec<Level> = Vec::new();
        let mut depth = 0_usize;
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            at += 1;
            match byte {
                b'{' | b'[' => {
                    if depth == 0 && outline.documents > 0 {
                        outline.documents += 1;
                        return outline;
                    }
                    outline.note(&levels, depth);
                    depth += 1;
                    if depth <= DEEPEST {
                        levels.push(Level {
                            is_object: *byte == b'{',
                            key: String::new(),
                            awaits_key: *byte == b'{',
                        });
                    }
                }
                b'}' | b']' => {
                    let Some(less) = depth.checked_sub(1) else {
                        outline.is_broken = true;
                        return outline;
                    };
                    if depth <= DEEPEST {
                        levels.pop();
                    }
                    depth = less;
                    outline.documents += usize::from(depth == 0);
                }
                b'"' => {
                    let (string, end) = string(text, at);
                    at = end;
                    if depth <= DEEPEST {
                        outline.take_string(&mut levels, depth, string);
                    }
                }
                b',' => {
                    if let Some(level) = levels.last_mut().filter(|_| depth <= DEEPEST) {
                        level.awaits_key = level.is_object;
                    }
                }
                b':' => {
                    if let Some(level) = levels.last_mut().filter(|_| depth <= DEEPEST) {
                        level.awaits_key = false;
                        outline.note(&levels, depth);
                    }
                }
                _ if depth == 0 && !byte.is_ascii_whitespace() => {
                    outline.is_broken = true;
                    return outline;
                }
                _ => {}
            }
        }
        outline
    }

    /// Takes a string: a key, or a value.
    fn take_string(&mut self, levels: &mut [Level], depth: usize, string: &[u8]) {
        let string = string.get(..string.len().min(LONGEST)).unwrap_or_default();
        let string = String::from_utf8_lossy(string).replace('/', "_");
        let Some(level) = levels.last_mut() else {
            return;
        };
        if level.awaits_key {
            level.key = string;
        } else if depth == 1 && self.documents == 0 && self.texts.len() < 100 {
            self.texts.push((level.key.clone(), string));
        }
    }

    /// Notes the path to what begins here.
    fn note(&mut self, levels: &[Level], depth: usize) {
        if self.documents > 0 || depth > DEEPEST || self.paths.len() >= MOST {
            return;
        }
        let name = |level: &Level| {
            if level.is_object {
                level.key.clone()
            } else {
                "[]".to_owned()
            }
        };
        let names = levels.iter().map(name);
        let path = names.collect::<Vec<_>>().join("/");
        if !path.is_empty() {
            self.paths.insert(path);
        }
    }

    /// Returns whether a path is there; `*` stands for any key.
    pub(super) fn has(&self, path: &str) -> bool {
        if !path.contains('*') {
            return self.paths.contains(path);
        }
        let wanted: Vec<&str> = path.split('/').collect();
        self.paths.iter().any(|path| {
            let found: Vec<&str> = path.split('/').collect();
            let mut pairs = wanted.iter().zip(&found);
            found.len() == wanted.len() && pairs.all(|(want, have)| *want == "*" || want == have)
        })
    }

    /// Returns a text at the top.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(name, _)| name == key)?;
        Some(&found.1)
    }

    /// Returns the keys at the top.
    pub(super) fn top(&self) -> impl Iterator<Item = &str> {
        let paths = self.paths.iter().map(String::as_str);
        paths.filter(|path| !path.contains('/'))
    }
}

/// Returns what a string holds, and where it is over; it starts behind its quote.
fn string(text: &[u8], start: usize) -> (&[u8], usize) {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return (text.get(start..at).unwrap_or_default(), at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    (text.get(start..).unwrap_or_default(), text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_with_those_above_them() {
        let text = br#"{"type": "Point", "a": {"b": [1, {"c": {"d": null}}], "x/y": "z"}, "e": "{\"f\": 1}"}"#;
        let outline = Outline::of(text);
        for path in [
            "a",
            "a/b",
            "a/b/[]/c",
            "a/b/[]/c/d",
            "a/x_y",
            "e",
            "*/b/[]/c",
        ] {
            assert!(outline.has(path), "{path} {outline:?}");
        }
        for path in ["b", "f", "*/*/*/*/*/*", "a/*/q"] {
            assert!(!outline.has(path), "{path}");
        }
        assert_eq!(outline.text("type"), Some("Point"));
        assert_eq!(outline.documents, 1);
        assert_eq!(outline.top().collect::<Vec<_>>(), ["a", "e", "type"]);
    }

    #[test]
    fn a_document_that_is_cut_off_shows_what_is_there() {
        let text = br#"{"a": {"b": 1, "c": "x"#;
        for end in 0..text.len() {
            let outline = Outline::of(&text[..end]);
            assert_eq!(outline.documents, 0);
            assert_eq!(outline.has("a/b"), end >= 11, "{end}");
        }
    }

    #[test]
    fn only_the_first_of_many_documents_is_looked_at() {
        let outline = Outline::of(b"{\"a\": 1}\n{\"b\": 1}\n{\"c\": 1}");
        assert_eq!(outline.documents, 2);
        assert!(outline.has("a") && !outline.has("b"));
    }

    #[test]
    fn bombs_cost_nothing_and_other_text_is_told() {
        let outline = Outline::of("[".repeat(1_000_000).as_bytes());
        assert_eq!(outline.documents, 0);
        assert!(Outline::of(b"]").is_broken);
        assert!(Outline::of(b"[1] x").is_broken);
    }
}
