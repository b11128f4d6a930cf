//! Takes known secrets out of text that comes from elsewhere: a server may echo what it was sent.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use url::form_urlencoded;

use super::auth::{Auth, ClientCredentials};
use super::encode::percent_encode;
use super::excerpt::excerpt;
use super::secret::Secret;
use super::settings::{ConnectionSettings, HeaderText};

/// What stands where a secret was.
const MASK: &str = "***";

/// How many secrets are remembered that came up after the start: tokens that replace one another.
const MOST_LEARNED: usize = 16;

/// Replaces every known secret, in each form in which it may come back, by `***`. Clones share what they know.
///
/// A secret of a single letter is masked wherever that letter stands, which makes a text unreadable: better than to
/// guess which of the letters is the secret. An empty one masks nothing.
#[derive(Clone, Default)]
pub struct Redactor {
    /// What to look for.
    known: Arc<RwLock<Known>>,
}

/// What to look for.
#[derive(Default)]
struct Known {
    /// The texts of the secrets that were known at the start.
    fixed: Vec<String>,
    /// The texts of each secret that came up later, the newest last.
    learned: VecDeque<Vec<String>>,
    /// All of them, the longest first, so that no part of a longer one is left over.
    needles: Vec<String>,
}

impl Known {
    /// Puts the longest needle first and drops the doubles.
    fn sort(&mut self) {
        let learned = self.learned.iter().flatten();
        let all = self.fixed.iter().chain(learned);
        self.needles = all.filter(|needle| !needle.is_empty()).cloned().collect();
        self.needles
            .sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.needles.dedup();
    }
}

impl Redactor {
    /// Makes a redactor that knows these secrets.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let forms = secrets
            .into_iter()
            .flat_map(|secret| forms(secret.expose()));
        Self::knowing(forms.collect())
    }

    /// Makes a redactor that knows every secret of a connection, also as the header that carries it.
    #[must_use]
    pub fn of(settings: &ConnectionSettings) -> Self {
        let mut needles = of_auth(&settings.auth);
        for (_, text) in &settings.headers {
            match text {
                HeaderText::Plain(_) => {}
                HeaderText::Secret(secret) => needles.extend(forms(secret.expose())),
            }
        }
        Self::knowing(needles)
    }

    /// Learns a secret that came up after the start. Of many, the oldest are forgotten.
    pub fn learn(&self, secret: &Secret) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.learned.len() >= MOST_LEARNED {
            known.learned.pop_front();
        }
        known.learned.push_back(forms(secret.expose()));
        known.sort();
    }

    /// Makes a redactor that looks for these texts.
    fn knowing(fixed: Vec<String>) -> Self {
        let mut known = Known {
            fixed,
            ..Known::default()
        };
        known.sort();
        Self {
            known: Arc::new(RwLock::new(known)),
        }
    }

    /// Returns the text with every secret replaced.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let known = self.read();
        let mut redacted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let mut needles = known.needles.iter();
            let found = needles.find_map(|needle| rest.strip_prefix(needle.as_str()));
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
        let longest = self.read().needles.first().map_or(0, String::len);
        let enough = limit.saturating_add(longest).saturating_add(1);
        let head = bytes.get(..enough).unwrap_or(bytes);
        excerpt(
            self.redact(&String::from_utf8_lossy(head)).as_bytes(),
            limit,
        )
    }

    /// Returns what is known. A thread that panicked has not left it half-written: it is replaced as a whole.
    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what to look for, given how a client proves who is asking.
fn of_auth(auth: &Auth) -> Vec<String> {
    match auth {
        Auth::None => Vec::new(),
        Auth::Basic { user, password } => of_pair(user, password),
        Auth::Bearer(secret)
        | Auth::Header { value: secret, .. }
        | Auth::QueryParameter { value: secret, .. } => forms(secret.expose()),
        Auth::OAuth2(client) => {
            let ClientCredentials {
                client_id,
                client_secret,
                ..
            } = client.as_ref();
            let mut needles = of_pair(client_id, client_secret);
            needles.extend(base64(&client.pair()));
            needles
        }
        Auth::SigV4(key) => {
            let secrets = [Some(&key.secret_access_key), key.session_token.as_ref()];
            let secrets = secrets.into_iter().flatten();
            secrets.flat_map(|secret| forms(secret.expose())).collect()
        }
    }
}

