//! Webhooks against servers on this machine.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests write the files that are read"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::*;
use crate::executor::contract::{Heard, keeps};
use crate::executor::{
    Answer, Assignment, Attempt, Executor as _, Finish, FolderReader, SecretReader,
};
use crate::net::test_server::{Reply, TestServer};
use crate::net::{AddressPolicy, Secret};

/// Secrets by scope, name and key.
struct Vault(BTreeMap<(&'static str, &'static str, &'static str), &'static str>);

#[async_trait]
impl SecretReader for Vault {
    async fn secret(&self, scope: &str, name: &str, key: &str) -> Option<Secret> {
        let value = self.0.get(&(scope, name, key))?;
        Some(Secret::new(*value))
    }
}

/// A project in a folder, with these webhooks.
struct Project {
    _folder: tempfile::TempDir,
    settings: WebhookSettings,
}

impl Project {
    /// Makes it; requests may go to this machine.
    fn new(webhooks: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("webhook")).unwrap();
        let head = "apiVersion: webhookconfig.keptn.sh/v1beta1\nkind: WebhookConfig\nmetadata: {name: w}\nspec:\n  webhooks:\n";
        let text = format!("{head}{webhooks}");
        std::fs::write(folder.path().join(WebhookSettings::URI), text).unwrap();
        let vault = Vault(BTreeMap::from([
            (("keptn-webhook-service", "api", "token"), "hush-hush"),
            (("keptn-default", "other", "key"), "2nd-secret"),
            (("keptn-webhook-service", "hook", "host"), "MiXeD-Hush"),
            (("dynatrace-service", "theirs", "key"), "not ours"),
        ]));
        let reader = FolderReader::new(folder.path().to_owned());
        let mut settings =
            WebhookSettings::new(Arc::new(reader), Arc::new(vault), Selection::EventType);
        settings.addresses = AddressPolicy::Public {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
        };
        settings.retry.attempts = 1;
        settings.timeout = Duration::from_secs(20);
        Self {
            _folder: folder,
            settings,
        }
    }

    fn executor(&self) -> WebhookExecutor {
        WebhookExecutor::new(self.settings.clone())
    }
}

/// The task `deploy`.
fn assignment() -> Assignment {
    let event = json!({
        "id": "T1", "source": "shipyard-controller", "type": "sh.keptn.event.deploy.triggered",
        "shkeptncontext": "C1",
        "data": {"project": "sockshop", "stage": "dev", "service": "carts", "image": "a/b?c=\"d\""},
    });
    Assignment {
        task: "deploy".to_owned(),
        event: serde_json::from_value(event).unwrap(),
        deadline: None,
        attempt: Attempt::First,
    }
}

/// A server that repeats what it gets, with a token, and refuses `/refuse`.
async fn echo() -> TestServer {
    TestServer::start(|_, request| {
        if request.path.starts_with("/refuse") {
            let token = request.header("x-token").unwrap_or_default();
            return Reply::new(500, "text/plain", format!("token {token} is bad"));
        }
        if request.path.starts_with("/list") {
            return Reply::json(200, "[1]");
        }
        let token = request.header("x-token").unwrap_or_default();
        let got = json!({"method": request.method, "path": request.path, "body": request.body,
            "type": request.header("content-type"), "token": token});
        Reply::json(200, &got.to_string())
    })
    .await
}

/// Carries the task out; returns its answer and the answers it announced.
async fn carried_out(project: &Project) -> (Answer, Vec<usize>) {
    let heard = Heard::default();
    let answer = project.executor().execute(&assignment(), &heard).await;
    let shares = heard.shares.lock().unwrap().clone();
    (answer, shares)
}

/// Says how a task ended.
fn shown(finish: &Finish) -> String {
    let data = Value::Object(finish.data.clone());
    format!(
        "{}/{} {data} {}",
        finish.status.as_str(),
        finish.result,
        finish.message
    )
}

