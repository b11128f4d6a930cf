//! To be written.

use super::{Account, Unjudged};

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    account.record.ids.finished.clone()
}

/// Writes that there is no verdict.
pub(super) fn write_unjudged(unjudged: &Unjudged<'_>) -> String {
    unjudged.message.to_owned()
}
