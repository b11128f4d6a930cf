//! `tidegate doctor`: what it checks, what it says to do, how it ends, and that it keeps secrets.

use insta::assert_snapshot;

use crate::harness::{Gate, SLI, SLO};
use crate::support::misbehaving::{Reply, Server, nobody};
use crate::support::prometheus::{Access, PASSWORD, Prometheus, USER};

/// What nobody may see.
const TOKEN: &str = "hush-1234-token";

/// Starts in a folder with a provider at a URL.
fn gate(url: &str) -> Gate {
    let config = format!(
        "project: sockshop\nservice: carts\nproviders: {{ prod: {{ type: prometheus, url: '{url}', auth: {{ bearer: '{TOKEN}' }}, retry: {{ attempts: 1 }} }} }}\n"
    );
    Gate::new()
        .file("slo.yaml", SLO)
        .file("sli.yaml", SLI)
        .file("tidegate.yaml", config)
        .args(["doctor"])
}

/// Runs to an exit code, in words and as JSON; checks that no secret is shown, and returns the words.
#[track_caller]
fn told(gate: &Gate, code: i32) -> String {
    let answer = gate.run().code(code);
    let document = gate.run_with(["-o", "json"]).code(code);
    assert_eq!(document.json()["code"], code);
    for text in [
        answer.raw_stdout(),
        answer.raw_stderr(),
        document.raw_stdout(),
        document.raw_stderr(),
    ] {
        assert!(!text.contains(TOKEN) && !text.contains(PASSWORD), "{text}");
    }
    answer.stdout()
}

