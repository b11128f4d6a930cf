//! Addresses that a page may lead to.

use url::Url;

/// An address of the web. There is no way to make one of `javascript:` or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link(Url);

impl Link {
    /// The longest address that is taken for one.
    const LONGEST: usize = 2000;

    /// Takes an address with `http` or `https` and without a password; `None` for any other text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > Self::LONGEST {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        let is_public = url.username().is_empty() && url.password().is_none();
        (is_web && is_public).then_some(Self(url))
    }

    /// Returns the address.
    pub(super) fn address(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_linked() {
        let link = |text| Link::parse(text).map(|link| link.address().to_owned());
        assert_eq!(
            link("https://ci.example/job/1?a=b&c=\"d\""),
            Some("https://ci.example/job/1?a=b&c=%22d%22".to_owned())
        );
        for text in [
            "javascript:alert(1)",
            " \tjavascript:alert(1)",
            "JAVASCRIPT://example.org/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "//example.org",
            "ci.example/job/1",
            "https://ann:secret@ci.example/",
            "",
        ] {
            assert_eq!(link(text), None, "{text}");
        }
    }
}
