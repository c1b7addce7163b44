//! Bytes of attachments: up, down, in parts, and for whom.

use crate::support::answer::{Answer, Source};
use crate::support::app::{TestApp, User};
use crate::support::client::JSON_API;
use crate::support::database::Kind;
use crate::support::on_both_databases;
use crate::wire::{exchange, exchange_in_parts};
use crate::world::{attach, group, membership, say, update};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Cursor;
use std::time::Duration;

/// The first bytes of a PNG.
const HEAD_OF_PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// An attachment of a message of `author` in `chat` that waits for its bytes.
async fn waiting(app: &TestApp, author: &User, chat: &str, name: &str, mime_type: &str) -> String {
    let message = say(app, author, chat).await;
    attach(app, author, &message, json!({ "name": name, "mime_type": mime_type })).await
}

fn content(id: &str) -> String {
    format!("/attachments/{id}/content")
}

async fn put(app: &TestApp, user: &User, id: &str, bytes: &[u8]) -> Answer {
    let request = app.as_user(user).request(Method::PUT, &content(id)).bytes(bytes.to_vec());
    request.header("content-type", "application/octet-stream").send().await
}

async fn get(app: &TestApp, user: &User, id: &str, headers: &[(&str, &str)]) -> Answer {
    let request = app.as_user(user).request(Method::GET, &content(id));
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
}

async fn status(app: &TestApp, user: &User, id: &str) -> Value {
    app.as_user(user).get(&format!("/attachments/{id}")).await.assert_status(200).attribute("upload_status").clone()
}

