//! Words that stand for values in a case: `{{anna}}`, `{{chat.walkers}}`, `{{repeat 251 x}}`.
//!
//! A text that is nothing but a word becomes its value, whatever its type; inside a text it becomes text.

use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct Words(BTreeMap<String, Value>);

impl Words {
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The words that stand for `value`.
    pub(crate) fn names_of(&self, value: &Value) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(_, known)| *known == value).map(|(name, _)| name.as_str())
    }

    /// Fills in the words of every text in `value`, names of members included.
    pub(crate) fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => self.fill_text(text)?,
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect::<Result<_, _>>()?,
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| Ok((self.text(name)?, self.fill(value)?)))
                    .collect::<Result<_, String>>()?,
            ),
            other => other.clone(),
        })
    }

    /// `template` with its words as text.
    pub(crate) fn text(&self, template: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, word, after)) = next_word(rest) {
            filled.push_str(before);
            filled.push_str(&as_text(&self.value(word)?));
            rest = after;
        }
        Ok(filled + rest)
    }

    fn fill_text(&self, template: &str) -> Result<Value, String> {
        match next_word(template) {
            Some(("", word, "")) => self.value(word),
            _ => self.text(template).map(Value::String),
        }
    }

    fn value(&self, word: &str) -> Result<Value, String> {
        match word.split(' ').collect::<Vec<_>>()[..] {
            ["repeat", count, text] => {
                count.parse().map(|count| Value::String(text.repeat(count))).map_err(|e| format!("{word}: {e}"))
            }
            ["upper", name] => Ok(Value::String(as_text(&self.value(name)?).to_uppercase())),
            ["encode", name] => Ok(Value::String(
                url::form_urlencoded::byte_serialize(as_text(&self.value(name)?).as_bytes()).collect(),
            )),
            _ => {
                self.get(word).cloned().ok_or_else(|| format!("`{word}` is no word of the world or of an earlier step"))
            }
        }
    }
}

fn next_word(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (word, after) = rest.split_once("}}")?;
    Some((before, word, after))
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
