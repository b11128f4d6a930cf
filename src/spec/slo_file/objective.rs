//! One entry of `objectives`.

use crate::gate::{
    Amount, CriteriaSet, Direction, IndicatorName, Objective, Target, Weight, WrittenCriterion,
};
use crate::spec::fields::{Field, Fields};
use crate::spec::findings::Findings;
use crate::spec::problem::quoted;
use crate::spec::source::Span;
use crate::spec::yaml::Node;

use super::criterion_advice;

/// The keys of an objective.
const KEYS: [&str; 6] = ["sli", "displayName", "pass", "warning", "weight", "key_sli"];

/// How a list of criteria looks.
const SHAPE: &str = "write a list of sets: `[{criteria: [\"<600\"]}]`";

/// An objective, and where its SLI stands.
pub(super) struct Located {
    /// The objective.
    pub objective: Objective,
    /// The place.
    pub place: Span,
}

/// Reads an objective; `None` where it is null or has no SLI. Other errors leave parts of it out.
pub(super) fn read(findings: &mut Findings<'_>, node: &Node) -> Option<Located> {
    let mut fields = Fields::open(findings, node, "an objective")?;
    let sli = read_sli(findings, &mut fields, node);
    let display_name = fields
        .take("displayName")
        .and_then(|field| findings.text(field.value, "displayName"));
    let pass = read_sets(findings, fields.take("pass"));
    let warning = read_sets(findings, fields.take("warning"));
    let weight = fields.take("weight");
    let key = fields.take("key_sli");
    warn_fail(findings, fields.take("fail"));
    fields.warn_unknown(findings, "the objective", &KEYS);
    let points = weight
        .as_ref()
        .and_then(|field| read_weight(findings, field));
    let is_key = key
        .as_ref()
        .and_then(|field| findings.boolean(field.value, "key_sli"))
        .unwrap_or(false);
    if pass.is_empty() {
        warn_informational(findings, weight, key.filter(|_| is_key), &warning);
    }
    let (indicator, place) = sli?;
    let mut objective = Objective::new(indicator);
    objective.display_name = display_name.unwrap_or_default();
    objective.pass = pass.sets;
    objective.warning = warning.sets;
    objective.weight = points.unwrap_or(Weight::ONE);
    objective.key = is_key;
    Some(Located { objective, place })
}

/// Reads the SLI that the objective judges.
fn read_sli(
    findings: &mut Findings<'_>,
    fields: &mut Fields<'_>,
    node: &Node,
) -> Option<(IndicatorName, Span)> {
    const HINT: &str = "name an indicator of sli.yaml: `sli: error_rate`";
    let Some(field) = fields.take("sli") else {
        let at = Span::new(node.span.start, node.span.start);
        findings.error(at, "the objective has no `sli`", HINT);
        return None;
    };
    if findings.is_null(field.value) {
        findings.error(field.key, "the objective has an empty `sli`", HINT);
        return None;
    }
    let text = findings.text(field.value, "sli")?;
    match IndicatorName::new(text) {
        Ok(name) => Some((name, field.value.span)),
        Err(error) => {
            findings.error(field.span(), error.to_string(), HINT);
            None
        }
    }
}

/// The sets of criteria of `pass` or `warning`.
#[derive(Default)]
struct Sets {
    /// Those that can be used.
    sets: Vec<CriteriaSet>,
    /// Where the field stands, if anything at all is written there.
    written: Option<Span>,
}

impl Sets {
    /// Tells whether nothing is written.
    fn is_empty(&self) -> bool {
        self.written.is_none()
    }
}

/// Reads `pass` or `warning`.
fn read_sets(findings: &mut Findings<'_>, field: Option<Field<'_>>) -> Sets {
    let Some(field) = field.filter(|field| !field.value.is_null()) else {
        return Sets::default();
    };
    let Some(elements) = field.value.elements() else {
        let message = format!(
            "`{}` must be a list of criteria sets, not {}",
            field.name,
            field.value.kind()
        );
        findings.error(field.span(), message, SHAPE);
        return Sets {
            sets: Vec::new(),
            written: Some(field.key),
        };
    };
    Sets {
        sets: elements
            .iter()
            .filter_map(|element| read_set(findings, element, &field))
            .collect(),
        written: (!elements.is_empty()).then_some(field.key),
    }
}

