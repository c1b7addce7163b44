//! Writes: a request document is checked against the description, then the resource's own function runs.
//!
//! Order: visible (404), then type, id and replacement of to-many linkage (each decides alone), then the version
//! (412), then the right to do it at all (403), then all problems of fields and linkage together, then the state (409).
//! Spec: <https://jsonapi.org/format/1.1/#crud>

mod sent;

use self::sent::{
    check_type, client_id, created_attributes, created_linkage, mismatch, typed, updated_attributes, updated_linkage,
};
use super::{
    Place, Resource,
    error::{Error, Result},
    registry::{Entry, Registry, Rows},
    relate::{self, Seen},
    tag::Precondition,
    viewer::Viewer,
    work::{Answers, Job},
};
use crate::{
    db::{Conn, Id},
    jsonapi::{
        document::ResourceObject,
        error::{Code, ErrorObject, Errors},
    },
};
use std::{any::Any, borrow::Cow, collections::BTreeMap, marker::PhantomData};

/// A write in its transaction.
pub struct Tx<'a> {
    /// The connection, inside a transaction.
    pub conn: &'a mut Conn,
    /// All types.
    pub registry: &'a Registry,
    /// Who writes, and when.
    pub viewer: Viewer,
    /// What the server's settings say to the resources.
    pub settings: &'a (dyn Any + Send + Sync),
    /// Results of slow work.
    pub answers: &'a Answers,
    /// What must hold of what the next write changes.
    pub precondition: Precondition,
}

impl Tx<'_> {
    /// The settings of the resources.
    ///
    /// # Errors
    /// [`Error::Internal`] when the server was put together with other ones.
    pub fn settings<S: 'static>(&self) -> Result<&S> {
        self.settings.downcast_ref().ok_or_else(|| Error::Internal("the settings are of another type".to_owned()))
    }

    /// The result of slow work; see [`super::work`].
    ///
    /// # Errors
    /// [`Error::Deferred`] until it's done.
    pub fn slow(&self, key: impl Into<String>, job: impl FnOnce() -> String + Send + 'static) -> Result<String> {
        self.answers.get(key.into(), job).map(str::to_owned)
    }
}

