//! `PUT`: bytes on their way into the storage, counted, hashed and looked at in passing.
//!
//! ```text
//! headers ─► begin (transaction) ─► pieces into the storage ─► end (transaction) ─► 204
//! ```
//! Whatever fails on the way, the bytes are removed again; should the process end first, they are swept later.

use super::{Refused, storage};
use crate::{
    db::{Id, Time},
    http::{
        api::{Known, Shared},
        asked::Asked,
        body, client,
        handle::note_use,
    },
    jsonapi::{
        error::{Code, ErrorObject},
        media_type as negotiation,
    },
    resource::{
        Error, Precondition, Result as Outcome, Tx, Viewer,
        content::{Arrived, Content, HEAD, Receive},
        work::Answers,
    },
    storage::{Key, Storage, Upload},
};
use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_TYPE},
    web::{self, Bytes, Payload},
};
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use std::{sync::Arc, time::Duration};

/// An upload that takes longer is broken off, well before what it stored could be taken for a leftover.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// Of a refused upload, so many bytes are read and thrown away, and for so long.
const DRAINED: usize = 32 << 20;
const DRAINED_WITHIN: Duration = Duration::from_secs(10);

/// Judges what the headers tell of the body.
pub(super) fn judge_headers(asked: &mut Asked, request: &HttpRequest, shared: &Shared) {
    asked.content_type = media_type(request);
    let most = shared.config.max_upload_bytes;
    if body::announced(request).is_some_and(|length| length > most) {
        asked.body = Err(body::too_large(most));
    }
}

/// Any type but one: forms wrap the bytes in something else. What the bytes are has been declared before.
fn media_type(request: &HttpRequest) -> Result<(), ErrorObject> {
    let content_type = client::header(request, CONTENT_TYPE).unwrap_or_default();
    if content_type.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        let detail = "The body is the bytes themselves, not a form.";
        return Err(ErrorObject::new(Code::UnsupportedMediaType, detail).header("Content-Type"));
    }
    negotiation::content_coding(client::header(request, CONTENT_ENCODING).as_deref())
}

pub(super) async fn receive(
    asked: Asked,
    content: Content,
    request: &HttpRequest,
    payload: &mut Payload,
    shared: &web::Data<Shared>,
) -> Result<(), Refused> {
    let receive = content.receive.ok_or_else(|| Error::Internal("nothing is received here".to_owned()))?;
    let announced = body::announced(request).and_then(|length| u64::try_from(length).ok());
    let storage = storage(shared)?;
    let (asked, known) = admit(asked, shared).await?;
    note_use(known, shared);
    let upload = Uploading { asked: Arc::new(asked), viewer: known.viewer, receive, shared };
    let id = upload.begin(announced).await?;
    let key = Key { area: content.name, id };
    let arrived = arrive(storage.upload(key), id, payload, shared).await?;
    let ended = upload.end(arrived).await;
    discard_refused(storage, key, &ended).await;
    ended?;
    (shared.api.arrived)();
    Ok(())
}

/// Everything that can be refused without a transaction is.
async fn admit(asked: Asked, shared: &web::Data<Shared>) -> Result<(Asked, Known), Refused> {
    let app = shared.clone().into_inner();
    let admitted = shared.database.read(move |conn| -> Outcome<(Asked, Known)> {
        let known = asked.admit(&app, conn)?;
        asked.plan(&app.api.registry, &known.viewer)?;
        Ok((asked, known))
    });
    Ok(admitted.await?)
}

struct Uploading<'a> {
    asked: Arc<Asked>,
    viewer: Viewer,
    receive: Receive,
    shared: &'a web::Data<Shared>,
}

impl Uploading<'_> {
    async fn begin(&self, announced: Option<u64>) -> Result<Id, Refused> {
        let (asked, begin) = (Arc::clone(&self.asked), self.receive.begin);
        self.write(move |tx| begin(tx, &asked.entry, asked.id()?, announced)).await
    }

    async fn end(&self, arrived: Arrived) -> Result<(), Refused> {
        let (asked, end) = (Arc::clone(&self.asked), self.receive.end);
        self.write(move |tx| end(tx, &asked.entry, asked.id()?, &arrived)).await
    }

    /// A transaction whose verdict is kept, even where it is a refusal.
    async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Outcome<Result<T, crate::jsonapi::error::Errors>> + Send + 'static,
    ) -> Result<T, Refused> {
        let app = self.shared.clone().into_inner();
        let viewer = self.viewer.at(Time::now());
        let verdict = self.shared.database.write(move |conn| {
            let (registry, settings) = (&app.api.registry, &*app.api.settings);
            work(&mut Tx {
                conn,
                registry,
                viewer,
                settings,
                answers: &Answers::default(),
                precondition: Precondition::default(),
            })
        });
        Ok(verdict.await??)
    }
}

