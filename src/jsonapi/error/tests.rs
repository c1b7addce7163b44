//! Errors: what their documents say, and where they point.

use super::*;
use crate::jsonapi::language::Language;

#[track_caller]
fn check(errors: impl IntoIterator<Item = ErrorObject>, status: u16, document: &str) {
    let errors = Errors::collect(errors.into_iter().collect()).expect_err("no problems");
    assert_eq!(errors.status(), status);
    assert_eq!(String::from_utf8(errors.to_bytes()).expect("UTF-8"), document);
}

#[test]
fn a_document_has_the_version_and_only_the_members_that_say_something() {
    check(
        [ErrorObject::new(Code::NotFound, "There is nothing here.")],
        404,
        r#"{"jsonapi":{"version":"1.1"},"errors":[{"status":"404","code":"not_found","title":"Not found","detail":"There is nothing here."}]}"#,
    );
}

#[test]
fn every_part_is_escaped() {
    let error = ErrorObject::new(Code::PageInvalid, "\"\u{1}\\</script>\u{2028}é")
        .parameter("page[\"]\n")
        .meta("page", serde_json::json!({"maxSize": 100}))
        .kind("https://example.com/max-size-exceeded");
    check(
        [error],
        400,
        "{\"jsonapi\":{\"version\":\"1.1\"},\"errors\":[{\"links\":{\"type\":\"https://example.com/max-size-exceeded\"},\
         \"status\":\"400\",\"code\":\"page_invalid\",\"title\":\"Invalid page parameter\",\
         \"detail\":\"\\\"\\u0001\\\\</script>\u{2028}é\",\"source\":{\"parameter\":\"page[\\\"]\\n\"},\
         \"meta\":{\"page\":{\"maxSize\":100}}}]}",
    );
}

#[test]
fn an_attribute_is_named_by_an_escaped_pointer_and_in_meta() {
    check(
        [ErrorObject::attribute(Code::FieldInvalid, "a/b~c", "Must be a string.")],
        422,
        r#"{"jsonapi":{"version":"1.1"},"errors":[{"status":"422","code":"field_invalid","title":"Invalid field","detail":"Must be a string.","source":{"pointer":"/data/attributes/a~1b~0c"},"meta":{"attribute":"a/b~c","message":"Must be a string."}}]}"#,
    );
}

#[test]
fn a_pointer_to_a_field_or_into_it_names_that_in_meta() {
    let name = |pointer: &str| {
        let error = ErrorObject::new(Code::NotFound, "There is no such `user`.").pointer(pointer);
        assert_eq!(error.meta.get("message").is_some(), error.meta.get("attribute").is_some());
        error.meta.get("attribute").and_then(Value::as_str).map(str::to_owned)
    };
    for (pointer, expected) in [
        ("/data/attributes/user_id", "user_id"),
        ("/data/attributes/mute_rule/until", "mute_rule"),
        ("/data/attributes/a~1b~01c", "a/b~1c"),
        ("/data/relationships/members/data/3/type", "members"),
        ("/atomic:operations/12/data/attributes/title", "title"),
    ] {
        assert_eq!(name(pointer).as_deref(), Some(expected), "{pointer}");
    }
    for pointer in ["", "/data", "/data/attributes", "/data/3/type", "/meta/data/attributes/x", "/atomic:operations/1"]
    {
        assert_eq!(name(pointer), None, "{pointer}");
    }
    let kept = ErrorObject::field(Code::FieldRequired, "name", "Is required.").pointer("/data/attributes/user");
    assert_eq!(kept.meta["attribute"], "name");
}

#[test]
fn a_missing_attribute_points_to_its_parent() {
    let error = ErrorObject::missing("name", "Is required.");
    assert_eq!(error.source, Some(Source::Pointer("/data/attributes".into())));
    assert_eq!(error.meta["attribute"], "name");
}

#[test]
fn the_status_is_the_common_one_or_the_most_general() {
    for (codes, status) in [
        (&[Code::SortUnknown, Code::PageInvalid][..], 400),
        (&[Code::FieldInvalid, Code::FieldUnknown], 422),
        (&[Code::FieldInvalid, Code::FieldReadOnly], 400),
        (&[Code::NotFound, Code::EmailTaken, Code::EmailTaken], 400),
        (&[Code::Internal, Code::Unavailable], 500),
        (&[Code::Unavailable, Code::Unavailable], 503),
        (&[Code::NotFound, Code::Unavailable], 500),
    ] {
        let errors = Errors(codes.iter().map(|code| ErrorObject::new(*code, "")).collect());
        assert_eq!(errors.status(), status, "{codes:?}");
    }
}

#[test]
fn errors_that_were_told_can_be_told_anew() {
    let errors = Errors(vec![
        ErrorObject::attribute(Code::FieldInvalid, "name", "Must be a string, not null."),
        ErrorObject::new(Code::PageInvalid, "x").parameter("page[size]").kind("https://example.com/kind"),
        ErrorObject::new(Code::NotAcceptable, "x").header("Accept"),
    ]);
    assert_eq!(Errors::read(&errors.to_bytes()), Some(errors));
    assert_eq!(Errors::read(br#"{"data":null}"#), None);
}

#[test]
fn what_is_told_depends_on_the_language_and_links_the_page() {
    let error = ErrorObject::attribute(Code::FieldInvalid, "name", "Must not be blank.");
    let telling = Telling { language: Language::German, pages: Some("https://chat.example/errors") };
    let told: Value = serde_json::from_slice(&Errors::from(error).told(telling)).expect("JSON");
    let told = &told["errors"][0];
    let page = "https://chat.example/errors/field_invalid";
    assert_eq!(told["links"], serde_json::json!({ "about": page, "type": page }));
    assert_eq!(told["title"], "Ungültiges Feld");
    assert_eq!(
        (&told["detail"], &told["meta"]["message"]),
        (&"Darf nicht leer sein.".into(), &"Darf nicht leer sein.".into())
    );
}

#[test]
fn no_problems_are_no_errors() {
    assert_eq!(Errors::collect(Vec::new()), Ok(()));
}

#[test]
fn a_response_shows_a_bounded_number_of_problems() {
    let error = |number: usize| ErrorObject::new(Code::DocumentInvalid, format!("{number}"));
    assert_eq!(told(&Errors((0..=Errors::SHOWN).map(error).collect())), Errors::SHOWN);
}

#[test]
fn a_response_shows_a_problem_once() {
    let error = ErrorObject::new(Code::ParameterUnknown, "x").parameter("x");
    let other = error.clone().parameter("y");
    assert_eq!(told(&Errors(vec![error.clone(), other, error])), 2);
}

fn told(errors: &Errors) -> usize {
    let document: Value = serde_json::from_slice(&errors.to_bytes()).expect("JSON");
    document["errors"].as_array().map_or(0, Vec::len)
}
