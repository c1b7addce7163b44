//! Pages put together: whole lists by number, offset and cursor, also while rows come and go between the pages.
//!
//! Every walk is made of links alone. The random ones are seeded, so that a failure comes again.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::client::{Client, JSON_API};
use crate::support::on_both_databases;
use crate::world::{alter, crowd, group, id, membership, new_direct, new_group};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use tertulia::db::Time;
use tertulia::schema::{chats, users};

const PROFILE: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination";

/// A page in the cursor style; the link says everything but the profile.
async fn page(client: &Client, url: &str) -> Answer {
    let accept = format!("{JSON_API}; profile=\"{PROFILE}\"");
    client.request(reqwest::Method::GET, url).header("accept", &accept).send().await.assert_status(200)
}

/// All pages from `url` on, in the order in which `direction` leads.
async fn pages(client: &Client, url: &str, direction: &str) -> Vec<Answer> {
    let mut pages = vec![page(client, url).await];
    while let Some(link) = pages.last().and_then(|page| page.link(direction)) {
        pages.push(page(client, &link).await);
        assert!(pages.len() < 200, "{url} has no end");
    }
    pages
}

fn ids(pages: &[Answer]) -> Vec<String> {
    pages.iter().flat_map(Answer::ids).collect()
}

/// Somebody with many chats, conversations and fellow members, full of ties and nulls.
async fn furnished(app: &TestApp, seed: u64) -> (User, String) {
    let viewer = app.user("viewer").await;
    let large = group(app, &viewer, Some("large"), &[]).await;
    let people = crowd(app, "p", 0..14).await;
    let client = app.as_user(&viewer);
    for (number, peer) in people.iter().enumerate() {
        client.post("/direct_conversations", &new_direct(peer)).await.assert_status(201);
        if number % 5 > 0 {
            client.post("/chats", &new_group(None, &people[..number % 3])).await.assert_status(201);
        }
    }
    let members = serde_json::json!({ "data": crate::world::linkage("user", &people) });
    client.post(&format!("/chats/{large}/relationships/members"), &members).await.assert_status(204);
    blur(app, seed).await;
    (viewer, large)
}

/// Gives chats and users titles and instants of which many are equal and many are missing.
async fn blur(app: &TestApp, seed: u64) {
    alter(app, move |conn| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let now = Time::now();
        let title =
            |random: &mut ChaCha8Rng| ["", "a", "B", "ß", "zz"].choose(random).filter(|it| !it.is_empty()).copied();
        let instant = |random: &mut ChaCha8Rng| Time(now.0 - 1000 * random.random_range(0..6));
        let found = chats::table.select(chats::id).order(chats::id).load::<tertulia::db::Id>(conn)?;
        for chat in found {
            let (title, written) = (title(&mut random), random.random_bool(0.5).then(|| instant(&mut random)));
            let created = instant(&mut random);
            diesel::update(chats::table.find(chat))
                .set((
                    (chats::title.eq(title), chats::title_folded.eq(title.map(tertulia::jsonapi::text::fold))),
                    (chats::last_message_at.eq(written), chats::created_at.eq(created)),
                ))
                .execute(conn)?;
        }
        let found = users::table.select(users::id).order(users::id).load::<tertulia::db::Id>(conn)?;
        for user in found {
            let title = title(&mut random);
            diesel::update(users::table.find(user))
                .set((
                    (users::title.eq(title), users::title_folded.eq(title.map(tertulia::jsonapi::text::fold))),
                    users::created_at.eq(instant(&mut random)),
                ))
                .execute(conn)?;
        }
        Ok(())
    })
    .await;
}

/// Lists in orders with nulls, ties, several keys and computed keys; `{large}` is a group of many.
const LISTS: &[&str] = &[
    "/chats?",
    "/chats?sort=title",
    "/chats?sort=-title,created_at",
    "/chats?sort=last_message_at,-title",
    "/chats?sort=chat_type,-member_count,title,-updated_at",
    "/chats?filter[chat_type]=group&sort=-open,-last_message_at",
    "/users?sort=title,-name",
    "/users?sort=-created_at&filter[title_blank]=0",
    "/users?sort=email,-title",
    "/direct_conversations?",
    "/direct_conversations?sort=first_user_id,-created_at",
    "/direct_conversations?sort=second_user_id&search_peer=p",
    "/chat_memberships?sort=role,-created_at",
    "/chat_memberships?sort=-muted,archived",
    "/chats/{large}/members?",
    "/chats/{large}/members?sort=-title",
    "/chats/{large}/chat_memberships?sort=-role",
    "/chats/{large}/relationships/members?",
];

