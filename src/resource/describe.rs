//! The words in which a resource describes itself: attributes, relationships, pseudo sorts and filters.
//!
//! All of them are constants of `fn` pointers and diesel columns: no registration order, no allocation, and a
//! wrong column is an error of the compiler.

use super::{
    error::Result,
    note::Note,
    relate::Verb,
    sql::{Column, Sql},
    value::Value,
    viewer::Viewer,
    write::Tx,
};
use crate::{db::Id, jsonapi::input::Kind};

/// What a field is in SQL.
#[derive(Clone, Copy)]
pub enum Expr {
    /// A column of the resource's source.
    Column(Column),
    /// An expression, which may depend on the viewer.
    Made(fn(&Viewer) -> Sql),
}

impl Expr {
    /// The piece of SQL for this viewer.
    pub fn sql(self, viewer: &Viewer) -> Sql {
        match self {
            Expr::Column(column) => Sql::new(column),
            Expr::Made(make) => make(viewer),
        }
    }
}

/// Whether a create may or must give a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnCreate {
    /// It may not: 403.
    Never,
    /// It may.
    May,
    /// It must: 422 without.
    Must,
}

/// What is known of an attribute, or of a filter that looks like one, without its row.
#[derive(Clone, Copy)]
pub struct Field {
    /// The member name.
    pub name: &'static str,
    /// The JSON type and format.
    pub kind: Kind,
    /// Whether `null` is a value.
    pub nullable: bool,
    /// Whether the viewer may see it in some rows only: in the others it is null in SQL.
    pub hidden_from_some: bool,
    /// What it is in SQL, if it can be filtered or sorted by.
    pub expr: Option<Expr>,
    /// Its folded form in SQL, for texts that people write.
    pub folded: Option<Expr>,
    /// Whether `eq` and `in` compare the folded form too (e-mail addresses).
    pub folded_eq: bool,
    /// Whether `sort` takes it.
    pub sortable: bool,
    /// Whether a create may set it.
    pub on_create: OnCreate,
    /// Whether an update may set it.
    pub on_update: bool,
    /// Whether the server or other people change it: an update ignores it, whatever the value.
    pub moving: bool,
    /// The relationship whose resource has it in a form that can be set.
    pub set_by: Option<&'static str>,
    /// What is said of it to people and tools.
    pub note: Note,
}

/// An attribute of `R`.
pub struct Attribute<R> {
    /// Everything but the row's part.
    pub field: Field,
    /// Reads the value; `None` for a write-only attribute.
    pub read: Option<for<'a> fn(&'a R, &Viewer) -> Value<'a>>,
    /// Whether this viewer may update it in this row; `None` means everybody who may update the row.
    pub writable: Option<fn(&R, &Viewer) -> bool>,
}

impl Field {
    pub(super) const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            nullable: false,
            hidden_from_some: false,
            expr: None,
            folded: None,
            folded_eq: false,
            sortable: false,
            on_create: OnCreate::Never,
            on_update: false,
            moving: false,
            set_by: None,
            note: Note::NONE,
        }
    }

    /// A filter that looks like an attribute, but is none: `filter[name]=…` compares `expr`.
    pub const fn filter(name: &'static str, kind: Kind, expr: Expr) -> Self {
        let mut field = Self::new(name, kind);
        field.expr = Some(expr);
        field
    }
}

impl<R> Attribute<R> {
    /// A read-only attribute that nobody can filter or sort by, until said otherwise.
    pub const fn new(name: &'static str, kind: Kind, read: for<'a> fn(&'a R, &Viewer) -> Value<'a>) -> Self {
        Self { field: Field::new(name, kind), read: Some(read), writable: None }
    }

    /// An attribute that is never shown.
    pub const fn write_only(name: &'static str, kind: Kind) -> Self {
        Self { field: Field::new(name, kind), read: None, writable: None }
    }

    /// `null` is a value.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.field.nullable = true;
        self
    }

    /// The viewer may see it in some rows only; `expr` is null in the others.
    #[must_use]
    pub const fn hidden_from_some(mut self) -> Self {
        self.field.hidden_from_some = true;
        self
    }

    /// Filterable and sortable by this column.
    #[must_use]
    pub const fn column(mut self, column: Column) -> Self {
        self.field.expr = Some(Expr::Column(column));
        self.field.sortable = true;
        self
    }

    /// Filterable and sortable by this expression.
    #[must_use]
    pub const fn expr(mut self, make: fn(&Viewer) -> Sql) -> Self {
        self.field.expr = Some(Expr::Made(make));
        self.field.sortable = true;
        self
    }

