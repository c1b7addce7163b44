//! Rate limits: so many requests of one address, and so many sign-ins of one address and for one e-mail.

use crate::config::{Config, RateLimit};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::DashMapStateStore,
};
use sha2::{Digest as _, Sha256};
use std::{
    hash::Hash,
    net::IpAddr,
    sync::atomic::{AtomicU32, Ordering},
};

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// The limits of a server.
pub(super) struct Limits {
    requests: Option<Limit<IpAddr>>,
    sign_ins: Option<Limit<IpAddr>>,
    /// By a digest: a client chooses how long a name is.
    names: Option<Limit<[u8; 32]>>,
}

impl Limits {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            requests: config.rate_limit.map(Limit::new),
            sign_ins: config.sign_in_limit.map(Limit::new),
            names: config.sign_in_limit.map(Limit::new),
        }
    }

    /// Seconds until this address may send another request, if it may not now.
    pub(super) fn request(&self, address: IpAddr) -> Option<u64> {
        self.requests.as_ref()?.exceeded(&network(address))
    }

    /// Seconds until this address may try to sign in again, if it may not now.
    pub(super) fn sign_in(&self, address: IpAddr) -> Option<u64> {
        self.sign_ins.as_ref()?.exceeded(&network(address))
    }

    /// Seconds until somebody may try this name again, if nobody may now.
    pub(super) fn name(&self, name: &str) -> Option<u64> {
        self.names.as_ref()?.exceeded(&Sha256::digest(name).into())
    }
}

/// One client has a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => IpAddr::V6((u128::from(v6) & (u128::MAX << 64)).into()),
        other => other.to_canonical(),
    }
}

/// Forgetting those who stayed away is due once in so many checks.
const SWEEP: u32 = 4096;

struct Limit<K: Hash + Eq + Clone> {
    limiter: Keyed<K>,
    checks: AtomicU32,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(limit: RateLimit) -> Self {
        let each = limit.per / limit.max.get();
        let quota = Quota::with_period(each.max(std::time::Duration::from_nanos(1)));
        // The period isn't zero, so there is a quota.
        let quota = quota.unwrap_or_else(|| Quota::per_second(limit.max)).allow_burst(limit.max);
        Self { limiter: RateLimiter::dashmap(quota), checks: AtomicU32::new(0) }
    }

    fn exceeded(&self, key: &K) -> Option<u64> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let refused = self.limiter.check_key(key).err()?;
        let wait = refused.wait_time_from(self.limiter.clock().now());
        Some(wait.as_secs() + 1)
    }
}
