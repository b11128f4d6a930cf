//! 65, 69, 75, 76, 77: backends that do not answer as they should.

use insta::assert_snapshot;

use crate::harness::Gate;
use crate::support::misbehaving::{Reply, Server, nobody};

/// Three objectives.
const THREE: &str = r#"objectives:
  - sli: first
  - sli: second
  - sli: third
total_score: { pass: "90%" }
"#;

#[test]
fn a_prometheus_that_is_down_ends_with_69() {
    let answer = Gate::of_server(&nobody()).refused(69);
    assert_snapshot!(answer.stderr(), @"
    error: no verdict: the only query could not be answered
      because: response_time: cannot connect to 127.0.0.1:[port]: connection refused; is the server running, and does a firewall let you in?
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: check the URL, and that the backend runs and can be reached from here: tidegate doctor tries it step by step
    ");
}

#[test]
fn a_host_that_nobody_knows_ends_with_69() {
    let answer = Gate::of_server("http://prometheus.invalid:9090").refused(69);
    assert!(
        answer.stderr().contains("prometheus.invalid"),
        "{}",
        answer.stderr()
    );
}

#[test]
fn a_connection_that_is_closed_ends_with_69() {
    let server = Server::always(Reply::Close);
    let answer = Gate::of_server(&server.url()).refused(69);
    assert_snapshot!(answer.stderr(), @"
    error: no verdict: the only query could not be answered
      because: response_time: the exchange with 127.0.0.1:[port] broke off: connection closed before message completed
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: check the URL, and that the backend runs and can be reached from here: tidegate doctor tries it step by step
    ");
}

#[test]
fn a_prometheus_that_answers_too_late_ends_with_69() {
    let server = Server::always(Reply::Hang);
    let config = format!(
        "providers: {{ prometheus: {{ url: '{}', timeout: 50ms, retry: {{ attempts: 1 }} }} }}\n",
        server.url()
    );
    let answer = Gate::of_server("http://unused")
        .file("tidegate.yaml", config)
        .refused(69);
    assert_snapshot!(answer.stderr(), @"
    error: no verdict: the only query could not be answered
      because: response_time: no complete answer from 127.0.0.1:[port] within [ms]; set a longer `timeout`, or ask for less
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: check the URL, and that the backend runs and can be reached from here: tidegate doctor tries it step by step
    ");
}

#[test]
fn a_server_error_ends_with_69() {
    let server = Server::always(Reply::html(
        503,
        "<html><title>Down for repair</title></html>",
    ));
    let answer = Gate::of_server(&server.url()).refused(69);
    assert_snapshot!(answer.stderr(), @"
    error: no verdict: the only query could not be answered
      because: response_time: HTTP 503, the server, or a proxy before it, has a problem: <html><title>Down for repair</title></html> (text/html; charset=utf-8)
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: check the URL, and that the backend runs and can be reached from here: tidegate doctor tries it step by step
    ");
}

#[test]
fn credentials_that_are_refused_end_with_77() {
    let server = Server::always(Reply::html(401, "<h1>Unauthorized</h1>"));
    assert_snapshot!(Gate::of_server(&server.url()).refused(77).stderr(), @"
    error: no verdict: the only query could not be answered
      because: response_time: HTTP 401, the server refuses the credentials, or misses them: <h1>Unauthorized</h1> (text/html; charset=utf-8)
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: check the credentials of the provider, in tidegate.yaml or in the environment
    ");
    let server = Server::always(Reply::json(
        403,
        r#"{"message": "no access to this tenant"}"#,
    ));
    assert_snapshot!(Gate::of_server(&server.url()).refused(77).stderr(), @r#"
    error: no verdict: the only query could not be answered
      because: response_time: HTTP 403, the server refuses the credentials, or misses them: {"message": "no access to this tenant"} (application/json)
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: check the credentials of the provider, in tidegate.yaml or in the environment
    "#);
}

#[test]
fn throttling_that_does_not_end_ends_with_75_after_as_many_attempts_as_configured() {
    let server = Server::always(Reply::json(429, "{}").header("Retry-After", "0"));
    let config = format!(
        "providers: {{ prometheus: {{ url: '{}', retry: {{ attempts: 3, base: 1ms, max: 2ms }} }} }}\n",
        server.url()
    );
    let gate = Gate::of_server("http://unused").file("tidegate.yaml", config);
    let answer = gate.run().code(75);
    assert_eq!(server.received().len(), 3);
    assert_snapshot!(answer.stderr(), @"
    error: no verdict: the only query could not be answered
      because: response_time: HTTP 429, the server asks to slow down: {} (application/json)
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 3 attempts; query: up
      hint: the backend is busy: try again later, or lower `concurrency` in tidegate.yaml
    ");
    gate.refused(75);
}

#[test]
fn throttling_that_ends_is_a_verdict() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server =
        Server::start(
            move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => Reply::json(429, "{}").header("Retry-After", "0"),
                _ => Reply::number(500.0),
            },
        );
    let config = format!(
        "providers: {{ prometheus: {{ url: '{}' }} }}\n",
        server.url()
    );
    let gate = Gate::of_server("http://unused").file("tidegate.yaml", config);
    let document = gate.run_with(["-o", "json"]).code(0).json();
    assert_eq!(document["objectives"][0]["reading"]["attempts"], 2);
}

#[test]
fn html_from_a_proxy_ends_with_76() {
    let page = "<html><head><title>Sign in to Acme</title></head><body>...</body></html>";
    let server = Server::always(Reply::html(200, page));
    assert_snapshot!(Gate::of_server(&server.url()).refused(76).stderr(), @"
    error: no verdict: the only query could not be answered
      because: response_time: HTTP 200, this is not an answer of Prometheus: <html><head><title>Sign in to Acme</title></head><body>...</body></html> (text/html; charset=utf-8)
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: look at what came back: is the URL that of the backend, and not of a login page or a proxy? Of a file, tidegate inspect FILE says what it holds
    ");
}

#[test]
fn nonsense_ends_with_76() {
    for nonsense in [
        "",
        "{",
        "[]",
        r#"{"status": "success"}"#,
        r#"{"data": 5}"#,
        "null",
    ] {
        let server = Server::always(Reply::json(200, nonsense));
        Gate::of_server(&server.url()).refused(76);
    }
    let server = Server::always(Reply::json(200, r#"{"status": "success"}"#));
    assert_snapshot!(Gate::of_server(&server.url()).run().code(76).stderr(), @r#"
    error: no verdict: the only query could not be answered
      because: response_time: HTTP 200, this is not an answer of Prometheus: {"status": "success"} (application/json)
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: look at what came back: is the URL that of the backend, and not of a login page or a proxy? Of a file, tidegate inspect FILE says what it holds
    "#);
}

#[test]
fn a_path_that_is_not_there_ends_with_76() {
    let server = Server::always(Reply::html(404, "404 page not found"));
    let answer = Gate::of_server(&format!("{}/prom", server.url())).refused(76);
    assert_snapshot!(answer.stderr(), @"
    error: no verdict: the only query could not be answered
      because: response_time: HTTP 404, this is not an answer of Prometheus: 404 page not found (text/html; charset=utf-8); does the URL have the right path, such as `/prometheus`?
      asked: response_time of prometheus at http://127.0.0.1:[port]/prom/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: look at what came back: is the URL that of the backend, and not of a login page or a proxy? Of a file, tidegate inspect FILE says what it holds
    ");
}

#[test]
fn a_query_that_prometheus_calls_wrong_ends_with_65_in_its_own_words() {
    let server = Server::always(Reply::bad_query(
        r#"invalid parameter "query": 1:4: parse error: unclosed left parenthesis"#,
    ));
    let answer = Gate::of_server(&server.url()).refused(65);
    assert_snapshot!(answer.stderr(), @r#"
    error: no verdict: the only query could not be answered
      because: response_time: Prometheus answered 400, bad_data: invalid parameter "query": 1:4: parse error: unclosed left parenthesis
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: correct the query: tidegate query --expr QUERY tries one that stands in no file
    "#);
}

#[test]
fn several_series_are_no_value() {
    let body = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"pod":"a"},"value":[1,"5"]},{"metric":{"pod":"b"},"value":[1,"6"]}]}}"#;
    let server = Server::always(Reply::json(200, body));
    let answer = Gate::of_server(&server.url()).run();
    assert_snapshot!(answer.stderr(), @r#"
    error: no verdict: the only query could not be answered
      because: response_time: query did return multiple values (2): {pod="a"}, {pod="b"}; make one of them with `sum(…)` or `max(…)`, or with `reduce: max` beside the query
      asked: response_time of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: up
      hint: correct the query: tidegate query --expr QUERY tries one that stands in no file
    "#);
}

#[test]
fn nan_is_no_data() {
    let server = Server::always(Reply::number(f64::NAN));
    let answer = Gate::of_server(&server.url()).run().code(1);
    assert_snapshot!(answer.stdout(), @"
    [name]/default/[name]  [time] to [time]

              SLI                Value   Passes if   Points
    ────────────────────────────────────────────────────────
     ✗ fail   response_time   no value   <600           0/1

    ✗ fail response_time has no value: the value is NaN: 0/0, because there was no traffic in the window?

    response_time was asked of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt
        up
      hint: look whether there are data in this window: tidegate query --range 1d shows when there were, and `on_no_data` says what their absence means

    Compared with no earlier evaluation; relative criteria are met.

    ✗ FAIL  score 0 of 100 (90 to pass, 50 for a warning)
    Evaluation failed since the calculated score of 0 is below the warning value of 50
    ");
}

#[test]
fn among_backends_77_wins_over_69_over_75_over_76() {
    let run = |first: Reply, second: Reply, third: Reply| {
        let server = Server::start(move |request| {
            let query = |name: &str| request.contains(name);
            match () {
                () if query("first") => first.clone(),
                () if query("second") => second.clone(),
                () => third.clone(),
            }
        });
        Gate::of_server(&server.url())
            .file("slo.yaml", THREE)
            .file(
                "sli.yaml",
                "indicators: { first: first, second: second, third: third }\n",
            )
            .run()
    };
    let throttled = || Reply::json(429, "{}");
    let forbidden = || Reply::json(403, "{}");
    let nonsense = || Reply::json(200, "[]");
    let wrong = || Reply::bad_query("parse error");
    run(throttled(), forbidden(), nonsense()).code(77);
    run(throttled(), Reply::Close, nonsense()).code(69);
    run(nonsense(), throttled(), nonsense()).code(75);
    run(wrong(), forbidden(), nonsense()).code(77);
    let answer = run(wrong(), forbidden(), forbidden()).code(77);
    assert_snapshot!(answer.stderr(), @"
    error: no verdict: not one of 3 queries could be answered
      because: first: Prometheus answered 400, bad_data: parse error
      because: second, third: HTTP 403, the server refuses the credentials, or misses them: {} (application/json)
      asked: first of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: first
      asked: second of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: second
      asked: third of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt; query: third
      hint: check the credentials of the provider, in tidegate.yaml or in the environment
    ");
}

#[test]
fn one_answer_is_enough_for_a_verdict_and_the_others_fail_their_objectives() {
    let server = Server::start(|request| match request {
        request if request.contains("works") => Reply::number(1.0),
        _ => Reply::bad_query("parse error at char 1"),
    });
    let slo = "objectives:\n  - { sli: good, pass: [{criteria: ['<600']}] }\n  - { sli: bad, pass: [{criteria: ['<600']}] }\ntotal_score: { pass: 90%, warning: 50% }\n";
    let gate = Gate::of_server(&server.url())
        .file("slo.yaml", slo)
        .file("sli.yaml", "indicators: { good: works, bad: ')' }\n");
    let answer = gate.run().code(3);
    assert_snapshot!(answer.stdout(), @"
    [name]/default/[name]  [time] to [time]

              SLI       Value   Passes if   Points
    ───────────────────────────────────────────────
     ✓ pass   good          1   <600           1/1
     ✗ fail   bad    no value   <600           0/1

    ✗ fail bad has no value: Prometheus answered 400, bad_data: parse error at char 1

    bad was asked of prometheus at http://127.0.0.1:[port]/api/v1/query, for [time] to [time]: [ms], 1 attempt
        )
      hint: correct the query: tidegate query --expr QUERY tries one that stands in no file

    Compared with no earlier evaluation; relative criteria are met.

    ! WARNING  score 50 of 100 (90 to pass, 50 for a warning)
    Evaluation returned a warning: the calculated score of 50 is close to the warning target value of 50
    ");
}

#[test]
fn a_dry_run_asks_nobody_and_needs_no_secret() {
    let server = Server::always(Reply::Close);
    let config = format!(
        "providers: {{ prometheus: {{ url: '{}', auth: {{ bearer: '${{TOKEN}}' }} }} }}\n",
        server.url()
    );
    let gate = Gate::of_server("http://unused").file("tidegate.yaml", config);
    gate.refused(78);
    let gate = gate.args([
        "--dry-run",
        "--start=2024-02-01T10:00:00Z",
        "--end=2024-02-01T10:05:00Z",
    ]);
    let answer = gate.run().code(0);
    assert_snapshot!(answer.stdout(), @r"
    [name]/default/[name]
    window     [time] to [time]
    files      slo.yaml, sli.yaml, tidegate.yaml
    event log  memory:

    response_time (prometheus)
        up

    dry run: nothing was asked, nothing was stored
    ");
    assert_snapshot!(answer.stderr(), @r"
    tidegate.yaml:1:75: warning: the environment variable `TOKEN` is not set
      |
    1 | providers: { *********** { url: ************************* auth: { bearer: *${TOKEN}* } } }
      |                                                                           ^^^^^^^^^^
      = hint: set TOKEN, or give it a default: `${TOKEN:-value}`
    ");
    let document = gate.run_with(["-o", "json"]).code(0).json();
    assert_eq!(document["dry_run"], true);
    gate.run_with(["-o", "keptn-event"]).code(0).json();
    gate.run_with(["-o", "yaml"]).code(0).document("yaml");
    assert!(server.received().is_empty());
}
