//! A server for tests: the real router, conductor, storage and vault, on a port of its own.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests look at the files themselves"
)]

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::projects::ProjectsRouteParts;
use super::{projects, resources, secrets, services};
use crate::app::{Conductor, ConductorParts, LogJournal};
use crate::control::EventContext;
use crate::eventlog::{AppendError, EventLog, EventLogSettings, Filter, LogUrl};
use crate::sequence::{EngineSettings, ProjectDefinition};
use crate::server::access::Bearer;
use crate::server::catalogue::Catalogue;
use crate::server::configuration::{Configuration, GitProgram};
use crate::server::projects::{
    Past, Projects, ProjectsParts, ProjectsSettings, SecretShelf, SecretsSettings,
};
use crate::server::sightings::{ServiceSighting, Sightings};
use crate::server::vault::Vault;

pub const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
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

/// What was seen of services: what the test says.
#[derive(Default)]
struct Seen(Vec<ServiceSighting>);

#[async_trait]
impl Sightings for Seen {
    async fn of_project(&self, _project: &str) -> Vec<ServiceSighting> {
        self.0.clone()
    }
}

/// These tests look at everything that was told, so nothing is forgotten; the tests of the assembled server forget.
struct Kept;

#[async_trait]
impl Past for Kept {
    async fn forget_project(&self, _project: &str) -> Result<(), AppendError> {
        Ok(())
    }
}

/// A server.
pub struct Plane {
    pub address: std::net::SocketAddr,
    pub data: TempDir,
    pub conductor: Conductor,
    pub projects: Projects,
    pub shelf: SecretShelf,
    pub log: Arc<dyn EventLog>,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

impl Reply {
    /// Returns the text of a member.
    pub fn text(&self, pointer: &str) -> &str {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Expects a refusal in Keptn's form; returns what it says.
    #[track_caller]
    pub fn refused(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.body["code"], status, "{self:?}");
        let message = self.text("/message");
        assert!(!message.is_empty() && !message.contains("/tmp"), "{self:?}");
        message
    }

    /// Expects a status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

impl Plane {
    /// Starts a server with plain configuration.
    pub async fn start() -> Self {
        Self::with(
            tempfile::tempdir().unwrap(),
            ProjectsSettings::default(),
            Vec::new(),
        )
        .await
    }

    /// Starts a server over a data folder.
    #[expect(clippy::too_many_lines, reason = "one story, told in its order")]
    pub async fn with(
        data: TempDir,
        settings: ProjectsSettings,
        seen: Vec<ServiceSighting>,
    ) -> Self {
        let log: Arc<dyn EventLog> =
            Arc::from(crate::eventlog::open(EventLogSettings::new(LogUrl::Memory)).unwrap());
        let moments: crate::app::Moments = Arc::new(|| "2024-05-01T10:00:00Z".parse().unwrap());
        let engine = EngineSettings::default();
        let journal = LogJournal::new(
            Arc::clone(&log),
            String::new(),
            String::new(),
            engine.clone(),
        );
        let conductor = Conductor::start(ConductorParts {
            journal: Arc::new(journal),
            settings: engine,
            bindings: Vec::new(),
            moments: Arc::clone(&moments),
        })
        .await
        .unwrap();
        let vault = Vault::open(data.path(), None).unwrap();
        let git = GitProgram {
            protocols: "file:http".to_owned(),
            ..GitProgram::default()
        };
        let configuration =
            Configuration::open(&data.path().join("projects"), git, vault.clone()).unwrap();
        let catalogue = Catalogue::default();
        for (name, project) in Projects::load(&configuration).await.unwrap() {
            catalogue.set(&name, Some(project));
        }
        let projects = Projects::new(ProjectsParts {
            configuration,
            catalogue: catalogue.clone(),
            conductor: conductor.clone(),
            past: Arc::new(Kept),
            moments,
            settings,
        });
        let shelf = SecretShelf::new(vault, SecretsSettings::default());
        let parts = ProjectsRouteParts {
            projects: projects.clone(),
            catalogue,
            sightings: Arc::new(Seen(seen)),
        };
        let router = projects::routes(parts.clone())
            .merge(services::routes(parts))
            .merge(resources::routes(projects.clone()))
            .merge(secrets::routes(shelf.clone()))
            .layer(axum::Extension(Arc::new(Bearer::of_everything("test"))));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            data,
            conductor,
            projects,
            shelf,
            log,
        }
    }

    /// Stops the server, and starts one over the same data.
    pub async fn restart(self) -> Self {
        self.conductor.stop().await;
        Self::with(self.data, ProjectsSettings::default(), Vec::new()).await
    }

    /// Sends a request whose path is not touched.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        self.send_with(method, path, body.map(|body| body.to_string()), "")
            .await
    }

    /// Sends a request with more headers.
    pub async fn send_with(
        &self,
        method: &str,
        path: &str,
        body: Option<String>,
        headers: &str,
    ) -> Reply {
        let body = body.unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        // Who refuses early does not read to the end.
        drop(stream.write_all(body.as_bytes()).await);
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Reply {
            status,
            body: serde_json::from_str(body).unwrap_or_else(|_| Value::from(body)),
        }
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, None).await
    }

    /// Creates a project with two stages, and a service.
    pub async fn create(&self, project: &str) {
        let body = json!({ "name": project, "shipyard": base64(SHIPYARD) });
        self.send("POST", "/controlPlane/v1/project", Some(body))
            .await
            .is(201);
        let path = format!("/controlPlane/v1/project/{project}/service");
        let body = json!({ "serviceName": "cart" });
        self.send("POST", &path, Some(body)).await.is(200);
    }

    /// Returns what the engine knows of a project.
    pub async fn defined(&self, project: &str) -> Option<ProjectDefinition> {
        let project = project.to_owned();
        let asked = self
            .conductor
            .ask(move |engine| engine.project(&project).cloned());
        asked.await.unwrap()
    }

    /// Returns the types of all events, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let page = self.log.events(&Filter::default(), 1000).await.unwrap();
        let types = page.events.into_iter().rev().map(|event| event.event_type);
        types.collect()
    }

    /// Returns what every file of the data folder holds, and the names of the files.
    pub fn everything(&self) -> String {
        let mut all = String::new();
        collect(self.data.path(), &mut all);
        all
    }
}

/// Adds the names and contents of all files below a folder.
fn collect(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, all);
        } else {
            all.push_str(&path.display().to_string());
            all.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
}

/// Encodes a text.
pub fn base64(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

/// Returns something that was seen.
pub fn sighting(stage: &str, service: &str, image: &str) -> ServiceSighting {
    let context = |id: &str, time: &str| EventContext {
        event_id: id.to_owned(),
        keptn_context: "c".to_owned(),
        time: time.to_owned(),
    };
    ServiceSighting {
        stage: stage.to_owned(),
        service: service.to_owned(),
        image: image.to_owned(),
        types: [
            (
                "sh.keptn.event.deployment.finished".to_owned(),
                context("e1", "999"),
            ),
            (
                "sh.keptn.event.test.finished".to_owned(),
                context("e2", "1000"),
            ),
        ]
        .into(),
    }
}
