//! Conditions that only the unseen could meet: along every path of relationships, from every list.
//!
//! ```text
//! any(parent,any(chat,or(in(id,'…'),ct(title,'Xanadu'))))    messages whose parent's chat is one that I can't see
//! ```
//! A path goes on as far as the bounds of an expression allow.

use super::ask::total;
use super::samples::{Sample, samples, secrets};
use crate::cast::{World, world};
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use futures_util::future::join_all;
use tertulia::resource::plan::include::DEPTH;
use tertulia::resource::registry::{Entry, Relationship};
use tertulia::resources::registry;

/// Below the bounds of a request: rows that are looked at for one, functions, and bytes.
const MOST_COST: u64 = 250;
const MOST_NODES: usize = 60;
const MOST_BYTES: usize = 4000;
/// What a relationship to many counts for.
const MANY: u64 = 10;

/// A condition, and what it takes.
struct Condition {
    text: String,
    cost: u64,
    nodes: usize,
}

/// What holds for a resource of this type only if its viewer can't see it, or sees what is none of their business.
fn leaf(world: &World, of: &Entry, (name, user): (&str, &User)) -> Option<(String, usize)> {
    let unseen = samples(world).into_iter().filter(|it| it.path == of.path && !it.seen_by.contains(&name));
    let ids: Vec<String> = unseen.map(|Sample { id, .. }| format!("'{id}'")).collect();
    let mut any = Vec::new();
    if !ids.is_empty() {
        any.push(format!("in(id,{})", ids.join(",")));
    }
    let texts = secrets(world).into_iter().filter(|(_, seen_by)| !seen_by.contains(&name)).map(|(text, _)| text);
    let field = match of.kind {
        "chat" => Some("title"),
        "message" => Some("content"),
        "attachment" => Some("name"),
        "user" => Some("email"),
        _ => None,
    };
    let is_id = |text: &str| text.len() == 36;
    any.extend(
        field.into_iter().flat_map(|field| {
            texts.clone().filter(|text| !is_id(text)).map(move |text| format!("ct({field},'{text}')"))
        }),
    );
    // Fields that only their owner sees are null in the rows of all others.
    let own = match of.kind {
        "user" => Some(format!("eq(id,'{}')", user.id)),
        "chat_membership" => Some(format!("any(user,eq(id,'{}'))", user.id)),
        _ => None,
    };
    let private: Vec<String> = of
        .attributes
        .iter()
        .filter(|it| it.field.hidden_from_some && it.field.expr.is_some())
        .map(|it| format!("present({})", it.field.name))
        .collect();
    let mut nodes = any.len() + 1;
    if let Some(own) = own {
        nodes += private.len() + 5;
        any.push(format!("and(not({own}),or({}))", private.join(",")));
    }
    match any.len() {
        0 => None,
        1 => Some((any.remove(0), nodes)),
        _ => Some((format!("or({})", any.join(",")), nodes)),
    }
}

/// The conditions of all paths of at most so many steps; `rows` are looked at already.
fn conditions(world: &World, from: &Entry, who: (&str, &User), steps: usize, rows: u64) -> Vec<Condition> {
    let registry = registry();
    // One more for the membership's user.
    let own = leaf(world, from, who).map(|(text, nodes)| Condition { text, cost: rows, nodes });
    let mut all: Vec<Condition> = own.into_iter().collect();
    for name in from.quantified_names().filter(|_| steps > 0) {
        let found = from.relationship(name).expect("a relationship");
        let target = registry.find(from.relationship_target(found)).expect("a type");
        let rows_there = if matches!(found, Relationship::Many(_)) { rows * MANY } else { rows };
        if rows_there > MOST_COST / 2 {
            continue;
        }
        all.extend(conditions(world, target, who, steps - 1, rows_there).into_iter().map(|inner| Condition {
            text: format!("any({name},{})", inner.text),
            cost: inner.cost + rows_there,
            nodes: inner.nodes + 1,
        }));
    }
    all.retain(|condition| condition.cost <= MOST_COST);
    all
}

/// Expressions that have all of the conditions, each within the bounds.
fn expressions(conditions: Vec<Condition>) -> Vec<String> {
    let mut all: Vec<Condition> = Vec::new();
    for next in conditions {
        match all.last_mut() {
            Some(last)
                if last.cost + next.cost <= MOST_COST
                    && last.nodes + next.nodes < MOST_NODES
                    && last.text.len() + next.text.len() < MOST_BYTES =>
            {
                last.text = format!("{},{}", last.text, next.text);
                last.cost += next.cost;
                last.nodes += next.nodes;
            }
            _ => all.push(next),
        }
    }
    // An `or` of one is none.
    all.into_iter().map(|it| format!("or({},eq(id,'{}'))", it.text, crate::cast::UNKNOWN)).collect()
}

async fn no_expression_finds_the_unseen(app: &TestApp) {
    let world = world(app).await;
    let samples = samples(&world);
    let mut asked = 0;
    for entry in registry().entries().iter().filter(|entry| entry.can.list) {
        for (name, user) in world.actors() {
            // A list that is merged takes expressions within one of its parts.
            let of_chat = samples.iter().filter(|it| it.path == "chats" && it.seen_by.contains(&name));
            let within: Vec<String> = match entry.parts {
                Some(_) => of_chat.map(|chat| format!("&filter[chat]={}&page[number]=1", chat.id)).collect(),
                None => vec![total(entry).to_owned()],
            };
            let expressions = expressions(conditions(&world, entry, (name, user), DEPTH - 1, 1));
            let urls = expressions.iter().flat_map(|expression| {
                within.iter().map(move |within| format!("/{}?filter={expression}{within}", entry.path))
            });
            let answers = join_all(urls.map(|url| async move { app.as_user(user).get(&url).await })).await;
            for answer in answers {
                assert!(answer.status == 200, "{name}: {answer}");
                assert!(answer.ids().is_empty(), "{name} finds what they can't see: {answer}");
                assert_eq!(answer.document()["meta"]["total"], 0, "{name}: {answer}");
                asked += 1;
            }
        }
    }
    assert!(asked > 200, "only {asked} expressions");
}

on_both_databases![no_expression_finds_the_unseen];
