//! A secret in every form in which it could slip out.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// The name that goes with a password.
pub(super) const USER: &str = "ann";
/// Tokens that a provider may be given: a plain one, and one that looks different in every encoding.
pub(super) const TOKENS: [&str; 2] = ["T0kenPlain7Secret42Zq", "p@ss/w+rd %=é\"x&Kq9"];

/// Returns a token as it may stand in a URL.
pub(super) fn in_url(token: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let parts = token.bytes().map(|byte| match byte {
        kept if keep(kept) => char::from(kept).to_string(),
        other => format!("%{other:02X}"),
    });
    parts.collect()
}

/// Writes `%2f` for `%2F`.
fn lower(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push('%');
        text.push_str(&part[..2].to_lowercase());
        text.push_str(&part[2..]);
    }
    text
}

/// Returns a token as it may stand in JSON that is pure ASCII and whose slashes are escaped.
fn in_ascii_json(token: &str) -> String {
    let parts = token.chars().map(|c| match c {
        '/' | '"' => format!("\\{c}"),
        c if c.is_ascii() => c.to_string(),
        c => format!("\\u{:04x}", u32::from(c)),
    });
    parts.collect()
}

/// Returns a token as it may stand in a page.
fn in_html(token: &str) -> String {
    let escaped = token.replace('&', "&amp;").replace('/', "&#x2F;");
    escaped.replace('"', "&quot;").replace('é', "&#233;")
}

/// Returns the letters of base64 that a text comes to wherever in a longer one it stands, however that one goes on.
fn base64(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for before in 0..3 {
        let shifted = [&b"\0\0"[..before], text.as_bytes()].concat();
        for engine in [STANDARD, URL_SAFE] {
            let encoded = engine.encode(&shifted);
            let whole = shifted.len() * 4 / 3;
            all.push(encoded[(before * 4).div_ceil(3)..whole].to_owned());
        }
    }
    all
}

/// Returns every form in which a token may come back.
pub(super) fn forms(token: &str) -> Vec<String> {
    let encoded = in_url(token);
    let json = serde_json::Value::from(token).to_string();
    let inner = json.trim_matches('"').to_owned();
    let twice = serde_json::Value::from(inner.as_str()).to_string();
    let mut forms = vec![
        token.to_owned(),
        lower(&encoded),
        encoded.replace("%20", "+"),
        encoded.replace("%2F", "/"),
        encoded.replace('%', "%25"),
        encoded,
        inner,
        twice.trim_matches('"').to_owned(),
        in_ascii_json(token),
        in_html(token),
        token.escape_debug().to_string(),
        token.escape_default().to_string(),
    ];
    forms.extend(base64(token));
    forms.extend(base64(&format!("{USER}:{token}")));
    forms.extend(base64(&in_url(token)));
    forms
}

/// Fails if bytes hold a token in any form, or the beginning of one: excerpts are cut.
#[track_caller]
pub(super) fn clean(token: &str, what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for form in forms(token) {
        let many = form.chars().count() * 3 / 5;
        let beginning: String = form.chars().take(many).collect();
        let Some(at) = text.find(&beginning) else {
            continue;
        };
        let before: Vec<char> = text[..at].chars().rev().take(1500).collect();
        let before: String = before.into_iter().rev().collect();
        let line: String = text[at..].chars().take(500).collect();
        panic!("{what} shows {form}:\n{before}{line}");
    }
}
