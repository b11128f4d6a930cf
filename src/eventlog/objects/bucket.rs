//! A bucket: the four things that a log asks of it, each bounded in time, each failure in our words.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, PutMode, PutOptions};
use tokio::time::{Instant, timeout_at};

use super::address::Address;
use super::connector::Watch;
use super::trouble::{Refusal, Seen};
use crate::eventlog::{RemoteFailure, Trouble};

/// The most attempts to store one object whose answer was lost.
const PUT_ATTEMPTS: usize = 3;

/// A bucket of a store.
pub(super) struct Bucket {
    /// Reads and writes.
    pub store: Arc<dyn ObjectStore>,
    /// Lists.
    pub lister: Arc<dyn PaginatedListStore>,
    /// Where it is.
    pub address: Address,
    /// What was seen of requests that nobody else watches.
    pub watch: Watch,
    /// How long one question may take, repetitions included.
    pub timeout: Duration,
    /// Whether the store begins a listing in the middle.
    pub starts_anywhere: bool,
    /// Whether the store said that it knows no conditional writes.
    pub writes_plainly: AtomicBool,
}

/// What to list.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    /// What the keys begin with.
    pub prefix: String,
    /// What the keys come after.
    pub after: Option<String>,
    /// Whether only the next folder is wanted, not what is in it.
    pub is_shallow: bool,
    /// How many keys at most.
    pub most: usize,
}

/// One page of keys.
#[derive(Debug)]
pub(super) struct Keys {
    /// The keys, with their sizes.
    pub objects: Vec<(String, u64)>,
    /// The folders, of a shallow listing.
    pub folders: Vec<String>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl Bucket {
    /// Lists one page.
    pub(super) async fn list(
        &self,
        listing: &Listing,
        page: Option<String>,
    ) -> Result<Keys, RemoteFailure> {
        let watch = Watch::default();
        let mut options = PaginatedListOptions {
            offset: listing
                .after
                .clone()
                .filter(|_| page.is_none() && self.starts_anywhere),
            delimiter: listing.is_shallow.then_some("/".into()),
            max_keys: Some(listing.most),
            page_token: page,
            ..PaginatedListOptions::default()
        };
        options.extensions.insert(watch.clone());
        let question = self.lister.list_paginated(Some(&listing.prefix), options);
        let answer = tokio::time::timeout(self.timeout, question).await;
        let found = answer
            .map_err(|_elapsed| self.late(Trouble::Unavailable))?
            .map_err(|_unsafe_to_show| self.refused(watch.take()).into_failure(self))?;
        let objects = found.result.objects.into_iter();
        let folders = found.result.common_prefixes.into_iter();
        Ok(Keys {
            objects: objects
                .map(|object| (object.location.into(), object.size))
                .collect(),
            folders: folders.map(Into::into).collect(),
            next: found.page_token.filter(|token| !token.is_empty()),
        })
    }

    /// Reads an object; `None` where there is none (any more).
    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, RemoteFailure> {
        let watch = Watch::default();
        let mut options = GetOptions::default();
        options.extensions.insert(watch.clone());
        let path = self.path(key)?;
        let question = async {
            let found = self.store.get_opts(&path, options).await?;
            found.bytes().await
        };
        let answer = tokio::time::timeout(self.timeout, question).await;
        let answer = answer.map_err(|_elapsed| self.late(Trouble::Unavailable))?;
        if let Ok(bytes) = answer {
            return Ok(Some(bytes.to_vec()));
        }
        let seen = watch.take();
        if seen.as_ref().is_some_and(Seen::is_missing_object) {
            return Ok(None);
        }
        Err(self.refused(seen).into_failure(self))
    }

    /// Stores an object. One that is there already has the same content: so its key says.
    pub(super) async fn put(&self, key: &str, json: &str) -> Result<(), RemoteFailure> {
        let path = self.path(key)?;
        let end = Instant::now() + self.timeout;
        let mut is_doubtful = false;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let Ok(answer) = timeout_at(end, self.put_once(&path, json)).await else {
                return Err(self.late(Trouble::InDoubt));
            };
            let Err(refusal) = answer else { return Ok(()) };
            is_doubtful |= refusal.may_be_done;
            if refusal.may_be_done && attempts < PUT_ATTEMPTS && Instant::now() < end {
                continue;
            }
            // What an attempt before may have stored is not taken back by a clear refusal later.
            let trouble = if is_doubtful {
                Trouble::InDoubt
            } else {
                refusal.trouble
            };
            return Err(Refusal { trouble, ..refusal }.into_failure(self));
        }
    }

