//! URLs and verbs of every type. What each URL takes is decided as `http::url` does; a test compares the two.

use super::{
    answers::{self, Verb},
    names::{parameter, pascal, schema},
    parameters, sent,
};
use crate::{
    jsonapi::media_type::{ATOMIC, JSON_API, JSON_API_ATOMIC},
    resource::{
        Registry,
        content::Content,
        registry::{Entry, Relationship, ToManyInfo},
        relate,
    },
};
use serde_json::{Map, Value, json};

/// All paths.
pub(super) fn all(registry: &Registry) -> Map<String, Value> {
    let mut paths = Map::new();
    for entry in registry.entries() {
        let of = Of { registry, entry, name: pascal(entry.kind) };
        let mut add = |tail: String, item: Map<String, Value>| {
            if !item.is_empty() {
                paths.insert(format!("/{}{tail}", entry.path), item.into());
            }
        };
        add(String::new(), of.collection());
        add("/{id}".to_owned(), of.one());
        for name in entry.relationship_names() {
            let Some(relationship) = entry.relationship(name) else { continue };
            add(format!("/{{id}}/{name}"), of.related(relationship));
            add(format!("/{{id}}/relationships/{name}"), of.linkage(relationship));
        }
        for content in entry.contents {
            add(format!("/{{id}}/{}", content.name), of.content(content));
        }
    }
    paths.insert("/operations".to_owned(), json!({"post": operations()}));
    paths.insert("/".to_owned(), json!({"get": root()}));
    paths
}

/// The tag of operations that belong to no type.
pub(super) const OF_NO_TYPE: &str = "api";

/// What there is.
fn root() -> Value {
    let successes = [(200, answers::document("The collections that there are.", "Root")), answers::unchanged()];
    json!({
        "tags": [OF_NO_TYPE],
        "operationId": "get_root",
        "summary": "Show which collections there are",
        "security": [],
        "parameters": [parameter("IfMatch"), parameter("IfNoneMatch")],
        "responses": answers::all(Verb::Read, successes),
    })
}

/// Several writes in one transaction.
fn operations() -> Value {
    let mut successes = [
        (200, answers::results("What each operation did.")),
        (204, answers::nothing("All is done, and there is nothing to tell.")),
    ];
    successes.iter_mut().for_each(|(_, answer)| answers::repeatable(answer));
    json!({
        "tags": [OF_NO_TYPE],
        "operationId": "operate",
        "summary": "Carry out operations in one transaction",
        "externalDocs": {"description": "Atomic Operations", "url": ATOMIC},
        "parameters": [parameter("IdempotencyKey")],
        "requestBody": {"required": true, "content": {JSON_API_ATOMIC: {"schema": schema("AtomicOperations")}}},
        "responses": answers::all(Verb::Send, successes),
    })
}

/// The operations of a type.
struct Of<'a> {
    registry: &'a Registry,
    entry: &'a Entry,
    name: String,
}

