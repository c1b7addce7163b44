//! All resources of a server, with their row types erased, so that an include can go from any type to any other.

mod rows;

use self::rows::Of;
pub use self::rows::{Ops, Rows};
use super::{
    Place, Resource,
    computed::{self, Computed, Spared},
    cursor,
    describe::{Edge, Expr, Field, OnCreate},
    error::{Error, Result},
    parts::Parts,
    select::Select,
    sql::{Column, Sql},
    viewer::Viewer,
    write::{self, Writes},
};
use crate::{db::Id, jsonapi::input::Kind};
use rustc_hash::FxHashMap;
use std::{marker::PhantomData, sync::Arc};

/// Every type that a server knows.
#[derive(Clone, Default)]
pub struct Registry {
    entries: Vec<Arc<Entry>>,
    by_type: FxHashMap<&'static str, usize>,
    cursor_key: cursor::Key,
}

impl Registry {
    /// No types.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `R`.
    #[must_use]
    pub fn with<R: Resource>(mut self) -> Self {
        self.by_type.insert(R::TYPE, self.entries.len());
        let number = self.entries.len();
        self.entries.push(Arc::new(Entry::of::<R>(number)));
        self
    }

    /// Has cursors sealed with a key that outlives this process, and that others share.
    #[must_use]
    pub fn sealed_with(mut self, key: cursor::Key) -> Self {
        self.cursor_key = key;
        self
    }

    /// What cursors are sealed with.
    pub fn cursor_key(&self) -> &cursor::Key {
        &self.cursor_key
    }

    /// The entry of a type.
    pub fn find(&self, kind: &str) -> Option<&Arc<Entry>> {
        self.by_type.get(kind).map(|&at| &self.entries[at])
    }

    /// The entry of a type that a relationship names.
    ///
    /// # Errors
    /// [`Error::Internal`] when the server was put together without it.
    pub fn target(&self, kind: &str) -> Result<&Arc<Entry>> {
        self.find(kind).ok_or_else(|| Error::Internal(format!("no resource of type {kind} is registered")))
    }

    /// All entries, in the order in which they were added.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }
}

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
    pub searches: &'static [super::describe::Search],
    /// Members of the `meta` of a resource object that is the primary data.
    pub meta: &'static [Field],
    /// Members of the `meta` of the document that answers a create.
    pub created_meta: &'static [Field],
    /// Bytes beside a resource.
    pub contents: &'static [super::content::Content],
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
    /// Columns that are computed, and the members that read each: a bit for each of [`Entry::bit`].
    computed: (&'static [Computed], Vec<u64>),
    /// Whether a list finds its page before it reads columns.
    pub columns_are_dear: bool,
    /// Whether it is known when a row last changed.
    pub dated: bool,
    /// What can be done.
    pub can: Can,
    /// The typed part: reads.
    pub rows: Box<dyn Ops>,
    /// The typed part: writes.
    pub writes: Box<dyn Writes>,
}

/// What can be done with a type.
#[derive(Clone, Copy, Debug)]
pub struct Can {
    /// `GET` on the collection.
    pub list: bool,
    /// `POST` on the collection.
    pub create: bool,
    /// `POST` on the collection by nobody in particular.
    pub create_anonymously: bool,
    /// Whether that may find what is there already.
    pub create_finds: bool,
    /// Many creates at once.
    pub create_many: bool,
    /// An id made by the client.
    pub client_ids: bool,
    /// `PATCH`.
    pub update: bool,
    /// `DELETE`.
    pub delete: bool,
}

/// An attribute without its row type.
#[derive(Clone, Copy)]
pub struct AttributeInfo {
    /// What is known of it.
    pub field: Field,
    /// Whether it is shown.
    pub readable: bool,
}

/// A to-one relationship without its row type.
#[derive(Clone, Copy)]
pub struct ToOneInfo {
    /// The member name.
    pub name: &'static str,
    /// A sentence about it.
    pub about: &'static str,
    /// The type it leads to.
    pub target: &'static str,
    /// The linkage in SQL.
    pub expr: Option<Expr>,
    /// A column that has the linkage wherever `expr` isn't null.
    pub column: Option<Column>,
    /// Whether a create may or must set it.
    pub on_create: OnCreate,
    /// Whether the server or other people change it.
    pub moving: bool,
    /// Whether an update may set it.
    pub writable: bool,
}

/// A to-many relationship without its row type.
#[derive(Clone, Copy)]
pub struct ToManyInfo {
    /// The member name.
    pub name: &'static str,
    /// A sentence about it.
    pub about: &'static str,
    /// The type it leads to.
    pub target: &'static str,
    /// How its rows are found.
    pub edge: Edge,
    /// Whether a create may set it.
    pub on_create: OnCreate,
    /// Whether members can be added and removed.
    pub writable: bool,
    /// Whether it can be included.
    pub includable: bool,
    /// The to-one relationship of the target that leads back, if `POST` on the related URL makes a member.
    pub creates: Option<&'static str>,
}

