//! Every route by every verb, every include path, filter and sort, as everybody: who gets what, and that nothing leaks.
//!
//! The routes are those of the registry, and those that the server mounts beside them; `spec/routes.tsv` says who may do
//! what there:
//!
//! | cell | |
//! |---|---|
//! | `-` | 405 |
//! | `403` | 403 for everybody, before anybody looks |
//! | `all`, `any` | without a token; with one |
//! | `see` | who sees the resource |
//! | a right | who has it (`samples`); 403 for others who see the resource |
//!
//! Who doesn't see a resource gets 404, the same as for an id that nothing has.

mod ask;
mod beside;
mod changes;
mod operations;
mod samples;
mod search;

use self::ask::{document_for, wanted};
use self::samples::{EVERYBODY, Sample, samples, secrets};
use crate::cast::{UNKNOWN, World, Write, send, world};
use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use futures_util::future::join_all;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tertulia::http::paths_beside;
use tertulia::resource::plan::include::DEPTH;
use tertulia::resource::registry::Entry;
use tertulia::resources::registry;

pub(crate) const VERBS: [&str; 5] = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/// A line of `spec/routes.tsv`.
struct Line {
    route: String,
    cells: BTreeMap<&'static str, String>,
}

/// Where the URLs of resources are.
const BASE: &str = "/api/v1";

/// The whole table, with whole paths.
fn table() -> Vec<Line> {
    let text = include_str!("../../spec/routes.tsv");
    let line = |line: &str| {
        let mut columns = line.split('\t').map(str::to_owned);
        let route = columns.next().unwrap_or_default();
        Line { route, cells: VERBS.into_iter().zip(columns).collect() }
    };
    text.lines().skip(1).map(line).collect()
}

/// The lines of URLs beside those of resources.
fn beside() -> Vec<Line> {
    let paths: BTreeSet<String> = paths_beside().map(as_written).collect();
    table().into_iter().filter(|line| paths.contains(&line.route)).collect()
}

/// All other lines, below the base.
fn lines() -> Vec<Line> {
    let beside: BTreeSet<String> = paths_beside().map(as_written).collect();
    let below = |line: Line| Line { route: line.route.trim_start_matches(BASE).to_owned(), ..line };
    table().into_iter().filter(|line| !beside.contains(&line.route)).map(below).collect()
}

/// `/errors/{code}` as `/errors/:code`
fn as_written(pattern: &str) -> String {
    pattern.replace('{', ":").replace('}', "")
}

/// `/messages/:id/relationships/author`
fn routes_of(entry: &Entry) -> Vec<String> {
    let (collection, one) = (format!("{BASE}/{}", entry.path), format!("{BASE}/{}/:id", entry.path));
    let both = |name: &str| [format!("{one}/{name}"), format!("{one}/relationships/{name}")];
    let related: Vec<String> = entry.relationship_names().flat_map(both).collect();
    let contents = entry.contents.iter().map(|content| format!("{one}/{}", content.name));
    [collection, one.clone()].into_iter().chain(related).chain(contents).collect()
}

#[test]
fn every_route_has_a_line() {
    let registry = registry();
    let of_types = registry.entries().iter().flat_map(|entry| routes_of(entry));
    let routes: BTreeSet<String> = of_types.chain(paths_beside().map(as_written)).collect();
    let lines: Vec<String> = table().into_iter().map(|line| line.route).collect();
    let known: BTreeSet<String> = lines.iter().cloned().collect();
    assert_eq!(lines.len(), known.len(), "a route has one line");
    let missing: Vec<_> = routes.difference(&known).collect();
    let gone: Vec<_> = known.difference(&routes).collect();
    assert!(missing.is_empty() && gone.is_empty(), "spec/routes.tsv lacks {missing:#?} and has {gone:#?} too much");
    assert!(table().iter().all(|line| line.cells.len() == VERBS.len()), "and a cell for every verb");
}

/// What the server mounts is what [`every_route_has_a_line`] knows of.
#[test]
fn nothing_is_mounted_elsewhere() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http");
    let files = std::fs::read_dir(directory).expect("the sources").map(|file| file.expect("a file").path());
    let mounting = files.filter(|file| file.is_file()).filter(|file| {
        let source = std::fs::read_to_string(file).expect("a source");
        [".service(", "web::scope(", ".configure("].iter().any(|call| source.contains(call))
    });
    let names: BTreeSet<String> =
        mounting.map(|file| file.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["routes.rs", "server.rs"].map(str::to_owned).into());
}

