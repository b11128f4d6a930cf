//! The integrations: whoever carries out tasks registers, says from time to time that it is alive, and is forgotten
//! when it does not.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::limits::{self, MOST};
use super::question::RegistryQuestion;
use super::reach::Reach;
use super::register_error::RegisterError;
use super::small_file::{self, KeepError};
use crate::control::{Integration, Subscription};

/// The name of the file.
const FILE: &str = "integrations.json";

/// Every integration. What is answered is durable, but for the moments at which integrations were seen.
#[derive(Debug)]
pub struct Registry {
    /// Where they are kept.
    path: PathBuf,
    /// How long one is remembered that says nothing.
    ttl: Duration,
    /// By id.
    known: Mutex<BTreeMap<String, Known>>,
}

/// One integration.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Known {
    /// The integration.
    integration: Integration,
    /// When it was seen last.
    seen: Timestamp,
    /// Whether it is a part of the server, which is always alive.
    #[serde(default)]
    is_own: bool,
}

/// An integration has registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It was not known.
    New(String),
    /// It was.
    Known(String),
}

impl Registry {
    /// Reads what was registered.
    pub fn open(folder: &std::path::Path, ttl: Duration) -> Result<Self, KeepError> {
        let path = folder.join(FILE);
        let known = small_file::read(&path)?.unwrap_or_default();
        Ok(Self {
            path,
            ttl,
            known: Mutex::new(known),
        })
    }

    /// Returns what matches and may be seen, by name.
    #[must_use]
    pub fn list(
        &self,
        question: &RegistryQuestion,
        reach: &Reach,
        now: Timestamp,
    ) -> Vec<Integration> {
        let known = self.alive(now);
        let shown = known.values().filter_map(|one| one.told(reach));
        let mut matching: Vec<Integration> = shown.filter(|one| question.matches(one)).collect();
        matching.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        matching
    }

    /// Returns one; `None`: nobody has that id who may be seen, or it was forgotten.
    #[must_use]
    pub fn find(&self, id: &str, reach: &Reach, now: Timestamp) -> Option<Integration> {
        self.alive(now).get(id)?.told(reach)
    }

    /// Registers an integration. One that registers again keeps the subscriptions that were added since; a part of the
    /// server stays as it is.
    pub fn register(
        &self,
        integration: Integration,
        reach: &Reach,
        now: Timestamp,
    ) -> Result<Registered, RegisterError> {
        let id = id_of(&integration);
        let mut known = self.alive(now);
        let before = known.get(&id);
        if before.is_some_and(|before| before.is_own) {
            return Ok(Registered::Known(id));
        }
        if before.is_some_and(|before| !reach.covers_all_of(&before.integration)) {
            return Err(RegisterError::Foreign);
        }
        if !reach.covers_all_of(&integration) {
            return Err(RegisterError::Outside);
        }
        let one = Known {
            integration,
            seen: now,
            is_own: false,
        };
        self.put(&mut known, one)
    }

    /// Registers a part of the server itself, which is never forgotten.
    pub fn register_own(
        &self,
        integration: Integration,
        now: Timestamp,
    ) -> Result<(), RegisterError> {
        let mut known = self.alive(now);
        let one = Known {
            integration,
            seen: now,
            is_own: true,
        };
        self.put(&mut known, one).map(drop)
    }

    /// Puts an integration among the others.
    fn put(
        &self,
        known: &mut BTreeMap<String, Known>,
        mut one: Known,
    ) -> Result<Registered, RegisterError> {
        let integration = &mut one.integration;
        check_names(integration)?;
        let id = id_of(integration);
        integration.id.clone_from(&id);
        let before = known.get(&id).cloned();
        if before.is_none() && known.len() >= MOST {
            return Err(RegisterError::TooMany);
        }
        match &before {
            Some(before) => integration
                .subscriptions
                .clone_from(&before.integration.subscriptions),
            None => integration.subscriptions.iter_mut().for_each(name_it),
        }
        known.insert(id.clone(), one);
        let is_new = before.is_none();
        self.keep(known, &id, before)?;
        Ok(if is_new {
            Registered::New(id)
        } else {
            Registered::Known(id)
        })
    }

    /// Takes note that an integration is alive; `None`: nobody has that id who may be seen.
    pub fn ping(&self, id: &str, reach: &Reach, now: Timestamp) -> Option<Integration> {
        let mut known = self.alive(now);
        let one = known.get_mut(id)?;
        one.told(reach)?;
        one.seen = now;
        one.told(reach)
    }

    /// Forgets an integration; false: nobody has that id.
    pub fn remove(&self, id: &str, reach: &Reach, now: Timestamp) -> Result<bool, RegisterError> {
        let changed = self.change(id, now, |one| {
            if one.is_own {
                Err(RegisterError::Own)
            } else if !reach.covers_all_of(&one.integration) {
                Err(RegisterError::Foreign)
            } else {
                Ok(Change::<()>::Remove)
            }
        })?;
        Ok(!matches!(changed, Changed::Unknown))
    }

    /// Adds a subscription, and returns its id; `None`: nobody has that id.
    pub fn subscribe(
        &self,
        id: &str,
        mut subscription: Subscription,
        reach: &Reach,
        now: Timestamp,
    ) -> Result<Option<String>, RegisterError> {
        name_it(&mut subscription);
        let name = subscription.id.clone();
        let changed = self.change(id, now, |one| {
            reach.cover(&subscription)?;
            one.integration.subscriptions.push(subscription);
            Ok(Change::Keep(()))
        })?;
        Ok(match changed {
            Changed::Unknown | Changed::Removed => None,
            Changed::Kept(()) => Some(name),
        })
    }

