//! What a server serves: a registry, its settings, and who a token stands for.

use crate::{
    config::Config,
    db::{Conn, Database},
    openapi,
    resource::{Registry, Result, Viewer, replay::Store},
    storage::Storage,
};
use std::{any::Any, sync::Arc};

/// Everything that the handlers need to know of a domain.
#[derive(Clone)]
pub struct Api {
    /// The resources.
    pub registry: Registry,
    /// What the description of the API begins with.
    pub info: openapi::Info,
    /// The settings that the resources read through [`crate::resource::Tx::settings`].
    pub settings: Arc<dyn Any + Send + Sync>,
    /// Finds whom a bearer token stands for, in one statement.
    pub authenticate: fn(&mut Conn, &str, &(dyn Any + Send + Sync)) -> Result<Option<Known>>,
    /// Notes that a token was used, after the answer.
    pub touch: fn(&mut Conn, Viewer, &(dyn Any + Send + Sync)) -> Result<()>,
    /// Where bytes beside resources are, if there are any.
    pub storage: Option<Storage>,
    /// Called whenever bytes have arrived.
    pub arrived: Arc<dyn Fn() + Send + Sync>,
    /// Where answers are kept for requests that are sent again; without it every request is a new one.
    pub answers: Option<Store>,
    /// The name under which a sign-in or sign-up is limited, from its attributes; `None` if it isn't one.
    pub limited_as: fn(&str, &serde_json::Map<String, serde_json::Value>) -> Option<String>,
}

impl Api {
    /// Resources that everybody may see and change, whoever asks: there are no tokens.
    pub fn open(registry: Registry) -> Self {
        Self {
            registry,
            info: openapi::Info::NONE,
            settings: Arc::new(()),
            authenticate: |_, _, _| Ok(Some(Known { viewer: Viewer::anonymous(), touch: false })),
            touch: |_, _, _| Ok(()),
            storage: None,
            arrived: Arc::new(|| ()),
            answers: None,
            limited_as: |_, _| None,
        }
    }
}

/// Whom a token stands for.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The viewer.
    pub viewer: Viewer,
    /// Whether its use has to be noted.
    pub touch: bool,
}

/// What every handler shares.
pub(super) struct Shared {
    pub(super) api: Api,
    pub(super) config: Config,
    pub(super) database: Database,
    pub(super) descriptions: super::described::Descriptions,
    pub(super) held: super::held::Memory,
    pub(super) limits: super::limit::Limits,
    pub(super) slow: tokio::sync::Semaphore,
}
