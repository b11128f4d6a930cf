//! A line for curl, as the first version of webhooks had them: read as a request. No curl is called, and no shell.

use crate::sequence::{WebhookMethod, WebhookRequest};
use crate::spec::problem::quoted;

/// A line can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CurlError {
    /// What is wrong with it.
    pub(super) message: String,
    /// What to do.
    pub(super) hint: String,
}

impl CurlError {
    /// Makes one.
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// Reads a line.
pub(super) fn parse(line: &str) -> Result<WebhookRequest, CurlError> {
    let mut words = words(line)?.into_iter();
    if words.next().as_deref() != Some("curl") {
        return Err(CurlError::new(
            "a request that is a text must begin with `curl`",
            "write a mapping with `url`, `method`, `headers` and `payload`",
        ));
    }
    let mut draft = Draft::default();
    while let Some(word) = words.next() {
        let Some(option) = Word::of(&word) else {
            set_url(&mut draft.request, word)?;
            continue;
        };
        let Word { name, joined } = option;
        let mut value = || {
            let missing =
                || CurlError::new(format!("{} has no value", quoted(name)), "complete it");
            joined
                .map(str::to_owned)
                .or_else(|| words.next())
                .ok_or_else(missing)
        };
        match name {
            "-X" | "--request" => draft.method = Some(method_of(&value()?)?),
            "-H" | "--header" => draft.request.headers.push(header_of(&value()?)?),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" => {
                draft.add_data(name, &value()?)?;
            }
            "--url" => set_url(&mut draft.request, value()?)?,
            "-I" | "--head" => draft.method = Some(WebhookMethod::Head),
            _ => {
                if let Some(timeout) = timeout_of(name, value)? {
                    draft.request.timeout_ms = Some(timeout);
                }
            }
        }
    }
    draft.complete()
}

/// A request while its options are read.
#[derive(Default)]
struct Draft {
    /// What is known of it.
    request: WebhookRequest,
    /// The method that an option names.
    method: Option<WebhookMethod>,
    /// Whether an option gave it data.
    has_data: bool,
}

impl Draft {
    /// Adds data to what is sent; a file is refused.
    fn add_data(&mut self, option: &str, data: &str) -> Result<(), CurlError> {
        if data.starts_with('@') && option != "--data-raw" {
            return Err(CurlError::new(
                "a webhook can't send a file",
                "write out what is sent",
            ));
        }
        if self.has_data {
            self.request.payload.push('&');
        }
        self.request.payload.push_str(data);
        self.has_data = true;
        Ok(())
    }

    /// Returns the request, with the method and the type of data that curl takes where no option names one.
    fn complete(self) -> Result<WebhookRequest, CurlError> {
        let Self {
            mut request,
            method,
            has_data,
        } = self;
        if request.url.is_empty() {
            return Err(CurlError::new(
                "the request has no URL",
                "name one behind the options",
            ));
        }
        let by_data = if has_data {
            WebhookMethod::Post
        } else {
            WebhookMethod::Get
        };
        request.method = method.unwrap_or(by_data);
        let has_type = request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if has_data && !has_type {
            let form = (
                "Content-Type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            );
            request.headers.push(form);
        }
        Ok(request)
    }
}

/// Reads the options beside a request: how many milliseconds it may take, where they say so.
pub(super) fn parse_options(line: &str) -> Result<Option<u64>, CurlError> {
    let mut words = words(line)?.into_iter();
    let mut timeout = None;
    while let Some(word) = words.next() {
        let Some(Word { name, joined }) = Word::of(&word) else {
            let message = format!("{} is no option", quoted(&word));
            return Err(CurlError::new(
                message,
                "only `--max-time SECONDS` can be set here",
            ));
        };
        let value = || {
            let missing =
                || CurlError::new(format!("{} has no value", quoted(name)), "complete it");
            joined
                .map(str::to_owned)
                .or_else(|| words.next())
                .ok_or_else(missing)
        };
        timeout = timeout_of(name, value)?.or(timeout);
    }
    Ok(timeout)
}

/// An option of curl.
struct Word<'a> {
    /// Its name, with its dashes.
    name: &'a str,
    /// Its value, where it stands in the same word.
    joined: Option<&'a str>,
}

impl<'a> Word<'a> {
    /// Takes an option apart; `None` where the word is none.
    fn of(word: &'a str) -> Option<Self> {
        if word.starts_with("--") {
            return Some(match word.split_once('=') {
                Some((name, value)) => Self {
                    name,
                    joined: Some(value),
                },
                None => Self {
                    name: word,
                    joined: None,
                },
            });
        }
        if !word.starts_with('-') || word.len() < 2 {
            return None;
        }
        let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
        let (name, rest) = word.split_at(end);
        let takes_value = matches!(name, "-X" | "-H" | "-d" | "-m");
        Some(if takes_value {
            Self {
                name,
                joined: Some(rest).filter(|rest| !rest.is_empty()),
            }
        } else {
            Self {
                name: word,
                joined: None,
            }
        })
    }
}

