//! `tertulia sweep`: removes what is left behind by uploads, requests and sign-ins.

use clap::Args;
use tertulia::config::Effective;
use tertulia::db::Time;
use tertulia::storage::{Storage, StorageError};
use tertulia::upkeep::{Compared, Swept, Upkeep, UpkeepError};

use super::failure::{Failure, Outcome};
use super::{print, store};

const EXAMPLES: &str = "\
`tertulia serve` removes leftovers once an hour, without looking through the storage; this command does look.
Attachments whose files are gone are put into error, so that their authors can send them again.

Examples:
  tertulia sweep
  tertulia sweep --unknown                 after going back to an older copy of the database
  tertulia sweep --storage s3://files/chat";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Also remove files, a day old or older, that the database does not know; nobody else may use the storage
    #[arg(long)]
    unknown: bool,
}

impl From<UpkeepError> for Failure {
    fn from(error: UpkeepError) -> Self {
        match error {
            UpkeepError::Database(error) => error.into(),
            other => Self::new(other),
        }
    }
}

pub(crate) fn run(settings: &Effective, arguments: &Arguments) -> Outcome {
    let database = store::open(settings)?;
    let storage = Storage::open(settings.config.storage_url().as_str()).map_err(|error| match error {
        StorageError::Config(_) => Failure::usage(error).because(settings.origin("storage")),
        other => Failure::new(other),
    })?;
    let upkeep = Upkeep::new(database, storage);
    let (swept, compared) = actix_web::rt::System::new().block_on(async {
        let now = Time::now();
        // First what is gone: bytes that nobody has any more are then leftovers.
        let compared = upkeep.compare(now, arguments.unknown).await?;
        Ok::<_, Failure>((upkeep.sweep(now).await?, compared))
    })?;
    print::line(report(swept, compared, arguments.unknown))
}

fn report(swept: Swept, compared: Compared, removed: bool) -> String {
    let unknown = match (compared.unknown, removed) {
        (0, _) => String::new(),
        (count, true) => format!("\nremoved {count} files that the database did not know"),
        (count, false) => format!("\nleft {count} files that the database does not know; --unknown removes them"),
    };
    format!(
        "removed {} attachments that nobody sent the file of\nremoved {} files that nobody had\n\
         removed {} answers that nobody asked for again\nremoved {} tokens that had ended\n\
         put {} attachments into error whose files were gone{unknown}",
        swept.given_up, swept.orphans, swept.answers, swept.sessions, compared.lost
    )
}
