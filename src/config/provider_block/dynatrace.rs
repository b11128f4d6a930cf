//! A Dynatrace in `tidegate.yaml`, and the one that the environment alone defines.

use super::connection::{reached, secret};
use super::environment::EnvironmentProblem;
use crate::config::reader::{Reader, Reality};
use crate::gate::PolicyLayer;
use crate::provider::{
    Auth, ClientCredentials, ConnectionSettings, DynatraceSettings, Secret, TokenUrl, UrlError,
    looks_like_token,
};
use crate::spec::reading::{Field, Fields};

/// An example of a URL.
const EXAMPLE: &str =
    "such as `https://abc12345.live.dynatrace.com`, or `https://HOST/e/ID` of a managed cluster";

/// Reads what Dynatrace needs.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
) -> Option<DynatraceSettings> {
    let is_given = ["auth", "api_token", "api_token_file"]
        .into_iter()
        .chain(["platform_token", "platform_token_file"])
        .chain(["client_secret", "client_secret_file"])
        .any(|key| fields.has(key));
    if !is_given && reader.reality == Reality::Real {
        let message = format!("the provider `{}` has no credentials", entry.name);
        let hint =
            "write `api_token: ${DT_API_TOKEN}`, or `platform_token` or `client_secret` for DQL";
        reader.findings.error(entry.key, message, hint);
    }
    let url = url(reader, entry, fields, "url");
    let base = url
        .as_ref()
        .and_then(|(field, text)| usable(reader, field, DynatraceSettings::environment(text)));
    let token = api_token(reader, entry, fields);
    let platform_url = platform_url(reader, fields, url.as_ref().map(|(_, text)| text.as_str()));
    let platform_auth = platform_auth(reader, entry, fields, platform_url.as_deref());
    let mut environment = reached(reader, base, fields, policies)?;
    let platform = match (platform_auth, platform_url) {
        (Some(auth), Some(url)) => Some(alike(&environment, &url, auth)?),
        (Some(_), None) => {
            let message = format!("the provider `{}` needs a `platform_url`", entry.name);
            let hint = "such as `https://abc12345.apps.dynatrace.com`";
            reader.findings.error(entry.key, message, hint);
            None
        }
        (None, _) => None,
    };
    if let Some(token) = token {
        environment.auth = with_token(token);
    }
    let environment = (environment.auth != Auth::None).then_some(environment);
    (environment.is_some() || platform.is_some()).then_some(DynatraceSettings {
        environment,
        platform,
    })
}

/// Reads a text that is a URL.
fn url<'f>(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'f>,
    key: &str,
) -> Option<(Field<'f>, String)> {
    let Some(field) = fields.take_set(key) else {
        let message = format!("the provider `{}` needs a `{key}`", entry.name);
        reader.findings.error(entry.key, message, EXAMPLE);
        return None;
    };
    let text = reader.field_text(&field)?;
    Some((field, text))
}

/// Tells of a URL that cannot be used.
fn usable(
    reader: &mut Reader<'_, '_>,
    field: &Field<'_>,
    parsed: Result<ConnectionSettings, UrlError>,
) -> Option<ConnectionSettings> {
    if let Err(error) = &parsed {
        reader
            .findings
            .error(field.span(), error.to_string(), EXAMPLE);
    }
    parsed.ok()
}

