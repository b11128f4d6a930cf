//! Texts with placeholders: `${QUERY}`, `${VAR.org}`, `${END_NS}`; `$${` stands for a literal `${`.
//!
//! A text is read once, when the definition is. What a placeholder stands for is filled in later, each by its position:
//! nothing that is filled in is ever read as a placeholder, or as a part of a URL, a form or JSON.

use crate::gate::Escape;

/// A text with placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// Its pieces, in order.
    pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it is.
    Literal(String),
    /// Something to be filled in.
    Placeholder(Placeholder),
}

/// Something to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder {
    /// What is meant: `QUERY`, `VAR.org`.
    pub name: String,
    /// How it is filled in, where the placeholder says so: `${QUERY|plain}`.
    pub filter: Option<Filter>,
}

/// How a value is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// As it is.
    Plain,
    /// As a number of a JSON body.
    Number,
    /// As a text of a JSON body, also where it is a number.
    Text,
    /// As the JSON that it holds, in a JSON body.
    Tree,
    /// Made harmless for a language.
    Language(Escape),
}

impl Filter {
    /// The names of the filters that are not languages.
    const OWN: [&str; 4] = ["plain", "number", "text", "tree"];

    /// Returns the filter of a name.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "plain" => Self::Plain,
            "number" => Self::Number,
            "text" => Self::Text,
            "tree" => Self::Tree,
            _ => Self::Language(Escape::named(name)?),
        })
    }
}

/// Names that are always known: those of the context.
const CONTEXT: [&str; 16] = [
    "PROJECT",
    "STAGE",
    "SERVICE",
    "DEPLOYMENT",
    "DURATION_SECONDS",
    "DURATION_S",
    "DURATION_MS",
    "DURATION_MIN",
    "START_UNIX",
    "END_UNIX",
    "START_MS",
    "END_MS",
    "START_NS",
    "END_NS",
    "START_RFC3339",
    "END_RFC3339",
];

/// What stands in front of a name that users choose.
const SPACES: [&str; 5] = ["VAR.", "OPTION.", "LABEL.", "ENV.", "FILTER."];

/// A text cannot be read as a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace is not closed.
    #[error("a `${{` is not closed")]
    Unclosed,
    /// There is no such thing to fill in.
    #[error(
        "`${{{name}}}` stands for nothing; there are QUERY, OPTION.name, VAR.name, {}, LABEL.key, ENV.NAME, FILTER.key, and TOKEN in a poll", CONTEXT.join(", ")
    )]
    Unknown {
        /// The name.
        name: String,
    },
    /// There is no such filter.
    #[error("there is no filter `{filter}`; there are {}, {}", Filter::OWN.join(", "), Escape::NAMES.join(", "))]
    Filter {
        /// The filter.
        filter: String,
    },
}

impl Template {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, from_dollar) = rest.split_at(at);
            let inner = from_dollar.get(2..).unwrap_or_default();
            if let Some(before) = before.strip_suffix('$') {
                literal.push_str(before);
                literal.push_str("${");
                rest = inner;
                continue;
            }
            literal.push_str(before);
            let (inside, after) = inner.split_once('}').ok_or(TemplateError::Unclosed)?;
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Placeholder(Placeholder::parse(inside)?));
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Ok(Self { pieces })
    }

    /// Returns the names of the placeholders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Placeholder(placeholder) => Some(placeholder.name.as_str()),
        })
    }

    /// Returns the first placeholder that names no filter.
    pub fn without_filter(&self) -> Option<&str> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Placeholder(Placeholder { name, filter: None }) => Some(name.as_str()),
            Piece::Placeholder(_) | Piece::Literal(_) => None,
        })
    }

    /// Returns the pieces.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Returns the placeholder where the template is nothing else.
    pub(super) fn sole(&self) -> Option<&Placeholder> {
        match self.pieces.as_slice() {
            [Piece::Placeholder(placeholder)] => Some(placeholder),
            _ => None,
        }
    }

    /// Returns the text where nothing is to be filled in.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

impl Placeholder {
    /// Reads what stands between the braces.
    fn parse(inside: &str) -> Result<Self, TemplateError> {
        let (name, filter) = match inside.split_once('|') {
            Some((name, filter)) => (name.trim(), Some(filter.trim())),
            None => (inside.trim(), None),
        };
        let in_space = |space: &&str| name.strip_prefix(*space).is_some_and(|key| !key.is_empty());
        let is_known = matches!(name, "QUERY" | "TOKEN")
            || CONTEXT.contains(&name)
            || SPACES.iter().any(in_space);
        if !is_known {
            return Err(TemplateError::Unknown {
                name: name.to_owned(),
            });
        }
        let filter = match filter {
            None => None,
            Some(filter) => Some(Filter::named(filter).ok_or_else(|| TemplateError::Filter {
                filter: filter.to_owned(),
            })?),
        };
        Ok(Self {
            name: name.to_owned(),
            filter,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_literals_and_placeholders() {
        let template = Template::parse("a ${QUERY} b ${VAR.org | url}$${c}").unwrap();
        assert_eq!(template.names().collect::<Vec<_>>(), ["QUERY", "VAR.org"]);
        assert_eq!(template.pieces().len(), 5);
        assert_eq!(template.without_filter(), Some("QUERY"));
        assert_eq!(template.constant(), None);
        assert_eq!(
            Template::parse("a$${b}$").unwrap().constant(),
            Some("a${b}$")
        );
        assert!(Template::parse("${QUERY}").unwrap().sole().is_some());
    }

    #[test]
    fn what_stands_for_nothing_is_refused() {
        for text in ["${HOME}", "${}", "${VAR.}", "${query}"] {
            let error = Template::parse(text).unwrap_err();
            assert!(matches!(error, TemplateError::Unknown { .. }), "{text}");
        }
        assert_eq!(Template::parse("${QUERY"), Err(TemplateError::Unclosed));
        let error = Template::parse("${QUERY|sql}").unwrap_err();
        assert!(
            error.to_string().contains("there is no filter `sql`"),
            "{error}"
        );
    }
}
