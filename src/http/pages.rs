//! Pages on error codes for people: what each means, when it occurs, what to do. `links.type` of error objects leads here.

use super::{answer, api::Shared, client, health, tell};
use crate::jsonapi::{
    error::{Code, ErrorObject, Errors, Telling},
    language::Language,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, VARY},
    },
    web,
};
use std::fmt::Write as _;

/// Where the index is; the page on a code is below it.
pub(super) const PATH: &str = "/errors";

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}\
    code,pre{font-family:ui-monospace,monospace;background:#8881;padding:.1em .3em;border-radius:.2em}\
    pre{padding:1em;overflow:auto}:root{color-scheme:light dark}";

/// The headings, in the order of the attributes that stand below them.
const SECTIONS: [(&str, [&str; 2]); 3] = [
    ("meaning", ["What it means", "Was es bedeutet"]),
    ("occurs", ["When it occurs", "Wann es vorkommt"]),
    ("remedy", ["What to do", "Was zu tun ist"]),
];

/// Mounts the index and the pages.
pub(super) fn mount(app: &mut web::ServiceConfig) {
    // Below a scope of their own, patterns are tried for these pages alone.
    app.service(health::url(PATH, index)).service(web::scope(PATH).service(health::url("/{code}", page)));
}

async fn index(request: HttpRequest) -> HttpResponse {
    let language = tell::language(&request);
    let heading = word(language, ["Error codes", "Fehlercodes"]);
    let mut body = format!("<h1>{heading}</h1>\n<dl>\n");
    for code in Code::ALL {
        let meaning = text(&language.about(code.as_str(), "meaning").unwrap_or_default());
        let (word, status) = (code.as_str(), code.status());
        let _ =
            writeln!(body, "<dt><a href=\"errors/{word}\"><code>{word}</code></a> {status}</dt>\n<dd>{meaning}</dd>");
    }
    html(language, heading, &format!("{body}</dl>\n"))
}

async fn page(request: HttpRequest, code: web::Path<String>, shared: web::Data<Shared>) -> HttpResponse {
    let Some(code) = Code::of(&code) else { return super::routes::no_route(&request) };
    let language = tell::language(&request);
    let pages = client::root(&request, &shared.config) + PATH;
    html(language, code.as_str(), &article(code, language, &pages))
}

fn article(code: Code, language: Language, pages: &str) -> String {
    let word_of = code.as_str();
    let mut body =
        format!("<h1>{}</h1>\n<p><code>{word_of}</code>, HTTP {}</p>\n", code.title_in(language), code.status());
    for (attribute, heading) in SECTIONS {
        let said = text(&language.about(word_of, attribute).unwrap_or_default());
        let _ = writeln!(body, "<h2>{}</h2>\n<p>{said}</p>", word(language, heading));
    }
    let telling = Telling { language, pages: Some(pages) };
    let example = String::from_utf8(Errors::from(example(code)).told(telling)).unwrap_or_default();
    let example =
        serde_json::from_str::<serde_json::Value>(&example).map(|json| format!("{json:#}")).unwrap_or(example);
    let _ = writeln!(body, "<h2>{}</h2>\n<pre>{}</pre>", word(language, ["Example", "Beispiel"]), escaped(&example));
    let _ =
        writeln!(body, "<p><a href=\"../errors\">{}</a></p>", word(language, ["All error codes", "Alle Fehlercodes"]));
    body
}

/// An error of this kind as it could occur.
fn example(code: Code) -> ErrorObject {
    let about = |attribute| Language::English.about(code.as_str(), attribute);
    let error = ErrorObject::new(code, about("example").unwrap_or_default());
    let Some(blamed) = about("blamed") else { return error };
    match blamed.split_once(' ').unwrap_or((&blamed, "")) {
        ("parameter", name) => error.parameter(name),
        ("pointer", pointer) => error.pointer(pointer),
        _ => error,
    }
}

fn html(language: Language, title: &str, body: &str) -> HttpResponse {
    let tag = language.tag();
    let page = format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n{body}</html>\n"
    );
    answer::with(StatusCode::OK)
        .insert_header((VARY, "Accept-Language"))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((CONTENT_LANGUAGE, tag))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .content_type("text/html; charset=utf-8")
        .body(page)
}

fn word(language: Language, [english, german]: [&'static str; 2]) -> &'static str {
    match language {
        Language::English => english,
        Language::German => german,
    }
}

/// Text of the catalogue as HTML: what stands between backticks is code.
fn text(catalogue: &str) -> String {
    let parts = escaped(catalogue);
    let parts = parts.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