/// Returns what to look for where a name and a password go together.
fn of_pair(user: &str, password: &Secret) -> Vec<String> {
    let mut needles = forms(password.expose());
    needles.extend(base64(&format!("{user}:{}", password.expose())));
    needles
}

/// Returns a secret in plain, in base64, and as it looks in a URL, a form, or JSON; also without the white space around
/// it, which is not sent.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    let trimmed = Some(secret.trim()).filter(|trimmed| *trimmed != secret);
    for secret in [Some(secret), trimmed].into_iter().flatten() {
        if secret.is_empty() {
            continue;
        }
        let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        forms.push(form.replace('+', "%20"));
        forms.push(form);
        let encoded = percent_encode(secret);
        forms.push(lower_escapes(&encoded));
        forms.push(encoded);
        forms.extend(in_userinfo(secret));
        if let Ok(json) = serde_json::to_string(secret) {
            forms.push(json.trim_matches('"').to_owned());
        }
        forms.push(secret.to_owned());
        forms.extend(base64(secret));
    }
    forms
}

/// Writes `%2f` for `%2F`, as some servers echo it.
fn lower_escapes(encoded: &str) -> String {
    let mut lower = String::with_capacity(encoded.len());
    let mut escaped = 0;
    for c in encoded.chars() {
        escaped = if c == '%' { 3 } else { escaped };
        lower.push(if escaped > 0 {
            c.to_ascii_lowercase()
        } else {
            c
        });
        escaped = usize::saturating_sub(escaped, 1);
    }
    lower
}

/// Returns text in every common kind of base64.
fn base64(text: &str) -> impl Iterator<Item = String> {
    let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
    engines.map(|engine| engine.encode(text)).into_iter()
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
    use crate::net::{SigningKey, TokenUrl};

    #[test]
    fn a_secret_is_masked_in_every_form_in_which_it_may_come_back() {
        let secret = Secret::new("pa ss/w+\"ü");
        let redactor = Redactor::new([&secret]);
        for form in [
            "pa ss/w+\"ü".to_owned(),
            "pa+ss%2Fw%2B%22%C3%BC".to_owned(),
            "pa%20ss%2Fw%2B%22%C3%BC".to_owned(),
            "pa%20ss%2Fw+%22%C3%BC".to_owned(),
            "pa%20ss%2fw%2b%22%c3%bc".to_owned(),
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
    fn every_secret_of_every_kind_of_credentials_is_masked() {
        let token_url = TokenUrl::parse("https://h/token").unwrap();
        let client = ClientCredentials::new(token_url, "me", Secret::new("hush/1"));
        let key = SigningKey {
            service: "aps".to_owned(),
            region: "eu-central-1".to_owned(),
            access_key_id: "AKID".to_owned(),
            secret_access_key: Secret::new("hush/2"),
            session_token: Some(Secret::new("hush/3")),
        };
        let parameter = Auth::QueryParameter {
            name: "key".to_owned(),
            value: Secret::new("hush/4"),
        };
        let header = Auth::Header {
            name: "Authorization".to_owned(),
            scheme: Some("Api-Token".to_owned()),
            value: Secret::new(" hush/5\n"),
        };
        for (auth, echo, expected) in [
            (
                Auth::OAuth2(Box::new(client)),
                format!("hush/1 hush%2F1 {}", STANDARD.encode("me:hush%2F1")),
                "*** *** ***",
            ),
            (
                Auth::SigV4(key),
                "AKID hush/2 hush%2f3".to_owned(),
                "AKID *** ***",
            ),
            (parameter, "?key=hush%2F4".to_owned(), "?key=***"),
            (header, "Api-Token hush/5".to_owned(), "Api-Token ***"),
        ] {
            let mut settings = ConnectionSettings::parse("http://host").unwrap();
            settings.auth = auth;
            assert_eq!(Redactor::of(&settings).redact(&echo), expected);
        }
    }

    #[test]
    fn what_is_learned_is_known_to_every_clone_and_the_oldest_is_forgotten() {
        let redactor = Redactor::new([&Secret::new("fixed")]);
        let clone = redactor.clone();
        redactor.learn(&Secret::new("token-first"));
        assert_eq!(clone.redact("token-first, fixed"), "***, ***");
        for number in 0..MOST_LEARNED {
            redactor.learn(&Secret::new(format!("later-{number}-")));
        }
        assert_eq!(clone.redact("token-first"), "token-first");
        assert_eq!(clone.redact("later-0- later-15- fixed"), "*** *** ***");
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
