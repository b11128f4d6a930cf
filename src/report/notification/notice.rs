//! What there is to tell.

use crate::gate::Ending;
use crate::report::account::{Account, Unjudged};

/// What there is to tell, and where to read more.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// What happened.
    pub what: What<'a>,
    /// Where to read more: the page of the job, or a report.
    pub link: Option<&'a str>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// An evaluation.
    Judged {
        /// The evaluation.
        account: &'a Account<'a>,
        /// How the one before it ended, where that is known.
        previous: Option<Ending>,
    },
    /// There is no verdict.
    Unjudged(&'a Unjudged<'a>),
}

impl Notice<'_> {
    /// Returns the link, if it is one: a web page, and not longer than chats take.
    pub(super) fn page(&self) -> Option<&str> {
        const LONGEST: usize = 2000;
        self.link.filter(|link| {
            let is_web = link.starts_with("https://") || link.starts_with("http://");
            let is_clean = !link.contains(|c: char| c.is_control() || c.is_whitespace());
            is_web && is_clean && link.len() <= LONGEST
        })
    }
}
