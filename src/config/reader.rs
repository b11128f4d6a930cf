//! Reads single fields of `tidegate.yaml`: variables filled in, every problem collected.

#![expect(
    clippy::disallowed_methods,
    reason = "a credential may stand in a file of its own"
)]

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::interpolate::{Trouble, fill};
use super::provider_block::path_plugin::PathPlugins;
use crate::spec::reading::{Field, Fields, Findings, TextSource, hint};

/// What reading may look at.
pub struct Surroundings<'a> {
    /// Looks up a variable of the environment.
    pub lookup: &'a dyn Fn(&str) -> Option<String>,
    /// The folder that relative paths start at.
    pub folder: &'a Path,
    /// Whether the providers will really be asked.
    pub reality: Reality,
}

/// Whether the providers will really be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reality {
    /// They will: every variable must be set, and every credential be readable.
    Real,
    /// They won't: what is missing is only worth knowing.
    DryRun,
    /// Only the event log is used: what it lacks is an error, and what providers lack does not matter.
    LogOnly,
}

/// Reads the fields of one mapping.
pub(super) struct Reader<'s, 'r> {
    /// Where problems go.
    pub findings: &'r mut Findings<'s>,
    /// What may be looked at.
    pub surroundings: &'r Surroundings<'r>,
    /// How strict to be with what is missing. In a dry run that concerns only what the providers and the log need.
    pub reality: Reality,
    /// Whether programs on PATH may be providers by their name.
    pub path_plugins: PathPlugins,
}

impl Reader<'_, '_> {
    /// Reads a text, variables filled in. `None` where it is unset, or wrong (which is a problem).
    pub fn text(&mut self, fields: &mut Fields<'_>, name: &str) -> Option<String> {
        let field = fields.take_set(name)?;
        self.field_text(&field)
    }

    /// Reads the text of one field.
    pub fn field_text(&mut self, field: &Field<'_>) -> Option<String> {
        let text = self.findings.text(field.value, &field.name)?;
        self.fill_text(field, &text)
    }

    /// Fills the variables in a text that stands somewhere in a field.
    pub fn fill_text(&mut self, field: &Field<'_>, text: &str) -> Option<String> {
        match fill(text, self.surroundings.lookup) {
            Ok(filled) => Some(filled),
            Err(trouble) => {
                for trouble in trouble {
                    self.say(field, &trouble);
                }
                None
            }
        }
    }

    /// Says why a text can't be filled. A variable that is not set is an error, unless nobody will be asked.
    fn say(&mut self, field: &Field<'_>, trouble: &Trouble) {
        let name = match trouble {
            Trouble::Unset(name) => name,
            Trouble::Unclosed => {
                let hint = "close it: `${NAME}`; a literal `${` is written `$${`";
                return self
                    .findings
                    .error(field.span(), "a `${` is not closed", hint);
            }
            Trouble::Nested => {
                let hint = "write the default out; it can't name another variable";
                return self.findings.error(
                    field.span(),
                    "a `${` stands inside another `${`",
                    hint,
                );
            }
        };
        let message = format!("the environment variable `{name}` is not set");
        let hint = format!("set {name}, or give it a default: `${{{name}:-value}}`");
        match self.reality {
            Reality::Real => self.findings.error(field.span(), message, hint),
            Reality::DryRun | Reality::LogOnly => {
                self.findings.warning(field.span(), message, hint);
            }
        }
    }

    /// Reads the content of a file that a field names, without the line break at its end.
    pub fn file_text(&mut self, fields: &mut Fields<'_>, name: &str) -> Option<String> {
        let field = fields.take_set(name)?;
        let path = self.surroundings.folder.join(self.field_text(&field)?);
        if self.reality != Reality::Real {
            return None;
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => {
                let message = format!("`{}` can't be read: {error}", path.display());
                self.findings.error(
                    field.span(),
                    message,
                    "the file holds the credential and nothing else",
                );
                None
            }
        }
    }

    /// Reads a path; a relative one starts at the folder of the file.
    pub fn path(&mut self, fields: &mut Fields<'_>, name: &str) -> Option<PathBuf> {
        let text = self.text(fields, name)?;
        Some(self.surroundings.folder.join(text))
    }

    /// Reads a whole number from 1 on.
    pub fn count<T: TryFrom<i64> + PartialOrd + From<u8>>(
        &mut self,
        fields: &mut Fields<'_>,
        name: &str,
    ) -> Option<T> {
        let field = fields.take_set(name)?;
        let number = self.findings.integer(field.value, name)?;
        let count = T::try_from(number.value)
            .ok()
            .filter(|count| *count >= T::from(1) && !number.cut);
        if count.is_none() {
            let message = format!(
                "`{name}` must be a whole number from 1 on, not {}",
                number.value
            );
            self.findings
                .error(field.span(), message, format!("such as `{name}: 3`"));
        }
        count
    }

    /// Reads one of a list of words.
    pub fn word<T: FromStr>(
        &mut self,
        fields: &mut Fields<'_>,
        name: &str,
        known: &[&str],
    ) -> Option<T> {
        let field = fields.take_set(name)?;
        let text = self.field_text(&field)?;
        let word = text.parse().ok();
        if word.is_none() {
            let message = format!("`{name}` can't be `{text}`");
            self.findings
                .error(field.span(), message, hint(&text, known));
        }
        word
    }

    /// Opens a mapping inside the file.
    pub fn open<'n>(
        &mut self,
        fields: &mut Fields<'n>,
        name: &str,
    ) -> Option<(Field<'n>, Fields<'n>)> {
        let field = fields.take_set(name)?;
        let inner = Fields::open(self.findings, field.value, name)?;
        Some((field, inner))
    }

    /// Refuses every field that is left: a key that nobody knows would be a policy that nobody follows.
    pub fn refuse_rest(&mut self, fields: Fields<'_>, of: &str, known: &[&str]) {
        for field in fields.rest() {
            let message = format!("unknown key `{}` in {of}", field.name);
            self.findings
                .error(field.key, message, hint(&field.name, known));
        }
    }
}

impl<'s> TextSource<'s> for Reader<'s, '_> {
    fn findings(&mut self) -> &mut Findings<'s> {
        self.findings
    }

    fn text_of(&mut self, field: &Field<'_>) -> Option<String> {
        self.field_text(field)
    }

    fn unknown(&mut self, fields: Fields<'_>, of: &str, known: &[&str]) {
        self.refuse_rest(fields, of, known);
    }
}
