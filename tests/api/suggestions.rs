//! One wrong letter in a name, wherever a client writes one: the answer says which name was meant, in both languages.
//!
//! The names are those of the registry, so that a new resource is asked for by itself.

use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::client::{Client, Request};
use crate::support::on_both_databases;
use reqwest::Method;
use serde_json::{Map, Value, json};
use tertulia::jsonapi::{input::Kind, language::Language, params};
use tertulia::resource::registry::{Entry, Relationship};
use tertulia::resource::{OnCreate, Registry};

const ID: &str = "01900000-0000-7000-8000-000000000001";

/// A misspelt word, and what was meant.
type Slip = (String, String);

/// A word with a letter too many.
fn misspelt(word: &str) -> String {
    let (begin, end) = word.split_at(word.len() - 1);
    format!("{begin}q{end}")
}

fn slips<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<Slip> {
    words.into_iter().map(|word| (misspelt(word), word.to_owned())).collect()
}

/// Holds that for each slip an error names what was written and ends with what was meant.
async fn hold(request: impl Fn() -> Request, slips: &[Slip]) {
    for (language, question) in [(Language::English, "Did you mean"), (Language::German, "Meinten Sie")] {
        let answer = request().header("accept-language", language.tag()).send().await;
        let details = details(&answer);
        for (written, meant) in slips {
            let end = format!("{question} `{meant}`?");
            let is_told = |detail: &&str| detail.contains(written.as_str()) && detail.ends_with(&end);
            assert!(details.iter().any(is_told), "`{written}`, not `{meant}`: {details:#?}");
        }
    }
}

fn details(answer: &Answer) -> Vec<&str> {
    let errors = answer.document()["errors"].as_array().unwrap_or_else(|| panic!("{answer}"));
    errors.iter().filter_map(|error| error["detail"].as_str()).collect()
}

fn get(client: &Client, path: &str, query: impl IntoIterator<Item = (String, String)>) -> impl Fn() -> Request {
    let url = format!("{path}?{}", params::encode(query.into_iter()));
    move || client.request(Method::GET, &url)
}

/// A parameter for each slip.
fn each(slips: &[Slip], name: impl Fn(&str) -> String) -> Vec<(String, String)> {
    slips.iter().map(|(written, _)| (name(written), "1".to_owned())).collect()
}

/// One parameter with all of them.
fn all(name: &str, slips: &[Slip]) -> [(String, String); 1] {
    let written: Vec<&str> = slips.iter().map(|(written, _)| written.as_str()).collect();
    [(name.to_owned(), written.join(","))]
}

fn target<'a>(registry: &'a Registry, entry: &Entry, name: &str) -> &'a Entry {
    let relationship = entry.relationship(name).expect("a relationship");
    registry.find(entry.relationship_target(relationship)).expect("a type")
}

fn to_many(entry: &Entry) -> impl Iterator<Item = &'static str> {
    entry.to_many.iter().map(|many| many.name)
}

async fn fields_and_includes_are_set_right(app: &TestApp) {
    let (anna, registry) = (app.user("anna").await, tertulia::resources::registry());
    let client = &app.as_user(&anna);
    let kinds = slips(registry.entries().iter().map(|entry| entry.kind));
    for entry in registry.entries() {
        let path = &format!("/{}/{ID}", entry.path);
        hold(get(client, path, each(&kinds, |kind| format!("fields[{kind}]"))), &kinds).await;
        let shown = entry.attributes.iter().filter(|attribute| attribute.readable);
        let fields = slips(shown.map(|attribute| attribute.field.name).chain(entry.relationship_names()));
        hold(get(client, path, all(&format!("fields[{}]", entry.kind), &fields)), &fields).await;
        let steps = slips(entry.includable_names());
        hold(get(client, path, all("include", &steps)), &steps).await;
        for name in entry.includable_names() {
            let further = slips(target(&registry, entry, name).includable_names());
            let paths: Vec<Slip> =
                further.iter().map(|(written, meant)| (format!("{name}.{written}"), meant.clone())).collect();
            hold(get(client, path, all("include", &paths)), &paths).await;
        }
    }
}

