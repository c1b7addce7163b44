//! Seeds of `corpus/`, and what little changes make of them.
//!
//! Used by the property tests (`tests/fuzzing.rs`) and by those that send them to a server (`tests/contract/fuzzed.rs`).

use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// The seeds of a target.
pub(crate) fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let seeds: Vec<_> = files.iter().map(|file| fs::read(file).expect("a seed")).collect();
    assert!(!seeds.is_empty(), "{name} has no seeds");
    seeds
}

/// Seeds with changes, and now and then anything.
pub(crate) fn inputs(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let anything = prop::collection::vec(any::<u8>(), 0..64);
    prop_oneof![
        9 => (prop::sample::select(seeds), changes()).prop_map(|(seed, changes)| changed(&seed, &changes)),
        1 => anything,
    ]
}

/// Pieces that mean something somewhere.
const PIECES: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    ":",
    "\"",
    "'",
    "\\",
    "%",
    "%00",
    "%5B",
    "&",
    "=",
    ";",
    ".",
    "-",
    "*",
    "/",
    "~1",
    "\0",
    "é",
    "🎲",
    "\u{202e}",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "data",
    "type",
    "id",
    "lid",
    "ref",
    "filter",
    "include",
    "page[after]",
    "q=0",
];

#[derive(Clone, Debug)]
enum Change {
    Remove(usize, usize),
    Insert(usize, &'static str),
    Replace(usize, u8),
    Repeat(usize, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<usize>;
    let change = prop_oneof![
        (at(), 1..9usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), prop::sample::select(PIECES)).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (at(), 1..40usize).prop_map(|(at, length)| Change::Repeat(at, length)),
    ];
    prop::collection::vec(change, 0..8)
}

fn changed(seed: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut data = seed.to_vec();
    for change in changes {
        let place = |at: usize| at % (data.len() + 1);
        match *change {
            Change::Remove(at, length) => {
                let at = place(at);
                data.drain(at..(at + length).min(data.len()));
            }
            Change::Insert(at, piece) => {
                let at = place(at);
                data.splice(at..at, piece.bytes());
            }
            Change::Replace(at, byte) if !data.is_empty() => {
                let at = at % data.len();
                data[at] = byte;
            }
            Change::Replace(..) => {}
            Change::Repeat(at, length) => {
                let at = place(at);
                let part = data[at..(at + length).min(data.len())].to_vec();
                data.splice(at..at, part);
            }
        }
    }
    data
}
