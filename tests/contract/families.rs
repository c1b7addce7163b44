//! Every family of cases as two tests: `fetching::sqlite` and `fetching::postgres`.

use crate::case::{self, Case};
use crate::runner::Stage;
use crate::support::app::TestApp;
use crate::support::database::Kind;
use crate::world::World;

macro_rules! families {
    ($($family:ident)+) => {
        const FAMILIES: &[&str] = &[$(stringify!($family)),+];
        $(mod $family {
            use crate::support::database::Kind;

            #[actix_web::test]
            async fn sqlite() {
                super::hold(stringify!($family), Kind::Sqlite).await;
            }

            #[actix_web::test]
            async fn postgres() {
                super::hold(stringify!($family), Kind::Postgres).await;
            }
        })+
    };
}

families! {
    atomic attachments authentication chat_memberships chat_requests chats clients conditions creating cursors
    decisions deleting direct_conversations documents errors fetching filtering http inboxes including messages
    negotiation order_of_checks paging per_viewer query_parameters reactions reading relationships retries seeds
    sorting sparse_fieldsets updating users visibility
}

#[test]
fn every_folder_of_cases_is_a_family() {
    assert_eq!(case::families(), FAMILIES, "families.rs lists the folders below spec/");
}

#[test]
fn every_case_is_in_a_family() {
    assert_eq!(case::strays(), Vec::<String>::new(), "nobody plays these");
}

#[test]
fn every_case_has_a_request() {
    for family in FAMILIES {
        for case in case::of_family(family) {
            assert!(!case.steps.is_empty(), "{} has no request", case.name);
        }
    }
}

/// Plays the family's cases. Those that only read share a server; others get a copy of the world each.
async fn hold(family: &str, kind: Kind) {
    if !kind.wanted() {
        return;
    }
    let world = World::on(kind).await;
    let shared = world.app().await;
    let mut problems = Vec::new();
    for case in case::of_family(family).into_iter().filter(is_wanted) {
        if case.steps.iter().all(case::Step::is_safe) {
            problems.extend(play(world, &shared, &case).await);
        } else {
            let own = world.app().await;
            problems.extend(play(world, &own, &case).await);
            own.stop().await;
        }
    }
    shared.stop().await;
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n\n"));
}

async fn play(world: &World, app: &TestApp, case: &Case) -> Vec<String> {
    Stage { app, words: world.words(app) }.play(case).await
}

fn is_wanted(case: &Case) -> bool {
    std::env::var("TERTULIA_CASE").map_or(true, |wanted| case.name.contains(&wanted))
}
