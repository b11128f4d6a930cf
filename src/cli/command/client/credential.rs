//! Tokens: where they may come from, and where they may not.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads tokens from files and from people"
)]

use std::io::{self, BufRead as _, Read as _};
use std::path::Path;

use crate::cli::args::ConnectionArgs;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::net::Secret;

/// The most bytes of a token, or of a value that is a secret.
const MOST_BYTES: u64 = 1024 * 1024;

/// Refuses a token that was typed.
pub fn refuse_typed_token(args: &ConnectionArgs) -> Result<(), Failure> {
    if args.api_token.is_none() {
        return Ok(());
    }
    let message =
        "a token on the command line can be read by everybody on this machine, so it is not taken";
    Err(Failure::new(Exit::Usage, message).with_hint(
        "set TIDEGATE_TOKEN, or name a file with --token-file, or store it once: tidegate auth",
    ))
}

/// Reads a token from a file.
pub fn read_token(path: &Path) -> Result<Secret, Failure> {
    let text = read_value(path)?;
    let token = text.trim();
    if token.is_empty() || token.contains(char::is_control) {
        let message = format!("{} holds no token", path.display());
        return Err(Failure::new(Exit::Malformed, message)
            .with_hint("it is to hold the token and nothing else"));
    }
    Ok(Secret::new(token))
}

/// Reads a value that is a secret from a file.
pub fn read_value(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    let shown = path.display().to_string();
    read.map_err(|error| {
        let exit = if error.kind() == io::ErrorKind::NotFound {
            Exit::Missing
        } else {
            Exit::Configuration
        };
        Failure::new(exit, format!("{shown} can't be read: {error}"))
    })?;
    text(bytes, &shown)
}

/// Reads what stdin says, without the line break at its end.
pub fn read_stdin() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let stdin = io::stdin().lock();
    let read = stdin.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new(Exit::Malformed, format!("stdin can't be read: {error}")))?;
    let text = text(bytes, "what stdin says")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Returns bytes as a text, unless they are only the beginning of what there is.
fn text(bytes: Vec<u8>, place: &str) -> Result<String, Failure> {
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("{place} is larger than 1 MiB");
        return Err(Failure::new(Exit::Malformed, message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("{place} is no text: the byte {at} is no UTF-8");
        Failure::new(Exit::Malformed, message)
    })
}

/// Asks for a token on a terminal, without showing it.
#[cfg(unix)]
pub fn ask(environment: &Environment, question: &str) -> Result<Secret, Failure> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

    let stdin = io::stdin();
    let unaskable = |error: &dyn std::fmt::Display| {
        Failure::new(
            Exit::Usage,
            format!("the token can't be asked for: {error}"),
        )
        .with_hint("set TIDEGATE_TOKEN, or use --token-file")
    };
    if !environment.can_be_asked() {
        return Err(unaskable(&"there is no terminal"));
    }
    let before = tcgetattr(&stdin).map_err(|error| unaskable(&error))?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    crate::cli::console::complain(question);
    tcsetattr(&stdin, OptionalActions::Flush, &silent).map_err(|error| unaskable(&error))?;
    let mut line = String::new();
    let read = stdin.lock().read_line(&mut line);
    let restored = tcsetattr(&stdin, OptionalActions::Flush, &before);
    read.map_err(|error| unaskable(&error))?;
    restored.map_err(|error| unaskable(&error))?;
    Ok(Secret::new(line.trim()))
}

/// Refuses to ask: the token would be shown.
#[cfg(not(unix))]
pub fn ask(_environment: &Environment, _question: &str) -> Result<Secret, Failure> {
    Err(Failure::new(
        Exit::Usage,
        "the token can't be asked for here without showing it",
    )
    .with_hint("set TIDEGATE_TOKEN, use --token-file, or pipe it in"))
}
