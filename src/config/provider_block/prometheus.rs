//! A Prometheus in `tidegate.yaml`, and the one that the environment alone defines.

use super::connection::connection;
use crate::config::file::ProviderDefinition;
use crate::config::reader::Reader;
use crate::gate::PolicyLayer;
use crate::provider::{
    Auth, ConnectionSettings, PrometheusSettings, ProviderKind, ProviderSettings, QueryParameter,
    Secret, UrlError,
};
use crate::spec::reading::{Field, Fields};

/// Reads what Prometheus needs.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    entry: &Field<'_>,
    fields: &mut Fields<'_>,
    policies: &PolicyLayer,
) -> Option<PrometheusSettings> {
    let parameters = query_parameters(reader, fields);
    let connection = connection(reader, entry, fields, policies)?;
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

/// Returns the Prometheus that `PROMETHEUS_URL` (or Keptn's `PROMETHEUS_ENDPOINT`) names, for users without a
/// `tidegate.yaml`. `PROMETHEUS_USER` and `PROMETHEUS_PASSWORD`, or `PROMETHEUS_TOKEN`, go with it.
///
/// # Errors
/// [`UrlError`] where the variable is no URL.
pub(super) fn prometheus_from_environment(
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
