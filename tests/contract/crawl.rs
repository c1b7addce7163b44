//! A walk along every link that somebody finds in the world: each answers a GET with 200, and keeps the rules.

use crate::exchange::{Exchange, objects};
use crate::rules::{self, href};
use crate::support::answer::{Answer, type_and_id};
use crate::support::app::TestApp;
use crate::support::client::Client;
use crate::support::database::Kind;
use crate::vocabulary::{Place, resources};
use crate::world::World;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

// proves: FETCH-01, FETCH-02, FETCH-03, FETCH-04, FETCH-13, FETCH-14, FETCH-53, DOC-32, DOC-39, CP-29
#[actix_web::test]
async fn every_link_leads_somewhere_on_sqlite() {
    crawl(Kind::Sqlite).await;
}

#[actix_web::test]
async fn every_link_leads_somewhere_on_postgres() {
    crawl(Kind::Postgres).await;
}

async fn crawl(kind: Kind) {
    if !kind.wanted() {
        return;
    }
    let world = World::on(kind).await;
    let app = world.app().await;
    let words = world.words(&app);
    for viewer in ["anna", "bert", "carla", "zoe"] {
        let token = words.text(&format!("{{{{token.{viewer}}}}}")).expect("a user of the world");
        let mut walk = Walk::new(&app, app.as_nobody().with_token(Some(&token)));
        walk.run().await;
        assert!(walk.problems.is_empty(), "as {viewer}:\n{}", walk.problems.join("\n\n"));
        assert!(walk.seen.len() > 20, "{viewer} found only {:?}", walk.seen);
    }
    app.stop().await;
}

struct Walk<'a> {
    app: &'a TestApp,
    client: Client,
    seen: BTreeSet<String>,
    ahead: Vec<String>,
    /// The linkage that resources show, by the URL of the relationship.
    linkage: BTreeMap<String, Value>,
    problems: Vec<String>,
}

impl Walk<'_> {
    fn new(app: &TestApp, client: Client) -> Walk<'_> {
        let url = |path: &str| format!("{}/api/v1/{path}", app.origin());
        let collected = || resources().values().filter(|resource| resource.collection);
        let collections = collected().map(|resource| url(&resource.path));
        let pages = collected().map(|resource| {
            let counted = if resource.by_cursor { "" } else { "page%5Bnumber%5D=1&" };
            format!("{}?{counted}page%5Bsize%5D=2", url(&resource.path))
        });
        Walk {
            app,
            client,
            seen: BTreeSet::new(),
            ahead: collections.chain(pages).collect(),
            linkage: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    async fn run(&mut self) {
        while let Some(url) = self.ahead.pop() {
            if self.seen.insert(url.clone()) {
                let answer = self.client.get(&url).await;
                self.look_at(&url, &answer);
            }
        }
    }

    fn look_at(&mut self, url: &str, answer: &Answer) {
        let exchange = Exchange::new("GET", url, None, answer, self.app.origin());
        let mut problems = rules::problems(&exchange);
        if answer.status != 200 {
            problems.push(format!("{} instead of 200", answer.status));
        }
        problems.extend(self.contradictions(url, &exchange));
        self.problems.extend(problems.into_iter().map(|problem| format!("{url}: {problem}\n{answer}")));
        self.remember(&exchange);
    }

    /// A relationship URL shows the linkage that its resource showed.
    fn contradictions(&self, url: &str, exchange: &Exchange) -> Option<String> {
        let (Place::Relationship { .. }, Some(known)) = (&exchange.place, self.linkage.get(url)) else {
            return None;
        };
        let shown = exchange.document?.get("data");
        let ids = |data: Option<&Value>| -> BTreeSet<_> { objects(data).into_iter().map(type_and_id).collect() };
        (ids(shown) != ids(Some(known))).then(|| format!("the resource showed the linkage {known}"))
    }

    fn remember(&mut self, exchange: &Exchange) {
        for resource in exchange.resources() {
            for (_, relationship) in resource["relationships"].as_object().into_iter().flatten() {
                if let (Some(url), Some(data)) = (href(&relationship["links"]["self"]), relationship.get("data")) {
                    self.linkage.insert(url.to_owned(), data.clone());
                }
            }
        }
        self.ahead.extend(rules::our_links(exchange));
    }
}
