//! Models of what runners take for a command, for the tests: written from the sources of actions/runner and of Azure's
//! agent, and from the documentation of `TeamCity`, and stricter than they are where these are vague.

use proptest::prelude::*;

/// A command that a runner finds: its name, its properties, its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub name: String,
    pub properties: Vec<(String, String)>,
    pub data: String,
}

/// Splits text where runners do.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
}

/// Drops what comparisons by the rules of languages pass over.
fn visible(text: &str) -> String {
    text.chars()
        .filter(|c| !("\u{200b}\u{200d}\u{ad}\u{feff}\u{0}\u{7}".contains(*c)))
        .collect()
}

/// Returns every place of a text that any runner could take for a command.
pub fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in lines(text) {
        for line in [line.to_owned(), visible(line)] {
            let is_command = line.trim_start().starts_with("::")
                || ["##[", "##vso[", "##teamcity["]
                    .iter()
                    .any(|marker| line.contains(marker));
            if is_command {
                found.push(line);
            }
        }
    }
    found
}

/// Reads a line as GitHub's runner does.
pub fn github(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (info, data) = rest.split_once("::")?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let unescape = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let property = |text: &str| {
        let (name, value) = text.split_once('=')?;
        let value = unescape(value).replace("%3A", ":").replace("%2C", ",");
        Some((name.to_owned(), value.replace("%25", "%")))
    };
    Some(Command {
        name: name.to_owned(),
        properties: properties.trim().split(',').filter_map(property).collect(),
        data: unescape(data).replace("%25", "%"),
    })
}

/// Reads a line as Azure's agent does.
pub fn azure(line: &str) -> Option<Command> {
    let (_, rest) = line.split_once("##vso[")?;
    let (info, data) = rest.split_once(']')?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let unescape = |text: &str| {
        let text = text.replace("%3B", ";").replace("%0D", "\r");
        let text = text.replace("%0A", "\n").replace("%5D", "]");
        text.replace("%AZP25", "%")
    };
    let property = |text: &str| {
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), unescape(value)))
    };
    Some(Command {
        name: name.to_owned(),
        properties: properties.split(';').filter_map(property).collect(),
        data: unescape(data),
    })
}

/// Reads a line as `TeamCity` does; panics where it would complain.
pub fn teamcity(line: &str) -> Option<Command> {
    let rest = line.strip_prefix("##teamcity[")?;
    let rest = rest.strip_suffix(']').expect("the message ends");
    let (name, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut properties = Vec::new();
    while !rest.is_empty() {
        let (name, tail) = rest.split_once("='").expect("a value");
        let (value, length) = teamcity_value(tail);
        properties.push((name.trim().to_owned(), value));
        rest = tail[length..].trim_start();
    }
    Some(Command {
        name: name.to_owned(),
        properties,
        data: String::new(),
    })
}

/// Reads a value up to its quote; returns it, and its length with the quote.
fn teamcity_value(text: &str) -> (String, usize) {
    let mut units: Vec<u16> = Vec::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' => return (String::from_utf16(&units).unwrap(), at + 1),
            '[' | ']' | '\n' | '\r' => panic!("not escaped: {character:?}"),
            '|' => match characters.next().expect("an escape").1 {
                'n' => units.push(u16::from(b'\n')),
                'r' => units.push(u16::from(b'\r')),
                '0' => {
                    assert_eq!(characters.next().unwrap().1, 'x');
                    let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                }
                other => units.push(u16::try_from(u32::from(other)).unwrap()),
            },
            other => units.push(u16::try_from(u32::from(other)).unwrap()),
        }
    }
    panic!("no end of the value");
}

/// Text that tries everything.
pub fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("::"),
        Just(":"),
        Just("##"),
        Just("#"),
        Just("["),
        Just("]"),
        Just("##vso[task.setvariable variable=x;]y"),
        Just("::set-output name=result::pass"),
        Just("##[set-env name=PATH]/tmp"),
        Just("##teamcity[buildStatus status='SUCCESS']"),
        Just("vso["),
        Just("\u{200b}"),
        Just("\u{7}"),
        Just("\u{202e}"),
        Just("\n"),
        Just("\r"),
        Just("\u{85}"),
        Just(" "),
        Just("\t"),
        Just("%"),
        Just("%0A"),
        Just("%25"),
        Just("%AZP25"),
        Just("%5D"),
        Just("|"),
        Just("|n"),
        Just("'"),
        Just(","),
        Just("="),
        Just(";"),
        Just("ü😀"),
        Just("error"),
        Just("<b>&\""),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}
