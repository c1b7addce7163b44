//! What the server does by itself, each time on a storage that is broken in some place.

use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{attach, count, direct, id, say};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use tertulia::db::{Conn, Id, Time};
use tertulia::resources::attachment::upkeep::{self as rows, Seen};
use tertulia::schema::{attachments, contents};
use tertulia::storage::Storage;
use tertulia::upkeep::{Swept, Upkeep, UpkeepError};

const HOUR: i64 = 60 * 60 * 1000;

/// Upkeep of the app's database with the files in `directory`; the app's own begins after five minutes.
fn upkeep(app: &TestApp, directory: &Path) -> Upkeep {
    let storage = Storage::open(&format!("file:{}", directory.display())).expect("a storage");
    Upkeep::new(app.running.database.clone(), storage)
}

async fn write<T: Send + 'static>(
    app: &TestApp,
    work: impl FnMut(&mut Conn) -> tertulia::resource::Result<T> + Send + 'static,
) -> T {
    app.running.database.write(work).await.expect("a write")
}

/// An attachment with bytes, which are no picture.
async fn upload(app: &TestApp, author: &User, message: &str) -> String {
    let file = attach(app, author, message, json!({ "name": "a.txt", "mime_type": "text/plain" })).await;
    let request = app.as_user(author).request(Method::PUT, &format!("/attachments/{file}/content"));
    request.bytes(b"text".to_vec()).header("content-type", "text/plain").send().await.assert_status(204);
    file
}

fn stored(directory: &Path) -> Vec<PathBuf> {
    let entries = |path: &Path| fs::read_dir(path).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    entries(&directory.join("content")).flat_map(|path| entries(&path).collect::<Vec<_>>()).collect()
}

async fn said(app: &TestApp) -> (User, String) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = direct(app, &anna, &bert.id).await.chat;
    let message = say(app, &anna, &chat).await;
    (anna, message)
}

async fn bytes_that_can_not_be_removed_keep_no_others_from_it(app: &TestApp) {
    let (anna, message) = said(app).await;
    let stuck = upload(app, &anna, &message).await;
    // What can't be removed as a file.
    let path = stored(app.files()).pop().expect("a file");
    fs::remove_file(&path).expect("a removal");
    fs::create_dir(&path).expect("a directory");
    let file = upload(app, &anna, &message).await;
    for id in [&stuck, &file] {
        app.as_user(&anna).delete(&format!("/attachments/{id}")).await.assert_status(204);
    }
    let now = Time(Time::now().0 + 1);
    let upkeep = upkeep(app, app.files());
    let is_stuck = async |at| matches!(upkeep.sweep(Time(at)).await, Err(UpkeepError::Storage(_)));
    let orphans = async |at| upkeep.sweep(Time(at)).await.map(|swept| swept.orphans).expect("a sweep");

    assert!(is_stuck(now.0).await);
    assert_eq!(orphans(now.0).await, 1);
    assert_eq!(stored(app.files()), [path.as_path()]);
    assert!(is_stuck(now.0 + HOUR).await, "it is tried again");
    fs::remove_dir(&path).expect("a removal");
    assert_eq!(orphans(now.0 + HOUR).await, 0);
    assert_eq!(orphans(now.0 + 2 * HOUR).await, 1);
    assert_eq!(count(app, "SELECT count(*) AS n FROM contents").await, 0);
}

/// Bytes of a picture that have come by themselves: an upload would have the app's own upkeep look at them.
async fn arrived(app: &TestApp, attachment: &str) -> Id {
    let (attachment, content) = (id(attachment), Id::new());
    write(app, move |conn| {
        let (named, until) = (contents::attachment_id.eq(attachment), contents::expires_at.eq(Time::now()));
        diesel::insert_into(contents::table).values((contents::id.eq(content), named, until)).execute(conn)?;
        let success = (attachments::upload_status.eq("success"), attachments::processing.eq(true));
        diesel::update(attachments::table.find(attachment)).set(success).execute(conn)?;
        Ok(content)
    })
    .await
}

async fn waiting_picture(app: &TestApp) -> (User, String, Id) {
    let (anna, message) = said(app).await;
    let picture = attach(app, &anna, &message, json!({ "name": "a.png", "mime_type": "image/png" })).await;
    let content = arrived(app, &picture).await;
    (anna, picture, content)
}

