//! What the results of atomic operations tell of, read back from a document of ours.

use crate::jsonapi::document::Identifier;
use serde::Deserialize;

#[derive(Deserialize)]
struct Results {
    #[serde(rename = "atomic:results", default)]
    results: Vec<OneResult>,
}

#[derive(Deserialize)]
struct OneResult {
    data: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

/// The resource in each result, if it has one; nothing where there are no results.
pub fn told(document: &[u8]) -> Vec<Option<Identifier>> {
    let Ok(Results { results }) = serde_json::from_slice(document) else { return Vec::new() };
    let named = |Named { kind, id }| Identifier { kind, id: Some(id), lid: None };
    results.into_iter().map(|result| result.data.map(named)).collect()
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn results_tell_of_the_resources_in_them() {
        let document = br#"{"jsonapi":{"version":"1.1"},"atomic:results":[
            {"data":{"type":"chat","id":"1","attributes":{}},"meta":{}},{},{"data":null},{"data":{"type":"user","id":"2"}}]}"#;
        let named: Vec<_> = told(document).into_iter().map(|one| one.map(|one| (one.kind, one.id))).collect();
        let one = |kind: &str, id: &str| Some((kind.to_owned(), Some(id.to_owned())));
        assert_eq!(named, [one("chat", "1"), None, None, one("user", "2")]);
        assert!(told(b"").is_empty() && told(br#"{"errors":[{}]}"#).is_empty());
    }
}
