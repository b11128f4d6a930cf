//! The task `get-sli` on its own: values, and no verdict on them.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::audience::Speaker;
use super::evaluation_task::Order;
use super::explained::{unanswered, unprepared};
use super::figures::values;
use super::settings::GateSettings;
use crate::app::{Subject, Survey, SurveyServices, prepare_survey, survey};
use crate::executor::{Answer, Assignment, Executor, Finish, Voice};
use crate::gate::event::CloudEvent;
use crate::gate::{IndicatorName, Outcome, ProviderName, Reading, Verdict};

/// The member of the data that it reads and writes.
const MEMBER: &str = "get-sli";

/// Fetches the values of indicators: the task `get-sli`.
pub struct GetSliTask {
    /// What it needs.
    settings: GateSettings,
}

impl GetSliTask {
    /// Makes it.
    #[must_use]
    pub fn new(settings: GateSettings) -> Self {
        Self { settings }
    }

    /// Fetches; `Err` is how the task ends where nothing could be asked.
    async fn fetch(
        &self,
        assignment: &Assignment,
        voice: &dyn Voice,
    ) -> Result<Finish, Box<Finish>> {
        let began = (self.settings.clock)();
        let asked = assignment.event.data.value();
        let asked = asked.get(MEMBER).cloned().unwrap_or_default();
        let indicators = indicators(&asked)?;
        let settings = self.settings_for(&asked)?;
        let windowed = with_window(assignment, &asked);
        let order = Order::of(&windowed, settings.timeframe.as_deref(), began);
        let mut order = order.map_err(without_evaluation)?;
        order.filters = filters(&asked);
        let files = settings.files_of(&order).await;
        let files = files.map_err(without_evaluation)?;
        let planned = settings.prepared(&order, &files, |request| {
            let subject = Subject::Indicators(indicators);
            prepare_survey(request, &subject, None).map_err(|error| unprepared(&error))
        });
        let planned: Survey = planned.map_err(without_evaluation)?;
        let providers = settings.opened(&planned.now.queries, &order);
        let providers = providers.map_err(without_evaluation)?;
        let services = SurveyServices {
            providers: &providers,
            watch: &Speaker(voice),
            lateness: settings.lateness,
            began,
        };
        let readings = survey(&services, &planned).await.now;
        Ok(Finish {
            data: values(&readings, order.window),
            ..ended(&readings)
        })
    }

    /// Returns the settings with the provider that the event names as the default.
    fn settings_for(&self, asked: &Value) -> Result<GateSettings, Box<Finish>> {
        let mut settings = self.settings.clone();
        let named = asked.get("sliProvider").and_then(Value::as_str);
        if let Some(name) = named.filter(|name| !name.is_empty()) {
            let known = ProviderName::new(name).ok();
            let known = known.filter(|name| settings.providers.contains_key(name));
            settings.default_provider = Some(known.ok_or_else(|| {
                let name = name.escape_debug();
                Box::new(Finish::errored(format!(
                    "the provider `{name}` is not defined: add it under `providers` in tidegate.yaml"
                )))
            })?);
        }
        Ok(settings)
    }
}

#[async_trait]
impl Executor for GetSliTask {
    fn name(&self) -> &'static str {
        "tidegate"
    }

    async fn execute(&self, assignment: &Assignment, voice: &dyn Voice) -> Answer {
        let ended = self.fetch(assignment, voice).await;
        Answer::Finished(ended.unwrap_or_else(|unasked| *unasked))
    }
}

/// Says how the task ends: values that are missing are a warning, and without any it could not do its work.
fn ended(readings: &[Reading]) -> Finish {
    let missing = readings
        .iter()
        .filter(|reading| !matches!(reading.outcome, Outcome::Value(_)))
        .count();
    if missing == 0 {
        return Finish::pass();
    }
    let message = unanswered(readings);
    if missing == readings.len() {
        return Finish::errored(message);
    }
    Finish {
        result: Verdict::Warning,
        message,
        ..Finish::pass()
    }
}

/// Leaves out what only an evaluation says.
fn without_evaluation(mut finish: Box<Finish>) -> Box<Finish> {
    finish.data = Map::new();
    finish
}

/// Returns the indicators that are asked for; none stands for all that are defined.
fn indicators(asked: &Value) -> Result<Vec<IndicatorName>, Box<Finish>> {
    let names = asked.get("indicators").and_then(Value::as_array);
    let name = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        IndicatorName::new(name).map_err(|error| {
            let message = format!("`get-sli.indicators`: {error}");
            Box::new(Finish::errored(message))
        })
    };
    names.into_iter().flatten().map(name).collect()
}

/// Returns the filters of an event.
fn filters(asked: &Value) -> Vec<(String, String)> {
    let filters = asked.get("customFilters").and_then(Value::as_array);
    let text = |filter: &Value, key: &str| Some(filter.get(key)?.as_str()?.to_owned());
    filters
        .into_iter()
        .flatten()
        .filter_map(|filter| Some((text(filter, "key")?, text(filter, "value")?)))
        .collect()
}

/// Writes the window of the task where that of an evaluation stands, so that both are read alike; and the deployment,
/// which `get-sli` has as a text.
fn with_window(assignment: &Assignment, asked: &Value) -> Assignment {
    let mut data = assignment.event.data.value();
    if let Some(members) = data.as_object_mut() {
        let given = ["start", "end", "timeframe"].map(|key| (key, asked.get(key).cloned()));
        if given.iter().any(|(_, value)| value.is_some()) {
            let window = given
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value?)));
            members.insert("evaluation".to_owned(), Value::Object(window.collect()));
        }
        let name = members.get("deployment").and_then(Value::as_str);
        if let Some(name) = name.map(str::to_owned) {
            members.insert("deployment".to_owned(), json!({"deploymentNames": [name]}));
        }
    }
    Assignment {
        event: CloudEvent {
            data: data.into(),
            ..assignment.event.clone()
        },
        ..assignment.clone()
    }
}