    /// Changes a subscription, or removes it; false: there is none.
    pub fn replace_subscription(
        &self,
        (id, subscription_id): (&str, &str),
        subscription: Option<Subscription>,
        reach: &Reach,
        now: Timestamp,
    ) -> Result<bool, RegisterError> {
        let changed = self.change(id, now, |one| {
            let all = &mut one.integration.subscriptions;
            let Some(at) = all.iter().position(|one| one.id == subscription_id) else {
                return Ok(Change::Keep(false));
            };
            let old = all.remove(at);
            reach.cover(&old)?;
            if let Some(new) = subscription {
                reach.cover(&new)?;
                all.insert(at, Subscription { id: old.id, ..new });
            }
            Ok(Change::Keep(true))
        })?;
        Ok(match changed {
            Changed::Unknown | Changed::Removed => false,
            Changed::Kept(is_replaced) => is_replaced,
        })
    }

    /// Stores when integrations were seen: pings alone do not.
    pub fn flush(&self, now: Timestamp) -> Result<(), KeepError> {
        let known = self.alive(now);
        small_file::replace(&self.path, &*known)
    }

    /// Changes an integration; nothing has changed where it is refused or can't be kept.
    fn change<T>(
        &self,
        id: &str,
        now: Timestamp,
        change: impl FnOnce(&mut Known) -> Result<Change<T>, RegisterError>,
    ) -> Result<Changed<T>, RegisterError> {
        let mut known = self.alive(now);
        let Some(one) = known.get_mut(id) else {
            return Ok(Changed::Unknown);
        };
        let before = one.clone();
        let told = match change(one) {
            Ok(Change::Keep(told)) => Changed::Kept(told),
            Ok(Change::Remove) => {
                known.remove(id);
                Changed::Removed
            }
            Err(error) => {
                put_back(&mut known, id, Some(before));
                return Err(error);
            }
        };
        self.keep(&mut known, id, Some(before))?;
        Ok(told)
    }

    /// Stores what has changed; where that can't be, or is too much, it is as it was before.
    fn keep(
        &self,
        known: &mut BTreeMap<String, Known>,
        id: &str,
        before: Option<Known>,
    ) -> Result<(), RegisterError> {
        let old = before.as_ref().map(|before| &before.integration);
        let new = known.get(id).map(|one| &one.integration);
        let all = known.values().map(|one| &one.integration);
        let kept = limits::check(old, new, all)
            .and_then(|()| Ok(small_file::replace(&self.path, &*known)?));
        if kept.is_err() {
            put_back(known, id, before);
        }
        kept
    }

    /// Returns those that are not to be forgotten yet.
    fn alive(&self, now: Timestamp) -> MutexGuard<'_, BTreeMap<String, Known>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, one| {
            let silent = Duration::try_from(now.duration_since(one.seen)).unwrap_or_default();
            one.is_own || silent <= self.ttl
        });
        known
    }
}

/// What became of an integration.
enum Changed<T> {
    /// Nobody has that id.
    Unknown,
    /// It is forgotten.
    Removed,
    /// It is kept, and this is told of it.
    Kept(T),
}

/// What becomes of an integration.
enum Change<T> {
    /// It stays.
    Keep(T),
    /// It goes.
    Remove,
}

impl Known {
    /// Returns what is told of it; `None`: nothing.
    fn told(&self, reach: &Reach) -> Option<Integration> {
        let mut told = self.integration.clone();
        told.metadata.lastseen = format!("{:.3}", self.seen);
        let all = told.subscriptions.len();
        told.subscriptions.retain(|one| reach.shows(one));
        let is_shown = self.is_own || all == 0 || !told.subscriptions.is_empty();
        is_shown.then_some(told)
    }
}

/// Checks that an integration says who it is.
fn check_names(integration: &Integration) -> Result<(), RegisterError> {
    let metadata = &integration.metadata;
    for (value, what) in [
        (&integration.name, "a name"),
        (
            &metadata.kubernetesmetadata.namespace,
            "a namespace, in metadata.kubernetesmetadata",
        ),
        (&metadata.hostname, "a hostname, in metadata"),
    ] {
        if value.is_empty() {
            return Err(RegisterError::Lacks(what));
        }
    }
    Ok(())
}

/// Gives a subscription an id.
fn name_it(subscription: &mut Subscription) {
    subscription.id = Uuid::new_v4().to_string();
}

/// Undoes a change.
fn put_back(known: &mut BTreeMap<String, Known>, id: &str, before: Option<Known>) {
    match before {
        Some(before) => known.insert(id.to_owned(), before),
        None => known.remove(id),
    };
}

/// Returns the id of an integration, as Keptn makes it: the SHA-1 of who it is.
fn id_of(integration: &Integration) -> String {
    use std::fmt::Write as _;
    let metadata = &integration.metadata;
    let who = format!(
        "{}-{}-{}",
        integration.name, metadata.kubernetesmetadata.namespace, metadata.hostname
    );
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, who.as_bytes());
    let mut id = String::new();
    for byte in digest.as_ref() {
        // A text takes everything.
        write!(id, "{byte:02x}").ok();
    }
    id
}
