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
    let lines: String = signed
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let (path, query) = (canonical_path(url, key), canonical_query(url));
    let names = names(signed);
    format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{body_hash}")
}

/// Returns the path, whose segments are encoded twice but for S3.
fn canonical_path(url: &Url, key: &SigningKey) -> String {
    let segments = url.path().split('/').map(|segment| {
        let once = percent_encode(&percent_decode(segment));
        if key.service == "s3" {
            once
        } else {
            percent_encode(&once)
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
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
