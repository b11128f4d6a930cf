//! The event log in an object store: S3 and whatever speaks its protocol, Google Cloud Storage, Azure Blob Storage.
//!
//! One immutable object per event, under keys that list newest first and tell all that filters need (`key.rs`). So a
//! baseline costs one listing of the series, one of what was said about the project's evaluations, and one read for each
//! event that is returned. There is no index: events of all projects, or one whose project is not known, are found by
//! listing every key under the prefix.
//!
//! Writers need no lock. A key says time, id and content, so two writers that store the same event store the same object,
//! and no store has to refuse an overwrite. Where they stamped it differently there are two objects; the one that stands
//! earliest counts, and how late each stands after its own time says how far back a reader must look for the other.
//! What ends an evaluation is stored after everything else of its batch: a writer that dies in between leaves a
//! `triggered` without a `finished`, which nobody compares with. A batch of many evaluations (an import, a copy) is no
//! unit: what was stored of it stays, and it can be said again.

mod address;
mod append;
mod aws;
mod azure;
mod bucket;
mod connector;
mod google;
mod key;
mod name;
mod opened;
mod profile;
mod read;
mod remove;
mod scan;
#[cfg(test)]
mod tests;
mod trouble;
mod wanted;

use std::path::PathBuf;

use async_trait::async_trait;

use self::bucket::{Bucket, Listing};
use self::key::VERSION;
use super::failure::{AppendError, ReadError};
use super::filter::Filter;
use super::page::Page;
use super::{EventLog, Times};
use crate::gate::event::CloudEvent;

/// The most folders beside ours that are looked at for a later layout.
const FOLDERS: usize = 100;

/// A log in an object store.
pub(super) struct ObjectLog {
    /// The bucket.
    bucket: Bucket,
    /// What all keys of our layout begin with.
    base: String,
}

impl ObjectLog {
    /// Refuses a log that a later tidegate has moved to another layout: its keys begin with `v2/`.
    async fn check_version(&self) -> Result<(), ReadError> {
        let prefix = format!("{}v", self.bucket.address.prefix);
        let listing = Listing {
            prefix: prefix.clone(),
            after: None,
            is_shallow: true,
            most: FOLDERS,
        };
        let found = self.bucket.list(&listing, None).await?;
        let versions = found.folders.iter().filter_map(|folder| {
            let number = folder.strip_prefix(&prefix)?.trim_end_matches('/');
            number.parse::<i64>().ok()
        });
        match versions.max() {
            Some(found) if found > VERSION => Err(ReadError::Newer {
                path: PathBuf::from(self.bucket.address.shown()),
                found,
                known: VERSION,
            }),
            Some(_) | None => Ok(()),
        }
    }
}

#[async_trait]
impl EventLog for ObjectLog {
    async fn append(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendError> {
        self.store(events, times).await
    }

    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError> {
        self.read(filter, limit).await
    }

    async fn remove(&self, events: &[CloudEvent]) -> Result<usize, AppendError> {
        self.take_out(events).await
    }
}
