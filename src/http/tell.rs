//! Telling errors: their documents are written here, in the language that the client prefers.
//!
//! Spec: <https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4> (`Accept-Language`), <https://jsonapi.org/format/1.1/#error-objects> (ERR-11)

use super::{api::Shared, client, pages};
use crate::jsonapi::{
    error::{Errors, Telling},
    language::Language,
};
use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{ACCEPT_LANGUAGE, AcceptLanguage, CONTENT_LANGUAGE, Header as _, HeaderValue, Preference},
    middleware::Next,
    web,
};

/// Gives every answer that tells of errors its body.
pub(super) async fn tell(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let problems = response.response_mut().extensions_mut().remove::<Errors>();
    let Some(problems) = problems else { return Ok(response) };
    let request = response.request().clone();
    let Some(shared) = request.app_data::<web::Data<Shared>>() else { return Ok(response) };
    let language = language(&request);
    let pages = client::root(&request, &shared.config) + pages::PATH;
    let document = problems.told(Telling { language, pages: Some(&pages) });
    response.headers_mut().insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    Ok(response.map_body(|_, _| BoxBody::new(document)))
}

/// The first of the client's languages that there is; English for a client that has none of them, or no preference.
pub(super) fn language(request: &impl HttpMessage) -> Language {
    if !request.headers().contains_key(ACCEPT_LANGUAGE) {
        return Language::default();
    }
    let Ok(AcceptLanguage(accepted)) = AcceptLanguage::parse(request) else { return Language::default() };
    let wanted = AcceptLanguage(accepted.into_iter().filter(|item| item.quality.to_string() != "0").collect());
    let mut ranked = wanted.ranked().into_iter();
    let known = ranked.find_map(|preference| match preference {
        Preference::Any => Some(Language::default()),
        Preference::Specific(tag) => Language::of(tag.primary_language()),
    });
    known.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[track_caller]
    fn check(header: &str, expected: Language) {
        let request = TestRequest::default().insert_header((ACCEPT_LANGUAGE, header)).to_http_request();
        assert_eq!(language(&request), expected, "{header}");
    }

    #[test]
    fn the_most_wanted_language_that_there_is_is_told() {
        for header in
            ["de", "DE", "de-AT", "de-Latn-CH-1996", "fr, de;q=0.5, en;q=0.1", "en;q=0.5, de", "fr;q=1, de-CH"]
        {
            check(header, Language::German);
        }
        for header in
            ["", "en", "en-GB", "fr", "*", "*, de;q=0.5", "de;q=0", "en, de", "de;q=0.4, en;q=0.6", "x;;q", "deu"]
        {
            check(header, Language::English);
        }
    }

    #[test]
    fn english_is_told_to_whoever_does_not_say() {
        assert_eq!(language(&TestRequest::default().to_http_request()), Language::English);
    }
}
