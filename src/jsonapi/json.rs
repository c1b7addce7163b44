//! JSON written straight into bytes: strings, numbers and names, without a tree in between.
//!
//! Spec: RFC 8259, section 7 (strings).

use std::io::Write as _;

/// Appends `text` as a JSON string, quotes included.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// Appends an integer.
pub fn integer(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends anything that displays as text which needs no escaping (ids, instants).
pub fn plain(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    out.push(b'"');
    // Writing into a Vec cannot fail.
    let _ = write!(out, "{value}");
    out.push(b'"');
}

/// Appends `"name":`; a member name of ours never needs escaping.
pub fn name(out: &mut Vec<u8>, name: &str) {
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Appends a comma unless the object or array was opened just before.
pub fn comma(out: &mut Vec<u8>) {
    if !matches!(out.last(), Some(b'{' | b'[' | b':') | None) {
        out.push(b',');
    }
}

/// Copies runs that need no escape in one go: nearly every text is a single run.
fn escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[copied..at]);
        escape(out, byte);
        copied = at + 1;
    }
    out.extend_from_slice(&bytes[copied..]);
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        other => {
            let _ = write!(out, "\\u{other:04x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::string;

    #[test]
    fn strings_read_back_as_they_were() {
        for text in ["", "plain", "a\"b\\c", "tab\tnew\nline\r", "\u{1}\u{1f}", "ä 🎉 \u{2028}", "\\\"\\"] {
            let mut out = Vec::new();
            string(&mut out, text);
            let back: String = serde_json::from_slice(&out).expect("valid JSON");
            assert_eq!(back, text);
        }
    }
}
