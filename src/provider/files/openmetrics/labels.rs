//! The text between braces, `{a="b","c.d"="e"}`, which samples and selectors share; and names.

use std::borrow::Cow;

/// A cursor over text that has not been read yet.
#[derive(Clone, Copy, Debug)]
pub struct Scanner<'a> {
    /// What is left.
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    /// Starts at the beginning of a text.
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Returns what is left.
    pub fn rest(self) -> &'a str {
        self.rest
    }

    /// Skips spaces and tabs.
    pub fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Takes a text if it comes next.
    pub fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes the name of a metric or a label, if one comes next: letters, digits, `_`, and `:`.
    pub fn take_name(&mut self) -> Option<&'a str> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let end = self
            .rest
            .find(|c: char| !is_part(c))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end)?;
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.rest = rest;
        Some(name)
    }

    /// Takes what comes before the next space or tab.
    pub fn take_word(&mut self) -> &'a str {
        let end = self.rest.find([' ', '\t']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    /// Takes a text in the given quotes, if one comes next; an `Err` says that its end is missing.
    pub fn take_quoted(&mut self, quote: char) -> Result<Option<Cow<'a, str>>, String> {
        let Some(inside) = self.rest.strip_prefix(quote) else {
            return Ok(None);
        };
        let mut is_escaped = false;
        for (place, letter) in inside.char_indices() {
            if is_escaped {
                is_escaped = false;
            } else if letter == '\\' {
                is_escaped = true;
            } else if letter == quote {
                let (text, rest) = inside.split_at_checked(place).unwrap_or((inside, ""));
                self.rest = rest.get(quote.len_utf8()..).unwrap_or("");
                return Ok(Some(unescape(text)));
            }
        }
        Err(format!("a text in {quote} has no end"))
    }
}

/// Replaces `\\`, `\"`, `\'`, `\n`, and `\t`; any other backslash stays, as in Prometheus.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some(same @ ('\\' | '"' | '\'')) => plain.push(same),
            Some(other) => {
                plain.push('\\');
                plain.push(other);
            }
            None => plain.push('\\'),
        }
    }
    Cow::Owned(plain)
}
