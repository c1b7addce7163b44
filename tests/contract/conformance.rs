//! `spec/CONFORMANCE.md`: every requirement of JSON:API 1.1 with its proof, or why it has none.
//!
//! Proofs are the cases' `proves` and lines `// proves: CN-01, CN-02` above a test in Rust. A requirement
//! without proof has a reason in `spec/not-applicable.tsv`.

use crate::{case, declared, tables};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

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
    tables::assert_up_to_date("CONFORMANCE.md", &matrix());
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
                (Some(proofs), _) => tables::names(proofs),
                (None, Some(reason)) => reason.clone(),
                (None, None) => "**none**".to_owned(),
            };
            let _ = writeln!(text, "| {id} | {level} | {} | {proof} |", tables::cell(requirement));
        }
    }
    text
}

fn family_of(id: &str) -> &str {
    id.split('-').next().unwrap_or_default()
}

fn requirements() -> Vec<Requirement> {
    let rows = tables::rows("requirements.tsv").into_iter().skip(1);
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
    for row in tables::rows("not-applicable.tsv").into_iter().skip(1) {
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

/// Id to the names of the cases and tests that prove it.
fn proofs() -> BTreeMap<String, BTreeSet<String>> {
    let mut proofs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for case in case::families().iter().flat_map(|family| case::of_family(family)) {
        for id in case.proves {
            proofs.entry(id).or_default().insert(case.name.clone());
        }
    }
    for (id, name) in declared::with("proves") {
        proofs.entry(id).or_default().insert(name);
    }
    proofs
}