async fn a_file_comes_back_as_it_went_up(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let id = waiting(app, &anna, &chat, "Übersicht \"1\".csv", "text/csv; charset=utf-8").await;
    get(app, &anna, &id, &[]).await.assert_error(404, "not_found", Source::Nowhere);
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();

    let sent = put(app, &anna, &id, &bytes).await.assert_status(204);
    assert!(sent.body.is_empty());

    let got = get(app, &bert, &id, &[]).await.assert_status(200);
    assert!(got.body == bytes);
    let tag = got.header("etag").expect("a tag");
    for (name, value) in [
        ("content-type", "text/csv; charset=utf-8"),
        ("content-length", "1200000"),
        ("accept-ranges", "bytes"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, no-cache"),
        (
            "content-disposition",
            "attachment; filename=\"_bersicht _1_.csv\"; filename*=UTF-8''%C3%9Cbersicht%20%221%22.csv",
        ),
    ] {
        assert_eq!(got.header(name).as_deref(), Some(value), "{name}");
    }
    let head = app.as_user(&bert).request(Method::HEAD, &content(&id)).send().await.assert_status(200);
    assert_eq!((head.header("content-length"), head.body.len()), (Some("1200000".to_owned()), 0));
    assert_eq!(head.header("etag"), got.header("etag"));
    let known = get(app, &bert, &id, &[("if-none-match", &tag)]).await.assert_status(304);
    assert!(known.body.is_empty());
    get(app, &bert, &id, &[("if-none-match", "\"other\"")]).await.assert_status(200);
    for fitting in [&*tag, "*", &format!("\"other\", {tag}")] {
        get(app, &bert, &id, &[("if-match", fitting), ("range", "bytes=0-1")]).await.assert_status(206);
    }
    for other in ["\"other\"", &format!("W/{tag}")] {
        let changed = get(app, &bert, &id, &[("if-match", other), ("range", "bytes=0-1")]).await;
        changed.assert_error(412, "precondition_failed", Source::Header("If-Match"));
    }
    let past = [("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT")];
    let changed = get(app, &bert, &id, &past).await;
    changed.assert_error(412, "precondition_failed", Source::Header("If-Unmodified-Since"));

    let shown = app.as_user(&bert).get(&format!("/attachments/{id}")).await.assert_status(200);
    assert_eq!(shown.attribute("size"), 1_200_000);
    assert_eq!(format!("\"{}\"", shown.attribute("sha256").as_str().expect("a hash")), tag);
    let url = shown.attribute("content_url").as_str().expect("a URL").to_owned();
    assert_eq!(url, format!("{}/api/v1{}", app.origin(), content(&id)));
    assert!(app.as_user(&bert).get(&url).await.assert_status(200).body == bytes);
    put(app, &anna, &id, &bytes).await.assert_error(409, "content_exists", Source::Nowhere);

    assert_eq!(got.header("last-modified"), None, "a second may see another change");
    app.execute(
        "UPDATE attachments SET updated_at = 1735787045678",
        "UPDATE attachments SET updated_at = '2025-01-02T03:04:05.678Z'",
    );
    let dated = get(app, &bert, &id, &[]).await.assert_status(200);
    assert_eq!(dated.header("last-modified").as_deref(), Some("Thu, 02 Jan 2025 03:04:05 GMT"));
}

async fn a_part_is_asked_for_by_its_range(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let id = waiting(app, &anna, &chat, "a.txt", "text/plain").await;
    put(app, &anna, &id, b"0123456789").await.assert_status(204);
    let tag = get(app, &anna, &id, &[]).await.header("etag").expect("a tag");
    for (range, part, of) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=8-100", "89", "bytes 8-9/10"),
    ] {
        let got = get(app, &bert, &id, &[("range", range)]).await.assert_status(206);
        assert_eq!(got.body, part.as_bytes(), "{range}");
        assert_eq!(got.header("content-range").as_deref(), Some(of));
        assert_eq!(got.header("content-length"), Some(part.len().to_string()));
        assert_eq!(got.header("etag").as_ref(), Some(&tag));
        let head = app.as_user(&bert).request(Method::HEAD, &content(&id)).header("range", range).send().await;
        assert_eq!(head.assert_status(206).header("content-range").as_deref(), Some(of));
    }
    let outside = get(app, &bert, &id, &[("range", "bytes=10-")]).await;
    outside.assert_error(416, "range_not_satisfiable", Source::Header("Range"));
    assert_eq!(outside.header("content-range").as_deref(), Some("bytes */10"));
    let continued = [("range", "bytes=8-"), ("if-range", tag.as_str())];
    assert_eq!(get(app, &bert, &id, &continued).await.assert_status(206).body, b"89");
    let of_another = [("range", "bytes=8-"), ("if-range", "\"another\"")];
    assert_eq!(get(app, &bert, &id, &of_another).await.assert_status(200).body, b"0123456789");
    let several = [("range", "bytes=0-0,2-2")];
    assert_eq!(get(app, &bert, &id, &several).await.assert_status(200).body, b"0123456789");
}

async fn only_whoever_sees_the_message_now_gets_its_bytes(app: &TestApp) {
    let [anna, bert, carl, dora] =
        [app.user("anna").await, app.user("bert").await, app.user("carl").await, app.user("dora").await];
    let chat = group(app, &anna, None, &[&bert, &carl]).await;
    let id = waiting(app, &bert, &chat, "a.txt", "text/plain").await;
    for (user, expected) in [(&anna, 403), (&carl, 403), (&dora, 404)] {
        assert_eq!(put(app, user, &id, b"not mine").await.status, expected);
    }
    let nobody = app.as_nobody().request(Method::PUT, &content(&id)).bytes(b"a".to_vec()).send().await;
    nobody.assert_error(401, "unauthorized", Source::Header("Authorization"));
    put(app, &bert, &id, b"mine").await.assert_status(204);

    for user in [&anna, &bert, &carl] {
        assert_eq!(get(app, user, &id, &[]).await.assert_status(200).body, b"mine");
    }
    get(app, &dora, &id, &[]).await.assert_error(404, "not_found", Source::Nowhere);
    let nobody = app.as_nobody().get(&content(&id)).await;
    nobody.assert_error(401, "unauthorized", Source::Header("Authorization"));

    app.as_user(&anna).delete(&format!("/chats/{chat}")).await.assert_status(204);
    assert_eq!(get(app, &anna, &id, &[]).await.status, 404);
    let left = membership(app, &bert, &chat, &carl).await;
    app.as_user(&carl).delete(&format!("/chat_memberships/{left}")).await.assert_status(204);
    assert_eq!(get(app, &carl, &id, &[]).await.status, 404);
    app.as_user(&bert).delete(&format!("/attachments/{id}")).await.assert_status(204);
    assert_eq!(get(app, &bert, &id, &[]).await.status, 404);
}

