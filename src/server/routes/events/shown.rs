//! An event as the API shows it: its time in UTC with exactly three digits of a second.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::gate::event::{CloudEvent, keptn_time};

/// An event as the API shows it.
pub(in crate::server::routes) struct Shown<'a>(pub &'a CloudEvent);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let CloudEvent {
            id,
            source,
            specversion,
            event_type,
            time,
            shkeptncontext,
            triggeredid,
            data,
            extensions,
        } = self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("id", id)?;
        map.serialize_entry("source", source)?;
        map.serialize_entry("specversion", specversion)?;
        map.serialize_entry("type", event_type)?;
        if let Some(time) = time {
            map.serialize_entry("time", &keptn_time(*time))?;
        }
        if let Some(context) = shkeptncontext {
            map.serialize_entry("shkeptncontext", context)?;
        }
        if let Some(triggered) = triggeredid {
            map.serialize_entry("triggeredid", triggered)?;
        }
        map.serialize_entry("data", data)?;
        for (name, value) in extensions {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Shows events, as a list.
pub(super) fn shown(events: &[CloudEvent]) -> Vec<Shown<'_>> {
    events.iter().map(Shown).collect()
}
