//! Rate limits: `300/60s` is at most 300 in any 60 seconds.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use super::value::{Value, read_time, show_time};

/// At most `max` in `per`. Written `300/60s`; the time takes `ms`, `s`, `m`, `h` or `d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many, at once or spread over the time.
    pub max: NonZeroU32,
    /// The time after which as many are allowed again.
    pub per: Duration,
}

impl RateLimit {
    /// The default for all requests of one address: `300/60s`.
    pub const REQUESTS: Self = Self::new(NonZeroU32::MIN.saturating_add(299), Duration::from_secs(60));

    /// The default for sign-ins and sign-ups: `5/20s`.
    pub const SIGN_INS: Self = Self::new(NonZeroU32::MIN.saturating_add(4), Duration::from_secs(20));

    /// At most `max` in `per`.
    pub const fn new(max: NonZeroU32, per: Duration) -> Self {
        Self { max, per }
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.max, show_time(self.per))
    }
}

/// The text is not of the form `300/60s`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a rate limit; write how many in which time, like `300/60s`")]
pub struct RateLimitError(String);

impl FromStr for RateLimit {
    type Err = RateLimitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| RateLimitError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<RateLimit> {
    let (max, per) = text.split_once('/')?;
    Some(RateLimit::new(max.trim().parse().ok()?, read_time(per.trim())?))
}

impl Value for Option<RateLimit> {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(None),
            _ => text.parse().map(Some).map_err(|e: RateLimitError| format!("{e}, or `off`")),
        }
    }

    fn show(&self) -> String {
        self.map_or_else(|| "off".to_owned(), |limit| limit.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::RateLimit;

    fn check(text: &str, expected: Option<&str>) {
        let shown = text.parse::<RateLimit>().ok().map(|limit| limit.to_string());
        assert_eq!(shown.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_limit_is_a_count_and_a_time() {
        check("300/60s", Some("300/60s"));
        check("5/20s", Some("5/20s"));
        check("1/500ms", Some("1/500ms"));
        check("10/1h", Some("10/3600s"));
        check(" 7 / 90s ", Some("7/90s"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "300", "300/", "/60s", "0/60s", "300/0s", "300/60", "-1/60s", "300/60s/2", "300/60 parsecs", "off"]
        {
            check(text, None);
        }
    }
}
