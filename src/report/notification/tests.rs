//! What a chat is told, within its limits and whatever stands in the texts.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Channel, Notice, What};
use crate::gate::{Ending, Record, Status, Verdict};
use crate::report::samples::{all, earlier, record};
use crate::report::{Account, Ended, Unjudged};

/// Returns what a channel is told of an evaluation.
fn told(channel: Channel, record: &Record, link: Option<&str>) -> Value {
    let account = Account::of(record);
    let previous = Some(Ending::Verdict(Verdict::Pass));
    channel.payload(&Notice {
        what: What::Judged {
            account: &account,
            previous,
        },
        link,
    })
}

/// An evaluation that failed.
fn failed() -> Record {
    record(all(640.0, 3.0), &[earlier(0, 510.0)])
}

/// Returns what a channel is told where there is no verdict.
fn unjudged(channel: Channel) -> Value {
    let record = failed();
    let document =
        json!({"error": {"code": 69, "name": "unavailable", "message": "down", "problems": []}});
    let unjudged = Unjudged {
        series: Some(&record.series),
        ended: Ended {
            code: 69,
            name: "unavailable",
        },
        message: "prometheus <http://prom> can't be reached",
        hint: Some("is it running?"),
        document: &document,
    };
    channel.payload(&Notice {
        what: What::Unjudged(&unjudged),
        link: None,
    })
}

