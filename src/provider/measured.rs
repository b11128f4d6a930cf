//! What a question to a backend came to, before the policies make a reading of it.

use super::answered::Found;

/// What was found, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    /// The numbers, or why there are none.
    pub found: Found,
    /// How many samples stand behind them, where that is known.
    pub samples: Option<u64>,
    /// Their unit, where that is known.
    pub unit: Option<String>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl Measured {
    /// Takes what was found, of which nothing else is known.
    pub(super) fn of(found: Found) -> Self {
        Self {
            found,
            samples: None,
            unit: None,
            warnings: Vec::new(),
        }
    }
}
