//! How a value from outside is made harmless where it is filled into a query.

/// The language that a value is filled into; as `${NAME|language}` in a query, or as a provider declares it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// Unknown: a value that could end a string is refused.
    #[default]
    Refuse,
    /// Unknown, and outside of quotes other signs have a meaning as well: all but words are refused.
    Word,
    /// None: the value stands alone, such as a bound parameter.
    Plain,
    /// Nothing may be filled in: values are bound (SQL).
    Forbid,
    /// Inside a quoted string of `PromQL`, `LogQL`, and their like.
    Promql,
    /// A regular expression inside a quoted string of `PromQL`.
    Regex,
    /// Inside a quoted string of JSON, DQL, or Flux.
    Json,
    /// A component of a URL.
    Url,
    /// Inside a quoted string of a Dynatrace selector.
    Dynatrace,
    /// Inside a single-quoted string of `NRQL` and `InfluxQL`.
    Quote,
    /// A term of a Lucene query.
    Lucene,
}

impl Escape {
    /// The names of the filters that a query may ask for.
    pub const NAMES: [&'static str; 7] = [
        "promql",
        "regex",
        "json",
        "url",
        "dynatrace",
        "quote",
        "lucene",
    ];

    /// Returns the language of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "promql" | "logql" => Self::Promql,
            "regex" => Self::Regex,
            "json" | "dql" | "flux" => Self::Json,
            "url" => Self::Url,
            "dynatrace" => Self::Dynatrace,
            "quote" | "nrql" | "influxql" => Self::Quote,
            "lucene" => Self::Lucene,
            _ => return None,
        })
    }

    /// Returns the value as it may stand in the language.
    ///
    /// # Errors
    /// The first character that could end a string, where the language is not known.
    pub fn apply(self, text: &str) -> Result<String, char> {
        match self {
            Self::Plain => Ok(text.to_owned()),
            Self::Refuse | Self::Forbid => match text.chars().find(|c| is_unsafe(*c)) {
                Some(found) => Err(found),
                None => Ok(text.to_owned()),
            },
            Self::Word => match text.chars().find(|c| !is_of_word(*c)) {
                Some(found) => Err(found),
                None => Ok(text.to_owned()),
            },
            Self::Promql => Ok(promql(text)),
            Self::Regex => Ok(promql(&regex(text))),
            Self::Json => Ok(json(text)),
            Self::Url => Ok(percent(text)),
            Self::Dynatrace => Ok(behind(text, '~', "~\"")),
            Self::Quote => Ok(behind(text, '\\', "\\'\"")),
            Self::Lucene => Ok(behind(text, '\\', r#"+-&|!(){}[]^"~*?:\/<>= "#)),
        }
    }
}

/// Tells whether a character could end a string in some language.
fn is_unsafe(character: char) -> bool {
    matches!(character, '"' | '\'' | '`' | '\\') || character.is_control()
}

/// Tells whether a character is a letter, a digit, or one of the signs of names, versions, and addresses.
fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || "-_.:/@+".contains(character)
}

/// Makes a text safe inside a quoted PromQL string.
fn promql(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '"' | '\'' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if c.is_control() => {
                let code = format!("\\u{:04x}", u32::from(c));
                escaped.push_str(&code);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Makes a text match itself in a regular expression.
fn regex(text: &str) -> String {
    behind(text, '\\', r"\.+*?()|[]{}^$")
}

/// Puts a mark before each of some characters; control characters become spaces.
fn behind(text: &str, mark: char, characters: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if characters.contains(character) {
            escaped.push(mark);
        }
        escaped.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    escaped
}

/// Makes a text safe inside a JSON string.
fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

/// Percent-encodes all but letters, digits, and `-._~`.
fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let code = format!("%{byte:02X}");
            encoded.push_str(&code);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_language_makes_quotes_harmless_in_its_own_way() {
        for (name, expected) in [
            ("promql", r#"a\"b\\c\'d"#),
            ("json", r#"a\"b\\c'd"#),
            ("url", "a%22b%5Cc%27d"),
            ("dynatrace", r#"a~"b\c'd"#),
            ("quote", r#"a\"b\\c\'d"#),
        ] {
            let escape = Escape::named(name).unwrap();
            assert_eq!(escape.apply(r#"a"b\c'd"#).unwrap(), expected, "{name}");
        }
        assert_eq!(Escape::Refuse.apply("a\"b"), Err('"'));
        assert_eq!(Escape::Plain.apply("a\"b").unwrap(), "a\"b");
        assert_eq!(Escape::Lucene.apply("a:b OR c").unwrap(), r"a\:b\ OR\ c");
        assert_eq!(Escape::Regex.apply("/a.b").unwrap(), r"/a\\.b");
    }

    #[test]
    fn a_word_has_no_sign_that_separates_or_encloses() {
        let name = "carts-1.2.3_ü/a@b:8080+x";
        assert_eq!(Escape::Word.apply(name).unwrap(), name);
        for sign in "\"'`\\()[]{}<>,;&|=~*?!%$# \n".chars() {
            assert_eq!(Escape::Word.apply(&format!("a{sign}b")), Err(sign));
        }
    }

    #[test]
    fn every_name_that_is_offered_is_a_language() {
        for name in Escape::NAMES {
            assert!(Escape::named(name).is_some(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn an_escaped_value_never_ends_a_double_quoted_string(text in any::<String>()) {
            for escape in [Escape::Promql, Escape::Json, Escape::Quote] {
                let escaped = escape.apply(&text).unwrap();
                let mut backslashes = 0;
                for character in escaped.chars() {
                    prop_assert!(character != '"' || backslashes % 2 == 1, "{escape:?} {escaped}");
                    backslashes = if character == '\\' { backslashes + 1 } else { 0 };
                }
                prop_assert_eq!(backslashes % 2, 0);
            }
        }
    }
}
