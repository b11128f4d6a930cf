//! What the reference made of SLO documents and criteria, and what we make of them. Where we differ on purpose the
//! case is listed in `fixtures/conformance/divergences.json`; a case that is listed and agrees after all fails, too.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Parsed, Source, parse_slo};
use crate::gate::{Amount, Criterion, Direction, Slo, Target, TotalScore};

/// The reference's answers.
const CASES: &str = include_str!("../../fixtures/conformance/reference_cases.json");
/// Scored cases, one a line.
const SCORING: &str = include_str!("../../fixtures/conformance/scoring.jsonl");
/// Where we differ on purpose.
const DIVERGENCES: &str = include_str!("../../fixtures/conformance/divergences.json");

/// Returns a table of the reference's answers.
fn table(name: &str) -> Vec<Value> {
    let mut cases: Value = serde_json::from_str(CASES).unwrap();
    serde_json::from_value(cases[name].take()).unwrap()
}

/// Returns the reasons for which we differ in a table, by the id of the case.
fn divergences(table: &str) -> BTreeMap<String, String> {
    let listed: Vec<Value> = serde_json::from_str(DIVERGENCES).unwrap();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let mine = listed.iter().filter(|entry| entry["table"] == table);
    mine.map(|entry| (text(entry, "id"), text(entry, "reason")))
        .collect()
}

/// Compares all rows of a table; a row is wrong if it differs unlisted, or agrees although it is listed.
fn check(name: &str, id: &str, compare: impl Fn(&Value) -> Result<(), String>) {
    let mut listed = divergences(name);
    let mut wrong = Vec::new();
    for row in table(name) {
        let id = row[id].as_str().unwrap();
        match (compare(&row), listed.remove(id)) {
            (Ok(()), None) | (Err(_), Some(_)) => {}
            (Ok(()), Some(reason)) => wrong.push(format!("{id:?} agrees, but is listed: {reason}")),
            (Err(difference), None) => wrong.push(format!("{id:?} differs: {difference}")),
        }
    }
    wrong.extend(
        listed
            .into_keys()
            .map(|id| format!("{id:?} is listed, and is no case")),
    );
    assert!(
        wrong.is_empty(),
        "{} rows of {name}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_slo_document_is_read_as_by_the_reference() {
    check("slo_parse", "name", compare_document);
}

/// Compares one document. The reference's crash counts as a refusal, and so does a total score with which it can't
/// evaluate; where the document has none at all, one is added to compare the rest.
fn compare_document(row: &Value) -> Result<(), String> {
    let text = row["yaml"].as_str().unwrap();
    let parsed = parse_slo(&Source::new("slo.yaml", text));
    let expected = &row["parsed"];
    if expected.is_null() {
        return refused(parsed);
    }
    let pass = expected["total_score"]["pass"].as_str().unwrap_or_default();
    if TotalScore::percentage(pass).is_some() {
        return compare_slo(parsed, expected, &expected["total_score"]);
    }
    refused(parsed)?;
    if text.contains("total_score") || text.starts_with('{') {
        return Ok(());
    }
    let completed = format!("{text}\ntotal_score: {{pass: 90%, warning: 7}}\n");
    let total_score = serde_json::json!({ "pass": "90", "warning": "7" });
    compare_slo(
        parse_slo(&Source::new("slo.yaml", completed)),
        expected,
        &total_score,
    )
}

/// Checks that a document is refused.
fn refused(parsed: Parsed<Slo>) -> Result<(), String> {
    match parsed.value {
        None if parsed.problems.iter().any(super::Problem::is_error) => Ok(()),
        None => Err("refused without a reason".to_owned()),
        Some(slo) => Err(format!("taken: {slo:?}")),
    }
}

/// Compares a document that the reference takes.
fn compare_slo(parsed: Parsed<Slo>, expected: &Value, total_score: &Value) -> Result<(), String> {
    let Some(slo) = parsed.value else {
        return Err(format!("refused: {:?}", parsed.problems));
    };
    equal(
        "spec_version",
        slo.spec_version.as_str(),
        expected["spec_version"].as_str().unwrap(),
    )?;
    let filters: BTreeMap<String, String> = slo.filters.iter().cloned().collect();
    let expected_filters: Option<BTreeMap<String, String>> =
        serde_json::from_value(expected["filter"].clone()).unwrap();
    equal("filter", &filters, &expected_filters.unwrap_or_default())?;
    compare_comparison(&slo, &expected["comparison"])?;
    let percentage = |key: &str| total_score[key].as_str().and_then(TotalScore::percentage);
    equal("pass", &Some(slo.total_score.pass()), &percentage("pass"))?;
    equal(
        "warning",
        &slo.total_score.warning(),
        &percentage("warning"),
    )?;
    let expected = expected["objectives"].as_array().unwrap();
    equal("objectives", &slo.objectives().len(), &expected.len())?;
    for (objective, expected) in slo.objectives().iter().zip(expected) {
        equal(
            "sli",
            objective.indicator.as_str(),
            expected["sli"].as_str().unwrap(),
        )?;
        equal(
            "name",
            objective.display_name.as_str(),
            expected["display_name"].as_str().unwrap(),
        )?;
        equal(
            "weight",
            &Some(objective.weight.points()),
            &expected["weight"].as_f64(),
        )?;
        equal(
            "key_sli",
            &Some(objective.key),
            &expected["key_sli"].as_bool(),
        )?;
        for (sets, key) in [(&objective.pass, "pass"), (&objective.warning, "warning")] {
            let texts = |set: &crate::gate::CriteriaSet| -> Vec<String> {
                set.criteria().iter().map(|c| c.text().to_owned()).collect()
            };
            let sets: Vec<Vec<String>> = sets.iter().map(texts).collect();
            let expected: Option<Vec<Vec<String>>> =
                serde_json::from_value(expected[key].clone()).unwrap();
            equal(key, &sets, &expected.unwrap_or_default())?;
        }
    }
    Ok(())
}

/// Compares the `comparison` block by what it does.
fn compare_comparison(slo: &Slo, expected: &Value) -> Result<(), String> {
    let depth = match expected["compare_with"].as_str().unwrap() {
        "single_result" => 1,
        "several_results" => expected["number_of_comparison_results"].as_i64().unwrap(),
        _ => 3,
    };
    equal(
        "depth",
        &i64::try_from(slo.comparison.depth.get()).unwrap(),
        &depth,
    )?;
    let include = expected["include_result_with_score"].as_str().unwrap();
    equal("include", &Ok(slo.comparison.include), &include.parse())?;
    let aggregate = expected["aggregate_function"].as_str().unwrap();
    equal("aggregate", slo.comparison.aggregate.name(), aggregate)
}

/// Compares one part.
fn equal<T: PartialEq + std::fmt::Debug + ?Sized>(
    part: &str,
    ours: &T,
    theirs: &T,
) -> Result<(), String> {
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("{part}: {ours:?}, not {theirs:?}"))
    }
}

