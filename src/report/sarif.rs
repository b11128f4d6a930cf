//! SARIF 2.1.0: the verdict and every objective as a result, at its line in the SLO.
//!
//! An objective that a policy left undecided is `open`. A backend that failed is a notification, and the invocation did
//! not succeed then.

use serde_json::{Map, Value, json};

use super::headline::{headline, sentence, shortened, why};
use super::slo_lines::{SloLines, slo_uri};
use super::text::printable;
use super::{Account, Unjudged, fingerprint, pretty};
use crate::gate::{
    Conclusion, Ending, MissingValue, ObjectiveResult, Record, Status, Verdict, json_number,
};

/// Where the schema is.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The rule that the verdict follows.
const VERDICT_RULE: &str = "verdict";
/// How many characters of a text are shown.
const MOST_CHARACTERS: usize = 2000;

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let results = Results::of(record);
    let series = &record.series;
    let run = json!({
        "tool": {"driver": driver(&record.producer, &results.rules)},
        "automationDetails": {"id": format!("tidegate/{series}/")},
        "invocations": [invocation(account)],
        "results": results.results,
        "columnKind": "unicodeCodePoints",
        "properties": {
            "result": Ending::of(record).as_str(),
            "score": json_number(record.evaluation.score),
            "evaluation": record.ids.finished,
        },
    });
    log(&run)
}

/// Writes that there is no verdict.
pub(super) fn write_unjudged(unjudged: &Unjudged<'_>) -> String {
    let text = unjudged.hint.map_or_else(
        || unjudged.message.to_owned(),
        |hint| format!("{}. {hint}", unjudged.message),
    );
    let run = json!({
        "tool": {"driver": driver("tidegate", &[])},
        "invocations": [{
            "executionSuccessful": false,
            "exitCode": unjudged.ended.code,
            "exitCodeDescription": unjudged.ended.name,
            "toolExecutionNotifications": [notification(&text)],
        }],
        "results": [],
    });
    log(&run)
}

/// Wraps a run.
fn log(run: &Value) -> String {
    pretty(&json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))
}

/// Returns the part about the program: its name, its version where it is known, and what it checks.
fn driver(producer: &str, rules: &[Value]) -> Value {
    let (name, version) = match producer.split_once(' ') {
        Some((name, version)) => (name, Some(version)),
        None => (producer, None),
    };
    let name = if name.is_empty() { "tidegate" } else { name };
    let mut driver = json!({"name": name, "rules": rules});
    if let (Some(version), Some(members)) = (version, driver.as_object_mut()) {
        members.insert("version".to_owned(), version.into());
    }
    driver
}

/// Returns the part about the call.
fn invocation(account: &Account<'_>) -> Value {
    let record = account.record;
    let failed = |objective: &&ObjectiveResult| {
        let policy = objective.policy.as_ref();
        policy.is_some_and(|policy| policy.failed)
    };
    let objectives = record.evaluation.objectives().iter();
    let mut notifications: Vec<Value> = objectives
        .filter(failed)
        .map(|objective| notification(&sentence(objective)))
        .collect();
    if record.evaluation.conclusion != Conclusion::Scored {
        notifications.push(notification(&why(record)));
    }
    let mut invocation = json!({
        "executionSuccessful": notifications.is_empty(),
        "endTimeUtc": record.time.to_string(),
        "toolExecutionNotifications": notifications,
    });
    if let (Some(ended), Some(members)) = (account.ended, invocation.as_object_mut()) {
        members.insert("exitCode".to_owned(), ended.code.into());
        members.insert("exitCodeDescription".to_owned(), ended.name.into());
    }
    invocation
}

/// Returns a notification of an error.
fn notification(text: &str) -> Value {
    let text = shortened(&printable(text), MOST_CHARACTERS);
    json!({"level": "error", "message": {"text": text}})
}

/// The results, and the rules that they follow.
#[derive(Debug, Default)]
struct Results {
    /// A rule for the verdict, and for each objective.
    rules: Vec<Value>,
    /// A result for each rule.
    results: Vec<Value>,
}

/// What came of a rule.
struct Checked<'a> {
    /// The kind and the level of the result.
    outcome: (&'static str, &'static str),
    /// What to say of it.
    text: &'a str,
    /// The line in the SLO.
    line: usize,
    /// What else is known.
    properties: Value,
}

impl Results {
    /// Takes the verdict and every objective.
    fn of(record: &Record) -> Self {
        let lines = SloLines::of(record);
        let mut results = Self::default();
        results.verdict(record);
        for objective in record.evaluation.objectives() {
            results.objective(record, objective, &lines);
        }
        results
    }

