//! Slow work inside a write, such as hashing a password, kept out of the transaction.
//!
//! A write that needs the result of slow work asks for it with [`Answers::get`]. The first time the answer isn't
//! there: the write fails with [`Error::Deferred`], its transaction is rolled back, the job runs elsewhere, and the
//! write starts anew with the answer at hand. So every check that comes before the slow work is made before it.

use super::error::{Error, Result};

/// One piece of slow work.
pub struct Job {
    key: String,
    run: Box<dyn FnOnce() -> String + Send>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job")
    }
}

impl Job {
    /// Does the work.
    pub fn run(self) -> Answer {
        Answer { key: self.key, value: (self.run)() }
    }

    /// The same work, whose answer is for one part of the request.
    pub(super) fn of_part(self, part: usize) -> Self {
        Self { key: format!("{part} {}", self.key), ..self }
    }
}

/// The result of a [`Job`].
#[derive(Clone)]
pub struct Answer {
    key: String,
    value: String,
}

/// The answers known so far in one request.
#[derive(Clone, Default)]
pub struct Answers(Vec<Answer>);

impl Answers {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The answers for one part of the request: what it asks for under one name is not what another part asks for.
    pub(super) fn of_part(&self, part: usize) -> Self {
        let own = |answer: &Answer| {
            let key = answer.key.strip_prefix(&format!("{part} "))?.to_owned();
            Some(Answer { key, value: answer.value.clone() })
        };
        Self(self.0.iter().filter_map(own).collect())
    }

    /// Remembers an answer.
    pub fn put(&mut self, answer: Answer) {
        self.0.push(answer);
    }

    /// The answer named `key`, or the error that has `job` done first.
    pub fn get(&self, key: String, job: impl FnOnce() -> String + Send + 'static) -> Result<&str> {
        match self.0.iter().find(|answer| answer.key == key) {
            Some(answer) => Ok(&answer.value),
            None => Err(Error::Deferred(Job { key, run: Box::new(job) })),
        }
    }
}
