//! S34 of controlplane.md: register twice, ping, filter by stage, change a subscription, be forgotten.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that looks into its folder"
)]

use std::time::Duration;

use jiff::Timestamp;

use super::{RegisterError, Registered, Registry, RegistryQuestion};
use crate::control::{Integration, Subscription, SubscriptionFilter};

/// Returns an integration that hears of deployments in a stage.
fn integration(name: &str, stage: &str) -> Integration {
    let mut integration = Integration {
        name: name.to_owned(),
        subscriptions: vec![subscription(stage)],
        ..Integration::default()
    };
    integration.metadata.hostname = "host".to_owned();
    integration.metadata.kubernetesmetadata.namespace = "ci".to_owned();
    integration
}

fn subscription(stage: &str) -> Subscription {
    Subscription {
        id: String::new(),
        event: "sh.keptn.event.deployment.triggered".to_owned(),
        filter: SubscriptionFilter {
            stages: vec![stage.to_owned()],
            ..SubscriptionFilter::default()
        },
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn of_stage(stage: &str) -> RegistryQuestion {
    RegistryQuestion {
        stage: stage.to_owned(),
        ..RegistryQuestion::default()
    }
}

#[test]
fn an_integration_keeps_its_id_and_is_forgotten_when_it_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    let first = registry
        .register(integration("helm", "dev"), at(0))
        .unwrap();
    let Registered::New(id) = first else {
        panic!("{first:?}");
    };
    // printf 'helm-ci-host' | sha1sum
    assert_eq!(id, "85e05b377753e5b270f63e4f1e0837489b544edb");
    let again = registry
        .register(integration("helm", "prod"), at(10))
        .unwrap();
    assert_eq!(again, Registered::Known(id.clone()));
    assert_eq!(registry.list(&of_stage("dev"), at(10)).len(), 1);
    assert_eq!(registry.list(&of_stage("prod"), at(10)).len(), 0);

    let seen = registry.ping(&id, at(60)).unwrap();
    assert_eq!(seen.metadata.lastseen, "2023-11-14T22:14:20.000Z");
    assert!(registry.find(&id, at(120)).is_some());
    assert_eq!(
        registry.ping(&id, at(121)),
        None,
        "it has to register again"
    );
    assert_eq!(registry.list(&RegistryQuestion::default(), at(121)), []);
}

#[test]
fn subscriptions_are_changed_and_survive_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    let Registered::New(id) = registry
        .register(integration("helm", "dev"), at(0))
        .unwrap()
    else {
        panic!("it is new");
    };
    let added = registry.subscribe(&id, subscription("hardening"), at(1));
    let added = added.unwrap().unwrap();
    assert!(
        registry
            .replace_subscription(&id, &added, Some(subscription("prod")), at(1))
            .unwrap()
    );
    assert!(
        !registry
            .replace_subscription(&id, "foreign", None, at(1))
            .unwrap()
    );
    assert_eq!(
        registry
            .subscribe("foreign", subscription("x"), at(1))
            .unwrap(),
        None
    );
    drop(registry);

    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    let found = registry.find(&id, at(2)).unwrap();
    let stages: Vec<_> = found
        .subscriptions
        .iter()
        .map(|one| one.filter.stages.concat())
        .collect();
    assert_eq!(stages, ["dev", "prod"]);
    assert_eq!(found.subscriptions[1].id, added);
    assert!(
        registry
            .replace_subscription(&id, &added, None, at(2))
            .unwrap()
    );
    assert!(registry.remove(&id, at(2)).unwrap());
    assert!(!registry.remove(&id, at(2)).unwrap());
}

#[test]
fn a_part_of_the_server_is_never_forgotten_and_whoever_says_not_who_it_is_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    registry
        .register_own(integration("webhook-service", "dev"), at(0))
        .unwrap();
    assert_eq!(
        registry
            .list(&RegistryQuestion::default(), at(1_000_000))
            .len(),
        1
    );
    let nobody = registry.register(Integration::default(), at(0));
    assert!(matches!(nobody, Err(RegisterError::Lacks("a name"))));
}

#[test]
fn a_file_that_is_damaged_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("integrations.json"), "{").unwrap();
    let error = Registry::open(folder.path(), Duration::from_secs(60)).unwrap_err();
    assert!(error.to_string().contains("can't be understood"), "{error}");
}
