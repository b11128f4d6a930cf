//! Names that stay the same from run to run, made from what they stand for.

use ring::digest::{Context, SHA256};
use uuid::{Builder, Uuid};

use crate::gate::Record;

/// Returns a fingerprint of these texts, in hexadecimal: the same texts in the same order, the same fingerprint.
pub(super) fn of(parts: &[&str]) -> String {
    hexadecimal(&digest(parts))
}

/// Returns a fingerprint of something about the series of an evaluation, such as one of its objectives.
pub(super) fn in_series(record: &Record, kind: &str, name: &str) -> String {
    let series = &record.series;
    of(&[
        series.project.as_str(),
        series.stage.as_str(),
        series.service.as_str(),
        kind,
        name,
    ])
}

/// Returns a UUID (version 8, its bits are our own) of these texts.
pub(super) fn uuid(parts: &[&str]) -> Uuid {
    Builder::from_custom_bytes(digest(parts)).into_uuid()
}

/// Returns the SHA-256 of a text, in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    let digest = ring::digest::digest(&SHA256, text.as_bytes());
    hexadecimal(digest.as_ref())
}

/// Prints bytes.
fn hexadecimal(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// Digests texts. Each is preceded by its length, so that no two lists of texts are the same bytes.
fn digest(parts: &[&str]) -> [u8; 16] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        context.update(&length.to_be_bytes());
        context.update(part.as_bytes());
    }
    let whole = context.finish();
    let mut start = [0; 16];
    for (to, from) in start.iter_mut().zip(whole.as_ref()) {
        *to = *from;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_tells_apart_where_texts_end() {
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["a"]), of(&["a"]));
        assert_eq!(of(&["a"]).len(), 32);
        assert_eq!(uuid(&["a"]).get_version_num(), 8);
    }

    #[test]
    fn a_digest_is_the_known_one() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(""), empty);
    }
}
