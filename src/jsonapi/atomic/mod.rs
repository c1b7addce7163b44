//! Requests of the atomic operations extension: `{"atomic:operations":[{"op":…,"ref":…,"data":…},…]}`.
//!
//! | `op` | at | `data` |
//! |---|---|---|
//! | `add` | nothing, a collection | a resource object |
//! | `update` | nothing, a resource | a resource object with `id` or `lid` |
//! | `remove` | a resource | |
//! | all | a relationship | linkage |
//!
//! Only the form is judged here, of all operations at once: members, what goes with what, and whether each local id
//! was given by an earlier `add`. Where an `href` leads is for the caller to say.
//! Spec: <https://jsonapi.org/ext/atomic/> (AO-01 to AO-09, AO-23 to AO-25, AO-28, AO-29, AO-39)

mod lids;
#[cfg(test)]
mod tests;
mod told;

pub use self::told::told;
use super::{
    document::{Expect, Identifier, Linkage, ResourceObject, resource},
    error::{Code, ErrorObject, Errors},
    input::a,
    linkage::linkage,
    members::{Problems, document, drop_at_members, is_given, kind, object, optional_string},
    suggest,
};
use serde_json::{Map, Value};

/// The member that holds the operations; every pointer into them begins with it.
pub const OPERATIONS: &str = "atomic:operations";

/// The member that holds the results.
pub const RESULTS: &str = "atomic:results";

/// The member of an operation's `meta` that is its `If-Match`.
const IF_MATCH: &str = "if-match";

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Makes a resource, or adds members to a relationship.
    Add,
    /// Changes a resource, or replaces linkage.
    Update,
    /// Removes a resource, or members of a relationship.
    Remove,
}

/// What an operation is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// The collection of a type.
    Collection(String),
    /// A resource.
    Resource(Identifier),
    /// A relationship of a resource.
    Relationship(Identifier, String),
    /// What a relationship of a resource leads to; only an `href` can name it.
    Related(Identifier, String),
}

/// What an operation brings.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Nothing: a resource is removed.
    Nothing,
    /// A resource object.
    Resource(ResourceObject),
    /// Linkage.
    Linkage(Linkage),
}

/// One operation of a well-formed document.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its place in the document.
    pub place: usize,
    /// What to do.
    pub op: Op,
    /// What with.
    pub target: Target,
    /// The member that names the target: `ref`, `href` or `data`.
    pub named_by: &'static str,
    /// What the operation brings.
    pub data: Data,
    /// The entity tags that the target has to match, from `meta`.
    pub if_match: Option<String>,
}

impl Operation {
    /// The operation's place as a JSON Pointer.
    pub fn at(&self) -> String {
        format!("/{OPERATIONS}/{}", self.place)
    }

    /// The same error about this operation: pointers into a document of its own become pointers into it, and what has no
    /// source is blamed on the member that names the target.
    #[must_use]
    pub fn blame(&self, error: ErrorObject) -> ErrorObject {
        use super::error::Source;
        let at = self.at();
        match &error.source {
            Some(Source::Pointer(pointer)) if pointer == "/data/id" && !self.has_id() => {
                error.pointer(format!("{at}/data/lid"))
            }
            Some(Source::Pointer(pointer)) => {
                let pointer = format!("{at}{pointer}");
                error.pointer(pointer)
            }
            Some(Source::Header("If-Match")) if self.if_match.is_some() => {
                error.pointer(format!("{at}/meta/{IF_MATCH}"))
            }
            _ => error.pointer(format!("{at}/{}", self.named_by)),
        }
    }

    fn has_id(&self) -> bool {
        !matches!(&self.data, Data::Resource(ResourceObject { id: None, lid: Some(_), .. }))
    }
}

/// Reads a body of at most `most` operations. `locate` tells where an `href` leads, or what is wrong with it.
///
/// # Errors
/// 400 `json_invalid` or 413 `too_large` alone, or every `document_invalid` with a pointer to a value that is in the
/// document.
pub fn parse(
    body: &[u8],
    most: usize,
    locate: &dyn Fn(&str) -> Result<Target, String>,
) -> Result<Vec<Operation>, Errors> {
    let mut members = document(body)?;
    let mut problems = Problems::default();
    refuse_company(&members, &mut problems);
    let values = match members.remove(OPERATIONS) {
        Some(Value::Array(values)) => values,
        Some(other) => {
            problems.add(format!("/{OPERATIONS}"), format!("`{OPERATIONS}` must be an array, not {}.", a(&other)));
            Vec::new()
        }
        None => {
            problems.add("", format!("The document must have the member `{OPERATIONS}`."));
            Vec::new()
        }
    };
    if values.len() > most {
        let detail = format!("A request has at most {most} operations, not {}.", values.len());
        return Err(ErrorObject::new(Code::TooLarge, detail).pointer(format!("/{OPERATIONS}")).into());
    }
    if values.is_empty() && problems.is_empty() {
        problems.add(format!("/{OPERATIONS}"), "There must be at least one operation.");
    }
    let operations = values.into_iter().enumerate();
    let operations: Vec<_> =
        operations.filter_map(|(place, value)| operation(place, value, locate, &mut problems)).collect();
    // An operation that can't be read may be the one that gives a local id.
    if problems.is_empty() {
        lids::check(&operations, &mut problems);
    }
    problems.settle(Some(operations))
}

/// Members that may not stand beside operations.
fn refuse_company(members: &Map<String, Value>, problems: &mut Problems) {
    for name in ["data", "included", "errors", RESULTS] {
        if members.contains_key(name) {
            problems.add(format!("/{name}"), format!("`{name}` can't stand beside `{OPERATIONS}`."));
        }
    }
}

