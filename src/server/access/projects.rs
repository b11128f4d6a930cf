//! Which project a request is about, and whether its token is for that one.

use axum::http::Uri;
use serde_json::Value;

use super::bearer::Bearer;
use crate::server::problem::Problem;

/// Where a request names its project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectRule {
    /// It is about none, or its handler shows each token what it may see.
    Open,
    /// `{project}` in the path.
    Path,
    /// `project` in the query.
    Query,
    /// `data.project:` in the `filter` of the query.
    Filter,
    /// A member of the body, by its JSON pointer.
    Body(&'static str),
    /// It is about all of them.
    All,
}

impl ProjectRule {
    /// Checks what can be told without the body.
    pub fn check_head(self, pattern: &str, uri: &Uri, bearer: &Bearer) -> Result<(), Problem> {
        if bearer.may_enter_all() {
            return Ok(());
        }
        match self {
            Self::Open | Self::Body(_) => Ok(()),
            Self::Path => bearer.enter(&named_in_path(pattern, uri.path()).unwrap_or_default()),
            Self::Query => each(
                bearer,
                query(uri, "project"),
                "name one of them in the query: ?project=NAME",
            ),
            Self::Filter => {
                let filters = query(uri, "filter");
                let named = filters.flat_map(|filter| named_in_filter(&filter));
                each(
                    bearer,
                    named,
                    "name one of them in the filter: data.project:NAME",
                )
            }
            Self::All => bearer.enter_all("it can't do what concerns all projects"),
        }
    }

    /// Checks what the body says.
    pub fn check_body(self, body: &Value, bearer: &Bearer) -> Result<(), Problem> {
        match self {
            Self::Body(pointer) if !bearer.may_enter_all() => {
                let named = body.pointer(pointer).and_then(Value::as_str);
                bearer.enter(named.unwrap_or_default())
            }
            Self::Body(_) | Self::Open | Self::Path | Self::Query | Self::Filter | Self::All => {
                Ok(())
            }
        }
    }
}

/// Checks every project that is named; there has to be one.
fn each(bearer: &Bearer, named: impl Iterator<Item = String>, hint: &str) -> Result<(), Problem> {
    let mut is_named = false;
    for project in named {
        is_named = true;
        bearer.enter(&project)?;
    }
    if is_named {
        Ok(())
    } else {
        bearer.enter_all(hint)
    }
}

/// Returns what stands in a path where its pattern has `{project}`.
fn named_in_path(pattern: &str, path: &str) -> Option<String> {
    let at = pattern.split('/').position(|part| part == "{project}")?;
    let raw = path.split('/').nth(at)?;
    Some(percent_decoded(raw))
}

/// Decodes `%2F` and its like, as the router does; what is no text afterwards names nothing.
fn percent_decoded(raw: &str) -> String {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let two = behind.get(..2);
        let two = two.filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let digits = two.and_then(|two| std::str::from_utf8(two).ok());
        let decoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let (b'%', Some(byte)) = (first, decoded) {
            bytes.push(byte);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Returns the values of a parameter of the query.
fn query(uri: &Uri, name: &'static str) -> impl Iterator<Item = String> {
    let query = uri.query().unwrap_or_default().as_bytes();
    url::form_urlencoded::parse(query)
        .filter(move |(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Returns the projects that a filter names: `data.project:a,b AND …`.
fn named_in_filter(filter: &str) -> Vec<String> {
    let clauses = filter.split(" AND ").map(str::trim);
    let projects = clauses.filter_map(|clause| clause.strip_prefix("data.project:"));
    let named = projects.flat_map(|names| names.split(','));
    named.map(|name| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::access::Bearers;
    use crate::server::access::bearer::Shown;
    use crate::server::settings::{AccessSettings, Scope, TokenDigest, TokenSettings};

    fn shop() -> Bearer {
        let bearers = Bearers::of(&AccessSettings {
            tokens: vec![TokenSettings {
                name: "ci".to_owned(),
                digest: TokenDigest::of("t"),
                scopes: [Scope::Admin].into(),
                projects: Some(["shop".to_owned(), "bar".to_owned()].into()),
            }],
            ..AccessSettings::default()
        });
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("x-token", axum::http::HeaderValue::from_static("t"));
        match bearers.look(&headers) {
            Shown::Known(bearer) => (*bearer).clone(),
            Shown::Unknown | Shown::Nothing => panic!("it is known"),
        }
    }

    fn check(rule: ProjectRule, pattern: &str, uri: &str) -> bool {
        rule.check_head(pattern, &uri.parse().unwrap(), &shop())
            .is_ok()
    }

    #[test]
    fn a_project_in_the_path_is_decoded_before_it_is_compared() {
        let pattern = "/controlPlane/v1/project/{project}/stage";
        for (name, is_let_in) in [
            ("shop", true),
            ("%73hop", true),
            ("bank", false),
            ("shop%2F..%2Fbank", false),
            ("%ff", false),
            ("%2", false),
        ] {
            let uri = format!("/controlPlane/v1/project/{name}/stage");
            assert_eq!(check(ProjectRule::Path, pattern, &uri), is_let_in, "{name}");
        }
    }

    #[test]
    fn a_project_in_the_query_is_needed_and_every_one_counts() {
        for (query, is_let_in) in [
            ("?project=shop", true),
            ("?project=shop&project=bar", true),
            ("?project=shop&project=bank", false),
            ("?proj%65ct=bank&project=shop", false),
            ("?project=", false),
            ("?keptnContext=1", false),
            ("", false),
        ] {
            let uri = format!("/e{query}");
            assert_eq!(check(ProjectRule::Query, "/e", &uri), is_let_in, "{query}");
        }
    }

    #[test]
    fn a_project_in_the_filter_is_needed() {
        for (query, is_let_in) in [
            ("?filter=data.project:shop%20AND%20data.result:pass", true),
            ("?filter=data.project:shop,bank", false),
            ("?filter=data.project:shop%20AND%20data.project:bank", false),
            ("?filter=shkeptncontext:1", false),
        ] {
            let uri = format!("/e{query}");
            assert_eq!(check(ProjectRule::Filter, "/e", &uri), is_let_in, "{query}");
        }
    }

    #[test]
    fn a_project_in_the_body_is_needed() {
        let rule = ProjectRule::Body("/data/project");
        let body = |project: &str| serde_json::json!({"data": {"project": project}});
        assert!(rule.check_body(&body("shop"), &shop()).is_ok());
        assert!(rule.check_body(&body("bank"), &shop()).is_err());
        assert!(rule.check_body(&Value::Null, &shop()).is_err());
        assert!(!check(ProjectRule::All, "/e", "/e"));
    }
}
