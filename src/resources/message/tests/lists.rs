//! Lists of messages: of one chat, and merged of all.

use super::{KIND, reply};
use crate::{
    db::Id,
    resources::bench::{Bench, ids, problems},
};
use serde_json::Value;

fn texts(ids: impl IntoIterator<Item = Id>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}

/// All pages of a list, one after the other.
fn walk(bench: &Bench, viewer: Id, query: &str) -> Vec<String> {
    let (mut seen, mut query) = (Vec::new(), query.to_owned());
    loop {
        let document = bench.document(viewer, KIND, None, &query).unwrap();
        seen.extend(ids(&document));
        let Some(next) = document["links"]["next"].as_str() else { return seen };
        query = next.split_once('?').unwrap().1.to_owned();
    }
}

#[test]
fn a_chat_is_read_newest_first_and_by_cursor() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (_, chat) = bench.direct(anna, bert);
    let mut said: Vec<Id> = (0..7).map(|n| bench.say([anna, bert][n % 2], chat, &n.to_string())).collect();
    let document = bench.related(anna, ("chat", chat, "messages"), "page[size]=3").unwrap();
    assert_eq!(ids(&document), texts([said[6], said[5], said[4]]));
    assert!(document["links"]["next"].is_string() && document["links"]["prev"].is_null());
    assert!(document["data"][0]["meta"]["page"]["cursor"].is_string());
    let of_chat = format!("filter[chat]={chat}");
    assert_eq!(walk(&bench, bert, &format!("{of_chat}&sort=created_at&page[size]=2")), texts(said.clone()));
    let offset = bench.document(anna, KIND, None, &format!("{of_chat}&page[offset]=2&page[limit]=2")).unwrap();
    assert_eq!(ids(&offset), texts([said[4], said[3]]));
    assert_eq!(offset["meta"]["total"], 7);
    said.reverse();
    assert_eq!(walk(&bench, bert, &format!("{of_chat}&page[size]=2")), texts(said));
}

#[test]
fn a_page_stays_where_it_is_while_messages_come() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (_, chat) = bench.direct(anna, bert);
    let said: Vec<Id> = (0..4).map(|n| bench.say(anna, chat, &n.to_string())).collect();
    let query = format!("filter[chat]={chat}&page[size]=2");
    let first = bench.document(bert, KIND, None, &query).unwrap();
    bench.say(anna, chat, "New");
    let page = |link: &Value| {
        let query = link.as_str().unwrap().split_once('?').unwrap().1.to_owned();
        bench.document(bert, KIND, None, &query).unwrap()
    };
    let second = page(&first["links"]["next"]);
    assert_eq!(ids(&second), texts([said[1], said[0]]));
    assert_eq!(ids(&page(&second["links"]["prev"])), texts([said[3], said[2]]));
}

#[test]
fn messages_of_all_chats_are_merged() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let chats = [bench.direct(anna, bert).1, bench.direct(carl, anna).1, bench.group(anna, &[bert, carl])];
    let (_, foreign) = bench.direct(bert, carl);
    let mut said = Vec::new();
    for n in 0..12 {
        said.push(bench.say(anna, chats[n % 3], &n.to_string()));
        bench.say(bert, foreign, "Not for Anna");
        // Otherwise messages of two chats can have one instant, and their ids decide.
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert_eq!(walk(&bench, anna, "sort=created_at&page[size]=5"), texts(said.clone()));
    said.reverse();
    assert_eq!(walk(&bench, anna, "page[size]=1"), texts(said.clone()));
    assert!(walk(&bench, anna, &format!("filter[author]=in:{bert},{carl}")).is_empty());
    assert_eq!(walk(&bench, anna, &format!("page[size]=2&filter[chat]=in:{},{foreign}", chats[0])).len(), 4);
    let others = bench.document(anna, KIND, None, "filter[author]=!eq:00000000-0000-0000-0000-000000000000");
    assert_eq!(ids(&others.unwrap()), texts(said.clone()));
    assert_eq!(walk(&bench, bert, &format!("filter[author]={anna}&page[size]=3")).len(), 8);
    let total = bench.document(anna, KIND, None, "page[total]=true&page[size]=2").unwrap();
    assert_eq!(total["meta"]["page"]["total"], 12);
    bench.delete(anna, "chat", chats[1]).unwrap();
    let left: Vec<Id> = said.iter().enumerate().filter(|(n, _)| (11 - n) % 3 != 1).map(|(_, id)| *id).collect();
    assert_eq!(walk(&bench, anna, "page[size]=3"), texts(left));
}

