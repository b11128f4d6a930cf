//! S34 of controlplane.md: register twice, ping, filter by stage, change a subscription, be forgotten.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that looks into its folder"
)]

use std::time::Duration;

use jiff::Timestamp;

use super::{Reach, RegisterError, Registered, Registry, RegistryQuestion};
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
        .register(integration("helm", "dev"), &Reach::All, at(0))
        .unwrap();
    let Registered::New(id) = first else {
        panic!("{first:?}");
    };
    // printf 'helm-ci-host' | sha1sum
    assert_eq!(id, "85e05b377753e5b270f63e4f1e0837489b544edb");
    let again = registry
        .register(integration("helm", "prod"), &Reach::All, at(10))
        .unwrap();
    assert_eq!(again, Registered::Known(id.clone()));
    assert_eq!(
        registry.list(&of_stage("dev"), &Reach::All, at(10)).len(),
        1
    );
    assert_eq!(
        registry.list(&of_stage("prod"), &Reach::All, at(10)).len(),
        0
    );

    let seen = registry.ping(&id, &Reach::All, at(60)).unwrap();
    assert_eq!(seen.metadata.lastseen, "2023-11-14T22:14:20.000Z");
    assert!(registry.find(&id, &Reach::All, at(120)).is_some());
    assert_eq!(
        registry.ping(&id, &Reach::All, at(121)),
        None,
        "it has to register again"
    );
    assert_eq!(
        registry.list(&RegistryQuestion::default(), &Reach::All, at(121)),
        []
    );
}

#[test]
fn subscriptions_are_changed_and_survive_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    let Registered::New(id) = registry
        .register(integration("helm", "dev"), &Reach::All, at(0))
        .unwrap()
    else {
        panic!("it is new");
    };
    let added = registry.subscribe(&id, subscription("hardening"), &Reach::All, at(1));
    let added = added.unwrap().unwrap();
    assert!(
        registry
            .replace_subscription(
                (&id, &added),
                Some(subscription("prod")),
                &Reach::All,
                at(1)
            )
            .unwrap()
    );
    assert!(
        !registry
            .replace_subscription((&id, "foreign"), None, &Reach::All, at(1))
            .unwrap()
    );
    assert_eq!(
        registry
            .subscribe("foreign", subscription("x"), &Reach::All, at(1))
            .unwrap(),
        None
    );
    drop(registry);

    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    let found = registry.find(&id, &Reach::All, at(2)).unwrap();
    let stages: Vec<_> = found
        .subscriptions
        .iter()
        .map(|one| one.filter.stages.concat())
        .collect();
    assert_eq!(stages, ["dev", "prod"]);
    assert_eq!(found.subscriptions[1].id, added);
    assert!(
        registry
            .replace_subscription((&id, &added), None, &Reach::All, at(2))
            .unwrap()
    );
    assert!(registry.remove(&id, &Reach::All, at(2)).unwrap());
    assert!(!registry.remove(&id, &Reach::All, at(2)).unwrap());
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
            .list(&RegistryQuestion::default(), &Reach::All, at(1_000_000))
            .len(),
        1
    );
    let nobody = registry.register(Integration::default(), &Reach::All, at(0));
    assert!(matches!(nobody, Err(RegisterError::Lacks("a name"))));
}

#[test]
fn a_file_that_is_damaged_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("integrations.json"), "{").unwrap();
    let error = Registry::open(folder.path(), Duration::from_secs(60)).unwrap_err();
    assert!(error.to_string().contains("can't be understood"), "{error}");
}

/// Returns how far a token for one project reaches.
fn only(project: &str) -> Reach {
    Reach::Projects([project.to_owned()].into())
}

fn of_project(projects: &[&str]) -> Subscription {
    let mut subscription = subscription("dev");
    subscription.filter.projects = projects.iter().map(|name| (*name).to_owned()).collect();
    subscription
}

fn of_projects(name: &str, projects: &[&str]) -> Integration {
    let mut integration = integration(name, "dev");
    integration.subscriptions = vec![of_project(projects)];
    integration
}

#[test]
fn a_part_of_the_server_stays_whoever_wants_it_gone() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    let own = integration("webhook-service", "dev");
    registry.register_own(own.clone(), at(0)).unwrap();
    let all = registry.list(&RegistryQuestion::default(), &Reach::All, at(0));
    let id = all[0].id.clone();
    for reach in [Reach::All, only("shop")] {
        let refused = registry.remove(&id, &reach, at(1)).unwrap_err();
        assert!(matches!(refused, RegisterError::Own), "{refused}");
    }
    let again = Integration {
        subscriptions: Vec::new(),
        ..own
    };
    let again = registry.register(again, &Reach::All, at(1)).unwrap();
    assert_eq!(again, Registered::Known(id.clone()));
    let later = registry.find(&id, &Reach::All, at(1_000_000)).unwrap();
    assert_eq!(later.subscriptions, all[0].subscriptions);
}