/// A name like none that there is: the answer lists them all, in both languages.
async fn names_like_none_are_answered_with_all_there_are(app: &TestApp) {
    let (anna, registry) = (app.user("anna").await, tertulia::resources::registry());
    let client = &app.as_user(&anna);
    let hold = async |query: (String, &str), names: Vec<&str>| {
        for (language, begin) in [(Language::English, " There are"), (Language::German, " Es gibt")] {
            let request = get(client, "/chats", [(query.0.clone(), query.1.to_owned())])();
            let answer = request.header("accept-language", language.tag()).send().await.assert_status(400);
            let end = format!("{begin} `{}`.", names.join("`, `"));
            assert!(details(&answer)[0].ends_with(&end), "{end}: {answer}");
        }
    };
    let chat = registry.find("chat").expect("a type");
    let shown = chat.attributes.iter().filter(|attribute| attribute.readable).map(|attribute| attribute.field.name);
    hold(("sort".to_owned(), "zyxwvut"), chat.sort_words().collect()).await;
    hold(("include".to_owned(), "zyxwvut"), chat.includable_names().collect()).await;
    hold(("fields[zyxwvut]".to_owned(), "id"), registry.entries().iter().map(|entry| entry.kind).collect()).await;
    hold(("fields[chat]".to_owned(), "zyxwvut"), shown.chain(chat.relationship_names()).collect()).await;
    hold(("filter[zyxwvut]".to_owned(), "1"), chat.filter_keys().collect()).await;
    hold(("filter".to_owned(), "has(zyxwvut)"), chat.relationship_names().collect()).await;
    let families = ["include", "fields", "filter", "sort", "page", "includeSort"];
    hold(("zyxwvut".to_owned(), "1"), families.to_vec()).await;
    let document = json!({ "data": { "type": "chat", "attributes": { "zyxwvut": 1 } } });
    let answer = client.post("/chats", &document).await.assert_status(422);
    let end = " There are `chat_type`, `title`, `icon_url`, `icon_thumbnail_url`, `initial_message`.";
    assert!(details(&answer)[0].ends_with(end), "{answer}");
}

/// What is spelt well and stands in the wrong place.
async fn the_right_form_of_a_parameter_is_told(app: &TestApp) {
    let anna = app.user("anna").await;
    let client = &app.as_user(&anna);
    for (name, value, end) in [
        ("page", "2", "Did you mean `page[number]`?"),
        ("fields", "title", "Did you mean `fields[chat]`?"),
        ("include[chat]", "members", "Did you mean `include`?"),
        ("sort[chat]", "title", "Did you mean `sort`?"),
        ("filter[created_at]", "gt:2026-01-01", "Did you mean `2026-01-01T00:00:00Z`?"),
        ("filter", "eq(members,'x')", "`members` leads to any number of resources: say `any`, `all` or `count` of it."),
        ("filter", "resembles(title,'x')", "`in`, `!in`, `blank`, `present`, `has`, `any`, `all`."),
    ] {
        let answer = get(client, "/chats", [(name.to_owned(), value.to_owned())])().send().await.assert_status(400);
        assert!(details(&answer)[0].ends_with(end), "{name}={value}: {answer}");
    }
    for (method, path, end) in [
        (Method::GET, format!("/chats/{ID}?zyxwvut=1"), " There are `include`, `fields`."),
        (Method::POST, "/chats?zyxwvut=1".to_owned(), " There are `include`, `fields`."),
        (
            Method::GET,
            format!("/chats/{ID}/relationships/members?zyxwvut=1"),
            " There are `include`, `fields`, `page`.",
        ),
        (Method::DELETE, format!("/chats/{ID}?zyxwvut=1"), "`zyxwvut` is no parameter of this URL."),
    ] {
        let document = json!({ "data": { "type": "chat" } });
        let answer = client.request(method, &path).document(&document).send().await.assert_status(400);
        assert!(details(&answer)[0].ends_with(end), "{path}: {answer}");
    }
    let operation =
        json!({ "op": "update", "ref": { "type": "chat", "id": ID, "relationship": "zyxwvut" }, "data": null });
    let document = json!({ "atomic:operations": [operation] });
    let answer =
        client.request(Method::POST, "/operations").document(&document).atomic().send().await.assert_status(404);
    assert!(details(&answer)[0].ends_with("`messages`, `attachments`."), "{answer}");
}

