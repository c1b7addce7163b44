//! Query strings that nobody would write: whatever they are, the answer is a list or says what was wrong with them.
//!
//! Seeded, so that a failure comes again.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{crowd, direct, group};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tertulia::jsonapi::error::Code;

const PATHS: &[&str] = &[
    "/users",
    "/sessions",
    "/direct_conversations",
    "/chats",
    "/chat_memberships",
    "/chats/{group}",
    "/chats/{group}/members",
    "/chats/{group}/relationships/members",
    "/chats/{group}/relationships/initiator",
    "/direct_conversations/{direct}/chat",
];

const NAMES: &[&str] = &[
    "include",
    "sort",
    "fields[chat]",
    "fields[user]",
    "fields[x]",
    "fields",
    "page[size]",
    "page[number]",
    "page[offset]",
    "page[limit]",
    "page[after]",
    "page[before]",
    "page[total]",
    "page[x]",
    "page",
    "filter",
    "filter[]",
    "filter[a][b][c]",
    "search_peer",
    "filter[search]",
    "filter[member]",
    "filter[id]",
    "filter[id][in]",
    "filter[id][]",
    "filter[name]",
    "filter[name][ct]",
    "filter[name][!in]",
    "filter[name_blank]",
    "filter[name_present]",
    "filter[title]",
    "filter[title][]",
    "filter[title_blank]",
    "filter[email]",
    "filter[password]",
    "filter[created_at]",
    "filter[created_at][gte]",
    "filter[created_at][]",
    "filter[last_message_at]",
    "filter[last_message_at_blank]",
    "filter[member_count]",
    "filter[member_count][lt]",
    "filter[archived]",
    "filter[muted]",
    "filter[hidden]",
    "filter[status]",
    "filter[role]",
    "filter[chat]",
    "filter[user]",
    "filter[user_id]",
    "filter[initiator]",
    "filter[first_user]",
    "filter[chat.title]",
    "filter[unread_message_count]",
    "filter[has_unread_messages]",
    "filter[chat_type][pre]",
    "filter[avatar_url][suf]",
    "filter[direct_message_policy]",
    "filter[mute_rule]",
    "filter[past_users_involved]",
    "Sort",
    "sörtOrder",
    "a-",
    "[",
    "%5B",
    "filter[title",
    "filter]title[",
    "page[size][]",
    "include[]",
    "camelCase",
    "x:y",
    "%00",
    "%zz",
    "%ff",
];

const VALUES: &[&str] = &[
    "",
    "0",
    "1",
    "2",
    "-1",
    "100",
    "101",
    "1.5",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999",
    "true",
    "false",
    "null",
    "a",
    "ct:",
    "ct:a",
    "pre:%25",
    "suf:_",
    "ct:%5C",
    "!ct:a",
    "eq:",
    "eq:eq:eq",
    "in:",
    "in:a,b",
    "!in:,,,",
    "in:%5C",
    "in:%5C,%5C%5C,",
    "gt:",
    "gt:2025-01-02T03:04:05Z",
    "lte:2025-01-02",
    "2025-01-02T03:04:05.678Z",
    "lt:0001-01-01T00:00:00Z",
    "gt:9999-12-31T23:59:60Z",
    "gt:-271821-04-20T00:00:00Z",
    "gt:+275760-09-13T00:00:00Z",
    "2025-02-30T00:00:00Z",
    "2025-01-02T03:04:05%2B99:99",
    "1e400",
    "NaN",
    "{group}",
    "{direct}",
    "{viewer}",
    "{GROUP}",
    "00000000-0000-0000-0000-000000000000",
    "in:{group},{viewer}",
    "active",
    "pending",
    "direct",
    "admin",
    "members",
    "chat",
    "chat.members",
    "chat.members.chat",
    "chat_memberships.chat.chat_memberships.chat.initiator",
    "first_user,,chat",
    ",",
    ".",
    "..",
    "-",
    "--title",
    "title",
    "-title,title",
    "name,-name",
    "-last_message_at,created_at",
    "email,password",
    "created_at,created_at,id",
    "id",
    "user",
    "%F0%9F%98%80",
    "%EF%B7%BA%EF%B7%BA",
    "%C4%B0",
    "%C3",
    "%00",
    "a%00b",
    "%",
    "%2",
    "+",
    "%20",
    "'%20OR%201=1--",
    "\"",
    ";DROP%20TABLE%20users",
    "AAAA",
    "bm9uZQ",
    "*",
    "%7B%7D",
    "a%2Cb",
    "%E2%80%AE",
];

