//! From the text of a configuration and of an SLI file to readings.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::config::{self, FileConfig, Reality, Surroundings};
use crate::gate::{
    Context, DefinedProvider, Outcome, PlanError, PolicyLayer, ProviderName, Providers, Reading,
    plan_indicators,
};
use crate::provider::contract::{Heard, context};
use crate::provider::{self, Request};
use crate::spec::{Parsed, Source, parse_sli};

/// What every credential of a test is.
pub(super) const SECRET: &str = "s3cr3t/t0ken+9f8e7d=";

/// What an evaluation of a test knows.
pub(super) fn world() -> Context {
    let mut context = context();
    context
        .labels
        .insert("release".to_owned(), "1.2.3".to_owned());
    context
}

/// Reads a configuration; variables that end with `_URL` are the server, all others are the secret.
pub(super) fn read(text: &str, url: &str, folder: &Path) -> Parsed<FileConfig> {
    let lookup = |name: &str| match name {
        "AWS_SESSION_TOKEN" => None,
        _ if name.ends_with("_URL") => Some(url.to_owned()),
        _ => Some(SECRET.to_owned()),
    };
    let surroundings = Surroundings {
        lookup: &lookup,
        folder,
        reality: Reality::Real,
    };
    config::parse(&Source::new("tidegate.yaml", text), &surroundings)
}

/// Reads a configuration that is right.
pub(super) fn configured(text: &str, url: &str) -> FileConfig {
    let folder = tempfile::tempdir().unwrap();
    let parsed = read(text, url, folder.path());
    let problems = parsed.problems;
    parsed
        .value
        .unwrap_or_else(|| panic!("{text}\n{problems:#?}"))
}

/// Returns what is wrong with a configuration.
pub(super) fn complaints(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let parsed = read(text, "http://127.0.0.1:9", folder.path());
    assert!(parsed.value.is_none(), "{text}");
    let problems = parsed.problems.into_iter();
    problems.map(|problem| problem.message).collect()
}

/// Asks for every indicator of an SLI file.
pub(super) async fn ask(config: &FileConfig, sli: &str) -> Vec<Reading> {
    try_ask(config, sli, &world()).await.unwrap()
}

/// Asks for every indicator of an SLI file, unless the plan refuses it.
pub(super) async fn try_ask(
    config: &FileConfig,
    sli: &str,
    context: &Context,
) -> Result<Vec<Reading>, Vec<PlanError>> {
    let parsed = parse_sli(&Source::new("sli.yaml", sli));
    let problems = parsed.problems;
    let file = parsed.value.unwrap_or_else(|| panic!("{problems:#?}"));
    assert!(problems.is_empty(), "{problems:#?}");
    let facts: BTreeMap<&ProviderName, _> = config
        .providers
        .iter()
        .map(|(name, definition)| (name, (definition.policies.clone(), definition.facts())))
        .collect();
    let defined: BTreeMap<ProviderName, DefinedProvider<'_>> = facts
        .iter()
        .map(|(name, (policies, facts))| {
            let policies = policies.clone();
            let facts = &**facts;
            ((*name).clone(), DefinedProvider { policies, facts })
        })
        .collect();
    let providers = Providers {
        for_undefined: None,
        default: defined.keys().next(),
        defined: &defined,
        policies: &PolicyLayer::default(),
    };
    let queries = plan_indicators(file.sli.indicators.keys(), &file.sli, &providers, context)?;
    let (name, definition) = config.providers.iter().next().unwrap();
    let provider = provider::open(name, definition.settings.as_ref().unwrap()).unwrap();
    let request = |query: crate::gate::Query| Request {
        indicator: query.indicator,
        query: query.text,
        options: query.options,
        handling: query.handling,
    };
    let requests: Vec<Request> = queries.into_iter().map(request).collect();
    let readings = provider.fetch(context, &requests, &Heard::default()).await;
    assert_eq!(readings.len(), requests.len());
    assert_no_secret(&format!("{readings:?}"));
    Ok(readings)
}

/// Checks that a text has no secret in it, in any form.
pub(super) fn assert_no_secret(text: &str) {
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let user = format!("ann:{SECRET}");
    let forms = [
        SECRET.to_owned(),
        encoded,
        STANDARD.encode(SECRET),
        URL_SAFE_NO_PAD.encode(SECRET),
        STANDARD.encode(user),
    ];
    for form in forms {
        assert!(!text.contains(&form), "{form} is in {text}");
    }
}

/// Returns the number of a reading.
pub(super) fn value(reading: &Reading) -> f64 {
    let Outcome::Value(value) = &reading.outcome else {
        panic!("{reading:?}");
    };
    value.get()
}

/// Returns the kind of a failure, and its message.
pub(super) fn failure(reading: &Reading) -> (crate::gate::FailureKind, &str) {
    let Outcome::Failed(failure) = &reading.outcome else {
        panic!("{reading:?}");
    };
    (failure.kind, &failure.message)
}

/// Returns why there is no data.
pub(super) fn nothing(reading: &Reading) -> &str {
    let Outcome::NoData(reason) = &reading.outcome else {
        panic!("{reading:?}");
    };
    reason
}
