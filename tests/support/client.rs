//! An HTTP client that speaks JSON:API as one user, or as nobody.

use super::answer::Answer;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

pub(crate) const JSON_API: &str = "application/vnd.api+json";
/// The same with the atomic operations extension.
const JSON_API_ATOMIC: &str = "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"";

/// Sends requests below `base`; paths begin with a slash.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    pub(crate) fn new(base: String, token: Option<String>) -> Client {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("an HTTP client");
        Client { http, base, token }
    }

    /// The same connections, used by somebody else.
    pub(crate) fn with_token(&self, token: Option<&str>) -> Client {
        Client { token: token.map(str::to_owned), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, document: &Value) -> Answer {
        self.request(Method::POST, path).document(document).send().await
    }

    /// Posts atomic operations.
    pub(crate) async fn operate(&self, operations: &Value) -> Answer {
        let document = serde_json::json!({ "atomic:operations": operations });
        self.request(Method::POST, "/operations").document(&document).atomic().send().await
    }

    pub(crate) async fn patch(&self, path: &str, document: &Value) -> Answer {
        self.request(Method::PATCH, path).document(document).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// `path` may also be a whole URL, as links are.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static(JSON_API));
        if let Some(token) = &self.token {
            headers.insert("authorization", header_value(&format!("Bearer {token}")));
        }
        Request { http: self.http.clone(), method, url, headers, body: None }
    }
}

/// A request on its way to being sent.
pub(crate) struct Request {
    http: reqwest::Client,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

impl Request {
    /// A JSON:API document as the body, and its media type.
    pub(crate) fn document(self, document: &Value) -> Request {
        self.bytes(document.to_string().into_bytes())
    }

    /// With the atomic operations extension in the media types that are there.
    pub(crate) fn atomic(mut self) -> Request {
        for name in
            [ACCEPT, CONTENT_TYPE].into_iter().filter(|name| self.headers.contains_key(name)).collect::<Vec<_>>()
        {
            self.headers.insert(name, HeaderValue::from_static(JSON_API_ATOMIC));
        }
        self
    }

    /// Any body, said to be JSON:API.
    pub(crate) fn bytes(mut self, body: Vec<u8>) -> Request {
        self.headers.insert("content-type", HeaderValue::from_static(JSON_API));
        self.body = Some(body);
        self
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Request {
        self.headers(name, &[value])
    }

    /// One line per value, in place of what was there; no values removes the header.
    pub(crate) fn headers<S: AsRef<str>>(mut self, name: &str, values: &[S]) -> Request {
        let name: HeaderName = name.parse().expect("the name of a header");
        self.headers.remove(&name);
        for value in values {
            self.headers.append(&name, header_value(value.as_ref()));
        }
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let request = format!("{} {}", self.method, self.url);
        let mut builder = self.http.request(self.method, &self.url).headers(self.headers);
        if let Some(body) = self.body {
            builder = builder.body(body);
        }
        let response = builder.send().await.unwrap_or_else(|e| panic!("{request}: {e:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap_or_else(|e| panic!("{request}: {e:?}"));
        Answer::new(request, status, headers, body.to_vec())
    }
}

fn header_value(value: &str) -> HeaderValue {
    HeaderValue::from_bytes(value.as_bytes()).expect("the value of a header")
}
