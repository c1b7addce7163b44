//! Text comparison: NFKC and full Unicode case folding, the same on every database; and what of a text can be seen.
//!
//! `fold("Straße") == fold("STRASSE")`, `fold("ﬁn") == fold("FIN")`. The folded form is stored beside the text and compared bytewise.
//! Spec: <https://www.unicode.org/versions/latest/core-spec/chapter-3/#G34145> (default caseless matching)

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();

/// The form of `text` in which two texts are compared.
///
/// Folding twice changes nothing, since what folding takes apart is composed again.
pub fn fold(text: &str) -> String {
    // Nothing else can happen to these letters, and most texts have no others.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let composed = NFKC.normalize(text);
    let folded = CaseMapper::new().fold_string(&composed);
    NFKC.normalize(&folded).into_owned()
}

/// Whether nothing of `text` can be seen: it is empty, or all white space, control and invisible characters.
///
/// What joins emoji or tells their look apart is invisible, too, and stands beside what is visible.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
}

fn is_invisible(character: char) -> bool {
    /// A Braille pattern without dots, by its property a symbol, and shown as a space.
    const BRAILLE_BLANK: char = '\u{2800}';
    if character.is_ascii_graphic() {
        return false;
    }
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    character.is_whitespace() || character.is_control() || character == BRAILLE_BLANK || ignorable.contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, proptest};

    #[track_caller]
    fn check(left: &str, right: &str) {
        assert_eq!(fold(left), fold(right));
    }

    #[test]
    fn case_is_folded_beyond_ascii() {
        check("Ärger", "äRGER");
        check("Straße", "STRASSE");
        check("ΣΊΣΥΦΟΣ", "σίσυφος");
        check("ŉ", "ʼN");
        assert_eq!(fold("İ"), "i\u{307}");
        assert_eq!(fold("I"), "i");
    }

    #[test]
    fn forms_of_one_letter_are_one_letter() {
        check("é", "e\u{301}");
        check("ﬁn", "FIN");
        check("Ａｂ１", "ab1");
        check("Å", "å");
        check("①", "1");
    }

    #[test]
    fn different_letters_stay_different() {
        for (left, right) in [("e", "é"), ("ı", "i"), ("a", "а"), ("a b", "ab"), ("%", "_")] {
            assert_ne!(fold(left), fold(right));
        }
    }

    #[test]
    fn what_nobody_sees_is_blank() {
        for text in [
            "",
            " \t\n",
            "\u{a0}\u{3000}\u{2028}",
            "\u{200b}",
            "\u{200c}\u{200d}",
            "\u{2060}",
            "\u{feff}",
            "\u{ad}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{180e}",
            "\u{fe0f}",
            "\u{e0020}\u{e007f}",
            "\u{202e}",
            "\u{7f}",
            "\u{2800}",
            " \u{200b} \u{2063} ",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in [
            "a",
            " .",
            "0",
            "\u{301}",
            "👩‍👩‍👧",
            "❤\u{fe0f}",
            "\u{2801}\u{2800}",
            "가",
            "می\u{200c}خواهم",
            "\u{1f3f4}\u{e0067}\u{e007f}",
        ] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn every_folded_character_stays_as_it_is() {
        for character in '\0'..=char::MAX {
            let once = fold(character.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&once), once, "{character:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            assert_eq!(fold(&once), once);
        }
    }
}
