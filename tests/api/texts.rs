//! Texts are compared alike on both databases: by NFKC and full case folding, byte by byte, without wildcards.
//!
//! Each sentence says what is found, not how the other database finds it.

use crate::support::app::{PASSWORD, TestApp, User};
use crate::support::client::Client;
use crate::support::on_both_databases;
use crate::world::{new_direct, new_group, resource, update};
use serde_json::json;

/// In the order in which they are created; no two are the same text.
const TEXTS: &[&str] = &[
    "Straße",
    "STRASSE",
    "strasse",
    "Zoë",
    "Zoe\u{308}",
    "zebra",
    "Äpfel",
    "apfel",
    "Apfel",
    "İstanbul",
    "istanbul",
    "Iğdır",
    "ısparta",
    "😀 smile",
    "100%",
    "100_",
    "100\\",
    "a%b",
    "a_b",
    "axb",
    "ﬁn",
    "FIN",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "Ａｂｃ",
    "\u{212b}ngstro\u{308}m",
    "50% off_\\now",
];

/// Ascending; texts that fold to the same stay in the order of creation.
const SORTED: &[&str] = &[
    "100%",
    "100\\",
    "100_",
    "50% off_\\now",
    "a%b",
    "a_b",
    "Ａｂｃ",
    "apfel",
    "Apfel",
    "axb",
    "ﬁn",
    "FIN",
    "istanbul",
    "Iğdır",
    "İstanbul",
    "Straße",
    "STRASSE",
    "strasse",
    "zebra",
    "Zoë",
    "Zoe\u{308}",
    "Äpfel",
    "\u{212b}ngstro\u{308}m",
    "ısparta",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "😀 smile",
];

/// An operator with its value, and what it finds in the order above.
const FOUND: &[(&str, &[&str])] = &[
    ("eq:strasse", &["strasse"]),
    ("eq:Straße", &["Straße"]),
    ("eq:STRASsE", &[]),
    ("eq:Zoë", &["Zoë"]),
    ("eq:Zoe\u{308}", &["Zoe\u{308}"]),
    ("in:apfel,zebra,APFEL", &["apfel", "zebra"]),
    ("pre:strass", &["Straße", "STRASSE", "strasse"]),
    ("pre:STRAß", &["Straße", "STRASSE", "strasse"]),
    ("suf:ßE", &["Straße", "STRASSE", "strasse"]),
    ("ct:RAS", &["Straße", "STRASSE", "strasse"]),
    ("pre:zoE\u{308}", &["Zoë", "Zoe\u{308}"]),
    ("ct:Ö", &["\u{212b}ngstro\u{308}m"]),
    ("pre:å", &["\u{212b}ngstro\u{308}m"]),
    ("pre:apf", &["apfel", "Apfel"]),
    ("pre:äpf", &["Äpfel"]),
    ("suf:PFEL", &["apfel", "Apfel", "Äpfel"]),
    ("pre:istan", &["istanbul"]),
    ("pre:ISTAN", &["istanbul"]),
    ("pre:İSTAN", &["İstanbul"]),
    ("ct:stanbul", &["istanbul", "İstanbul"]),
    ("ct:ı", &["Iğdır", "ısparta"]),
    ("pre:ı", &["ısparta"]),
    ("pre:iĞ", &["Iğdır"]),
    ("eq:fin", &[]),
    ("pre:ﬁ", &["ﬁn", "FIN"]),
    ("suf:in", &["ﬁn", "FIN"]),
    ("ct:συφοσ", &["ΣΊΣΥΦΟΣ", "σίσυφος"]),
    ("suf:ς", &["ΣΊΣΥΦΟΣ", "σίσυφος"]),
    ("pre:abc", &["Ａｂｃ"]),
    ("pre:ＡＢ", &["Ａｂｃ"]),
    ("pre:😀", &["😀 smile"]),
    ("ct:😁", &[]),
    ("ct:%", &["100%", "50% off_\\now", "a%b"]),
    ("ct:_", &["100_", "50% off_\\now", "a_b"]),
    ("ct:\\", &["100\\", "50% off_\\now"]),
    ("suf:\\", &["100\\"]),
    ("pre:a%", &["a%b"]),
    ("pre:a_", &["a_b"]),
    ("ct:F_\\N", &["50% off_\\now"]),
    ("pre:100", &["100%", "100\\", "100_"]),
    ("gte:zo", &["Zoë", "Zoe\u{308}", "Äpfel", "\u{212b}ngstro\u{308}m", "ısparta", "ΣΊΣΥΦΟΣ", "σίσυφος", "😀 smile"]),
    (
        "gt:STRASSE",
        &["zebra", "Zoë", "Zoe\u{308}", "Äpfel", "\u{212b}ngstro\u{308}m", "ısparta", "ΣΊΣΥΦΟΣ", "σίσυφος", "😀 smile"],
    ),
    ("lt:50%", &["100%", "100\\", "100_"]),
    ("lte:A_B", &["100%", "100\\", "100_", "50% off_\\now", "a%b", "a_b"]),
];

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The texts under `name` of what `url` lists.
async fn listed(client: &Client, url: &str, name: &str) -> Vec<String> {
    let answer = client.get(url).await.assert_status(200);
    answer.items().iter().map(|item| item["attributes"][name].as_str().unwrap_or("null").to_owned()).collect()
}

