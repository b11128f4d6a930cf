//! What people say to a sequence that is under way: pause, resume, abort (controlplane.md 3.10).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::gate::event::CloudEvent;

/// Pauses, resumes or aborts what runs in a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// The project.
    pub project: String,
    /// The Keptn context.
    pub context: String,
    /// The stage; `None`: all of them.
    pub stage: Option<String>,
    /// What to do.
    pub action: ControlAction,
}

/// What to do with what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlAction {
    /// The running task ends; nothing is started after it.
    Pause,
    /// It goes on.
    Resume,
    /// It ends.
    Abort,
}

/// A word that is no action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of pause, resume and abort")]
pub struct UnknownControl(pub String);

impl Control {
    /// The type of the event that stores one. Ours: Keptn keeps no record of them.
    pub const EVENT_TYPE: &'static str = "sh.keptn.event.sequence-control.finished";

    /// Returns the event that stores it.
    #[must_use]
    pub fn event(&self, id: String, source: &str, time: Timestamp) -> CloudEvent {
        let mut data = Map::new();
        data.insert("project".to_owned(), self.project.as_str().into());
        if let Some(stage) = &self.stage {
            data.insert("stage".to_owned(), stage.as_str().into());
        }
        data.insert(
            "sequence-control".to_owned(),
            json!({"state": self.action.as_str()}),
        );
        CloudEvent {
            id,
            source: source.to_owned(),
            specversion: "1.0".to_owned(),
            event_type: Self::EVENT_TYPE.to_owned(),
            time: Some(time),
            shkeptncontext: Some(self.context.clone()),
            triggeredid: None,
            data: Value::Object(data).into(),
            extensions: Map::new(),
        }
    }

    /// Reads the event that stores one; `None` where it is another.
    #[must_use]
    pub fn of(event: &CloudEvent) -> Option<Self> {
        if event.event_type != Self::EVENT_TYPE {
            return None;
        }
        let data = event.data.value();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let state = text(data.get("sequence-control")?.get("state")?)?;
        Some(Self {
            project: text(data.get("project")?)?,
            context: event.shkeptncontext.clone()?,
            stage: data.get("stage").and_then(text),
            action: state.parse().ok()?,
        })
    }
}

impl ControlAction {
    /// Returns Keptn's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Abort => "abort",
        }
    }
}

impl FromStr for ControlAction {
    type Err = UnknownControl;

    fn from_str(text: &str) -> Result<Self, UnknownControl> {
        match text {
            "pause" => Ok(Self::Pause),
            "resume" => Ok(Self::Resume),
            "abort" => Ok(Self::Abort),
            other => Err(UnknownControl(other.to_owned())),
        }
    }
}

impl fmt::Display for ControlAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_survives_as_an_event() {
        for stage in [None, Some("dev".to_owned())] {
            let control = Control {
                project: "p".to_owned(),
                context: "c".to_owned(),
                stage,
                action: ControlAction::Pause,
            };
            let event = control.event("1".to_owned(), "tidegate", Timestamp::UNIX_EPOCH);
            assert_eq!(Control::of(&event), Some(control));
        }
        assert_eq!(Control::of(&CloudEvent::default()), None);
    }
}
