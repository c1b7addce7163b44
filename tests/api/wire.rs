//! Bytes on a connection, for requests that no client library would send.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// What came back for one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn document(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self}"))
    }

    /// The code of the first error.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.document()["errors"][0]["code"].as_str().unwrap_or_else(|| panic!("no error in {self}")).to_owned()
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, String::from_utf8_lossy(&self.body))
    }
}

/// Sends the bytes and gives all replies until the server closes the connection or says nothing for a while.
pub(crate) async fn exchange(address: SocketAddr, bytes: impl Into<Vec<u8>>) -> Vec<Reply> {
    exchange_in_parts(address, vec![bytes.into()], Duration::ZERO).await
}

/// The same with a pause after each part.
pub(crate) async fn exchange_in_parts(address: SocketAddr, parts: Vec<Vec<u8>>, pause: Duration) -> Vec<Reply> {
    let work = move || {
        let mut stream = connect(address);
        for part in parts {
            // The server may have answered and gone already.
            if stream.write_all(&part).is_err() {
                break;
            }
            std::thread::sleep(pause);
        }
        replies(&read(&mut stream), false)
    };
    actix_web::rt::task::spawn_blocking(work).await.expect("an exchange")
}

/// A request whose head the server has read, and whose body is still to be sent.
pub(crate) struct Begun {
    go: std::sync::mpsc::Sender<()>,
    replies: actix_web::rt::task::JoinHandle<Vec<Reply>>,
}

impl Begun {
    /// Sends `head`, which expects `100 Continue`, and waits for that.
    pub(crate) async fn begin(address: SocketAddr, head: String, body: Vec<u8>) -> Begun {
        let (go, gone) = std::sync::mpsc::channel();
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let replies = actix_web::rt::task::spawn_blocking(move || {
            let mut stream = connect(address);
            stream.write_all(head.as_bytes()).expect("a head");
            let mut told = [0; 25];
            stream.read_exact(&mut told).expect("100 Continue");
            assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
            ready.send(()).expect("somebody waits");
            gone.recv().expect("a sign");
            stream.write_all(&body).expect("a body");
            replies(&read(&mut stream), false)
        });
        is_ready.await.expect("a head that was read");
        Begun { go, replies }
    }

    /// Sends the body, and gives the replies.
    pub(crate) async fn finish(self) -> Vec<Reply> {
        self.go.send(()).expect("somebody waits");
        self.replies.await.expect("an exchange")
    }
}

/// One reply without a body, to a HEAD.
pub(crate) async fn exchange_head(address: SocketAddr, bytes: impl Into<Vec<u8>>) -> Vec<Reply> {
    let bytes = bytes.into();
    let work = move || {
        let mut stream = connect(address);
        stream.write_all(&bytes).expect("a request");
        replies(&read(&mut stream), true)
    };
    actix_web::rt::task::spawn_blocking(work).await.expect("an exchange")
}

/// Sends the bytes and closes the connection without waiting for anything.
pub(crate) async fn abandon(address: SocketAddr, bytes: impl Into<Vec<u8>>) {
    let bytes = bytes.into();
    let work = move || {
        let mut stream = connect(address);
        stream.write_all(&bytes).expect("a request");
        stream.shutdown(Shutdown::Both).expect("an end");
    };
    actix_web::rt::task::spawn_blocking(work).await.expect("an exchange");
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream.set_nodelay(true).expect("no delay");
    stream
}

/// Whatever comes until the connection ends, which a reset does too.
fn read(stream: &mut TcpStream) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return all,
            Ok(length) => all.extend_from_slice(&buffer[..length]),
        }
    }
}

fn replies(mut bytes: &[u8], bodiless: bool) -> Vec<Reply> {
    let mut replies = Vec::new();
    while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status line");
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let mut reply = Reply { status, headers, body: Vec::new() };
        let length = reply.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let length: usize = if bodiless { 0 } else { length };
        let rest = &bytes[end + 4..];
        reply.body = rest[..length.min(rest.len())].to_vec();
        bytes = &rest[length.min(rest.len())..];
        replies.push(reply);
    }
    assert!(bytes.is_empty(), "bytes behind the last reply: {}", String::from_utf8_lossy(bytes));
    replies
}
