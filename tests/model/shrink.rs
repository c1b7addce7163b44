//! The search for a short history with a difference: what can be left out is left out, in ever smaller pieces.
//!
//! Every try has people of its own, so one database will do for all.

use crate::history::History;
use crate::operation::Operation;
use crate::server::Server;

/// A history from which nothing can be left out, and how its last answer differs.
pub(crate) fn shrink(operations: &[Operation], failed: usize, server: &mut Server) -> Option<(Vec<Operation>, String)> {
    let mut kept: Vec<Operation> = operations[..=failed].to_vec();
    let looked: Vec<Operation> = without_looks(&kept);
    let (_, mut difference) = History::play(&kept, server)?;
    if let Some((at, found)) = History::play(&looked, server) {
        (kept, difference) = (looked[..=at].to_vec(), found);
    }
    let mut size = kept.len() / 2;
    while size > 0 {
        let mut at = 0;
        let mut shorter = false;
        while at < kept.len() {
            let end = (at + size).min(kept.len());
            let rest = [&kept[..at], &kept[end..]].concat();
            match History::play(&rest, server) {
                Some((failed, found)) => {
                    (kept, difference) = (rest[..=failed].to_vec(), found);
                    shorter = true;
                }
                None => at = end,
            }
        }
        if size > 1 || !shorter {
            size /= 2;
        }
    }
    Some((kept, difference))
}

/// The same without the looks before the last operation.
fn without_looks(operations: &[Operation]) -> Vec<Operation> {
    let (last, before) = operations.split_last().expect("at least one");
    before.iter().filter(|operation| !operation.is_look()).chain([last]).cloned().collect()
}
