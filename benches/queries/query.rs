//! The most complicated query string of chats that is accepted: as many includes as there may be, every field of every
//! type, as many sort keys as there may be, a filter of every kind on every attribute.

use crate::alone::{Outcome, each};
use crate::report::{self, Ratio};
use tertulia::db::{Id, Time};
use tertulia::jsonapi::input::Kind;
use tertulia::resource::plan::{Context, Plan, Shape, sort::MOST_KEYS};
use tertulia::resource::registry::Entry;
use tertulia::resource::{Registry, Viewer};

/// 24 edges, four steps deep.
const INCLUDE: &str = "direct_conversation.first_user,direct_conversation.second_user,initiator.inbox,members.inbox,\
                       chat_memberships.user.inbox,chat_memberships.last_read_message.author,viewer_membership.user,\
                       viewer_membership.last_read_message.reactions.author,last_message.author,\
                       last_message.parent.author,last_message.reactions.author,last_message.attachments";
/// Microseconds that it may take.
const MOST: f64 = 20.0;

/// Measures how long that query takes, and a simple one.
pub(crate) fn run(rounds: usize) -> Outcome<Vec<Ratio>> {
    let registry = tertulia::resources::registry();
    let entry = registry.find("chat").ok_or("there are no chats")?;
    let viewer = Viewer::user(Id::new());
    let shape = Shape::Collection(None);
    let context = Context { registry: &registry, entry, shape, viewer: &viewer, path: "/chats", cursor_profile: false };
    let complicated = complicated(&registry, entry);
    let simple = "filter%5Barchived%5D=false&sort=-last_message_at&include=last_message.author&page%5Bsize%5D=20";
    for query in [&complicated, simple] {
        Plan::parse(context, query).map_err(|problems| format!("{query} is refused: {problems}"))?;
    }
    let (mut most, mut usual) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let figures = (each(200, || Plan::parse(context, &complicated)), each(200, || Plan::parse(context, simple)));
        if round > 0 {
            most.push(figures.0);
            usual.push(figures.1);
        }
    }
    println!("\n  {:44} {:>30}", "a query string becomes a plan", "CPU us");
    let name = format!("the most complicated one, {} bytes", complicated.len());
    println!("  {name:44} {:>30}\n  {:44} {:>30}", report::spread(&most), "a usual one", report::spread(&usual));
    let one = vec![1.0; most.len()];
    Ok(vec![Ratio::between("", "the most complicated query, us", &most, &one).at_most(MOST)])
}

fn complicated(registry: &Registry, entry: &Entry) -> String {
    let mut query = format!("include={INCLUDE}");
    for entry in registry.entries() {
        let shown = entry.attributes.iter().filter(|attribute| attribute.readable);
        let names = shown.map(|attribute| attribute.field.name).chain(entry.relationship_names());
        query += &format!("&fields%5B{}%5D={}", entry.kind, names.collect::<Vec<_>>().join(","));
    }
    let fields: Vec<_> = entry.attributes.iter().map(|attribute| attribute.field).collect();
    let sorts = fields.iter().filter(|field| field.sortable).take(MOST_KEYS);
    let sorts: Vec<String> = sorts.map(|field| format!("-{}", field.name)).collect();
    query += &format!("&sort={}&page%5Bnumber%5D=3&page%5Bsize%5D=100&page%5Btotal%5D=true", sorts.join(","));
    for field in fields.iter().filter(|field| field.expr.is_some()) {
        let conditions: &[String] = match field.kind {
            Kind::Instant => &[format!("gte:{}", Time(0)), format!("lt:{}", Time::now())],
            Kind::Bool => &["!eq:true".to_owned()],
            Kind::Integer => &["in:1,2,3,4,5".to_owned(), "!eq:7".to_owned()],
            Kind::Uuid => &[format!("in:{},{}", Id::new(), Id::new())],
            Kind::OneOf(words) => &[format!("in:{}", words.join(","))],
            _ => &["pre:caf%C3%A9".to_owned(), "!ct:tea".to_owned(), "!in:a,b%5C,c".to_owned()],
        };
        for condition in conditions {
            query += &format!("&filter%5B{}%5D={condition}", field.name);
        }
        query += &format!("&filter%5B{}_present%5D=1", field.name);
    }
    for one in &entry.to_one {
        query += &format!("&filter%5B{}%5D={}", one.name, Id::new());
    }
    query + &format!("&filter%5Bsearch%5D=board+games&filter%5Bmember%5D={}", Id::new())
}
