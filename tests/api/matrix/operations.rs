//! Every write once more as an atomic operation: by `ref` and by `href`, as everybody.
//!
//! What is 403 or 404 alone is so as an operation, and takes the operations around it back.

use super::ask::{document_for, wanted};
use super::samples::{Sample, samples};
use super::{Line, assert_alike, assert_silent, everything, lines};
use crate::cast::{UNKNOWN, World, world};
use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tertulia::resources::registry;

/// How an operation names its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Ref,
    Href,
}

const VERBS: [(&str, &str); 3] = [("POST", "add"), ("PATCH", "update"), ("DELETE", "remove")];

/// The operation that does what `verb` does on the route, if there is one.
fn operation(world: &World, line: &Line, verb: &str, sample: &Sample, by: By) -> Option<Value> {
    let op = VERBS.into_iter().find(|(known, _)| *known == verb)?.1;
    let registry = registry();
    let entry = registry.entries().iter().find(|entry| entry.path == sample.path)?;
    let data = document_for(world, &line.route, verb, sample).map(|mut document| document["data"].take());
    let segments: Vec<&str> = line.route.split('/').skip(1).collect();
    let mut operation = json!({ "op": op });
    match (&segments[..], by) {
        _ if line.cells[verb] == "-" => return None,
        (_, By::Href) => operation["href"] = json!(line.route[1..].replace(":id", &sample.id)),
        ([_], By::Ref) => {}
        ([_, ":id"], By::Ref) => operation["ref"] = json!({ "type": entry.kind, "id": sample.id }),
        ([_, ":id", "relationships", name], By::Ref) => {
            operation["ref"] = json!({ "type": entry.kind, "id": sample.id, "relationship": name });
        }
        // Only an `href` leads to what is related.
        _ => return None,
    }
    if verb != "DELETE" || line.route.contains("/relationships/") {
        let data = data.unwrap_or_default();
        // What is added and removed are members, whatever the relationship.
        let are_members = line.route.contains("/relationships/") && verb != "PATCH" && data.is_null();
        operation["data"] = if are_members { json!([]) } else { data };
    }
    Some(operation)
}

async fn operate(app: &TestApp, user: Option<&User>, operation: &Value) -> Answer {
    let client = user.map_or_else(|| app.as_nobody(), |user| app.as_user(user));
    let document = json!({ "atomic:operations": [operation] });
    client.request(Method::POST, "/operations").document(&document).atomic().send().await
}

/// Every write as an operation on a sample.
fn all<'a>(
    world: &'a World,
    lines: &'a [Line],
    sample: &'a Sample,
) -> impl Iterator<Item = (&'a Line, &'static str, By, Value)> {
    let of_type = lines.iter().filter(|line| line.route.split('/').nth(1) == Some(sample.path));
    let verbs = of_type.flat_map(|line| VERBS.map(|(verb, _)| (line, verb)));
    let ways = verbs.flat_map(|(line, verb)| [By::Ref, By::Href].map(|by| (line, verb, by)));
    ways.filter_map(|(line, verb, by)| Some((line, verb, by, operation(world, line, verb, sample, by)?)))
}

async fn operations_are_refused_as_requests_are(app: &TestApp) {
    let world = world(app).await;
    let before = everything(app, &world).await;
    let (lines, samples) = (lines(), samples(&world));
    let mut tried = 0;
    for (at, sample) in samples.iter().enumerate() {
        let is_first = samples[..at].iter().all(|other| other.path != sample.path);
        for (line, verb, _, operation) in all(&world, &lines, sample) {
            if !line.route.contains(":id") && !is_first {
                continue;
            }
            let asked = world.actors().into_iter().map(|(name, user)| {
                // Nobody signs up or in by an operation.
                let is_anonymous = line.cells[verb] == "all";
                let wanted = if is_anonymous { &[403] } else { wanted(&world, line, verb, sample, name) };
                (name, Some(user), wanted)
            });
            let nobody: &[u16] = &[401];
            let asked = asked.chain([("nobody", None, nobody), ("removed", Some(&world.removed), nobody)]);
            let asked = asked.filter(|(.., wanted)| !wanted.is_empty());
            let answers = asked.map(|(name, user, wanted)| {
                let operation = &operation;
                async move { (name, wanted, operate(app, user, operation).await) }
            });
            for (name, wanted, answer) in join_all(answers).await {
                assert!(wanted.contains(&answer.status), "{name} expects {wanted:?} of {operation}: {answer}");
                assert_silent(&world, name, &operation.to_string(), &answer);
                tried += 1;
            }
        }
    }
    assert!(tried > 2000, "only {tried} operations");
    assert_eq!(before, everything(app, &world).await, "somebody changed something they may not");
}

async fn operations_on_the_unseen_are_as_those_on_the_unknown(app: &TestApp) {
    let world = world(app).await;
    let mut lines = lines();
    // What is refused to everybody is refused before anybody looks.
    lines
        .iter_mut()
        .flat_map(|line| line.cells.values_mut())
        .filter(|cell| *cell == "403")
        .for_each(|cell| *cell = "-".to_owned());
    for sample in samples(&world) {
        let unknown = Sample { id: UNKNOWN.to_owned(), ..sample };
        let both = all(&world, &lines, &sample).zip(all(&world, &lines, &unknown));
        for ((line, _, _, real), (.., unreal)) in both {
            if !line.route.contains(":id") {
                continue;
            }
            let unseeing = world.actors().into_iter().filter(|(name, _)| !sample.seen_by.contains(name));
            let asked = unseeing.map(|(name, user)| {
                let (real, unreal) = (&real, &unreal);
                async move { (name, operate(app, Some(user), real).await, operate(app, Some(user), unreal).await) }
            });
            for (name, real, unreal) in join_all(asked).await {
                assert_alike(name, &sample.id, &real, &unreal);
            }
        }
    }
}

/// Each write of the table once, the ones that take away last.
async fn those_who_may_can_by_operations(app: &TestApp) {
    let world = world(app).await;
    let (lines, samples) = (lines(), samples(&world));
    let mut tried = 0;
    for wanted in VERBS.map(|(verb, _)| verb) {
        let mut lines: Vec<&Line> =
            lines.iter().filter(|line| !matches!(&*line.cells[wanted], "-" | "403" | "all")).collect();
        if wanted == "DELETE" {
            lines.reverse();
        }
        for line in lines {
            let sample = samples.iter().find(|sample| line.route.split('/').nth(1) == Some(sample.path));
            let sample = sample.expect("a sample of every type");
            let right = line.cells[wanted].as_str();
            let may = |name: &str| match right {
                "any" => true,
                "see" => sample.seen_by.contains(&name),
                right => sample.has_right(right, name),
            };
            let Some((name, user)) = world.actors().into_iter().find(|(name, _)| may(name)) else { continue };
            // What is gone can't be removed a second time.
            let ways = if wanted == "DELETE" { &[By::Ref][..] } else { &[By::Ref, By::Href] };
            for operation in ways.iter().filter_map(|by| operation(&world, line, wanted, sample, *by)) {
                let answer = operate(app, Some(user), &operation).await;
                let is_refused = matches!(answer.status, 400 | 401 | 403 | 404 | 405) || answer.status >= 500;
                assert!(!is_refused, "{name} may {right} by {operation}: {answer}");
                assert_silent(&world, name, &operation.to_string(), &answer);
                tried += 1;
            }
        }
    }
    assert!(tried >= 25, "only {tried} operations");
}

on_both_databases![
    operations_are_refused_as_requests_are,
    operations_on_the_unseen_are_as_those_on_the_unknown,
    those_who_may_can_by_operations,
];
