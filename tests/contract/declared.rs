//! What sentences in Rust declare: a line `// proves: CN-01, CN-02` belongs to the next function below it.

use std::path::Path;

/// Every id that a line `// <word>: …` below `src/` and `tests/` names, and the function that it is said of.
pub(crate) fn with(word: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let start = format!("// {word}: ");
    let mut declared = Vec::new();
    for directory in ["src", "tests"] {
        below(&root.join(directory), &start, &mut declared);
    }
    declared
}

fn below(directory: &Path, start: &str, declared: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(directory).expect("a folder of sources") {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            below(&path, start, declared);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            within(&path, start, declared);
        }
    }
}

fn within(path: &Path, start: &str, declared: &mut Vec<(String, String)>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{file}: {e}"));
    let mut pending: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if let Some(ids) = line.strip_prefix(start) {
            pending.extend(ids.split(',').map(|id| id.trim().to_owned()));
        } else if let Some(function) = function_name(line).filter(|_| !pending.is_empty()) {
            declared.extend(pending.drain(..).map(|id| (id, format!("{file}: {function}"))));
        }
    }
    assert!(pending.is_empty(), "{file}: {pending:?} are declared above no function");
}

fn function_name(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("fn ").filter(|(before, _)| !before.starts_with("//"))?;
    rest.split(['(', '<']).next()
}