/// The table of who may, tried out: reads, and writes by those who may not, on every sample.
async fn everybody_gets_what_the_table_says(app: &TestApp) {
    let world = world(app).await;
    let before = everything(app, &world).await;
    let samples = samples(&world);
    for line in lines() {
        let of_route = samples.iter().filter(|sample| line.route.starts_with(&format!("/{}", sample.path)));
        let of_route: Vec<&Sample> =
            of_route.filter(|sample| line.route.split('/').nth(1) == Some(sample.path)).collect();
        assert!(!of_route.is_empty(), "{} needs a sample", line.route);
        let is_collection = !line.route.contains(":id");
        for sample in of_route.into_iter().take(if is_collection { 1 } else { usize::MAX }) {
            for verb in VERBS {
                try_out(app, &world, &line, sample, (verb, verb)).await;
            }
            try_out(app, &world, &line, sample, ("GET", "HEAD")).await;
        }
    }
    assert_eq!(before, everything(app, &world).await, "somebody changed something they may not");
}

/// `HEAD` is the business of who may `GET`.
async fn try_out(app: &TestApp, world: &World, line: &Line, sample: &Sample, (verb, method): (&str, &str)) {
    let (url, cell) = (line.route.replace(":id", &sample.id), line.cells[verb].as_str());
    let write: Write = (method.parse().expect("a method"), url, document_for(world, &line.route, verb, sample));
    let asked = world.actors().into_iter().filter_map(|(name, user)| {
        let wanted = wanted(world, line, verb, sample, name);
        (!wanted.is_empty()).then_some((name, Some(user), wanted))
    });
    let of_nobody: &[u16] = match cell {
        "-" => &[405],
        "403" => &[403],
        "all" => &[],
        _ => &[401],
    };
    let nobody = [("nobody", None, of_nobody), ("removed", Some(&world.removed), of_nobody)];
    let asked = asked.chain(nobody.into_iter().filter(|(.., wanted)| !wanted.is_empty()));
    let answers = asked.map(|(name, user, wanted): (_, Option<&User>, _)| {
        let write = &write;
        async move { (name, wanted, send(app, user, write).await) }
    });
    for (name, wanted, answer) in join_all(answers).await {
        assert!(wanted.contains(&answer.status), "{name} expects {wanted:?} ({cell}): {answer}");
        assert!(method != "HEAD" || answer.body.is_empty(), "{answer}");
        assert_silent(world, name, &write.1, &answer);
    }
}

/// Nothing in the answer that `name` may not know, unless they said it themselves.
#[track_caller]
fn assert_silent(world: &World, name: &str, said: &str, answer: &Answer) {
    let text = String::from_utf8_lossy(&answer.body);
    for (secret, seen_by) in secrets(world) {
        let may = seen_by.contains(&name) || said.contains(&secret);
        assert!(may || !text.contains(&secret), "{name} reads {secret}: {answer}");
    }
}

/// All that the matrix is about, as those see it who see most.
async fn everything(app: &TestApp, world: &World) -> Vec<Value> {
    let mut all = Vec::new();
    for (user, urls) in [
        (
            &world.admin,
            ["/chats?include=chat_memberships,members", "/messages?include=reactions,attachments", "/users"],
        ),
        (&world.member, ["/chat_requests?include=chat", "/chat_memberships", "/messages"]),
        (&world.deleter, ["/chat_memberships", "/chats", "/direct_conversations"]),
    ] {
        for url in urls {
            all.push(app.as_user(user).get(url).await.assert_status(200).document().clone());
        }
    }
    all
}

