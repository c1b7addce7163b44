//! Reads: a document, or the word that the client has it already.
//!
//! | the request | runs |
//! |---|---|
//! | has no `If-None-Match` | the statements of the document |
//! | has one, of an answer that is not remembered | a stamp, and the same; the answer's tag is remembered |
//! | has that tag, and nothing was written since | a stamp: 304 |

use super::{
    answer,
    api::{Known, Shared},
    asked::Asked,
    conditions::{self, Validators},
    handle::note_use,
    held::{self, Held},
    url::Action,
};
use crate::{
    db::Conn,
    resource::{Result, Viewer, clock, document::Document},
};
use actix_web::{HttpResponse, http::StatusCode, web};

/// What a read comes to.
enum Found {
    /// The client has it already.
    Held(Validators),
    New(Document),
}

/// A read by somebody who may ask.
struct Reading<'a> {
    asked: &'a Asked,
    shared: &'a Shared,
    viewer: &'a Viewer,
}

pub(super) async fn read(asked: Asked, shared: web::Data<Shared>) -> Result<HttpResponse> {
    let app = shared.clone().into_inner();
    let work = move |conn: &mut Conn| -> Result<(Known, Found)> {
        let known = asked.admit(&app, conn)?;
        let found = Reading { asked: &asked, shared: &app, viewer: &known.viewer }.found(conn)?;
        Ok((known, found))
    };
    let (known, found) = shared.database.read(work).await?;
    note_use(known, &shared);
    Ok(match found {
        Found::Held(validators) => conditions::not_modified(validators),
        Found::New(document) => answer::document(StatusCode::OK, document),
    })
}

impl Reading<'_> {
    fn found(&self, conn: &mut Conn) -> Result<Found> {
        if !self.asked.conditions.ask_for_tags() {
            return self.judged(self.document(conn)?);
        }
        // Before anything is read that it is to vouch for.
        let Some(stamp) = self.shared.database.stamp(conn)? else { return self.judged(self.document(conn)?) };
        let (asked, since) = (self.asked, self.viewer.now());
        let name = held::name(self.viewer, &asked.base, (&asked.path, &asked.query), asked.cursor_profile);
        if let Some(validators) = self.shared.held.find(&name, &stamp, since)
            && asked.conditions.hold(&validators)?
        {
            return Ok(Found::Held(validators));
        }
        let (document, until) = clock::watched(|| self.document(conn));
        let document = document?;
        self.shared.held.keep(name, Held { validators: Validators::of(&document), stamp, since, until });
        self.judged(document)
    }

    fn document(&self, conn: &mut Conn) -> Result<Document> {
        let asked = self.asked;
        let registry = &self.shared.api.registry;
        let plan = asked.plan(registry, self.viewer)?;
        let reader = asked.reader(registry, self.viewer, &plan);
        match asked.action {
            Action::List => reader.list(conn, &asked.entry),
            Action::Related(relationship) => reader.related(conn, &asked.entry, asked.id()?, relationship),
            Action::Linkage(relationship) => reader.linkage(conn, &asked.entry, asked.id()?, relationship),
            _ => reader.show(conn, &asked.entry, asked.id()?),
        }
    }

    fn judged(&self, document: Document) -> Result<Found> {
        let validators = Validators::of(&document);
        Ok(match self.asked.conditions.hold(&validators)? {
            true => Found::Held(validators),
            false => Found::New(document),
        })
    }
}
