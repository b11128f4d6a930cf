//! The `comparison` block, with Keptn's defaults (lighthouse.md 1.3).

use std::str::FromStr;

use crate::gate::{AggregateFunction, Comparison, Depth, IncludedResults};
use crate::spec::fields::{Field, Fields};
use crate::spec::findings::Findings;
use crate::spec::problem::quoted;
use crate::spec::similar;

/// The keys of the block.
const KEYS: [&str; 4] = [
    "compare_with",
    "include_result_with_score",
    "number_of_comparison_results",
    "aggregate_function",
];

/// What `compare_with` may say.
const COMPARE_WITH: [&str; 2] = ["single_result", "several_results"];

/// How many earlier evaluations the file asks for.
#[derive(Clone, Copy)]
enum CompareWith {
    /// It does not say: Keptn takes three.
    Unsaid,
    /// One.
    Single,
    /// As many as `number_of_comparison_results` says.
    Several,
}

/// Reads the block; `None` where it has an error.
pub(super) fn read(findings: &mut Findings<'_>, slo: &mut Fields<'_>) -> Option<Comparison> {
    let Some(block) = slo.take_set("comparison") else {
        return Some(Comparison::default());
    };
    let mut fields = Fields::open(findings, block.value, "comparison")?;
    let compare_with = read_compare_with(findings, fields.take("compare_with"));
    let number = fields.take("number_of_comparison_results");
    let include = read_word(
        findings,
        fields.take("include_result_with_score"),
        &IncludedResults::NAMES,
        IncludedResults::All,
    );
    let aggregate = read_word(
        findings,
        fields.take("aggregate_function"),
        &AggregateFunction::NAMES,
        AggregateFunction::Average,
    );
    fields.warn_unknown(findings, "`comparison`", &KEYS);
    let several = read_number(findings, number.as_ref());
    let compare_with = compare_with?;
    warn_ignored_number(findings, number.as_ref(), several?, compare_with);
    Some(Comparison {
        depth: match compare_with {
            CompareWith::Unsaid => Depth::THREE,
            CompareWith::Single => Depth::SINGLE,
            CompareWith::Several => several?,
        },
        include: include?,
        aggregate: aggregate?,
    })
}

/// Reads `compare_with`; `None` where the word is not known.
fn read_compare_with(findings: &mut Findings<'_>, field: Option<Field<'_>>) -> Option<CompareWith> {
    let Some(field) = field else {
        return Some(CompareWith::Unsaid);
    };
    let word = findings.text(field.value, &field.name).unwrap_or_default();
    match word.as_str() {
        "" => Some(CompareWith::Unsaid),
        "single_result" => Some(CompareWith::Single),
        "several_results" => Some(CompareWith::Several),
        _ => {
            say_unknown(findings, &field, &word, &COMPARE_WITH);
            None
        }
    }
}

/// Reads a word that a type knows; empty is the default. `None` where the word is not known.
fn read_word<T: FromStr>(
    findings: &mut Findings<'_>,
    field: Option<Field<'_>>,
    known: &[&str],
    default: T,
) -> Option<T> {
    let Some(field) = field else {
        return Some(default);
    };
    let word = findings.text(field.value, &field.name).unwrap_or_default();
    if word.is_empty() {
        return Some(default);
    }
    let read = word.parse().ok();
    if read.is_none() {
        say_unknown(findings, &field, &word, known);
    }
    read
}

/// Says that a word is not known.
fn say_unknown(findings: &mut Findings<'_>, field: &Field<'_>, word: &str, known: &[&str]) {
    let message = format!("`{}` does not know {}", field.name, quoted(word));
    findings.error(field.span(), message, similar::hint(word, known));
}

/// Reads `number_of_comparison_results`; 0 and null are the default. `None` where it is out of range.
fn read_number(findings: &mut Findings<'_>, field: Option<&Field<'_>>) -> Option<Depth> {
    let Some(field) = field else {
        return Some(Depth::THREE);
    };
    if findings.is_null(field.value) {
        return Some(Depth::THREE);
    }
    let number = findings.integer(field.value, &field.name)?;
    if number.cut {
        let message = format!("`{}` is cut to {}", field.name, number.value);
        findings.warning(field.span(), message, "write a whole number");
    }
    if number.value == 0 {
        return Some(Depth::THREE);
    }
    let depth = Depth::new(number.value);
    if depth.is_none() {
        let message = format!(
            "`{}` must be from 1 to 100, not {}",
            field.name, number.value
        );
        findings.error(field.span(), message, "0 means the default, 3");
    }
    depth
}

/// Warns where the number that the file states is not the number that counts.
fn warn_ignored_number(
    findings: &mut Findings<'_>,
    field: Option<&Field<'_>>,
    stated: Depth,
    compare_with: CompareWith,
) {
    let (counted, why) = match compare_with {
        CompareWith::Several => return,
        CompareWith::Single => (
            Depth::SINGLE,
            "`compare_with: single_result` compares with one result",
        ),
        CompareWith::Unsaid => (Depth::THREE, "without `compare_with` it is three results"),
    };
    let Some(field) = field.filter(|field| !field.value.is_null()) else {
        return;
    };
    let is_default = field.value.text() == Some("0");
    if stated != counted && !is_default {
        let message = format!("`{}` is ignored: {why}", field.name);
        findings.warning(
            field.span(),
            message,
            "write `compare_with: several_results`, or remove the number",
        );
    }
}