async fn sign_up(app: &TestApp, number: usize, name: &str) -> String {
    let attributes =
        json!({ "name": name, "title": name, "email": format!("t{number}@example.com"), "password": PASSWORD });
    app.as_nobody().post("/users", &resource("user", attributes)).await.assert_status(201).id()
}

/// The viewer's own name begins with U+FFFD, which sorts behind everything but the smile and is found by nothing.
async fn named(app: &TestApp) -> User {
    let viewer = app.user("viewer").await;
    let own = update("user", &viewer.id, json!({ "name": "\u{fffd}", "title": "\u{fffd}" }));
    app.as_user(&viewer).patch(&format!("/users/{}", viewer.id), &own).await.assert_status(200);
    viewer
}

async fn names_and_titles_of_users_are_found_and_sorted_alike(app: &TestApp) {
    let viewer = named(app).await;
    for (number, text) in TEXTS.iter().enumerate() {
        sign_up(app, number, text).await;
    }
    let client = app.as_user(&viewer);
    let others = format!("/users?page[size]=100&filter[id]=!eq:{}", viewer.id);
    for name in ["name", "title"] {
        assert_eq!(listed(&client, &format!("{others}&sort={name}"), name).await, SORTED);
        let backwards = listed(&client, &format!("{others}&sort=-{name}"), name).await;
        assert_eq!(backwards.len(), SORTED.len());
        assert_eq!(backwards[..2], ["😀 smile", "ΣΊΣΥΦΟΣ"], "equal ones stay in the order of creation");
        for (condition, found) in FOUND {
            let url = format!("{others}&sort={name}&filter[{name}]={}", encoded(condition));
            assert_eq!(listed(&client, &url, name).await, *found, "{name} {condition}");
            let (op, value) = condition.split_once(':').expect("an operator");
            let url = format!("{others}&sort={name}&filter[{name}][{op}]={}", encoded(value));
            assert_eq!(listed(&client, &url, name).await, *found, "{name} [{op}] {value}");
        }
        for (condition, complement) in [("!ct:%", "ct:%"), ("!eq:Straße", "eq:Straße"), ("!in:FIN,axb", "in:FIN,axb")]
        {
            let url = format!("{others}&filter[{name}]=");
            let one = listed(&client, &format!("{url}{}", encoded(condition)), name).await;
            let other = listed(&client, &format!("{url}{}", encoded(complement)), name).await;
            assert_eq!(one.len() + other.len(), TEXTS.len(), "{condition}");
            assert!(one.iter().all(|text| !other.contains(text)), "{condition}");
        }
    }
}

