//! A server on this machine that does what a test tells it, well or badly.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite,
    AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What a test server received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Received {
    /// Returns a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns a parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Returns a parameter of the form in the body.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.body.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// What a test server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers in full.
    Full {
        /// The status.
        status: u16,
        /// The headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// Never answers.
    Hang,
    /// Closes the connection.
    Close,
    /// Sends these bytes and closes the connection.
    Raw(Vec<u8>),
    /// Sends a body without an end, under this status.
    Endless(u16),
    /// Sends a head without an end.
    EndlessHead,
    /// Sends a body without an end, one byte in every such time.
    Dripping(Duration),
    /// Waits until as many requests are under way as the barrier counts.
    Together(Arc<Barrier>, Box<Reply>),
}

impl Reply {
    /// Answers in full.
    pub(crate) fn new(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        Self::Full {
            status,
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: body.as_ref().to_vec(),
        }
    }

    /// Answers in full, with JSON.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::new(status, "application/json", body)
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Full { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// Decides on a reply: gets the number of the request, from 0, and the request.
type Script = dyn Fn(usize, &Received) -> Reply + Send + Sync;

/// What the connections of a server share.
struct Shared {
    /// The script.
    script: Box<Script>,
    /// What came so far.
    received: Mutex<Vec<Received>>,
    /// How many requests are under way.
    in_flight: AtomicUsize,
    /// How many requests were under way at most.
    most_in_flight: AtomicUsize,
}

/// A server on a free port of this machine; it ends when it is dropped.
pub(crate) struct TestServer {
    /// Where it listens.
    address: SocketAddr,
    /// `http` or `https`.
    scheme: &'static str,
    /// What its connections share.
    shared: Arc<Shared>,
    /// The task that accepts connections.
    task: JoinHandle<()>,
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TestServer {
    /// Starts a server that speaks plain HTTP.
    pub(crate) async fn start(
        script: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(None, Box::new(script)).await
    }

    /// Starts a server that speaks TLS.
    pub(crate) async fn start_tls(
        config: ServerConfig,
        script: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self::listen(Some(acceptor), Box::new(script)).await
    }

    /// Returns where the server listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of the server.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Returns what came so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Returns how many requests were under way at most.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.shared.most_in_flight.load(Ordering::SeqCst)
    }

    async fn listen(acceptor: Option<TlsAcceptor>, script: Box<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script,
            received: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
        });
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let task = tokio::spawn(accept(listener, acceptor, Arc::clone(&shared)));
        Self {
            address,
            scheme,
            shared,
            task,
        }
    }
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            match acceptor {
                None => serve(stream, &shared).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, &shared).await;
                    }
                }
            }
        });
    }
}

/// Serves one connection. An error of the connection ends it: clients may go at any time.
async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        let now = shared.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_in_flight.fetch_max(now, Ordering::SeqCst);
        let number = {
            let mut received = shared.received.lock().unwrap();
            received.push(request.clone());
            received.len() - 1
        };
        let mut reply = (shared.script)(number, &request);
        if let Reply::Together(barrier, then) = reply {
            barrier.wait().await;
            reply = *then;
        }
        shared.in_flight.fetch_sub(1, Ordering::SeqCst);
        if answer(&mut stream, reply).await.is_none() {
            return;
        }
    }
}

/// Carries out a reply; `None` ends the connection.
async fn answer(stream: &mut (impl AsyncWrite + Unpin), reply: Reply) -> Option<()> {
    match reply {
        Reply::Full {
            status,
            headers,
            body,
        } => {
            let lines = headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}\r\n"));
            let length = body.len();
            let head = format!("HTTP/1.1 {status} Test\r\nContent-Length: {length}\r\n");
            let head = head + &lines.collect::<String>();
            let message = [head.as_bytes(), b"\r\n", &body].concat();
            stream.write_all(&message).await.ok()?;
            stream.flush().await.ok()
        }
        Reply::Hang => std::future::pending().await,
        Reply::Close => None,
        Reply::Raw(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            stream.shutdown().await.ok()?;
            None
        }
        Reply::Endless(status) => {
            let head = format!("HTTP/1.1 {status} Test\r\n\r\n");
            stream.write_all(head.as_bytes()).await.ok()?;
            loop {
                stream.write_all(&[b'x'; 16 * 1024]).await.ok()?;
            }
        }
        Reply::EndlessHead => {
            stream.write_all(b"HTTP/1.1 200 Test\r\n").await.ok()?;
            for number in 0_u64.. {
                let line = format!("X-{number}: {}\r\n", "x".repeat(1024));
                stream.write_all(line.as_bytes()).await.ok()?;
            }
            None
        }
        Reply::Dripping(pause) => {
            stream.write_all(b"HTTP/1.1 200 Test\r\n\r\n").await.ok()?;
            let mut interval = tokio::time::interval(pause);
            loop {
                interval.tick().await;
                stream.write_all(b"x").await.ok()?;
                stream.flush().await.ok()?;
            }
        }
        Reply::Together(..) => panic!("a barrier within a barrier"),
    }
}

/// Reads a request; `None` at the end of the connection.
async fn read(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Received> {
    let first = line(stream).await?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    while let Some((name, value)) = line(stream).await?.split_once(':') {
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Received {
        method,
        path,
        headers,
        body: String::new(),
    };
    let length = request
        .header("content-length")
        .and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}

/// Reads a line; `None` at the end of the connection.
async fn line(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line = String::new();
    stream
        .read_line(&mut line)
        .await
        .ok()
        .filter(|length| *length > 0)?;
    Some(line.trim_end().to_owned())
}