/// Parameters that mean something for at least one of the paths.
const LIKELY: &[&str] = &[
    "page[size]=2",
    "page[number]=1",
    "page[number]=9223372036854775807",
    "page[offset]=9223372036854775807",
    "page[limit]=1",
    "page[total]=true",
    "page[total]=false",
    "sort=created_at",
    "sort=-created_at",
    "sort=name,-title",
    "sort=title",
    "sort=-last_message_at",
    "sort=role",
    "fields[chat]=title",
    "fields[user]=",
    "fields[direct_conversation]=chat",
    "include=",
    "include=chat",
    "include=members",
    "include=user",
    "include=chat.members,user",
    "include=initiator",
    "filter[id]={group}",
    "filter[id]=!in:{direct},{group}",
    "filter[id_present]=1",
    "filter[created_at]=gt:2025-01-01T00:00:00Z",
    "filter[created_at]=lt:0001-01-01T00:00:00Z",
    "filter[created_at]=lte:9999-12-31T23:59:59.999Z",
    "filter[created_at]=in:2025-01-02T03:04:05.678Z",
    "filter[updated_at_blank]=0",
    "filter[name]=ct:%25",
    "filter[title]=!ct:",
    "filter[title]=in:",
    "filter[title]=in:A group,,b",
    "filter[search]=%EF%B7%BA",
    "filter[member]={viewer}",
    "filter[status]=in:active",
    "filter[hidden]=true",
    "filter[muted]=0",
    "filter[archived]=eq:1",
    "filter[role]=!eq:admin",
    "filter[chat]={group}",
    "filter[user]=!eq:{viewer}",
    "filter[user_id_blank]=1",
    "search_peer=p",
    "search_peer=%20",
    "filter[member_count]=gte:-9223372036854775808",
    "filter[email_present]=1",
    "filter[avatar_url]=suf:",
    "filter[chat_type]=pre:gr",
    "filter[last_message_at_blank]=1",
];

async fn no_query_string_makes_the_server_fail(app: &TestApp) {
    let (viewer, group, direct) = furnished(app).await;
    let client = app.as_user(&viewer);
    let fill = |text: &str| {
        let upper = group.to_uppercase();
        [("{group}", &group), ("{direct}", &direct), ("{viewer}", &viewer.id), ("{GROUP}", &upper)]
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    };
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let (mut fine, mut refused) = (0, 0);
    for _ in 0..600 {
        let path = PATHS.choose(&mut random).expect("a path");
        // Most are asked one wild thing at most: a second mistake would hide what becomes of the first.
        let (likely, wild) = (random.random_range(0..3), random.random_range(0..8_usize).saturating_sub(5));
        let likely = (0..likely).map(|_| LIKELY.choose(&mut random).expect("a pair").replace(' ', "+"));
        let mut pairs: Vec<String> = likely.collect();
        pairs.extend((0..wild).map(|_| {
            let (name, value) = (NAMES.choose(&mut random), VALUES.choose(&mut random));
            format!("{}={}", name.expect("a name"), value.expect("a value"))
        }));
        let query = pairs.join("&");
        let answer = client.get(&fill(&format!("{path}?{query}"))).await;
        match answer.status {
            200 => fine += 1,
            400 => refused += 1,
            _ => panic!("{answer}"),
        }
        assert_sound(&answer);
    }
    assert!(fine > 150 && refused > 150, "{fine} were fine, {refused} were refused");
}

async fn furnished(app: &TestApp) -> (User, String, String) {
    let viewer = app.user("viewer").await;
    let people = crowd(app, "p", 0..3).await;
    let direct = direct(app, &viewer, &people[0]).await.id;
    (viewer.clone(), group(app, &viewer, Some("A group"), &[]).await, direct)
}

/// Every member that an answer must have; refusals say which parameter was to blame, by the name that was sent.
fn assert_sound(answer: &Answer) {
    let document = answer.document();
    assert_eq!(document["jsonapi"]["version"], "1.1", "{answer}");
    if answer.status == 200 {
        assert!(document.get("data").is_some() && document.get("errors").is_none(), "{answer}");
        return;
    }
    let errors = document["errors"].as_array().expect("errors");
    assert!(document.get("data").is_none() && !errors.is_empty(), "{answer}");
    let sent = parameters(&answer.request);
    for error in errors {
        let code = error["code"].as_str().unwrap_or_default();
        let known = Code::ALL.iter().find(|known| known.as_str() == code);
        assert!(known.is_some_and(|known| known.status() == 400), "{answer}");
        assert_eq!(error["status"], "400", "{answer}");
        let said = |name: &str| error[name].as_str().is_some_and(|text| !text.is_empty());
        assert!(said("title") && said("detail"), "{answer}");
        let named = error["source"]["parameter"].as_str().unwrap_or_else(|| panic!("no parameter is named: {answer}"));
        assert!(sent.iter().any(|name| name == named), "{named} was not sent: {answer}");
        assert!(error["meta"].is_null() || error["meta"].is_object(), "{answer}");
    }
}