async fn sorts_filters_and_pages_are_set_right(app: &TestApp) {
    let (anna, registry) = (app.user("anna").await, tertulia::resources::registry());
    let client = &app.as_user(&anna);
    for entry in registry.entries().iter().filter(|entry| entry.can.list) {
        let path = &format!("/{}", entry.path);
        let sorts = slips(entry.sort_words());
        hold(get(client, path, all("sort", &sorts)), &sorts).await;
        let keys = slips(entry.filter_keys().chain(to_many(entry)));
        hold(get(client, path, each(&keys, |key| format!("filter[{key}]"))), &keys).await;
        hold(get(client, path, each(&keys, |key| format!("filter[{key}_blank]"))), &keys).await;
        let pages = slips(["number", "size", "offset", "limit", "after", "before", "total"]);
        hold(get(client, path, each(&pages, |key| format!("page[{key}]"))), &pages).await;
        let searches = entry.searches.iter().filter(|search| search.parameter).map(|search| search.name);
        let families = ["include", "fields", "filter", "sort", "page", "includeSort"];
        let families = slips(families.into_iter().chain(searches));
        hold(get(client, path, each(&families, str::to_owned)), &families).await;
        // No name in brackets begins with `!`.
        let ops = slips(["eq", "gt", "gte", "lt", "lte", "pre", "suf", "ct", "in"]);
        hold(get(client, path, each(&ops, |op| format!("filter[id][{op}]"))), &ops).await;
        for slip in ops.into_iter().chain(slips(["!eq", "!ct", "!in"])) {
            let query = [("filter[id]".to_owned(), format!("{}:{ID}", slip.0))];
            hold(get(client, path, query), &[slip]).await;
        }
    }
}

async fn values_of_few_words_are_set_right(app: &TestApp) {
    let (anna, registry) = (app.user("anna").await, tertulia::resources::registry());
    let client = &app.as_user(&anna);
    for entry in registry.entries() {
        for field in entry.attributes.iter().map(|attribute| attribute.field) {
            let Kind::OneOf(words) = field.kind else { continue };
            for slip in slips(words.iter().copied()) {
                if entry.can.list && field.expr.is_some() {
                    let query = [(format!("filter[{}]", field.name), slip.0.clone())];
                    hold(get(client, &format!("/{}", entry.path), query), std::slice::from_ref(&slip)).await;
                }
                if entry.can.create && field.on_create != OnCreate::Never {
                    let document = json!({ "data": { "type": entry.kind, "attributes": { field.name: slip.0 } } });
                    // Whose value is wrong, the pointer says.
                    hold(post(client, entry.path, &document), &[(String::new(), slip.1)]).await;
                }
            }
        }
    }
}

async fn paths_to_included_resources_are_set_right(app: &TestApp) {
    let (anna, registry) = (app.user("anna").await, tertulia::resources::registry());
    let client = &app.as_user(&anna);
    for entry in registry.entries().iter().filter(|entry| entry.can.list) {
        let path = &format!("/{}", entry.path);
        let further = entry.to_one.iter().flat_map(|one| {
            let names: Vec<&str> = to_many(target(&registry, entry, one.name)).collect();
            names.into_iter().map(|name| (format!("{}.{}", one.name, misspelt(name)), format!("{}.{name}", one.name)))
        });
        for (written, meant) in slips(to_many(entry)).into_iter().chain(further) {
            for (base, rest) in [("page", "[size]"), ("includeSort", ""), ("filter", "[id][eq]")] {
                let slip = (format!("{base}[{written}]{rest}"), format!("{base}[{meant}]{rest}"));
                hold(get(client, path, [(slip.0.clone(), "1".to_owned())]), &[slip]).await;
            }
        }
        for many in entry.to_many.iter().filter(|many| many.includable) {
            let keys = slips(["size", "total"]);
            let include = [("include".to_owned(), many.name.to_owned())];
            let query = each(&keys, |key| format!("page[{}][{key}]", many.name)).into_iter().chain(include);
            hold(get(client, path, query), &keys).await;
        }
    }
}

fn post(client: &Client, path: &str, document: &Value) -> impl Fn() -> Request {
    move || client.request(Method::POST, &format!("/{path}")).document(document)
}