    /// Tries to store an object.
    async fn put_once(&self, path: &Path, json: &str) -> Result<(), Refusal> {
        loop {
            let writes_plainly = self.writes_plainly.load(Ordering::Relaxed);
            let watch = Watch::default();
            let mut options = PutOptions::from(if writes_plainly {
                PutMode::Overwrite
            } else {
                PutMode::Create
            });
            options.extensions.insert(watch.clone());
            let stored = self.store.put_opts(path, json.to_owned().into(), options);
            let is_there = |error| {
                matches!(
                    error,
                    object_store::Error::AlreadyExists { .. }
                        | object_store::Error::Precondition { .. }
                )
            };
            if stored.await.map_or_else(is_there, |_| true) {
                return Ok(());
            }
            let seen = watch.take();
            if !writes_plainly && seen.as_ref().is_some_and(Seen::is_unknown_condition) {
                self.writes_plainly.store(true, Ordering::Relaxed);
                continue;
            }
            return Err(self.refused(seen));
        }
    }

    /// Deletes objects; those that are not there are passed over.
    pub(super) async fn delete(&self, keys: Vec<String>) -> Result<(), RemoteFailure> {
        let mut paths = Vec::with_capacity(keys.len());
        for key in &keys {
            paths.push(Ok(self.path(key)?));
        }
        let mut answers = self
            .store
            .delete_stream(futures_util::stream::iter(paths).boxed());
        loop {
            let waiting = tokio::time::timeout(self.timeout, answers.next());
            match waiting
                .await
                .map_err(|_elapsed| self.late(Trouble::InDoubt))?
            {
                None => return Ok(()),
                Some(Ok(_) | Err(object_store::Error::NotFound { .. })) => {}
                Some(Err(_)) => {
                    let mut refusal = self.refused(self.watch.take());
                    if refusal.may_be_done {
                        refusal.trouble = Trouble::InDoubt;
                    }
                    return Err(refusal.into_failure(self));
                }
            }
        }
    }

    /// Says that something can't be done with this bucket.
    pub(super) fn cannot(&self, trouble: Trouble, text: impl Into<String>) -> RemoteFailure {
        RemoteFailure::new(self.address.shown(), trouble, text.into())
    }

    /// Says how a key is shown.
    pub(super) fn shown(&self, key: &str) -> String {
        format!("{}{}/{key}", self.address.kind, self.address.bucket)
    }

    /// Returns a key as the library takes it.
    fn path(&self, key: &str) -> Result<Path, RemoteFailure> {
        Path::parse(key).map_err(|error| self.cannot(Trouble::BadAnswer, error.to_string()))
    }

    /// Says that an answer took too long.
    fn late(&self, trouble: Trouble) -> RemoteFailure {
        let text = format!(
            "no complete answer within {:?}; set a longer timeout",
            self.timeout
        );
        self.cannot(trouble, text)
    }

    /// Sorts what went wrong. Where the request itself was never sent, it is what was to prove who is asking.
    fn refused(&self, seen: Option<Seen>) -> Refusal {
        match seen.or_else(|| self.watch.take()) {
            Some(seen) => seen.refusal(&self.address.bucket),
            None => Refusal {
                trouble: Trouble::NotAuthorised,
                may_be_done: false,
                text: "the request could not be made: the credentials can't be used; are their files there and complete?".to_owned(),
            },
        }
    }
}

impl Refusal {
    /// Names the log.
    fn into_failure(self, bucket: &Bucket) -> RemoteFailure {
        let trouble = self.trouble;
        RemoteFailure::new(bucket.address.shown(), trouble, self)
    }
}