#[test]
fn a_token_for_some_projects_changes_nothing_that_is_about_others() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    let shop = only("shop");
    for projects in [&[][..], &["bank"], &["shop", "bank"]] {
        let refused = registry.register(of_projects("helm", projects), &shop, at(0));
        assert!(
            matches!(refused, Err(RegisterError::Outside)),
            "{projects:?}"
        );
        let name = format!("foreign-{}", projects.len());
        let foreign = registry.register(of_projects(&name, projects), &Reach::All, at(0));
        let Registered::New(id) = foreign.unwrap() else {
            panic!("it is new");
        };
        let removed = registry.remove(&id, &shop, at(0));
        assert!(
            matches!(removed, Err(RegisterError::Foreign)),
            "{projects:?}"
        );
        let again = registry.register(of_projects(&name, &["shop"]), &shop, at(0));
        assert!(matches!(again, Err(RegisterError::Foreign)), "{projects:?}");
        let there = registry
            .find(&id, &Reach::All, at(0))
            .unwrap()
            .subscriptions;
        for new in [None, Some(of_project(&["shop"]))] {
            let changed = registry.replace_subscription((&id, &there[0].id), new, &shop, at(0));
            assert!(
                matches!(changed, Err(RegisterError::Outside)),
                "{projects:?}"
            );
        }
        let kept = registry
            .find(&id, &Reach::All, at(0))
            .unwrap()
            .subscriptions;
        assert_eq!(kept, there, "nothing has changed");
        assert_eq!(
            registry.find(&id, &shop, at(0)).is_some(),
            projects.is_empty()
        );
    }
}

#[test]
fn a_token_for_some_projects_subscribes_for_those_and_sees_those() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    let shop = only("shop");
    let own = registry.register(of_projects("helm", &["shop"]), &shop, at(0));
    let Registered::New(own) = own.unwrap() else {
        panic!("it is new");
    };
    let mut webhooks = of_projects("webhook-service", &[]);
    webhooks.subscriptions.clear();
    registry.register_own(webhooks, at(0)).unwrap();
    let of_name = RegistryQuestion {
        name: "webhook-service".to_owned(),
        ..RegistryQuestion::default()
    };
    let id = registry.list(&of_name, &shop, at(0))[0].id.clone();
    registry
        .subscribe(&id, of_project(&["bank"]), &Reach::All, at(0))
        .unwrap()
        .unwrap();
    let refused = registry.subscribe(&id, of_project(&[]), &shop, at(0));
    assert!(matches!(refused, Err(RegisterError::Outside)));
    let added = registry.subscribe(&id, of_project(&["shop"]), &shop, at(0));
    let added = added.unwrap().unwrap();
    let seen = registry.find(&id, &shop, at(0)).unwrap().subscriptions;
    let seen: Vec<_> = seen.into_iter().map(|one| one.id).collect();
    assert_eq!(seen, std::slice::from_ref(&added), "and none of the bank");
    let widened = Some(of_project(&["shop", "bank"]));
    let refused = registry.replace_subscription((&id, &added), widened, &shop, at(0));
    assert!(matches!(refused, Err(RegisterError::Outside)));
    assert!(
        registry
            .replace_subscription((&id, &added), None, &shop, at(0))
            .unwrap()
    );
    assert!(registry.remove(&own, &shop, at(0)).unwrap());
}

#[test]
fn integrations_take_no_more_room_than_is_meant_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path(), Duration::from_secs(60)).unwrap();
    let mut many = integration("helm", "dev");
    many.subscriptions = vec![subscription("dev"); 1001];
    let refused = registry.register(many.clone(), &Reach::All, at(0));
    assert!(matches!(refused, Err(RegisterError::TooManySubscriptions)));
    many.subscriptions.pop();
    let Registered::New(id) = registry.register(many, &Reach::All, at(0)).unwrap() else {
        panic!("it is new");
    };
    let one_more = registry.subscribe(&id, subscription("dev"), &Reach::All, at(0));
    assert!(matches!(one_more, Err(RegisterError::TooManySubscriptions)));
    let count = registry
        .find(&id, &Reach::All, at(0))
        .unwrap()
        .subscriptions
        .len();
    assert_eq!(count, 1000);

    let large = |name: &str, bytes: usize| {
        let mut large = integration(name, "dev");
        large.metadata.location = "x".repeat(bytes);
        registry.register(large, &Reach::All, at(0))
    };
    let refused = large("large", 512 * 1024);
    assert!(matches!(refused, Err(RegisterError::TooLarge)));
    let mut taken = 0;
    let refused = loop {
        match large(&format!("large-{taken}"), 500 * 1024) {
            Ok(_registered) => taken += 1,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, RegisterError::Full), "{refused}");
    assert_eq!(taken, 32);
    registry.remove(&id, &Reach::All, at(0)).unwrap();
}
