//! Did-you-mean: the known word that a client most probably meant, or else all that there are.
//!
//! Case, `-` and `_` count little, since clients differ in their casing of names: `createdAt` finds `created_at`.

use std::fmt::Display;

/// Longer words are no slips of the pen, and comparing them costs their length times that of every known word.
const LONGEST: usize = 64;

/// So many words are listed at most, more than any type of resource has of a kind.
const LISTED: usize = 40;

/// The candidate nearest to `word`, the first one of equally near ones, or `None` when all are far.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let word = plain(word);
    let farthest = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= farthest)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A sentence to put behind a `detail`, with a space before it: `" Did you mean `title`?"`, or nothing.
pub fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    closest(word, candidates).map(said).unwrap_or_default()
}

/// The sentence about a word that is known to be meant.
pub fn said(meant: impl Display) -> String {
    format!(" Did you mean `{meant}`?")
}

/// A sentence like [`hint`], which lists the words where none is near.
pub fn choice<'a>(word: &str, words: impl Iterator<Item = &'a str> + Clone) -> String {
    closest(word, words.clone()).map_or_else(|| all(words), said)
}

/// The sentence that lists words, with a space before it: `" There are `title`, `created_at`."`; nothing if there are none.
pub fn all<'a>(mut words: impl Iterator<Item = &'a str>) -> String {
    let mut listed: Vec<&str> = words.by_ref().take(LISTED).collect();
    listed.extend(words.next().map(|_| "…"));
    if listed.is_empty() { String::new() } else { format!(" There are `{}`.", listed.join("`, `")) }
}

fn plain(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 6] = ["title", "created_at", "chat_updated_at", "chat", "first_user", "id"];

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        assert_eq!(closest(word, KNOWN), expected, "{word}");
    }

    #[test]
    fn slips_and_other_casings_find_their_word() {
        check("titel", Some("title"));
        check("titl", Some("title"));
        check("createdAt", Some("created_at"));
        check("chat-updated-at", Some("chat_updated_at"));
        check("CHAT", Some("chat"));
        check("chats", Some("chat"));
        check("firstUser", Some("first_user"));
        check("ib", Some("id"));
    }

    #[test]
    fn far_words_find_nothing() {
        check("", None);
        check("password", None);
        check("🙂", None);
        check(&"title".repeat(20), None);
        assert_eq!(closest("title", []), None);
    }

    #[test]
    fn a_hint_is_a_sentence_or_nothing() {
        assert_eq!(hint("titel", KNOWN), " Did you mean `title`?");
        assert_eq!(hint("nothing", KNOWN), "");
    }

    #[test]
    fn where_no_word_is_near_there_is_a_list() {
        assert_eq!(choice("titel", KNOWN.into_iter()), " Did you mean `title`?");
        assert_eq!(choice("nothing", ["a", "b_c"].into_iter()), " There are `a`, `b_c`.");
        assert_eq!(choice("nothing", [].into_iter()), "");
        let many = |count| choice("nothing", std::iter::repeat_n("a", count));
        assert!(many(LISTED).ends_with(", `a`.") && many(LISTED + 1).ends_with(", `a`, `…`."));
    }
}
