//! The event history of the test server: what `/mongodb-datastore` answers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::request::{Request, page};
use super::{Reply, State, refuse, reply};

impl State {
    /// Returns what can be read of a project, newest first by the text of the time.
    fn readable(&mut self, project: &str, admits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let stored = self.events.get_mut(project).into_iter().flatten();
        let mut found = Vec::new();
        for stored in stored {
            if stored.hidden > 0 {
                stored.hidden -= 1;
            } else if admits(&stored.event) {
                found.push(stored.event.clone());
            }
        }
        found.sort_by(|a, b| b["time"].as_str().cmp(&a["time"].as_str()));
        found
    }

    pub(super) fn events(&mut self, request: &Request) -> Reply {
        let query = &request.query;
        let size = query
            .get("pageSize")
            .map_or(Ok(20), |size| size.parse::<usize>());
        if !size.is_ok_and(|size| (1..=100).contains(&size)) {
            return reply(
                422,
                &json!({"code": 606, "message": "pageSize in query should be less than or equal to 100"}),
            );
        }
        let project = match (query.get("project"), query.get("keptnContext")) {
            (Some(project), _) => project.clone(),
            (None, Some(context)) => self.contexts.get(context).cloned().unwrap_or_default(),
            (None, None) => String::new(),
        };
        let paths = [
            ("project", "/data/project"),
            ("stage", "/data/stage"),
            ("service", "/data/service"),
            ("type", "/type"),
            ("keptnContext", "/shkeptncontext"),
            ("eventID", "/id"),
            ("source", "/source"),
        ];
        let found = self.readable(&project, |event| {
            let text = |path: &str| {
                event
                    .pointer(path)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            paths
                .iter()
                .all(|(name, path)| query.get(*name).is_none_or(|wanted| text(path) == wanted))
                && query
                    .get("fromTime")
                    .is_none_or(|from| text("/time") > from.as_str())
                && query
                    .get("beforeTime")
                    .is_none_or(|before| text("/time") < before.as_str())
        });
        let (size, start) = page(request);
        let total = found.len();
        let events: Vec<Value> = found.into_iter().skip(start).take(size).collect();
        let mut body = json!({"events": events, "pageSize": size, "totalCount": total});
        if events_are_none(&body) {
            body["events"] = Value::Null;
        }
        if start + size < total {
            body["nextPageKey"] = (start + size).to_string().into();
        }
        reply(200, &body)
    }

    pub(super) fn events_of_type(&mut self, event_type: &str, request: &Request) -> Reply {
        let query = &request.query;
        let limit = query
            .get("limit")
            .map_or(Ok(20), |limit| limit.parse::<usize>());
        let Some(limit) = limit.ok().filter(|limit| (1..=100).contains(limit)) else {
            return reply(
                422,
                &json!({"code": 606, "message": "limit in query should be less than or equal to 100"}),
            );
        };
        let conditions = conditions(query.get("filter").map_or("", String::as_str));
        let project = conditions
            .get("/data/project")
            .and_then(|values| values.first())
            .cloned();
        let context = conditions
            .get("/shkeptncontext")
            .and_then(|values| values.first());
        let project = match (project, context) {
            (Some(project), _) => project,
            (None, Some(context)) => self.contexts.get(context).cloned().unwrap_or_default(),
            (None, None) => {
                return refuse(
                    400,
                    "invalid event filter: either 'shkeptncontext' or 'data.project' must be set",
                );
            }
        };
        let excludes = query
            .get("excludeInvalidated")
            .is_some_and(|value| value == "true");
        let invalidated = self.invalidated(&project);
        let mut found = self.readable(&project, |event| {
            let text = |path: &str| {
                event
                    .pointer(path)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            text("/type") == event_type
                && conditions
                    .iter()
                    .all(|(path, values)| values.iter().any(|value| text(path) == value))
                && query
                    .get("fromTime")
                    .is_none_or(|from| text("/time") > from.as_str())
                && !(excludes && invalidated.contains(&event["triggeredid"]))
        });
        found.truncate(limit);
        let mut body = json!({"events": found});
        if events_are_none(&body) {
            body["events"] = Value::Null;
        }
        reply(200, &body)
    }

    /// Returns the triggers whose evaluations are invalidated.
    fn invalidated(&self, project: &str) -> Vec<Value> {
        let events = self.events.get(project).into_iter().flatten();
        let is_said = |event: &Value| {
            let event_type = event["type"].as_str();
            event_type.is_some_and(|name| name.ends_with(".invalidated"))
        };
        events
            .filter(|stored| is_said(&stored.event))
            .map(|stored| stored.event["triggeredid"].clone())
            .collect()
    }
}

/// Tells whether a list of events is empty, which Keptn writes as null.
fn events_are_none(body: &Value) -> bool {
    body["events"].as_array().is_some_and(Vec::is_empty)
}

/// Reads a filter expression, and drops what Keptn drops.
fn conditions(filter: &str) -> BTreeMap<String, Vec<String>> {
    let mut conditions = BTreeMap::new();
    for clause in filter.split(" AND ") {
        let parts: Vec<&str> = clause.split(':').collect();
        if let [path, values] = parts.as_slice() {
            let values = values.split(',').map(str::to_owned).collect();
            conditions.insert(format!("/{}", path.replace('.', "/")), values);
        }
    }
    conditions
}
