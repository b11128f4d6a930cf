//! What a label gets that holds signs of a language.

use serde_json::json;

use super::gate;

#[test]
fn a_label_cannot_change_what_is_asked() {
    let signs = ["\"", "'", "\\", "\n", ")", ",", "&", "}", " OR ", "|"];
    let vendors = [
        (
            json!({"type": "dynatrace", "url": "http://127.0.0.1:9", "api_token": "dt0c01.token"}),
            "metricSelector=a:filter(eq(s,$LABEL.x))",
        ),
        (
            json!({"type": "dynatrace", "url": "http://127.0.0.1:9", "platform_url": "http://127.0.0.1:9", "platform_token": "dt0s16.token"}),
            "DQL;fetch $LABEL.x",
        ),
        (
            json!({"type": "datadog", "url": "http://127.0.0.1:9", "api_key": "key-of-api", "app_key": "key-of-app"}),
            "avg:a{s:$LABEL.x}",
        ),
    ];
    for (provider, query) in vendors {
        for sign in signs {
            let gate =
                gate(&provider, &json!({"query": query})).args(["--label", &format!("x=a{sign}b")]);
            let answer = gate.run_with(["--dry-run"]).code(65);
            let said = answer.json()["error"]["message"].to_string();
            assert!(said.contains("could change the query's meaning"), "{said}");
        }
        gate(&provider, &json!({"query": query}))
            .args(["--label", "x=carts-1.2_3"])
            .run_with(["--dry-run"])
            .code(0);
    }
    for (provider, query) in [
        (
            json!({"type": "prometheus", "url": "http://127.0.0.1:9"}),
            json!({"query": "up{a=\"$LABEL.x\"}"}),
        ),
        (
            json!({"type": "exec", "command": ["true"]}),
            json!({"query": "a $LABEL.x"}),
        ),
        (
            json!({"type": "sql", "url": "sqlite:a.db"}),
            json!({"query": "select '$LABEL.x'"}),
        ),
        (
            json!({"type": "file", "path": "in"}),
            json!({"query": "$.a['$LABEL.x']", "format": "json"}),
        ),
    ] {
        for sign in ["\"", "'", "\\", "\n"] {
            let gate = gate(&provider, &query).args(["--label", &format!("x=a{sign}b")]);
            gate.run_with(["--dry-run"]).code(65);
        }
    }
}