/// How `POST` on a collection is carried out.
pub struct Create<R: Resource> {
    /// Whether nobody in particular may do it: an `Authorization` header is then ignored.
    pub anonymous: bool,
    /// Whether there is a natural key: what is there already is found, and answered with 200.
    pub finds: bool,
    /// Whether the viewer may do it at all.
    pub allow: fn(&mut Tx<'_>) -> Result<()>,
    /// What is wrong with the attributes as a whole, each of which is fine by itself.
    pub check: fn(&ResourceObject, &R::Attributes) -> Vec<ErrorObject>,
    /// Does it.
    pub apply: Apply<R>,
}

/// What carries out creates.
#[derive(Clone, Copy)]
pub enum Apply<R: Resource> {
    /// Carries out one.
    One(fn(&mut Tx<'_>, Input<R>) -> Result<Created>),
    /// Carries out any number at once, as if it were one after the other.
    Many(ApplyMany<R>),
}

/// Carries out any number of creates of one type.
pub type ApplyMany<R> = fn(&mut Tx<'_>, Vec<Input<R>>) -> Result<Vec<Created>, Failed>;

/// A failure, and the place of the create that fails among those that are carried out at once.
pub type Failed = (usize, Error);

impl<R: Resource> Apply<R> {
    fn all(self, tx: &mut Tx<'_>, inputs: Vec<Input<R>>) -> Result<Vec<Created>, Failed> {
        match self {
            _ if inputs.is_empty() => Ok(Vec::new()),
            Apply::Many(apply) => apply(tx, inputs),
            Apply::One(apply) => {
                let inputs = inputs.into_iter().enumerate();
                inputs.map(|(place, input)| apply(tx, input).map_err(|error| (place, error))).collect()
            }
        }
    }
}

impl<R: Resource> Create<R> {
    /// A create that any signed-in user may try.
    pub const fn new(apply: fn(&mut Tx<'_>, Input<R>) -> Result<Created>) -> Self {
        Self::by(Apply::One(apply))
    }

    /// The same, of any number at once. No one of them may change what others are allowed to refer to.
    pub const fn many(apply: ApplyMany<R>) -> Self {
        Self::by(Apply::Many(apply))
    }

    const fn by(apply: Apply<R>) -> Self {
        Self { anonymous: false, finds: false, allow: |_| Ok(()), check: |_, _| Vec::new(), apply }
    }

    /// A create by nobody in particular.
    pub const fn anonymous(
        allow: fn(&mut Tx<'_>) -> Result<()>,
        apply: fn(&mut Tx<'_>, Input<R>) -> Result<Created>,
    ) -> Self {
        Self { anonymous: true, allow, ..Self::new(apply) }
    }

    /// There is a natural key: see [`Created::natural`].
    #[must_use]
    pub const fn finds(mut self) -> Self {
        self.finds = true;
        self
    }

    /// Attributes are checked as a whole, too.
    #[must_use]
    pub const fn checked(mut self, check: fn(&ResourceObject, &R::Attributes) -> Vec<ErrorObject>) -> Self {
        self.check = check;
        self
    }
}

/// How `PATCH` is carried out.
pub struct Update<R: Resource> {
    /// Takes the locks that the write needs on PostgreSQL, before anything is read. Every write that moves the row's
    /// version takes them, since it is compared while they are held.
    pub lock: fn(&mut Tx<'_>, Id) -> Result<()>,
    /// Whether the viewer may change this row at all.
    pub allow: fn(&mut Tx<'_>, &R) -> Result<()>,
    /// Does it.
    pub apply: fn(&mut Tx<'_>, &R, Input<R>) -> Result<()>,
}

/// How `DELETE` is carried out.
pub struct Delete<R: Resource> {
    /// Takes the locks that the write needs on PostgreSQL, before anything is read.
    pub lock: fn(&mut Tx<'_>, Id) -> Result<()>,
    /// Does it, after checking the right to.
    pub apply: fn(&mut Tx<'_>, &R) -> Result<()>,
}

/// The attributes of a type that takes none.
#[derive(Debug, serde::Deserialize, validator::Validate)]
pub struct NoAttributes {}

/// What a create or an update was sent, checked.
pub struct Input<R: Resource> {
    /// The id, made by the client or by us.
    pub id: Id,
    /// Whether the client made it.
    pub id_is_client_made: bool,
    /// The attributes that may be set.
    pub attributes: R::Attributes,
    /// To-one linkage that may be set.
    pub to_one: BTreeMap<&'static str, Option<Id>>,
    /// To-many linkage that may be set.
    pub to_many: BTreeMap<&'static str, Vec<Id>>,
}

impl<R: Resource> Input<R> {
    /// The id, if the client made it.
    pub fn client_id(&self) -> Option<Id> {
        self.id_is_client_made.then_some(self.id)
    }

    /// The linkage of a required to-one relationship.
    ///
    /// # Errors
    /// [`Error::Internal`] if the description doesn't require it.
    pub fn linked(&self, name: &str) -> Result<Id> {
        let linked = self.to_one.get(name).copied().flatten();
        linked.ok_or_else(|| Error::Internal(format!("{name} is not a required relationship")))
    }
}

/// What a create did.
pub struct Created {
    /// The resource to answer with.
    pub id: Id,
    /// Whether it is new: 201, else 200.
    pub fresh: bool,
    /// Who the answer is made for, if it isn't the viewer.
    pub viewer: Option<Viewer>,
    /// Members of the document's `meta`, as JSON text without the braces.
    pub meta: Option<String>,
    /// The value of an `Authorization` header to answer with.
    pub authorization: Option<String>,
}

impl Created {
    /// A new resource.
    pub fn fresh(id: Id) -> Self {
        Self { id, fresh: true, viewer: None, meta: None, authorization: None }
    }

    /// A resource with a natural key: new, or there before. `meta.created` tells which.
    pub fn natural(id: Id, fresh: bool) -> Self {
        let meta = Some(format!("\"created\":{fresh}"));
        Self { id, fresh, viewer: None, meta, authorization: None }
    }
}

/// The typed part of an entry that writes.
pub trait Writes: Send + Sync {
    /// Carries out a create.
    ///
    /// # Errors
    /// Whatever is wrong with the document, the viewer's rights or the state.
    fn create(&self, tx: &mut Tx<'_>, entry: &Entry, sent: &ResourceObject) -> Result<Created>;
    /// Carries out many creates at once.
    ///
    /// # Errors
    /// As [`Writes::create`], with the place of the one that fails.
    fn create_all(
        &self,
        tx: &mut Tx<'_>,
        entry: &Entry,
        sent: &[Cow<'_, ResourceObject>],
    ) -> Result<Vec<Created>, Failed>;
    /// Carries out an update.
    ///
    /// # Errors
    /// Whatever is wrong with the document, the viewer's rights or the state.
    fn update(&self, tx: &mut Tx<'_>, entry: &Entry, id: Id, sent: &ResourceObject) -> Result<()>;
    /// Carries out a delete.
    ///
    /// # Errors
    /// Whatever is wrong with the viewer's rights or the state.
    fn delete(&self, tx: &mut Tx<'_>, entry: &Entry, id: Id) -> Result<()>;
    /// Carries out a write to a relationship's URL; `true` if the linkage ended up as sent.
    ///
    /// # Errors
    /// Whatever is wrong with the linkage, the viewer's rights or the state.
    fn relate(&self, tx: &mut Tx<'_>, entry: &Entry, id: Id, change: relate::Change<'_>) -> Result<bool>;
}

/// [`Writes`] of `R`.
pub(super) struct Of<R>(PhantomData<fn() -> R>);

impl<R> Default for Of<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<R: Resource> Writes for Of<R> {
    fn create(&self, tx: &mut Tx<'_>, entry: &Entry, sent: &ResourceObject) -> Result<Created> {
        let create = R::CREATE.ok_or_else(|| Error::Internal(format!("{} can't be created", R::TYPE)))?;
        let input = created(tx, &Seen::default(), (entry, &create), sent)?;
        let made = create.apply.all(tx, vec![input]).map_err(|(_, error)| error)?;
        made.into_iter().next().ok_or_else(|| Error::Internal(format!("no {} was created", R::TYPE)))
    }

    fn create_all(
        &self,
        tx: &mut Tx<'_>,
        entry: &Entry,
        sent: &[Cow<'_, ResourceObject>],
    ) -> Result<Vec<Created>, Failed> {
        let create = R::CREATE.ok_or_else(|| (0, Error::Internal(format!("{} can't be created", R::TYPE))))?;
        let seen = Seen::of(tx, entry, sent).map_err(|error| (0, error))?;
        let mut inputs = Vec::with_capacity(sent.len());
        for (place, sent) in sent.iter().enumerate() {
            match created(tx, &seen, (entry, &create), sent) {
                Ok(input) => inputs.push(input),
                // One before it may fail when it is carried out, and is then the first.
                Err(error) => return create.apply.all(tx, inputs).and(Err((place, error))),
            }
        }
        create.apply.all(tx, inputs)
    }

    fn update(&self, tx: &mut Tx<'_>, entry: &Entry, id: Id, sent: &ResourceObject) -> Result<()> {
        let update = R::UPDATE.ok_or_else(|| Error::Internal(format!("{} can't be updated", R::TYPE)))?;
        (update.lock)(tx, id)?;
        let row = &visible_row::<R>(tx, entry, id)?;
        check_type(entry, sent)?;
        if sent.id.as_deref().and_then(|sent| sent.parse().ok()) != Some(id) {
            return Err(mismatch(Code::IdMismatch, "/data/id", "The id is not the one in the URL.").into());
        }
        relate::refuse_replacement(tx, entry, id, sent)?;
        tx.precondition.check(row.version(&tx.viewer), R::MODIFIED.and_then(|modified| modified(row)))?;
        (update.allow)(tx, row)?;
        let mut problems = Vec::new();
        let attributes = updated_attributes::<R>(entry, row, &tx.viewer, sent, &mut problems);
        let to_one = updated_linkage::<R>(tx, entry, row, sent, &mut problems)?;
        let attributes = typed::<R>(attributes, &mut problems);
        Errors::collect(problems)?;
        let attributes = attributes.ok_or_else(|| Error::Internal("attributes were lost".to_owned()))?;
        let input = Input { id, id_is_client_made: true, attributes, to_one, to_many: BTreeMap::new() };
        (update.apply)(tx, row, input)
    }

    fn delete(&self, tx: &mut Tx<'_>, entry: &Entry, id: Id) -> Result<()> {
        let delete = R::DELETE.ok_or_else(|| Error::Internal(format!("{} can't be deleted", R::TYPE)))?;
        (delete.lock)(tx, id)?;
        let row = visible_row::<R>(tx, entry, id)?;
        tx.precondition.check(row.version(&tx.viewer), R::MODIFIED.and_then(|modified| modified(&row)))?;
        (delete.apply)(tx, &row)
    }

    fn relate(&self, tx: &mut Tx<'_>, entry: &Entry, id: Id, change: relate::Change<'_>) -> Result<bool> {
        if let Some(update) = R::UPDATE {
            (update.lock)(tx, id)?;
        }
        let row = visible_row::<R>(tx, entry, id)?;
        // Nobody knows when linkage changed.
        tx.precondition.check(row.version(&tx.viewer), None)?;
        relate::carry_out::<R>(tx, &row, change)
    }
}

/// What a create was sent, checked.
fn created<R: Resource>(
    tx: &mut Tx<'_>,
    seen: &Seen,
    (entry, create): (&Entry, &Create<R>),
    sent: &ResourceObject,
) -> Result<Input<R>> {
    check_type(entry, sent)?;
    let id = client_id(entry, sent)?;
    tx.precondition.check_collection()?;
    (create.allow)(tx)?;
    let mut problems = Vec::new();
    if let Some(Err(problem)) = &id {
        problems.push(problem.clone());
    }
    let attributes = created_attributes(entry, sent, &mut problems);
    let (to_one, to_many) = created_linkage(tx, seen, entry, sent, &mut problems)?;
    let attributes = typed::<R>(attributes, &mut problems);
    problems.extend(attributes.iter().flat_map(|attributes| (create.check)(sent, attributes)));
    Errors::collect(problems)?;
    let id = id.and_then(Result::ok);
    let attributes = attributes.ok_or_else(|| Error::Internal("attributes were lost".to_owned()))?;
    let id_is_client_made = id.is_some();
    let id = id.unwrap_or_else(Id::new);
    Ok(Input { id, id_is_client_made, attributes, to_one, to_many })
}

fn visible_row<R: Resource>(tx: &mut Tx<'_>, entry: &Entry, id: Id) -> Result<R> {
    let rows = R::load(tx.conn, &entry.select_ids(&tx.viewer, Place::One, [id]))?;
    rows.into_iter().next().ok_or_else(|| Error::not_found(R::TYPE))
}

/// Slow work that a write waits for, if that's why it failed.
pub fn deferred<T>(result: Result<T>) -> Result<Result<T, Job>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Error::Deferred(job)) => Ok(Err(job)),
        Err(error) => Err(error),
    }
}

/// Rows that the viewer sees, erased; for answers of writes.
pub fn rows(tx: &mut Tx<'_>, entry: &Entry, id: Id) -> Result<Box<dyn Rows>> {
    entry.rows.load(tx.conn, &entry.select_ids(&tx.viewer, Place::One, [id]))
}
