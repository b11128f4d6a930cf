//! Links on the page of a GitLab job: to what the job wrote, named by the verdict.

use serde_json::json;

use super::headline::headline;
use super::{Account, pretty};

/// Writes an evaluation; no links where nobody knows where the job can be seen.
pub(super) fn write(account: &Account<'_>) -> String {
    let url = account.job.and_then(|job| job.url.as_deref());
    let url = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    let Some(url) = url else {
        return pretty(&json!({}));
    };
    let label = format!("Files of the job: {}", headline(account.record));
    let url = format!("{}/artifacts/browse", url.trim_end_matches('/'));
    pretty(&json!({
        "Quality gate": [{"external_link": {"label": label, "url": url}}],
    }))
}
