//! Columns that are computed from other tables, and left out where nothing is read of them.
//!
//! `GET /chats?fields[chat]=title` shows no count, so nothing is counted for it. A statement keeps its shape: the column
//! is still there, with a constant in it. A row may not tell anything of such a column but what is said to read it.

/// A column that is computed.
#[derive(Clone, Copy, Debug)]
pub struct Computed {
    /// Its text, as it stands among the columns of the row.
    column: &'static str,
    /// What stands in its place where nothing reads it.
    neutral: &'static str,
    /// The attributes, relationships and sorts that read it.
    read_by: &'static [&'static str],
}

impl Computed {
    /// A column that may be null.
    pub const fn nullable(column: &'static str, read_by: &'static [&'static str]) -> Self {
        Self { column, neutral: "NULL", read_by }
    }

    /// A 64-bit number.
    pub const fn number(column: &'static str, read_by: &'static [&'static str]) -> Self {
        Self { column, neutral: "CAST(0 AS bigint)", read_by }
    }

    /// Which of the members it is read by, a bit each.
    pub(super) fn readers<'a>(&self, members: impl Iterator<Item = &'a str>) -> u64 {
        members.enumerate().filter(|(_, name)| self.read_by.contains(name)).fold(0, |bits, (at, _)| bits | 1 << at)
    }
}

/// As many columns of a type can be computed.
pub const MOST: usize = 4;

/// Computed columns that a statement does without.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spared {
    of: &'static [Computed],
    /// A bit each.
    which: u8,
}

impl Spared {
    /// Those of `of` whose bits are set.
    pub(super) fn new(of: &'static [Computed], which: u8) -> Self {
        Self { of, which }
    }

    /// Whether there are none.
    pub fn is_none(self) -> bool {
        self.which == 0
    }

    /// Whether this one is among them, by its place in the declaration.
    pub fn has(self, at: usize) -> bool {
        self.which & 1 << at != 0
    }

    /// Which set of columns it is, of all that there can be.
    pub(super) fn number(self) -> usize {
        self.which.into()
    }

    /// The columns without those.
    pub(super) fn leave_out(self, columns: String) -> String {
        let spared = self.of.iter().enumerate().filter(|(at, _)| self.has(*at));
        spared.fold(columns, |columns, (_, one)| columns.replacen(one.column, one.neutral, 1))
    }
}
