//! Secrets that are created or changed: their values come from variables, files and stdin, and are never typed.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::credential::{read_stdin, read_value};
use super::manage::done;
use super::session::Session;
use super::told::Told;
use crate::cli::args::SecretArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::net::Secret;

/// Creates a secret.
pub async fn create(args: &SecretArgs, session: &Session<'_>) -> Result<Told, Failure> {
    let values = values(args, session)?;
    let (name, scope) = (&args.name, &args.scope);
    session.client.create_secret(name, scope, &values).await?;
    Ok(told(args, &values, "created"))
}

/// Changes a secret.
pub async fn update(args: &SecretArgs, session: &Session<'_>) -> Result<Told, Failure> {
    let values = values(args, session)?;
    let (name, scope) = (&args.name, &args.scope);
    session.client.update_secret(name, scope, &values).await?;
    Ok(told(args, &values, "changed"))
}

/// Tells what was done, without values.
fn told(args: &SecretArgs, values: &BTreeMap<String, Secret>, word: &str) -> Told {
    let keys: Vec<&String> = values.keys().collect();
    let document = json!({"scope": args.scope, "keys": keys});
    done("secret", &args.name, word, document)
}

/// Collects the values.
fn values(args: &SecretArgs, session: &Session<'_>) -> Result<BTreeMap<String, Secret>, Failure> {
    if !args.from_literal.is_empty() {
        let message =
            "--from-literal is not taken: what is typed, everybody on this machine can read";
        return Err(Failure::new(Exit::Usage, message)
            .with_hint("use --from-env KEY=VARIABLE, --from-file KEY=FILE, or --from-stdin KEY"));
    }
    let mut values = BTreeMap::new();
    for typed in &args.from_env {
        let (key, name) = typed.split_once('=').unwrap_or((typed, typed));
        let Some(value) = session.world.environment.get(name) else {
            let message = format!("the environment variable `{name}` is not set");
            return Err(Failure::new(Exit::Configuration, message));
        };
        values.insert(key.to_owned(), Secret::new(value));
    }
    for typed in &args.from_file {
        let Some((key, path)) = typed.split_once('=') else {
            let message = format!("--from-file: `{typed}` names no key");
            return Err(Failure::new(Exit::Usage, message).with_hint("write KEY=FILE"));
        };
        values.insert(key.to_owned(), Secret::new(read_value(Path::new(path))?));
    }
    if let Some(key) = &args.from_stdin {
        values.insert(key.clone(), Secret::new(read_stdin()?));
    }
    if values.is_empty() {
        return Err(Failure::new(Exit::Usage, "the secret has no values")
            .with_hint("add --from-env KEY=VARIABLE, --from-file KEY=FILE, or --from-stdin KEY"));
    }
    Ok(values)
}
