//! Every provider with a token in its configuration, in every way in which it can be given one.

use serde_json::{Value, json};

use super::token::{USER, in_url};

/// Where the providers send what they are told.
pub(super) struct Places {
    /// A server.
    pub(super) url: String,
    /// A database.
    pub(super) database: String,
}

/// A provider with the token in its configuration: its name, its entry, and an SLI.
pub(super) type Entry = (String, Value, Value);

/// The ways to prove who is asking that any provider at a URL knows.
fn auths(token: &str, url: &str) -> Vec<(&'static str, Value)> {
    let client =
        json!({"token_url": format!("{url}/token"), "client_id": USER, "client_secret": token});
    let mut basic_client = client.clone();
    basic_client["style"] = json!("basic");
    let mut file_client = client.clone();
    file_client.as_object_mut().unwrap().remove("client_secret");
    file_client["client_secret_file"] = json!("secret");
    let key = json!({"service": "aps", "region": "eu-west-1", "access_key_id": "AKID", "secret_access_key": token, "session_token": token});
    vec![
        ("bearer", json!({"bearer": token})),
        ("bearer-variable", json!({"bearer": "${TOKEN}"})),
        ("bearer-file", json!({"bearer_file": "secret"})),
        ("basic", json!({"basic": {"user": USER, "password": token}})),
        (
            "basic-file",
            json!({"basic": {"user": USER, "password_file": "secret"}}),
        ),
        (
            "header",
            json!({"header": {"name": "X-Key", "value": token}}),
        ),
        (
            "header-prefix",
            json!({"header": {"name": "Authorization", "prefix": "Api-Token", "value": token}}),
        ),
        (
            "header-file",
            json!({"header": {"name": "X-Key", "value_file": "secret"}}),
        ),
        (
            "parameter",
            json!({"query_param": {"name": "key", "value": token}}),
        ),
        (
            "parameter-file",
            json!({"query_param": {"name": "key", "value_file": "secret"}}),
        ),
        ("client", json!({"oauth2_client_credentials": client})),
        (
            "client-basic",
            json!({"oauth2_client_credentials": basic_client}),
        ),
        (
            "client-file",
            json!({"oauth2_client_credentials": file_client}),
        ),
        ("sigv4", json!({"sigv4": key})),
    ]
}

/// Prometheus and declared backends with credentials of every kind.
fn connections(token: &str, url: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let user = url.replace("http://", &format!("http://{USER}:{}@", in_url(token)));
    let user_only = url.replace("http://", &format!("http://{}@", in_url(token)));
    for kind in ["prometheus", "http"] {
        let mut add = |name: &str, more: Value| {
            let mut entry = json!({"type": kind, "url": url});
            if kind == "http" {
                entry["request"] = json!({"path": "/q", "query": {"q": "${QUERY}"}});
                entry["response"] =
                    json!({"extract": {"jsonpath": "$.v"}, "error_message": ["$.message"]});
            }
            entry
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            entries.push((format!("{kind}-{name}"), entry, json!({"query": "up"})));
        };
        for (name, auth) in auths(token, url) {
            add(name, json!({"auth": auth}));
        }
        add("headers", json!({"headers": {"X-Api-Key": token}}));
        add(
            "headers-variable",
            json!({"headers": {"X-Tenant": "${TOKEN}"}}),
        );
        add("userinfo", json!({"url": user}));
        add("userinfo-only", json!({"url": user_only}));
    }
    entries
}

/// The definitions that come along, each with the credentials that it documents.
#[expect(clippy::too_many_lines, reason = "one entry for each definition")]
fn shipped(token: &str, url: &str) -> Vec<Entry> {
    let plain = json!({"query": "up"});
    let basic = json!({"basic": {"user": USER, "password": token}});
    let table = [
        (
            "azure-monitor",
            json!({"vars": {"tenant": "t", "workspace": "w", "login": url}}),
            plain.clone(),
        ),
        (
            "cloudwatch",
            json!({"vars": {"region": "eu-west-1"}}),
            plain.clone(),
        ),
        (
            "elasticsearch",
            json!({}),
            json!({"query": "a", "params": {"index": "i"}}),
        ),
        (
            "google-cloud-monitoring",
            json!({"vars": {"project": "p"}}),
            plain.clone(),
        ),
        (
            "grafana",
            json!({"vars": {"datasource": "d"}}),
            plain.clone(),
        ),
        ("graphite", json!({"auth": basic}), plain.clone()),
        (
            "honeycomb",
            json!({}),
            json!({"query": "P95", "params": {"dataset": "d"}}),
        ),
        (
            "influxdb1",
            json!({"vars": {"db": "d"}, "auth": basic}),
            plain.clone(),
        ),
        ("influxdb2", json!({"vars": {"org": "o"}}), plain.clone()),
        ("loki", json!({"auth": basic}), plain.clone()),
        ("mimir", json!({"auth": basic}), plain.clone()),
        ("newrelic", json!({"vars": {"account": "1"}}), plain.clone()),
        (
            "opensearch",
            json!({}),
            json!({"query": "a", "params": {"index": "i"}}),
        ),
        (
            "sentry",
            json!({"vars": {"org": "o"}}),
            json!({"query": "count()"}),
        ),
        ("signoz", json!({}), plain.clone()),
        (
            "sonarqube",
            json!({}),
            json!({"query": "coverage", "params": {"component": "c"}}),
        ),
        (
            "splunk",
            json!({}),
            json!({"query": "search a", "params": {"field": "f"}}),
        ),
        ("tempo", json!({"auth": basic}), plain.clone()),
        ("thanos", json!({"auth": {"bearer": token}}), plain.clone()),
        ("victoriametrics", json!({"auth": {"bearer": token}}), plain),
    ];
    let entries = table.into_iter().map(|(name, mut entry, indicator)| {
        entry["url"] = json!(url);
        (name.to_owned(), entry, indicator)
    });
    entries.collect()
}