/// Reads an option that says how long a request may take, or that changes nothing here; every other is refused.
fn timeout_of(
    name: &str,
    value: impl FnOnce() -> Result<String, CurlError>,
) -> Result<Option<u64>, CurlError> {
    match name {
        "-m" | "--max-time" | "--connect-timeout" => {
            let text = value()?;
            let seconds = text.parse::<f64>().ok();
            let fits = seconds.filter(|seconds| (0.001..=86_400.0).contains(seconds));
            match fits {
                Some(seconds) => Ok(Some(milliseconds(seconds))),
                None => Err(CurlError::new(
                    format!("{} can't be {}", quoted(name), quoted(&text)),
                    "write a number of seconds",
                )),
            }
        }
        // What they ask for is what happens anyway.
        "-s" | "-S" | "-sS" | "-f" | "--silent" | "--show-error" | "--fail"
        | "--fail-with-body" => Ok(None),
        "-k" | "--insecure" => Err(CurlError::new(
            "a webhook always checks the certificate of the server",
            "remove the option; a CA of your own belongs into the trust store of the machine",
        )),
        _ => Err(CurlError::new(
            format!("a webhook can't have curl's option {}", quoted(name)),
            "known are `-X`, `-H`, `-d`, `--url` and `--max-time`, in their long and short forms",
        )),
    }
}

/// Returns seconds as milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range was checked"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

/// Sets the URL; there is one.
fn set_url(request: &mut WebhookRequest, url: String) -> Result<(), CurlError> {
    if !request.url.is_empty() {
        let message = format!("the request has a second URL, {}", quoted(&url));
        return Err(CurlError::new(
            message,
            "write a request of its own for each URL",
        ));
    }
    request.url = url;
    Ok(())
}

/// Reads a method.
fn method_of(word: &str) -> Result<WebhookMethod, CurlError> {
    WebhookMethod::parse(word).ok_or_else(|| {
        let message = format!("a request can't be sent by {}", quoted(word));
        CurlError::new(
            message,
            format!("known are {}", WebhookMethod::NAMES.join(", ")),
        )
    })
}

/// Reads a header.
fn header_of(text: &str) -> Result<(String, String), CurlError> {
    let (name, value) = text.split_once(':').unwrap_or((text, ""));
    if !super::is_header_name(name.trim()) {
        let message = format!("{} is no header", quoted(text));
        return Err(CurlError::new(message, "write `NAME: TEXT`"));
    }
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Splits a line into words as a shell would: quotes, backslashes, and nothing else. What stands between `{{` and `}}`
/// stays together.
fn words(line: &str) -> Result<Vec<String>, CurlError> {
    let mut splitter = Splitter::default();
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        if rest.starts_with("{{") {
            let end = rest.find("}}").map_or(rest.len(), |at| at + 2);
            let (template, behind) = rest.split_at(end);
            splitter.add(template);
            rest = behind;
            continue;
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
        splitter.take(character);
    }
    splitter.end()
}

/// Words while they are split.
#[derive(Default)]
struct Splitter {
    /// The words that are complete.
    words: Vec<String>,
    /// The word under way.
    word: Option<String>,
    /// The quote that is open.
    quote: Option<char>,
    /// Whether a backslash came before.
    is_escaped: bool,
}

impl Splitter {
    /// Adds text to the word under way.
    fn add(&mut self, text: &str) {
        self.word.get_or_insert_default().push_str(text);
    }

    /// Takes the next character.
    fn take(&mut self, character: char) {
        let text = character.encode_utf8(&mut [0; 4]).to_owned();
        if std::mem::take(&mut self.is_escaped) {
            let is_special = self.quote.is_none() || matches!(character, '"' | '\\' | '$' | '`');
            if !is_special {
                self.add("\\");
            }
            // A backslash at the end of a line joins it with the next.
            if character != '\n' {
                self.add(&text);
            }
            return;
        }
        match (self.quote, character) {
            (Some(quote), _) if quote == character => self.quote = None,
            (Some('\''), _) => self.add(&text),
            (_, '\\') => self.is_escaped = true,
            (Some(_), _) => self.add(&text),
            (None, '"' | '\'') => {
                self.quote = Some(character);
                self.add("");
            }
            (None, _) if character.is_whitespace() => self.words.extend(self.word.take()),
            (None, _) => self.add(&text),
        }
    }

    /// Ends.
    fn end(mut self) -> Result<Vec<String>, CurlError> {
        if let Some(quote) = self.quote {
            let message = format!("the quote {quote} is not closed");
            return Err(CurlError::new(message, "close it"));
        }
        self.words.extend(self.word.take());
        Ok(self.words)
    }
}
