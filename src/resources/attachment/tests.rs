//! Rules of attachments and of their bytes.

use super::upkeep::{self, PATIENCE};
use crate::{
    db::{Id, Time},
    jsonapi::error::Errors,
    resource::{Error, Viewer, content::Arrived},
    resources::bench::{Bench, Made, linked, problems},
};
use serde_json::{Value, json};

const KIND: &str = "attachment";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

fn attach(bench: &Bench, viewer: Id, message: Id, attributes: Value) -> Result<Made, Error> {
    let message = json!({ "message": { "data": { "type": "message", "id": message } } });
    bench.create(viewer, KIND, json!({ "attributes": attributes, "relationships": message }))
}

fn picture() -> Value {
    json!({ "name": "Ü.PNG", "mime_type": "image/png" })
}

fn begin(bench: &Bench, viewer: Id, id: Id, announced: Option<u64>) -> Result<Id, Error> {
    let begun = bench.write(viewer, move |tx| {
        let entry = std::sync::Arc::clone(tx.registry.target(KIND)?);
        let receive = entry.contents[0].receive.expect("PUT");
        (receive.begin)(tx, &entry, id, announced)
    });
    begun?.map_err(Error::Api)
}

fn end(bench: &Bench, viewer: Id, id: Id, arrived: Arrived) -> Result<(), Error> {
    let ended: Result<Result<(), Errors>, Error> = bench.write(viewer, move |tx| {
        let entry = std::sync::Arc::clone(tx.registry.target(KIND)?);
        let receive = entry.contents[0].receive.expect("PUT");
        (receive.end)(tx, &entry, id, &arrived)
    });
    ended?.map_err(Error::Api)
}

/// `PUT` of these bytes, but for the storage.
fn put(bench: &Bench, viewer: Id, id: Id, bytes: &[u8]) -> Result<Id, Error> {
    let content = begin(bench, viewer, id, None)?;
    let arrived = Arrived { id: content, size: bytes.len() as u64, sha256: "ab".to_owned(), head: bytes.to_vec() };
    end(bench, viewer, id, arrived).map(|()| content)
}

fn stored(bench: &Bench, viewer: Id, id: Id, name: &str) -> Result<Id, Error> {
    let registry = crate::resources::registry();
    let entry = registry.target(KIND).expect("a type");
    let content = entry.contents.iter().find(|content| content.name == name).expect("bytes");
    let found = bench.database.read_blocking(|conn| (content.find)(conn, &Viewer::user(viewer), entry, id));
    found.map(|stored| stored.key.id)
}

fn status(bench: &Bench, viewer: Id, id: Id) -> Value {
    bench.show(viewer, KIND, id).expect("it is seen")["attributes"]["upload_status"].take()
}

#[test]
fn an_attachment_waits_for_its_bytes_unless_they_are_elsewhere() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let chat = bench.direct(anna, bert).1;
    let message = bench.say(anna, chat, "Hi");

    let ours = attach(&bench, anna, message, picture()).unwrap();
    let attributes = &ours.data["attributes"];
    let expected = json!({
        "name": "Ü.PNG", "mime_type": "image/png", "size": null, "kind": "image", "extension": "png",
        "source_url": null, "upload_status": "uploading", "processing": false,
        "content_url": format!("http://localhost/api/v1/attachments/{}/content", ours.id),
        "thumbnail_url": null, "width": null, "height": null, "sha256": null,
        "created_at": attributes["created_at"], "updated_at": attributes["created_at"],
    });
    assert_eq!(*attributes, expected);
    assert_eq!(linked(&ours.data, "message"), message);
    assert_eq!(linked(&ours.data, "chat"), chat);

    let video = json!({ "name": "Talk", "mime_type": "video/mp4", "source_url": "https://video.example/1", "size": 1 });
    let elsewhere = attach(&bench, anna, message, video).unwrap().data;
    assert_eq!(elsewhere["attributes"]["upload_status"], "success");
    assert_eq!(elsewhere["attributes"]["content_url"], Value::Null);
    assert_eq!(elsewhere["attributes"]["extension"], Value::Null);
    assert_eq!(elsewhere["attributes"]["size"], 1);
}

