//! URLs beside those of resources: pages that are the same for everybody, and what takes a token.

use super::{Line, VERBS, assert_silent, beside, table};
use crate::cast::{World, world};
use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use futures_util::future::join_all;

/// Everybody, and nobody: without a token, and with one that is good no more.
fn all(world: &World) -> impl Iterator<Item = (&'static str, Option<&User>)> {
    let nobody = [("nobody", None), ("removed", Some(&world.removed))];
    world.actors().into_iter().map(|(name, user)| (name, Some(user))).chain(nobody)
}

/// The answers to one request.
async fn ask<'a>(
    app: &TestApp,
    who: impl Iterator<Item = (&'static str, Option<&'a User>)>,
    method: &str,
    url: &str,
) -> Vec<(&'static str, Answer)> {
    let asked = who.map(|(name, user)| async move {
        let client = user.map_or_else(|| app.as_nobody(), |user| app.as_user(user));
        (name, client.request(method.parse().expect("a method"), url).send().await)
    });
    join_all(asked).await
}

/// With something in the place of what the route leaves open.
fn url(app: &TestApp, line: &Line) -> String {
    let path = line.route.replace(":id", crate::cast::UNKNOWN).replace(":type", "chat").replace(":code", "not_found");
    format!("{}{path}", app.origin())
}

async fn pages_are_the_same_for_everybody(app: &TestApp) {
    let world = world(app).await;
    for line in beside() {
        for (verb, method) in VERBS.map(|verb| (verb, verb)).into_iter().chain([("GET", "HEAD")]) {
            let cell = line.cells[verb].as_str();
            let answers = ask(app, all(&world), method, &url(app, &line)).await;
            let expected = match cell {
                "-" => 405,
                "any" => 401,
                _ => 200,
            };
            let is_meant = |name: &str| cell != "any" || matches!(name, "nobody" | "removed");
            for (name, answer) in answers.iter().filter(|(name, _)| is_meant(name)) {
                assert!(answer.status == expected, "{name} expects {expected}: {answer}");
                let is_same = cell == "any" || answer.body == answers[0].1.body;
                assert!(is_same, "{name} is answered otherwise: {answer}");
                assert_silent(&world, name, "", answer);
            }
        }
    }
}

/// Which methods there are is known of every URL, whatever is behind it.
async fn options_are_the_same_for_everybody(app: &TestApp) {
    let world = world(app).await;
    for line in table() {
        let answers = ask(app, all(&world), "OPTIONS", &url(app, &line)).await;
        for (name, answer) in &answers {
            assert!(answer.status == 204 && answer.body.is_empty(), "{name}: {answer}");
            assert_eq!(answer.header("allow"), answers[0].1.header("allow"), "{name}: {answer}");
        }
        let allow = answers[0].1.header("allow").expect("methods");
        for (verb, cell) in &line.cells {
            assert_eq!(allow.contains(verb), !matches!(cell.as_str(), "-" | "403"), "{verb}: {}", answers[0].1);
        }
    }
}

on_both_databases![pages_are_the_same_for_everybody, options_are_the_same_for_everybody];
