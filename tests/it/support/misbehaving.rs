//! A server on this machine that does what a test tells it, mostly badly. Plain threads, one connection each.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What came, as text: the request line, the headers, an empty line, and the body.
pub(crate) type Received = String;

/// What to do with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers in full.
    Full {
        /// The status.
        status: u16,
        /// Headers, each with its line break.
        headers: String,
        /// The body.
        body: String,
    },
    /// Never answers.
    Hang,
    /// Closes the connection.
    Close,
}

impl Reply {
    /// Answers with JSON.
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self::full(status, "application/json", body)
    }

    /// Answers with a page.
    pub(crate) fn html(status: u16, body: impl Into<String>) -> Self {
        Self::full(status, "text/html; charset=utf-8", body)
    }

    /// Answers as Prometheus does with one number.
    pub(crate) fn number(number: f64) -> Self {
        Self::json(
            200,
            format!(
                r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[1706781600,"{number}"]}}]}}}}"#
            ),
        )
    }

    /// Answers as Prometheus does where there is no series.
    pub(crate) fn no_series() -> Self {
        Self::json(
            200,
            r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
        )
    }

    /// Answers as Prometheus does to a query that it can't parse.
    pub(crate) fn bad_query(message: &str) -> Self {
        let error =
            serde_json::json!({"status": "error", "errorType": "bad_data", "error": message});
        Self::json(400, error.to_string())
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Full { headers, .. } = &mut self {
            headers.extend([name, ": ", value, "\r\n"]);
        }
        self
    }

    fn full(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self::Full {
            status,
            headers: format!("Content-Type: {content_type}\r\n"),
            body: body.into(),
        }
    }
}

/// Decides on a reply.
type Script = dyn Fn(&str) -> Reply + Send + Sync;

/// A server on a free port of this machine. Its threads end with the process.
pub(crate) struct Server {
    /// Where it listens.
    address: SocketAddr,
    /// What came.
    received: Arc<Mutex<Vec<Received>>>,
    /// Tells of each request.
    arrivals: Receiver<()>,
}

impl Server {
    /// Starts a server that always does the same.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::start(move |_request| reply.clone())
    }

    /// Starts a server that follows a script.
    pub(crate) fn start(script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::default();
        let (arrived, arrivals) = channel();
        let connection = Connection {
            script: Arc::new(script),
            received: Arc::clone(&received),
            arrived,
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = connection.clone();
                std::thread::spawn(move || connection.serve(&stream));
            }
        });
        Self {
            address,
            received,
            arrivals,
        }
    }

    /// Returns the URL of the server.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until a request is there.
    pub(crate) fn wait_for_request(&self) {
        let patience = Duration::from_secs(60);
        self.arrivals
            .recv_timeout(patience)
            .expect("nobody asked the server");
    }

    /// Returns what came so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// Returns a URL of this machine where nobody listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// What a connection needs.
#[derive(Clone)]
struct Connection {
    script: Arc<Script>,
    received: Arc<Mutex<Vec<Received>>>,
    arrived: Sender<()>,
}

impl Connection {
    /// Serves one request. A client that goes away is fine.
    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        let Some(request) = read(&mut reader) else {
            return;
        };
        let reply = (self.script)(&request);
        self.received.lock().unwrap().push(request);
        // A test that does not wait for requests has no receiver any more.
        let _told = self.arrived.send(());
        drop(answer(stream, &reply));
    }
}

/// Reads a request; `None` where the client went away.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<Received> {
    let mut request = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        request.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.push_str(&String::from_utf8_lossy(&body));
    Some(request)
}

/// Carries out a reply.
fn answer(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<()> {
    match reply {
        Reply::Full {
            status,
            headers,
            body,
        } => write!(
            stream,
            "HTTP/1.1 {status} Because\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ),
        // Ends when the client has had enough.
        Reply::Hang => stream.read(&mut [0]).map(drop),
        Reply::Close => Ok(()),
    }
}