async fn titles_of_chats_are_found_and_sorted_alike(app: &TestApp) {
    let viewer = named(app).await;
    let client = app.as_user(&viewer);
    for text in TEXTS {
        client.post("/chats", &new_group(Some(text), &[&viewer.id])).await.assert_status(201);
    }
    assert_eq!(listed(&client, "/chats?page[size]=100&sort=title", "title").await, SORTED);
    for (condition, found) in FOUND {
        let url = format!("/chats?sort=title&filter[title]={}", encoded(condition));
        assert_eq!(listed(&client, &url, "title").await, *found, "{condition}");
        if let Some(text) = condition.strip_prefix("ct:") {
            let url = format!("/chats?sort=title&filter[search]=+{}+", encoded(text));
            assert_eq!(listed(&client, &url, "title").await, *found, "search {text}");
        }
    }
}

async fn peers_are_found_alike(app: &TestApp) {
    let viewer = named(app).await;
    let client = app.as_user(&viewer);
    for (number, text) in TEXTS.iter().enumerate() {
        let peer = sign_up(app, number, text).await;
        client.post("/direct_conversations", &new_direct(&peer)).await.assert_status(201);
    }
    for (condition, found) in FOUND {
        let Some(text) = condition.strip_prefix("ct:") else { continue };
        let mut found: Vec<&str> = found.to_vec();
        found.sort_by_key(|name| TEXTS.iter().position(|text| text == name));
        let url = format!("/direct_conversations?sort=created_at&include=second_user&search_peer={}", encoded(text));
        let answer = client.get(&url).await.assert_status(200);
        let included = answer.document()["included"].as_array().expect("peers");
        let mut names: Vec<&str> = included.iter().filter_map(|user| user["attributes"]["name"].as_str()).collect();
        names.sort_by_key(|name| TEXTS.iter().position(|text| text == name));
        assert_eq!(names, found, "search_peer {text}");
        let chats = client.get(&format!("/chats?filter[search]={}", encoded(text))).await.assert_status(200);
        assert_eq!(chats.ids().len(), found.len(), "search {text}");
    }
    assert_eq!(client.get("/direct_conversations?search_peer=%EF%BF%BD").await.ids().len(), 0, "one's own name");
}

async fn addresses_are_equal_whatever_their_case(app: &TestApp) {
    let viewer = app.user("viewer").await;
    let client = app.as_user(&viewer);
    for (condition, found) in [
        ("VIEWER@Example.COM", 1),
        ("in:x@y.z,vIEWER@example.com", 1),
        ("!eq:VIEWER@EXAMPLE.COM", 1),
        ("pre:VIEW", 1),
        ("ct:r@E", 1),
        ("viewer_example.com", 0),
        ("ct:r_e", 0),
    ] {
        app.user("other").await;
        let answer = client.get(&format!("/users?filter[email]={}", encoded(condition))).await.assert_status(200);
        assert_eq!(answer.ids().len(), found, "{condition}: {answer}");
    }
    app.sign_in("VIEWER@EXAMPLE.COM", PASSWORD).await.assert_status(201);
}

/// Texts that have no folded form beside them: their ASCII letters are compared without case, nothing else is.
async fn addresses_of_pictures_are_found_alike(app: &TestApp) {
    let viewer = app.user("viewer").await;
    let client = app.as_user(&viewer);
    let avatar = "https://Pictures.example/A_b%25.PNG?x=%C3%89";
    let own = update("user", &viewer.id, json!({ "avatar_url": avatar }));
    client.patch(&format!("/users/{}", viewer.id), &own).await.assert_status(200);
    for (condition, found) in [
        (format!("eq:{avatar}"), 1),
        (avatar.to_lowercase(), 0),
        ("pre:HTTPS://pictures".to_owned(), 1),
        ("ct:a_B%25.p".to_owned(), 1),
        ("ct:a.B".to_owned(), 0),
        ("ct:axb".to_owned(), 0),
        ("suf:%c3%89".to_owned(), 1),
    ] {
        let answer = client.get(&format!("/users?filter[avatar_url]={}", encoded(&condition))).await.assert_status(200);
        assert_eq!(answer.ids().len(), found, "{condition}");
    }
}

on_both_databases![
    names_and_titles_of_users_are_found_and_sorted_alike,
    titles_of_chats_are_found_and_sorted_alike,
    peers_are_found_alike,
    addresses_are_equal_whatever_their_case,
    addresses_of_pictures_are_found_alike,
];
