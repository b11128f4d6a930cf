//! The SLO file as a value. What can be built here can be evaluated: every rule of the format holds by construction.

use std::collections::BTreeSet;

use super::comparison::Comparison;
use super::criterion::WrittenCriterion;
use super::name::IndicatorName;
use super::number::{Finite, parse_go_float};

/// A whole SLO.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// `spec_version`; never used, only echoed.
    pub spec_version: String,
    /// `filter`: key and value for the providers, in the order of the file.
    pub filters: Vec<(String, String)>,
    /// `comparison`.
    pub comparison: Comparison,
    /// `objectives`, in the order of the file; no two have the same SLI.
    objectives: Vec<Objective>,
    /// `total_score`.
    pub total_score: TotalScore,
}

/// Two objectives have the same SLI. Keptn lets the second one fail for lack of a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SLI `{0}` is used by more than one objective")]
pub struct DuplicateObjective(pub IndicatorName);

impl Slo {
    /// Makes an SLO without filters, with the default comparison.
    ///
    /// # Errors
    /// [`DuplicateObjective`] where two objectives have the same SLI.
    ///
    /// ```
    /// use tidegate::gate::{Objective, IndicatorName, Slo, TotalScore};
    /// let objective = Objective::new(IndicatorName::new("error_rate").unwrap()).pass(["<1"]).unwrap();
    /// let slo = Slo::new(vec![objective], TotalScore::parse("90%", Some("75%")).unwrap()).unwrap();
    /// assert_eq!(slo.objectives().len(), 1);
    /// ```
    pub fn new(
        objectives: Vec<Objective>,
        total_score: TotalScore,
    ) -> Result<Self, DuplicateObjective> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = objectives.iter().find(|o| !seen.insert(&o.indicator)) {
            return Err(DuplicateObjective(twice.indicator.clone()));
        }
        Ok(Self {
            spec_version: String::new(),
            filters: Vec::new(),
            comparison: Comparison::default(),
            objectives,
            total_score,
        })
    }

    /// Returns the objectives in the order of the file.
    #[must_use]
    pub fn objectives(&self) -> &[Objective] {
        &self.objectives
    }
}

/// One entry of `objectives`.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// The SLI it judges.
    pub indicator: IndicatorName,
    /// The name to show; may be empty.
    pub display_name: String,
    /// Sets of criteria of which one must be met to pass. Empty: the objective is informational.
    pub pass: Vec<CriteriaSet>,
    /// Sets of criteria of which one must be met to count half.
    pub warning: Vec<CriteriaSet>,
    /// The points it is worth.
    pub weight: Weight,
    /// Whether its failure fails the evaluation.
    pub key: bool,
}

impl Objective {
    /// Starts an informational objective with weight 1.
    #[must_use]
    pub fn new(indicator: IndicatorName) -> Self {
        Self {
            indicator,
            display_name: String::new(),
            pass: Vec::new(),
            warning: Vec::new(),
            weight: Weight::ONE,
            key: false,
        }
    }

    /// Adds a set of criteria to pass by; all of one set must hold.
    ///
    /// # Errors
    /// [`CriteriaSetError`] where a criterion can't be read, or there is none.
    pub fn pass<'a>(
        mut self,
        criteria: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, CriteriaSetError> {
        self.pass.push(CriteriaSet::parse(criteria)?);
        Ok(self)
    }

    /// Adds a set of criteria to count half by.
    ///
    /// # Errors
    /// [`CriteriaSetError`] where a criterion can't be read, or there is none.
    pub fn warning<'a>(
        mut self,
        criteria: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, CriteriaSetError> {
        self.warning.push(CriteriaSet::parse(criteria)?);
        Ok(self)
    }

    /// Tells whether the objective is only shown, never scored: it has no criteria to pass by.
    #[must_use]
    pub fn is_informational(&self) -> bool {
        self.pass.is_empty()
    }
}

/// Returns the name of an objective to show: the display name, else the SLI.
pub(super) fn shown_name<'a>(display_name: &'a str, indicator: &'a IndicatorName) -> &'a str {
    if display_name.is_empty() {
        indicator.as_str()
    } else {
        display_name
    }
}

