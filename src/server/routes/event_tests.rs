//! Events come in: what is taken, what is refused, and what executors find to do.

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use super::test_server::{LONG, TestServer, answer_to};

/// Returns an event.
fn event(event_type: &str, data: Value) -> Value {
    let mut event = json!({"type": event_type, "source": "test", "specversion": "1.0"});
    event["data"] = data;
    event
}

/// Posts an event; returns the status and the message.
async fn refused(server: &TestServer, event: &Value) -> String {
    let (status, answer) = server.post("/v1/event", event).await;
    assert_eq!(answer["code"].as_u64(), Some(u64::from(status)), "{answer}");
    let message = answer["message"].as_str().unwrap();
    format!("{status} {message}")
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn what_makes_no_sense_or_is_not_there_is_refused_before_anything_happens() {
    let server = TestServer::start().await;
    let at = |project: &str, stage: &str, service: &str| json!({"project": project, "stage": stage, "service": service});
    let trigger = "sh.keptn.event.dev.delivery.triggered";
    let mut said = Vec::new();
    for event in [
        event(trigger, at("nope", "dev", "carts")),
        event(trigger, at("shop", "dev", "nope\n::set-output")),
        event(trigger, at("shop", "prod", "carts")),
        event(trigger, at("shop", "dev", "")),
        event(
            "sh.keptn.event.qa.delivery.triggered",
            at("shop", "qa", "carts"),
        ),
        event(
            "sh.keptn.event.dev.nope.triggered",
            at("shop", "dev", "carts"),
        ),
        event(
            "sh.keptn.event.dev.empty.triggered",
            at("shop", "dev", "carts"),
        ),
        event(
            "sh.keptn.event.dev.delivery.finished",
            at("shop", "dev", "carts"),
        ),
        event("sh.keptn.event.test.triggered", at("shop", "dev", "carts")),
        event("sh.keptn.event.test.started", at("shop", "dev", "carts")),
        event("sh.keptn.event.test.finished", at("shop", "dev", "carts")),
        event("sh.keptn.event.test.exploded", at("shop", "dev", "carts")),
        event(
            "sh.keptn.event.sequence-control.finished",
            at("shop", "dev", "carts"),
        ),
        event(
            "sh.keptn.event.monitoring.configure",
            json!({"project": "shop"}),
        ),
        event("x", json!({})),
        json!({"type": trigger}),
        json!({"data": {}}),
        json!(7),
    ] {
        said.push(refused(&server, &event).await);
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    404 there is no project `nope`; create it first
    404 the project `shop` has no service `nope\n::set-output`; it has `carts`, `orders`
    400 stage name in event data and in event type does not match: `prod` and `dev`
    400 the event has no data.service; it has to have one, as a text
    404 the project `shop` has no stage `qa`; it has `dev`, `prod`
    404 the stage `dev` of the project `shop` has no sequence `nope`; it has `delivery`, `empty`, `evaluation`
    400 the sequence `empty` of the stage `dev` has no tasks; add some to the shipyard
    400 unknown event type action in `sh.keptn.event.dev.delivery.finished`: of a sequence only .triggered is taken in; its .finished comes from the server
    400 unknown event type action in `sh.keptn.event.test.triggered`: tasks are triggered by their sequence
    400 the event has no triggeredid; it has to name the .triggered event that it answers
    400 the event has no data.result; it has to have one, as a text
    400 unknown event type `sh.keptn.event.test.exploded`; known are sh.keptn.event.STAGE.SEQUENCE.triggered and sh.keptn.event.TASK.started, .status.changed, .finished and .invalidated
    400 a sequence is controlled by POST /controlPlane/v1/sequence/{project}/{context}/control
    400 the event has no data.type; it has to have one, as a text
    400 unknown event type `x`; known are sh.keptn.event.STAGE.SEQUENCE.triggered and sh.keptn.event.TASK.started, .status.changed, .finished and .invalidated
    400 the event has no data
    400 the event has no type
    400 the body is no event: not a JSON object
    ");
    let (_, history) = server.get("/mongodb-datastore/event").await;
    assert_eq!(history["totalCount"], 0);
}

#[tokio::test]
async fn an_event_is_limited_to_a_mebibyte() {
    let server = TestServer::start().await;
    let with = |bytes: usize| {
        event(
            "sh.keptn.event.dev.delivery.triggered",
            json!({"project": "shop", "stage": "dev", "service": "carts", "more": "x".repeat(bytes)}),
        )
    };
    let (status, _) = server.post("/v1/event", &with(900 * 1024)).await;
    assert_eq!(status, 200);
    let said = refused(&server, &with(1024 * 1024)).await;
    insta::assert_snapshot!(said, @"413 the event has more than 1048576 bytes; make it smaller");
}

#[tokio::test]
async fn the_context_is_kept_or_made_and_id_and_time_are_given_here() {
    let server = TestServer::start().await;
    let data = json!({"project": "shop", "stage": "dev", "service": "carts"});
    let uuid = "0190a000-0000-7000-8000-000000000001";
    for (given, made) in [
        (uuid, uuid),
        ("context", "636f6e74-6578-4420-a020-202020202020"),
    ] {
        let mut event = event("sh.keptn.event.dev.delivery.triggered", data.clone());
        event["shkeptncontext"] = given.into();
        event["id"] = "mine".into();
        event["time"] = "1999-01-01T00:00:00Z".into();
        event["source"] = "no url".into();
        let (_, answer) = server.post("/v1/event", &event).await;
        assert_eq!(answer["keptnContext"], made);
        let path = format!("/mongodb-datastore/event?root=1&keptnContext={made}");
        let (_, stored) = server.get(&path).await;
        let stored = &stored["events"][0];
        assert_ne!(stored["id"], "mine");
        assert!(
            stored["time"]
                .as_str()
                .unwrap()
                .starts_with("2024-02-01T12:00:0")
        );
        assert_eq!(stored["time"].as_str().unwrap().len(), 24);
        assert_eq!(stored["source"], "https://github.com/keptn/keptn/api");
    }
}

#[tokio::test]
async fn a_task_is_answered_once_and_late_or_foreign_answers_are_refused() {
    let server = TestServer::start().await;
    let context = server.deliver("carts").await;
    let triggered = server.open("deployment", &context).await.remove(0);
    server.does("deployment", &context, "pass").await;
    let late = answer_to(&triggered, "finished", "pass");
    let mut said = vec![refused(&server, &late).await];
    let mut unknown = late.clone();
    unknown["triggeredid"] = "nope".into();
    said.push(refused(&server, &unknown).await);
    let mut elsewhere = late.clone();
    elsewhere["shkeptncontext"] = Value::Null;
    said.push(refused(&server, &elsewhere).await);
    let said = said.join("\n");
    let id = triggered["id"].as_str().unwrap();
    insta::assert_snapshot!(said.replace(id, "ID").replace(&context, "CONTEXT"), @"
    409 the task with triggeredid `ID` has ended; what comes later changes nothing
    404 no open task with triggeredid `nope` in the context `CONTEXT`
    400 the task with triggeredid `ID` is of the context `CONTEXT`; the event has to name it as its shkeptncontext
    ");

    // What nobody here triggered is the history of somebody else.
    let mut foreign = late.clone();
    foreign["type"] = "sh.keptn.event.evaluation.finished".into();
    foreign["shkeptncontext"] = "0190a000-0000-7000-8000-000000000001".into();
    foreign["triggeredid"] = "theirs".into();
    let (status, _) = server.post("/v1/event", &foreign).await;
    assert_eq!(status, 200);
    // What is said later of an evaluation may be about one of ours.
    let mut pin = late;
    pin["type"] = "sh.keptn.event.pin.finished".into();
    let (status, _) = server.post("/v1/event", &pin).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_status_may_change_in_between() {
    let server = TestServer::start().await;
    let context = server.deliver("carts").await;
    for kind in ["started", "status.changed", "finished"] {
        let (status, answer) = server.answer("deployment", &context, kind, "pass").await;
        assert_eq!(status, 200, "{kind}: {answer}");
    }
    assert_eq!(server.open("test", &context).await.len(), 1);
}

#[tokio::test]
async fn a_request_with_a_key_can_be_repeated() {
    let server = TestServer::start().await;
    let data = json!({"project": "shop", "stage": "dev", "service": "carts"});
    let trigger = event("sh.keptn.event.dev.delivery.triggered", data).to_string();
    let key = [("Idempotency-Key", "build 7")];
    let (_, first) = server.ask("POST", "/v1/event", &key, &trigger).await;
    let (status, second) = server.ask("POST", "/v1/event", &key, &trigger).await;
    assert_eq!((status, &second), (200, &first));
    let context = first["keptnContext"].as_str().unwrap();
    assert_eq!(server.open("deployment", context).await.len(), 1);
    let (_, executions) = server
        .get("/controlPlane/v1/sequence-execution?project=shop")
        .await;
    assert_eq!(executions["totalCount"], 1);
    let other = trigger.replace("dev", "prod");
    let (status, _) = server.ask("POST", "/v1/event", &key, &other).await;
    assert_eq!(status, 409);
    let image = json!({"project": "shop", "stage": "dev", "service": "carts", "image": "a:2"});
    let other = event("sh.keptn.event.dev.delivery.triggered", image).to_string();
    let (status, _) = server.ask("POST", "/v1/event", &key, &other).await;
    assert_eq!(status, 409);
    let long = "x".repeat(256);
    let key = [("Idempotency-Key", long.as_str())];
    let (status, _) = server.ask("POST", "/v1/event", &key, &trigger).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn open_tasks_are_listed_page_by_page_and_nothing_that_waits_is_among_them() {
    let server = TestServer::start().await;
    let first = server.deliver("carts").await;
    let waits = server.deliver("carts").await;
    let other = server.deliver("orders").await;
    assert_eq!(server.open("deployment", &waits).await, [Value::Null; 0]);
    let of = async |query: &str| {
        let path =
            format!("/controlPlane/v1/event/triggered/sh.keptn.event.deployment.triggered?{query}");
        server.get(&path).await
    };
    let (_, page) = of("pageSize=1").await;
    assert_eq!(page["totalCount"], 2);
    assert_eq!(page["nextPageKey"], "1");
    assert_eq!(page["events"][0]["shkeptncontext"], first.as_str());
    let (_, page) = of("pageSize=1&nextPageKey=1").await;
    assert_eq!(page["nextPageKey"], "0");
    assert_eq!(page["events"][0]["shkeptncontext"], other.as_str());
    let (_, page) = of("project=shop&stage=dev&service=orders").await;
    assert_eq!(page["totalCount"], 1);
    let id = page["events"][0]["id"].as_str().unwrap();
    let (_, page) = of(&format!("eventID={id}")).await;
    assert_eq!(page["totalCount"], 1);
    let (status, _) = of("project=nope").await;
    assert_eq!(status, 404);
    let (status, _) = server.get("/controlPlane/v1/event/triggered/x").await;
    assert_eq!(status, 400);
    let (status, _) = of("pageSize=x").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn whoever_listens_hears_of_each_event_of_its_context() {
    let server = TestServer::start().await;
    let context = server.deliver("carts").await;
    let path = format!("/x/v1/events/stream?project=shop&keptnContext={context}");
    let mut stream = server.send("GET", &path, &[], "").await;
    let mut heard = String::new();
    let mut buffer = [0; 4096];
    while !heard.contains("\r\n\r\n") {
        let read = stream.read(&mut buffer).await.unwrap();
        heard.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    server.deliver("orders").await;
    server.answer("deployment", &context, "started", "").await;
    while !heard.contains("deployment.started") {
        let read = tokio::time::timeout(LONG, stream.read(&mut buffer))
            .await
            .unwrap();
        heard.push_str(&String::from_utf8_lossy(&buffer[..read.unwrap()]));
    }
    assert!(!heard.contains("orders"), "{heard}");
    let (status, _) = server.get("/x/v1/events/stream?project=nope").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_answer_that_says_something_else_than_its_task_is_refused() {
    let server = TestServer::start().await;
    let context = server.deliver("carts").await;
    let open = server.open("deployment", &context).await;
    let id = open[0]["id"].as_str().unwrap().to_owned();
    let answer = |event_type: &str, stage: &str, service: &str| {
        let data = json!({"project": "shop", "stage": stage, "service": service, "result": "pass", "status": "succeeded"});
        let mut answer = event(event_type, data);
        answer["triggeredid"] = json!(id);
        answer["shkeptncontext"] = json!(context);
        answer.to_string()
    };
    let finished = "sh.keptn.event.deployment.finished";
    for (event_type, stage, service) in [
        (finished, "prod", "carts"),
        (finished, "dev", "orders"),
        ("sh.keptn.event.test.finished", "dev", "carts"),
        ("sh.keptn.event.approval.finished", "dev", "carts"),
    ] {
        let body = answer(event_type, stage, service);
        let (status, told) = server.ask("POST", "/v1/event", &[], &body).await;
        assert_eq!(status, 400, "{told}");
        assert!(told.to_string().contains("`deployment`"), "{told}");
    }
    assert_eq!(server.open("deployment", &context).await, open);
    let good = answer(finished, "dev", "carts");
    let (status, _) = server.ask("POST", "/v1/event", &[], &good).await;
    assert_eq!(status, 200);
}
