//! The text of a query, its `:names` turned into the numbers that a database knows.
//!
//! A name is found only where it is one: not in a string, a quoted name, a comment, or a `::cast`. So nothing of what is
//! bound ever becomes a part of the text.

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// A query that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// The text, with `$1` or `?1` in place of names.
    pub text: String,
    /// The names; the first one is number 1.
    pub names: Vec<String>,
}

/// A text can't be sent as one query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum StatementError {
    /// There is no query in it.
    #[error("the query is empty")]
    Empty,
    /// There is more than one query.
    #[error("there is more than one statement; only one is sent")]
    Several,
    /// A string, name, or comment is not closed.
    #[error("a {what} is not closed")]
    Unclosed {
        /// What it is.
        what: &'static str,
    },
    /// A number of a parameter is written out.
    #[error("`{token}` is no parameter here; write `:name`, and the name under `params`")]
    Numbered {
        /// What is written.
        token: String,
    },
}

impl Statement {
    /// Reads a query.
    pub(super) fn parse(text: &str, dialect: Dialect) -> Result<Self, StatementError> {
        let mut scanner = Scanner {
            rest: text,
            dialect,
            statement: Self {
                text: String::with_capacity(text.len() + 8),
                names: Vec::new(),
            },
            previous: ' ',
            phase: Phase::Before,
        };
        while !scanner.rest.is_empty() {
            scanner.step()?;
        }
        match scanner.phase {
            Phase::Before => Err(StatementError::Empty),
            Phase::Within | Phase::After => Ok(scanner.statement),
        }
    }

    /// Returns the number of a name, from 1 on.
    fn number(&mut self, name: &str) -> usize {
        if let Some(place) = self.names.iter().position(|known| known == name) {
            return place + 1;
        }
        self.names.push(name.to_owned());
        self.names.len()
    }
}

/// How far a text has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The query has not begun.
    Before,
    /// In the query.
    Within,
    /// Behind its `;`.
    After,
}

/// Reads a text from left to right.
struct Scanner<'t> {
    /// What is left.
    rest: &'t str,
    /// Whose SQL it is.
    dialect: Dialect,
    /// What was read.
    statement: Statement,
    /// The character before.
    previous: char,
    /// How far the text has been read.
    phase: Phase,
}

impl<'t> Scanner<'t> {
    /// Reads the next token.
    fn step(&mut self) -> Result<(), StatementError> {
        let rest = self.rest;
        let Some(first) = rest.chars().next() else {
            return Ok(());
        };
        let is_postgres = self.dialect == Dialect::Postgres;
        if rest.starts_with("--") {
            let end = rest.find('\n').unwrap_or(rest.len());
            self.keep(end);
            return Ok(());
        }
        if rest.starts_with("/*") {
            let end = comment(rest, self.dialect);
            return self.keep_closed(end, "comment");
        }
        if first.is_whitespace() {
            self.keep(first.len_utf8());
            return Ok(());
        }
        if first == ';' {
            if self.phase == Phase::Within {
                self.phase = Phase::After;
            }
            // Not sent: behind it there is nothing but comments.
            self.rest = rest.get(1..).unwrap_or_default();
            return Ok(());
        }
        if self.phase == Phase::After {
            return Err(StatementError::Several);
        }
        self.phase = Phase::Within;
        match first {
            '\'' => {
                let end = string(rest, is_postgres && self.is_after_escape());
                self.keep_closed(end, "string")
            }
            '"' => self.keep_closed(doubled(rest, '"'), "quoted name"),
            '`' if !is_postgres => self.keep_closed(doubled(rest, '`'), "quoted name"),
            '[' if !is_postgres => {
                let end = rest.find(']').map(|at| at + 1);
                self.keep_closed(end, "quoted name")
            }
            '$' if is_postgres && !is_name(self.previous) => self.dollar(),
            '?' if !is_postgres => Err(StatementError::Numbered {
                token: "?".to_owned(),
            }),
            '@' | '$' if !is_postgres && !is_name(self.previous) => Err(StatementError::Numbered {
                token: token(rest).to_owned(),
            }),
            ':' => {
                self.colon();
                Ok(())
            }
            other => {
                self.keep(other.len_utf8());
                Ok(())
            }
        }
    }

    /// Reads a `:name`, a `::cast`, or a `:=`.
    fn colon(&mut self) {
        let behind = self.rest.get(1..).unwrap_or_default();
        if behind.starts_with([':', '=']) {
            self.keep(2);
            return;
        }
        let name = name(behind);
        if name.is_empty() {
            self.keep(1);
            return;
        }
        let number = self.statement.number(name);
        let mark = match self.dialect {
            Dialect::Postgres => '$',
            Dialect::Sqlite => '?',
        };
        self.statement.text.push_str(&format!("{mark}{number}"));
        self.rest = behind.get(name.len()..).unwrap_or_default();
        self.previous = '0';
    }

    /// Reads a `$tag$string$tag$`.
    fn dollar(&mut self) -> Result<(), StatementError> {
        let rest = self.rest;
        let behind = rest.get(1..).unwrap_or_default();
        if behind.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(StatementError::Numbered {
                token: token(rest).to_owned(),
            });
        }
        let length = name(behind).len();
        if !behind.get(length..).unwrap_or_default().starts_with('$') {
            self.keep(1);
            return Ok(());
        }
        let tag = rest.get(..length + 2).unwrap_or_default();
        let body = rest.get(tag.len()..).unwrap_or_default();
        let end = body.find(tag).map(|at| at + 2 * tag.len());
        self.keep_closed(end, "string")
    }

    /// Tells whether an `E` stands before, which gives `\` a meaning in a string.
    fn is_after_escape(&self) -> bool {
        let mut before = self.statement.text.chars().rev();
        matches!(before.next(), Some('e' | 'E')) && !before.next().is_some_and(is_name)
    }

    /// Takes over what is closed, up to an end.
    fn keep_closed(
        &mut self,
        end: Option<usize>,
        what: &'static str,
    ) -> Result<(), StatementError> {
        let end = end.ok_or(StatementError::Unclosed { what })?;
        self.keep(end);
        Ok(())
    }

    /// Takes over the next bytes.
    fn keep(&mut self, length: usize) {
        let (kept, rest): (&'t str, &'t str) = self.rest.split_at(length);
        self.statement.text.push_str(kept);
        self.previous = kept.chars().next_back().unwrap_or(self.previous);
        self.rest = rest;
    }
}