#[test]
#[expect(clippy::too_many_lines, reason = "the message is the test")]
fn slack_is_told_of_a_fail() {
    let payload = told(Channel::Slack, &failed(), Some("https://ci.example/42"));
    insta::assert_json_snapshot!(payload, @r#"
    {
      "text": "✗ FAIL sockshop/staging/carts: score 33.33 of 100 (90 to pass, 50 for a warning)",
      "blocks": [
        {
          "type": "header",
          "text": {
            "type": "plain_text",
            "text": "✗ FAIL sockshop/staging/carts",
            "emoji": false
          }
        },
        {
          "type": "section",
          "text": {
            "type": "plain_text",
            "text": "Score 33.33 of 100 (90 to pass, 50 for a warning)",
            "emoji": false
          }
        },
        {
          "type": "section",
          "text": {
            "type": "mrkdwn",
            "text": "✗ `error_rate` is 3 and misses &lt;1\n! `Response time p95` is 640 and misses &lt;=+10% (which is &lt;= 561 here, with a baseline of 510) and &lt;600; its warning criteria are met",
            "verbatim": true
          }
        },
        {
          "type": "context",
          "elements": [
            {
              "type": "plain_text",
              "text": "Before: pass",
              "emoji": false
            },
            {
              "type": "plain_text",
              "text": "Window: 2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z",
              "emoji": false
            },
            {
              "type": "plain_text",
              "text": "Labels: build=17",
              "emoji": false
            },
            {
              "type": "plain_text",
              "text": "Evaluation: f-1",
              "emoji": false
            }
          ]
        },
        {
          "type": "actions",
          "elements": [
            {
              "type": "button",
              "text": {
                "type": "plain_text",
                "text": "Read more",
                "emoji": false
              },
              "url": "https://ci.example/42"
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn slack_is_told_that_there_is_no_verdict() {
    insta::assert_json_snapshot!(unjudged(Channel::Slack), @r#"
    {
      "text": "? NO VERDICT sockshop/staging/carts: prometheus &lt;http://prom&gt; can't be reached",
      "blocks": [
        {
          "type": "header",
          "text": {
            "type": "plain_text",
            "text": "? NO VERDICT sockshop/staging/carts",
            "emoji": false
          }
        },
        {
          "type": "section",
          "text": {
            "type": "plain_text",
            "text": "Prometheus &lt;http://prom&gt; can't be reached",
            "emoji": false
          }
        },
        {
          "type": "context",
          "elements": [
            {
              "type": "plain_text",
              "text": "Hint: is it running?",
              "emoji": false
            },
            {
              "type": "plain_text",
              "text": "Exit code: 69 (unavailable)",
              "emoji": false
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the message is the test")]
fn teams_is_told_of_a_fail() {
    let payload = told(Channel::Teams, &failed(), Some("https://ci.example/42"));
    insta::assert_json_snapshot!(payload, @r#"
    {
      "type": "message",
      "attachments": [
        {
          "contentType": "application/vnd.microsoft.card.adaptive",
          "contentUrl": null,
          "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "fallbackText": "✗ FAIL sockshop/staging/carts: score 33.33 of 100 (90 to pass, 50 for a warning)",
            "msteams": {
              "width": "Full"
            },
            "body": [
              {
                "type": "RichTextBlock",
                "inlines": [
                  {
                    "type": "TextRun",
                    "text": "✗ FAIL",
                    "size": "Large",
                    "weight": "Bolder",
                    "color": "Attention"
                  },
                  {
                    "type": "TextRun",
                    "text": "  sockshop/staging/carts",
                    "size": "Large",
                    "weight": "Bolder"
                  }
                ]
              },
              {
                "type": "RichTextBlock",
                "inlines": [
                  {
                    "type": "TextRun",
                    "text": "score 33.33 of 100 (90 to pass, 50 for a warning)"
                  }
                ]
              },
              {
                "type": "RichTextBlock",
                "inlines": [
                  {
                    "type": "TextRun",
                    "text": "✗ error_rate ",
                    "weight": "Bolder"
                  },
                  {
                    "type": "TextRun",
                    "text": "is 3 and misses <1"
                  }
                ]
              },
              {
                "type": "RichTextBlock",
                "inlines": [
                  {
                    "type": "TextRun",
                    "text": "! Response time p95 ",
                    "weight": "Bolder"
                  },
                  {
                    "type": "TextRun",
                    "text": "is 640 and misses <=+10% (which is <= 561 here, with a baseline of 510) and <600; its warning criteria are met"
                  }
                ]
              },
              {
                "type": "RichTextBlock",
                "inlines": [
                  {
                    "type": "TextRun",
                    "text": "Before: ",
                    "isSubtle": true
                  },
                  {
                    "type": "TextRun",
                    "text": "pass"
                  }
                ]
              },
              {
                "type": "RichTextBlock",
                "inlines": [
                  {
                    "type": "TextRun",
                    "text": "Window: ",
                    "isSubtle": true
                  },
                  {
                    "type": "TextRun",
                    "text": "2024-02-01 10:00:00Z to 2024-02-01 10:05:00Z"
                  }
                ]
              },
              {
                "type": "RichTextBlock",
                "inlines": [
                  {
                    "type": "TextRun",
                    "text": "Labels: ",
                    "isSubtle": true
                  },
                  {
                    "type": "TextRun",
                    "text": "build=17"
                  }
                ]
              },
              {
                "type": "RichTextBlock",
                "inlines": [
                  {
                    "type": "TextRun",
                    "text": "Evaluation: ",
                    "isSubtle": true
                  },
                  {
                    "type": "TextRun",
                    "text": "f-1"
                  }
                ]
              }
            ],
            "actions": [
              {
                "type": "Action.OpenUrl",
                "title": "Read more",
                "url": "https://ci.example/42"
              }
            ]
          }
        }
      ]
    }
    "#);
}

#[test]
fn a_program_is_told_what_output_json_says() {
    let record = failed();
    let account = Account::of(&record);
    let payload = told(Channel::Webhook, &record, None);
    assert_eq!(payload, crate::report::document(&account));
    insta::assert_json_snapshot!(unjudged(Channel::Webhook), @r#"
    {
      "version": 1,
      "project": "sockshop",
      "stage": "staging",
      "service": "carts",
      "error": {
        "code": 69,
        "name": "unavailable",
        "message": "down",
        "problems": []
      }
    }
    "#);
}

#[test]
fn a_link_is_a_web_page_or_none() {
    for link in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://a b",
        "https://a\n",
    ] {
        for channel in [Channel::Slack, Channel::Teams] {
            let payload = told(channel, &failed(), Some(link)).to_string();
            assert!(!payload.contains("Read more"), "{link}");
        }
    }
    let long = format!("https://ci.example/{}", "x".repeat(3000));
    assert!(
        !told(Channel::Slack, &failed(), Some(&long))
            .to_string()
            .contains("Read more")
    );
}

/// Returns an evaluation with many objectives of a name.
fn many(name: &str, count: usize) -> Record {
    let mut record = failed();
    let objectives = record.evaluation.objectives.as_mut().unwrap();
    let mut one = objectives[1].clone();
    assert_eq!(one.status, Status::Fail);
    one.display_name = name.to_owned();
    one.value.as_mut().unwrap().message = name.to_owned();
    *objectives = vec![one; count];
    record.labels.insert("build".to_owned(), name.to_owned());
    record
}

/// Checks the limits of Slack's blocks, and that nothing in them mentions or links.
fn check_slack(payload: &Value) {
    let length = |text: &Value| text.as_str().unwrap().encode_utf16().count();
    let blocks = payload["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50);
    assert!((1..=3000).contains(&length(&payload["text"])));
    let mut texts = vec![&payload["text"]];
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "header" => {
                assert_eq!(block["text"]["type"], "plain_text");
                assert!((1..=150).contains(&length(&block["text"]["text"])));
                texts.push(&block["text"]["text"]);
            }
            "section" => {
                assert!((1..=3000).contains(&length(&block["text"]["text"])));
                texts.push(&block["text"]["text"]);
            }
            "context" => {
                let elements = block["elements"].as_array().unwrap();
                assert!((1..=10).contains(&elements.len()));
                texts.extend(elements.iter().map(|element| &element["text"]));
            }
            "actions" => {}
            other => panic!("{other}"),
        }
    }
    for text in texts {
        let text = text.as_str().unwrap();
        assert!(!text.contains(['<', '>']), "{text}");
        let unescaped = text
            .replace("&amp;", "")
            .replace("&lt;", "")
            .replace("&gt;", "");
        assert!(!unescaped.contains('&'), "{text}");
    }
}

/// Checks the size of Teams' message, and that text from outside stands in runs only.
fn check_teams(payload: &Value) {
    assert!(payload.to_string().len() <= 28_000);
    let content = &payload["attachments"][0]["content"];
    for block in content["body"].as_array().unwrap() {
        assert_eq!(block["type"], "RichTextBlock");
        for inline in block["inlines"].as_array().unwrap() {
            assert_eq!(inline["type"], "TextRun");
            assert!(inline["text"].is_string());
        }
    }
}

#[test]
fn a_hundred_long_names_stay_within_the_limits() {
    for name in [
        "x".repeat(10_000),
        "<!channel> & ".repeat(1000),
        "🦀\"\\".repeat(3000),
    ] {
        let record = many(&name, 100);
        check_slack(&told(Channel::Slack, &record, Some("https://ci.example")));
        check_teams(&told(Channel::Teams, &record, Some("https://ci.example")));
    }
    let record = many("short", 100);
    let slack = told(Channel::Slack, &record, None).to_string();
    assert!(slack.contains("and 85 more"), "{slack}");
    let teams = told(Channel::Teams, &record, None).to_string();
    assert!(teams.contains("and 80 more"), "{teams}");
}

proptest! {
    #[test]
    fn whatever_stands_in_a_name_every_message_keeps_its_form(name in any::<String>(), count in 1_usize..30) {
        let record = many(&name, count);
        check_slack(&told(Channel::Slack, &record, Some(&name)));
        check_teams(&told(Channel::Teams, &record, Some(&name)));
    }
}
