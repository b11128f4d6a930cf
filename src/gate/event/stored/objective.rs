//! The results of objectives: Keptn's `indicatorResults`, and beside each what `data.tidegate` adds to it.

use super::derived;
use super::member::{Member, RecordError, shown};
use crate::gate::evaluation::Compared;
use crate::gate::judge::{AppliedPolicy, IndicatorValue, ObjectiveResult, TargetResult};
use crate::gate::name::IndicatorName;
use crate::gate::verdict::Status;

/// One element of `indicatorResults`, with what stands elsewhere about it.
pub(super) struct StoredObjective<'a> {
    /// The element.
    pub(super) result: Member<'a>,
    /// What `data.tidegate.objectives` adds; `None` in an event of Keptn.
    pub(super) additions: Option<Member<'a>>,
    /// The evaluations that were compared with.
    pub(super) compared: &'a [Compared],
}

/// What a stored objective comes to.
pub(super) enum Decoded {
    /// An objective.
    Objective(Box<ObjectiveResult>),
    /// Keptn keeps no SLI of an informational objective that got no value. The text says so.
    Nameless(String),
}

impl<'a> StoredObjective<'a> {
    /// Reads the result of the objective.
    pub(super) fn decode(&self) -> Result<Decoded, RecordError> {
        let result = &self.result;
        let status = result.get("status")?;
        let status = status.required(status.parsed(str::parse::<Status>)?)?;
        let display_name = result.get("displayName")?.text_or_empty()?;
        let Some(indicator) = self.indicator(status)? else {
            return Ok(Decoded::Nameless(nameless(&display_name)));
        };
        let score = result.get("score")?;
        let score = score.required(score.number()?)?;
        let value = value(&result.get("value")?)?;
        Ok(Decoded::Objective(Box::new(ObjectiveResult {
            indicator,
            display_name,
            status,
            score,
            maximum: self.maximum(status, score)?,
            key: result.get("keySli")?.flag()?.unwrap_or_default(),
            baseline: self.baseline(status, value.as_ref())?,
            value,
            pass_targets: targets(&result.get("passTargets")?)?.unwrap_or_default(),
            warning_targets: targets(&result.get("warningTargets")?)?,
            policy: self.addition("policy", policy)?,
            unit: self.addition("unit", Member::owned_text)?,
        })))
    }

    /// Returns the SLI. Only that of an informational objective may be missing.
    fn indicator(&self, status: Status) -> Result<Option<IndicatorName>, RecordError> {
        let added = self.addition("sli", |name| name.parsed(IndicatorName::new))?;
        if added.is_some() {
            return Ok(added);
        }
        let metric = self.result.get("value")?.get("metric")?;
        match metric.text()?.filter(|name| !name.is_empty()) {
            Some(_) => metric.parsed(IndicatorName::new),
            None if status == Status::Info => Ok(None),
            None => metric.required(None),
        }
    }

    /// Returns the points that could be earned.
    fn maximum(&self, status: Status, score: f64) -> Result<Option<f64>, RecordError> {
        match &self.additions {
            Some(additions) => additions.get("maxPoints")?.number(),
            None => Ok(derived::maximum(status, score)),
        }
    }

    /// Returns the baseline.
    fn baseline(
        &self,
        status: Status,
        value: Option<&IndicatorValue>,
    ) -> Result<Option<f64>, RecordError> {
        match &self.additions {
            Some(additions) => additions.get("baseline")?.number(),
            None => Ok(derived::baseline(status, value, self.compared)),
        }
    }

    /// Reads one of our additions; none where there are no additions.
    fn addition<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Member<'a>) -> Result<Option<T>, RecordError>,
    ) -> Result<Option<T>, RecordError> {
        match &self.additions {
            Some(additions) => read(&additions.get(key)?),
            None => Ok(None),
        }
    }
}

/// Says that an objective can't be shown.
fn nameless(display_name: &str) -> String {
    let name = if display_name.is_empty() {
        String::new()
    } else {
        format!(" `{}`", shown(display_name))
    };
    format!(
        "An informational objective{name} had no value; its event does not name the SLI, so it is not shown."
    )
}

/// Reads the value of an indicator. No number is never 0 here: it counts as not fetched.
fn value(value: &Member<'_>) -> Result<Option<IndicatorValue>, RecordError> {
    if !value.is_present() {
        return Ok(None);
    }
    let number = value.get("value")?.number()?;
    let success = value.get("success")?.flag()?.unwrap_or_default();
    Ok(Some(IndicatorValue {
        value: number.unwrap_or_default(),
        compared_value: value.get("comparedValue")?.number()?.unwrap_or_default(),
        success: success && number.is_some(),
        message: value.get("message")?.text_or_empty()?,
    }))
}

/// Reads a list of criteria with their targets.
fn targets(list: &Member<'_>) -> Result<Option<Vec<TargetResult>>, RecordError> {
    let Some(elements) = list.elements()? else {
        return Ok(None);
    };
    let target = |element: &Member<'_>| {
        let (criteria, target_value, violated) = (
            element.get("criteria")?,
            element.get("targetValue")?,
            element.get("violated")?,
        );
        Ok(TargetResult {
            criteria: criteria.required(criteria.owned_text()?)?,
            target_value: target_value.required(target_value.number()?)?,
            violated: violated.required(violated.flag()?)?,
        })
    };
    elements
        .iter()
        .map(target)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Reads the policy that decided instead of a value.
fn policy(policy: &Member<'_>) -> Result<Option<AppliedPolicy>, RecordError> {
    if !policy.is_present() {
        return Ok(None);
    }
    let (on_error, on_no_data) = (policy.get("onError")?, policy.get("onNoData")?);
    let failed = on_error.is_present();
    let action = if failed { on_error } else { on_no_data };
    Ok(Some(AppliedPolicy {
        action: action.required(action.parsed(str::parse)?)?,
        reason: policy.get("reason")?.text_or_empty()?,
        failed,
    }))
}
