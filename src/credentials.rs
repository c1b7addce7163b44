//! Passwords and tokens: how they are made, and the one-way forms that are stored.
//!
//! A password is stored as an Argon2id string. A token is 256 random bits; only its SHA-256 is stored, which needs no
//! salt since nobody can guess the bits.

use std::fmt;

use argon2::Argon2;
use argon2::password_hash::{Error, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use rand::RngCore;
use sha2::{Digest, Sha256};

/// What tokens begin with, so that people and scanners for leaked secrets recognise one.
const PREFIX: &str = "ter_";

/// Hashes a password; takes tens of milliseconds and 19 MiB, on purpose.
///
/// # Errors
/// Only if the hashing library refuses its own defaults.
pub fn hash_password(password: &str) -> Result<String, Error> {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    hash_password_with(password, &salt)
}

/// Hashes a password with a given salt: for made-up worlds that are the same each time they are made.
pub(crate) fn hash_password_with(password: &str, salt: &[u8; 16]) -> Result<String, Error> {
    let salt = SaltString::encode_b64(salt)?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}

/// Whether a password is the one that was hashed; costs as much as hashing.
pub fn verify_password(password: &str, hash: &str) -> bool {
    let verify = |hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    PasswordHash::new(hash).is_ok_and(verify)
}

/// A password for somebody who was not asked for one: 20 letters and digits.
pub fn random_password() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
    let mut random = rand::rng();
    let letter = || char::from(LETTERS[rand::Rng::random_range(&mut random, 0..LETTERS.len())]);
    std::iter::repeat_with(letter).take(20).collect()
}

/// A bearer token. [`Debug`] hides it, [`fmt::Display`] is for its owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A fresh one.
    pub fn random() -> Self {
        let mut bits = [0; 32];
        rand::rng().fill_bytes(&mut bits);
        let digits = bits.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        Self(format!("{PREFIX}{digits}"))
    }

    /// What is stored of the token.
    pub fn hash(&self) -> Vec<u8> {
        Self::hash_of(&self.0)
    }

    /// What would be stored of a token that somebody presents.
    pub fn hash_of(presented: &str) -> Vec<u8> {
        Sha256::digest(presented.as_bytes()).to_vec()
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, hash_password, hash_password_with, random_password, verify_password};

    #[test]
    fn a_password_matches_its_hash_and_no_other_does() {
        let hash = hash_password("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify_password("correct horse", &hash));
        assert!(!verify_password("correct horse ", &hash));
        assert!(!verify_password("correct horse", "no hash"));
    }

    #[test]
    fn two_hashes_of_one_password_differ_but_for_the_same_salt() {
        assert_ne!(hash_password("same").unwrap(), hash_password("same").unwrap());
        assert_eq!(hash_password_with("same", &[7; 16]).unwrap(), hash_password_with("same", &[7; 16]).unwrap());
    }

    #[test]
    fn a_token_is_recognisable_long_and_hidden_from_logs() {
        let token = Token::random();
        let text = token.to_string();
        assert_eq!(text.len(), "tertulia_".len() + 64);
        assert_eq!(token.hash(), Token::hash_of(&text));
        assert_eq!(token.hash().len(), 32);
        assert_ne!(token, Token::random());
        assert!(!format!("{token:?}").contains(&text));
    }

    #[test]
    fn random_passwords_are_long_enough_and_differ() {
        assert_eq!(random_password().len(), 20);
        assert_ne!(random_password(), random_password());
    }
}
