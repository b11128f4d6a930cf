//! A log of each kind, on a server of its own where it needs one; skipped where there is none.

use std::any::Any;

use crate::support::keptn::{Keptn, TOKEN};
use crate::support::nats::{LARGE, Nats};
use crate::support::object_stores::{
    ACCOUNT, ACCOUNT_KEY, BUCKET, KEY_ID, Kind, ObjectStore, SECRET,
};
#[cfg(unix)]
use crate::support::postgres::Postgres;

/// What a log can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Powers {
    /// Every event, with its time.
    All,
    /// What Keptn's API takes, at the time when it comes.
    OfKeptn,
}

/// A log, empty at first, and another one beside it.
pub(super) struct Home {
    /// Its URL.
    pub url: String,
    /// The URL of the other one.
    pub other: String,
    /// The variables with the credentials.
    pub variables: Vec<(&'static str, String)>,
    /// What it can hold.
    pub powers: Powers,
    /// What must live as long: its folder, its server.
    _keep: Box<dyn Any>,
}

impl Home {
    fn new(url: String, other: String, keep: impl Any) -> Self {
        Self {
            url,
            other,
            variables: Vec::new(),
            powers: Powers::All,
            _keep: Box::new(keep),
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Finds a place for a file with an ending.
    pub(super) fn of_file(ending: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let (url, other) = (
            path(&format!("events.{ending}")),
            path(&format!("other.{ending}")),
        );
        Self::new(url, other, folder)
    }

    /// Starts Keptn's API in this process.
    pub(super) fn keptn() -> Self {
        let (keptn, other) = (Keptn::start(&["sockshop"]), Keptn::start(&["sockshop"]));
        let home = Self::new(keptn.url(), other.url(), (keptn, other));
        Self {
            powers: Powers::OfKeptn,
            ..home.with("KEPTN_API_TOKEN", TOKEN)
        }
    }

    /// Starts a PostgreSQL.
    #[cfg(unix)]
    pub(super) fn postgres() -> Option<Self> {
        let server = Postgres::start(None)?;
        let other = format!("{}?schema=other", server.url());
        Some(Self::new(server.url(), other, server))
    }

    /// Starts a nats-server.
    pub(super) fn nats() -> Option<Self> {
        let server = Nats::start(LARGE)?;
        Some(Self::new(server.url("GATE"), server.url("OTHER"), server))
    }

    /// Starts versitygw.
    pub(super) fn s3() -> Option<Self> {
        let server = ObjectStore::start(Kind::Versitygw)?;
        let address = server.address();
        let url = |name: &str| format!("s3://{BUCKET}/{name}?endpoint=http://{address}");
        let home = Self::new(url("gate"), url("other"), server);
        Some(
            home.with("AWS_ACCESS_KEY_ID", KEY_ID)
                .with("AWS_SECRET_ACCESS_KEY", SECRET),
        )
    }

    /// Starts azurite.
    pub(super) fn azure() -> Option<Self> {
        let server = ObjectStore::start(Kind::Azurite)?;
        let place = format!(
            "account={ACCOUNT}&endpoint=http://{}/{ACCOUNT}",
            server.address()
        );
        let url = |name: &str| format!("az://{BUCKET}/{name}?{place}");
        let home = Self::new(url("gate"), url("other"), server);
        Some(home.with("AZURE_STORAGE_KEY", ACCOUNT_KEY))
    }

    /// Starts moto, which takes what is meant for Google's XML API.
    pub(super) fn google() -> Option<Self> {
        let server = ObjectStore::start(Kind::Moto)?;
        let address = server.address().to_string();
        let url = |name: &str| format!("gs://{BUCKET}/{name}");
        let home = Self::new(url("gate"), url("other"), server);
        Some(home.with("STORAGE_EMULATOR_HOST", address))
    }
}
