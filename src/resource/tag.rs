//! Entity tags, and what a request asks of them.
//!
//! | of | tag | a write to it compares |
//! |---|---|---|
//! | a resource | `"<version>.<digest>"` | the version |
//! | a relationship's linkage | the same, with its owner's version | the version |
//! | a collection | `"<digest>"` | nothing but `*` fits |
//!
//! The version moves by changes that a write to the resource can make, and by nothing else: who edits a title need not
//! start anew because of a message. The digest is one of the answer's bytes: who holds the same bytes needs no others.
//! A version is compared with the locks of the write held, so that of two writes one comes second, and fails.
//! Spec: <https://www.rfc-editor.org/rfc/rfc9110#section-13>

use super::error::{Error, Result};
use crate::{
    db::Time,
    jsonapi::error::{Code, ErrorObject},
};
use std::fmt;
use xxhash_rust::xxh3::xxh3_128;

/// The strong tag of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    version: Option<i64>,
    digest: u128,
}

impl Tag {
    /// The tag of these bytes; `version` is that of what a write to their URL would change.
    pub fn of(version: Option<i64>, bytes: &[u8]) -> Self {
        Self { version, digest: xxh3_128(bytes) }
    }
}

/// Without the quotes.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            Some(version) => write!(f, "{version}.{:032x}", self.digest),
            None => write!(f, "{:032x}", self.digest),
        }
    }
}

/// A tag that a client sent, without the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentTag {
    /// `W/"…"`
    pub weak: bool,
    /// What is between the quotes.
    pub text: String,
}

impl SentTag {
    fn is_of(&self, version: i64) -> bool {
        self.text.split_once('.').is_some_and(|(sent, _digest)| sent == version.to_string())
    }
}

/// `*`, or some tags; what is no tag matches nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// Whatever is there.
    Any,
    /// One of these.
    These(Vec<SentTag>),
}

impl Tags {
    /// Reads the value of an `If-Match` or `If-None-Match`. What is no tag is left out: it matches nothing.
    pub fn parse(text: &str) -> Self {
        if text.trim() == "*" {
            return Tags::Any;
        }
        let (mut tags, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('"') {
            let Some((tag, after)) = after.split_once('"') else { break };
            let before = before.rsplit(',').next().unwrap_or_default().trim();
            let next = after.trim_start();
            rest = next.strip_prefix(',').unwrap_or(next);
            if matches!(before, "" | "W/") && (next.is_empty() || next.starts_with(',')) {
                tags.push(SentTag { weak: before == "W/", text: tag.to_owned() });
            }
        }
        Tags::These(tags)
    }
}

/// What must hold for a request to be carried out.
///
/// A write finds it in [`Tx::precondition`](super::Tx) and checks it between *visible* and *allowed*; who carries out
/// several writes in one transaction sets it before each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    /// What is there must have one of these tags.
    pub if_match: Option<Tags>,
    /// What is there must have none of these tags.
    pub if_none_match: Option<Tags>,
    /// What is there must not have changed after this whole second, where anybody knows when it changed.
    pub unmodified_since: Option<Time>,
}

/// An HTTP date is one of whole seconds, and a change is dated when it begins: only an older date tells of all changes.
const SETTLED: i64 = 60_000;

/// The whole second of a change, if it is old enough to be told.
pub fn told(modified: Time) -> Option<Time> {
    (modified.0 + SETTLED < Time::now().0).then_some(Time(modified.0 / 1000 * 1000))
}

impl Precondition {
    /// Whether anything is asked at all.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// For a write to what has a version: tags are compared by that alone.
    ///
    /// # Errors
    /// 412.
    pub fn check(&self, version: i64, modified: Option<Time>) -> Result<()> {
        self.check_date(modified)?;
        let strong = |tag: &SentTag| !tag.weak && tag.is_of(version);
        match &self.if_match {
            Some(Tags::These(tags)) if !tags.iter().any(strong) => return Err(changed()),
            _ => {}
        }
        match &self.if_none_match {
            Some(Tags::Any) => Err(present()),
            Some(Tags::These(tags)) if tags.iter().any(|tag| tag.is_of(version)) => Err(present()),
            _ => Ok(()),
        }
    }

    /// For a create: a collection is always there, and has no version that it could be held to.
    ///
    /// # Errors
    /// 412.
    pub fn check_collection(&self) -> Result<()> {
        if matches!(self.if_match, Some(Tags::These(_))) {
            return Err(changed());
        }
        if self.if_none_match == Some(Tags::Any) { Err(present()) } else { Ok(()) }
    }

    /// For a read, which knows the whole tag. `If-None-Match` is [`Self::is_known`].
    ///
    /// # Errors
    /// 412.
    pub fn check_read(&self, tag: &Tag, modified: Option<Time>) -> Result<()> {
        self.check_date(modified)?;
        let text = tag.to_string();
        let fits = |sent: &SentTag| {
            let fits = tag.version.map_or_else(|| sent.text == text, |version| sent.is_of(version));
            !sent.weak && fits
        };
        match &self.if_match {
            Some(Tags::These(tags)) if !tags.iter().any(fits) => Err(changed()),
            _ => Ok(()),
        }
    }

