//! Linkage that is too long for one document.

use crate::support::answer::type_and_id;
use crate::support::app::TestApp;
use crate::support::on_both_databases;
use serde_json::json;

on_both_databases![an_included_to_many_shows_a_hundred_and_links_to_the_rest];

// proves: DOC-31
async fn an_included_to_many_shows_a_hundred_and_links_to_the_rest(app: &TestApp) {
    let anna = app.user("anna").await;
    let mut others = Vec::new();
    for number in 0..119 {
        others.push(json!({ "type": "user", "id": app.user(&format!("member{number}")).await.id }));
    }
    let relationships = json!({ "members": { "data": others } });
    let document = json!({ "data": { "type": "chat", "relationships": relationships } });
    let client = app.as_user(&anna);
    let group = client.post("/chats", &document).await.assert_status(201).id();

    let shown = client.get(&format!("/chats/{group}?include=members")).await;
    let members = &shown.data()["relationships"]["members"];
    let linked: Vec<_> = members["data"].as_array().expect("linkage").iter().map(type_and_id).collect();
    assert_eq!(*shown.attribute("member_count"), 120);
    assert_eq!((linked.len(), shown.included().len()), (100, 100));

    let next = members["links"]["next"].as_str().expect("a link to the rest of the linkage");
    let rest = client.get(next).await.assert_status(200);
    assert_eq!(rest.ids().len(), 20);
    assert!(rest.items().iter().all(|item| item.get("attributes").is_none() && !linked.contains(&type_and_id(item))));
}
