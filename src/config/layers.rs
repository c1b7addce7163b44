//! The sources of the configuration, laid over one another, each value remembering where it came from.

use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::{FILE_VARIABLE, SETTINGS, Setting, Sources};

/// What the names of our variables begin with, but for `DATABASE_URL`, which every tool knows.
const PREFIX: &str = "TERTULIA_";

/// Names closer than this are offered as what was meant.
const CLOSE_ENOUGH: f64 = 0.7;

/// The merged sources.
pub(super) struct Layers(Figment);

impl Layers {
    /// Merges what can be read, and says what can't.
    pub(super) fn read(sources: &Sources) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut figment = Figment::new();
        if let Some(path) = chosen_file(sources) {
            match file(&path) {
                Ok(layer) => {
                    problems.extend(unknown_keys(&layer));
                    figment = figment.merge(layer);
                }
                Err(problem) => problems.push(problem),
            }
        }
        let figment = figment.merge(environment(sources)).merge(flags(sources));
        (Self(figment), problems)
    }

    /// The text of a setting's strongest value, or why it has none, and the name of its source.
    pub(super) fn value(&self, setting: &Setting) -> Option<(Result<String, String>, String)> {
        let value = self.0.find_value(setting.key).ok()?;
        let metadata = self.0.get_metadata(value.tag())?;
        let origin = metadata.interpolate(&Profile::Default, &[setting.key]);
        Some((text(&value), origin))
    }
}

/// One source: a flat dictionary and the way its values are named in messages.
struct Layer {
    name: &'static str,
    origin: fn(source: &str, key: &str) -> String,
    source: String,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        let (origin, source) = (self.origin, self.source.clone());
        Metadata::named(self.name).interpolater(move |_, keys| origin(&source, &keys.join(".")))
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

fn chosen_file(sources: &Sources) -> Option<PathBuf> {
    let by_variable = || sources.environment.get(FILE_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let by_default = || sources.default_file.clone().filter(|path| path.exists());
    sources.file.clone().or_else(by_variable).or_else(by_default)
}

fn file(path: &Path) -> Result<Layer, String> {
    let source = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|e| format!("{source}: the configuration file cannot be read: {e}"))?;
    let values =
        Toml::from_str(&text).map_err(|e: <Toml as Format>::Error| format!("{source}: {}", syntax(&e, &text)))?;
    Ok(Layer { name: "file", origin: |source, key| format!("{source}, key `{key}`"), source, values })
}

/// The parser's sentence and the line it means, without the line's text, which may hold a password.
fn syntax(error: &<Toml as Format>::Error, text: &str) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    match line {
        Some(line) => format!("line {line} is not TOML: {}", error.message()),
        None => error.message().to_owned(),
    }
}

fn environment(sources: &Sources) -> Layer {
    let set = |setting: &&Setting| sources.environment.get(setting.variable).filter(|value| !value.is_empty());
    let values =
        SETTINGS.iter().filter_map(|setting| Some((setting.key.to_owned(), Value::from(set(&setting)?.as_str()))));
    let origin = |_: &str, key: &str| format!("variable {}", variable(key));
    Layer { name: "environment", origin, source: String::new(), values: values.collect() }
}

fn flags(sources: &Sources) -> Layer {
    let values = sources.flags.iter().map(|(key, value)| ((*key).to_owned(), Value::from(value.as_str())));
    let origin = |_: &str, key: &str| format!("flag --{}", key.replace('_', "-"));
    Layer { name: "flags", origin, source: String::new(), values: values.collect() }
}

fn variable(key: &str) -> &'static str {
    SETTINGS.iter().find(|setting| setting.key == key).map_or("", |setting| setting.variable)
}

/// A scalar as it would be written in the environment; a list joined by commas.
fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(_, text) => Ok(text.clone()),
        Value::Char(_, letter) => Ok(letter.to_string()),
        Value::Bool(_, flag) => Ok(flag.to_string()),
        Value::Num(_, number) => number
            .to_i128()
            .map(|number| number.to_string())
            .or_else(|| number.to_u128().map(|number| number.to_string()))
            .or_else(|| number.to_f64().map(|number| number.to_string()))
            .ok_or_else(|| "this number cannot be read".to_owned()),
        Value::Array(_, items) => Ok(items.iter().map(text).collect::<Result<Vec<_>, _>>()?.join(",")),
        Value::Dict(..) | Value::Empty(..) => Err("a table is no value here".to_owned()),
    }
}

fn unknown_keys(layer: &Layer) -> Vec<String> {
    let known = |key: &str| SETTINGS.iter().any(|setting| setting.key == key);
    let unknown = layer.values.keys().filter(|key| !known(key));
    unknown.map(|key| unknown_key(&layer.source, key)).collect()
}

fn unknown_key(source: &str, key: &str) -> String {
    let wanted = key.replace('-', "_").to_lowercase();
    match closest(&wanted, SETTINGS.iter().map(|setting| setting.key)) {
        Some(known) => format!("{source}: there is no setting `{key}`; did you mean `{known}`?"),
        None => format!("{source}: there is no setting `{key}`; `tertulia config` lists them all"),
    }
}

/// Variables that look like a misspelt setting. Others with our prefix are left alone: container platforms make some.
pub(super) fn near_misses(sources: &Sources) -> Vec<String> {
    let known = |name: &str| name == FILE_VARIABLE || SETTINGS.iter().any(|setting| setting.variable == name);
    let strangers = sources.environment.keys().filter(|name| name.starts_with(PREFIX) && !known(name));
    strangers
        .filter_map(|name| {
            let own = SETTINGS.iter().filter_map(|setting| setting.variable.strip_prefix(PREFIX));
            let meant = closest(name.strip_prefix(PREFIX)?, own)?;
            Some(format!("variable {name} is no setting; did you mean {PREFIX}{meant}?"))
        })
        .collect()
}

fn closest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|name| (strsim::normalized_damerau_levenshtein(wanted, name), name));
    scored.filter(|(score, _)| *score >= CLOSE_ENOUGH).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}
