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
