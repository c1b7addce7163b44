//! Tertulia: a chat backend over JSON:API.

pub mod db;
pub mod jsonapi;
pub mod resource;
pub mod resources;
pub mod schema;
