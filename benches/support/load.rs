//! The load: so many keep-alive connections in a closed loop, each sending prepared requests one after the other.
//!
//! It runs outside the server's process, so what it costs is not in anybody's figures. One thread has all connections:
//! with one thread each, switching between them would take a processor of the two away from the server.

use super::Outcome;
use futures_util::future::{join_all, try_join_all};
use memchr::memmem;
use std::cell::Cell;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Requests to an address, to be cycled through.
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) connections: usize,
}

/// How a run went.
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// Bytes of all bodies.
    pub(crate) bytes: usize,
}

impl Load {
    /// The body of one answer.
    pub(crate) fn once(&self, at: usize) -> Outcome<Vec<u8>> {
        Ok(answer(self.address, &self.requests[at % self.requests.len()])?.1)
    }

    /// Connects and warms up, and calls `read` just before and after so many requests.
    pub(crate) fn run<T>(
        &self,
        count: usize,
        mut read: impl FnMut() -> Outcome<T>,
        first: &AtomicUsize,
    ) -> Outcome<(Run, T, T)> {
        wait(async {
            let connections = try_join_all((0..self.connections).map(|_| self.warm(first))).await?;
            let (before, began) = (read()?, Instant::now());
            let left = Cell::new(count);
            let running = connections.into_iter().map(|connection| self.repeat(connection, &left, first));
            let bytes: Outcome<usize> = join_all(running).await.into_iter().sum();
            let wall = began.elapsed();
            let after = read()?;
            Ok((Run { wall, bytes: bytes? }, before, after))
        })
    }

    /// A connection that has been answered once.
    async fn warm(&self, first: &AtomicUsize) -> Outcome<Connection> {
        let mut connection = Connection::open(self.address).await?;
        connection.exchange(self.next(first)).await?;
        Ok(connection)
    }

    async fn repeat(&self, mut connection: Connection, left: &Cell<usize>, first: &AtomicUsize) -> Outcome<usize> {
        let mut bytes = 0;
        while let Some(rest) = left.get().checked_sub(1) {
            left.set(rest);
            bytes += connection.exchange(self.next(first)).await?.len();
        }
        Ok(bytes)
    }

    fn next(&self, first: &AtomicUsize) -> &[u8] {
        &self.requests[first.fetch_add(1, Ordering::Relaxed) % self.requests.len()]
    }
}

/// The head of the answer to a request, in lower case, and its body.
pub(crate) fn answer(address: SocketAddr, request: &[u8]) -> Outcome<(String, Vec<u8>)> {
    wait(async {
        let mut connection = Connection::open(address).await?;
        let body = connection.exchange(request).await?.to_vec();
        Ok((connection.head()?, body))
    })
}

fn wait<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// A connection that is kept alive, and the answer read last.
struct Connection {
    stream: TcpStream,
    /// What was read last.
    answer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(256 * 1024) })
    }

    /// Sends a request, and gives the body of an answer that must be 200, or 304.
    async fn exchange(&mut self, request: &[u8]) -> Outcome<&[u8]> {
        timeout(PATIENCE, self.hear(request)).await?
    }

    async fn hear(&mut self, request: &[u8]) -> Outcome<&[u8]> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        let body = loop {
            self.receive().await?;
            if let Some(at) = memmem::find(&self.answer, b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = std::str::from_utf8(&self.answer[..body])?.to_ascii_lowercase();
        if head.starts_with("http/1.1 304") {
            return Ok(&self.answer[body..]);
        }
        let length: usize = header(&head, "content-length: ").ok_or("an answer without a length")?.parse()?;
        while self.answer.len() < body + length {
            self.receive().await?;
        }
        if !head.starts_with("http/1.1 20") {
            return Err(format!("refused: {}", String::from_utf8_lossy(&self.answer)).into());
        }
        Ok(&self.answer[body..])
    }

    /// The head of the answer read last, in lower case.
    fn head(&self) -> Outcome<String> {
        let end = memmem::find(&self.answer, b"\r\n\r\n").ok_or("an answer without a head")?;
        Ok(std::str::from_utf8(&self.answer[..end])?.to_ascii_lowercase())
    }

    async fn receive(&mut self) -> Outcome<()> {
        let got = self.stream.read_buf(&mut self.answer).await?;
        if got == 0 { Err("the server closed the connection".into()) } else { Ok(()) }
    }
}

/// The value of a header in a head; `name` ends in `: `.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name))
}
