//! Query parameters: `filter[chat.status]=active&page%5Bsize%5D=20`.
//!
//! Names are taken apart and checked against the naming rules; which of them mean something is for the caller to say.
//! What isn't encoded is borrowed from the query string.
//! Spec: <https://jsonapi.org/format/1.1/#appendix-query-details> (QP-01 to QP-14)

use memchr::{memchr, memchr_iter, memchr2, memchr3};
use percent_encoding::percent_decode_str;
use smallvec::SmallVec;
use std::{borrow::Cow, mem};
use url::form_urlencoded;

use super::{
    error::{Code, ErrorObject, Errors},
    suggest,
};

/// One query parameter, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param<'q> {
    /// What stands before the brackets: `filter`.
    pub base: Cow<'q, str>,
    /// What stands in the brackets: `["a", "op"]`; an empty pair of brackets, which only ends a `filter`, gives `""`.
    pub keys: Keys<'q>,
    /// The value; empty when there is no `=`.
    pub value: Cow<'q, str>,
}

/// Hardly any name has more than two pairs of brackets.
pub type Keys<'q> = SmallVec<[Cow<'q, str>; 2]>;

impl Param<'_> {
    /// The name as sent: `filter[a][op]`. What `source.parameter` shows.
    pub fn name(&self) -> String {
        self.keys.iter().fold(self.base.to_string(), |name, key| name + "[" + key + "]")
    }
}

/// Splits a query string, without its `?`, into its parameters in their order.
///
/// # Errors
/// All of them at once, each with its `source.parameter`: a name against the naming rules (`parameter_unknown`), a value
/// that is no percent-encoded UTF-8 or has U+0000 in it (the code of its family).
pub fn parse(query: &str) -> Result<Vec<Param<'_>>, Errors> {
    let mut params = Vec::with_capacity(memchr_iter(b'&', query.as_bytes()).count() + 1);
    let mut problems = Vec::new();
    for pair in split(b'&', query).filter(|pair| !pair.is_empty()) {
        match param(pair) {
            Ok(param) => params.push(param),
            Err(problem) => problems.push(problem),
        }
    }
    Errors::collect(problems)?;
    Ok(params)
}

/// Writes parameters for links, percent-encoded, brackets included. A space is `%20`, which is read alike by those who take
/// links for forms and by those who don't; `+` is a space to the former alone.
pub fn encode(params: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish().replace('+', "%20")
}

/// Whether `name` follows the rules of member names, which base names and names in brackets share.
///
/// Letters, digits and everything from U+0080 on; `-`, `_` and space inside.
/// Spec: <https://jsonapi.org/format/1.1/#document-member-names> (DOC-64 to DOC-66)
pub fn legal_name(name: &str) -> bool {
    is_legal(name.as_bytes())
}

/// What stands between separators, as `str::split` gives it; a long list is looked through several bytes at a time.
pub fn split(separator: u8, text: &str) -> impl Iterator<Item = &str> {
    debug_assert!(separator.is_ascii(), "only those never stand inside of another character");
    let ends = memchr_iter(separator, text.as_bytes()).chain([text.len()]);
    ends.scan(0, |begin, end| Some(&text[mem::replace(begin, end + 1)..end]))
}

fn is_legal(name: &[u8]) -> bool {
    name.iter().fold(0, |classes, byte| classes | class(*byte)) & !INSIDE == 0 && has_legal_ends(name)
}

fn has_legal_ends(name: &[u8]) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(|byte| class(*byte) == ANYWHERE);
    is_end(name.first()) && is_end(name.last())
}

/// What stands anywhere in a name.
const ANYWHERE: u8 = 0;
/// What stands inside, and not at the ends.
const INSIDE: u8 = 1;
/// What stands between names.
const DOT: u8 = 2;
/// What stands for another character.
const ENCODED: u8 = 4;
/// What never stands in a name.
const NEVER: u8 = 8;

/// The class of each byte, each a bit: those of a whole name are found out in one pass.
static CLASSES: [u8; 256] = {
    let (mut classes, mut byte) = ([NEVER; 256], 0);
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => ANYWHERE,
            b'-' | b'_' | b' ' => INSIDE,
            b'.' => DOT,
            b'%' | b'+' => ENCODED,
            _ => NEVER,
        };
        byte += 1;
    }
    classes
};

fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

fn param(pair: &str) -> Result<Param<'_>, ErrorObject> {
    let (raw_name, raw_value) = match memchr(b'=', pair.as_bytes()) {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, ""),
    };
    let Some((base, keys)) = take_apart(raw_name) else {
        return Err(ill_named(lossy(raw_name)));
    };
    match decode_value(raw_value) {
        Ok(value) => Ok(Param { base, keys, value }),
        Err(problem) => {
            let name = Param { base, keys, value: Cow::default() };
            let detail = format!("The value of `{}` {problem}.", name.name());
            Err(ErrorObject::new(code_of(&name.base), detail).parameter(name.name()))
        }
    }
}

