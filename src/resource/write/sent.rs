//! What a request document says of a resource, held against the description: each problem is told, none is the last.

use super::{
    super::{
        OnCreate, Resource,
        describe::{Field, Replace},
        error::Result,
        registry::Entry,
        relate::{self, Seen},
        value::Value,
        viewer::Viewer,
    },
    Tx,
};
use crate::{
    db::Id,
    jsonapi::{
        document::{Linkage, ResourceObject},
        error::{Code, ErrorObject, Errors},
        input, suggest,
    },
};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

pub(super) fn mismatch(code: Code, pointer: &str, detail: impl Into<String>) -> ErrorObject {
    ErrorObject::new(code, detail).pointer(pointer)
}

pub(super) fn check_type(entry: &Entry, sent: &ResourceObject) -> Result<()> {
    if sent.kind == entry.kind {
        return Ok(());
    }
    let detail = format!("This URL is for `{}`, not for `{}`.", entry.kind, sent.kind);
    Err(mismatch(Code::TypeMismatch, "/data/type", detail).into())
}

/// The id that the client made, if it may make one; a malformed one is a problem among others.
pub(super) fn client_id(entry: &Entry, sent: &ResourceObject) -> Result<Option<Result<Id, ErrorObject>>> {
    let Some(id) = &sent.id else { return Ok(None) };
    if !entry.can.client_ids {
        let detail = format!("The id of a `{}` is made by the server.", entry.kind);
        return Err(mismatch(Code::ClientIdForbidden, "/data/id", detail).into());
    }
    let id = id.parse::<Id>();
    Ok(Some(id.map_err(|_| mismatch(Code::FieldInvalid, "/data/id", "The id is no UUID."))))
}

/// The attributes that a create may set, by name and JSON type in order.
pub(super) fn created_attributes(
    entry: &Entry,
    sent: &ResourceObject,
    problems: &mut Vec<ErrorObject>,
) -> Map<String, Json> {
    let mut taken = Map::new();
    for (name, value) in &sent.attributes {
        let is_taken = |field: &Field| field.on_create != OnCreate::Never;
        let Some(at) = known_attribute(entry, name, is_taken, problems) else { continue };
        let field = &entry.attributes[at].field;
        if field.on_create == OnCreate::Never {
            if !is_nothing(value) {
                problems.push(ErrorObject::attribute(Code::FieldReadOnly, name, not_created(field)));
            }
            continue;
        }
        // null stands for an absent value, so that what must be there can't be null, even where a removal makes it so.
        match input::check(field.kind, field.on_create == OnCreate::May, value) {
            Ok(()) => drop(taken.insert(name.clone(), value.clone())),
            Err(detail) => problems.push(ErrorObject::attribute(Code::FieldInvalid, name, detail)),
        }
    }
    for attribute in entry.attributes.iter().filter(|attribute| attribute.field.on_create == OnCreate::Must) {
        let name = attribute.field.name;
        if !sent.attributes.contains_key(name) {
            problems.push(sent.missing_attribute(name, format!("`{name}` is required.")));
        }
    }
    taken
}

/// The attributes that an update sets: what the server moves is ignored, what stands may only be repeated.
pub(super) fn updated_attributes<R: Resource>(
    entry: &Entry,
    row: &R,
    viewer: &Viewer,
    sent: &ResourceObject,
    problems: &mut Vec<ErrorObject>,
) -> Map<String, Json> {
    let mut taken = Map::new();
    for (name, value) in &sent.attributes {
        let Some(at) = known_attribute(entry, name, |field| field.on_update, problems) else { continue };
        let attribute = &R::ATTRIBUTES[at];
        let field = &attribute.field;
        if field.moving {
            continue;
        }
        let present = attribute.read.map_or(Value::Null, |read| read(row, viewer));
        if !field.on_update || attribute.writable.is_some_and(|writable| !writable(row, viewer)) {
            if !present.is(field.kind, value) {
                problems.push(ErrorObject::attribute(Code::FieldReadOnly, name, not_updated(field)));
            }
            continue;
        }
        match input::check(field.kind, field.nullable, value) {
            Ok(()) => drop(taken.insert(name.clone(), value.clone())),
            Err(detail) => problems.push(ErrorObject::attribute(Code::FieldInvalid, name, detail)),
        }
    }
    taken
}

/// The position of an attribute; names that clients are known to put there are passed over. Those that are taken are
/// named where no other is meant.
fn known_attribute(
    entry: &Entry,
    name: &str,
    is_taken: impl Fn(&Field) -> bool,
    problems: &mut Vec<ErrorObject>,
) -> Option<usize> {
    let found = entry.attributes.iter().position(|attribute| attribute.field.name == name);
    let tolerated = matches!(name, "links" | "relationships" | "meta") || entry.relationship(name).is_some();
    // Nobody is shown more of them, and each costs a comparison with every name.
    if found.is_none() && !tolerated && !name.starts_with('@') && problems.len() < Errors::SHOWN {
        let fields = entry.attributes.iter().map(|attribute| &attribute.field);
        let meant = suggest::closest(name, fields.clone().map(|field| field.name));
        let taken = fields.filter(|field| is_taken(field)).map(|field| field.name);
        let hint = meant.map_or_else(|| suggest::all(taken), suggest::said);
        let detail = format!("`{}` has no attribute `{name}`.{hint}", entry.kind);
        problems.push(ErrorObject::attribute(Code::FieldUnknown, name, detail));
    }
    found
}

