//! AWS Signature Version 4: pure, so that it can be checked against the vectors that AWS publishes.
//!
//! The crates of AWS and of `reqsign` would bring a second set of HTTP types, clients and ciphers; the signature itself is
//! four keyed hashes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Request};
use ring::{digest, hmac};
use url::Url;

use super::auth::SigningKey;
use super::encode::percent_encode;
use super::settings::percent_decode;

/// The name of the method.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The time of the request.
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
/// The hash of the body, which S3 and `OpenSearch` Serverless insist on.
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");
/// The token of credentials that expire.
const SESSION_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Signs a request whose body is at hand. `None`: some text of the key cannot be put into a header.
pub(super) fn sign(request: &mut Request, key: &SigningKey, now: Timestamp) -> Option<()> {
    let body = request.body().and_then(Body::as_bytes).unwrap_or_default();
    let body_hash = hex(digest::digest(&digest::SHA256, body).as_ref());
    let time = now
        .to_zoned(TimeZone::UTC)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string();
    let headers = request.headers_mut();
    headers.insert(DATE, HeaderValue::from_str(&time).ok()?);
    headers.insert(CONTENT_HASH, HeaderValue::from_str(&body_hash).ok()?);
    if let Some(token) = &key.session_token {
        headers.insert(SESSION_TOKEN, sensitive(token.expose().trim())?);
    }
    let signed = signed_headers(request.headers(), request.url());
    let canonical = canonical(
        request.method().as_str(),
        request.url(),
        key,
        &signed,
        &body_hash,
    );
    let authorization = sensitive(&authorization(key, &time, &signed, &canonical))?;
    request.headers_mut().insert(AUTHORIZATION, authorization);
    Some(())
}

/// Returns the value of a header that must not be logged.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Returns the headers that are signed: the host, the type of the body, and all that belong to AWS.
fn signed_headers(headers: &HeaderMap, url: &Url) -> BTreeMap<String, String> {
    let mut signed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        let name = name.as_str();
        if name == "content-type" || name.starts_with("x-amz-") {
            let text = String::from_utf8_lossy(value.as_bytes());
            let words: Vec<&str> = text.split_whitespace().collect();
            signed
                .entry(name.to_owned())
                .or_default()
                .push(words.join(" "));
        }
    }
    let name = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    signed.insert(HOST.as_str().to_owned(), vec![host]);
    let joined = signed.into_iter();
    joined
        .map(|(name, values)| (name, values.join(",")))
        .collect()
}

/// Returns the request as it is hashed.
fn canonical(
    method: &str,
    url: &Url,
    key: &SigningKey,
    signed: &BTreeMap<String, String>,
    body_hash: &str,
) -> String {
    let lines = signed
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect::<Vec<_>>()
        .concat();
    let (path, query) = (canonical_path(url, key), canonical_query(url));
    let names = names(signed);
    format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{body_hash}")
}

