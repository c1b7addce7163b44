//! Lists that are merged of parts: what can't be asked of them, and when nothing has to be merged.
//!
//! ```text
//! GET /messages                         merged of all chats: by cursor
//! GET /messages?filter[chat]=ID         one walk through an index: by number and offset, too
//! ```

use super::{Context, Shape, filter};
use crate::{
    db::Id,
    jsonapi::{
        error::{Code, ErrorObject},
        params::Param,
    },
    resource::parts::{Floor, Parts},
};

/// The parts of the list that is asked for, if it has any.
fn of(context: Context<'_>) -> Option<Parts> {
    context.entry.parts.filter(|_| matches!(context.shape, Shape::Collection(None)))
}

/// Whether the list has to be merged: a filter that asks for one value may have an index.
pub(super) fn is_merged(context: Context<'_>, params: &[Param<'_>]) -> bool {
    of(context).is_some_and(|parts| !filter::fixed(params).any(|name| parts.indexed.contains(&name)))
}

/// The part that is asked for by a filter of one value.
pub(super) fn named(context: Context<'_>, params: &[Param<'_>]) -> Option<Id> {
    let name = *of(context)?.within.first()?;
    let asked = params.iter().find(|param| param.base == "filter" && param.keys.first().is_some_and(|key| key == name));
    let value = &asked.filter(|_| filter::fixed(params).any(|fixed| fixed == name))?.value;
    value.strip_prefix("eq:").unwrap_or(value).parse().ok()
}

/// What ends the walk through a part: a filter, a flag that is asked for, or the viewer's view.
pub(super) fn floor(context: Context<'_>, params: &[Param<'_>]) -> Option<Floor> {
    let parts = context.entry.parts?;
    if filter::named(params).any(|name| parts.bounds.contains(&name)) {
        return None;
    }
    let is_asked = |flag: &str| params.iter().any(|param| filter::is_true(param, flag));
    let of_flag = parts.floors.iter().find(|(flag, _)| is_asked(flag)).map(|(_, floor)| *floor);
    Some(of_flag.unwrap_or(parts.floor))
}

/// Refuses to count, or to look at every row, where no filter of some values keeps that within a part.
pub(super) fn check(context: Context<'_>, params: &[Param<'_>], problems: &mut Vec<ErrorObject>) {
    let Some(parts) = of(context) else { return };
    if filter::chosen(params).any(|name| parts.within.contains(&name)) {
        return;
    }
    let needed: Vec<String> = parts.within.iter().map(|name| format!("`filter[{name}]`")).collect();
    let needed = needed.join(" or ");
    for param in params {
        let Some(key) = param.keys.first() else {
            if param.base == "filter" {
                let detail = format!("This list takes an expression only along with {needed}.");
                problems.push(ErrorObject::new(Code::FilterInvalid, detail).parameter(param.name()));
            }
            continue;
        };
        let (code, detail) = match &*param.base {
            "page" if matches!(&**key, "number" | "offset" | "limit") => {
                (Code::PageInvalid, format!("This list is paged by cursor, unless {needed} is given."))
            }
            "filter" if parts.narrow.contains(&filter::plain(key)) => {
                (Code::FilterInvalid, format!("`{key}` can be filtered by only along with {needed}."))
            }
            _ => continue,
        };
        problems.push(ErrorObject::new(code, detail).parameter(param.name()));
    }
}
