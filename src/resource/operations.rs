//! Atomic operations: well-formed operations carried out one after the other in one transaction.
//!
//! Each operation is the create, update, delete or relationship write of a single request, with its checks in their
//! order. The first that fails takes everything back. Resources to answer with are read at the end, in one statement
//! per type, so that results show what all operations left; before anything is removed, those so far are read.
//!
//! ```text
//! {"jsonapi":{"version":"1.1","ext":[…]},"atomic:results":[{"data":{…},"meta":{…}},{},…]}
//! ```
//! Spec: <https://jsonapi.org/ext/atomic/#processing> (AO-12 to AO-22, AO-26 to AO-51)

mod together;

use super::{
    CHUNK, Place,
    document::{Meta, Writer},
    error::{Error, Result},
    include::Included,
    nearest,
    plan::fields::Fields,
    registry::{Entry, Registry, Relationship, Rows},
    relate::{self, Change, Verb},
    tag::{Precondition, Tags},
    write::{Created, Tx},
};
use crate::{
    db::Id,
    jsonapi::{
        atomic::{Data, Op, Operation, RESULTS, Target},
        document::{Identifier, Linkage, ResourceObject},
        error::{Code, ErrorObject, Errors},
        json,
        media_type::ATOMIC,
        suggest,
    },
};
use percent_encoding::percent_decode_str;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// So much slow work may one request ask for.
const MOST_SLOW: usize = 8;

/// Carries out all operations; the answer's document, or nothing when all results are empty.
///
/// # Errors
/// What the first operation that fails fails with, blamed on it.
pub fn carry_out(tx: &mut Tx<'_>, operations: &[Operation], base: &str, fields: &Fields) -> Result<Option<Vec<u8>>> {
    let mut run = Run { lids: HashMap::new(), results: Vec::with_capacity(operations.len()), sets: Vec::new() };
    let mut place = 0;
    while let Some(operation) = operations.get(place) {
        if operation.op == Op::Remove {
            run.read(tx, operations, fields)?;
        }
        let alike = together::count(tx.registry, &operations[place..]);
        let together = if alike > 1 { run.create_all(tx, &operations[place..place + alike])? } else { 0 };
        if together == 0 {
            let done = run.carry_out(tx, operation).map_err(|error| blamed(error, operation, tx.answers.len()))?;
            run.results.push(done);
        }
        place += together.max(1);
    }
    run.read(tx, operations, fields)?;
    Ok(run.document(tx, base, fields))
}

/// An error of the operation, whose pointers are those of the whole document. Slow work is the operation's own.
fn blamed(error: Error, operation: &Operation, slow: usize) -> Error {
    match error {
        Error::Api(problems) => {
            let mut blamed = problems.into_iter().map(|problem| operation.blame(problem));
            let Some(first) = blamed.next() else { return Error::Internal("an error without errors".to_owned()) };
            let mut problems = Errors::from(first);
            problems.extend(blamed);
            Error::Api(problems)
        }
        Error::Deferred(_) if slow >= MOST_SLOW => {
            let detail = "So many changes of passwords are too much for one request.";
            operation.blame(ErrorObject::new(Code::TooLarge, detail)).into()
        }
        Error::Deferred(job) => Error::Deferred(job.of_part(operation.place)),
        Error::Db(error) if error.is_dangling() => {
            let detail = "Something that this operation refers to is gone.";
            operation.blame(ErrorObject::new(Code::NotFound, detail)).into()
        }
        other => other,
    }
}

/// What an operation has come to.
enum Outcome {
    /// Nothing to tell.
    Nothing,
    /// A resource, and where its row is once it's read.
    Resource { entry: Arc<Entry>, id: Id, meta: Option<String>, row: Option<(usize, usize)> },
}

/// The operations so far.
struct Run {
    /// The ids that local ids stand for, by type and local id.
    lids: HashMap<(String, String), Id>,
    results: Vec<Outcome>,
    /// Rows to answer with.
    sets: Vec<Box<dyn Rows>>,
}

