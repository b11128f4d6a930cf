//! One entry of `providers` in `tidegate.yaml`, and the providers that the environment alone defines.

use std::num::NonZeroUsize;

use super::file::ProviderDefinition;
use super::reader::Reader;
use crate::provider::{
    Auth, ConnectionSettings, HeaderText, PrometheusSettings, ProviderKind, ProviderSettings,
    QueryParameter, RetrySettings, Secret, TlsSettings, UrlError,
};
use crate::spec::reading::{Field, Fields, hint};

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

/// The keys of an entry.
pub(super) const KEYS: [&str; 13] = [
    "type",
    "url",
    "auth",
    "headers",
    "tls",
    "timeout",
    "retry",
    "concurrency",
    "max_response_bytes",
    "allowed_hosts",
    "query_params",
    "on_no_data",
    "on_error",
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
    let policies = reader.policies(&mut fields);
    let settings = match kind {
        ProviderKind::Prometheus => {
            prometheus(reader, entry, &mut fields).map(ProviderSettings::Prometheus)
        }
    };
    reader.refuse_rest(fields, &format!("the provider `{}`", entry.name), &KEYS);
    Some(ProviderDefinition {
        kind,
        policies,
        settings,
    })
}

/// Reads what Prometheus needs.
fn prometheus(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<PrometheusSettings> {
    let parameters = query_parameters(reader, fields);
    let connection = connection(reader, entry, fields)?;
    let mut settings = PrometheusSettings::new(connection);
    settings.query_parameters = parameters;
    Some(settings)
}

/// Reads `query_params`.
fn query_parameters(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Vec<QueryParameter> {
    let Some((_, inner)) = reader.open(fields, "query_params") else {
        return Vec::new();
    };
    let mut parameters = Vec::new();
    for field in inner.rest() {
        let Some(text) = reader.field_text(&field) else {
            continue;
        };
        match QueryParameter::new(field.name.as_str(), text) {
            Ok(parameter) => parameters.push(parameter),
            Err(error) => {
                reader.findings.error(
                    field.key,
                    error.to_string(),
                    "tidegate sets it for every query",
                );
            }
        }
    }
    parameters
}

/// Reads how to reach a server. Everything is read even where the URL is wrong, so that every problem is told.
fn connection(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<ConnectionSettings> {
    let base = url(reader, entry, fields);
    let auth = auth(reader, fields);
    let headers = headers(reader, fields);
    let tls = tls(reader, fields);
    let timeout = reader.duration(fields, "timeout");
    let retry = retry(reader, fields);
    let concurrency: Option<u32> = reader.count(fields, "concurrency");
    let max_response_bytes: Option<u32> = reader.count(fields, "max_response_bytes");
    let allowed_hosts = allowed_hosts(reader, fields);
    let mut settings = base?;
    settings.auth = auth.unwrap_or(settings.auth);
    settings.headers = headers;
    settings.tls = tls;
    settings.timeout = timeout.unwrap_or(settings.timeout);
    settings.retry = retry;
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
    match ConnectionSettings::parse(&text) {
        Ok(settings) => Some(settings),
        Err(error) => {
            let hint = "such as `http://localhost:9090`, or `https://HOST/prometheus`";
            reader.findings.error(field.span(), error.to_string(), hint);
            None
        }
    }
}

/// Reads `auth`: `basic` or `bearer`, each also from a file.
fn auth(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<Auth> {
    let (field, mut inner) = reader.open(fields, "auth")?;
    let bearer_given = inner.has("bearer") || inner.has("bearer_file");
    let bearer = secret(reader, &mut inner, "bearer", "bearer_file");
    let basic = reader.open(&mut inner, "basic").map(|(_, mut basic)| {
        let user = reader.text(&mut basic, "user").unwrap_or_default();
        let password = secret(reader, &mut basic, "password", "password_file");
        reader.refuse_rest(basic, "`basic`", &["user", "password", "password_file"]);
        password.map(|password| Auth::Basic { user, password })
    });
    reader.refuse_rest(inner, "`auth`", &["basic", "bearer", "bearer_file"]);
    match (bearer_given, basic) {
        (true, Some(_)) => {
            let message = "`auth` has both `basic` and `bearer`";
            reader
                .findings
                .error(field.key, message, "keep one of them");
            None
        }
        (true, None) => bearer.map(Auth::Bearer),
        (false, basic) => basic.flatten(),
    }
}

/// Reads a secret that stands in the file or in one of its own.
fn secret(
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
    const SPEAKING: [&str; 7] = [
        "auth",
        "token",
        "key",
        "secret",
        "cookie",
        "password",
        "credential",
    ];
    let Some((_, inner)) = reader.open(fields, "headers") else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for field in inner.rest() {
        let name = field.name.to_ascii_lowercase();
        let is_secret = field.value.text().is_some_and(|text| text.contains("${"))
            || SPEAKING.iter().any(|word| name.contains(word));
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
fn tls(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> TlsSettings {
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

/// Reads `retry`.
fn retry(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> RetrySettings {
    let defaults = RetrySettings::default();
    let Some((_, mut inner)) = reader.open(fields, "retry") else {
        return defaults;
    };
    let settings = RetrySettings {
        attempts: reader
            .count(&mut inner, "attempts")
            .unwrap_or(defaults.attempts),
        base: reader.duration(&mut inner, "base").unwrap_or(defaults.base),
        max: reader.duration(&mut inner, "max").unwrap_or(defaults.max),
        seed: defaults.seed,
    };
    reader.refuse_rest(inner, "`retry`", &["attempts", "base", "max"]);
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

/// Returns the Prometheus that `PROMETHEUS_URL` (or Keptn's `PROMETHEUS_ENDPOINT`) names, for users without a
/// `tidegate.yaml`. `PROMETHEUS_USER` and `PROMETHEUS_PASSWORD`, or `PROMETHEUS_TOKEN`, go with it.
///
/// # Errors
/// [`UrlError`] where the variable is no URL.
pub fn prometheus_from_environment(
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Option<Result<ProviderDefinition, UrlError>> {
    let url = lookup("PROMETHEUS_URL").or_else(|| lookup("PROMETHEUS_ENDPOINT"))?;
    let settings = ConnectionSettings::parse(&url).map(|mut connection| {
        if let Some(token) = lookup("PROMETHEUS_TOKEN") {
            connection.auth = Auth::Bearer(Secret::new(token));
        } else if let Some(user) = lookup("PROMETHEUS_USER") {
            let password = Secret::new(lookup("PROMETHEUS_PASSWORD").unwrap_or_default());
            connection.auth = Auth::Basic { user, password };
        }
        ProviderSettings::Prometheus(PrometheusSettings::new(connection))
    });
    Some(settings.map(|settings| ProviderDefinition {
        settings: Some(settings),
        ..ProviderDefinition::unopened(ProviderKind::Prometheus)
    }))
}
