//! The page as a whole, read back with a parser that knows nothing of how it was written.

use std::collections::BTreeMap;

use html5ever::tendril::TendrilSink as _;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use proptest::prelude::*;

use super::page::{SCRIPT, STYLE, hash};
use crate::gate::{
    Ending, IndicatorName, Outcome, Reading, Readings, Record, Status, Trend, TrendPoint,
    TrendValue, Verdict,
};
use crate::report::golden::{cases, check};
use crate::report::samples::{
    HOSTILE_TEXT, all, earlier, fail_with_gaps, record, record_of, trend,
};
use crate::report::{Account, Format};

/// Every element that a page of ours may hold.
const ELEMENTS: &str = "html head meta title style body a header div h1 h2 h3 h4 span p b bdi small strong i code pre \
    mark dl dt dd ul ol li nav main section article table caption thead tbody tr th td details summary footer br wbr \
    svg g rect path circle text script";
/// Every attribute that one may have.
const ATTRIBUTES: &str = "aria-hidden aria-label aria-labelledby charset class colspan content cx cy d fill \
    fill-opacity font-size height href http-equiv id lang name r rel role rowspan rx scope stroke stroke-dasharray \
    stroke-linecap stroke-linejoin stroke-opacity stroke-width tabindex text-anchor viewBox width x y";

/// A page that was read back.
struct Page {
    /// Every element, in order: its name, its attributes, and the text in it.
    elements: Vec<(String, BTreeMap<String, String>, String)>,
}

impl Page {
    /// Reads a page; it may have no error.
    #[track_caller]
    fn parse(html: &str) -> Self {
        let options = ParseOpts {
            tokenizer: html5ever::tokenizer::TokenizerOpts {
                exact_errors: true,
                ..Default::default()
            },
            ..ParseOpts::default()
        };
        let dom = parse_document(RcDom::default(), options).one(html);
        // In drawings it knows no attribute with a hyphen, which is none of ours to mend.
        let errors = dom.errors.borrow();
        assert!(errors.is_empty(), "{errors:?}");
        let mut elements = Vec::new();
        collect(&dom.document, &mut elements);
        Self { elements }
    }

    /// Returns the texts of all elements with a name.
    fn texts(&self, name: &str) -> Vec<&str> {
        let named = self.elements.iter().filter(|(own, _, _)| own == name);
        named.map(|(_, _, text)| text.as_str()).collect()
    }

    /// Returns the values of an attribute.
    fn values(&self, attribute: &str) -> Vec<&str> {
        let values = self
            .elements
            .iter()
            .filter_map(|(_, own, _)| own.get(attribute));
        values.map(String::as_str).collect()
    }

    /// Checks what holds for every page of ours, whatever it tells.
    #[track_caller]
    fn is_ours(&self) {
        for (name, attributes, _) in &self.elements {
            assert!(
                ELEMENTS.split_whitespace().any(|own| own == name),
                "<{name}>"
            );
            for attribute in attributes.keys() {
                let known = ATTRIBUTES.split_whitespace().any(|own| own == attribute);
                assert!(known, "<{name} {attribute}>");
            }
        }
        assert_eq!(self.texts("script"), [SCRIPT]);
        assert_eq!(self.texts("style"), [STYLE]);
        assert_eq!(self.texts("h1").len(), 1);
        for href in self.values("href") {
            let is_link = ["#", "http://", "https://"]
                .iter()
                .any(|start| href.starts_with(start));
            assert!(is_link, "{href}");
        }
        let ids = self.values("id");
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(ids.len(), unique.len(), "{ids:?}");
        for named in self.values("aria-labelledby") {
            assert!(ids.contains(&named), "{named}");
        }
    }
}

/// Collects elements in order; returns the text.
fn collect(
    node: &Handle,
    elements: &mut Vec<(String, BTreeMap<String, String>, String)>,
) -> String {
    let place = elements.len();
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes = attrs.borrow();
        let attributes = attributes.iter().map(|attribute| {
            (
                attribute.name.local.to_string(),
                attribute.value.to_string(),
            )
        });
        elements.push((name.local.to_string(), attributes.collect(), String::new()));
    }
    let mut text = String::new();
    if let NodeData::Text { contents } = &node.data {
        text.push_str(&contents.borrow());
    }
    for child in node.children.borrow().iter() {
        text.push_str(&collect(child, elements));
    }
    if matches!(node.data, NodeData::Element { .. }) {
        elements[place].2.clone_from(&text);
    }
    text
}

/// Writes a page.
fn write(account: &Account<'_>) -> String {
    super::write(account)
}

/// Returns an objective of an SLO.
fn objective(number: u32) -> String {
    format!(
        "  - sli: response_time_of_operation_{number}\n    displayName: Response time of operation {number}\n    \
         pass: [{{criteria: [\"<=+10%\", \"<600\"]}}]\n    warning: [{{criteria: [\"<=800\"]}}]\n"
    )
}

