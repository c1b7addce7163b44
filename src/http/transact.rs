//! A write in its transaction, and the slow work that it waits for.

use super::api::Shared;
use crate::resource::{
    Error, Precondition, Result, Viewer,
    work::{Answer, Answers, Job},
    write::{self, Tx},
};
use actix_web::web;
use std::sync::Arc;

/// Runs `work` in a transaction, and again with the answer each time it asks for slow work.
pub(super) async fn transact<T: Send + 'static>(
    shared: &web::Data<Shared>,
    viewer: Viewer,
    work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
) -> Result<T> {
    let work = Arc::new(work);
    let mut answers = Arc::new(Answers::default());
    loop {
        let (app, work) = (shared.clone().into_inner(), Arc::clone(&work));
        let known_answers = Arc::clone(&answers);
        let done = shared.database.write(move |conn| {
            work(&mut Tx {
                conn,
                registry: &app.api.registry,
                viewer,
                settings: &*app.api.settings,
                answers: &known_answers,
                precondition: Precondition::default(),
            })
        });
        match write::deferred(done.await)? {
            Ok(done) => return Ok(done),
            Err(job) => {
                let answer = slow(job, shared).await?;
                // The thread that wrote may hold them for a moment yet, so this can be a copy.
                Arc::make_mut(&mut answers).put(answer);
            }
        }
    }
}

/// Slow work, off the request threads and not too much of it at once.
async fn slow(job: Job, shared: &Shared) -> Result<Answer> {
    let gone = |_| Error::Internal("slow work was not finished".to_owned());
    let _permit = shared.slow.acquire().await.map_err(|_| Error::Internal("the server is stopping".to_owned()))?;
    tokio::task::spawn_blocking(move || job.run()).await.map_err(gone)
}
