//! Webhooks of `tidegate serve`: subscriptions of `webhook-service`, `webhook.yaml` among the resources, and secrets of the
//! server.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::support::misbehaving::{Reply, Server};
use crate::support::served::Served;

/// What must never be seen.
const SECRET: &str = "hush-hush-0451";
/// A project with one stage.
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: {name: shop}
spec: {stages: [{name: dev, sequences: [{name: delivery, tasks: [{name: notify}]}]}]}
";
/// One webhook for the task, and one for the end of the sequence.
const WEBHOOKS: &str = "apiVersion: webhookconfig.keptn.sh/v1beta1
kind: WebhookConfig
metadata: {name: w}
spec:
  webhooks:
    - type: sh.keptn.event.notify.triggered
      subscriptionID: TASK
      sendFinished: true
      envFrom: [{name: token, secretRef: {name: hook, key: token}}]
      requests:
        - url: URL/task
          method: POST
          headers: [{key: x-token, value: '{{.env.token}}'}]
          payload: '{\"service\": \"{{.data.service}}\"}'
    - type: sh.keptn.event.dev.delivery.finished
      subscriptionID: END
      requests: [{url: 'URL/end/{{.data.result}}', method: GET}]
    - type: sh.keptn.event.dev.delivery.finished
      subscriptionID: ALSO
      requests: [{url: 'URL/also', method: GET}]
";

/// Starts a server with a project whose webhooks go to another.
fn hooked(config: &str, url: &str) -> Served {
    let server = Served::start(config);
    let done = |method: &str, path: &str, body: &Value| server.done(method, path, Some(body));
    let encoded = |text: &str| BASE64_STANDARD.encode(text);
    let project = json!({"name": "shop", "shipyard": encoded(SHIPYARD)});
    done("POST", "/controlPlane/v1/project", &project);
    let service = json!({"serviceName": "cart"});
    done("POST", "/controlPlane/v1/project/shop/service", &service);
    let secret =
        json!({"name": "hook", "scope": "keptn-webhook-service", "data": {"token": SECRET}});
    done("POST", "/secrets/v1/secret", &secret);
    let registered = server.done(
        "GET",
        "/controlPlane/v1/uniform/registration?name=webhook-service",
        None,
    );
    let id = registered[0]["id"].as_str().unwrap();
    let path = format!("/controlPlane/v1/uniform/registration/{id}/subscription");
    let subscribe = |event: &str| {
        let filter = json!({"projects": ["shop"], "stages": [], "services": []});
        let subscription = json!({"event": event, "filter": filter});
        let id = done("POST", &path, &subscription)["id"].clone();
        id.as_str().unwrap().to_owned()
    };
    let end = "sh.keptn.event.dev.delivery.finished";
    let webhooks = WEBHOOKS
        .replace("TASK", &subscribe("sh.keptn.event.notify.triggered"))
        .replace("END", &subscribe(end))
        .replace("ALSO", &subscribe(end))
        .replace("URL", url);
    let resource = json!({"resources": [{"resourceURI": "webhook/webhook.yaml", "resourceContent": encoded(&webhooks)}]});
    done(
        "POST",
        "/resource-service/v1/project/shop/resource",
        &resource,
    );
    let data = json!({"project": "shop", "stage": "dev", "service": "cart"});
    let event = json!({"type": "sh.keptn.event.dev.delivery.triggered", "source": "ci", "specversion": "1.0", "data": data});
    done("POST", "/v1/event", &event);
    server
}

/// Waits for the end of the delivery, and returns every event.
fn ended(server: &Served) -> Vec<Value> {
    server.wait_for("/controlPlane/v1/sequence/shop", |answer| {
        (answer["states"][0]["state"] == "finished").then_some(())
    });
    let events = server.done(
        "GET",
        "/mongodb-datastore/event?project=shop&pageSize=100",
        None,
    );
    events["events"].as_array().unwrap().clone()
}

/// Returns the event of a type.
fn event<'a>(events: &'a [Value], event_type: &str) -> &'a Value {
    let mut found = events.iter().filter(|event| event["type"] == event_type);
    let one = found.next().unwrap_or_else(|| panic!("{events:#?}"));
    assert!(found.next().is_none(), "{event_type} is there twice");
    one
}

#[test]
fn s35_a_subscribed_webhook_does_its_task_and_hears_of_the_end() {
    let target = Server::start(|request| {
        let head = request.split("\r\n\r\n").next().unwrap();
        Reply::json(200, json!({"got": head}).to_string())
    });
    let server = hooked("serve: {webhook_hosts: [127.0.0.0/8]}\n", &target.url());
    let events = ended(&server);
    let finished = event(&events, "sh.keptn.event.notify.finished");
    assert_eq!(finished["data"]["result"], "pass", "{finished}");
    for _request in 0..3 {
        target.wait_for_request();
    }
    let received = target.received();
    let task = received.iter().find(|one| one.starts_with("POST /task "));
    let task = task.unwrap_or_else(|| panic!("{received:?}"));
    assert!(
        task.contains(SECRET) && task.ends_with(r#"{"service": "cart"}"#),
        "{task}"
    );
    for path in ["GET /end/pass ", "GET /also "] {
        let count = received.iter().filter(|one| one.starts_with(path)).count();
        assert_eq!(count, 1, "{path} in {received:?}");
    }
    let told = json!(events).to_string();
    assert!(!told.contains(SECRET), "{told}");
    let listed = server.done("GET", "/secrets/v1/secret", None).to_string();
    assert!(
        listed.contains("hook") && !listed.contains(SECRET),
        "{listed}"
    );
}

#[test]
fn s35_a_webhook_reaches_no_machine_that_the_operator_did_not_name() {
    let target = Server::always(Reply::json(200, "{}"));
    let server = hooked("project: shop\n", &target.url());
    let events = ended(&server);
    let finished = event(&events, "sh.keptn.event.notify.finished");
    assert_eq!(finished["data"]["status"], "errored", "{finished}");
    assert!(!json!(events).to_string().contains(SECRET));
    assert!(target.received().is_empty());
}
