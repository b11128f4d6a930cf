//! The schemas that the table names: those of the objects of Keptn's API, and those of what stands around them.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::control::{
    Committed, ExpandedProject, ExpandedService, ExpandedStage, Integration, LogEntry, Resource,
    SecretMetadata, SequenceExecution, SequenceState, Subscription,
};

/// Returns a reference to a schema of the document.
#[must_use]
pub fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Returns every schema, by name.
#[must_use]
pub fn operation_schemas() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        "/components/schemas".clone_into(settings.definitions_path.to_mut());
    });
    let mut generator = settings.into_generator();
    let mut schemas = Map::new();
    add::<ExpandedProject>(&mut generator);
    add::<ExpandedStage>(&mut generator);
    add::<ExpandedService>(&mut generator);
    add::<SequenceState>(&mut generator);
    add::<SequenceExecution>(&mut generator);
    add::<Resource>(&mut generator);
    add::<Committed>(&mut generator);
    add::<SecretMetadata>(&mut generator);
    add::<Integration>(&mut generator);
    add::<Subscription>(&mut generator);
    add::<LogEntry>(&mut generator);
    schemas.extend(generator.take_definitions(true));
    for (name, schema) in answers().into_iter().chain(bodies()) {
        schemas.insert(name.to_owned(), schema);
    }
    schemas
}

/// Adds the schema of a type to the definitions.
fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
    drop(generator.subschema_for::<T>());
}

/// Returns an object with members, all of which may be absent but for those that are required.
fn object(properties: Value, required: &[&str]) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties);
    schema.insert("required".to_owned(), json!(required));
    schema.into()
}

/// Returns a list of a schema.
fn list(name: &str) -> Value {
    json!({"type": "array", "items": reference(name)})
}

/// Returns a page of a list, with Keptn's keys as texts.
fn page(member: &str, of: &str) -> Value {
    object(
        json!({
            member: list(of),
            "nextPageKey": {"type": ["string", "null"]},
            "pageSize": {"type": "number"},
            "totalCount": {"type": "number"}
        }),
        &[member],
    )
}

/// Returns a page of a list, with Keptn's keys as numbers.
fn numbered_page(member: &str, of: &str) -> Value {
    object(
        json!({
            member: list(of),
            "nextPageKey": {"type": "integer"},
            "pageSize": {"type": "integer"},
            "totalCount": {"type": "integer"}
        }),
        &[member],
    )
}

/// Returns the schemas of answers.
fn answers() -> Vec<(&'static str, Value)> {
    let mut all = single_answers();
    all.extend(lists());
    all
}

/// Returns the schemas of answers that are one thing.
fn single_answers() -> Vec<(&'static str, Value)> {
    let text = || json!({"type": "string"});
    vec![
        ("Anything", json!({"type": "object"})),
        ("Empty", json!({"type": "object"})),
        (
            "Problem",
            object(
                json!({"code": {"type": "integer"}, "message": {"type": "string", "minLength": 1}}),
                &["code", "message"],
            ),
        ),
        ("Message", object(json!({"message": text()}), &["message"])),
        ("Id", object(json!({"id": text()}), &["id"])),
        (
            "EventContextId",
            object(json!({"keptnContext": text()}), &["keptnContext"]),
        ),
        (
            "Health",
            object(
                json!({"status": {"enum": ["ok", "unavailable"]}, "message": text()}),
                &["status"],
            ),
        ),
        (
            "Metadata",
            object(
                json!({
                    "namespace": text(), "keptnlabel": text(), "keptnversion": text(),
                    "bridgeversion": text(), "shipyardversion": text(),
                    "automaticprovisioning": {"type": "boolean"}
                }),
                &[
                    "namespace",
                    "keptnlabel",
                    "keptnversion",
                    "bridgeversion",
                    "shipyardversion",
                    "automaticprovisioning",
                ],
            ),
        ),
        ("Statistics", statistics()),
    ]
}

