//! `sli.yaml`: Keptn's `indicators: {name: query}`, and our longer form (lighthouse.md 2.1).

mod indicator;

use std::collections::BTreeMap;

use super::Parsed;
use super::fields::Fields;
use super::findings::Findings;
use super::foreign::{self, Expected};
use super::problem::{Problem, ProblemKind};
use super::source::{Position, Source, Span};
use crate::gate::{IndicatorName, ProviderName, Sli};

#[cfg(test)]
pub(super) use indicator::OPTIONS;

/// Definitions of indicators, of one file or of Keptn's levels merged, together with where they stand.
#[derive(Clone, Debug, Default)]
pub struct SliFile {
    /// The definitions.
    pub sli: Sli,
    /// The files, in the order in which they were merged.
    sources: Vec<Source>,
    /// Where each indicator is defined.
    places: BTreeMap<IndicatorName, Definition>,
}

/// Where an indicator is defined.
#[derive(Clone, Copy, Debug)]
struct Definition {
    /// The file, by its number.
    source: usize,
    /// Its query, or its name where there is none.
    query: Span,
}

/// The keys of the file.
const KEYS: [&str; 3] = ["spec_version", "indicators", "provider"];

/// Reads definitions of indicators.
///
/// ```
/// use tidegate::spec::{Source, parse_sli};
/// let source = Source::new("sli.yaml", "indicators: {error_rate: \"sum(errors)\"}\n");
/// let file = parse_sli(&source).value.unwrap();
/// assert_eq!(file.sli.indicators.len(), 1);
/// ```
#[must_use]
pub fn parse_sli(source: &Source) -> Parsed<SliFile> {
    let mut findings = Findings::new(source);
    let file = read(&mut findings);
    findings.finish(file)
}

/// Reads the file; a value may come along with errors.
fn read(findings: &mut Findings<'_>) -> Option<SliFile> {
    const EXAMPLE: &str =
        "add `indicators:` with a query for each name: `error_rate: \"sum(rate(…))\"`";
    let root = findings.document("SLI")?;
    if let Some(problem) = foreign::recognise(findings.source(), &root, Expected::Sli) {
        findings.push(problem);
        return None;
    }
    let mut fields = Fields::open(findings, &root, "an SLI file")?;
    if let Some(version) = fields.take("spec_version") {
        findings.text(version.value, "spec_version");
    }
    let provider = fields
        .take("provider")
        .and_then(|field| indicator::read_provider(findings, &field));
    let indicators = fields.take("indicators");
    fields.warn_unknown(findings, "the SLI file", &KEYS);
    let Some(field) = indicators else {
        let at = Span::new(root.span.start, root.span.start);
        findings.error(at, "`indicators` is missing", EXAMPLE);
        return None;
    };
    if findings.is_null(field.value) {
        findings.error(field.key, "`indicators` is empty", EXAMPLE);
        return None;
    }
    let entries = Fields::open(findings, field.value, "indicators")?.rest();
    if entries.is_empty() {
        findings.error(field.span(), "`indicators` is empty", EXAMPLE);
    }
    let mut file = SliFile {
        sources: vec![findings.source().clone()],
        ..SliFile::default()
    };
    file.sli.provider = provider;
    for entry in &entries {
        if let Some(read) = indicator::read(findings, entry) {
            let definition = Definition {
                source: 0,
                query: read.query,
            };
            file.places.insert(read.name.clone(), definition);
            file.sli.indicators.insert(read.name, read.definition);
        }
    }
    Some(file)
}

impl SliFile {
    /// Lays another file over this one: its indicators win, name by name, as in Keptn.
    ///
    /// An indicator whose file names a provider keeps it, whatever the other file says.
    #[must_use]
    pub fn overlaid_by(self, upper: Self) -> Self {
        let mut merged = self.with_own_providers();
        let upper = upper.with_own_providers();
        let offset = merged.sources.len();
        merged.sources.extend(upper.sources);
        for (name, definition) in upper.sli.indicators {
            merged.sli.indicators.insert(name, definition);
        }
        for (name, Definition { source, query }) in upper.places {
            let source = source + offset;
            merged.places.insert(name, Definition { source, query });
        }
        merged
    }

    /// Names the provider for indicators that name none, where the file does not.
    #[must_use]
    pub fn or_provider(mut self, provider: &ProviderName) -> Self {
        self.sli.provider.get_or_insert_with(|| provider.clone());
        self
    }

    /// Writes the provider of the file into each indicator that names none.
    fn with_own_providers(mut self) -> Self {
        if let Some(provider) = self.sli.provider.take() {
            for definition in self.sli.indicators.values_mut() {
                definition.provider.get_or_insert_with(|| provider.clone());
            }
        }
        self
    }

    /// Returns the files that the definitions come from, the one that wins last.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Returns where the nth (from 0) occurrence of a text in the query of an indicator stands: in the file as it is
    /// written, quotes, escapes and blocks included. Where there is no such occurrence, it is where the query begins.
    #[must_use]
    pub fn locate(
        &self,
        indicator: &IndicatorName,
        token: &str,
        occurrence: usize,
    ) -> Option<Position> {
        let (source, span) = self.find(indicator, token, occurrence)?;
        Some(source.position(span.start))
    }

    /// Makes a problem of a text in the query of an indicator, such as a placeholder that can't be filled.
    #[must_use]
    pub fn problem(
        &self,
        indicator: &IndicatorName,
        token: Token<'_>,
        message: impl Into<String>,
    ) -> Problem {
        let Token { text, occurrence } = token;
        let kind = ProblemKind::Malformed;
        let Some((source, span)) = self.find(indicator, text, occurrence) else {
            let path = self.sources.last().map_or("sli.yaml", Source::path);
            return Problem::new(kind, path, None, message);
        };
        Problem::new(kind, source.path(), Some(source.place(span)), message)
    }

    /// Finds a text in a query.
    fn find(
        &self,
        indicator: &IndicatorName,
        token: &str,
        occurrence: usize,
    ) -> Option<(&Source, Span)> {
        let definition = self.places.get(indicator)?;
        let source = self.sources.get(definition.source)?;
        let query = definition.query;
        let found = (!token.is_empty())
            .then(|| source.slice(query).match_indices(token).nth(occurrence))
            .flatten();
        let span = match found {
            Some((at, _)) => Span::new(query.start + at, query.start + at + token.len()),
            None => query,
        };
        Some((source, span))
    }
}

/// A text in a query: which, and which of several occurrences, counted from 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Token<'t> {
    /// The text; empty for the query as a whole.
    pub text: &'t str,
    /// The occurrence.
    pub occurrence: usize,
}

#[cfg(test)]
mod tests;
