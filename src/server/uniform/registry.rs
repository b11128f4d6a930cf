//! The integrations: whoever carries out tasks registers, says from time to time that it is alive, and is forgotten
//! when it does not.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::small_file::{self, KeepError};
use crate::control::{Integration, Subscription};

/// The name of the file.
const FILE: &str = "integrations.json";
/// The most integrations.
const MOST: usize = 10_000;

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

/// Which integrations are asked for; an empty text stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct RegistryQuestion {
    /// The name.
    pub name: String,
    /// The id.
    pub id: String,
    /// The namespace.
    pub namespace: String,
    /// The host.
    pub hostname: String,
    /// A project they hear of.
    pub project: String,
    /// A stage they hear of.
    pub stage: String,
    /// A service they hear of.
    pub service: String,
}

/// An integration has registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It was not known.
    New(String),
    /// It was.
    Known(String),
}

/// An integration can't be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// It does not say who it is.
    #[error("an integration needs {0}")]
    Lacks(&'static str),
    /// There are too many.
    #[error("there are {MOST} integrations already; delete some, or wait until they are forgotten")]
    TooMany,
    /// It can't be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
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

    /// Returns what matches, by name.
    #[must_use]
    pub fn list(&self, question: &RegistryQuestion, now: Timestamp) -> Vec<Integration> {
        let known = self.alive(now);
        let matching = known.values().map(Known::told);
        let mut matching: Vec<Integration> = matching.filter(|one| question.matches(one)).collect();
        matching.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        matching
    }

    /// Returns one; `None`: nobody has that id, or it was forgotten.
    #[must_use]
    pub fn find(&self, id: &str, now: Timestamp) -> Option<Integration> {
        self.alive(now).get(id).map(Known::told)
    }

    /// Registers an integration. One that registers again keeps the subscriptions that were added since.
    pub fn register(
        &self,
        mut integration: Integration,
        now: Timestamp,
    ) -> Result<Registered, RegisterError> {
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
        let id = id_of(&integration);
        integration.id.clone_from(&id);
        let mut known = self.alive(now);
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
        let is_own = before.as_ref().is_some_and(|before| before.is_own);
        let one = Known {
            integration,
            seen: now,
            is_own,
        };
        known.insert(id.clone(), one);
        if let Err(error) = small_file::replace(&self.path, &*known) {
            put_back(&mut known, &id, before);
            return Err(error.into());
        }
        Ok(match before {
            Some(_) => Registered::Known(id),
            None => Registered::New(id),
        })
    }

    /// Registers a part of the server itself, which is never forgotten.
    pub fn register_own(
        &self,
        integration: Integration,
        now: Timestamp,
    ) -> Result<(), RegisterError> {
        let id = id_of(&integration);
        self.register(integration, now)?;
        let mut known = self.alive(now);
        if let Some(one) = known.get_mut(&id) {
            one.is_own = true;
        }
        small_file::replace(&self.path, &*known)?;
        Ok(())
    }

    /// Takes note that an integration is alive; `None`: nobody has that id.
    pub fn ping(&self, id: &str, now: Timestamp) -> Option<Integration> {
        let mut known = self.alive(now);
        let one = known.get_mut(id)?;
        one.seen = now;
        Some(one.told())
    }

    /// Forgets an integration; false: nobody has that id.
    pub fn remove(&self, id: &str, now: Timestamp) -> Result<bool, KeepError> {
        let changed = self.change(id, now, |_one| Change::<()>::Remove)?;
        Ok(!matches!(changed, Changed::Unknown))
    }

    /// Adds a subscription, and returns its id; `None`: nobody has that id.
    pub fn subscribe(
        &self,
        id: &str,
        mut subscription: Subscription,
        now: Timestamp,
    ) -> Result<Option<String>, KeepError> {
        name_it(&mut subscription);
        let name = subscription.id.clone();
        let changed = self.change(id, now, |one| {
            one.subscriptions.push(subscription);
            Change::Keep(())
        })?;
        Ok(match changed {
            Changed::Unknown | Changed::Removed => None,
            Changed::Kept(()) => Some(name),
        })
    }

    /// Changes a subscription, or removes it; false: there is none.
    pub fn replace_subscription(
        &self,
        id: &str,
        subscription_id: &str,
        subscription: Option<Subscription>,
        now: Timestamp,
    ) -> Result<bool, KeepError> {
        let changed = self.change(id, now, |one| {
            let all = &mut one.subscriptions;
            let Some(at) = all.iter().position(|one| one.id == subscription_id) else {
                return Change::Keep(false);
            };
            let old = all.remove(at);
            if let Some(new) = subscription {
                all.insert(at, Subscription { id: old.id, ..new });
            }
            Change::Keep(true)
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

    /// Changes an integration; nothing has changed where it can't be kept.
    fn change<T>(
        &self,
        id: &str,
        now: Timestamp,
        change: impl FnOnce(&mut Integration) -> Change<T>,
    ) -> Result<Changed<T>, KeepError> {
        let mut known = self.alive(now);
        let Some(one) = known.get_mut(id) else {
            return Ok(Changed::Unknown);
        };
        let before = one.clone();
        let told = match change(&mut one.integration) {
            Change::Keep(told) => Changed::Kept(told),
            Change::Remove => {
                known.remove(id);
                Changed::Removed
            }
        };
        if let Err(error) = small_file::replace(&self.path, &*known) {
            put_back(&mut known, id, Some(before));
            return Err(error);
        }
        Ok(told)
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
    /// Returns what is told of it.
    fn told(&self) -> Integration {
        let mut told = self.integration.clone();
        told.metadata.lastseen = format!("{:.3}", self.seen);
        told
    }
}

impl RegistryQuestion {
    /// Tells whether an integration is asked for.
    fn matches(&self, one: &Integration) -> bool {
        let is = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
        let hears = |wanted: &str, of: fn(&Subscription) -> &Vec<String>| {
            let mut all = one.subscriptions.iter();
            wanted.is_empty()
                || all.any(|one| of(one).is_empty() || of(one).iter().any(|name| name == wanted))
        };
        is(&self.name, &one.name)
            && is(&self.id, &one.id)
            && is(&self.namespace, &one.metadata.kubernetesmetadata.namespace)
            && is(&self.hostname, &one.metadata.hostname)
            && hears(&self.project, |one| &one.filter.projects)
            && hears(&self.stage, |one| &one.filter.stages)
            && hears(&self.service, |one| &one.filter.services)
    }
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
