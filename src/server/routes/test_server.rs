//! A server on a free port of this machine, with a store in a folder of its own, and a client that asks it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::events::{self, EventParts};
use super::sequences;
use crate::app::{Conductor, ConductorParts, Moments};
use crate::sequence::{
    EngineSettings, ProjectDefinition, Sequence, Shipyard, Stage, Task, Trigger,
};
use crate::server::store::{EventSearch, Store};
use crate::server::{Catalogue, CatalogueProject};

/// Longer than any test should take.
pub(super) const LONG: Duration = Duration::from_secs(60);
/// When the clock of the tests begins: noon of 2024-02-01, in microseconds.
const NOON: i64 = 1_706_788_800_000_000;

/// A server that runs.
pub(super) struct TestServer {
    /// Host and port.
    pub address: String,
    /// What it consists of.
    pub parts: EventParts,
    /// Where its file is.
    pub folder: TempDir,
}

/// Returns a task.
fn task(name: &str) -> Task {
    Task {
        name: name.to_owned(),
        ..Task::default()
    }
}

/// Returns a stage with one sequence `delivery`.
pub(super) fn stage(name: &str, after: Option<&str>, tasks: &[&str]) -> Stage {
    let triggered_on = after.map(|stage| Trigger {
        stage: stage.to_owned(),
        sequence: "delivery".to_owned(),
        selector: None,
    });
    let empty = Sequence {
        name: "empty".to_owned(),
        ..Sequence::default()
    };
    let delivery = Sequence {
        name: "delivery".to_owned(),
        triggered_on: triggered_on.into_iter().collect(),
        tasks: tasks.iter().map(|name| task(name)).collect(),
        timeout_ms: None,
    };
    Stage {
        name: name.to_owned(),
        sequences: vec![delivery, empty],
    }
}

impl TestServer {
    /// Starts a server with the project `shop`: dev, then prod; the services carts and orders.
    pub(super) async fn start() -> Self {
        let catalogue = Catalogue::default();
        let stages = vec![
            stage("dev", None, &["deployment", "test"]),
            stage("prod", Some("dev"), &["deployment"]),
        ];
        define(&catalogue, "shop", stages, &["carts", "orders"]);
        Self::with(catalogue, tempfile::tempdir().unwrap()).await
    }

    /// Starts a server.
    pub(super) async fn with(catalogue: Catalogue, folder: TempDir) -> Self {
        let known = catalogue.clone();
        let projects = Arc::new(move || definitions(&known));
        let path = folder.path().join("events.db");
        let store = Store::open(path, projects).await.unwrap();
        let count = AtomicI64::new(latest(&store).await);
        let moments: Moments = Arc::new(move || {
            let millisecond = count.fetch_add(1, Ordering::Relaxed);
            Timestamp::from_microsecond(NOON + millisecond * 1000).unwrap()
        });
        let conductor = Conductor::start(ConductorParts {
            journal: Arc::new(store.clone()),
            settings: EngineSettings::default(),
            bindings: Vec::new(),
            moments: Arc::clone(&moments),
        });
        let parts = EventParts {
            store,
            conductor: conductor.await.unwrap(),
            catalogue,
            moments,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new().nest("/api", router(parts.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            parts,
            folder,
        }
    }

    /// Stops, and starts again with the same file.
    pub(super) async fn restarted(self) -> Self {
        self.parts.conductor.stop().await;
        Self::with(self.parts.catalogue.clone(), self.folder).await
    }

    /// Gets something: the status and the JSON.
    pub(super) async fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, &[], "").await
    }

