//! What a heatmap looks like at several widths.

use insta::assert_snapshot;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr as _;

use super::samples::{PLAIN, all, earlier, record};
use super::{Charset, Colour, Heatmap, TextStyle};
use crate::gate::event::RecordError;
use crate::gate::{ChronicleEntry, Conclusion, Outcome, Readings, Record};

/// Lists records as stored one after the other, the newest first.
fn entries(records: Vec<Record>) -> Vec<ChronicleEntry> {
    let oldest_first = records.into_iter().enumerate().map(|(at, mut record)| {
        record
            .labels
            .insert("build".to_owned(), (1231 + at).to_string());
        let time = "2024-02-01T10:00:30Z".parse::<jiff::Timestamp>().unwrap();
        let time = time + jiff::SignedDuration::from_hours(i64::try_from(at).unwrap());
        ChronicleEntry {
            id: format!("evaluation-{at}"),
            time: Some(time),
            place: ["sockshop", "staging", "carts"].map(str::to_owned),
            record: Ok(Box::new(record)),
            invalidated: None,
            pinned: None,
            change: None,
        }
    });
    let mut entries: Vec<ChronicleEntry> = oldest_first.collect();
    entries.reverse();
    entries
}

/// Returns one of everything.
fn one_of_everything() -> Vec<ChronicleEntry> {
    let past = [earlier(1, 400.0), earlier(2, 410.0)];
    let times = [
        380.0, 400.0, 410.0, 420.0, 500.0, 650.0, 900.0, 430.0, 410.0,
    ];
    let mut records: Vec<Record> = times
        .iter()
        .map(|time| record(all(*time, time / 1000.0), &past))
        .collect();
    let mut readings = all(400.0, 0.2);
    readings.readings[1].outcome = Outcome::NoData("nothing".to_owned());
    records.push(record(readings, &past));
    let mut inconclusive = record(all(405.0, 0.2), &past);
    inconclusive.evaluation.conclusion = Conclusion::Inconclusive("no data".to_owned());
    records.push(inconclusive);
    let two = Readings::new(all(415.0, 0.1).readings.into_iter().take(2).collect());
    let mut fewer = record(two, &past);
    fewer.evaluation.objectives.as_mut().unwrap().pop();
    records.push(fewer);
    let mut entries = entries(records);
    entries[0].pinned = Some(String::new());
    entries[5].invalidated = Some("wrong load".to_owned());
    entries[11].record = Err(RecordError::Missing("data.evaluation".to_owned()));
    entries
}

/// Draws evaluations.
fn draw(entries: &[ChronicleEntry], width: u16, charset: Charset) -> String {
    let series = record(all(400.0, 0.2), &[]).series;
    let heatmap = Heatmap {
        entries,
        series: &series,
    };
    heatmap.text(TextStyle {
        charset,
        width,
        ..PLAIN
    })
}

