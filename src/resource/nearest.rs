//! The URL that was most probably meant by one that leads nowhere.

use super::registry::Registry;
use crate::jsonapi::suggest::closest;

/// `path`, below the base of the API, with its misspelt names set right: those of types or `others`, of relationships and
/// of contents. `None` where a name is like none of them.
pub fn path(registry: &Registry, path: &str, others: &[&str]) -> Option<String> {
    known(registry, path, others).filter(|meant| meant != path.trim_matches('/'))
}

/// The same, also where nothing in `path` is misspelt.
pub fn known(registry: &Registry, path: &str, others: &[&str]) -> Option<String> {
    let mut segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (first, rest) = segments.split_first_mut()?;
    let paths = registry.entries().iter().map(|entry| entry.path);
    *first = closest(first, paths.chain(others.iter().copied()))?;
    let entry = registry.entries().iter().find(|entry| entry.path == *first);
    match (rest, entry) {
        ([], _) | ([_], Some(_)) => {}
        ([_, name], Some(entry)) => {
            let contents = entry.contents.iter().map(|content| content.name);
            *name = closest(name, entry.relationship_names().chain(contents))?;
        }
        ([_, word, name], Some(entry)) => {
            *word = closest(word, ["relationships"])?;
            *name = closest(name, entry.relationship_names())?;
        }
        _ => return None,
    }
    Some(segments.join("/"))
}
