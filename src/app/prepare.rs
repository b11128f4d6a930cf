//! From files to a plan: what will be asked, or what was brought along. No network, no secret.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::refusal::{PrepareError, refused};
use crate::gate::{
    Context, DefinedProvider, PlanError, PolicyLayer, ProviderName, Providers, Query, Readings,
    Series, Slo, SloFile, WindowOrigin, WindowRequest, plan,
};
use crate::spec::{Problem, Request, Shelf, SliChoice, SliFile, SloNeed, Values, load};

/// What to prepare.
pub struct PrepareRequest<'a> {
    /// Where the files are read from.
    pub shelf: Shelf<'a>,
    /// The SLO, or a folder that holds one.
    pub slo: &'a Path,
    /// The SLI file, where one is named.
    pub sli: Option<PathBuf>,
    /// The file with values, where they are brought along.
    pub values: Option<&'a Path>,
    /// How many folders above the SLO's may hold Keptn's levels.
    pub levels_above: usize,
    /// What is evaluated.
    pub series: Series,
    /// The deployment, where one is given.
    pub deployment: Option<String>,
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// Filters, over those of the SLO.
    pub filters: &'a [(String, String)],
    /// Variables of the environment that queries may use.
    pub environment: BTreeMap<String, String>,
    /// The window, as the user wrote it.
    pub window: WindowRequest,
    /// Whether the window was asked for in this very call, and not by the configuration: then it wins over an event's.
    pub window_is_typed: bool,
    /// The present moment.
    pub now: Timestamp,
    /// The providers that are defined.
    pub providers: &'a BTreeMap<ProviderName, DefinedProvider<'a>>,
    /// The provider for SLIs that name none.
    pub default_provider: Option<&'a ProviderName>,
    /// The provider for SLIs that no file defines, where it is another.
    pub for_undefined: Option<&'a ProviderName>,
    /// The policies for everything.
    pub policies: &'a PolicyLayer,
}

/// Everything that is known before anyone is asked.
#[derive(Debug)]
pub struct Prepared {
    /// The SLO.
    pub slo: Slo,
    /// The file it stands in.
    pub slo_file: SloFile,
    /// Who is asked what.
    pub asked: Asked,
    /// What queries may speak of.
    pub context: Context,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// What is worth knowing of the files.
    pub advice: Vec<Problem>,
}

/// Who is asked.
#[derive(Debug)]
pub enum Asked {
    /// Providers, one query for each objective.
    Providers(Vec<Query>),
    /// Nobody: the values were brought along.
    Nobody(Readings),
}

/// Reads the files and makes the plan. Every problem of every file is told at once.
pub fn prepare(request: &PrepareRequest<'_>) -> Result<Prepared, PrepareError> {
    let names: Vec<ProviderName> = provider_folders(request);
    let given: Vec<PathBuf> = request.sli.iter().cloned().collect();
    let mut loaded = load(&Request {
        shelf: request.shelf,
        slo: request.slo,
        need: SloNeed::Required,
        sli: match (&request.values, &request.sli) {
            (None, None) => SliChoice::FindIfAny,
            (None, Some(_)) | (Some(_), _) => SliChoice::Files(&given),
        },
        values: request.values,
        providers: &names,
        levels_above: request.levels_above,
    });
    let (Some(slo_file), false) = (loaded.slo.take(), loaded.has_error()) else {
        return Err(PrepareError::Files(loaded.problems));
    };
    let mut context = context(request, &slo_file.slo.filters)?;
    let sli = loaded.sli.take().unwrap_or_default();
    let asked = match loaded.values.take() {
        Some(values) => {
            let readings = take_over(&mut context, values, request)?;
            Asked::Nobody(with_policies(readings, &slo_file.slo, request.policies))
        }
        None => match plan_queries(request, &slo_file.slo, &sli, &context) {
            Ok(queries) => Asked::Providers(queries),
            Err(errors) => {
                return Err(
                    refused(&errors, Some(&slo_file), &sli, &context).beside(loaded.problems)
                );
            }
        },
    };
    let source = &slo_file.source;
    Ok(Prepared {
        slo_file: SloFile {
            path: source.path().to_owned(),
            content: source.raw().to_owned(),
        },
        slo: slo_file.slo,
        asked,
        context,
        files: loaded.files,
        advice: loaded.problems,
    })
}

/// Returns the providers whose folders may hold SLI files: the default one first.
pub(super) fn provider_folders(request: &PrepareRequest<'_>) -> Vec<ProviderName> {
    let others = request
        .providers
        .keys()
        .filter(|name| Some(*name) != request.default_provider);
    request
        .default_provider
        .into_iter()
        .chain(others)
        .cloned()
        .collect()
}

/// Makes the context of the queries.
pub(super) fn context(
    request: &PrepareRequest<'_>,
    filters: &[(String, String)],
) -> Result<Context, PrepareError> {
    Ok(Context {
        series: request.series.clone(),
        deployment: request.deployment.clone(),
        labels: request.labels.clone(),
        filters: overlaid(filters, request.filters),
        environment: request.environment.clone(),
        window_origin: if request.window_is_typed {
            WindowOrigin::Asked
        } else {
            WindowOrigin::Assumed
        },
        window: request.window.resolve(request.now)?,
    })
}

/// Lays filters over others: those with the same key replace them.
fn overlaid(below: &[(String, String)], above: &[(String, String)]) -> Vec<(String, String)> {
    let is_replaced = |key: &String| above.iter().any(|(replacing, _)| replacing == key);
    let kept = below.iter().filter(|(key, _)| !is_replaced(key));
    kept.chain(above).cloned().collect()
}

/// Takes over what an event with values says of itself, where the user says nothing; returns the values.
fn take_over(
    context: &mut Context,
    values: Values,
    request: &PrepareRequest<'_>,
) -> Result<Readings, PrepareError> {
    let Values {
        readings,
        labels,
        start,
        end,
    } = values;
    for (key, value) in labels {
        context.labels.entry(key).or_insert(value);
    }
    if !request.window_is_typed && start.is_some() && end.is_some() {
        let window = WindowRequest {
            start,
            end,
            timeframe: None,
        };
        context.window = window.resolve(request.now).map_err(|error| {
            let path = request
                .values
                .map_or_else(String::new, |path| path.display().to_string());
            let message = format!("the window of the event can't be used: {error}");
            PrepareError::Files(vec![Problem::malformed(&path, None, message)])
        })?;
    }
    Ok(readings)
}

/// Attaches the policies of the configuration to values that were brought along.
fn with_policies(mut readings: Readings, slo: &Slo, policies: &PolicyLayer) -> Readings {
    let names = slo
        .objectives()
        .iter()
        .map(|objective| objective.indicator.clone());
    readings.policies = names.map(|name| (name, policies.resolve())).collect();
    readings
}

/// Makes the queries.
fn plan_queries(
    request: &PrepareRequest<'_>,
    slo: &Slo,
    sli: &SliFile,
    context: &Context,
) -> Result<Vec<Query>, Vec<PlanError>> {
    let providers = Providers {
        default: request.default_provider,
        for_undefined: request.for_undefined,
        defined: request.providers,
        policies: request.policies,
    };
    plan(slo, &sli.sli, &providers, context)
}
