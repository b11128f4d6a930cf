//! How to prove who is asking: the `auth` of an entry.

use super::connection::secret;
use crate::config::reader::Reader;
use crate::provider::{Auth, ClientCredentials, ClientStyle, SigningKey, TokenUrl};
use crate::spec::reading::{Field, Fields, hint};

/// The ways.
pub(super) const KINDS: [&str; 7] = [
    "basic",
    "bearer",
    "bearer_file",
    "header",
    "query_param",
    "oauth2_client_credentials",
    "sigv4",
];

/// Reads `auth`: one of its kinds, each secret also from a file; `auth: none` for none.
pub(super) fn auth(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> Option<Auth> {
    let field = fields.take_set("auth")?;
    if field.value.text().is_some() {
        let text = reader.field_text(&field)?;
        if text != "none" {
            let message = "`auth` must be a mapping, or `none`";
            let hint = "such as `auth: { bearer: \"${TOKEN}\" }`";
            reader.findings.error(field.span(), message, hint);
        }
        return Some(Auth::None);
    }
    let mut inner = Fields::open(reader.findings, field.value, "auth")?;
    let given: Vec<&str> = KINDS.into_iter().filter(|kind| inner.has(kind)).collect();
    let bearer = secret(reader, &mut inner, "bearer", "bearer_file").map(Auth::Bearer);
    let basic = read(reader, &mut inner, "basic", basic);
    let header = read(reader, &mut inner, "header", header);
    let query_parameter = read(reader, &mut inner, "query_param", query_parameter);
    let oauth2 = read(reader, &mut inner, "oauth2_client_credentials", oauth2);
    let sigv4 = read(reader, &mut inner, "sigv4", sigv4);
    reader.refuse_rest(inner, "`auth`", &KINDS);
    let is_pair = |one: &str, other: &str| given.iter().all(|kind| *kind == one || *kind == other);
    if given.len() > 1 && !is_pair("bearer", "bearer_file") {
        let both = if given.len() == 2 { "both " } else { "" };
        let kinds: Vec<String> = given.iter().map(|kind| format!("`{kind}`")).collect();
        let message = format!("`auth` has {both}{}", kinds.join(" and "));
        reader
            .findings
            .error(field.key, message, "keep one of them");
        return None;
    }
    let mut kinds = [bearer, basic, header, query_parameter, oauth2, sigv4].into_iter();
    kinds.find_map(|kind| kind)
}

/// Reads one kind, if it is there.
fn read(
    reader: &mut Reader<'_, '_>,
    fields: &mut Fields<'_>,
    name: &str,
    kind: impl FnOnce(
        &mut Reader<'_, '_>,
        &Field<'_>,
        &mut Fields<'_>,
    ) -> (Option<Auth>, &'static [&'static str]),
) -> Option<Auth> {
    let (field, mut inner) = reader.open(fields, name)?;
    let (auth, known) = kind(reader, &field, &mut inner);
    reader.refuse_rest(inner, &format!("`{name}`"), known);
    auth
}

/// What a kind comes to, and the keys that it knows.
type Kind = (Option<Auth>, &'static [&'static str]);

/// Reads `basic`.
fn basic(reader: &mut Reader<'_, '_>, _: &Field<'_>, fields: &mut Fields<'_>) -> Kind {
    let user = reader.text(fields, "user").unwrap_or_default();
    let password = secret(reader, fields, "password", "password_file");
    let auth = password.map(|password| Auth::Basic { user, password });
    (auth, &["user", "password", "password_file"])
}

/// Reads `header`: a name, a value, and what stands in front of it.
fn header(reader: &mut Reader<'_, '_>, field: &Field<'_>, fields: &mut Fields<'_>) -> Kind {
    let name = needed(reader, field, fields, "name");
    let scheme = reader
        .text(fields, "prefix")
        .filter(|text| !text.is_empty());
    let value = secret(reader, fields, "value", "value_file");
    let auth = name.zip(value).map(|(name, value)| Auth::Header {
        name,
        scheme,
        value,
    });
    (auth, &["name", "prefix", "value", "value_file"])
}