/// Reads the API token, and warns of one that has not the form of one.
fn api_token(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<Secret> {
    let token = secret(reader, fields, "api_token", "api_token_file")?;
    if !looks_like_token(token.expose()) {
        let message = format!(
            "the API token of `{}` has not the form `dt0c01.PUBLIC.SECRET` with 24 and 64 capitals and digits",
            entry.name
        );
        let hint = "copy it again: it may be cut off";
        reader.findings.warning(entry.key, message, hint);
    }
    Some(token)
}

/// Reads where the platform is; for `SaaS` the URL of the environment tells it.
fn platform_url(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    environment: Option<&str>,
) -> Option<String> {
    let Some(field) = fields.take_set("platform_url") else {
        return DynatraceSettings::platform_of(environment?);
    };
    let text = reader.field_text(&field)?;
    usable(reader, &field, DynatraceSettings::platform(&text)).map(|_| text)
}

/// Reads how to prove to the platform who is asking: a token, or a client that gets one.
fn platform_auth(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    platform_url: Option<&str>,
) -> Option<Auth> {
    let token = secret(reader, fields, "platform_token", "platform_token_file");
    let client_secret = secret(reader, fields, "client_secret", "client_secret_file");
    let client_id = reader.text(fields, "client_id");
    let token_url = token_url(reader, fields);
    let scope = reader.text(fields, "scope");
    let resource = reader.text(fields, "resource");
    let refuse = |reader: &mut Reader<'_, '_>, message: &str, hint: &str| {
        let message = format!("{message} of `{}`", entry.name);
        reader.findings.error(entry.key, message, hint);
    };
    let client_secret = match (token, client_secret) {
        (Some(_), Some(_)) => {
            let message = "there are both `platform_token` and `client_secret`";
            refuse(reader, message, "keep one of them");
            return None;
        }
        (Some(token), None) => return Some(Auth::Bearer(token)),
        (None, client_secret) => client_secret?,
    };
    let known = client_id.or_else(|| DynatraceSettings::client_of(client_secret.expose()));
    let Some(client_id) = known else {
        let hint = "write `client_id: …`, as Dynatrace shows it beside the secret";
        refuse(reader, "the `client_id` is missing in the settings", hint);
        return None;
    };
    let mut client = ClientCredentials::new(token_url?, client_id, client_secret);
    client.scope = Some(scope.unwrap_or_else(|| DynatraceSettings::SCOPE.to_owned()));
    client.resource = resource.or_else(|| {
        let id = DynatraceSettings::id_of(platform_url?)?;
        Some(format!("urn:dtenvironment:{id}"))
    });
    Some(Auth::OAuth2(Box::new(client)))
}

/// Reads who gives out tokens.
fn token_url(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<TokenUrl> {
    let Some(field) = fields.take_set("token_url") else {
        return TokenUrl::parse(DynatraceSettings::TOKEN_URL).ok();
    };
    let text = reader.field_text(&field)?;
    let parsed = TokenUrl::parse(&text);
    if let Err(error) = &parsed {
        let hint = format!("leave it out for `{}`", DynatraceSettings::TOKEN_URL);
        reader.findings.error(field.span(), error.to_string(), hint);
    }
    parsed.ok()
}

/// Makes a connection to the platform that is like that to the environment.
fn alike(environment: &ConnectionSettings, url: &str, auth: Auth) -> Option<ConnectionSettings> {
    let mut platform = DynatraceSettings::platform(url).ok()?;
    platform.auth = auth;
    platform.headers.clone_from(&environment.headers);
    platform.tls.clone_from(&environment.tls);
    platform.timeout = environment.timeout;
    platform.retry = environment.retry;
    platform.max_response_bytes = environment.max_response_bytes;
    platform
        .allowed_hosts
        .clone_from(&environment.allowed_hosts);
    platform.concurrency = environment.concurrency;
    Some(platform)
}

/// Returns how the environment API wants a token.
fn with_token(token: Secret) -> Auth {
    Auth::Header {
        name: "Authorization".to_owned(),
        scheme: Some("Api-Token".to_owned()),
        value: token,
    }
}

/// Returns the Dynatrace that `DT_TENANT` and `DT_API_TOKEN` name, as for Keptn; `DT_PLATFORM_TOKEN` lets DQL in.
pub(super) fn dynatrace_from_environment(
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Option<Result<DynatraceSettings, EnvironmentProblem>> {
    let tenant = lookup("DT_TENANT")?;
    let api_token = lookup("DT_API_TOKEN").map(Secret::new);
    let platform_token = lookup("DT_PLATFORM_TOKEN").map(Secret::new);
    if api_token.is_none() && platform_token.is_none() {
        return None;
    }
    let read = || {
        let mut environment = DynatraceSettings::environment(&tenant)?;
        let platform = match (platform_token, DynatraceSettings::platform_of(&tenant)) {
            (Some(token), Some(url)) => alike(&environment, &url, Auth::Bearer(token)),
            (_, _) => None,
        };
        let environment = api_token.map(|token| {
            environment.auth = with_token(token);
            environment
        });
        Ok(DynatraceSettings {
            environment,
            platform,
        })
    };
    Some(read().map_err(|error: UrlError| EnvironmentProblem {
        variable: "DT_TENANT",
        message: error.to_string(),
        hint: EXAMPLE.to_owned(),
    }))
}
