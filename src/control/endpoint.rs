//! Where the API is, as users write it.

use crate::net::{ConnectionSettings, UrlError};

/// Where Keptn's gateway has the API.
const API: &str = "/api";

/// Reads the URL of an API: `https://HOST/api`, with whatever path stands before. A URL without a path gets `/api`, as
/// in Keptn's own command line.
pub fn connection(url: &str) -> Result<ConnectionSettings, UrlError> {
    let settings = ConnectionSettings::parse(url)?;
    if !matches!(settings.url().path(), "" | "/") {
        return Ok(settings);
    }
    ConnectionSettings::parse(&format!("{}{API}", url.trim().trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_path_gets_that_of_the_api() {
        for (written, meant) in [
            ("https://keptn.example", "https://keptn.example/api"),
            ("https://keptn.example/", "https://keptn.example/api"),
            ("https://keptn.example/api/", "https://keptn.example/api"),
            ("keptn.example:8443", "https://keptn.example:8443/api"),
            ("http://h/team/keptn/api", "http://h/team/keptn/api"),
            ("http://h/elsewhere", "http://h/elsewhere"),
            ("https://ann:s3cret@h", "https://h/api"),
        ] {
            assert_eq!(connection(written).unwrap().redacted_url(), meant);
        }
        assert!(connection("https://h/api?token=x").is_err());
        assert!(connection("ftp://h").is_err());
    }
}
