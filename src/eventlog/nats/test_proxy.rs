//! A proxy before a server: it cuts connections, and keeps answers for itself.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What a proxy does to the connections through it.
#[derive(Clone, Debug, Default)]
pub(super) enum Mood {
    /// Nothing.
    #[default]
    Friendly,
    /// From the moment that the client says this, nothing reaches it any more.
    SilentAfter(Vec<u8>),
    /// The connection is cut when the client has said this, once.
    CutAfter(Vec<u8>),
    /// The connection is cut after so many bytes for the client, once.
    CutAfterBytes(usize),
}

/// A server that passes on what it hears, as far as its mood is.
pub(super) struct Proxy {
    /// Where it listens.
    port: u16,
    /// What it does.
    mood: Arc<Mutex<Mood>>,
}

/// One connection through a proxy.
#[derive(Clone)]
struct Passage {
    /// What the proxy does.
    mood: Arc<Mutex<Mood>>,
    /// Whether the client hears anything, and whether there is still a connection.
    state: Arc<watch::Sender<(bool, bool)>>,
}

impl Proxy {
    /// Starts before a server.
    pub(super) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mood = Arc::new(Mutex::new(Mood::default()));
        let shared = Arc::clone(&mood);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
                    continue;
                };
                let passage = Passage {
                    mood: Arc::clone(&shared),
                    state: Arc::new(watch::channel((true, true)).0),
                };
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(passage.clone().up(from_client, to_server));
                tokio::spawn(passage.down(from_server, to_client));
            }
        });
        Self { port, mood }
    }

    /// Changes the mood.
    pub(super) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Returns the URL of a stream behind it.
    pub(super) fn url(&self, stream: &str) -> String {
        format!("nats://127.0.0.1:{}/{stream}", self.port)
    }
}

impl Passage {
    /// Passes on what the client says.
    async fn up(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
        let mut said = Vec::new();
        let mut buffer = vec![0; 65536];
        let mut state = self.state.subscribe();
        loop {
            let length = tokio::select! {
                length = from.read(&mut buffer) => length?,
                _gone = state.wait_for(|(_, is_there)| !is_there) => return Ok(()),
            };
            if length == 0 {
                self.state.send_replace((false, false));
                return Ok(());
            }
            said.extend_from_slice(&buffer[..length]);
            let has_said = |word: &[u8]| said.windows(word.len()).any(|some| some == word);
            let mood = self.mood.lock().unwrap().clone();
            match mood {
                Mood::SilentAfter(word) if has_said(&word) => {
                    self.state.send_replace((false, true));
                    to.write_all(&buffer[..length]).await?;
                }
                Mood::CutAfter(word) if has_said(&word) => {
                    // The server hears it, and the client hears nothing of that.
                    self.state.send_replace((false, true));
                    to.write_all(&buffer[..length]).await?;
                    to.flush().await?;
                    *self.mood.lock().unwrap() = Mood::Friendly;
                    self.state.send_replace((false, false));
                    return Ok(());
                }
                Mood::Friendly
                | Mood::SilentAfter(_)
                | Mood::CutAfter(_)
                | Mood::CutAfterBytes(_) => to.write_all(&buffer[..length]).await?,
            }
        }
    }

    /// Passes on what the server says.
    async fn down(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
        let mut passed = 0;
        let mut buffer = vec![0; 16384];
        let mut state = self.state.subscribe();
        loop {
            let length = tokio::select! {
                length = from.read(&mut buffer) => length?,
                _gone = state.wait_for(|(_, is_there)| !is_there) => return Ok(()),
            };
            if length == 0 {
                self.state.send_replace((false, false));
                return Ok(());
            }
            let (is_heard, _) = *state.borrow();
            if !is_heard {
                continue;
            }
            passed += length;
            let mood = self.mood.lock().unwrap().clone();
            let limit = if let Mood::CutAfterBytes(limit) = mood {
                limit
            } else {
                usize::MAX
            };
            if passed > limit {
                *self.mood.lock().unwrap() = Mood::Friendly;
                to.write_all(&buffer[..length / 2]).await?;
                self.state.send_replace((false, false));
                return Ok(());
            }
            to.write_all(&buffer[..length]).await?;
        }
    }
}
