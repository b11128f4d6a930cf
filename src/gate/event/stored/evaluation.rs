//! What an evaluation came to: `data.evaluation`, `data.result`, and our additions.

use super::derived;
use super::member::{Member, RecordError};
use super::objective::{Decoded, StoredObjective};
use crate::gate::baseline::LeftOut;
use crate::gate::comparison::{Comparison, Depth};
use crate::gate::evaluation::{Compared, Conclusion, Evaluation};
use crate::gate::event::parse_time;
use crate::gate::judge::ObjectiveResult;
use crate::gate::number::Finite;
use crate::gate::reference::Reference;
use crate::gate::slo::TotalScore;
use crate::gate::verdict::Verdict;

/// The parts of an event that an evaluation is read from.
pub(super) struct StoredEvaluation<'a> {
    /// `data`.
    pub(super) data: Member<'a>,
    /// `data.evaluation`.
    pub(super) evaluation: Member<'a>,
    /// `data.tidegate`; `None` in an event of Keptn.
    pub(super) additions: Option<Member<'a>>,
}

impl StoredEvaluation<'_> {
    /// Reads the evaluation. What the user should know is added to `warnings`.
    pub(super) fn decode(&self, warnings: &mut Vec<String>) -> Result<Evaluation, RecordError> {
        let compared = self.compared()?;
        let mut objectives = self.objectives(&compared, warnings)?;
        let score = self.evaluation.get("score")?;
        let score = score.required(score.number()?)?;
        let points = match self.addition("points", Member::number)? {
            Some(points) => points,
            None => sum(objectives.as_deref().unwrap_or_default()),
        };
        let maximum = match (&self.additions, &mut objectives) {
            (Some(additions), _) => additions.get("maxPoints")?.number()?,
            (None, Some(objectives)) => derived::total(objectives, points, score),
            (None, None) => None,
        };
        Ok(Evaluation {
            verdict: verdict(&self.data.get("result")?)?,
            scored: verdict(&self.evaluation.get("result")?)?,
            conclusion: self.conclusion()?,
            score,
            points,
            maximum,
            objectives,
            total_score: self.addition("totalScore", total_score)?,
            comparison: self.addition("comparison", comparison)?,
            message: self.data.get("message")?.text_or_empty()?,
            compared,
            left_out: self.addition("comparison", left_out)?.unwrap_or_default(),
            left_out_more: self
                .addition("comparison", left_out_more)?
                .unwrap_or_default(),
            reference: self.addition("comparison", reference)?.unwrap_or_default(),
            unused: self
                .addition("unused", |unused| unused.texts().map(Some))?
                .unwrap_or_default(),
        })
    }

    /// Reads how the evaluation ended. The status that was stored has the last word.
    fn conclusion(&self) -> Result<Conclusion, RecordError> {
        let status = self.data.get("status")?.text_or_empty()?;
        let word = self.addition("conclusion", Member::owned_text)?;
        match (word.as_deref(), status.as_str()) {
            (Some("inconclusive"), _) => self.why_inconclusive().map(Conclusion::Inconclusive),
            (Some("retrieval-errored"), _) => Ok(Conclusion::RetrievalErrored),
            (_, "" | "succeeded") => Ok(Conclusion::Scored),
            _ => Ok(Conclusion::NotSucceeded(status)),
        }
    }

    /// Returns why there is no verdict; the message begins with it where nothing else tells.
    fn why_inconclusive(&self) -> Result<String, RecordError> {
        let reason = self.addition("reason", Member::owned_text)?;
        let message = self.data.get("message")?.text_or_empty()?;
        let from_message = || {
            let rest = message.strip_prefix("Evaluation is inconclusive: ");
            rest.unwrap_or(&message).to_owned()
        };
        Ok(reason.unwrap_or_else(from_message))
    }

    /// Reads the results of the objectives; `None` where nothing was evaluated.
    fn objectives(
        &self,
        compared: &[Compared],
        warnings: &mut Vec<String>,
    ) -> Result<Option<Vec<ObjectiveResult>>, RecordError> {
        let Some(results) = self.evaluation.get("indicatorResults")?.elements()? else {
            return Ok(None);
        };
        let mut additions = self
            .addition("objectives", Member::elements)?
            .unwrap_or_default()
            .into_iter();
        let mut objectives = Vec::with_capacity(results.len());
        for result in results {
            let additions = additions.next();
            if !result.is_present() {
                continue;
            }
            let stored = StoredObjective {
                result,
                additions,
                compared,
            };
            match stored.decode()? {
                Decoded::Objective(objective) => objectives.push(*objective),
                Decoded::Nameless(warning) => warnings.push(warning),
            }
        }
        Ok(Some(objectives))
    }

    /// Reads which earlier evaluations were compared with; Keptn keeps their ids only.
    fn compared(&self) -> Result<Vec<Compared>, RecordError> {
        let ids = self.evaluation.get("comparedEvents")?.texts()?;
        let facts = self.addition("comparison", |comparison| {
            comparison.get("compared")?.elements()
        })?;
        let mut facts = facts.unwrap_or_default().into_iter();
        ids.into_iter()
            .map(|id| {
                let (time, result) = match facts.next() {
                    Some(fact) => (
                        fact.get("time")?
                            .parsed(|text| parse_time(text).ok_or("it is no time"))?,
                        fact.get("result")?.parsed(str::parse::<Verdict>)?,
                    ),
                    None => (None, None),
                };
                Ok(Compared { id, time, result })
            })
            .collect()
    }

    /// Reads one of our additions; none where there are no additions.
    fn addition<'m, T>(
        &'m self,
        key: &str,
        read: impl FnOnce(&Member<'m>) -> Result<Option<T>, RecordError>,
    ) -> Result<Option<T>, RecordError> {
        match &self.additions {
            Some(additions) => read(&additions.get(key)?),
            None => Ok(None),
        }
    }
}

