//! The path of a request as it was sent: `%2F` is a slash within a name, `+` is a blank, and `//` is `/`.

use axum::http::Uri;

use crate::server::configuration::Scope;
use crate::server::problem::Problem;

/// What a path of resources names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePath {
    /// The project.
    pub project: String,
    /// Whose resources.
    pub scope: Scope,
    /// The resource; `None`: all of them.
    pub uri: Option<String>,
}

impl ResourcePath {
    /// Reads the path of a request: `…/v1/project/P[/stage/S[/service/SVC]]/resource[/URI]`.
    pub fn of(uri: &Uri) -> Result<Self, Problem> {
        let raw: Vec<&str> = uri
            .path()
            .split('/')
            .filter(|part| !part.is_empty())
            .collect();
        let unknown = || Problem::not_found("there is no such endpoint");
        let start = raw
            .iter()
            .position(|part| *part == "v1")
            .ok_or_else(unknown)?;
        let parts = raw.get(start + 1..).unwrap_or_default();
        let (project, scope, rest) = match parts {
            [
                "project",
                project,
                "stage",
                stage,
                "service",
                service,
                "resource",
                rest @ ..,
            ] => {
                let scope = Scope::Service(unescape(stage)?, unescape(service)?);
                (project, scope, rest)
            }
            ["project", project, "stage", stage, "resource", rest @ ..] => {
                (project, Scope::Stage(unescape(stage)?), rest)
            }
            ["project", project, "resource", rest @ ..] => (project, Scope::Project, rest),
            _ => return Err(unknown()),
        };
        let uri = match rest {
            [] => None,
            [uri] => Some(unescape(uri)?),
            [..] => {
                return Err(Problem::bad_request(
                    "a resourceURI in a path is one part: write `/` in it as `%2F`",
                ));
            }
        };
        Ok(Self {
            project: unescape(project)?,
            scope,
            uri,
        })
    }
}

/// Decodes a part of a path as Go's `url.QueryUnescape` does.
fn unescape(part: &str) -> Result<String, Problem> {
    let malformed = || {
        Problem::bad_request(
            "the path has a `%` that is not followed by two digits of base 16, or bytes that are no UTF-8",
        )
    };
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let (high, low) = high.zip(low).ok_or_else(malformed)?;
                u8::try_from(high * 16 + low).map_err(|_large| malformed())?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_malformed| malformed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::net::percent_encode;

    fn read(path: &str) -> Result<ResourcePath, Problem> {
        ResourcePath::of(&path.parse().unwrap())
    }

    #[test]
    fn a_path_is_read_as_it_was_sent() {
        let prefix = "/resource-service/v1/project/p";
        let path = read(&format!(
            "/api{prefix}/stage/dev/service/a+b%2Bc/resource/x%2Fy+z%2B.yaml"
        ))
        .unwrap();
        assert_eq!(
            path.scope,
            Scope::Service("dev".to_owned(), "a b+c".to_owned())
        );
        assert_eq!(path.uri.as_deref(), Some("x/y z+.yaml"));
        let path = read(&format!("{prefix}//resource")).unwrap();
        assert_eq!((path.scope, path.uri), (Scope::Project, None));
        // A resource may be called like a part of the path.
        let path = read(&format!("{prefix}/stage/resource/resource/stage")).unwrap();
        assert_eq!(path.scope, Scope::Stage("resource".to_owned()));
        assert_eq!(path.uri.as_deref(), Some("stage"));
    }

    #[test]
    fn what_cant_be_read_is_refused() {
        let prefix = "/resource-service/v1/project/p/resource";
        for path in [
            format!("{prefix}/%zz"),
            format!("{prefix}/%2"),
            format!("{prefix}/%ff"),
            format!("{prefix}/a/b"),
        ] {
            assert_eq!(read(&path).unwrap_err().status, 400, "{path}");
        }
        assert_eq!(
            read("/resource-service/v1/project").unwrap_err().status,
            404
        );
    }

    proptest! {
        #[test]
        fn every_name_survives_the_way(name in "\\PC{1,40}") {
            let path = format!("/resource-service/v1/project/p/resource/{}", percent_encode(&name));
            prop_assert_eq!(read(&path).unwrap().uri, Some(name));
        }

        #[test]
        fn nothing_breaks_it(path in "/[ -~]{0,60}") {
            if let Ok(uri) = path.parse::<Uri>() {
                let _read = ResourcePath::of(&uri);
            }
        }
    }
}