/// Why a create doesn't set it.
fn not_created(field: &Field) -> String {
    field.set_by.map_or_else(|| later(field.name, field.on_update), |other| elsewhere(field.name, other))
}

/// Why an update doesn't set it.
fn not_updated(field: &Field) -> String {
    let name = field.name;
    match field.set_by {
        Some(other) => elsewhere(name, other),
        None if field.on_update => format!("You may not set `{name}` here."),
        None => standing(name, field.on_create),
    }
}

fn elsewhere(name: &str, other: &str) -> String {
    format!("`{name}` can't be set here: update `{other}`.")
}

/// Why no create sets it.
fn later(name: &str, on_update: bool) -> String {
    if on_update { format!("`{name}` is for updates only.") } else { by_server(name) }
}

/// Why no update sets it.
fn standing(name: &str, on_create: OnCreate) -> String {
    match on_create {
        OnCreate::Never => by_server(name),
        OnCreate::May | OnCreate::Must => format!("`{name}` is set on create only."),
    }
}

fn by_server(name: &str) -> String {
    format!("`{name}` is set by the server alone.")
}

/// `field_read_only` for a relationship.
fn read_only(name: &str, why: String) -> ErrorObject {
    ErrorObject::relationship(Code::FieldReadOnly, name, why)
}

fn is_nothing(value: &Json) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

pub(super) type ToOneInput = BTreeMap<&'static str, Option<Id>>;
pub(super) type ToManyInput = BTreeMap<&'static str, Vec<Id>>;

pub(super) fn created_linkage(
    tx: &mut Tx<'_>,
    seen: &Seen,
    entry: &Entry,
    sent: &ResourceObject,
    problems: &mut Vec<ErrorObject>,
) -> Result<(ToOneInput, ToManyInput)> {
    let (mut to_one, mut to_many) = (BTreeMap::new(), BTreeMap::new());
    relate::refuse_unknown(entry, sent, problems);
    for one in &entry.to_one {
        match sent.relationships.get(one.name) {
            None if one.on_create == OnCreate::Must => {
                problems.push(sent.missing_relationship(one.name, format!("`{}` is required.", one.name)));
            }
            None | Some(Linkage::One(None)) if one.on_create != OnCreate::Must => {}
            Some(Linkage::Many(ids)) if one.on_create == OnCreate::Never && ids.is_empty() => {}
            Some(_) if one.on_create == OnCreate::Never => {
                problems.push(read_only(one.name, later(one.name, one.writable)));
            }
            Some(linkage) => {
                let found = relate::to_one(tx, seen, one.name, one.target, linkage, problems)?;
                if one.on_create == OnCreate::Must && *linkage == Linkage::One(None) {
                    let detail = format!("`{}` is required.", one.name);
                    problems.push(ErrorObject::relationship(Code::FieldRequired, one.name, detail));
                }
                to_one.insert(one.name, found);
            }
            None => {}
        }
    }
    for many in &entry.to_many {
        match sent.relationships.get(many.name) {
            None | Some(Linkage::One(None)) => {}
            Some(Linkage::Many(ids)) if many.on_create == OnCreate::Never && ids.is_empty() => {}
            Some(_) if many.on_create == OnCreate::Never => problems.push(read_only(many.name, by_server(many.name))),
            Some(linkage) => {
                let found = relate::to_many(tx, seen, many.name, many.target, linkage, problems)?;
                to_many.insert(many.name, found);
            }
        }
    }
    Ok((to_one, to_many))
}

/// The to-one linkage that an update sets.
pub(super) fn updated_linkage<R: Resource>(
    tx: &mut Tx<'_>,
    entry: &Entry,
    row: &R,
    sent: &ResourceObject,
    problems: &mut Vec<ErrorObject>,
) -> Result<ToOneInput> {
    let mut to_one = BTreeMap::new();
    relate::refuse_unknown(entry, sent, problems);
    for one in R::TO_ONE {
        let Some(linkage) = sent.relationships.get(one.name) else { continue };
        let writable: Option<Replace<R>> = one.replace.filter(|_| one.is_shown(row, &tx.viewer));
        if one.moving && writable.is_none() {
            continue;
        }
        let present = (one.id)(row, &tx.viewer);
        if relate::is_same(one.target, present, linkage) {
            continue;
        }
        if writable.is_some() {
            let found = relate::to_one(tx, &Seen::default(), one.name, one.target, linkage, problems)?;
            to_one.insert(one.name, found);
        } else {
            problems.push(read_only(one.name, standing(one.name, one.on_create)));
        }
    }
    Ok(to_one)
}

/// The attributes as the resource's own struct, checked by `validator`.
pub(super) fn typed<R: Resource>(
    attributes: Map<String, Json>,
    problems: &mut Vec<ErrorObject>,
) -> Option<R::Attributes> {
    use validator::Validate as _;
    let typed: R::Attributes = match serde_json::from_value(Json::Object(attributes)) {
        Ok(typed) => typed,
        Err(error) => {
            let error = ErrorObject::new(Code::FieldInvalid, format!("The attributes don't fit: {error}."));
            problems.push(error.pointer("/data/attributes"));
            return None;
        }
    };
    if let Err(errors) = typed.validate() {
        let mut fields: Vec<_> = errors.field_errors().into_iter().collect();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, errors) in fields {
            for error in errors {
                let detail = error.message.as_deref().unwrap_or("The value is not allowed.").to_owned();
                problems.push(ErrorObject::attribute(Code::FieldInvalid, &name, detail));
            }
        }
    }
    Some(typed)
}
