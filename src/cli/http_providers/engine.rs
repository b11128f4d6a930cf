//! What the engine makes of a definition that is written out in `tidegate.yaml`.

#![expect(
    clippy::disallowed_methods,
    reason = "writes definitions to a folder of its own"
)]

use super::{ask, complaints, configured, failure, nothing, read, try_ask, value, world};
use crate::config::FileConfig;
use crate::gate::{FailureKind, Outcome};
use crate::net::test_server::{Reply, TestServer};
use crate::provider::{CheckOutcome, open};

/// Reads an entry of type `http`: the lines below `api:`, each indented by four.
fn http(url: &str, lines: &str) -> FileConfig {
    let head = "providers:\n  api:\n    type: http\n    retry: { attempts: 1 }\n";
    configured(&format!("{head}    url: {url}\n{lines}"), url)
}

/// A server that gives the same answer to everything.
async fn server(body: &'static str) -> TestServer {
    TestServer::start(move |_, _| Reply::json(200, body)).await
}

/// One SLI.
const ONE: &str = "indicators: { a: 'x' }";

#[tokio::test]
async fn each_placeholder_is_encoded_for_the_place_it_stands_in() {
    let server = server(r#"{"v": 1}"#).await;
    let config = http(
        &server.url(),
        r#"
    vars: { org: "a/b&c" }
    escape: json
    request:
      method: POST
      path: /orgs/${VAR.org}/q
      query: { q: "${QUERY}", org: "${VAR.org}", none: "${OPTION.none}" }
      headers: { X-Org: "${VAR.org}" }
      body:
        json:
          text: "${QUERY}"
          part: "org ${VAR.org}!"
          end: "${END_MS}"
          as_text: "${END_MS|text}"
          limit: "${OPTION.limit|number}"
          tree: "${OPTION.tree|tree}"
          "${QUERY}": { fixed: [1, true, null, "$${QUERY}"] }
    params:
      none: { about: nothing }
      limit: { about: a limit, default: "5" }
      tree: { about: JSON }
    response: { extract: { jsonpath: $.v } }
"#,
    );
    let sli = "indicators:\n  a:\n    query: 'x\"} &?#${VAR.org}'\n    params: { tree: '{\"k\": [1]}' }\n".replace("${VAR.org}", "%");
    assert_eq!(value(&ask(&config, &sli).await[0]), 1.0);
    let request = &server.received()[0];
    assert_eq!(
        request.path,
        "/orgs/a%2Fb%26c/q?q=x%22%7D%20%26%3F%23%25&org=a%2Fb%26c"
    );
    assert_eq!(request.header("x-org"), Some("a/b&c"));
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({
            "text": "x\"} &?#%",
            "part": "org a/b&c!",
            "end": 1_704_067_800_000_u64,
            "as_text": "1704067800000",
            "limit": 5,
            "tree": {"k": [1]},
            "${QUERY}": {"fixed": [1, true, null, "${QUERY}"]},
        })
    );
}

