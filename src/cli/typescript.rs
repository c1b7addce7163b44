//! `tertulia typescript`: the types of the TypeScript client.

use clap::Args;
use tertulia::{openapi, resources};

use super::failure::Outcome;
use super::print;

const EXAMPLES: &str = "\
Examples:
  tertulia typescript > clients/typescript/src/types.ts";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {}

pub(crate) fn run() -> Outcome {
    print::bytes(openapi::typescript(&resources::registry()).as_bytes())
}
