//! `tertulia completions SHELL`: a completion script on standard output.

use clap::{Args, Command};
use clap_complete::Shell;

use super::failure::Outcome;
use super::print;

const EXAMPLES: &str = "\
Examples:
  tertulia completions bash > ~/.local/share/bash-completion/completions/tertulia
  tertulia completions zsh > \"${fpath[1]}/_tertulia\"
  tertulia completions fish > ~/.config/fish/completions/tertulia.fish";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The shell to print the script for
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, program: &mut Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, program, "tertulia", &mut script);
    print::bytes(&script)
}