/// Returns the path as it is sent, encoded once more; but for S3 it is encoded once in all.
fn canonical_path(url: &Url, key: &SigningKey) -> String {
    let segments = url.path().split('/').map(|segment| {
        if key.service == "s3" {
            percent_encode(&percent_decode(segment))
        } else {
            percent_encode(segment)
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Returns the parameters in order.
fn canonical_query(url: &Url) -> String {
    let query = url.query().unwrap_or_default();
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| {
            (
                percent_encode(&percent_decode(name)),
                percent_encode(&percent_decode(value)),
            )
        })
        .collect();
    pairs.sort();
    let pairs = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

/// Returns the names of headers as a list.
fn names(signed: &BTreeMap<String, String>) -> String {
    let names: Vec<&str> = signed.keys().map(String::as_str).collect();
    names.join(";")
}

/// Returns what stands in `Authorization`.
fn authorization(
    key: &SigningKey,
    time: &str,
    signed: &BTreeMap<String, String>,
    canonical: &str,
) -> String {
    let SigningKey {
        service,
        region,
        access_key_id,
        secret_access_key,
        session_token: _,
    } = key;
    let day = time.split('T').next().unwrap_or_default();
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let hash = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let to_sign = format!("{ALGORITHM}\n{time}\n{scope}\n{hash}");
    let first = format!("AWS4{}", secret_access_key.expose().trim());
    let steps = [day, region, service, "aws4_request", &to_sign];
    let signature = steps.iter().fold(first.into_bytes(), |key, step| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        hmac::sign(&key, step.as_bytes()).as_ref().to_vec()
    });
    let (names, signature) = (names(signed), hex(&signature));
    format!(
        "{ALGORITHM} Credential={access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
}

/// Writes bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use reqwest::header::CONTENT_TYPE;

    use super::*;
    use crate::net::Secret;

    const TIME: &str = "20150830T123600Z";

    fn key(service: &str, session_token: Option<&str>) -> SigningKey {
        SigningKey {
            service: service.to_owned(),
            region: "us-east-1".to_owned(),
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session_token: session_token.map(Secret::new),
        }
    }

    /// Signs as the suite of AWS does: without the hash of the body as a header.
    fn signature(method: &Method, target: &str, headers: &[(&str, &str)], body: &str) -> String {
        let url = Url::parse(&format!("https://example.amazonaws.com{target}")).unwrap();
        let mut map = HeaderMap::new();
        map.insert(DATE, HeaderValue::from_static(TIME));
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.insert(name, value.parse().unwrap());
        }
        let (key, signed) = (key("service", None), signed_headers(&map, &url));
        let body_hash = hex(digest::digest(&digest::SHA256, body.as_bytes()).as_ref());
        let canonical = canonical(method.as_str(), &url, &key, &signed, &body_hash);
        let authorization = authorization(&key, TIME, &signed, &canonical);
        let (_, signature) = authorization.split_once("Signature=").unwrap();
        signature.to_owned()
    }

    #[test]
    fn signatures_are_those_of_the_test_suite_of_aws() {
        for (name, target, expected) in [
            (
                "get-vanilla",
                "/",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "get-vanilla-query-order-key-case",
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "get-vanilla-query-order-encoded",
                "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
                "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
            ),
            (
                "get-vanilla-utf8-query",
                "/?\u{1234}=bar",
                "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
            ),
            (
                "get-vanilla-query-unreserved",
                "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
            ),
        ] {
            assert_eq!(signature(&Method::GET, target, &[], ""), expected, "{name}");
        }
        let form = [("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(
            signature(&Method::POST, "/", &form, "Param1=value1"),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            "post-x-www-form-urlencoded"
        );
        let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
        assert_eq!(
            signature(&Method::GET, "/", &[("x-amz-security-token", token)], ""),
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
            "get-vanilla-with-session-token"
        );
    }

    /// Signs a whole request; the expected values come from botocore 1.44.
    fn signed(url: &str, key: &SigningKey) -> Request {
        let mut request = Request::new(Method::POST, Url::parse(url).unwrap());
        *request.body_mut() = Some(Body::from(r#"{"q":"up"}"#));
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("x-amz-target", HeaderValue::from_static("a  b"));
        headers.insert("x-other", HeaderValue::from_static("is not signed"));
        sign(&mut request, key, "2015-08-30T12:36:00Z".parse().unwrap()).unwrap();
        request
    }

    #[test]
    fn a_whole_request_is_signed_as_botocore_signs_it() {
        let key = key("aps", Some("the/token\n"));
        let url =
            "http://127.0.0.1:8443/workspaces/ws-1/api/v1/query:poll%3D/a%20b?b=3&b=2%202&a=1";
        let request = signed(url, &key);
        assert_eq!(
            request.headers()[AUTHORIZATION],
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/aps/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target, Signature=e8ee8f406dc11f3aeb8c85c62231f5a3b308567e941ba2cb71dcfa5fecb65489"
        );
        assert_eq!(request.headers()[DATE], TIME);
        assert_eq!(request.headers()[SESSION_TOKEN], "the/token");
        assert!(request.headers()[SESSION_TOKEN].is_sensitive());
    }

    #[test]
    fn the_path_of_s3_is_encoded_only_once() {
        let request = signed(
            "http://127.0.0.1:8443/workspaces/ws-1/a%20b%3D",
            &key("s3", None),
        );
        let authorization = request.headers()[AUTHORIZATION].to_str().unwrap();
        let expected = "Signature=e15d449b69d6e42c0f60fcdae8db8ae23f463d7b5eac3a4d3bdf7071259bde4e";
        assert!(authorization.ends_with(expected), "{authorization}");
    }

    #[test]
    fn a_second_signature_replaces_the_first() {
        let key = key("aps", None);
        let mut request = signed("http://h/x", &key);
        let first = request.headers()[AUTHORIZATION].clone();
        sign(&mut request, &key, "2015-08-30T12:37:00Z".parse().unwrap()).unwrap();
        assert_ne!(request.headers()[AUTHORIZATION], first);
        assert_eq!(request.headers().get_all(AUTHORIZATION).iter().count(), 1);
        assert_eq!(request.headers().get_all(DATE).iter().count(), 1);
    }

    #[test]
    fn a_key_that_fits_into_no_header_is_refused() {
        let mut request = Request::new(Method::GET, Url::parse("http://h/x").unwrap());
        let key = key("aps", Some("a\nb"));
        assert_eq!(sign(&mut request, &key, Timestamp::UNIX_EPOCH), None);
    }
}
