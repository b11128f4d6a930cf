//! How to reach a server: the part of an entry that every provider with a URL has.

use std::num::NonZeroUsize;

use super::auth::auth;
use super::secrets::speaks_of_secrets;
use crate::config::reader::Reader;
use crate::gate::PolicyLayer;
use crate::provider::{Auth, ConnectionSettings, HeaderText, Secret, TlsSettings, retry_over};
use crate::spec::reading::{Field, Fields, Span};

/// What is known of a server where an entry says nothing.
#[derive(Default)]
pub(in crate::config) struct Fallback {
    /// Its URL.
    url: Option<String>,
    /// How to prove who is asking.
    auth: Option<Auth>,
    /// Headers of every request.
    headers: Vec<(String, HeaderText)>,
}

impl Fallback {
    /// Reads the fallback of a definition.
    pub(in crate::config) fn read(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Self {
        Self {
            url: reader.text(fields, "url"),
            auth: auth(reader, fields),
            headers: headers(reader, fields),
        }
    }
}

/// Reads how to reach a server. Everything is read even where the URL is wrong, so that every problem is told.
pub(super) fn connection(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
) -> Option<ConnectionSettings> {
    connection_or(reader, entry, fields, policies, Fallback::default())
}

/// Reads how to reach a server; what the entry leaves out is that of the fallback.
pub(super) fn connection_or(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
    fallback: Fallback,
) -> Option<ConnectionSettings> {
    let base = match &fallback.url {
        Some(text) if !fields.has("url") => parsed(reader, entry.key, text),
        Some(_) | None => url(reader, entry, fields),
    };
    reached_or(reader, base, fields, policies, fallback)
}

/// Reads how to reach a server whose URL is read already.
pub(super) fn reached(
    reader: &mut Reader<'_, '_>,
    base: Option<ConnectionSettings>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
) -> Option<ConnectionSettings> {
    reached_or(reader, base, fields, policies, Fallback::default())
}

/// Reads how to reach a server whose URL is read already; what the entry leaves out is that of the fallback.
fn reached_or(
    reader: &mut Reader<'_, '_>,
    base: Option<ConnectionSettings>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
    fallback: Fallback,
) -> Option<ConnectionSettings> {
    let auth = auth(reader, fields).or(fallback.auth);
    let mut headers = headers(reader, fields);
    for (name, text) in fallback.headers {
        if !headers
            .iter()
            .any(|(own, _)| own.eq_ignore_ascii_case(&name))
        {
            headers.push((name, text));
        }
    }
    let tls = tls(reader, fields);
    let concurrency: Option<u32> = reader.count(fields, "concurrency");
    let max_response_bytes: Option<u32> = reader.count(fields, "max_response_bytes");
    let allowed_hosts = allowed_hosts(reader, fields);
    let mut settings = base?;
    settings.auth = auth.unwrap_or(settings.auth);
    settings.headers = headers;
    settings.tls = tls;
    settings.timeout = policies.timeout.unwrap_or(settings.timeout);
    settings.retry = retry_over(policies.retry, settings.retry);
    settings.allowed_hosts = allowed_hosts;
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    settings.max_response_bytes = max_response_bytes.map_or(settings.max_response_bytes, size);
    settings.concurrency = concurrency
        .and_then(|n| NonZeroUsize::new(size(n)))
        .unwrap_or(settings.concurrency);
    Some(settings)
}

/// Reads `url`.
fn url(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<ConnectionSettings> {
    let Some(field) = fields.take_set("url") else {
        let message = format!("the provider `{}` needs a `url`", entry.name);
        reader
            .findings
            .error(entry.key, message, "such as `url: http://localhost:9090`");
        return None;
    };
    let text = reader.field_text(&field)?;
    parsed(reader, field.span(), &text)
}

/// Reads the text of a URL.
fn parsed(reader: &mut Reader<'_, '_>, at: Span, text: &str) -> Option<ConnectionSettings> {
    match ConnectionSettings::parse(text) {
        Ok(settings) => Some(settings),
        Err(error) => {
            let hint = "such as `http://localhost:9090`, or `https://HOST/prometheus`";
            reader.findings.error(at, error.to_string(), hint);
            None
        }
    }
}

/// Reads a secret that stands in the file or in one of its own.
pub(in crate::config) fn secret(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    key: &str,
    file_key: &str,
) -> Option<Secret> {
    let text = reader.text(fields, key);
    let from_file = reader.file_text(fields, file_key);
    text.or(from_file)
        .filter(|text| !text.is_empty())
        .map(Secret::new)
}

/// Reads `headers`. A value from a variable is a secret, and so is that of a header whose name speaks of one; others,
/// such as a tenant's name, may be shown.
fn headers(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<(String, HeaderText)> {
    let Some((_, inner)) = reader.open(fields, "headers") else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for field in inner.rest() {
        let is_secret = field.value.text().is_some_and(|text| text.contains("${"))
            || speaks_of_secrets(&field.name);
        if let Some(text) = reader.field_text(&field) {
            let text = if is_secret {
                HeaderText::Secret(Secret::new(text))
            } else {
                HeaderText::Plain(text)
            };
            headers.push((field.name, text));
        }
    }
    headers
}

/// Reads `tls`.
pub(in crate::config) fn tls(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> TlsSettings {
    let Some((_, mut inner)) = reader.open(fields, "tls") else {
        return TlsSettings::default();
    };
    let skip = inner.take_set("insecure_skip_verify").and_then(|field| {
        let skip = reader
            .findings
            .boolean(field.value, "insecure_skip_verify")?;
        if skip {
            let message =
                "certificates are not checked: anyone in between can read and change everything";
            reader.findings.warning(
                field.span(),
                message,
                "name the certificate in `ca_file` instead",
            );
        }
        Some(skip)
    });
    let settings = TlsSettings {
        ca_file: reader.path(&mut inner, "ca_file"),
        cert_file: reader.path(&mut inner, "cert_file"),
        key_file: reader.path(&mut inner, "key_file"),
        insecure_skip_verify: skip.unwrap_or_default(),
    };
    let known = ["ca_file", "cert_file", "key_file", "insecure_skip_verify"];
    reader.refuse_rest(inner, "`tls`", &known);
    settings
}

/// Reads `allowed_hosts`.
fn allowed_hosts(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<String> {
    let Some(field) = fields.take_set("allowed_hosts") else {
        return Vec::new();
    };
    let elements = reader
        .findings
        .elements(field.value, "allowed_hosts")
        .unwrap_or_default();
    elements
        .iter()
        .filter_map(|element| reader.findings.text(element, "allowed_hosts"))
        .collect()
}
