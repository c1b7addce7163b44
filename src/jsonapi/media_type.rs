//! Content negotiation: `application/vnd.api+json; profile="https://… https://…"`.
//!
//! Only `ext` and `profile` are legal parameters; an unknown extension is refused, an unknown profile ignored.
//! Spec: <https://jsonapi.org/format/1.1/#content-negotiation> (CN-07 to CN-20, CN-27)

use super::error::{Code, ErrorObject};

/// The JSON:API media type, without parameters.
pub const JSON_API: &str = "application/vnd.api+json";

/// The URI of the cursor pagination profile; a client may leave the last slash out.
pub const CURSOR_PROFILE: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/";

/// The `Content-Type` of a document to which the cursor pagination profile was applied.
pub const JSON_API_CURSOR: &str =
    "application/vnd.api+json; profile=\"https://jsonapi.org/profiles/ethanresnick/cursor-pagination/\"";

/// The URIs of the extensions that documents may use.
const SUPPORTED_EXTENSIONS: &[&str] = &[];

/// What the client asked for in `Accept`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Negotiated {
    /// Whether the cursor pagination profile is wanted.
    pub cursor_profile: bool,
}

/// Reads all `Accept` header lines of a request.
///
/// Other media types and wildcards neither help nor harm: an `Accept` without the JSON:API media type accepts everything.
///
/// # Errors
/// 406 `not_acceptable` when the JSON:API media type is there, but each time with a foreign parameter or an unknown extension.
pub fn accept(lines: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Negotiated, ErrorObject> {
    let mut instances = 0;
    let mut acceptable = 0;
    let mut negotiated = Negotiated::default();
    for line in lines {
        for media_type in media_types(line.as_ref()).filter(MediaType::is_json_api) {
            instances += 1;
            if media_type.problem(&["q"]).is_none() {
                acceptable += 1;
                negotiated.cursor_profile |= media_type.uris("profile").any(is_cursor_profile);
            }
        }
    }
    if instances > 0 && acceptable == 0 {
        let detail = format!(
            "Every `{JSON_API}` in `Accept` has a parameter other than `ext` and `profile`, or an unsupported extension."
        );
        return Err(ErrorObject::new(Code::NotAcceptable, detail).header("Accept"));
    }
    Ok(negotiated)
}

/// Checks the `Content-Type` of a request that has a body.
///
/// # Errors
/// 415 `unsupported_media_type` unless it is the JSON:API media type with no foreign parameter and no unknown extension.
pub fn content_type(header: Option<&str>) -> Result<(), ErrorObject> {
    let refuse = |detail: String| Err(ErrorObject::new(Code::UnsupportedMediaType, detail).header("Content-Type"));
    let Some(header) = header else {
        return refuse(format!("`Content-Type` is missing; it must be `{JSON_API}`."));
    };
    let mut found = media_types(header);
    let (Some(media_type), None) = (found.next(), found.next()) else {
        return refuse(format!("`Content-Type` must be one media type, `{JSON_API}`."));
    };
    if !media_type.is_json_api() {
        return refuse(format!("`Content-Type` must be `{JSON_API}`."));
    }
    match media_type.problem(&[]) {
        Some(problem) => refuse(problem),
        None => Ok(()),
    }
}

/// One element of a header: its lower-case name, and its parameters with lower-case names and unquoted values.
struct MediaType {
    name: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    fn parse(element: &str) -> Self {
        let mut parts = split_unquoted(element, ';');
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let parameters = parts.filter(|part| !part.is_empty()).map(parameter).collect();
        MediaType { name, parameters }
    }

    fn is_json_api(&self) -> bool {
        self.name == JSON_API
    }

    /// Why a server has to refuse this instance of the JSON:API media type, if it has to.
    fn problem(&self, ignored: &[&str]) -> Option<String> {
        let foreign = |name: &str| !matches!(name, "ext" | "profile") && !ignored.contains(&name);
        if let Some((name, _)) = self.parameters.iter().find(|(name, _)| foreign(name)) {
            return Some(format!("The media type parameter `{name}` is neither `ext` nor `profile`."));
        }
        let unknown = self.uris("ext").find(|uri| !SUPPORTED_EXTENSIONS.contains(uri))?;
        Some(format!("The extension `{unknown}` is not supported."))
    }

    fn uris<'a>(&'a self, parameter: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.parameters.iter().filter(move |(name, _)| name == parameter);
        values.flat_map(|(_, value)| value.split(' ')).filter(|uri| !uri.is_empty())
    }
}

