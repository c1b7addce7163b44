//! Tables below `spec/`: those that are read, and those that tests generate.

use crate::case;

/// The columns of every line.
pub(crate) fn rows(file: &str) -> Vec<Vec<String>> {
    let path = case::spec().join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// Fails when what was generated differs from the file; `TERTULIA_ACCEPT` writes it instead.
pub(crate) fn assert_up_to_date(file: &str, generated: &str) {
    let path = case::spec().join(file);
    if std::env::var_os("TERTULIA_ACCEPT").is_some() {
        std::fs::write(&path, generated).expect("a written table");
    } else {
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == generated, "{} is stale: run this test with TERTULIA_ACCEPT=1", path.display());
    }
}

/// A text as a cell of a table in Markdown.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Names as code, one below the other.
pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join("<br>")
}
