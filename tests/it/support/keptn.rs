//! The parts of Keptn's API that tidegate speaks to, as Keptn 1.4 behaves: the event intake and the event history.
//!
//! Written from the description of Keptn's behaviour, with its refusals, its cut at 64 KiB, its textual order of times,
//! and its dropped filter clauses. This file names nothing of the crate: unit tests and integration tests include it
//! alike.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

use request::{Request, page, read};
use rules::{as_go_has_them, context, problem_with};

pub(crate) use control::Script;

#[path = "keptn_control.rs"]
mod control;
#[path = "keptn_history.rs"]
mod history;
#[path = "keptn_request.rs"]
mod request;
#[path = "keptn_rules.rs"]
mod rules;

/// The token that the server knows.
pub(crate) const TOKEN: &str = "s3cret-t0ken";
/// How much is read of an event.
const EVENT_BYTES: usize = 64 * 1024;
/// How many milliseconds lie between two events that are posted.
const TICK: u64 = 400;

/// A server on a free port of this machine.
pub(crate) struct Keptn {
    /// Where it listens.
    address: SocketAddr,
    /// What it holds.
    state: Arc<Mutex<State>>,
}

/// What happens to the next request.
#[derive(Clone, Debug)]
pub(crate) enum Mishap {
    /// It is answered like this.
    Answer(u16, &'static str, String),
    /// It is done, and the connection breaks before the answer.
    LoseAnswer,
    /// It is answered as if it were done.
    Forget,
}

/// What the server holds.
#[derive(Default)]
struct State {
    /// The events of each project, as they were stored; "" for those without a project.
    events: BTreeMap<String, Vec<Stored>>,
    /// Which project a context belongs to.
    contexts: BTreeMap<String, String>,
    /// The projects that the control plane knows.
    projects: Vec<String>,
    /// The shipyards of the projects that have one.
    shipyards: BTreeMap<String, String>,
    /// Whether shipyards are shown in base64, as after an update.
    encodes_shipyards: bool,
    /// The services of every stage.
    services: Vec<String>,
    /// How contexts stand, newest first.
    states: Vec<Value>,
    /// What follows when a sequence is triggered, act by act.
    scripts: Vec<Script>,
    /// The delivery that runs: its trigger, and the acts that are left.
    running: Option<(Value, Vec<Script>)>,
    /// How many events of acts were stored.
    acted: u64,
    /// What contexts were told: `CONTEXT pause`.
    controls: Vec<String>,
    /// The resources in base64, by path.
    resources: BTreeMap<String, String>,
    /// The secrets, without values.
    secrets: Vec<Value>,
    /// How many events were posted.
    posted: u64,
    /// How many looks at the history it takes until a posted event can be read.
    delay: usize,
    /// What happens to the next requests for a path that starts like this.
    mishaps: VecDeque<(&'static str, Mishap)>,
    /// Method, path and query of every request.
    requests: Vec<String>,
    /// When wrong tokens came, the newest last.
    wrong_tokens: Vec<Instant>,
}

/// An event in the history.
struct Stored {
    /// The event.
    event: Value,
    /// How many more looks it takes until it can be read.
    hidden: usize,
}

/// Status, content type and body; `None` breaks the connection.
type Reply = Option<(u16, &'static str, String)>;

impl Keptn {
    /// Starts a server that knows these projects.
    pub(crate) fn start(projects: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            projects: projects.iter().map(|name| (*name).to_owned()).collect(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        // The thread ends with the process; nobody asks it any more once a test is over.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        Self { address, state }
    }

    /// Returns where the API is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// Stores an event as one that was sent within the cluster: id and time stay.
    pub(crate) fn store(&self, event: Value) {
        self.state().insert(event, 0);
    }

    /// Hides posted events for so many looks at the history.
    pub(crate) fn delay(&self, looks: usize) {
        self.state().delay = looks;
    }

    /// Lets something happen to the next request for a path that starts like this.
    pub(crate) fn mishap(&self, path: &'static str, mishap: Mishap) {
        self.state().mishaps.push_back((path, mishap));
    }

    /// Returns method, path and query of every request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// Returns the events of a project as they are stored.
    pub(crate) fn stored(&self, project: &str) -> Vec<Value> {
        let state = self.state();
        let events = state.events.get(project).into_iter().flatten();
        events.map(|stored| stored.event.clone()).collect()
    }

    /// Gives a project a shipyard and a service.
    pub(crate) fn with_shipyard(self, project: &str, shipyard: &str, service: &str) -> Self {
        {
            let mut state = self.state();
            state.projects.push(project.to_owned());
            state
                .shipyards
                .insert(project.to_owned(), shipyard.to_owned());
            state.services.push(service.to_owned());
        }
        self
    }

    /// Shows shipyards in base64, as after an update.
    pub(crate) fn encode_shipyards(&self) {
        self.state().encodes_shipyards = true;
    }

    /// Says what follows when a sequence is triggered: one act at each look at the states.
    pub(crate) fn play(&self, scripts: Vec<Script>) {
        self.state().scripts = scripts;
    }

    /// Returns what contexts were told.
    pub(crate) fn controls(&self) -> Vec<String> {
        self.state().controls.clone()
    }

    /// Returns the resources in base64, by path.
    pub(crate) fn resources(&self) -> BTreeMap<String, String> {
        self.state().resources.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers one request, and closes the connection.
fn serve(stream: TcpStream, state: &Mutex<State>) {
    let Some(request) = read(&stream) else {
        return;
    };
    let reply = state
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .answer(&request);
    let Some((status, content_type, body)) = reply else {
        return;
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = stream;
    drop(stream.write_all(head.as_bytes()));
    drop(stream.write_all(body.as_bytes()));
}

/// Answers with JSON.
#[expect(clippy::unnecessary_wraps, reason = "as every other reply")]
fn reply(status: u16, body: &Value) -> Reply {
    Some((status, "application/json", body.to_string()))
}

/// Refuses as most services do.
fn refuse(status: u16, message: &str) -> Reply {
    reply(status, &json!({"code": status, "message": message}))
}

impl State {
    fn answer(&mut self, request: &Request) -> Reply {
        let query: Vec<String> = request
            .query
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        self.requests.push(format!(
            "{} {} {}",
            request.method,
            request.path,
            query.join("&")
        ));
        if request.token.as_deref() != Some(TOKEN) {
            return self.refuse_token();
        }
        self.wrong_tokens.clear();
        let due = self
            .mishaps
            .iter()
            .position(|(path, _)| request.path.starts_with(path));
        match due.and_then(|due| self.mishaps.remove(due)) {
            Some((_, Mishap::Answer(status, content_type, body))) => {
                Some((status, content_type, body))
            }
            Some((_, Mishap::LoseAnswer)) => {
                self.route(request);
                None
            }
            Some((_, Mishap::Forget)) => reply(
                200,
                &json!({"keptnContext": "00000000-0000-4000-8000-000000000000"}),
            ),
            None => self.route(request),
        }
    }

    /// Counts wrong tokens: one a second, two in a row.
    fn refuse_token(&mut self) -> Reply {
        self.wrong_tokens
            .retain(|came| came.elapsed().as_secs() < 1);
        if self.wrong_tokens.len() >= 2 {
            return Some((429, "text/plain", "too many requests\n".to_owned()));
        }
        self.wrong_tokens.push(Instant::now());
        refuse(401, "incorrect api key auth")
    }

    fn route(&mut self, request: &Request) -> Reply {
        if let Some(reply) = self.control_plane(request) {
            return reply;
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/v1/auth") => Some((200, "application/json", String::new())),
            ("GET", "/v1/metadata") => reply(
                200,
                &json!({"keptnversion": "1.4.5", "keptnlabel": "keptn", "namespace": "keptn"}),
            ),
            ("POST", "/v1/event") => self.take(&request.body),
            ("GET", "/controlPlane/v1/project") => self.list_projects(request),
            ("GET", "/mongodb-datastore/event") => self.events(request),
            ("GET", path) => match path.strip_prefix("/mongodb-datastore/event/type/") {
                Some(event_type) => self.events_of_type(event_type, request),
                None => Some((404, "text/html", "<html>404</html>".to_owned())),
            },
            _ => refuse(405, "method not allowed"),
        }
    }

    fn list_projects(&self, request: &Request) -> Reply {
        let (size, start) = page(request);
        let names = self.projects.iter().skip(start).take(size);
        let projects: Vec<Value> = names.filter_map(|name| self.expanded(name)).collect();
        let next = if start + size < self.projects.len() {
            (start + size).to_string()
        } else {
            "0".to_owned()
        };
        reply(
            200,
            &json!({"projects": projects, "nextPageKey": next, "totalCount": self.projects.len()}),
        )
    }

    /// Takes an event that is posted.
    fn take(&mut self, body: &[u8]) -> Reply {
        let body = &body[..body.len().min(EVENT_BYTES)];
        let Ok(mut event) = serde_json::from_slice::<Value>(body) else {
            return refuse(400, "Invalid request format: unexpected end of JSON input");
        };
        if let Some(problem) = problem_with(&event) {
            return refuse(400, problem);
        }
        self.posted += 1;
        let milliseconds = self.posted * TICK;
        let context = context(&event, self.posted);
        let known = [
            "type",
            "source",
            "triggeredid",
            "gitcommitid",
            "shkeptnspecversion",
            "extensions",
            "data",
        ];
        event
            .as_object_mut()
            .unwrap()
            .retain(|name, _| known.contains(&name.as_str()));
        event["id"] = format!("7b3d4c3a-0000-4000-8000-{:012}", self.posted).into();
        let (minutes, seconds) = (milliseconds / 60_000, milliseconds / 1000 % 60);
        event["time"] = format!(
            "2024-06-01T{:02}:{:02}:{seconds:02}.{:03}Z",
            minutes / 60,
            minutes % 60,
            milliseconds % 1000
        )
        .into();
        event["shkeptncontext"] = context.as_str().into();
        event["contenttype"] = "application/json".into();
        event["specversion"] = "1.0".into();
        self.begin(&event);
        self.insert(event, self.delay);
        reply(200, &json!({"keptnContext": context}))
    }

    fn insert(&mut self, mut event: Value, hidden: usize) {
        as_go_has_them(&mut event);
        let project = event["data"]["project"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if let Some(context) = event["shkeptncontext"]
            .as_str()
            .filter(|_| !project.is_empty())
        {
            self.contexts
                .entry(context.to_owned())
                .or_insert_with(|| project.clone());
        }
        self.events
            .entry(project)
            .or_default()
            .push(Stored { event, hidden });
    }
}
