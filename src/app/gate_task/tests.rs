//! The gate as an executor, with real providers, logs and files.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::app::samples::{carts, memory, store};
use crate::app::{Beginning, Comparing, Lateness};
use crate::eventlog::{EventLog, Filter, Times};
use crate::executor::{
    Answer, Assignment, Attempt, Executor, Finish, ResourcePlace, ResourceReader, Silence,
    UnreadableResource,
};
use crate::gate::MissingSlo;
use crate::gate::event::{CloudEvent, decode_record};
use crate::gate::{PolicyLayer, ProviderName, Verdict};
use crate::provider::{ProviderSettings, StaticSettings, facts, open};
use crate::sequence::TaskStatus;

/// The present moment of the tests.
const NOW: &str = "2024-02-01T10:00:00Z";

/// Resources in memory, by commit and path `PROJECT/STAGE/SERVICE/URI`.
#[derive(Default)]
struct Shelf(BTreeMap<(Option<String>, String), Vec<u8>>);

impl Shelf {
    fn with(mut self, commit: Option<&str>, path: &str, content: &str) -> Self {
        let key = (commit.map(str::to_owned), path.to_owned());
        self.0.insert(key, content.as_bytes().to_vec());
        self
    }

    fn at(self, path: &str, content: &str) -> Self {
        self.with(None, path, content)
    }
}

#[async_trait]
impl ResourceReader for Shelf {
    async fn resource(
        &self,
        place: &ResourcePlace,
        uri: &str,
        commit: Option<&str>,
    ) -> Result<Option<Vec<u8>>, UnreadableResource> {
        let levels = [
            Some(&place.project),
            place.stage.as_ref(),
            place.service.as_ref(),
        ];
        let levels: Vec<&str> = levels.into_iter().flatten().map(String::as_str).collect();
        let path = format!("{}/{uri}", levels.join("/"));
        if path.ends_with("locked/slo.yaml") {
            return Err(UnreadableResource {
                uri: uri.to_owned(),
                reason: "the repository is gone".to_owned(),
            });
        }
        let key = (commit.map(str::to_owned), path);
        Ok(self.0.get(&key).cloned())
    }
}

/// Returns a provider with settings.
fn provider(name: &str, settings: ProviderSettings) -> (ProviderName, GateProvider) {
    let name = ProviderName::new(name).unwrap();
    let own = name.clone();
    let provider = GateProvider {
        policies: PolicyLayer::default(),
        facts: facts(settings.kind(), Some(&settings)).into(),
        open: Arc::new(move || open(&own, &settings).map_err(|error| error.to_string())),
    };
    (name, provider)
}

/// Returns settings with resources and a log, and numbers that stand in the files.
fn settings(resources: Shelf, log: Arc<dyn EventLog>) -> GateSettings {
    let constant = provider(
        "static",
        ProviderSettings::Static(StaticSettings::default()),
    );
    GateSettings {
        log,
        resources: Arc::new(resources),
        default_provider: Some(constant.0.clone()),
        providers: BTreeMap::from([constant]),
        for_undefined: None,
        policies: PolicyLayer::default(),
        environment: BTreeMap::new(),
        on_missing_slo: MissingSlo::Fail,
        timeframe: None,
        comparing: Comparing::default(),
        lateness: Lateness::Accepted,
        patience: Duration::ZERO,
        producer: "tidegate test".to_owned(),
        clock: Arc::new(|| Beginning {
            time: NOW.parse().unwrap(),
            instant: tokio::time::Instant::now(),
        }),
    }
}

/// Returns an empty log.
fn log() -> Arc<dyn EventLog> {
    Arc::from(memory())
}

/// Returns a task with data beside whose it is.
fn task(name: &str, more: &Value) -> Assignment {
    let mut data = json!({"project": "sockshop", "stage": "staging", "service": "carts"});
    data.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let event = json!({
        "id": "T1", "source": "shipyard-controller", "time": NOW, "shkeptncontext": "C1",
        "type": format!("sh.keptn.event.{name}.triggered"), "data": data,
    });
    Assignment {
        task: name.to_owned(),
        event: serde_json::from_value(event).unwrap(),
        deadline: None,
        attempt: Attempt::First,
    }
}