#[tokio::test]
async fn forms_are_encoded_and_raw_bodies_are_escaped_as_they_say() {
    let server = server("5").await;
    let form = http(
        &server.url(),
        "    request: { path: /q, body: { form: { q: \"${QUERY}\", t: \"${START_UNIX}\" } } }\n    response: { extract: { text: true } }\n",
    );
    let sli = "indicators: { a: 'a=b&c +%' }";
    assert_eq!(value(&ask(&form, sli).await[0]), 5.0);
    assert_eq!(server.received()[0].body, "q=a%3Db%26c+%2B%25&t=1704067200");
    let raw = http(
        &server.url(),
        "    request: { path: /q, body: { raw: 'find \"${QUERY|json}\"', content_type: text/x-q } }\n    response: { extract: { text: true } }\n",
    );
    assert_eq!(value(&ask(&raw, "indicators: { a: 'a\"b' }").await[0]), 5.0);
    let request = &server.received()[1];
    assert_eq!(request.body, r#"find "a\"b""#);
    assert_eq!(request.header("content-type"), Some("text/x-q"));
}

#[tokio::test]
async fn a_value_that_does_not_fit_its_place_is_refused_before_anything_is_sent() {
    let server = server("5").await;
    let cases = [
        ("path: '/a/${OPTION.p}'", "{ p: '' }", "a path needs it"),
        (
            "path: '/a/${OPTION.p}'",
            "{ p: '..' }",
            "out of the base URL",
        ),
        (
            "path: /a, headers: { X-A: '${OPTION.p}' }",
            "{ p: \"a\\nX-B: c\" }",
            "control characters",
        ),
        (
            "path: /a, body: { json: { a: '${OPTION.p|number}' } }",
            "{ p: one }",
            "is no number",
        ),
        (
            "path: /a, body: { json: { a: '${OPTION.p|tree}' } }",
            "{ p: '{' }",
            "cannot be read as JSON",
        ),
        (
            "path: /a, query: { a: '${OPTION.other}' }",
            "{ p: 1 }",
            "has no value",
        ),
    ];
    for (request, params, wanted) in cases {
        let lines = format!(
            "    request: {{ {request} }}\n    response: {{ extract: {{ text: true }} }}\n"
        );
        let config = http(&server.url(), &lines);
        let sli = format!("indicators: {{ a: {{ query: x, params: {params} }} }}");
        let readings = ask(&config, &sli).await;
        let (_, message) = failure(&readings[0]);
        assert!(message.contains(wanted), "{request}: {message}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_label_cannot_break_out_of_an_option_or_an_expression() {
    let server = server(r#"{"m": [{"k": "a", "v": 1}]}"#).await;
    let config = http(
        &server.url(),
        "    request: { path: /q }\n    response: { extract: { jsonpath: \"$.m[?@.k == '${OPTION.k}'].v\" } }\n",
    );
    let sli = |k: &str| format!("indicators: {{ a: {{ query: x, params: {{ k: \"{k}\" }} }} }}");
    assert_eq!(value(&ask(&config, &sli("a")).await[0]), 1.0);
    let readings = ask(&config, &sli("a' || 'a' == 'a")).await;
    assert!(failure(&readings[0]).1.contains("quotes"));
    let mut context = world();
    context.labels.insert("k".to_owned(), "a'b".to_owned());
    let errors = try_ask(&config, &sli("$LABEL.k"), &context).await;
    let errors = errors.unwrap_err();
    assert!(
        errors[0]
            .to_string()
            .contains("could change the query's meaning"),
        "{errors:?}"
    );
}

#[tokio::test]
async fn many_slis_share_one_response() {
    let server = server(r#"{"a": {"v": 1}, "b": {"v": 2.5}}"#).await;
    let config = http(
        &server.url(),
        "    shared_response: true\n    request: { path: /summary }\n    response: { extract: { jsonpath: \"${QUERY}\" } }\n",
    );
    let readings = ask(&config, "indicators: { a: $.a.v, b: $.b.v, c: $.c.v }").await;
    assert_eq!((value(&readings[0]), value(&readings[1])), (1.0, 2.5));
    assert!(nothing(&readings[2]).contains("`$.c.v` finds nothing"));
    assert_eq!(server.received().len(), 1);
    let errors = try_ask(&config, "indicators: { a: 'a.v' }", &world()).await;
    assert!(
        errors.unwrap_err()[0]
            .to_string()
            .contains("the JSONPath `a.v` cannot be read")
    );
}

#[tokio::test]
async fn the_policies_of_a_definition_hold_unless_the_sli_says_otherwise() {
    let server = server(r#"{"v": [1, 2, 6], "n": 300, "u": "s"}"#).await;
    let lines = |response: &str| {
        format!(
            "    request: {{ path: /q }}\n    response: {{ {response}, extract: {{ jsonpath: '$.v[*]' }} }}\n"
        )
    };
    let config = http(
        &server.url(),
        &lines("reduce: mean, scale: 1000, unit: ms, samples: $.n"),
    );
    let readings = ask(
        &config,
        "indicators: { a: x, b: { query: x, reduce: max, scale: 1, unit: s } }",
    )
    .await;
    assert_eq!(
        (value(&readings[0]), readings[0].unit.as_deref()),
        (3000.0, Some("ms"))
    );
    assert_eq!(
        (value(&readings[1]), readings[1].unit.as_deref()),
        (6.0, Some("s"))
    );
    assert_eq!(readings[0].samples, Some(300));
    let config = http(&server.url(), &lines("unit_at: $.u"));
    let readings = ask(
        &config,
        "indicators: { a: x, b: { query: x, reduce: max } }",
    )
    .await;
    let (kind, message) = failure(&readings[0]);
    assert_eq!(kind, FailureKind::BadQuery);
    assert!(
        message.contains("multiple values") && message.contains("$['v'][0]"),
        "{message}"
    );
    assert_eq!(readings[1].unit.as_deref(), Some("s"));
}

#[tokio::test]
async fn what_is_no_number_is_never_one() {
    let cases = [
        (r#"{"v": true}"#, "", "a truth value"),
        (r#"{"v": {"a": 1}}"#, "", "an object"),
        (r#"{"v": "fast"}"#, "", "a text"),
        (r#"{"v": "1"}"#, "parse_strings: false, ", "a text"),
        (r#"{"v": null}"#, "null_means: error, ", "is null"),
        ("{}", "empty_means: error, ", "finds nothing"),
        ("", "", "empty"),
        ("<html>login</html>", "", "no JSON"),
    ];
    for (body, rules, wanted) in cases {
        let server = server(body).await;
        let lines = format!(
            "    request: {{ path: /q }}\n    response: {{ {rules}extract: {{ jsonpath: $.v }} }}\n"
        );
        let readings = ask(&http(&server.url(), &lines), ONE).await;
        let (kind, message) = failure(&readings[0]);
        assert_eq!(kind, FailureKind::BadAnswer, "{body}");
        assert!(message.contains(wanted), "{body}: {message}");
        assert!(message.contains(&server.url()), "{message}");
    }
    for (body, reason) in [
        ("{}", "finds nothing"),
        (r#"{"v": null}"#, "is null"),
        (r#"{"v": "NaN"}"#, "NaN"),
    ] {
        let server = server(body).await;
        let lines = "    request: { path: /q }\n    response: { extract: { jsonpath: $.v } }\n";
        let readings = ask(&http(&server.url(), lines), ONE).await;
        assert!(nothing(&readings[0]).contains(reason));
    }
}

#[test]
fn every_problem_of_a_definition_is_told_with_advice() {
    let wrong = complaints(
        "providers:
  api:
    type: http
    url: http://localhost
    vars: { api_token: x }
    escape: sqll
    shared_response: true
    request: { path: '/${HOME}', querry: {}, method: FETCH, query: { a: '${VAR.b}', t: '${TOKEN}', q: '${QUERY}' }, body: { raw: '${QUERY}' } }
    response: { extract: { jsonpath: a.b, text: true }, success_when: { jsonpath: $.a }, empty_means: zero }
    async: { token: {}, poll: { interval: 0s } }
    paginate: { next: $.n }
",
    );
    for wanted in [
        "`api_token` looks like a secret",
        "`escape` can't be `sqll`",
        "`${HOME}` stands for nothing",
        "unknown key `querry` in `request`",
        "`method` can't be `FETCH`",
        "`b` is not in `vars`",
        "`${TOKEN}` means something in",
        "`${QUERY}` in a raw body must say how",
        "`extract` must say one way",
        "must say one of `equals`, `in` and `absent`",
        "`empty_means` can't be `zero`",
        "`async` needs a `token`",
        "`interval` must be a duration",
        "`poll` needs a `path`",
        "`async` needs a `done_when`",
        "`paginate` must say one of",
    ] {
        assert!(
            wrong.iter().any(|message| message.contains(wanted)),
            "{wanted}: {wrong:#?}"
        );
    }
}

#[test]
fn a_definition_of_ones_own_wins_over_the_one_that_comes_along() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("sli-providers");
    std::fs::create_dir(&own).unwrap();
    let text = "url: http://localhost:1\nrequest: { path: /mine }\nresponse: { extract: { text: true } }\n";
    std::fs::write(own.join("loki.yaml"), text).unwrap();
    std::fs::write(
        own.join("shop.yaml"),
        text.replace("path: /mine", "pth: /mine"),
    )
    .unwrap();
    let parsed = read("providers: { loki: {} }", "", folder.path());
    assert!(parsed.value.is_some(), "{:?}", parsed.problems);
    assert!(
        parsed.problems[0]
            .message
            .contains("not the one that comes with tidegate")
    );
    let parsed = read("providers: { a: { type: shop } }", "", folder.path());
    let problem = parsed
        .problems
        .iter()
        .find(|problem| problem.message.contains("unknown key `pth`"));
    assert!(problem.unwrap().place.is_some());
    let parsed = read("providers: { a: { type: shp } }", "", folder.path());
    assert!(
        parsed.problems[0].hint.as_deref().unwrap().contains("shop"),
        "{:?}",
        parsed.problems
    );
}

#[test]
fn what_a_definition_needs_is_asked_for() {
    let wrong =
        complaints("providers: { newrelic: {}, influxdb2: { url: http://a, vars: { orgg: x } } }");
    assert!(
        wrong
            .iter()
            .any(|text| text.contains("the provider `newrelic` needs `account`")),
        "{wrong:?}"
    );
    assert!(
        wrong.iter().any(|text| text.contains("needs `org`")),
        "{wrong:?}"
    );
    assert!(
        wrong
            .iter()
            .any(|text| text.contains("unknown variable `orgg`")),
        "{wrong:?}"
    );
    let wrong = complaints("providers: { loki: {} }");
    assert!(wrong[0].contains("needs a `url`"), "{wrong:?}");
}

#[tokio::test]
async fn the_doctor_asks_what_the_definition_says() {
    for (status, good) in [(200, true), (401, false)] {
        let server = TestServer::start(move |_, _| Reply::json(status, "{}")).await;
        let config = configured(
            "providers: { sonarqube: { url: '${SONAR_URL}' } }",
            &server.url(),
        );
        let (name, definition) = config.providers.iter().next().unwrap();
        let provider = open(name, definition.settings.as_ref().unwrap()).unwrap();
        let checks = provider.probe().await;
        let http = checks.iter().find(|check| check.name == "HTTP").unwrap();
        if let CheckOutcome::Bad { kind, .. } = &http.outcome {
            assert!(!good);
            assert_eq!(*kind, FailureKind::NotAuthorised);
        } else {
            assert!(good && matches!(http.outcome, CheckOutcome::Good(_)));
        }
        assert_eq!(server.received()[0].path, "/api/authentication/validate");
    }
}

#[tokio::test]
async fn a_default_query_is_filled() {
    let server = server("7").await;
    let config = http(
        &server.url(),
        "    defaults: { errors: 'count $SERVICE' }\n    request: { path: /q, query: { q: '${QUERY}' } }\n    response: { extract: { text: true } }\n",
    );
    let (_, definition) = config.providers.iter().next().unwrap();
    let facts = definition.facts();
    let name = crate::gate::IndicatorName::new("errors").unwrap();
    assert_eq!(
        facts.default_query(&name, &world()).as_deref(),
        Some("count carts")
    );
    let reading = &ask(&config, ONE).await[0];
    assert!(matches!(reading.outcome, Outcome::Value(_)));
    assert!(reading.endpoint.as_deref().unwrap().ends_with("/q?q=x"));
}
