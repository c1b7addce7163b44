//! `page[…]`: by number, by offset, or by cursor.
//!
//! `page[number]`, `page[size]` (from 1); `page[offset]`, `page[limit]`; `page[after]`, `page[before]`, `page[size]`.
//! A page has 25 resources unless it says otherwise, and at most 100. `page[total]` asks for a total, or declines it.
//! Spec: <https://jsonapi.org/format/1.1/#fetching-pagination>,
//! <https://jsonapi.org/profiles/ethanresnick/cursor-pagination/>

use super::{
    Context, Shape, list,
    sort::{self, SortKey},
};
use crate::{
    jsonapi::{
        error::{Code, ErrorObject},
        input::Kind,
        params::Param,
        suggest,
    },
    resource::cursor::{Seal, Slot},
};

/// Resources on a page that doesn't say how many.
pub const DEFAULT_SIZE: i64 = 25;
/// The most resources on a page.
pub const MAX_SIZE: i64 = 100;

/// Whether it is told how many resources a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// It isn't.
    None,
    /// All are counted.
    Exact,
    /// They are counted as far as that is cheap.
    Estimated,
}

/// The page of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// By number, which counts from 1.
    Number {
        /// Which page.
        number: i64,
        /// Resources on a page.
        size: i64,
    },
    /// By offset.
    Offset {
        /// Resources to leave out.
        offset: i64,
        /// Resources to give.
        limit: i64,
    },
    /// By cursor, as the cursor-pagination profile says.
    Cursor {
        /// Begin behind this item.
        after: Option<Vec<Slot>>,
        /// End before this item.
        before: Option<Vec<Slot>>,
        /// Resources on a page.
        size: i64,
    },
}

impl Page {
    /// The most resources it holds.
    pub fn size(&self) -> i64 {
        match self {
            Page::Number { size, .. } | Page::Cursor { size, .. } => *size,
            Page::Offset { limit, .. } => *limit,
        }
    }

    /// Resources before it, where that's known.
    pub fn offset(&self) -> i64 {
        match self {
            Page::Number { number, size } => (number - 1).saturating_mul(*size),
            Page::Offset { offset, .. } => *offset,
            Page::Cursor { .. } => 0,
        }
    }

    /// Whether it lies between two cursors.
    pub fn is_range(&self) -> bool {
        matches!(self, Page::Cursor { after: Some(_), before: Some(_), .. })
    }

    /// Whether it isn't the first one.
    pub fn is_beyond_first(&self) -> bool {
        match self {
            Page::Cursor { after, before, .. } => after.is_some() || before.is_some(),
            _ => self.offset() > 0,
        }
    }
}

/// What `page` asks for.
pub(super) struct Paged {
    pub(super) page: Page,
    pub(super) total: Total,
    pub(super) seal: Option<Seal>,
}

const KEYS: [&str; 7] = ["number", "size", "offset", "limit", "after", "before", "total"];
const TOO_LARGE: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/max-size-exceeded";

