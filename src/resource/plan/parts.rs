//! Lists that are merged of parts: what can't be asked of them, and when nothing has to be merged.
//!
//! ```text
//! GET /messages                         merged of all chats: by cursor
//! GET /messages?filter[chat]=ID         one walk through an index: by number and offset, too
//! ```

use super::{Context, Shape};
use crate::jsonapi::{
    error::{Code, ErrorObject},
    params::Param,
};
use crate::resource::describe::Parts;

/// The parts of the list that is asked for, if it has any.
fn of(context: Context<'_>) -> Option<Parts> {
    context.entry.parts.filter(|_| matches!(context.shape, Shape::Collection(None)))
}

/// Whether the list has to be merged; `fixed` are the filters that ask for one value.
pub(super) fn is_merged(context: Context<'_>, fixed: &[String]) -> bool {
    of(context).is_some_and(|parts| !fixed.iter().any(|name| parts.indexed.contains(&name.as_str())))
}

/// Refuses to count, or to look at every row, where no filter keeps that within a part.
pub(super) fn check(context: Context<'_>, params: &[Param], named: &[String], problems: &mut Vec<ErrorObject>) {
    let Some(parts) = of(context) else { return };
    if named.iter().any(|name| parts.within.contains(&name.as_str())) {
        return;
    }
    let needed: Vec<String> = parts.within.iter().map(|name| format!("`filter[{name}]`")).collect();
    let needed = needed.join(" or ");
    for param in params {
        let Some(key) = param.keys.first() else { continue };
        let (code, detail) = match param.base.as_str() {
            "page" if matches!(key.as_str(), "number" | "offset" | "limit") => {
                (Code::PageInvalid, format!("This list is paged by cursor, unless {needed} is given."))
            }
            "filter" if parts.narrow.contains(&super::filter::plain(key)) => {
                (Code::FilterInvalid, format!("`{key}` can be filtered by only along with {needed}."))
            }
            _ => continue,
        };
        problems.push(ErrorObject::new(code, detail).parameter(&param.name));
    }
}
