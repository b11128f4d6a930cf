//! Where in its SLO file each objective and each criterion stands, for formats that point at lines.
//!
//! The SLO is the one that is stored with the evaluation. What can't be found is said to stand further out: a criterion
//! in its objective, an objective on the first line.

use granit_parser::{Event, Parser};

use crate::gate::{ObjectiveResult, Record, TargetResult};

/// The lines of one SLO file, from 1 on.
#[derive(Debug, Default)]
pub(super) struct SloLines {
    /// The objectives, in the order of the file.
    objectives: Vec<ObjectiveLines>,
}

/// The lines of one objective.
#[derive(Debug, Default)]
struct ObjectiveLines {
    /// The indicator.
    indicator: String,
    /// Where it is named.
    line: usize,
    /// Each criterion without its spaces, and where it stands.
    criteria: Vec<(String, usize)>,
}

impl SloLines {
    /// Finds the lines in the SLO of an evaluation.
    pub fn of(record: &Record) -> Self {
        let mut finder = Finder::default();
        for event in Parser::new_from_str(&record.slo_file.content) {
            let Ok((event, span)) = event else { break };
            if matches!(event, Event::DocumentEnd) {
                break;
            }
            finder.take(&event, span.start.line());
        }
        Self {
            objectives: finder.found,
        }
    }

    /// Returns the line that names an objective; 1 where it is not in the file.
    pub fn objective(&self, objective: &ObjectiveResult) -> usize {
        self.find(objective).map_or(1, |found| found.line)
    }

    /// Returns the line of a criterion of an objective; that of the objective where it is not known.
    pub fn target(&self, objective: &ObjectiveResult, target: &TargetResult) -> usize {
        let Some(found) = self.find(objective) else {
            return 1;
        };
        let wanted = without_spaces(&target.criteria);
        let mut criteria = found.criteria.iter();
        let line = criteria.find(|(criterion, _)| *criterion == wanted);
        line.map_or(found.line, |(_, line)| *line)
    }

    /// Returns the line to point at: that of the first criterion that was missed, else that of the objective.
    pub fn decisive(&self, objective: &ObjectiveResult) -> usize {
        let mut targets = objective.pass_targets.iter();
        match targets.find(|target| target.violated) {
            Some(target) => self.target(objective, target),
            None => self.objective(objective),
        }
    }

    /// Returns what is known of an objective.
    fn find(&self, objective: &ObjectiveResult) -> Option<&ObjectiveLines> {
        let name = objective.indicator.as_str();
        self.objectives.iter().find(|found| found.indicator == name)
    }
}

/// Returns a criterion as it is compared: spaces mean nothing in it.
fn without_spaces(criterion: &str) -> String {
    criterion.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A list or a mapping that is not read to its end yet.
#[derive(Debug)]
enum Open {
    /// A list.
    List,
    /// A mapping, with the key whose value comes next.
    Mapping(Option<String>),
}

/// Follows the parser, and notes the lines.
#[derive(Debug, Default)]
struct Finder {
    /// What is open, the outermost first.
    open: Vec<Open>,
    /// The objective that is being read.
    current: ObjectiveLines,
    /// The objectives that were read.
    found: Vec<ObjectiveLines>,
}

impl Finder {
    /// Takes what comes next.
    fn take(&mut self, event: &Event<'_>, line: usize) {
        match event {
            Event::Scalar(text, ..) => self.scalar(text, line),
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.value_ended(),
            Event::SequenceStart(..) => self.open.push(Open::List),
            Event::MappingStart(..) => self.open.push(Open::Mapping(None)),
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                if self.path() == ["objectives", "[]"] {
                    self.found.push(std::mem::take(&mut self.current));
                }
                self.value_ended();
            }
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::Comment(..)
            | _ => {}
        }
    }

    /// Takes a text: a key, or a value.
    fn scalar(&mut self, text: &str, line: usize) {
        if let Some(Open::Mapping(key @ None)) = self.open.last_mut() {
            *key = Some(text.to_owned());
            return;
        }
        match self.path().as_slice() {
            ["objectives", "[]", "sli"] => {
                text.clone_into(&mut self.current.indicator);
                self.current.line = line;
            }
            [
                "objectives",
                "[]",
                "pass" | "warning",
                "[]",
                "criteria",
                "[]",
            ] => {
                self.current.criteria.push((without_spaces(text), line));
            }
            _ => {}
        }
        self.value_ended();
    }

    /// Notes that a value is complete: in a mapping a key comes next.
    fn value_ended(&mut self) {
        if let Some(Open::Mapping(key)) = self.open.last_mut() {
            *key = None;
        }
    }

    /// Returns where the parser is: keys, and `[]` for an element.
    fn path(&self) -> Vec<&str> {
        let step = |open| match open {
            &Open::List => "[]",
            Open::Mapping(key) => key.as_deref().unwrap_or_default(),
        };
        self.open.iter().map(step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{all, record};
    use super::*;

    /// Returns the lines of each objective, and of each of its criteria.
    fn lines(content: &str) -> Vec<(usize, Vec<usize>)> {
        let mut record = record(all(640.0, 0.5), &[]);
        content.clone_into(&mut record.slo_file.content);
        let lines = SloLines::of(&record);
        let objectives = record.evaluation.objectives().iter();
        let of_one = |objective: &ObjectiveResult| {
            let warnings = objective.warning_targets.iter().flatten();
            let targets = objective.pass_targets.iter().chain(warnings);
            let targets = targets.map(|target| lines.target(objective, target));
            (lines.objective(objective), targets.collect())
        };
        objectives.map(of_one).collect()
    }

    #[test]
    fn every_objective_and_criterion_has_its_line() {
        let content = record(all(640.0, 0.5), &[]).slo_file.content;
        let expected = [(4, vec![7, 7, 8]), (9, vec![11]), (12, vec![])];
        assert_eq!(lines(&content), expected);
    }

    #[test]
    fn order_quotes_flow_and_anchors_are_read() {
        let content = "x: {objectives: [{sli: throughput}]}\n\
                       objectives:\n\
                       - weight: 2\n  pass:\n  - criteria:\n    - ' <= +10 %'\n    - |-\n      <600\n  'sli': \"response_time_p95\"\n\
                       - {pass: *other,\n  sli: error_rate}\n";
        assert_eq!(lines(content)[0], (9, vec![6, 8, 9]));
        let content = content.replace("*other", "&other [{criteria: [<1]}]");
        assert_eq!(lines(&content)[1], (11, vec![10]));
        assert_eq!(lines(&content)[2], (1, vec![]));
    }

    #[test]
    fn what_is_no_slo_has_one_line() {
        let nowhere = [(1, vec![1, 1, 1]), (1, vec![1]), (1, vec![])];
        for content in [
            "",
            "objectives: 7",
            "[[[[",
            "objectives:\n  - [sli, x]\n",
            "\u{0}: {",
        ] {
            assert_eq!(lines(content), nowhere);
        }
    }
}
