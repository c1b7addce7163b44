//! The list's statement alone, against the join that one would write first.
//!
//! ```text
//! shipped   two limited halves, each a walk through a partial index over copied columns; no join
//! join      direct_conversations, chats and own membership joined for either side, sorted by chats.updated_at
//! ```
//! The join is given its best: no index of the list is missing to it but those over copied columns, and it goes
//! through the same loader, prepared once.

use crate::support::cpu;
use crate::support::process::backends;
use crate::support::report::{self, Ratio};
use crate::world::{Asker, World};
use crate::{Effort, Outcome, PAGE, QUERY, thread, told};
use std::time::Duration;
use tertulia::db::Kind;
use tertulia::jsonapi::error::Errors;
use tertulia::resource::plan::{Context, Plan, Shape};
use tertulia::resource::registry::Entry;
use tertulia::resource::select::Select;
use tertulia::resource::{Error, Place, Registry, Sql, Viewer};
use tertulia::schema::chats;

/// The list's parameters, understood.
pub(crate) fn plan(registry: &Registry, entry: &Entry, viewer: &Viewer) -> Result<Plan, Errors> {
    let shape = Shape::Collection(None);
    Plan::parse(Context { registry, entry, shape, viewer, path: "/direct_conversations", cursor_profile: false }, QUERY)
}

/// The statement of the first page, as the generic layer makes it.
pub(crate) fn shipped(entry: &Entry, viewer: &Viewer, plan: &Plan) -> Select {
    Select {
        order: plan.sort.iter().map(|key| key.key.clone()).collect(),
        limit: Some(PAGE + 1),
        ..entry.select(viewer, Place::List(&plan.named))
    }
}

fn join(shipped: &Select, viewer: &Viewer) -> Select {
    let mut join = shipped.clone();
    join.source = Sql::new(
        "direct_conversations JOIN chats ON chats.id = direct_conversations.chat_id \
         JOIN chat_memberships AS own ON own.chat_id = chats.id AND own.user_id = ",
    )
    .then(viewer.id);
    let seen = Sql::new("(direct_conversations.first_user_id = ")
        .then(viewer.id)
        .then(" OR direct_conversations.second_user_id = ")
        .then(viewer.id)
        .then(") AND NOT own.deleted AND NOT own.hidden AND chats.status = 'active'");
    join.visible = vec![seen];
    join.order[0].expr = Sql::new(&chats::updated_at as tertulia::resource::Column);
    join
}

/// Measures both.
pub(crate) fn run(name: &'static str, world: &World, effort: &Effort) -> Outcome<Vec<Ratio>> {
    let registry = tertulia::resources::registry();
    let entry = registry.find("direct_conversation").ok_or("there is no such type")?;
    let mut pairs = Vec::new();
    for Asker { user, .. } in &world.askers {
        let viewer = Viewer::user(*user);
        let shipped = shipped(entry, &viewer, &plan(&registry, entry, &viewer).map_err(|errors| errors.to_string())?);
        pairs.push((join(&shipped, &viewer), shipped));
    }
    let mut backend = Vec::new();
    if world.database.kind() == Kind::Postgres {
        backend = backends(&world.database, true)?;
    }
    let cost = |pick: fn(&(Select, Select)) -> &Select| -> Outcome<(f64, Vec<tertulia::db::Id>)> {
        let before = cpu::Processes::now(&backend);
        let loaded = world.database.read_blocking(|conn| {
            let began = thread::used();
            let mut first = Vec::new();
            for pair in &pairs {
                let rows = entry.rows.load(conn, pick(pair))?;
                first.extend((0..rows.len()).map(|row| rows.id(row)));
            }
            Ok::<_, Error>((thread::used() - began, first))
        });
        let (used, first) = loaded.map_err(told)?;
        let used: Duration = used + cpu::Processes::now(&backend).since(&before);
        Ok((used.as_secs_f64() * 1e6 / pairs.len() as f64, first))
    };
    let (mut shipped, mut joined) = (Vec::new(), Vec::new());
    for round in 0..=effort.rounds {
        let (one, other) = (cost(|pair| &pair.1)?, cost(|pair| &pair.0)?);
        if one.1 != other.1 {
            return Err("the two statements find different conversations".into());
        }
        if round > 0 {
            shipped.push(one.0);
            joined.push(other.0);
        }
    }
    println!("\n  {:30} {:>30}", "the list's statement", "CPU us");
    println!("  {:30} {:>30}\n  {:30} {:>30}", "shipped", report::spread(&shipped), "join", report::spread(&joined));
    let ratio = Ratio::between(name, "shipped statement / join", &shipped, &joined);
    Ok(vec![if world.database.kind() == Kind::Sqlite { ratio.at_most(0.5) } else { ratio }])
}
