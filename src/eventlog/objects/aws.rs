//! S3, and whatever speaks its protocol: where its credentials, region and endpoint come from.

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use url::Url;

use super::address::{Address, Problem, endpoint};
use super::opened::{Faces, Way};
use super::profile::{self, Profile};
use crate::eventlog::Variables;

/// The region where none is said.
const REGION: &str = "us-east-1";
/// The variables that the library understands as they are, besides keys, region and endpoint: credentials of workloads,
/// and how the bucket wants its objects encrypted.
const VARIABLES: [(&str, &str); 12] = [
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "aws_web_identity_token_file"),
    ("AWS_ROLE_ARN", "aws_role_arn"),
    ("AWS_ROLE_SESSION_NAME", "aws_role_session_name"),
    ("AWS_ENDPOINT_URL_STS", "aws_endpoint_url_sts"),
    (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "aws_container_credentials_relative_uri",
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "aws_container_credentials_full_uri",
    ),
    (
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "aws_container_authorization_token_file",
    ),
    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "aws_metadata_endpoint"),
    ("AWS_SERVER_SIDE_ENCRYPTION", "aws_server_side_encryption"),
    ("AWS_SSE_KMS_KEY_ID", "aws_sse_kms_key_id"),
    ("AWS_SSE_BUCKET_KEY_ENABLED", "aws_sse_bucket_key_enabled"),
    ("AWS_REQUEST_PAYER", "aws_request_payer"),
];

/// What says that the machine itself has credentials.
const WORKLOADS: [&str; 3] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// Builds the store.
pub(super) fn build(way: Way<'_>) -> Result<Faces, Problem> {
    let Way {
        address,
        variables,
        connector,
        retry,
    } = way;
    let mut profile = profile::read(variables)?;
    let region = region(address, variables, &profile);
    let place = place(address, variables, &profile)?;
    // A name with a dot in it fits no certificate for all buckets.
    let is_path_style = address
        .path_style
        .unwrap_or(place.is_some() || address.bucket.contains('.'));
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&address.bucket)
        .with_region(region)
        .with_virtual_hosted_style_request(!is_path_style)
        .with_retry(retry)
        .with_http_connector(connector);
    if let Some(place) = place {
        let place = if is_path_style {
            place
        } else {
            with_bucket(&place, &address.bucket)?
        };
        builder = builder.with_endpoint(place);
    }
    for (variable, key) in VARIABLES {
        if let (Some(value), Ok(key)) = (variables.get(variable), key.parse::<AmazonS3ConfigKey>())
        {
            builder = builder.with_config(key, value);
        }
    }
    if first(variables, &WORKLOADS).is_some() {
        profile.unsupported = None;
    }
    let keys = Keys {
        id: first(variables, &["AWS_ACCESS_KEY_ID"]),
        secret: first(variables, &["AWS_SECRET_ACCESS_KEY"]),
        token: first(variables, &["AWS_SESSION_TOKEN"]),
    };
    Faces::of(keys.or(profile)?.put_into(builder).build())
}

/// Returns the first of some variables that is set.
fn first(variables: &Variables, names: &[&str]) -> Option<String> {
    let found = names.iter().find_map(|name| variables.get(name));
    found.map(str::to_owned)
}

/// Returns the region.
fn region(address: &Address, variables: &Variables, profile: &Profile) -> String {
    let region = address.region.clone();
    region
        .or_else(|| first(variables, &["AWS_REGION", "AWS_DEFAULT_REGION"]))
        .or_else(|| profile.region.clone())
        .unwrap_or_else(|| REGION.to_owned())
}

/// Returns where the store is, if not at AWS.
fn place(
    address: &Address,
    variables: &Variables,
    profile: &Profile,
) -> Result<Option<String>, Problem> {
    let names = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
    let place = address.endpoint.clone();
    let place = place
        .or_else(|| first(variables, &names))
        .or_else(|| profile.endpoint_url.clone());
    place.map(|text| endpoint(&text)).transpose()
}

/// Keys that don't change while we run.
struct Keys {
    /// The name of the key.
    id: Option<String>,
    /// The key.
    secret: Option<String>,
    /// What proves that it is still good.
    token: Option<String>,
}

impl Keys {
    /// Takes those of the profile where the environment has none. What the profile wants and we can't do is an error,
    /// unless a workload has credentials of its own.
    fn or(self, profile: Profile) -> Result<Self, Problem> {
        match (&self.id, &self.secret) {
            (Some(_), Some(_)) => return Ok(self),
            (Some(_), None) => {
                return Err(Problem::new(
                    "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
                ));
            }
            (None, Some(_)) => {
                return Err(Problem::new(
                    "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not",
                ));
            }
            (None, None) => {}
        }
        let Profile {
            key_id,
            secret,
            token,
            unsupported,
            ..
        } = profile;
        if let (None, Some(problem)) = (&key_id, unsupported) {
            return Err(problem);
        }
        Ok(Self {
            id: key_id,
            secret,
            token,
        })
    }

    /// Hands them to the library.
    fn put_into(self, mut builder: AmazonS3Builder) -> AmazonS3Builder {
        if let Some(id) = self.id {
            builder = builder.with_access_key_id(id);
        }
        if let Some(secret) = self.secret {
            builder = builder.with_secret_access_key(secret);
        }
        if let Some(token) = self.token {
            builder = builder.with_token(token);
        }
        builder
    }
}

/// Puts the bucket in front of the host of an endpoint.
fn with_bucket(place: &str, bucket: &str) -> Result<String, Problem> {
    let refused = || {
        Problem::new(
            "the bucket can't stand in front of the endpoint's host; leave out `path_style=false`",
        )
    };
    let mut url = Url::parse(place).map_err(|_unsafe_to_show| refused())?;
    let host = format!("{bucket}.{}", url.host_str().unwrap_or_default());
    url.set_host(Some(&host))
        .map_err(|_unsafe_to_show| refused())?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
