//! The task `evaluation`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::Value;

use super::audience::Speaker;
use super::explained::{unjudged, unprepared};
use super::figures::{judged, without_objectives, without_verdict};
use super::resource_files::{LEVELS_ABOVE, ResourceFiles, Shelving};
use super::settings::GateSettings;
use super::task_window::{TaskWindow, moment};
use crate::app::measure::OpenProviders;
use crate::app::{Asked, Beginning, PrepareRequest, Prepared, Services, Stamp, evaluate, prepare};
use crate::executor::{Answer, Assignment, Executor, Finish, Voice};
use crate::gate::{
    DefinedProvider, ProviderName, Query, RecordIds, Series, TimeWindow, WindowRequest,
};
use crate::spec::Shelf;

/// The task that it carries out. Under another name its answer would not be found as an evaluation, and criteria that are
/// relative to earlier ones would be met for lack of them.
const TASK: &str = "evaluation";

/// Evaluates: the task `evaluation`.
pub struct EvaluationTask {
    /// What it needs.
    settings: GateSettings,
}

impl EvaluationTask {
    /// Makes it.
    #[must_use]
    pub fn new(settings: GateSettings) -> Self {
        Self { settings }
    }

    /// Evaluates; `Err` is how the task ends where there is no verdict.
    async fn evaluate(
        &self,
        assignment: &Assignment,
        voice: &dyn Voice,
    ) -> Result<Finish, Box<Finish>> {
        let began = (self.settings.clock)();
        let order = Order::of(assignment, self.settings.timeframe.as_deref(), began)?;
        let files = self.settings.files_of(&order).await?;
        if !files.has_slo() {
            let place = order.series.to_string();
            let policy = self.settings.on_missing_slo;
            return Ok(without_objectives(policy, &place, Some(order.window)));
        }
        let prepared = self.settings.prepared(&order, &files, |request| {
            prepare(request).map_err(|error| unprepared(&error))
        })?;
        self.judge(prepared, order, began, voice).await
    }

    /// Asks, compares, and judges.
    async fn judge(
        &self,
        prepared: Prepared,
        order: Order,
        began: Beginning,
        voice: &dyn Voice,
    ) -> Result<Finish, Box<Finish>> {
        let settings = &self.settings;
        let queries = match &prepared.asked {
            Asked::Providers(queries) => queries.as_slice(),
            Asked::Nobody(_) => &[],
        };
        let providers = settings.opened(queries, &order)?;
        let services = Services {
            providers: &providers,
            log: settings.log.as_ref(),
            comparing: &settings.comparing,
            watch: &Speaker(voice),
            lateness: settings.lateness,
            patience: settings.patience,
        };
        let stamp = Stamp {
            began,
            ids: order.ids,
            producer: settings.producer.clone(),
        };
        let record = evaluate(services, prepared, stamp).await;
        let mut record = record
            .map_err(|error| Box::new(without_verdict(unjudged(&error), Some(order.window))))?;
        record.warnings.extend(order.warning);
        Ok(judged(&record))
    }
}

#[async_trait]
impl Executor for EvaluationTask {
    fn name(&self) -> &'static str {
        "lighthouse-service"
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        if assignment.task != TASK {
            return Answer::Finished(Finish::errored(format!(
                "the gate carries out the task `{TASK}`, not `{}`: name the task so in the shipyard",
                assignment.task.escape_debug()
            )));
        }
        let ended = self.evaluate(assignment, voice).await;
        Answer::Finished(ended.unwrap_or_else(|unjudged| *unjudged))
    }
}

/// What an event asks for.
pub(super) struct Order {
    /// What is evaluated.
    pub(super) series: Series,
    /// The window.
    pub(super) window: TimeWindow,
    /// What is to be said of the window.
    warning: Option<String>,
    /// The window, as it is written.
    request: WindowRequest,
    /// The moment that a timeframe ends at.
    now: jiff::Timestamp,
    /// The deployment.
    deployment: Option<String>,
    /// The labels.
    labels: BTreeMap<String, String>,
    /// The commit at which resources are read.
    commit: Option<String>,
    /// The filters that the event sets, over those of the SLO.
    pub(super) filters: Vec<(String, String)>,
    /// The ids of the evaluation. The conductor gives the answer its own.
    ids: RecordIds,
}

