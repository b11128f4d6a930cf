//! The way to a server, with a limit on what may come along it: the library itself takes answers of any size.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::url::PostgresHost;

/// What can be read and written.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// How many bytes may still come.
#[derive(Clone, Debug)]
pub struct PostgresBudget(Arc<AtomicUsize>);

impl PostgresBudget {
    /// Starts with a number of bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// Starts anew.
    pub fn refill(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// Tells whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// Takes bytes away; `false` where there were too few.
    fn spend(&self, bytes: usize) -> bool {
        let left = self.0.load(Ordering::Relaxed);
        self.0.store(left.saturating_sub(bytes), Ordering::Relaxed);
        bytes < left
    }
}

/// A stream that breaks where more comes than may.
pub(super) struct Bounded {
    /// The stream.
    inner: Box<dyn Stream>,
    /// How much may still come.
    budget: PostgresBudget,
}

impl Bounded {
    /// Connects to a server.
    pub(super) async fn connect(
        host: &PostgresHost,
        port: u16,
        budget: PostgresBudget,
    ) -> io::Result<Self> {
        let inner: Box<dyn Stream> = match host {
            PostgresHost::Name(name) => Box::new(TcpStream::connect((name.as_str(), port)).await?),
            #[cfg(unix)]
            PostgresHost::Folder(folder) => {
                let path = folder.join(format!(".s.PGSQL.{port}"));
                Box::new(tokio::net::UnixStream::connect(path).await?)
            }
            #[cfg(not(unix))]
            PostgresHost::Folder(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(Self { inner, budget })
    }
}

impl AsyncRead for Bounded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        let came = buffer.filled().len().saturating_sub(before);
        if came > 0 && !self.budget.spend(came) {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        polled
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
