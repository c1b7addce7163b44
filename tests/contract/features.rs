//! The table of features in `README.md`, and `spec/FEATURES.md`: what there is here and elsewhere, and what shows it.
//!
//! `spec/features.tsv` has the features with the cases and tests that prove ours, `spec/features-peers.tsv` the other
//! servers with the release that was read, and `spec/features-evidence.tsv` a line for each cell about one of them:
//! the mark, what was found, and where. A mark is `yes`, `part`, `no`, or `?` for what could not be told.

use crate::{case, tables};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// What the table of the README stands between.
const MARKERS: [&str; 2] = ["<!-- features: generated -->\n", "<!-- /features -->\n"];

struct Feature {
    key: String,
    text: String,
    /// Whether there is it here.
    ours: String,
    /// Cases, and tests as `tests/file.rs: function`.
    proofs: Vec<String>,
}

struct Peer {
    key: String,
    name: String,
    language: String,
    release: String,
    /// When that was released.
    date: String,
    /// When it was read for this table.
    read: String,
    home: String,
    /// Other packages and releases that belong to it.
    also: String,
}

struct Finding {
    mark: String,
    note: String,
    evidence: Vec<String>,
}

#[test]
fn every_feature_is_proved_by_cases_and_tests_that_exist() {
    let mut problems = Vec::new();
    for Feature { key, ours, proofs, .. } in features() {
        match (ours.as_str(), proofs.is_empty()) {
            ("yes", false) | ("no", true) => (),
            _ => problems.push(format!("{key} is `{ours}` with {} proofs", proofs.len())),
        }
        let missing = proofs.iter().filter(|proof| !exists(proof));
        problems.extend(missing.map(|proof| format!("{key}: there is no {proof}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_cell_about_another_server_has_evidence() {
    let (features, peers, findings) = (features(), peers(), findings());
    let cells = || features.iter().flat_map(|feature| peers.iter().map(|peer| cell(feature, peer)));
    let known: BTreeSet<_> = cells().collect();
    let missing = known.iter().filter(|cell| !findings.contains_key(*cell));
    let mut problems: Vec<String> = missing.map(|(feature, peer)| format!("{feature} of {peer} is missing")).collect();
    let strays = findings.keys().filter(|cell| !known.contains(*cell));
    problems.extend(strays.map(|(feature, peer)| format!("{feature} of {peer} is no cell")));
    for ((feature, peer), finding) in &findings {
        problems.extend(faults(finding).into_iter().map(|fault| format!("{feature} of {peer}: {fault}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_list_of_features_is_up_to_date() {
    tables::assert_up_to_date("FEATURES.md", &listed());
}

#[test]
fn the_table_of_the_readme_is_up_to_date() {
    let path = case::spec().join("../README.md");
    let readme = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let [start, end] = MARKERS;
    let (before, rest) = readme.split_once(start).expect("a place for the table");
    let (_, after) = rest.split_once(end).expect("an end of the table");
    tables::assert_up_to_date("../README.md", &[before, start, &compared(), end, after].concat());
}

#[test]
fn a_finding_without_evidence_that_lasts_is_found() {
    let finding = |mark: &str, note: &str, evidence: &[&str]| Finding {
        mark: mark.to_owned(),
        note: note.to_owned(),
        evidence: evidence.iter().map(|&url| url.to_owned()).collect(),
    };
    let source = "https://github.com/a/b/blob/v1/c.rs#L1";
    assert!(faults(&finding("part", "Some", &[source])).is_empty());
    assert!(faults(&finding("?", "Nobody says", &[])).is_empty());
    assert_eq!(faults(&finding("perhaps", "", &[])).len(), 3);
    assert_eq!(faults(&finding("no", "None", &["see the manual"])).len(), 1);
    assert_eq!(faults(&finding("no", "None", &[source, "https://github.com/a/b/blob/main/c.rs"])).len(), 1);
}

/// What is wrong with what is said of a cell.
fn faults(Finding { mark, note, evidence }: &Finding) -> Vec<String> {
    let mut faults = Vec::new();
    if !["yes", "part", "no", "?"].contains(&mark.as_str()) {
        faults.push(format!("`{mark}` is no mark"));
    }
    if note.is_empty() {
        faults.push("nothing is said of it".to_owned());
    }
    if evidence.is_empty() && mark != "?" {
        faults.push("no evidence".to_owned());
    }
    let loose = evidence.iter().filter(|url| !url.starts_with("https://") || follows_a_branch(url));
    faults.extend(loose.map(|url| format!("{url} is no address of something that stays")));
    faults
}

/// A branch moves on, and the line that was read with it.
fn follows_a_branch(url: &str) -> bool {
    let revision = url.split(['/']).skip_while(|part| !["blob", "tree"].contains(part)).nth(1);
    revision.is_some_and(|revision| ["main", "master", "HEAD"].contains(&revision))
}

/// `sorting/a_minus_sorts_descending` is a case, `tests/api/walks.rs: page` a function.
fn exists(proof: &str) -> bool {
    match proof.split_once(": ") {
        None => case::spec().join(format!("{proof}.json")).is_file(),
        Some((file, function)) => {
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap_or_default();
            text.contains(&format!("fn {function}("))
        }
    }
}

/// The section of the README.
fn compared() -> String {
    let (peers, findings) = (peers(), findings());
    let heads: Vec<String> = peers.iter().map(|Peer { name, home, .. }| format!("[{name}]({home})")).collect();
    let mut text = format!("\n| | Tertulia | {} |\n|---|---{}|\n", heads.join(" | "), "|---".repeat(peers.len()));
    for feature in features() {
        let marks: Vec<&str> = peers.iter().map(|peer| mark(&findings, &feature, peer)).collect();
        let _ = writeln!(text, "| {} | {} | {} |", tables::cell(&feature.text), feature.ours, marks.join(" | "));
    }
    let releases: Vec<String> =
        peers.iter().map(|peer| format!("{} {} ({})", peer.name, peer.release, peer.language)).collect();
    let read = peers.iter().map(|peer| peer.read.as_str()).min().unwrap_or_default();
    let _ = write!(text, "\nRead on {read}: {}.\n\n", releases.join(", "));
    text
}

/// `spec/FEATURES.md`
fn listed() -> String {
    let (peers, findings) = (peers(), findings());
    let mut text = String::from(
        "# Features, here and elsewhere\n\n\
         What shows each cell of the table in the README. Generated from `features.tsv`, `features-peers.tsv` and \
         `features-evidence.tsv`; `TERTULIA_ACCEPT=1 cargo test --test contract features::` writes it and the table \
         anew.\n\n\
         The other servers were read, not run: their documentation, and their source at the release that is named. \
         `yes` is what one gets from the server or by its documentation. `part` has a limit, or comes from the framework \
         below. `no` is what was looked for and not found, or is said not to be there; `?` is what could not be told. \
         Where something is wrong or has changed, please say so.\n\n\
         | | language | release | of | read on | also read |\n|---|---|---|---|---|---|\n",
    );
    for Peer { name, language, release, date, read, home, also, .. } in &peers {
        let _ = writeln!(text, "| [{name}]({home}) | {language} | {release} | {date} | {read} | {also} |");
    }
    for feature in features() {
        let _ = write!(text, "\n## {}\n\n| | | |\n|---|---|---|\n", feature.text);
        let _ = writeln!(text, "| Tertulia | {} | {} |", feature.ours, tables::names(&feature.proofs));
        for peer in &peers {
            let finding = findings.get(&cell(&feature, peer));
            let said = finding.map(|it| format!("{} {}", tables::cell(&it.note), links(&it.evidence)));
            let mark = mark(&findings, &feature, peer);
            let _ = writeln!(text, "| {} | {mark} | {} |", peer.name, said.unwrap_or_default().trim_end());
        }
    }
    text
}

fn cell(feature: &Feature, peer: &Peer) -> (String, String) {
    (feature.key.clone(), peer.key.clone())
}

fn mark<'a>(findings: &'a BTreeMap<(String, String), Finding>, feature: &Feature, peer: &Peer) -> &'a str {
    findings.get(&cell(feature, peer)).map_or("?", |finding| &finding.mark)
}

/// Addresses, each by the name of what it leads to.
fn links(evidence: &[String]) -> String {
    let links: Vec<String> = evidence.iter().map(|url| format!("[{}]({url})", label(url))).collect();
    format!("({})", links.join(", ")).replace("()", "")
}

/// The file, `#39` for an issue, the last step of the path for everything else.
fn label(url: &str) -> String {
    let place = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let mut steps = place.rsplit('/');
    let last = steps.next().unwrap_or_default();
    match steps.next() {
        Some("issues" | "pull") => format!("#{last}"),
        _ => last.to_owned(),
    }
}

fn features() -> Vec<Feature> {
    let rows = tables::rows("features.tsv").into_iter().skip(1);
    rows.map(|row| match &row[..] {
        [key, text, ours, proofs @ ..] if proofs.len() < 2 => Feature {
            key: key.clone(),
            text: text.clone(),
            ours: ours.clone(),
            proofs: proofs.iter().flat_map(|proofs| proofs.split(" ; ")).map(str::to_owned).collect(),
        },
        _ => panic!("features.tsv: three or four columns expected: {row:?}"),
    })
    .collect()
}

fn peers() -> Vec<Peer> {
    let rows = tables::rows("features-peers.tsv").into_iter().skip(1);
    rows.map(|row| match &row[..] {
        [key, name, language, release, date, read, home, also @ ..] if also.len() < 2 => Peer {
            key: key.clone(),
            name: name.clone(),
            language: language.clone(),
            release: release.clone(),
            date: date.clone(),
            read: read.clone(),
            home: home.clone(),
            also: also.concat(),
        },
        _ => panic!("features-peers.tsv: seven or eight columns expected: {row:?}"),
    })
    .collect()
}

/// By the keys of the feature and of the peer.
fn findings() -> BTreeMap<(String, String), Finding> {
    let mut findings = BTreeMap::new();
    for row in tables::rows("features-evidence.tsv").into_iter().skip(1) {
        let [feature, peer, mark, note, evidence] = &row[..] else {
            panic!("features-evidence.tsv: five columns expected: {row:?}");
        };
        let evidence = evidence.split_whitespace().map(str::to_owned).collect();
        let finding = Finding { mark: mark.clone(), note: note.clone(), evidence };
        let earlier = findings.insert((feature.clone(), peer.clone()), finding);
        assert!(earlier.is_none(), "features-evidence.tsv has {feature} of {peer} twice");
    }
    findings
}
