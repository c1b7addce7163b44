//! Passwords: Argon2id, as PHC strings `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
//!
//! Both functions take tens of milliseconds on purpose: they belong into [`Tx::slow`](crate::resource::Tx::slow).
//! Spec: RFC 9106

use super::settings::PasswordCost;
use argon2::{
    Argon2, Params, PasswordHasher as _, PasswordVerifier as _,
    password_hash::{self, PasswordHash, SaltString},
};

/// The hash of a password, with a salt of its own.
///
/// # Errors
/// None that these parameters can cause.
pub fn hash(password: &str, cost: PasswordCost) -> password_hash::Result<String> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>())?;
    let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params(cost)?);
    Ok(argon2.hash_password(password.as_bytes(), &salt)?.to_string())
}

/// Whether `hash` is one of this password; its parameters are those it was made with.
pub fn verify(password: &str, hash: &str) -> bool {
    let parsed = PasswordHash::new(hash);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A hash that no password is known for, to be verified where there is no account: that takes as long as with one.
pub fn decoy(cost: PasswordCost) -> String {
    let params = match cost {
        PasswordCost::Default => "m=19456,t=2,p=1",
        PasswordCost::Fast => "m=8,t=1,p=1",
    };
    format!("$argon2id$v=19${params}$bm9ib2R5IGF0IGFsbCEhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
}

fn params(cost: PasswordCost) -> password_hash::Result<Params> {
    Ok(match cost {
        PasswordCost::Default => Params::default(),
        PasswordCost::Fast => Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let hash = hash("correct horse", PasswordCost::Fast).expect("a hash");
        assert!(verify("correct horse", &hash));
        assert!(!verify("correct horse ", &hash));
        assert!(!verify("", &hash));
        assert!(!verify("correct horse", "no hash"));
    }

    #[test]
    fn equal_passwords_have_different_hashes() {
        let hash = || hash("correct horse", PasswordCost::Fast).expect("a hash");
        assert_ne!(hash(), hash());
    }

    #[test]
    fn the_decoy_costs_what_a_true_hash_costs() {
        for cost in [PasswordCost::Default, PasswordCost::Fast] {
            let (decoy, real) = (decoy(cost), hash("correct horse", cost).expect("a hash"));
            let (decoy, real) = (PasswordHash::new(&decoy).expect("PHC"), PasswordHash::new(&real).expect("PHC"));
            assert_eq!((decoy.algorithm, decoy.version), (real.algorithm, real.version));
            assert_eq!(decoy.params, real.params);
            assert_eq!(decoy.hash.map(|hash| hash.len()), real.hash.map(|hash| hash.len()));
        }
    }
}
