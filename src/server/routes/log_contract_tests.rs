//! The event log of remote gates against this server: the contract of event logs, over HTTP.

use std::time::Duration;

use super::test_server::{TestServer, define, stage};
use crate::eventlog::contract::{Subject, ask_every_question};
use crate::eventlog::samples::{append, carts, finished, ids, invalidation};
use crate::eventlog::{EventLogSettings, Filter, Kinds, open};
use crate::gate::event::EventType;
use crate::net::Secret;
use crate::server::Catalogue;

/// The projects of the contract, each with all stages and services.
const PROJECTS: [&str; 8] = [
    "sockshop",
    "bookshop",
    "sock'shop",
    "sock%shop",
    "sock:shop",
    "sock",
    "sock/shop",
    "søckshop",
];
/// The stages of the contract.
const STAGES: [&str; 7] = [
    "dev",
    "prod",
    "staging",
    "Staging",
    "st\"age",
    "a,b",
    "shop/staging",
];
/// The services of the contract.
const SERVICES: [&str; 4] = ["carts", "carts_", "carts AND data.stage:x", "🛒"];

/// Starts a server with the projects of the contract, and opens a log on it.
async fn subject() -> Option<Subject> {
    let catalogue = Catalogue::default();
    for project in PROJECTS {
        let stages = STAGES.iter().map(|name| stage(name, None, &["deployment"]));
        let mut services = SERVICES.to_vec();
        let more: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        services.extend(more.iter().map(String::as_str));
        services.extend(["a", "b", "c", "d"]);
        define(&catalogue, project, stages.collect(), &services);
    }
    let server = TestServer::with(catalogue, tempfile::tempdir().unwrap()).await;
    let url = format!("http://{}/api", server.address);
    let settings = EventLogSettings {
        token: Some(Secret::new("any")),
        timeout: Duration::from_secs(20),
        ..EventLogSettings::new(url.parse().unwrap())
    };
    Some(Subject::new(open(settings).unwrap(), server))
}

// The same questions as are asked of the log against a Keptn; its own tests say why the others can't be answered.
ask_every_question!(@each contract, subject();
    an_empty_log_has_no_events
    a_limit_keeps_the_newest
    series_are_kept_apart_whatever_their_names_are
    a_filter_by_project_takes_all_of_its_series
    a_filter_by_id_takes_one
    a_filter_by_result_takes_all_that_it_names
    an_event_that_was_stamped_is_known_by_its_id_later
    an_event_beyond_the_limit_takes_its_batch_with_it
    an_empty_batch_is_no_event
);

#[tokio::test]
async fn what_is_said_of_evaluations_later_comes_back() {
    let subject = subject().await.unwrap();
    let log = &*subject.log;
    append(log, [finished("1", "2024-02-01T10:00:00Z")]).await;
    append(log, [invalidation("2", "trigger-1")]).await;
    for (id, event_type) in [
        ("3", EventType::REINSTATED),
        ("4", EventType::PINNED),
        ("5", EventType::UNPINNED),
    ] {
        let mut event = finished(id, "2024-02-02T10:00:00Z");
        event.event_type = event_type.to_owned();
        append(log, [event]).await;
    }
    let steering = Filter {
        kinds: Kinds::Steering,
        ..Filter::of_series(&carts())
    };
    assert_eq!(ids(log, &steering, 9).await, ["5", "4", "3", "2"]);
    let of_context = Filter {
        context: Some(first_context(log).await),
        ..Filter::default()
    };
    assert_eq!(ids(log, &of_context, 9).await.len(), 5);
}

/// Returns the context that the events got.
async fn first_context(log: &dyn crate::eventlog::EventLog) -> String {
    let page = log.events(&Filter::of_series(&carts()), 1).await.unwrap();
    page.events[0].shkeptncontext.clone().unwrap()
}