    /// Compared and sorted by this column, which holds the folded text.
    #[must_use]
    pub const fn folded(mut self, column: Column) -> Self {
        self.field.folded = Some(Expr::Column(column));
        self
    }

    /// Compared and sorted by this expression of folded text, `eq` and `in` too.
    #[must_use]
    pub const fn folded_always(mut self, make: fn(&Viewer) -> Sql) -> Self {
        self.field.folded = Some(Expr::Made(make));
        self.field.folded_eq = true;
        self
    }

    /// Not sortable.
    #[must_use]
    pub const fn unsortable(mut self) -> Self {
        self.field.sortable = false;
        self
    }

    /// A create may set it.
    #[must_use]
    pub const fn create(mut self) -> Self {
        self.field.on_create = OnCreate::May;
        self
    }

    /// A create must set it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.field.on_create = OnCreate::Must;
        self
    }

    /// An update may set it.
    #[must_use]
    pub const fn update(mut self) -> Self {
        self.field.on_update = true;
        self
    }

    /// An update may set it where `writable` says so.
    #[must_use]
    pub const fn update_if(mut self, writable: fn(&R, &Viewer) -> bool) -> Self {
        self.field.on_update = true;
        self.writable = Some(writable);
        self
    }

    /// The server or other people change it.
    #[must_use]
    pub const fn moving(mut self) -> Self {
        self.field.moving = true;
        self
    }

    /// Another resource, to which this relationship leads, is where it can be set.
    #[must_use]
    pub const fn set_by(mut self, relationship: &'static str) -> Self {
        self.field.set_by = Some(relationship);
        self
    }
}

/// A number of the rows of `R` in the order of their making: its column, and how a row tells it.
pub type Sequence<R> = (Column, fn(&R) -> i64);

/// A to-one relationship of `R`. Its linkage is always shown.
pub struct ToOne<R> {
    /// The member name.
    pub name: &'static str,
    /// A sentence about it.
    pub about: &'static str,
    /// The type it leads to.
    pub target: &'static str,
    /// The linkage as this viewer may see it.
    pub id: fn(&R, &Viewer) -> Option<Id>,
    /// Whether this viewer may know of it in this row; `None` means everybody who sees the row. Others get no such
    /// member, and its URLs are 404.
    pub shown: Option<fn(&R, &Viewer) -> bool>,
    /// The linkage in SQL, for filters.
    pub expr: Option<Expr>,
    /// A column that has the linkage wherever `expr` isn't null, so that an index finds what `expr` is compared with.
    pub column: Option<Column>,
    /// Whether a create may or must set it.
    pub on_create: OnCreate,
    /// Whether the server or other people change it.
    pub moving: bool,
    /// Writes it, by the resource's or the relationship's URL; without it both are 403.
    pub replace: Option<Replace<R>>,
}

/// Replaces a to-one linkage; the result is the linkage where it ended up.
pub type Replace<R> = fn(&mut Tx<'_>, &R, Option<Id>) -> Result<Option<Id>>;

impl<R> ToOne<R> {
    /// A read-only relationship, filterable by id.
    pub const fn new(
        name: &'static str,
        target: &'static str,
        id: fn(&R, &Viewer) -> Option<Id>,
        column: Column,
    ) -> Self {
        let (expr, on_create) = (Some(Expr::Column(column)), OnCreate::Never);
        Self { name, about: "", target, id, shown: None, expr, column: None, on_create, moving: false, replace: None }
    }

    /// Whether the viewer may know of it in this row.
    pub fn is_shown(&self, row: &R, viewer: &Viewer) -> bool {
        self.shown.is_none_or(|shown| shown(row, viewer))
    }

    /// Filterable by this expression in place of the column.
    #[must_use]
    pub const fn expr(mut self, make: fn(&Viewer) -> Sql) -> Self {
        self.expr = Some(Expr::Made(make));
        self
    }

    /// Filterable by this expression, which is the column or null.
    #[must_use]
    pub const fn seen_as(mut self, column: Column, make: fn(&Viewer) -> Sql) -> Self {
        self.column = Some(column);
        self.expr(make)
    }

    /// Shown in some rows only.
    #[must_use]
    pub const fn shown_if(mut self, shown: fn(&R, &Viewer) -> bool) -> Self {
        self.shown = Some(shown);
        self
    }

    /// A create may set it.
    #[must_use]
    pub const fn create(mut self) -> Self {
        self.on_create = OnCreate::May;
        self
    }

    /// A create must set it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.on_create = OnCreate::Must;
        self
    }

    /// The server or other people change it.
    #[must_use]
    pub const fn moving(mut self) -> Self {
        self.moving = true;
        self
    }

    /// An update may set it, and so may `PATCH` on the relationship's URL, by this.
    #[must_use]
    pub const fn update(mut self, replace: Replace<R>) -> Self {
        self.replace = Some(replace);
        self
    }
}

