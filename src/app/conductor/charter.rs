//! What a run was started with: kept in the log, so that going on with it needs no file.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::gate::event::CloudEvent;
use crate::sequence::{ProjectDefinition, Shipyard, derived_id};

/// What a run was started with.
#[derive(Clone, Debug, PartialEq)]
pub struct Charter {
    /// The project.
    pub project: String,
    /// The Keptn context.
    pub context: String,
    /// The shipyard.
    pub shipyard: Shipyard,
    /// The file of the shipyard, as it was then.
    pub file: String,
    /// The event that starts the first sequence.
    pub trigger: CloudEvent,
}

/// The member of the data that is ours.
#[derive(Serialize, Deserialize)]
struct Own {
    /// The version of this form.
    version: u32,
    /// The shipyard.
    shipyard: Shipyard,
    /// The trigger.
    trigger: CloudEvent,
}

/// The version of the form that is written.
const VERSION: u32 = 1;
/// The source of the event.
const SOURCE: &str = "tidegate";

impl Charter {
    /// The type of the event that stores one. Ours.
    pub const EVENT_TYPE: &'static str = "sh.keptn.event.shipyard.finished";

    /// Returns the event that stores it; always under the same id.
    #[must_use]
    pub fn event(&self, time: Timestamp) -> CloudEvent {
        let own = Own {
            version: VERSION,
            shipyard: self.shipyard.clone(),
            trigger: self.trigger.clone(),
        };
        let data = json!({
            "project": self.project,
            "shipyard": BASE64_STANDARD.encode(&self.file),
            "tidegate": own,
        });
        CloudEvent {
            id: derived_id(&self.context, &["charter"]),
            source: SOURCE.to_owned(),
            specversion: "1.0".to_owned(),
            event_type: Self::EVENT_TYPE.to_owned(),
            time: Some(time),
            shkeptncontext: Some(self.context.clone()),
            triggeredid: None,
            data: data.into(),
            extensions: Map::new(),
        }
    }

    /// Reads the event that stores one; `None` where it is another, or of a later version.
    #[must_use]
    pub fn of(event: &CloudEvent) -> Option<Self> {
        if event.event_type != Self::EVENT_TYPE {
            return None;
        }
        let mut data = event.data.value();
        let own = data.get_mut("tidegate").map(Value::take)?;
        let Own {
            version,
            shipyard,
            trigger,
        } = serde_json::from_value(own).ok()?;
        if version != VERSION {
            return None;
        }
        let file = BASE64_STANDARD
            .decode(data.get("shipyard")?.as_str()?)
            .ok()?;
        Some(Self {
            project: data.get("project")?.as_str()?.to_owned(),
            context: event.shkeptncontext.clone()?,
            shipyard,
            file: String::from_utf8(file).ok()?,
            trigger,
        })
    }

    /// Returns what the engine is told of the project.
    #[must_use]
    pub fn definition(&self) -> ProjectDefinition {
        ProjectDefinition {
            shipyard: self.shipyard.clone().into(),
            ..ProjectDefinition::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charter_survives_as_an_event() {
        let charter = Charter {
            project: "p".to_owned(),
            context: "c".to_owned(),
            shipyard: Shipyard {
                name: "ship".to_owned(),
                ..Shipyard::default()
            },
            file: "# größer\n".to_owned(),
            trigger: CloudEvent {
                id: "t".to_owned(),
                specversion: "1.0".to_owned(),
                ..CloudEvent::default()
            },
        };
        let event = charter.event(Timestamp::UNIX_EPOCH);
        let stored: CloudEvent =
            serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
        assert_eq!(Charter::of(&stored), Some(charter));
        let mut later = stored.data.value();
        later["tidegate"]["version"] = 2.into();
        let later = CloudEvent {
            data: later.into(),
            ..stored
        };
        assert_eq!(Charter::of(&later), None);
        assert_eq!(Charter::of(&CloudEvent::default()), None);
    }
}