#[test]
fn what_is_said_of_a_file_has_a_form() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let refused = |attribute: &str, value: Value| {
        let mut attributes = picture();
        attributes[attribute] = value;
        problems(attach(&bench, anna, message, attributes))
    };
    for name in ["", " ", "\u{200b}", ".", "..", "a/b", "a\\b", "a\nb", &"a".repeat(251)] {
        assert_eq!(refused("name", name.into()), ["field_invalid /data/attributes/name"], "{name}");
    }
    for media_type in ["", "image", "image/*", "a b/c"] {
        let expected = ["field_invalid /data/attributes/mime_type"];
        assert_eq!(refused("mime_type", media_type.into()), expected, "{media_type}");
    }
    for size in [-1, (10 << 20) + 1] {
        assert_eq!(refused("size", size.into()), ["field_invalid /data/attributes/size"], "{size}");
    }
    assert_eq!(refused("source_url", "ftp://a".into()), ["field_invalid /data/attributes/source_url"]);
    assert_eq!(refused("kind", "image".into()), ["field_read_only /data/attributes/kind"]);
    assert_eq!(refused("upload_status", "success".into()), ["field_read_only /data/attributes/upload_status"]);
    assert!(attach(&bench, anna, message, json!({ "name": "a".repeat(250), "mime_type": "a/b", "size": 0 })).is_ok());
}

#[test]
fn only_the_author_of_the_message_attaches_renames_and_removes() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let message = bench.say(anna, bench.group(bert, &[anna]), "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;

    assert_eq!(problems(attach(&bench, bert, message, picture())), ["forbidden "]);
    assert_eq!(problems(attach(&bench, carl, message, picture())), ["not_found /data/relationships/message/data"]);
    assert_eq!(problems(bench.set(bert, KIND, id, json!({ "name": "b" }))), ["forbidden "]);
    assert_eq!(problems(bench.delete(bert, KIND, id)), ["forbidden "]);
    assert_eq!(problems(begin(&bench, bert, id, None)), ["forbidden "]);
    assert_eq!(problems(begin(&bench, carl, id, None)), ["not_found "]);

    let renamed = bench.set(anna, KIND, id, json!({ "name": "b.JPG" })).unwrap();
    assert_eq!(renamed["attributes"]["name"], "b.JPG");
    assert_eq!(renamed["attributes"]["extension"], "jpg");
    let other = problems(bench.set(anna, KIND, id, json!({ "mime_type": "image/jpeg" })));
    assert_eq!(other, ["field_read_only /data/attributes/mime_type"]);
    bench.delete(anna, KIND, id).unwrap();
    assert_eq!(problems(bench.show(anna, KIND, id)), ["not_found "]);
}

#[test]
fn an_attachment_sent_back_as_it_was_fetched_changes_nothing() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let fetched = attach(&bench, anna, message, picture()).unwrap();
    put(&bench, anna, fetched.id, PNG).unwrap();
    let before = bench.show(anna, KIND, fetched.id).unwrap();
    assert_eq!(bench.update(anna, KIND, fetched.id, fetched.data).unwrap(), before);
}

#[test]
fn bytes_that_fit_are_kept_once() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;
    assert_eq!(problems(stored(&bench, bert, id, "content")), ["not_found "]);

    let content = put(&bench, anna, id, PNG).unwrap();

    let shown = bench.show(bert, KIND, id).unwrap();
    assert_eq!(shown["attributes"]["upload_status"], "success");
    assert_eq!(shown["attributes"]["size"], PNG.len());
    assert_eq!(shown["attributes"]["sha256"], "ab");
    assert_eq!(shown["attributes"]["processing"], true);
    assert_eq!(stored(&bench, bert, id, "content").unwrap(), content);
    assert_eq!(problems(stored(&bench, bert, id, "thumbnail")), ["not_found "]);
    assert_eq!(problems(begin(&bench, anna, id, None)), ["content_exists "]);
}

#[test]
fn the_second_of_two_uploads_at_once_is_refused() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;
    let other = begin(&bench, anna, id, None).unwrap();
    let first = put(&bench, anna, id, PNG).unwrap();

    let arrived = Arrived { id: other, size: PNG.len() as u64, sha256: "cd".to_owned(), head: PNG.to_vec() };
    assert_eq!(problems(end(&bench, anna, id, arrived)), ["content_exists "]);

    assert_eq!(stored(&bench, anna, id, "content").unwrap(), first);
    assert_eq!(bench.show(anna, KIND, id).unwrap()["attributes"]["sha256"], "ab");
}

