//! The event that starts a run, of what was typed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::cli::args::RunArgs;
use crate::cli::clock;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::gate::event::CloudEvent;
use crate::sequence::{EventKind, EventName};
use crate::spec::Source;

/// The largest file with data: as much as an event may have.
const MOST_BYTES: usize = 1024 * 1024;
/// How deep a key of `--values` may go.
const MOST_PARTS: usize = 20;

/// Where a run begins.
pub struct Beginning {
    /// The project.
    pub project: String,
    /// The stage.
    pub stage: String,
    /// The service.
    pub service: String,
    /// The sequence.
    pub sequence: String,
    /// The labels.
    pub labels: BTreeMap<String, String>,
}

/// Returns the event that starts a run.
pub fn trigger(beginning: &Beginning, args: &RunArgs) -> Result<CloudEvent, Failure> {
    let Beginning {
        project,
        stage,
        service,
        sequence,
        labels,
    } = beginning;
    let mut data = data(args)?;
    let base = [("project", project), ("stage", stage), ("service", service)];
    for (name, value) in base {
        data.insert(name.to_owned(), value.as_str().into());
    }
    if !labels.is_empty() {
        let known = data.entry("labels").or_insert_with(|| json!({}));
        if !known.is_object() {
            *known = json!({});
        }
        for (key, value) in labels {
            if let Some(known) = known.as_object_mut() {
                known.insert(key.clone(), value.as_str().into());
            }
        }
    }
    if args.image.is_some() || !args.values.is_empty() {
        refuse_replacement(&data)?;
    }
    for pair in &args.values {
        set_value(&mut data, pair)?;
    }
    if let Some(image) = &args.image {
        put(
            &mut data,
            &["configurationChange", "values", "image"],
            image.as_str().into(),
        );
    }
    let name = EventName::Sequence {
        stage: stage.clone(),
        sequence: sequence.clone(),
        kind: EventKind::Triggered,
    };
    Ok(CloudEvent {
        id: clock::id(),
        source: "tidegate".to_owned(),
        specversion: "1.0".to_owned(),
        event_type: name.to_string(),
        time: None,
        shkeptncontext: Some(clock::id()),
        triggeredid: None,
        data: Value::Object(data).into(),
        extensions: Map::new(),
    })
}

/// Reads `--data-file`.
fn data(args: &RunArgs) -> Result<Map<String, Value>, Failure> {
    let Some(path) = &args.data_file else {
        return Ok(Map::new());
    };
    let source =
        Source::read(path, MOST_BYTES).map_err(|problem| Failure::of_files(vec![problem]))?;
    let malformed = |why: String| {
        Failure::new(Exit::Malformed, format!("`{}` {why}", path.display()))
            .with_hint("it holds the data of a trigger, such as {\"configurationChange\": {\"values\": {\"image\": \"carts:1\"}}}")
    };
    match serde_json::from_str(source.text()) {
        Ok(Value::Object(data)) => Ok(data),
        Ok(_) => Err(malformed("must hold a JSON object".to_owned())),
        Err(error) => Err(malformed(format!("is no JSON: {error}"))),
    }
}

/// Refuses data in which `--image` and `--values` would replace something that is no object.
fn refuse_replacement(data: &Map<String, Value>) -> Result<(), Failure> {
    let change = data.get("configurationChange");
    let values = change.and_then(|change| change.get("values"));
    for (name, value) in [
        ("configurationChange", change),
        ("configurationChange.values", values),
    ] {
        if value.is_some_and(|value| !value.is_object()) {
            let what = format!("`{name}` of --data-file must be an object");
            return Err(Failure::new(Exit::Malformed, what)
                .with_hint("--image and --values add to it; correct the file, or leave them out"));
        }
    }
    Ok(())
}

/// Sets a value of `--values`: `a.b=c`.
fn set_value(data: &mut Map<String, Value>, pair: &str) -> Result<(), Failure> {
    let refuse = || {
        let shown: String = pair.chars().take(100).collect();
        Failure::new(Exit::Usage, format!("`{shown}` is no value")).with_hint(
            "write KEY=VALUE, such as --values replicas=2 or --values carts.image=carts:1",
        )
    };
    let (key, value) = pair.split_once('=').ok_or_else(refuse)?;
    let mut path = vec!["configurationChange", "values"];
    path.extend(key.split('.'));
    if path.iter().any(|part| part.is_empty()) || path.len() > MOST_PARTS {
        return Err(refuse());
    }
    put(data, &path, value.into());
    Ok(())
}

/// Puts a value at a place; what stands in the way is replaced.
fn put(data: &mut Map<String, Value>, path: &[&str], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        data.insert((*first).to_owned(), value);
        return;
    }
    let inner = data.entry(*first).or_insert_with(|| json!({}));
    if !inner.is_object() {
        *inner = json!({});
    }
    if let Some(inner) = inner.as_object_mut() {
        put(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command};

    fn triggered(words: &[&str]) -> Result<CloudEvent, Failure> {
        let argv = ["tidegate", "run", "delivery"].iter().chain(words);
        let Command::Run(run) = Cli::try_parse_from(argv).unwrap().command else {
            panic!("it is run");
        };
        let beginning = Beginning {
            project: "shop".to_owned(),
            stage: "dev".to_owned(),
            service: "carts".to_owned(),
            sequence: "delivery".to_owned(),
            labels: BTreeMap::from([("build".to_owned(), "17".to_owned())]),
        };
        trigger(&beginning, &run)
    }

    #[test]
    fn what_was_typed_is_in_the_data() {
        let event = triggered(&[
            "--image", "carts:1", "--values", "a.b=c", "--values", "a.d=1=2",
        ]);
        let event = event.unwrap();
        assert_eq!(event.event_type, "sh.keptn.event.dev.delivery.triggered");
        insta::assert_snapshot!(event.data.json(), @r#"{"project":"shop","stage":"dev","service":"carts","labels":{"build":"17"},"configurationChange":{"values":{"a":{"b":"c","d":"1=2"},"image":"carts:1"}}}"#);
    }

    #[test]
    fn data_that_an_image_would_replace_are_refused() {
        for (text, is_refused) in [
            (r#"{"configurationChange": "x"}"#, true),
            (r#"{"configurationChange": null}"#, true),
            (r#"{"configurationChange": {"values": [1]}}"#, true),
            (r#"{"configurationChange": {"values": {"a": 1}}}"#, false),
            (r#"{"configurationChange": {}}"#, false),
            ("{}", false),
        ] {
            let data: Map<String, Value> = serde_json::from_str(text).unwrap();
            let exit = refuse_replacement(&data).err().map(|failure| failure.exit);
            assert_eq!(exit, is_refused.then_some(Exit::Malformed), "{text}");
        }
    }

    #[test]
    fn a_value_without_key_is_refused() {
        for pair in ["a", "=b", "a..b=c", ".=c"] {
            let failure = triggered(&["--values", pair]).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{pair}");
        }
        let deep = format!("{}=1", vec!["a"; 50].join("."));
        assert!(triggered(&["--values", &deep]).is_err());
    }
}