/// Those who may are not refused: each write of the table once, the ones that take away last.
async fn those_who_may_can(app: &TestApp) {
    let world = world(app).await;
    let samples = samples(&world);
    let order = |verb: &str| -> Vec<Line> {
        let lines = lines().into_iter().filter(|line| !matches!(line.cells[verb].as_str(), "-" | "403"));
        if verb == "DELETE" { lines.rev().collect() } else { lines.collect() }
    };
    let mut tried = 0;
    for verb in ["POST", "PATCH", "PUT", "DELETE"] {
        for line in order(verb) {
            let sample = samples.iter().find(|sample| line.route.split('/').nth(1) == Some(sample.path));
            let sample = sample.expect("a sample of every type");
            let right = line.cells[verb].as_str();
            let may = |name: &str| match right {
                "all" | "any" => true,
                "see" => sample.seen_by.contains(&name),
                right => sample.has_right(right, name),
            };
            let Some((name, user)) = world.actors().into_iter().find(|(name, _)| may(name)) else { continue };
            let document = document_for(&world, &line.route, verb, sample);
            let write = (verb.parse().expect("a method"), line.route.replace(":id", &sample.id), document);
            let answer = send(app, Some(user), &write).await;
            let is_refused = matches!(answer.status, 401 | 403 | 404 | 405) || answer.status >= 500;
            assert!(!is_refused, "{name} may {right}: {answer}");
            tried += 1;
        }
    }
    assert!(tried >= 20, "only {tried} writes");
}

/// An id that nothing has, and one of something that they can't see, are one to those who can't.
async fn the_unseen_is_as_the_unknown_on_every_route(app: &TestApp) {
    let world = world(app).await;
    let samples = samples(&world);
    let lines = lines();
    let mut unknown: BTreeMap<(String, &str, &str), Answer> = BTreeMap::new();
    for sample in &samples {
        let routes = lines.iter().filter(|line| line.route.starts_with(&format!("/{}/:id", sample.path)));
        let asked = routes.flat_map(|line| VERBS.map(|verb| (line, verb)));
        // Those are refused before anybody looks.
        for (line, verb) in asked.filter(|(line, verb)| !matches!(line.cells[verb].as_str(), "-" | "403")) {
            let unseeing = world.actors().into_iter().filter(|(name, _)| !sample.seen_by.contains(name));
            let both = unseeing.map(|(name, user)| {
                let [real, unreal] = [sample.id.as_str(), UNKNOWN].map(|id| {
                    let document = document_for(&world, &line.route, verb, &Sample { id: id.to_owned(), ..*sample });
                    (verb.parse().expect("a method"), line.route.replace(":id", id), document)
                });
                let is_new = !unknown.contains_key(&(line.route.clone(), verb, name));
                let unreal = is_new.then_some(unreal);
                async move {
                    let unreal = match &unreal {
                        Some(unreal) => Some(send(app, Some(user), unreal).await),
                        None => None,
                    };
                    (name, send(app, Some(user), &real).await, unreal)
                }
            });
            for (name, real, unreal) in join_all(both).await {
                let key = (line.route.clone(), verb, name);
                unknown.extend(unreal.map(|unreal| (key.clone(), unreal)));
                assert_alike(name, &sample.id, &real, &unknown[&key]);
            }
        }
    }
}

#[track_caller]
fn assert_alike(name: &str, id: &str, real: &Answer, unreal: &Answer) {
    assert!(real.status == unreal.status, "{name} tells them apart: {real}\n{unreal}");
    let text = String::from_utf8_lossy(&real.body).replace(id, UNKNOWN);
    assert_eq!(text, String::from_utf8_lossy(&unreal.body), "{name} tells them apart: {}", real.request);
}

/// Every include path of all the steps that there may be, from every list and every resource; who doesn't see where it
/// begins sees nothing whatever it is.
async fn no_include_path_leads_to_what_its_viewer_can_not_see(app: &TestApp) {
    let world = world(app).await;
    let samples = samples(&world);
    let mut shown = 0;
    for entry in registry().entries() {
        for (at, include) in ask::includes(entry, DEPTH).into_iter().enumerate() {
            let mut urls: Vec<(String, &[&str])> = Vec::new();
            if entry.can.list {
                urls.push((format!("/{}?page[size]=100&include={include}", entry.path), EVERYBODY));
            }
            let of_type = samples.iter().filter(|sample| sample.path == entry.path);
            urls.extend(of_type.map(|it| (format!("/{}/{}?include={include}", it.path, it.id), it.seen_by)));
            for (url, seen_by) in urls {
                let asking = world.actors().into_iter().filter(|(name, _)| at == 0 || seen_by.contains(name));
                shown += included(app, &world, asking, (&url, seen_by)).await;
            }
        }
    }
    assert!(shown > 100, "only {shown} answers included anything: this proves little");
}

