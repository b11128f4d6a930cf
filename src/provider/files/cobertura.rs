//! Cobertura's XML. Lines are counted; the rates that the root states are fractions, sometimes NaN or with a decimal
//! comma, and used only where no line is listed.

use std::collections::BTreeMap;

use super::coverage::{Coverage, Covered, results};
use super::failure::FileError;
use super::format::Format;
use super::options::ReadOptions;
use super::results::{Figure, Results, Unit};
use super::text;
use super::xml::{Element, Elements, Tag};

/// Reads a report.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let mut elements = Elements::new(text::decode(input)?, Format::Cobertura);
    let mut report = Report::default();
    while let Some(tag) = elements.next()? {
        match tag {
            Tag::Open(element) if report.open.is_empty() => {
                report.stated = Stated::new(&element)?;
                report.open.push(Part::Other);
            }
            Tag::Open(element) => report.open(&element),
            Tag::Close => report.close(),
        }
    }
    report.into_results()
}

/// A report as far as it is read.
#[derive(Default)]
struct Report {
    /// What the root states.
    stated: Stated,
    /// The elements that are open.
    open: Vec<Part>,
    /// The source file of the class that is open.
    file: String,
    /// The lines of source files by number. Several classes may lie in one file.
    lines: BTreeMap<String, BTreeMap<u64, Line>>,
    /// Methods by source file.
    methods: BTreeMap<String, Covered>,
    /// Whether a line of the method that is open was run.
    is_method_run: bool,
}

/// What an open element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A method.
    Method,
    /// Anything else.
    Other,
}

/// A line of source.
#[derive(Clone, Copy, Default)]
struct Line {
    /// Whether it was run.
    is_run: bool,
    /// Its branches.
    branches: Covered,
}

/// What the root states.
#[derive(Default)]
struct Stated {
    /// Lines.
    lines: Option<Covered>,
    /// Branches.
    branches: Option<Covered>,
    /// The part of lines that were run, 0 to 1, or NaN.
    line_rate: Option<f64>,
    /// The part of branches that were taken, 0 to 1, or NaN.
    branch_rate: Option<f64>,
}

impl Stated {
    /// Reads the attributes of the root.
    fn new(root: &Element<'_>) -> Result<Self, FileError> {
        if root.name() != "coverage" {
            let name: String = root.name().chars().take(40).collect();
            return Err(FileError::NotThisFormat {
                format: Format::Cobertura,
                found: format!("its root is `<{name}>`, not `<coverage>`"),
            });
        }
        let counts = |total: &str, reached: &str| {
            Some(Covered::of(root.count(total)?, root.count(reached)?))
        };
        Ok(Self {
            lines: counts("lines-valid", "lines-covered"),
            branches: counts("branches-valid", "branches-covered"),
            line_rate: root.number("line-rate"),
            branch_rate: root.number("branch-rate"),
        })
    }
}

impl Report {
    /// Takes note of an element that begins.
    fn open(&mut self, element: &Element<'_>) {
        let part = match element.name() {
            "class" => {
                let file = element.attribute("filename").or(element.attribute("name"));
                self.file = file.unwrap_or_default();
                Part::Other
            }
            "method" => {
                self.is_method_run = false;
                Part::Method
            }
            "line" => {
                self.add_line(element);
                Part::Other
            }
            _ => Part::Other,
        };
        self.open.push(part);
    }

    /// Takes note of the end of the innermost element.
    fn close(&mut self) {
        if self.open.pop() == Some(Part::Method) {
            let methods = self.methods.entry(self.file.clone()).or_default();
            methods.count(self.is_method_run.into());
        }
    }

    /// Counts a line. Those of methods are listed again below their class, by some tools only there.
    fn add_line(&mut self, element: &Element<'_>) {
        let Some(number) = element.count("number") else {
            return;
        };
        let is_run = element.number("hits").is_some_and(|hits| hits > 0.0);
        if self.open.contains(&Part::Method) {
            self.is_method_run |= is_run;
        }
        if !self.lines.contains_key(&self.file) {
            self.lines.insert(self.file.clone(), BTreeMap::new());
        }
        let Some(lines) = self.lines.get_mut(&self.file) else {
            return;
        };
        let line = lines.entry(number).or_default();
        line.is_run |= is_run;
        let branches = element.attribute("condition-coverage");
        if let Some(branches) = branches.as_deref().and_then(parse_conditions) {
            line.branches = Covered {
                total: line.branches.total.max(branches.total),
                reached: line.branches.reached.max(branches.reached),
            };
        }
    }

    /// Counts what is covered.
    fn into_results(self) -> Result<Results, FileError> {
        let Self {
            stated,
            lines,
            methods,
            ..
        } = self;
        if lines.is_empty() {
            return stated.into_results();
        }
        let files: BTreeMap<String, Coverage> = lines
            .into_iter()
            .map(|(file, lines)| {
                let functions = methods.get(&file).copied().unwrap_or_default();
                let coverage = coverage(&lines, functions);
                (file, coverage)
            })
            .collect();
        let total = files
            .values()
            .fold(Coverage::default(), |total, file| total.plus(*file));
        let mut results = results(total, files);
        if let Some(stated) = stated.lines.filter(|stated| *stated != total.lines) {
            results.warnings.push(format!(
                "the report states {} of {} lines, and lists {} of {}; those are counted",
                stated.reached, stated.total, total.lines.reached, total.lines.total
            ));
        }
        Ok(results)
    }
}

