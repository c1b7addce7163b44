//! Languages of errors: English, in which they are written, and the translations of what they say.
//!
//! A sentence is written in English where the error arises, `format!("`{key}` is no filter of `{kind}`.")`, and a
//! success costs nothing. `locales/en.ftl` lists every such sentence with its variables. Where a client wants
//! another language, the sentence is found there, its variables are read out of it, and the message of the same name is
//! formatted with them. Files and formatting are [Fluent](https://projectfluent.org)'s.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::{borrow::Cow, sync::LazyLock};
use unic_langid::LanguageIdentifier;

/// A variable whose name ends so holds words of the catalogue, in English.
const PHRASE: &str = "-phrase";

/// What every sentence may end with, and which is a sentence of its own.
const HINTS: [&str; 2] = [" Did you mean `", " There are `"];

static ENGLISH: LazyLock<Vec<Sentence>> = LazyLock::new(|| sentences(include_str!("locales/en.ftl")));
static PAGES: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle(Language::English, &[include_str!("locales/codes.en.ftl")]));
static GERMAN: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle(Language::German, &[include_str!("locales/de.ftl"), include_str!("locales/codes.de.ftl")]));

/// A language that errors are told in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// The language of the source, and of those who ask for none of these.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 2] = [Language::English, Language::German];

    /// The tag shown in `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
        }
    }

    /// The language of a primary tag such as `de`, whatever its case; `de-AT` has it too.
    pub fn of(primary: &str) -> Option<Language> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// What `english`, a detail of an error, says in this language. What nobody has translated stays in English.
    pub fn say(self, english: &str) -> Cow<'_, str> {
        match self {
            Language::English => Cow::Borrowed(english),
            Language::German => translated(&GERMAN, english).map_or(Cow::Borrowed(english), Cow::Owned),
        }
    }

    /// An attribute of the catalogue's entry on `code`: `title`, `meaning`, `occurs` or `remedy`.
    pub fn about(self, code: &str, attribute: &str) -> Option<String> {
        let bundle = match self {
            Language::English => &*PAGES,
            Language::German => &*GERMAN,
        };
        let message = bundle.get_message(&format!("code-{}", code.replace('_', "-")))?;
        let pattern = message.get_attribute(attribute)?.value();
        Some(bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned())
    }
}

/// A sentence of the catalogue: its name, and the texts around its variables.
struct Sentence {
    name: String,
    /// One more than there are variables.
    texts: Vec<String>,
    variables: Vec<String>,
}

impl Sentence {
    /// The values of the variables in `english`, if it is this sentence.
    fn values<'a>(&self, english: &'a str) -> Option<Vec<&'a str>> {
        let (first, texts) = self.texts.split_first()?;
        let mut rest = english.strip_prefix(first.as_str())?;
        let Some((last, between)) = texts.split_last() else {
            return rest.is_empty().then(Vec::new);
        };
        let mut values = Vec::with_capacity(texts.len());
        for text in between {
            let (value, behind) = rest.split_once(text.as_str())?;
            values.push(value);
            rest = behind;
        }
        values.push(rest.strip_suffix(last.as_str())?);
        Some(values)
    }

    fn length(&self) -> usize {
        self.texts.iter().map(String::len).sum()
    }
}

fn translated(bundle: &FluentBundle<FluentResource>, english: &str) -> Option<String> {
    let hint = HINTS.iter().filter_map(|hint| english.rfind(hint)).max();
    if let Some(at) = hint.filter(|at| *at > 0) {
        let (sentence, hint) = english.split_at(at);
        return Some(format!("{} {}", one(bundle, sentence)?, one(bundle, &hint[1..])?));
    }
    one(bundle, english)
}

/// The name under which the catalogue has the sentence that `english` is.
pub fn name(english: &str) -> Option<String> {
    found(english).map(|(sentence, _)| sentence.name.clone())
}

/// The sentence that has most of `english` as its own text is meant, and not one that takes much of it for a variable.
fn found(english: &str) -> Option<(&'static Sentence, Vec<&str>)> {
    let fitting = ENGLISH.iter().filter_map(|sentence| Some((sentence, sentence.values(english)?)));
    fitting.max_by_key(|(sentence, _)| sentence.length())
}

