//! Pages of collections: which rows, how many there are in all, and the links to other pages.

use super::Reader;
use crate::{
    db::Conn,
    jsonapi::params::Param,
    resource::{
        cursor::Slot,
        document,
        error::Result,
        plan::{
            Plan,
            page::{Page, Total},
        },
        registry::{Entry, Rows},
        select::Select,
    },
};

/// As many rows are counted for an estimate: a few milliseconds.
const CHEAPLY_COUNTED: i64 = 10_000;

/// What is known of a page beside its rows.
pub(super) struct Found {
    /// Whether there are more rows in the direction of reading.
    more: bool,
    /// How many there are on all pages.
    total: Option<i64>,
}

impl Reader<'_> {
    /// The page's rows: one statement, and one more for a total that the rows don't tell.
    pub(super) fn page(&self, conn: &mut Conn, entry: &Entry, mut select: Select) -> Result<(Box<dyn Rows>, Found)> {
        let size = self.plan.page.size();
        select.filters.extend(self.plan.filters.iter().cloned());
        select.cached = self.plan.is_common();
        let backwards = matches!(&self.plan.page, Page::Cursor { before: Some(_), after: None, .. });
        select.order = self.plan.sort.iter().map(|key| key.key.clone()).collect();
        if backwards {
            select.order.iter_mut().for_each(|key| key.descending = !key.descending);
        }
        select.seek = self.seek();
        select.limit = Some(size + 1);
        select.offset = self.plan.page.offset();
        select.filters.extend(self.floor(entry, &select));
        select.pick = self.pick(conn, entry, &select);
        let mut rows = entry.rows.load(conn, &select)?;
        let fetched = rows.len();
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = fetched > size;
        rows.truncate(size);
        if backwards {
            rows.reverse();
        }
        let total = self.total(conn, &select, rows.len(), more)?;
        Ok((rows, Found { more, total }))
    }

    /// The total, without a statement where the page itself tells it.
    fn total(&self, conn: &mut Conn, select: &Select, rows: usize, more: bool) -> Result<Option<i64>> {
        if self.plan.total == Total::None {
            return Ok(None);
        }
        let by_cursor = matches!(self.plan.page, Page::Cursor { .. });
        let told = !more && if by_cursor { !self.plan.page.is_beyond_first() } else { rows > 0 || select.offset == 0 };
        if told {
            return Ok(Some(select.offset + i64::try_from(rows).unwrap_or(i64::MAX)));
        }
        Ok(Some(match self.plan.total {
            Total::Estimated => select.count_up_to(CHEAPLY_COUNTED, conn)?,
            _ => select.count(conn)?,
        }))
    }

    pub(super) fn cursor(&self, rows: &dyn Rows, row: usize) -> Option<String> {
        let seal = self.plan.seal.as_ref()?;
        let slots: Vec<Slot> = self.plan.sort.iter().map(|key| rows.slot(row, key.of, self.viewer)).collect();
        Some(seal.encode(&slots))
    }

    pub(super) fn page_links(&self, out: &mut Vec<u8>, found: &Found, rows: &dyn Rows) {
        match self.plan.page {
            Page::Number { number, size } => {
                let last = found.total.map(|total| ((total + size - 1) / size).max(1));
                let prev = (number > 1).then(|| last.map_or(number - 1, |last| last.min(number - 1)));
                let next = found.more.then(|| number + 1);
                self.counted(out, ("page[number]", "page[size]"), size, [Some(1), prev, next, last]);
            }
            Page::Offset { offset, limit } => {
                let last = found.total.map(|total| (total - 1).max(0) / limit * limit);
                let prev = (offset > 0).then(|| last.map_or(offset - limit, |last| last.min(offset - limit)).max(0));
                let next = found.more.then(|| offset + limit);
                self.counted(out, ("page[offset]", "page[limit]"), limit, [Some(0), prev, next, last]);
            }
            Page::Cursor { ref after, ref before, size } => {
                self.cursor_links(out, found, rows, (after.is_some(), before.is_some()), size);
            }
        }
    }

    /// Links of the counting styles: those that don't exist are left out.
    fn counted(&self, out: &mut Vec<u8>, (place, size): (&str, &str), count: i64, at: [Option<i64>; 4]) {
        for (name, at) in ["first", "prev", "next", "last"].into_iter().zip(at) {
            if let Some(at) = at {
                let url = self.page_url(&[(place, &at.to_string()), (size, &count.to_string())]);
                document::link(out, name, Some(&url));
            }
        }
    }

    /// Links of the cursor style: `prev` and `next` are always there, null at the ends.
    fn cursor_links(
        &self,
        out: &mut Vec<u8>,
        found: &Found,
        rows: &dyn Rows,
        (after, before): (bool, bool),
        size: i64,
    ) {
        let size = size.to_string();
        let size = ("page[size]", size.as_str());
        let first = if rows.is_empty() { None } else { self.cursor(rows, 0) };
        let last = if rows.is_empty() { None } else { self.cursor(rows, rows.len() - 1) };
        let there = |key, cursor: Option<&String>| cursor.map(|cursor| self.page_url(&[(key, cursor), size]));
        // Going backwards, `more` tells of what lies before the page; forwards, of what lies behind it.
        let backwards = before && !after;
        let prev =
            if backwards && !found.more || !after && !before { None } else { there("page[before]", first.as_ref()) };
        // What lies behind a range isn't read: whether the list goes on there, the link tells who follows it.
        let is_end = !before && !found.more;
        let next = if is_end { None } else { there("page[after]", last.as_ref()) };
        document::link(out, "first", Some(&self.page_url(&[size])));
        document::link(out, "prev", prev.as_deref());
        document::link(out, "next", next.as_deref());
    }

    fn page_url(&self, page: &[(&str, &str)]) -> String {
        // `page[members][size]` is about what is included.
        let is_kept = |param: &&Param<'_>| param.base != "page" || *param.keys == ["total"] || param.keys.len() > 1;
        let sent = self.sent();
        let kept = sent.iter().filter(is_kept).map(|param| (param.name(), &*param.value));
        self.url(kept.chain(page.iter().map(|(name, value)| ((*name).to_owned(), *value))))
    }
}

/// The members of `meta` that tell of pages, if there are any.
pub(super) fn page_meta(out: &mut Vec<u8>, found: &Found, plan: &Plan) {
    let page = &plan.page;
    let total = found.total.map(|total| match plan.total {
        Total::Estimated => format!("\"estimatedTotal\":{{\"bestGuess\":{total}}}"),
        _ => format!("\"total\":{total}"),
    });
    let truncated = (page.is_range() && found.more).then(|| "\"rangeTruncated\":true".to_owned());
    let members: Vec<String> = truncated.into_iter().chain(total).collect();
    if members.is_empty() {
        return;
    }
    let members = members.join(",");
    let text = match page {
        Page::Cursor { .. } => format!(",\"meta\":{{\"page\":{{{members}}}}}"),
        _ => format!(",\"meta\":{{{members}}}"),
    };
    out.extend_from_slice(text.as_bytes());
}
