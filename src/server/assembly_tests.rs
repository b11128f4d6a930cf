//! The server as it is put together: tokens, projects, events, and figures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::assembly::{Assembled, ServerParts, assemble};
use super::configuration::Storage;
use super::front::Reception;
use super::settings::{
    AccessSettings, Anonymous, Limits, LogFormat, Scope, ServeSettings, TokenDigest, TokenSettings,
};
use crate::app::{Beginning, Comparing, GateSettings, Lateness};
use crate::gate::{MissingSlo, PolicyLayer};
use crate::sequence::EngineSettings;

/// Longer than any of this should take.
const LONG: Duration = Duration::from_secs(60);
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata:
  name: p
spec:
  stages:
  - name: dev
    sequences:
    - name: delivery
      tasks:
      - name: deployment
  - name: prod
    sequences:
    - name: delivery
      triggeredOn:
      - event: dev.delivery.finished
      tasks:
      - name: deployment
";

/// A server, and the token `admin` for everything and `narrow` for the project `bar`.
struct Server {
    folder: TempDir,
    assembled: Assembled,
    reception: Reception,
}

fn token(name: &str, projects: Option<&str>) -> TokenSettings {
    TokenSettings {
        name: name.to_owned(),
        digest: TokenDigest::of(name),
        scopes: [Scope::Admin].into(),
        projects: projects.map(|name| [name.to_owned()].into()),
    }
}

fn settings(folder: &TempDir) -> ServeSettings {
    ServeSettings {
        listen: ServeSettings::LISTEN,
        data: folder.path().to_owned(),
        access: AccessSettings {
            tokens: vec![token("admin", None), token("narrow", Some("bar"))],
            failures_per_second: 1.0,
            failure_burst: 2.0,
            ..AccessSettings::default()
        },
        limits: Limits::default(),
        engine: EngineSettings::default(),
        tls: None,
        log: LogFormat::default(),
        integration_ttl: ServeSettings::INTEGRATION_TTL,
        refresh_interval: Some(ServeSettings::REFRESH_INTERVAL),
        webhook_hosts: Vec::new(),
        emit: Vec::new(),
        storage: Storage::Plain,
    }
}