    /// Adds the verdict.
    fn verdict(&mut self, record: &Record) {
        let (kind, level) = match Ending::of(record) {
            Ending::Verdict(Verdict::Pass) => ("pass", "none"),
            Ending::Verdict(Verdict::Warning) => ("fail", "warning"),
            Ending::Verdict(Verdict::Fail) => ("fail", "error"),
            Ending::Inconclusive => ("open", "none"),
        };
        let text = format!("Quality gate: {}. {}", headline(record), why(record));
        let rule = json!({
            "id": VERDICT_RULE,
            "shortDescription": {"text": "The verdict of the quality gate"},
            "fullDescription": {"text": "The score of all objectives reaches what the SLO asks for."},
            "help": {"text": "See which objectives lost points, and what `total_score` in the SLO asks for."},
        });
        let score = json!({"score": json_number(record.evaluation.score)});
        let checked = Checked {
            outcome: (kind, level),
            text: &text,
            line: 1,
            properties: score,
        };
        self.add(record, rule, &checked);
    }

    /// Adds an objective.
    fn objective(&mut self, record: &Record, objective: &ObjectiveResult, lines: &SloLines) {
        let name = objective.indicator.as_str();
        let shown = shortened(&printable(objective.shown_name()), MOST_CHARACTERS);
        let criteria = objective.pass_targets.iter();
        let criteria: Vec<String> = criteria.map(|target| printable(&target.criteria)).collect();
        let full = if criteria.is_empty() {
            format!("{shown} is watched, and not scored.")
        } else {
            format!("{shown} has to meet {}.", criteria.join(" and "))
        };
        let rule = json!({
            "id": format!("objective/{name}"),
            "shortDescription": {"text": format!("Objective {shown}")},
            "fullDescription": {"text": shortened(&full, MOST_CHARACTERS)},
            "help": {"text": "See the objective in the SLO file, and the value in the report of the evaluation."},
        });
        let facts = json!({
            "value": objective.judged_value().map(json_number),
            "unit": objective.unit,
            "baseline": objective.baseline.map(json_number),
            "points": json_number(objective.score),
            "maxPoints": objective.maximum.map(json_number),
            "keySli": objective.key,
        });
        let checked = Checked {
            outcome: outcome(objective),
            text: &sentence(objective),
            line: lines.decisive(objective),
            properties: without_nulls(facts),
        };
        self.add(record, rule, &checked);
    }

    /// Adds a rule and its result. Rules have each their own id; of two objectives of one name the second has the rule
    /// of the first.
    fn add(&mut self, record: &Record, rule: Value, checked: &Checked<'_>) {
        let Checked {
            outcome: (kind, level),
            text,
            line,
            properties,
        } = checked;
        let id = rule.get("id").cloned().unwrap_or_default();
        let known = self
            .rules
            .iter()
            .position(|rule| rule.get("id") == Some(&id));
        let index = known.unwrap_or(self.rules.len());
        let name = id.as_str().unwrap_or_default();
        let print = fingerprint::in_series(record, "sarif", name);
        self.results.push(json!({
            "ruleId": id,
            "ruleIndex": index,
            "kind": kind,
            "level": level,
            "message": {"text": shortened(text, MOST_CHARACTERS)},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": slo_uri(record)},
                "region": {"startLine": line},
            }}],
            "partialFingerprints": {"primaryLocationLineHash": format!("{print}:1")},
            "properties": properties,
        }));
        if known.is_none() {
            self.rules.push(rule);
        }
    }
}

/// Returns the kind and the level of an objective's result. Only a `fail` may have a level.
fn outcome(objective: &ObjectiveResult) -> (&'static str, &'static str) {
    let undecided = objective.policy.as_ref().is_some_and(|policy| {
        matches!(
            policy.action,
            MissingValue::Inconclusive | MissingValue::Error | MissingValue::Ignore
        )
    });
    match objective.status {
        _ if undecided => ("open", "none"),
        Status::Pass => ("pass", "none"),
        Status::Warning => ("fail", "warning"),
        Status::Fail => ("fail", "error"),
        Status::Info => ("informational", "none"),
    }
}

/// Leaves out the members that are not known.
fn without_nulls(facts: Value) -> Value {
    let Value::Object(members) = facts else {
        return facts;
    };
    let known = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(known.collect::<Map<String, Value>>())
}
