//! Connections: accepted as long as there are not too many, ended gently when the server stops.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use axum::response::Response;
use futures_util::StreamExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::patient::Patient;
use super::reception::Reception;
use crate::server::settings::Limits;

/// The most headers of a request.
const MOST_HEADERS: usize = 100;
/// How long to wait after a connection could not be accepted: there are no more descriptors, most likely.
const PAUSE: Duration = Duration::from_millis(50);

/// Where requests come in.
pub struct Listening {
    /// The socket.
    pub listener: TcpListener,
    /// What to show; `None`: plain HTTP.
    pub tls: Option<TlsAcceptor>,
    /// How much is too much.
    pub limits: Limits,
    /// Becomes true when the server is to stop.
    pub stop: watch::Receiver<bool>,
}

/// Accepts connections until told to stop, then waits for what is under way.
pub async fn accept(listening: Listening, reception: Reception) {
    let Listening {
        listener,
        tls,
        limits,
        mut stop,
    } = listening;
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = next_connection(&listener, &room);
        let (stream, address, permit) = tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            Some(_ended) = connections.join_next() => continue,
            next = next => next,
        };
        let (tls, limits, stop) = (tls.clone(), limits.clone(), stop.clone());
        let reception = reception.clone();
        connections.spawn(async move {
            let held: OwnedSemaphorePermit = permit;
            let connection = Connection {
                reception,
                address,
                limits,
                stop,
            };
            connection.serve(stream, tls).await;
            drop(held);
        });
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.stop_timeout, all)
        .await
        .is_err()
    {
        tracing::warn!("some requests took too long to end, and were cut off");
    }
}

/// Waits for room, then for a connection.
async fn next_connection(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(permit) = Arc::clone(room).acquire_owned().await else {
            return std::future::pending().await;
        };
        match listener.accept().await {
            Ok((stream, address)) => return (stream, address, permit),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Waits until the server is to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Whoever could say so is gone.
    }
}

/// Ends a stream of events, which has no end of its own, when the server is to stop.
fn ended_with(mut stop: watch::Receiver<bool>, answer: Response) -> Response {
    let media_type = answer.headers().get(header::CONTENT_TYPE);
    let is_endless =
        media_type.is_some_and(|name| name.as_bytes().starts_with(b"text/event-stream"));
    if !is_endless {
        return answer;
    }
    answer.map(|body| {
        let told = async move { stopped(&mut stop).await };
        Body::from_stream(body.into_data_stream().take_until(Box::pin(told)))
    })
}

/// One connection.
struct Connection {
    /// Where its requests go.
    reception: Reception,
    /// Where it comes from.
    address: SocketAddr,
    /// How much is too much.
    limits: Limits,
    /// Becomes true when the server is to stop.
    stop: watch::Receiver<bool>,
}

impl Connection {
    /// Serves a connection to its end.
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        // Answers are short: they are not to wait for more.
        drop(stream.set_nodelay(true));
        let stream = Patient::new(stream, self.limits.answer_timeout);
        let Some(tls) = tls else {
            return self.serve_plain(stream).await;
        };
        let patience = self.limits.receive_timeout;
        match tokio::time::timeout(patience, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.serve_plain(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, client = %self.address.ip(), "no TLS"),
            Err(_elapsed) => tracing::debug!(client = %self.address.ip(), "TLS took too long"),
        }
    }

    /// Serves what is inside the TLS.
    async fn serve_plain(mut self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let client = self.address.ip();
        let stop = self.stop.clone();
        let service = service_fn(|request: Request<Incoming>| {
            let (reception, stop) = (self.reception.clone(), stop.clone());
            async move {
                let answer = reception.answer(request.map(Body::new), client).await;
                Ok::<_, Infallible>(ended_with(stop, answer))
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.receive_timeout)
            .max_buf_size(self.limits.header_bytes.max(8192))
            .max_headers(MOST_HEADERS)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(&mut self.stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, %client, "a connection broke off");
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Bytes;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::server::metrics::Metrics;

    #[tokio::test]
    async fn a_client_that_takes_nothing_in_does_not_keep_its_place_for_ever() {
        let endless = || async {
            let piece = Bytes::from(vec![b'x'; 1 << 20]);
            let pieces =
                futures_util::stream::repeat_with(move || Ok::<_, Infallible>(piece.clone()));
            Body::from_stream(pieces)
        };
        let router = Router::new()
            .route("/endless", get(endless))
            .route("/short", get(|| async { "done" }));
        let patience = Duration::from_secs(60);
        let reception = Reception::new(router, Arc::new(Metrics::new()), patience);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, stop) = watch::channel(false);
        let listening = Listening {
            listener,
            tls: None,
            limits: Limits {
                connections: 1,
                answer_timeout: Duration::from_millis(100),
                ..Limits::default()
            },
            stop,
        };
        let accepting = tokio::spawn(accept(listening, reception));
        let mut stalled = TcpStream::connect(address).await.unwrap();
        let request = |path: &str| {
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        };
        stalled
            .write_all(request("/endless").as_bytes())
            .await
            .unwrap();
        let mut other = TcpStream::connect(address).await.unwrap();
        other.write_all(request("/short").as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = other.read_to_string(&mut answer);
        tokio::time::timeout(patience, read).await.unwrap().unwrap();
        assert!(answer.ends_with("done"), "{answer}");
        drop(stalled);
        tell.send(true).unwrap();
        accepting.await.unwrap();
    }
}