#[test]
fn a_merged_list_is_neither_counted_through_nor_searched() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (_, chat) = bench.direct(anna, bert);
    let first = bench.say(bert, chat, "Über 100 %");
    let answer = reply(&bench, anna, chat, first).unwrap();
    for query in ["page[number]=1", "page[offset]=0", "page[limit]=5"] {
        assert_eq!(problems(bench.document(anna, KIND, None, query)), ["page_invalid "], "{query}");
        for within in [format!("filter[chat]={chat}"), format!("filter[parent]={first}")] {
            assert!(bench.document(anna, KIND, None, &format!("{query}&{within}")).is_ok());
        }
    }
    assert_eq!(problems(bench.document(anna, KIND, None, "filter[content]=ct:a")), ["filter_invalid "]);
    let found = |text: &str| bench.ids(anna, KIND, &format!("filter[chat]={chat}&filter[content]=ct:{text}"));
    assert_eq!(found("%C3%BCBER"), texts([first]));
    assert_eq!(found("0%20%25"), texts([first]));
    assert_eq!(found("reply"), texts([answer]));
    assert!(found("0_%25").is_empty());
    assert_eq!(problems(bench.document(anna, KIND, None, "sort=content")), ["sort_unknown "]);
}

#[test]
fn messages_are_found_by_what_they_are() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert, carl]);
    let first = bench.say(anna, group, "First");
    let second = bench.say(bert, group, "Second");
    let answer = reply(&bench, carl, group, first).unwrap();
    let of = |viewer, filter: &str| bench.ids(viewer, KIND, filter);
    assert_eq!(of(anna, &format!("filter[parent]={first}")), texts([answer]));
    assert_eq!(
        bench.related(anna, ("message", first, "replies"), "").map(|document| ids(&document)).unwrap(),
        texts([answer])
    );
    assert_eq!(of(anna, &format!("filter[chat]={group}&filter[author]={bert}")), texts([second]));
    assert_eq!(of(anna, "filter[is_new]=true"), texts([answer, second]));
    assert_eq!(of(anna, &format!("filter[chat]={group}&filter[is_new]=false")), texts([first]));
    assert_eq!(of(carl, "filter[is_new]=true&filter[is_reply]=false"), texts([second, first]));
    let at = bench.show(anna, KIND, second).unwrap()["attributes"]["created_at"].as_str().unwrap().to_owned();
    let since = of(anna, &format!("filter[chat]={group}&filter[created_at]=gte:{at}"));
    assert!(since.contains(&second.to_string()) && since.contains(&answer.to_string()));
    assert_eq!(of(anna, &format!("filter[id]=in:{first},{}", Id::new())), texts([first]));
    bench.delete(bert, KIND, second).unwrap();
    assert_eq!(of(anna, "filter[deleted]=true"), texts([second]));
    assert_eq!(of(anna, "filter[is_new]=true"), texts([answer]));
}

#[test]
fn nobody_else_sees_messages() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let (_, chat) = bench.direct(anna, bert);
    let said = bench.say(anna, chat, "Hi");
    assert_eq!(problems(bench.show(carl, KIND, said)), ["not_found "]);
    assert_eq!(problems(bench.delete(carl, KIND, said)), ["not_found "]);
    assert_eq!(problems(bench.related(carl, ("chat", chat, "messages"), "")), ["not_found "]);
    for filter in [format!("filter[chat]={chat}"), format!("filter[author]={anna}"), format!("filter[id]={said}")] {
        assert!(bench.ids(carl, KIND, &filter).is_empty(), "{filter}");
    }
    assert!(bench.ids(carl, KIND, "").is_empty());
}
