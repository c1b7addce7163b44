//! Everything a request can fail with below HTTP.

use super::work::Job;
use crate::{
    db::{DbError, Retry},
    jsonapi::error::{Code, ErrorObject, Errors},
};

/// The result of everything in the generic layer and the resources.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request is not carried out.
#[derive(Debug)]
pub enum Error {
    /// The client gets these error objects.
    Api(Errors),
    /// The database said no: 503 if it can't be reached, else 500 with a constant body.
    Db(DbError),
    /// Something slow has to be done off the database first; see [`super::work`].
    Deferred(Job),
    /// A rule of ours is broken; the client gets a constant 500.
    Internal(String),
}

impl Error {
    /// An error of one error object.
    pub fn api(code: Code, detail: impl Into<String>) -> Self {
        Self::Api(ErrorObject::new(code, detail).into())
    }

    /// 404: there is none, or the viewer may not see it; we don't tell which.
    pub fn not_found(kind: &str) -> Self {
        Self::api(Code::NotFound, format!("There is no such `{kind}`, or you may not see it."))
    }

    /// 403: the viewer sees the resource, but may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::api(Code::Forbidden, detail)
    }
}

impl From<ErrorObject> for Error {
    fn from(error: ErrorObject) -> Self {
        Self::Api(error.into())
    }
}

impl From<Errors> for Error {
    fn from(errors: Errors) -> Self {
        Self::Api(errors)
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

impl Retry for Error {
    fn is_retryable(&self) -> bool {
        matches!(self, Error::Db(error) if error.is_retryable())
    }
}