/// The variables that the definitions read.
pub(super) const VARIABLES: [&str; 19] = [
    "TOKEN",
    "AZURE_CLIENT_SECRET",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "ELASTICSEARCH_API_KEY",
    "GOOGLE_ACCESS_TOKEN",
    "GRAFANA_TOKEN",
    "HONEYCOMB_API_KEY",
    "INFLUX_TOKEN",
    "NEW_RELIC_API_KEY",
    "OPENSEARCH_PASSWORD",
    "SENTRY_AUTH_TOKEN",
    "SIGNOZ_API_KEY",
    "SONAR_TOKEN",
    "SPLUNK_TOKEN",
    "DT_API_TOKEN",
    "DD_API_KEY",
    "DD_APP_KEY",
    "PROMETHEUS_TOKEN",
];

/// The vendors with an adapter of their own.
fn vendors(token: &str, url: &str) -> Vec<Entry> {
    let table = [
        (
            "dynatrace-token",
            json!({"type": "dynatrace", "url": url, "api_token": token}),
            "metricSelector=a",
        ),
        (
            "dynatrace-file",
            json!({"type": "dynatrace", "url": url, "api_token_file": "secret"}),
            "SLO;a",
        ),
        (
            "dynatrace-platform",
            json!({"type": "dynatrace", "url": url, "platform_url": url, "platform_token": token}),
            "DQL;a",
        ),
        (
            "dynatrace-client",
            json!({"type": "dynatrace", "url": url, "platform_url": url, "client_id": USER, "client_secret": token, "token_url": format!("{url}/token")}),
            "DQL;a",
        ),
        (
            "datadog-keys",
            json!({"type": "datadog", "url": url, "api_key": token, "app_key_file": "secret"}),
            "avg:a{*}",
        ),
        (
            "datadog-v2",
            json!({"type": "datadog", "url": url, "api_key_file": "secret", "app_key": "${TOKEN}", "api": "v2"}),
            "avg:a{*}",
        ),
    ];
    let entries = table.into_iter();
    entries
        .map(|(name, entry, query)| (name.to_owned(), entry, json!({"query": query})))
        .collect()
}

/// Programs, and databases.
fn programs(token: &str, database: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let ways = [
        ("env", json!({"env": {"TOKEN": token}})),
        ("variable", json!({"env": {"A_TOKEN": "${TOKEN}"}})),
        ("allowed", json!({"env_allow": ["TOKEN"]})),
        ("config", json!({"config": {"apiToken": token}})),
        ("config-variable", json!({"config": {"a": ["${TOKEN}"]}})),
    ];
    for (way, more) in ways {
        for format in ["protocol", "number", "keyvalue", "nagios", "prometheus"] {
            let mut entry =
                json!({"type": "exec", "command": ["sh", "tell.sh", format], "format": format});
            entry
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            entries.push((
                format!("exec-{way}-{format}"),
                entry,
                json!({"query": "up"}),
            ));
        }
    }
    let with_password = format!(
        "postgres://{USER}:{}@{database}/x?sslmode=disable",
        in_url(token)
    );
    let without = format!("postgres://{USER}@{database}/x?sslmode=disable");
    for (name, entry) in [
        ("sql-url", json!({"type": "sql", "url": with_password})),
        (
            "sql-password",
            json!({"type": "sql", "url": without, "password": token}),
        ),
        (
            "sql-variable",
            json!({"type": "sql", "url": without, "password": "${TOKEN}"}),
        ),
        (
            "sql-file",
            json!({"type": "sql", "url": without, "password_file": "secret"}),
        ),
    ] {
        entries.push((name.to_owned(), entry, json!({"query": "select 1"})));
    }
    entries
}

/// Everything that can be given a secret.
pub(super) fn all(token: &str, places: &Places) -> Vec<Entry> {
    let Places { url, database } = places;
    let mut entries = connections(token, url);
    entries.extend(shipped(token, url));
    entries.extend(vendors(token, url));
    entries.extend(programs(token, database));
    for (_, entry, _) in &mut entries {
        entry["retry"] = json!({"attempts": 1});
        entry["delay"] = json!("0s");
    }
    entries
}
