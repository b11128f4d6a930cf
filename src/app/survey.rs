//! What `tidegate query` asks: some indicators, now, and at steps over a range. Nothing is judged, nothing is stored.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::measure::{OpenProviders, measure, measure_steps};
use super::prepare::{PrepareRequest, context, provider_folders};
use super::refusal::{PrepareError, UnknownIndicator, refused};
use super::wait::{Audience, Beginning, Lateness, Wait, wait_for_data};
use crate::gate::{
    Context, IndicatorDefinition, IndicatorName, Objective, PlanError, ProviderName, Providers,
    Query, RangeRequest, Reading, WindowRange, plan_indicators,
};
use crate::spec::{Loaded, Problem, Request, SliChoice, SliFile, SloNeed, load};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// These indicators; all that are defined where none is named.
    Indicators(Vec<IndicatorName>),
    /// A query that was typed, under this name.
    Expression {
        /// What it is called.
        name: IndicatorName,
        /// The query.
        query: String,
    },
}

/// Everything that is known before anyone is asked.
#[derive(Debug)]
pub struct Survey {
    /// What is asked for the window itself.
    pub now: Step,
    /// What is asked for earlier windows of a range, the earliest first; the window itself is its last point.
    pub earlier: Vec<Step>,
    /// The range, where one is wanted.
    pub range: Option<WindowRange>,
    /// The providers whose answers don't depend on a window: they are not asked for earlier ones.
    pub timeless: Vec<ProviderName>,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// What is worth knowing of the files.
    pub advice: Vec<Problem>,
}

impl Survey {
    /// Returns everything that will be asked, window by window.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.earlier.iter().chain([&self.now])
    }
}

/// The queries of one window.
#[derive(Debug)]
pub struct Step {
    /// What the queries speak of.
    pub context: Context,
    /// The queries.
    pub queries: Vec<Query>,
}

/// The outside world of a survey, borrowed.
pub struct SurveyServices<'a> {
    /// The providers that the queries name.
    pub providers: &'a OpenProviders,
    /// Whoever wants to hear of readings and waits.
    pub watch: &'a dyn Audience,
    /// What to do where data come late.
    pub lateness: Lateness,
    /// When the run began.
    pub began: Beginning,
}

/// The answers.
#[derive(Debug)]
pub struct Surveyed {
    /// The readings of the window itself, in the order of its queries.
    pub now: Vec<Reading>,
    /// The readings of each earlier window, in the order of the steps and their queries.
    pub earlier: Vec<Vec<Reading>>,
    /// What the user should know of the whole.
    pub warnings: Vec<String>,
}

/// Reads the files and makes the plan. There need not be an SLO; where there is one, its filters count.
pub fn prepare_survey(
    request: &PrepareRequest<'_>,
    subject: &Subject,
    range: Option<&RangeRequest>,
) -> Result<Survey, PrepareError> {
    let mut loaded = load_any(request, subject);
    if loaded.has_error() {
        return Err(PrepareError::Files(loaded.problems));
    }
    let slo = loaded.slo.take();
    let filters = slo.as_ref().map(|file| file.slo.filters.as_slice());
    let context = context(request, filters.unwrap_or_default())?;
    let mut sli = loaded.sli.take().unwrap_or_default();
    let objectives = slo.as_ref().map(|file| file.slo.objectives());
    let indicators = chosen(subject, &mut sli, objectives.unwrap_or_default())?;
    let range = range
        .map(|range| range.resolve(&context.window))
        .transpose()?;
    let planner = Planner {
        request,
        sli: &sli,
        subject,
    };
    let now = planner.step(&indicators, context)?;
    let timeless = planner.timeless(&now.queries);
    let lasting: Vec<IndicatorName> = now
        .queries
        .iter()
        .filter(|query| !timeless.contains(&query.provider))
        .map(|query| query.indicator.clone())
        .collect();
    let windows = range.iter().flat_map(|range| {
        let windows = range.windows.as_slice();
        windows.split_last().map_or(windows, |(_, earlier)| earlier)
    });
    let steps = windows.map(|window| {
        let context = Context {
            window: *window,
            ..now.context.clone()
        };
        planner.step(&lasting, context)
    });
    let earlier = steps.collect::<Result<_, _>>()?;
    Ok(Survey {
        now,
        earlier,
        range,
        timeless,
        files: loaded.files,
        advice: loaded.problems,
    })
}

/// Returns the names of the indicators that the files define, whatever else is wrong with them.
pub fn indicator_names(request: &PrepareRequest<'_>) -> Vec<IndicatorName> {
    let sli = load_any(request, &Subject::Indicators(Vec::new())).sli;
    let sli = sli.unwrap_or_default();
    sli.sli.indicators.into_keys().collect()
}

