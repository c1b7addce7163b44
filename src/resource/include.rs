//! Compound documents: follows the include tree, one statement per edge.
//!
//! To-one edges of one level that lead to the same type, and on to the same places, share a statement. What the
//! viewer may not see is left out by the same condition as everywhere else.
//! Spec: <https://jsonapi.org/format/1.1/#document-compound-documents>

use super::{
    Place,
    cursor::Slot,
    error::Result,
    plan::{fields::Fields, include::Node, scoped::Scoped, sort::KeyOf},
    registry::{Entry, Relationship, Rows},
    select::EdgeOf,
    viewer::Viewer,
};
use crate::db::{Conn, Id};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// An included to-many relationship shows so many resources for each parent.
pub const PER_PARENT: i64 = 100;

/// The resources that a compound document includes, and the linkage that leads to them.
#[derive(Default)]
pub struct Included {
    /// In the order in which they are shown.
    pub sets: Vec<Set>,
    linkage: HashMap<(usize, Id, usize), Linked>,
    seen: HashSet<(usize, Id)>,
}

/// Included rows of one type.
pub struct Set {
    /// Their type.
    pub entry: Arc<Entry>,
    /// The rows.
    pub rows: Box<dyn Rows>,
    /// Those that are shown: each resource once in a document.
    pub shown: Vec<usize>,
}

/// To-many linkage as far as it is included.
#[derive(Clone, Default)]
pub struct Linked {
    /// The identifiers.
    pub ids: Vec<Id>,
    /// Where the linkage goes on, if it does: the slots of the last one shown.
    pub next: Option<Vec<Slot>>,
    /// What was asked of it.
    pub scoped: Option<Arc<Scoped>>,
    /// How many there are, if that was asked.
    pub total: Option<i64>,
}

impl Included {
    /// The included linkage of a to-many relationship, if it was followed.
    pub fn linkage(&self, entry: &Entry, id: Id, to_many: usize) -> Option<&Linked> {
        self.linkage.get(&(entry.number, id, to_many))
    }

    /// Follows `tree` from the primary data.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn follow(
        conn: &mut Conn,
        (viewer, fields): (&Viewer, &Fields),
        (entry, rows): (&Entry, &dyn Rows),
        tree: &[Node],
    ) -> Result<Self> {
        let mut included = Self { seen: HashSet::with_capacity(4 * rows.len()), ..Self::default() };
        included.seen.extend((0..rows.len()).map(|row| (entry.number, rows.id(row))));
        let all: Vec<usize> = (0..rows.len()).collect();
        let mut walk = Walk { conn, viewer, fields, included: &mut included };
        walk.level(entry, rows, &all, tree)?;
        Ok(included)
    }

    /// Linkage pages: everything is included, and the primary data holds no resource.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn follow_from_linkage(
        conn: &mut Conn,
        (viewer, fields): (&Viewer, &Fields),
        (entry, rows): (&Arc<Entry>, Box<dyn Rows>),
        tree: &[Node],
    ) -> Result<Self> {
        let mut included = Self::default();
        let all: Vec<usize> = (0..rows.len()).collect();
        Walk { conn, viewer, fields, included: &mut included }.level(entry, &*rows, &all, tree)?;
        let shown = included.unseen(entry, &*rows, &all);
        included.sets.insert(0, Set { entry: Arc::clone(entry), rows, shown });
        Ok(included)
    }

    /// How many resources are included.
    pub fn count(&self) -> usize {
        self.sets.iter().map(|set| set.shown.len()).sum()
    }

    fn unseen(&mut self, entry: &Entry, rows: &dyn Rows, wanted: &[usize]) -> Vec<usize> {
        wanted.iter().copied().filter(|&row| self.seen.insert((entry.number, rows.id(row)))).collect()
    }
}

struct Walk<'a> {
    conn: &'a mut Conn,
    viewer: &'a Viewer,
    fields: &'a Fields,
    included: &'a mut Included,
}

