//! Errors as people read them: a page on every code, in every language, kept as snapshots under `tests/error_pages/`.
//!
//! `TERTULIA_ACCEPT=1` writes the snapshots anew.

use crate::support::app::TestApp;
use crate::support::database::Kind;
use crate::support::on_both_databases;
use reqwest::Method;
use std::fs;
use std::path::PathBuf;
use tertulia::jsonapi::error::Code;
use tertulia::jsonapi::language::Language;

/// Sends a request outside the API that prefers `language`, and gives its text.
async fn page(app: &TestApp, path: &str, language: Language) -> String {
    let url = format!("{}{path}", app.origin());
    let request = app.as_nobody().request(Method::GET, &url).headers("accept", &["text/html"]);
    let answer = request.header("accept-language", language.tag()).send().await.assert_status(200);
    assert_eq!(answer.header("content-language").as_deref(), Some(language.tag()));
    String::from_utf8(answer.body.clone()).expect("UTF-8").replace(app.origin(), "http://localhost:8080")
}

#[actix_web::test]
async fn every_code_has_the_page_of_its_snapshot() {
    let app = TestApp::spawn(Kind::Sqlite).await;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/error_pages");
    let mut stale = Vec::new();
    for code in Code::ALL {
        for language in Language::ALL {
            let file = folder.join(format!("{}.{}.html", code.as_str(), language.tag()));
            let told = page(&app, &format!("/errors/{}", code.as_str()), language).await;
            if std::env::var_os("TERTULIA_ACCEPT").is_some() {
                fs::create_dir_all(&folder).expect("a folder");
                fs::write(&file, &told).expect("a file");
            } else if fs::read_to_string(&file).ok().as_ref() != Some(&told) {
                stale.push(file);
            }
        }
    }
    assert!(stale.is_empty(), "look at these, and run this test with TERTULIA_ACCEPT=1: {stale:?}");
    app.stop().await;
}

#[actix_web::test]
async fn the_index_leads_to_every_page() {
    let app = TestApp::spawn(Kind::Sqlite).await;
    for language in Language::ALL {
        let index = page(&app, "/errors", language).await;
        for code in Code::ALL {
            assert!(index.contains(&format!("href=\"errors/{}\"", code.as_str())), "{code:?} in {language:?}");
        }
    }
    let missing = app.as_nobody().get(&format!("{}/errors/nonsense", app.origin())).await;
    assert_eq!(missing.assert_status(404).document()["errors"][0]["code"], "not_found");
    app.stop().await;
}

async fn an_answer_that_was_kept_is_told_in_the_language_of_who_asks_again(app: &TestApp) {
    let anna = app.user("anna").await;
    let document =
        serde_json::json!({ "data": { "type": "direct_conversation", "attributes": { "user_id": anna.id } } });
    let send = async |language: &str| {
        let request = app.as_user(&anna).request(Method::POST, "/direct_conversations").document(&document);
        let answer = request.header("idempotency-key", "k").header("accept-language", language).send().await;
        answer.assert_status(422)
    };
    let (first, again, german) = (send("en").await, send("en").await, send("de").await);

    assert_eq!(first.body, again.body);
    assert_eq!(german.header("idempotency-replayed").as_deref(), Some("true"));
    assert_eq!(german.document()["errors"][0]["title"], "Gespräch mit sich selbst");
    assert_eq!(german.document()["errors"][0]["source"], first.document()["errors"][0]["source"]);
}

on_both_databases!(an_answer_that_was_kept_is_told_in_the_language_of_who_asks_again);
