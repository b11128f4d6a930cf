//! `JaCoCo`'s XML: the counters of the report, and those of its packages.

use std::collections::BTreeMap;

use super::coverage::{Coverage, Covered, results};
use super::failure::FileError;
use super::format::Format;
use super::options::ReadOptions;
use super::results::Results;
use super::text;
use super::xml::{Element, Elements, Tag};

/// Reads a report.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let mut elements = Elements::new(text::decode(input)?, Format::Jacoco);
    let mut report = Report::default();
    while let Some(tag) = elements.next()? {
        match tag {
            Tag::Open(element) => report.open(&element)?,
            Tag::Close => {
                report.open.pop();
            }
        }
    }
    Ok(report.into_results())
}

/// A report as far as it is read.
#[derive(Default)]
struct Report {
    /// The counters of the report itself, by type.
    total: BTreeMap<String, Covered>,
    /// The counters of packages, by type.
    packages: BTreeMap<String, BTreeMap<String, Covered>>,
    /// The elements that are open.
    open: Vec<Part>,
}

/// What an open element is.
enum Part {
    /// The report.
    Report,
    /// A package, with its name and those of the groups around it.
    Package(String),
    /// A group of an aggregated report.
    Group(String),
    /// Anything else.
    Other,
}

impl Report {
    /// Takes note of an element that begins.
    fn open(&mut self, element: &Element<'_>) -> Result<(), FileError> {
        let name = element.name();
        let title = || element.attribute("name").unwrap_or_default();
        let part = match name {
            "report" if self.open.is_empty() => Part::Report,
            _ if self.open.is_empty() => {
                let name: String = name.chars().take(40).collect();
                return Err(FileError::NotThisFormat {
                    format: Format::Jacoco,
                    found: format!("its root is `<{name}>`, not `<report>`"),
                });
            }
            "group" => Part::Group(title()),
            "package" => Part::Package(self.path(title())),
            "counter" => {
                self.count(element);
                Part::Other
            }
            _ => Part::Other,
        };
        self.open.push(part);
        Ok(())
    }

    /// Returns the name of a package after the groups it lies in.
    fn path(&self, name: String) -> String {
        let groups = self.open.iter().filter_map(|part| match part {
            Part::Group(group) => Some(group.clone()),
            Part::Report | Part::Package(_) | Part::Other => None,
        });
        groups.chain([name]).collect::<Vec<_>>().join("/")
    }

    /// Takes note of a counter, if it is of the report or of a package.
    fn count(&mut self, element: &Element<'_>) {
        let counter = || {
            let (missed, covered) = (element.count("missed")?, element.count("covered")?);
            let total = missed.checked_add(covered)?;
            Some((element.attribute("type")?, Covered::of(total, covered)))
        };
        let Some((kind, covered)) = counter() else {
            return;
        };
        match self.open.last() {
            Some(Part::Report) => {
                self.total.insert(kind, covered);
            }
            Some(Part::Package(name)) => {
                let package = self.packages.entry(name.clone()).or_default();
                package.insert(kind, covered);
            }
            Some(Part::Group(_) | Part::Other) | None => {}
        }
    }

    /// Turns counters into figures.
    fn into_results(self) -> Results {
        let packages = self.packages.iter();
        let packages = packages.map(|(name, counters)| (name.clone(), coverage(counters)));
        let mut results = results(coverage(&self.total), packages.collect());
        for (kind, covered) in self.total {
            if let Some(figure) = covered.percent() {
                results.native.insert(kind, figure);
            }
        }
        results
    }
}

/// Picks the counters that have canonical names.
fn coverage(counters: &BTreeMap<String, Covered>) -> Coverage {
    let counter = |kind: &str| counters.get(kind).copied().unwrap_or_default();
    Coverage {
        lines: counter("LINE"),
        branches: counter("BRANCH"),
        functions: counter("METHOD"),
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]
mod tests {
    use super::*;

    fn parse(text: &str) -> Results {
        read(text.as_bytes(), &ReadOptions::default()).unwrap()
    }

    #[test]
    fn the_counters_of_the_report_count_and_not_those_of_its_classes() {
        let results = parse(
            r#"<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
            <report name="x"><group name="g"><package name="p"><class name="c">
              <counter type="LINE" missed="100" covered="0"/></class>
              <counter type="LINE" missed="1" covered="1"/></package></group>
              <counter type="INSTRUCTION" missed="1" covered="9"/>
              <counter type="LINE" missed="1" covered="3"/><counter type="METHOD" missed="0" covered="2"/>
              <counter type="BRANCH" missed="0" covered="0"/></report>"#,
        );
        let value = |name: &str| results.total.figures.get(name).map(|figure| figure.value);
        assert_eq!(value("coverage_line"), Some(75.0));
        assert_eq!(value("coverage_function"), Some(100.0));
        assert_eq!(value("coverage_branch"), None);
        assert_eq!(value("lines_uncovered"), Some(1.0));
        assert_eq!(results.native["INSTRUCTION"].value, 90.0);
        assert_eq!(results.groups["g/p"].figures["coverage_line"].value, 50.0);
    }

    #[test]
    fn a_report_without_counters_has_no_figures() {
        let results = parse("<report name=\"x\"/>");
        assert!(results.total.figures.is_empty());
        assert!(results.warnings[0].starts_with("the report covers nothing"));
    }

    #[test]
    fn another_document_is_an_error() {
        let error = read(b"<coverage/>", &ReadOptions::default()).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("this is no jacoco file: its root is `<coverage>`")
        );
    }
}
