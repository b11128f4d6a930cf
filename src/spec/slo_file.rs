//! `slo.yaml` (lighthouse.md 1 to 3, 5.2).

mod comparison;
mod criterion_advice;
mod objective;
mod total_score;

use std::collections::BTreeMap;

use super::Parsed;
use super::fields::Fields;
use super::findings::Findings;
use super::foreign::{self, Expected};
use super::problem::{Problem, ProblemKind};
use super::source::{Source, Span};
use crate::gate::{IndicatorName, Objective, Slo, TotalScore};
use objective::Located;

/// An SLO together with the file that it stands in.
#[derive(Clone, Debug)]
pub struct SloFile {
    /// The SLO.
    pub slo: Slo,
    /// The file; its raw text is what Keptn echoes as `sloFileContent`.
    pub source: Source,
    /// Where the `sli` of each objective stands.
    places: BTreeMap<IndicatorName, Span>,
}

/// Reads an SLO.
///
/// ```
/// use tidegate::spec::{Source, parse_slo};
/// let source = Source::new("slo.yaml", "objectives: [{sli: a}]\ntotal_score: {pass: 90%}\n");
/// assert!(parse_slo(&source).value.is_some());
/// ```
#[must_use]
pub fn parse_slo(source: &Source) -> Parsed<Slo> {
    SloFile::parse(source).map(|file| file.slo)
}

impl SloFile {
    /// Reads an SLO, and keeps where things stand.
    #[must_use]
    pub fn parse(source: &Source) -> Parsed<Self> {
        let mut findings = Findings::new(source);
        let file = read(&mut findings);
        findings.finish(file)
    }

    /// Makes a problem of the objective of an indicator, such as: there is no query for it.
    #[must_use]
    pub fn problem(
        &self,
        indicator: &IndicatorName,
        kind: ProblemKind,
        message: impl Into<String>,
    ) -> Problem {
        let span = self.places.get(indicator);
        let place = span.map(|span| self.source.place(*span));
        Problem::new(kind, self.source.path(), place, message)
    }
}

/// The keys of an SLO.
const KEYS: [&str; 5] = [
    "spec_version",
    "filter",
    "comparison",
    "objectives",
    "total_score",
];

/// Reads the file; a value may come along with errors.
fn read(findings: &mut Findings<'_>) -> Option<SloFile> {
    let root = findings.document("SLO")?;
    if let Some(problem) = foreign::recognise(findings.source(), &root, Expected::Slo) {
        findings.push(problem);
        return None;
    }
    let mut fields = Fields::open(findings, &root, "an SLO")?;
    let spec_version = fields
        .take("spec_version")
        .and_then(|field| findings.text(field.value, "spec_version"));
    let filters = read_filters(findings, &mut fields);
    let comparison = comparison::read(findings, &mut fields);
    let located = read_objectives(findings, &mut fields);
    let total_score = total_score::read(findings, &mut fields, root.span);
    fields.warn_unknown(findings, "the SLO", &KEYS);
    let (objectives, places) = without_duplicates(findings, located);
    let mut slo = assemble(objectives, total_score?)?;
    slo.spec_version = spec_version.unwrap_or_default();
    slo.filters = filters;
    slo.comparison = comparison?;
    Some(SloFile {
        slo,
        source: findings.source().clone(),
        places,
    })
}

/// Makes the SLO; the objectives have been checked for duplicates.
fn assemble(objectives: Vec<Objective>, total_score: TotalScore) -> Option<Slo> {
    Slo::new(objectives, total_score).ok()
}

/// Reads `filter`; a null value is an empty text.
fn read_filters(findings: &mut Findings<'_>, fields: &mut Fields<'_>) -> Vec<(String, String)> {
    let Some(field) = fields.take("filter") else {
        return Vec::new();
    };
    let Some(filters) = Fields::open(findings, field.value, "filter") else {
        return Vec::new();
    };
    let read = |field: super::fields::Field<'_>| {
        let value = findings.text(field.value, &format!("filter.{}", field.name));
        (field.name, value.unwrap_or_default())
    };
    filters.rest().into_iter().map(read).collect()
}

/// Reads `objectives`; null entries are dropped.
fn read_objectives(findings: &mut Findings<'_>, fields: &mut Fields<'_>) -> Vec<Located> {
    let Some(field) = fields.take("objectives") else {
        return Vec::new();
    };
    let elements = findings
        .elements(field.value, "objectives")
        .unwrap_or_default();
    elements
        .iter()
        .filter_map(|element| objective::read(findings, element))
        .collect()
}

/// Drops objectives whose SLI another one has, each with an error.
fn without_duplicates(
    findings: &mut Findings<'_>,
    located: Vec<Located>,
) -> (Vec<Objective>, BTreeMap<IndicatorName, Span>) {
    let mut objectives = Vec::new();
    let mut places = BTreeMap::new();
    for Located { objective, place } in located {
        let Some(first) = places.get(&objective.indicator).copied() else {
            places.insert(objective.indicator.clone(), place);
            objectives.push(objective);
            continue;
        };
        let line = findings.source().line_number(first.start);
        let message = format!(
            "SLI `{}` is already used by the objective in line {line}",
            objective.indicator
        );
        let problem = findings
            .malformed(place, message)
            .with_hint("put all criteria of one SLI into one objective")
            .with_note("in Keptn the second objective never gets a value, and fails");
        findings.push(problem);
    }
    (objectives, places)
}

#[cfg(test)]
mod tests;
