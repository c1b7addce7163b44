//! Tertulia: a chat backend over JSON:API 1.1.

pub mod config;
pub mod jsonapi;
