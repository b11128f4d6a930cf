//! Entries of Dynatrace and Datadog in `tidegate.yaml`.

use std::path::Path;
use std::time::Duration;

use crate::config::{Reality, Surroundings, config_schema, parse};
use crate::provider::{
    Api, Auth, DatadogSettings, DynatraceSettings, LastBucket, ProviderSettings,
};
use crate::spec::{Parsed, Source};

/// A token of the right form.
const TOKEN: &str = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX.ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Reads one entry; returns its settings, and what was said.
fn read(entry: &str, reality: Reality) -> (Option<ProviderSettings>, String) {
    let lookup = |name: &str| (name == "TOKEN").then(|| TOKEN.to_owned());
    let surroundings = Surroundings {
        lookup: &lookup,
        folder: Path::new("."),
        reality,
    };
    let text = format!("providers:\n  p:\n    {}\n", entry.replace('\n', "\n    "));
    let Parsed { value, problems } =
        parse(&Source::new("tidegate.yaml", text.as_str()), &surroundings);
    let said: Vec<&str> = problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    let shown = format!("{problems:?}");
    assert!(!shown.contains("HUSH"), "{shown}");
    let settings = value.and_then(|config| config.providers.into_values().next()?.settings);
    if settings.is_some() && reality == Reality::Real {
        is_valid(&text);
    }
    (settings, said.join("; "))
}

/// Checks that an editor would accept what is read.
fn is_valid(text: &str) {
    let document: serde_json::Value = serde_saphyr::from_str(text).unwrap();
    let validator = jsonschema::validator_for(&config_schema()).unwrap();
    if let Err(error) = validator.validate(&document) {
        panic!("{error} at {} in {text}", error.instance_path());
    }
}

fn dynatrace(entry: &str) -> DynatraceSettings {
    let (settings, said) = read(&format!("type: dynatrace\n{entry}"), Reality::Real);
    match settings {
        Some(ProviderSettings::Dynatrace(settings)) => settings,
        other => panic!("{other:?} {said}"),
    }
}

fn datadog(entry: &str) -> DatadogSettings {
    let (settings, said) = read(&format!("type: datadog\n{entry}"), Reality::Real);
    match settings {
        Some(ProviderSettings::Datadog(settings)) => settings,
        other => panic!("{other:?} {said}"),
    }
}

#[test]
fn a_dynatrace_needs_a_url_and_a_token() {
    let settings = dynatrace(
        "url: https://dt.example.org/e/123/\napi_token: ${TOKEN}\ntimeout: 5s\nconcurrency: 3\nheaders: {X-Team: a}",
    );
    let environment = settings.environment.unwrap();
    assert_eq!(environment.redacted_url(), "https://dt.example.org/e/123");
    assert!(
        matches!(&environment.auth, Auth::Header { scheme: Some(scheme), value, .. } if scheme == "Api-Token" && value.expose() == TOKEN)
    );
    assert_eq!(environment.timeout, Duration::from_secs(5));
    assert_eq!(environment.concurrency.get(), 3);
    assert_eq!(environment.retry.max, Duration::from_secs(60));
    assert_eq!(environment.headers.len(), 1);
    assert_eq!(settings.platform, None);
}

#[test]
fn the_platform_of_a_dynatrace_is_found_and_reached_alike() {
    let settings = dynatrace(
        "url: abc.live.dynatrace.com\nplatform_token: HUSH\ntimeout: 5s\nretry: {max: 3s}\nallowed_hosts: [\"*.dynatrace.com\"]",
    );
    assert_eq!(settings.environment, None);
    let platform = settings.platform.unwrap();
    assert_eq!(platform.redacted_url(), "https://abc.apps.dynatrace.com");
    assert_eq!(platform.timeout, Duration::from_secs(5));
    assert_eq!(platform.retry.max, Duration::from_secs(3));
    assert_eq!(platform.allowed_hosts, ["*.dynatrace.com"]);
    assert!(matches!(&platform.auth, Auth::Bearer(token) if token.expose() == "HUSH"));
}

#[test]
fn a_client_of_oauth_is_known_by_its_secret() {
    let settings = dynatrace("url: abc.live.dynatrace.com\nclient_secret: dt0s02.ABC.HUSH");
    let Auth::OAuth2(client) = settings.platform.unwrap().auth else {
        panic!()
    };
    assert_eq!(client.client_id, "dt0s02.ABC");
    assert_eq!(
        client.token_url.url().as_str(),
        "https://sso.dynatrace.com/sso/oauth2/token"
    );
    assert_eq!(client.resource.as_deref(), Some("urn:dtenvironment:abc"));
    assert_eq!(
        client.scope.as_deref(),
        Some("storage:buckets:read storage:metrics:read storage:logs:read")
    );

    let settings = dynatrace(
        "url: https://dt.example.org/e/1\nplatform_url: http://localhost:1\nclient_id: me\nclient_secret: HUSH\nscope: a b\nresource: r\ntoken_url: http://localhost:2/token",
    );
    let platform = settings.platform.unwrap();
    assert_eq!(platform.redacted_url(), "http://localhost:1");
    let Auth::OAuth2(client) = platform.auth else {
        panic!()
    };
    assert_eq!(
        (client.client_id.as_str(), client.scope.as_deref()),
        ("me", Some("a b"))
    );
    assert_eq!(client.resource.as_deref(), Some("r"));
}