impl Walk<'_> {
    fn level(&mut self, entry: &Entry, rows: &dyn Rows, wanted: &[usize], nodes: &[Node]) -> Result<()> {
        let mut done = vec![false; nodes.len()];
        for at in 0..nodes.len() {
            if done[at] {
                continue;
            }
            let node = &nodes[at];
            match node.relationship {
                Relationship::Many(to_many) => self.follow_many(entry, rows, wanted, node, to_many)?,
                Relationship::One(_) => {
                    let alike: Vec<usize> =
                        (at..nodes.len()).filter(|&other| goes_along(node, &nodes[other])).collect();
                    alike.iter().for_each(|&other| done[other] = true);
                    let positions = alike.iter().filter_map(|&other| match nodes[other].relationship {
                        Relationship::One(to_one) => Some(to_one),
                        Relationship::Many(_) => None,
                    });
                    self.follow_one(rows, wanted, node, &positions.collect::<Vec<_>>())?;
                }
            }
        }
        Ok(())
    }

    fn follow_one(&mut self, rows: &dyn Rows, wanted: &[usize], node: &Node, positions: &[usize]) -> Result<()> {
        let viewer = self.viewer;
        let linked = wanted.iter().flat_map(|&row| positions.iter().filter_map(move |&at| rows.one(row, at, viewer)));
        let ids: BTreeSet<Id> = linked.collect();
        if ids.is_empty() {
            return Ok(());
        }
        let select = node.target.select_ids(self.viewer, Place::One, ids);
        let spared = self.fields.spared(&node.target, &[], &node.children);
        let select = node.target.sparing(self.viewer, spared, select);
        let found = node.target.rows.load(self.conn, &select)?;
        // The databases give them in any order; the same state is to make the same bytes.
        let mut all: Vec<usize> = (0..found.len()).collect();
        all.sort_unstable_by_key(|&row| found.id(row));
        self.keep(node, found, &all)
    }

    fn follow_many(
        &mut self,
        entry: &Entry,
        rows: &dyn Rows,
        wanted: &[usize],
        node: &Node,
        to_many: usize,
    ) -> Result<()> {
        let parents: BTreeSet<Id> = wanted.iter().map(|&row| rows.id(row)).collect();
        if parents.is_empty() {
            return Ok(());
        }
        let scoped = node.scoped.as_deref();
        let size = scoped.map_or(PER_PARENT, |scoped| scoped.size);
        let sort = scoped.map(|scoped| scoped.sort.as_slice()).unwrap_or_default();
        let spared = self.fields.spared(&node.target, sort, &node.children);
        let mut select = node.target.sparing(self.viewer, spared, node.target.select(self.viewer, Place::Many));
        if let Some(scoped) = scoped {
            select.filters.extend(scoped.filters.iter().cloned());
            select.order = scoped.sort.iter().map(|key| key.key.clone()).collect();
            select.cached = scoped.params.is_empty();
        }
        let edge = entry.to_many[to_many].edge;
        let ids = parents.iter().copied().collect();
        select.edge = Some(EdgeOf { edge, parents: ids, per_parent: Some(size + 1) });
        let counts = match scoped {
            Some(Scoped { total: true, .. }) => Some(select.count_by_parent(self.conn)?),
            _ => None,
        };
        for parent in parents {
            let total = counts.as_ref().map(|counts| counts.get(&parent).copied().unwrap_or(0));
            let linked = Linked { scoped: node.scoped.clone(), total, ..Linked::default() };
            self.included.linkage.insert((entry.number, parent, to_many), linked);
        }
        let found = node.target.rows.load(self.conn, &select)?;
        let wanted = self.link(&*found, (entry, to_many), scoped, usize::try_from(size).unwrap_or(usize::MAX));
        self.keep(node, found, &wanted)
    }

    /// Makes linkage of the rows of an edge; the rows that it leads to.
    fn link(
        &mut self,
        found: &dyn Rows,
        (entry, to_many): (&Entry, usize),
        scoped: Option<&Scoped>,
        size: usize,
    ) -> Vec<usize> {
        let of_edge = [KeyOf::HopAt, KeyOf::HopId];
        let of_sort: Vec<KeyOf> =
            scoped.map(|scoped| scoped.sort.iter().map(|key| key.of).collect()).unwrap_or_default();
        let keys = if of_sort.is_empty() { &of_edge[..] } else { &of_sort };
        let mut shown: Vec<((usize, Id), usize, Id)> = Vec::with_capacity(found.len());
        for row in 0..found.len() {
            let Some(hop) = found.hop(row) else { continue };
            let linked = self.included.linkage.entry((entry.number, hop.parent, to_many)).or_default();
            if linked.ids.len() < size {
                shown.push(((linked.ids.len(), found.id(row)), row, hop.parent));
                linked.ids.push(found.id(row));
            } else if let Some((_, last, _)) = shown.iter().rev().find(|(.., parent)| *parent == hop.parent) {
                linked.next = Some(keys.iter().map(|&key| found.slot(*last, key, self.viewer)).collect());
            }
        }
        // Rows at the same place of different parents come in any order.
        shown.sort_unstable_by_key(|(place, ..)| *place);
        shown.into_iter().map(|(_, row, _)| row).collect()
    }

    fn keep(&mut self, node: &Node, rows: Box<dyn Rows>, wanted: &[usize]) -> Result<()> {
        let shown = self.included.unseen(&node.target, &*rows, wanted);
        let place = self.included.sets.len();
        self.level(&node.target, &*rows, wanted, &node.children)?;
        self.included.sets.insert(place, Set { entry: Arc::clone(&node.target), rows, shown });
        Ok(())
    }
}

/// Whether two to-one edges can share a statement.
fn goes_along(a: &Node, b: &Node) -> bool {
    matches!(b.relationship, Relationship::One(_)) && a.target.number == b.target.number && a.children == b.children
}