/// Returns an evaluation with so many objectives of every kind, after so many earlier ones.
pub(super) fn large(objectives: u32, runs: u32) -> (Record, Trend) {
    let slo: Vec<String> = (0..objectives).map(objective).collect();
    let slo = slo.concat();
    let slo = format!("objectives:\n{slo}total_score: {{pass: 90%, warning: 75%}}\n");
    let value = |objective: u32, run: u32| {
        400.0 + f64::from((objective * 7919 + run * 104_729) % 5000) / 11.0
    };
    let name =
        |number: u32| IndicatorName::new(format!("response_time_of_operation_{number}")).unwrap();
    let readings = (0..objectives).map(|number| Reading {
        provider: Some("prometheus".to_owned()),
        query: Some(format!(
            "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{{service=\"carts\",operation=\"{number}\"}}[5m])))"
        )),
        endpoint: Some("https://prometheus.example:9090".to_owned()),
        samples: Some(1),
        attempts: 1,
        elapsed: Some(std::time::Duration::from_micros(41_700)),
        unit: Some("ms".to_owned()),
        ..Reading::of(name(number), value(number, 0))
    });
    let record = record_of(&slo, Readings::new(readings.collect()), &[]);
    let point = |run: u32| TrendPoint {
        id: format!("0194f1c2-0000-7000-8000-{run:012}"),
        time: "2024-01-31T10:00:00Z".parse().ok(),
        labels: BTreeMap::from([
            ("buildId".to_owned(), format!("2024.{run}")),
            (
                "joburl".to_owned(),
                format!("https://ci.example/shop/jobs/{run}"),
            ),
        ]),
        ending: Ending::Verdict(Verdict::Pass),
        score: Some(97.5),
        invalidated: None,
        values: (0..objectives)
            .map(|number| {
                let value = value(number, run);
                let status = match value {
                    v if v < 600.0 => Status::Pass,
                    v if v < 800.0 => Status::Warning,
                    _ => Status::Fail,
                };
                let value = TrendValue {
                    status,
                    value: Some(value),
                };
                (name(number).as_str().to_owned(), value)
            })
            .collect(),
    };
    let trend = Trend {
        points: (1..=runs).map(point).collect(),
    };
    (record, trend)
}

#[test]
fn golden_files() {
    check(Format::Html, "report.html");
}

#[test]
fn every_page_is_read_back_without_an_error_and_holds_nothing_but_ours() {
    for case in cases() {
        let page = Page::parse(&write(&case.account()));
        page.is_ours();
        let objectives = case.record.evaluation.objectives().len();
        let articles = page.values("id").into_iter().filter(|id| {
            id.strip_prefix('s')
                .is_some_and(|number| number.parse::<u32>().is_ok())
        });
        assert_eq!(articles.count(), objectives, "{}", case.name);
    }
}

#[test]
fn a_page_stays_small() {
    let (record, trend) = large(30, 50);
    let account = |record, trend| Account {
        trend: Some(trend),
        ..Account::of(record)
    };
    let size = write(&account(&record, &trend)).len();
    assert!(size < 300_000, "{size}");
    let (record, trend) = large(90, 50);
    let size = write(&account(&record, &trend)).len();
    assert!(size < 1_000_000, "{size}");
}