/// Reads the files that there are. For a typed query no file with indicators is needed.
fn load_any(request: &PrepareRequest<'_>, subject: &Subject) -> Loaded {
    let names = provider_folders(request);
    let given: Vec<PathBuf> = request.sli.iter().cloned().collect();
    let is_typed = matches!(subject, Subject::Expression { .. });
    load(&Request {
        shelf: request.shelf,
        slo: request.slo,
        need: SloNeed::IfAny,
        sli: match (&request.sli, is_typed) {
            (None, false) => SliChoice::FindIfAny,
            (Some(_), false) | (_, true) => SliChoice::Files(&given),
        },
        values: None,
        providers: &names,
        levels_above: request.levels_above,
    })
}

/// Returns the indicators that are asked for; where none is named, those of the SLI file, else those of the SLO.
fn chosen(
    subject: &Subject,
    sli: &mut SliFile,
    objectives: &[Objective],
) -> Result<Vec<IndicatorName>, PrepareError> {
    match subject {
        Subject::Expression { name, query } => {
            let definition = IndicatorDefinition {
                query: query.clone(),
                ..IndicatorDefinition::default()
            };
            sli.sli.indicators = BTreeMap::from([(name.clone(), definition)]);
            Ok(vec![name.clone()])
        }
        Subject::Indicators(names) if !names.is_empty() => Ok(names.clone()),
        Subject::Indicators(_) => {
            let defined: Vec<IndicatorName> = sli.sli.indicators.keys().cloned().collect();
            let judged = objectives
                .iter()
                .map(|objective| objective.indicator.clone());
            let all = if defined.is_empty() {
                judged.collect()
            } else {
                defined
            };
            if all.is_empty() {
                return Err(PrepareError::NothingToAsk);
            }
            Ok(all)
        }
    }
}

/// Makes the queries of each window.
struct Planner<'a> {
    /// What is known of providers and policies.
    request: &'a PrepareRequest<'a>,
    /// The definitions.
    sli: &'a SliFile,
    /// What is asked for.
    subject: &'a Subject,
}

impl Planner<'_> {
    /// Makes the queries of one window: placeholders speak of it.
    fn step(&self, indicators: &[IndicatorName], context: Context) -> Result<Step, PrepareError> {
        let providers = Providers {
            default: self.request.default_provider,
            for_undefined: self.request.for_undefined,
            defined: self.request.providers,
            policies: self.request.policies,
        };
        match plan_indicators(indicators, &self.sli.sli, &providers, &context) {
            Ok(queries) => Ok(Step { context, queries }),
            Err(errors) => Err(self.refused(&errors, &context)),
        }
    }

    /// Says what is wrong with the plan.
    fn refused(&self, errors: &[PlanError], context: &Context) -> PrepareError {
        let unknown: Vec<UnknownIndicator> = errors
            .iter()
            .filter_map(|error| match error {
                PlanError::NoQuery { indicator } => {
                    Some(UnknownIndicator::new(indicator, self.sli))
                }
                PlanError::NoProvider { indicator }
                    if !self.sli.sli.indicators.is_empty()
                        && !self.sli.sli.indicators.contains_key(indicator) =>
                {
                    Some(UnknownIndicator::new(indicator, self.sli))
                }
                PlanError::NoProvider { .. }
                | PlanError::UnknownProvider { .. }
                | PlanError::Placeholder { .. }
                | PlanError::Query { .. } => None,
            })
            .collect();
        if !unknown.is_empty() {
            return PrepareError::Unknown(unknown);
        }
        match (refused(errors, None, self.sli, context), self.subject) {
            (PrepareError::Files(mut problems), Subject::Expression { .. }) => {
                for problem in &mut problems {
                    "--expr".clone_into(&mut problem.path);
                }
                PrepareError::Files(problems)
            }
            (refusal, _) => refusal,
        }
    }

    /// Returns the providers whose answers don't depend on a window.
    fn timeless(&self, queries: &[Query]) -> Vec<ProviderName> {
        let defined = self.request.providers.iter();
        defined
            .filter(|(name, provider)| {
                !provider.facts.has_time() && queries.iter().any(|query| query.provider == **name)
            })
            .map(|(name, _)| name.clone())
            .collect()
    }
}

/// Asks.
pub async fn survey(services: &SurveyServices<'_>, survey: &Survey) -> Surveyed {
    let SurveyServices {
        providers,
        watch,
        lateness,
        began,
    } = *services;
    let Step { context, queries } = &survey.now;
    let wait = Wait::of(queries, &context.window, began.time);
    let late = wait_for_data(wait, lateness, began, watch).await;
    let now = measure(providers, queries, context, watch).await;
    // Only now: together they could have more requests under way than a provider allows.
    let earlier = measure_steps(providers, &survey.earlier, watch).await;
    Surveyed {
        now: now.readings,
        earlier,
        warnings: late.into_iter().collect(),
    }
}
