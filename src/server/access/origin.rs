//! Pages of browsers: where no token is needed, a page must not be able to use the server behind its reader's back.
//!
//! A browser sends what any page asks it to, also to this machine, and a name that a page was loaded from may come to mean
//! this machine later. Both are told by headers that a page can't choose: `Host`, `Origin`, and `Sec-Fetch-Site`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::server::problem::Problem;
use crate::server::settings::Anonymous;

/// Refuses what a page of somebody else sends, where no token is needed. Whoever is no browser sends none of this but
/// `Host`.
pub(super) fn check(anonymous: Anonymous, request: &Request) -> Result<(), Problem> {
    if anonymous == Anonymous::Refused {
        return Ok(());
    }
    let headers = request.headers();
    let named = request.uri().authority().map(Authority::as_str);
    let hosts = headers.get_all(header::HOST).iter().map(text).chain(named);
    let hosts: Vec<&str> = hosts.collect();
    if hosts.iter().any(|host| !is_loopback(host)) {
        return Err(refused(
            "the server answers without a token, so it has to be called by a name or an address of this machine, such as localhost or 127.0.0.1, in the header Host; give it tokens to use another",
        ));
    }
    if is_cross_site(headers) || !is_same_origin(headers, hosts.last().copied()) {
        return Err(refused(
            "the server answers without a token, so it takes no requests that a page of another origin makes; give it tokens to use it from a page",
        ));
    }
    Ok(())
}

/// Tells whether a browser says that a page of another site asks.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let mut all = headers.get_all("sec-fetch-site").iter();
    all.any(|site| text(site).eq_ignore_ascii_case("cross-site"))
}

/// Tells whether every origin that is named is this server, as it was called.
fn is_same_origin(headers: &HeaderMap, host: Option<&str>) -> bool {
    let mut all = headers.get_all(header::ORIGIN).iter();
    all.all(|origin| {
        let called = text(origin).split_once("://").map(|(_, called)| called);
        called.is_some_and(|called| host.is_some_and(|host| called.eq_ignore_ascii_case(host)))
    })
}

/// Tells whether a host, with or without a port, is this machine.
fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    // A name before `@` is none of a host.
    if host.contains('@') {
        return false;
    }
    let name = authority.host();
    let inner = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    let address = match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().map(IpAddr::V6),
        None => name.parse::<Ipv4Addr>().map(IpAddr::V4),
    };
    address.map_or_else(
        |_no_address| name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        |address| address.is_loopback(),
    )
}

/// Returns a header as text; what is none is no name of this machine.
fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or("?")
}

/// Refuses a request.
fn refused(message: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, message)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    /// Tells whether a request with these headers is taken.
    fn is_taken(anonymous: Anonymous, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::post("/v1/event");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(anonymous, &request.body(Body::empty()).unwrap()).is_ok()
    }

    #[test]
    fn a_page_of_somebody_else_is_refused_and_whoever_is_no_browser_is_not() {
        for (headers, expected) in [
            (&[][..], true),
            (&[("host", "localhost:8080")], true),
            (&[("host", "LOCALHOST")], true),
            (&[("host", "127.8.0.1:1")], true),
            (&[("host", "[::1]:8080")], true),
            (&[("host", "evil.example")], false),
            (&[("host", "localhost.evil.example:8080")], false),
            (&[("host", "127.0.0.1.evil.example")], false),
            (&[("host", "localhost@evil.example")], false),
            (&[("host", "192.0.2.1:8080")], false),
            (&[("host", "[::2]")], false),
            (&[("host", "")], false),
            (&[("host", "localhost"), ("host", "evil.example")], false),
            (
                &[("host", "localhost:80"), ("origin", "http://localhost:80")],
                true,
            ),
            (
                &[("host", "localhost:80"), ("origin", "http://localhost:81")],
                false,
            ),
            (
                &[("host", "localhost:80"), ("origin", "http://evil.example")],
                false,
            ),
            (&[("host", "localhost:80"), ("origin", "null")], false),
            (&[("origin", "http://localhost")], false),
            (
                &[("host", "localhost"), ("sec-fetch-site", "cross-site")],
                false,
            ),
            (
                &[("host", "localhost"), ("sec-fetch-site", "same-origin")],
                true,
            ),
        ] {
            assert_eq!(
                is_taken(Anonymous::Allowed, headers),
                expected,
                "{headers:?}"
            );
            assert!(is_taken(Anonymous::Refused, headers), "{headers:?}");
        }
    }

    #[test]
    fn the_host_of_a_whole_uri_counts_too() {
        let request = Request::get("http://evil.example/v1/metadata");
        let request = request.header("host", "localhost");
        let request = request.body(Body::empty()).unwrap();
        let problem = check(Anonymous::Allowed, &request).unwrap_err();
        assert_eq!(problem.status, StatusCode::FORBIDDEN);
    }
}
