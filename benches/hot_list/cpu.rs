//! CPU time: of this thread, of this process, of other processes. Time that somebody else ran is never in it, so the
//! numbers hold on a machine that is shared.

use crate::Outcome;
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::time::Duration;

/// CPU time that the calling thread has used so far.
pub(crate) fn of_thread() -> Duration {
    used(ClockId::ThreadCPUTime)
}

/// CPU time that this process has used so far.
pub(crate) fn of_process() -> Duration {
    used(ClockId::ProcessCPUTime)
}

fn used(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// CPU times of single-threaded processes of this machine, by process id.
#[derive(Default)]
pub(crate) struct Processes(BTreeMap<i32, Duration>);

impl Processes {
    /// Reads them now; a process that is gone has used nothing.
    pub(crate) fn now(ids: &[i32]) -> Outcome<Self> {
        let mut times = BTreeMap::new();
        for &id in ids {
            if let Ok(text) = std::fs::read_to_string(format!("/proc/{id}/schedstat")) {
                let nanos = text.split_whitespace().next().ok_or("an empty schedstat")?.parse()?;
                times.insert(id, Duration::from_nanos(nanos));
            }
        }
        Ok(Self(times))
    }

    /// What was used after `before` was read.
    pub(crate) fn since(&self, before: &Self) -> Duration {
        let earlier = |id| before.0.get(id).copied().unwrap_or_default();
        self.0.iter().map(|(id, now)| now.saturating_sub(earlier(id))).sum()
    }
}