#[test]
fn bytes_that_are_not_what_was_announced_are_an_error_that_can_be_mended() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let id =
        attach(&bench, anna, message, json!({ "name": "a", "mime_type": "image/png", "size": PNG.len() })).unwrap().id;

    assert_eq!(problems(begin(&bench, anna, id, Some(5))), ["field_invalid "]);
    assert_eq!(status(&bench, bert, id), "error");
    assert_eq!(problems(put(&bench, anna, id, b"hello")), ["field_invalid ", "field_invalid "]);
    assert_eq!(problems(put(&bench, anna, id, &[&PNG[..PNG.len() - 1], b"xy"].concat())), ["field_invalid "]);
    assert_eq!(problems(put(&bench, anna, id, &b"hello".repeat(10)[..PNG.len()])), ["field_invalid "]);
    assert_eq!(status(&bench, bert, id), "error");
    assert_eq!(problems(stored(&bench, anna, id, "content")), ["not_found "]);

    put(&bench, anna, id, PNG).unwrap();
    assert_eq!(status(&bench, bert, id), "success");
}

#[test]
fn bytes_that_arrive_after_the_message_is_gone_are_not_kept() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;
    let content = begin(&bench, anna, id, None).unwrap();
    bench.delete(anna, "message", message).unwrap();
    let arrived = Arrived { id: content, size: PNG.len() as u64, sha256: "ab".to_owned(), head: PNG.to_vec() };
    assert_eq!(problems(end(&bench, anna, id, arrived)), ["not_found "]);
    assert_eq!(problems(bench.show(anna, KIND, id)), ["not_found "]);
    assert_eq!(problems(attach(&bench, anna, message, picture())), ["message_deleted "]);
}

#[test]
fn bytes_are_seen_as_long_as_the_message_is() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let chat = bench.group(anna, &[bert, carl]);
    let message = bench.say(anna, chat, "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;
    put(&bench, anna, id, PNG).unwrap();
    let sees = |viewer| stored(&bench, viewer, id, "content").is_ok();
    assert!(sees(anna) && sees(bert) && sees(carl));

    bench.delete(bert, "chat", chat).unwrap();
    assert!(sees(anna) && !sees(bert) && sees(carl));
    let membership = bench.membership(anna, chat, carl);
    bench.delete(anna, "chat_membership", membership).unwrap();
    assert!(sees(anna) && !sees(carl));
    assert_eq!(bench.ids(carl, KIND, ""), Vec::<String>::new());
}

#[test]
fn a_closed_chat_takes_no_bytes_and_lets_them_go() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let chat = bench.group(bert, &[anna]);
    let message = bench.say(anna, chat, "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;
    bench.set(bert, "chat", chat, json!({ "open": false })).unwrap();
    assert_eq!(problems(begin(&bench, anna, id, None)), ["chat_closed "]);
    assert_eq!(problems(bench.set(anna, KIND, id, json!({ "name": "b" }))), ["chat_closed "]);
    assert_eq!(problems(attach(&bench, anna, message, picture())), ["chat_closed "]);
    bench.delete(anna, KIND, id).unwrap();
}

fn orphans(bench: &Bench, now: Time) -> Vec<Id> {
    bench.database.read_blocking(|conn| upkeep::orphans(conn, now, 10)).expect("names")
}

#[test]
fn bytes_of_a_removed_attachment_are_left_over_at_once_and_those_on_their_way_after_a_day() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;
    let broken_off = begin(&bench, anna, id, None).unwrap();
    let kept = put(&bench, anna, id, PNG).unwrap();
    let tomorrow = Time(Time::now().0 + 25 * 60 * 60 * 1000);
    assert_eq!(orphans(&bench, Time::now()), []);
    assert_eq!(orphans(&bench, tomorrow), [broken_off]);

    bench.delete(anna, KIND, id).unwrap();

    assert_eq!(orphans(&bench, Time::now()), [kept]);
    bench.database.write_blocking(move |conn| upkeep::forget(conn, &[kept, broken_off])).unwrap();
    assert_eq!(orphans(&bench, tomorrow), []);
}

#[test]
fn an_attachment_that_nobody_sends_bytes_for_is_given_up_after_a_while() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let waiting = attach(&bench, anna, message, picture()).unwrap().id;
    let there = attach(&bench, anna, message, picture()).unwrap().id;
    put(&bench, anna, there, PNG).unwrap();
    let give_up = |at: i64| bench.database.write_blocking(move |conn| upkeep::give_up(conn, Time(at), 10)).unwrap();
    let now = Time::now().0;

    assert_eq!(give_up(now - PATIENCE), 0);
    assert_eq!(give_up(now + 1000), 1);
    assert_eq!(problems(bench.show(anna, KIND, waiting)), ["not_found "]);
    assert!(bench.show(anna, KIND, there).is_ok());
}

