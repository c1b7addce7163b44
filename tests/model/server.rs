//! The server as a history sees it: requests on one connection that is kept, and answers.
//!
//! A client library would cost more than the server.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

pub(crate) struct Server {
    stream: BufReader<TcpStream>,
    /// How many requests were sent.
    pub(crate) requests: usize,
}

/// What is asked of the server; the path is below `/api/v1`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) document: Option<Value>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Null without a body.
    pub(crate) document: Value,
}

impl Request {
    pub(crate) fn get(path: String) -> Request {
        Request { method: "GET", path, document: None }
    }

    pub(crate) fn delete(path: String) -> Request {
        Request { method: "DELETE", path, document: None }
    }

    pub(crate) fn post(path: impl Into<String>, document: Value) -> Request {
        Request { method: "POST", path: path.into(), document: Some(document) }
    }

    pub(crate) fn patch(path: String, document: Value) -> Request {
        Request { method: "PATCH", path, document: Some(document) }
    }
}

impl Answer {
    /// The id of the only resource, or of the only linkage.
    pub(crate) fn id(&self) -> &str {
        self.document["data"]["id"].as_str().unwrap_or_default()
    }

    /// The id that a relationship of the only resource leads to.
    pub(crate) fn linked(&self, relationship: &str) -> &str {
        self.document["data"]["relationships"][relationship]["data"]["id"].as_str().unwrap_or_default()
    }

    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.document["data"]["attributes"][name].as_str().unwrap_or_default()
    }

    pub(crate) fn included(&self) -> &[Value] {
        self.document["included"].as_array().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn code(&self) -> &str {
        self.document["errors"][0]["code"].as_str().unwrap_or_default()
    }
}

impl Server {
    pub(crate) fn connect(address: SocketAddr) -> Server {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Server { stream: BufReader::new(stream), requests: 0 }
    }

    pub(crate) fn ask(&mut self, token: &str, request: &Request) -> Answer {
        self.requests += 1;
        let body = request.document.as_ref().map(Value::to_string);
        let mut head = format!("{} /api/v1{} HTTP/1.1\r\nHost: model.example\r\n", request.method, request.path);
        if !token.is_empty() {
            head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        if let Some(body) = &body {
            head.push_str(&format!("Content-Type: application/vnd.api+json\r\nContent-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        head.push_str(body.as_deref().unwrap_or_default());
        self.stream.get_mut().write_all(head.as_bytes()).expect("a request that is sent");
        self.answer().unwrap_or_else(|e| panic!("{request:?}: {e}"))
    }

    fn answer(&mut self) -> std::io::Result<Answer> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| std::io::Error::other(format!("no status in `{line}`")))?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let document = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? };
        Ok(Answer { status, document })
    }
}