/// Reads one set.
fn read_set(findings: &mut Findings<'_>, node: &Node, parent: &Field<'_>) -> Option<CriteriaSet> {
    if node.entries().is_none() && !findings.is_null(node) {
        let message = format!(
            "a criteria set in `{}` must be a mapping with `criteria`, not {}",
            parent.name,
            node.kind()
        );
        findings.error(node.span, message, SHAPE);
        return None;
    }
    let Some(mut fields) = Fields::open(findings, node, &parent.name) else {
        say_empty(
            findings,
            if node.span.start == node.span.end {
                parent.key
            } else {
                node.span
            },
        );
        return None;
    };
    let criteria = fields.take("criteria");
    fields.warn_unknown(findings, "the criteria set", &["criteria"]);
    let Some(field) = criteria else {
        say_empty(findings, node.span);
        return None;
    };
    if field.value.elements().is_none() && !findings.is_null(field.value) {
        let message = format!("`criteria` must be a list, not {}", field.value.kind());
        let hint = match field.value.text() {
            Some(text) => format!("write `criteria: [{}]`", quoted(text).replace('`', "\"")),
            None => SHAPE.to_owned(),
        };
        findings.error(field.span(), message, hint);
        return None;
    }
    let texts: Vec<&std::rc::Rc<Node>> = field
        .value
        .elements()
        .unwrap_or_default()
        .iter()
        .filter(|element| !element.is_null())
        .collect();
    if texts.is_empty() {
        say_empty(findings, field.span());
        return None;
    }
    let read = texts
        .into_iter()
        .filter_map(|node| read_criterion(findings, node));
    CriteriaSet::new(read.collect()).ok()
}

/// Says that a set has no criterion.
fn say_empty(findings: &mut Findings<'_>, at: Span) {
    let problem = findings
        .malformed(at, "a criteria set needs at least one criterion")
        .with_hint("add one, or remove the set")
        .with_note("in Keptn an empty set is met by any value");
    findings.push(problem);
}

/// Reads one criterion.
fn read_criterion(findings: &mut Findings<'_>, node: &Node) -> Option<WrittenCriterion> {
    let text = findings.text(node, "a criterion")?;
    match text.parse::<WrittenCriterion>() {
        Ok(criterion) => {
            warn_unsigned_percent(findings, node, &criterion);
            Some(criterion)
        }
        Err(error) => {
            let raw = findings.source().slice(node.span);
            let advice = criterion_advice::advise(&text, error, node.is_block().then_some(raw));
            findings.error(node.span, advice.message, advice.hint);
            None
        }
    }
}

/// Warns of `<5%`, which reads like a limit and is none: it means 5 % more than before.
fn warn_unsigned_percent(findings: &mut Findings<'_>, node: &Node, criterion: &WrittenCriterion) {
    let is_percent = matches!(
        criterion.criterion().target,
        Target::Relative(Direction::Increase, Amount::Percent(_))
    );
    let compact: String = criterion.text().chars().filter(|c| *c != ' ').collect();
    let number = compact.trim_start_matches(['<', '=', '>']);
    if !is_percent || number.starts_with(['+', '-']) {
        return;
    }
    let operator = criterion.criterion().operator.symbol();
    let bare = number.trim_end_matches('%');
    let message = format!(
        "{} is no absolute limit: it is {bare} % above the earlier results",
        quoted(criterion.text())
    );
    let hint = format!(
        "write `{operator}{bare}` for an absolute limit, or `{operator}+{number}` to say that this is meant"
    );
    findings.warning(node.span, message, hint);
}

/// Reads `weight`.
fn read_weight(findings: &mut Findings<'_>, field: &Field<'_>) -> Option<Weight> {
    let number = findings.integer(field.value, "weight")?;
    let weight = Weight::new(number.value);
    if weight.is_none() {
        let message = format!("`weight` must not be negative, and is {}", number.value);
        findings.error(field.span(), message, "write a whole number from 1 on");
    } else if number.value == 0 {
        let hint =
            "for an objective without points leave out `pass`: it is shown, and never counts";
        findings.warning(field.span(), "`weight` 0 counts as 1, as in Keptn", hint);
    } else if number.cut {
        let message = format!(
            "`weight` is cut to {}: weights are whole numbers",
            number.value
        );
        findings.warning(
            field.span(),
            message,
            "multiply all weights until they are whole",
        );
    }
    weight
}

/// Warns of `fail:`, which Keptn never had.
fn warn_fail(findings: &mut Findings<'_>, field: Option<Field<'_>>) {
    let Some(field) = field else {
        return;
    };
    let message = "`fail` is ignored, as in Keptn: what meets neither `pass` nor `warning` fails";
    findings.warning(
        field.key,
        message,
        "remove it, and see that `pass` and `warning` say the rest",
    );
}

/// Warns of what has no effect on an objective without criteria to pass by.
fn warn_informational(
    findings: &mut Findings<'_>,
    weight: Option<Field<'_>>,
    key: Option<Field<'_>>,
    warning: &Sets,
) {
    const WHY: &str = "an objective without `pass` is informational: it is shown, and never counts";
    const HINT: &str = "add `pass` criteria";
    if let Some(at) = warning.written {
        findings.warning(at, format!("`warning` has no effect: {WHY}"), HINT);
    }
    if let Some(field) = key {
        findings.warning(field.key, format!("`key_sli` has no effect: {WHY}"), HINT);
    }
    let is_default =
        |field: &Field<'_>| field.value.is_null() || matches!(field.value.text(), Some("1"));
    if let Some(field) = weight.filter(|field| !is_default(field)) {
        findings.warning(field.key, format!("`weight` has no effect: {WHY}"), HINT);
    }
}
