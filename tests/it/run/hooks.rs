//! Tasks that others carry out for a run: webhooks, and the actions of a remediation.

use insta::assert_snapshot;
use serde_json::Value;

use super::lengths;
use crate::harness::{Answer, Gate, SLO};
use crate::support::misbehaving::{Reply, Server};

/// What must never be seen.
const SECRET: &str = "hush-hush-0451";

/// One task that a webhook carries out.
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: { name: shop }
spec: { stages: [{ name: dev, sequences: [{ name: delivery, tasks: [{ name: notify }] }] }] }
";

/// The webhook of the task, with a secret in a header.
const WEBHOOK: &str = "apiVersion: webhookconfig.keptn.sh/v1beta1
kind: WebhookConfig
metadata: { name: ci }
spec:
  webhooks:
    - type: sh.keptn.event.notify.triggered
      sendFinished: SENDS
      envFrom: [{ name: token, secretRef: { name: my-hook, key: api.key } }]
      requests:
        - url: URL/jobs/{{.data.service}}
          method: POST
          headers: [{ key: x-token, value: \"Bearer {{.env.token}}\" }]
          payload: '{\"image\": \"{{.data.configurationChange.values.image}}\"}'
";

/// Starts with a webhook that goes to a server.
fn hooked(url: &str, sends_finished: &str) -> Gate {
    let webhook = WEBHOOK.replace("URL", url);
    Gate::new()
        .file("shipyard.yaml", SHIPYARD)
        .file(
            "tidegate.yaml",
            "project: shop\nservice: carts\nevent_log: events.jsonl\ntasks: { notify: { use: webhook } }\n",
        )
        .file(
            "webhook/webhook.yaml",
            webhook.replace("SENDS", sends_finished),
        )
}

/// Starts with a webhook and its secret.
fn keyed(url: &str) -> Gate {
    hooked(url, "true").env("TIDEGATE_SECRET_MY_HOOK_API_KEY", SECRET)
}

/// Checks that the secret is nowhere.
#[track_caller]
fn keeps_quiet(gate: &Gate, answer: &Answer) {
    for text in [
        answer.raw_stdout(),
        answer.raw_stderr(),
        gate.read("events.jsonl"),
    ] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

/// Returns the last event of a type.
fn last(gate: &Gate, event_type: &str) -> Value {
    let log = gate.read("events.jsonl");
    let mut events = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .rfind(|event| event["type"] == event_type)
        .unwrap_or_else(|| panic!("no {event_type} in {log}"))
}

/// A server that repeats the headers that it gets.
fn echo(status: u16) -> Server {
    Server::start(move |request| {
        let head = request.split("\r\n\r\n").next().unwrap();
        let answer = serde_json::json!({"job": 7, "got": head});
        Reply::json(status, answer.to_string())
    })
}

#[test]
fn a_webhook_gets_its_secret_and_nobody_else_does() {
    let server = echo(200);
    let gate = keyed(&server.url());
    let answer = gate
        .run_with(["run", "delivery", "--image", "carts:1", "--verbose"])
        .code(0);
    let received = server.received();
    let [request] = &received[..] else {
        panic!("{received:?}")
    };
    assert!(request.starts_with("POST /jobs/carts "), "{request}");
    assert!(request.contains(&format!("Bearer {SECRET}")), "{request}");
    assert!(request.ends_with(r#"{"image": "carts:1"}"#), "{request}");
    keeps_quiet(&gate, &answer);
    let finished = last(&gate, "sh.keptn.event.notify.finished");
    let responses = finished["data"]["notify"].to_string();
    assert!(responses.contains("job"), "{finished}");
    assert!(responses.contains("Bearer "), "{finished}");
}

#[test]
fn a_webhook_that_is_refused_could_not_do_its_work_and_tells_no_secret() {
    let server = echo(403);
    let gate = keyed(&server.url());
    let answer = gate.run_with(["run", "delivery", "--image", "carts:1", "--verbose"]);
    let answer = answer.code(69);
    keeps_quiet(&gate, &answer);
    let finished = last(&gate, "sh.keptn.event.notify.finished");
    assert_eq!(finished["data"]["status"], "errored", "{finished}");
    let message = finished["data"]["message"].as_str().unwrap();
    assert!(message.contains("403"), "{message}");
    assert!(answer.raw_stdout().contains("403"), "{}", answer.stdout());
}

#[test]
fn a_webhook_without_its_secret_sends_nothing_and_says_what_is_missing() {
    let server = echo(200);
    let gate = hooked(&server.url(), "true");
    let answer = gate.run_with(["run", "delivery", "--image", "carts:1"]);
    let shown = answer.code(69).stdout();
    assert!(shown.contains("`my-hook`"), "{shown}");
    assert!(shown.contains("TIDEGATE_SECRET_MY_HOOK_API_KEY"), "{shown}");
    assert!(server.received().is_empty());
    // What is empty is no secret either.
    let gate = gate.env("TIDEGATE_SECRET_MY_HOOK_API_KEY", "");
    gate.run_with(["run", "delivery", "--image", "carts:1"])
        .code(69);
    assert!(server.received().is_empty());
}

#[test]
fn a_webhook_whose_answer_comes_from_elsewhere_makes_the_run_wait_for_it() {
    let server = echo(200);
    let gate = hooked(&server.url(), "false").env("TIDEGATE_SECRET_MY_HOOK_API_KEY", SECRET);
    let answer = gate.run_with(["run", "delivery", "--image", "carts:1"]);
    keeps_quiet(&gate, &answer.code(75));
    let task = last(&gate, "sh.keptn.event.notify.triggered");
    let finished = serde_json::json!({
        "id": "answer-1", "source": "ci", "specversion": "1.0",
        "type": "sh.keptn.event.notify.finished", "time": "2099-01-01T00:00:00Z",
        "shkeptncontext": task["shkeptncontext"], "triggeredid": task["id"],
        "data": {
            "project": "shop", "stage": "dev", "service": "carts",
            "status": "succeeded", "result": "pass",
        },
    });
    let gate = gate.file("answer.json", finished.to_string());
    gate.run_with(["events", "import", "answer.json"]).code(0);
    gate.run_with(["run", "--resume"]).code(0);
    assert_eq!(server.received().len(), 1, "it is asked once");
}

/// A loop that tries one action after the other as long as the gate fails.
const LOOP: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: { name: shop }
spec:
  stages:
    - name: prod
      sequences:
        - name: remediation
          triggeredOn:
            - event: prod.remediation.finished
              selector: { match: { evaluation.result: fail } }
          tasks: [{ name: get-action }, { name: action }, { name: evaluation }]
";

/// Three actions against one problem, and one against any other.
const REMEDIATION: &str = "apiVersion: spec.keptn.sh/0.1.4
kind: Remediation
metadata: { name: carts }
spec:
  remediations:
    - problemType: Response time degradation
      actionsOnOpen:
        - { action: toggle, name: promotion off, value: { promotion: 'off' } }
        - { action: scaling, name: scale up, value: '2' }
        - { action: escalate, name: call somebody }
    - problemType: default
      actionsOnOpen: [{ action: escalate, name: call somebody }]
";

/// Notes the action, and measures what it came to: only that which HELPS makes it better.
const ACT: &str = r#"action=$(sed -n 's/.*"action":{[^{}]*"action":"\([a-z]*\)".*/\1/p' "$TIDEGATE_EVENT_FILE")
echo "$action" >> actions.txt
case $action in HELPS) v=500 ;; *) v=900 ;; esac
echo "{\"value\": $v}" > value.json
"#;

/// Starts with a problem that one action helps against.
fn troubled(helps: &str, title: &str) -> Gate {
    let problem = serde_json::json!({"problem": {"problemTitle": title}});
    Gate::new()
        .file("shipyard.yaml", LOOP)
        .file(
            "tidegate.yaml",
            "project: shop\nservice: carts\nevent_log: events.jsonl\ntasks: { action: { command: [sh, act.sh] } }\n",
        )
        .file("remediation.yaml", REMEDIATION)
        .file("slo.yaml", SLO)
        .file("sli.yaml", super::SLI)
        .file("act.sh", ACT.replace("HELPS", helps))
        .file("problem.json", problem.to_string())
        .args(["run", "remediation", "--data-file", "problem.json"])
}

#[test]
fn the_first_action_that_helps_ends_the_remediation() {
    let gate = troubled("toggle", "Response time degradation");
    gate.run().code(0);
    assert_eq!(gate.read("actions.txt"), "toggle\n");
    let task = last(&gate, "sh.keptn.event.action.triggered");
    let action = &task["data"]["action"];
    assert_eq!(action["name"], "promotion off", "{task}");
    assert_eq!(action["value"]["promotion"], "off", "{task}");
}

#[test]
fn an_action_that_does_not_help_is_followed_by_the_next() {
    let gate = troubled("scaling", "Response time degradation");
    // The worst round counts: something did go wrong.
    let answer = gate.run().code(1);
    assert_eq!(gate.read("actions.txt"), "toggle\nscaling\n");
    assert_snapshot!(lengths(&answer.stdout()), @"
    remediation of carts in shop: fail  ([id])

    STAGE  SEQUENCE     TASK        RESULT  TIME
    prod   remediation  get-action  pass    [s]
    prod   remediation  action      pass    [s]
    prod   remediation  evaluation  fail    [s]  Evaluation failed since the calculated score of 0 is below the warning value of 50
    prod   remediation  (sequence)  fail    [s]
    prod   remediation  get-action  pass    [s]
    prod   remediation  action      pass    [s]
    prod   remediation  evaluation  pass    [s]
    prod   remediation  (sequence)  pass    [s]
    ");
}

#[test]
fn a_remediation_ends_when_its_actions_are_used_up() {
    let gate = troubled("nothing", "Response time degradation");
    let answer = gate.run().code(1);
    assert_eq!(gate.read("actions.txt"), "toggle\nscaling\nescalate\n");
    let rounds = last(&gate, "sh.keptn.event.prod.remediation.finished");
    assert_eq!(rounds["data"]["result"], "fail", "{rounds}");
    let shown = answer.stdout();
    let told = "there is no action with index 3 for Response time degradation: all 3 were tried";
    assert!(shown.contains(told), "{shown}");
    assert_eq!(shown.matches("(sequence)").count(), 4, "{shown}");
}

#[test]
fn a_problem_that_nobody_knows_takes_the_default() {
    let gate = troubled("escalate", "Disk full");
    gate.run().code(0);
    assert_eq!(gate.read("actions.txt"), "escalate\n");
}

#[test]
fn a_service_without_actions_could_not_be_remediated() {
    let gate = troubled("toggle", "Response time degradation");
    std::fs::remove_file(gate.path("remediation.yaml")).unwrap();
    let answer = gate.run().code(69);
    assert!(
        answer.stdout().contains("remediation.yaml"),
        "{}",
        answer.stdout()
    );
    assert!(!gate.exists("actions.txt"));
}
