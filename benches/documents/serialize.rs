//! A compound document through the generic layer, and through types with a `Serialize` of their own.

mod by_hand;

use crate::alone::{Outcome, each};
use crate::report::{self, Ratio};
use crate::world::{MOST, World};
use tertulia::resource::cursor;
use tertulia::resource::document::{self, Meta, Writer};
use tertulia::resource::include::Included;
use tertulia::resource::plan::fields::Fields;
use tertulia::resource::plan::include::Node;
use tertulia::resource::registry::{Entry, Rows};
use tertulia::resource::select::Key;
use tertulia::resource::{Error, Place, Sql, Viewer};

const BASE: &str = "https://chat.example/api/v1";

/// Conversations with the users they are with, as they were loaded.
struct Loaded<'a> {
    entry: &'a Entry,
    rows: Box<dyn Rows>,
    included: Included,
    fields: Fields,
    viewer: Viewer,
    cursor_key: &'a cursor::Key,
}

impl Loaded<'_> {
    fn document(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(2048 * self.rows.len());
        let writer = Writer {
            base: BASE,
            viewer: &self.viewer,
            fields: &self.fields,
            included: &self.included,
            by_cursor: false,
            cursor_key: self.cursor_key,
        };
        document::head(&mut out, false, &format!("{BASE}/direct_conversations"));
        out.extend_from_slice(b"},\"data\":[");
        for row in 0..self.rows.len() {
            if row > 0 {
                out.push(b',');
            }
            writer.resource(&mut out, self.entry, &*self.rows, row, Meta::default());
        }
        out.push(b']');
        writer.included(&mut out);
        out.push(b'}');
        out
    }
}

/// Measures both, and counts allocations.
pub(crate) fn run(rounds: usize) -> Outcome<Vec<Ratio>> {
    let world = World::new()?;
    let registry = tertulia::resources::registry();
    let entry = registry.find("direct_conversation").ok_or("there are no direct conversations")?;
    let relationship = entry.relationship("second_user").ok_or("conversations have no second user")?;
    let target = registry.find("user").ok_or("there are no users")?;
    let tree = [Node { relationship, target: target.clone(), children: Vec::new(), scoped: None }];
    let load = |count: usize| {
        let viewer = Viewer::user(world.viewer);
        let key = Key { expr: Sql::new(entry.id), descending: false, nullable: false };
        let limit = i64::try_from(count).ok();
        let select =
            tertulia::resource::select::Select { order: vec![key], limit, ..entry.select(&viewer, Place::List(&[])) };
        world.database.read_blocking(|conn| {
            let rows = entry.rows.load(conn, &select)?;
            let fields = Fields::default();
            let included = Included::follow(conn, (&viewer, &fields), (entry, &*rows), &tree)?;
            Ok::<_, Error>(Loaded { entry, rows, included, fields, viewer, cursor_key: registry.cursor_key() })
        })
    };
    let told = |error| format!("{error:?}");
    let (few, many) = (load(MOST / 10).map_err(told)?, load(MOST).map_err(told)?);
    let by_hand = by_hand::Loaded::of(&world)?;
    if many.document() != by_hand.document()? {
        return Err("the documents differ".into());
    }
    let (mut generic, mut hand) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let figures = (each(10, || many.document()), each(10, || by_hand.document()));
        if round > 0 {
            generic.push(figures.0);
            hand.push(figures.1);
        }
    }
    let bytes = many.document().len();
    println!("\n  {:44} {:>30}", format!("{MOST} resources, {MOST} included, {bytes} bytes"), "CPU us");
    println!("  {:44} {:>30}", "generic layer", report::spread(&generic));
    println!("  {:44} {:>30}", "a Serialize of their own", report::spread(&hand));
    let count = |loaded: &Loaded<'_>| allocation_counter::measure(|| drop(loaded.document())).count_total;
    let (few, many) = (count(&few) as f64, count(&many) as f64);
    println!("  {:44} {few:8} and {many}", format!("allocations with {} and {MOST} resources", MOST / 10));
    Ok(vec![
        Ratio::between("", "generic layer / Serialize", &generic, &hand).at_most(2.0),
        Ratio::between("", "allocations, 1,000 resources / 100", &[many], &[few]).at_most(1.0),
    ])
}
