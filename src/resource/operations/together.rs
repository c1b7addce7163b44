//! Which operations are carried out at once: adds of one type, one behind the other.
//!
//! Only types that can do so take part, and only operations none of which is about what another one of them adds: all
//! of them are checked before the first is carried out. Adds to a collection and by the URL of an owner go together.

use super::{Run, blamed};
use crate::{
    db::Id,
    jsonapi::{
        atomic::{Data, Op, Operation, Target},
        document::{Identifier, Linkage, ResourceObject},
    },
    resource::{
        Place,
        error::Result,
        registry::{Entry, Registry, ToManyInfo},
        relate,
        write::Tx,
    },
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

/// The most operations at once.
const MOST: usize = 500;

/// How many operations from the first one on are carried out at once; at least one.
pub(super) fn count(registry: &Registry, operations: &[Operation]) -> usize {
    let Some(first) = operations.first().and_then(|operation| added(registry, operation)) else { return 1 };
    if !registry.find(&first.sent.kind).is_some_and(|entry| entry.can.create_many) {
        return 1;
    }
    let mut given = HashSet::new();
    let adds = operations.iter().take(MOST).map_while(|operation| added(registry, operation));
    let alike = adds.take_while(|Add { sent, owner }| {
        let owner = owner.iter().flat_map(|owner| named(owner.one));
        let fits = sent.kind == first.sent.kind && !links(sent).chain(owner).any(|name| given.contains(&name));
        given.extend(names(&sent.kind, sent.id.as_deref(), sent.lid.as_deref()));
        fits
    });
    alike.count().max(1)
}

impl Run {
    /// Carries out the first of these adds of one type at once, and tells how many: up to one whose owner can't be seen,
    /// or is another one than it says. That one fails, or doesn't, when its turn has come.
    pub(super) fn create_all(&mut self, tx: &mut Tx<'_>, operations: &[Operation]) -> Result<usize> {
        let registry = tx.registry;
        let adds: Vec<Add<'_>> = operations.iter().filter_map(|operation| added(registry, operation)).collect();
        let seen = self.seen_owners(tx, &adds)?;
        let complete: Vec<_> = adds.iter().map_while(|add| self.complete(add, &seen)).collect();
        let Some(entry) = adds.first().and_then(|add| registry.find(&add.sent.kind)) else { return Ok(0) };
        if complete.is_empty() {
            return Ok(0);
        }
        let created = entry.writes.create_all(tx, entry, &complete);
        let created = created.map_err(|(place, error)| blamed(error, &operations[place], tx.answers.len()))?;
        let done = created.len();
        for (add, created) in adds.iter().zip(created) {
            let done = self.created(Arc::clone(entry), add.sent, created);
            self.results.push(done);
        }
        Ok(done)
    }

    /// Those of the owners that the viewer sees, each with the number of its type, in one statement per type.
    fn seen_owners(&self, tx: &mut Tx<'_>, adds: &[Add<'_>]) -> Result<HashSet<(usize, Id)>> {
        let mut owners: BTreeMap<usize, (&Entry, BTreeSet<Id>)> = BTreeMap::new();
        for owner in adds.iter().filter_map(|add| add.owner.as_ref()) {
            let ids = &mut owners.entry(owner.entry.number).or_insert_with(|| (owner.entry, BTreeSet::new())).1;
            ids.extend(self.id(owner.one));
        }
        let mut seen = HashSet::new();
        for (number, (entry, ids)) in owners {
            let found = entry.select_ids(&tx.viewer, Place::One, ids).ids(tx.conn, entry.id)?;
            seen.extend(found.into_iter().map(|id| (number, id)));
        }
        Ok(seen)
    }

    fn complete<'a>(&self, add: &Add<'a>, seen: &HashSet<(usize, Id)>) -> Option<Cow<'a, ResourceObject>> {
        let resolved = self.resolved(add.sent);
        let Some(Owner { one, entry, many }) = &add.owner else { return Some(resolved) };
        let id = self.id(one).filter(|id| seen.contains(&(entry.number, *id)))?;
        relate::linked_back((entry, id), many, &resolved).ok().map(Cow::Owned)
    }

    fn id(&self, one: &Identifier) -> Option<Id> {
        self.identifier(one).id?.parse().ok()
    }
}

/// An unconditional add of a resource.
struct Add<'a> {
    sent: &'a ResourceObject,
    /// Whose related resource it becomes, if it isn't sent to its type's collection.
    owner: Option<Owner<'a>>,
}

struct Owner<'a> {
    one: &'a Identifier,
    entry: &'a Entry,
    many: &'a ToManyInfo,
}

fn added<'a>(registry: &'a Registry, operation: &'a Operation) -> Option<Add<'a>> {
    let (Op::Add, None, Data::Resource(sent)) = (operation.op, &operation.if_match, &operation.data) else {
        return None;
    };
    let (kind, owner) = match &operation.target {
        Target::Collection(kind) => (kind.as_str(), None),
        Target::Related(one, name) => {
            let entry: &Entry = registry.find(&one.kind)?;
            let many = entry.makes(name)?;
            (many.target, Some(Owner { one, entry, many }))
        }
        Target::Resource(_) | Target::Relationship(..) => return None,
    };
    (sent.kind == kind).then_some(Add { sent, owner })
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
    identifiers.flat_map(named)
}

fn named(Identifier { kind, id, lid }: &Identifier) -> impl Iterator<Item = Name> {
    names(kind, id.as_deref(), lid.as_deref())
}
