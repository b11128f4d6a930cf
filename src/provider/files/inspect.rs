//! Everything that one file has, for people who write SLIs: `tidegate inspect`.

use std::path::Path;
use std::sync::Arc;

use super::format::Format;
use super::lookup::percentile_name;
use super::options::ReadOptions;
use super::read::{self, Reading, Said};
use super::results::{Figure, Group};
use super::samples;

/// The percentiles that are listed where a file has every sample.
const PERCENTILES: [f64; 6] = [50.0, 75.0, 90.0, 95.0, 99.0, 99.9];

/// What a file has.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Its format.
    pub format: Format,
    /// What it has; nothing where it is a document that each SLI asks a question of its own.
    pub parts: Vec<InspectedPart>,
    /// What is odd about it.
    pub warnings: Vec<String>,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct InspectedPart {
    /// Its name, for `select`; `None` for the run as a whole.
    pub name: Option<String>,
    /// Its figures, by the name that an SLI asks for.
    pub figures: Vec<(String, InspectedFigure)>,
}

/// One figure of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct InspectedFigure {
    /// The number; NaN where the tool had none.
    pub value: f64,
    /// Its unit.
    pub unit: Option<&'static str>,
    /// How many samples stand behind it.
    pub samples: Option<u64>,
    /// What a reader should know of it.
    pub note: Option<String>,
}

/// Reads a file, and lists what it has.
///
/// # Errors
/// Why it can't be read, in words.
pub fn inspect(path: &Path, formats: Vec<Format>) -> Result<Inspection, String> {
    let reading = Reading {
        formats,
        options: ReadOptions::default(),
        stop: Arc::default(),
    };
    let content = read::read(path, &reading).map_err(|error| error.to_string())?;
    let Said::Figures(results) = content.said else {
        return Ok(Inspection {
            format: content.format,
            parts: Vec::new(),
            warnings: Vec::new(),
        });
    };
    let mut total = part(None, &results.total);
    let native = results.native.iter();
    total
        .figures
        .extend(native.map(|(name, figure)| (format!("native:{name}"), shown(figure))));
    let groups = results.groups.iter();
    let groups = groups.map(|(name, group)| part(Some(name.clone()), group));
    Ok(Inspection {
        format: content.format,
        parts: std::iter::once(total).chain(groups).collect(),
        warnings: results.warnings.clone(),
    })
}

/// Lists a part.
fn part(name: Option<String>, group: &Group) -> InspectedPart {
    let own = group.figures.iter();
    let mut figures: Vec<_> = own
        .map(|(name, figure)| (name.clone(), shown(figure)))
        .collect();
    for percent in PERCENTILES {
        let name = percentile_name(percent);
        let is_listed = figures.iter().any(|(listed, _)| *listed == name);
        let figure = group
            .times
            .as_ref()
            .and_then(|times| samples::percentile(times, percent));
        if let (false, Some(figure)) = (is_listed, figure) {
            figures.push((name, shown(&figure)));
        }
    }
    figures.sort_by(|(one, _), (other, _)| one.cmp(other));
    InspectedPart { name, figures }
}

/// Shows a figure.
fn shown(figure: &Figure) -> InspectedFigure {
    InspectedFigure {
        value: figure.value,
        unit: figure.unit.symbol(),
        samples: figure.samples,
        note: figure.note.clone(),
    }
}
