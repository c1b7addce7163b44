//! Walking pages by cursor while others write: what is there all the time is met exactly once.

use crate::support::answer::{Answer, type_and_id};
use crate::support::app::TestApp;
use crate::support::client::Client;
use crate::support::on_both_databases;
use proptest::prelude::{Strategy, any, prop};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use std::collections::BTreeSet;

on_both_databases![a_walk_meets_what_stays_exactly_once, an_included_to_many_shows_a_hundred_and_links_to_the_rest,];

const WALKS: usize = 12;
const CURSOR_PAGES: &str =
    "application/vnd.api+json; profile=\"https://jsonapi.org/profiles/ethanresnick/cursor-pagination/\"";

/// What happens in a walk; titles and nulls repeat, so that ties are many.
#[derive(Debug)]
struct Plan {
    sort: &'static str,
    size: u8,
    backwards: bool,
    start: Vec<Option<u8>>,
    /// Between two pages: titles of new chats, and which of the present ones end.
    between: Vec<(Vec<Option<u8>>, Vec<u8>)>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let sorts = ["title", "-title", "-created_at", "chat_type,-title,created_at", "member_count", "-last_message_at"];
    let title = || prop::option::of(0..4_u8);
    let between = (prop::collection::vec(title(), 0..3), prop::collection::vec(any::<u8>(), 0..3));
    let parts = (
        prop::sample::select(sorts.to_vec()),
        1..5_u8,
        any::<bool>(),
        prop::collection::vec(title(), 0..12),
        prop::collection::vec(between, 12),
    );
    parts.prop_map(|(sort, size, backwards, start, between)| Plan { sort, size, backwards, start, between })
}

async fn a_walk_meets_what_stays_exactly_once(app: &TestApp) {
    let mut runner = TestRunner::deterministic();
    for number in 0..WALKS {
        let plan = plans().new_tree(&mut runner).expect("a plan").current();
        let user = app.user(&format!("walker{number}")).await;
        walk(&app.as_user(&user), &plan).await;
    }
}

async fn walk(client: &Client, plan: &Plan) {
    let mut present = Vec::new();
    for title in &plan.start {
        present.push(create(client, *title).await);
    }
    let mut staying: BTreeSet<String> = present.iter().cloned().collect();
    let mut page = first_page(client, plan, &mut staying).await;
    let mut met = page.ids();
    let mut between = plan.between.iter();
    while let Some(next) = page.link(if plan.backwards { "prev" } else { "next" }) {
        if let Some((created, ended)) = between.next() {
            for title in created {
                present.push(create(client, *title).await);
            }
            for at in ended.iter().map(|at| usize::from(*at)).take(present.len()) {
                let id = present.swap_remove(at % present.len());
                client.delete(&format!("/chats/{id}")).await.assert_status(204);
                staying.remove(&id);
            }
        }
        page = client.get(&next).await.assert_status(200);
        met.extend(page.ids());
    }
    let distinct: BTreeSet<String> = met.iter().cloned().collect();
    assert_eq!(distinct.len(), met.len(), "something was met twice: {plan:?}");
    assert!(staying.is_subset(&distinct), "something that stayed was missed: {plan:?}");
}

/// The first page from the beginning; or, backwards, the one before the last item, which is then not met.
async fn first_page(client: &Client, plan: &Plan, staying: &mut BTreeSet<String>) -> Answer {
    let path = format!("/chats?sort={}&page[size]={}", plan.sort, plan.size);
    let request = client.request(reqwest::Method::GET, &path).header("accept", CURSOR_PAGES);
    let mut page = request.send().await.assert_status(200);
    while let Some(next) = page.link("next").filter(|_| plan.backwards) {
        page = client.get(&next).await.assert_status(200);
    }
    let Some(last) = page.items().last().filter(|_| plan.backwards) else { return page };
    staying.remove(last["id"].as_str().unwrap_or_default());
    let cursor = last["meta"]["page"]["cursor"].as_str().unwrap_or_default();
    let cursor: String = url::form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
    client.get(&format!("{path}&page[before]={cursor}")).await.assert_status(200)
}

async fn create(client: &Client, title: Option<u8>) -> String {
    let title = title.map(|title| format!("Title {title}"));
    let attributes = json!({ "chat_type": "group", "title": title });
    let document = json!({ "data": { "type": "chat", "attributes": attributes } });
    client.post("/chats", &document).await.assert_status(201).id()
}

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
