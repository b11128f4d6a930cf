//! What one run came to, whatever the format of the output.

use crate::gate::{FailureKind, FetchFailure};
use crate::provider::answered::Found;

/// What a program says of one indicator.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    /// The number, or why there is none.
    pub found: Found,
    /// How many samples stand behind it.
    pub samples: Option<u64>,
    /// Its unit.
    pub unit: Option<String>,
    /// The query as the program sent it on.
    pub query: Option<String>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// Running the program again may help.
    pub may_pass: bool,
}

impl Said {
    /// Starts a result that says nothing but what was found.
    pub(super) fn of(found: Found) -> Self {
        Self {
            found,
            samples: None,
            unit: None,
            query: None,
            warnings: Vec::new(),
            may_pass: false,
        }
    }

    /// The result for an indicator that the program left out.
    pub(super) fn missing(name: &str) -> Self {
        let text = format!(
            "the plug-in returned no result for `{name}`; it must return one for each indicator that it is asked for"
        );
        Self::of(Found::failed(FailureKind::BadAnswer, text))
    }

    /// The result for an indicator that the program named twice.
    pub(super) fn twice(name: &str) -> Self {
        let text =
            format!("the plug-in returned several results for `{name}`; which of them counts?");
        Self::of(Found::failed(FailureKind::BadAnswer, text))
    }
}

/// Why a run as a whole gave nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failing {
    /// What happened.
    pub failure: FetchFailure,
    /// Running the program again may help.
    pub may_pass: bool,
}

impl Failing {
    /// Makes a failure that running the program again does not mend.
    pub(super) fn once(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            failure: FetchFailure {
                kind,
                message: message.into(),
            },
            may_pass: false,
        }
    }

    /// Returns the result for each indicator that was asked for.
    pub(super) fn said(&self) -> Said {
        Said {
            may_pass: self.may_pass,
            ..Said::of(Found::Failed(self.failure.clone()))
        }
    }
}
