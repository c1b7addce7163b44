//! Writes: what can be refused without a transaction is refused first; then the generic layer does the work in one.

use super::{
    admit::too_many,
    api::{Known, Shared},
    asked::{Asked, Sent, Understood},
    done::{Done, Made},
    handle::note_use,
    idempotency,
    transact::transact,
    url::Action,
};
use crate::db::Conn;
use crate::resource::{
    Error, Result,
    plan::Plan,
    read::Top,
    registry::Entry,
    relate::{self, Change},
    replay::About,
    write::{Created, Tx},
};
use actix_web::{HttpResponse, web};
use std::sync::Arc;

/// A body of so many bytes is understood where it was received; a larger one would keep other requests waiting there.
const SMALL: usize = 16 * 1024;

pub(super) async fn write(asked: Asked, shared: web::Data<Shared>) -> Result<HttpResponse> {
    let app = shared.clone().into_inner();
    let is_small = asked.body.as_ref().is_ok_and(|body| body.len() <= SMALL);
    // Everything that can be refused without a transaction is; with a key, the refusal has to be kept.
    let judge = move |conn: &mut Conn| -> Result<(Asked, Known, Understood)> {
        let known = asked.admit(&app, conn)?;
        let understood = asked.understood(&app.api.registry, &known.viewer)?;
        Ok((asked, known, understood))
    };
    let judged = if is_small { shared.database.look(judge).await } else { shared.database.read(judge).await };
    let (asked, known, understood) = judged?;
    if let Ok((_, sent)) = &understood {
        refuse_name(&asked, sent, &shared)?;
    }
    note_use(known, &shared);
    let (key, owner) = (asked.key.clone()?, asked.owner());
    let work = move |tx: &mut Tx<'_>| {
        tx.precondition = asked.conditions.precondition.clone();
        match &understood {
            Ok((plan, sent)) => act(tx, &asked, plan, sent),
            Err(problems) => Err(problems.clone().into()),
        }
    };
    let Some(key) = key else {
        return Ok(transact(&shared, known.viewer, work).await?.response());
    };
    let about = owner.clone();
    let work = move |tx: &mut Tx<'_>| Ok(work(tx)?.kept(about.clone()));
    idempotency::once(&shared, known.viewer, (key, owner), work, |_| Vec::new()).await
}

/// Sign-ins are limited by name too, whatever address they come from.
fn refuse_name(asked: &Asked, sent: &Sent, shared: &Shared) -> Result<()> {
    let Sent::Resource(resource) = sent else { return Ok(()) };
    if !asked.is_anonymous() {
        return Ok(());
    }
    let name = (shared.api.limited_as)(asked.entry.kind, &resource.attributes);
    match name.and_then(|name| shared.limits.name(&name)) {
        Some(seconds) => Err(too_many(seconds)),
        None => Ok(()),
    }
}

fn act(tx: &mut Tx<'_>, asked: &Asked, plan: &Plan, sent: &Sent) -> Result<Done> {
    let entry = &*asked.entry;
    match (asked.action, sent) {
        (Action::Create, Sent::Resource(sent)) => {
            let created = entry.writes.create(tx, entry, sent)?;
            answer_created(tx, asked, (entry, plan), created)
        }
        (Action::CreateIn(at), Sent::Resource(sent)) => {
            let many = &entry.to_many[at];
            let target = Arc::clone(tx.registry.target(many.target)?);
            let sent = relate::implied(tx, (entry, asked.id()?), many, sent)?;
            let created = target.writes.create(tx, &target, &sent)?;
            answer_created(tx, asked, (&target, plan), created)
        }
        (Action::Update, Sent::Resource(sent)) => {
            let id = asked.id()?;
            entry.writes.update(tx, entry, id, sent)?;
            let viewer = tx.viewer;
            Ok(Done::Changed(asked.reader(tx.registry, &viewer, plan).show(tx.conn, entry, id)?))
        }
        (Action::Delete, _) => {
            entry.writes.delete(tx, entry, asked.id()?)?;
            Ok(Done::Nothing(None))
        }
        (Action::Relate(relationship, verb), Sent::Linkage(linkage)) => {
            let id = asked.id()?;
            let as_sent = entry.writes.relate(tx, entry, id, Change { relationship, verb, linkage })?;
            let is_conditional = !asked.conditions.precondition.is_none();
            if as_sent && !is_conditional {
                return Ok(Done::Nothing(None));
            }
            let viewer = tx.viewer;
            match asked.reader(tx.registry, &viewer, plan).linkage(tx.conn, entry, id, relationship) {
                Ok(now) if as_sent => Ok(Done::Nothing(Some(now.tag))),
                // Whoever leaves doesn't see what they left.
                Err(Error::Api(_)) if as_sent => Ok(Done::Nothing(None)),
                now => now.map(Done::Changed),
            }
        }
        _ => Err(Error::Internal("a read was taken for a write".to_owned())),
    }
}

fn answer_created(tx: &mut Tx<'_>, asked: &Asked, (entry, plan): (&Entry, &Plan), created: Created) -> Result<Done> {
    let viewer = created.viewer.unwrap_or(tx.viewer);
    let location = format!("{}/{}/{}", asked.base, entry.path, created.id);
    let top = Top { this: &location, meta: created.meta.as_deref() };
    let document = asked.reader(tx.registry, &viewer, plan).written(tx.conn, entry, created.id, top)?;
    let about = About { kind: entry.kind.to_owned(), id: created.id };
    let (fresh, authorization) = (created.fresh, created.authorization);
    Ok(Done::Created(Made { document, location, fresh, authorization, about }))
}