/// A sort that is no attribute, without its row type.
#[derive(Clone, Copy)]
pub struct SortInfo {
    /// The word in `sort`.
    pub name: &'static str,
    /// The type of what is compared.
    pub kind: Kind,
    /// What is compared.
    pub expr: fn(&Viewer) -> Sql,
    /// Whether it can be null.
    pub nullable: bool,
    /// Whether a cursor can keep its place.
    pub cursor: bool,
}

impl Entry {
    fn of<R: Resource>(number: usize) -> Self {
        Self {
            number,
            kind: R::TYPE,
            about: R::ABOUT,
            path: R::PATH,
            attributes: R::ATTRIBUTES
                .iter()
                .map(|attribute| AttributeInfo { field: attribute.field, readable: attribute.read.is_some() })
                .collect(),
            to_one: R::TO_ONE.iter().map(to_one_info).collect(),
            to_many: R::TO_MANY.iter().map(to_many_info).collect(),
            members: members::<R>().collect(),
            sorts: R::SORTS
                .iter()
                .map(|sort| SortInfo {
                    name: sort.name,
                    kind: sort.kind,
                    expr: sort.expr,
                    nullable: sort.nullable,
                    cursor: sort.cursor,
                })
                .collect(),
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
            computed: (R::COMPUTED, readers::<R>()),
            columns_are_dear: R::COLUMNS_ARE_DEAR,
            dated: R::MODIFIED.is_some(),
            can: Can {
                list: R::LIST,
                create: R::CREATE.is_some(),
                create_anonymously: R::CREATE.is_some_and(|create| create.anonymous),
                create_finds: R::CREATE.is_some_and(|create| create.finds),
                create_many: R::CREATE.is_some_and(|create| matches!(create.apply, write::Apply::Many(_))),
                client_ids: R::CLIENT_IDS,
                update: R::UPDATE.is_some(),
                delete: R::DELETE.is_some(),
            },
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
    pub fn includable_names(&self) -> impl Iterator<Item = &'static str> {
        self.relationship_names().filter(|name| self.relationship(name).is_some_and(|found| self.is_includable(found)))
    }

    /// The names of all relationships.
    pub fn relationship_names(&self) -> impl Iterator<Item = &'static str> {
        self.to_one.iter().map(|one| one.name).chain(self.to_many.iter().map(|many| many.name))
    }

    /// What `filter[…]` takes: fields, to-one relationships, the id and searches.
    pub fn filter_keys(&self) -> impl Iterator<Item = &'static str> {
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
    pub fn sort_words(&self) -> impl Iterator<Item = &'static str> {
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

fn members<R: Resource>() -> impl Iterator<Item = (&'static str, Member)> {
    let attributes = R::ATTRIBUTES.iter().enumerate().filter(|(_, attribute)| attribute.read.is_some());
    let attributes = attributes.map(|(at, attribute)| (attribute.field.name, Member::Attribute(at)));
    let one = R::TO_ONE.iter().enumerate().map(|(at, one)| (one.name, Relationship::One(at)));
    let many = R::TO_MANY.iter().enumerate().map(|(at, many)| (many.name, Relationship::Many(at)));
    attributes.chain(one.chain(many).map(|(name, found)| (name, Member::Relationship(found))))
}

fn readers<R: Resource>() -> Vec<u64> {
    const { assert!(R::COMPUTED.len() <= computed::MOST) };
    let one = R::TO_ONE.iter().map(|one| one.name).chain(R::TO_MANY.iter().map(|many| many.name));
    let fields = R::ATTRIBUTES.iter().map(|attribute| attribute.field.name).chain(one);
    let members = fields.chain(R::SORTS.iter().map(|sort| sort.name));
    R::COMPUTED.iter().map(|computed| computed.readers(members.clone())).collect()
}

fn to_one_info<R>(one: &super::ToOne<R>) -> ToOneInfo {
    ToOneInfo {
        name: one.name,
        about: one.about,
        target: one.target,
        expr: one.expr,
        column: one.column,
        on_create: one.on_create,
        moving: one.moving,
        writable: one.replace.is_some(),
    }
}

fn to_many_info<R>(many: &super::ToMany<R>) -> ToManyInfo {
    ToManyInfo {
        name: many.name,
        about: many.about,
        target: many.target,
        edge: many.edge,
        on_create: many.on_create,
        writable: many.add.is_some(),
        includable: many.includable,
        creates: many.creates,
    }
}

/// An attribute by its position, or a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// An attribute that is shown.
    Attribute(usize),
    /// A relationship.
    Relationship(Relationship),
}

/// A relationship by its position among those of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relationship {
    /// To-one.
    One(usize),
    /// To-many.
    Many(usize),
}