/// The same from where a relationship leads, and from its linkage.
async fn no_relationship_includes_what_its_viewer_can_not_see(app: &TestApp) {
    let world = world(app).await;
    let mut shown = 0;
    for sample in samples(&world) {
        let registry = registry();
        let entry = registry.entries().iter().find(|entry| entry.path == sample.path).expect("a type");
        for name in entry.relationship_names() {
            let found = entry.relationship(name).expect("a relationship");
            let target = registry.find(entry.relationship_target(found)).expect("a type");
            let below: Vec<&str> = target.includable_names().collect();
            let mut urls = vec![format!("/{}/{}/{name}?include={}", sample.path, sample.id, below.join(","))];
            if entry.is_includable(found) {
                let below = below.iter().map(|next| format!("{name}.{next}")).collect::<Vec<_>>().join(",");
                urls.push(format!("/{}/{}/relationships/{name}?include={below}", sample.path, sample.id));
            }
            for url in urls {
                let seeing = world.actors().into_iter().filter(|(actor, _)| sample.seen_by.contains(actor));
                let private = ["inbox", "last_read_message"].contains(&name);
                let own = |actor: &str| !private || sample.has_right("self", actor);
                let seeing = seeing.filter(|(actor, _)| own(actor));
                shown += included(app, &world, seeing, (&url, sample.seen_by)).await;
            }
        }
    }
    assert!(shown > 100, "only {shown} answers included anything: this proves little");
}

/// How many answers include anything.
async fn included<'a>(
    app: &TestApp,
    world: &World,
    asking: impl Iterator<Item = (&'static str, &'a User)>,
    (url, seen_by): (&str, &[&str]),
) -> usize {
    let asked = asking.map(|(name, user)| async move { (name, app.as_user(user).get(url).await) });
    let mut shown = 0;
    for (name, answer) in join_all(asked).await {
        let expected = if seen_by.contains(&name) { 200 } else { 404 };
        assert!(answer.status == expected, "{name} expects {expected}: {answer}");
        assert_silent(world, name, url, &answer);
        shown += usize::from(answer.status == 200 && !answer.included().is_empty());
    }
    shown
}

/// Every filter by id, and every sort, of every list: what one can't see changes nothing.
async fn no_filter_sort_or_count_tells_of_the_unseen(app: &TestApp) {
    let world = world(app).await;
    let samples = samples(&world);
    for entry in registry().entries().iter().filter(|entry| entry.can.list) {
        let filters = ask::filters_by_id(entry);
        let sorts = ask::sorts(entry);
        for (name, user) in world.actors() {
            let client = app.as_user(user);
            for (key, target) in &filters {
                // Whether somebody is a member is a search, and takes no operators.
                let operators: &[&str] = if *key == "member" { &[""] } else { &["", "!eq:", "in:"] };
                for operator in operators {
                    let url = |id: &str| format!("/{}?filter[{key}]={operator}{id}{}", entry.path, ask::total(entry));
                    let unreal = client.get(&url(UNKNOWN)).await.assert_status(200);
                    for sample in samples.iter().filter(|it| it.path == *target && !it.seen_by.contains(&name)) {
                        let real = client.get(&url(&sample.id)).await;
                        assert!(real.status == 200, "{name}: {real}");
                        assert_eq!(real.ids(), unreal.ids(), "{name}: {}", real.request);
                        assert_eq!(real.document()["meta"], unreal.document()["meta"], "{name}: {}", real.request);
                    }
                }
            }
            for sort in &sorts {
                let url = format!("/{}?sort={sort}{}", entry.path, ask::total(entry));
                let answer = client.get(&url).await.assert_status(200);
                assert_silent(&world, name, &url, &answer);
            }
        }
    }
}

on_both_databases![
    everybody_gets_what_the_table_says,
    those_who_may_can,
    the_unseen_is_as_the_unknown_on_every_route,
    no_include_path_leads_to_what_its_viewer_can_not_see,
    no_relationship_includes_what_its_viewer_can_not_see,
    no_filter_sort_or_count_tells_of_the_unseen,
];
