//! What the log tells of projects and services that come and go (controlplane.md 1.3, 5.3).

use serde_json::{Map, Value};
use uuid::Uuid;

use super::refusal::stopped;
use crate::app::Conductor;
use crate::gate::event::{CloudEvent, EventData};
use crate::sequence::Engine;
use crate::server::problem::Problem;

/// Something that was done.
pub struct Announcement {
    /// `project.create`
    pub matter: &'static str,
    /// What `.started` says.
    pub started: Map<String, Value>,
    /// What `.finished` says besides.
    pub finished: Map<String, Value>,
}

impl Announcement {
    /// Writes it to the log: that it was started, and that it is finished.
    pub async fn tell(self, conductor: &Conductor) -> Result<(), Problem> {
        let context = Uuid::new_v4().to_string();
        let mut data = self.started;
        let started = event(self.matter, "started", &context, None, &data);
        let trigger = started.id.clone();
        conductor
            .submit(started)
            .await
            .map_err(|error| stopped(&error))?;
        data.extend(self.finished);
        data.insert("status".to_owned(), "succeeded".into());
        data.insert("result".to_owned(), "pass".into());
        let finished = event(self.matter, "finished", &context, Some(trigger), &data);
        conductor
            .submit(finished)
            .await
            .map_err(|error| stopped(&error))?;
        Ok(())
    }
}

/// Makes an event.
fn event(
    matter: &str,
    kind: &str,
    context: &str,
    trigger: Option<String>,
    data: &Map<String, Value>,
) -> CloudEvent {
    CloudEvent {
        id: Uuid::new_v4().to_string(),
        source: Engine::SOURCE.to_owned(),
        specversion: "1.0".to_owned(),
        event_type: format!("sh.keptn.event.{matter}.{kind}"),
        shkeptncontext: Some(context.to_owned()),
        triggeredid: trigger,
        data: EventData::from(Value::Object(data.clone())),
        ..CloudEvent::default()
    }
}
