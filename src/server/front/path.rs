//! The path of a request as the router knows it: without `/api` in front, and with `//` as `/`.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathTrouble {
    /// It climbs.
    #[error("a path can't have `.` or `..` between its slashes")]
    Climbs,
    /// It can't be put together again.
    #[error("the path can't be read")]
    Unreadable,
}

/// Returns the URI with its path as the router knows it.
pub fn plain(uri: &Uri) -> Result<Uri, PathTrouble> {
    let path = uri.path();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.iter().any(|part| is_dots(part)) {
        return Err(PathTrouble::Climbs);
    }
    let parts = match parts.as_slice() {
        ["api", rest @ ..] => rest,
        all => all,
    };
    let mut plain = format!("/{}", parts.join("/"));
    if path == plain {
        return Ok(uri.clone());
    }
    if let Some(query) = uri.query() {
        plain.push('?');
        plain.push_str(query);
    }
    let path_and_query = plain.parse::<PathAndQuery>();
    let mut pieces = uri.clone().into_parts();
    pieces.path_and_query = path_and_query.ok();
    Uri::from_parts(pieces).map_err(|_error| PathTrouble::Unreadable)
}

/// Tells whether a part is `.` or `..`, however it is written.
fn is_dots(part: &str) -> bool {
    let plain = part.replace("%2e", ".").replace("%2E", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(uri: &str) -> String {
        match plain(&uri.parse().unwrap()) {
            Ok(uri) => uri.to_string(),
            Err(trouble) => trouble.to_string(),
        }
    }

    #[test]
    fn a_path_is_the_same_with_and_without_api_and_with_slashes_doubled() {
        for (uri, expected) in [
            ("/v1/auth", "/v1/auth"),
            ("/api/v1/auth", "/v1/auth"),
            ("//api//v1/auth?x=//", "/v1/auth?x=//"),
            ("/api/api/v1", "/api/v1"),
            ("/", "/"),
            ("/api", "/"),
            ("/v1/auth/", "/v1/auth"),
            (
                "/resource-service/v1/project/p//resource/a%2Fb",
                "/resource-service/v1/project/p/resource/a%2Fb",
            ),
        ] {
            assert_eq!(told(uri), expected, "{uri}");
        }
    }

    #[test]
    fn a_path_that_climbs_is_refused() {
        for uri in ["/a/../b", "/a/%2e%2E", "/./a", "/a/.%2e/b"] {
            assert_eq!(told(uri), PathTrouble::Climbs.to_string(), "{uri}");
        }
        assert_eq!(told("/a/..b"), "/a/..b");
    }
}
