//! `include=chat.members,first_user`: relationship paths, at most four steps deep.
//!
//! Spec: <https://jsonapi.org/format/1.1/#fetching-includes> (FETCH-20 to FETCH-30)

use super::{Context, Shape, scoped::Scoped, single};
use crate::{
    jsonapi::{
        error::{Code, ErrorObject},
        params::{self, Param},
        suggest,
    },
    resource::registry::{Entry, Registry, Relationship},
};
use std::sync::Arc;

/// The most steps of a path.
pub const DEPTH: usize = 4;
/// The most edges of a tree: each is a statement.
pub const MOST_EDGES: usize = 24;

/// A relationship to follow, and what to follow from there.
#[derive(Clone)]
pub struct Node {
    /// Which relationship of the parent's type.
    pub relationship: Relationship,
    /// The type it leads to.
    pub target: Arc<Entry>,
    /// Where to go on.
    pub children: Vec<Node>,
    /// What is asked of the relationship, if it leads to many.
    pub scoped: Option<Arc<Scoped>>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.relationship == other.relationship
            && self.target.number == other.target.number
            && self.children == other.children
            && self.scoped.as_ref().map(Arc::as_ptr) == other.scoped.as_ref().map(Arc::as_ptr)
    }
}

pub(super) fn parse(context: Context<'_>, params: &[Param<'_>], problems: &mut Vec<ErrorObject>) -> Option<Vec<Node>> {
    let param = single(params, "include")?;
    let mut tree = Vec::new();
    if !param.value.is_empty() {
        for path in params::split(b',', &param.value) {
            if let Err(detail) = add(context, &mut tree, path) {
                problems.push(ErrorObject::new(Code::IncludeUnknown, detail).parameter("include"));
            }
        }
    }
    if edges(&tree) > MOST_EDGES {
        let detail = format!("At most {MOST_EDGES} relationships can be included at once.");
        problems.push(ErrorObject::new(Code::IncludeUnknown, detail).parameter("include"));
    }
    Some(tree)
}

fn add(context: Context<'_>, tree: &mut Vec<Node>, path: &str) -> Result<(), String> {
    if path.split('.').count() > DEPTH {
        return Err(format!("`{path}` has more than {DEPTH} steps."));
    }
    if let Shape::Linkage(relationship) = context.shape {
        let name = context.entry.relationship_name(relationship);
        if path.split('.').next() != Some(name) {
            return Err(format!("`{path}` doesn't begin with `{name}`, the relationship of this URL."));
        }
    }
    descend(context.registry, context.entry, tree, path, path)
}

fn descend(registry: &Registry, from: &Entry, tree: &mut Vec<Node>, path: &str, steps: &str) -> Result<(), String> {
    let (step, rest) = steps.split_once('.').map_or((steps, None), |(step, rest)| (step, Some(rest)));
    let found = from.relationship(step).filter(|&relationship| from.is_includable(relationship));
    let found = found.and_then(|relationship| {
        let target = registry.find(from.relationship_target(relationship))?;
        Some((relationship, target))
    });
    let Some((relationship, target)) = found else {
        let hint = suggest::choice(step, from.includable_names());
        return Err(format!(
            "`{path}` can't be included: `{}` has no includable relationship `{step}`.{hint}",
            from.kind
        ));
    };
    let at = tree.iter().position(|node| node.relationship == relationship).unwrap_or_else(|| {
        tree.push(Node { relationship, target: Arc::clone(target), children: Vec::new(), scoped: None });
        tree.len() - 1
    });
    rest.map_or(Ok(()), |rest| descend(registry, target, &mut tree[at].children, path, rest))
}

fn edges(tree: &[Node]) -> usize {
    tree.iter().map(|node| 1 + edges(&node.children)).sum()
}
