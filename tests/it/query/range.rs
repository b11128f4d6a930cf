//! `tidegate query --range`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use insta::assert_snapshot;

use super::{WINDOW, gate};
use crate::harness::Gate;
use crate::support::misbehaving::{Reply, Server};

#[test]
fn a_range_asks_for_a_window_at_each_step() {
    let server = Server::start(|request| {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let time = body.split('&').find_map(|pair| pair.strip_prefix("time="));
        let minutes = (time.unwrap().parse::<f64>().unwrap() - 1_706_781_900.0) / 60.0;
        match minutes {
            m if m < -100.0 => Reply::no_series(),
            m => Reply::number(m + 200.0),
        }
    });
    let gate = Gate::new()
        .env("PROMETHEUS_URL", server.url())
        .file(
            "sli.yaml",
            "indicators: { load: 'sum(rate(x[$DURATION_SECONDS]))' }\n",
        )
        .args(["query", "--project=sockshop", "--service=carts"])
        .args(WINDOW);
    let range = ["--range", "2h", "--step", "10m"];
    assert_snapshot!(gate.run_with(range).code(0).stdout(), @"
    sockshop/default/carts  [time] to [time]

    load  200
      prometheus at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt
        sum(rate(x[300s]))
      ·▁▁▂▃▄▅▅▆▇██
      min 100, max 200, last 200 (12 points, 10 minutes apart), 1 without data
    ");
    let ascii = Gate::new()
        .env("PROMETHEUS_URL", server.url())
        .env("LANG", "C")
        .args([
            "query",
            "--expr",
            "sum(x)",
            "--service=carts",
            "--project=sockshop",
        ])
        .args(WINDOW);
    assert_snapshot!(ascii.run_with(range).code(0).stdout(), @"
    sockshop/default/carts  [time] to [time]

    query  200
      prometheus at http://127.0.0.1:[port]/api/v1/query: [ms], 1 attempt
        sum(x)
       __.:-==+*##
      min 100, max 200, last 200 (12 points, 10 minutes apart), 1 without data
    ");
    let document = gate.run_with(range).code(0);
    assert!(document.raw_stderr().is_empty());
    let document = gate
        .run_with(["-o", "json"].into_iter().chain(range))
        .code(0)
        .json();
    let range = &document["slis"][0]["range"];
    assert_eq!(range["step_seconds"], 600.0);
    let points = range["points"].as_array().unwrap();
    assert_eq!(points.len(), 12);
    assert_snapshot!(format!("{:#} {:#}", points[0], points[11]), @r#"
    {
      "start": "2024-02-01T08:10:00.000Z",
      "end": "2024-02-01T08:15:00.000Z",
      "outcome": "no_data",
      "value": null,
      "reason": "query did not return any values between 2024-02-01T08:10:00Z and 2024-02-01T08:15:00Z; is the metric scraped, and was there any traffic?"
    } {
      "start": "2024-02-01T10:00:00.000Z",
      "end": "2024-02-01T10:05:00.000Z",
      "outcome": "value",
      "value": 200,
      "reason": null
    }
    "#);
}

#[test]
fn a_range_that_makes_no_sense_ends_with_64() {
    let gate = gate("http://127.0.0.1:9");
    let refused = |args: &[&str]| gate.run_with(args.iter().copied()).code(64).stderr();
    assert_snapshot!(refused(&["--range", "30d", "--step", "1m"]), @"
    error: 43200 points are too many, at most 200 are asked for
      hint: choose a shorter --range, or a longer --step
    ");
    assert_snapshot!(refused(&["--range", "soon"]), @"
    error: `soon` is not a duration: expected a number and a unit, such as `5m` or `1h30m`
      hint: such as --range 6h --step 15m
    ");
    assert_snapshot!(refused(&["--range", "5s"]), @"
    error: a step of 60 s does not fit into a range of 5 s
      hint: choose a longer --range, or a shorter --step
    ");
}

#[test]
fn a_range_never_has_more_requests_under_way_than_configured() {
    let earlier = "time=1706781900";
    let together = Barrier::new(4);
    let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let server = Server::start(move |request| {
        let count = now.fetch_add(1, Ordering::SeqCst) + 1;
        seen.fetch_max(count, Ordering::SeqCst);
        // The window itself comes first, alone; of the earlier ones four requests must be under way at once.
        if !request.contains(earlier) {
            together.wait();
        }
        now.fetch_sub(1, Ordering::SeqCst);
        Reply::number(1.0)
    });
    let config = format!(
        "providers: {{ prometheus: {{ url: '{}', concurrency: 4 }} }}\n",
        server.url()
    );
    let gate = Gate::new()
        .file("sli.yaml", "indicators: { a: one, b: two }\n")
        .file("tidegate.yaml", config)
        .args([
            "query",
            "--timeout",
            "60s",
            "--range",
            "90m",
            "--step",
            "10m",
        ])
        .args(WINDOW);
    let document = gate.run_with(["-o", "json"]).code(0).json();
    let points = document["slis"][1]["range"]["points"].as_array().unwrap();
    assert_eq!(points.len(), 9);
    assert_eq!(server.received().len(), 18);
    assert_eq!(most.load(Ordering::SeqCst), 4);
}
