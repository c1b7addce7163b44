//! Reads: a plan becomes statements, rows, and the bytes of a document.

mod page;
mod seek;
mod walk;

use self::page::{Found, page_meta};
use super::{
    Place,
    document::{self, Document, Meta, Writer},
    error::{Error, Result},
    include::Included,
    plan::{
        Plan,
        fields::{self, Fields},
        page::Page,
    },
    registry::{Entry, Registry, Relationship, Rows},
    select::{EdgeOf, Select},
    viewer::Viewer,
};
use crate::{
    db::{Conn, Id},
    jsonapi::params::{self, Param},
};
use std::sync::Arc;

/// Bytes of a resource object, so that most documents are written without moving to a larger place.
const USUAL_SIZE: usize = 1750;

/// Everything a read needs beside the connection.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// All types.
    pub registry: &'a Registry,
    /// Who asks.
    pub viewer: &'a Viewer,
    /// Where the API is, e.g. `https://chat.example/api/v1`.
    pub base: &'a str,
    /// The path below the base, e.g. `/chats`.
    pub path: &'a str,
    /// The parameters, understood.
    pub plan: &'a Plan,
}

impl Reader<'_> {
    /// The collection of a type.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn list(&self, conn: &mut Conn, entry: &Entry) -> Result<Document> {
        let select = self.sparing(entry, entry.select(self.viewer, Place::List(&self.plan.named)));
        self.collection(conn, entry, select)
    }

    /// One resource.
    ///
    /// # Errors
    /// [`Error::Api`] 404 if there is none that the viewer sees.
    pub fn show(&self, conn: &mut Conn, entry: &Entry, id: Id) -> Result<Document> {
        let rows = self.one(conn, entry, id)?;
        self.single(conn, entry, Some(rows), None)
    }

    /// The answer to a create: the resource with a top of its own.
    ///
    /// # Errors
    /// [`Error::Api`] 404 if the viewer doesn't see it.
    pub fn written(&self, conn: &mut Conn, entry: &Entry, id: Id, top: Top<'_>) -> Result<Document> {
        let rows = self.one(conn, entry, id)?;
        self.single(conn, entry, Some(rows), Some(top))
    }

    fn one(&self, conn: &mut Conn, entry: &Entry, id: Id) -> Result<Box<dyn Rows>> {
        let select = entry.select_ids(self.viewer, Place::One, [id]);
        self.first(conn, entry, &self.sparing(entry, select))
    }

    /// The one row of `select`, if the viewer sees it.
    fn first(&self, conn: &mut Conn, entry: &Entry, select: &Select) -> Result<Box<dyn Rows>> {
        let rows = entry.rows.load(conn, select)?;
        if rows.is_empty() { Err(Error::not_found(entry.kind)) } else { Ok(rows) }
    }

    /// The related resource or collection of a relationship; the plan is one of the target's type.
    ///
    /// # Errors
    /// [`Error::Api`] 404 if the viewer doesn't see the owner.
    pub fn related(&self, conn: &mut Conn, owner: &Entry, id: Id, relationship: Relationship) -> Result<Document> {
        let rows = self.owner(conn, owner, id, relationship)?;
        let target = self.registry.target(owner.relationship_target(relationship))?;
        match relationship {
            Relationship::Many(at) => {
                let mut select = self.sparing(target, target.select(self.viewer, Place::Many));
                select.edge = Some(EdgeOf { edge: owner.to_many[at].edge, parents: vec![id], per_parent: None });
                self.collection(conn, target, select)
            }
            Relationship::One(at) => {
                let found = match rows.one(0, at, self.viewer) {
                    Some(id) => {
                        let select = target.select_ids(self.viewer, Place::One, [id]);
                        Some(target.rows.load(conn, &self.sparing(target, select))?)
                    }
                    None => None,
                };
                self.single(conn, target, found.filter(|rows| !rows.is_empty()), None)
            }
        }
    }

    /// The linkage of a relationship; the plan is one of the owner's type.
    ///
    /// # Errors
    /// [`Error::Api`] 404 if the viewer doesn't see the owner.
    pub fn linkage(&self, conn: &mut Conn, owner: &Entry, id: Id, relationship: Relationship) -> Result<Document> {
        let rows = self.owner(conn, owner, id, relationship)?;
        let target = self.registry.target(owner.relationship_target(relationship))?;
        let tree = self.plan.include.as_ref().and_then(|tree| tree.first()).map(|node| node.children.as_slice());
        let sort = self.plan.sort.as_slice();
        let spared = match tree {
            Some(tree) => self.plan.fields.spared(target, sort, tree),
            None => fields::spared_by_identifiers(target, sort),
        };
        let (found, page) = match relationship {
            Relationship::Many(at) => {
                let mut select = target.sparing(self.viewer, spared, target.select(self.viewer, Place::Many));
                select.edge = Some(EdgeOf { edge: owner.to_many[at].edge, parents: vec![id], per_parent: None });
                let (found, page) = self.page(conn, target, select)?;
                (found, Some(page))
            }
            Relationship::One(at) => {
                let ids = rows.one(0, at, self.viewer);
                let select = target.select_ids(self.viewer, Place::One, ids);
                (target.rows.load(conn, &target.sparing(self.viewer, spared, select))?, None)
            }
        };
        let version = rows.version(0, self.viewer);
        self.identifiers(conn, target, found, page, (tree, owner, id, relationship), version)
    }

    /// The owner of a relationship, if the viewer may know of that.
    fn owner(&self, conn: &mut Conn, owner: &Entry, id: Id, relationship: Relationship) -> Result<Box<dyn Rows>> {
        let select = owner.select_ids(self.viewer, Place::One, [id]);
        let spared = owner.spared(1 << owner.bit(relationship));
        let rows = self.first(conn, owner, &owner.sparing(self.viewer, spared, select))?;
        let shown = !matches!(relationship, Relationship::One(at) if !rows.shows(0, at, self.viewer));
        if shown { Ok(rows) } else { Err(Error::not_found(owner.relationship_target(relationship))) }
    }

    /// A document of one resource, or of none.
    fn single(
        &self,
        conn: &mut Conn,
        entry: &Entry,
        rows: Option<Box<dyn Rows>>,
        top: Option<Top<'_>>,
    ) -> Result<Document> {
        let tree = self.plan.include.as_deref();
        let included = match (&rows, tree) {
            (Some(rows), Some(tree)) => Included::follow(conn, self.seen(), (entry, &**rows), tree)?,
            _ => Included::default(),
        };
        let writer = self.writer(&included, false);
        let mut out = Vec::with_capacity(4096);
        let this = top.map_or_else(|| self.this(), |top| top.this.to_owned());
        document::head(&mut out, false, &this);
        document::described_by(&mut out, self.base, entry.kind);
        out.extend_from_slice(b"},\"data\":");
        match &rows {
            None => out.extend_from_slice(b"null"),
            Some(rows) => {
                let own = rows.meta(0, self.viewer);
                writer.resource(&mut out, entry, &**rows, 0, Meta { cursor: None, own: own.as_deref() });
            }
        }
        if tree.is_some() {
            writer.included(&mut out);
        }
        out.push(b'}');
        let version = rows.as_ref().map_or(0, |rows| rows.version(0, self.viewer));
        let mut document = Document::new(out, Some(version), false);
        // Of what is included, nothing is known.
        document.modified = rows.filter(|_| tree.is_none()).and_then(|rows| rows.modified(0));
        if let Some(meta) = top.and_then(|top| top.meta) {
            // The tag is that of the resource, as the next `GET` will find it.
            document.bytes.pop();
            document.bytes.extend_from_slice(b",\"meta\":{");
            document.bytes.extend_from_slice(meta.as_bytes());
            document.bytes.extend_from_slice(b"}}");
        }
        Ok(document)
    }

    fn collection(&self, conn: &mut Conn, entry: &Entry, select: Select) -> Result<Document> {
        let (rows, page) = self.page(conn, entry, select)?;
        let tree = self.plan.include.as_deref();
        let included = match tree {
            Some(tree) => Included::follow(conn, self.seen(), (entry, &*rows), tree)?,
            None => Included::default(),
        };
        let by_cursor = matches!(self.plan.page, Page::Cursor { .. });
        let writer = self.writer(&included, by_cursor);
        let mut out = Vec::with_capacity(1024 + USUAL_SIZE * (rows.len() + included.count()));
        document::head(&mut out, by_cursor, &self.this());
        document::described_by(&mut out, self.base, entry.kind);
        self.page_links(&mut out, &page, &*rows);
        out.extend_from_slice(b"},\"data\":[");
        for row in 0..rows.len() {
            if row > 0 {
                out.push(b',');
            }
            let cursor = self.cursor(&*rows, row);
            writer.resource(&mut out, entry, &*rows, row, Meta { cursor: cursor.as_deref(), own: None });
        }
        out.push(b']');
        if tree.is_some() {
            writer.included(&mut out);
        }
        page_meta(&mut out, &page, self.plan);
        out.push(b'}');
        Ok(Document::new(out, None, by_cursor))
    }

    fn identifiers(
        &self,
        conn: &mut Conn,
        target: &Arc<Entry>,
        rows: Box<dyn Rows>,
        page: Option<Found>,
        (tree, owner, id, relationship): (Option<&[super::plan::include::Node]>, &Entry, Id, Relationship),
        version: i64,
    ) -> Result<Document> {
        let by_cursor = page.is_some() && matches!(self.plan.page, Page::Cursor { .. });
        let mut out = Vec::with_capacity(1024 + 128 * rows.len());
        document::head(&mut out, by_cursor, &self.this());
        document::described_by(&mut out, self.base, target.kind);
        let name = owner.relationship_name(relationship);
        document::link(&mut out, "related", Some(&format!("{}/{}/{id}/{name}", self.base, owner.path)));
        if let Some(page) = &page {
            self.page_links(&mut out, page, &*rows);
        }
        out.extend_from_slice(b"},\"data\":");
        match page {
            None => document::linkage(&mut out, target.kind, (!rows.is_empty()).then(|| rows.id(0))),
            Some(_) => {
                out.push(b'[');
                for row in 0..rows.len() {
                    if row > 0 {
                        out.push(b',');
                    }
                    let cursor = self.cursor(&*rows, row);
                    document::identifier(&mut out, target.kind, Some(rows.id(row)), cursor.as_deref());
                }
                out.push(b']');
            }
        }
        if self.plan.include.is_some() {
            let included = match tree {
                Some(tree) => Included::follow_from_linkage(conn, self.seen(), (target, rows), tree)?,
                None => Included::default(),
            };
            self.writer(&included, by_cursor).included(&mut out);
        }
        if let Some(page) = &page {
            page_meta(&mut out, page, self.plan);
        }
        out.push(b'}');
        Ok(Document::new(out, Some(version), by_cursor))
    }

    /// The statement of what is shown, without what the sparse fieldsets leave out.
    fn sparing(&self, entry: &Entry, select: Select) -> Select {
        let Plan { fields, sort, include, .. } = self.plan;
        let spared = fields.spared(entry, sort, include.as_deref().unwrap_or_default());
        entry.sparing(self.viewer, spared, select)
    }

    /// Who sees what of a resource.
    fn seen(&self) -> (&Viewer, &Fields) {
        (self.viewer, &self.plan.fields)
    }

    fn writer<'a>(&'a self, included: &'a Included, by_cursor: bool) -> Writer<'a> {
        let cursor_key = self.registry.cursor_key();
        Writer { base: self.base, viewer: self.viewer, fields: &self.plan.fields, by_cursor, cursor_key, included }
    }

    /// The URL that made this document.
    fn this(&self) -> String {
        self.url(self.sent().iter().map(|param| (param.name(), &*param.value)))
    }

    /// The parameters as sent: what the plan was made of can be read again.
    fn sent(&self) -> Vec<Param<'_>> {
        params::parse(&self.plan.query).unwrap_or_default()
    }

    fn url<'a>(&self, params: impl Iterator<Item = (String, &'a str)>) -> String {
        let query = params::encode(params);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{query}", self.base, self.path)
    }
}

/// The top of a document that answers a write.
#[derive(Clone, Copy)]
pub struct Top<'a> {
    /// The resource's URL.
    pub this: &'a str,
    /// Members of `meta`, as JSON text without the braces.
    pub meta: Option<&'a str>,
}
