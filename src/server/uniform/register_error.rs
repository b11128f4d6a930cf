//! Why an integration is not registered, changed or forgotten.

use super::limits::{MOST, MOST_BYTES, MOST_BYTES_OF_ONE, MOST_SUBSCRIPTIONS};
use super::small_file::KeepError;

/// An integration can't be registered, changed or forgotten.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// It does not say who it is.
    #[error("an integration needs {0}")]
    Lacks(&'static str),
    /// There are too many.
    #[error("there are {MOST} integrations already; delete some, or wait until they are forgotten")]
    TooMany,
    /// It wants to hear of too much.
    #[error(
        "an integration has at most {MOST_SUBSCRIPTIONS} subscriptions; remove some of them first"
    )]
    TooManySubscriptions,
    /// It is too large.
    #[error(
        "an integration has at most {MOST_BYTES_OF_ONE} bytes with its subscriptions; register with less"
    )]
    TooLarge,
    /// All together are too large.
    #[error(
        "all integrations together have at most {MOST_BYTES} bytes; delete some, or wait until they are forgotten"
    )]
    Full,
    /// It is a part of the server.
    #[error(
        "this integration is a part of the server itself and can't be deleted; remove those of its subscriptions that are not wanted"
    )]
    Own,
    /// A subscription is about more than the token is for.
    #[error(
        "the token is for some projects only: a subscription has to name them, and no others, in filter.projects"
    )]
    Outside,
    /// The integration is about more than the token is for.
    #[error(
        "the token is for some projects only, and this integration has subscriptions that are not only about those"
    )]
    Foreign,
    /// It can't be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
}