impl Of<'_> {
    fn operation(&self, id: &str, summary: &str, mut parameters: Vec<Value>, answers: Value) -> Value {
        let headers: &[&str] = match id.split('_').next() {
            // Keys belong to users.
            Some("create") if self.entry.can.create_anonymously => &[],
            Some("create") => &["IdempotencyKey"],
            Some("add") => &["IfMatch", "IfNoneMatch", "IdempotencyKey"],
            _ => &["IfMatch", "IfNoneMatch"],
        };
        parameters.extend(headers.iter().map(|name| parameter(name)));
        json!({
            "operationId": id,
            "summary": summary,
            "tags": [self.entry.kind],
            "parameters": parameters,
            "responses": answers,
        })
    }

    fn collection(&self) -> Map<String, Value> {
        let (entry, name) = (self.entry, &self.name);
        let mut item = Map::new();
        if entry.can.list {
            let answers = answers::all(
                Verb::Read,
                [(200, answers::document("A page.", &format!("{name}Collection"))), answers::unchanged()],
            );
            let parameters = parameters::of_many(self.registry, entry);
            let id = format!("list_{}", entry.path);
            item.insert("get".to_owned(), self.operation(&id, &format!("List {}", entry.path), parameters, answers));
        }
        if entry.can.create {
            let mut create = self.create(entry, &format!("create_{}", entry.kind), &format!("{name}Create"));
            if entry.can.create_anonymously {
                create["security"] = json!([]);
            }
            item.insert("post".to_owned(), create);
        }
        item
    }

    fn create(&self, target: &Entry, id: &str, body: &str) -> Value {
        let document = format!("{}Document", pascal(target.kind));
        let header = match (target.can.create_anonymously, target.can.update) {
            (true, false) => Some("Authorization"), // a sign-in
            (true, true) => None,
            (false, _) => Some("Idempotency-Replayed"),
        };
        let mut successes = vec![(201, answers::created("It is new.", &document, header))];
        if target.can.create_finds {
            successes.push((200, answers::created("It was there before.", &document, header)));
        }
        let answers = answers::all(Verb::Send, successes);
        let parameters = parameters::of_one(self.registry, target);
        let mut operation = self.operation(id, &format!("Create a {}", target.kind), parameters, answers);
        operation["requestBody"] = body_of(&schema(body));
        operation
    }

    fn one(&self) -> Map<String, Value> {
        let (entry, kind) = (self.entry, self.entry.kind);
        let document = || {
            let mut document = answers::document("The resource.", &format!("{}Document", self.name));
            if entry.dated {
                answers::dated(&mut document);
            }
            document
        };
        let dates: &[&str] = if entry.dated { &["IfModifiedSince", "IfUnmodifiedSince"] } else { &[] };
        let dates: Vec<Value> = dates.iter().map(|name| parameter(name)).collect();
        let writes = || dates.iter().skip(1).cloned();
        let mut item = at_id();
        let parameters = parameters::of_one(self.registry, entry);
        let answers = answers::all(Verb::Read, [(200, document()), answers::unchanged()]);
        let reads = parameters.iter().chain(&dates).cloned().collect();
        let show = self.operation(&format!("get_{kind}"), &format!("Show a {kind}"), reads, answers);
        item.insert("get".to_owned(), show);
        if entry.can.update {
            let answers = answers::all(Verb::Send, [(200, document())]);
            let id = format!("update_{kind}");
            let parameters = parameters.into_iter().chain(writes()).collect();
            let mut operation = self.operation(&id, &format!("Change a {kind}"), parameters, answers);
            operation["requestBody"] = body_of(&schema(&format!("{}Update", self.name)));
            item.insert("patch".to_owned(), operation);
        }
        if entry.can.delete {
            let answers = answers::all(Verb::Delete, [(204, answers::nothing("It is gone."))]);
            let id = format!("delete_{kind}");
            item.insert(
                "delete".to_owned(),
                self.operation(&id, &format!("Delete a {kind}"), writes().collect(), answers),
            );
        }
        item
    }

    fn related(&self, relationship: Relationship) -> Map<String, Value> {
        let (name, target) = self.names(relationship);
        let mut item = at_id();
        let Some(target) = self.registry.find(target) else { return item };
        let (parameters, suffix) = match relationship {
            Relationship::One(_) => (parameters::of_one(self.registry, target), "OrNullDocument"),
            Relationship::Many(_) => (parameters::of_many(self.registry, target), "Collection"),
        };
        let document = answers::document("What it leads to.", &format!("{}{suffix}", pascal(target.kind)));
        let answers = answers::all(Verb::Read, [(200, document), answers::unchanged()]);
        let id = format!("get_{}_{name}", self.entry.kind);
        let summary = format!("Show {name} of a {}", self.entry.kind);
        item.insert("get".to_owned(), self.operation(&id, &summary, parameters, answers));
        if let Relationship::Many(at) = relationship
            && self.entry.to_many[at].creates.is_some()
        {
            item.insert("post".to_owned(), self.create_in(target, &self.entry.to_many[at]));
        }
        item
    }

    fn create_in(&self, target: &Entry, many: &ToManyInfo) -> Value {
        let id = format!("create_{}_in_{}", target.kind, self.entry.kind);
        self.create(target, &id, &sent::create_in(self.entry, many))
    }

    fn linkage(&self, relationship: Relationship) -> Map<String, Value> {
        let (name, target) = self.names(relationship);
        let is_many = matches!(relationship, Relationship::Many(_));
        let suffix = if is_many { "LinkageCollection" } else { "Linkage" };
        let document = || answers::document("The linkage.", &format!("{}{suffix}", pascal(target)));
        let parameters = parameters::of_linkage(self.registry, self.entry, relationship);
        let mut item = at_id();
        let kind = self.entry.kind;
        let show = answers::all(Verb::Read, [(200, document()), answers::unchanged()]);
        let (id, summary) = (format!("get_{kind}_{name}_linkage"), format!("Show the linkage {name} of a {kind}"));
        item.insert("get".to_owned(), self.operation(&id, &summary, parameters.clone(), show));
        let verbs = [
            (relate::Verb::Replace, "patch", "replace"),
            (relate::Verb::Add, "post", "add"),
            (relate::Verb::Remove, "delete", "remove"),
        ];
        for (verb, method, word) in verbs {
            if !relate::is_allowed(self.entry, relationship, verb) {
                continue;
            }
            let mut successes = [(204, answers::nothing("It is as sent.")), (200, document())];
            if verb == relate::Verb::Add {
                successes.iter_mut().for_each(|(_, answer)| answers::repeatable(answer));
            }
            let (id, summary) = (format!("{word}_{kind}_{name}"), format!("{word} {name} of a {kind}"));
            let mut operation = self.operation(&id, &summary, parameters.clone(), answers::all(Verb::Send, successes));
            operation["requestBody"] = body_of(&sent::linkage(target, is_many));
            item.insert(method.to_owned(), operation);
        }
        item
    }

    fn content(&self, content: &Content) -> Map<String, Value> {
        let (kind, name) = (self.entry.kind, content.name);
        let headers = ["ETag", "Last-Modified", "Accept-Ranges", "Content-Disposition"];
        let part = ["ETag", "Last-Modified", "Accept-Ranges", "Content-Disposition", "Content-Range"];
        let successes = [
            (200, answers::bytes("The bytes.", &headers)),
            (206, answers::bytes("Some of the bytes.", &part)),
            (304, answers::nothing("They are the same.")),
        ];
        let mut item = at_id();
        let answers = answers::all(Verb::Bytes, successes);
        let (id, summary) = (format!("get_{kind}_{name}"), format!("Get the bytes of the {name} of a {kind}"));
        item.insert("get".to_owned(), self.operation(&id, &summary, vec![range()], answers));
        if content.receive.is_some() {
            let answers = answers::all(Verb::Send, [(204, answers::nothing("They are kept."))]);
            let (id, summary) = (format!("put_{kind}_{name}"), format!("Send the bytes of the {name} of a {kind}"));
            let mut operation = self.operation(&id, &summary, Vec::new(), answers);
            operation["requestBody"] = json!({"required": true, "content": {"*/*": {"schema": {}}}});
            item.insert("put".to_owned(), operation);
        }
        item
    }

    fn names(&self, relationship: Relationship) -> (&'static str, &'static str) {
        (self.entry.relationship_name(relationship), self.entry.relationship_target(relationship))
    }
}

/// A path item that names its id.
fn at_id() -> Map<String, Value> {
    Map::from_iter([("parameters".to_owned(), json!([parameter("Id")]))])
}

fn range() -> Value {
    json!({
        "name": "Range",
        "in": "header",
        "description": "Some of the bytes.",
        "schema": {"type": "string"},
        "example": "bytes=0-1023",
    })
}

fn body_of(schema: &Value) -> Value {
    json!({"required": true, "content": {JSON_API: {"schema": schema}}})
}
