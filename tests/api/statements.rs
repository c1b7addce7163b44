//! How many statements a read costs: the same for one row as for a hundred.
//!
//! One for the token, one for the owner where the URL goes through one, one for the rows, one per edge of the include
//! tree, one for a total. To-one edges to the same type may share a statement, so these are upper bounds.

use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{count, crowd, direct, group, membership, new_direct, new_group};
use std::collections::{BTreeMap, BTreeSet};

/// Queries of the collection of a type, each also of the related collections and linkages that lead there.
const QUERIES: &[(&str, &[&str])] = &[
    ("user", &["", "page[size]=100", "sort=-name", "filter[name]=ct:p", "sort=title,-created_at&page[total]=true"]),
    ("session", &["", "include=user", "page[size]=100&include=user&page[total]=true"]),
    (
        "direct_conversation",
        &[
            "",
            "sort=-chat_updated_at&include=chat,first_user,second_user&page[size]=20",
            "include=chat,first_user,second_user&page[size]=100&page[total]=true",
            "page[number]=2&page[size]=3&include=chat.members",
            "page[size]=100&include=chat.viewer_membership.user,chat.chat_memberships.user,first_user",
            "page[size]=100&include=chat.chat_memberships.chat.initiator,chat.direct_conversation.second_user",
            "search_peer=p&include=chat.members&page[offset]=1&page[limit]=50",
            "filter[hidden]=false&filter[archived]=false&sort=-created_at&include=second_user",
        ],
    ),
    (
        "chat",
        &[
            "",
            "include=members&page[size]=100",
            "include=members&page[members][size]=2&filter[members]=pre(name,'p')&includeSort[members]=-name",
            "filter=and(gte(count(members),1),any(chat_memberships,has(user)))&include=members",
            "include=members,chat_memberships,initiator,viewer_membership,direct_conversation&page[size]=100",
            "include=chat_memberships.user,chat_memberships.chat.members&page[size]=100&page[total]=true",
            "include=direct_conversation.first_user,direct_conversation.chat.viewer_membership.user&page[size]=100",
            "filter[search]=p&sort=title&include=members",
            "page[number]=1&page[size]=2&include=initiator",
        ],
    ),
    (
        "chat_membership",
        &[
            "",
            "include=user,chat&page[size]=100",
            "include=chat.members,chat.initiator,user&page[size]=100&page[total]=true",
            "include=chat.chat_memberships.chat.direct_conversation&page[size]=100",
            "sort=role,-created_at&filter[role]=member&page[number]=1",
        ],
    ),
];

/// The size of the world, and where in it the URLs lead.
struct World {
    viewer: User,
    group: String,
    direct: String,
    membership: String,
    session: String,
    size: usize,
    people: Vec<String>,
}

async fn a_list_costs_as_many_statements_for_one_row_as_for_a_hundred(app: &TestApp) {
    let mut world = first(app).await;
    let mut costs: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for size in [1, 5, 100] {
        world.grow(app, size).await;
        for (url, most) in world.urls() {
            let cost = cost(app, &world.viewer, &url).await;
            assert!(cost >= 2, "{url} with {size} rows took {cost} statements: are they counted?");
            assert!(cost <= most, "{url} with {size} rows took {cost} statements, not {most}");
            costs.entry(url).or_default().push(cost);
        }
    }
    assert!(costs.len() > 60);
    for (url, costs) in costs {
        // A page that isn't full tells its total itself.
        let grown = costs[2] - costs[1].min(costs[2]);
        assert!(grown <= total(&url), "{url} costs {costs:?} statements for 1, 5 and 100 rows");
    }
}

/// The statements of one read that succeeds.
async fn cost(app: &TestApp, viewer: &User, url: &str) -> u64 {
    let before = app.running.database.statements();
    app.as_user(viewer).get(url).await.assert_status(200);
    app.running.database.statements() - before
}

async fn first(app: &TestApp) -> World {
    let viewer = app.user("viewer").await;
    let group = group(app, &viewer, Some("large"), &[]).await;
    let people = crowd(app, "person", 0..1).await;
    let direct = direct(app, &viewer, &people[0]).await.id;
    let membership = membership(app, &viewer, &group, &viewer).await;
    let session = app.as_user(&viewer).get("/sessions").await.ids().remove(0);
    World { viewer, group, direct, membership, session, size: 1, people }
}

impl World {
    /// Makes every list of the viewer, and the members of the group, `size` long or longer.
    async fn grow(&mut self, app: &TestApp, size: usize) {
        let fresh = crowd(app, "person", self.size..size).await;
        let viewer = app.as_user(&self.viewer);
        let each = async |peer: &String| {
            viewer.post("/direct_conversations", &new_direct(peer)).await.assert_status(201);
            viewer.post("/chats", &new_group(Some(peer), &[peer, &self.people[0]])).await.assert_status(201);
            app.sign_in(&self.viewer.email, crate::support::app::PASSWORD).await.assert_status(201);
        };
        futures_util::future::join_all(fresh.iter().map(each)).await;
        self.people.extend(fresh);
        let members: Vec<&str> = self.people.iter().map(String::as_str).collect();
        let document = serde_json::json!({ "data": crate::world::linkage("user", &members) });
        viewer.post(&format!("/chats/{}/relationships/members", self.group), &document).await.assert_status(204);
        self.size = size;
        assert!(count(app, "SELECT count(*) AS n FROM sessions").await >= i64::try_from(size).expect("a size"));
    }