/// Adds up points as Keptn does.
fn sum(objectives: &[ObjectiveResult]) -> f64 {
    let scores = objectives.iter().map(|objective| objective.score);
    scores.fold(0.0, |sum, score| sum + score)
}

/// Reads a verdict: the exact word, nothing else.
fn verdict(word: &Member<'_>) -> Result<Verdict, RecordError> {
    word.required(word.parsed(str::parse::<Verdict>)?)
}

/// Reads the scores that were needed.
fn total_score(needed: &Member<'_>) -> Result<Option<TotalScore>, RecordError> {
    if !needed.is_present() {
        return Ok(None);
    }
    let pass = needed.get("pass")?;
    let finite = pass.required(pass.number()?.and_then(Finite::new))?;
    let warning = needed.get("warning")?.number()?.and_then(Finite::new);
    Ok(Some(TotalScore::new(finite, warning)))
}

/// Reads how earlier evaluations were chosen; one that tells nothing of that is unknown.
fn comparison(comparison: &Member<'_>) -> Result<Option<Comparison>, RecordError> {
    let (results, include, aggregate) = (
        comparison.get("results")?,
        comparison.get("include")?,
        comparison.get("aggregate")?,
    );
    let Some(number) = results.count()? else {
        return Ok(None);
    };
    let depth = i64::try_from(number).ok().and_then(Depth::new);
    Ok(Some(Comparison {
        depth: depth.ok_or_else(|| results.unreadable("it is not from 1 to 100"))?,
        include: include.required(include.parsed(str::parse)?)?,
        aggregate: aggregate.required(aggregate.parsed(str::parse)?)?,
    }))
}

/// Reads which earlier evaluations could not be compared with.
fn left_out(comparison: &Member<'_>) -> Result<Option<Vec<LeftOut>>, RecordError> {
    let elements = comparison.get("leftOut")?.elements()?.unwrap_or_default();
    let left_out = |element: &Member<'_>| {
        let (id, reason) = (element.get("id")?, element.get("reason")?);
        Ok(LeftOut {
            id: id.required(id.owned_text()?)?,
            reason: reason.required(reason.owned_text()?)?,
        })
    };
    elements
        .iter()
        .map(left_out)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Reads how many more there were of those.
fn left_out_more(comparison: &Member<'_>) -> Result<Option<usize>, RecordError> {
    let more = comparison.get("leftOutMore")?.count()?;
    Ok(more.map(|more| usize::try_from(more).unwrap_or(usize::MAX)))
}

/// Reads what chose the evaluations that were compared with.
fn reference(comparison: &Member<'_>) -> Result<Option<Reference>, RecordError> {
    let reference = comparison.get("reference")?;
    if !reference.is_present() {
        return Ok(None);
    }
    if let Some(evaluation) = reference.get("pinned")?.owned_text()? {
        let reason = reference.get("reason")?.text_or_empty()?;
        return Ok(Some(Reference::Pinned { evaluation, reason }));
    }
    if let Some(evaluation) = reference.get("evaluation")?.owned_text()? {
        return Ok(Some(Reference::Evaluation(evaluation)));
    }
    if let Some(path) = reference.get("file")?.owned_text()? {
        return Ok(Some(Reference::File(path)));
    }
    let label = |(key, value): (&str, Member<'_>)| {
        Ok((key.to_owned(), value.required(value.owned_text()?)?))
    };
    let labels = reference.get("labels")?.entries()?.into_iter().map(label);
    Ok(Some(Reference::Labelled(labels.collect::<Result<_, _>>()?)))
}
