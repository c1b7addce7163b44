//! Documents written straight into bytes: resource objects, linkage, links, compound documents.
//!
//! ```text
//! {"jsonapi":{"version":"1.1"},"links":{…},"data":…,"included":[…],"meta":{…}}
//! ```
//! Spec: <https://jsonapi.org/format/1.1/#document-structure>

use super::{
    cursor::{self, Seal, Slot},
    include::{Included, Linked, PER_PARENT},
    plan::{fields::Fields, list_of},
    registry::{Entry, Relationship, Rows},
    tag::Tag,
    value::Value,
    viewer::Viewer,
};
use crate::{
    db::{Id, Time},
    jsonapi::{
        json,
        media_type::{CURSOR_PROFILE, JSON_API_CURSOR},
        params,
    },
};
use std::ops::Range;

/// Where the schemas of types are, below the base of the API.
pub const SCHEMAS: &str = "schemas";

/// A finished document.
#[derive(Debug)]
pub struct Document {
    /// JSON.
    pub bytes: Vec<u8>,
    /// Whether the cursor-pagination profile was applied.
    pub cursor_profile: bool,
    /// Its entity tag.
    pub tag: Tag,
    /// When what it shows last changed, where that is known.
    pub modified: Option<Time>,
}

impl Document {
    /// A finished document; `version` is that of what a write to its URL would change.
    pub fn new(bytes: Vec<u8>, version: Option<i64>, cursor_profile: bool) -> Self {
        Self { tag: Tag::of(version, &bytes), bytes, cursor_profile, modified: None }
    }
}

/// Writes resource objects and identifiers.
pub struct Writer<'a> {
    /// Where the API is, e.g. `https://chat.example/api/v1`.
    pub base: &'a str,
    /// Whose values.
    pub viewer: &'a Viewer,
    /// Which members.
    pub fields: &'a Fields,
    /// Whether the cursor-pagination profile is applied.
    pub by_cursor: bool,
    /// What cursors are sealed with.
    pub cursor_key: &'a cursor::Key,
    /// Which linkage is known.
    pub included: &'a Included,
}

/// What `meta` of a resource object holds.
#[derive(Clone, Copy, Default)]
pub struct Meta<'a> {
    /// The item's cursor.
    pub cursor: Option<&'a str>,
    /// Members of the resource's own, as JSON text without the braces.
    pub own: Option<&'a str>,
}

impl Writer<'_> {
    /// Appends a resource object.
    pub fn resource(&self, out: &mut Vec<u8>, entry: &Entry, rows: &dyn Rows, row: usize, meta: Meta<'_>) {
        let id = rows.id(row);
        let mut text = [0; 36];
        let id_text: &str = id.0.hyphenated().encode_lower(&mut text);
        out.extend_from_slice(b"{\"type\":\"");
        out.extend_from_slice(entry.kind.as_bytes());
        out.extend_from_slice(b"\",\"id\":\"");
        out.extend_from_slice(id_text.as_bytes());
        out.push(b'"');
        self.attributes(out, entry, rows, row);
        let mut own = Own { entry, url: &[self.base, "/", entry.path, "/", id_text], written: None, id };
        self.relationships(out, &mut own, rows, row);
        out.extend_from_slice(b",\"links\":{\"self\":");
        own.url(out, &[]);
        out.push(b'}');
        write_meta(out, meta);
        out.push(b'}');
    }

    fn attributes(&self, out: &mut Vec<u8>, entry: &Entry, rows: &dyn Rows, row: usize) {
        let start = out.len();
        out.extend_from_slice(b",\"attributes\":{");
        let empty = out.len();
        for (at, attribute) in entry.attributes.iter().enumerate() {
            if !attribute.readable || !self.fields.attribute(entry, at) {
                continue;
            }
            let value = rows.attribute(row, at, self.viewer);
            if value == Value::Hidden {
                continue;
            }
            if out.len() > empty {
                out.push(b',');
            }
            json::name(out, attribute.field.name);
            match value {
                Value::Link(path) => json::string(out, &format!("{}{path}", self.base)),
                value => value.write(out),
            }
        }
        close(out, start, empty);
    }

    fn relationships(&self, out: &mut Vec<u8>, own: &mut Own<'_>, rows: &dyn Rows, row: usize) {
        let entry = own.entry;
        let start = out.len();
        out.extend_from_slice(b",\"relationships\":{");
        let empty = out.len();
        for (at, one) in entry.to_one.iter().enumerate() {
            if !self.fields.relationship(entry, Relationship::One(at)) || !rows.shows(row, at, self.viewer) {
                continue;
            }
            begin(out, empty, own, one.name);
            out.extend_from_slice(b"},\"data\":");
            linkage(out, one.target, rows.one(row, at, self.viewer));
            out.push(b'}');
        }
        for (at, many) in entry.to_many.iter().enumerate() {
            if !self.fields.relationship(entry, Relationship::Many(at)) {
                continue;
            }
            begin(out, empty, own, many.name);
            match self.included.linkage(entry, own.id, at) {
                Some(linked) => self.linked(out, own, (many.name, many.target), linked),
                None => out.push(b'}'),
            }
            out.push(b'}');
        }
        close(out, start, empty);
    }

    /// Ends the links of a to-many relationship object and adds its linkage.
    fn linked(&self, out: &mut Vec<u8>, own: &Own<'_>, (name, target): (&str, &str), linked: &Linked) {
        let next = linked.next.as_ref().map(|slots| self.next(own, name, linked, slots));
        if self.by_cursor || linked.scoped.is_some() {
            link(out, "prev", None);
            link(out, "next", next.as_deref());
        } else if next.is_some() {
            link(out, "next", next.as_deref());
        }
        out.extend_from_slice(b"},\"data\":[");
        for (at, id) in linked.ids.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            linkage(out, target, Some(*id));
        }
        out.push(b']');
        if let Some(total) = linked.total {
            out.extend_from_slice(if self.by_cursor {
                b",\"meta\":{\"page\":{\"total\":"
            } else {
                b",\"meta\":{\"total\":"
            });
            json::integer(out, total);
            out.extend_from_slice(if self.by_cursor { b"}}" } else { b"}" });
        }
    }

    /// Where the linkage goes on: at the URL of the relationship, with what was asked of it.
    fn next(&self, own: &Own<'_>, name: &str, linked: &Linked, slots: &[Slot]) -> String {
        let path = format!("/{}/{}/relationships/{name}", own.entry.path, own.id);
        let asked = linked.scoped.iter().flat_map(|scoped| &scoped.params);
        let asked = || asked.clone().map(|(name, value)| (name.as_str(), value.as_str()));
        let after = Seal::new(self.cursor_key, self.viewer, &list_of(&path, asked())).encode(slots);
        let size = linked.scoped.as_ref().map_or(PER_PARENT, |scoped| scoped.size).to_string();
        let page = [("page[after]", after.as_str()), ("page[size]", size.as_str())];
        format!("{}{path}?{}", self.base, params::encode(asked().chain(page)))
    }

    /// Appends `included`.
    pub fn included(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"included\":[");
        for set in &self.included.sets {
            for &row in &set.shown {
                json::comma(out);
                self.resource(out, &set.entry, &*set.rows, row, Meta::default());
            }
        }
        out.push(b']');
    }
}

