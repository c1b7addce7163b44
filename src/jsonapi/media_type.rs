//! Content negotiation: `application/vnd.api+json; profile="https://… https://…"`.
//!
//! Only `ext` and `profile` are legal parameters; an unknown extension is refused, an unknown profile ignored. An
//! extension is supported by the URL that it is for: there a request has to use it, anywhere else it is unknown.
//! Spec: <https://jsonapi.org/format/1.1/#content-negotiation> (CN-07 to CN-20, CN-27)

mod element;

use self::element::{MediaType, media_types};
use super::error::{Code, ErrorObject};
use std::cmp::Ordering;

/// The JSON:API media type, without parameters.
pub const JSON_API: &str = "application/vnd.api+json";

/// The URI of the cursor pagination profile; a client may leave the last slash out.
pub const CURSOR_PROFILE: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/";

/// The `Content-Type` of a document to which the cursor pagination profile was applied.
pub const JSON_API_CURSOR: &str =
    "application/vnd.api+json; profile=\"https://jsonapi.org/profiles/ethanresnick/cursor-pagination/\"";

/// The URI of the atomic operations extension.
pub const ATOMIC: &str = "https://jsonapi.org/ext/atomic";

/// The `Content-Type` of a document to which the atomic operations extension was applied.
pub const JSON_API_ATOMIC: &str = "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"";

/// What the client asked for in `Accept`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Negotiated {
    /// Whether the cursor pagination profile is wanted.
    pub cursor_profile: bool,
}

/// Reads all `Accept` header lines of a request to a URL that is for `extension`, or for none.
///
/// Other media types and wildcards neither help nor harm: an `Accept` without the JSON:API media type accepts everything.
/// Of several acceptable instances those of the greatest weight say which profiles are wanted.
///
/// # Errors
/// 406 `not_acceptable` when the JSON:API media type is there, but each time with a foreign parameter or an unknown extension.
pub fn accept(
    lines: impl IntoIterator<Item = impl AsRef<str>>,
    extension: Option<&str>,
) -> Result<Negotiated, ErrorObject> {
    let mut instances = 0;
    let mut best: Option<(f32, Negotiated)> = None;
    for line in lines {
        for media_type in media_types(line.as_ref()).filter(MediaType::is_json_api) {
            instances += 1;
            if media_type.problem(&["q"], extension).is_none() {
                best = Some(better(best, &media_type));
            }
        }
    }
    match best {
        Some((_, negotiated)) => Ok(negotiated),
        None if instances == 0 => Ok(Negotiated::default()),
        None => {
            let detail = format!(
                "Every `{JSON_API}` in `Accept` has a parameter other than `ext` and `profile`, or an extension that \
                 this URL doesn't support."
            );
            Err(ErrorObject::new(Code::NotAcceptable, detail).header("Accept"))
        }
    }
}

/// What is wanted by the instances of the greatest weight so far. Weight 0 refuses nothing here, but asks for nothing.
fn better(best: Option<(f32, Negotiated)>, media_type: &MediaType) -> (f32, Negotiated) {
    let weight = media_type.weight();
    let cursor_profile = weight > 0.0 && media_type.uris("profile").any(is_cursor_profile);
    match best {
        Some((known, negotiated)) => match weight.total_cmp(&known) {
            Ordering::Less => (known, negotiated),
            Ordering::Equal => (known, Negotiated { cursor_profile: cursor_profile || negotiated.cursor_profile }),
            Ordering::Greater => (weight, Negotiated { cursor_profile }),
        },
        None => (weight, Negotiated { cursor_profile }),
    }
}

/// Checks the `Content-Type` of a request that has a body, to a URL that is for `extension`, or for none.
///
/// # Errors
/// 415 `unsupported_media_type` unless it is the JSON:API media type with no foreign parameter, no unknown extension, and
/// the extension that the URL is for.
pub fn content_type(header: Option<&str>, extension: Option<&str>) -> Result<(), ErrorObject> {
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
    if let Some(problem) = media_type.problem(&[], extension) {
        return refuse(problem);
    }
    match extension.filter(|needed| media_type.uris("ext").all(|uri| uri != *needed)) {
        Some(needed) => refuse(format!("This URL needs `Content-Type: {JSON_API}; ext=\"{needed}\"`.")),
        None => Ok(()),
    }
}