/// Reads `query_param`: a name and a value.
fn query_parameter(
    reader: &mut Reader<'_, '_>,
    field: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Kind {
    let name = needed(reader, field, fields, "name");
    let value = secret(reader, fields, "value", "value_file");
    let auth = name
        .zip(value)
        .map(|(name, value)| Auth::QueryParameter { name, value });
    (auth, &["name", "value", "value_file"])
}

/// Reads `oauth2_client_credentials`.
fn oauth2(reader: &mut Reader<'_, '_>, field: &Field<'_>, fields: &mut Fields<'_>) -> Kind {
    const KNOWN: [&str; 8] = [
        "token_url",
        "client_id",
        "client_secret",
        "client_secret_file",
        "scope",
        "audience",
        "resource",
        "style",
    ];
    let token_url = token_url(reader, field, fields);
    let client_id = needed(reader, field, fields, "client_id");
    let client_secret = secret(reader, fields, "client_secret", "client_secret_file");
    let mut text = |name: &str| reader.text(fields, name).filter(|text| !text.is_empty());
    let (scope, audience, resource) = (text("scope"), text("audience"), text("resource"));
    let style = style(reader, fields);
    let client = token_url.zip(client_id).zip(client_secret);
    let auth = client.map(|((token_url, client_id), client_secret)| {
        Auth::OAuth2(Box::new(ClientCredentials {
            scope,
            audience,
            resource,
            style,
            ..ClientCredentials::new(token_url, client_id, client_secret)
        }))
    });
    (auth, &KNOWN)
}

/// Reads `token_url`.
fn token_url(
    reader: &mut Reader<'_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<TokenUrl> {
    let Some(field) = fields.take_set("token_url") else {
        missing(reader, owner, "token_url");
        return None;
    };
    let text = reader.field_text(&field)?;
    match TokenUrl::parse(&text) {
        Ok(url) => Some(url),
        Err(error) => {
            let hint = "such as `https://login.example.org/oauth2/token`";
            reader.findings.error(field.span(), error.to_string(), hint);
            None
        }
    }
}

/// Reads `style`: where the client's name and password stand.
fn style(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> ClientStyle {
    const KNOWN: [&str; 2] = ["body", "basic"];
    let Some(field) = fields.take_set("style") else {
        return ClientStyle::Body;
    };
    let text = reader.field_text(&field).unwrap_or_default();
    match text.as_str() {
        "body" => ClientStyle::Body,
        "basic" => ClientStyle::Basic,
        _ => {
            let message = "`style` must be `body` or `basic`";
            reader
                .findings
                .error(field.span(), message, hint(&text, &KNOWN));
            ClientStyle::Body
        }
    }
}

/// Reads `sigv4`.
fn sigv4(reader: &mut Reader<'_, '_>, field: &Field<'_>, fields: &mut Fields<'_>) -> Kind {
    const KNOWN: [&str; 7] = [
        "service",
        "region",
        "access_key_id",
        "secret_access_key",
        "secret_access_key_file",
        "session_token",
        "session_token_file",
    ];
    let service = needed(reader, field, fields, "service");
    let region = needed(reader, field, fields, "region");
    let access_key_id = needed(reader, field, fields, "access_key_id");
    let secret_access_key = secret(
        reader,
        fields,
        "secret_access_key",
        "secret_access_key_file",
    );
    let session_token = secret(reader, fields, "session_token", "session_token_file");
    let key = service
        .zip(region)
        .zip(access_key_id.zip(secret_access_key));
    let auth = key.map(|((service, region), (access_key_id, secret_access_key))| {
        Auth::SigV4(SigningKey {
            service,
            region,
            access_key_id,
            secret_access_key,
            session_token,
        })
    });
    (auth, &KNOWN)
}

/// Reads a text that must be there.
fn needed(
    reader: &mut Reader<'_, '_>,
    owner: &Field<'_>,
    fields: &mut Fields<'_>,
    name: &str,
) -> Option<String> {
    if !fields.has(name) {
        missing(reader, owner, name);
        return None;
    }
    reader.text(fields, name)
}

/// Says that a key is missing.
fn missing(reader: &mut Reader<'_, '_>, owner: &Field<'_>, name: &str) {
    let message = format!("`{}` needs a `{name}`", owner.name);
    let hint = format!("add `{name}: …`");
    reader.findings.error(owner.key, message, hint);
}
