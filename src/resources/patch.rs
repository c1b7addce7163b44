//! Members of a write that can be absent, `null`, or a value.
//!
//! ```text
//! {}            None              leave it as it is
//! {"a": null}   Some(None)        clear it
//! {"a": "x"}    Some(Some("x"))   set it
//! ```

use serde::{Deserialize, Deserializer};

/// Keeps `null` apart from an absent member; to be used with `#[serde(default)]`.
///
/// # Errors
/// What deserializing a `T` fails with.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The value sent, unless the present one was sent back.
pub fn changed<T: PartialEq>(sent: Option<T>, present: &T) -> Option<T> {
    sent.filter(|sent| sent != present)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Sent {
        #[serde(deserialize_with = "nullable")]
        a: Option<Option<String>>,
    }

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        let sent = |text| serde_json::from_str::<Sent>(text).expect("an object").a;
        assert_eq!(sent("{}"), None);
        assert_eq!(sent(r#"{"a":null}"#), Some(None));
        assert_eq!(sent(r#"{"a":""}"#), Some(Some(String::new())));
    }

    #[test]
    fn what_is_sent_back_is_no_change() {
        assert_eq!(changed(Some(1), &1), None);
        assert_eq!(changed(Some(2), &1), Some(2));
        assert_eq!(changed(None, &1), None);
    }
}