impl Stated {
    /// Makes figures of what the root states, where no line is listed.
    fn into_results(self) -> Result<Results, FileError> {
        let Self {
            lines,
            branches,
            line_rate,
            branch_rate,
        } = self;
        if lines.is_none() && line_rate.is_none() {
            return Err(FileError::NotThisFormat {
                format: Format::Cobertura,
                found: "`<coverage>` has neither `line-rate` nor lines".to_owned(),
            });
        }
        let counted = Coverage {
            lines: lines.unwrap_or_default(),
            branches: branches.unwrap_or_default(),
            functions: Covered::default(),
        };
        if lines.is_some() {
            return Ok(results(counted, BTreeMap::new()));
        }
        let mut results = results(counted, BTreeMap::new());
        results.warnings.clear();
        for (name, rate) in [
            ("coverage_line", line_rate),
            ("coverage_branch", branch_rate),
        ] {
            if let Some(rate) = rate {
                let figure = Figure::new(rate * 100.0, Unit::Percent);
                results
                    .total
                    .set(name, figure.with_note("as the tool states it"));
            }
        }
        Ok(results)
    }
}

/// Counts the lines of a file.
fn coverage(lines: &BTreeMap<u64, Line>, functions: Covered) -> Coverage {
    let mut coverage = Coverage {
        functions,
        ..Coverage::default()
    };
    for line in lines.values() {
        coverage.lines.count(line.is_run.into());
        coverage.branches = coverage.branches.plus(line.branches);
    }
    coverage
}

/// Reads `50% (1/2)`.
fn parse_conditions(text: &str) -> Option<Covered> {
    let (_, counts) = text.split_once('(')?;
    let (reached, total) = counts.split_once(')')?.0.split_once('/')?;
    Some(Covered::of(
        total.trim().parse().ok()?,
        reached.trim().parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Results {
        read(text.as_bytes(), &ReadOptions::default()).unwrap()
    }

    fn value(results: &Results, name: &str) -> Option<f64> {
        results.total.figures.get(name).map(|figure| figure.value)
    }

    const REPORT: &str = r#"<?xml version="1.0"?>
        <!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
        <coverage line-rate="0,9" branch-rate="NaN"><packages><package><classes>
          <class name="A" filename="a.java"><methods>
              <method name="f"><lines><line number="1" hits="3"/></lines></method>
              <method name="g"><lines><line number="4" hits="0"/></lines></method></methods>
            <lines><line number="1" hits="3"/>
              <line number="2" hits="3" branch="true" condition-coverage="25% (1/4)"/>
              <line number="4" hits="0"/></lines></class>
          <class name="A$B" filename="a.java"><methods/><lines><line number="4" hits="0"/>
              <line number="5" hits="1"/></lines></class>
        </classes></package></packages></coverage>"#;

    #[test]
    fn lines_are_counted_once_though_methods_and_classes_list_them_again() {
        let results = parse(REPORT);
        assert_eq!(value(&results, "coverage_line"), Some(75.0));
        assert_eq!(value(&results, "coverage_branch"), Some(25.0));
        assert_eq!(value(&results, "coverage_function"), Some(50.0));
        assert_eq!(value(&results, "lines_uncovered"), Some(1.0));
        assert_eq!(results.groups["a.java"], results.total);
        assert!(results.warnings.is_empty());
    }

    #[test]
    fn rates_that_the_root_states_serve_where_no_line_is_listed() {
        let results = parse(r#"<coverage line-rate="0,875" branch-rate="NaN" version="1"/>"#);
        assert_eq!(value(&results, "coverage_line"), Some(87.5));
        assert!(value(&results, "coverage_branch").unwrap().is_nan());
        assert_eq!(value(&results, "lines_uncovered"), None);
    }

    #[test]
    fn counts_that_the_root_states_go_before_its_rates() {
        let results = parse(
            r#"<coverage line-rate="1" lines-covered="3" lines-valid="4" branches-covered="0" branches-valid="0"/>"#,
        );
        assert_eq!(value(&results, "coverage_line"), Some(75.0));
        assert_eq!(value(&results, "coverage_branch"), None);
    }

    #[test]
    fn nothing_to_cover_is_no_figure() {
        let results = parse(r#"<coverage line-rate="1" lines-covered="0" lines-valid="0"/>"#);
        assert!(results.total.figures.is_empty());
    }

    #[test]
    fn what_the_root_states_and_the_lines_say_is_compared() {
        let text =
            r#"<coverage lines-covered="9" lines-valid="9"><line number="1" hits="0"/></coverage>"#;
        let results = parse(text);
        assert_eq!(value(&results, "coverage_line"), Some(0.0));
        assert_eq!(
            results.warnings,
            ["the report states 9 of 9 lines, and lists 0 of 1; those are counted"]
        );
    }

    #[test]
    fn other_documents_and_halves_are_errors() {
        let error = |text: &str| read(text.as_bytes(), &ReadOptions::default()).unwrap_err();
        assert!(
            error("<coverage clover=\"3\"/>")
                .to_string()
                .contains("neither `line-rate` nor")
        );
        assert!(
            error("<report/>")
                .to_string()
                .contains("its root is `<report>`")
        );
        let half = &REPORT[..REPORT.len() - 60];
        assert!(matches!(error(half), FileError::Truncated { .. }));
    }
}
