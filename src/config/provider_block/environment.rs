//! The providers that the environment alone defines, for users without a `tidegate.yaml`: each has the name of its kind.

use std::collections::BTreeMap;

use super::datadog::datadog_from_environment;
use super::dynatrace::dynatrace_from_environment;
use super::prometheus::prometheus_from_environment;
use crate::config::file::ProviderDefinition;
use crate::gate::ProviderName;
use crate::provider::ProviderSettings;

/// A variable that names a provider cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} can't be used: {message}")]
pub struct EnvironmentProblem {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

/// Returns every provider whose variables are set.
///
/// # Errors
/// The first variable that cannot be used.
pub fn providers_from_environment(
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<BTreeMap<ProviderName, ProviderDefinition>, EnvironmentProblem> {
    let prometheus = prometheus_from_environment(lookup).map(|found| {
        found.map_err(|error| EnvironmentProblem {
            variable: "PROMETHEUS_URL",
            message: error.to_string(),
            hint: "such as http://localhost:9090".to_owned(),
        })
    });
    let dynatrace = dynatrace_from_environment(lookup)
        .map(|found| found.map(|found| defined(ProviderSettings::Dynatrace(found))));
    let datadog = datadog_from_environment(lookup)
        .map(|found| found.map(|found| defined(ProviderSettings::Datadog(found))));
    let mut providers = BTreeMap::new();
    for definition in [prometheus, dynatrace, datadog].into_iter().flatten() {
        let definition = definition?;
        if let Ok(name) = ProviderName::new(definition.kind.as_str()) {
            providers.insert(name, definition);
        }
    }
    Ok(providers)
}

/// Makes the definition of a provider.
fn defined(settings: ProviderSettings) -> ProviderDefinition {
    let kind = settings.kind();
    ProviderDefinition {
        settings: Some(settings),
        ..ProviderDefinition::unopened(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Auth, HeaderText};

    fn found(
        variables: &[(&str, &str)],
    ) -> Result<BTreeMap<ProviderName, ProviderDefinition>, String> {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        providers_from_environment(&lookup).map_err(|problem| problem.to_string())
    }

    fn only(variables: &[(&str, &str)]) -> ProviderSettings {
        let providers = found(variables).unwrap();
        assert_eq!(providers.len(), 1);
        providers.into_values().next().unwrap().settings.unwrap()
    }

    #[test]
    fn a_tenant_and_a_token_are_a_dynatrace() {
        let ProviderSettings::Dynatrace(settings) = only(&[
            ("DT_TENANT", "abc.live.dynatrace.com/"),
            ("DT_API_TOKEN", "hush-1"),
        ]) else {
            panic!()
        };
        let environment = settings.environment.unwrap();
        assert_eq!(environment.redacted_url(), "https://abc.live.dynatrace.com");
        let Auth::Header {
            name,
            scheme,
            value,
        } = environment.auth
        else {
            panic!()
        };
        assert_eq!(
            (name.as_str(), scheme.as_deref()),
            ("Authorization", Some("Api-Token"))
        );
        assert_eq!(value.expose(), "hush-1");
        assert_eq!(settings.platform, None);

        let ProviderSettings::Dynatrace(settings) = only(&[
            ("DT_TENANT", "abc.live.dynatrace.com"),
            ("DT_PLATFORM_TOKEN", "hush-2"),
        ]) else {
            panic!()
        };
        assert_eq!(settings.environment, None);
        let platform = settings.platform.unwrap();
        assert_eq!(platform.redacted_url(), "https://abc.apps.dynatrace.com");
    }

    #[test]
    fn two_keys_and_perhaps_a_site_are_a_datadog() {
        for (app_key, site, url) in [
            ("DD_APP_KEY", None, "https://api.datadoghq.com"),
            (
                "DD_APPLICATION_KEY",
                Some("datadoghq.eu"),
                "https://api.datadoghq.eu",
            ),
        ] {
            let mut variables = vec![("DD_API_KEY", "hush-1"), (app_key, "hush-2")];
            variables.extend(site.map(|site| ("DD_SITE", site)));
            let ProviderSettings::Datadog(settings) = only(&variables) else {
                panic!()
            };
            let connection = settings.connection;
            assert_eq!(connection.redacted_url(), url);
            assert!(
                matches!(&connection.auth, Auth::Header { name, value, .. } if name == "DD-API-KEY" && value.expose() == "hush-1")
            );
            let (name, HeaderText::Secret(value)) = &connection.headers[0] else {
                panic!()
            };
            assert_eq!(
                (name.as_str(), value.expose()),
                ("DD-APPLICATION-KEY", "hush-2")
            );
        }
    }

    #[test]
    fn half_of_a_provider_is_none() {
        for variables in [
            &[("DT_TENANT", "abc")][..],
            &[("DT_API_TOKEN", "x")],
            &[("DD_API_KEY", "x")],
            &[("DD_APP_KEY", "x"), ("DD_SITE", "datadoghq.eu")],
            &[],
        ] {
            assert_eq!(found(variables).unwrap().len(), 0, "{variables:?}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_named_without_its_value() {
        let error = found(&[("DT_TENANT", "ftp://hush"), ("DT_API_TOKEN", "x")]).unwrap_err();
        assert_eq!(
            error,
            "DT_TENANT can't be used: the URL starts with `ftp://`, which is neither `http://` nor `https://`"
        );
        let keys = [
            ("DD_API_KEY", "x"),
            ("DD_APP_KEY", "y"),
            ("DD_SITE", "datadog.com"),
        ];
        assert_eq!(
            found(&keys).unwrap_err(),
            "DD_SITE can't be used: `datadog.com` is no site of Datadog"
        );
    }

    #[test]
    fn several_providers_may_be_there() {
        let all = found(&[
            ("PROMETHEUS_URL", "http://p:9090"),
            ("DT_TENANT", "https://dt.example.org/e/1"),
            ("DT_API_TOKEN", "x"),
            ("DD_API_KEY", "x"),
            ("DD_APP_KEY", "y"),
        ]);
        let names: Vec<String> = all.unwrap().keys().map(ToString::to_string).collect();
        assert_eq!(names, ["datadog", "dynatrace", "prometheus"]);
    }
}