/// Returns an evaluation of the last five minutes.
fn evaluation() -> Assignment {
    task(
        "evaluation",
        &json!({"evaluation": {"timeframe": "5m"}, "labels": {"build": "17"}}),
    )
}

/// Carries out a task.
async fn carried_out(executor: &dyn Executor, assignment: &Assignment) -> Finish {
    match executor.execute(assignment, &Silence).await {
        Answer::Finished(finish) => finish,
        other @ (Answer::Elsewhere | Answer::Shared(_)) => panic!("{other:?}"),
    }
}

/// Evaluates with settings.
async fn evaluated(settings: GateSettings, assignment: &Assignment) -> Finish {
    carried_out(&EvaluationTask::new(settings), assignment).await
}

/// Says in one line how a task ended.
fn shown(finish: &Finish) -> String {
    let Finish {
        status,
        result,
        message,
        data,
        ..
    } = finish;
    let keys: Vec<&String> = data.keys().collect();
    format!("{}/{result} {keys:?}: {message}", status.as_str())
}

/// Returns the `.finished` event that the conductor makes of an answer.
fn stored(assignment: &Assignment, id: &str, finish: Finish, time: &str) -> CloudEvent {
    let mut data = assignment.event.data.value();
    let members = data.as_object_mut().unwrap();
    members.extend(finish.data);
    members.insert("status".to_owned(), finish.status.as_str().into());
    members.insert("result".to_owned(), finish.result.as_str().into());
    members.insert("message".to_owned(), finish.message.into());
    CloudEvent {
        id: id.to_owned(),
        source: "lighthouse-service".to_owned(),
        event_type: "sh.keptn.event.evaluation.finished".to_owned(),
        time: Some(time.parse::<Timestamp>().unwrap()),
        triggeredid: Some(format!("{id}-t")),
        data: data.into(),
        ..assignment.event.clone()
    }
}

const SLO: &str = "objectives:\n- sli: rt\n  pass: [{criteria: [<=100]}]\ntotal_score: {pass: 90%, warning: 75%}\n";