#[tokio::test]
async fn requests_go_out_in_order_and_their_answers_into_the_event() {
    let server = echo().await;
    let url = server.url();
    let project = Project::new(&format!(
        "  - type: sh.keptn.event.deploy.triggered
    sendFinished: true
    envFrom:
    - {{name: token, secretRef: {{name: api, key: token}}}}
    - {{name: other, secretRef: {{name: other, key: key}}}}
    requests:
    - url: '{url}/a/{{{{.data.image}}}}?c={{{{.shkeptncontext}}}}'
      method: POST
      headers: [{{key: x-token, value: 'Bearer {{{{.env.token}}}}'}}]
      payload: '{{\"image\":\"{{{{.data.image}}}}\",\"other\":\"{{{{.env.other}}}}\"}}'
    - {{url: '{url}/list', method: GET}}
    - {{url: '{url}/text', method: PUT, headers: [{{key: Content-Type, value: text/x}}], payload: plain}}
"
    ));
    let (answer, shares) = carried_out(&project).await;
    let Answer::Finished(finish) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(shares, [1]);
    insta::assert_snapshot!(shown(&finish), @r#"succeeded/pass {"deploy":{"responses":[{"method":"POST","path":"/a/a%2Fb%3Fc%3D%22d%22?c=C1","body":"{\"image\":\"a/b?c=\\\"d\\\"\",\"other\":\"***\"}","type":"application/json","token":"Bearer ***"},"[1]",{"method":"PUT","path":"/text","body":"plain","type":"text/x","token":""}]}}"#);
    let received = server.received();
    assert_eq!(received[0].header("x-token"), Some("Bearer hush-hush"));
    assert!(received[0].body.contains("2nd-secret"));
    keeps(&project.executor(), &assignment()).await;
}

#[tokio::test]
async fn a_failure_ends_the_requests_balances_the_answers_and_shows_no_secret() {
    let server = echo().await;
    let url = server.url();
    for sends_finished in [true, false] {
        let project = Project::new(&format!(
            "  - type: sh.keptn.event.deploy.triggered
    sendFinished: {sends_finished}
    envFrom: [{{name: token, secretRef: {{name: api, key: token}}}}]
    requests:
    - {{url: '{url}/one', method: GET}}
    - {{url: '{url}/refuse', method: DELETE, headers: [{{key: x-token, value: '{{{{.env.token}}}}'}}]}}
    - {{url: '{url}/three', method: GET}}
"
        ));
        let before = server.received().len();
        let (answer, shares) = carried_out(&project).await;
        assert_eq!(server.received().len(), before + 2);
        assert!(!format!("{answer:?}").contains("hush"));
        let finishes = match answer {
            Answer::Finished(finish) => vec![finish],
            Answer::Shared(finishes) => finishes,
            Answer::Elsewhere => Vec::new(),
        };
        let announced = if sends_finished { 1 } else { 3 };
        assert_eq!(shares, [announced]);
        // The one request that was answered is finished by the other system.
        assert_eq!(finishes.len(), if sends_finished { 1 } else { 2 });
        for finish in finishes {
            assert_eq!(
                finish.message,
                "request 2 of 3 failed: the answer is 500: token *** is bad"
            );
            assert_eq!(finish.status.as_str(), "errored");
        }
    }
}

#[tokio::test]
async fn a_secret_in_the_host_of_a_url_is_not_shown_in_small_letters_either() {
    let project = Project::new(
        "  - type: sh.keptn.event.deploy.triggered
    sendFinished: true
    envFrom: [{name: host, secretRef: {name: hook, key: host}}]
    requests: [{url: 'http://{{.env.host}}.invalid/', method: GET}]
",
    );
    let (answer, _) = carried_out(&project).await;
    let told = format!("{answer:?}");
    assert!(told.contains("***.invalid"), "{told}");
    assert!(!told.to_lowercase().contains("hush"), "{told}");
}

#[tokio::test]
async fn the_other_system_finishes_where_the_webhook_does_not() {
    let server = echo().await;
    let url = server.url();
    for (started, expected) in [("", vec![2]), ("    sendStarted: false\n", vec![])] {
        let project = Project::new(&format!(
            "  - type: sh.keptn.event.deploy.triggered\n    sendFinished: false\n{started}    requests:\n    - {{url: '{url}/1', method: GET}}\n    - {{url: '{url}/2', method: GET}}\n"
        ));
        let (answer, shares) = carried_out(&project).await;
        assert_eq!(answer, Answer::Elsewhere);
        assert_eq!(shares, expected);
    }
}

#[tokio::test]
async fn nothing_goes_to_this_machine_unless_it_is_allowed() {
    let server = echo().await;
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let port = port.trim_end_matches('/');
    let mut lines = Vec::new();
    for host in [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
    ] {
        let mut project = Project::new(&format!(
            "  - type: sh.keptn.event.deploy.triggered\n    sendFinished: true\n    requests: [{{url: 'http://{host}:{port}/', method: GET}}]\n"
        ));
        project.settings.addresses = AddressPolicy::Public { allow: Vec::new() };
        let (answer, _) = carried_out(&project).await;
        let Answer::Finished(finish) = answer else {
            panic!("{answer:?}");
        };
        lines.push(shown(&finish).replace(port, "PORT"));
    }
    assert!(server.received().is_empty());
    insta::assert_snapshot!(lines.join("\n"), @r#"
    errored/fail {"deploy":{"responses":[]}} request 1 of 1 failed: the request can't be sent: this must not be connected to: 127.0.0.1 is an address of this machine, and not allowed
    errored/fail {"deploy":{"responses":[]}} request 1 of 1 failed: the request can't be sent: this must not be connected to: localhost is this machine, and not allowed
    errored/fail {"deploy":{"responses":[]}} request 1 of 1 failed: the request can't be sent: this must not be connected to: 127.0.0.1 is an address of this machine, and not allowed
    errored/fail {"deploy":{"responses":[]}} request 1 of 1 failed: the request can't be sent: this must not be connected to: 127.0.0.1 is an address of this machine, and not allowed
    errored/fail {"deploy":{"responses":[]}} request 1 of 1 failed: the request can't be sent: this must not be connected to: 169.254.169.254 is a link-local address, where clouds keep their metadata, and not allowed
    errored/fail {"deploy":{"responses":[]}} request 1 of 1 failed: the request can't be sent: this must not be connected to: 10.0.0.1 is a private address, and not allowed
    "#);
}

#[tokio::test]
async fn a_redirect_to_elsewhere_is_not_followed() {
    let target = echo().await;
    let location = target.url();
    for status in [302, 307] {
        let location = location.clone();
        let server = TestServer::start(move |_, _| {
            Reply::new(status, "text/plain", "").header("Location", &location)
        })
        .await;
        let project = Project::new(&format!(
            "  - type: sh.keptn.event.deploy.triggered\n    sendFinished: true\n    requests: [{{url: '{}', method: GET}}]\n",
            server.url()
        ));
        let (answer, _) = carried_out(&project).await;
        let Answer::Finished(finish) = answer else {
            panic!("{answer:?}");
        };
        assert!(
            finish.message.contains("redirected to"),
            "{}",
            finish.message
        );
    }
    assert!(target.received().is_empty());
}

#[tokio::test]
async fn what_can_not_be_sent_is_an_error_that_says_why() {
    let server = TestServer::start(|_, request| match request.path.as_str() {
        "/endless" => Reply::Endless(200),
        _ => Reply::Hang,
    })
    .await;
    let url = server.url();
    let webhook = |rest: &str| {
        format!(
            "  - type: sh.keptn.event.deploy.triggered\n    subscriptionID: s1\n    sendFinished: true\n{rest}"
        )
    };
    let request = |request: &str| webhook(&format!("    requests: [{request}]\n"));
    let table = [
        request("{url: 'http://127.0.0.1:1/{{.data.nothing}}', method: GET}"),
        request(&format!("{{url: '{url}/endless', method: GET}}")),
        request("{url: 'ftp://host/', method: GET}"),
        request("{url: 'http://127.0.0.1:1/', method: GET, headers: [{key: host, value: other}]}"),
        webhook(
            "    envFrom: [{name: a, secretRef: {name: theirs, key: key}}]\n    requests: [{url: 'http://127.0.0.1:1/{{.env.a}}', method: GET}]\n",
        ),
        "  - {type: sh.keptn.event.test.triggered, requests: [{url: 'http://h/', method: GET}]}\n"
            .to_owned(),
        "  - 7\n".to_owned(),
    ];
    let mut lines = Vec::new();
    for webhooks in &table {
        let (answer, shares) = carried_out(&Project::new(webhooks)).await;
        let Answer::Finished(finish) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(shares, [1], "{webhooks}");
        assert_eq!(finish.status.as_str(), "errored");
        lines.push(finish.message);
    }
    insta::assert_snapshot!(lines.join("\n").replace(url.trim_start_matches("http://"), "HOST"), @"
    request 1 of 1 failed: the URL can't be filled in: the event has no `data.nothing`
    request 1 of 1 failed: the answer from HOST is larger than 131072 bytes; ask for less: aggregate in the query
    request 1 of 1 failed: the URL can't be used: the URL starts with `ftp://`, which is neither `http://` nor `https://`
    request 1 of 1 failed: cannot connect to 127.0.0.1:1: connection refused; is the server running, and does a firewall let you in?
    webhooks may read no secret `theirs` with the key `key`: create it with the scope `keptn-webhook-service`
    webhook/webhook.yaml has no webhook of the type `sh.keptn.event.deploy.triggered`
    the webhooks can't be used: webhook/webhook.yaml:6:5: a webhook must be a mapping, not `7`
    ");
    let mut project = Project::new(&request(&format!("{{url: '{url}/hang', method: GET}}")));
    project.settings.timeout = Duration::from_millis(50);
    let (answer, _) = carried_out(&project).await;
    assert!(format!("{answer:?}").contains("within 50ms"), "{answer:?}");
}

#[tokio::test]
async fn a_subscription_selects_the_webhook_in_a_server() {
    let server = echo().await;
    let url = server.url();
    let mut project = Project::new(&format!(
        "  - {{type: sh.keptn.event.deploy.triggered, subscriptionID: s1, sendFinished: true, requests: [{{url: '{url}/1', method: GET}}]}}
  - {{type: sh.keptn.event.deploy.triggered, subscriptionID: s2, sendFinished: true, requests: [{{url: '{url}/2', method: GET}}]}}\n"
    ));
    project.settings.selection = Selection::Subscription;
    let mut lines = Vec::new();
    for id in [json!("s2"), json!("s3\n"), json!(null)] {
        let mut assignment = assignment();
        let stamp = json!({"distributor": {"subscriptionID": id}});
        assignment.event.data.set("temporaryData", stamp);
        let executor = project.executor();
        let answer = executor.execute(&assignment, &Heard::default()).await;
        let Answer::Finished(finish) = answer else {
            panic!("{answer:?}");
        };
        lines.push(finish.message);
    }
    insta::assert_snapshot!(lines.join("\n"), @r"

    webhook/webhook.yaml has no webhook with the subscriptionID `s3\n`
    the event was delivered by no subscription, so it is not known which webhook is meant
    ");
    assert_eq!(server.received().len(), 1);
    assert_eq!(server.received()[0].path, "/2");
}

#[tokio::test]
async fn an_event_without_an_answer_is_told_all_the_same() {
    let server = echo().await;
    let url = server.url();
    let project = Project::new(&format!(
        "  - {{type: sh.keptn.event.deploy.finished, requests: [{{url: '{url}/done', method: GET}}]}}\n"
    ));
    let mut event = assignment().event;
    event.event_type = "sh.keptn.event.deploy.finished".to_owned();
    assert_eq!(project.executor().notify(&event).await, Ok(()));
    assert_eq!(server.received()[0].path, "/done");
}