#[test]
fn a_heatmap_reads_at_80_columns() {
    assert_snapshot!(draw(&one_of_everything(), 80, Charset::Unicode), @"
    sockshop/staging/carts  12 evaluations, 2024-02-01 10:00 to 2024-02-01 21:00 UTC

                        1233  1236  1239  1242
    Score              ? ✓ ✓ ✓ ! ! ✗ ✓ ✓ ✗ ? ✓
    Response time p95  · ✓ ✓ ✓ ! ! ✗ ✓ ✓ ✓ ✓ ✓
    error_rate (key)   · ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ? ✓ ✓
    throughput         · i i i i i i i i i i ·
    invalidated                    ×
    pinned                                   ^

    ✓ pass   ! warning   ✗ fail   i info   ? no value or no verdict
    · not part of it

                       Values         Lowest  Highest  Last
    Score              ·███▄▄▁██▄·█    33.33      100   100
    Response time p95  ·▁▁▁▂▅█▁▁▁▁▁      400      900   415
    error_rate (key)   ·▄▄▄▅▆█▄▄·▂▁      0.1      0.9   0.1
    throughput         ·▅▅▅▅▅▅▅▅▅▅·  87.1235  87.1235        req/s
    ");
}

#[test]
fn a_heatmap_reads_at_200_columns() {
    assert_snapshot!(draw(&one_of_everything(), 200, Charset::Unicode), @"
    sockshop/staging/carts  12 evaluations, 2024-02-01 10:00 to 2024-02-01 21:00 UTC

                        1233  1236  1239  1242   Values         Lowest  Highest  Last
    Score              ? ✓ ✓ ✓ ! ! ✗ ✓ ✓ ✗ ? ✓   ·███▄▄▁██▄·█    33.33      100   100
    Response time p95  · ✓ ✓ ✓ ! ! ✗ ✓ ✓ ✓ ✓ ✓   ·▁▁▁▂▅█▁▁▁▁▁      400      900   415
    error_rate (key)   · ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ? ✓ ✓   ·▄▄▄▅▆█▄▄·▂▁      0.1      0.9   0.1
    throughput         · i i i i i i i i i i ·   ·▅▅▅▅▅▅▅▅▅▅·  87.1235  87.1235        req/s
    invalidated                    ×
    pinned                                   ^

    ✓ pass   ! warning   ✗ fail   i info   ? no value or no verdict   · not part of it
    ");
}

#[test]
fn a_heatmap_reads_in_ascii() {
    assert_snapshot!(draw(&one_of_everything(), 80, Charset::Ascii), @"
    sockshop/staging/carts  12 evaluations, 2024-02-01 10:00 to 2024-02-01 21:00 UTC

                        1233  1236  1239  1242
    Score              ? P P P W W F P P F ? P
    Response time p95  . P P P W W F P P P P P
    error_rate (key)   . P P P P P P P P ? P P
    throughput         . i i i i i i i i i i .
    invalidated                    x
    pinned                                   ^

    P pass   W warning   F fail   i info   ? no value or no verdict
    . not part of it

                       Values         Lowest  Highest  Last
    Score               ###--_##- #    33.33      100   100
    Response time p95   ___.=#_____      400      900   415
    error_rate (key)    ---=+#-- ._      0.1      0.9   0.1
    throughput          ==========   87.1235  87.1235        req/s
    ");
}

#[test]
fn what_does_not_fit_is_the_oldest_and_it_says_so() {
    let records = (0..60).map(|at| record(all(400.0 + f64::from(at), 0.2), &[]));
    assert_snapshot!(draw(&entries(records.collect()), 80, Charset::Unicode), @"
    sockshop/staging/carts  60 evaluations, 2024-02-01 10:00 to 2024-02-03 21:00 UTC

                        1263  1266  1269  1272  1275  1278  1281  1284  1287  1290
    Score              ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓
    Response time p95  ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓
    error_rate (key)   ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓
    throughput         i i i i i i i i i i i i i i i i i i i i i i i i i i i i i i

    ✓ pass   i info
    Not shown at this width: the oldest 30 of 60. See --output json.

                       Values                        Lowest  Highest     Last
    Score              ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅      100      100      100
    Response time p95  ▁▁▁▁▂▂▂▃▃▃▄▄▄▅▅▅▅▆▆▆▇▇▇████      430      459      459
    error_rate (key)   ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅      0.2      0.2      0.2
    throughput         ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅  87.1235  87.1235  87.1235  req/s
    ");
}

#[test]
fn colours_add_nothing_but_colours() {
    let entries = one_of_everything();
    let series = record(all(400.0, 0.2), &[]).series;
    let heatmap = Heatmap {
        entries: &entries,
        series: &series,
    };
    let coloured = heatmap.text(TextStyle {
        colour: Colour::On,
        ..PLAIN
    });
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_ne!(coloured, stripped);
    let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
    let plain = heatmap.text(PLAIN);
    assert_eq!(trimmed, plain.lines().collect::<Vec<_>>());
}

#[test]
fn names_that_differ_at_their_ends_only_stay_apart() {
    let mut one = record(all(400.0, 0.2), &[]);
    let names = ["p50", "p95", "p99"];
    let objectives = one.evaluation.objectives.iter_mut().flatten();
    for (objective, end) in objectives.zip(names) {
        objective.display_name = format!("Response time of the checkout of the shop, {end}");
    }
    let text = draw(&entries(vec![one]), 60, Charset::Ascii);
    for end in names {
        assert_eq!(text.matches(&format!("{end} ")).count(), 2, "{text}");
    }
}

proptest! {
    #[test]
    fn whatever_names_and_values_are_no_line_is_too_wide_and_nothing_steers_the_terminal(
        name in any::<String>(),
        build in any::<String>(),
        values in proptest::collection::vec(any::<f64>().prop_filter("finite", |v| v.is_finite()), 1..40),
        width in 70_u16..250,
    ) {
        let records = values.iter().map(|value| {
            let mut one = record(all(*value, 0.2), &[]);
            for objective in one.evaluation.objectives.iter_mut().flatten() {
                objective.display_name.clone_from(&name);
            }
            one
        });
        let mut entries = entries(records.collect());
        for entry in &mut entries {
            if let Ok(one) = &mut entry.record {
                one.labels.insert("buildId".to_owned(), build.clone());
            }
        }
        for charset in [Charset::Unicode, Charset::Ascii] {
            let text = draw(&entries, width, charset);
            for line in text.lines() {
                prop_assert!(line.width() <= usize::from(width), "{line}");
                prop_assert!(!line.contains(char::is_control), "{line:?}");
            }
        }
    }
}
