//! Linkage in requests: in create and update documents, and on relationship URLs.
//!
//! Spec: <https://jsonapi.org/format/1.1/#crud-updating-relationships> (REL-01 to REL-22)

use super::{
    CHUNK, Place, Resource,
    error::{Error, Result},
    registry::{Entry, Relationship, ToManyInfo},
    select::EdgeOf,
    write::Tx,
};
use crate::{
    db::Id,
    jsonapi::{
        document::{Identifier, Linkage, ResourceObject},
        error::{Code, ErrorObject, Errors, token},
        suggest,
    },
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What a relationship URL was asked to do.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// Which relationship.
    pub relationship: Relationship,
    /// What to do.
    pub verb: Verb,
    /// The linkage that was sent.
    pub linkage: &'a Linkage,
}

/// A write to a relationship URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `PATCH`.
    Replace,
    /// `POST`.
    Add,
    /// `DELETE`.
    Remove,
}

/// Whether a relationship URL takes this verb at all; the spec wants 403 where it doesn't.
pub fn is_allowed(entry: &Entry, relationship: Relationship, verb: Verb) -> bool {
    match (relationship, verb) {
        (Relationship::One(at), Verb::Replace) => entry.to_one[at].writable,
        (Relationship::Many(at), Verb::Add | Verb::Remove) => entry.to_many[at].writable,
        _ => false,
    }
}

/// A document sent to the related URL of `many`, with the relationship back to the owner, which the URL implies.
///
/// # Errors
/// 404 if the viewer doesn't see the owner; 409 if the document names another one.
pub fn implied(
    tx: &mut Tx<'_>,
    (owner, id): (&Entry, Id),
    many: &ToManyInfo,
    sent: &ResourceObject,
) -> Result<ResourceObject> {
    if owner.select_ids(&tx.viewer, Place::One, [id]).ids(tx.conn, owner.id)?.is_empty() {
        return Err(Error::not_found(owner.kind));
    }
    linked_back((owner, id), many, sent)
}

/// The same of an owner that the viewer sees.
pub(super) fn linked_back(
    (owner, id): (&Entry, Id),
    many: &ToManyInfo,
    sent: &ResourceObject,
) -> Result<ResourceObject> {
    let back = many.creates.ok_or_else(|| Error::Internal(format!("{} makes no members", many.name)))?;
    let mut sent = sent.clone();
    match sent.relationships.get(back) {
        None | Some(Linkage::One(None)) => {
            let implied = Identifier { kind: owner.kind.to_owned(), id: Some(id.to_string()), lid: None };
            sent.relationships.insert(back.to_owned(), Linkage::One(Some(implied)));
            Ok(sent)
        }
        Some(linkage) if is_same(owner.kind, Some(id), linkage) => Ok(sent),
        Some(_) => {
            let detail = format!("`{back}` is not the one in the URL.");
            Err(ErrorObject::relationship(Code::IdMismatch, back, detail).into())
        }
    }
}

/// Carries out a change that is allowed; `true` if the linkage ended up as sent.
///
/// # Errors
/// Whatever is wrong with the linkage, the viewer's rights or the state.
pub(super) fn carry_out<R: Resource>(tx: &mut Tx<'_>, row: &R, change: Change<'_>) -> Result<bool> {
    let mut problems = Vec::new();
    match change.relationship {
        Relationship::One(at) => {
            let one = &R::TO_ONE[at];
            let replace = one.replace.ok_or_else(|| Error::forbidden("This relationship is read-only."))?;
            if !one.is_shown(row, &tx.viewer) {
                return Err(Error::forbidden("This relationship is somebody else's own."));
            }
            let sent = resolve_one(tx, &Seen::default(), (one.name, one.target), ("", change.linkage), &mut problems)?;
            Errors::collect(problems)?;
            Ok(replace(tx, row, sent)? == sent)
        }
        Relationship::Many(at) => {
            let many = &R::TO_MANY[at];
            let (relate, must_exist) = match change.verb {
                Verb::Add => (many.add, true),
                _ => (many.remove, false),
            };
            let relate = relate.ok_or_else(|| Error::forbidden("This relationship is read-only."))?;
            (many.allow)(tx, row, change.verb)?;
            let (seen, linkage) = (Seen::default(), ("", change.linkage));
            let ids = resolve_many(tx, &seen, many.target, linkage, must_exist, &mut problems)?;
            Errors::collect(problems)?;
            relate(tx, row, &ids)?;
            Ok(true)
        }
    }
}

/// Related resources that the viewer is known to see, by type.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<&'static str, BTreeSet<Id>>);

