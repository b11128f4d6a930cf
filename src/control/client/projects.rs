//! Projects and services.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::paging::ListPage;
use super::{CallError, KeptnClient, Method, Outgoing, Repeat};
use crate::control::objects::ExpandedProject;
use crate::control::wire::{PageKey, WrittenProjects};
use crate::net::{Body, percent_encode};

/// Where the projects are.
const PROJECTS: &str = "/controlPlane/v1/project";

/// A project to be created, or changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewProject {
    /// The name.
    pub name: String,
    /// The shipyard as YAML; `None` leaves it as it is.
    pub shipyard: Option<String>,
    /// Where its upstream repository is, with what it takes to get there, as Keptn writes it.
    pub git_credentials: Option<Value>,
}

impl KeptnClient {
    /// Returns the names of all projects.
    pub async fn projects(&self) -> Result<Vec<String>, CallError> {
        let projects = self.expanded_projects().await?;
        Ok(projects.into_iter().map(|one| one.project_name).collect())
    }

    /// Returns all projects, with their stages and services.
    pub async fn expanded_projects(&self) -> Result<Vec<ExpandedProject>, CallError> {
        let outgoing = Outgoing::new(Method::GET, PROJECTS);
        let call = "GET /controlPlane/v1/project";
        self.walk::<WrittenProjects>(call, &outgoing, usize::MAX)
            .await
    }

    /// Returns a project; `None` where there is none.
    pub async fn project(&self, name: &str) -> Result<Option<ExpandedProject>, CallError> {
        let outgoing = Outgoing::new(Method::GET, path_of(name));
        let call = "GET /controlPlane/v1/project/PROJECT";
        self.find(call, outgoing).await
    }

    /// Creates a project.
    pub async fn create_project(&self, project: &NewProject) -> Result<(), CallError> {
        self.put_project(Method::POST, "POST /controlPlane/v1/project", project)
            .await
    }

    /// Changes a project.
    pub async fn update_project(&self, project: &NewProject) -> Result<(), CallError> {
        self.put_project(Method::PUT, "PUT /controlPlane/v1/project", project)
            .await
    }

    /// Deletes a project; returns what the server says of it.
    pub async fn delete_project(&self, name: &str) -> Result<String, CallError> {
        let call = "DELETE /controlPlane/v1/project/PROJECT";
        let outgoing = Outgoing::new(Method::DELETE, path_of(name));
        let answer = self.call(call, Repeat::Carefully, outgoing).await?;
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let message = said.get("message").and_then(Value::as_str);
        Ok(message.unwrap_or_default().to_owned())
    }

    /// Creates a service in every stage of a project.
    pub async fn create_service(&self, project: &str, service: &str) -> Result<(), CallError> {
        let call = "POST /controlPlane/v1/project/PROJECT/service";
        let outgoing = Outgoing {
            body: Body::Json(json!({"serviceName": service})),
            ..Outgoing::new(Method::POST, format!("{}/service", path_of(project)))
        };
        self.call(call, Repeat::Carefully, outgoing).await.map(drop)
    }

    /// Deletes a service in every stage of a project.
    pub async fn delete_service(&self, project: &str, service: &str) -> Result<(), CallError> {
        let call = "DELETE /controlPlane/v1/project/PROJECT/service/SERVICE";
        let service = percent_encode(service);
        let path = format!("{}/service/{service}", path_of(project));
        let outgoing = Outgoing::new(Method::DELETE, path);
        self.call(call, Repeat::Carefully, outgoing).await.map(drop)
    }

    /// Sends a project.
    async fn put_project(
        &self,
        method: Method,
        call: &'static str,
        project: &NewProject,
    ) -> Result<(), CallError> {
        let NewProject {
            name,
            shipyard,
            git_credentials,
        } = project;
        let mut body = Map::from_iter([("name".to_owned(), name.as_str().into())]);
        if let Some(shipyard) = shipyard {
            body.insert("shipyard".to_owned(), STANDARD.encode(shipyard).into());
        }
        if let Some(credentials) = git_credentials {
            body.insert("gitCredentials".to_owned(), credentials.clone());
        }
        let outgoing = Outgoing {
            body: Body::Json(body.into()),
            ..Outgoing::new(method, PROJECTS)
        };
        self.call(call, Repeat::Carefully, outgoing).await.map(drop)
    }
}

/// Returns the path of a project.
fn path_of(project: &str) -> String {
    format!("{PROJECTS}/{}", percent_encode(project))
}

impl ListPage for WrittenProjects {
    type Element = ExpandedProject;

    fn taken(self) -> (Vec<ExpandedProject>, PageKey) {
        (self.projects.unwrap_or_default(), self.next)
    }
}