async fn bytes_that_are_something_else_are_refused(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let message = say(app, &anna, &chat).await;
    let declared = json!({ "name": "a.png", "mime_type": "image/png", "size": HEAD_OF_PNG.len() });
    let id = attach(app, &anna, &message, declared).await;

    let wrong = put(app, &anna, &id, b"<html>").await.assert_status(422);
    assert_eq!(wrong.header("content-type").as_deref(), Some(JSON_API));
    assert_eq!(wrong.document()["errors"][0]["meta"]["attribute"], "size", "{wrong}");
    assert_eq!(status(app, &bert, &id).await, "error");
    let text = "no picture in here".as_bytes();
    let wrong = put(app, &anna, &id, &text[..HEAD_OF_PNG.len()]).await;
    wrong.assert_error(422, "field_invalid", Source::Nowhere);
    assert_eq!(wrong.document()["errors"][0]["meta"]["attribute"], "mime_type", "{wrong}");
    assert_eq!(get(app, &anna, &id, &[]).await.status, 404);

    put(app, &anna, &id, HEAD_OF_PNG).await.assert_status(204);
    assert_eq!(status(app, &bert, &id).await, "success");
    assert_eq!(get(app, &bert, &id, &[]).await.assert_status(200).body, HEAD_OF_PNG);
}

async fn what_is_said_of_the_body_is_checked_in_order(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let id = waiting(app, &anna, &chat, "a.txt", "text/plain").await;
    let client = app.as_user(&anna);
    let send = async |path: &str, headers: &[(&str, &str)]| {
        let request = client.request(Method::PUT, path).bytes(b"a".to_vec());
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
    };
    let own = content(&id);
    let form = ("content-type", "multipart/form-data; boundary=a");
    send(&own, &[form]).await.assert_error(415, "unsupported_media_type", Source::Header("Content-Type"));
    let zipped = [("content-encoding", "gzip")];
    send(&own, &zipped).await.assert_error(415, "unsupported_media_type", Source::Header("Content-Encoding"));
    let zipped = [("content-encoding", "identity"), ("content-encoding", "gzip")];
    send(&own, &zipped).await.assert_error(415, "unsupported_media_type", Source::Header("Content-Encoding"));
    send(&format!("{own}?a=b"), &[form]).await.assert_error(
        415,
        "unsupported_media_type",
        Source::Header("Content-Type"),
    );
    let parameter = send(&format!("{own}?include=message"), &[]).await;
    parameter.assert_error(400, "parameter_unknown", Source::Parameter("include"));
    let unacceptable = [("accept", "application/vnd.api+json; a=b"), form];
    send(&own, &unacceptable).await.assert_error(406, "not_acceptable", Source::Header("Accept"));
    for path in [content("nothing"), content("018f4e6a-0000-7000-8000-000000000000")] {
        send(&path, &[]).await.assert_error(404, "not_found", Source::Nowhere);
    }
    assert_eq!(status(app, &anna, &id).await, "uploading");
    send(&format!("{own}/"), &[("content-type", "image/png")]).await.assert_status(204);
}

