//! Tertulia.
pub mod jsonapi;
