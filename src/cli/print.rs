//! Standard output: whole texts at once, and tables whose columns line up.

use std::io::Write;

use super::failure::Outcome;

/// Writes a line (or several) and a line feed.
pub(crate) fn line(text: impl AsRef<str>) -> Outcome {
    bytes(format!("{}\n", text.as_ref()).as_bytes())
}

pub(crate) fn bytes(bytes: &[u8]) -> Outcome {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// Rows under a head, each column as wide as its widest cell.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(width);
    for row in rows {
        for (width_so_far, cell) in widths.iter_mut().zip(row) {
            *width_so_far = (*width_so_far).max(width(cell));
        }
    }
    let head = head.map(str::to_owned);
    let lines = std::iter::once(&head).chain(rows).map(|row| table_line(row, &widths));
    lines.collect::<Vec<_>>().join("\n")
}

fn table_line<const N: usize>(row: &[String; N], widths: &[usize; N]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide - width(cell))));
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_line_up_and_lines_do_not_trail_off() {
        let rows = [["ana".to_owned(), "1".to_owned()], ["zoë".to_owned(), "200".to_owned()]];
        assert_eq!(table(["NAME", "N"], &rows), "NAME  N\nana   1\nzoë   200");
    }
}
