//! How a command fails: one sentence on standard error and an exit status.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use tertulia::config::ConfigError;

/// What a command gives back.
pub(crate) type Outcome = Result<(), Failure>;

/// Why a command did not do what it was told.
#[derive(Debug)]
pub(crate) struct Failure {
    status: u8,
    message: String,
}

impl Failure {
    /// 2 · the command line or the configuration is wrong.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self { status: 2, message: message.to_string() }
    }

    /// 1 · it could not be done.
    pub(crate) fn new(message: impl Display) -> Self {
        Self { status: 1, message: message.to_string() }
    }

    /// The same, with what it is about in front.
    pub(crate) fn because(self, about: impl Display) -> Self {
        Self { message: format!("{about}: {}", self.message), ..self }
    }

    /// Nobody reads the output any more (`tertulia user list | head`): an end, not a failure.
    fn closed_pipe() -> Self {
        Self { status: 0, message: String::new() }
    }

    /// Problems of the command line or the configuration are one a line; anything else is told in one piece.
    pub(crate) fn report(self) -> ExitCode {
        let lines = if self.status == 2 { self.message.lines().collect() } else { vec![&*self.message] };
        for text in lines.iter().filter(|text| !text.is_empty()) {
            eprintln!("error: {text}");
        }
        ExitCode::from(self.status)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::closed_pipe() } else { Self::new(error) }
    }
}