impl Run {
    fn carry_out(&mut self, tx: &mut Tx<'_>, operation: &Operation) -> Result<Outcome> {
        let answers = tx.answers.of_part(operation.place);
        let tx = &mut Tx {
            conn: &mut *tx.conn,
            registry: tx.registry,
            viewer: tx.viewer,
            settings: tx.settings,
            answers: &answers,
            precondition: Precondition {
                if_match: operation.if_match.as_deref().map(Tags::parse),
                ..Precondition::default()
            },
        };
        match (&operation.target, &operation.data) {
            (Target::Collection(kind), Data::Resource(sent)) => self.create(tx, find(tx.registry, kind)?, sent),
            (Target::Related(owner, name), Data::Resource(sent)) => self.create_in(tx, (owner, name), sent),
            (Target::Resource(target), Data::Resource(sent)) => self.update(tx, target, sent),
            (Target::Resource(target), _) => self.delete(tx, target),
            (Target::Relationship(owner, name), Data::Linkage(linkage)) => {
                self.relate(tx, (owner, name), operation.op, linkage)
            }
            _ => Err(Error::Internal("an operation is not well-formed".to_owned())),
        }
    }

    fn create(&mut self, tx: &mut Tx<'_>, entry: Arc<Entry>, sent: &ResourceObject) -> Result<Outcome> {
        if !entry.can.create || entry.can.create_anonymously {
            return Err(Error::forbidden(format!("No operation can add a `{}`.", entry.kind)));
        }
        let created = entry.writes.create(tx, &entry, &self.resolved(sent))?;
        Ok(self.created(entry, sent, created))
    }

    fn created(&mut self, entry: Arc<Entry>, sent: &ResourceObject, created: Created) -> Outcome {
        if let Some(lid) = &sent.lid {
            self.lids.insert((entry.kind.to_owned(), lid.clone()), created.id);
        }
        Outcome::Resource { entry, id: created.id, meta: created.meta, row: None }
    }

    /// Makes a member of a to-many relationship, whose relationship back is implied.
    fn create_in(
        &mut self,
        tx: &mut Tx<'_>,
        (owner, name): (&Identifier, &str),
        sent: &ResourceObject,
    ) -> Result<Outcome> {
        let (entry, id) = self.found(tx.registry, owner)?;
        let many = entry.makes(name).ok_or_else(|| Error::forbidden("No operation can add anything at this URL."))?;
        let implied = relate::implied(tx, (&entry, id?), many, &self.resolved(sent))?;
        let target = Arc::clone(tx.registry.target(many.target)?);
        self.create(tx, target, &implied)
    }

    fn update(&mut self, tx: &mut Tx<'_>, target: &Identifier, sent: &ResourceObject) -> Result<Outcome> {
        let (entry, id) = self.found(tx.registry, target)?;
        if !entry.can.update {
            return Err(Error::forbidden(format!("No operation can update a `{}`.", entry.kind)));
        }
        let id = id?;
        entry.writes.update(tx, &entry, id, &self.named(sent))?;
        Ok(Outcome::Resource { entry, id, meta: None, row: None })
    }

    fn delete(&mut self, tx: &mut Tx<'_>, target: &Identifier) -> Result<Outcome> {
        let (entry, id) = self.found(tx.registry, target)?;
        if !entry.can.delete {
            return Err(Error::forbidden(format!("No operation can remove a `{}`.", entry.kind)));
        }
        entry.writes.delete(tx, &entry, id?)?;
        Ok(Outcome::Nothing)
    }

    /// Where the linkage ends up is no result: the extension wants none.
    fn relate(
        &mut self,
        tx: &mut Tx<'_>,
        (owner, name): (&Identifier, &str),
        op: Op,
        linkage: &Linkage,
    ) -> Result<Outcome> {
        let (entry, id) = self.found(tx.registry, owner)?;
        let relationship = entry.relationship(name).ok_or_else(|| no_relationship(&entry, name))?;
        let verb = match op {
            Op::Add => Verb::Add,
            Op::Update => Verb::Replace,
            Op::Remove => Verb::Remove,
        };
        if !relate::is_allowed(&entry, relationship, verb) {
            return Err(Error::forbidden(refusal(relationship, verb)));
        }
        let linkage = &self.linkage(linkage);
        entry.writes.relate(tx, &entry, id?, Change { relationship, verb, linkage })?;
        Ok(Outcome::Nothing)
    }