#[test]
fn an_slo_is_refused_exactly_where_it_can_not_be_evaluated() {
    let mut refused = 0;
    for line in SCORING.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let parsed = parse_slo(&Source::new("slo.yaml", case["slo"].as_str().unwrap()));
        let is_invalid = case["expect"]["invalid"] == true;
        assert_eq!(
            parsed.value.is_none(),
            is_invalid,
            "{}: {:?}",
            case["id"],
            parsed.problems
        );
        refused += usize::from(is_invalid);
    }
    assert!(refused > 10, "{refused}");
}

#[test]
fn every_criterion_is_read_as_by_the_reference() {
    check("criteria_parse", "criteria", compare_criterion);
}

/// Compares one criterion.
fn compare_criterion(row: &Value) -> Result<(), String> {
    let parsed = row["criteria"].as_str().unwrap().parse::<Criterion>();
    let criterion = match (parsed, row["error"].as_str()) {
        (Ok(criterion), None) => criterion,
        (Err(error), Some(expected)) => {
            return equal("error", error.to_string().as_str(), expected);
        }
        (parsed, expected) => return Err(format!("{parsed:?}, not {expected:?}")),
    };
    let (value, kind, direction) = match criterion.target {
        Target::Fixed(value) => (value, "fixed", None),
        Target::Relative(direction, Amount::Absolute(value)) => {
            (value, "relative_absolute", Some(direction))
        }
        Target::Relative(direction, Amount::Percent(value)) => {
            (value, "relative_percent", Some(direction))
        }
    };
    let direction = direction.map(|direction| match direction {
        Direction::Increase => "increase",
        Direction::Decrease => "decrease",
    });
    equal(
        "operator",
        criterion.operator.symbol(),
        row["operator"].as_str().unwrap(),
    )?;
    equal("value", &Some(value), &row["value"].as_f64())?;
    equal("kind", kind, row["kind"].as_str().unwrap())?;
    equal("direction", &direction, &row["direction"].as_str())
}