async fn every_page_style_gives_the_same_whole(app: &TestApp) {
    let (viewer, large) = furnished(app, 1).await;
    let client = app.as_user(&viewer);
    for list in LISTS {
        let list = list.replace("{large}", &large);
        let whole = client.get(&format!("{list}&page[size]=100")).await.assert_status(200).ids();
        assert!((9..=100).contains(&whole.len()), "{list} has {}", whole.len());
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len(), "{list}");
        for size in [3, whole.len() / 2, whole.len()] {
            let numbers = counted(&client, &format!("{list}&page[number]=1&page[size]={size}")).await;
            assert_eq!(ids(&numbers), whole, "{list} by number, {size} a page");
            let offsets = counted(&client, &format!("{list}&page[offset]=0&page[limit]={size}")).await;
            assert_eq!(ids(&offsets), whole, "{list} by offset, {size} a page");
            let cursors = pages(&client, &format!("{list}&page[size]={size}"), "next").await;
            assert_eq!(ids(&cursors), whole, "{list} by cursor, {size} a page");
        }
    }
}

/// The pages of a counting style, whose links agree with each other.
async fn counted(client: &Client, url: &str) -> Vec<Answer> {
    let mut found: Vec<Answer> = vec![client.get(url).await.assert_status(200)];
    assert_eq!(found[0].link("prev"), None);
    let last = found[0].link("last").expect("a link to the last page, as the total is known");
    while let Some(next) = found[found.len() - 1].link("next") {
        let page = client.get(&next).await.assert_status(200);
        let before = found.last().expect("the first page");
        let back = client.get(&page.link("prev").expect("a page before")).await;
        assert_eq!(back.ids(), before.ids(), "{page}");
        assert_eq!(page.link("last").as_ref(), Some(&last));
        assert_eq!(page.document()["meta"]["total"], before.document()["meta"]["total"]);
        found.push(page);
    }
    let end = found.last().expect("the first page");
    assert_eq!(client.get(&last).await.ids(), end.ids(), "`last` leads elsewhere than `next`: {url}");
    assert_eq!(end.document()["meta"]["total"], ids(&found).len(), "{url}");
    found
}

async fn prev_leads_back_over_the_same_pages(app: &TestApp) {
    let (viewer, large) = furnished(app, 2).await;
    let client = app.as_user(&viewer);
    for list in LISTS {
        let url = format!("{}&page[size]=6", list.replace("{large}", &large));
        let forth = pages(&client, &url, "next").await;
        let last = forth.last().and_then(|page| page.link("self")).expect("a link to itself");
        let back = pages(&client, &last, "prev").await;
        let forth: Vec<Vec<String>> = forth.iter().map(Answer::ids).collect();
        let back: Vec<Vec<String>> = back.iter().rev().map(Answer::ids).collect();
        assert_eq!(forth, back, "{url}");
    }
}

async fn a_walk_misses_and_repeats_nobody_while_rows_come_and_go(app: &TestApp) {
    let (viewer, large) = furnished(app, 3).await;
    let mut world = Moving { app, viewer, large, random: ChaCha8Rng::seed_from_u64(4), serial: 0 };
    for (of, list) in LISTS.iter().enumerate() {
        world.walk(list, if of % 2 == 0 { "next" } else { "prev" }).await;
    }
}

/// A world that changes between two pages.
struct Moving<'a> {
    app: &'a TestApp,
    viewer: User,
    large: String,
    random: ChaCha8Rng,
    serial: usize,
}