/// A to-many relationship of `R`.
pub struct ToMany<R> {
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
    /// Adds members by `POST` to the relationship's URL.
    pub add: Option<Relate<R>>,
    /// Removes members by `DELETE` to the relationship's URL.
    pub remove: Option<Relate<R>>,
    /// Whether the viewer may do that at all, whoever the members are.
    pub allow: fn(&Tx<'_>, &R, Verb) -> Result<()>,
    /// Whether it can be included; one without bounds can't.
    pub includable: bool,
    /// The to-one relationship of the target that leads back, if `POST` on the related URL makes a member.
    pub creates: Option<&'static str>,
}

/// Adds members to, or removes them from, a to-many relationship.
pub type Relate<R> = fn(&mut Tx<'_>, &R, &[Id]) -> Result<()>;

/// How the rows of a to-many relationship are joined to their parents.
#[derive(Clone, Copy)]
pub struct Edge {
    /// SQL after the target's source, e.g. `JOIN chat_memberships AS edge ON edge.user_id = users.id`.
    pub join: &'static str,
    /// The parent's id, e.g. `edge.chat_id`.
    pub parent: &'static str,
    /// The instant that orders the rows of one parent, e.g. `edge.created_at`.
    pub at: &'static str,
    /// The id that settles equal instants, e.g. `edge.id`.
    pub id: &'static str,
    /// The order of the related collection that asks for none, as in `sort`; `None` is the order of the edge.
    pub order: Option<&'static str>,
}

impl<R> ToMany<R> {
    /// A read-only, includable relationship.
    pub const fn new(name: &'static str, target: &'static str, edge: Edge) -> Self {
        Self {
            name,
            about: "",
            target,
            edge,
            on_create: OnCreate::Never,
            add: None,
            remove: None,
            allow: |_, _, _| Ok(()),
            includable: true,
            creates: None,
        }
    }

    /// A create may set it.
    #[must_use]
    pub const fn create(mut self) -> Self {
        self.on_create = OnCreate::May;
        self
    }

    /// Never included: it has no bounds.
    #[must_use]
    pub const fn links_only(mut self) -> Self {
        self.includable = false;
        self
    }

    /// `POST` on the related URL makes a member, whose to-one relationship `back` is implied.
    #[must_use]
    pub const fn creates(mut self, back: &'static str) -> Self {
        self.creates = Some(back);
        self
    }

    /// `POST` and `DELETE` on the relationship's URL.
    #[must_use]
    pub const fn relate(mut self, add: Relate<R>, remove: Relate<R>) -> Self {
        self.add = Some(add);
        self.remove = Some(remove);
        self
    }

    /// Both only where `allow` says so.
    #[must_use]
    pub const fn allow(mut self, allow: fn(&Tx<'_>, &R, Verb) -> Result<()>) -> Self {
        self.allow = allow;
        self
    }
}

/// A sort that is no attribute.
pub struct Sort<R> {
    /// The word in `sort`.
    pub name: &'static str,
    /// The type of what is compared.
    pub kind: Kind,
    /// What is compared.
    pub expr: fn(&Viewer) -> Sql,
    /// The same of a row, for cursors.
    pub read: for<'a> fn(&'a R, &Viewer) -> Value<'a>,
    /// Whether the value can be null.
    pub nullable: bool,
    /// Whether a cursor can keep its place: not where it changes with every glance, as counts per viewer do.
    pub cursor: bool,
}

/// A filter or query parameter of its own kind, e.g. `search_peer` or `filter[search]`.
pub struct Search {
    /// The key in `filter[…]`, or the parameter's whole name.
    pub name: &'static str,
    /// A sentence about it.
    pub about: &'static str,
    /// Whether it is a query parameter of its own rather than a key of `filter`.
    pub parameter: bool,
    /// The condition; `Ok(None)` doesn't narrow anything.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the value.
    pub condition: fn(&Viewer, &str) -> Result<Option<Sql>, String>,
}
