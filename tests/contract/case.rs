//! Cases: the files below `spec/`, one sentence about the contract each. `spec/README.md` describes them.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One sentence: requests in order, and what each must be answered with.
pub(crate) struct Case {
    /// `sorting/a_minus_sorts_descending`
    pub(crate) name: String,
    /// Ids of the requirements that the case is evidence for.
    pub(crate) proves: Vec<String>,
    /// Numbers of the decisions that it is evidence for.
    pub(crate) decides: Vec<String>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// Whose token is sent: a name of the world; `null` is nobody; left out is the case's viewer.
    #[serde(rename = "as", default, deserialize_with = "present")]
    pub(crate) viewer: Option<Option<String>>,
    /// `GET /chats`
    pub(crate) request: String,
    /// In place of the usual ones: a line, several lines, or `null` for none.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Value>,
    #[serde(default, deserialize_with = "present")]
    pub(crate) body: Option<Value>,
    /// A body that is no document, as text.
    pub(crate) raw: Option<String>,
    /// Milliseconds to wait before the request, where instants must differ.
    #[serde(default)]
    pub(crate) pause: u64,
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) answer_headers: BTreeMap<String, Value>,
    pub(crate) answer: Option<Value>,
    /// Every error, in any order: `422 field_required pointer /data/attributes`.
    pub(crate) errors: Option<Vec<String>>,
    /// The ids of the collection, in order.
    pub(crate) ids: Option<Value>,
    /// The ids of what is included, in any order.
    pub(crate) included: Option<Vec<Value>>,
    /// By JSON pointer: the values that the resources of the collection have there, in order.
    #[serde(default)]
    pub(crate) columns: BTreeMap<String, Value>,
    /// Words for later steps: a JSON pointer into the answer, or `header NAME`.
    #[serde(default)]
    pub(crate) take: BTreeMap<String, String>,
}

impl Step {
    pub(crate) fn method(&self) -> &str {
        self.request.split(' ').next().unwrap_or_default()
    }

    /// Whether it leaves the world as it is, so that other cases may share it.
    pub(crate) fn is_safe(&self) -> bool {
        matches!(self.method(), "GET" | "HEAD" | "OPTIONS")
    }
}

/// All cases of a folder below `spec/`, in the order of their names.
pub(crate) fn of_family(family: &str) -> Vec<Case> {
    let mut paths = files(&spec().join(family));
    paths.sort();
    paths.iter().map(|path| read(family, path)).collect()
}

/// The folders below `spec/` that hold cases.
pub(crate) fn families() -> Vec<String> {
    let mut families: Vec<String> = files(&spec())
        .iter()
        .filter(|path| path.is_dir() && !path.ends_with("schema"))
        .map(|path| name(path))
        .collect();
    families.sort();
    families
}

/// What lies below `spec/` and is played by nobody, but looks like a case: one beside the families, or further down.
pub(crate) fn strays() -> Vec<String> {
    let is_json = |path: &Path| path.extension().is_some_and(|extension| extension == "json");
    let beside = files(&spec()).into_iter().filter(|path| is_json(path) && !VOCABULARY.contains(&name(path).as_str()));
    let folders = families().into_iter().map(|family| spec().join(family));
    let below = folders.flat_map(|folder| files(&folder)).filter(|path| !is_json(path));
    beside.chain(below).map(|path| path.display().to_string()).collect()
}

/// What cases speak of, and what describes the answers.
const VOCABULARY: [&str; 4] = ["openapi.json", "openapi-released.json", "resources.json", "world.json"];

fn name(path: &Path) -> String {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned()
}

pub(crate) fn spec() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("spec")
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap_or_else(|e| panic!("{}: {e}", directory.display()));
    entries.map(|entry| entry.expect("an entry of a folder").path()).collect()
}

fn read(family: &str, path: &Path) -> Case {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    parse(format!("{family}/{stem}"), &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A case of one request may have its members beside `proves`, without `steps`.
fn parse(name: String, text: &str) -> Result<Case, serde_json::Error> {
    let mut members: Map<String, Value> = serde_json::from_str(text)?;
    let mut list = |name: &str| members.remove(name).map_or_else(|| Ok(Vec::new()), serde_json::from_value);
    let (proves, decides) = (list("proves")?, list("decides")?);
    members.remove("why");
    let viewer = members.remove("as").unwrap_or_else(|| "anna".into());
    let steps = match members.remove("steps") {
        Some(steps) if members.is_empty() => steps,
        Some(_) => {
            return Err(serde::de::Error::custom("members beside `steps` that belong into a step"));
        }
        None => Value::Array(vec![Value::Object(members)]),
    };
    let mut steps: Vec<Step> = serde_json::from_value(steps)?;
    let viewer: Option<String> = serde_json::from_value(viewer)?;
    for step in &mut steps {
        step.viewer.get_or_insert(viewer.clone());
    }
    Ok(Case { name, proves, decides, steps })
}

/// Tells a `null` from a member that is left out.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
