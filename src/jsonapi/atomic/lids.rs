//! Local ids: each is given once by an `add`, and used by later operations in place of the id.
//!
//! Spec: <https://jsonapi.org/ext/atomic/#operation-objects>, <https://jsonapi.org/format/1.1/#document-resource-object-identification>
//! (AO-51, DOC-43)

use super::{Data, Op, Operation, Target};
use crate::jsonapi::{
    document::ResourceObject,
    error::token,
    linkage::{local_id, local_ids},
    members::Problems,
};
use std::collections::HashSet;

/// Every local id that is given twice, or used before it is given.
pub(super) fn check(operations: &[Operation], problems: &mut Problems) {
    let mut given: HashSet<(&str, &str)> = HashSet::new();
    for operation in operations {
        for (pointer, kind, lid) in used(operation) {
            if !given.contains(&(kind, lid)) {
                problems.add(pointer, format!("No earlier `add` gives a `{kind}` the local id `{lid}`."));
            }
        }
        if let (Op::Add, Data::Resource(ResourceObject { kind, lid: Some(lid), .. })) = (operation.op, &operation.data)
            && !given.insert((kind, lid))
        {
            let detail = format!("Another `{kind}` has the local id `{lid}` already.");
            problems.add(format!("{}/data/lid", operation.at()), detail);
        }
    }
}

/// The local ids that stand for ids: pointer, type, local id.
fn used(operation: &Operation) -> Vec<(String, &str, &str)> {
    let at = operation.at();
    let mut found = Vec::new();
    if let Target::Resource(owner) | Target::Relationship(owner, _) = &operation.target
        && operation.named_by == "ref"
    {
        found.extend(local_id(owner, || format!("{at}/ref/lid")));
    }
    match &operation.data {
        Data::Nothing => {}
        Data::Linkage(linkage) => found.extend(local_ids(linkage, &format!("{at}/data"))),
        Data::Resource(resource) => {
            if let (Op::Update, None, Some(lid)) = (operation.op, &resource.id, &resource.lid) {
                found.push((format!("{at}/data/lid"), resource.kind.as_str(), lid.as_str()));
            }
            for (name, linkage) in &resource.relationships {
                found.extend(local_ids(linkage, &format!("{at}/data/relationships/{}/data", token(name))));
            }
        }
    }
    found
}
