//! Azure Blob Storage: where its account and credentials come from.

use std::collections::BTreeMap;

use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};

use super::address::{Problem, endpoint};
use super::opened::{Faces, Way};

/// The variables of the credentials, by what they are to the library.
const VARIABLES: [(&str, AzureConfigKey); 18] = [
    ("AZURE_STORAGE_KEY", AzureConfigKey::AccessKey),
    ("AZURE_STORAGE_ACCOUNT_KEY", AzureConfigKey::AccessKey),
    ("AZURE_STORAGE_ACCESS_KEY", AzureConfigKey::AccessKey),
    ("AZURE_STORAGE_SAS_TOKEN", AzureConfigKey::SasKey),
    ("AZURE_STORAGE_SAS_KEY", AzureConfigKey::SasKey),
    ("AZURE_STORAGE_TOKEN", AzureConfigKey::Token),
    ("AZURE_CLIENT_ID", AzureConfigKey::ClientId),
    ("AZURE_STORAGE_CLIENT_ID", AzureConfigKey::ClientId),
    ("AZURE_CLIENT_SECRET", AzureConfigKey::ClientSecret),
    ("AZURE_STORAGE_CLIENT_SECRET", AzureConfigKey::ClientSecret),
    ("AZURE_TENANT_ID", AzureConfigKey::AuthorityId),
    ("AZURE_STORAGE_TENANT_ID", AzureConfigKey::AuthorityId),
    ("AZURE_AUTHORITY_HOST", AzureConfigKey::AuthorityHost),
    (
        "AZURE_FEDERATED_TOKEN_FILE",
        AzureConfigKey::FederatedTokenFile,
    ),
    ("IDENTITY_ENDPOINT", AzureConfigKey::MsiEndpoint),
    ("AZURE_MSI_ENDPOINT", AzureConfigKey::MsiEndpoint),
    ("AZURE_OBJECT_ID", AzureConfigKey::ObjectId),
    ("AZURE_MSI_RESOURCE_ID", AzureConfigKey::MsiResourceId),
];

/// Builds the store.
pub(super) fn build(way: Way<'_>) -> Result<Faces, Problem> {
    let Way {
        address,
        variables,
        connector,
        retry,
    } = way;
    let connection = Connection::parse(variables.get("AZURE_STORAGE_CONNECTION_STRING"));
    let account = address.account.clone();
    let account = account
        .or_else(|| variables.get("AZURE_STORAGE_ACCOUNT").map(str::to_owned))
        .or_else(|| {
            variables
                .get("AZURE_STORAGE_ACCOUNT_NAME")
                .map(str::to_owned)
        })
        .or_else(|| connection.get("accountname"));
    let account = account.ok_or_else(|| {
        Problem::new("it says no storage account: set AZURE_STORAGE_ACCOUNT, or write `az://CONTAINER/PREFIX?account=ACCOUNT`")
    })?;
    let place = address.endpoint.clone();
    let place = place
        .or_else(|| variables.get("AZURE_STORAGE_ENDPOINT").map(str::to_owned))
        .or_else(|| connection.endpoint(&account));
    let mut builder = MicrosoftAzureBuilder::new()
        .with_container_name(&address.bucket)
        .with_account(account)
        .with_retry(retry)
        .with_http_connector(connector);
    if let Some(place) = place {
        builder = builder.with_endpoint(endpoint(&place)?);
    }
    if let Some(key) = connection.get("accountkey") {
        builder = builder.with_config(AzureConfigKey::AccessKey, key);
    }
    if let Some(signature) = connection.get("sharedaccesssignature") {
        builder = builder.with_config(AzureConfigKey::SasKey, signature);
    }
    for (variable, key) in VARIABLES {
        if let Some(value) = variables.get(variable) {
            builder = builder.with_config(key, value);
        }
    }
    Faces::of(builder.build())
}

/// A connection string: `AccountName=…;AccountKey=…`.
struct Connection(BTreeMap<String, String>);

impl Connection {
    /// Reads a connection string.
    fn parse(text: Option<&str>) -> Self {
        let parts = text.unwrap_or_default().split(';');
        let pairs = parts.filter_map(|part| part.split_once('='));
        Self(
            pairs
                .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
        )
    }

    /// Returns a part.
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// Returns where the blobs are.
    fn endpoint(&self, account: &str) -> Option<String> {
        self.get("blobendpoint").or_else(|| {
            let suffix = self.get("endpointsuffix")?;
            let scheme = self.get("defaultendpointsprotocol");
            let scheme = scheme.unwrap_or_else(|| "https".to_owned());
            Some(format!("{scheme}://{account}.blob.{suffix}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_says_account_key_and_endpoint() {
        let text = "DefaultEndpointsProtocol=https;AccountName=me;AccountKey=aHVzaA==;EndpointSuffix=core.example";
        let connection = Connection::parse(Some(text));
        assert_eq!(connection.get("accountkey").as_deref(), Some("aHVzaA=="));
        let place = connection.endpoint("me");
        assert_eq!(place.as_deref(), Some("https://me.blob.core.example"));
        let text = "BlobEndpoint=http://127.0.0.1:10000/me;AccountName=me";
        let place = Connection::parse(Some(text)).endpoint("me");
        assert_eq!(place.as_deref(), Some("http://127.0.0.1:10000/me"));
    }
}