#[test]
fn what_is_wrong_with_a_dynatrace_is_said_without_its_secrets() {
    let said = |entry: &str| read(&format!("type: dynatrace\n{entry}"), Reality::Real).1;
    insta::assert_snapshot!(said("api_token: ${TOKEN}"), @"the provider `p` needs a `url`");
    insta::assert_snapshot!(said("url: abc.live.dynatrace.com"), @"the provider `p` has no credentials");
    insta::assert_snapshot!(said("url: abc.live.dynatrace.com\napi_token: dt0c01.HUSH"), @"the API token of `p` has not the form `dt0c01.PUBLIC.SECRET` with 24 and 64 capitals and digits");
    insta::assert_snapshot!(said("url: https://dt.example.org/e/1\nplatform_token: HUSH"), @"the provider `p` needs a `platform_url`");
    insta::assert_snapshot!(said("url: abc.live.dynatrace.com\nplatform_token: HUSH\nclient_secret: dt0s02.A.HUSH"), @"there are both `platform_token` and `client_secret` of `p`");
    insta::assert_snapshot!(said("url: abc.live.dynatrace.com\nclient_secret: HUSH"), @"the `client_id` is missing in the settings of `p`");
    insta::assert_snapshot!(said("url: abc.live.dynatrace.com\napi_token: ${TOKEN}\nsite: x"), @"unknown key `site` in the provider `p`");
    insta::assert_snapshot!(said("url: abc.live.dynatrace.com\nclient_secret: dt0s02.A.HUSH\ntoken_url: ftp://x"), @"the URL starts with `ftp://`, which is neither `http://` nor `https://`");
}

#[test]
fn a_dry_run_needs_no_secrets() {
    for entry in [
        "type: dynatrace\nurl: abc.live.dynatrace.com\napi_token: ${UNSET}",
        "type: datadog\napi_key: ${UNSET}\napp_key: ${UNSET}",
    ] {
        let (settings, said) = read(entry, Reality::DryRun);
        assert_eq!(settings, None);
        assert!(
            said.contains("the environment variable `UNSET` is not set"),
            "{said}"
        );
    }
}

#[test]
fn a_datadog_needs_two_keys_and_has_a_site() {
    let settings = datadog("api_key: HUSH-1\napp_key: HUSH-2");
    assert_eq!(
        settings.connection.redacted_url(),
        "https://api.datadoghq.com"
    );
    assert_eq!(settings.connection.retry.max, Duration::from_secs(60));
    assert_eq!(
        (settings.api, settings.last_bucket),
        (Api::V1, LastBucket::Dropped)
    );
    let settings = datadog(
        "site: us5.datadoghq.com\napi: v2\ndrop_incomplete: false\napi_key: HUSH-1\napp_key: HUSH-2",
    );
    assert_eq!(
        settings.connection.redacted_url(),
        "https://api.us5.datadoghq.com"
    );
    assert_eq!(
        (settings.api, settings.last_bucket),
        (Api::V2, LastBucket::Kept)
    );
    let settings = datadog("url: http://proxy:8080/dd\napi_key: HUSH-1\napp_key: HUSH-2");
    assert_eq!(settings.connection.redacted_url(), "http://proxy:8080/dd");
}

#[test]
fn what_is_wrong_with_a_datadog_is_said_without_its_keys() {
    let said = |entry: &str| read(&format!("type: datadog\n{entry}"), Reality::Real).1;
    insta::assert_snapshot!(said("api_key: HUSH"), @"the provider `p` needs an `app_key`");
    insta::assert_snapshot!(said("app_key: HUSH"), @"the provider `p` needs an `api_key`");
    insta::assert_snapshot!(said("site: datadog.com\napi_key: HUSH\napp_key: HUSH"), @"`site` can't be `datadog.com`");
    insta::assert_snapshot!(said("api: v3\napi_key: HUSH\napp_key: HUSH"), @"`api` can't be `v3`");
    insta::assert_snapshot!(said("auth: {bearer: HUSH}\napi_key: HUSH\napp_key: HUSH"), @"a Datadog has no `auth`");
    insta::assert_snapshot!(said("drop_incomplete: perhaps\napi_key: HUSH\napp_key: HUSH"), @"`drop_incomplete` must be `true` or `false`, not `perhaps`");
}
