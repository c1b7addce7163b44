//! Relationships as a resource describes them: where they lead, who may know of them, and what writes them.

use super::{Expr, OnCreate};
use crate::{
    db::Id,
    resource::{
        error::Result,
        relate::Verb,
        sql::{Column, Sql},
        viewer::Viewer,
        write::Tx,
    },
};

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
