//! Resources: the files of a project, a stage or a service.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::paging::ListPage;
use super::{CallError, KeptnClient, Method, Outgoing, Repeat};
use crate::control::objects::Resource;
use crate::control::wire::PageKey;
use crate::net::{Body, percent_encode};

/// Whose resources are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourcePlace {
    /// The project.
    pub project: String,
    /// The stage; `None`: the resources of the project itself.
    pub stage: Option<String>,
    /// The service; `None`: the resources of the stage itself.
    pub service: Option<String>,
}

impl ResourcePlace {
    /// Returns the path of its resources.
    fn path(&self) -> String {
        let mut path = format!(
            "/resource-service/v1/project/{}",
            percent_encode(&self.project)
        );
        if let Some(stage) = &self.stage {
            path = format!("{path}/stage/{}", percent_encode(stage));
            if let Some(service) = &self.service {
                path = format!("{path}/service/{}", percent_encode(service));
            }
        }
        path + "/resource"
    }

    /// Returns the path of one of its resources: the whole URI is one segment.
    fn path_of(&self, uri: &str) -> String {
        let uri = percent_encode(uri.trim_start_matches('/'));
        format!("{}/{uri}", self.path())
    }
}

/// A page of resources, as it is sent.
#[derive(Deserialize)]
struct WrittenResources {
    /// The resources; null where there are none.
    #[serde(deserialize_with = "Option::deserialize")]
    resources: Option<Vec<Resource>>,
    /// Where the next page begins.
    #[serde(default, rename = "nextPageKey")]
    next: PageKey,
}

impl KeptnClient {
    /// Returns the resources of a place, without their content.
    pub async fn resources(&self, place: &ResourcePlace) -> Result<Vec<Resource>, CallError> {
        let call = "GET /resource-service/v1/…/resource";
        let outgoing = Outgoing::new(Method::GET, place.path());
        self.walk::<WrittenResources>(call, &outgoing, usize::MAX)
            .await
    }

    /// Returns the content of a resource; `None` where there is none.
    pub async fn resource(
        &self,
        place: &ResourcePlace,
        uri: &str,
    ) -> Result<Option<Vec<u8>>, CallError> {
        let call = "GET /resource-service/v1/…/resource/URI";
        let outgoing = Outgoing::new(Method::GET, place.path_of(uri));
        let Some(found) = self.find::<Resource>(call, outgoing).await? else {
            return Ok(None);
        };
        let content = found.content.unwrap_or_default();
        let content = STANDARD.decode(&content);
        let content = content.map_err(|error| CallError::unreadable(call, &error, b""));
        content.map(Some)
    }

    /// Stores a resource, whether it was there or not.
    pub async fn store_resource(
        &self,
        place: &ResourcePlace,
        uri: &str,
        content: &[u8],
    ) -> Result<(), CallError> {
        let call = "POST /resource-service/v1/…/resource";
        let content = STANDARD.encode(content);
        let uri = uri.trim_start_matches('/');
        let resource = json!({"resourceURI": uri, "resourceContent": content});
        let outgoing = Outgoing {
            body: Body::Json(json!({"resources": [resource]})),
            ..Outgoing::new(Method::POST, place.path())
        };
        // The same content twice is the same content.
        match self.call(call, Repeat::Freely, outgoing).await {
            Err(CallError::Refused { status: 409, .. }) => {}
            other => return other.map(drop),
        }
        let call = "PUT /resource-service/v1/…/resource/URI";
        let outgoing = Outgoing {
            body: Body::Json(json!({"resourceContent": content})),
            ..Outgoing::new(Method::PUT, place.path_of(uri))
        };
        self.call(call, Repeat::Freely, outgoing).await.map(drop)
    }

    /// Deletes a resource.
    pub async fn delete_resource(&self, place: &ResourcePlace, uri: &str) -> Result<(), CallError> {
        let call = "DELETE /resource-service/v1/…/resource/URI";
        let outgoing = Outgoing::new(Method::DELETE, place.path_of(uri));
        self.call(call, Repeat::Carefully, outgoing).await.map(drop)
    }
}

impl ListPage for WrittenResources {
    type Element = Resource;

    fn taken(self) -> (Vec<Resource>, PageKey) {
        (self.resources.unwrap_or_default(), self.next)
    }
}
