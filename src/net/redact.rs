//! Takes known secrets out of text that comes from elsewhere: a server may echo what it was sent.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::auth::{Auth, ClientCredentials};
use super::disguise::{End, base64, matched, spelled};
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
    /// What was known at the start.
    fixed: Needles,
    /// What belongs to each secret that came up later, the newest last.
    learned: VecDeque<Needles>,
}

/// What to look for because of some secrets.
#[derive(Default)]
struct Needles {
    /// The secrets themselves, however their letters are written.
    secrets: Vec<String>,
    /// What they come to in base64.
    pieces: Vec<String>,
}

impl Needles {
    /// Adds a secret, also without the white space around it, which is not sent.
    fn add(&mut self, secret: &str) {
        let trimmed = Some(secret.trim()).filter(|trimmed| *trimmed != secret);
        for secret in [Some(secret), trimmed].into_iter().flatten() {
            if !secret.is_empty() {
                self.secrets.push(secret.to_owned());
                self.secrets.extend(as_host(secret));
                self.pieces.extend(base64(secret));
            }
        }
    }

    /// Adds a name and the password that goes with it. A name that goes alone is a token: some servers want it there.
    fn add_pair(&mut self, user: &str, password: &Secret) {
        if password.expose().is_empty() {
            self.add(user);
        }
        self.add(password.expose());
        self.pieces
            .extend(base64(&format!("{user}:{}", password.expose())));
    }

    /// Returns the longest of what stands at the start of a text.
    fn at_start(&self, text: &str, end: End) -> Option<usize> {
        let secrets = self.secrets.iter();
        let spelled = secrets.filter_map(|secret| spelled(text, secret, end));
        let pieces = self.pieces.iter();
        spelled
            .chain(pieces.filter_map(|piece| matched(text, piece, end)))
            .max()
    }

    /// Returns the bytes that something to look for may start with.
    fn starts(&self) -> impl Iterator<Item = u8> {
        let all = self.secrets.iter().chain(&self.pieces);
        let plain = all.filter_map(|needle| needle.bytes().next());
        plain.chain(*b"%&\\+")
    }

    /// Returns the length of the longest.
    fn longest(&self) -> usize {
        let all = self.secrets.iter().chain(&self.pieces);
        all.map(String::len).max().unwrap_or_default()
    }
}

impl Known {
    /// Returns the longest of what stands at the start of a text, so that no part of a longer one is left over.
    fn at_start(&self, text: &str, end: End) -> Option<usize> {
        let all = self.all();
        all.filter_map(|needles| needles.at_start(text, end)).max()
    }

    /// Returns everything.
    fn all(&self) -> impl Iterator<Item = &Needles> {
        std::iter::once(&self.fixed).chain(&self.learned)
    }
}