impl Seen {
    /// Those that several documents of one type link to, found in one statement per related type.
    pub(super) fn of(tx: &mut Tx<'_>, entry: &Entry, sent: &[Cow<'_, ResourceObject>]) -> Result<Self> {
        let mut linked: BTreeMap<&'static str, BTreeSet<Id>> = BTreeMap::new();
        for (name, linkage) in sent.iter().flat_map(|sent| &sent.relationships) {
            let Some(relationship) = entry.relationship(name) else { continue };
            let target = entry.relationship_target(relationship);
            linked
                .entry(target)
                .or_default()
                .extend(identifiers(linkage).filter_map(|one| one.id.as_deref()?.parse::<Id>().ok()));
        }
        let mut seen = Self::default();
        for (target, ids) in linked {
            let entry = Arc::clone(tx.registry.target(target)?);
            let ids: Vec<Id> = ids.into_iter().collect();
            seen.0.insert(target, visible(tx, &entry, &ids)?);
        }
        Ok(seen)
    }

    fn has(&self, target: &str, id: Id) -> bool {
        self.0.get(target).is_some_and(|ids| ids.contains(&id))
    }
}

fn identifiers(linkage: &Linkage) -> std::slice::Iter<'_, Identifier> {
    match linkage {
        Linkage::One(one) => one.as_slice().iter(),
        Linkage::Many(many) => many.iter(),
    }
}

/// Those of the ids that the viewer sees.
pub(super) fn visible(tx: &mut Tx<'_>, entry: &Entry, ids: &[Id]) -> Result<BTreeSet<Id>> {
    let mut seen = BTreeSet::new();
    for ids in ids.chunks(CHUNK) {
        let select = entry.select_ids(&tx.viewer, Place::One, ids.iter().copied());
        seen.extend(select.ids(tx.conn, entry.id)?);
    }
    Ok(seen)
}

/// The to-one linkage of a resource document.
pub(super) fn to_one(
    tx: &mut Tx<'_>,
    seen: &Seen,
    name: &'static str,
    target: &str,
    linkage: &Linkage,
    problems: &mut Vec<ErrorObject>,
) -> Result<Option<Id>> {
    let at = format!("/data/relationships/{}", token(name));
    resolve_one(tx, seen, (name, target), (&at, linkage), problems)
}

/// The to-many linkage of a resource document.
pub(super) fn to_many(
    tx: &mut Tx<'_>,
    seen: &Seen,
    name: &'static str,
    target: &str,
    linkage: &Linkage,
    problems: &mut Vec<ErrorObject>,
) -> Result<Vec<Id>> {
    let at = format!("/data/relationships/{}", token(name));
    resolve_many(tx, seen, target, (&at, linkage), true, problems)
}

fn resolve_one(
    tx: &mut Tx<'_>,
    seen: &Seen,
    (name, target): (&str, &str),
    (at, linkage): (&str, &Linkage),
    problems: &mut Vec<ErrorObject>,
) -> Result<Option<Id>> {
    let pointer = format!("{at}/data");
    match linkage {
        Linkage::One(None) => Ok(None),
        Linkage::One(Some(identifier)) => {
            let Some(id) = identified(identifier, target, &pointer, problems) else { return Ok(None) };
            refuse_unseen(tx, seen, target, &[(id, pointer)], problems)?;
            Ok(Some(id))
        }
        Linkage::Many(_) => {
            let detail = format!("`{name}` holds one resource or none: its linkage is no array.");
            problems.push(ErrorObject::new(Code::DocumentInvalid, detail).pointer(pointer));
            Ok(None)
        }
    }
}

fn resolve_many(
    tx: &mut Tx<'_>,
    seen: &Seen,
    target: &str,
    (at, linkage): (&str, &Linkage),
    must_exist: bool,
    problems: &mut Vec<ErrorObject>,
) -> Result<Vec<Id>> {
    let Linkage::Many(identifiers) = linkage else {
        let detail = "The linkage of a to-many relationship is an array.";
        problems.push(ErrorObject::new(Code::DocumentInvalid, detail).pointer(format!("{at}/data")));
        return Ok(Vec::new());
    };
    let mut found = Vec::with_capacity(identifiers.len());
    for (place, identifier) in identifiers.iter().enumerate() {
        let pointer = format!("{at}/data/{place}");
        if let Some(id) = identified(identifier, target, &pointer, problems) {
            found.push((id, pointer));
        }
    }
    if must_exist {
        refuse_unseen(tx, seen, target, &found, problems)?;
    }
    let mut seen = BTreeSet::new();
    Ok(found.into_iter().map(|(id, _)| id).filter(|id| seen.insert(*id)).collect())
}

