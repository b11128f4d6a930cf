//! From settings to a log in a bucket. Nothing is asked of the store yet; only files with credentials are read.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use object_store::list::PaginatedListStore;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};

use super::address::{Address, Problem};
use super::bucket::Bucket;
use super::connector::{Connector, Watch};
use super::key::VERSION;
use super::{ObjectLog, aws, azure, google};
use crate::eventlog::open::OpenError;
use crate::eventlog::settings::{RemoteLog, RemoteUrl};
use crate::eventlog::{EVENT_LIMIT, EventLogSettings, Variables};
use crate::net::PlainClient;

/// The most bytes of an answer: an event, or a page of keys, which is smaller.
const ANSWER_LIMIT: usize = EVENT_LIMIT + 1024 * 1024;
/// How often the library repeats a request.
const RETRIES: usize = 4;

/// What it takes to reach a bucket.
pub(super) struct Way<'a> {
    /// Which bucket.
    pub address: &'a Address,
    /// The environment.
    pub variables: &'a Variables,
    /// Our client.
    pub connector: Connector,
    /// How often to ask again.
    pub retry: RetryConfig,
}

/// A store of the library: both of its faces.
pub(super) struct Faces {
    /// Reads and writes.
    store: Arc<dyn ObjectStore>,
    /// Lists.
    lister: Arc<dyn PaginatedListStore>,
}

impl Faces {
    /// Takes a store that was built; what the library says about one that was not may hold credentials.
    pub(super) fn of<S: ObjectStore + PaginatedListStore>(
        built: object_store::Result<S>,
    ) -> Result<Self, Problem> {
        let store = built.map_err(|_unsafe_to_show| {
            Problem::new("its credentials can't be used: one of them is missing, or has another form than its vendor gives it")
        })?;
        let store = Arc::new(store);
        Ok(Self {
            store: Arc::<S>::clone(&store),
            lister: store,
        })
    }
}

impl ObjectLog {
    /// Opens a log.
    pub(in crate::eventlog) fn open(
        url: &RemoteUrl,
        settings: EventLogSettings,
    ) -> Result<Self, OpenError> {
        Self::find(url, settings).map_err(|Problem(problem)| OpenError::new(url, problem))
    }

    /// Finds the bucket and its credentials.
    fn find(url: &RemoteUrl, settings: EventLogSettings) -> Result<Self, Problem> {
        let EventLogSettings {
            url: _,
            lock_timeout: _,
            timeout,
            tls,
            token,
            variables,
        } = settings;
        if token.is_some() {
            return Err(Problem::new(where_from(url.kind)));
        }
        let address = Address::parse(url)?;
        let watch = Watch::default();
        let http = PlainClient::new(tls, ANSWER_LIMIT);
        let way = Way {
            address: &address,
            variables: &variables,
            connector: Connector::new(http, timeout, watch.clone()),
            retry: retry(timeout),
        };
        let Faces { store, lister } = match url.kind {
            RemoteLog::S3 => aws::build(way)?,
            RemoteLog::GoogleCloud => google::build(way)?,
            RemoteLog::Azure => azure::build(way)?,
            RemoteLog::Keptn | RemoteLog::Postgres | RemoteLog::Nats => {
                return Err(Problem::new("it is no object store"));
            }
        };
        Ok(Self {
            base: format!("{}v{VERSION}/", address.prefix),
            bucket: Bucket {
                store,
                lister,
                // Azure's emulator ignores where to begin, and Azure itself learned it lately.
                starts_anywhere: url.kind != RemoteLog::Azure,
                address,
                watch,
                timeout,
                writes_plainly: AtomicBool::new(false),
            },
        })
    }
}

/// Says where the credentials of a kind of store are looked for, to whoever set a token.
fn where_from(kind: RemoteLog) -> String {
    let (vendor, places) = match kind {
        RemoteLog::S3 => (
            "S3",
            "`AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, from the profiles of `~/.aws`, or from the machine's role",
        ),
        RemoteLog::GoogleCloud => (
            "Google Cloud Storage",
            "the file that `GOOGLE_APPLICATION_CREDENTIALS` names, from `GOOGLE_BEARER_TOKEN`, from `gcloud auth application-default login`, or from the machine's service account",
        ),
        RemoteLog::Azure => (
            "Azure Blob Storage",
            "`AZURE_STORAGE_…` and `AZURE_CLIENT_…`, or from the machine's identity",
        ),
        RemoteLog::Keptn | RemoteLog::Postgres | RemoteLog::Nats => {
            return "it is no object store".to_owned();
        }
    };
    format!("it takes no `token`; remove it: the credentials of {vendor} come from {places}")
}

/// Returns how often to ask again, within the time for one answer.
fn retry(timeout: Duration) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout: timeout,
    }
}