#[test]
fn an_attachment_whose_bytes_are_gone_can_be_sent_again() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;
    let lost = put(&bench, anna, id, PNG).unwrap();
    let now = Time::now();
    bench.database.write_blocking(move |conn| upkeep::lose(conn, &[lost], now)).unwrap();
    assert_eq!(status(&bench, anna, id), "error");
    assert_eq!(orphans(&bench, Time(now.0 + 1000)), [lost]);
    put(&bench, anna, id, PNG).unwrap();
    assert_eq!(status(&bench, anna, id), "success");
}

#[test]
fn a_picture_is_tried_three_times() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;
    let content = put(&bench, anna, id, PNG).unwrap();
    let next = || bench.database.write_blocking(upkeep::next_picture).unwrap();
    for _ in 0..3 {
        let picture = next().expect("it waits");
        assert_eq!((picture.attachment, picture.content), (id, content));
    }
    assert!(next().is_none());
    assert_eq!(bench.show(anna, KIND, id).unwrap()["attributes"]["processing"], false);
}

#[test]
fn a_thumbnail_is_there_once_it_is_made() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let id = attach(&bench, anna, message, picture()).unwrap().id;
    put(&bench, anna, id, PNG).unwrap();
    let seen = upkeep::Seen { pixels: Some((640, 480)), thumbnail_type: Some("image/jpeg") };
    bench
        .database
        .write_blocking(move |conn| {
            let picture = upkeep::next_picture(conn)?.expect("it waits");
            upkeep::processed(conn, picture, seen)
        })
        .unwrap();
    let shown = bench.show(bert, KIND, id).unwrap();
    assert_eq!(shown["attributes"]["processing"], false);
    assert_eq!((&shown["attributes"]["width"], &shown["attributes"]["height"]), (&json!(640), &json!(480)));
    let url = format!("http://localhost/api/v1/attachments/{id}/thumbnail");
    assert_eq!(shown["attributes"]["thumbnail_url"], url);
    assert!(stored(&bench, bert, id, "thumbnail").is_ok());
}

#[test]
fn a_message_counts_what_is_still_to_come() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let chat = bench.direct(anna, bert).1;
    let message = bench.post(anna, chat, json!({ "content": "Two files", "expected_attachment_count": 2 })).unwrap().id;
    let count = || bench.show(bert, "message", message).unwrap()["attributes"]["uploading_attachment_count"].take();
    let list = |query: &str| bench.ids(bert, "message", &format!("filter[chat]={chat}&{query}"));
    let files = [(); 3].map(|()| attach(&bench, anna, message, picture()).unwrap().id);
    for (file, left) in files.into_iter().zip([1, 0, 0]) {
        put(&bench, anna, file, PNG).unwrap();
        assert_eq!(count(), left);
    }
    assert_eq!(list("filter[uploading_attachment_count]=0"), [message.to_string()]);
    bench.delete(anna, KIND, files[0]).unwrap();
    bench.delete(anna, KIND, files[1]).unwrap();
    assert_eq!(count(), 1);
    assert_eq!(list("filter[uploading_attachment_count]=gt:0"), [message.to_string()]);
    assert_eq!(bench.ids(bert, KIND, &format!("filter[message]={message}")), [files[2].to_string()]);
}

#[test]
fn files_go_with_their_message_and_stay_without_its_author() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let chat = bench.group(bert, &[anna]);
    let (kept, gone) = (bench.say(anna, chat, "Kept"), bench.say(anna, chat, "Gone"));
    let [kept, gone] = [kept, gone].map(|message| {
        let id = attach(&bench, anna, message, picture()).unwrap().id;
        (message, id, put(&bench, anna, id, PNG).unwrap())
    });
    bench.delete(anna, "message", gone.0).unwrap();
    bench.delete(anna, "user", anna).unwrap();

    assert_eq!(bench.ids(bert, KIND, &format!("filter[chat]={chat}")), [kept.1.to_string()]);
    assert_eq!(stored(&bench, bert, kept.1, "content").unwrap(), kept.2);
    assert_eq!(orphans(&bench, Time::now()), [gone.2]);
}
