//! Which bucket, as a user writes it: `s3://BUCKET/PREFIX?region=eu-central-1`.

use url::Url;

use super::name::encode;
use crate::eventlog::settings::{RemoteLog, RemoteUrl};

/// The longest prefix: what is left of the 1024 bytes that a key may have.
const PREFIX_LIMIT: usize = 256;

/// A bucket, or a container in Azure, and where in it the log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Which kind of store.
    pub kind: RemoteLog,
    /// The name of the bucket.
    pub bucket: String,
    /// What all keys begin with: "", or ends with a slash.
    pub prefix: String,
    /// `endpoint`: where the store is, if not at its vendor.
    pub endpoint: Option<String>,
    /// `region`, of S3.
    pub region: Option<String>,
    /// `path_style`, of S3: whether the bucket stands in the path of the URL and not in its host.
    pub path_style: Option<bool>,
    /// `account`, of Azure.
    pub account: Option<String>,
}

/// The URL of a log, or what it needs, can't be used. No text here holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Problem(pub String);

impl Problem {
    /// Says what is wrong.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Address {
    /// Reads a URL.
    pub(super) fn parse(url: &RemoteUrl) -> Result<Self, Problem> {
        let kind = url.kind;
        let parsed = Url::parse(url.expose())
            .map_err(|error| Problem::new(format!("it is no URL: {error}")))?;
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(Problem::new(
                "credentials don't belong in the URL; they come from the environment, as for the vendor's own tools",
            ));
        }
        if parsed.port().is_some() {
            return Err(Problem::new(format!(
                "after `{kind}` comes the name of the bucket; where the store is, says `?endpoint=https://HOST:PORT`"
            )));
        }
        let bucket = parsed.host_str().unwrap_or_default().to_owned();
        if bucket.is_empty() {
            return Err(Problem::new(format!(
                "it names no bucket: write `{kind}BUCKET/PREFIX`"
            )));
        }
        let mut address = Self {
            kind,
            bucket,
            prefix: prefix(parsed.path())?,
            endpoint: None,
            region: None,
            path_style: None,
            account: None,
        };
        for (name, value) in parsed.query_pairs() {
            address.set(&name, &value)?;
        }
        Ok(address)
    }

    /// Takes a parameter.
    fn set(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        let value = value.to_owned();
        match (self.kind, name) {
            (_, "endpoint") => self.endpoint = Some(endpoint(&value)?),
            (RemoteLog::S3, "region") => self.region = Some(value),
            (RemoteLog::S3, "path_style") => {
                let wanted = value.parse();
                let wanted = wanted
                    .map_err(|_other_word| Problem::new("`path_style` is `true` or `false`"))?;
                self.path_style = Some(wanted);
            }
            (RemoteLog::Azure, "account") => self.account = Some(value),
            _ => {
                let known = match self.kind {
                    RemoteLog::S3 => "`endpoint`, `region` and `path_style`",
                    RemoteLog::Azure => "`account` and `endpoint`",
                    RemoteLog::GoogleCloud
                    | RemoteLog::Keptn
                    | RemoteLog::Postgres
                    | RemoteLog::Nats => "`endpoint`",
                };
                let kind = self.kind;
                return Err(Problem::new(format!(
                    "`{kind}` has no parameter `{name}`; it has {known}"
                )));
            }
        }
        Ok(())
    }

    /// Returns the log as it is shown.
    pub(super) fn shown(&self) -> String {
        let Self {
            kind,
            bucket,
            prefix,
            ..
        } = self;
        format!("{kind}{bucket}/{prefix}")
            .trim_end_matches('/')
            .to_owned()
    }
}

/// Checks the URL of a store.
pub(super) fn endpoint(text: &str) -> Result<String, Problem> {
    let refused = || {
        Problem::new(
            "the endpoint is no URL that starts with `https://` or `http://`, has a host, and neither a user nor a query",
        )
    };
    let parsed = Url::parse(text).map_err(|_unsafe_to_show| refused())?;
    let is_fine = ["http", "https"].contains(&parsed.scheme())
        && parsed.username().is_empty()
        && parsed.password().is_none()
        && parsed.query().is_none()
        && parsed.fragment().is_none();
    if is_fine {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(refused())
    }
}

/// Returns the prefix of all keys.
fn prefix(path: &str) -> Result<String, Problem> {
    let mut prefix = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.=+".contains(&b);
        if !part.bytes().all(is_plain) || part.trim_matches('.').is_empty() {
            let better = encode(part, PREFIX_LIMIT).replace('~', "_");
            return Err(Problem::new(format!(
                "the prefix has a part `{part}`; it may have letters, digits and `-_.=+`, such as `{better}`"
            )));
        }
        prefix.push_str(part);
        prefix.push('/');
    }
    if prefix.len() > PREFIX_LIMIT {
        return Err(Problem::new(format!(
            "the prefix has {} bytes; it may have {PREFIX_LIMIT}",
            prefix.len()
        )));
    }
    Ok(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventlog::LogUrl;

    fn parse(text: &str) -> Result<Address, Problem> {
        let LogUrl::Remote(url) = text.parse().unwrap() else {
            panic!("{text}");
        };
        Address::parse(&url)
    }

    #[test]
    fn a_url_names_a_bucket_and_a_prefix_and_how_to_get_there() {
        let address =
            parse("s3://gate/a/b/?endpoint=http://127.0.0.1:9000/&region=r&path_style=false")
                .unwrap();
        assert_eq!(
            (address.bucket.as_str(), address.prefix.as_str()),
            ("gate", "a/b/")
        );
        assert_eq!(address.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!(address.region.as_deref(), Some("r"));
        assert_eq!(address.path_style, Some(false));
        assert_eq!(address.shown(), "s3://gate/a/b");
        assert_eq!(parse("gs://gate").unwrap().prefix, "");
        assert_eq!(
            parse("az://gate?account=me").unwrap().account.as_deref(),
            Some("me")
        );
    }

    #[test]
    fn what_can_not_be_meant_is_refused_without_a_secret() {
        for (text, problem) in [
            (
                "s3://key:hush@gate/a",
                "credentials don't belong in the URL",
            ),
            (
                "s3://127.0.0.1:9000/gate",
                "after `s3://` comes the name of the bucket",
            ),
            ("s3:///a", "it names no bucket"),
            ("s3://gate?account=a", "`s3://` has no parameter `account`"),
            ("gs://gate?region=a", "`gs://` has no parameter `region`"),
            ("s3://gate/a%20b", "the prefix has a part `a%20b`"),
            ("s3://gate?endpoint=host:9000", "the endpoint is no URL"),
            (
                "s3://gate?endpoint=http://u:hush@h",
                "the endpoint is no URL",
            ),
            ("s3://gate?path_style=maybe", "`path_style` is"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(problem), "{text}: {error}");
            assert!(!error.contains("hush"));
        }
        assert!(parse(&format!("s3://gate/{}", "x".repeat(300))).is_err());
    }
}
