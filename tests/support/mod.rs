//! What sentences about the running server share: databases, the server, a client, and what to expect of answers.
//!
//! A test file says `mod support;` and
//! `#[expect(dead_code, reason = "…")]` above it when it needs only a part.

pub(crate) mod answer;
pub(crate) mod app;
pub(crate) mod client;
pub(crate) mod cluster;
pub(crate) mod database;

/// Makes two test cases of one sentence: `sentence::sqlite` and `sentence::postgres`.
///
/// A sentence that is not named here is dead code, which CI refuses.
macro_rules! on_both_databases {
    ($($sentence:ident),+ $(,)?) => {$(
        mod $sentence {
            #[actix_web::test]
            async fn sqlite() {
                $crate::support::app::TestApp::run($crate::support::database::Kind::Sqlite, super::$sentence).await;
            }

            #[actix_web::test]
            async fn postgres() {
                $crate::support::app::TestApp::run($crate::support::database::Kind::Postgres, super::$sentence).await;
            }
        }
    )+};
}
pub(crate) use on_both_databases;
