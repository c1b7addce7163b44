//! Tertulia: a chat backend over JSON:API.

pub mod config;
pub mod db;
pub mod http;
pub mod jsonapi;
pub mod resource;
pub mod schema;