async fn only_bytes_are_put(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let id = waiting(app, &anna, &chat, "a.txt", "text/plain").await;
    let client = app.as_user(&anna);
    let thumbnail = format!("/attachments/{id}/thumbnail");
    for (path, allow) in [
        (content(&id), "GET, HEAD, PUT, OPTIONS"),
        (thumbnail, "GET, HEAD, OPTIONS"),
        (format!("/attachments/{id}"), "GET, HEAD, PATCH, DELETE, OPTIONS"),
    ] {
        let options = client.request(Method::OPTIONS, &path).send().await.assert_status(204);
        assert_eq!(options.header("allow").as_deref(), Some(allow));
        for method in [Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
            if allow.contains(method.as_str()) {
                continue;
            }
            let refused = client.request(method, &path).send().await;
            refused.assert_error(405, "method_not_allowed", Source::Nowhere);
            assert_eq!(refused.header("allow").as_deref(), Some(allow));
        }
    }
}

async fn a_picture_gets_a_thumbnail(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let picture = waiting(app, &anna, &chat, "a.png", "image/png").await;
    let broken = waiting(app, &anna, &chat, "b.png", "image/png").await;
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::new(800, 400).write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    put(app, &anna, &broken, HEAD_OF_PNG).await.assert_status(204);
    put(app, &anna, &picture, bytes.get_ref()).await.assert_status(204);

    let shown = processed(app, &bert, &picture).await;
    assert_eq!((shown.attribute("width"), shown.attribute("height")), (&json!(800), &json!(400)));
    let url = shown.attribute("thumbnail_url").as_str().expect("a URL").to_owned();
    let thumbnail = app.as_user(&bert).get(&url).await.assert_status(200);
    assert_eq!(thumbnail.header("content-type").as_deref(), Some("image/jpeg"));
    assert_eq!(image::load_from_memory(&thumbnail.body).expect("a picture").width(), 320);
    let part = app.as_user(&bert).request(Method::GET, &url).header("range", "bytes=0-1").send().await;
    assert_eq!(part.assert_status(206).body, b"\xff\xd8");
    let dora = app.user("dora").await;
    app.as_user(&dora).get(&url).await.assert_error(404, "not_found", Source::Nowhere);

    let shown = processed(app, &bert, &broken).await;
    assert_eq!(shown.attribute("thumbnail_url"), &Value::Null);
    assert_eq!(shown.attribute("upload_status"), "success");
}