    /// Every URL with the most statements that it may take.
    fn urls(&self) -> Vec<(String, u64)> {
        let mut urls = Vec::new();
        for (kind, queries) in QUERIES {
            for query in *queries {
                urls.push((format!("/{kind}s?{query}"), 2 + edges(query) + total(query)));
                for owner in self.collections_of(kind) {
                    // search_peer is a parameter of the collection of its type alone.
                    let query = query.replace("search_peer=p&", "");
                    urls.push((format!("{owner}?{query}"), 3 + edges(&query) + total(&query)));
                }
            }
        }
        for (path, name) in self.relationships() {
            let deeper = format!("{name}.{}", onwards(name));
            for include in ["", name, deeper.trim_end_matches('.')] {
                let query = if include.is_empty() { String::new() } else { format!("include={include}") };
                // The first edge is the linkage itself.
                let more = edges(&query).saturating_sub(1);
                urls.push((format!("{path}/relationships/{name}?{query}"), 3 + more));
            }
            let query = format!("include={}", onwards(name));
            urls.push((format!("{path}/{name}?{query}"), 3 + edges(&query)));
        }
        let linkage = format!("/chats/{}/relationships/members?page[number]=1&page[size]=2", self.group);
        urls.push((linkage, 4));
        urls
    }

    fn collections_of(&self, kind: &str) -> Vec<String> {
        match kind {
            "user" => vec![format!("/chats/{}/members", self.group)],
            "chat_membership" => vec![format!("/chats/{}/chat_memberships", self.group)],
            _ => Vec::new(),
        }
    }

    /// Owners and the names of their relationships.
    fn relationships(&self) -> Vec<(String, &'static str)> {
        let direct =
            ["chat", "first_user", "second_user"].map(|name| (format!("/direct_conversations/{}", self.direct), name));
        let names = ["direct_conversation", "initiator", "viewer_membership", "members", "chat_memberships"];
        let chat = names.map(|name| (format!("/chats/{}", self.group), name));
        let membership = ["chat", "user"].map(|name| (format!("/chat_memberships/{}", self.membership), name));
        let session = [(format!("/sessions/{}", self.session), "user")];
        direct.into_iter().chain(chat).chain(membership).chain(session).collect()
    }
}

/// A relationship of what a relationship leads to; users have none, and include nothing.
fn onwards(name: &str) -> &'static str {
    match name {
        "chat" => "members",
        "direct_conversation" => "chat.members",
        "viewer_membership" | "chat_memberships" => "user",
        _ => "",
    }
}

/// The edges of the tree that `include` asks for.
fn edges(query: &str) -> u64 {
    let Some(include) = query.split('&').find_map(|pair| pair.strip_prefix("include=")) else { return 0 };
    let prefixes = |path: &str| {
        let steps: Vec<&str> = path.split('.').filter(|step| !step.is_empty()).collect();
        (1..=steps.len()).map(|end| steps[..end].join(".")).collect::<Vec<_>>()
    };
    let edges: BTreeSet<String> = include.split(',').flat_map(prefixes).collect();
    edges.len() as u64
}

fn total(query: &str) -> u64 {
    let asks = ["page[total]", "page[number]", "page[offset]", "page[limit]"];
    u64::from(asks.iter().any(|parameter| query.contains(parameter)))
}

#[test]
fn edges_are_counted_once_each() {
    assert_eq!(edges("sort=a&include=chat,chat.members,first_user"), 3);
    assert_eq!(edges("include=a.b.c,a.b.d"), 4);
    assert_eq!(edges("include="), 0);
}

async fn a_first_page_that_is_not_full_needs_no_statement_for_its_total(app: &TestApp) {
    let viewer = app.user("viewer").await;
    crowd(app, "person", 0..4).await;
    for (url, statements) in [
        ("/users?page[number]=1&page[size]=10", 2),
        ("/users?page[offset]=0&page[limit]=6", 2),
        ("/users?page[total]=true", 2),
        ("/users?page[total]=false&page[number]=1&page[size]=2", 2),
        ("/users?page[number]=1&page[size]=2", 3),
    ] {
        assert_eq!(cost(app, &viewer, url).await, statements, "{url}");
    }
}

async fn an_include_that_leads_nowhere_costs_nothing(app: &TestApp) {
    let viewer = app.user("viewer").await;
    for url in ["/chats?include=members", "/direct_conversations?include=chat.members,first_user"] {
        assert_eq!(cost(app, &viewer, url).await, 2, "{url}");
    }
    let only_groups = group(app, &viewer, None, &[]).await;
    let url = format!("/chats/{only_groups}?include=direct_conversation.chat.members");
    assert_eq!(cost(app, &viewer, &url).await, 2, "{url}");
}

on_both_databases![
    a_list_costs_as_many_statements_for_one_row_as_for_a_hundred,
    a_first_page_that_is_not_full_needs_no_statement_for_its_total,
    an_include_that_leads_nowhere_costs_nothing,
];
