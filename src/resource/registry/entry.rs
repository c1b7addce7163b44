//! A type as the generic layer knows it: by names and columns, with what is typed behind it.

use super::super::{
    Place, Resource,
    computed::{self, Computed, Spared},
    content::Content,
    describe::{Field, Search},
    parts::Parts,
    select::Select,
    sql::{Column, Sql},
    viewer::Viewer,
    write::{self, Writes},
};
use super::{
    info::{AttributeInfo, Can, Member, Relationship, SortInfo, ToManyInfo, ToOneInfo},
    rows::{Of, Ops},
};
use crate::db::Id;
use rustc_hash::FxHashMap;
use std::marker::PhantomData;

/// A resource without its row type.
pub struct Entry {
    /// Its place in the registry.
    pub number: usize,
    /// The type.
    pub kind: &'static str,
    /// A sentence about the type.
    pub about: &'static str,
    /// The path segment.
    pub path: &'static str,
    /// The attributes, in the order in which they are shown.
    pub attributes: Vec<AttributeInfo>,
    /// The to-one relationships.
    pub to_one: Vec<ToOneInfo>,
    /// The to-many relationships.
    pub to_many: Vec<ToManyInfo>,
    /// What is shown, by its name.
    members: FxHashMap<&'static str, Member>,
    /// Sorts that are no attribute.
    pub sorts: Vec<SortInfo>,
    /// Filters that look like attributes, but are none.
    pub filters: &'static [Field],
    /// Filters and parameters with a meaning of their own.
    pub searches: &'static [Search],
    /// Members of the `meta` of a resource object that is the primary data.
    pub meta: &'static [Field],
    /// Members of the `meta` of the document that answers a create.
    pub created_meta: &'static [Field],
    /// Bytes beside a resource.
    pub contents: &'static [Content],
    /// The default order.
    pub default_sort: &'static str,
    /// The id's column.
    pub id: Column,
    /// The column by which rows are found by id.
    pub key: Column,
    /// The creation instant's column.
    pub created_at: Column,
    /// What settles equal instants of creation before the id does.
    pub sequence: Option<Column>,
    /// Whether a list that says nothing of pages is paged by cursor.
    pub cursor_by_default: bool,
    /// The parts that a list is merged of.
    pub parts: Option<Parts>,
    /// Whether a list finds its page before it reads columns.
    pub columns_are_dear: bool,
    /// Columns that are computed, and the members that read each: a bit for each of [`Entry::bit`].
    computed: (&'static [Computed], Vec<u64>),
    /// Whether it is known when a row last changed.
    pub dated: bool,
    /// What can be done.
    pub can: Can,
    /// The typed part: reads.
    pub rows: Box<dyn Ops>,
    /// The typed part: writes.
    pub writes: Box<dyn Writes>,
}

impl Entry {
    pub(super) fn of<R: Resource>(number: usize) -> Self {
        Self {
            number,
            kind: R::TYPE,
            about: R::ABOUT,
            path: R::PATH,
            attributes: R::ATTRIBUTES
                .iter()
                .map(|attribute| AttributeInfo { field: attribute.field, readable: attribute.read.is_some() })
                .collect(),
            to_one: R::TO_ONE.iter().map(ToOneInfo::of).collect(),
            to_many: R::TO_MANY.iter().map(ToManyInfo::of).collect(),
            members: members::<R>().collect(),
            sorts: R::SORTS.iter().map(SortInfo::of).collect(),
            filters: R::FILTERS,
            searches: R::SEARCHES,
            meta: R::META,
            created_meta: R::CREATED_META,
            contents: R::CONTENTS,
            default_sort: R::DEFAULT_SORT,
            id: R::ID,
            key: R::KEY,
            created_at: R::CREATED_AT,
            sequence: R::SEQUENCE.map(|(column, _)| column),
            cursor_by_default: R::CURSOR_BY_DEFAULT,
            parts: R::PARTS,
            columns_are_dear: R::COLUMNS_ARE_DEAR,
            computed: (R::COMPUTED, readers::<R>()),
            dated: R::MODIFIED.is_some(),
            can: Can::of::<R>(),
            rows: Box::new(Of::<R>(PhantomData)),
            writes: Box::new(write::Of::<R>::default()),
        }
    }

    /// What of that name is shown.
    pub fn member(&self, name: &str) -> Option<Member> {
        self.members.get(name).copied()
    }

    /// The position of an attribute that is shown.
    pub fn attribute(&self, name: &str) -> Option<usize> {
        match self.member(name)? {
            Member::Attribute(at) => Some(at),
            Member::Relationship(_) => None,
        }
    }

    /// The relationship of that name.
    pub fn relationship(&self, name: &str) -> Option<Relationship> {
        match self.member(name)? {
            Member::Attribute(_) => None,
            Member::Relationship(found) => Some(found),
        }
    }

    /// The to-many relationship of that name, if a `POST` to its related URL makes a member of it.
    pub fn makes(&self, name: &str) -> Option<&ToManyInfo> {
        self.to_many.iter().find(|many| many.name == name && many.creates.is_some())
    }

    /// The name of a relationship.
    pub fn relationship_name(&self, relationship: Relationship) -> &'static str {
        match relationship {
            Relationship::One(at) => self.to_one[at].name,
            Relationship::Many(at) => self.to_many[at].name,
        }
    }

