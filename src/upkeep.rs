//! What the server does by itself: thumbnails as pictures arrive, and from time to time the removal of leftovers.
//!
//! The database is the queue: a picture that a stopped server left is found by the next one. Every process may do all
//! of it at the same time, since each step can be repeated. Thumbnails and leftovers don't wait for each other.

use crate::{
    db::{Conn, Database, DbError, Id, Time},
    images,
    resource::{Error, Result as Outcome},
    resources::{
        attachment::upkeep::{self as rows, Picture, Seen},
        idempotency, session,
    },
    storage::{Storage, StorageError},
};
use futures_util::TryStreamExt as _;
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout},
};

/// Leftovers are looked for this often.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// A server that starts has better things to do first.
const FIRST: Duration = Duration::from_secs(5 * 60);
/// Rows of one statement.
const CHUNK: i64 = 500;
/// Ids of one statement.
const PART: usize = 500;
/// Bytes that could not be removed are left alone for so long, in milliseconds.
const AGAIN: i64 = 60 * 60 * 1000;
/// Bytes that the database doesn't know are left alone for so long, in milliseconds.
const UNKNOWN: i64 = 24 * 60 * 60 * 1000;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// The database said no.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The storage said no.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The storage is not the one that the database speaks of.
    #[error("the storage has none of the {0} files that the database knows: is it the right one?")]
    WrongStorage(usize),
    /// A rule of ours is broken.
    #[error("{0}")]
    Internal(String),
}

impl From<Error> for UpkeepError {
    fn from(error: Error) -> Self {
        match error {
            Error::Db(error) => error.into(),
            other => Self::Internal(format!("{other:?}")),
        }
    }
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Attachments whose bytes nobody sent.
    pub given_up: usize,
    /// Bytes that were nobody's.
    pub orphans: usize,
    /// Answers that had been kept for a day, in case their request is sent again.
    pub answers: usize,
    /// Sessions that had ended.
    pub sessions: usize,
}

/// What a comparison of the storage with the database found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Attachments whose bytes are gone; they are in error now.
    pub lost: usize,
    /// Old bytes that the database doesn't know.
    pub unknown: usize,
}

/// The work, and what it needs.
#[derive(Clone)]
pub struct Upkeep {
    database: Database,
    storage: Storage,
    wanted: Arc<Notify>,
    hands: Arc<Semaphore>,
}

impl Upkeep {
    /// Work on this database and storage.
    pub fn new(database: Database, storage: Storage) -> Self {
        Self { database, storage, wanted: Arc::default(), hands: Arc::new(Semaphore::new(1)) }
    }

    /// What to call when bytes have arrived.
    pub fn bell(&self) -> Arc<dyn Fn() + Send + Sync> {
        let wanted = Arc::clone(&self.wanted);
        Arc::new(move || wanted.notify_one())
    }

    /// Works for ever.
    pub async fn run(self) {
        tokio::join!(self.look_at_pictures(), self.sweep_now_and_then());
    }

    async fn look_at_pictures(&self) {
        let mut due = due();
        loop {
            tokio::select! {
                () = self.wanted.notified() => {}
                _ = due.tick() => {}
            }
            if let Err(error) = self.pictures().await {
                tracing::error!(%error, "thumbnails were not made");
            }
        }
    }

    async fn sweep_now_and_then(&self) {
        let mut due = due();
        loop {
            due.tick().await;
            match self.sweep(Time::now()).await {
                Ok(swept) if swept == Swept::default() => {}
                Ok(Swept { given_up, orphans, answers, sessions }) => {
                    tracing::info!(given_up, orphans, answers, sessions, "leftovers were removed");
                }
                Err(error) => tracing::error!(%error, "leftovers were not removed"),
            }
        }
    }

    /// Makes all thumbnails that are waited for.
    ///
    /// # Errors
    /// [`UpkeepError`] if the database or the storage fails: the picture waits for the next call then, a few times. One
    /// that can't be read is no error.
    pub async fn pictures(&self) -> Result<(), UpkeepError> {
        while let Some(picture) = self.database.write(rows::next_picture).await? {
            let seen = match self.picture(picture).await {
                Ok(seen) => seen,
                Err(error @ UpkeepError::Storage(StorageError::Failed(_))) => return Err(error),
                Err(error) => {
                    tracing::error!(%error, attachment = %picture.attachment, "a picture could not be looked at");
                    Seen::default()
                }
            };
            self.database.write(move |conn| rows::processed(conn, picture, seen)).await?;
        }
        Ok(())
    }

    async fn picture(&self, picture: Picture) -> Result<Seen, UpkeepError> {
        let Some(bytes) = self.storage.whole(picture.file(), images::MOST_BYTES).await? else {
            return Ok(Seen::default());
        };
        let hand = Arc::clone(&self.hands).acquire_owned().await;
        let hand = hand.map_err(|error| UpkeepError::Internal(error.to_string()))?;
        let work = tokio::task::spawn_blocking(move || {
            let seen = images::look(bytes);
            // Only now may the next one be looked at, whether or not anybody still waits for this one.
            drop(hand);
            seen
        });
        let seen = timeout(2 * images::MOST_TIME, work).await;
        let seen = seen.map_err(|_| UpkeepError::Internal("it takes too long".to_owned()))?;
        let seen = seen.map_err(|error| UpkeepError::Internal(error.to_string()))?;
        let mut known = Seen { pixels: seen.pixels, thumbnail_type: None };
        if let Some(thumbnail) = seen.thumbnail {
            self.storage.put(picture.thumbnail(), thumbnail.bytes).await?;
            known.thumbnail_type = Some(thumbnail.media_type);
        }
        Ok(known)
    }