async fn processed(app: &TestApp, user: &User, id: &str) -> Answer {
    for _ in 0..200 {
        let shown = app.as_user(user).get(&format!("/attachments/{id}")).await.assert_status(200);
        if shown.attribute("processing") == false {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{id} is processed for ever");
}

async fn a_message_has_at_most_fifty_attachments(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let message = say(app, &anna, &chat).await;
    let elsewhere = json!({ "name": "a", "mime_type": "text/plain", "source_url": "https://example.com/a" });
    let mut last = String::new();
    for _ in 0..50 {
        last = attach(app, &anna, &message, elsewhere.clone()).await;
    }
    let relationships = json!({ "message": { "data": { "type": "message", "id": message } } });
    let document = json!({ "data": { "type": "attachment", "attributes": elsewhere, "relationships": relationships } });
    let refused = app.as_user(&anna).post("/attachments", &document).await;
    refused.assert_error(422, "field_invalid", Source::Pointer("/data/relationships/message"));
    app.as_user(&anna).delete(&format!("/attachments/{last}")).await.assert_status(204);
    app.as_user(&anna).post("/attachments", &document).await.assert_status(201);
}

async fn the_files_of_a_chat_are_listed_newest_first(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let mut files = Vec::new();
    for number in 0..5 {
        let message = say(app, if number % 2 == 0 { &anna } else { &bert }, &chat).await;
        let elsewhere =
            json!({ "name": format!("{number}"), "mime_type": "text/html", "source_url": "https://a.example" });
        files.insert(0, attach(app, if number % 2 == 0 { &anna } else { &bert }, &message, elsewhere).await);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let list = async |query: &str| app.as_user(&bert).get(&format!("/chats/{chat}/attachments{query}")).await;
    assert_eq!(list("").await.assert_status(200).ids(), files);
    let page = list("?page[number]=2&page[size]=2&include=message.author").await.assert_status(200);
    assert_eq!(page.ids(), files[2..4]);
    assert_eq!(page.document()["meta"]["total"], 5);
    assert_eq!(page.included().len(), 4);
    assert_eq!(list("?filter[name]=3").await.ids(), [files[1].clone()]);
    let first = app.as_user(&anna).get(&format!("/attachments/{}?include=chat", files[0])).await.assert_status(200);
    assert_eq!(first.included(), [("chat".to_owned(), chat.clone())]);
    let whole = app.as_user(&anna).get(&format!("/chats/{chat}?include=attachments")).await;
    whole.assert_error(400, "include_unknown", Source::Parameter("include"));

    let renamed = update("attachment", &files[0], json!({ "name": "new.HTML" }));
    let path = format!("/attachments/{}", files[0]);
    let renamed = app.as_user(&anna).patch(&path, &renamed).await.assert_status(200);
    assert_eq!(renamed.attribute("extension"), "html");
}

on_both_databases![
    a_file_comes_back_as_it_went_up,
    a_part_is_asked_for_by_its_range,
    only_whoever_sees_the_message_now_gets_its_bytes,
    bytes_that_are_something_else_are_refused,
    what_is_said_of_the_body_is_checked_in_order,
    only_bytes_are_put,
    a_picture_gets_a_thumbnail,
    a_message_has_at_most_fifty_attachments,
    the_files_of_a_chat_are_listed_newest_first,
];

async fn small() -> (TestApp, User, String) {
    let app = TestApp::configured(Kind::Sqlite, |settings| {
        settings.config.max_upload_bytes = 100_000;
        settings.config.request_timeout = Duration::from_millis(500);
    })
    .await;
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(&app, &anna, None, &[&bert]).await;
    let id = waiting(&app, &anna, &chat, "a", "application/octet-stream").await;
    (app, anna, id)
}

fn head(user: &User, id: &str, headers: &str) -> Vec<u8> {
    let token = &user.token;
    format!(
        "PUT /api/v1/attachments/{id}/content HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n{headers}\r\n"
    )
    .into_bytes()
}

#[actix_web::test]
async fn an_upload_has_a_limit_whether_or_not_it_tells_its_length() {
    let (app, anna, id) = small().await;
    put(&app, &anna, &id, &vec![0; 5_000_000]).await.assert_error(413, "too_large", Source::Nowhere);
    let mut chunked = head(&anna, &id, "Transfer-Encoding: chunked\r\n");
    for _ in 0..11 {
        chunked.extend_from_slice(b"2710\r\n");
        chunked.extend_from_slice(&[0; 10_000]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let refused = exchange(app.running.address, chunked).await.remove(0);
    assert_eq!((refused.status, refused.code().as_str()), (413, "too_large"), "{refused}");
    assert_eq!(status(&app, &anna, &id).await, "uploading");
    put(&app, &anna, &id, &vec![0; 100_000]).await.assert_status(204);
    app.stop().await;
}

#[actix_web::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let (app, anna, id) = small().await;
    let half = [head(&anna, &id, "Content-Length: 10\r\n"), b"01234".to_vec()].concat();
    let stalled = exchange_in_parts(app.running.address, vec![half.clone()], Duration::from_secs(1)).await;
    assert!(stalled.iter().all(|reply| reply.status == 400), "{stalled:?}");
    assert_eq!(status(&app, &anna, &id).await, "uploading");
    get(&app, &anna, &id, &[]).await.assert_error(404, "not_found", Source::Nowhere);
    put(&app, &anna, &id, b"0123456789").await.assert_status(204);
    app.stop().await;
}