impl Order {
    /// Reads an event.
    pub(super) fn of(
        assignment: &Assignment,
        timeframe: Option<&str>,
        began: Beginning,
    ) -> Result<Self, Box<Finish>> {
        let event = &assignment.event;
        let data = event.data.value();
        let series = event.series().ok_or_else(|| {
            let message = "the event names no project, stage or service, or one that is no name";
            Box::new(without_verdict(message.to_owned(), None))
        })?;
        let now = moment(event.time, began.time);
        let (found, window) = TaskWindow::of(&data, timeframe)
            .and_then(|found| {
                let window = found.resolve(now)?;
                Ok((found, window))
            })
            .map_err(|error| Box::new(without_verdict(error.to_string(), None)))?;
        let commit = event.extensions.get("gitcommitid").and_then(Value::as_str);
        Ok(Self {
            series,
            window,
            warning: found.warning,
            request: found.request,
            now,
            deployment: deployment(&data),
            labels: labels(&data),
            commit: commit.filter(|id| !id.is_empty()).map(str::to_owned),
            filters: Vec::new(),
            ids: RecordIds {
                finished: event.id.clone(),
                triggered: event.id.clone(),
                context: event.shkeptncontext.clone().unwrap_or_default(),
            },
        })
    }
}

impl GateSettings {
    /// Reads the files of a task.
    pub(super) async fn files_of(&self, order: &Order) -> Result<ResourceFiles, Box<Finish>> {
        let others = self
            .providers
            .keys()
            .filter(|name| Some(*name) != self.default_provider.as_ref());
        let names: Vec<&ProviderName> = self.default_provider.iter().chain(others).collect();
        let shelving = Shelving {
            reader: self.resources.as_ref(),
            series: &order.series,
            commit: order.commit.as_deref(),
        };
        let files = shelving.files(&names).await;
        files.map_err(|error| Box::new(without_verdict(error.to_string(), Some(order.window))))
    }

    /// Makes of the files what `prepare` makes of its request.
    pub(super) fn prepared<T>(
        &self,
        order: &Order,
        files: &ResourceFiles,
        prepare: impl FnOnce(&PrepareRequest<'_>) -> Result<T, String>,
    ) -> Result<T, Box<Finish>> {
        let defined: BTreeMap<ProviderName, DefinedProvider<'_>> = self
            .providers
            .iter()
            .map(|(name, provider)| (name.clone(), provider.defined()))
            .collect();
        let request = PrepareRequest {
            shelf: Shelf::Memory(&files.files),
            slo: &files.slo(),
            sli: None,
            values: None,
            levels_above: LEVELS_ABOVE,
            series: order.series.clone(),
            deployment: order.deployment.clone(),
            labels: order.labels.clone(),
            filters: &order.filters,
            environment: self.environment.clone(),
            window: order.request.clone(),
            window_is_typed: true,
            now: order.now,
            providers: &defined,
            default_provider: self.default_provider.as_ref(),
            for_undefined: self.for_undefined.as_ref(),
            policies: &self.policies,
        };
        prepare(&request).map_err(|message| Box::new(without_verdict(message, Some(order.window))))
    }

    /// Opens the providers that queries name.
    pub(super) fn opened(
        &self,
        queries: &[Query],
        order: &Order,
    ) -> Result<OpenProviders, Box<Finish>> {
        let mut open = OpenProviders::new();
        for query in queries {
            if open.contains_key(&query.provider) {
                continue;
            }
            let Some(provider) = self.providers.get(&query.provider) else {
                continue;
            };
            let opened = (provider.open)().map_err(|reason| {
                let message = format!("the provider `{}` can't be used: {reason}", query.provider);
                Box::new(without_verdict(message, Some(order.window)))
            })?;
            open.insert(query.provider.clone(), opened);
        }
        Ok(open)
    }
}

/// Returns the deployment that is evaluated: the first that the event names.
fn deployment(data: &Value) -> Option<String> {
    let names = data.get("deployment")?.get("deploymentNames")?;
    let name = names.as_array()?.first()?.as_str()?;
    Some(name.to_owned()).filter(|name| !name.is_empty())
}

/// Returns the labels of an event; what is no text is written as JSON.
fn labels(data: &Value) -> BTreeMap<String, String> {
    let labels = data.get("labels").and_then(Value::as_object);
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    };
    labels
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}