async fn shown(app: &TestApp, user: &User, id: &str) -> (Value, Value) {
    let shown = app.as_user(user).get(&format!("/attachments/{id}")).await.assert_status(200);
    (shown.attribute("processing").clone(), shown.attribute("width").clone())
}

async fn a_picture_waits_while_the_storage_fails(app: &TestApp) {
    let (anna, picture, content) = waiting_picture(app).await;
    let broken = tempfile::TempDir::new().expect("a directory");
    fs::write(broken.path().join("content"), "no directory").expect("a file");
    let storage = Storage::open(&format!("file:{}", app.files().display())).expect("a storage");
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::new(8, 4).write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    storage.put(rows::file(content), bytes.into_inner()).await.expect("bytes");

    let failed = upkeep(app, broken.path()).pictures().await;
    assert!(matches!(failed, Err(UpkeepError::Storage(_))), "{failed:?}");
    assert_eq!(shown(app, &anna, &picture).await, (json!(true), Value::Null));
    upkeep(app, app.files()).pictures().await.expect("a look");
    assert_eq!(shown(app, &anna, &picture).await, (json!(false), json!(8)));
}

async fn what_was_seen_of_lost_bytes_is_not_said_of_those_sent_again(app: &TestApp) {
    let (anna, picture, lost) = waiting_picture(app).await;
    let seen = Seen { pixels: Some((1, 2)), thumbnail_type: Some("image/png") };
    let first = write(app, rows::next_picture).await.expect("a picture");
    write(app, move |conn| rows::lose(conn, &[lost], Time::now())).await;
    arrived(app, &picture).await;

    write(app, move |conn| rows::processed(conn, first, seen)).await;
    assert_eq!(shown(app, &anna, &picture).await, (json!(true), Value::Null));
    let second = write(app, rows::next_picture).await.expect("a picture");
    write(app, move |conn| rows::processed(conn, second, seen)).await;
    assert_eq!(shown(app, &anna, &picture).await, (json!(false), json!(1)));
}

async fn bytes_that_are_sent_again_have_all_tries(app: &TestApp) {
    let (anna, message) = said(app).await;
    let picture = upload(app, &anna, &message).await;
    app.execute("UPDATE attachments SET processing_tries = 3", "UPDATE attachments SET processing_tries = 3");
    let lost = "SELECT count(*) AS n FROM attachments WHERE processing_tries = 0";
    assert_eq!(count(app, lost).await, 0);
    for file in stored(app.files()) {
        fs::remove_file(file).expect("a removal");
    }
    let (upkeep, other) = (upkeep(app, app.files()), upload(app, &anna, &message).await);
    assert_eq!(upkeep.compare(Time::now(), false).await.expect("a comparison").lost, 1);
    let request = app.as_user(&anna).request(Method::PUT, &format!("/attachments/{picture}/content"));
    request.bytes(b"text".to_vec()).header("content-type", "text/plain").send().await.assert_status(204);
    assert_eq!(count(app, lost).await, 2, "that one and {other}");
}

async fn sessions_that_ended_are_removed_though_nobody_signs_in(app: &TestApp) {
    let (anna, _) = said(app).await;
    let upkeep = upkeep(app, app.files());
    assert_eq!(upkeep.sweep(Time::now()).await.expect("a sweep"), Swept::default());
    app.execute(
        "UPDATE sessions SET expires_at = 1735787045678",
        "UPDATE sessions SET expires_at = '2025-01-02T03:04:05.678Z'",
    );
    app.sign_in(&anna.email, crate::support::app::PASSWORD).await.assert_status(201);
    assert_eq!(upkeep.sweep(Time::now()).await.expect("a sweep").sessions, 1, "those of bert");
    assert_eq!(count(app, "SELECT count(*) AS n FROM sessions").await, 1);
}

on_both_databases![
    bytes_that_can_not_be_removed_keep_no_others_from_it,
    a_picture_waits_while_the_storage_fails,
    what_was_seen_of_lost_bytes_is_not_said_of_those_sent_again,
    bytes_that_are_sent_again_have_all_tries,
    sessions_that_ended_are_removed_though_nobody_signs_in,
];
