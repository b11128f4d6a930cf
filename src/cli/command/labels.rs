//! The labels of an evaluation: of `tidegate.yaml`, of the environment, of a file, and of flags.

use std::collections::BTreeMap;
use std::path::Path;

use super::World;
use super::target::Configured;
use crate::cli::args::MeasureArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::spec::Source;

/// The largest file with labels.
const MOST_BYTES: usize = 1024 * 1024;

/// Returns the labels: of `tidegate.yaml`, of the environment, of `--labels-file`, of `--labels`, of `--label`; the later
/// wins.
pub fn labels(
    args: &MeasureArgs,
    configured: &Configured,
    world: &World<'_>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut labels = configured.file.labels.clone();
    if let Some(list) = world.environment.get("TIDEGATE_LABELS") {
        labels.extend(of_list(list, Exit::Configuration)?);
    }
    if let Some(path) = &args.labels_file {
        labels.extend(of_file(path)?);
    }
    if let Some(list) = &args.labels {
        labels.extend(of_list(list, Exit::Usage)?);
    }
    for pair in &args.label {
        labels.extend([of_pair(pair, Exit::Usage)?]);
    }
    Ok(labels)
}

/// Reads `k=v,k=v`.
fn of_list(list: &str, exit: Exit) -> Result<Vec<(String, String)>, Failure> {
    let pairs = list.split(',').map(str::trim);
    pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| of_pair(pair, exit))
        .collect()
}

/// Reads `k=v`; the value may be anything.
fn of_pair(pair: &str, exit: Exit) -> Result<(String, String), Failure> {
    match pair.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        Some(_) | None => Err(Failure::new(exit, format!("`{pair}` is no label"))
            .with_hint("write KEY=VALUE, such as --label build=17")),
    }
}

/// Reads a file with a label on each line.
fn of_file(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    let source =
        Source::read(path, MOST_BYTES).map_err(|problem| Failure::of_files(vec![problem]))?;
    of_lines(source.text()).map_err(|(number, line)| {
        let shown: String = line.chars().take(80).collect();
        let message = format!("{}:{number}: `{shown}` is no label", path.display());
        Failure::new(Exit::Malformed, message).with_hint("write KEY=VALUE or KEY:VALUE, one a line")
    })
}

/// Reads lines of `k=v` or, as Azure's tasks took them, `k:v`; returns a line that is neither, with its number.
fn of_lines(text: &str) -> Result<Vec<(String, String)>, (usize, &str)> {
    let lines = text
        .lines()
        .map(str::trim)
        .zip(1..)
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(line, number)| {
            let (key, value) = line.split_once(['=', ':']).ok_or((number, line))?;
            let (key, value) = (key.trim(), value.trim());
            if key.is_empty() {
                return Err((number, line));
            }
            Ok((key.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_once_so_that_a_url_survives() {
        let text = "# of the release\nbuild = 17\r\n\njoburl:https://ci.example/a?b=c\nurl=https://ci.example:8080/\nempty=\n";
        let pairs = of_lines(text).unwrap();
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("build", "17"),
                ("joburl", "https://ci.example/a?b=c"),
                ("url", "https://ci.example:8080/"),
                ("empty", ""),
            ]
        );
    }

    #[test]
    fn a_line_without_a_key_is_named() {
        assert_eq!(of_lines("a=1\n\nnothing\n"), Err((3, "nothing")));
        assert_eq!(of_lines("=1"), Err((1, "=1")));
    }
}