async fn members_of_documents_are_set_right(app: &TestApp) {
    let (anna, registry) = (app.user("anna").await, tertulia::resources::registry());
    let client = &app.as_user(&anna);
    let nothing = |slips: &[Slip], value: Value| -> Map<String, Value> {
        slips.iter().map(|(written, _)| (written.clone(), value.clone())).collect()
    };
    for entry in registry.entries().iter().filter(|entry| entry.can.create) {
        let attributes = slips(entry.attributes.iter().map(|attribute| attribute.field.name));
        let document = json!({ "data": { "type": entry.kind, "attributes": nothing(&attributes, json!(1)) } });
        hold(post(client, entry.path, &document), &attributes).await;
        let relationships = slips(entry.relationship_names());
        let linkage = nothing(&relationships, json!({ "data": null }));
        let document = json!({ "data": { "type": entry.kind, "relationships": linkage } });
        hold(post(client, entry.path, &document), &relationships).await;
        let document = json!({ "data": { "type": misspelt(entry.kind) } });
        let answer = client.post(&format!("/{}", entry.path), &document).await.assert_status(409);
        assert!(details(&answer)[0].contains(&format!("`{}`", entry.kind)), "{answer}");
    }
}

async fn urls_are_set_right(app: &TestApp) {
    let (anna, registry) = (app.user("anna").await, tertulia::resources::registry());
    let client = &app.as_user(&anna);
    let mut known = slips(["operations"]);
    for entry in registry.entries() {
        let one = format!("{}/{ID}", entry.path);
        known.push((misspelt(entry.path), entry.path.to_owned()));
        known.push((format!("{}/{ID}", misspelt(entry.path)), one.clone()));
        for name in entry.relationship_names() {
            known.push((format!("{one}/{}", misspelt(name)), format!("{one}/{name}")));
            known.push((format!("{one}/relationships/{}", misspelt(name)), format!("{one}/relationships/{name}")));
            known.push((format!("{one}/relationship/{name}"), format!("{one}/relationships/{name}")));
        }
        let contents = entry.contents.iter().map(|content| content.name);
        known.extend(contents.map(|name| (format!("{one}/{}", misspelt(name)), format!("{one}/{name}"))));
    }
    for (written, meant) in known {
        let slip = (format!("/api/v1/{written}"), format!("/api/v1/{meant}"));
        hold(|| client.request(Method::GET, &format!("/{written}")), &[slip]).await;
    }
    for (written, meant) in [
        ("/", "/api/v1"),
        ("/api", "/api/v1"),
        ("/users", "/api/v1/users"),
        ("/user/1/inbx", "/api/v1/users/1/inbox"),
        ("/doc", "/docs"),
        ("/docs/", "/docs"),
        ("/health", "/healthz"),
    ] {
        let url = format!("{}{written}", app.origin());
        hold(|| client.request(Method::GET, &url), &[(written.to_owned(), meant.to_owned())]).await;
    }
    let answer = client.get("/nonsense").await.assert_status(404);
    assert!(!details(&answer)[0].contains("Did you mean"), "{answer}");
}

async fn operations_are_set_right(app: &TestApp) {
    let (anna, registry) = (app.user("anna").await, tertulia::resources::registry());
    let client = &app.as_user(&anna);
    let operate = async |operation: Value, slip: Slip| {
        let document = json!({ "atomic:operations": [operation] });
        hold(|| client.request(Method::POST, "/operations").document(&document).atomic(), &[slip]).await;
    };
    for slip in slips(["add", "update", "remove"]) {
        operate(json!({ "op": slip.0, "data": { "type": "chat", "id": ID } }), slip).await;
    }
    for entry in registry.entries() {
        let kind = (misspelt(entry.kind), entry.kind.to_owned());
        operate(json!({ "op": "remove", "ref": { "type": kind.0, "id": ID } }), kind).await;
        let below = |path: &str| format!("{}/api/v1/{path}/{ID}", app.origin());
        let href = (below(&misspelt(entry.path)), below(entry.path));
        operate(json!({ "op": "remove", "href": href.0 }), href).await;
        for name in entry.relationship_names() {
            let one = matches!(entry.relationship(name), Some(Relationship::One(_)));
            let (slip, data) = ((misspelt(name), name.to_owned()), if one { Value::Null } else { json!([]) });
            let reference = json!({ "type": entry.kind, "id": ID, "relationship": slip.0 });
            operate(json!({ "op": "update", "ref": reference, "data": data }), slip).await;
        }
    }
}

on_both_databases!(
    fields_and_includes_are_set_right,
    names_like_none_are_answered_with_all_there_are,
    the_right_form_of_a_parameter_is_told,
    sorts_filters_and_pages_are_set_right,
    values_of_few_words_are_set_right,
    paths_to_included_resources_are_set_right,
    members_of_documents_are_set_right,
    urls_are_set_right,
    operations_are_set_right,
);