#[tokio::test]
async fn an_evaluation_ends_with_the_data_of_keptn_and_our_own() {
    let resources = Shelf::default()
        .at("sockshop/staging/carts/slo.yaml", SLO)
        .at("sockshop/static/sli.yaml", "indicators: {rt: '500'}")
        .at(
            "sockshop/staging/static/sli.yaml",
            "indicators: {rt: '400'}",
        )
        .at(
            "sockshop/staging/carts/static/sli.yaml",
            "indicators: {rt: '5'}",
        );
    let finish = evaluated(settings(resources, log()), &evaluation()).await;
    insta::assert_snapshot!(shown(&finish), @r#"succeeded/pass ["evaluation", "tidegate"]:"#);
    let evaluation = &finish.data["evaluation"];
    assert_eq!(evaluation["timeStart"], "2024-02-01T09:55:00.000Z");
    assert_eq!(evaluation["score"], 100.0);
    assert_eq!(
        finish.data["tidegate"]["slo"],
        "sockshop/staging/carts/slo.yaml"
    );
}

#[tokio::test]
async fn the_answer_is_an_evaluation_that_the_history_finds() {
    const RELATIVE: &str =
        "objectives:\n- sli: rt\n  pass: [{criteria: [<=+10%]}]\ntotal_score: {pass: 90%}\n";
    let log = log();
    let resources = |rt: &str| {
        Shelf::default()
            .at("sockshop/staging/carts/slo.yaml", RELATIVE)
            .at(
                "sockshop/staging/carts/sli.yaml",
                &format!("indicators: {{rt: '{rt}'}}"),
            )
    };
    let first = evaluated(settings(resources("100"), Arc::clone(&log)), &evaluation()).await;
    assert_eq!(first.result, Verdict::Pass);
    let event = stored(&evaluation(), "E1", first, "2024-02-01T09:00:00Z");
    let record = decode_record(&event, None).unwrap();
    assert_eq!(record.labels["build"], "17");
    store(log.as_ref(), vec![event]).await;
    let second = evaluated(settings(resources("200"), Arc::clone(&log)), &evaluation()).await;
    assert_eq!(second.result, Verdict::Fail, "{}", second.message);
    assert_eq!(second.data["evaluation"]["comparedEvents"], json!(["E1"]));
    // The executor itself stores nothing: the answer is the one event of the evaluation.
    let page = log.events(&Filter::default(), 9).await.unwrap();
    assert_eq!(page.events.len(), 1);
    let invalidation = crate::app::samples::said(
        "I",
        "sh.keptn.event.evaluation.invalidated",
        Some(1),
        &json!({}),
    );
    let invalidation = CloudEvent {
        triggeredid: Some("E1-t".to_owned()),
        ..invalidation
    };
    log.append(vec![invalidation], Times::Kept).await.unwrap();
    let third = evaluated(settings(resources("200"), log), &evaluation()).await;
    assert_eq!(third.data["evaluation"].get("comparedEvents"), None);
}

#[tokio::test]
async fn files_are_read_at_the_commit_of_the_task() {
    let resources = Shelf::default()
        .with(Some("abc"), "sockshop/staging/carts/slo.yaml", SLO)
        .with(
            Some("abc"),
            "sockshop/staging/carts/sli.yaml",
            "indicators: {rt: '500'}",
        )
        .at("sockshop/staging/carts/slo.yaml", SLO)
        .at("sockshop/staging/carts/sli.yaml", "indicators: {rt: '5'}");
    let mut pinned = evaluation();
    pinned
        .event
        .extensions
        .insert("gitcommitid".to_owned(), "abc".into());
    let settings = settings(resources, log());
    assert_eq!(
        evaluated(settings.clone(), &pinned).await.result,
        Verdict::Fail
    );
    assert_eq!(
        evaluated(settings, &evaluation()).await.result,
        Verdict::Pass
    );
}

#[tokio::test]
async fn without_objectives_the_policy_decides() {
    let mut lines = Vec::new();
    for policy in [MissingSlo::Fail, MissingSlo::Warning, MissingSlo::Pass] {
        let settings = GateSettings {
            on_missing_slo: policy,
            ..settings(Shelf::default(), log())
        };
        let finish = evaluated(settings, &evaluation()).await;
        assert_eq!(finish.data["evaluation"]["result"], policy.as_str());
        assert_eq!(policy.as_str().parse(), Ok(policy));
        lines.push(shown(&finish));
        let event = stored(&evaluation(), "E1", finish, NOW);
        assert!(crate::gate::event::decode_past(&event).is_err());
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    succeeded/fail ["evaluation"]: no evaluation performed: there is no sockshop/staging/carts/slo.yaml; add the objectives of the service, or set `on_missing_slo` in tidegate.yaml (now `fail`)
    succeeded/warning ["evaluation"]: no evaluation performed: there is no sockshop/staging/carts/slo.yaml; add the objectives of the service, or set `on_missing_slo` in tidegate.yaml (now `warning`)
    succeeded/pass ["evaluation"]: no evaluation performed: there is no sockshop/staging/carts/slo.yaml; add the objectives of the service, or set `on_missing_slo` in tidegate.yaml (now `pass`)
    "#);
}

/// Returns a provider that nobody answers for.
fn refused() -> (ProviderName, GateProvider) {
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut connection =
        crate::provider::ConnectionSettings::parse(&format!("http://{address}")).unwrap();
    connection.retry.attempts = 1;
    provider(
        "prometheus",
        ProviderSettings::Prometheus(crate::provider::PrometheusSettings::new(connection)),
    )
}

/// Returns resources and tasks that allow no verdict.
fn unjudgeable() -> Vec<(Shelf, Assignment)> {
    let good = || Shelf::default().at("sockshop/staging/carts/slo.yaml", SLO);
    let broken = "objectives:\n- sli: rt\n  pass: [{criteria: [about 5]}]\n  weight: -1\n";
    let broken = Shelf::default().at("sockshop/staging/carts/slo.yaml", broken);
    let down = "indicators: {rt: {query: up, provider: prometheus}}";
    let down = good().at("sockshop/staging/carts/sli.yaml", down);
    let within = |timeframe: &str| json!({"evaluation": {"timeframe": timeframe}});
    let mut place = task("evaluation", &within("5m"));
    place.event.data.set("service", "../carts".into());
    let mut locked = place.clone();
    locked.event.data.set("service", "locked".into());
    let mut nameless = place.clone();
    nameless.event.data.set("stage", "".into());
    vec![
        (broken, evaluation()),
        (good(), evaluation()),
        (down, evaluation()),
        (good(), task("evaluation", &json!({}))),
        (good(), task("evaluation", &within("soon"))),
        (good(), task("quality\u{7}gate", &within("5m"))),
        (good(), place),
        (good(), locked),
        (good(), nameless),
    ]
}

/// Carries out a task that ends with an error, and says how; the port is another each time.
async fn errored(resources: Shelf, assignment: &Assignment) -> String {
    let mut settings = settings(resources, log());
    settings.providers.extend([refused()]);
    let finish = evaluated(settings, assignment).await;
    assert_eq!(
        (finish.status, finish.result),
        (TaskStatus::Errored, Verdict::Fail)
    );
    let line = shown(&finish);
    let port = line
        .find("127.0.0.1:")
        .map(|at| line[at..at + 15].to_owned());
    port.map_or(line.clone(), |port| line.replace(&port, "ADDRESS"))
}

#[tokio::test]
async fn what_allows_no_verdict_is_an_error_that_says_why() {
    let mut lines = Vec::new();
    for (resources, assignment) in unjudgeable() {
        lines.push(errored(resources, &assignment).await);
    }
    insta::assert_snapshot!(lines.join("\n---\n"), @r#"
    errored/fail ["evaluation"]: the files of the evaluation can't be used: sockshop/staging/carts/slo.yaml:1:1: `total_score` is missing: nothing says how many points are enough (add `total_score: {pass: "90%", warning: "75%"}`); sockshop/staging/carts/slo.yaml:3:22: `about 5` is not a criterion (write an operator (`<`, `<=`, `=`, `>=`, `>`) and a number: `<600`, `>=99.5`, or `<=+10%` for 10 % above the earlier results); sockshop/staging/carts/slo.yaml:4:11: `weight` must not be negative, and is -1 (write a whole number from 1 on)
    ---
    errored/fail ["evaluation"]: the files of the evaluation can't be used: sockshop/staging/carts/slo.yaml:2:8: there is no query for SLI `rt` (no SLI file was found: write sli.yaml beside the SLO, with `indicators: {rt: QUERY}`)
    ---
    errored/fail ["evaluation"]: not one query could be answered: `rt`: cannot connect to ADDRESS: connection refused; is the server running, and does a firewall let you in?
    ---
    errored/fail ["evaluation"]: the event says neither `evaluation.timeframe`, nor `evaluation.start` and `.end`, nor when a test ran; give the task `properties: { timeframe: 5m }` in the shipyard, or set `timeframe` in tidegate.yaml
    ---
    errored/fail ["evaluation"]: the window of the evaluation can't be used: could not parse provided timeframe: `soon` is not a duration: expected a number and a unit, such as `5m` or `1h30m`
    ---
    errored/fail []: the gate carries out the task `evaluation`, not `quality\u{7}gate`: name the task so in the shipyard
    ---
    errored/fail ["evaluation"]: `../carts` can't be the name of a project, a stage or a service: it is no single folder
    ---
    errored/fail ["evaluation"]: the resource slo.yaml can't be read: the repository is gone
    ---
    errored/fail ["evaluation"]: the event names no project, stage or service, or one that is no name
    "#);
}

#[tokio::test]
async fn a_value_that_is_missing_never_passes() {
    let slo = "objectives:\n- sli: rt\n  pass: [{criteria: [<=100]}]\n- sli: gone\n  pass: [{criteria: [<=+10%]}]\ntotal_score: {pass: 90%}\n";
    let resources = Shelf::default()
        .at("sockshop/staging/carts/slo.yaml", slo)
        .at(
            "sockshop/staging/carts/sli.yaml",
            "indicators: {rt: '5', gone: {query: 'x', provider: prometheus}}",
        );
    let server = crate::net::test_server::TestServer::start(|_, _| {
        crate::net::test_server::Reply::json(
            200,
            r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
        )
    })
    .await;
    let connection = crate::provider::ConnectionSettings::parse(&server.url()).unwrap();
    let empty = provider(
        "prometheus",
        ProviderSettings::Prometheus(crate::provider::PrometheusSettings::new(connection)),
    );
    let mut settings = settings(resources, log());
    settings.providers.extend([empty]);
    let finish = evaluated(settings, &evaluation()).await;
    insta::assert_snapshot!(shown(&finish), @r#"succeeded/fail ["evaluation", "tidegate"]: Evaluation failed since the calculated score of 50 is below the target value of 90"#);
}

#[tokio::test]
async fn the_gate_asks_a_real_prometheus() {
    let Some(server) = crate::provider::test_prometheus::Prometheus::start(
        crate::provider::test_prometheus::Access::Open,
    ) else {
        return;
    };
    let connection = crate::provider::ConnectionSettings::parse(&server.url()).unwrap();
    let real = provider(
        "prometheus",
        ProviderSettings::Prometheus(crate::provider::PrometheusSettings::new(connection)),
    );
    let resources = |query: &str| {
        Shelf::default()
            .at("sockshop/staging/carts/slo.yaml", SLO)
            .at(
                "sockshop/staging/carts/prometheus/sli.yaml",
                &format!("indicators: {{rt: '{query}'}}"),
            )
    };
    for (query, expected) in [("vector(7)", Verdict::Pass), ("vector(700)", Verdict::Fail)] {
        let mut settings = settings(resources(query), log());
        settings.default_provider = Some(real.0.clone());
        settings.providers.extend([real.clone()]);
        let finish = evaluated(settings, &evaluation()).await;
        assert_eq!(finish.result, expected, "{}", finish.message);
        assert_eq!(finish.status, TaskStatus::Succeeded);
    }
}

#[tokio::test]
async fn get_sli_returns_values_and_judges_nothing() {
    let resources = || {
        Shelf::default()
            .at(
                "sockshop/staging/carts/slo.yaml",
                "filter: {zone: a}\nobjectives: []\ntotal_score: {pass: 90%}\n",
            )
            .at(
                "sockshop/staging/static/sli.yaml",
                "indicators: {rt: '5', error_rate: '0.5', bad: {query: '$zone'}}",
            )
    };
    let asked = |more: Value| {
        let mut window = json!({"start": "2024-02-01T09:00:00Z", "end": "2024-02-01T09:10:00Z"});
        window
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        task(
            "get-sli",
            &json!({"get-sli": window, "deployment": "canary"}),
        )
    };
    let filtered =
        json!({"indicators": ["bad", "rt"], "customFilters": [{"key": "zone", "value": "9"}]});
    let table = [
        asked(json!({"indicators": ["rt", "error_rate"], "sliProvider": "static"})),
        asked(filtered),
        asked(json!({"indicators": ["rtt"]})),
        asked(json!({"indicators": ["rt"], "sliProvider": "no\nne"})),
        task("get-sli", &json!({"get-sli": {"indicators": ["rt"]}})),
    ];
    let mut lines = Vec::new();
    for assignment in table {
        let fetching = GetSliTask::new(settings(resources(), log()));
        let finish = carried_out(&fetching, &assignment).await;
        lines.push(format!("{} {}", shown(&finish), Value::Object(finish.data)));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    succeeded/pass ["get-sli"]:  {"get-sli":{"start":"2024-02-01T09:00:00.000Z","end":"2024-02-01T09:10:00.000Z","indicatorValues":[{"metric":"rt","value":5,"success":true},{"metric":"error_rate","value":0.5,"success":true}]}}
    succeeded/pass ["get-sli"]:  {"get-sli":{"start":"2024-02-01T09:00:00.000Z","end":"2024-02-01T09:10:00.000Z","indicatorValues":[{"metric":"bad","value":9,"success":true},{"metric":"rt","value":5,"success":true}]}}
    errored/fail []: unknown SLI `rtt`: did you mean `rt`? Known are `bad`, `error_rate`, and `rt` {}
    errored/fail []: the provider `no\nne` is not defined: add it under `providers` in tidegate.yaml {}
    errored/fail []: the event says neither `evaluation.timeframe`, nor `evaluation.start` and `.end`, nor when a test ran; give the task `properties: { timeframe: 5m }` in the shipyard, or set `timeframe` in tidegate.yaml {}
    "#);
}

#[tokio::test]
async fn the_gate_keeps_the_contract_of_executors() {
    let resources = Shelf::default()
        .at("sockshop/staging/carts/slo.yaml", SLO)
        .at("sockshop/staging/carts/sli.yaml", "indicators: {rt: '5'}");
    let gate = EvaluationTask::new(settings(resources, log()));
    crate::executor::contract::keeps(&gate, &evaluation()).await;
    assert_eq!(carts().service.as_str(), "carts");
}
