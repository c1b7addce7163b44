//! The part of the configuration that resources go by.

use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the server's operator decides about accounts and sign-ins.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether anybody may make an account; otherwise only the operator can.
    pub sign_up_open: bool,
    /// How long a session lives after its last use.
    pub session_life: Duration,
    /// What hashing a password costs.
    pub password_cost: PasswordCost,
    /// The most bytes of one upload.
    pub max_upload_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sign_up_open: true,
            session_life: 30 * DAY,
            password_cost: PasswordCost::Default,
            max_upload_bytes: 10 << 20,
        }
    }
}

/// What hashing a password costs, whoever guesses it and whoever signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordCost {
    /// 19 MiB and two passes, as OWASP advises.
    #[default]
    Default,
    /// As little as Argon2 allows; for tests only.
    Fast,
}
