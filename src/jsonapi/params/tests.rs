//! Query strings, well-formed and not.

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
    for name in ["", "_", "-", " ", "a_", "_a", "a ", "a.b", "a+b", "a[b", "@a", "a\u{7f}b", "a\0b", "a/b", "a\"b"] {
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