/// The decoded names of a request's parameters.
fn parameters(request: &str) -> Vec<String> {
    let query = request.split_once('?').map_or("", |(_, query)| query);
    let names = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    names
        .map(|name| percent_encoding::percent_decode_str(&name.replace('+', " ")).decode_utf8_lossy().into_owned())
        .collect()
}

async fn a_query_as_long_as_it_may_be_is_answered(app: &TestApp) {
    let (viewer, group, _) = furnished(app).await;
    let client = app.as_user(&viewer);
    let repeated = |piece: &str, times: usize| std::iter::repeat_n(piece, times).collect::<Vec<_>>().join("&");
    let ids = std::iter::repeat_n(group.as_str(), 200).collect::<Vec<_>>().join(",");
    // Folding makes 18 characters of this one, and a pattern must not grow beyond what the databases take.
    let expanding = "%EF%B7%BA".repeat(900);
    let wild = "%25_%5C".repeat(1100);
    for query in [
        repeated("filter[id_blank]=0", 420),
        repeated("filter[search]=a", 450),
        repeated("filter[title]=ct:a", 400),
        repeated("filter[title][]=a", 440),
        format!("filter[id]=in:{ids}"),
        format!("filter[id]=!in:{ids}"),
        format!("filter[search]={expanding}"),
        format!("filter[title]=suf:{expanding}"),
        format!("filter[title]=!ct:{wild}"),
        format!("sort={}", std::iter::repeat_n("title,-title", 600).collect::<Vec<_>>().join(",")),
        format!("page[after]={}", "A".repeat(8000)),
        format!(
            "include={}",
            std::iter::repeat_n("chat_memberships.chat.initiator", 250).collect::<Vec<_>>().join(",")
        ),
        format!("fields[chat]={}", std::iter::repeat_n("title", 1300).collect::<Vec<_>>().join(",")),
        repeated("&", 4000),
    ] {
        let answer = client.get(&format!("/chats?{query}")).await;
        assert!(matches!(answer.status, 200 | 400), "{} {}", answer.status, &answer.request[..120]);
        assert_sound(&answer);
    }
    let peers = client.get(&format!("/direct_conversations?search_peer={expanding}")).await;
    assert_eq!(peers.assert_status(200).ids(), Vec::<String>::new());
}

async fn a_query_that_is_longer_is_too_large(app: &TestApp) {
    let (viewer, ..) = furnished(app).await;
    let answer = app.as_user(&viewer).get(&format!("/chats?filter[title]={}", "a".repeat(9000))).await;
    assert!(matches!(answer.status, 413 | 400), "{}", answer.status);
    let errors = answer.document()["errors"].as_array().map(Vec::len);
    assert_eq!(errors, Some(1));
}

/// Texts from the client come back in links as they were sent, whatever they are.
async fn links_survive_every_value(app: &TestApp) {
    let (viewer, ..) = furnished(app).await;
    let client = app.as_user(&viewer);
    for value in ["a b+c", "ä&b=c#d", "100%", "\"<>\\^`{|}", "😀", "a/b?c", "[x][y]", "\u{202e}x", "\n\r\t", ""] {
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let answer = client.get(&format!("/users?filter[name]=!eq:{encoded}&page[size]=1")).await.assert_status(200);
        for name in ["self", "first", "next"] {
            let link = answer.link(name).unwrap_or_else(|| panic!("no {name} in {answer}"));
            let again = client.get(&link).await.assert_status(200);
            let parsed = url::Url::parse(&link).expect("a URL");
            let kept =
                parsed.query_pairs().find(|(name, _)| name == "filter[name]").map(|(_, value)| value.into_owned());
            assert_eq!(kept, Some(format!("!eq:{value}")), "{link}");
            assert_eq!(again.ids().len(), 1, "{link}");
        }
    }
}

/// A value of a filter is compared and never becomes SQL or a pattern.
async fn values_are_never_code(app: &TestApp) {
    let (viewer, ..) = furnished(app).await;
    let client = app.as_user(&viewer);
    for value in ["' OR '1'='1", "a' --", "\\' OR 1=1 --", "%' OR name LIKE '%", "$1", "?1", "1; SELECT 1", "/*"] {
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        for path in
            ["/users?filter[name]=", "/users?filter[name]=ct:", "/chats?filter[search]=", "/chats?filter[title]=pre:"]
        {
            let answer = client.get(&format!("{path}{encoded}")).await.assert_status(200);
            assert_eq!(answer.data(), &Value::Array(Vec::new()), "{answer}");
        }
    }
}

on_both_databases![
    no_query_string_makes_the_server_fail,
    a_query_as_long_as_it_may_be_is_answered,
    a_query_that_is_longer_is_too_large,
    links_survive_every_value,
    values_are_never_code,
];
