//! What a type declares, without its row type.

use super::super::{
    Resource, Sort, ToMany, ToOne,
    describe::{Edge, Expr, Field, OnCreate},
    sql::{Column, Sql},
    viewer::Viewer,
    write,
};
use crate::jsonapi::input::Kind;

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

impl Can {
    pub(super) fn of<R: Resource>() -> Self {
        Self {
            list: R::LIST,
            create: R::CREATE.is_some(),
            create_anonymously: R::CREATE.is_some_and(|create| create.anonymous),
            create_finds: R::CREATE.is_some_and(|create| create.finds),
            create_many: R::CREATE.is_some_and(|create| matches!(create.apply, write::Apply::Many(_))),
            client_ids: R::CLIENT_IDS,
            update: R::UPDATE.is_some(),
            delete: R::DELETE.is_some(),
        }
    }
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

impl ToOneInfo {
    pub(super) fn of<R>(one: &ToOne<R>) -> Self {
        Self {
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
}

impl ToManyInfo {
    pub(super) fn of<R>(many: &ToMany<R>) -> Self {
        Self {
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
}

impl SortInfo {
    pub(super) fn of<R>(sort: &Sort<R>) -> Self {
        Self { name: sort.name, kind: sort.kind, expr: sort.expr, nullable: sort.nullable, cursor: sort.cursor }
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
