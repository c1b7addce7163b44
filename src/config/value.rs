//! The written form of each type of setting: read with a reason when it is wrong, shown without secrets.

use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use tracing_subscriber::EnvFilter;

/// Text into a setting and back. `show` gives what `read` takes, but for secrets.
pub(super) trait Value: Sized {
    /// # Errors
    /// A sentence that says what the text is not and what to write; it never repeats a secret.
    fn read(text: &str) -> Result<Self, String>;

    fn show(&self) -> String;
}

/// Days that a session lives by default.
pub(super) const THIRTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

const MILLIS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads `500ms`, `30s`, `5m`, `2h`, `7d`. Zero is no time.
pub(super) fn read_time(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, millis) = MILLIS.iter().find(|(name, _)| *name == unit)?;
    let total = number.parse::<u64>().ok()?.checked_mul(*millis)?;
    (total > 0).then(|| Duration::from_millis(total))
}

/// Writes a time in seconds, or in milliseconds where it needs them.
pub(super) fn show_time(time: Duration) -> String {
    if time.subsec_nanos() == 0 { format!("{}s", time.as_secs()) } else { format!("{}ms", time.as_millis()) }
}

impl Value for Duration {
    fn read(text: &str) -> Result<Self, String> {
        read_time(text)
            .ok_or_else(|| format!("`{text}` is not a time; write a number and a unit, like `30s`, `500ms` or `2m`"))
    }

    fn show(&self) -> String {
        show_time(*self)
    }
}

const SIZES: [(&str, usize); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)];

/// A size in bytes.
impl Value for usize {
    fn read(text: &str) -> Result<Self, String> {
        read_size(text)
            .ok_or_else(|| format!("`{text}` is not a size; write bytes, or `KiB`, `MiB` or `GiB`, like `1MiB`"))
    }

    fn show(&self) -> String {
        let unit = SIZES.iter().find(|(_, bytes)| self.is_multiple_of(*bytes));
        unit.map_or_else(|| self.to_string(), |(name, bytes)| format!("{}{name}", self / bytes))
    }
}

fn read_size(text: &str) -> Option<usize> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let (_, bytes) = SIZES.iter().find(|(name, _)| *name == unit.trim())?;
    number.parse::<usize>().ok()?.checked_mul(*bytes).filter(|size| *size > 0)
}

/// A number of days.
impl Value for NonZeroU32 {
    fn read(text: &str) -> Result<Self, String> {
        let number = text.parse::<NonZeroU32>().ok().filter(|number| number.get() <= 36_500);
        number.ok_or_else(|| format!("`{text}` is not a number of days from 1 to 36500"))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// How many of something one request may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(NonZeroU32);

impl Count {
    /// 1,000.
    pub const THOUSAND: Self = Self(NonZeroU32::MIN.saturating_add(999));

    /// From 1 to 10,000.
    pub fn new(number: NonZeroU32) -> Option<Self> {
        (number.get() <= 10_000).then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> usize {
        usize::try_from(self.0.get()).unwrap_or(usize::MAX)
    }
}

impl Value for Count {
    fn read(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().and_then(Self::new);
        number.ok_or_else(|| format!("`{text}` is not a number from 1 to 10000"))
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// A number of threads or connections, which `auto` leaves to the program.
impl Value for Option<NonZeroUsize> {
    fn read(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(None);
        }
        let number = text.parse::<NonZeroUsize>().ok().filter(|number| number.get() <= 1_024);
        number.map(Some).ok_or_else(|| format!("`{text}` is not a number from 1 to 1024, nor `auto`"))
    }

    fn show(&self) -> String {
        self.map_or_else(|| "auto".to_owned(), |number| number.to_string())
    }
}

/// Whether anybody may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Anybody may.
    Open,
    /// Only whoever runs the server may.
    Closed,
}

impl Value for SignUp {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "open" => Ok(Self::Open),
            "closed" => Ok(Self::Closed),
            _ => Err(format!("`{text}` is neither `open` nor `closed`")),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Closed => "closed".to_owned(),
        }
    }
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One object a line.
    Json,
}

impl Value for LogFormat {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("`{text}` is neither `text` nor `json`")),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Json => "json".to_owned(),
        }
    }
}

/// A filter in the language of `tracing`, known to be valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The default: everything but details.
    pub fn info() -> Self {
        Self("info".to_owned())
    }

    /// The filter, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for LogFilter {
    fn read(text: &str) -> Result<Self, String> {
        // A bare unknown word would be taken for the name of a module, and then nothing would be logged at all.
        let level =
            |word: &str| ["off", "error", "warn", "info", "debug", "trace"].contains(&word.to_lowercase().as_str());
        let bare = text.split(',').map(str::trim).find(|word| !level(word) && !word.contains(['=', ':', '[']));
        match (bare, EnvFilter::try_new(text)) {
            (None, Ok(_)) => Ok(Self(text.to_owned())),
            _ => {
                Err(format!("`{text}` is not a log filter; write a level like `info`, or `info,tertulia::http=debug`"))
            }
        }
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}