pub(super) fn parse(
    context: Context<'_>,
    params: &[Param<'_>],
    sort: &[SortKey],
    problems: &mut Vec<ErrorObject>,
) -> Paged {
    let asked: Vec<_> = params.iter().filter(|param| param.base == "page" && param.keys.len() == 1).collect();
    let mut reader = Reader { params: &asked, problems };
    reader.refuse_unknown();
    let by_cursor = context.cursor_profile || context.lists_by_cursor();
    let style = reader.style(by_cursor);
    let seal = (style == Style::Cursor).then(|| {
        sort::refuse_unkept(context.entry, sort, "sort", reader.problems);
        Seal::new(context.registry.cursor_key(), context.viewer, &list(context.path, params))
    });
    let page = match style {
        Style::Number => Page::Number { number: reader.number("number", 1, 1), size: reader.size("size") },
        Style::Offset => Page::Offset { offset: reader.number("offset", 0, 0), limit: reader.size("limit") },
        Style::Cursor => Page::Cursor {
            after: reader.cursor("after", sort, seal.as_ref()),
            before: reader.cursor("before", sort, seal.as_ref()),
            size: reader.cursor_size(),
        },
    };
    let promised = ["number", "offset", "limit"].iter().any(|key| reader.get(key).is_some());
    let total = reader.total(style).unwrap_or(if promised { Total::Exact } else { Total::None });
    let pages = matches!(context.shape, Shape::Collection(_) | Shape::Linkage(_));
    Paged { page, total: if pages { total } else { Total::None }, seal }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Number,
    Offset,
    Cursor,
}

struct Reader<'a, 'q> {
    params: &'a [&'a Param<'q>],
    problems: &'a mut Vec<ErrorObject>,
}

impl<'a, 'q> Reader<'a, 'q> {
    fn get(&self, key: &str) -> Option<&'a Param<'q>> {
        self.params.iter().copied().find(|param| param.keys[0] == key)
    }

    fn refuse(&mut self, param: &Param<'_>, detail: String) {
        self.problems.push(ErrorObject::new(Code::PageInvalid, detail).parameter(param.name()));
    }

    fn refuse_unknown(&mut self) {
        for &param in self.params {
            if !KEYS.contains(&&*param.keys[0]) {
                let (words, hint) = (KEYS.join("`, `"), suggest::hint(&param.keys[0], KEYS.to_vec()));
                self.refuse(param, format!("`{}` is no page parameter; there are `{words}`.{hint}", param.name()));
            }
        }
    }

    /// The style that the parameters belong to; parameters of another one are refused.
    fn style(&mut self, by_cursor: bool) -> Style {
        let has = |key| self.get(key).is_some();
        let style = if has("after") || has("before") {
            Style::Cursor
        } else if has("number") {
            Style::Number
        } else if has("offset") || has("limit") {
            Style::Offset
        } else if by_cursor {
            Style::Cursor
        } else {
            Style::Number
        };
        let foreign: &[&str] = match style {
            Style::Cursor => &["number", "offset", "limit"],
            Style::Number => &["offset", "limit"],
            Style::Offset => &["number", "size"],
        };
        for key in foreign {
            if let Some(param) = self.get(key) {
                self.refuse(param, format!("`{}` doesn't go together with the other page parameters.", param.name()));
            }
        }
        style
    }

    /// A range that doesn't say how many resources it wants is given as many as there can be.
    fn cursor_size(&mut self) -> i64 {
        let is_range = self.get("after").is_some() && self.get("before").is_some();
        if is_range && self.get("size").is_none() { MAX_SIZE } else { self.size("size") }
    }

    fn size(&mut self, key: &str) -> i64 {
        let size = self.number(key, DEFAULT_SIZE, 1);
        if size <= MAX_SIZE {
            return size;
        }
        if let Some(param) = self.get(key) {
            self.problems.push(too_large(&param.name()));
        }
        MAX_SIZE
    }

    fn number(&mut self, key: &str, default: i64, least: i64) -> i64 {
        let Some(param) = self.get(key) else { return default };
        let number = whole(&param.value).unwrap_or(-1);
        if number < least {
            self.refuse(param, format!("`{}` is a whole number from {least}.", param.name()));
            return default;
        }
        number
    }

    fn cursor(&mut self, key: &str, sort: &[SortKey], seal: Option<&Seal>) -> Option<Vec<Slot>> {
        let param = self.get(key)?;
        let keys: Vec<(Kind, bool)> = sort.iter().map(|key| (key.kind, key.key.nullable)).collect();
        let slots = seal.and_then(|seal| seal.decode(&param.value, &keys));
        if slots.is_none() {
            self.refuse(param, format!("`{}` is no cursor of this list in this order.", param.name()));
        }
        slots
    }

    fn total(&mut self, style: Style) -> Option<Total> {
        let param = self.get("total")?;
        match &*param.value {
            "true" | "1" => Some(Total::Exact),
            "false" | "0" => Some(Total::None),
            "estimate" if style == Style::Cursor => Some(Total::Estimated),
            _ => {
                let detail = "`page[total]` is `true` or `false`, or with cursors `estimate`.";
                self.refuse(param, detail.to_owned());
                None
            }
        }
    }
}

/// A number of digits only. One that is too great for us is still a number: its page is past the end.
pub(super) fn whole(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i64::MAX))
}

pub(super) fn too_large(parameter: &str) -> ErrorObject {
    let detail = format!("A page has at most {MAX_SIZE} resources.");
    let error = ErrorObject::new(Code::PageInvalid, detail).parameter(parameter);
    error.meta("page", serde_json::json!({"maxSize": MAX_SIZE})).kind(TOO_LARGE)
}
