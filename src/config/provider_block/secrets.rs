//! Which texts of an entry must never be shown.

use url::Url;

use crate::provider::Secret;

/// Shorter texts are no secrets that anybody could hide: to mask them would only make messages unreadable.
const SHORTEST: usize = 4;
/// The shortest line of a text with several lines, such as a key, that is masked alone.
const SHORTEST_LINE: usize = 8;

/// Variables whose values everybody may see.
const OPEN: [&str; 32] = [
    "PATH",
    "HOME",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SystemRoot",
    "TZ",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "PWD",
    "CI",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "PYTHONPATH",
    "NODE_EXTRA_CA_CERTS",
    "LOG_LEVEL",
];

/// What the names of secrets speak of.
const SPEAKING: [&str; 8] = [
    "auth",
    "token",
    "key",
    "secret",
    "cookie",
    "password",
    "passwd",
    "credential",
];

/// The secrets of an entry.
#[derive(Default)]
pub(in crate::config) struct Secrets(Vec<Secret>);

impl Secrets {
    /// Adds the value of a variable, unless everybody may see it.
    pub(super) fn add_variable(&mut self, name: &str, value: &str) {
        if OPEN.contains(&name) {
            self.add_userinfo(value);
        } else {
            self.add(value);
        }
    }

    /// Adds a text of the file that came from a variable, or whose name speaks of secrets.
    pub(super) fn add_written(&mut self, name: &str, raw: &str, value: &str) {
        if raw.contains("${") || speaks_of_secrets(name) {
            self.add(value);
        } else {
            self.add_userinfo(value);
        }
    }

    /// Returns all of them.
    pub(in crate::config) fn found(self) -> Vec<Secret> {
        self.0
    }

    /// Adds a secret; of a text with several lines each line, too.
    fn add(&mut self, value: &str) {
        if value.trim().len() < SHORTEST {
            return;
        }
        self.0.push(Secret::new(value));
        self.0.push(Secret::new(value.trim()));
        let lines = value.lines().map(str::trim);
        let lines = lines.filter(|line| line.len() >= SHORTEST_LINE && line.len() < value.len());
        self.0.extend(lines.map(Secret::new));
        self.add_userinfo(value);
    }

    /// Adds the password in a URL; also a user that comes without one, which is a token then.
    fn add_userinfo(&mut self, value: &str) {
        let Ok(url) = Url::parse(value) else {
            return;
        };
        let secret = match url.password() {
            Some(password) => password,
            None => url.username(),
        };
        if !secret.is_empty() {
            let decoded = percent_decoded(secret);
            self.0.push(Secret::new(secret));
            self.0.push(Secret::new(decoded));
        }
    }
}

/// Tells whether what has this name is a secret.
pub(super) fn speaks_of_secrets(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SPEAKING.iter().any(|word| name.contains(word))
}

/// Returns a text without `%XX`.
fn percent_decoded(text: &str) -> String {
    let pairs = format!("a={}", text.replace('+', "%2B"));
    let mut decoded = url::form_urlencoded::parse(pairs.as_bytes());
    decoded
        .next()
        .map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(add: impl Fn(&mut Secrets)) -> Vec<String> {
        let mut secrets = Secrets::default();
        add(&mut secrets);
        let mut texts: Vec<String> = secrets
            .found()
            .iter()
            .map(|secret| secret.expose().to_owned())
            .collect();
        texts.dedup();
        texts
    }

    #[test]
    fn variables_are_secrets_unless_everybody_knows_them() {
        assert_eq!(found(|s| s.add_variable("API_KEY", "abcd")), ["abcd"]);
        assert_eq!(found(|s| s.add_variable("PATH", "/usr/bin")), [""; 0]);
        assert_eq!(found(|s| s.add_variable("DEBUG", "1")), [""; 0]);
        assert_eq!(
            found(|s| s.add_variable("HTTPS_PROXY", "http://ann:p%40ss@proxy:3128")),
            ["p%40ss", "p@ss"]
        );
    }

    #[test]
    fn written_texts_are_secrets_where_a_variable_or_the_name_says_so() {
        assert_eq!(
            found(|s| s.add_written("a", "x${B}", "xsecret")),
            ["xsecret"]
        );
        assert_eq!(
            found(|s| s.add_written("apiKey", "abcdef", "abcdef")),
            ["abcdef"]
        );
        assert_eq!(
            found(|s| s.add_written("region", "eu-west", "eu-west")),
            [""; 0]
        );
    }

    #[test]
    fn each_line_of_a_key_is_a_secret() {
        let key = "-----BEGIN-----\nabcdefgh\nxyz\n";
        let found = found(|s| s.add_variable("KEY", key));
        assert_eq!(found, [key, key.trim(), "-----BEGIN-----", "abcdefgh"]);
    }
}
