//! Which operations are carried out at once: adds of one type, one behind the other.
//!
//! Only types that can do so take part, and only operations none of which is about what another one of them adds: all
//! of them are checked before the first is carried out.

use crate::{
    jsonapi::{
        atomic::{Data, Op, Operation, Target},
        document::{Identifier, Linkage, ResourceObject},
    },
    resource::registry::Registry,
};
use std::collections::HashSet;

/// The most operations at once.
const MOST: usize = 500;

/// How many operations from the first one on are carried out at once; at least one.
pub(super) fn count(registry: &Registry, operations: &[Operation]) -> usize {
    let Some(first) = operations.first().and_then(added) else { return 1 };
    if !registry.find(&first.kind).is_some_and(|entry| entry.can.create_many) {
        return 1;
    }
    let mut given = HashSet::new();
    let alike = operations.iter().take(MOST).map_while(added).take_while(|sent| {
        let fits = sent.kind == first.kind && !links(sent).any(|name| given.contains(&name));
        given.extend(names(&sent.kind, sent.id.as_deref(), sent.lid.as_deref()));
        fits
    });
    alike.count().max(1)
}

/// The resource of an unconditional add to its type's collection.
pub(super) fn added(operation: &Operation) -> Option<&ResourceObject> {
    match (operation.op, &operation.target, &operation.data) {
        (Op::Add, Target::Collection(kind), Data::Resource(sent)) if *kind == sent.kind => {
            Some(sent).filter(|_| operation.if_match.is_none())
        }
        _ => None,
    }
}

/// What a resource can be named by: its type with its id or its local id, apart from each other.
type Name = (String, bool, String);

fn names(kind: &str, id: Option<&str>, lid: Option<&str>) -> impl Iterator<Item = Name> {
    let id = id.map(|id| (kind.to_owned(), false, id.to_ascii_lowercase()));
    let lid = lid.map(|lid| (kind.to_owned(), true, lid.to_owned()));
    id.into_iter().chain(lid)
}

fn links(sent: &ResourceObject) -> impl Iterator<Item = Name> {
    let identifiers = sent.relationships.values().flat_map(|linkage| match linkage {
        Linkage::One(one) => one.as_slice(),
        Linkage::Many(many) => many.as_slice(),
    });
    identifiers.flat_map(|Identifier { kind, id, lid }| names(kind, id.as_deref(), lid.as_deref()))
}