#[test]
fn the_policy_names_our_style_and_our_script_and_allows_nothing_else() {
    let record = record(all(500.0, 0.0), &[]);
    let page = Page::parse(&write(&Account::of(&record)));
    let policies = page.values("content");
    let policy = policies
        .iter()
        .find(|content| content.contains("default-src"));
    assert_eq!(
        *policy.unwrap(),
        format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        )
    );
    // The digest of nothing, as everyone knows it.
    assert_eq!(hash(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert!(SCRIPT.len() < 10_000, "{}", SCRIPT.len());
    for code in [STYLE, SCRIPT] {
        assert!(!code.contains("</") && !code.contains("<!--") && !code.contains("://"));
    }
}

#[test]
fn what_failed_is_told_with_its_limit_and_the_gap() {
    let history = [earlier(1, 500.0), earlier(0, 520.0)];
    let record = record(all(640.2, 0.5), &history);
    let page = Page::parse(&write(&Account::of(&record)));
    let texts = page.texts("tr");
    let rows: Vec<_> = texts
        .iter()
        .filter(|row| row.contains("must") || row.contains("too high"))
        .collect();
    insta::assert_debug_snapshot!(rows, @r#"
    [
        "! warningResponse time p95 640.2at most 561 to pass10 % above the baseline of 51079.2 too high14.1 % of the limit",
        "below 600 to pass40.2 too high6.7 % of the limit",
    ]
    "#);
    let marks = page.texts("mark");
    insta::assert_debug_snapshot!(marks, @r#"
    [
        " 7      pass: [{criteria: [\"<=+10%\", \"<600\"]}]   ← is 640.2, must be at most 561; is 640.2, must be below 600",
    ]
    "#);
}

#[test]
fn a_row_of_the_same_verdict_is_told() {
    let history = [earlier(1, 500.0), earlier(0, 520.0)];
    let record = record(all(640.2, 0.5), &history);
    let lead = |trend: &Trend| {
        let account = Account {
            trend: Some(trend),
            ..Account::of(&record)
        };
        let page = Page::parse(&write(&account));
        page.texts("p")[0].to_owned()
    };
    let mut trend = trend();
    insta::assert_snapshot!(lead(&trend), @"No key SLI failed. 66.66 is below the 90 needed to pass. It reaches the 50 needed for a warning. Of 3 objectives: 1 warning, 1 passed, 1 informational. The 2 evaluations before it were passes.");
    for point in trend.points.iter_mut().take(2) {
        point.ending = Ending::Verdict(Verdict::Warning);
    }
    insta::assert_snapshot!(lead(&trend), @"No key SLI failed. 66.66 is below the 90 needed to pass. It reaches the 50 needed for a warning. Of 3 objectives: 1 warning, 1 passed, 1 informational. This is the fifth warning in a row.");
    insta::assert_snapshot!(lead(&Trend::default()), @"No key SLI failed. 66.66 is below the 90 needed to pass. It reaches the 50 needed for a warning. Of 3 objectives: 1 warning, 1 passed, 1 informational.");
}

#[test]
fn without_a_value_there_is_a_reason_and_no_number() {
    let record = fail_with_gaps();
    let page = Page::parse(&write(&Account::of(&record)));
    let rows = page.texts("tr").join("\n");
    assert!(
        rows.contains("There is no value: the query returned no data"),
        "{rows}"
    );
    let notes = page.texts("li").join("\n");
    assert!(
        notes.contains("CPU busy is left out of the score (on_no_data: ignore)"),
        "{notes}"
    );
}

#[test]
fn an_evaluation_that_another_program_stored_says_what_is_not_known() {
    let mut record = record(all(640.0, 0.5), &[]);
    record.window = None;
    record.slo_file.content.clear();
    record.slo_file.path.clear();
    record.evaluation.total_score = None;
    record.evaluation.comparison = None;
    record.evaluation.maximum = None;
    for objective in record.evaluation.objectives.iter_mut().flatten() {
        objective.maximum = None;
    }
    let page = Page::parse(&write(&Account::of(&record)));
    page.is_ours();
    let text = page.texts("body").join("");
    for words in [
        "not known: the stored evaluation does not tell",
        "Which score was needed is not known.",
        "of an unknown number",
        "The SLO file was not stored with this evaluation.",
        "Which earlier evaluations were asked for is not known.",
    ] {
        assert!(text.contains(words), "{words}");
    }
}

/// Returns text that means something in HTML, and any other.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("</pre></style></script></title><img src=x onerror=alert(1)>".to_owned()),
        Just("\" onfocus=\"alert(1)\" autofocus x=\"".to_owned()),
        Just("<!--".to_owned()),
        Just("]]>&lt;&#60;".to_owned()),
        Just("\u{202e}\u{2066}\u{0}\u{1b}[2J\r\n".to_owned()),
        Just(HOSTILE_TEXT.to_owned()),
        Just("x".repeat(10_000)),
        "\\PC{0,20}",
        any::<String>(),
    ];
    prop::collection::vec(pieces, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_text_from_outside_becomes_markup(text in hostile(), other in hostile(), number in any::<f64>()) {
        let mut record = record(all(640.0, 2.0), &[]);
        record.labels.insert(text.clone(), other.clone());
        record.labels.insert("joburl".to_owned(), other.clone());
        record.labels.insert("buildId".to_owned(), text.clone());
        record.deployment = Some(text.clone());
        record.producer.clone_from(&other);
        record.slo_file.path.clone_from(&text);
        record.slo_file.content = format!("{text}\n{}", record.slo_file.content);
        record.evaluation.message.clone_from(&other);
        record.warnings = vec![text.clone()];
        for objective in record.evaluation.objectives.iter_mut().flatten() {
            objective.display_name.clone_from(&text);
            objective.unit = Some(other.clone());
            for target in &mut objective.pass_targets {
                target.criteria.clone_from(&text);
            }
        }
        for reading in &mut record.readings {
            reading.provider = Some(text.clone());
            reading.query = Some(other.clone());
            reading.endpoint = Some(text.clone());
            reading.outcome = Outcome::NoData(other.clone());
        }
        let mut trend = trend();
        for point in &mut trend.points {
            point.labels.insert("buildId".to_owned(), text.clone());
            if number.is_finite() {
                point.values.insert("error_rate".to_owned(), TrendValue { status: Status::Fail, value: Some(number) });
            }
        }
        let account = Account { trend: Some(&trend), ..Account::of(&record) };
        let html = write(&account);
        let page = Page::parse(&html);
        page.is_ours();
        for place in ["d", "x", "y", "cx", "cy", "height"].into_iter().flat_map(|name| page.values(name)) {
            prop_assert!(!place.contains("NaN") && !place.contains("inf"), "{place}");
        }
    }
}
