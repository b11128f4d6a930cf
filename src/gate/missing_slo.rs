//! What an evaluation comes to where the service has no SLO.

/// What an evaluation without objectives comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingSlo {
    /// It fails. Keptn passes.
    #[default]
    Fail,
    /// It warns.
    Warning,
    /// It passes, as in Keptn.
    Pass,
}

impl MissingSlo {
    /// Returns its word in `tidegate.yaml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warning => "warning",
            Self::Pass => "pass",
        }
    }
}

impl std::str::FromStr for MissingSlo {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Fail, Self::Warning, Self::Pass]
            .into_iter()
            .find(|known| known.as_str() == word)
            .ok_or("known are fail, warning and pass")
    }
}
