//! Answers that clients hold: to ask whether one is still the present one costs next to nothing, and is never answered
//! wrong, whoever wrote meanwhile.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User, start};
use crate::support::client::{Client, JSON_API};
use crate::support::database::Kind;
use crate::support::on_both_databases;
use crate::world::{alter, count, direct, group, membership, new_direct, new_group, react, resource, say, update};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, ExpressionMethods as _, PgConnection, QueryDsl as _, RunQueryDsl as _};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use tertulia::db::Time;
use tertulia::schema::chat_memberships;

#[track_caller]
fn tag(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("no tag: {answer}"))
}

async fn ask(client: &Client, url: &str, tag: &str) -> Answer {
    client.request(Method::GET, url).header("if-none-match", tag).send().await
}

/// How many statements a request took, and its status.
async fn cost(app: &TestApp, client: &Client, (method, url, tag): (Method, &str, &str)) -> (u64, u16) {
    let before = app.running.database.statements();
    let answer = client.request(method, url).header("if-none-match", tag).send().await;
    (app.running.database.statements() - before, answer.status)
}

/// The fewest statements that a request takes now that it has been asked before.
///
/// PostgreSQL counts transactions of the whole server, and other tests write to other databases of it meanwhile.
async fn least(app: &TestApp, client: &Client, request: (Method, &str, &str)) -> u64 {
    let tries = if app.url().starts_with("sqlite:") { 2 } else { 300 };
    let mut least = u64::MAX;
    for _ in 0..tries {
        let (cost, status) = cost(app, client, request.clone()).await;
        assert_eq!(status, 304, "{request:?}");
        least = least.min(cost);
        if least <= 2 {
            break;
        }
    }
    least
}

/// A little of everything, and URLs of every kind that `anna` may ask for.
async fn furnished(app: &TestApp, anna: &User, bert: &User) -> (String, Vec<String>) {
    let chat = group(app, anna, Some("Walkers"), &[bert]).await;
    direct(app, anna, &bert.id).await;
    let message = say(app, bert, &chat).await;
    react(app, anna, &message, "🎉").await;
    let own = membership(app, anna, &chat, anna).await;
    let urls = [
        format!("/chats/{chat}"),
        format!("/chats/{chat}?include=members,last_message.author&fields[chat]=title,members"),
        format!("/chats/{chat}/last_message"),
        format!("/chats/{chat}/direct_conversation"),
        format!("/chats/{chat}/members?sort=-name"),
        format!("/chats/{chat}/messages?page[size]=1"),
        format!("/chats/{chat}/relationships/members"),
        format!("/chats/{chat}/relationships/initiator"),
        format!("/chat_memberships/{own}"),
        format!("/messages/{message}?include=reactions"),
        format!("/users/{}", anna.id),
        format!("/inboxes/{}", anna.id),
        "/chats?include=members,viewer_membership&page[total]=true".to_owned(),
        "/direct_conversations?sort=-chat_updated_at&include=chat,first_user,second_user".to_owned(),
        "/messages".to_owned(),
        "/users?page[number]=1&page[size]=1".to_owned(),
    ];
    (chat, urls.into())
}

async fn who_asks_again_is_answered_by_two_statements(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let (chat, urls) = furnished(app, &anna, &bert).await;
    let client = app.as_user(&anna);
    let mut known = Vec::new();
    for url in &urls {
        let tag = tag(&client.get(url).await.assert_status(200));
        let (first, status) = cost(app, &client, (Method::GET, url, &tag)).await;
        assert!(status == 304 && first >= 2, "{url} took {first} statements");
        known.push(tag);
    }
    for (url, tag) in urls.iter().zip(&known) {
        for method in [Method::GET, Method::HEAD] {
            assert!(least(app, &client, (method, url, tag)).await <= 2, "{url}");
        }
    }
    // Beside another tag, and with another condition.
    let (url, tag) = (format!("/chats/{chat}"), &known[0]);
    assert!(least(app, &client, (Method::GET, &url, &format!("\"x\", W/{tag}"))).await <= 2);
    let both = client.request(Method::GET, &url).header("if-none-match", tag).header("if-match", "\"0.0\"");
    both.send().await.assert_status(412);
    // Who may not ask is told so all the same.
    ask(&app.as_nobody(), &url, tag).await.assert_status(401);
    ask(&app.as_user(&app.user("olga").await), &url, tag).await.assert_status(404);
}