impl Moving<'_> {
    async fn walk(&mut self, list: &str, direction: &str) {
        let list = list.replace("{large}", &self.large);
        let client = self.app.as_user(&self.viewer);
        let whole = async || -> BTreeSet<String> {
            ids(&pages(&client, &format!("{list}&page[size]=100"), "next").await).into_iter().collect()
        };
        let before = whole().await;
        let mut url = self.start(&client, &list, direction).await;
        let mut seen: Vec<String> = Vec::new();
        loop {
            let page = page(&client, &url).await;
            let mut found = page.ids();
            if direction == "prev" {
                found.reverse();
            }
            seen.extend(found);
            let Some(next) = page.link(direction) else { break };
            url = next;
            self.change().await;
        }
        let after = whole().await;

        let distinct: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(distinct.len(), seen.len(), "{list} shows somebody twice by {direction}");
        let missed: Vec<&String> = before.intersection(&after).filter(|id| !distinct.contains(*id)).collect();
        // The walk back begins before the last item, which it therefore doesn't show.
        let unseen = usize::from(direction == "prev");
        assert!(missed.len() <= unseen, "{list} misses {missed:?} by {direction}");
        assert!(before.len() - missed.len() > 4, "{list} was too short to tell anything");
    }

    /// The first page of a walk: the first of the list, or what lies before its last item.
    async fn start(&mut self, client: &Client, list: &str, direction: &str) -> String {
        let size = self.random.random_range(2..8);
        if direction == "next" {
            return format!("{list}&page[size]={size}");
        }
        let last = pages(client, &format!("{list}&page[size]=100"), "next").await.pop().expect("a page");
        let item = last.items().last().expect("an item");
        let cursor = item["meta"]["page"]["cursor"].as_str().expect("a cursor");
        format!("{list}&page[size]={size}&page[before]={cursor}")
    }

    /// Somebody signs up, joins and is written to, or a group comes, or a chat goes.
    async fn change(&mut self) {
        let client = self.app.as_user(&self.viewer);
        match self.random.random_range(0..8) {
            0 | 1 => {
                self.serial += 1;
                let peer = crowd(self.app, "p-new", self.serial..self.serial + 1).await.remove(0);
                client.post("/direct_conversations", &new_direct(&peer)).await.assert_status(201);
                let members = serde_json::json!({ "data": crate::world::linkage("user", &[&peer]) });
                let url = format!("/chats/{}/relationships/members", self.large);
                client.post(&url, &members).await.assert_status(204);
                self.retitle(&peer).await;
            }
            2 | 3 => {
                let title = ["A", "b", "ss", "y"].choose(&mut self.random).copied();
                client.post("/chats", &new_group(title, &[&self.viewer.id])).await.assert_status(201);
            }
            4 | 5 => self.leave_some_chat().await,
            6 => self.forget_some_chat().await,
            _ => {}
        }
    }

    async fn retitle(&mut self, user: &str) {
        let (user, title) = (id(user), ["A", "b", "ss", "y"].choose(&mut self.random).copied());
        alter(self.app, move |conn| {
            let columns = (users::title.eq(title), users::title_folded.eq(title.map(tertulia::jsonapi::text::fold)));
            diesel::update(users::table.find(user)).set(columns).execute(conn)
        })
        .await;
    }

    async fn leave_some_chat(&mut self) {
        let client = self.app.as_user(&self.viewer);
        let groups = client.get("/chats?filter[chat_type]=group&page[size]=100").await.ids();
        let left: Vec<&String> = groups.iter().filter(|chat| **chat != self.large).collect();
        if left.len() > 6 {
            let chat = left.choose(&mut self.random).expect("a group");
            let own = membership(self.app, &self.viewer, chat, &self.viewer).await;
            client.delete(&format!("/chat_memberships/{own}")).await.assert_status(204);
        }
    }

    async fn forget_some_chat(&mut self) {
        let client = self.app.as_user(&self.viewer);
        let direct = client.get("/chats?filter[chat_type]=direct&page[size]=100").await.ids();
        if direct.len() > 9 {
            let chat = direct.choose(&mut self.random).expect("a chat");
            client.delete(&format!("/chats/{chat}")).await.assert_status(204);
        }
    }
}

on_both_databases![
    every_page_style_gives_the_same_whole,
    prev_leads_back_over_the_same_pages,
    a_walk_misses_and_repeats_nobody_while_rows_come_and_go,
];