fn operation(
    place: usize,
    mut value: Value,
    locate: &dyn Fn(&str) -> Result<Target, String>,
    problems: &mut Problems,
) -> Option<Operation> {
    let at = format!("/{OPERATIONS}/{place}");
    drop_at_members(&mut value);
    let mut members = object(value, &at, problems)?;
    let op = op(&mut members, &at, problems);
    let named = target(&mut members, &at, locate, problems);
    let if_match = if_match(&mut members, &at, problems);
    let (op, (target, named_by)) = (op?, named?);
    refuse_combination(op, target.as_ref(), &format!("{at}{named_by}"), problems)?;
    let data = data(op, target.as_ref(), members.remove("data"), &at, problems)?;
    let named_by = if target.is_some() { &named_by[1..] } else { "data" };
    let target = target.or_else(|| implied(op, &data))?;
    Some(Operation { place, op, target, named_by, data, if_match })
}

fn op(members: &mut Map<String, Value>, at: &str, problems: &mut Problems) -> Option<Op> {
    match members.remove("op") {
        Some(Value::String(word)) if word == "add" => return Some(Op::Add),
        Some(Value::String(word)) if word == "update" => return Some(Op::Update),
        Some(Value::String(word)) if word == "remove" => return Some(Op::Remove),
        Some(Value::String(word)) => {
            let hint = suggest::hint(&word, ["add", "update", "remove"]);
            problems.add(format!("{at}/op"), format!("`op` must be `add`, `update` or `remove`, not `{word}`.{hint}"));
        }
        Some(other) => problems.add(format!("{at}/op"), format!("`op` must be a string, not {}.", a(&other))),
        None => problems.add(at, "An operation must have the member `op`."),
    }
    None
}

/// The target, if one is named, and the member that names it as the end of a pointer.
type Named = (Option<Target>, &'static str);

fn target(
    members: &mut Map<String, Value>,
    at: &str,
    locate: &dyn Fn(&str) -> Result<Target, String>,
    problems: &mut Problems,
) -> Option<Named> {
    match (members.remove("ref"), members.remove("href")) {
        (None, None) => return Some((None, "")),
        (Some(value), None) => return Some((Some(reference(value, &format!("{at}/ref"), problems)?), "/ref")),
        (None, Some(Value::String(href))) => match locate(&href) {
            Ok(target) => return Some((Some(target), "/href")),
            Err(detail) => problems.add(format!("{at}/href"), detail),
        },
        (None, Some(other)) => {
            problems.add(format!("{at}/href"), format!("`href` must be a string, not {}.", a(&other)))
        }
        (Some(_), Some(_)) => problems.add(at, "An operation has `ref` or `href`, not both."),
    }
    None
}

fn reference(value: Value, at: &str, problems: &mut Problems) -> Option<Target> {
    let mut members = object(value, at, problems)?;
    match (is_given(&members, "id"), is_given(&members, "lid")) {
        (false, false) => problems.add(at, "A `ref` must have an `id` or a `lid`."),
        (true, true) => problems.add(at, "A `ref` has an `id` or a `lid`, not both."),
        _ => {}
    }
    let kind = kind(&mut members, at, problems);
    let id = optional_string(&mut members, "id", at, problems);
    let lid = optional_string(&mut members, "lid", at, problems);
    let relationship = optional_string(&mut members, "relationship", at, problems);
    let identifier = Identifier { kind: kind?, id, lid };
    Some(match relationship {
        Some(name) => Target::Relationship(identifier, name),
        None => Target::Resource(identifier),
    })
}

fn refuse_combination(op: Op, target: Option<&Target>, at: &str, problems: &mut Problems) -> Option<()> {
    let detail = match (op, target) {
        (Op::Add, Some(Target::Resource(_))) => "An `add` is for a collection or a relationship, not for a resource.",
        (Op::Update, Some(Target::Collection(_) | Target::Related(..))) => {
            "An `update` is for a resource or a relationship."
        }
        (Op::Remove, Some(Target::Collection(_) | Target::Related(..))) => {
            "A `remove` is for a resource or a relationship."
        }
        (Op::Remove, None) => "A `remove` must have a `ref` or an `href`.",
        _ => return Some(()),
    };
    problems.add(at, detail);
    None
}

fn data(op: Op, target: Option<&Target>, data: Option<Value>, at: &str, problems: &mut Problems) -> Option<Data> {
    if op == Op::Remove && matches!(target, Some(Target::Resource(_))) {
        return Some(Data::Nothing);
    }
    let Some(data) = data else {
        problems.add(at, "The operation must have the member `data`.");
        return None;
    };
    let at = format!("{at}/data");
    if matches!(target, Some(Target::Relationship(..))) {
        return linkage(data, &at, problems).map(Data::Linkage);
    }
    if op == Op::Update
        && let Value::Object(members) = &data
        && !is_given(members, "id")
        && !is_given(members, "lid")
    {
        problems.add(&at, "The resource object of an `update` must have an `id` or a `lid`.");
    }
    resource(data, Expect::Create, &at, problems).map(Data::Resource)
}

/// The target that the resource object of an operation without `ref` and `href` names.
fn implied(op: Op, data: &Data) -> Option<Target> {
    let Data::Resource(resource) = data else { return None };
    let (kind, id, lid) = (resource.kind.clone(), resource.id.clone(), resource.lid.clone());
    Some(match op {
        Op::Add => Target::Collection(kind),
        _ => Target::Resource(Identifier { kind, id, lid }),
    })
}

fn if_match(members: &mut Map<String, Value>, at: &str, problems: &mut Problems) -> Option<String> {
    let at = format!("{at}/meta");
    let mut meta = object(members.remove("meta")?, &at, problems)?;
    optional_string(&mut meta, IF_MATCH, &at, problems)
}