    /// Removes what uploads have left, attachments that never got their bytes and bytes that are nobody's; the answers
    /// that were kept long enough, and sessions that have ended.
    ///
    /// # Errors
    /// [`UpkeepError`]; what could not be removed is tried again after all else.
    pub async fn sweep(&self, now: Time) -> Result<Swept, UpkeepError> {
        let before = Time(now.0 - rows::PATIENCE);
        let given_up = self.all(move |conn| rows::give_up(conn, before, CHUNK)).await?;
        let answers = self.all(move |conn| idempotency::sweep(conn, now, CHUNK)).await?;
        let sessions = self.all(move |conn| session::sweep(conn, now, CHUNK)).await?;
        let orphans = self.remove_orphans(now).await?;
        Ok(Swept { given_up, orphans, answers, sessions })
    }

    /// Repeats what removes a few rows until there are no more; how many. Each time is a transaction of its own, so that
    /// nobody waits for long.
    async fn all(
        &self,
        remove: impl Fn(&mut Conn) -> Outcome<usize> + Copy + Send + 'static,
    ) -> Result<usize, UpkeepError> {
        let mut removed = 0;
        loop {
            match self.database.write(remove).await? {
                0 => return Ok(removed),
                more => removed += more,
            }
        }
    }

    async fn remove_orphans(&self, now: Time) -> Result<usize, UpkeepError> {
        let mut removed = 0;
        loop {
            let orphans = self.database.read(move |conn| rows::orphans(conn, now, CHUNK)).await?;
            if orphans.is_empty() {
                return Ok(removed);
            }
            let mut gone = Vec::with_capacity(orphans.len());
            for orphan in orphans {
                if let Err(error) = self.remove(orphan).await {
                    self.forget(gone).await?;
                    let later = Time(now.0 + AGAIN);
                    self.database.write(move |conn| rows::postpone(conn, orphan, later)).await?;
                    return Err(error);
                }
                gone.push(orphan);
            }
            removed += gone.len();
            self.forget(gone).await?;
        }
    }

    async fn forget(&self, gone: Vec<Id>) -> Result<(), UpkeepError> {
        Ok(self.database.write(move |conn| rows::forget(conn, &gone)).await?)
    }

    async fn remove(&self, content: Id) -> Result<(), UpkeepError> {
        self.storage.remove(rows::file(content)).await?;
        Ok(self.storage.remove(rows::thumbnail(content)).await?)
    }

    /// Compares the whole storage with the database. Attachments whose bytes are gone are put into error; old bytes
    /// that the database doesn't know are counted, and removed where `remove_unknown` says so.
    ///
    /// # Errors
    /// [`UpkeepError`]; nothing is changed where the storage has none of the files that the database knows.
    pub async fn compare(&self, now: Time, remove_unknown: bool) -> Result<Compared, UpkeepError> {
        let mut stored = HashSet::new();
        let mut old = HashSet::new();
        for area in rows::AREAS {
            let mut listed = self.storage.list(area);
            while let Some((key, at)) = listed.try_next().await? {
                if *area == rows::AREAS[0] {
                    stored.insert(key.id);
                }
                if at < now.0 - UNKNOWN {
                    old.insert(key.id);
                }
            }
        }
        let lost = self.lost(&stored, now).await?;
        let unknown = self.unknown(old, remove_unknown).await?;
        Ok(Compared { lost, unknown })
    }

    async fn lost(&self, stored: &HashSet<Id>, now: Time) -> Result<usize, UpkeepError> {
        let (mut lost, mut known, mut after) = (Vec::new(), 0, None);
        loop {
            let kept = self.database.read(move |conn| rows::kept(conn, after, CHUNK)).await?;
            let Some(&last) = kept.last() else { break };
            known += kept.len();
            after = Some(last);
            for content in kept.into_iter().filter(|content| !stored.contains(content)) {
                // It may have come since the storage was listed.
                if matches!(self.storage.size(rows::file(content)).await, Err(StorageError::Missing)) {
                    lost.push(content);
                }
            }
        }
        if known > 0 && lost.len() == known {
            return Err(UpkeepError::WrongStorage(known));
        }
        for lost in lost.chunks(PART) {
            let lost = lost.to_vec();
            self.database.write(move |conn| rows::lose(conn, &lost, now)).await?;
        }
        Ok(lost.len())
    }

    async fn unknown(&self, old: HashSet<Id>, remove: bool) -> Result<usize, UpkeepError> {
        let mut unknown = 0;
        let old: Vec<Id> = old.into_iter().collect();
        for old in old.chunks(PART) {
            let names = old.to_vec();
            let known: HashSet<Id> =
                self.database.read(move |conn| rows::known(conn, names)).await?.into_iter().collect();
            for &content in old.iter().filter(|content| !known.contains(content)) {
                unknown += 1;
                if remove {
                    self.remove(content).await?;
                }
            }
        }
        Ok(unknown)
    }
}

/// The clock of one kind of work. Who is late makes nothing up for it.
fn due() -> Interval {
    let mut due = interval_at(Instant::now() + FIRST, EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    due
}
