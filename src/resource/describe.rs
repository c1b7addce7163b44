//! The words in which a resource describes itself: attributes, relationships, pseudo sorts and filters.
//!
//! All of them are constants of `fn` pointers and diesel columns: no registration order, no allocation, and a
//! wrong column is an error of the compiler.

mod relationship;

pub use self::relationship::{Edge, Relate, Replace, ToMany, ToOne};

use super::{
    note::Note,
    sql::{Column, Sql},
    value::Value,
    viewer::Viewer,
};
use crate::jsonapi::input::Kind;

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
