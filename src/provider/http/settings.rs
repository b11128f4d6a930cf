//! Settings of a declared HTTP backend.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::definition::Definition;
use crate::net::ConnectionSettings;

/// How to ask a backend that a definition describes.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpSettings {
    /// The `type` in the configuration: `http`, or the name of a definition.
    pub type_name: String,
    /// How to reach it.
    pub connection: ConnectionSettings,
    /// What it is asked, and what its answers mean.
    pub definition: Arc<Definition>,
    /// What the entry says besides: `org`, `bucket`, `tenant`. No secrets.
    pub variables: BTreeMap<String, String>,
}

impl HttpSettings {
    /// How large an answer may be when nothing is said: 16 MiB.
    pub const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;
}