#[test]
fn all_is_well_with_a_real_prometheus() {
    let Some(server) = Prometheus::start(Access::Protected) else {
        return;
    };
    let gate = Gate::new()
        .file("sli.yaml", "indicators: { response_time: vector(5) }\n")
        .env("PROMETHEUS_URL", server.url())
        .env("PROMETHEUS_USER", USER)
        .env("PROMETHEUS_PASSWORD", PASSWORD)
        .args(["doctor", "--event-log", "log.jsonl"]);
    let version = regex::Regex::new(r"version \d+\.\d+\.\S+").unwrap();
    let text = told(&gate, 0);
    assert_snapshot!(version.replace(&text, "version [version]"), @"
    configuration
      ok       file       there is no tidegate.yaml; flags and the environment are used
      ok       providers  prometheus (of type prometheus)
      ok       SLO, SLIs  sli.yaml can be read
    event log
      ok       read       jsonl:log.jsonl can be read, and holds no event yet
    prometheus
      ok       DNS        127.0.0.1, [ms]
      ok       TCP        connected to 127.0.0.1:[port], [ms]
      skipped  TLS        the URL starts with `http://`
      ok       HTTP       HTTP/1.1 200, [ms]
      ok       clock      as ours, give or take 30 s
      ok       API        queries are answered as Prometheus does, version [version]
      ok       query      response_time is 5, [ms] (query: vector(5))

    all is well
    ");
    assert!(!gate.path("log.jsonl").exists());
    let wrong =
        Gate::new()
            .env("PROMETHEUS_URL", server.url())
            .args(["doctor", "--event-log", "memory:"]);
    assert_snapshot!(told(&wrong, 77), @"
    configuration
      ok       file       there is no tidegate.yaml; flags and the environment are used
      ok       providers  prometheus (of type prometheus)
      skipped  SLO, SLIs  neither slo.yaml nor sli.yaml is here
    event log
      skipped  read       memory: nothing is kept
    prometheus
      ok       DNS        127.0.0.1, [ms]
      ok       TCP        connected to 127.0.0.1:[port], [ms]
      skipped  TLS        the URL starts with `http://`
      failed   HTTP       HTTP/1.1 401: Unauthorized, [ms]
                          hint: are the credentials right, and what may they do?
      ok       clock      as ours, give or take 30 s
      skipped  API        a check before this one failed
      skipped  query      a check before this one failed

    1 check failed
    ");
}

#[test]
fn a_server_that_is_down_ends_with_69_and_nothing_behind_it_is_tried() {
    assert_snapshot!(told(&gate(&nobody()), 69), @"
    configuration
      ok       file       tidegate.yaml is used
      ok       providers  prod (of type prometheus)
      ok       SLO, SLIs  slo.yaml, sli.yaml can be read
    event log
      ok       read       sqlite:.tidegate/events.db can be read, and holds no event yet
    prod
      ok       DNS        127.0.0.1, [ms]
      failed   TCP        cannot connect to 127.0.0.1:[port]: connection refused, [ms]
                          hint: is the server running, and does a firewall let you in?
      skipped  TLS        not tried: a step before it failed
      skipped  HTTP       not tried: a step before it failed
      skipped  clock      not tried: a step before it failed
      skipped  API        a check before this one failed
      skipped  query      a check before this one failed

    1 check failed
    ");
}

#[test]
fn what_is_no_prometheus_ends_with_76() {
    let server = Server::always(Reply::html(200, format!("<html>Log in, {TOKEN}</html>")));
    assert_snapshot!(told(&gate(&server.url()), 76), @"
    configuration
      ok       file       tidegate.yaml is used
      ok       providers  prod (of type prometheus)
      ok       SLO, SLIs  slo.yaml, sli.yaml can be read
    event log
      ok       read       sqlite:.tidegate/events.db can be read, and holds no event yet
    prod
      ok       DNS        127.0.0.1, [ms]
      ok       TCP        connected to 127.0.0.1:[port], [ms]
      skipped  TLS        the URL starts with `http://`
      ok       HTTP       HTTP/1.1 200, [ms]
      skipped  clock      the server does not say what time it is
      failed   API        HTTP 200, this is not an answer of Prometheus: <html>Log in, ***</html> (text/html; charset=utf-8)
                          hint: is the URL that of a Prometheus, with the path before /api/v1?
      skipped  query      a check before this one failed

    1 check failed
    ");
}

#[test]
fn an_api_without_a_version_is_fine_and_a_clock_that_is_wrong_is_a_warning() {
    let server = Server::start(|request| {
        let reply = match request {
            request if request.contains("buildinfo") => Reply::json(404, "{}"),
            _ => Reply::number(500.0),
        };
        reply.header("Date", "Tue, 01 Jan 2019 00:00:00 GMT")
    });
    let text = told(&gate(&server.url()), 0);
    let skew = regex::Regex::new(r"clock is \d+ s").unwrap();
    assert_snapshot!(skew.replace(&text, "clock is [s] s"), @"
    configuration
      ok       file       tidegate.yaml is used
      ok       providers  prod (of type prometheus)
      ok       SLO, SLIs  slo.yaml, sli.yaml can be read
    event log
      ok       read       sqlite:.tidegate/events.db can be read, and holds no event yet
    prod
      ok       DNS        127.0.0.1, [ms]
      ok       TCP        connected to 127.0.0.1:[port], [ms]
      skipped  TLS        the URL starts with `http://`
      ok       HTTP       HTTP/1.1 200, [ms]
      warning  clock      the server's clock is [s] s behind ours
                          hint: set the clocks: a window is asked for by its times
      ok       API        queries are answered as Prometheus does, its version is not known
      ok       query      response_time is 500, [ms] (query: up)

    usable, with 1 warning
    ");
}

#[test]
fn the_query_of_the_sli_file_is_tried_with_its_words() {
    let server = Server::start(|request| match request {
        request if request.contains("query=up") => Reply::bad_query("unknown function"),
        request if request.contains("query=none") => Reply::no_series(),
        _ => Reply::number(1.0),
    });
    let gate = gate(&server.url());
    let last = |text: String| {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[lines.len() - 4..].join("\n")
    };
    assert_snapshot!(last(told(&gate, 65)), @"
      failed   query      response_time failed: Prometheus answered 400, bad_data: unknown function (query: up)
                          hint: tidegate query response_time tells more

    1 check failed
    ");
    let gate = gate.file("sli.yaml", "indicators: { gone: none }\n");
    assert_snapshot!(last(told(&gate, 0)), @"
      warning  query      gone has no data: query did not return any values between [time] and [time]; is the metric scraped, and was there any traffic? (query: none)
                          hint: tidegate query gone --range 1d shows when there were data

    usable, with 1 warning
    ");
    let gate = gate.file("sli.yaml", "indicators: { lost: $NOTHING }\n");
    assert_snapshot!(last(told(&gate, 0)), @"
      warning  query      not asked: `$NOTHING` stands for nothing in the query of SLI `lost`
                          hint: an evaluation would stop here: correct it, or pass what is missing

    usable, with 1 warning
    ");
}

#[test]
fn without_a_provider_it_ends_with_78() {
    let gate = Gate::new().args(["doctor", "--event-log", "memory:"]);
    assert_snapshot!(told(&gate, 78), @"
    configuration
      ok       file       there is no tidegate.yaml; flags and the environment are used
      failed   providers  no provider is configured
                          hint: set PROMETHEUS_URL, or define one in tidegate.yaml: tidegate init writes it
      skipped  SLO, SLIs  neither slo.yaml nor sli.yaml is here
    event log
      skipped  read       memory: nothing is kept

    1 check failed
    ");
}

#[test]
fn files_that_are_malformed_and_a_log_that_is_none_are_findings_too() {
    let server = Server::always(Reply::number(1.0));
    let gate = gate(&server.url())
        .file("slo.yaml", "objectives: 5\n")
        .file("log.db", "this is no database, and long enough to tell")
        .args(["--event-log", "sqlite:log.db"]);
    let text = told(&gate, 65);
    let head: Vec<&str> = text.lines().take(8).collect();
    assert_snapshot!(head.join("\n"), @"
    configuration
      ok       file       tidegate.yaml is used
      ok       providers  prod (of type prometheus)
      failed   SLO, SLIs  slo.yaml: `total_score` is missing: nothing says how many points are enough
    event log
      failed   read       `log.db` is not an event log: it is not an SQLite database
                          hint: a log of lines is written as `jsonl:PATH`
    prod
    ");
}

#[test]
fn only_the_providers_that_are_named_are_checked() {
    let gate = gate("http://127.0.0.1:9").args(["pord"]);
    assert_snapshot!(gate.run().code(64).stderr(), @"
    error: there is no provider `pord`
      hint: did you mean `prod`?
    ");
    let config = "providers: { good: { type: prometheus, url: 'http://127.0.0.1:9' }, bad: { type: prometheus, url: 'http://127.0.0.1:9' } }\n";
    let gate = Gate::new()
        .file("tidegate.yaml", config)
        .args(["doctor", "bad"]);
    let document = gate.run_with(["-o", "json"]).code(69).json();
    let subjects = document["checks"].as_array().unwrap().iter();
    let subjects: Vec<&str> = subjects.map(|c| c["subject"].as_str().unwrap()).collect();
    assert!(subjects.contains(&"bad") && !subjects.contains(&"good"));
}
