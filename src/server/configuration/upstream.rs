//! An upstream repository: where it is, and what opens it. The first is stored with the project, the second in the vault.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::net::Secret;

/// Where an upstream repository is. Nothing here is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamPlace {
    /// `https://…`, `http://…` or `ssh://…`, without a password.
    pub url: String,
    /// The user; "" where the repository needs none.
    pub user: String,
    /// Whether any certificate will do.
    #[serde(default)]
    pub insecure: bool,
    /// The certificate of its authority, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// The proxy on the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<UpstreamProxy>,
}

/// A proxy on the way to an upstream repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamProxy {
    /// `http` or `https`.
    pub scheme: String,
    /// `host:port`
    pub url: String,
    /// The user; "" where it needs none.
    pub user: String,
}

/// What opens an upstream repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamSecrets {
    /// The token, for HTTP.
    pub token: Option<Secret>,
    /// The private key, for SSH.
    pub key: Option<Secret>,
    /// The password of the proxy.
    pub proxy_password: Option<Secret>,
}

/// An upstream repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upstream {
    /// Where it is.
    pub place: UpstreamPlace,
    /// What opens it.
    pub secrets: UpstreamSecrets,
}

impl UpstreamPlace {
    /// Returns it as Keptn's API shows it.
    #[must_use]
    pub fn view(&self) -> Value {
        let mut view = json!({ "remoteURL": self.url, "user": self.user });
        if self.url.starts_with("http") {
            let mut https = json!({ "insecureSkipTLS": self.insecure });
            if let (Some(proxy), Some(https)) = (&self.proxy, https.as_object_mut()) {
                let proxy = json!({ "url": proxy.url, "scheme": proxy.scheme, "user": proxy.user });
                https.insert("proxy".to_owned(), proxy);
            }
            if let Some(view) = view.as_object_mut() {
                view.insert("https".to_owned(), https);
            }
        }
        view
    }
}

impl UpstreamSecrets {
    /// Returns them as the values of one secret.
    #[must_use]
    pub fn to_values(&self) -> BTreeMap<String, Secret> {
        let all = [
            ("token", &self.token),
            ("privateKey", &self.key),
            ("proxyPassword", &self.proxy_password),
        ];
        let present = all
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        present.collect()
    }

    /// Takes them from the values of one secret.
    #[must_use]
    pub fn from_values(values: &BTreeMap<String, Secret>) -> Self {
        Self {
            token: values.get("token").cloned(),
            key: values.get("privateKey").cloned(),
            proxy_password: values.get("proxyPassword").cloned(),
        }
    }
}

impl Upstream {
    /// Returns the settings that git gets by its environment, where no list of processes shows them.
    #[must_use]
    pub fn settings(&self) -> Vec<(String, String)> {
        let mut settings = Vec::new();
        let mut set = |name: &str, value: String| settings.push((name.to_owned(), value));
        if let Some(token) = &self.secrets.token {
            set(
                "http.extraHeader",
                format!("Authorization: Basic {}", self.basic(token)),
            );
        }
        if self.place.insecure {
            set("http.sslVerify", "false".to_owned());
        }
        if let Some(proxy) = &self.place.proxy {
            set("http.proxy", self.proxy(proxy));
        }
        settings
    }

    /// Takes every secret out of a text.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut redacted = text.to_owned();
        let secrets = self.secrets.to_values();
        for secret in secrets
            .values()
            .filter(|secret| !secret.expose().is_empty())
        {
            redacted = redacted.replace(secret.expose(), "***");
        }
        if let Some(token) = &self.secrets.token {
            redacted = redacted.replace(&self.basic(token), "***");
        }
        redacted
    }

    /// Returns user and token as HTTP sends them.
    fn basic(&self, token: &Secret) -> String {
        // Services that know people by their tokens take any name.
        let user = match self.place.user.as_str() {
            "" => "git",
            user => user,
        };
        BASE64_STANDARD.encode(format!("{user}:{}", token.expose()))
    }

    /// Returns the URL of the proxy, with its password.
    fn proxy(&self, proxy: &UpstreamProxy) -> String {
        let encode = crate::net::percent_encode;
        let person = match (&self.secrets.proxy_password, proxy.user.as_str()) {
            (_, "") => String::new(),
            (None, user) => format!("{}@", encode(user)),
            (Some(password), user) => format!("{}:{}@", encode(user), encode(password.expose())),
        };
        format!("{}://{person}{}", proxy.scheme, proxy.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream() -> Upstream {
        Upstream {
            place: UpstreamPlace {
                url: "https://git.example/p.git".to_owned(),
                user: "ann".to_owned(),
                insecure: true,
                certificate: None,
                proxy: Some(UpstreamProxy {
                    scheme: "http".to_owned(),
                    url: "proxy:3128".to_owned(),
                    user: "bob".to_owned(),
                }),
            },
            secrets: UpstreamSecrets {
                token: Some(Secret::new("t0ken")),
                key: None,
                proxy_password: Some(Secret::new("p@ss")),
            },
        }
    }

    #[test]
    fn what_is_shown_and_stored_holds_no_secret() {
        let upstream = upstream();
        let stored = serde_json::to_string(&upstream.place).unwrap();
        for text in [
            upstream.place.view().to_string(),
            stored,
            format!("{upstream:?}"),
        ] {
            assert!(!text.contains("t0ken") && !text.contains("p@ss"), "{text}");
        }
        assert_eq!(
            upstream.place.view(),
            json!({
                "remoteURL": "https://git.example/p.git",
                "user": "ann",
                "https": {
                    "insecureSkipTLS": true,
                    "proxy": { "url": "proxy:3128", "scheme": "http", "user": "bob" },
                },
            })
        );
    }

    #[test]
    fn secrets_go_through_the_vault_and_to_git_alone() {
        let upstream = upstream();
        let values = upstream.secrets.to_values();
        assert_eq!(UpstreamSecrets::from_values(&values), upstream.secrets);
        assert_eq!(
            upstream.settings(),
            [
                ("http.extraHeader", "Authorization: Basic YW5uOnQwa2Vu"),
                ("http.sslVerify", "false"),
                ("http.proxy", "http://bob:p%40ss@proxy:3128"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(
            upstream.redact("fatal: t0ken YW5uOnQwa2Vu p@ss"),
            "fatal: *** *** ***"
        );
    }
}