/// Returns the schemas of answers that are lists.
fn lists() -> Vec<(&'static str, Value)> {
    vec![
        ("Projects", page("projects", "ExpandedProject")),
        ("Stages", page("stages", "ExpandedStage")),
        ("Services", page("services", "ExpandedService")),
        ("Resources", page("resources", "Resource")),
        ("Events", page("events", "Event")),
        ("SequenceStates", numbered_page("states", "SequenceState")),
        (
            "SequenceExecutions",
            numbered_page("sequenceExecutions", "SequenceExecution"),
        ),
        ("LogEntries", numbered_page("logs", "LogEntry")),
        (
            "Secrets",
            object(json!({"Secrets": list("SecretMetadata")}), &["Secrets"]),
        ),
        (
            "Scopes",
            object(
                json!({"scopes": {"type": "array", "items": {"type": "string"}}}),
                &["scopes"],
            ),
        ),
        ("Integrations", list("Integration")),
        ("Subscriptions", list("Subscription")),
    ]
}

/// Returns the schema of statistics.
fn statistics() -> Value {
    let count = json!({"type": "object", "properties": {"type": {"type": "string"}, "count": {"type": "integer"}}, "required": ["type", "count"]});
    let counts = json!({"type": "array", "items": count});
    let execution = object(
        json!({"name": {"type": "string"}, "executions": counts}),
        &["name", "executions"],
    );
    let service = object(
        json!({
            "name": {"type": "string"},
            "events": counts,
            "keptnServiceExecutions": {"type": "array", "items": execution},
            "executedSequencesPerType": counts
        }),
        &[
            "name",
            "events",
            "keptnServiceExecutions",
            "executedSequencesPerType",
        ],
    );
    let project = object(
        json!({"name": {"type": "string"}, "services": {"type": "array", "items": service}}),
        &["name", "services"],
    );
    object(
        json!({"from": {"type": "string"}, "to": {"type": "string"}, "projects": {"type": "array", "items": project}}),
        &["from", "to", "projects"],
    )
}

/// Returns the schema of a text in base64.
fn base64() -> Value {
    json!({"type": "string", "contentEncoding": "base64"})
}

/// Returns the schemas of bodies.
fn bodies() -> Vec<(&'static str, Value)> {
    let mut all = bodies_of_sequences();
    all.extend(bodies_of_projects());
    all
}

/// Returns the schemas of bodies about what runs.
fn bodies_of_sequences() -> Vec<(&'static str, Value)> {
    let text = || json!({"type": "string"});
    vec![
        (
            "Event",
            object(
                json!({
                    "type": {"type": "string", "minLength": 1}, "source": text(), "specversion": text(),
                    "id": text(), "time": text(), "shkeptncontext": text(), "triggeredid": text(),
                    "gitcommitid": text(), "data": {"type": "object"}
                }),
                &["type", "data"],
            ),
        ),
        (
            "NewEvaluation",
            object(
                json!({
                    "labels": {"type": ["object", "null"], "additionalProperties": text()},
                    "start": text(), "end": text(), "timeframe": text(), "gitcommitid": text()
                }),
                &[],
            ),
        ),
        (
            "NewControl",
            object(
                json!({"state": {"enum": ["pause", "resume", "abort"]}, "stage": text()}),
                &["state"],
            ),
        ),
    ]
}

/// Returns the schemas of bodies about projects.
fn bodies_of_projects() -> Vec<(&'static str, Value)> {
    let text = || json!({"type": "string"});
    vec![
        (
            "NewProject",
            object(
                json!({"name": text(), "shipyard": base64(), "gitCredentials": {"type": ["object", "null"]}}),
                &["name"],
            ),
        ),
        (
            "NewService",
            object(json!({"serviceName": text()}), &["serviceName"]),
        ),
        (
            "NewResources",
            object(
                json!({"resources": {"type": "array", "items": object(
                    json!({"resourceURI": text(), "resourceContent": base64()}),
                    &["resourceURI", "resourceContent"],
                )}}),
                &["resources"],
            ),
        ),
        (
            "NewContent",
            object(json!({"resourceContent": base64()}), &["resourceContent"]),
        ),
        (
            "NewSecret",
            object(
                json!({"name": text(), "scope": text(), "data": {"type": "object", "additionalProperties": text()}}),
                &["name", "data"],
            ),
        ),
        (
            "NewLogEntries",
            object(json!({"logs": list("LogEntry")}), &["logs"]),
        ),
    ]
}
