//! Errors of the plan as problems of the files that they come from, each with what to do about it.

use crate::gate::{
    Context, IndicatorName, PlaceholderError, PlanError, RangeError, WindowError, known_names,
};
use crate::spec::{Problem, ProblemKind, SliFile, SloFile, Token, nearest, reading, sort};

/// Nothing can be asked.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// Files are missing or malformed.
    #[error("files are missing or malformed")]
    Files(Vec<Problem>),
    /// No provider is configured, and an SLI names none.
    #[error("no provider is configured")]
    NoProvider(Vec<IndicatorName>),
    /// SLIs that were named and that nobody knows.
    #[error("unknown SLIs were named")]
    Unknown(Vec<UnknownIndicator>),
    /// No SLI is named, and no file names any.
    #[error("there is no SLI to ask for: no SLI file was found, and no SLO")]
    NothingToAsk,
    /// The range makes no sense.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// The window makes no sense.
    #[error(transparent)]
    Window(#[from] WindowError),
}

impl PrepareError {
    /// Adds problems that were known before.
    pub(super) fn beside(self, known: Vec<Problem>) -> Self {
        let merge = |mut problems: Vec<Problem>| {
            problems.extend(known);
            sort(&mut problems);
            problems
        };
        match self {
            Self::Files(problems) => Self::Files(merge(problems)),
            Self::NoProvider(indicators) => Self::NoProvider(indicators),
            Self::Unknown(_) | Self::NothingToAsk | Self::Range(_) | Self::Window(_) => self,
        }
    }
}

/// An SLI that was named and that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownIndicator {
    /// Its name.
    pub indicator: IndicatorName,
    /// What to do about it.
    pub hint: String,
}

impl UnknownIndicator {
    /// Looks for the name that was meant.
    pub(super) fn new(indicator: &IndicatorName, sli: &SliFile) -> Self {
        Self {
            indicator: indicator.clone(),
            hint: if sli.sli.indicators.is_empty() {
                missing_query(indicator, sli)
            } else {
                let known = sli.sli.indicators.keys();
                let known: Vec<&str> = known.map(IndicatorName::as_str).collect();
                reading::hint(indicator.as_str(), &known)
            },
        }
    }
}

/// Turns errors of the plan into problems of files.
pub(super) fn refused(
    errors: &[PlanError],
    slo_file: Option<&SloFile>,
    sli: &SliFile,
    context: &Context,
) -> PrepareError {
    let unasked: Vec<IndicatorName> = errors
        .iter()
        .filter_map(|error| match error {
            PlanError::NoProvider { indicator } => Some(indicator.clone()),
            PlanError::NoQuery { .. }
            | PlanError::UnknownProvider { .. }
            | PlanError::Placeholder { .. }
            | PlanError::Query { .. } => None,
        })
        .collect();
    if !unasked.is_empty() {
        return PrepareError::NoProvider(unasked);
    }
    PrepareError::Files(
        errors
            .iter()
            .map(|error| problem(error, slo_file, sli, context))
            .collect(),
    )
}

/// Says where an error of the plan stands, and what to do about it.
fn problem(
    error: &PlanError,
    slo_file: Option<&SloFile>,
    sli: &SliFile,
    context: &Context,
) -> Problem {
    match error {
        PlanError::NoQuery { indicator } | PlanError::NoProvider { indicator } => {
            let kind = ProblemKind::Malformed;
            let problem = match slo_file {
                Some(file) => file.problem(indicator, kind, error.to_string()),
                None => sli.problem(indicator, Token::default(), error.to_string()),
            };
            problem.with_hint(missing_query(indicator, sli))
        }
        PlanError::UnknownProvider { indicator, .. } => sli
            .problem(indicator, Token::default(), error.to_string())
            .with_hint("define it under `providers` in tidegate.yaml"),
        PlanError::Query { indicator, problem } => {
            let text = problem.option.as_deref().unwrap_or_default();
            let token = Token {
                text,
                occurrence: 0,
            };
            sli.problem(indicator, token, error.to_string())
                .with_hint(&problem.hint)
        }
        PlanError::Placeholder { indicator, error } => {
            let (text, occurrence) = error.place();
            let message = format!("{error} in the query of SLI `{indicator}`");
            sli.problem(indicator, Token { text, occurrence }, message)
                .with_hint(placeholder(error, context))
        }
    }
}

/// Says what to do where there is no query.
fn missing_query(indicator: &IndicatorName, sli: &SliFile) -> String {
    let known: Vec<&str> = sli
        .sli
        .indicators
        .keys()
        .map(IndicatorName::as_str)
        .collect();
    match nearest(indicator.as_str(), &known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => {
            format!(
                "no SLI file was found: write sli.yaml beside the SLO, with `indicators: {{{indicator}: QUERY}}`"
            )
        }
        None => format!("add it to the SLI file: `{indicator}: QUERY`"),
    }
}

/// Says what to do about a placeholder.
fn placeholder(error: &PlaceholderError, context: &Context) -> String {
    match error {
        PlaceholderError::Unresolved { token, .. } => {
            let name = token.trim_matches(['$', '{', '}']);
            let known = known_names(context);
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            match (name.split_once('.'), nearest(name, &known)) {
                (Some(("LABEL", key)), _) => format!("pass --label {key}=VALUE"),
                (Some(("ENV", name)), _) => {
                    format!("set {name}, and list it under `environment` in tidegate.yaml")
                }
                (_, Some(nearest)) => format!("did you mean `${nearest}`? A literal $ is written $$"),
                (_, None) => format!("known are ${}. A literal $ is written $$", known.join(", $")),
            }
        }
        PlaceholderError::Unsafe { token, .. } => {
            let name = token.trim_matches(['$', '{', '}']);
            format!("write ${{{name}|promql}} inside a quoted string, and it is escaped")
        }
        PlaceholderError::UnknownFilter { .. } => {
            "${NAME|promql} escapes for a quoted string, ${NAME|regex} for a regular expression in one".to_owned()
        }
        PlaceholderError::Forbidden { token, .. } => {
            let name = token.trim_matches(['$', '{', '}']);
            let parameter = name.rsplit('.').next().unwrap_or(name).to_lowercase();
            format!("bind it: `:{parameter}` in the query, and `params: {{{parameter}: {token}}}` beside it")
        }
    }
}