fn is_cursor_profile(uri: &str) -> bool {
    uri.trim_end_matches('/') == CURSOR_PROFILE.trim_end_matches('/')
}

fn media_types(header: &str) -> impl Iterator<Item = MediaType> {
    split_unquoted(header, ',').filter(|element| !element.is_empty()).map(MediaType::parse)
}

fn parameter(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (trim(name).to_ascii_lowercase(), unquote(trim(value)))
}

/// Unquoted URI lists are illegal, but warp-drive can send them, and what they mean is plain: taken as they are.
fn unquote(value: &str) -> String {
    let Some(quoted) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let mut unquoted = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => unquoted.extend(characters.next()),
            _ => unquoted.push(character),
        }
    }
    unquoted
}

/// The trimmed parts between separators that stand outside quoted strings.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |character| {
        if escaped {
            escaped = false;
            return false;
        }
        match character {
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ => return character == separator && !quoted,
        }
        false
    })
    .map(trim)
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonapi::error::Source;
    use proptest::prelude::{any, prop, proptest};

    #[track_caller]
    fn check_accept(lines: &[&str], acceptable: bool) {
        match accept(lines) {
            Ok(_) => assert!(acceptable, "{lines:?} is accepted"),
            Err(error) => {
                assert!(!acceptable, "{lines:?}: {}", error.detail);
                assert_eq!((error.code, error.source), (Code::NotAcceptable, Some(Source::Header("Accept"))));
            }
        }
    }

    #[track_caller]
    fn check_cursor(line: &str, wanted: bool) {
        assert_eq!(accept([line]).map(|negotiated| negotiated.cursor_profile), Ok(wanted), "{line}");
    }

    #[track_caller]
    fn check_content_type(header: Option<&str>, supported: bool) {
        match content_type(header) {
            Ok(()) => assert!(supported, "{header:?} is supported"),
            Err(error) => {
                assert!(!supported, "{header:?}: {}", error.detail);
                assert_eq!(
                    (error.code, error.source),
                    (Code::UnsupportedMediaType, Some(Source::Header("Content-Type")))
                );
            }
        }
    }

    #[test]
    fn without_the_json_api_media_type_everything_is_accepted() {
        check_accept(&[], true);
        for line in ["", ",, ,", "*/*", "application/*", "application/json; charset=utf-8", "text/html, */*;q=0.1"] {
            check_accept(&[line], true);
        }
        check_accept(&["application/vnd.api+jsonx; charset=utf-8"], true);
        check_accept(&[r#"text/html; x="a, application/vnd.api+json; charset=utf-8""#], true);
    }

    #[test]
    fn the_plain_media_type_is_accepted_in_every_spelling() {
        for line in [
            "application/vnd.api+json",
            "Application/VND.API+json",
            " \tapplication/vnd.api+json\t",
            "application/vnd.api+json;",
            "application/vnd.api+json ; ; q=0.8",
            "application/vnd.api+json;Q=0.8",
            "text/html, application/vnd.api+json;q=0.5",
            "application/vnd.api+json;q=0",
        ] {
            check_accept(&[line], true);
        }
    }

    #[test]
    fn a_foreign_parameter_makes_an_instance_unacceptable() {
        for line in [
            "application/vnd.api+json; charset=utf-8",
            "application/vnd.api+json;charset",
            "APPLICATION/VND.API+JSON ;\tCHARSET = \"utf-8\"",
            "application/vnd.api+json; charset=utf-8, application/vnd.api+json; version=1",
            "application/vnd.api+json; charset=utf-8, */*;q=0.1",
            "application/vnd.api+json; profile=\"x\"; charset=utf-8",
            "application/vnd.api+json; q=0.5; charset=utf-8",
            r#"application/vnd.api+json; profile="a\"; b"; charset=utf-8"#,
        ] {
            check_accept(&[line], false);
        }
        check_accept(&["application/vnd.api+json; charset=utf-8", "*/*"], false);
    }

    #[test]
    fn one_acceptable_instance_is_enough_on_any_line() {
        check_accept(&["application/vnd.api+json; charset=utf-8, application/vnd.api+json"], true);
        check_accept(&["application/vnd.api+json; charset=utf-8", "application/vnd.api+json"], true);
        check_accept(&[r#"application/vnd.api+json; ext="https://example.com/x", application/vnd.api+json"#], true);
    }

    #[test]
    fn an_unsupported_extension_makes_an_instance_unacceptable() {
        for line in [
            r#"application/vnd.api+json; ext="https://example.com/x""#,
            "application/vnd.api+json; ext=https://example.com/x",
            r#"application/vnd.api+json; EXT="https://example.com/x""#,
            r#"application/vnd.api+json; ext=""; ext="https://example.com/x""#,
            r#"application/vnd.api+json; charset=utf-8, application/vnd.api+json; ext="https://example.com/x""#,
        ] {
            check_accept(&[line], false);
        }
        check_accept(&[r#"application/vnd.api+json; ext="""#], true);
    }

    #[test]
    fn the_cursor_profile_is_found_among_others() {
        let profile = CURSOR_PROFILE;
        let short = profile.trim_end_matches('/');
        check_cursor(&format!(r#"application/vnd.api+json; profile="{profile}""#), true);
        check_cursor(&format!(r#"application/vnd.api+json; PROFILE="https://example.com/a,b;c {short}""#), true);
        check_cursor(&format!("application/vnd.api+json;profile=https://example.com/a {short};q=0.3"), true);
        check_cursor(&format!(r#"application/vnd.api+json, application/vnd.api+json; profile="{short}""#), true);
        check_cursor(r#"application/vnd.api+json; profile="https://example.com/a""#, false);
        check_cursor(&format!(r#"application/vnd.api+json; profile="{short}-not""#), false);
        check_cursor(&format!(r#"application/json; profile="{short}""#), false);
        check_cursor("*/*", false);
    }

    #[test]
    fn an_ignored_instance_asks_for_no_profile() {
        let line =
            format!(r#"application/vnd.api+json, application/vnd.api+json; charset=utf-8; profile="{CURSOR_PROFILE}""#);
        check_cursor(&line, false);
    }

    #[test]
    fn the_cursor_content_type_names_the_profile() {
        check_content_type(Some(JSON_API_CURSOR), true);
        check_cursor(JSON_API_CURSOR, true);
    }

    #[test]
    fn a_body_needs_the_json_api_media_type() {
        for header in [
            "application/vnd.api+json",
            "APPLICATION/vnd.api+JSON",
            " application/vnd.api+json ;",
            r#"application/vnd.api+json; profile="https://example.com/unknown""#,
            r#"application/vnd.api+json;profile=x;ext="""#,
        ] {
            check_content_type(Some(header), true);
        }
    }

    #[test]
    fn other_content_types_are_unsupported() {
        check_content_type(None, false);
        for header in [
            "",
            "*/*",
            "application/json",
            "text/plain;charset=UTF-8",
            "application/vnd.api+json; charset=utf-8",
            "application/vnd.api+json;version=1",
            "application/vnd.api+json;q=1",
            r#"application/vnd.api+json; profile="x";charset=utf-8"#,
            r#"application/vnd.api+json; ext="https://example.com/x""#,
            "application/vnd.api+json, application/vnd.api+json",
            "application/vnd.api+json text",
        ] {
            check_content_type(Some(header), false);
        }
    }

    proptest! {
        #[test]
        fn no_header_is_too_strange(
            lines in prop::collection::vec("(application/vnd\\.api\\+json|[;,=\"\\\\ a-z\t]|\\PC){0,20}", 0..4),
            header in any::<String>(),
        ) {
            let _ = accept(&lines);
            let _ = content_type(Some(&header));
            for line in &lines {
                let _ = content_type(Some(line));
            }
        }

        #[test]
        fn a_quoted_value_comes_back(value in any::<String>()) {
            let quoted = format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
            let media_type = MediaType::parse(&format!("a/b; x={quoted}; y=z"));
            assert_eq!(media_type.parameters, [("x".to_owned(), value), ("y".to_owned(), "z".to_owned())]);
        }
    }
}