/// Takes the bytes from the client to the storage, piece by piece.
async fn arrive(mut upload: Upload, id: Id, payload: &mut Payload, shared: &Shared) -> Result<Arrived, Refused> {
    let most = shared.config.max_upload_bytes;
    let passing = pass(&mut upload, payload, most, shared.config.request_timeout);
    let passed = tokio::time::timeout(LONGEST, passing).await.unwrap_or_else(|_| Err(too_slow()));
    match passed {
        Ok(passed) => {
            upload.finish().await.map_err(Refused::Storage)?;
            Ok(passed.arrived(id))
        }
        Err(refused) => {
            upload.abort().await;
            Err(refused)
        }
    }
}

async fn pass(upload: &mut Upload, payload: &mut Payload, most: usize, patience: Duration) -> Result<Passed, Refused> {
    let mut passed = Passed::default();
    loop {
        let next = tokio::time::timeout(patience, payload.next()).await.map_err(|_| too_slow())?;
        let Some(chunk) = next else { return Ok(passed) };
        let chunk = chunk.map_err(|_| Refused::Broken("The body broke off."))?;
        if passed.size + chunk.len() > most {
            return Err(body::too_large(most).into());
        }
        passed.look_at(&chunk);
        upload.write(chunk).await.map_err(Refused::Storage)?;
    }
}

/// What is known of the bytes that have passed.
#[derive(Default)]
struct Passed {
    size: usize,
    hash: Sha256,
    head: Vec<u8>,
}

impl Passed {
    fn look_at(&mut self, chunk: &Bytes) {
        self.size += chunk.len();
        self.hash.update(chunk);
        let missing = HEAD.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..missing]);
    }

    fn arrived(self, id: Id) -> Arrived {
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Arrived { id, size: self.size as u64, sha256, head: self.head }
    }
}

fn too_slow() -> Refused {
    Refused::Broken("The body did not arrive in time.")
}

/// Removes bytes that the database doesn't name. Where it failed nobody knows whether it does, so they stay: should it not,
/// they are swept.
async fn discard_refused(storage: &Storage, key: Key, ended: &Result<(), Refused>) {
    if matches!(ended, Ok(()) | Err(Refused::Error(Error::Db(_)))) {
        return;
    }
    if let Err(error) = storage.remove(key).await {
        tracing::warn!(%error, "refused bytes are left to be swept");
    }
}

/// Reads what a client still sends, within limits.
pub(super) async fn drain(mut payload: Payload) {
    let rest = async {
        let mut drained = 0;
        while let Some(Ok(chunk)) = payload.next().await {
            drained += chunk.len();
            if drained > DRAINED {
                return;
            }
        }
    };
    // Whoever takes longer gets no answer.
    let _ = tokio::time::timeout(DRAINED_WITHIN, rest).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::DbError;
    use tempfile::TempDir;

    #[tokio::test]
    async fn bytes_stay_unless_it_is_certain_that_nothing_names_them() {
        let directory = TempDir::with_prefix("tertulia-test-").expect("a temporary directory");
        let storage = Storage::open(&format!("file:{}", directory.path().display())).expect("a storage");
        let lost = DbError::Unavailable("the connection was lost in the middle of the commit".to_owned());
        let refused: Error = ErrorObject::new(Code::ContentExists, "It is there already.").into();
        for (ended, stay) in [(Ok(()), true), (Err(lost.into()), true), (Err(refused.into()), false)] {
            let key = Key { area: "content", id: Id::new() };
            storage.put(key, b"bytes".to_vec()).await.expect("bytes");
            discard_refused(&storage, key, &ended).await;
            assert_eq!(storage.size(key).await.is_ok(), stay, "{:?}", ended.is_ok());
        }
    }
}
