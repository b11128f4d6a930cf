//! The two scales: what the gate says, and what one objective says.

use std::fmt;
use std::str::FromStr;

/// What the gate says of a release. The order is from best to worst.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The release may go on.
    Pass,
    /// It may, but someone should look.
    Warning,
    /// It may not.
    Fail,
}

impl Verdict {
    /// Returns Keptn's word: `pass`, `warning`, `fail`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warning => "warning",
            Self::Fail => "fail",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Verdict {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "pass" => Ok(Self::Pass),
            "warning" => Ok(Self::Warning),
            "fail" => Ok(Self::Fail),
            _ => Err(UnknownWord),
        }
    }
}

/// What one objective came to. The order is from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It is informational and never counts.
    Info,
    /// Full points.
    Pass,
    /// Half the points.
    Warning,
    /// No points.
    Fail,
}

impl Status {
    /// Returns Keptn's word: `info`, `pass`, `warning`, `fail`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Pass => "pass",
            Self::Warning => "warning",
            Self::Fail => "fail",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "info" => Ok(Self::Info),
            "pass" => Ok(Self::Pass),
            "warning" => Ok(Self::Warning),
            "fail" => Ok(Self::Fail),
            _ => Err(UnknownWord),
        }
    }
}

/// A word that none of the known ones matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known words")]
pub struct UnknownWord;
