//! `tidegate inspect`: what a file with results has.

use serde_json::{Value, json};

use super::World;
use super::query::{data_format, fail};
use crate::cli::args::InspectArgs;
use crate::cli::console::{machine_text, print};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::gate::json_number;
use crate::provider::{
    Format as FileFormat, InspectedFigure, InspectedPart, Inspection, inspect as list,
};
use crate::report::printable;
use crate::spec::{Problem, ProblemKind};

/// Lists what a file has.
pub fn inspect(args: &InspectArgs, world: &World<'_>) -> Exit {
    let InspectArgs {
        file,
        format,
        output,
    } = args;
    let shown = data_format(*output, None, world);
    match read(file, format.as_deref()) {
        Ok(inspection) => {
            for warning in &inspection.warnings {
                world
                    .console
                    .say(&printable(&format!("warning: {warning}")));
            }
            match machine_text(shown, &document(&inspection)) {
                Some(text) => print(&text),
                None => print(&table(&inspection)),
            }
        }
        Err(failure) => fail(&failure, shown, world),
    }
}

/// Reads the file.
fn read(file: &std::path::Path, format: Option<&str>) -> Result<Inspection, Failure> {
    let formats = match format {
        None | Some("auto") => Vec::new(),
        Some(name) => FileFormat::named(name),
    };
    if let (Some(name), true) = (format, formats.is_empty() && format != Some("auto")) {
        let known: Vec<&str> = FileFormat::ALL.iter().map(|known| known.as_str()).collect();
        let failure = Failure::new(Exit::Usage, format!("`{name}` is no format"));
        return Err(failure.with_hint(crate::spec::reading::hint(name, &known)));
    }
    let path = file.display().to_string();
    if !file.exists() {
        let problem = Problem::new(ProblemKind::Missing, &path, None, "the file does not exist");
        return Err(Failure::of_files(vec![problem]));
    }
    list(file, formats)
        .map_err(|error| Failure::of_files(vec![Problem::malformed(&path, None, error)]))
}

/// Writes the list for people.
fn table(inspection: &Inspection) -> String {
    let mut lines = vec![format!("format: {}", inspection.format)];
    if inspection.parts.is_empty() {
        lines.push(String::new());
        lines.push("a document: each SLI asks it a question of its own, with its query".to_owned());
    }
    for part in &inspection.parts {
        lines.push(String::new());
        lines.push(match &part.name {
            None => "the whole run".to_owned(),
            Some(name) => printable(&format!("select: {{name: {name:?}}}")),
        });
        let names = part.figures.iter().map(|(name, _)| name.chars().count());
        let width = names.max().unwrap_or_default();
        let figures = part.figures.iter();
        lines.extend(figures.map(|(name, figure)| figure_line(name, width, figure)));
    }
    lines.join("\n") + "\n"
}

/// Writes a figure.
fn figure_line(name: &str, width: usize, figure: &InspectedFigure) -> String {
    let unit = figure
        .unit
        .map_or_else(String::new, |unit| format!(" {unit}"));
    let value = if figure.value.is_finite() {
        format!("{}{unit}", figure.value)
    } else {
        "no data".to_owned()
    };
    let samples = figure.samples.map(|samples| format!("{samples} samples"));
    let remarks: Vec<String> = samples.into_iter().chain(figure.note.clone()).collect();
    let line = format!("  {name:width$}  {value:24}  {}", remarks.join(", "));
    printable(line.trim_end())
}

/// Writes the list for programs.
fn document(inspection: &Inspection) -> Value {
    let part = |part: &InspectedPart| {
        let figure = |(name, figure): &(String, InspectedFigure)| {
            json!({
                "metric": name,
                "value": figure.value.is_finite().then(|| json_number(figure.value)),
                "unit": figure.unit,
                "samples": figure.samples,
                "note": figure.note,
            })
        };
        json!({"name": part.name, "figures": part.figures.iter().map(figure).collect::<Vec<_>>()})
    };
    json!({
        "version": 1,
        "format": inspection.format.as_str(),
        "parts": inspection.parts.iter().map(part).collect::<Vec<_>>(),
        "warnings": inspection.warnings,
    })
}
