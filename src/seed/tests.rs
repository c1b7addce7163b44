use std::collections::{BTreeMap, BTreeSet};

use super::world::{Part, parts};
use super::{Plan, SeedError};

const PLAN: Plan = Plan { users: 300, conversations: 1_000, groups: 20, messages: 5_000, seed: 1 };

fn made(plan: Plan) -> Vec<Part> {
    parts(&plan, "hash".to_owned()).collect()
}

/// Everything of a world, as text that differs if any value does.
fn text(plan: Plan) -> String {
    made(plan).iter().map(|part| format!("{:?}", part.world)).collect()
}

/// The sides of all direct conversations, as debug texts of ids, in either order.
fn pairs(plan: Plan) -> Vec<BTreeSet<String>> {
    let directs = made(plan).into_iter().flat_map(|part| part.world.directs);
    directs.map(|direct| direct.sides().iter().map(|side| format!("{side:?}")).collect()).collect()
}

#[test]
fn the_same_plan_makes_the_same_world() {
    assert_eq!(text(PLAN), text(PLAN));
}

#[test]
fn another_seed_makes_another_world() {
    assert_ne!(text(PLAN), text(Plan { seed: 2, ..PLAN }));
}

#[test]
fn a_world_has_what_was_asked_for() {
    let parts = made(PLAN);
    let count = |of: fn(&Part) -> usize| parts.iter().map(of).sum::<usize>();
    assert_eq!(count(|part| part.world.users.len()), 300);
    assert_eq!(count(|part| part.world.directs.len()), 1_000);
    assert_eq!(count(|part| part.world.chats.len()), 1_020);
    assert_eq!(count(|part| part.world.messages.len()), 5_000);
    assert_eq!(parts.iter().map(|part| part.added).sum::<u64>(), PLAN.steps());
}

#[test]
fn no_pair_converses_twice_and_nobody_with_themselves() {
    // The largest plans for so few users draw from all pairs, the others at random.
    for conversations in [0, 1, 30, 500, 1_000, 1_224, 1_225] {
        let pairs = pairs(Plan { users: 50, conversations, groups: 0, messages: 0, seed: 3 });
        assert_eq!(pairs.len() as u64, conversations);
        assert!(pairs.iter().all(|pair| pair.len() == 2));
        assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len() as u64, conversations);
    }
}

#[test]
fn the_first_user_has_about_a_hundred_conversations() {
    let plan = Plan { users: 5_000, conversations: 10_000, groups: 0, messages: 0, seed: 1 };
    let first = format!("{:?}", Some(made(plan)[0].world.users[0].id));
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for side in pairs(plan).into_iter().flatten() {
        *counts.entry(side).or_default() += 1;
    }
    assert!((95..120).contains(&counts[&first]), "{}", counts[&first]);
}

#[test]
fn a_plan_that_cannot_be_is_refused() {
    let refused = |plan: Plan| plan.check().unwrap_err().to_string();
    let crowded = Plan { users: 3, conversations: 4, groups: 0, messages: 0, seed: 1 };
    assert_eq!(refused(crowded), "3 users make only 3 pairs, too few for 4 direct conversations");
    assert!(matches!(
        Plan { users: 1, conversations: 0, groups: 1, messages: 0, seed: 1 }.check(),
        Err(SeedError::NoMembers)
    ));
    assert!(Plan { conversations: 3, ..crowded }.check().is_ok());
}

#[test]
fn a_plan_of_users_alone_can_be() {
    for users in [0, 1, 2, 3, 10, 1_000] {
        assert!(Plan::of(users, 1).check().is_ok(), "{users}");
    }
    assert_eq!(Plan::of(1_000, 1).conversations, 5_000);
}
