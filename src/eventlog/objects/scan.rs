//! Reading keys page by page, newest first, only as far as someone needs.

use jiff::Timestamp;

use super::bucket::{Bucket, Listing};
use super::key::{Half, Key};
use crate::eventlog::envelope::Envelope;
use crate::eventlog::{RemoteFailure, Trouble};

/// The most keys in a page: what the stores give at most.
pub(super) const PAGE: usize = 1000;
/// The most keys that one question may look at.
const MOST_KEYS: usize = 5_000_000;

/// An object of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its whole key in the bucket.
    pub path: String,
    /// What the key tells.
    pub key: Key,
    /// The id of the event.
    pub id: String,
    /// How many bytes it has.
    pub size: u64,
}

impl Entry {
    /// Returns what the order of events goes by.
    pub(super) fn order(&self) -> (Option<Timestamp>, &String) {
        (self.key.time, &self.id)
    }
}

/// What is being listed, and what was found so far.
pub(super) struct Scan<'a> {
    /// The bucket.
    bucket: &'a Bucket,
    /// What to list.
    listing: Listing,
    /// What all keys of the layout begin with.
    base: &'a str,
    /// Whether the keys come newest first.
    is_ordered: bool,
    /// Where the next page begins; `None` before the first.
    next: Option<String>,
    /// Whether everything was listed.
    is_done: bool,
    /// The last key.
    last: Option<String>,
    /// How many keys were looked at.
    seen: usize,
    /// The events.
    pub entries: Vec<Entry>,
    /// The keys of what is no event of ours.
    pub strangers: Vec<String>,
}

/// What a scan looks for.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// The half.
    pub half: Half,
    /// The names that are known, encoded, from the project on.
    pub names: Vec<String>,
    /// No event after this time is wanted; inverted, as in keys.
    pub newest: Option<String>,
    /// How many keys the first page may have.
    pub first: usize,
}

impl<'a> Scan<'a> {
    /// Makes a scan; nothing is listed yet.
    pub(super) fn new(bucket: &'a Bucket, base: &'a str, scope: Scope) -> Self {
        let Scope {
            half,
            mut names,
            newest,
            first,
        } = scope;
        // Below a project, steering events are in the order of time and not of names.
        let depth = match half {
            Half::Events => 3,
            Half::Steering => 1,
        };
        names.truncate(depth);
        let is_ordered = names.len() == depth;
        let mut prefix = format!("{base}{}/", half.folder());
        for name in names {
            prefix.push_str(&name);
            prefix.push('/');
        }
        let after = newest
            .filter(|_| is_ordered)
            .map(|time| format!("{prefix}{time}"));
        Self {
            bucket,
            listing: Listing {
                prefix,
                after,
                is_shallow: false,
                most: first,
            },
            base,
            is_ordered,
            next: None,
            is_done: false,
            last: None,
            seen: 0,
            entries: Vec::new(),
            strangers: Vec::new(),
        }
    }

    /// Tells whether no event at or after a time can be missing.
    pub(super) fn reaches(&self, time: Option<Timestamp>) -> bool {
        let last = self.entries.last();
        self.is_done || self.is_ordered && last.is_some_and(|last| last.key.time < time)
    }

    /// Tells whether there is nothing at all, not even what is no event.
    pub(super) fn is_empty(&self) -> bool {
        self.is_done && self.seen == 0 && self.listing.after.is_none()
    }

    /// Lists until no event at or after a time can be missing.
    pub(super) async fn reach(&mut self, time: Option<Timestamp>) -> Result<(), RemoteFailure> {
        while !self.reaches(time) {
            self.read_page().await?;
        }
        Ok(())
    }

    /// Lists one more page.
    pub(super) async fn read_page(&mut self) -> Result<(), RemoteFailure> {
        if self.is_done {
            return Ok(());
        }
        let keys = self.bucket.list(&self.listing, self.next.take()).await?;
        self.listing.most = PAGE;
        for (path, size) in keys.objects {
            self.check_order(&path)?;
            self.take(path, size).await?;
        }
        self.is_done = keys.next.is_none();
        self.next = keys.next;
        Ok(())
    }

    /// Takes one object.
    async fn take(&mut self, path: String, size: u64) -> Result<(), RemoteFailure> {
        self.seen += 1;
        // What a console leaves behind when someone makes a folder.
        if size == 0 && !path.contains('.') {
            return Ok(());
        }
        let key = path.strip_prefix(self.base).and_then(Key::parse);
        let Some(key) = key else {
            self.strangers.push(path);
            return Ok(());
        };
        let id = match key.whole_id() {
            Some(id) => id,
            // Its key has the digest of its id only.
            None => match self.bucket.get(&path).await? {
                None => return Ok(()),
                Some(json) => Envelope::parse(&json).map(|e| e.id).unwrap_or_default(),
            },
        };
        self.entries.push(Entry {
            path,
            key,
            id,
            size,
        });
        Ok(())
    }

    /// Refuses a store that lists in no order: the newest events could be anywhere.
    fn check_order(&mut self, path: &str) -> Result<(), RemoteFailure> {
        if self.last.as_deref().is_some_and(|last| last >= path) {
            return Err(self.bucket.cannot(
                Trouble::Unsupported,
                "the store does not list its keys in order, as S3's directory buckets don't; use a general purpose bucket",
            ));
        }
        if self.seen >= MOST_KEYS {
            return Err(self.bucket.cannot(
                Trouble::Unsupported,
                format!("there are more than {MOST_KEYS} events to look at; name the project, the stage and the service"),
            ));
        }
        self.last = Some(path.to_owned());
        Ok(())
    }
}
