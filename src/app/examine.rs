//! What `tidegate doctor` asks: whether each provider and the log can be used, and one query of each provider.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::measure::measure_one;
use super::prepare::{PrepareRequest, context, provider_folders};
use super::refusal::PrepareError;
use super::survey::Step;
use crate::eventlog::{EventLog, Filter, ReadError};
use crate::gate::{IndicatorName, Outcome, ProviderName, Providers, Reading, Sli, plan_indicators};
use crate::provider::{Check, CheckOutcome, Provider, Watch};
use crate::spec::{Problem, Request, SliChoice, SloNeed, load};

/// The query that stands for all of a provider.
#[derive(Debug)]
pub enum Sample {
    /// The first one of the SLI file that can be planned.
    Query(Box<Step>),
    /// There are some, and none can be planned; and why.
    Refused(String),
    /// No SLI is asked of the provider.
    None,
}

/// What is known before anyone is asked.
#[derive(Debug)]
pub struct Samples {
    /// One query for each provider that is defined.
    pub queries: BTreeMap<ProviderName, Sample>,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// What is worth knowing of the files.
    pub advice: Vec<Problem>,
}

/// Reads the files that there are, and chooses a query for each provider.
pub fn prepare_samples(request: &PrepareRequest<'_>) -> Result<Samples, PrepareError> {
    let names = provider_folders(request);
    let given: Vec<PathBuf> = request.sli.iter().cloned().collect();
    let mut loaded = load(&Request {
        shelf: request.shelf,
        slo: request.slo,
        need: SloNeed::IfAny,
        sli: match &request.sli {
            None => SliChoice::FindIfAny,
            Some(_) => SliChoice::Files(&given),
        },
        values: None,
        providers: &names,
        levels_above: request.levels_above,
    });
    if loaded.has_error() {
        return Err(PrepareError::Files(loaded.problems));
    }
    let slo = loaded.slo.take();
    let filters = slo.as_ref().map(|file| file.slo.filters.as_slice());
    let filters = filters.unwrap_or_default();
    let sli = loaded.sli.take().unwrap_or_default().sli;
    let mut queries = BTreeMap::new();
    for provider in request.providers.keys() {
        queries.insert(provider.clone(), sample(provider, &sli, request, filters)?);
    }
    Ok(Samples {
        queries,
        files: loaded.files,
        advice: loaded.problems,
    })
}

/// Chooses the query of one provider.
fn sample(
    provider: &ProviderName,
    sli: &Sli,
    request: &PrepareRequest<'_>,
    filters: &[(String, String)],
) -> Result<Sample, PrepareError> {
    let providers = Providers {
        default: request.default_provider,
        for_undefined: request.for_undefined,
        defined: request.providers,
        policies: request.policies,
    };
    let mut refused = Sample::None;
    for (indicator, definition) in &sli.indicators {
        let asked = definition.provider.as_ref().or(sli.provider.as_ref());
        if asked.or(request.default_provider) != Some(provider) {
            continue;
        }
        let context = context(request, filters)?;
        match plan_indicators([indicator], sli, &providers, &context) {
            Ok(queries) => return Ok(Sample::Query(Box::new(Step { context, queries }))),
            Err(errors) => {
                let error = errors.first().map(ToString::to_string);
                refused = Sample::Refused(error.unwrap_or_default());
            }
        }
    }
    Ok(refused)
}

/// Checks one provider: the way to it, and one query.
pub async fn examine(provider: &dyn Provider, sample: &Sample) -> Vec<Check> {
    let mut checks = provider.probe().await;
    let outcome = match sample {
        _ if checks.iter().any(Check::is_bad) => {
            CheckOutcome::Skipped("a check before this one failed".to_owned())
        }
        Sample::None => {
            CheckOutcome::Skipped("no SLI of the SLI file is asked of this provider".to_owned())
        }
        Sample::Refused(error) => CheckOutcome::Odd {
            detail: format!("not asked: {error}"),
            hint: "an evaluation would stop here: correct it, or pass what is missing".to_owned(),
        },
        Sample::Query(step) => match measure_one(provider, step, &Nobody).await {
            Some(reading) => told(&reading),
            None => CheckOutcome::Skipped("the provider gave no answer at all".to_owned()),
        },
    };
    checks.push(Check::new("query", outcome));
    checks
}

/// Hears of readings, and shows nothing.
struct Nobody;

impl Watch for Nobody {
    fn answered(&self, _reading: &Reading) {}
}

/// Says what came of the query.
fn told(reading: &Reading) -> CheckOutcome {
    let indicator: &IndicatorName = &reading.indicator;
    let query = reading.query.as_deref().unwrap_or_default().trim();
    match &reading.outcome {
        Outcome::Value(value) => {
            let unit = reading.unit.as_deref();
            let unit = unit.map_or_else(String::new, |unit| format!(" {unit}"));
            let elapsed = reading.elapsed.unwrap_or_default().as_secs_f64() * 1e3;
            CheckOutcome::Good(format!(
                "{indicator} is {}{unit}, {elapsed:.1} ms (query: {query})",
                value.get()
            ))
        }
        Outcome::NoData(reason) => CheckOutcome::Odd {
            detail: format!("{indicator} has no data: {reason} (query: {query})"),
            hint: format!("tidegate query {indicator} --range 1d shows when there were data"),
        },
        Outcome::Failed(failure) => CheckOutcome::Bad {
            kind: failure.kind,
            detail: format!("{indicator} failed: {failure} (query: {query})"),
            hint: format!("tidegate query {indicator} tells more"),
        },
    }
}

/// Checks that the log can be read; returns how that went.
pub async fn examine_log(log: &dyn EventLog) -> Result<&'static str, ReadError> {
    let page = log.events(&Filter::default(), 1).await?;
    Ok(if page.events.is_empty() {
        "can be read, and holds no event yet"
    } else {
        "can be read"
    })
}
