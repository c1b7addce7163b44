//! Tertulia: a chat backend over JSON:API.

pub mod accounts;
pub mod app;
pub mod config;
pub mod db;
pub mod demo;
pub mod http;
pub mod images;
pub mod jsonapi;
pub mod openapi;
pub mod resource;
pub mod resources;
pub mod schema;
pub mod seed;
pub mod storage;
pub mod upkeep;

pub use app::{Server, Settings};
pub use http::{Running, StartError};
