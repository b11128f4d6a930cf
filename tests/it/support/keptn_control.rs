//! The control plane of the test server: projects, sequences, open approvals, resources and secrets, as Keptn 1.4 answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::request::{Request, page};
use super::{Reply, State, refuse, reply};

/// What happens when a sequence is triggered.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// The events that are stored after it, and the state that the context has then.
    Play(Vec<Value>, &'static str),
}

impl State {
    /// Answers for the control plane; `None` where the path is none of its own.
    #[expect(clippy::too_many_lines, reason = "one story, told in its order")]
    pub(super) fn control_plane(&mut self, request: &Request) -> Option<Reply> {
        let path: Vec<&str> = request
            .path
            .split('/')
            .filter(|part| !part.is_empty())
            .collect();
        let method = request.method.as_str();
        Some(match (method, path.as_slice()) {
            ("GET", ["controlPlane", "v1", "project", name]) => self.project(name),
            ("POST", ["controlPlane", "v1", "project"]) => self.create_project(request),
            ("PUT", ["controlPlane", "v1", "project"]) => self.update_project(request),
            ("DELETE", ["controlPlane", "v1", "project", name]) => {
                self.shipyards.remove(*name);
                reply(
                    200,
                    &json!({"message": "the upstream repository is not deleted"}),
                )
            }
            ("POST", ["controlPlane", "v1", "project", _, "service"]) => {
                let body: Value = serde_json::from_slice(&request.body).unwrap();
                let name = body["serviceName"].as_str().unwrap().to_owned();
                if self.services.contains(&name) {
                    return Some(refuse(409, "service already exists"));
                }
                self.services.push(name);
                reply(200, &json!({"message": ""}))
            }
            ("DELETE", ["controlPlane", "v1", "project", _, "service", name]) => {
                self.services.retain(|service| service != name);
                reply(200, &json!({"message": ""}))
            }
            ("GET", ["controlPlane", "v1", "sequence", project]) => self.states(project, request),
            ("POST", ["controlPlane", "v1", "sequence", _, context, "control"]) => {
                let body: Value = serde_json::from_slice(&request.body).unwrap();
                self.controls
                    .push(format!("{context} {}", body["state"].as_str().unwrap()));
                reply(200, &json!({}))
            }
            ("GET", ["controlPlane", "v1", "event", "triggered", event_type]) => {
                self.open_tasks(event_type, request)
            }
            ("POST", ["resource-service", "v1", "project", .., "resource"]) => {
                let body: Value = serde_json::from_slice(&request.body).unwrap();
                for resource in body["resources"].as_array().unwrap() {
                    let uri = resource["resourceURI"].as_str().unwrap();
                    let content = resource["resourceContent"].as_str().unwrap();
                    let key = format!("{}/{uri}", request.path);
                    self.resources.insert(key, content.to_owned());
                }
                reply(201, &json!({"commitID": "abc"}))
            }
            ("GET", ["secrets", "v1", "secret"]) => {
                let secrets: Vec<&Value> = self.secrets.iter().collect();
                reply(200, &json!({"Secrets": secrets}))
            }
            ("POST" | "PUT", ["secrets", "v1", "secret"]) => {
                let body: Value = serde_json::from_slice(&request.body).unwrap();
                let keys: Vec<String> = body["data"].as_object().unwrap().keys().cloned().collect();
                let told = json!({"name": body["name"], "scope": body["scope"], "keys": keys});
                self.secrets.push(told);
                Some((201, "application/json", String::new()))
            }
            ("DELETE", ["secrets", "v1", "secret"]) => {
                let name = request.query.get("name").unwrap();
                let before = self.secrets.len();
                self.secrets
                    .retain(|secret| secret["name"] != name.as_str());
                if self.secrets.len() == before {
                    return Some(refuse(404, "secret not found"));
                }
                Some((200, "application/json", String::new()))
            }
            _ => return None,
        })
    }

    /// Returns a project with its stages; of one that is missing, two documents in a row.
    fn project(&self, name: &str) -> Reply {
        let Some(document) = self.expanded(name) else {
            let body = json!({"code": 404, "message": format!("Project not found: {name}")});
            return Some((404, "application/json", format!("{body}{body}")));
        };
        reply(200, &document)
    }