impl Redactor {
    /// Makes a redactor that knows these secrets.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut needles = Needles::default();
        for secret in secrets {
            needles.add(secret.expose());
        }
        Self::knowing(needles)
    }

    /// Makes a redactor that knows every secret of a connection, also as the header that carries it.
    #[must_use]
    pub fn of(settings: &ConnectionSettings) -> Self {
        let mut needles = of_auth(&settings.auth);
        for (_, text) in &settings.headers {
            match text {
                HeaderText::Plain(_) => {}
                HeaderText::Secret(secret) => needles.add(secret.expose()),
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
        let mut needles = Needles::default();
        needles.add(secret.expose());
        known.learned.push_back(needles);
    }

    /// Makes a redactor that looks for these.
    fn knowing(fixed: Needles) -> Self {
        let learned = VecDeque::new();
        Self {
            known: Arc::new(RwLock::new(Known { fixed, learned })),
        }
    }

    /// Returns the text with every secret replaced.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.redact_to(text, End::Whole)
    }

    /// Returns the text with every secret replaced, and the beginning of one where the text was cut.
    fn redact_to(&self, text: &str, end: End) -> String {
        let known = self.read();
        let starts: HashSet<u8> = known.all().flat_map(Needles::starts).collect();
        let may_start = |rest: &str| rest.bytes().next().is_some_and(|b| starts.contains(&b));
        let mut redacted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let candidate = may_start(rest).then(|| known.at_start(rest, end));
            if let Some(length) = candidate.flatten() {
                redacted.push_str(MASK);
                rest = rest.get(length..).unwrap_or_default();
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
        let longest = self.read().all().map(Needles::longest).max();
        let enough = limit.saturating_add(longest.unwrap_or_default().saturating_add(1));
        let Some(head) = bytes.get(..enough).filter(|head| head.len() < bytes.len()) else {
            let text = self.redact(&String::from_utf8_lossy(bytes));
            return excerpt(text.as_bytes(), limit);
        };
        let head = String::from_utf8_lossy(head);
        let mut text = self.redact_to(head.trim_end_matches('\u{fffd}'), End::Cut);
        if text.len() <= limit {
            // So much was masked that it fits, but it is not all.
            text.push('…');
        }
        excerpt(text.as_bytes(), limit)
    }

    /// Returns what is known. A thread that panicked has not left it half-written: it is replaced as a whole.
    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what a URL makes of a secret in its host: in small letters, and letters beyond ASCII in Punycode.
fn as_host(secret: &str) -> impl Iterator<Item = String> {
    let lower = secret.to_lowercase();
    let parsed = url::Host::parse(secret).map(|host| host.to_string());
    let parsed = parsed.ok().filter(|host| *host != lower);
    let all = [Some(lower), parsed].into_iter().flatten();
    all.filter(move |host| host != secret)
}

/// Returns what to look for, given how a client proves who is asking.
fn of_auth(auth: &Auth) -> Needles {
    let mut needles = Needles::default();
    match auth {
        Auth::None => {}
        Auth::Basic { user, password } => needles.add_pair(user, password),
        Auth::Bearer(secret)
        | Auth::Header { value: secret, .. }
        | Auth::QueryParameter { value: secret, .. } => needles.add(secret.expose()),
        Auth::OAuth2(client) => {
            let ClientCredentials {
                client_id,
                client_secret,
                ..
            } = client.as_ref();
            needles.add_pair(client_id, client_secret);
            needles.pieces.extend(base64(&client.pair()));
        }
        Auth::SigV4(key) => {
            let secrets = [Some(&key.secret_access_key), key.session_token.as_ref()];
            for secret in secrets.into_iter().flatten() {
                needles.add(secret.expose());
            }
        }
    }
    needles
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

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
        let many = "hunter2 ".repeat(20);
        for limit in 0..60 {
            let shown = redactor.excerpt(many.as_bytes(), limit);
            assert!(!shown.contains("hu"), "{limit} {shown}");
        }
    }

    #[test]
    fn a_secret_in_the_host_of_a_url_is_masked_as_the_url_writes_it() {
        let redactor = Redactor::new([&Secret::new("S3creT-Part"), &Secret::new("Geheimnüß")]);
        for url in [
            "https://S3creT-Part.hooks.example/x",
            "https://S3%63reT-Part.hooks.example/x",
            "https://x/?y=S3%63reT%2DPart",
            "https://Geheimnüß/x",
        ] {
            let written = url::Url::parse(url).unwrap().to_string();
            let told = redactor.redact(&written);
            assert!(told.contains("***"), "{told}");
            assert!(!told.contains("s3cret") && !told.contains("xn--"), "{told}");
        }
        let told = redactor.redact("s3%63ret-part S3CRET");
        assert_eq!(told, "*** S3CRET");
    }

    #[test]
    fn an_empty_secret_masks_nothing() {
        assert_eq!(Redactor::new([&Secret::new("")]).redact("text"), "text");
        assert_eq!(Redactor::default().redact("téxt"), "téxt");
    }
}
