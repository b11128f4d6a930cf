//! Logs on real servers, each on one of its own; skipped where there is none.

use std::path::Path;

use super::home::Home;
use crate::eventlog::test_keptn::{Keptn, TOKEN};
use crate::eventlog::test_nats::{LARGE, Nats};
use crate::eventlog::test_object_stores::{BUCKET, KEY_ID, Kind, ObjectStore, SECRET};
use crate::net::test_postgres::Postgres;

/// A server that can be killed and comes back.
pub(super) trait Mortal {
    /// Ends it from one moment to the next.
    fn kill(&mut self);
    /// Starts it again where it was, with what it had.
    fn restart(&mut self);
}

impl Mortal for Postgres {
    fn kill(&mut self) {
        self.kill();
    }

    fn restart(&mut self) {
        self.restart();
    }
}

impl Mortal for Nats {
    fn kill(&mut self) {
        self.kill();
    }

    fn restart(&mut self) {
        self.restart();
    }
}

impl Mortal for ObjectStore {
    fn kill(&mut self) {
        self.kill();
    }

    fn restart(&mut self) {
        self.restart();
    }
}

/// A server, and a log on it that does not keep it alive.
pub(super) type Served = (Home, Box<dyn Mortal>);

/// Starts a PostgreSQL whose data lie below a folder.
pub(super) fn postgres(folder: &Path) -> Option<Served> {
    let server = Postgres::start_in(folder, None)?;
    Some((Home::new(server.url(), ()), Box::new(server)))
}

/// Starts a nats-server whose store lies below a folder.
pub(super) fn nats(folder: &Path) -> Option<Served> {
    let server = Nats::start_in(folder, LARGE)?;
    Some((Home::new(server.url("GATE"), ()), Box::new(server)))
}

/// Starts versitygw, which speaks S3, on objects below a folder.
pub(super) fn versitygw(folder: &Path) -> Option<Served> {
    let server = ObjectStore::start_in(folder, Kind::Versitygw)?;
    let url = format!("s3://{BUCKET}/gate?endpoint=http://{}", server.address());
    let home = Home::new(url, ())
        .with("AWS_ACCESS_KEY_ID", KEY_ID)
        .with("AWS_SECRET_ACCESS_KEY", SECRET);
    Some((home, Box::new(server)))
}

/// Starts Keptn's API in this process.
pub(super) fn keptn() -> Home {
    let server = Keptn::start(&["sockshop"]);
    Home::new(server.url(), server).with("KEPTN_API_TOKEN", TOKEN)
}
