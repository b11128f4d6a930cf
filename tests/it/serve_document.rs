//! The `OpenAPI` document of `tidegate serve` is true: every operation is a route, what is answered is as it says, and
//! schemathesis finds nothing.

use std::collections::BTreeMap;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::support::served::{Served, TOKEN, Told};

/// What has to run where everything that tests need is installed.
const REQUIRE: &str = "TIDEGATE_REQUIRE_SERVERS";
/// The path that never ends to answer.
const STREAM: &str = "/x/v1/events/stream";
/// The checks of schemathesis.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,unsupported_method,ignored_auth";

/// A project with one stage.
const SHIPYARD: &str = "apiVersion: spec.keptn.sh/0.2.3
kind: Shipyard
metadata: {name: shop}
spec: {stages: [{name: dev, sequences: [{name: delivery, tasks: [{name: deployment}]}]}]}
";

/// Starts a server with a project, a service, a resource, a secret, an integration, and a delivery under way.
fn furnished() -> (Served, String) {
    let server = Served::start("project: shop\n");
    let project = json!({"name": "shop", "shipyard": BASE64_STANDARD.encode(SHIPYARD)});
    let done = |method: &str, path: &str, body: &Value| server.done(method, path, Some(body));
    done("POST", "/controlPlane/v1/project", &project);
    let service = json!({"serviceName": "cart"});
    done("POST", "/controlPlane/v1/project/shop/service", &service);
    let resource = json!({"resources": [{"resourceURI": "a.txt", "resourceContent": "YQ=="}]});
    for place in ["", "/stage/dev", "/stage/dev/service/cart"] {
        let path = format!("/resource-service/v1/project/shop{place}/resource");
        done("POST", &path, &resource);
    }
    let secret = json!({"name": "key", "data": {"value": "s3cret"}});
    done("POST", "/secrets/v1/secret", &secret);
    let entry = json!({"logs": [{"integrationid": "i", "message": "m"}]});
    done("POST", "/controlPlane/v1/log", &entry);
    let data = json!({"project": "shop", "stage": "dev", "service": "cart"});
    let event = json!({"type": "sh.keptn.event.dev.delivery.triggered", "source": "ci", "specversion": "1.0", "data": data});
    let context = done("POST", "/v1/event", &event)["keptnContext"].clone();
    (server, context.as_str().unwrap().to_owned())
}

/// An operation of the document.
struct Operation {
    method: String,
    path: String,
    document: Value,
}

/// Returns every operation.
fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(|(method, document)| Operation {
            method: method.to_uppercase(),
            path: path.clone(),
            document: document.clone(),
        })
    });
    operations.collect()
}

/// Checks that an answer is one that the document has.
#[track_caller]
fn check(document: &Value, operation: &Operation, told: &Told) {
    let place = format!("{} {}: {told:?}", operation.method, operation.path);
    let responses = &operation.document["responses"];
    let response = &responses[told.status.to_string()];
    assert!(
        response.is_object(),
        "the document has no such status: {place}"
    );
    let schema = &response["content"]["application/json"]["schema"];
    if schema.is_null() {
        return;
    }
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<String> = validator
        .iter_errors(&told.body)
        .map(|error| error.to_string())
        .collect();
    assert!(problems.is_empty(), "{problems:?} in {place}");
    let head = told.head.to_lowercase();
    assert!(head.contains("content-type: application/json"), "{place}");
}

#[test]
fn every_operation_is_a_route_and_answers_as_the_document_says() {
    let (server, context) = furnished();
    let document = server.done("GET", "/openapi.json", None);
    let integrations = server.done("GET", "/controlPlane/v1/uniform/registration", None);
    let names: BTreeMap<&str, &str> = BTreeMap::from([
        ("{project}", "shop"),
        ("{stage}", "dev"),
        ("{service}", "cart"),
        ("{uri}", "a.txt"),
        ("{context}", &context),
        ("{type}", "sh.keptn.event.deployment.triggered"),
        ("{id}", integrations[0]["id"].as_str().unwrap()),
        ("{subscription}", "none"),
    ]);
    let query =
        "?project=shop&filter=data.project:shop&from=0&to=4000000000&name=key&scope=keptn-default";
    let mut operations = operations(&document);
    assert!(operations.len() > 50, "{}", operations.len());
    // What reads comes first, and what removes a project comes last.
    let rank = |one: &Operation| {
        (
            one.method != "GET",
            one.method == "DELETE",
            one.path.clone(),
        )
    };
    operations.sort_by_key(|one| (rank(one).0, rank(one).1, std::cmp::Reverse(rank(one).2)));
    for operation in operations.iter().filter(|one| one.path != STREAM) {
        let mut path = operation.path.clone();
        for (name, value) in &names {
            path = path.replace(name, value);
        }
        let body = (operation.method != "GET").then(|| json!({}));
        let told = server.call(&operation.method, &format!("{path}{query}"), body.as_ref());
        assert!(
            !told.text.contains("there is nothing here"),
            "no route: {path}"
        );
        if operation.method == "GET" && !path.ends_with("/none") {
            assert_eq!(told.status, 200, "{path}: {told:?}");
        }
        check(&document, operation, &told);
        // With names that nothing has.
        let foreign = operation.path.replace(['{', '}'], "");
        let told = server.call(&operation.method, &foreign, body.as_ref());
        check(&document, operation, &told);
    }
}

#[test]
fn schemathesis_finds_nothing() {
    if Command::new("schemathesis")
        .arg("--version")
        .output()
        .is_err()
    {
        assert!(
            std::env::var_os(REQUIRE).is_none(),
            "schemathesis is not installed"
        );
        eprintln!("skipped: schemathesis is not installed");
        return;
    }
    let (server, _context) = furnished();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{}", server.address());
    let output = Command::new("schemathesis")
        .current_dir(folder.path())
        .args(["run", &format!("{url}/openapi.json"), "--url", &url])
        .args(["--header", &format!("x-token: {TOKEN}")])
        .args(["--checks", CHECKS, "--exclude-path", STREAM])
        .args(["--phases", "coverage,fuzzing", "--max-examples", "10"])
        .args(["--max-time", "60", "--seed", "1", "--request-timeout", "10"])
        .args([
            "--generation-deterministic",
            "--no-shrink",
            "--no-color",
            "--warnings",
            "off",
        ])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{told}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(server.call("GET", "/ready", None).status, 200);
}