fn parts() -> ServerParts {
    let gate = |log, resources| GateSettings {
        log,
        resources,
        default_provider: None,
        providers: BTreeMap::new(),
        for_undefined: None,
        policies: PolicyLayer::default(),
        environment: BTreeMap::new(),
        on_missing_slo: MissingSlo::Fail,
        timeframe: None,
        comparing: Comparing::default(),
        lateness: Lateness::Accepted,
        patience: Duration::ZERO,
        producer: "tidegate test".to_owned(),
        clock: Arc::new(|| Beginning {
            time: "2024-05-01T10:00:00Z".parse().unwrap(),
            instant: tokio::time::Instant::now(),
        }),
    };
    ServerParts {
        moments: Arc::new(|| "2024-05-01T10:00:00Z".parse().unwrap()),
        gate: Box::new(gate),
        tasks: BTreeMap::new(),
        secret_key: None,
    }
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(&folder);
        Self::with(folder, &settings).await
    }

    async fn with(folder: TempDir, settings: &ServeSettings) -> Self {
        let assembled = assemble(settings, parts(), folder.path()).await;
        let assembled = assembled.map_err(|error| error.to_string()).unwrap();
        let metrics = Arc::clone(&assembled.metrics);
        let reception = Reception::new(assembled.router.clone(), metrics, LONG);
        Self {
            folder,
            assembled,
            reception,
        }
    }

    async fn text(&self, token: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-token", token)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let answer = self.reception.answer(request, [127, 0, 0, 1].into()).await;
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Asks as the administrator, and expects to be served.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.text("admin", method, path, &body.to_string()).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        serde_json::from_str(&answer).unwrap_or_default()
    }

    async fn get(&self, path: &str) -> Value {
        self.ask("GET", path, &Value::Null).await
    }

    async fn create(&self, project: &str) {
        let body = json!({"name": project, "shipyard": BASE64_STANDARD.encode(SHIPYARD)});
        self.ask("POST", "/api/controlPlane/v1/project", &body)
            .await;
        let path = format!("/api/controlPlane/v1/project/{project}/service");
        self.ask("POST", &path, &json!({"serviceName": "cart"}))
            .await;
    }

    /// Triggers a delivery.
    async fn deliver(&self, project: &str) {
        let data = json!({"project": project, "stage": "dev", "service": "cart"});
        let event = json!({
            "type": "sh.keptn.event.dev.delivery.triggered", "source": "test",
            "specversion": "1.0", "data": data,
        });
        self.ask("POST", "/api/v1/event", &event).await;
    }

    /// Returns the context of the newest delivery.
    async fn context(&self, project: &str) -> String {
        let path = format!("/api/controlPlane/v1/sequence/{project}");
        let states = self.get(&path).await;
        states["states"][0]["shkeptncontext"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Carries out the one deployment that is open.
    async fn deploy(&self, project: &str) {
        let path = format!(
            "/api/controlPlane/v1/event/triggered/sh.keptn.event.deployment.triggered?project={project}"
        );
        let open = self.get(&path).await;
        assert_eq!(open["totalCount"], 1, "{open}");
        let task = &open["events"][0];
        for kind in ["started", "finished"] {
            let mut data = json!({
                "project": project, "stage": task["data"]["stage"], "service": "cart",
            });
            if kind == "finished" {
                data["status"] = "succeeded".into();
                data["result"] = "pass".into();
            }
            let event = json!({
                "type": format!("sh.keptn.event.deployment.{kind}"), "source": "test",
                "specversion": "1.0", "shkeptncontext": task["shkeptncontext"],
                "triggeredid": task["id"], "data": data,
            });
            self.ask("POST", "/api/v1/event", &event).await;
        }
    }

    /// Returns the figures that begin so, once the events that became durable are all counted.
    async fn figures(&self, name: &str, total: u64) -> Vec<String> {
        let counted = async {
            loop {
                let (_, text) = self.text("admin", "GET", "/metrics", "").await;
                let own = |name: &str| -> Vec<String> {
                    let lines = text.lines().filter(|line| line.starts_with(name));
                    lines.map(str::to_owned).collect()
                };
                let counts = own("tidegate_events_total{");
                let counts = counts.iter().filter_map(|line| line.rsplit(' ').next());
                if counts
                    .map(|count| count.parse::<u64>().unwrap())
                    .sum::<u64>()
                    >= total
                {
                    return own(name);
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, counted).await.unwrap()
    }
}

#[tokio::test]
async fn each_event_is_counted_once_and_what_is_told_of_projects_is_no_sequence() {
    let server = Server::start().await;
    server.create("foo").await;
    server.deliver("foo").await;
    server.deploy("foo").await;
    server.deploy("foo").await;
    let history = server
        .get("/api/mongodb-datastore/event?project=foo&pageSize=100")
        .await;
    let total = history["totalCount"].as_u64().unwrap();
    let figures = server.figures("tidegate_events_total{", total).await;
    let counts = figures.iter().filter_map(|line| line.rsplit(' ').next());
    assert_eq!(
        counts
            .map(|count| count.parse::<u64>().unwrap())
            .sum::<u64>(),
        total
    );
    for of in ["other", "sequence", "task"] {
        let line = format!("tidegate_events_total{{of=\"{of}\",kind=\"finished\"}} 2");
        assert!(figures.contains(&line), "{line} in {figures:?}");
    }
    let figures = server.figures("tidegate_sequences", total).await;
    insta::assert_snapshot!(figures.join("\n"), @r#"tidegate_sequences_finished_total{status="succeeded",result="pass"} 2"#);
    server.assembled.stop().await;
}

#[tokio::test]
async fn nothing_of_a_deleted_project_is_left_for_one_of_the_same_name() {
    let server = Server::start().await;
    for project in ["foo", "bar"] {
        server.create(project).await;
        server.deliver(project).await;
        server.deploy(project).await;
    }
    let paths = |project: &str| {
        [
            format!(
                "controlPlane/v1/event/triggered/sh.keptn.event.deployment.triggered?project={project}"
            ),
            format!("controlPlane/v1/sequence/{project}"),
            format!("controlPlane/v1/sequence-execution?project={project}"),
            format!(
                "mongodb-datastore/event?project={project}&type=sh.keptn.event.deployment.triggered"
            ),
            format!(
                "mongodb-datastore/event?project={project}&type=sh.keptn.event.project.delete.finished"
            ),
        ]
    };
    let mut before = Vec::new();
    for path in paths("foo") {
        before.push(server.get(&format!("/api/{path}")).await["totalCount"].clone());
    }
    assert_eq!(before, [1, 1, 2, 2, 0]);
    let path = "/api/controlPlane/v1/project/foo";
    server.ask("DELETE", path, &Value::Null).await;
    server.create("foo").await;
    for path in paths("foo") {
        let answer = server.get(&format!("/api/{path}")).await;
        assert_eq!(answer["totalCount"], 0, "{path}: {answer}");
    }
    for (path, count) in paths("bar").iter().zip(before) {
        let answer = server.get(&format!("/api/{path}")).await;
        assert_eq!(answer["totalCount"], count, "{path}: {answer}");
    }
    server.deliver("foo").await;
    server.deploy("foo").await;
    server.assembled.stop().await;
}

#[tokio::test]
async fn a_token_for_some_projects_sees_no_other_in_lists_and_statistics() {
    let server = Server::start().await;
    for project in ["foo", "bar"] {
        server.create(project).await;
        server.deliver(project).await;
    }
    let statistics = "/api/statistics/v1/statistics?from=0&to=4000000000";
    for (path, member) in [
        ("/api/controlPlane/v1/project", "projectName"),
        (statistics, "name"),
    ] {
        for (token, seen) in [("admin", &["bar", "foo"][..]), ("narrow", &["bar"])] {
            let (status, answer) = server.text(token, "GET", path, "").await;
            assert_eq!(status, 200, "{path}: {answer}");
            let answer: Value = serde_json::from_str(&answer).unwrap();
            let projects = answer["projects"].as_array().unwrap().iter();
            let names: Vec<_> = projects.map(|one| one[member].as_str().unwrap()).collect();
            assert_eq!(names, seen, "{token} {path}");
            if member == "projectName" {
                assert_eq!(answer["totalCount"], seen.len());
            }
        }
    }
    server.assembled.stop().await;
}

#[tokio::test]
async fn a_token_for_some_projects_reaches_no_integration_and_no_log_of_another() {
    let server = Server::start().await;
    for project in ["foo", "bar"] {
        server.create(project).await;
        server.deliver(project).await;
    }
    let registrations = "/api/controlPlane/v1/uniform/registration";
    let all = server.get(registrations).await;
    let webhooks = all.as_array().unwrap().iter();
    let mut webhooks = webhooks.filter(|one| one["name"] == "webhook-service");
    let webhooks = webhooks.next().unwrap()["id"].as_str().unwrap().to_owned();
    let one = format!("{registrations}/{webhooks}");
    for token in ["narrow", "admin"] {
        let (status, told) = server.text(token, "DELETE", &one, "").await;
        assert_eq!(status, 409, "{told}");
        assert!(told.contains("part of the server"), "{told}");
    }
    let subscription = |projects: Value| {
        json!({"event": "sh.keptn.>", "filter": {"projects": projects}}).to_string()
    };
    let path = format!("{one}/subscription");
    for (projects, expected) in [
        (json!([]), 403),
        (json!(["foo"]), 403),
        (json!(["foo", "bar"]), 403),
        (json!(["bar"]), 201),
    ] {
        let body = subscription(projects);
        let (status, told) = server.text("narrow", "POST", &path, &body).await;
        assert_eq!(status, expected, "{body}: {told}");
    }
    let foreign = subscription(json!(["foo"]));
    let (status, _) = server.text("admin", "POST", &path, &foreign).await;
    assert_eq!(status, 201);
    let (_, seen) = server.text("narrow", "GET", registrations, "").await;
    assert!(seen.contains("bar") && !seen.contains("foo"), "{seen}");

    let log = "/api/controlPlane/v1/log";
    assert_eq!(server.text("narrow", "GET", log, "").await.0, 403);
    for (context, expected) in [
        (server.context("foo").await, 403),
        (String::new(), 403),
        (server.context("bar").await, 200),
    ] {
        let entry = json!({"message": "broken", "shkeptncontext": context});
        let body = json!({"logs": [entry]}).to_string();
        let (status, told) = server.text("narrow", "POST", log, &body).await;
        assert_eq!(status, expected, "{told}");
    }
    assert_eq!(server.get(log).await["totalCount"], 1);
    server.assembled.stop().await;
}

#[cfg(unix)]
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test looks into its folder")]
async fn nobody_else_reads_the_files_of_the_server() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start().await;
    server.create("foo").await;
    let path = "/api/controlPlane/v1/log";
    let body = json!({"logs": [{"message": "broken"}]});
    server.ask("POST", path, &body).await;
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(server.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let facts = entry.metadata().unwrap();
        let mode = facts.permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{}", entry.path().display());
        seen.push(entry.file_name().into_string().unwrap());
    }
    for name in ["events.db", "events.db-wal", "integration-log.jsonl"] {
        assert!(seen.iter().any(|one| one == name), "{name} in {seen:?}");
    }
    server.assembled.stop().await;
}

#[tokio::test]
async fn a_page_can_not_drive_a_server_that_needs_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(&folder);
    settings.access.tokens.clear();
    settings.access.anonymous = Anonymous::Allowed;
    let server = Server::with(folder, &settings).await;
    for (name, value, expected) in [
        ("accept", "*/*", 200),
        ("host", "localhost:8080", 200),
        ("host", "evil.example", 403),
        ("origin", "http://evil.example", 403),
        ("sec-fetch-site", "cross-site", 403),
    ] {
        let request = Request::get("/api/controlPlane/v1/project").header(name, value);
        let request = request.body(Body::empty()).unwrap();
        let answer = server.reception.answer(request, [127, 0, 0, 1].into());
        assert_eq!(answer.await.status().as_u16(), expected, "{name}: {value}");
    }
    server.assembled.stop().await;
}

#[tokio::test]
async fn upstream_repositories_are_followed_unless_that_is_turned_off() {
    for (interval, follows) in [(None, false), (Some(LONG), true)] {
        let folder = tempfile::tempdir().unwrap();
        let settings = ServeSettings {
            refresh_interval: interval,
            ..settings(&folder)
        };
        let assembled = assemble(&settings, parts(), folder.path()).await;
        let assembled = assembled.map_err(|error| error.to_string()).unwrap();
        assert_eq!(assembled.following.is_some(), follows, "{interval:?}");
        assembled.stop().await;
    }
}
