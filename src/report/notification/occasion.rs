//! When someone is told.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::gate::{Ending, Verdict};

/// Something that is worth telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occasion {
    /// A pass.
    Pass,
    /// A warning.
    Warning,
    /// A fail.
    Fail,
    /// The data allowed no verdict.
    Inconclusive,
    /// There is no verdict: a backend is down, a file is wrong.
    Error,
    /// It ended otherwise than the evaluation before it.
    Change,
}

impl Occasion {
    /// The names, as they are written.
    pub const NAMES: [&str; 6] = ["pass", "warning", "fail", "inconclusive", "error", "change"];

    /// Returns the occasion that an ending is.
    fn of(ending: Ending) -> Self {
        match ending {
            Ending::Verdict(Verdict::Pass) => Self::Pass,
            Ending::Verdict(Verdict::Warning) => Self::Warning,
            Ending::Verdict(Verdict::Fail) => Self::Fail,
            Ending::Inconclusive => Self::Inconclusive,
        }
    }
}

/// A text is no occasion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("known are pass, warning, fail, inconclusive, error and change")]
pub struct UnknownOccasion;

impl FromStr for Occasion {
    type Err = UnknownOccasion;

    fn from_str(text: &str) -> Result<Self, UnknownOccasion> {
        match text {
            "pass" => Ok(Self::Pass),
            "warning" => Ok(Self::Warning),
            "fail" => Ok(Self::Fail),
            "inconclusive" => Ok(Self::Inconclusive),
            "error" => Ok(Self::Error),
            "change" => Ok(Self::Change),
            _ => Err(UnknownOccasion),
        }
    }
}

/// What someone wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasions(BTreeSet<Occasion>);

impl Default for Occasions {
    /// Everything but a pass that follows a pass.
    fn default() -> Self {
        Self(BTreeSet::from([
            Occasion::Warning,
            Occasion::Fail,
            Occasion::Inconclusive,
            Occasion::Error,
            Occasion::Change,
        ]))
    }
}

impl FromIterator<Occasion> for Occasions {
    fn from_iter<T: IntoIterator<Item = Occasion>>(occasions: T) -> Self {
        Self(occasions.into_iter().collect())
    }
}

impl Occasions {
    /// Tells whether it depends on the evaluation before.
    #[must_use]
    pub fn look_back(&self) -> bool {
        self.0.contains(&Occasion::Change)
    }

    /// Tells whether an evaluation is worth telling. The first one of a series changes nothing.
    #[must_use]
    pub fn include(&self, ending: Ending, previous: Option<Ending>) -> bool {
        let is_change = previous.is_some_and(|previous| previous != ending);
        self.0.contains(&Occasion::of(ending)) || (self.look_back() && is_change)
    }

    /// Tells whether it is worth telling that there is no verdict.
    #[must_use]
    pub fn include_errors(&self) -> bool {
        self.0.contains(&Occasion::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_a_recovery_is_told_and_a_pass_that_follows_a_pass_is_not() {
        let occasions = Occasions::default();
        let [pass, warning, fail] =
            [Verdict::Pass, Verdict::Warning, Verdict::Fail].map(Ending::Verdict);
        assert!(!occasions.include(pass, None));
        assert!(!occasions.include(pass, Some(pass)));
        assert!(occasions.include(pass, Some(fail)));
        assert!(occasions.include(pass, Some(Ending::Inconclusive)));
        for ending in [warning, fail, Ending::Inconclusive] {
            assert!(occasions.include(ending, Some(ending)));
            assert!(occasions.include(ending, None));
        }
        assert!(occasions.include_errors());
    }

    #[test]
    fn only_what_is_asked_for_is_told() {
        let only: Occasions = [Occasion::Fail].into_iter().collect();
        let fail = Ending::Verdict(Verdict::Fail);
        let pass = Ending::Verdict(Verdict::Pass);
        assert!(only.include(fail, Some(fail)));
        assert!(!only.include(pass, Some(fail)));
        assert!(!only.include_errors() && !only.look_back());
        for name in Occasion::NAMES {
            assert!(name.parse::<Occasion>().is_ok());
        }
        assert!("failure".parse::<Occasion>().is_err());
    }
}