/// The resource whose object is being written.
struct Own<'a> {
    entry: &'a Entry,
    url: &'a [&'a str],
    /// Where its URL stands in the document already: one copy is less than its parts.
    written: Option<Range<usize>>,
    id: Id,
}

impl Own<'_> {
    fn url(&mut self, out: &mut Vec<u8>, tail: &[&str]) {
        out.push(b'"');
        let start = out.len();
        match &self.written {
            Some(written) => out.extend_from_within(written.clone()),
            None => self.url.iter().for_each(|part| out.extend_from_slice(part.as_bytes())),
        }
        self.written.get_or_insert(start..out.len());
        tail.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
        out.push(b'"');
    }
}

/// Begins a relationship object: its links, not yet closed.
fn begin(out: &mut Vec<u8>, empty: usize, own: &mut Own<'_>, name: &str) {
    if out.len() > empty {
        out.push(b',');
    }
    json::name(out, name);
    out.extend_from_slice(b"{\"links\":{\"self\":");
    own.url(out, &["/relationships/", name]);
    out.extend_from_slice(b",\"related\":");
    own.url(out, &["/", name]);
}

/// Closes an object, or takes it back if nothing was put in.
fn close(out: &mut Vec<u8>, start: usize, empty: usize) {
    if out.len() == empty {
        out.truncate(start);
    } else {
        out.push(b'}');
    }
}

fn write_meta(out: &mut Vec<u8>, meta: Meta<'_>) {
    if meta.cursor.is_none() && meta.own.is_none() {
        return;
    }
    out.extend_from_slice(b",\"meta\":{");
    if let Some(cursor) = meta.cursor {
        page_cursor(out, cursor);
    }
    if let Some(own) = meta.own {
        json::comma(out);
        out.extend_from_slice(own.as_bytes());
    }
    out.push(b'}');
}

fn page_cursor(out: &mut Vec<u8>, cursor: &str) {
    out.extend_from_slice(b"\"page\":{\"cursor\":");
    json::string(out, cursor);
    out.push(b'}');
}

/// Appends a resource identifier, or `null`.
pub fn linkage(out: &mut Vec<u8>, kind: &str, id: Option<Id>) {
    identifier(out, kind, id, None);
}

/// Appends a resource identifier with its cursor, or `null`.
pub fn identifier(out: &mut Vec<u8>, kind: &str, id: Option<Id>, cursor: Option<&str>) {
    let Some(id) = id else { return out.extend_from_slice(b"null") };
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\",\"id\":\"");
    let mut text = [0; 36];
    out.extend_from_slice(id.0.hyphenated().encode_lower(&mut text).as_bytes());
    out.push(b'"');
    write_meta(out, Meta { cursor, own: None });
    out.push(b'}');
}

/// Begins a document up to its links, which are still open.
pub fn head(out: &mut Vec<u8>, cursor_profile: bool, this: &str) {
    out.extend_from_slice(b"{\"jsonapi\":{\"version\":\"1.1\"");
    if cursor_profile {
        out.extend_from_slice(b",\"profile\":[");
        json::string(out, CURSOR_PROFILE);
        out.push(b']');
    }
    out.extend_from_slice(b"},\"links\":{\"self\":");
    if cursor_profile {
        out.extend_from_slice(b"{\"href\":");
        json::string(out, this);
        out.extend_from_slice(b",\"type\":");
        json::string(out, JSON_API_CURSOR);
        out.push(b'}');
    } else {
        json::string(out, this);
    }
}

/// Appends the link to the schema of documents whose primary data are of a type.
pub fn described_by(out: &mut Vec<u8>, base: &str, kind: &str) {
    out.extend_from_slice(b",\"describedby\":\"");
    for part in [base, "/", SCHEMAS, "/", kind, ".json\""] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Appends a link to the open links.
pub fn link(out: &mut Vec<u8>, name: &str, url: Option<&str>) {
    out.push(b',');
    json::name(out, name);
    match url {
        Some(url) => json::string(out, url),
        None => out.extend_from_slice(b"null"),
    }
}
