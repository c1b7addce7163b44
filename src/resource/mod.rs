//! The generic layer: resources described by constants, served as JSON:API.
//!
//! A resource implements [`Resource`]: its type, path, attributes, relationships, sorts and filters, who sees a
//! row, and what a create, update or delete does. Everything else is generic: query parameters become a
//! [`plan::Plan`] before any SQL, [`mod@read`] and [`mod@write`] run it, [`document`] writes the bytes.
//!
//! Statements of a list: one, plus one per include edge, plus one when a total is asked for.

pub mod change;
pub mod clock;
pub mod computed;
pub mod content;
pub mod cursor;
pub mod describe;
pub mod dialect;
pub mod document;
pub mod error;
pub mod fixed;
mod from_table;
pub mod include;
pub mod nearest;
pub mod note;
pub mod operations;
pub mod parts;
pub mod plan;
pub mod read;
pub mod registry;
pub mod relate;
pub mod replay;
pub mod select;
pub mod sql;
pub mod tag;
pub mod value;
pub mod viewer;
pub mod work;
pub mod write;

pub use self::{
    change::change,
    computed::{Computed, Spared},
    describe::{Attribute, Edge, Expr, Field, OnCreate, Search, Sequence, Sort, ToMany, ToOne},
    error::{Error, Result},
    fixed::{Fixed, fixed},
    parts::Parts,
    registry::Registry,
    select::Load,
    sql::{Column, Condition, Sql, among},
    tag::{Precondition, Tag},
    value::{Bind, Value},
    viewer::Viewer,
    write::{Create, Created, Delete, Failed, Input, NoAttributes, Tx, Update},
};
use crate::db::{Id, Time};

/// As many ids go into one statement.
const CHUNK: usize = 500;

/// Where rows of a type are about to appear: who may see them can depend on it.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// A resource by its id: on its own URL, as to-one linkage, in `included`.
    One,
    /// Rows reached through a to-many relationship.
    Many,
    /// The collection of the type; the names are those that its `filter` mentions, since they can widen the scope.
    List(&'a [&'static str]),
}

/// A resource: a row, described.
///
/// ```text
/// TYPE, PATH                      names
/// ATTRIBUTES, TO_ONE, TO_MANY     fields
/// SORTS, FILTERS, SEARCHES        what else a list can be asked for
/// source, visible                 where rows come from, and who sees them
/// CREATE, UPDATE, DELETE          what can be written
/// ```
pub trait Resource: Load + Send + Sync + 'static {
    /// The type, singular snake_case.
    const TYPE: &'static str;
    /// The path segment, plural snake_case.
    const PATH: &'static str;
    /// A sentence about the type.
    const ABOUT: &'static str = "";
    /// What a write may set, as `validator` checks it. Every member is optional: the description says what's required.
    type Attributes: serde::de::DeserializeOwned + validator::Validate + Send;

    /// In the order in which they are shown.
    const ATTRIBUTES: &'static [Attribute<Self>];
    /// To-one relationships.
    const TO_ONE: &'static [ToOne<Self>] = &[];
    /// To-many relationships.
    const TO_MANY: &'static [ToMany<Self>] = &[];

    /// Sorts that are no attribute.
    const SORTS: &'static [Sort<Self>] = &[];
    /// Filters that look like attributes, but are none.
    const FILTERS: &'static [Field] = &[];
    /// Filters and query parameters with a meaning of their own.
    const SEARCHES: &'static [Search] = &[];
    /// The order of a list that asks for none, as in `sort`; by default that of creation, the oldest first, whether or not
    /// an attribute shows it.
    const DEFAULT_SORT: &'static str = "";

    /// Members of the `meta` that a resource object has where it is the primary data.
    const META: &'static [Field] = &[];
    /// Members of the `meta` of the document that answers a create.
    const CREATED_META: &'static [Field] = &[];
    /// Bytes beside a resource.
    const CONTENTS: &'static [content::Content] = &[];

    /// The id's column.
    const ID: Column;
    /// The column by which rows are found by id: another one of the source that equals it, where an index takes that
    /// together with the viewer.
    const KEY: Column = Self::ID;
    /// The column of the instant of creation: the last tie-break of every sort, before the id.
    const CREATED_AT: Column;

    /// What settles equal instants of creation before the id does, for rows that are numbered.
    const SEQUENCE: Option<Sequence<Self>> = None;
    /// Whether a list that says nothing of pages is paged by cursor.
    const CURSOR_BY_DEFAULT: bool = false;
    /// The parts that a list is merged of, where there is no index on the whole.
    const PARTS: Option<Parts> = None;
    /// Columns that a statement does without where nothing reads them; [`computed::MOST`] at most.
    const COMPUTED: &'static [Computed] = &[];
    /// Whether columns are computed from other tables, so that a list should find its page before it reads them.
    const COLUMNS_ARE_DEAR: bool = false;

    /// When anything last changed that a row shows, for types that show all viewers the same; a row may not know it.
    const MODIFIED: Option<fn(&Self) -> Option<Time>> = None;
    /// Whether `GET` on the collection answers.
    const LIST: bool = true;
    /// Whether a create takes an id made by the client.
    const CLIENT_IDS: bool = false;
    /// `POST` on the collection.
    const CREATE: Option<Create<Self>> = None;
    /// `PATCH`; without it the answer is 403.
    const UPDATE: Option<Update<Self>> = None;
    /// `DELETE`; without it the answer is 405.
    const DELETE: Option<Delete<Self>> = None;

    /// The id of this row.
    fn id(&self) -> Id;
    /// When this row was made.
    fn created_at(&self) -> Time;
    /// What follows `FROM`.
    fn source(viewer: &Viewer) -> Sql;
    /// The same where some columns are spared: what is joined for them alone need not be there.
    fn source_without(viewer: &Viewer, _spared: Spared) -> Sql {
        Self::source(viewer)
    }
    /// Who sees a row, as conditions of which at most one holds for any row.
    ///
    /// A list with several of them is read as the union of limited halves: each can walk its own index.
    fn visible(viewer: &Viewer, place: Place<'_>) -> Vec<Sql>;
    /// What moves by every change that a `PATCH` or `DELETE` of this row or of its relationships can make, and by
    /// nothing else: mostly a column. It tells this viewer nothing that the row doesn't show.
    fn version(&self, _viewer: &Viewer) -> i64 {
        1
    }
    /// Members of the resource object's `meta` where it is the primary data, as JSON text without the braces.
    fn meta(&self, _viewer: &Viewer) -> Option<String> {
        None
    }
}
