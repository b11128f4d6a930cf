//! A delivery over two stages through `tidegate serve`: the gate and the approval inside, deployments by an executor that
//! polls; and the same with the server killed after each step.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::harness::SLO;
use crate::support::served::Served;

/// Two stages: what is good in one is approved for the next.
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: {name: shop}
spec:
  stages:
    - name: dev
      sequences:
        - name: delivery
          tasks:
            - name: deployment
            - name: evaluation
    - name: prod
      sequences:
        - name: delivery
          triggeredOn:
            - event: dev.delivery.finished
          tasks:
            - name: approval
              properties: {pass: manual, warning: manual}
            - name: deployment
";
/// Numbers stand in the SLI file.
const CONFIG: &str = "providers: {static: {type: static}}\n";
/// What the gate measures.
const SLI: &str = "indicators:\n  response_time: '500'\n";
/// The steps of the delivery, each of which is answered before the next.
const STEPS: usize = 9;

/// A delivery on its way.
struct Delivery {
    /// The server.
    server: Served,
    /// The step behind which the server is killed.
    killed_behind: Option<usize>,
    /// How many steps are done.
    done: usize,
    /// The Keptn context.
    context: String,
}

impl Delivery {
    fn new(killed_behind: Option<usize>) -> Self {
        Self {
            server: Served::start(CONFIG),
            killed_behind,
            done: 0,
            context: String::new(),
        }
    }

    /// A step was answered: this is the moment at which the server may die.
    fn step(&mut self) {
        self.done += 1;
        if self.killed_behind == Some(self.done) {
            self.server.kill_and_restart();
        }
    }

    /// Creates the project, its service and its files.
    fn prepare(&mut self) {
        let encoded = |text: &str| BASE64_STANDARD.encode(text);
        let project = json!({"name": "shop", "shipyard": encoded(SHIPYARD)});
        self.server
            .done("POST", "/controlPlane/v1/project", Some(&project));
        self.step();
        let service = json!({"serviceName": "cart"});
        self.server.done(
            "POST",
            "/controlPlane/v1/project/shop/service",
            Some(&service),
        );
        self.step();
        let resources = json!({"resources": [
            {"resourceURI": "slo.yaml", "resourceContent": encoded(SLO)},
            {"resourceURI": "sli.yaml", "resourceContent": encoded(SLI)},
        ]});
        let path = "/resource-service/v1/project/shop/stage/dev/service/cart/resource";
        self.server.done("POST", path, Some(&resources));
        self.step();
    }

    /// Sends an event.
    fn send(&self, event: &Value) -> Value {
        self.server.done("POST", "/api/v1/event", Some(event))
    }

    /// Starts the delivery.
    fn trigger(&mut self) {
        let data =
            json!({"project": "shop", "stage": "dev", "service": "cart", "labels": {"build": "7"}});
        let event = json!({
            "type": "sh.keptn.event.dev.delivery.triggered", "source": "ci", "specversion": "1.0", "data": data,
        });
        self.context = self.send(&event)["keptnContext"]
            .as_str()
            .unwrap()
            .to_owned();
        self.step();
    }

    /// Waits for a task of a stage to be open.
    fn open(&self, task: &str, stage: &str) -> Value {
        let path = format!(
            "/api/controlPlane/v1/event/triggered/sh.keptn.event.{task}.triggered?project=shop&stage={stage}"
        );
        self.server.wait_for(&path, |answer| {
            let events = answer["events"].as_array().unwrap();
            assert!(events.len() < 2, "{answer}");
            events.first().cloned()
        })
    }

    /// Answers a task.
    fn answer(&mut self, triggered: &Value, kind: &str) {
        let mut data = triggered["data"].clone();
        data["status"] = "succeeded".into();
        data["result"] = "pass".into();
        let event_type = triggered["type"].as_str().unwrap();
        let event = json!({
            "type": event_type.replace("triggered", kind),
            "source": "tester", "specversion": "1.0",
            "shkeptncontext": triggered["shkeptncontext"],
            "triggeredid": triggered["id"],
            "data": data,
        });
        self.send(&event);
        self.step();
    }

    /// Waits for the end, and returns the events of the context, oldest first.
    fn end(&self) -> Vec<Value> {
        let path = format!(
            "/controlPlane/v1/sequence/shop?keptnContext={}",
            self.context
        );
        self.server.wait_for(&path, |answer| {
            let state = &answer["states"][0];
            let stages = state["stages"].as_array().map_or(0, Vec::len);
            (state["state"] == "finished" && stages == 2).then_some(())
        });
        let path = format!(
            "/mongodb-datastore/event?keptnContext={}&project=shop&pageSize=100",
            self.context
        );
        let mut events = self.server.done("GET", &path, None)["events"]
            .as_array()
            .unwrap()
            .clone();
        events.reverse();
        events
    }

    /// Goes through all of it.
    fn run(mut self) -> Vec<Value> {
        self.prepare();
        self.trigger();
        let task = self.open("deployment", "dev");
        assert_eq!(task["shkeptncontext"], self.context.as_str());
        self.answer(&task, "started");
        self.answer(&task, "finished");
        let task = self.open("approval", "prod");
        self.answer(&task, "finished");
        let task = self.open("deployment", "prod");
        self.answer(&task, "started");
        self.answer(&task, "finished");
        assert_eq!(self.done, STEPS);
        self.end()
    }
}

/// Counts the events of a type.
fn count(events: &[Value], event_type: &str) -> usize {
    let of_type = |event: &&Value| event["type"] == event_type;
    events.iter().filter(of_type).count()
}

/// Checks what has to be in the log, once.
fn check(events: &[Value]) {
    for event_type in [
        "sh.keptn.event.dev.delivery.triggered",
        "sh.keptn.event.evaluation.triggered",
        "sh.keptn.event.evaluation.finished",
        "sh.keptn.event.dev.delivery.finished",
        "sh.keptn.event.prod.delivery.triggered",
        "sh.keptn.event.approval.triggered",
        "sh.keptn.event.approval.finished",
        "sh.keptn.event.prod.delivery.finished",
    ] {
        assert_eq!(count(events, event_type), 1, "{event_type} in {events:#?}");
    }
    assert_eq!(count(events, "sh.keptn.event.deployment.finished"), 2);
    let last = events.last().unwrap();
    assert_eq!(last["type"], "sh.keptn.event.prod.delivery.finished");
    assert_eq!(last["data"]["result"], "pass", "{last}");
    assert_eq!(last["data"]["labels"]["build"], "7");
    let evaluated = events
        .iter()
        .find(|event| event["type"] == "sh.keptn.event.evaluation.finished");
    assert_eq!(evaluated.unwrap()["data"]["evaluation"]["score"], 100);
}

#[test]
fn a_delivery_goes_through_two_stages_with_a_remote_executor() {
    check(&Delivery::new(None).run());
}

#[test]
fn a_server_that_is_killed_after_any_step_goes_on_where_it_was() {
    for step in 1..=STEPS {
        check(&Delivery::new(Some(step)).run());
    }
}
