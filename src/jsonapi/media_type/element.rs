//! Media types in headers: elements separated by commas, with parameters behind semicolons.
//!
//! Spec: <https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1>

use super::JSON_API;

/// One element of a header: its lower-case name, and its parameters with lower-case names and unquoted values.
pub(super) struct MediaType {
    name: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    fn parse(element: &str) -> Self {
        let mut parts = split_unquoted(element, ';');
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let parameters = parts.filter(|part| !part.is_empty()).map(parameter).collect();
        MediaType { name, parameters }
    }

    pub(super) fn is_json_api(&self) -> bool {
        self.name == JSON_API
    }

    /// Why a server has to refuse this instance of the JSON:API media type, if it has to.
    pub(super) fn problem(&self, ignored: &[&str], extension: Option<&str>) -> Option<String> {
        let foreign = |name: &str| !matches!(name, "ext" | "profile") && !ignored.contains(&name);
        if let Some((name, _)) = self.parameters.iter().find(|(name, _)| foreign(name)) {
            return Some(format!("The media type parameter `{name}` is neither `ext` nor `profile`."));
        }
        let unknown = self.uris("ext").find(|uri| Some(*uri) != extension)?;
        Some(format!("The extension `{unknown}` is not supported at this URL."))
    }

    /// The weight in `Accept`; what is no number counts as none.
    pub(super) fn weight(&self) -> f32 {
        let weight = self.parameters.iter().find(|(name, _)| name == "q").and_then(|(_, value)| value.parse().ok());
        weight.filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(1.0)
    }

    pub(super) fn uris<'a>(&'a self, parameter: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.parameters.iter().filter(move |(name, _)| name == parameter);
        values.flat_map(|(_, value)| value.split(' ')).filter(|uri| !uri.is_empty())
    }
}

/// The elements of a header.
pub(super) fn media_types(header: &str) -> impl Iterator<Item = MediaType> {
    split_unquoted(header, ',').filter(|element| !element.is_empty()).map(MediaType::parse)
}

fn parameter(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (trim(name).to_ascii_lowercase(), unquote(trim(value)))
}

/// Unquoted URI lists are illegal, but warp-drive can send them, and what they mean is plain: taken as they are.
fn unquote(value: &str) -> String {
    let Some(quoted) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let mut unquoted = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => unquoted.extend(characters.next()),
            _ => unquoted.push(character),
        }
    }
    unquoted
}

/// The trimmed parts between separators that stand outside quoted strings.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |character| {
        if escaped {
            escaped = false;
            return false;
        }
        match character {
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ => return character == separator && !quoted,
        }
        false
    })
    .map(trim)
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, proptest};

    proptest! {
        #[test]
        fn a_quoted_value_comes_back(value in any::<String>()) {
            let quoted = format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
            let media_type = MediaType::parse(&format!("a/b; x={quoted}; y=z"));
            assert_eq!(media_type.parameters, [("x".to_owned(), value), ("y".to_owned(), "z".to_owned())]);
        }
    }
}
