//! The resource types the contract speaks of, from `spec/resources.json`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a resource of a type shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resource {
    pub(crate) path: String,
    /// Whether its collection is paged by cursor only.
    #[serde(default)]
    pub(crate) by_cursor: bool,
    /// Whether the path answers a GET.
    #[serde(default = "usually")]
    pub(crate) collection: bool,
    pub(crate) attributes: Vec<String>,
    /// Attributes that only the resource's own user sees.
    pub(crate) own_attributes: Vec<String>,
    /// Name to type.
    pub(crate) to_one: BTreeMap<String, String>,
    pub(crate) to_many: BTreeMap<String, String>,
    /// To-one relationships that only the resource's own user sees.
    #[serde(default)]
    pub(crate) own_to_one: BTreeMap<String, String>,
}

fn usually() -> bool {
    true
}

impl Resource {
    pub(crate) fn target(&self, relationship: &str) -> Option<&str> {
        let all = [&self.to_one, &self.own_to_one, &self.to_many];
        all.into_iter().find_map(|relationships| relationships.get(relationship)).map(String::as_str)
    }
}

pub(crate) fn resources() -> &'static BTreeMap<String, Resource> {
    static RESOURCES: OnceLock<BTreeMap<String, Resource>> = OnceLock::new();
    RESOURCES.get_or_init(|| {
        let path = super::case::spec().join("resources.json");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    })
}

/// What a URL below `/api/v1` names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    Collection { kind: &'static str },
    Resource { kind: &'static str, id: String },
    Related { kind: &'static str, id: String, name: String },
    Relationship { kind: &'static str, id: String, name: String },
    Elsewhere,
}

impl Place {
    pub(crate) fn of(url: &url::Url) -> Place {
        let path = url.path().trim_end_matches('/');
        let segments: Vec<&str> = path.strip_prefix("/api/v1/").unwrap_or_default().split('/').collect();
        let Some((kind, _)) = resources().iter().find(|(_, resource)| resource.path == segments[0]) else {
            return Place::Elsewhere;
        };
        let kind = kind.as_str();
        match segments[1..] {
            [] => Place::Collection { kind },
            [id] => Place::Resource { kind, id: id.to_lowercase() },
            [id, "relationships", name] => Place::Relationship { kind, id: id.to_lowercase(), name: name.to_owned() },
            [id, name] => Place::Related { kind, id: id.to_lowercase(), name: name.to_owned() },
            _ => Place::Elsewhere,
        }
    }

    /// Whether a successful GET answers with an array.
    pub(crate) fn is_many(&self) -> bool {
        match self {
            Place::Collection { .. } => true,
            Place::Related { kind, name, .. } | Place::Relationship { kind, name, .. } => {
                resources()[*kind].to_many.contains_key(name)
            }
            Place::Resource { .. } | Place::Elsewhere => false,
        }
    }
}