    /// The type and the id that an identifier stands for; an id that is no UUID names nothing.
    fn found(&self, registry: &Registry, target: &Identifier) -> Result<(Arc<Entry>, Result<Id>)> {
        let entry = find(registry, &target.kind)?;
        let id = self.identifier(target).id.as_deref().and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| Error::not_found(entry.kind));
        Ok((entry, id))
    }

    /// The resource object with ids for the local ids in its linkage.
    fn resolved<'a>(&self, sent: &'a ResourceObject) -> Cow<'a, ResourceObject> {
        if self.lids.is_empty() {
            return Cow::Borrowed(sent);
        }
        let mut sent = sent.clone();
        sent.relationships.values_mut().for_each(|linkage| *linkage = self.linkage(linkage));
        Cow::Owned(sent)
    }

    /// The same, with an id for a local id of its own.
    fn named<'a>(&self, sent: &'a ResourceObject) -> Cow<'a, ResourceObject> {
        let mut named = self.resolved(sent);
        if let (None, Some(lid)) = (&sent.id, &sent.lid) {
            let own = Identifier { kind: sent.kind.clone(), id: None, lid: Some(lid.clone()) };
            named.to_mut().id = self.identifier(&own).id;
        }
        named
    }

    fn linkage(&self, linkage: &Linkage) -> Linkage {
        match linkage {
            Linkage::One(one) => Linkage::One(one.as_ref().map(|one| self.identifier(one))),
            Linkage::Many(many) => Linkage::Many(many.iter().map(|one| self.identifier(one)).collect()),
        }
    }

    fn identifier(&self, sent: &Identifier) -> Identifier {
        let mut identifier = sent.clone();
        if let (None, Some(lid)) = (&sent.id, &sent.lid) {
            identifier.id = self.lids.get(&(sent.kind.clone(), lid.clone())).map(Id::to_string);
        }
        identifier
    }

    /// Reads the rows of the results that have none yet, in one statement per type.
    fn read(&mut self, tx: &mut Tx<'_>, operations: &[Operation], fields: &Fields) -> Result<()> {
        let mut wanted: BTreeMap<usize, (Arc<Entry>, BTreeSet<Id>)> = BTreeMap::new();
        for outcome in &self.results {
            if let Outcome::Resource { entry, id, row: None, .. } = outcome {
                wanted.entry(entry.number).or_insert_with(|| (Arc::clone(entry), BTreeSet::new())).1.insert(*id);
            }
        }
        let mut places = HashMap::new();
        for (number, (entry, ids)) in wanted {
            let ids: Vec<Id> = ids.into_iter().collect();
            for ids in ids.chunks(CHUNK) {
                let select = entry.select_ids(&tx.viewer, Place::One, ids.iter().copied());
                let select = entry.sparing(&tx.viewer, fields.spared(&entry, &[], &[]), select);
                let rows = entry.rows.load(tx.conn, &select)?;
                places.extend((0..rows.len()).map(|row| ((number, rows.id(row)), (self.sets.len(), row))));
                self.sets.push(rows);
            }
        }
        for (outcome, operation) in self.results.iter_mut().zip(operations) {
            if let Outcome::Resource { entry, id, row: row @ None, .. } = outcome {
                *row = places.get(&(entry.number, *id)).copied();
                if row.is_none() {
                    // As for a single request, whose answer shows what it wrote.
                    return Err(blamed(Error::not_found(entry.kind), operation, 0));
                }
            }
        }
        Ok(())
    }

    fn document(&self, tx: &Tx<'_>, base: &str, fields: &Fields) -> Option<Vec<u8>> {
        if self.results.iter().all(|outcome| matches!(outcome, Outcome::Nothing)) {
            return None;
        }
        let included = Included::default();
        let (viewer, cursor_key) = (&tx.viewer, tx.registry.cursor_key());
        let writer = Writer { base, viewer, fields, by_cursor: false, cursor_key, included: &included };
        let mut out = Vec::with_capacity(256 + 1024 * self.results.len());
        out.extend_from_slice(b"{\"jsonapi\":{\"version\":\"1.1\",\"ext\":[");
        json::string(&mut out, ATOMIC);
        out.extend_from_slice(b"]},");
        json::name(&mut out, RESULTS);
        out.push(b'[');
        for (place, outcome) in self.results.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.push(b'{');
            self.result(&mut out, &writer, outcome);
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
        Some(out)
    }

    /// The members of a result.
    fn result(&self, out: &mut Vec<u8>, writer: &Writer<'_>, outcome: &Outcome) {
        let Outcome::Resource { entry, meta, row: Some((set, row)), .. } = outcome else { return };
        let rows = &*self.sets[*set];
        let own = rows.meta(*row, writer.viewer);
        json::name(out, "data");
        writer.resource(out, entry, rows, *row, Meta { cursor: None, own: own.as_deref() });
        if let Some(meta) = meta {
            out.extend_from_slice(b",\"meta\":{");
            out.extend_from_slice(meta.as_bytes());
            out.push(b'}');
        }
    }
}