    /// Posts something: the status and the JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.ask("POST", path, &[], &body.to_string()).await
    }

    /// Asks something: the status and the JSON.
    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, Value) {
        let mut stream = self.send(method, path, headers, body).await;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        tokio::time::timeout(LONG, read).await.unwrap().unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let json = serde_json::from_str(body);
        (status, json.unwrap_or_else(|_| body.into()))
    }

    /// Sends a request; returns the connection that the answer comes through.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let headers = headers.iter().fold(String::new(), |all, (name, value)| {
            all + name + ": " + value + "\r\n"
        });
        let request = format!(
            "{method} /api{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        // A server that refuses a large body may close before all of it was sent.
        stream.write_all(request.as_bytes()).await.ok();
        stream
    }

    /// Triggers a delivery; returns its context.
    pub(super) async fn deliver(&self, service: &str) -> String {
        let event = json!({
            "type": "sh.keptn.event.dev.delivery.triggered", "source": "test", "specversion": "1.0",
            "data": {
                "project": "shop", "stage": "dev", "service": service,
                "configurationChange": {"values": {"image": "carts:2"}},
            },
        });
        let (status, answer) = self.post("/v1/event", &event).await;
        assert_eq!(status, 200, "{answer}");
        answer["keptnContext"].as_str().unwrap().to_owned()
    }

    /// Returns the open tasks of a name in a context.
    pub(super) async fn open(&self, task: &str, context: &str) -> Vec<Value> {
        let path = format!(
            "/controlPlane/v1/event/triggered/sh.keptn.event.{task}.triggered?pageSize=1000"
        );
        let (status, answer) = self.get(&path).await;
        assert_eq!(status, 200, "{answer}");
        let events = answer["events"].as_array().unwrap().iter();
        let own = events.filter(|event| event["shkeptncontext"] == context);
        own.cloned().collect()
    }

    /// Answers the open task of a name; returns what the server said.
    pub(super) async fn answer(
        &self,
        task: &str,
        context: &str,
        kind: &str,
        result: &str,
    ) -> (u16, Value) {
        let open = self.open(task, context).await;
        self.post("/v1/event", &answer_to(&open[0], kind, result))
            .await
    }

    /// Does the open task of a name.
    pub(super) async fn does(&self, task: &str, context: &str, result: &str) {
        for kind in ["started", "finished"] {
            let (status, answer) = self.answer(task, context, kind, result).await;
            assert_eq!(status, 200, "{answer}");
        }
    }

    /// Delivers to the end.
    pub(super) async fn deliver_all(&self, service: &str) -> String {
        let context = self.deliver(service).await;
        for task in ["deployment", "test", "deployment"] {
            self.does(task, &context, "pass").await;
        }
        context
    }
}

/// Returns an answer to the `.triggered` event of a task.
pub(super) fn answer_to(triggered: &Value, kind: &str, result: &str) -> Value {
    let event_type = triggered["type"].as_str().unwrap();
    let data = &triggered["data"];
    json!({
        "type": event_type.replace("triggered", kind), "source": "executor", "specversion": "1.0",
        "shkeptncontext": triggered["shkeptncontext"], "triggeredid": triggered["id"],
        "data": {
            "project": data["project"], "stage": data["stage"], "service": data["service"],
            "result": result, "status": "succeeded",
        },
    })
}

/// Puts a project into the catalogue.
pub(super) fn define(catalogue: &Catalogue, name: &str, stages: Vec<Stage>, services: &[&str]) {
    let services = services.iter();
    let project = CatalogueProject {
        shipyard: Arc::new(Shipyard {
            stages,
            ..Shipyard::default()
        }),
        services: services
            .map(|name| ((*name).to_owned(), Timestamp::UNIX_EPOCH))
            .collect(),
        ..CatalogueProject::default()
    };
    catalogue.set(name, Some(project));
}

/// Returns the projects as the engine knows them.
pub(super) fn definitions(catalogue: &Catalogue) -> BTreeMap<String, ProjectDefinition> {
    let all = catalogue.all().into_iter();
    let all = all.map(|(name, project)| {
        let definition = ProjectDefinition {
            shipyard: Arc::clone(&project.shipyard),
            commits: project.commits.clone(),
        };
        (name, definition)
    });
    all.collect()
}

/// Returns the milliseconds from noon to the newest event.
async fn latest(store: &Store) -> i64 {
    let newest = store.newest(EventSearch::default(), 1).await.unwrap();
    let time = newest.first().and_then(|event| event.time);
    time.map_or(0, |time| (time.as_microsecond() - NOON) / 1000 + 1)
}

/// Returns all routes, and the list of projects, which another family answers.
fn router(parts: EventParts) -> Router {
    let names = get(async |State(catalogue): State<Catalogue>| {
        let names = catalogue.all().into_iter();
        let projects = names.map(|(name, _)| json!({"projectName": name}));
        let projects: Vec<Value> = projects.collect();
        axum::Json(json!({"projects": projects, "nextPageKey": "0"}))
    });
    let projects = Router::new()
        .route("/controlPlane/v1/project", names)
        .with_state(parts.catalogue.clone());
    events::routes(parts.clone())
        .merge(sequences::routes(parts))
        .merge(projects)
}
