//! The requests, in turns.

use crate::support::figures;
use crate::support::load::Load;
use crate::support::process::Process;
use crate::support::report::Ratio;
use crate::support::target::{Target, take_turns};
use crate::world::{Member, World};
use crate::{Effort, Outcome};
use std::cell::RefCell;
use std::net::SocketAddr;
use tertulia::db::{Id, Kind};

/// Messages of a page.
const PAGE: usize = 25;
/// Messages of a page on the way to the deep one, as many as a page can have.
const STRIDE: usize = 100;
/// Every attribute of a chat but the two that are counted.
const UNCOUNTED: &str = "chat_type,status,title,icon_url,icon_thumbnail_url,open,created_at,updated_at,\
                         last_message_at,member_count,past_users_involved,read_until,archived,hidden,muted,\
                         direct_conversation,initiator,viewer_membership,last_message,chat_request,members,\
                         chat_memberships,messages,attachments";
/// The chats that the inbox shows.
const INBOX: &str = "/api/v1/chats?filter%5Barchived%5D=false&sort=-last_message_at";

/// SQLite with one commit per send, from the pool's connections and from one thread, and what `--together` says of it.
const ALONE: [(&str, &str); 2] = [("send, chat of 2, own commit", "0"), ("send, chat of 2, own commit in turn", "1")];

/// Measures everything in one world.
pub(crate) fn run(name: &'static str, world: &World, effort: &Effort) -> Outcome<Vec<Ratio>> {
    let shared = RefCell::new(Process::start(&["--url", &world.url], false)?);
    let mut alone = Vec::new();
    if world.database.kind() == Kind::Sqlite {
        for (name, together) in ALONE {
            let process = Process::start(&["--url", &world.url, "--together", together], false)?;
            alone.push((name, RefCell::new(process)));
        }
    }
    let address = shared.borrow().addresses[0];
    let mut targets = Vec::new();
    let mut add = |name, process, address, requests, part| {
        let load = Load { address, requests, connections: effort.connections };
        targets.push(Target::new(name, (process, &world.database), load, effort.requests / part));
    };
    let sends = |chat: &dyn Fn(usize) -> Id| -> Vec<Vec<u8>> {
        world.senders.iter().enumerate().map(|(at, sender)| send(sender, chat(at))).collect()
    };
    add("send, chat of 2", &shared, address, sends(&|at| world.pairs[at]), 1);
    add("send, chat of 1,000", &shared, address, sends(&|at| world.crowds[at]), 1);
    add("send, one hot chat of 1,000", &shared, address, sends(&|_| world.hot), 1);
    let newest = format!("/api/v1/messages?filter%5Bchat%5D={}", world.deep);
    let deep = format!("{newest}&page%5Bafter%5D={}", cursor(address, world, &newest)?);
    // A cursor is good for its own viewer only.
    let pages = |path: &str| -> Vec<Vec<u8>> { vec![get(&world.senders[0], path)] };
    add("newest page of the long chat", &shared, address, pages(&newest), 1);
    add("deep page of the long chat", &shared, address, pages(&deep), 1);
    let inbox = |members: &[Member], rest: &str| -> Vec<Vec<u8>> {
        members.iter().map(|member| get(member, &format!("{INBOX}{rest}"))).collect()
    };
    add("inbox with unread messages", &shared, address, inbox(&world.behind, ""), 10);
    let uncounted = format!("&fields%5Bchat%5D={UNCOUNTED}");
    add("inbox, fields without counts", &shared, address, inbox(&world.behind, &uncounted), 10);
    add("inbox, everything read", &shared, address, inbox(&world.up_to_date, ""), 10);
    for (name, process) in &alone {
        add(name, process, process.borrow().addresses[0], sends(&|at| world.pairs[at]), 4);
    }
    take_turns(&mut targets, effort.rounds)?;
    println!("\n{name}: {}", world.size);
    figures::print(targets.iter().map(|target| (target.name, &target.figures)));
    Ok(ratios(name, &targets))
}

fn ratios(name: &'static str, targets: &[Target<'_>]) -> Vec<Ratio> {
    let whole = |at: usize| targets[at].figures.whole();
    let between = |what, one: usize, other: usize| Ratio::between(name, what, &whole(one), &whole(other));
    let mut ratios = vec![
        between("send, chat of 1,000 / of 2", 1, 0).at_most(1.3),
        between("send, hot chat of 1,000 / of 2", 2, 0),
        between("deep page / newest page", 4, 3).at_most(1.2),
        between("inbox, counts / fields without", 5, 6).at_most(2.0),
        between("inbox, unread / everything read", 5, 7).at_most(2.0),
    ];
    if let [pooled, in_turn] = &targets[8..] {
        let shared = &targets[0].figures.wall;
        let between = |what, alone: &Target<'_>| Ratio::between(name, what, shared, &alone.figures.wall);
        ratios.push(between("time of a durable send / of own commit", pooled).at_most(0.25));
        ratios.push(between("the same, own commits in one thread", in_turn));
    }
    ratios
}

/// The cursor of the item at the world's depth, found by walking there as a client would.
fn cursor(address: SocketAddr, world: &World, list: &str) -> Outcome<String> {
    let page = |cursor: Option<&str>| -> Outcome<serde_json::Value> {
        let after = cursor.map(|cursor| format!("&page%5Bafter%5D={cursor}")).unwrap_or_default();
        let path = format!("{list}&page%5Bsize%5D={STRIDE}{after}");
        let load = Load { address, requests: vec![get(&world.senders[0], &path)], connections: 1 };
        Ok(serde_json::from_slice(&load.once(0)?)?)
    };
    let mut cursor: Option<String> = None;
    for _ in 0..world.size.depth / STRIDE {
        let found = page(cursor.as_deref())?;
        let last = &found["data"][STRIDE - 1]["meta"]["page"]["cursor"];
        cursor = Some(last.as_str().ok_or("the long chat is too short")?.to_owned());
    }
    cursor.ok_or_else(|| "the deep page is not deep".into())
}

fn get(member: &Member, path: &str) -> Vec<u8> {
    let mark = if path.contains("page%5Bsize%5D") { "" } else { &format!("&page%5Bsize%5D={PAGE}") };
    format!("GET {path}{mark} HTTP/1.1\r\n{}\r\n", head(member)).into_bytes()
}

fn send(member: &Member, chat: Id) -> Vec<u8> {
    let body = format!(
        r#"{{"data":{{"type":"message","attributes":{{"content":"Could we move it to Friday?"}},"relationships":{{"chat":{{"data":{{"type":"chat","id":"{chat}"}}}}}}}}}}"#
    );
    let head = head(member);
    let kind = "Content-Type: application/vnd.api+json";
    format!("POST /api/v1/messages HTTP/1.1\r\n{head}{kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn head(Member { token, .. }: &Member) -> String {
    format!("Host: bench.example\r\nAccept: application/vnd.api+json\r\nAuthorization: Bearer {token}\r\n")
}
