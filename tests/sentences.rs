//! What errors say: every sentence that the code can say is in the catalogue, and so in German; nothing else is.
//!
//! Sources are read as text: a sentence is a string that begins like one and ends like one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tertulia::jsonapi::error::Code;
use tertulia::jsonapi::language::Language;

/// The layers that make error objects.
const LAYERS: [&str; 4] = ["src/jsonapi", "src/resource", "src/resources", "src/http"];

/// Beginnings of lines whose strings no client sees.
const UNSEEN: [&str; 6] = ["//", "#[error", "#[doc", "#[expect", "tracing::", "assert"];

#[test]
fn every_sentence_of_the_code_is_in_the_catalogue() {
    let missing: Vec<_> = said().into_iter().filter(|said| sentence_of(said).is_none()).collect();
    assert!(missing.is_empty(), "add to src/jsonapi/locales/en.ftl and de.ftl:\n{}", missing.join("\n"));
}

#[test]
fn every_sentence_of_the_catalogue_is_said() {
    let mut used: BTreeSet<String> = said().iter().filter_map(|said| sentence_of(said)).collect();
    // Behind others, where a word is near or none is.
    used.extend(["did-you-mean", "there-are"].map(str::to_owned));
    let catalogue = fs::read_to_string("src/jsonapi/locales/en.ftl").expect("the catalogue");
    let sentences =
        catalogue.lines().filter(|line| line.ends_with(['.', '?'])).filter_map(|line| line.split_once(" = "));
    let names: Vec<_> = sentences.map(|(name, _)| name).filter(|name| !used.contains(*name)).collect();
    assert!(names.is_empty(), "nobody says these: {names:?}");
}

#[test]
fn every_code_has_a_page_in_every_language() {
    for code in Code::ALL {
        for language in Language::ALL {
            for attribute in ["meaning", "occurs", "remedy"] {
                let said = language.about(code.as_str(), attribute);
                assert!(said.is_some_and(|said| said.ends_with('.')), "{attribute} of {code:?} in {language:?}");
            }
        }
        assert_ne!(code.title_in(Language::German), code.title(), "{code:?}");
        let example = example(*code);
        assert_ne!(Language::German.say(&example), example, "{code:?}");
    }
}

fn example(code: Code) -> String {
    Language::English.about(code.as_str(), "example").unwrap_or_else(|| panic!("{code:?} has no example"))
}

/// The name of the sentence that `english` is, if there is one.
fn sentence_of(english: &str) -> Option<String> {
    tertulia::jsonapi::language::name(english)
}

/// Every sentence that the sources can say, with a value for each placeholder.
fn said() -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    for file in LAYERS.iter().flat_map(|layer| sources(Path::new(layer))) {
        let text = fs::read_to_string(&file).expect("a source");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for string in seen(code).iter().flat_map(|line| strings(line)) {
            said.extend(sentence(&string));
        }
    }
    assert!(said.len() > 100, "the sources are not read any more");
    said
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let sources = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    let tests = |path: &PathBuf| path.iter().any(|part| part.to_string_lossy().contains("tests"));
    sources
        .filter(|path| path.extension().is_some_and(|it| it == "rs") && !tests(path) && !path.ends_with("bench.rs"))
        .collect()
}

/// Lines, with those that a backslash continues put together.
fn seen(code: &str) -> Vec<String> {
    let joined: String =
        code.split("\\\n").enumerate().map(|(at, part)| if at == 0 { part } else { part.trim_start() }).collect();
    let lines = joined.lines().map(|line| line.trim().to_owned());
    lines.filter(|line| !UNSEEN.iter().any(|beginning| line.starts_with(beginning))).collect()
}

/// The strings of a line, without what is passed to `Error::Internal` or to `expect`, and without descriptions.
fn strings(line: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('"') {
        let mut end = 0;
        while let Some(at) = behind[end..].find('"') {
            end += at + 1;
            if !behind[..end - 1].ends_with('\\') {
                break;
            }
        }
        let described =
            [".about(", "about: ", "ABOUT: &'static str = "].iter().any(|beginning| before.ends_with(beginning));
        let unseen = before.contains("Internal(") || before.ends_with("expect(") || described;
        if !unseen {
            strings.push(behind[..end.saturating_sub(1)].replace("\\\"", "\""));
        }
        rest = &behind[end..];
    }
    strings
}

/// The sentence that a string is, with a value for each placeholder and without a hint at its end.
fn sentence(string: &str) -> Option<String> {
    let string = string.trim_end_matches("{hint}").trim_end_matches("{}");
    let begins = string.starts_with(|c: char| c.is_ascii_uppercase() || c == '`');
    if !begins || string.starts_with("SELECT") || !string.ends_with(['.', '?']) || !string.contains(' ') {
        return None;
    }
    let mut sentence = String::new();
    let mut rest = string;
    while let Some((text, behind)) = rest.split_once('{') {
        sentence.push_str(text);
        sentence.push_str("value");
        rest = behind.split_once('}').map_or("", |(_, behind)| behind);
    }
    Some(sentence + rest)
}