fn ill_named(name: String) -> ErrorObject {
    let hint = negated(&name).map(suggest::said).unwrap_or_default();
    let detail = format!("`{name}` is not a legal name for a query parameter.{hint}");
    ErrorObject::new(Code::ParameterUnknown, detail).parameter(name)
}

/// How `filter[a][!eq]` is written: what begins with `!` is no name.
fn negated(name: &str) -> Option<String> {
    let (filter, word) = name.strip_suffix(']')?.rsplit_once("][!")?;
    filter.starts_with("filter[").then(|| format!("{filter}]=!{word}:…"))
}

fn code_of(base: &str) -> Code {
    match base {
        "filter" => Code::FilterInvalid,
        "page" => Code::PageInvalid,
        "sort" => Code::SortUnknown,
        "include" => Code::IncludeUnknown,
        "fields" => Code::FieldSetUnknown,
        _ => Code::ParameterUnknown,
    }
}

/// `filter[a.b][]` into `filter` and `["a.b", ""]`, or `None` when the name breaks the rules.
fn take_apart(name: &str) -> Option<(Cow<'_, str>, Keys<'_>)> {
    let (base, mut rest) = Name::before(b'[', name);
    let base = base.decoded().filter(|base| !base.contains('.'))?;
    let mut keys = Keys::new();
    while let Some(open) = rest {
        let (key, behind) = Name::before(b']', open);
        let behind = behind?;
        let list_mark = key.text.is_empty() && base == "filter" && behind.is_empty();
        keys.push(if list_mark { Cow::default() } else { key.decoded()? });
        rest = match behind {
            "" => None,
            _ => Some(Name::before(b'[', behind)).filter(|(before, _)| before.text.is_empty())?.1,
        };
    }
    Some((base, keys))
}

/// A name, or names with dots between them, as sent.
#[derive(Clone, Copy)]
struct Name<'q> {
    text: &'q str,
    /// Those of all of its bytes.
    classes: u8,
}

impl<'q> Name<'q> {
    /// What stands before and behind a bracket, encoded or not.
    fn before(bracket: u8, raw: &'q str) -> (Self, Option<&'q str>) {
        let (bytes, mut classes) = (raw.as_bytes(), 0);
        for (at, &byte) in bytes.iter().enumerate() {
            let class = class(byte);
            if class >= ENCODED
                && let Some(length) = length_of(bracket, &bytes[at..])
            {
                return (Self { text: &raw[..at], classes }, Some(&raw[at + length..]));
            }
            classes |= class;
        }
        (Self { text: raw, classes }, None)
    }

    /// `None` when the rules are broken.
    fn decoded(self) -> Option<Cow<'q, str>> {
        let decoded = if self.classes & ENCODED == 0 { Cow::Borrowed(self.text) } else { decode(self.text).ok()? };
        let bytes = decoded.as_bytes();
        let is_legal = match self.classes & !INSIDE {
            0 => has_legal_ends(bytes),
            _ => bytes.split(|byte| *byte == b'.').all(is_legal),
        };
        is_legal.then_some(decoded)
    }
}

/// How long the bracket is that a text begins with.
fn length_of(bracket: u8, text: &[u8]) -> Option<usize> {
    let code = if bracket == b'[' { b"%5b" } else { b"%5d" };
    match text.get(..code.len()) {
        _ if text.first() == Some(&bracket) => Some(1),
        Some(start) if start.eq_ignore_ascii_case(code) => Some(code.len()),
        _ => None,
    }
}

fn decode_value(raw: &str) -> Result<Cow<'_, str>, &'static str> {
    if memchr3(b'%', b'+', 0, raw.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(raw));
    }
    let value = decode(raw)?;
    if memchr(0, value.as_bytes()).is_some() { Err("has the character U+0000 in it") } else { Ok(value) }
}

/// Stricter than the URL standard, which would pass a stray `%` and replace bad bytes: a guess makes a wrong filter.
fn decode(raw: &str) -> Result<Cow<'_, str>, &'static str> {
    if memchr2(b'%', b'+', raw.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(raw));
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => match (bytes.next().and_then(digit), bytes.next().and_then(digit)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err("has a `%` that two hexadecimal digits don't follow; a percent sign is written `%25`"),
            },
            byte => byte,
        });
    }
    String::from_utf8(decoded).map(Cow::Owned).map_err(|_| "is not UTF-8")
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn lossy(raw: &str) -> String {
    percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
