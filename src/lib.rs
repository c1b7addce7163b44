//! Tertulia: a chat backend over JSON:API 1.1.

pub mod accounts;
pub mod config;
pub mod credentials;
pub mod db;
pub mod demo;
pub mod jsonapi;
pub mod schema;
pub mod seed;
