//! The load: so many keep-alive connections in a closed loop, each sending prepared requests one after the other.
//!
//! It runs outside the server's process, so what it costs is not in anybody's figures.

use super::Outcome;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

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

    /// Connects and warms up, and calls `begin` and `end` just before and after so many requests.
    pub(crate) fn run<T>(
        &self,
        count: usize,
        mut read: impl FnMut() -> Outcome<T>,
        first: &AtomicUsize,
    ) -> Outcome<(Run, T, T)> {
        let mut connections = Vec::new();
        for _ in 0..self.connections {
            let mut connection = Connection::open(self.address)?;
            connection.exchange(self.next(first))?;
            connections.push(connection);
        }
        let (before, began) = (read()?, Instant::now());
        let left = AtomicUsize::new(count);
        let bytes = thread::scope(|scope| {
            let running: Vec<_> =
                connections.into_iter().map(|conn| scope.spawn(|| self.repeat(conn, &left, first))).collect();
            running.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("a connection panicked".into()))).sum()
        });
        let (bytes, wall): (Outcome<usize>, _) = (bytes, began.elapsed());
        let after = read()?;
        Ok((Run { wall, bytes: bytes? }, before, after))
    }

    fn repeat(&self, mut connection: Connection, left: &AtomicUsize, first: &AtomicUsize) -> Outcome<usize> {
        let mut bytes = 0;
        while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            bytes += connection.exchange(self.next(first))?.len();
        }
        Ok(bytes)
    }

    fn next(&self, first: &AtomicUsize) -> &[u8] {
        &self.requests[first.fetch_add(1, Ordering::Relaxed) % self.requests.len()]
    }
}

/// The head of the answer to a request, in lower case, and its body.
pub(crate) fn answer(address: SocketAddr, request: &[u8]) -> Outcome<(String, Vec<u8>)> {
    let mut connection = Connection::open(address)?;
    let body = connection.exchange(request)?.to_vec();
    Ok((connection.head()?, body))
}

/// A connection that is kept alive, and the answer read last.
struct Connection {
    stream: TcpStream,
    /// What was read last.
    piece: Box<[u8]>,
    answer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream, piece: vec![0; 128 * 1024].into(), answer: Vec::with_capacity(256 * 1024) })
    }

    /// Sends a request, and gives the body of an answer that must be 200, or 304.
    fn exchange(&mut self, request: &[u8]) -> Outcome<&[u8]> {
        self.stream.write_all(request)?;
        self.answer.clear();
        let body = loop {
            self.receive()?;
            if let Some(at) = find(&self.answer, b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = std::str::from_utf8(&self.answer[..body])?.to_ascii_lowercase();
        if head.starts_with("http/1.1 304") {
            return Ok(&self.answer[body..]);
        }
        let length: usize = header(&head, "content-length: ").ok_or("an answer without a length")?.parse()?;
        while self.answer.len() < body + length {
            self.receive()?;
        }
        if !head.starts_with("http/1.1 20") {
            return Err(format!("refused: {}", String::from_utf8_lossy(&self.answer)).into());
        }
        Ok(&self.answer[body..])
    }

    /// The head of the answer read last, in lower case.
    fn head(&self) -> Outcome<String> {
        let end = find(&self.answer, b"\r\n\r\n").ok_or("an answer without a head")?;
        Ok(std::str::from_utf8(&self.answer[..end])?.to_ascii_lowercase())
    }

    fn receive(&mut self) -> Outcome<()> {
        let got = self.stream.read(&mut self.piece)?;
        self.answer.extend_from_slice(&self.piece[..got]);
        if got == 0 { Err("the server closed the connection".into()) } else { Ok(()) }
    }
}

/// The value of a header in a head; `name` ends in `: `.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name))
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
