//! Tests against a real Prometheus; they are skipped where there is none.

use jiff::Timestamp;

use super::defaults::default_query;
use super::{Prometheus, PrometheusSettings};
use crate::gate::{
    Context, FailureKind, FetchFailure, IndicatorName, Outcome, ProviderName, Reading,
};
use crate::net::{Auth, ConnectionSettings, Secret};
use crate::provider::contract;
use crate::provider::test_prometheus as support;
use support::Access;

fn open(server: &support::Prometheus, auth: Auth) -> Prometheus {
    let mut connection = ConnectionSettings::parse(&server.url()).unwrap();
    connection.auth = auth;
    let name = ProviderName::new("real").unwrap();
    Prometheus::open(&name, &PrometheusSettings::new(connection)).unwrap()
}

fn context() -> Context {
    contract::context_until(Timestamp::from_second(support::Prometheus::now() + 1).unwrap())
}

fn value(reading: &Reading) -> f64 {
    let Outcome::Value(value) = reading.outcome else {
        panic!("{reading:?}");
    };
    value.get()
}

fn failure(reading: &Reading) -> &FetchFailure {
    let Outcome::Failed(failure) = &reading.outcome else {
        panic!("{reading:?}");
    };
    failure
}

#[tokio::test]
async fn a_real_server_answers_queries_of_every_kind() {
    let Some(server) = support::Prometheus::start(Access::Open) else {
        return;
    };
    server.wait_for_samples();
    let (provider, context) = (open(&server, Auth::None), context());
    let queries = [
        "scalar(vector(42))",
        "sum(http_requests_total",
        "no_such_metric",
        "http_requests_total",
        "http_requests_total[1m]",
        "vector(0)/0",
        "vector(1)/0",
        "time()",
    ];
    let readings = contract::fetch(&provider, &context, &queries).await;
    let [scalar, syntax, nothing, two, range, nan, infinite, time] = readings.as_slice() else {
        panic!("eight queries, eight readings");
    };
    assert!((value(scalar) - 42.0).abs() < f64::EPSILON);
    assert_eq!(
        scalar.endpoint,
        Some(format!("{}/api/v1/query", server.url()))
    );
    let syntax = failure(syntax);
    assert_eq!(syntax.kind, FailureKind::BadQuery);
    assert!(
        syntax.message.contains("unclosed left parenthesis"),
        "{syntax}"
    );
    for reading in [nothing, nan, infinite] {
        assert!(matches!(reading.outcome, Outcome::NoData(_)), "{reading:?}");
    }
    let two = failure(two);
    assert_eq!(two.kind, FailureKind::BadQuery);
    assert!(
        two.message.contains("status=\"500\"") && two.message.contains("sum("),
        "{two}"
    );
    assert_eq!(failure(range).kind, FailureKind::BadQuery);
    let end = context.window.end().as_second();
    assert!((value(time) - f64::from(u32::try_from(end).unwrap())).abs() < f64::EPSILON);
    contract::check(&provider, &context, "vector(1)", "no_such_metric").await;
}

#[tokio::test]
async fn the_built_in_queries_have_values_on_a_real_server() {
    let Some(server) = support::Prometheus::start(Access::Open) else {
        return;
    };
    server.wait_for_samples();
    let (provider, mut context) = (open(&server, Auth::None), context());
    let query = |name: &str, context: &Context| {
        default_query(&IndicatorName::new(name).unwrap(), context).unwrap()
    };
    let names = [
        "throughput",
        "error_rate",
        "response_time_p50",
        "response_time_p95",
    ];
    let queries = names.map(|name| query(name, &context));
    let queries = queries.each_ref().map(String::as_str);
    let readings = contract::fetch(&provider, &context, &queries).await;
    assert!(value(&readings[0]) > 0.0);
    assert!((value(&readings[1]) - 0.1).abs() < 1e-9);
    assert!((value(&readings[2]) - 50.0).abs() < 1e-9);
    assert!((value(&readings[3]) - 95.0).abs() < 1e-9);
    assert!(readings[0].samples > Some(0), "{:?}", readings[0]);

    context.filters = vec![("status".to_owned(), "200".to_owned())];
    let no_errors = query("error_rate", &context);
    context.filters = vec![("status".to_owned(), "nonesuch".to_owned())];
    let no_traffic = query("error_rate", &context);
    let readings = contract::fetch(&provider, &context, &[&no_errors, &no_traffic]).await;
    assert!(value(&readings[0]).abs() < f64::EPSILON);
    assert!(matches!(readings[1].outcome, Outcome::NoData(_)));
}

#[tokio::test]
async fn a_protected_server_wants_the_right_password() {
    let Some(server) = support::Prometheus::start(Access::Protected) else {
        return;
    };
    let basic = |password: &str| Auth::Basic {
        user: support::USER.to_owned(),
        password: Secret::new(password),
    };
    let provider = open(&server, basic(support::PASSWORD));
    let readings = contract::fetch(&provider, &context(), &["vector(1)"]).await;
    assert!((value(&readings[0]) - 1.0).abs() < f64::EPSILON);
    for auth in [Auth::None, basic("wrong password")] {
        let provider = open(&server, auth);
        let readings = contract::fetch(&provider, &context(), &["vector(1)"]).await;
        assert_eq!(failure(&readings[0]).kind, FailureKind::NotAuthorised);
        assert!(!format!("{readings:?}").contains("wrong password"));
    }
}
