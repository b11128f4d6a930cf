//! What every entry has: its type, its policies, and nothing that nobody knows.

use super::path_plugin::{self, PathPlugins};
use super::{constant, datadog, dynatrace, exec, files, http, prometheus, sql};
use crate::config::definition::{self, Named};
use crate::config::file::ProviderDefinition;
use crate::config::reader::Reader;
use crate::gate::PolicyLayer;
use crate::provider::{ProviderKind, ProviderSettings};
use crate::spec::nearest;
use crate::spec::reading::{Field, Fields, POLICY_KEYS, Span, hint, read_policies};

/// The keys inside an entry's blocks that are known.
pub(in crate::config) const INNER_KEYS: [&str; 34] = [
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
    "header",
    "query_param",
    "oauth2_client_credentials",
    "sigv4",
    "name",
    "prefix",
    "value",
    "value_file",
    "token_url",
    "client_id",
    "client_secret",
    "client_secret_file",
    "scope",
    "audience",
    "resource",
    "style",
    "service",
    "region",
    "access_key_id",
    "secret_access_key",
    "session_token",
];

/// The keys of an entry, besides those of policies.
pub(in crate::config) const KEYS: [&str; 30] = [
    "type",
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
    "password",
    "password_file",
    "value",
    "url",
    "auth",
    "headers",
    "tls",
    "concurrency",
    "max_response_bytes",
    "allowed_hosts",
    "query_params",
];

/// What the `type` of an entry names.
enum Type {
    /// A kind of provider.
    Kind(ProviderKind),
    /// The definition of an HTTP API.
    Named(Named),
    /// A program on PATH.
    Program(String),
}

/// Reads one entry. The `type` is the name where it is left out.
pub(in crate::config) fn read(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
) -> Option<ProviderDefinition> {
    let mut fields = Fields::open(reader.findings, entry.value, &entry.name)?;
    let kind = kind(reader, entry, &mut fields)?;
    let mut policies = read_policies(reader, &mut fields);
    let (kind, settings) = match kind {
        Type::Kind(kind) => (
            kind,
            settings(reader, entry, &mut fields, kind, &mut policies),
        ),
        Type::Named(named) => {
            let settings = http::read_named(reader, entry, &mut fields, &mut policies, &named);
            let settings = settings.map(|settings| ProviderSettings::Http(Box::new(settings)));
            (ProviderKind::Http, settings)
        }
        Type::Program(program) => {
            let settings = exec::read_found(reader, entry, &mut fields, &policies, program);
            (ProviderKind::Exec, settings.map(ProviderSettings::Exec))
        }
    };
    let known = [
        &KEYS[..],
        &definition::KEYS,
        &exec::KEYS,
        &files::KEYS,
        &POLICY_KEYS,
    ]
    .concat();
    reader.refuse_rest(fields, &format!("the provider `{}`", entry.name), &known);
    Some(ProviderDefinition {
        kind,
        policies,
        settings,
    })
}

/// Reads what a kind of provider needs.
fn settings(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    kind: ProviderKind,
    policies: &mut PolicyLayer,
) -> Option<ProviderSettings> {
    match kind {
        ProviderKind::Prometheus => {
            prometheus::read(reader, entry, fields, policies).map(ProviderSettings::Prometheus)
        }
        ProviderKind::Files => {
            let settings = files::read(reader, fields);
            Some(ProviderSettings::Files(Box::new(settings)))
        }
        ProviderKind::Http => http::read(reader, entry, fields, policies)
            .map(|settings| ProviderSettings::Http(Box::new(settings))),
        ProviderKind::Exec => {
            exec::read(reader, entry, fields, policies).map(ProviderSettings::Exec)
        }
        ProviderKind::Sql => sql::read(reader, entry, fields, policies)
            .map(|settings| ProviderSettings::Sql(Box::new(settings))),
        ProviderKind::Dynatrace => dynatrace::read(reader, entry, fields, policies)
            .map(|settings| ProviderSettings::Dynatrace(Box::new(settings))),
        ProviderKind::Datadog => {
            datadog::read(reader, entry, fields, policies).map(ProviderSettings::Datadog)
        }
        ProviderKind::Static => constant::read(reader, fields).map(ProviderSettings::Static),
    }
}

/// Reads what the `type` names; the entry's own name where there is none.
fn kind(reader: &mut Reader<'_, '_>, entry: &Field<'_>, fields: &mut Fields<'_>) -> Option<Type> {
    let field = fields.take_set("type");
    let name = match &field {
        Some(field) => reader.field_text(field)?,
        None => entry.name.clone(),
    };
    if let Ok(kind) = name.parse::<ProviderKind>() {
        return Some(Type::Kind(kind));
    }
    let folder = reader.surroundings.folder;
    match definition::find(folder, &name) {
        Some(Ok(named)) => return Some(Type::Named(named)),
        Some(Err(problem)) => {
            reader.findings.push(problem);
            return None;
        }
        None => {}
    }
    let found = path_plugin::find(reader, &name);
    match (found, reader.path_plugins) {
        (Some(program), PathPlugins::Allowed) => return Some(Type::Program(program)),
        (Some(program), PathPlugins::Refused) => {
            let at = field.as_ref().map_or(entry.key, Field::span);
            not_allowed(reader, at, &name, &program);
        }
        (None, _) => unknown(reader, entry, field.as_ref(), &name),
    }
    None
}

/// Says that a type is a program on PATH, and that those are not allowed.
fn not_allowed(reader: &mut Reader<'_, '_>, at: Span, name: &str, program: &str) {
    let message = format!(
        "`type` can't be `{name}`: {program} would be it, and programs on PATH are not allowed as providers"
    );
    let hint = format!(
        "write `{}: true` at the top of tidegate.yaml, or `type: exec` with its `command`",
        path_plugin::KEY
    );
    reader.findings.error(at, message, hint);
}

/// Says that nobody knows a type.
fn unknown(reader: &mut Reader<'_, '_>, entry: &Field<'_>, field: Option<&Field<'_>>, name: &str) {
    let folder = reader.surroundings.folder;
    let names = definition::names(folder);
    let kinds = ProviderKind::ALL.iter().map(|kind| kind.as_str());
    let known: Vec<&str> = kinds.chain(names.iter().map(String::as_str)).collect();
    let (at, message) = match field {
        Some(field) => (field.span(), format!("`type` can't be `{name}`")),
        None => (
            entry.key,
            format!("the provider `{}` needs a `type`", entry.name),
        ),
    };
    let hint = match (nearest(name, &known), reader.path_plugins) {
        (Some(_), _) => hint(name, &known),
        (None, PathPlugins::Refused) => "`tidegate providers` lists the types".to_owned(),
        (None, PathPlugins::Allowed) => format!(
            "`tidegate providers` lists the types; there is no `{}` on PATH",
            path_plugin::program(name)
        ),
    };
    reader.findings.error(at, message, hint);
}