/// Checks the `Content-Encoding` of a request that has a body, which is read as it comes.
///
/// # Errors
/// 415 `unsupported_media_type` for every coding.
pub fn content_coding(header: Option<&str>) -> Result<(), ErrorObject> {
    let is_none = |coding: &str| matches!(coding.trim().to_ascii_lowercase().as_str(), "" | "identity");
    if header.unwrap_or_default().split(',').all(is_none) {
        return Ok(());
    }
    let detail = "The body must come without a content coding.";
    Err(ErrorObject::new(Code::UnsupportedMediaType, detail).header("Content-Encoding"))
}

fn is_cursor_profile(uri: &str) -> bool {
    uri.trim_end_matches('/') == CURSOR_PROFILE.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonapi::error::Source;
    use proptest::prelude::{any, prop, proptest};

    #[track_caller]
    fn check_accept(lines: &[&str], acceptable: bool) {
        match accept(lines, None) {
            Ok(_) => assert!(acceptable, "{lines:?} is accepted"),
            Err(error) => {
                assert!(!acceptable, "{lines:?}: {}", error.detail);
                assert_eq!((error.code, error.source), (Code::NotAcceptable, Some(Source::Header("Accept"))));
            }
        }
    }

    #[track_caller]
    fn check_cursor(line: &str, wanted: bool) {
        assert_eq!(accept([line], None).map(|negotiated| negotiated.cursor_profile), Ok(wanted), "{line}");
    }

    #[track_caller]
    fn check_content_type(header: Option<&str>, supported: bool) {
        match content_type(header, None) {
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

    #[test]
    fn the_instance_of_the_greatest_weight_says_which_profile_is_wanted() {
        let cursor = format!(r#"application/vnd.api+json; profile="{CURSOR_PROFILE}""#);
        check_cursor(&format!("application/vnd.api+json;q=0.5, {cursor};q=0.6"), true);
        check_cursor(&format!("application/vnd.api+json, {cursor};q=0.9"), false);
        check_cursor(&format!("{cursor};q=0.9, application/vnd.api+json"), false);
        check_cursor(&format!("application/vnd.api+json;q=0.5, {cursor};q=0.500"), true);
        check_cursor(&format!("{cursor};q=0"), false);
        check_cursor(&format!("{cursor};q=much"), true);
    }

    #[test]
    fn an_extension_is_supported_where_it_belongs() {
        for (header, there, elsewhere) in [
            (r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#, true, false),
            ("application/vnd.api+json; ext=https://jsonapi.org/ext/atomic", true, false),
            (r#"application/vnd.api+json; profile="x y"; EXT=" https://jsonapi.org/ext/atomic ""#, true, false),
            (r#"application/vnd.api+json; ext="https://jsonapi.org/ext/atomic https://example.com/x""#, false, false),
            (r#"application/vnd.api+json; ext="https://jsonapi.org/ext/atomic/""#, false, false),
            (r#"application/vnd.api+json; ext="https://jsonapi.org/ext/atomic"; charset=utf-8"#, false, false),
        ] {
            assert_eq!(content_type(Some(header), Some(ATOMIC)).is_ok(), there, "{header}");
            assert_eq!(accept([header], Some(ATOMIC)).is_ok(), there, "{header}");
            assert_eq!(content_type(Some(header), None).is_ok(), elsewhere, "{header}");
            assert_eq!(accept([header], None).is_ok(), elsewhere, "{header}");
        }
        assert!(accept([JSON_API_ATOMIC, JSON_API], None).is_ok());
    }

    #[test]
    fn an_extensions_url_needs_the_extension_in_what_is_sent_only() {
        for header in [JSON_API, r#"application/vnd.api+json; ext="""#, "application/vnd.api+json; profile=x"] {
            assert!(content_type(Some(header), Some(ATOMIC)).is_err(), "{header}");
            assert!(accept([header], Some(ATOMIC)).is_ok(), "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_too_strange(
            lines in prop::collection::vec("(application/vnd\\.api\\+json|[;,=\"\\\\ a-z\t]|\\PC){0,20}", 0..4),
            header in any::<String>(),
        ) {
            let _ = accept(&lines, None);
            let _ = content_type(Some(&header), Some(ATOMIC));
            for line in &lines {
                let _ = content_type(Some(line), None);
            }
        }
    }
}
