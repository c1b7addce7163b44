//! Emoji: one RGI emoji sequence, in the one form in which it is stored.
//!
//! Which sequences there are is Unicode's data, as the `emojis` crate has it. Variation selectors decide how a
//! character looks where it has two looks; with and without U+FE0F the same emoji is meant, so `❤` is stored as `❤️`
//! and `👍️` as `👍`. A sequence that asks for the look of text (U+FE0E) is no emoji.
//! Spec: <https://www.unicode.org/reports/tr51/#def_rgi_set>

use std::{collections::HashMap, sync::LazyLock};

/// Asks for the look of an emoji.
const EMOJI_LOOK: char = '\u{FE0F}';

/// Every RGI emoji sequence by what is left of it without variation selectors.
static SEQUENCES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let toned = |emoji: &'static emojis::Emoji| emoji.skin_tones().into_iter().flatten();
    let all = emojis::iter().flat_map(|emoji| std::iter::once(emoji).chain(toned(emoji)));
    all.map(|emoji| (bare(emoji.as_str()), emoji.as_str())).collect()
});

/// The stored form of an emoji; `None` for anything else.
pub(crate) fn normalized(text: &str) -> Option<&'static str> {
    let is_doubled = text.starts_with(EMOJI_LOOK) || text.contains("\u{FE0F}\u{FE0F}");
    if is_doubled { None } else { SEQUENCES.get(&bare(text)).copied() }
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| *c != EMOJI_LOOK).collect()
}

#[cfg(test)]
mod tests {
    use super::{SEQUENCES, bare, normalized};

    #[test]
    fn one_look_is_one_emoji() {
        for (sent, stored) in [
            ("👍", "👍"),
            ("👍\u{FE0F}", "👍"),
            ("❤", "❤\u{FE0F}"),
            ("❤\u{FE0F}", "❤\u{FE0F}"),
            ("1\u{20E3}", "1\u{FE0F}\u{20E3}"),
            ("🏳\u{200D}🌈", "🏳\u{FE0F}\u{200D}🌈"),
        ] {
            assert_eq!(normalized(sent), Some(stored), "{sent}");
        }
    }

    #[test]
    fn skin_tones_flags_families_and_keycaps_are_emoji() {
        for emoji in ["👍🏽", "🇩🇪", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👨‍👩‍👧‍👦", "#️⃣", "👩🏻‍🤝‍👨🏿", "👁️‍🗨️"]
        {
            assert_eq!(normalized(emoji), Some(emoji), "{emoji}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            " ",
            "a",
            "1",
            "#",
            "👍👍",
            "👍 ",
            "❤\u{FE0E}",
            "\u{FE0F}❤",
            "❤\u{FE0F}\u{FE0F}",
            "🇩",
            "🇽🇽",
            "🏽",
            ":-)",
            ":heart:",
            "\u{200D}",
        ] {
            assert_eq!(normalized(text), None, "{text:?}");
        }
    }

    #[test]
    fn no_two_emoji_are_the_same_without_variation_selectors() {
        let all = emojis::iter().flat_map(|emoji| {
            let tones: Vec<&str> = emoji.skin_tones().into_iter().flatten().map(|tone| tone.as_str()).collect();
            if tones.is_empty() { vec![emoji.as_str()] } else { tones }
        });
        let all: Vec<&str> = all.collect();
        assert!(all.len() > 3_700, "{}", all.len());
        assert_eq!(SEQUENCES.len(), all.len());
        assert!(all.iter().all(|emoji| SEQUENCES.get(&bare(emoji)) == Some(emoji)));
    }
}
