//! Plays a case against a running server and collects everything that is not as it should be.

use super::case::{Case, Step};
use super::exchange::Exchange;
use super::expect::differences;
use super::rules;
use super::support::answer::{Answer, type_and_id};
use super::support::app::TestApp;
use super::support::client::Request;
use super::words::Words;
use serde_json::{Value, json};
use std::time::Duration;

/// Somewhere to play: a server, and the words its world gave.
pub(crate) struct Stage<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) words: Words,
}

/// A request that is ready to be sent.
struct Prepared {
    method: String,
    url: String,
    body: Option<Vec<u8>>,
    request: Request,
}

impl Stage<'_> {
    /// What went wrong, in words; nothing when the case holds.
    pub(crate) async fn play(&mut self, case: &Case) -> Vec<String> {
        let mut all = Vec::new();
        for (number, step) in case.steps.iter().enumerate() {
            let problems = self.step(step).await.unwrap_or_else(|problem| vec![problem]);
            if !problems.is_empty() {
                let at = format!("{} step {} ({})", case.name, number + 1, step.request);
                all.push(format!("{at}:\n- {}", problems.join("\n- ")));
            }
        }
        all
    }

    /// The step's problems; an error when it could not be carried out at all.
    pub(crate) async fn step(&mut self, step: &Step) -> Result<Vec<String>, String> {
        tokio::time::sleep(Duration::from_millis(step.pause)).await;
        let prepared = self.prepare(step)?;
        let answer = prepared.request.send().await;
        let body = prepared.body.as_deref();
        let exchange = Exchange::new(&prepared.method, &prepared.url, body, &answer, self.app.origin());
        let mut problems = rules::problems(&exchange);
        problems.extend(self.expectations(step, &answer)?);
        if !problems.is_empty() {
            problems.push(format!("the answer was {answer}"));
        }
        self.take(step, &answer)?;
        Ok(problems)
    }

    fn prepare(&self, step: &Step) -> Result<Prepared, String> {
        let line = self.words.text(&step.request)?;
        let (method, path) = line.split_once(' ').ok_or("a request is a method and a path")?;
        let token = match step.viewer.clone().flatten() {
            Some(name) => Some(self.words.text(&format!("{{{{token.{name}}}}}"))?),
            None => None,
        };
        let body = self.body(step)?;
        let client = self.app.as_nobody().with_token(token.as_deref());
        let mut request = client.request(method.parse().map_err(|_| "an unknown method")?, path);
        if let Some(body) = &body {
            request = request.bytes(body.clone());
        }
        if path.starts_with("/operations") {
            request = request.atomic();
        }
        for (name, lines) in &step.headers {
            request = request.headers(name, &header_lines(&self.words.fill(lines)?));
        }
        let url =
            if path.starts_with("http") { path.to_owned() } else { format!("{}/api/v1{path}", self.app.origin()) };
        Ok(Prepared { method: method.to_owned(), url, body, request })
    }

    fn body(&self, step: &Step) -> Result<Option<Vec<u8>>, String> {
        match (&step.body, &step.raw) {
            (Some(body), None) => Ok(Some(self.words.fill(body)?.to_string().into_bytes())),
            (None, Some(raw)) => Ok(Some(self.words.text(raw)?.into_bytes())),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err("a step has either `body` or `raw`".to_owned()),
        }
    }

    fn expectations(&self, step: &Step, answer: &Answer) -> Result<Vec<String>, String> {
        let mut problems = Vec::new();
        if answer.status != step.status {
            problems.push(format!("expected {}, got {}", step.status, answer.status));
            return Ok(problems);
        }
        for (name, expected) in &step.answer_headers {
            let actual = answer.header(name).map(Value::String);
            problems.extend(differences(&self.words.fill(expected)?, actual.as_ref(), name));
        }
        let document = answer.is_document().then(|| answer.document());
        for (expected, actual, at) in self.parts(step, document)? {
            problems.extend(differences(&expected, Some(&actual), &at));
        }
        if let Some(expected) = &step.answer {
            problems.extend(differences(&self.words.fill(expected)?, document, ""));
        }
        Ok(problems)
    }

    /// Expectations about a part of the document: expected, actual, and what it is called.
    fn parts(&self, step: &Step, document: Option<&Value>) -> Result<Vec<(Value, Value, String)>, String> {
        let nothing = Value::Null;
        let document = document.unwrap_or(&nothing);
        let mut parts = Vec::new();
        if let Some(errors) = &step.errors {
            let expected: Vec<Value> = errors.iter().map(|error| json!({ "$words": error })).collect();
            let expected = self.words.fill(&json!({ "$unordered": expected }))?;
            parts.push((expected, each(&document["errors"], summary), "errors".to_owned()));
        } else if step.status >= 400 && step.method() != "HEAD" {
            return Err("a step that expects a refusal says its `errors`".to_owned());
        }
        if let Some(ids) = &step.ids {
            parts.push((self.words.fill(ids)?, each(&document["data"], id), "ids".to_owned()));
        }
        if let Some(included) = &step.included {
            let expected = self.words.fill(&json!({ "$unordered": included }))?;
            parts.push((expected, each(&document["included"], id), "included".to_owned()));
        }
        for (pointer, expected) in &step.columns {
            let column = each(&document["data"], |item| item.pointer(pointer).cloned().unwrap_or_default());
            parts.push((self.words.fill(expected)?, column, pointer.clone()));
        }
        Ok(parts)
    }

    fn take(&mut self, step: &Step, answer: &Answer) -> Result<(), String> {
        for (word, place) in &step.take {
            let value = match place.strip_prefix("header ") {
                Some(name) => answer.header(name).map(Value::String),
                None => answer.is_document().then(|| answer.document().pointer(place).cloned()).flatten(),
            };
            let value = value.ok_or_else(|| format!("nothing to take at {place} in {answer}"))?;
            self.words.set(word, value);
        }
        Ok(())
    }
}

fn header_lines(lines: &Value) -> Vec<String> {
    match lines {
        Value::String(line) => vec![line.clone()],
        Value::Array(lines) => lines.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

fn each(items: &Value, of: impl Fn(&Value) -> Value) -> Value {
    items.as_array().map_or(Value::Null, |items| items.iter().map(of).collect())
}

fn id(item: &Value) -> Value {
    type_and_id(item).1.into()
}

/// `422 field_required pointer /data/attributes`
fn summary(error: &Value) -> Value {
    let mut words = vec![error["status"].as_str().unwrap_or("?"), error["code"].as_str().unwrap_or("?")];
    for (kind, value) in error["source"].as_object().into_iter().flatten() {
        words.extend([kind.as_str(), value.as_str().unwrap_or("?")]);
    }
    words.join(" ").into()
}