/// The id of an identifier of the right type. An id that is no UUID names nothing, so it is 404 like any other.
fn identified(identifier: &Identifier, target: &str, pointer: &str, problems: &mut Vec<ErrorObject>) -> Option<Id> {
    if identifier.kind != target {
        let detail = format!("This relationship holds `{target}`, not `{}`.", identifier.kind);
        problems.push(ErrorObject::new(Code::FieldInvalid, detail).pointer(format!("{pointer}/type")));
        return None;
    }
    let id = identifier.id.as_deref().and_then(|id| id.parse().ok());
    if id.is_none() {
        problems.push(unseen(target, pointer));
    }
    id
}

/// 404 for each related resource that the viewer can't see.
fn refuse_unseen(
    tx: &mut Tx<'_>,
    seen: &Seen,
    target: &str,
    found: &[(Id, String)],
    problems: &mut Vec<ErrorObject>,
) -> Result<()> {
    let unknown: Vec<Id> = found.iter().map(|(id, _)| *id).filter(|id| !seen.has(target, *id)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let entry = Arc::clone(tx.registry.target(target)?);
    let more = visible(tx, &entry, &unknown)?;
    let missing = found.iter().filter(|(id, _)| !seen.has(target, *id) && !more.contains(id));
    problems.extend(missing.map(|(_, pointer)| unseen(target, pointer)));
    Ok(())
}

fn unseen(target: &str, pointer: &str) -> ErrorObject {
    ErrorObject::new(Code::NotFound, format!("There is no such `{target}`, or you may not see it.")).pointer(pointer)
}

/// Relationships that the type doesn't have.
pub(super) fn refuse_unknown(entry: &Entry, sent: &ResourceObject, problems: &mut Vec<ErrorObject>) {
    for name in sent.relationships.keys().filter(|name| entry.relationship(name).is_none()).take(Errors::SHOWN) {
        let hint = suggest::choice(name, entry.relationship_names());
        let detail = format!("`{}` has no relationship `{name}`.{hint}", entry.kind);
        problems.push(ErrorObject::relationship(Code::FieldUnknown, name, detail));
    }
}

/// Whether the linkage sent is the present one.
pub(super) fn is_same(target: &str, present: Option<Id>, linkage: &Linkage) -> bool {
    match (present, linkage) {
        (None, Linkage::One(None)) => true,
        (Some(id), Linkage::One(Some(sent))) => {
            sent.kind == target && sent.id.as_deref().and_then(|sent| sent.parse().ok()) == Some(id)
        }
        _ => false,
    }
}

/// Full replacement of a to-many relationship is not for a `PATCH` of the resource: 403.
///
/// A part of the present linkage is what clients send back that fetched the resource before: it's ignored.
pub(super) fn refuse_replacement(tx: &mut Tx<'_>, entry: &Entry, id: Id, sent: &ResourceObject) -> Result<()> {
    for many in &entry.to_many {
        let Some(linkage) = sent.relationships.get(many.name) else { continue };
        let Linkage::Many(identifiers) = linkage else {
            let pointer = format!("/data/relationships/{}/data", token(many.name));
            let detail = "The linkage of a to-many relationship is an array.";
            return Err(ErrorObject::new(Code::DocumentInvalid, detail).pointer(pointer).into());
        };
        let ids: BTreeSet<Option<Id>> = identifiers
            .iter()
            .map(|sent| sent.id.as_deref().filter(|_| sent.kind == many.target).and_then(|id| id.parse().ok()))
            .collect();
        let asked: Vec<Id> = ids.iter().copied().flatten().collect();
        if asked.len() < ids.len() || !all_linked(tx, entry, id, many.name, &asked)? {
            let detail = format!("`{}` can't be replaced: add and remove members by its own URL.", many.name);
            return Err(ErrorObject::relationship(Code::Forbidden, many.name, detail).into());
        }
    }
    Ok(())
}

fn all_linked(tx: &mut Tx<'_>, entry: &Entry, id: Id, name: &str, asked: &[Id]) -> Result<bool> {
    let Some(many) = entry.to_many.iter().find(|many| many.name == name) else { return Ok(false) };
    let target = tx.registry.target(many.target)?;
    for ids in asked.chunks(CHUNK) {
        let mut select = target.select_ids(&tx.viewer, Place::Many, ids.iter().copied());
        select.edge = Some(EdgeOf { edge: many.edge, parents: vec![id], per_parent: None });
        if usize::try_from(select.count(tx.conn)?) != Ok(ids.len()) {
            return Ok(false);
        }
    }
    Ok(true)
}
