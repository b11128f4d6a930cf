//! To be written.

use super::Account;

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    account.record.ids.finished.clone()
}
