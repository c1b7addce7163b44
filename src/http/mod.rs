//! HTTP: a server for the resources of a registry, made of generic handlers.
//!
//! The order in which a request is checked is the order of the functions in `handle` and `asked`: route, method,
//! Accept, token, rate, Content-Type and size, query, document; what follows is the generic layer's.

mod admit;
mod answer;
mod api;
mod asked;
mod beside;
mod body;
mod client;
mod conditions;
mod content;
mod cors;
mod described;
mod done;
mod handle;
mod health;
mod held;
mod idempotency;
mod limit;
mod log;
mod operations;
mod pages;
mod read;
mod root;
mod routes;
mod server;
mod tell;
mod transact;
mod url;
mod write;

pub use self::{
    api::{Api, Known},
    beside::paths as paths_beside,
    server::{Running, StartError, serve},
};
