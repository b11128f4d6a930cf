//! The kinds of places that can be told.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::notice::Notice;
use super::{slack, teams, webhook};

/// A kind of place that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// An incoming webhook of Slack, or of what speaks its language, such as Mattermost.
    Slack,
    /// A webhook of Teams' Workflows.
    Teams,
    /// Any program: it gets our own JSON.
    Webhook,
}

impl Channel {
    /// The names, as they are typed.
    pub const NAMES: [&str; 3] = ["slack", "teams", "webhook"];

    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Webhook => "webhook",
        }
    }

    /// Returns what it is sent.
    #[must_use]
    pub fn payload(self, notice: &Notice<'_>) -> Value {
        match self {
            Self::Slack => slack::payload(notice),
            Self::Teams => teams::payload(notice),
            Self::Webhook => webhook::payload(notice),
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text is no kind of place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("known are slack, teams and webhook")]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        match text {
            "slack" => Ok(Self::Slack),
            "teams" => Ok(Self::Teams),
            "webhook" => Ok(Self::Webhook),
            _ => Err(UnknownChannel),
        }
    }
}