/// Criteria that must all hold; at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct CriteriaSet(Vec<WrittenCriterion>);

/// A set of criteria could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CriteriaSetError {
    /// It is empty. In Keptn an empty set is always met, and passes whatever the value.
    #[error("a criteria set needs at least one criterion")]
    Empty,
    /// One of its texts is not a criterion.
    #[error("`{text}`: {error}")]
    Criterion {
        /// The text.
        text: String,
        /// What is wrong with it.
        #[source]
        error: super::criterion::CriterionError,
    },
}

impl CriteriaSet {
    /// Takes criteria that must all hold.
    ///
    /// # Errors
    /// [`CriteriaSetError::Empty`] where there are none.
    pub fn new(criteria: Vec<WrittenCriterion>) -> Result<Self, CriteriaSetError> {
        if criteria.is_empty() {
            Err(CriteriaSetError::Empty)
        } else {
            Ok(Self(criteria))
        }
    }

    /// Reads criteria that must all hold.
    ///
    /// # Errors
    /// [`CriteriaSetError`] names the first text that can't be read.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, CriteriaSetError> {
        let read = |text: &'a str| {
            text.parse().map_err(|error| CriteriaSetError::Criterion {
                text: text.to_owned(),
                error,
            })
        };
        Self::new(texts.into_iter().map(read).collect::<Result<_, _>>()?)
    }

    /// Returns the criteria in the order of the file.
    #[must_use]
    pub fn criteria(&self) -> &[WrittenCriterion] {
        &self.0
    }
}

/// How many points an objective is worth: at least 1. Keptn reads 0 as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(i64);

impl Weight {
    /// The default.
    pub const ONE: Self = Self(1);

    /// Takes a number; 0 becomes 1, as in Keptn, and a negative one is refused.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        (number >= 0).then_some(Self(number.max(1)))
    }

    /// Returns the points.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "Keptn converts int64 to float64 as well"
    )]
    pub fn points(self) -> f64 {
        self.0 as f64
    }
}

/// The `total_score`: how many per cent of the points the whole needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TotalScore {
    /// Per cent to pass.
    pass: f64,
    /// Per cent to be a warning.
    warning: Option<f64>,
}

/// A total score could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TotalScoreError {
    /// There is no `pass`.
    #[error("no target score defined")]
    Missing,
    /// `pass` is not a percentage.
    #[error("could not parse pass target percentage")]
    Pass,
    /// `warning` is not a percentage.
    #[error("could not parse warning target percentage")]
    Warning,
}

impl TotalScore {
    /// Reads the two percentages, with or without `%`. An empty warning is none.
    ///
    /// # Errors
    /// [`TotalScoreError`] where one is missing, unreadable, infinite, or NaN. Keptn checks no range, nor do we.
    pub fn parse(pass: &str, warning: Option<&str>) -> Result<Self, TotalScoreError> {
        if pass.is_empty() {
            return Err(TotalScoreError::Missing);
        }
        let pass = Self::percentage(pass).ok_or(TotalScoreError::Pass)?;
        let warning = match warning.filter(|text| !text.is_empty()) {
            Some(text) => Some(Self::percentage(text).ok_or(TotalScoreError::Warning)?),
            None => None,
        };
        Ok(Self { pass, warning })
    }

    /// Takes the two percentages as numbers.
    #[must_use]
    pub fn new(pass: Finite, warning: Option<Finite>) -> Self {
        Self {
            pass: pass.get(),
            warning: warning.map(Finite::get),
        }
    }

    /// Reads one percentage; `None` where it is not a finite number.
    #[must_use]
    pub fn percentage(text: &str) -> Option<f64> {
        parse_go_float(text.strip_suffix('%').unwrap_or(text)).filter(|value| value.is_finite())
    }

    /// Returns the per cent needed to pass.
    #[must_use]
    pub fn pass(&self) -> f64 {
        self.pass
    }

    /// Returns the per cent needed to be a warning.
    #[must_use]
    pub fn warning(&self) -> Option<f64> {
        self.warning
    }
}
