//! Takes known secrets out of text that comes from elsewhere: a server may echo what it was sent.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use url::form_urlencoded;

use super::excerpt::excerpt;
#[cfg(test)]
use super::secret::Secret;
use super::settings::{Auth, ConnectionSettings, HeaderText};

/// What stands where a secret was.
const MASK: &str = "***";

/// Replaces every known secret, in each form in which it may come back, by `***`.
#[derive(Clone, Default)]
pub struct Redactor {
    /// The texts to look for, the longest first, so that no part of a longer one is left over.
    needles: Vec<String>,
}

impl Redactor {
    /// Makes a redactor that knows these secrets.
    #[cfg(test)]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut redactor = Self::default();
        for secret in secrets {
            redactor.add(secret.expose());
        }
        redactor.sort();
        redactor
    }

    /// Makes a redactor that knows every secret of a connection, also as the header that carries it.
    #[must_use]
    pub fn of(settings: &ConnectionSettings) -> Self {
        let mut redactor = Self::default();
        match &settings.auth {
            Auth::None => {}
            Auth::Basic { user, password } => {
                redactor.add(password.expose());
                redactor.add_base64(&format!("{user}:{}", password.expose()));
            }
            Auth::Bearer(token) => redactor.add(token.expose()),
        }
        for (_, text) in &settings.headers {
            match text {
                HeaderText::Plain(_) => {}
                HeaderText::Secret(secret) => redactor.add(secret.expose()),
            }
        }
        redactor.sort();
        redactor
    }

    /// Returns the text with every secret replaced.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let found = self
                .needles
                .iter()
                .find_map(|needle| rest.strip_prefix(needle.as_str()));
            if let Some(behind) = found {
                redacted.push_str(MASK);
                rest = behind;
            } else {
                redacted.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
        redacted
    }

    /// Returns the first `limit` bytes as one safe line, as [`excerpt`] does, with every secret replaced, also one that
    /// the cut would have torn apart.
    #[must_use]
    pub fn excerpt(&self, bytes: &[u8], limit: usize) -> String {
        let longest = self.needles.first().map_or(0, String::len);
        let enough = limit.saturating_add(longest).saturating_add(1);
        let head = bytes.get(..enough).unwrap_or(bytes);
        excerpt(
            self.redact(&String::from_utf8_lossy(head)).as_bytes(),
            limit,
        )
    }

    /// Learns a secret in plain, in base64, and as it looks in a URL, a form, or JSON.
    fn add(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        self.needles.push(form.replace('+', "%20"));
        self.needles.push(form);
        self.needles.extend(in_userinfo(secret));
        if let Ok(json) = serde_json::to_string(secret) {
            self.needles.push(json.trim_matches('"').to_owned());
        }
        self.needles.push(secret.to_owned());
        self.add_base64(secret);
    }

    /// Learns text in every common kind of base64.
    fn add_base64(&mut self, text: &str) {
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            self.needles.push(engine.encode(text));
        }
    }

    /// Puts the longest needle first and drops the doubles.
    fn sort(&mut self) {
        self.needles.retain(|needle| !needle.is_empty());
        self.needles
            .sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.needles.dedup();
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

/// Returns a password as it is written in front of the `@` of a URL.
fn in_userinfo(secret: &str) -> Option<String> {
    let mut url = url::Url::parse("http://host").ok()?;
    url.set_password(Some(secret)).ok()?;
    url.password().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_in_every_form_in_which_it_may_come_back() {
        let secret = Secret::new("pa ss/w+\"ü");
        let redactor = Redactor::new([&secret]);
        for form in [
            "pa ss/w+\"ü".to_owned(),
            "pa+ss%2Fw%2B%22%C3%BC".to_owned(),
            "pa%20ss%2Fw%2B%22%C3%BC".to_owned(),
            "pa%20ss%2Fw+%22%C3%BC".to_owned(),
            "pa ss/w+\\\"ü".to_owned(),
            STANDARD.encode(secret.expose()),
            URL_SAFE_NO_PAD.encode(secret.expose()),
        ] {
            assert_eq!(redactor.redact(&format!("<{form}>")), "<***>", "{form}");
        }
    }

    #[test]
    fn the_basic_header_is_masked_whole() {
        let mut settings = ConnectionSettings::parse("http://host").unwrap();
        settings.auth = Auth::Basic {
            user: "ann".to_owned(),
            password: Secret::new("pw"),
        };
        let echoed = format!("got Basic {}", STANDARD.encode("ann:pw"));
        assert_eq!(Redactor::of(&settings).redact(&echoed), "got Basic ***");
    }

    #[test]
    fn the_longer_of_two_secrets_wins_and_the_mask_is_not_scanned_again() {
        let (short, long) = (Secret::new("abc"), Secret::new("abcdef"));
        let star = Secret::new("*");
        let redactor = Redactor::new([&short, &long, &star]);
        assert_eq!(redactor.redact("x abcdef y abc z *"), "x *** y *** z ***");
    }

    #[test]
    fn a_secret_that_the_cut_would_tear_apart_is_masked() {
        let redactor = Redactor::new([&Secret::new("hunter2")]);
        assert_eq!(redactor.excerpt(b"pw hunter2 and more", 6), "pw ***…");
        assert_eq!(redactor.excerpt(b"pw hunter2", 100), "pw ***");
    }

    #[test]
    fn an_empty_secret_masks_nothing() {
        assert_eq!(Redactor::new([&Secret::new("")]).redact("text"), "text");
        assert_eq!(Redactor::default().redact("téxt"), "téxt");
    }
}
