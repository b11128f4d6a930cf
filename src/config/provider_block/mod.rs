//! One entry of `providers` in `tidegate.yaml`.

mod connection;
mod datadog;
mod dynatrace;
mod environment;
mod prometheus;
#[cfg(test)]
mod vendor_tests;

use super::file::ProviderDefinition;
use super::reader::Reader;
use crate::provider::{ProviderKind, ProviderSettings};
use crate::spec::reading::{Field, Fields, POLICY_KEYS, hint, read_policies};

pub use environment::providers_from_environment;

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
pub(super) const KEYS: [&str; 27] = [
    "type",
    "url",
    "auth",
    "headers",
    "tls",
    "concurrency",
    "max_response_bytes",
    "allowed_hosts",
    "query_params",
    "api_token",
    "api_token_file",
    "platform_url",
    "platform_token",
    "platform_token_file",
    "client_id",
    "client_secret",
    "client_secret_file",
    "token_url",
    "scope",
    "resource",
    "site",
    "api_key",
    "api_key_file",
    "app_key",
    "app_key_file",
    "api",
    "drop_incomplete",
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
        ProviderKind::Dynatrace => dynatrace::read(reader, entry, &mut fields, &policies)
            .map(Box::new)
            .map(ProviderSettings::Dynatrace),
        ProviderKind::Datadog => {
            datadog::read(reader, entry, &mut fields, &policies).map(ProviderSettings::Datadog)
        }
    };
    let known = [&KEYS[..], &POLICY_KEYS].concat();
    reader.refuse_rest(fields, &format!("the provider `{}`", entry.name), &known);
    Some(ProviderDefinition {
        kind,
        policies,
        settings,
    })
}