async fn an_answer_is_known_to_whom_it_was_given_in_its_form_alone(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, Some("Walkers"), &[&bert]).await;
    let url = format!("/chats/{chat}");
    let client = app.as_user(&anna);
    let known = tag(&client.get(&url).await);
    for _ in 0..2 {
        ask(&client, &url, &known).await.assert_status(304);
        // Links lead to the host that was asked for, and the other one has a membership of their own.
        let elsewhere = client.request(Method::GET, &url).header("host", "chat.example");
        elsewhere.header("if-none-match", &known).send().await.assert_status(200);
        ask(&app.as_user(&bert), &url, &known).await.assert_status(200);
        for other in [format!("{url}?include=members"), format!("{url}?fields[chat]=title"), "/chats".to_owned()] {
            ask(&client, &other, &known).await.assert_status(200);
        }
    }
    let listed = tag(&client.get("/chats").await);
    let profile = format!("{JSON_API}; profile=\"https://jsonapi.org/profiles/ethanresnick/cursor-pagination\"");
    for _ in 0..2 {
        ask(&client, "/chats", &listed).await.assert_status(304);
        let by_cursor = client.request(Method::GET, "/chats").header("accept", &profile);
        by_cursor.header("if-none-match", &listed).send().await.assert_status(200);
        client
            .request(Method::GET, "/chats")
            .header("accept", &format!("{JSON_API}; x=y"))
            .send()
            .await
            .assert_status(406);
        ask(&client, "/chats?sort=nothing", &listed).await.assert_status(400);
    }
}

async fn a_mute_that_runs_out_changes_the_answer_though_nobody_wrote(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, Some("Walkers"), &[&bert]).await;
    let own = membership(app, &anna, &chat, &anna).await;
    let client = app.as_user(&anna);
    let urls = [
        format!("/chats/{chat}"),
        format!("/chat_memberships/{own}"),
        "/chats".to_owned(),
        format!("/chats/{chat}/relationships/members?include=members"),
        format!("/chats/{chat}/viewer_membership"),
        "/direct_conversations".to_owned(),
        "/messages?include=chat".to_owned(),
        "/chats?filter[muted]=true".to_owned(),
        "/chats?sort=muted&fields[chat]=title".to_owned(),
        "/chat_memberships?filter[muted]=true&fields[chat_membership]=role".to_owned(),
        format!("/chats/{chat}?fields[chat]=title"),
    ];
    // Which of the URLs tell of the mute.
    let tells = [true, true, true, false, true, false, true, true, false, true, false];
    say(app, &bert, &chat).await;
    let until = Time(Time::now().0 + 900);
    let rule = update("chat_membership", &own, json!({ "mute_rule": { "until": until.to_string() } }));
    client.patch(&format!("/chat_memberships/{own}"), &rule).await.assert_status(200);
    let mut known = Vec::new();
    for url in &urls {
        known.push(tag(&client.get(url).await.assert_status(200)));
    }
    for _ in 0..2 {
        for (url, tag) in urls.iter().zip(&known) {
            let answer = ask(&client, url, tag).await;
            // A machine that is this slow has said nothing.
            assert!(answer.status == 304 || Time::now() >= until, "{url} before the end: {answer}");
        }
    }
    let rest = u64::try_from(until.0 - Time::now().0 + 1).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(rest)).await;
    for ((url, tag), tells) in urls.iter().zip(&known).zip(tells) {
        for _ in 0..2 {
            assert_eq!(ask(&client, url, tag).await.status, if tells { 200 } else { 304 }, "{url}");
        }
    }
}

/// Viewers, and what they may ask for.
struct Play {
    random: ChaCha8Rng,
    viewers: Vec<User>,
    chats: Vec<String>,
    /// The tag that each of them was told last for a URL.
    known: BTreeMap<(usize, String), String>,
    /// How many answers were 304 and 200.
    answers: (u32, u32),
}

