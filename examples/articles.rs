//! A blog over JSON:API: the generic layer with another domain, embedded SQLite, no tokens.
//!
//! ```text
//! cargo run --example articles -- 8090
//! curl -g 'http://127.0.0.1:8090/api/v1/articles?include=author,comments&sort=-title'
//! ```

use diesel::prelude::*;
use std::error::Error;
use tertulia::config::{BindAddress, Config};
use tertulia::db::{Database, DbError, Id, Options, Time};
use tertulia::jsonapi::input::Kind;
use tertulia::resource::{
    self, Attribute, Create, Created, Edge, NoAttributes, Place, Sql, ToMany, ToOne, Value, Viewer,
};
use tertulia::{from_table, http, loadable};

diesel::table! { use diesel::sql_types::Text; use tertulia::db::{Instant, Uid};
people (id) { id -> Uid, name -> Text, created_at -> Instant, } }
diesel::table! { use diesel::sql_types::Text; use tertulia::db::{Instant, Uid};
articles (id) { id -> Uid, author_id -> Uid, title -> Text, created_at -> Instant, } }
diesel::table! { use diesel::sql_types::Text; use tertulia::db::{Instant, Uid};
comments (id) { id -> Uid, article_id -> Uid, body -> Text, created_at -> Instant, } }

/// A table's row, and a resource that everybody sees.
macro_rules! resource { ($table:ident as $kind:literal: $name:ident { $($field:ident: $type:ty),* } $($rest:tt)*) => {
    #[derive(Queryable, Selectable)]
    #[diesel(table_name = $table)]
    struct $name { $($field: $type),* }
    loadable!($name);
    impl resource::Resource for $name {
        from_table!($table as $kind);
        fn visible(_: &Viewer, _: Place<'_>) -> Vec<Sql> { Sql::everything() }
        $($rest)*
    }
} }

resource! { people as "person": Person { id: Id, name: String, created_at: Time }
    type Attributes = NoAttributes;
    const ATTRIBUTES: &'static [Attribute<Self>] =
        &[Attribute::new("name", Kind::Text, |it: &Person, _| Value::Text(&it.name)).column(&people::name)];
}

resource! { articles as "article": Article { id: Id, author_id: Id, title: String, created_at: Time }
    type Attributes = NoAttributes;
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::new("title", Kind::Text, |it: &Article, _| Value::Text(&it.title)).column(&articles::title),
        Attribute::new("created_at", Kind::Instant, |it: &Article, _| Value::Time(it.created_at)).column(&articles::created_at),
    ];
    const TO_ONE: &'static [ToOne<Self>] =
        &[ToOne::new("author", "person", |it: &Article, _| Some(it.author_id), &articles::author_id)];
    const TO_MANY: &'static [ToMany<Self>] = &[ToMany::new("comments", "comment", Edge {
        join: "", parent: "comments.article_id", at: "comments.created_at", id: "comments.id", order: None,
    })];
}

#[derive(serde::Deserialize, validator::Validate)]
struct Body {
    #[validate(length(min = 1, max = 500))]
    body: String,
}

resource! { comments as "comment": Comment { id: Id, article_id: Id, body: String, created_at: Time }
    type Attributes = Body;
    const ATTRIBUTES: &'static [Attribute<Self>] =
        &[Attribute::new("body", Kind::Text, |it: &Comment, _| Value::Text(&it.body)).column(&comments::body).required()];
    const TO_ONE: &'static [ToOne<Self>] =
        &[ToOne::new("article", "article", |it: &Comment, _| Some(it.article_id), &comments::article_id).required()];
    const CREATE: Option<Create<Self>> = Some(Create::new(|tx, sent| {
        let (article, body) = (sent.linked("article")?, &sent.attributes.body);
        let row = (comments::id.eq(sent.id), comments::article_id.eq(article), comments::body.eq(body));
        diesel::insert_into(comments::table).values((row, comments::created_at.eq(tx.viewer.now()))).execute(tx.conn)?;
        Ok(Created::fresh(sent.id))
    }));
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("articles.db");
    let database = Database::open(&format!("sqlite:{}", file.display()), &Options::default())?;
    for statement in include_str!("articles.sql").trim_end_matches(";\n").split(';') {
        database.write_blocking(move |conn| diesel::sql_query(statement).execute(conn).map_err(DbError::from))?;
    }
    let port = std::env::args().nth(1).map_or(Ok(8090), |port| port.parse())?;
    let config = Config { bind: BindAddress::local(port), ..Config::default() };
    let registry = resource::Registry::new().with::<Person>().with::<Article>().with::<Comment>();
    actix_web::rt::System::new().block_on(async move {
        let running = http::serve(config, database, http::Api::open(registry))?;
        println!("{}/api/v1/articles", running.url);
        Ok(tokio::signal::ctrl_c().await?)
    })
}
