use proptest::prelude::*;

use super::{curl, parse_webhooks};
use crate::sequence::{WebhookConfig, WebhookMethod, WebhookRequest};
use crate::spec::{Source, Style, render};

fn read(text: &str) -> WebhookConfig {
    let parsed = parse_webhooks(&Source::new("webhook.yaml", text));
    assert!(
        parsed.problems.is_empty(),
        "{}",
        render(&parsed.problems, Style::Plain)
    );
    parsed.value.unwrap()
}

#[test]
fn the_form_with_mappings_is_read() {
    let config = read(
        "apiVersion: webhookconfig.keptn.sh/v1beta1
kind: WebhookConfig
metadata: {name: webhook-configuration}
spec:
  webhooks:
  - type: sh.keptn.event.deployment.triggered
    subscriptionID: 42
    sendStarted: false
    sendFinished: true
    envFrom:
    - {name: token, secretRef: {name: my-secret, key: my-key}}
    requests:
    - url: https://host/{{.data.project}}
      method: post
      headers: [{key: x-token, value: '{{.env.token}}'}]
      payload: '{\"id\": \"{{.shkeptncontext}}\"}'
      options: --max-time 2.5
    - {url: 'https://host', method: DELETE}
",
    );
    let webhook = &config.webhooks[0];
    assert_eq!(webhook.subscription_id, "42");
    assert_eq!(
        (webhook.sends_started, webhook.sends_finished),
        (false, true)
    );
    assert_eq!(webhook.environment[0].key, "my-key");
    assert_eq!(webhook.requests[0].method, WebhookMethod::Post);
    assert_eq!(webhook.requests[0].timeout_ms, Some(2500));
    assert_eq!(
        webhook.requests[0].headers,
        [("x-token".to_owned(), "{{.env.token}}".to_owned())]
    );
    assert_eq!(webhook.requests[1].method, WebhookMethod::Delete);
}