fn one(bundle: &FluentBundle<FluentResource>, english: &str) -> Option<String> {
    let (sentence, values) = found(english)?;
    let mut args = FluentArgs::with_capacity(values.len());
    for (name, value) in sentence.variables.iter().zip(values) {
        let phrase = name.ends_with(PHRASE).then(|| one(bundle, value)).flatten();
        args.set(name.as_str(), phrase.unwrap_or_else(|| value.to_owned()));
    }
    let pattern = bundle.get_message(&sentence.name)?.value()?;
    let mut problems = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut problems).into_owned();
    problems.is_empty().then_some(text)
}

/// The files are part of the program and checked by the tests: what is wrong in one is left out here.
fn bundle(language: Language, files: &[&str]) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(Vec::from_iter(language.tag().parse::<LanguageIdentifier>()));
    // Marks around values are for mixed writing directions, and none of these languages needs them.
    bundle.set_use_isolating(false);
    for file in files {
        bundle.add_resource_overriding(resource(file));
    }
    bundle
}

fn resource(file: &str) -> FluentResource {
    FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource)
}

fn sentences(file: &str) -> Vec<Sentence> {
    let resource = resource(file);
    let messages = resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some((message.id.name, message.value.as_ref()?)),
        _ => None,
    });
    messages.map(|(name, pattern)| sentence(name, pattern)).collect()
}

fn sentence(name: &str, pattern: &Pattern<&str>) -> Sentence {
    let mut sentence = Sentence { name: name.to_owned(), texts: vec![String::new()], variables: Vec::new() };
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => {
                sentence.texts.last_mut().into_iter().for_each(|text| text.push_str(value));
            }
            PatternElement::Placeable { expression } => {
                if let Expression::Inline(InlineExpression::VariableReference { id }) = expression {
                    sentence.variables.push(id.name.to_owned());
                    sentence.texts.push(String::new());
                }
            }
        }
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(english: &str, german: &str) {
        assert_eq!(Language::German.say(english), german);
        assert_eq!(Language::English.say(english), english);
    }

    #[test]
    fn values_are_carried_over() {
        check("The chat is closed.", "Der Chat ist geschlossen.");
        check("A page has at most 100 resources.", "Eine Seite hat höchstens 100 Ressourcen.");
        check("`a` has no field `{ $b }`.", "`a` hat kein Feld `{ $b }`.");
        check("There is nothing at `/a` has no field `b`.`.", "Unter `/a` has no field `b`.` gibt es nichts.");
    }

    #[test]
    fn words_of_the_catalogue_are_translated_within_a_sentence() {
        check("Must be a string, not an array.", "Muss eine Zeichenkette sein, nicht ein Array.");
        check("Must be `a`, `b` or `c`.", "Muss `a`, `b` oder `c` sein.");
        check("`x or y` is no whole number.", "`x or y` passt nicht; erwartet wird eine ganze Zahl.");
        check("The value of `a` is not UTF-8.", "Der Wert von `a` ist kein UTF-8.");
    }

    #[test]
    fn a_hint_is_translated_behind_any_sentence() {
        check("There is no type `usr`. Did you mean `user`?", "Es gibt keinen Typ `usr`. Meinten Sie `user`?");
        check("Did you mean `user`?", "Meinten Sie `user`?");
        check("There is no type `x`. There are `user`, `chat`.", "Es gibt keinen Typ `x`. Es gibt `user`, `chat`.");
    }

    #[test]
    fn what_nobody_has_translated_stays_in_english() {
        check("", "");
        check("Nobody says so. Did you mean `it`?", "Nobody says so. Did you mean `it`?");
    }

    #[test]
    fn languages_are_known_by_their_primary_tag() {
        assert_eq!(Language::of("DE"), Some(Language::German));
        assert_eq!(Language::of("deu"), None);
    }

    #[test]
    fn the_catalogues_have_the_same_names_with_the_same_variables() {
        for file in ["en", "de"].map(|tag| format!("src/jsonapi/locales/{tag}.ftl")) {
            let text = std::fs::read_to_string(&file).expect("a catalogue");
            assert!(FluentResource::try_new(text).is_ok(), "{file}");
        }
        let german = sentences(include_str!("locales/de.ftl"));
        assert_eq!(german.len(), ENGLISH.len());
        for (english, german) in ENGLISH.iter().zip(german) {
            let mut variables = (english.variables.clone(), german.variables);
            variables.0.sort();
            variables.1.sort();
            assert_eq!((&english.name, variables.0), (&german.name, variables.1));
        }
    }
}