/// Returns where a string ends that begins here.
fn string(text: &str, has_escapes: bool) -> Option<usize> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if has_escapes => {
                characters.next();
            }
            '\'' if characters.next_if(|(_, next)| *next == '\'').is_none() => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Returns where a quoted name ends that begins here; a doubled quote is a part of it.
fn doubled(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + 1);
        }
    }
    None
}

/// Returns where a comment ends that begins here. In PostgreSQL comments stand in comments; in SQLite the end of the text
/// ends one, too.
fn comment(text: &str, dialect: Dialect) -> Option<usize> {
    if dialect == Dialect::Sqlite {
        let body = text.get(2..).unwrap_or_default();
        return Some(body.find("*/").map_or(text.len(), |at| at + 4));
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

/// Returns the name that a text begins with; may be empty.
fn name(text: &str) -> &str {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return "";
    }
    let end = text.find(|c: char| !is_name(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// Returns the mark and the word behind it.
fn token(text: &str) -> &str {
    let behind = text.get(1..).unwrap_or_default();
    let end = behind.find(|c: char| !is_name(c)).unwrap_or(behind.len());
    text.get(..=end).unwrap_or_default()
}

/// Tells whether a character can be in a name.
fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn postgres(text: &str) -> Result<(String, Vec<String>), StatementError> {
        let Statement { text, names } = Statement::parse(text, Dialect::Postgres)?;
        Ok((text, names))
    }

    #[test]
    fn names_become_numbers_each_name_the_same() {
        let (text, names) =
            postgres("select :a, f(:b) from t where ts between :start and :end and x=:a;\n")
                .unwrap();
        assert_eq!(
            text,
            "select $1, f($2) from t where ts between $3 and $4 and x=$1\n"
        );
        assert_eq!(names, ["a", "b", "start", "end"]);
        let sqlite = Statement::parse("select :a+:b+:a", Dialect::Sqlite).unwrap();
        assert_eq!(sqlite.text, "select ?1+?2+?1");
    }

    #[test]
    fn what_only_looks_like_a_name_stays_in_postgresql() {
        for text in [
            "select ':a'",
            "select 'it''s :a'",
            "select E'it\\'s :a'",
            "select e'\\\\'",
            "select \":a\"",
            "select \"x\"\":a\"",
            "select 1 -- :a; b",
            "select /* :a /* ; */ :b */ 1",
            "select $$ :a ; $$",
            "select $tag$ $$ :a ; $tag$",
            "select now()::date",
            "select a[1:2], x := 3",
            "select 'a' || name'b'",
            "select col$1 from t",
            "select 'é:a'",
        ] {
            assert_eq!(postgres(text), Ok((text.to_owned(), Vec::new())), "{text}");
        }
        assert_eq!(postgres("select :a::int").unwrap().0, "select $1::int");
        assert_eq!(postgres("select 'x\\', :a").unwrap().0, "select 'x\\', $1");
    }

    #[test]
    fn what_only_looks_like_a_name_stays_in_sqlite() {
        for text in ["select `:a`, [:b], \":c\", ':d' -- :e", "select 1 /* :a"] {
            let statement = Statement::parse(text, Dialect::Sqlite).unwrap();
            assert_eq!((statement.text.as_str(), statement.names.len()), (text, 0));
        }
    }

    #[test]
    fn only_one_statement_is_taken() {
        assert!(postgres("; select 1 ; -- done\n/* really */ ;").is_ok());
        assert_eq!(
            postgres("select 1; delete from t"),
            Err(StatementError::Several)
        );
        assert_eq!(postgres("select 1; ;x"), Err(StatementError::Several));
        assert_eq!(postgres(" -- nothing"), Err(StatementError::Empty));
        assert_eq!(postgres(";"), Err(StatementError::Empty));
    }

    #[test]
    fn what_is_not_closed_and_what_has_a_number_is_refused() {
        for text in [
            "select 'a",
            "select \"a",
            "select /* a /* */",
            "select $x$ a $y$",
            "select E'\\'",
        ] {
            assert!(
                matches!(postgres(text), Err(StatementError::Unclosed { .. })),
                "{text}"
            );
        }
        let numbered = |token: &str| StatementError::Numbered {
            token: token.to_owned(),
        };
        assert_eq!(postgres("select $1"), Err(numbered("$1")));
        let sqlite = |text| Statement::parse(text, Dialect::Sqlite);
        assert_eq!(sqlite("select @x"), Err(numbered("@x")));
        assert_eq!(sqlite("select ?"), Err(numbered("?")));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-:;$'\"/*aE\\\\ \n`\\[\\]é1]{0,40}") {
            for dialect in [Dialect::Postgres, Dialect::Sqlite] {
                let _statement = Statement::parse(&text, dialect);
            }
        }

        #[test]
        fn a_bound_value_never_enters_the_text(name in "[a-z]{1,8}") {
            let statement = Statement::parse(&format!("select :{name}"), Dialect::Postgres).unwrap();
            prop_assert_eq!(statement.text, "select $1");
            prop_assert_eq!(statement.names, [name]);
        }
    }
}
