//! Where a stream is: `nats://[USER[:PASSWORD]@]HOST[:PORT][,HOST…][/STREAM][?replicas=N&domain=NAME]`.

use crate::net::Secret;

/// The stream where none is named.
const STREAM: &str = "tidegate";
/// The most copies that JetStream keeps of a stream.
const MOST_REPLICAS: u8 = 5;

/// Where a stream is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The servers as `HOST[:PORT]`; none where a context of the `nats` program is to say.
    pub servers: Vec<String>,
    /// The name of the stream.
    pub stream: String,
    /// How many servers keep a copy of it, when it is made.
    pub replicas: u8,
    /// The domain of `JetStream`, where it is not that of the server.
    pub domain: Option<String>,
    /// Whether the connection must be encrypted.
    pub encryption: Encryption,
    /// Who asks, where the URL says so.
    pub user: Option<UrlUser>,
}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Always.
    Required,
    /// If the server wants it.
    AsTheServerWants,
}

/// Who asks, as a URL says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UrlUser {
    /// A name and a password.
    Named(String, Secret),
    /// One word.
    Token(Secret),
}

/// The URL of a stream can't be understood. It is not shown: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Hosts that are none.
    #[error("`{host}` is no host of a NATS server; write `nats://HOST[:PORT]/STREAM`")]
    Host {
        /// What stands there.
        host: String,
    },
    /// A name that no stream can have.
    #[error(
        "`{stream}` can't be the name of a stream: it is one word of letters, digits, `-` and `_`"
    )]
    Stream {
        /// What stands there.
        stream: String,
    },
    /// A parameter that nobody knows.
    #[error("nobody knows the parameter `{name}` of a NATS log; known are `replicas` and `domain`")]
    Parameter {
        /// Its name.
        name: String,
    },
    /// A number of copies that is none.
    #[error("`replicas` of a NATS log is a number from 1 to {MOST_REPLICAS}")]
    Replicas,
    /// A domain that is none.
    #[error("`domain` of a NATS log is one word of letters, digits, `-` and `_`")]
    Domain,
}

impl Place {
    /// Reads a URL.
    pub(super) fn parse(url: &str) -> Result<Self, PlaceError> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("nats", url));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        // A password may hold a slash.
        let (user, rest) = match rest.rsplit_once('@') {
            Some((user, after)) => (Some(user), after),
            None => (None, rest),
        };
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut place = Self {
            servers: servers(hosts)?,
            stream: stream(path.trim_end_matches('/'))?,
            replicas: 1,
            domain: None,
            encryption: if scheme.eq_ignore_ascii_case("tls") {
                Encryption::Required
            } else {
                Encryption::AsTheServerWants
            },
            user: user.and_then(UrlUser::parse),
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            place.set(&name, &value)?;
        }
        Ok(place)
    }

    /// Takes a parameter.
    fn set(&mut self, name: &str, value: &str) -> Result<(), PlaceError> {
        match name {
            "replicas" => {
                let number = value
                    .parse()
                    .ok()
                    .filter(|n| (1..=MOST_REPLICAS).contains(n));
                self.replicas = number.ok_or(PlaceError::Replicas)?;
            }
            "domain" if is_word(value) => self.domain = Some(value.to_owned()),
            "domain" => return Err(PlaceError::Domain),
            _ => {
                return Err(PlaceError::Parameter {
                    name: name.to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl UrlUser {
    /// Reads what stands before the `@`.
    fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some((name, password)) => Some(Self::Named(
                percent_decode(name),
                Secret::new(percent_decode(password)),
            )),
            None if text.is_empty() => None,
            None => Some(Self::Token(Secret::new(percent_decode(text)))),
        }
    }
}

/// Splits a list of hosts.
fn servers(hosts: &str) -> Result<Vec<String>, PlaceError> {
    let hosts = hosts
        .split(',')
        .map(str::trim)
        .filter(|host| !host.is_empty());
    hosts
        .map(|host| {
            let parsed = url::Url::parse(&format!("nats://{host}"));
            let is_host = parsed.is_ok_and(|url| url.has_host() && url.path().len() <= 1);
            is_host
                .then(|| host.to_owned())
                .ok_or_else(|| PlaceError::Host {
                    host: host.to_owned(),
                })
        })
        .collect()
}

/// Takes the name of a stream.
fn stream(path: &str) -> Result<String, PlaceError> {
    let path = percent_decode(path);
    if path.is_empty() {
        return Ok(STREAM.to_owned());
    }
    if !is_word(&path) {
        return Err(PlaceError::Stream { stream: path });
    }
    Ok(path)
}

/// Tells whether a text can be a name in JetStream, on any system.
fn is_word(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Turns `%41` into `A`.
fn percent_decode(text: &str) -> String {
    // A plus is a plus here, other than in a form.
    let text = text
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Place {
        Place::parse(url).unwrap()
    }

    #[test]
    fn a_url_names_servers_and_a_stream() {
        let place = parse("nats://a:4222,b/GATE?replicas=3&domain=hub");
        assert_eq!(place.servers, ["a:4222", "b"]);
        assert_eq!(place.stream, "GATE");
        assert_eq!((place.replicas, place.domain.as_deref()), (3, Some("hub")));
        assert_eq!(place.encryption, Encryption::AsTheServerWants);
        let short = parse("tls://[::1]:4222");
        assert_eq!(
            (short.servers, short.stream.as_str()),
            (vec!["[::1]:4222".to_owned()], "tidegate")
        );
        assert_eq!(short.encryption, Encryption::Required);
        assert!(parse("nats:///gate").servers.is_empty());
    }

    #[test]
    fn a_user_may_stand_in_the_url_and_is_not_shown() {
        let named = |name: &str, password: &str| {
            Some(UrlUser::Named(name.to_owned(), Secret::new(password)))
        };
        assert_eq!(
            parse("nats://ann:s%2Fe+c&r@t=@h/x").user,
            named("ann", "s/e+c&r@t=")
        );
        assert_eq!(parse("nats://ann:a/b@h/x").user, named("ann", "a/b"));
        assert_eq!(
            parse("nats://tok@h").user,
            Some(UrlUser::Token(Secret::new("tok")))
        );
        assert_eq!(parse("nats://@h").user, None);
        assert!(!format!("{:?}", parse("nats://ann:secret@h/x")).contains("secret"));
    }

    #[test]
    fn what_can_be_no_stream_is_refused_with_the_reason() {
        for (url, problem) in [
            ("nats://h/a.b", "`a.b` can't be the name of a stream"),
            ("nats://h/a/b", "`a/b` can't be the name of a stream"),
            ("nats://h:x/a", "`h:x` is no host of a NATS server"),
            ("nats://h/a?x=1", "nobody knows the parameter `x`"),
            (
                "nats://h/a?replicas=0",
                "`replicas` of a NATS log is a number from 1 to 5",
            ),
            (
                "nats://h/a?domain=a.b",
                "`domain` of a NATS log is one word",
            ),
        ] {
            let error = Place::parse(url).unwrap_err().to_string();
            assert!(error.starts_with(problem), "{error}");
        }
    }
}
