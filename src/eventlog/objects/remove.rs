//! Removing: every object of an id, also the twins that a reader passes over.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::ObjectLog;
use super::key::{Half, Place};
use super::scan::{Entry, PAGE, Scan, Scope};
use crate::eventlog::envelope::SeriesKey;
use crate::eventlog::{AppendError, RemoteFailure};
use crate::gate::event::CloudEvent;

impl ObjectLog {
    /// Removes events; returns how many were there.
    pub(super) async fn take_out(&self, events: &[CloudEvent]) -> Result<usize, AppendError> {
        let mut floors: HashMap<(Half, Vec<String>), Option<Timestamp>> = HashMap::new();
        for event in events {
            let place = Place::of(&SeriesKey::of(event));
            let half = Half::of(&event.event_type);
            let names = match half {
                Half::Events => vec![place.project, place.stage, place.service],
                Half::Steering => vec![place.project],
            };
            let floor = floors.entry((half, names)).or_insert(event.time);
            *floor = event.time.min(*floor);
        }
        if floors.is_empty() {
            return Ok(0);
        }
        self.check_version().await?;
        let ids: HashSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
        let mut found = Vec::new();
        for ((half, names), floor) in floors {
            found.extend(self.with_ids(half, names, floor, &ids).await?);
        }
        // The latest first: a twin must not come to light when the earliest is gone.
        found.sort_unstable_by(|one, other| other.order().cmp(&one.order()));
        let gone: HashSet<&str> = found.iter().map(|entry| entry.id.as_str()).collect();
        let count = gone.len();
        let keys = found.iter().map(|entry| entry.path.clone()).collect();
        self.bucket.delete(keys).await?;
        Ok(count)
    }

    /// Finds the objects of some ids.
    async fn with_ids(
        &self,
        half: Half,
        names: Vec<String>,
        floor: Option<Timestamp>,
        ids: &HashSet<&str>,
    ) -> Result<Vec<Entry>, RemoteFailure> {
        let scope = Scope {
            half,
            names,
            newest: None,
            first: PAGE,
        };
        let mut scan = Scan::new(&self.bucket, &self.base, scope);
        scan.reach(floor).await?;
        let mut entries = scan.entries;
        entries.retain(|entry| ids.contains(entry.id.as_str()));
        Ok(entries)
    }
}
