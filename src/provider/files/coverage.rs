//! Coverage, whatever tool measured it: figures of lines, branches, and functions in percent.

use std::collections::BTreeMap;

use super::number::float;
use super::results::{Figure, Group, Results, Unit};

/// The most files that are told apart.
const MOST_FILES: usize = 20_000;

/// Whether something was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// It was not.
    #[default]
    No,
    /// It was.
    Yes,
}

impl From<bool> for Reach {
    fn from(is_reached: bool) -> Self {
        if is_reached { Self::Yes } else { Self::No }
    }
}

/// How much of something was covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Covered {
    /// How many there are.
    pub(super) total: u64,
    /// How many of them were reached.
    pub(super) reached: u64,
}

/// What of a file, or of everything, was covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    /// Lines.
    pub(super) lines: Covered,
    /// Branches.
    pub(super) branches: Covered,
    /// Functions or methods.
    pub(super) functions: Covered,
}

impl Covered {
    /// Counts things of which some were reached; never more than there are.
    pub(super) fn of(total: u64, reached: u64) -> Self {
        Self {
            total,
            reached: reached.min(total),
        }
    }

    /// Counts one more.
    pub(super) fn count(&mut self, reach: Reach) {
        self.total += 1;
        self.reached += u64::from(reach == Reach::Yes);
    }

    /// Counts two sets together.
    #[must_use]
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            total: self.total.saturating_add(other.total),
            reached: self.reached.saturating_add(other.reached),
        }
    }

    /// Returns the part that was reached, in percent; none where there is nothing to reach.
    pub(super) fn percent(self) -> Option<Figure> {
        let figure = || {
            let percent = float(self.reached) / float(self.total) * 100.0;
            Figure::new(percent, Unit::Percent).of_samples(self.total)
        };
        (self.total > 0).then(figure)
    }
}

impl Coverage {
    /// Counts two sets together.
    #[must_use]
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            lines: self.lines.plus(other.lines),
            branches: self.branches.plus(other.branches),
            functions: self.functions.plus(other.functions),
        }
    }

    /// Returns the figures; none of what there is nothing of.
    pub(super) fn into_group(self) -> Group {
        let mut group = Group::default();
        let kinds = [
            ("coverage_line", self.lines),
            ("coverage_branch", self.branches),
            ("coverage_function", self.functions),
        ];
        for (name, covered) in kinds {
            if let Some(figure) = covered.percent() {
                group.set(name, figure);
            }
        }
        if self.lines.total > 0 {
            let uncovered = float(self.lines.total - self.lines.reached);
            let figure = Figure::new(uncovered, Unit::Count).of_samples(self.lines.total);
            group.set("lines_uncovered", figure);
        }
        group
    }
}

/// Makes results of a whole and of its files.
pub(super) fn results(total: Coverage, files: BTreeMap<String, Coverage>) -> Results {
    let mut warnings = Vec::new();
    if total == Coverage::default() {
        warnings.push("the report covers nothing: did the run collect coverage?".to_owned());
    }
    if files.len() > MOST_FILES {
        let count = files.len();
        warnings.push(format!(
            "{count} files are covered; the first {MOST_FILES} can be asked for by name"
        ));
    }
    let files = files.into_iter().take(MOST_FILES);
    Results {
        total: total.into_group(),
        groups: files
            .map(|(name, file)| (name, file.into_group()))
            .collect(),
        warnings,
        ..Results::default()
    }
}
