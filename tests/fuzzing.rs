//! The targets of `fuzz/` as property tests: seeds and what little changes make of them, a bounded number of times.
//!
//! `PROPTEST_CASES` makes them more. What `cargo fuzz` finds goes into `fuzz/corpus/`, and is played here for good.

use proptest::test_runner::{Config, TestRunner};

#[path = "../fuzz/seeds.rs"]
mod seeds;
#[path = "../fuzz/targets.rs"]
mod targets;

fn play(name: &str, target: fn(&[u8])) {
    let seeds = seeds::corpus(name);
    seeds.iter().for_each(|seed| target(seed));
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&seeds::inputs(seeds), |data| {
        target(&data);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{name}: {failure}"));
}

#[test]
fn no_query_string_does_harm() {
    play("query", targets::query);
}

#[test]
fn no_filter_does_harm() {
    play("filter", targets::filter);
}

#[test]
fn no_cursor_does_harm() {
    play("cursor", targets::cursor);
}

#[test]
fn no_media_type_does_harm() {
    play("media_type", targets::media_type);
}

#[test]
fn no_document_does_harm() {
    play("document", targets::document);
}

#[test]
fn no_operations_do_harm() {
    play("operations", targets::operations);
}
