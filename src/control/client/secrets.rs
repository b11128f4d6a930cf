//! Secrets: they can be set and named, and never be read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{CallError, KeptnClient, Method, Outgoing, Repeat};
use crate::control::objects::SecretMetadata;
use crate::net::{Body, Secret};

/// Where the secrets are.
const SECRETS: &str = "/secrets/v1/secret";

/// The secrets, as they are sent. Keptn writes a capital S.
#[derive(Deserialize)]
struct WrittenSecrets {
    /// The secrets.
    #[serde(default, rename = "Secrets", alias = "secrets")]
    secrets: Option<Vec<SecretMetadata>>,
}

impl KeptnClient {
    /// Returns the names of all secrets, with those of their values.
    pub async fn secrets(&self) -> Result<Vec<SecretMetadata>, CallError> {
        let outgoing = Outgoing::new(Method::GET, SECRETS);
        let written: WrittenSecrets = self.ask("GET /secrets/v1/secret", outgoing).await?;
        Ok(written.secrets.unwrap_or_default())
    }

    /// Creates a secret.
    pub async fn create_secret(
        &self,
        name: &str,
        scope: &str,
        values: &BTreeMap<String, Secret>,
    ) -> Result<(), CallError> {
        let call = "POST /secrets/v1/secret";
        let outgoing = Outgoing {
            body: Body::Json(document(name, scope, values)),
            ..Outgoing::new(Method::POST, SECRETS)
        };
        self.call(call, Repeat::Carefully, outgoing).await.map(drop)
    }

    /// Changes a secret.
    pub async fn update_secret(
        &self,
        name: &str,
        scope: &str,
        values: &BTreeMap<String, Secret>,
    ) -> Result<(), CallError> {
        let call = "PUT /secrets/v1/secret";
        let outgoing = Outgoing {
            body: Body::Json(document(name, scope, values)),
            ..Outgoing::new(Method::PUT, SECRETS)
        };
        self.call(call, Repeat::Freely, outgoing).await.map(drop)
    }

    /// Deletes a secret.
    pub async fn delete_secret(&self, name: &str, scope: &str) -> Result<(), CallError> {
        let call = "DELETE /secrets/v1/secret";
        let outgoing = Outgoing {
            query: vec![
                ("name".to_owned(), name.to_owned()),
                ("scope".to_owned(), scope.to_owned()),
            ],
            ..Outgoing::new(Method::DELETE, SECRETS)
        };
        self.call(call, Repeat::Carefully, outgoing).await.map(drop)
    }
}

/// Returns a secret as it is sent.
fn document(name: &str, scope: &str, values: &BTreeMap<String, Secret>) -> Value {
    let values = values.iter();
    let data: Map<String, Value> = values
        .map(|(key, value)| (key.clone(), value.expose().into()))
        .collect();
    json!({"name": name, "scope": scope, "data": data})
}