    /// Returns a project as Keptn shows it.
    pub(super) fn expanded(&self, name: &str) -> Option<Value> {
        let Some(shipyard) = self.shipyards.get(name) else {
            let is_known = self.projects.iter().any(|project| project == name);
            return is_known.then(|| json!({"projectName": name, "stages": []}));
        };
        let services: Vec<Value> = self
            .services
            .iter()
            .map(|service| json!({"serviceName": service, "creationDate": "1714557600000000000"}))
            .collect();
        let names = shipyard
            .lines()
            .filter_map(|line| line.strip_prefix("  - name: "));
        let stages: Vec<Value> = names
            .map(|stage| json!({"stageName": stage, "services": services}))
            .collect();
        let shown = if self.encodes_shipyards {
            STANDARD.encode(shipyard)
        } else {
            shipyard.clone()
        };
        Some(json!({
            "projectName": name,
            "creationDate": "1714557600000000000",
            "shipyard": shown,
            "shipyardVersion": "spec.keptn.sh/0.2.3",
            "stages": stages,
        }))
    }

    fn create_project(&mut self, request: &Request) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let name = body["name"].as_str().unwrap().to_owned();
        if self.shipyards.contains_key(&name) {
            return refuse(409, "project already exists");
        }
        let shipyard = STANDARD.decode(body["shipyard"].as_str().unwrap()).unwrap();
        self.shipyards
            .insert(name.clone(), String::from_utf8(shipyard).unwrap());
        self.projects.push(name);
        Some((201, "application/json", String::new()))
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is handed on as it is")]
    fn update_project(&mut self, request: &Request) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let name = body["name"].as_str().unwrap().to_owned();
        if let Some(shipyard) = body["shipyard"].as_str() {
            let shipyard = STANDARD.decode(shipyard).unwrap();
            self.shipyards
                .insert(name, String::from_utf8(shipyard).unwrap());
        }
        self.encodes_shipyards = true;
        Some((201, "application/json", String::new()))
    }

    /// Returns the states of contexts; a page key is a number here.
    fn states(&mut self, project: &str, request: &Request) -> Reply {
        self.advance();
        let wanted = request.query.get("keptnContext");
        let found: Vec<&Value> = self
            .states
            .iter()
            .filter(|state| state["project"] == project)
            .filter(|state| wanted.is_none_or(|wanted| state["shkeptncontext"] == wanted.as_str()))
            .collect();
        let (size, start) = page(request);
        let total = found.len();
        let states: Vec<&Value> = found.into_iter().skip(start).take(size).collect();
        let mut body = json!({"states": states, "totalCount": total});
        if start + size < total {
            body["nextPageKey"] = (start + size).into();
        }
        reply(200, &body)
    }

    /// Returns the tasks of a type that nobody has finished.
    fn open_tasks(&self, event_type: &str, request: &Request) -> Reply {
        let all = self.events.values().flatten().map(|stored| &stored.event);
        let finished: Vec<&Value> = all
            .clone()
            .filter(|event| event["type"].as_str().unwrap().ends_with(".finished"))
            .map(|event| &event["triggeredid"])
            .collect();
        let of = |event: &Value, name: &str| {
            let wanted = request.query.get(name);
            wanted.is_none_or(|wanted| event["data"][name] == wanted.as_str())
        };
        let open: Vec<&Value> = all
            .filter(|event| event["type"] == event_type && !finished.contains(&&event["id"]))
            .filter(|event| of(event, "project") && of(event, "stage"))
            .collect();
        reply(
            200,
            &json!({"events": open, "nextPageKey": "0", "totalCount": open.len()}),
        )
    }

    /// Begins what was triggered: the context appears, and the first act of its script is due.
    pub(super) fn begin(&mut self, event: &Value) {
        let parts: Vec<&str> = event["type"].as_str().unwrap().split('.').collect();
        let [_, _, _, _, sequence, "triggered"] = parts.as_slice() else {
            return;
        };
        self.states.insert(
            0,
            json!({
                "name": sequence,
                "service": event["data"]["service"],
                "project": event["data"]["project"],
                "time": event["time"],
                "shkeptncontext": event["shkeptncontext"],
                "state": "triggered",
                "stages": [{"name": event["data"]["stage"], "state": "triggered"}],
            }),
        );
        self.running = Some((event.clone(), self.scripts.clone()));
    }

    /// Plays the next act of the delivery that runs: one at each look at the states.
    fn advance(&mut self) {
        let Some((root, mut acts)) = self.running.take() else {
            return;
        };
        if acts.is_empty() {
            return;
        }
        let Script::Play(events, state) = acts.remove(0);
        for mut event in events {
            self.acted += 1;
            event["shkeptncontext"] = root["shkeptncontext"].clone();
            if event["triggeredid"] == "ROOT" {
                event["triggeredid"] = root["id"].clone();
            }
            event["time"] = format!("2024-06-02T10:00:{:02}.000Z", self.acted).into();
            event["source"] = "shipyard-controller".into();
            event["data"]["project"] = root["data"]["project"].clone();
            event["data"]["service"] = root["data"]["service"].clone();
            self.insert(event, 0);
        }
        self.states[0]["state"] = state.into();
        self.running = Some((root, acts));
    }
}
