//! How much integrations may take: all of them are kept in memory, and written as a whole.

use super::register_error::RegisterError;
use crate::control::Integration;

/// The most integrations.
pub(super) const MOST: usize = 10_000;
/// The most subscriptions of one; all webhooks of all projects are subscriptions of the same one.
pub(super) const MOST_SUBSCRIPTIONS: usize = 1000;
/// The most bytes of one, with its subscriptions.
pub(super) const MOST_BYTES_OF_ONE: usize = 512 * 1024;
/// The most bytes of all together.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Refuses an integration that has become too large. One that became smaller is always taken.
pub(super) fn check<'a>(
    old: Option<&Integration>,
    new: Option<&Integration>,
    all: impl Iterator<Item = &'a Integration>,
) -> Result<(), RegisterError> {
    let Some(new) = new else {
        return Ok(());
    };
    let subscriptions = new.subscriptions.len();
    let before = old.map_or(0, |old| old.subscriptions.len());
    if subscriptions > MOST_SUBSCRIPTIONS && subscriptions > before {
        return Err(RegisterError::TooManySubscriptions);
    }
    let bytes = size(new);
    if bytes <= old.map_or(0, size) {
        return Ok(());
    }
    if bytes > MOST_BYTES_OF_ONE {
        return Err(RegisterError::TooLarge);
    }
    if all.map(size).sum::<usize>() > MOST_BYTES {
        return Err(RegisterError::Full);
    }
    Ok(())
}

/// Returns how many bytes an integration takes. It is made of texts, which can always be written.
fn size(integration: &Integration) -> usize {
    serde_json::to_vec(integration).map_or(usize::MAX / MOST, |bytes| bytes.len())
}
