//! Commits as `git fast-import` reads them.

use super::repository::Change;

/// Who makes the commits, as in Keptn.
const AUTHOR: &str = "keptn <keptn@keptn.sh>";

/// Returns the name under which a commit stands until it is the newest of its branch.
#[must_use]
pub fn draft(index: usize) -> String {
    format!("refs/tidegate/new/{index}")
}

/// Returns what makes one commit for each change, on top of the newest of its branch, where `exists` says there is one.
#[must_use]
pub fn stream(changes: &[Change], exists: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut stream = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let line = |stream: &mut Vec<u8>, text: String| {
            stream.extend_from_slice(text.as_bytes());
            stream.push(b'\n');
        };
        line(&mut stream, format!("commit {}", draft(index)));
        line(
            &mut stream,
            format!("committer {AUTHOR} {} +0000", change.time.as_second()),
        );
        data(&mut stream, change.message.as_bytes());
        if exists(&change.branch) {
            line(&mut stream, format!("from refs/heads/{}^0", change.branch));
        }
        for edit in &change.edits {
            let path = quote(&edit.path);
            if let Some(content) = &edit.content {
                line(&mut stream, format!("M 100644 inline {path}"));
                data(&mut stream, content);
            } else {
                line(&mut stream, format!("D {path}"));
            }
        }
        line(&mut stream, String::new());
    }
    stream.extend_from_slice(b"done\n");
    stream
}

/// Writes bytes, with their number before them.
fn data(stream: &mut Vec<u8>, content: &[u8]) {
    stream.extend_from_slice(format!("data {}\n", content.len()).as_bytes());
    stream.extend_from_slice(content);
    stream.push(b'\n');
}

/// Quotes a path; it has no control characters and no backslash, see `ResourceUri`.
fn quote(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}
