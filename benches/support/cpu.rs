//! CPU time of this process and of others. Time that somebody else ran is never in it, so the
//! numbers hold on a machine that is shared.

use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::time::Duration;

/// CPU time that this process has used so far.
pub(crate) fn of_process() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// CPU times of single-threaded processes of this machine, by process id.
#[derive(Default)]
pub(crate) struct Processes(BTreeMap<i32, Duration>);

impl Processes {
    /// Reads them now; a process that is gone has used nothing.
    pub(crate) fn now(ids: &[i32]) -> Self {
        let time = |id: &i32| {
            let text = std::fs::read_to_string(format!("/proc/{id}/schedstat")).ok()?;
            text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
        };
        Self(ids.iter().filter_map(|id| Some((*id, time(id)?))).collect())
    }

    /// What was used after `before` was read.
    pub(crate) fn since(&self, before: &Self) -> Duration {
        let earlier = |id| before.0.get(id).copied().unwrap_or_default();
        self.0.iter().map(|(id, now)| now.saturating_sub(earlier(id))).sum()
    }
}
