//! Which redirects are followed: only those that stay on the server and repeat the request as it is.
//!
//! A redirect to another host would carry the query, and perhaps credentials, to a stranger; one from `https` to `http`
//! would show them to everybody in between. One with status 301 to 303 turns a POST into a GET without a body, and
//! mostly leads to a login page. All of these mean that the URL is wrong, which a user can put right.

use reqwest::StatusCode;
use reqwest::redirect::{Attempt, Policy};
use url::Url;

/// How many redirects in a row are followed.
const LONGEST_CHAIN: usize = 5;

/// A redirect that is not followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("redirected to {target}")]
pub(super) struct Refused {
    /// Where it leads, without credentials and query.
    pub target: String,
}

/// Returns the policy for every client.
pub(super) fn policy() -> Policy {
    Policy::custom(|attempt: Attempt<'_>| {
        let repeats = matches!(
            attempt.status(),
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
        );
        let stays = attempt
            .previous()
            .last()
            .is_some_and(|from| from.origin() == attempt.url().origin());
        if repeats && stays && attempt.previous().len() <= LONGEST_CHAIN {
            return attempt.follow();
        }
        let target = shown(attempt.url());
        attempt.error(Refused { target })
    })
}

/// Returns a URL without user, password, query and fragment.
fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_shown_without_its_secrets() {
        let url = Url::parse("https://ann:pw@h:8443/login?token=t#f").unwrap();
        assert_eq!(shown(&url), "https://h:8443/login");
    }
}
