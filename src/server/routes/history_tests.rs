//! The history of events: S40 of the scenarios, and what `tidegate history` reads of the same file.

use serde_json::{Value, json};

use super::test_server::TestServer;
use crate::eventlog::{EventLogSettings, Filter, open};

/// Posts an evaluation of somebody else; returns the id of its trigger.
async fn evaluated(server: &TestServer, n: usize, result: &str) -> String {
    let triggered = format!("trigger-{n}");
    let event = json!({
        "type": "sh.keptn.event.evaluation.finished", "source": "lighthouse-service", "specversion": "1.0",
        "shkeptncontext": format!("0190a000-0000-7000-8000-{n:012}"), "triggeredid": triggered,
        "data": {
            "project": "shop", "stage": "dev", "service": "carts", "result": result, "status": "succeeded",
            "evaluation": {"score": n},
        },
    });
    let (status, answer) = server.post("/v1/event", &event).await;
    assert_eq!(status, 200, "{answer}");
    triggered
}

/// Returns the scores of events.
fn scores(answer: &Value) -> Vec<u64> {
    let events = answer["events"].as_array().unwrap().iter();
    events
        .map(|event| event["data"]["evaluation"]["score"].as_u64().unwrap_or(999))
        .collect()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn s40_the_history_is_filtered_and_paged() {
    let server = TestServer::start().await;
    for (n, result) in ["pass", "fail", "warning", "pass"].into_iter().enumerate() {
        evaluated(&server, n, result).await;
    }
    let invalidated = json!({
        "type": "sh.keptn.event.evaluation.invalidated", "triggeredid": "trigger-3",
        "shkeptncontext": "0190a000-0000-7000-8000-000000000003",
        "data": {"project": "shop", "stage": "dev", "service": "carts"},
    });
    assert_eq!(server.post("/v1/event", &invalidated).await.0, 200);
    let of_type = async |query: &str| {
        let path =
            format!("/mongodb-datastore/event/type/sh.keptn.event.evaluation.finished?{query}");
        server.get(&path).await
    };
    let found = async |query: &str| {
        let (status, answer) = of_type(query).await;
        assert_eq!(status, 200, "{answer}");
        scores(&answer)
    };
    assert_eq!(found("filter=data.project:shop").await, [3, 2, 1, 0]);
    assert_eq!(
        found("filter=data.project:shop&excludeInvalidated=true").await,
        [2, 1, 0]
    );
    assert_eq!(
        found("filter=data.project:shop%20AND%20data.result:pass,warning&limit=2").await,
        [3, 2]
    );
    assert_eq!(
        found("filter=data.project:shop%20AND%20data.evaluation.score:1").await,
        [1]
    );
    assert_eq!(
        found("filter=shkeptncontext:0190a000-0000-7000-8000-000000000002").await,
        [2]
    );
    assert_eq!(
        found("filter=data.project:shop%20AND%20source:nobody").await,
        [0; 0]
    );
    for query in [
        "",
        "filter=data.stage:dev",
        "filter=data.project:shop&limit=101",
        "filter=data.project:shop%20AND%20time:1:2",
        "filter=data.project:shop&excludeInvalidated=7",
    ] {
        assert_eq!(of_type(query).await.0, 400, "{query}");
    }

    let list = async |query: &str| {
        let (status, answer) = server
            .get(&format!("/mongodb-datastore/event?{query}"))
            .await;
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let all = list("project=shop").await;
    assert_eq!(
        (&all["totalCount"], &all["pageSize"]),
        (&json!(5), &json!(20))
    );
    assert_eq!(all.get("nextPageKey"), None);
    let time = |n: usize| all["events"][n]["time"].as_str().unwrap().to_owned();
    // Both ends are exclusive.
    let between = list(&format!("fromTime={}&beforeTime={}", time(3), time(0))).await;
    assert_eq!(between["totalCount"], 2);
    assert_eq!(list("project=shop&root=true").await["totalCount"], 4);
    assert_eq!(
        list("source=lighthouse-service&stage=dev").await["totalCount"],
        4
    );
    let id = all["events"][2]["id"].as_str().unwrap();
    assert_eq!(list(&format!("eventID={id}")).await["totalCount"], 1);
    assert_eq!(
        list("type=sh.keptn.event.evaluation.invalidated&project=shop").await["totalCount"],
        1
    );
    let page = list("project=shop&pageSize=2&nextPageKey=2").await;
    assert_eq!(
        (
            &page["nextPageKey"],
            page["events"].as_array().unwrap().len()
        ),
        (&json!("4"), 2)
    );
    let page = list("project=shop&pageSize=2&nextPageKey=4").await;
    assert_eq!(
        (
            page.get("nextPageKey"),
            page["events"].as_array().unwrap().len()
        ),
        (None, 1)
    );
    for query in [
        "pageSize=101",
        "pageSize=0",
        "fromTime=yesterday",
        "nextPageKey=x",
    ] {
        assert_eq!(
            server
                .get(&format!("/mongodb-datastore/event?{query}"))
                .await
                .0,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_file_is_an_event_log_for_everybody_else() {
    let server = TestServer::start().await;
    let context = server.deliver_all("carts").await;
    let path = server.folder.path().join("events.db");
    let url = format!("sqlite:{}", path.display()).parse().unwrap();
    let log = open(EventLogSettings::new(url)).unwrap();
    let filter = Filter {
        context: Some(context),
        ..Filter::default()
    };
    let page = log.events(&filter, 100).await.unwrap();
    assert_eq!(page.warnings, [""; 0]);
    let types: Vec<&str> = page
        .events
        .iter()
        .rev()
        .map(|event| event.event_type.as_str())
        .collect();
    insta::assert_snapshot!(types.join("\n"), @"
    sh.keptn.event.dev.delivery.triggered
    sh.keptn.event.deployment.triggered
    sh.keptn.event.deployment.started
    sh.keptn.event.deployment.finished
    sh.keptn.event.test.triggered
    sh.keptn.event.test.started
    sh.keptn.event.test.finished
    sh.keptn.event.dev.delivery.finished
    sh.keptn.event.prod.delivery.triggered
    sh.keptn.event.deployment.triggered
    sh.keptn.event.deployment.started
    sh.keptn.event.deployment.finished
    sh.keptn.event.prod.delivery.finished
    ");
}
