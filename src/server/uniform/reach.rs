//! How far a token reaches among integrations: which subscriptions it sees, and which it may change.

use std::collections::BTreeSet;

use super::register_error::RegisterError;
use crate::control::{Integration, Subscription};
use crate::server::access::Bearer;

/// How far somebody reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To everything.
    All,
    /// To subscriptions that are about these projects and no others.
    Projects(BTreeSet<String>),
}

impl Reach {
    /// Returns how far a token reaches.
    #[must_use]
    pub fn of(bearer: &Bearer) -> Self {
        bearer.projects().cloned().map_or(Self::All, Self::Projects)
    }

    /// Tells whether a subscription may be changed.
    fn covers(&self, subscription: &Subscription) -> bool {
        let named = &subscription.filter.projects;
        match self {
            Self::All => true,
            Self::Projects(own) => !named.is_empty() && named.iter().all(|name| own.contains(name)),
        }
    }

    /// Tells whether everything that an integration hears of may be changed.
    pub(super) fn covers_all_of(&self, integration: &Integration) -> bool {
        let mut all = integration.subscriptions.iter();
        all.all(|subscription| self.covers(subscription))
    }

    /// Refuses a subscription that may not be changed.
    pub(super) fn cover(&self, subscription: &Subscription) -> Result<(), RegisterError> {
        if self.covers(subscription) {
            Ok(())
        } else {
            Err(RegisterError::Outside)
        }
    }

    /// Tells whether a subscription may be seen: also one to everything, which names no project.
    pub(super) fn shows(&self, subscription: &Subscription) -> bool {
        subscription.filter.projects.is_empty() || self.covers(subscription)
    }
}