    /// The type that a relationship leads to.
    pub fn relationship_target(&self, relationship: Relationship) -> &'static str {
        match relationship {
            Relationship::One(at) => self.to_one[at].target,
            Relationship::Many(at) => self.to_many[at].target,
        }
    }

    /// The bit of a relationship in a set of members: attributes come first, then to-one, then to-many, then sorts.
    pub fn bit(&self, relationship: Relationship) -> usize {
        match relationship {
            Relationship::One(at) => self.attributes.len() + at,
            Relationship::Many(at) => self.attributes.len() + self.to_one.len() + at,
        }
    }

    /// The bit of a sort that is no attribute.
    pub fn sort_bit(&self, at: usize) -> usize {
        self.attributes.len() + self.to_one.len() + self.to_many.len() + at
    }

    /// The columns that need not be computed where only these members are read.
    pub fn spared(&self, read: u64) -> Spared {
        let (columns, readers) = &self.computed;
        let unread = readers.iter().enumerate().filter(|(_, readers)| read & **readers == 0);
        Spared::new(columns, unread.fold(0, |which, (at, _)| which | 1 << at))
    }

    /// Whether a relationship can be included.
    pub fn is_includable(&self, relationship: Relationship) -> bool {
        !matches!(relationship, Relationship::Many(at) if !self.to_many[at].includable)
    }

    /// The names of the relationships that can be included.
    pub fn includable_names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.relationship_names().filter(|name| self.relationship(name).is_some_and(|found| self.is_includable(found)))
    }

    /// The names of all relationships.
    pub fn relationship_names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.to_one.iter().map(|one| one.name).chain(self.to_many.iter().map(|many| many.name))
    }

    /// What `filter[…]` takes: fields, to-one relationships, the id and searches.
    pub fn filter_keys(&self) -> impl Iterator<Item = &'static str> + Clone {
        let attributes = self.attributes.iter().filter(|attribute| attribute.readable).map(|attribute| attribute.field);
        let fields = attributes.chain(self.filters.iter().copied()).filter(|field| field.expr.is_some());
        let linkages = self.to_one.iter().filter(|one| one.expr.is_some()).map(|one| one.name);
        let searches = self.searches.iter().filter(|search| !search.parameter).map(|search| search.name);
        fields.map(|field| field.name).chain(searches).chain(linkages).chain(["id"])
    }

    /// What an expression in `filter` can say `has`, `any` and `all` of; `count` takes those to many.
    pub fn quantified_names(&self) -> impl Iterator<Item = &'static str> {
        let one = self.to_one.iter().filter(|one| one.expr.is_some()).map(|one| one.name);
        one.chain(self.to_many.iter().filter(|many| many.includable).map(|many| many.name))
    }

    /// What `sort` takes.
    pub fn sort_words(&self) -> impl Iterator<Item = &'static str> + Clone {
        let attributes = self.attributes.iter().filter(|attribute| attribute.readable && attribute.field.sortable);
        let sorts = self.sorts.iter().map(|sort| sort.name);
        let own = attributes.map(|attribute| attribute.field.name);
        own.filter(|name| self.sorts.iter().all(|sort| sort.name != *name)).chain(sorts)
    }

    /// Reads of the rows that the viewer may see in this place.
    pub fn select(&self, viewer: &Viewer, place: Place<'_>) -> Select {
        Select {
            source: self.rows.source(viewer, Spared::default()),
            visible: self.rows.visible(viewer, place),
            cached: true,
            ..Select::default()
        }
    }

    /// The same without what need not be computed.
    pub fn sparing(&self, viewer: &Viewer, spared: Spared, select: Select) -> Select {
        if spared.is_none() {
            return select;
        }
        Select { source: self.rows.source(viewer, spared), spared, ..select }
    }

    /// Reads of the visible rows with these ids.
    pub fn select_ids(&self, viewer: &Viewer, place: Place<'_>, ids: impl IntoIterator<Item = Id>) -> Select {
        let mut select = self.select(viewer, place);
        select.filters.push(Sql::new(self.key).then(Sql::among(ids)));
        select
    }
}

fn readers<R: Resource>() -> Vec<u64> {
    const {
        assert!(R::COMPUTED.len() <= computed::MOST);
        // Sets of members are the bits of a number.
        let members = R::ATTRIBUTES.len() + R::TO_ONE.len() + R::TO_MANY.len() + R::SORTS.len();
        assert!(members <= u64::BITS as usize, "a type has at most 64 attributes, relationships and sorts");
    };
    let one = R::TO_ONE.iter().map(|one| one.name).chain(R::TO_MANY.iter().map(|many| many.name));
    let fields = R::ATTRIBUTES.iter().map(|attribute| attribute.field.name).chain(one);
    let members = fields.chain(R::SORTS.iter().map(|sort| sort.name));
    R::COMPUTED.iter().map(|computed| computed.readers(members.clone())).collect()
}

fn members<R: Resource>() -> impl Iterator<Item = (&'static str, Member)> {
    let attributes = R::ATTRIBUTES.iter().enumerate().filter(|(_, attribute)| attribute.read.is_some());
    let attributes = attributes.map(|(at, attribute)| (attribute.field.name, Member::Attribute(at)));
    let one = R::TO_ONE.iter().enumerate().map(|(at, one)| (one.name, Relationship::One(at)));
    let many = R::TO_MANY.iter().enumerate().map(|(at, many)| (many.name, Relationship::Many(at)));
    attributes.chain(one.chain(many).map(|(name, found)| (name, Member::Relationship(found))))
}
