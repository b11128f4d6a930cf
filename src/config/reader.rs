//! Reads single fields of `tidegate.yaml`: variables filled in, every problem collected.

#![expect(
    clippy::disallowed_methods,
    reason = "a credential may stand in a file of its own"
)]

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::interpolate::{Trouble, fill};
use crate::gate::{MissingValue, PolicyLayer, parse_duration};
use crate::spec::reading::{Field, Fields, Findings, hint, list};

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
}

/// Reads the fields of one mapping.
pub(super) struct Reader<'s, 'r> {
    /// Where problems go.
    pub findings: &'r mut Findings<'s>,
    /// What may be looked at.
    pub surroundings: &'r Surroundings<'r>,
    /// How strict to be with what is missing. In a dry run that concerns only what the providers and the log need.
    pub reality: Reality,
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
        match fill(&text, self.surroundings.lookup) {
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
            Reality::DryRun => self.findings.warning(field.span(), message, hint),
        }
    }

    /// Reads the content of a file that a field names, without the line break at its end.
    pub fn file_text(&mut self, fields: &mut Fields<'_>, name: &str) -> Option<String> {
        let field = fields.take_set(name)?;
        let path = self.surroundings.folder.join(self.field_text(&field)?);
        if self.reality == Reality::DryRun {
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

    /// Reads a duration such as `30s`.
    pub fn duration(&mut self, fields: &mut Fields<'_>, name: &str) -> Option<Duration> {
        let field = fields.take_set(name)?;
        let text = self.field_text(&field)?;
        let duration = parse_duration(&text)
            .ok()
            .and_then(|duration| Duration::try_from(duration).ok());
        let duration = duration.filter(|duration| !duration.is_zero());
        if duration.is_none() {
            let message = format!("`{name}` must be a duration above 0, not `{text}`");
            self.findings.error(
                field.span(),
                message,
                "write a number and a unit, such as `30s` or `1m30s`",
            );
        }
        duration
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

    /// Reads `on_no_data` and `on_error`.
    pub fn policies(&mut self, fields: &mut Fields<'_>) -> PolicyLayer {
        PolicyLayer {
            on_no_data: self.policy(fields, "on_no_data"),
            on_error: self.policy(fields, "on_error"),
        }
    }

    /// Reads one policy: a word, or `value: N` as a mapping or as text.
    fn policy(&mut self, fields: &mut Fields<'_>, name: &str) -> Option<MissingValue> {
        const KNOWN: [&str; 6] = [
            "fail",
            "warning",
            "ignore",
            "inconclusive",
            "error",
            "value: N",
        ];
        let field = fields.take_set(name)?;
        if field.value.entries().is_none() {
            let text = self.field_text(&field)?;
            let policy = text.parse().ok();
            if policy.is_none() {
                let message = format!("`{name}` can't be `{text}`");
                self.findings
                    .error(field.span(), message, hint(&text, &KNOWN));
            }
            return policy;
        }
        let mut inner = Fields::open(self.findings, field.value, name)?;
        let number = self.text(&mut inner, "value");
        self.refuse_rest(inner, name, &["value"]);
        let policy = number
            .as_ref()
            .and_then(|number| format!("value: {number}").parse().ok());
        if policy.is_none() {
            let message = format!("`{name}` must be a word, or `value` with a number");
            self.findings
                .error(field.span(), message, format!("known are {}", list(&KNOWN)));
        }
        policy
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
