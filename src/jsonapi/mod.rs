//! JSON:API 1.1 without a server: documents, query parameters, media types and errors.
//!
//! Bytes and header values come in, values or [`error::Errors`] go out. Nothing here knows a database,
//! an HTTP library or what the resources are about.
//! Spec: <https://jsonapi.org/format/1.1/>

pub mod atomic;
mod code;
pub mod document;
pub mod error;
pub mod input;
pub mod json;
pub mod language;
mod linkage;
pub mod media_type;
mod members;
pub mod params;
pub mod suggest;
pub mod text;
mod tree;