    /// For a read of bytes, whose tag has no version.
    ///
    /// # Errors
    /// 412.
    pub fn check_bytes(&self, tag: &str, modified: Option<Time>) -> Result<()> {
        self.check_date(modified)?;
        match &self.if_match {
            Some(Tags::These(tags)) if tags.iter().all(|sent| sent.weak || sent.text != tag) => Err(changed()),
            _ => Ok(()),
        }
    }

    /// A change whose second isn't over yet for who asks counts with its milliseconds: there may be another one.
    fn check_date(&self, modified: Option<Time>) -> Result<()> {
        match self.unmodified_since.zip(modified) {
            Some((since, modified)) if told(modified).unwrap_or(modified).0 > since.0 => {
                Err(failed("If-Unmodified-Since", "This has changed since: fetch it, and decide anew."))
            }
            _ => Ok(()),
        }
    }

    /// Whether the client has the bytes of this tag: 304.
    pub fn is_known(&self, tag: &Tag) -> bool {
        match &self.if_none_match {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::These(tags)) => {
                let text = tag.to_string();
                tags.iter().any(|sent| sent.text == text)
            }
        }
    }
}

fn changed() -> Error {
    failed("If-Match", "This is not what is there any more: fetch it, and decide anew.")
}

fn present() -> Error {
    failed("If-None-Match", "This is there already.")
}

fn failed(header: &'static str, detail: &str) -> Error {
    ErrorObject::new(Code::PreconditionFailed, detail).header(header).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        match Tags::parse(text) {
            Tags::These(tags) => {
                let tags = tags.iter().map(|tag| format!("{}{}", if tag.weak { "W/" } else { "" }, tag.text));
                assert_eq!(tags.collect::<Vec<_>>(), expected, "{text}");
            }
            Tags::Any => assert_eq!(expected, ["*"], "{text}"),
        }
    }

    #[test]
    fn tags_are_read_from_lists() {
        check("\"1.a\"", &["1.a"]);
        check("\"1.a\" , W/\"2.b\",\"\"", &["1.a", "W/2.b", ""]);
        check("\"a,b\", \"c d\"", &["a,b", "c d"]);
        check(" * ", &["*"]);
    }

    #[test]
    fn what_is_no_tag_is_left_out() {
        for text in ["", "1.a", "\"1.a", "'1.a'", "\"1.a\" x", "x\"1.a\"", "w/\"1.a\"", "*, *", ",", "\"1.a\"\"2.b"] {
            check(text, &[]);
        }
        check("1.a, \"1.a\" x, \"2.b\"", &["2.b"]);
    }

    fn these(texts: &[&str]) -> Option<Tags> {
        let tag = |text: &&str| match text.strip_prefix("W/") {
            Some(text) => SentTag { weak: true, text: text.to_owned() },
            None => SentTag { weak: false, text: (*text).to_owned() },
        };
        Some(Tags::These(texts.iter().map(tag).collect()))
    }

    #[test]
    fn a_write_compares_the_version_strongly() {
        let check =
            |tags: Option<Tags>| Precondition { if_match: tags, ..Precondition::default() }.check(7, None).is_ok();
        assert!(check(None));
        assert!(check(Some(Tags::Any)));
        assert!(check(these(&["7.abc"])));
        assert!(check(these(&["6.abc", "7."])));
        for other in [&["6.abc"][..], &["W/7.abc"], &["7"], &["77.abc"], &["abc.7"], &[]] {
            assert!(!check(these(other)), "{other:?}");
        }
    }

    #[test]
    fn a_write_can_ask_that_something_is_not_there() {
        let check =
            |tags: Option<Tags>| Precondition { if_none_match: tags, ..Precondition::default() }.check(7, None).is_ok();
        assert!(check(these(&["6.abc"])));
        assert!(!check(these(&["W/7.abc"])));
        assert!(!check(Some(Tags::Any)));
    }

    #[test]
    fn a_collection_is_there_and_has_no_version() {
        let check = |if_match, if_none_match| {
            Precondition { if_match, if_none_match, unmodified_since: None }.check_collection().is_ok()
        };
        assert!(check(None, None));
        assert!(check(Some(Tags::Any), these(&["abc"])));
        assert!(!check(these(&["abc"]), None));
        assert!(!check(None, Some(Tags::Any)));
    }

    #[test]
    fn a_read_compares_the_whole_tag_weakly() {
        let tag = Tag::of(Some(7), b"bytes");
        let known = |tags: Option<Tags>| Precondition { if_none_match: tags, ..Precondition::default() }.is_known(&tag);
        let (own, weak) = (tag.to_string(), format!("W/{tag}"));
        assert!(known(these(&[&own])) && known(these(&["x", &weak])) && known(Some(Tags::Any)));
        assert!(!known(None) && !known(these(&["7.abc"])) && !known(these(&[])));
        assert!(!known(these(&[&Tag::of(Some(8), b"bytes").to_string()])));
        assert!(!known(these(&[&Tag::of(Some(7), b"other").to_string()])));
    }

    #[test]
    fn a_read_can_ask_for_what_it_knows() {
        let check = |tag: &Tag, texts: &[&str]| {
            Precondition { if_match: these(texts), ..Precondition::default() }.check_read(tag, None).is_ok()
        };
        let one = Tag::of(Some(7), b"bytes");
        assert!(check(&one, &["7.other"]) && !check(&one, &["6.other"]) && !check(&one, &["W/7.other"]));
        let list = Tag::of(None, b"bytes");
        assert!(check(&list, &[&list.to_string()]) && !check(&list, &["7.other"]));
    }
}