fn find(registry: &Registry, kind: &str) -> Result<Arc<Entry>> {
    registry.find(kind).cloned().ok_or_else(|| {
        let hint = suggest::choice(kind, registry.entries().iter().map(|entry| entry.kind));
        Error::api(Code::NotFound, format!("There is no type `{kind}`.{hint}"))
    })
}

fn no_relationship(entry: &Entry, name: &str) -> Error {
    let hint = suggest::choice(name, entry.relationship_names());
    Error::api(Code::NotFound, format!("`{}` has no relationship `{name}`.{hint}", entry.kind))
}

fn refusal(relationship: Relationship, verb: Verb) -> &'static str {
    match (relationship, verb) {
        (Relationship::Many(_), Verb::Replace) => "This relationship can't be replaced: add and remove members.",
        (Relationship::One(_), Verb::Add | Verb::Remove) => "A to-one relationship has no members: update it.",
        _ => "This relationship is read-only.",
    }
}

/// Where an `href` leads: a URL below `base`, or a reference that is relative to the URL of the operations.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn locate(registry: &Registry, base: &str, href: &str) -> Result<Target, String> {
    let foreign = || format!("`{href}` is no URL of a resource, a collection or a relationship below `{base}`.");
    let own = url::Url::parse(&format!("{base}/operations")).map_err(|_| foreign())?;
    let url = own.join(href).map_err(|_| foreign())?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("An `href` has neither a query nor a fragment.".to_owned());
    }
    let path = url.as_str().strip_prefix(&own.as_str()[..own.as_str().len() - "operations".len()]);
    let path = path.ok_or_else(foreign)?.trim_end_matches('/').to_owned();
    let misspelt = || {
        let meant = nearest::path(registry, &path, &[]).map(|meant| suggest::said(format_args!("{base}/{meant}")));
        foreign() + &meant.unwrap_or_default()
    };
    // What needs no encoding may be encoded all the same, as in the URLs of single requests.
    let decoded: Vec<Cow<'_, str>> =
        path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy()).collect();
    let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
    let entry = registry.entries().iter().find(|entry| segments.first() == Some(&entry.path)).ok_or_else(misspelt)?;
    let one = |id: &str| Identifier { kind: entry.kind.to_owned(), id: Some(id.to_owned()), lid: None };
    match segments[1..] {
        [] => Ok(Target::Collection(entry.kind.to_owned())),
        [id] => Ok(Target::Resource(one(id))),
        [id, "relationships", name] => Ok(Target::Relationship(one(id), name.to_owned())),
        [id, name] if entry.relationship(name).is_some() => Ok(Target::Related(one(id), name.to_owned())),
        _ => Err(misspelt()),
    }
}
