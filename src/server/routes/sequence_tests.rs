//! How deliveries stand, what triggers evaluations, and what steers.

use serde_json::{Value, json};

use super::test_server::TestServer;
use crate::app::Journal as _;
use crate::server::Sightings as _;

/// Returns the contexts of a list of states.
fn contexts(answer: &Value) -> Vec<&str> {
    let states = answer["states"].as_array().unwrap().iter();
    states
        .map(|state| state["shkeptncontext"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_delivery_is_shown_from_its_trigger_to_its_end() {
    let server = TestServer::start().await;
    let context = server.deliver_all("carts").await;
    let (_, states) = server.get("/controlPlane/v1/sequence/shop").await;
    let state = &states["states"][0];
    assert_eq!(state["state"], "finished");
    assert_eq!(state["tidegateOutcome"], "pass");
    assert_eq!(state["name"], "delivery");
    assert_eq!(state["service"], "carts");
    let reached = state["stages"].as_array().unwrap();
    let shown: Vec<String> = reached
        .iter()
        .map(|stage| {
            format!(
                "{} {} {} {}",
                stage["name"],
                stage["state"],
                stage["tidegateOutcome"],
                stage["latestEvent"]["type"]
            )
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    "dev" "succeeded" "pass" "sh.keptn.event.dev.delivery.finished"
    "prod" "succeeded" "pass" "sh.keptn.event.prod.delivery.finished"
    "#);

    let path = format!("/controlPlane/v1/sequence-execution?project=shop&keptnContext={context}");
    let (_, executions) = server.get(&path).await;
    assert_eq!(executions["totalCount"], 2);
    let first = &executions["sequenceExecutions"][1];
    assert_eq!(first["scope"]["stage"], "dev");
    assert_eq!(first["status"]["state"], "finished");
    assert_eq!(first["status"]["previousTasks"][1]["name"], "test");
    assert_eq!(first["inputProperties"]["service"], "carts");

    let seen = server.parts.store.of_project("shop").await;
    let dev = seen.iter().find(|seen| seen.stage == "dev").unwrap();
    assert_eq!(
        (dev.service.as_str(), dev.image.as_str()),
        ("carts", "carts:2")
    );
    let finished = &dev.types["sh.keptn.event.dev.delivery.finished"];
    assert_eq!(finished.keptn_context, context);
}

#[tokio::test]
async fn s27_states_are_found_by_name_state_time_and_contexts_page_by_page() {
    let server = TestServer::start().await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(server.deliver("carts").await);
    }
    let (_, evaluation) = server
        .post(
            "/controlPlane/v1/project/shop/stage/dev/service/orders/evaluation",
            &json!({}),
        )
        .await;
    all.push(evaluation["keptnContext"].as_str().unwrap().to_owned());
    all.reverse();
    let of = async |query: &str| {
        let path = format!("/controlPlane/v1/sequence/shop?{query}");
        let (status, answer) = server.get(&path).await;
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let everything = of("").await;
    assert_eq!(contexts(&everything), all);
    assert_eq!(everything["nextPageKey"], 0);
    assert_eq!(everything["totalCount"], 6);
    assert_eq!(contexts(&of("name=evaluation").await), all[..1]);
    assert_eq!(contexts(&of("state=waiting").await), all[1..5]);
    assert_eq!(
        of("state=waiting,started&pageSize=0").await["totalCount"],
        6
    );
    let several = of(&format!("keptnContext={},{}", all[1], all[3])).await;
    assert_eq!(contexts(&several), [&all[1], &all[3]]);
    let time = |n: usize| everything["states"][n]["time"].as_str().unwrap().to_owned();
    let between = of(&format!("fromTime={}&beforeTime={}", time(4), time(1))).await;
    assert_eq!(contexts(&between), all[2..4]);
    let mut found = Vec::new();
    let mut key = 0;
    loop {
        let page = of(&format!("pageSize=4&nextPageKey={key}")).await;
        found.extend(contexts(&page).into_iter().map(str::to_owned));
        assert_eq!(page["totalCount"], 6);
        key = page["nextPageKey"].as_u64().unwrap();
        if key == 0 {
            break;
        }
    }
    assert_eq!(found, all);
    let (status, nobody) = server.get("/controlPlane/v1/sequence/nope").await;
    assert_eq!((status, &nobody["states"]), (200, &json!([])));
    for query in ["pageSize=x", "fromTime=x", "nextPageKey=-1"] {
        let path = format!("/controlPlane/v1/sequence/shop?{query}");
        assert_eq!(server.get(&path).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn executions_need_a_project_and_are_found_by_what_is_said() {
    let server = TestServer::start().await;
    server.deliver("carts").await;
    server.deliver("orders").await;
    for (query, status, total) in [
        ("", 400, Value::Null),
        ("project=nope", 404, Value::Null),
        ("project=shop", 200, 2.into()),
        ("project=shop&service=carts", 200, 1.into()),
        ("project=shop&stage=prod", 200, 0.into()),
        ("project=shop&name=delivery&status=started", 200, 2.into()),
        ("project=shop&status=finished", 200, 0.into()),
    ] {
        let path = format!("/controlPlane/v1/sequence-execution?{query}");
        let (found, answer) = server.get(&path).await;
        assert_eq!((found, &answer["totalCount"]), (status, &total), "{query}");
    }
}

#[tokio::test]
async fn control_acts_or_says_why_it_can_not() {
    let server = TestServer::start().await;
    let context = server.deliver("carts").await;
    let steer = async |context: &str, body: Value| {
        let path = format!("/controlPlane/v1/sequence/shop/{context}/control");
        let (status, answer) = server.post(&path, &body).await;
        let message = answer["message"].as_str().unwrap_or_default();
        format!("{status} {message}").trim_end().to_owned()
    };
    let mut said = vec![
        steer(&context, json!({})).await,
        steer(&context, json!({"state": "explode"})).await,
        steer(&context, json!({"state": "pause", "stage": "nope"})).await,
        steer("nope", json!({"state": "pause"})).await,
        steer(&context, json!({"state": "pause"})).await,
    ];
    let (_, states) = server.get("/controlPlane/v1/sequence/shop").await;
    assert_eq!(states["states"][0]["state"], "paused");
    said.push(steer(&context, json!({"state": "resume"})).await);
    said.push(steer(&context, json!({"state": "abort"})).await);
    said.push(steer(&context, json!({"state": "abort"})).await);
    insta::assert_snapshot!(said.join("\n").replace(&context, "CONTEXT"), @"
    400 the body has no `state`; it has to be pause, resume or abort
    400 `state` is none of pause, resume and abort: `explode`
    404 the project `shop` has no stage `nope`
    404 nothing was triggered in the project `shop` with the context `nope`
    200
    200
    200
    409 nothing of the context `CONTEXT` is under way any more: it is aborted
    ");
    let (_, states) = server.get("/controlPlane/v1/sequence/shop").await;
    assert_eq!(states["states"][0]["state"], "aborted");
}

#[tokio::test]
async fn s30_an_evaluation_is_triggered_or_refused_with_the_right_status() {
    let server = TestServer::start().await;
    let trigger = async |place: &str, body: Value| {
        let path = format!("/controlPlane/v1/{place}/evaluation");
        let (status, answer) = server.post(&path, &body).await;
        (status, answer)
    };
    for (place, status) in [
        ("project/nope/stage/dev/service/carts", 404),
        ("project/shop/stage/nope/service/carts", 404),
        ("project/shop/stage/dev/service/nope", 404),
    ] {
        let (found, answer) = trigger(place, json!({})).await;
        assert_eq!(found, status, "{answer}");
        assert_eq!(answer["code"], status);
    }
    let place = "project/shop/stage/dev/service/carts";
    let both = json!({"start": "", "end": "2024-02-01T10:00:00Z", "timeframe": "5m"});
    assert_eq!(trigger(place, both).await.0, 400);
    let wanted = json!({
        "start": "2024-02-01T10:00:00", "timeframe": "10m", "labels": {"build": "7"}, "gitcommitid": "abc",
    });
    let (status, answer) = trigger(place, wanted).await;
    assert_eq!(status, 200, "{answer}");
    let context = answer["keptnContext"].as_str().unwrap();
    let open = server.open("evaluation", context).await.remove(0);
    assert_eq!(
        open["data"]["evaluation"]["start"],
        "2024-02-01T10:00:00.000Z"
    );
    assert_eq!(
        open["data"]["evaluation"]["end"],
        "2024-02-01T10:10:00.000Z"
    );
    assert_eq!(open["data"]["labels"]["build"], "7");
    assert_eq!(open["gitcommitid"], "abc");
    let (_, bare) = server
        .ask(
            "POST",
            &format!("/controlPlane/v1/{place}/evaluation"),
            &[],
            "",
        )
        .await;
    assert!(bare["keptnContext"].is_string(), "{bare}");
}

#[tokio::test]
async fn s26_nothing_is_left_of_a_project_that_is_deleted() {
    let server = TestServer::start().await;
    let mut project = (*server.parts.catalogue.project("shop").unwrap()).clone();
    let names: Vec<String> = (0..50).map(|n| format!("service-{n}")).collect();
    let services = names
        .iter()
        .map(|name| (name.clone(), jiff::Timestamp::UNIX_EPOCH));
    project.services = services.collect();
    server.parts.catalogue.set("shop", Some(project.clone()));
    for name in &names {
        server.deliver(name).await;
        server.deliver(name).await;
    }
    let (_, open) = server
        .get("/controlPlane/v1/event/triggered/sh.keptn.event.deployment.triggered")
        .await;
    assert_eq!(open["totalCount"], 50);
    server.parts.catalogue.set("shop", None);
    server
        .parts
        .conductor
        .define("shop".to_owned(), None)
        .await
        .unwrap();
    server.parts.store.forget("shop".to_owned()).await.unwrap();
    let remembered = server.parts.store.remember().await.unwrap();
    assert_eq!(remembered.open, []);

    server.parts.catalogue.set("shop", Some(project));
    let server = server.restarted().await;
    for (path, member) in [
        (
            "/controlPlane/v1/event/triggered/sh.keptn.event.deployment.triggered",
            "totalCount",
        ),
        ("/controlPlane/v1/sequence/shop", "totalCount"),
        (
            "/controlPlane/v1/sequence-execution?project=shop",
            "totalCount",
        ),
        ("/mongodb-datastore/event?project=shop", "totalCount"),
    ] {
        let (_, answer) = server.get(path).await;
        assert_eq!(answer[member], 0, "{path}");
    }
    assert_eq!(server.parts.store.of_project("shop").await, []);
    server.deliver("service-1").await;
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let server = TestServer::start().await;
    let context = server.deliver("carts").await;
    let (status, _) = server.answer("deployment", &context, "started", "").await;
    assert_eq!(status, 200);
    let server = server.restarted().await;
    let (status, _) = server
        .answer("deployment", &context, "finished", "pass")
        .await;
    assert_eq!(status, 200);
    let server = server.restarted().await;
    for task in ["test", "deployment"] {
        server.does(task, &context, "pass").await;
    }
    let (_, verdict) = server
        .get(&format!("/x/v1/context/{context}/verdict"))
        .await;
    assert_eq!(
        (&verdict["state"], &verdict["outcome"]["worst"]),
        (&"finished".into(), &"pass".into())
    );
}

#[tokio::test]
async fn a_verdict_is_told_as_soon_as_there_is_one() {
    let server = TestServer::start().await;
    let context = server.deliver("carts").await;
    let path = format!("/x/v1/context/{context}/verdict");
    let (_, now) = server.get(&path).await;
    assert_eq!(now["isOver"], false);
    let waiting = format!("{path}?wait=60s&project=shop");
    let (told, ()) = tokio::join!(server.get(&waiting), async {
        for task in ["deployment", "test"] {
            server.does(task, &context, "pass").await;
        }
        server.does("deployment", &context, "fail").await;
    });
    assert_eq!(told.1["isOver"], true, "{}", told.1);
    assert_eq!(told.1["outcome"]["worst"], "fail");
    let sequences = told.1["outcome"]["sequences"].as_array().unwrap();
    assert_eq!(sequences.len(), 2);
    assert_eq!(server.get("/x/v1/context/nope/verdict").await.0, 404);
    assert_eq!(server.get(&format!("{path}?wait=x")).await.0, 400);
}
