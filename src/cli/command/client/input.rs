//! What is typed as `KEY=VALUE`: labels, and values on a path.

use std::path::Path;

use serde_json::{Map, Value};

use super::credential::{read_stdin, read_value};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// The most members that one value may be nested in.
const MOST_LEVELS: usize = 32;

/// Reads labels: `k=v,k=v`, several times.
pub fn labels(lists: &[String]) -> Result<Map<String, Value>, Failure> {
    let pairs = lists.iter().flat_map(|list| list.split(','));
    let pairs = pairs.map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.into())),
            Some(_) | None => Err(refused(pair, "is no label", "write KEY=VALUE")),
        })
        .collect()
}

/// Sets members: `a.b=text`, or `a.b:=JSON`.
pub fn set_values(members: &mut Map<String, Value>, pairs: &[String]) -> Result<(), Failure> {
    for pair in pairs {
        let hint = "write PATH=TEXT, or PATH:=JSON, such as replicas:=3";
        let Some((path, text)) = pair.split_once('=') else {
            return Err(refused(pair, "has no =", hint));
        };
        let (path, value) = match path.strip_suffix(':') {
            Some(path) => match serde_json::from_str(text) {
                Ok(value) => (path, value),
                Err(_told_below) => {
                    return Err(refused(pair, "has no JSON behind its :=", hint));
                }
            },
            None => (path, Value::from(text)),
        };
        let names: Vec<&str> = path.split('.').collect();
        if names.iter().any(|name| name.is_empty()) || names.len() > MOST_LEVELS {
            return Err(refused(pair, "has no path in front of its =", hint));
        }
        if !set(members, &names, value) {
            return Err(refused(
                pair,
                "leads through a value that is no object",
                hint,
            ));
        }
    }
    Ok(())
}

/// Sets a member on a path; tells whether the path leads there.
fn set(members: &mut Map<String, Value>, names: &[&str], value: Value) -> bool {
    let Some((name, rest)) = names.split_first() else {
        return false;
    };
    if rest.is_empty() {
        members.insert((*name).to_owned(), value);
        return true;
    }
    let inner = members
        .entry(*name)
        .or_insert_with(|| Value::Object(Map::new()));
    inner
        .as_object_mut()
        .is_some_and(|inner| set(inner, rest, value))
}

/// Reads a JSON object that was typed, or that a file holds.
pub fn object(text: &str, place: &str) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::new(
            Exit::Malformed,
            format!("{place} is no JSON object: {error}"),
        )
    })
}

/// Reads a file, or stdin for `-`.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        read_stdin()
    } else {
        read_value(path)
    }
}

/// Refuses what was typed.
fn refused(typed: &str, problem: &str, hint: &str) -> Failure {
    let shown: String = typed.chars().take(80).collect();
    Failure::new(Exit::Usage, format!("`{shown}` {problem}")).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn values(pairs: &[&str]) -> Result<Value, Failure> {
        let pairs: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
        let mut members = Map::new();
        set_values(&mut members, &pairs).map(|()| Value::Object(members))
    }

    #[test]
    fn values_are_texts_or_json_on_a_path() {
        let read = values(&["a.b=x=y", "a.c:=3", "d:=[1,{\"e\":true}]", "f="]).unwrap();
        assert_eq!(
            read,
            json!({"a": {"b": "x=y", "c": 3}, "d": [1, {"e": true}], "f": ""})
        );
        for pair in ["a", "=x", "a..b=x", "a:=", "a:={"] {
            assert_eq!(values(&[pair]).unwrap_err().exit, Exit::Usage, "{pair}");
        }
        assert_eq!(values(&["a=1", "a.b=2"]).unwrap_err().exit, Exit::Usage);
    }

    #[test]
    fn labels_are_texts() {
        let read = labels(&["a=1,b=x=y".to_owned(), "a=2".to_owned()]).unwrap();
        assert_eq!(Value::Object(read), json!({"a": "2", "b": "x=y"}));
        assert!(labels(&["nothing".to_owned()]).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_set_or_refused(pair in "[a-c.:={}\\[\\]0-9\"]{0,20}") {
            match values(&[&pair]) {
                Ok(value) => prop_assert!(value.as_object().is_some_and(|members| !members.is_empty())),
                Err(failure) => prop_assert_eq!(failure.exit, Exit::Usage),
            }
        }
    }
}
