//! What the servers of the vendors answer, as they document it.

mod promql;
mod services;
mod stores;
mod vendor;

pub(super) use vendor::{Vendor, vendors};
use vendor::{body, has_secret, json};