#[test]
fn the_form_with_lines_for_curl_is_read_and_its_defaults_are_those_of_keptn() {
    let config = read(
        "apiVersion: webhookconfig.keptn.sh/v1alpha1
spec:
  webhooks:
  - type: sh.keptn.event.test.triggered
    requests:
    - curl --request POST https://slack.example/{{ .secret.slack-webhook.token }} # a note
    - |
      curl -X PUT --header 'Content-Type: application/json' \\
        -d '{\"text\": \"it''s {{.data.project}}\"}' \"https://h/a b\" -m5
",
    );
    let webhook = &config.webhooks[0];
    assert_eq!(
        (webhook.sends_started, webhook.sends_finished),
        (true, false)
    );
    let slack = &webhook.requests[0];
    assert_eq!(slack.method, WebhookMethod::Post);
    assert_eq!(
        slack.url,
        "https://slack.example/{{ .secret.slack-webhook.token }}"
    );
    let put = &webhook.requests[1];
    assert_eq!(put.method, WebhookMethod::Put);
    assert_eq!(
        (put.url.as_str(), put.timeout_ms),
        ("https://h/a b", Some(5000))
    );
    assert_eq!(put.payload, r#"{"text": "its {{.data.project}}"}"#);
}

#[test]
fn data_are_sent_by_post_as_a_form() {
    let request = curl::parse("curl https://h -d a=1 --data=b=2").unwrap();
    let form = (
        "Content-Type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    );
    let expected = WebhookRequest {
        url: "https://h".to_owned(),
        method: WebhookMethod::Post,
        headers: vec![form],
        payload: "a=1&b=2".to_owned(),
        timeout_ms: None,
    };
    assert_eq!(request, expected);
    assert_eq!(
        curl::parse("curl -sS -I https://h").unwrap().method,
        WebhookMethod::Head
    );
}

#[test]
fn what_curl_could_do_beside_a_request_is_refused_by_name() {
    for (line, message) in [
        ("wget https://h", "must begin with `curl`"),
        ("curl -o /etc/passwd https://h", "curl's option `-o`"),
        ("curl --output=x https://h", "curl's option `--output`"),
        ("curl -F a=@b https://h", "curl's option `-F`"),
        ("curl -T x https://h", "curl's option `-T`"),
        ("curl --config x https://h", "curl's option `--config`"),
        ("curl --proxy x https://h", "curl's option `--proxy`"),
        ("curl -k https://h", "always checks the certificate"),
        ("curl -d @/etc/passwd https://h", "can't send a file"),
        ("curl https://h https://i", "a second URL"),
        ("curl -X TRACE https://h", "can't be sent by `TRACE`"),
        ("curl -m soon https://h", "can't be `soon`"),
        ("curl 'https://h", "is not closed"),
        ("curl -H", "has no value"),
        ("curl -H 'a b: c' https://h", "is no header"),
        ("curl", "has no URL"),
    ] {
        let error = curl::parse(line).unwrap_err();
        assert!(error.message.contains(message), "{line}: {}", error.message);
    }
}

/// A file with a problem of every kind.
const BROKEN: &str = "apiVersion: v1
spec:
  webhooks:
  - requests: []
  - type: t
    sendfinished: true
    envFrom: [{name: a}]
    requests:
    - curl -o x https://h
    - {method: TRACE, url: 'https://h/{{range .x}}'}
    - {}
  - type: u
";

#[test]
fn every_problem_is_told_at_once() {
    let parsed = parse_webhooks(&Source::new("webhook.yaml", BROKEN));
    assert!(parsed.value.is_none());
    insta::assert_snapshot!(render(&parsed.problems, Style::Plain), @"
    webhook.yaml:1:13: error: `v1` is no version of a webhook file
      |
    1 | apiVersion: v1
      |             ^^
      = hint: write `apiVersion: webhookconfig.keptn.sh/v1beta1`

    webhook.yaml:4:5: error: a webhook has no `type`
      |
    4 |   - requests: []
      |     ^^^^^^^^^^^^
      = hint: write `type: sh.keptn.event.TASK.triggered`

    webhook.yaml:6:5: warning: unknown key `sendfinished` in the webhook; it is ignored
      |
    6 |     sendfinished: true
      |     ^^^^^^^^^^^^
      = hint: did you mean `sendFinished`?

    webhook.yaml:7:15: error: an entry of `envFrom` is not complete
      |
    7 |     envFrom: [{name: a}]
      |               ^^^^^^^^^
      = hint: write `{name: NAME, secretRef: {name: SECRET, key: KEY}}`

    webhook.yaml:9:7: error: a webhook can't have curl's option `-o`
      |
    9 |     - curl -o x https://h
      |       ^^^^^^^^^^^^^^^^^^^
      = hint: known are `-X`, `-H`, `-d`, `--url` and `--max-time`, in their long and short forms

    webhook.yaml:10:7: error: `{{range .x}}` can't be filled in; write a field, such as `{{.data.project}}`
       |
    10 |     - {method: TRACE, url: 'https://h/{{range .x}}'}
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = hint: fields of the event and `.env.NAME` can be filled in

    webhook.yaml:10:16: error: a request can't be sent by `TRACE`
       |
    10 |     - {method: TRACE, url: 'https://h/{{range .x}}'}
       |                ^^^^^
       = hint: known are `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, and `DELETE`

    webhook.yaml:11:7: error: a request has no `url`
       |
    11 |     - {}
       |       ^^
       = hint: write `url: https://…`

    webhook.yaml:12:5: error: the webhook for `u` has no requests
       |
    12 |   - type: u
       |     ^^^^^^^
       = hint: list at least one below `requests`
    ");
}

proptest! {
    #[test]
    fn no_line_panics(line in r#"curl( |'|"|\\|-d|-X|--data=|https://h|\{\{|\}\}|=|@|ü|\n){0,20}"#) {
        let _ = curl::parse(&line).is_ok();
        let _ = curl::parse_options(&line).is_ok();
    }
}
