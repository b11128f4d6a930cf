//! The environment, as far as the logs on servers look for credentials in it: handed over, never read here.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Environment variables. What they say is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Returns the value of a variable; one that is empty counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// Returns the variables whose names begin with a prefix, in the order of their names.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let set = self.0.iter().filter(|(_, value)| !value.is_empty());
        set.filter(move |(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the user's home folder, where it is known.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        let home = self.get("HOME").or_else(|| self.get("USERPROFILE"));
        home.map(PathBuf::from)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let owned = variables.into_iter();
        Self(
            owned
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_never_shown_and_empty_ones_are_unset() {
        let variables: Variables = [("PGPASSWORD", "hunter2"), ("PGUSER", "")]
            .into_iter()
            .collect();
        assert!(!format!("{variables:?}").contains("hunter2"));
        assert_eq!(variables.get("PGPASSWORD"), Some("hunter2"));
        assert_eq!(variables.get("PGUSER"), None);
        assert_eq!(variables.with_prefix("PG").count(), 1);
    }
}
