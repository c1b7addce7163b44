//! `spec/DECISIONS.md`: what becomes of the five systems that this one unites, and what proves it.
//!
//! `spec/seeds.tsv` has their endpoints; the proof of one is the case of its name in `spec/seeds`, which makes the
//! requests of its row. `spec/decisions.tsv` has what was decided where they are silent or disagree; its proofs are the
//! cases of `spec/decisions` that begin with its number, those that name it in `decides`, and lines `// decides: 07`
//! above a test in Rust. What is without proof says why.

use crate::{case, declared, tables};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// An endpoint of a seed: the case's name, what the seed calls it, and the requests that are it here.
struct Endpoint {
    name: String,
    seed: String,
    requests: String,
}

struct Decision {
    number: String,
    text: String,
    /// Why it has no proof.
    reason: Option<String>,
}

#[test]
fn every_endpoint_of_the_seeds_has_a_case_that_makes_its_requests() {
    let mut cases: BTreeMap<String, case::Case> = BTreeMap::new();
    cases.extend(case::of_family("seeds").into_iter().map(|case| (case.name.replace("seeds/", ""), case)));
    let mut problems = Vec::new();
    for endpoint in endpoints() {
        let Some(case) = cases.remove(&endpoint.name) else {
            problems.push(format!("{} has no case", endpoint.name));
            continue;
        };
        let made: BTreeSet<String> = case.steps.iter().map(|step| template(&step.request)).collect();
        let missing = endpoint.requests.split(" ; ").filter(|request| !made.contains(*request));
        problems.extend(missing.map(|request| format!("{} doesn't make {request}, only {made:?}", endpoint.name)));
    }
    problems.extend(cases.into_keys().map(|name| format!("spec/seeds/{name} is in no row of seeds.tsv")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_decision_has_a_proof_or_a_reason() {
    let proofs = proofs();
    let mut problems = Vec::new();
    let mut known = BTreeSet::new();
    for (place, Decision { number, reason, .. }) in (1..).zip(decisions()) {
        if number != format!("{place:02}") {
            problems.push(format!("decisions.tsv has {number} in place of {place:02}"));
        }
        match (proofs.get(&number), reason) {
            (None, None) => problems.push(format!("decision {number} has neither proof nor reason")),
            (Some(_), Some(_)) => problems.push(format!("decision {number} has a proof and a reason to have none")),
            _ => (),
        }
        known.insert(number);
    }
    problems.extend(proofs.keys().filter(|it| !known.contains(*it)).map(|it| format!("{it} is no decision")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_list_of_decisions_is_up_to_date() {
    let mut text = String::from(
        "# What became of five chat systems\n\n\
         Tertulia unites five chat backends, called 000 to 004 here, and what their neighbours add. Generated from \
         `seeds.tsv`, `decisions.tsv`, the cases and the tests; `TERTULIA_ACCEPT=1 cargo test --test contract decisions` \
         writes it anew.\n\n## Their endpoints\n\n| there | here, below `/api/v1` | proof |\n|---|---|---|\n",
    );
    for Endpoint { name, seed, requests } in endpoints() {
        let requests: Vec<String> = requests.split(" ; ").map(|request| format!("`{request}`")).collect();
        let _ = writeln!(text, "| {} | {} | `seeds/{name}` |", tables::cell(&seed), requests.join("<br>"));
    }
    text.push_str("\n## Where they are silent or disagree\n\n| | decision | proof |\n|---|---|---|\n");
    let proofs = proofs();
    for Decision { number, text: decision, reason } in decisions() {
        let proof = proofs.get(&number).map(tables::names).or(reason).unwrap_or_else(|| "**none**".to_owned());
        let _ = writeln!(text, "| {number} | {} | {proof} |", tables::cell(&decision));
    }
    tables::assert_up_to_date("DECISIONS.md", &text);
}

/// `GET /chats/{{chat.walkers}}` is `GET /chats/:id`.
fn template(request: &str) -> String {
    let mut parts = request.split("{{");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + ":id" + part.split_once("}}").map_or("", |(_, rest)| rest))
}

fn endpoints() -> Vec<Endpoint> {
    let rows = tables::rows("seeds.tsv").into_iter().skip(1);
    rows.map(|row| match &row[..] {
        [name, seed, requests] => Endpoint { name: name.clone(), seed: seed.clone(), requests: requests.clone() },
        _ => panic!("seeds.tsv: three columns expected: {row:?}"),
    })
    .collect()
}

fn decisions() -> Vec<Decision> {
    let rows = tables::rows("decisions.tsv").into_iter().skip(1);
    rows.map(|row| match &row[..] {
        [number, text] => Decision { number: number.clone(), text: text.clone(), reason: None },
        [number, text, reason] => Decision { number: number.clone(), text: text.clone(), reason: Some(reason.clone()) },
        _ => panic!("decisions.tsv: two or three columns expected: {row:?}"),
    })
    .collect()
}

/// Number to the names of the cases and tests that prove the decision.
fn proofs() -> BTreeMap<String, BTreeSet<String>> {
    let mut proofs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for case in case::families().iter().flat_map(|family| case::of_family(family)) {
        let numbered = case.name.strip_prefix("decisions/").and_then(|name| name.split('_').next());
        for number in case.decides.iter().map(String::as_str).chain(numbered) {
            proofs.entry(number.to_owned()).or_default().insert(case.name.clone());
        }
    }
    for (number, name) in declared::with("decides") {
        proofs.entry(number).or_default().insert(name);
    }
    proofs
}
