//! Threads for work that blocks, as many as there are connections, with one queue.
//!
//! A thread that is done takes the next job without falling asleep, and nobody is woken only to pass a job on: under
//! load that is most of what a runtime's own pool with a semaphore before it would cost. Whoever has waited too long
//! in the queue takes the job back; one that has begun is waited for.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::error::{DbError, caught};

type Job = Box<dyn FnOnce() + Send>;

/// The threads; they end when this is dropped and the queue is empty.
pub(super) struct Threads {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Threads that sleep until there is a job.
    idle: usize,
    closed: bool,
}

impl Threads {
    /// Starts so many.
    pub(super) fn start(count: u32) -> Result<Self, DbError> {
        let threads = Self { queue: Arc::default() };
        for number in 1..=count {
            let queue = Arc::clone(&threads.queue);
            let work = move || {
                while let Some(job) = queue.next() {
                    job();
                }
            };
            let started = thread::Builder::new().name(format!("database-{number}")).spawn(work);
            started.map_err(|error| DbError::Unavailable(format!("no thread for the database: {error}")))?;
        }
        Ok(threads)
    }

    /// Runs `work` on one of them, unless none is free in time.
    pub(super) async fn run<T, E>(
        &self,
        patience: Duration,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (sender, mut outcome) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&taken);
        let job = move || {
            // Nobody waits any more: the client went away, or lost patience.
            if sender.is_closed() || theirs.swap(true, Ordering::AcqRel) {
                return;
            }
            drop(sender.send(caught(work)));
        };
        self.queue.add(Box::new(job));
        let done = match tokio::time::timeout(patience, &mut outcome).await {
            Ok(done) => done,
            Err(_) if taken.swap(true, Ordering::AcqRel) => outcome.await,
            Err(_) => return Err(too_late().into()),
        };
        match done {
            Ok(outcome) => outcome,
            Err(_) => Err(stopped().into()),
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue.state().closed = true;
        self.queue.filled.notify_all();
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, job: Job) {
        let mut state = self.state();
        state.jobs.push_back(job);
        let somebody_sleeps = state.idle > 0;
        drop(state);
        if somebody_sleeps {
            self.filled.notify_one();
        }
    }

    /// The oldest job, as soon as there is one; none when there will be no more.
    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}

/// What somebody hears for whom no connection became free in time.
pub(super) fn too_late() -> DbError {
    DbError::Unavailable("no connection became free in time".to_owned())
}

fn stopped() -> DbError {
    DbError::Unavailable("the program is stopping".to_owned())
}
