//! `tertulia seed`: a large made-up world, with a progress bar.

use std::time::Instant;

use clap::Args;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use tertulia::config::Effective;
use tertulia::seed::{self, PASSWORD, Plan, SeedError};

use super::failure::{Failure, Outcome};
use super::{print, store};

const EXAMPLES: &str = "\
The nth user of seed S is userN@seedS.example, and everybody's password is `tertulia-seed`.
The first users have about 100 conversations each, the others a few.

Examples:
  tertulia seed --users 1000 --conversations 5000 --groups 50 --messages 100_000
  tertulia seed --users 100_000 --conversations 200_000 --seed 7
  tertulia token create --email user1@seed7.example";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// How many users to make
    #[arg(long, value_name = "N", default_value = "1000", value_parser = count)]
    users: u64,
    /// How many direct conversations to make between them [default: 5 for each user]
    #[arg(long, value_name = "N", value_parser = count)]
    conversations: Option<u64>,
    /// How many groups of 2 to 40 members to make
    #[arg(long, value_name = "N", default_value = "0", value_parser = count)]
    groups: u64,
    /// How many messages to make, shared out evenly among all the chats
    #[arg(long, value_name = "N", default_value = "0", value_parser = count)]
    messages: u64,
    /// Which world: the same number makes the same one
    #[arg(long, value_name = "N", default_value = "1", value_parser = count)]
    seed: u64,
}

/// A whole number, which may be written `100_000`.
fn count(text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| "write a whole number, like 1000 or 100_000".to_owned())
}

pub(crate) fn run(settings: &Effective, arguments: &Arguments) -> Outcome {
    let by_default = Plan::of(arguments.users, arguments.seed);
    let conversations = arguments.conversations.unwrap_or(by_default.conversations);
    let plan = Plan { conversations, groups: arguments.groups, messages: arguments.messages, ..by_default };
    let database = store::open(settings)?;
    let (bar, began) = (progress_bar(plan.steps()), Instant::now());
    let filled = seed::fill(&database, &plan, |added| bar.inc(added));
    bar.finish_and_clear();
    filled.map_err(failure)?;
    print::line(summary(&plan, began))
}

fn progress_bar(steps: u64) -> ProgressBar {
    let form = "{bar:40} {percent:>3} %  {human_pos} of {human_len}  {elapsed_precise}, {eta} left";
    let style = ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(steps).with_style(style)
}

fn failure(error: SeedError) -> Failure {
    match error {
        SeedError::TooFewPairs { .. } | SeedError::NoMembers => Failure::usage(error),
        SeedError::Database(error) => error.into(),
        SeedError::AlreadySeeded(_) | SeedError::Password(_) => Failure::new(error),
    }
}

fn summary(plan: &Plan, began: Instant) -> String {
    let [users, conversations, groups] = [plan.users, plan.conversations, plan.groups].map(HumanCount);
    let seconds = began.elapsed().as_secs_f64();
    let said = if plan.messages > 0 { format!(" with {} messages", HumanCount(plan.messages)) } else { String::new() };
    let made = format!(
        "Made {users} users, {conversations} direct conversations and {groups} groups{said} in {seconds:.1} s."
    );
    if plan.users == 0 {
        return made;
    }
    format!("{made}\nSign in as {} with the password {PASSWORD}", seed::email(plan.seed, 1))
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn a_count_may_have_underscores_and_nothing_else() {
        assert_eq!(count("100_000"), Ok(100_000));
        assert_eq!(count("0"), Ok(0));
        for wrong in ["", "-1", "1.5", "many", "1 000"] {
            assert!(count(wrong).is_err(), "{wrong}");
        }
    }
}