async fn who_holds_an_answer_is_told_the_truth_whoever_writes(app: &TestApp) {
    let elsewhere = start(app.url()).await;
    let there = Client::new(format!("{}/api/v1", elsewhere.url), None);
    let mut play = Play::begin(app).await;
    for turn in 0..250 {
        if play.random.random_ratio(1, 3) {
            let client = if play.random.random() { app.as_nobody() } else { there.clone() };
            play.write(app, &client, turn).await;
        }
        for _ in 0..3 {
            play.look(app).await;
        }
    }
    elsewhere.stop().await;
    let (same, other) = play.answers;
    assert!(same > 100 && other > 50, "{same} answers were 304, {other} were 200");
}

impl Play {
    async fn begin(app: &TestApp) -> Play {
        let mut viewers = Vec::new();
        for name in ["anna", "bert", "carl"] {
            viewers.push(app.user(name).await);
        }
        let mut chats = vec![direct(app, &viewers[0], &viewers[1].id).await.chat];
        for title in ["Walkers", "Sitters"] {
            chats.push(group(app, &viewers[0], Some(title), &[&viewers[1], &viewers[2]]).await);
        }
        Play { random: ChaCha8Rng::seed_from_u64(304), viewers, chats, known: BTreeMap::new(), answers: (0, 0) }
    }

    /// Somebody writes something: by this server, by another one, or past both of them.
    async fn write(&mut self, app: &TestApp, client: &Client, turn: usize) {
        let user = self.viewers.choose(&mut self.random).expect("viewers").clone();
        let chat = self.chats.choose(&mut self.random).expect("chats").clone();
        let client = client.with_token(Some(&user.token));
        let of = async |user: &User| {
            let path = format!("/chat_memberships?filter[chat]={chat}&filter[user]={}", user.id);
            client.get(&path).await.assert_status(200).ids().pop()
        };
        let change = async |attributes: serde_json::Value| {
            if let Some(own) = of(&user).await {
                let document = update("chat_membership", &own, attributes);
                client.patch(&format!("/chat_memberships/{own}"), &document).await;
            }
        };
        match self.random.random_range(0..9) {
            0 | 1 => {
                let message = resource("message", json!({ "content": format!("The {turn}th") }));
                client.post(&format!("/chats/{chat}/messages"), &message).await;
            }
            2 => {
                let title = update("chat", &chat, json!({ "title": format!("The {turn}th") }));
                client.patch(&format!("/chats/{chat}"), &title).await;
            }
            3 => {
                let until = Time(Time::now().0 + self.random.random_range(1..400)).to_string();
                change(json!({ "mute_rule": { "until": until } })).await;
            }
            4 => change(json!({ "read_until": "2999-01-01T00:00:00.000Z", "archived": turn.is_multiple_of(2) })).await,
            5 => {
                let name = update("user", &user.id, json!({ "name": format!("The {turn}th") }));
                client.patch(&format!("/users/{}", user.id), &name).await.assert_status(200);
            }
            6 => {
                let peers: Vec<&str> = self.viewers.iter().map(|user| user.id.as_str()).collect();
                client.post("/chats", &new_group(None, &peers[..turn % 3])).await.assert_status(201);
                client.post("/direct_conversations", &new_direct(peers[turn % 3])).await;
            }
            7 => app.execute(
                "UPDATE chats SET title = coalesce(title, '') || '.' WHERE chat_type = 'group'",
                "UPDATE chats SET title = coalesce(title, '') || '.' WHERE chat_type = 'group'",
            ),
            _ => {
                let chat = crate::world::id(&chat);
                let muted = self.random.random::<bool>();
                alter(app, move |conn| {
                    diesel::update(chat_memberships::table.filter(chat_memberships::chat_id.eq(chat)))
                        .set(chat_memberships::mute.eq(muted))
                        .execute(conn)
                })
                .await;
            }
        }
    }

