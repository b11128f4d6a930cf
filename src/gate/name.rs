//! Names that travel through the program: each is a type of its own, so that a stage can't be passed for a service.

use std::fmt;

/// A name was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text has no character at all.
    #[error("a {kind} name must not be empty")]
    Empty {
        /// What the name is for: `project`, `SLI`, …
        kind: &'static str,
    },
    /// The text holds a control character, which would tear logs and reports apart.
    #[error("a {kind} name must not contain control characters, found {found:?}")]
    Control {
        /// What the name is for.
        kind: &'static str,
        /// The first offending character.
        found: char,
    },
}

/// Writes a newtype over `String` with one checked constructor: five names share these twenty lines word for word.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes any text that is not empty and has no control character. Nothing is trimmed: Keptn compares names exactly.
            ///
            /// # Errors
            /// [`NameError`] says which of the two rules the text breaks.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                if text.is_empty() {
                    return Err(NameError::Empty { kind: $kind });
                }
                match text.chars().find(|c| c.is_control()) {
                    Some(found) => Err(NameError::Control { kind: $kind, found }),
                    None => Ok(Self(text)),
                }
            }

            /// Returns the name as it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// Names an indicator (Keptn: the `sli` of an objective, the `metric` of a value).
    IndicatorName = "SLI";
    /// Names a Keptn project.
    ProjectName = "project";
    /// Names a stage of a project.
    StageName = "stage";
    /// Names a service.
    ServiceName = "service";
    /// Names a provider, as in `providers:` of `tidegate.yaml`.
    ProviderName = "provider";
}

/// What is evaluated: one service in one stage of one project. Earlier evaluations of the same series are its history.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The project.
    pub project: ProjectName,
    /// The stage.
    pub stage: StageName,
    /// The service.
    pub service: ServiceName,
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.project, self.stage, self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_name_and_a_control_character_are_refused() {
        assert_eq!(
            IndicatorName::new(""),
            Err(NameError::Empty { kind: "SLI" })
        );
        assert_eq!(
            StageName::new("a\nb"),
            Err(NameError::Control {
                kind: "stage",
                found: '\n'
            })
        );
        assert_eq!(
            ServiceName::new(" a ").map(|n| n.to_string()),
            Ok(" a ".to_owned())
        );
    }
}
