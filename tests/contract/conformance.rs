//! `spec/CONFORMANCE.md`: every requirement of JSON:API 1.1 with its proof, or why it has none.
//!
//! Proofs are the cases' `proves` and lines `// proves: CN-01, CN-02` above a test in Rust. A requirement
//! without proof has a reason in `spec/not-applicable.tsv`.

use crate::case;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// Families whose requirements all need a proof or a reason.
const FAMILIES: [&str; 10] = ["CN", "DOC", "FETCH", "CRUD", "REL", "QP", "ERR", "EXT", "CP", "AO"];

struct Requirement {
    id: String,
    level: String,
    text: String,
}

#[test]
fn every_requirement_has_a_proof_or_a_reason() {
    let (proofs, reasons) = (proofs(), reasons());
    let requirements = requirements();
    let known: BTreeSet<&str> = requirements.iter().map(|requirement| requirement.id.as_str()).collect();
    let mut problems: Vec<String> = Vec::new();
    for id in proofs.keys().chain(reasons.keys()).filter(|id| !known.contains(id.as_str())) {
        problems.push(format!("{id} is no requirement"));
    }
    for id in known {
        match (proofs.get(id), reasons.get(id)) {
            (None, None) => problems.push(format!("{id} has neither proof nor reason")),
            (Some(_), Some(_)) => problems.push(format!("{id} has a proof and a reason to have none")),
            _ => (),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_conformance_matrix_is_up_to_date() {
    let path = case::spec().join("CONFORMANCE.md");
    let matrix = matrix();
    if std::env::var_os("TERTULIA_ACCEPT").is_some() {
        std::fs::write(&path, matrix).expect("a written matrix");
    } else {
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == matrix, "{} is stale: run this test with TERTULIA_ACCEPT=1", path.display());
    }
}

fn matrix() -> String {
    let (requirements, proofs, reasons) = (requirements(), proofs(), reasons());
    let mut text = String::from(
        "# Conformance with JSON:API 1.1\n\n\
         Generated from `requirements.tsv`, the cases, the tests and `not-applicable.tsv`; \
         `TERTULIA_ACCEPT=1 cargo test --test contract conformance` writes it anew.\n",
    );
    for family in FAMILIES {
        let of_family: Vec<_> = requirements.iter().filter(|it| family_of(&it.id) == family).collect();
        let proved = of_family.iter().filter(|it| proofs.contains_key(&it.id)).count();
        let _ = write!(text, "\n## {family}: {proved} of {} proved\n\n", of_family.len());
        text.push_str("| id | level | requirement | proof |\n|---|---|---|---|\n");
        for Requirement { id, level, text: requirement } in of_family {
            let proof = match (proofs.get(id), reasons.get(id)) {
                (Some(proofs), _) => proofs.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join("<br>"),
                (None, Some(reason)) => reason.clone(),
                (None, None) => "**none**".to_owned(),
            };
            let _ = writeln!(text, "| {id} | {level} | {} | {proof} |", requirement.replace('|', "\\|"));
        }
    }
    text
}

fn family_of(id: &str) -> &str {
    id.split('-').next().unwrap_or_default()
}

fn requirements() -> Vec<Requirement> {
    let rows = rows("requirements.tsv").into_iter().skip(1);
    rows.map(|row| match &row[..] {
        [id, _section, level, _party, text, _check] => {
            Requirement { id: id.clone(), level: level.clone(), text: text.clone() }
        }
        _ => panic!("requirements.tsv: six columns expected: {row:?}"),
    })
    .collect()
}

/// Id to `not applicable: why` or `later: which`. `AO-*` is the family's every requirement.
fn reasons() -> BTreeMap<String, String> {
    let all = requirements();
    let mut reasons = BTreeMap::new();
    for row in rows("not-applicable.tsv").into_iter().skip(1) {
        let [id, reason] = &row[..] else { panic!("not-applicable.tsv: two columns expected: {row:?}") };
        let said = if reason.starts_with("later: ") { reason.clone() } else { format!("not applicable: {reason}") };
        match id.strip_suffix('*') {
            Some(start) => {
                let ids = all.iter().map(|it| &it.id).filter(|id| id.starts_with(start));
                reasons.extend(ids.map(|id| (id.clone(), said.clone())));
            }
            None => {
                reasons.insert(id.clone(), said);
            }
        }
    }
    reasons
}

fn rows(file: &str) -> Vec<Vec<String>> {
    let path = case::spec().join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// Id to the names of the cases and tests that prove it.
fn proofs() -> BTreeMap<String, BTreeSet<String>> {
    let mut proofs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for case in case::families().iter().flat_map(|family| case::of_family(family)) {
        for id in case.proves {
            proofs.entry(id).or_default().insert(case.name.clone());
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for directory in ["src", "tests"] {
        declared_below(&root.join(directory), &mut |id, name| {
            proofs.entry(id).or_default().insert(name);
        });
    }
    proofs
}

fn declared_below(directory: &Path, declare: &mut dyn FnMut(String, String)) {
    for entry in std::fs::read_dir(directory).expect("a folder of sources") {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            declared_below(&path, declare);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            declared_in(&path, declare);
        }
    }
}

/// A declaration belongs to the next function below it.
fn declared_in(path: &Path, declare: &mut dyn FnMut(String, String)) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{file}: {e}"));
    let mut pending: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if let Some(ids) = line.strip_prefix("// proves: ") {
            pending.extend(ids.split(',').map(|id| id.trim().to_owned()));
        } else if let Some(function) = function_name(line).filter(|_| !pending.is_empty()) {
            for id in pending.drain(..) {
                declare(id, format!("{file}: {function}"));
            }
        }
    }
    assert!(pending.is_empty(), "{file}: {pending:?} are declared above no function");
}

fn function_name(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("fn ").filter(|(before, _)| !before.starts_with("//"))?;
    rest.split(['(', '<']).next()
}
