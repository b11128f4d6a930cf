//! What the API answers. Members nobody knows are passed over.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::objects::ExpandedProject;

/// Events, newest first by the text of their times.
#[derive(Debug)]
pub struct EventPage {
    /// The events, each to be read by itself: one that is broken leaves the others.
    pub events: Vec<Box<RawValue>>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// What an installation says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    /// The version of Keptn; "N/A" or "" where it does not know.
    #[serde(default)]
    pub keptnversion: String,
    /// The version of tidegate, where the control plane is a `tidegate serve`.
    #[serde(default)]
    pub tidegateversion: Option<String>,
    /// Whether a project gets a repository of its own where none is named.
    #[serde(default)]
    pub automaticprovisioning: Option<bool>,
}

/// A page of events, as it is sent.
#[derive(Deserialize)]
pub(super) struct WrittenEvents {
    /// The events; null where there are none. What has no such member is something else.
    #[serde(deserialize_with = "Option::deserialize")]
    events: Option<Vec<Box<RawValue>>>,
    /// Where the next page begins.
    #[serde(default, rename = "nextPageKey")]
    next: PageKey,
}

/// A page of projects, as it is sent.
#[derive(Deserialize)]
pub(super) struct WrittenProjects {
    /// The projects; null where there are none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) projects: Option<Vec<ExpandedProject>>,
    /// Where the next page begins.
    #[serde(default, rename = "nextPageKey")]
    pub(super) next: PageKey,
}

/// The answer to an event that was sent.
#[derive(Deserialize)]
pub(super) struct WrittenContext {
    /// The context that the event got.
    #[serde(rename = "keptnContext")]
    pub(super) context: String,
}

/// Where a next page begins: a text, a number, or nothing.
#[derive(Default, Deserialize)]
#[serde(untagged)]
pub(super) enum PageKey {
    /// A text, as most lists have it.
    Text(String),
    /// A number, as a few have it.
    Number(u64),
    /// Null, or no such member.
    #[default]
    None,
}

impl PageKey {
    /// Returns the key; "0" and "" say that there is nothing more.
    pub(super) fn more(self) -> Option<String> {
        match self {
            Self::Text(key) => Some(key).filter(|key| !matches!(key.as_str(), "" | "0")),
            Self::Number(0) | Self::None => None,
            Self::Number(key) => Some(key.to_string()),
        }
    }
}

impl WrittenEvents {
    /// Returns the events, and where the next page begins.
    pub(super) fn into_parts(self) -> (Vec<Box<RawValue>>, PageKey) {
        (self.events.unwrap_or_default(), self.next)
    }
}

impl From<WrittenEvents> for EventPage {
    fn from(written: WrittenEvents) -> Self {
        Self {
            events: written.events.unwrap_or_default(),
            next: written.next.more(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_events_and_no_next_page_are_written_in_many_ways() {
        for (json, events, next) in [
            (
                r#"{"events":null,"nextPageKey":"0","totalCount":0}"#,
                0,
                None,
            ),
            (r#"{"events":null}"#, 0, None),
            (
                r#"{"events":[{},7],"nextPageKey":"20","more":[]}"#,
                2,
                Some("20"),
            ),
            (r#"{"events":[],"nextPageKey":20}"#, 0, Some("20")),
            (r#"{"events":[],"nextPageKey":null}"#, 0, None),
        ] {
            let written: WrittenEvents = serde_json::from_str(json).unwrap();
            let page = EventPage::from(written);
            assert_eq!(page.events.len(), events, "{json}");
            assert_eq!(page.next.as_deref(), next, "{json}");
        }
        assert!(serde_json::from_str::<WrittenEvents>("{}").is_err());
    }
}
