//! One entry of `providers` in `tidegate.yaml`.

mod connection;
mod constant;
pub(super) mod exec;
mod prometheus;
mod secrets;
mod sql;

use super::file::ProviderDefinition;
use super::reader::Reader;
use crate::provider::{ProviderKind, ProviderSettings};
use crate::spec::reading::{Field, Fields, POLICY_KEYS, hint, read_policies};

pub use prometheus::prometheus_from_environment;

/// The keys inside an entry's blocks that are known.
pub(super) const INNER_KEYS: [&str; 13] = [
    "bearer",
    "bearer_file",
    "basic",
    "user",
    "password",
    "password_file",
    "ca_file",
    "cert_file",
    "key_file",
    "insecure_skip_verify",
    "attempts",
    "base",
    "max",
];

/// The keys of an entry, besides those of policies.
pub(super) const KEYS: [&str; 12] = [
    "type",
    "url",
    "auth",
    "headers",
    "tls",
    "concurrency",
    "max_response_bytes",
    "allowed_hosts",
    "query_params",
    "password",
    "password_file",
    "value",
];

/// Reads one entry. The `type` is the name where it is left out.
pub(super) fn read(reader: &mut Reader<'_, '_>, entry: &Field<'_>) -> Option<ProviderDefinition> {
    let mut fields = Fields::open(reader.findings, entry.value, &entry.name)?;
    let known: Vec<&str> = ProviderKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kind = if fields.has("type") {
        reader.word(&mut fields, "type", &known)?
    } else {
        let kind = entry.name.parse::<ProviderKind>();
        if kind.is_err() {
            let message = format!("the provider `{}` needs a `type`", entry.name);
            reader
                .findings
                .error(entry.key, message, hint(&entry.name, &known));
        }
        kind.ok()?
    };
    let policies = read_policies(reader, &mut fields);
    let settings = match kind {
        ProviderKind::Prometheus => prometheus::read(reader, entry, &mut fields, &policies)
            .map(ProviderSettings::Prometheus),
        ProviderKind::Exec => {
            exec::read(reader, entry, &mut fields, &policies).map(ProviderSettings::Exec)
        }
        ProviderKind::Sql => sql::read(reader, entry, &mut fields, &policies)
            .map(|settings| ProviderSettings::Sql(Box::new(settings))),
        ProviderKind::Static => constant::read(reader, &mut fields).map(ProviderSettings::Static),
    };
    let known = [&KEYS[..], &exec::KEYS, &POLICY_KEYS].concat();
    reader.refuse_rest(fields, &format!("the provider `{}`", entry.name), &known);
    Some(ProviderDefinition {
        kind,
        policies,
        settings,
    })
}
