//! A Datadog in `tidegate.yaml`, and the one that the environment alone defines.

use super::connection::{reached, secret};
use super::environment::EnvironmentProblem;
use crate::config::reader::{Reader, Reality};
use crate::gate::PolicyLayer;
use crate::provider::{ConnectionSettings, DatadogSettings, Keys, LastBucket, Secret, Site};
use crate::spec::reading::{Field, Fields};

/// Reads what Datadog needs.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
) -> Option<DatadogSettings> {
    let base = base(reader, entry, fields);
    let keys = [
        key(reader, entry, fields, ["api_key", "api_key_file"]),
        key(reader, entry, fields, ["app_key", "app_key_file"]),
    ];
    let version = reader.word(fields, "api", &["v1", "v2"]);
    let last_bucket = last_bucket(reader, fields);
    let auth = fields.has("auth").then_some(entry.key);
    let connection = reached(reader, base, fields, policies);
    if let Some(place) = auth {
        let message = "a Datadog has no `auth`";
        let hint = "write `api_key` and `app_key`";
        reader.findings.error(place, message, hint);
    }
    let [Some(api), Some(application)] = keys else {
        return None;
    };
    let keys = Keys { api, application };
    let mut settings = DatadogSettings::new(connection?, keys);
    settings.api = version.unwrap_or_default();
    settings.last_bucket = last_bucket;
    Some(settings)
}

/// Reads `url`, which wins, or `site`.
fn base(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
) -> Option<ConnectionSettings> {
    let known: Vec<&str> = Site::ALL.iter().map(|site| site.as_str()).collect();
    let names_site = fields.has("site");
    let site: Option<Site> = reader.word(fields, "site", &known);
    let Some(field) = fields.take_set("url") else {
        let site = site.or_else(|| (!names_site).then(Site::default))?;
        return DatadogSettings::connection(&site.url()).ok();
    };
    let text = reader.field_text(&field)?;
    let parsed = DatadogSettings::connection(&text);
    if let Err(error) = &parsed {
        let hint = format!(
            "leave it out for the site of Datadog; `{}` needs it for a proxy only",
            entry.name
        );
        reader.findings.error(field.span(), error.to_string(), hint);
    }
    parsed.ok()
}

/// Reads one of the two keys.
fn key(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    [name, file_name]: [&str; 2],
) -> Option<Secret> {
    let is_given = fields.has(name) || fields.has(file_name);
    let key = secret(reader, fields, name, file_name);
    if !is_given && reader.reality == Reality::Real {
        let message = format!("the provider `{}` needs an `{name}`", entry.name);
        let hint = format!("such as `{name}: ${{DD_{}}}`", name.to_ascii_uppercase());
        reader.findings.error(entry.key, message, hint);
    }
    key
}

/// Reads `drop_incomplete`.
fn last_bucket(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> LastBucket {
    let field = fields.take_set("drop_incomplete");
    let drop = field.and_then(|field| reader.findings.boolean(field.value, "drop_incomplete"));
    match drop {
        Some(false) => LastBucket::Kept,
        Some(true) | None => LastBucket::Dropped,
    }
}

/// Returns the Datadog that `DD_API_KEY` and `DD_APP_KEY` (or `DD_APPLICATION_KEY`) name; `DD_SITE` says where.
pub(super) fn datadog_from_environment(
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Option<Result<DatadogSettings, EnvironmentProblem>> {
    let api = lookup("DD_API_KEY")?;
    let application = lookup("DD_APP_KEY").or_else(|| lookup("DD_APPLICATION_KEY"))?;
    let refused = |message: String| EnvironmentProblem {
        variable: "DD_SITE",
        message,
        hint: "such as datadoghq.eu, or us5.datadoghq.com".to_owned(),
    };
    let site = lookup("DD_SITE").map_or(Ok(Site::default()), |text| text.parse::<Site>());
    let connection = site
        .map_err(|error| refused(error.to_string()))
        .and_then(|site| {
            DatadogSettings::connection(&site.url()).map_err(|error| refused(error.to_string()))
        });
    let keys = Keys {
        api: Secret::new(api),
        application: Secret::new(application),
    };
    Some(connection.map(|connection| DatadogSettings::new(connection, keys)))
}
