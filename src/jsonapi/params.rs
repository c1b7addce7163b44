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
mod tests {
    use super::*;
    use crate::jsonapi::error::Source;
    use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

    #[track_caller]
    fn check(query: &str, expected: &[(&str, &str, &[&str], &str)]) {
        let params = parse(query).unwrap_or_else(|errors| panic!("{query}: {errors}"));
        let shown: Vec<_> = params
            .iter()
            .map(|p| (p.name(), &*p.base, p.keys.iter().map(|key| &**key).collect::<Vec<_>>(), &*p.value))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(n, b, k, v)| ((*n).to_owned(), *b, k.to_vec(), *v)).collect();
        assert_eq!(shown, expected, "{query}");
    }

    #[track_caller]
    fn check_refused(query: &str, expected: &[(Code, &str)]) {
        let errors = parse(query).expect_err(query);
        assert_eq!(errors.status(), 400);
        let shown: Vec<_> = errors.into_iter().map(|error| (error.code, error.source)).collect();
        let expected: Vec<_> =
            expected.iter().map(|(code, name)| (*code, Some(Source::Parameter((*name).to_owned())))).collect();
        assert_eq!(shown, expected, "{query}");
    }

    #[test]
    fn nothing_is_no_parameter() {
        check("", &[]);
        check("&&", &[]);
    }

    #[test]
    fn names_and_values_are_decoded() {
        check("%73ort=-a%2Cb", &[("sort", "sort", &[], "-a,b")]);
        check("search_peer=a+b%20c%2Bd", &[("search_peer", "search_peer", &[], "a b c+d")]);
        check("include", &[("include", "include", &[], "")]);
        check("include=", &[("include", "include", &[], "")]);
        check("&a=b=c&&a=%E2%9C%93&", &[("a", "a", &[], "b=c"), ("a", "a", &[], "✓")]);
        check("a=[]%26%3D", &[("a", "a", &[], "[]&=")]);
        check("größe=1", &[("größe", "größe", &[], "1")]);
    }

    #[test]
    fn raw_and_encoded_brackets_are_alike() {
        for query in ["fields[chat]=a", "fields%5Bchat%5D=a", "fields[chat%5d=a", "%66ields%5bchat]=a"] {
            check(query, &[("fields[chat]", "fields", &["chat"], "a")]);
        }
    }

    #[test]
    fn brackets_hold_names_paths_and_at_the_end_of_a_filter_nothing() {
        check("filter[chat.status]=x", &[("filter[chat.status]", "filter", &["chat.status"], "x")]);
        check("filter[a][gte]=1", &[("filter[a][gte]", "filter", &["a", "gte"], "1")]);
        check("filter[a][]=1", &[("filter[a][]", "filter", &["a", ""], "1")]);
        check("filter[a][0]=1", &[("filter[a][0]", "filter", &["a", "0"], "1")]);
        check("filter[]=1", &[("filter[]", "filter", &[""], "1")]);
        check("filter[a%2Eb]=1", &[("filter[a.b]", "filter", &["a.b"], "1")]);
        check("filter[a+b-c_d]=1", &[("filter[a b-c_d]", "filter", &["a b-c_d"], "1")]);
    }

    #[test]
    fn ill_named_parameters_are_unknown() {
        for name in [
            "_a",
            "a_",
            "-a",
            "a-",
            "a.b",
            "a:b",
            "atomic:foo",
            "@a",
            "a]",
            "[a]",
            "[]",
            "filter[_]",
            "page[-x]",
            "fields[]]",
            "fields[[]",
            "filter[a",
            "filter[a]b",
            "filter[a]]",
            "filter[][a]",
            "filter[][]",
            "page[]",
            "sort[]",
            "filter[a.]",
            "filter[.a]",
            "filter[a..b]",
            "filter[a,b]",
            "filter[a[b]]",
            "filter[a]\n",
            " a",
            "a!",
            "filter[!eq]",
        ] {
            let query: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
            check_refused(&format!("{query}=1"), &[(Code::ParameterUnknown, name)]);
        }
        check_refused("=1", &[(Code::ParameterUnknown, "")]);
        check_refused("a%2Eb=1", &[(Code::ParameterUnknown, "a.b")]);
        check_refused("filter[%5Fa]=1", &[(Code::ParameterUnknown, "filter[_a]")]);
    }

    #[test]
    fn badly_encoded_text_is_refused() {
        check_refused("search_peer=100%", &[(Code::ParameterUnknown, "search_peer")]);
        check_refused("filter[a]=%f", &[(Code::FilterInvalid, "filter[a]")]);
        check_refused("filter[a]=%+1", &[(Code::FilterInvalid, "filter[a]")]);
        check_refused("page[size]=%G0", &[(Code::PageInvalid, "page[size]")]);
        check_refused("sort=%FF", &[(Code::SortUnknown, "sort")]);
        check_refused("include=%ED%A0%80", &[(Code::IncludeUnknown, "include")]);
        check_refused("fields[a]=x%00", &[(Code::FieldSetUnknown, "fields[a]")]);
        check_refused("a%FF=1", &[(Code::ParameterUnknown, "a\u{FFFD}")]);
        check_refused("a%=1", &[(Code::ParameterUnknown, "a%")]);
        check_refused("a%00b=1", &[(Code::ParameterUnknown, "a\0b")]);
    }

    #[test]
    fn all_problems_are_reported_in_their_order() {
        check_refused("_x=1&sort=a&page[size]=%", &[(Code::ParameterUnknown, "_x"), (Code::PageInvalid, "page[size]")]);
    }

    #[test]
    fn member_names_follow_the_rules() {
        for name in ["a", "Z", "0", "a-b", "a_b", "a b", "é", "a\u{80}", "名前", "a--b"] {
            assert!(legal_name(name), "{name}");
        }
        for name in ["", "_", "-", " ", "a_", "_a", "a ", "a.b", "a+b", "a[b", "@a", "a\u{7f}b", "a\0b", "a/b", "a\"b"]
        {
            assert!(!legal_name(name), "{name}");
        }
    }

    #[test]
    fn lists_are_split_at_each_separator() {
        for text in ["", ",", "a", "a,b", ",a,", "é,,名,"] {
            assert!(split(b',', text).eq(text.split(',')), "{text}");
        }
    }

    #[test]
    fn links_encode_brackets_and_everything_else() {
        let params = [("page[size]", "2"), ("sort", "-a,b"), ("search_peer", "a b&c=d+é%")];
        assert_eq!(encode(params.into_iter()), "page%5Bsize%5D=2&sort=-a%2Cb&search_peer=a%20b%26c%3Dd%2B%C3%A9%25");
        assert_eq!(encode(std::iter::empty::<(&str, &str)>()), "");
    }

    fn name() -> impl Strategy<Value = String> {
        let word = "[a-zA-Z0-9é名]([-_ a-z]{0,4}[a-z0-9é])?";
        let keys = prop::collection::vec(word, 0..4).prop_map(|keys| keys.iter().map(|k| format!("[{k}]")).collect());
        (word, prop_oneof![Just(String::new()), keys]).prop_map(|(base, keys): (String, String)| base + &keys)
    }

    proptest! {
        #[test]
        fn no_query_is_too_strange(query in any::<String>(), likely in "([a-f]|[%&=+.\\[\\]]|filter|\\PC){0,30}") {
            let _ = parse(&query);
            let _ = parse(&likely);
        }

        #[test]
        fn what_is_encoded_is_parsed_again(sent in prop::collection::vec((name(), "[^\0]*"), 0..5)) {
            let query = encode(sent.iter().map(|(name, value)| (&**name, &**value)));
            let params = parse(&query).expect("legal names");
            let received: Vec<_> = params.iter().map(|param| (param.name(), param.value.clone().into_owned())).collect();
            assert_eq!(received, sent);
        }
    }
}