    /// Somebody asks with the tag that they know: it must be 304 exactly if a new answer has the same one.
    async fn look(&mut self, app: &TestApp) {
        let viewer = self.random.random_range(0..self.viewers.len());
        let url = self.url();
        let client = app.as_user(&self.viewers[viewer]);
        let key = (viewer, url.clone());
        let known = self.known.get(&key).cloned().unwrap_or_else(|| "\"none\"".to_owned());
        let before = client.get(&url).await.assert_status(200);
        let answer = ask(&client, &url, &known).await;
        let after = client.get(&url).await.assert_status(200);
        // A mute may end between any two of them.
        if tag(&before) == tag(&after) {
            let expected = if tag(&after) == known { 304 } else { 200 };
            assert_eq!(answer.status, expected, "{url}: {known}, {}", tag(&after));
            assert_eq!(tag(&answer), tag(&after), "{url}");
            let count = if expected == 304 { &mut self.answers.0 } else { &mut self.answers.1 };
            *count += 1;
        }
        self.known.insert(key, tag(&answer));
    }

    fn url(&mut self) -> String {
        let chat = self.chats.choose(&mut self.random).expect("chats").clone();
        let viewer = self.viewers.choose(&mut self.random).expect("viewers").id.clone();
        match self.random.random_range(0..8) {
            0 => {
                format!("/chats/{chat}?include=viewer_membership,last_message").replace(&self.chats[0], &self.chats[1])
            }
            1 => "/chats?include=viewer_membership".to_owned(),
            2 => "/chats?filter[muted]=true&fields[chat]=chat_type".to_owned(),
            3 => "/direct_conversations?include=chat".to_owned(),
            4 => "/chat_memberships?page[size]=5&sort=-updated_at".to_owned(),
            5 => format!("/chats/{}/relationships/members", self.chats[1]),
            6 => format!("/users/{viewer}"),
            _ => format!("/chats/{}/messages", self.chats[2]),
        }
    }
}

/// The write comes between two statements of one read, while the second one waits for a lock.
async fn an_answer_is_no_newer_than_its_first_statement(app: &TestApp) {
    let anna = app.user("anna").await;
    group(app, &anna, Some("Walkers"), &[]).await;
    let (client, url) = (app.as_user(&anna), "/chats?include=members");
    let known = tag(&client.get(url).await.assert_status(200));

    let [mut locking, mut writing] = [(), ()].map(|()| PgConnection::establish(app.url()).expect("the database"));
    locking.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").expect("a lock");
    let (asking, tag) = (client.clone(), known.clone());
    let asked = actix_web::rt::spawn(async move { ask(&asking, url, &tag).await });
    let waiting = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while count(app, waiting).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    writing.batch_execute("UPDATE chats SET title = 'Runners'").expect("a write");
    locking.batch_execute("COMMIT").expect("an end");
    asked.await.expect("an answer").assert_status(304);
    ask(&client, url, &known).await.assert_status(200);
}

#[actix_web::test]
async fn on_postgres_an_answer_is_no_newer_than_its_first_statement() {
    TestApp::run(Kind::Postgres, an_answer_is_no_newer_than_its_first_statement).await;
}

/// What is not remembered is answered by the way that is.
async fn an_answer_that_rests_on_the_clock_is_made_again(app: &TestApp) {
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    let known = tag(&client.get("/sessions").await.assert_status(200));
    ask(&client, "/sessions", &known).await.assert_status(304);
    app.execute(
        "UPDATE sessions SET last_used_at = last_used_at - 1000",
        "UPDATE sessions SET last_used_at = last_used_at - interval '1 s'",
    );
    ask(&client, "/sessions", &known).await.assert_status(200);
    let (cost, status) = cost(app, &client, (Method::GET, "/sessions", "*")).await;
    let expected = if app.url().starts_with("sqlite:") { 2 } else { 3 };
    assert_eq!((cost, status), (expected, 304), "the statement of the list is one of them");
}

on_both_databases![
    who_asks_again_is_answered_by_two_statements,
    an_answer_is_known_to_whom_it_was_given_in_its_form_alone,
    a_mute_that_runs_out_changes_the_answer_though_nobody_wrote,
    who_holds_an_answer_is_told_the_truth_whoever_writes,
    an_answer_that_rests_on_the_clock_is_made_again,
];
