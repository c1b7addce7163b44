//! Media types: what is declared, what kind of file that is, and whether bytes are of it.
//!
//! Bytes are judged by their magic numbers, as the `infer` crate knows them. Formats inside a common container (ZIP,
//! ISO media, Ogg, …) can't always be told apart by the first bytes, and many types have several names; so names are
//! compared by family.

use mime::Mime;

/// The values of `kind`.
pub(super) const KINDS: &[&str] = &["image", "video", "audio", "document", "other"];

/// The longest media type that is taken, in bytes.
const LONGEST: usize = 255;

/// A media type in the form in which it is stored; parameters are kept.
pub(super) fn parse(text: &str) -> Option<Mime> {
    let parsed: Mime = text.parse().ok()?;
    let is_part = |name: mime::Name<'_>| !matches!(name.as_str(), "" | "*");
    let is_one = text.len() <= LONGEST && text == text.trim() && is_part(parsed.type_()) && is_part(parsed.subtype());
    is_one.then_some(parsed)
}

/// One of [`KINDS`].
pub(super) fn kind(media_type: &Mime) -> &'static str {
    match media_type.type_().as_str() {
        "image" => "image",
        "video" => "video",
        "audio" => "audio",
        "text" => "document",
        "application" if is_document(media_type.subtype().as_str()) => "document",
        _ => "other",
    }
}

fn is_document(subtype: &str) -> bool {
    const PREFIXES: [&str; 5] = [
        "vnd.openxmlformats-officedocument.",
        "vnd.oasis.opendocument.",
        "vnd.ms-excel",
        "vnd.ms-powerpoint",
        "vnd.apple.",
    ];
    matches!(subtype, "pdf" | "msword" | "rtf" | "epub" | "postscript" | "json" | "xml")
        || PREFIXES.iter().any(|prefix| subtype.starts_with(prefix))
}

/// Whether there can be a thumbnail of such a file.
pub(super) fn is_picture(media_type: &Mime) -> bool {
    matches!(canonical(media_type.essence_str()), "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

/// What follows the last dot of a file name, in lower case.
pub(super) fn extension(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let is_one = !stem.is_empty() && !extension.is_empty() && !extension.contains(char::is_whitespace);
    is_one.then(|| extension.to_lowercase())
}

/// The media type that contradicts the declared one, or `None` if the bytes can be what they are said to be.
pub(super) fn contradiction(declared: &Mime, head: &[u8]) -> Option<&'static str> {
    const ANYTHING: &str = "application/octet-stream";
    let declared = declared.essence_str();
    let found = infer::get(head).map(|found| found.mime_type());
    match found {
        _ if declared == ANYTHING => None,
        Some(found) if are_alike(declared, found) => None,
        Some(found) => Some(found),
        // Bytes without a magic number can't be of a type that has one.
        None if infer::is_mime_supported(canonical(declared)) => Some(ANYTHING),
        None => None,
    }
}

fn are_alike(declared: &str, found: &str) -> bool {
    let (declared, found) = (canonical(declared), canonical(found));
    declared == found || family(declared).is_some_and(|family| Some(family) == self::family(found))
}

/// The name that `infer` has for a type that has several.
fn canonical(name: &str) -> &str {
    match name {
        "image/jpg" | "image/pjpeg" => "image/jpeg",
        "image/x-png" => "image/png",
        "image/x-ms-bmp" | "image/x-bmp" => "image/bmp",
        "image/x-icon" => "image/vnd.microsoft.icon",
        "image/heic" | "image/heic-sequence" | "image/heif-sequence" => "image/heif",
        "image/x-photoshop" | "application/x-photoshop" => "image/vnd.adobe.photoshop",
        "audio/mp3" | "audio/x-mp3" | "audio/mpeg3" => "audio/mpeg",
        "audio/flac" => "audio/x-flac",
        "audio/wav" | "audio/wave" | "audio/vnd.wave" => "audio/x-wav",
        "audio/aiff" => "audio/x-aiff",
        "audio/aacp" | "audio/x-aac" => "audio/aac",
        "audio/x-midi" => "audio/midi",
        "video/avi" | "video/msvideo" => "video/x-msvideo",
        "application/x-pdf" => "application/pdf",
        "text/rtf" => "application/rtf",
        "application/x-gzip" => "application/gzip",
        "application/bzip2" | "application/x-bzip" => "application/x-bzip2",
        "application/x-rar-compressed" | "application/x-rar" => "application/vnd.rar",
        "application/x-zip-compressed" | "application/x-zip" => "application/zip",
        "application/x-zstd" => "application/zstd",
        "application/x-sqlite3" => "application/vnd.sqlite3",
        "application/x-msdownload" | "application/x-dosexec" => "application/vnd.microsoft.portable-executable",
        "font/woff" | "font/woff2" | "application/x-font-woff" => "application/font-woff",
        "font/ttf" | "font/otf" | "font/sfnt" | "application/x-font-ttf" => "application/font-sfnt",
        other => other,
    }
}

/// Types that share a container, or are all text.
fn family(name: &str) -> Option<&'static str> {
    let has = |part: &str| name.contains(part);
    Some(match name {
        "application/xml" => "text",
        "application/x-sh" | "application/javascript" | "application/json" => "text",
        "video/mp4" | "audio/mp4" | "video/quicktime" | "video/x-m4v" | "audio/m4a" | "audio/x-m4a" | "video/3gpp"
        | "audio/3gpp" => "iso media",
        "video/webm" | "audio/webm" | "video/x-matroska" | "audio/x-matroska" => "matroska",
        "audio/ogg" | "video/ogg" | "application/ogg" | "audio/opus" => "ogg",
        "application/msword"
        | "application/vnd.ms-excel"
        | "application/vnd.ms-powerpoint"
        | "application/x-ole-storage"
        | "application/vnd.ms-outlook"
        | "application/vnd.visio" => "ole",
        "application/zip" | "application/java-archive" | "application/vnd.android.package-archive" => "zip",
        _ if name.ends_with("+zip") || has("openxmlformats") || has("opendocument") || has("vnd.apple.") => "zip",
        _ if name.ends_with("+xml") || name.starts_with("text/") => "text",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{contradiction, extension, kind, parse};

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const PDF: &[u8] = b"%PDF-1.7\n";
    const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\x08\0 nothing of an office";

    #[track_caller]
    fn check(declared: &str, head: &[u8], expected: Option<&str>) {
        assert_eq!(contradiction(&declared.parse().unwrap(), head), expected, "{declared}");
    }

    #[test]
    fn bytes_are_what_their_magic_number_says() {
        check("image/png", PNG, None);
        check("image/jpeg", PNG, Some("image/png"));
        check("text/plain", PDF, Some("application/pdf"));
        check("application/pdf", PDF, None);
        check("image/jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", None);
        check("image/png; a=b", PNG, None);
    }

    #[test]
    fn bytes_without_a_magic_number_are_of_no_type_that_has_one() {
        check("image/png", b"hello", Some("application/octet-stream"));
        check("image/png", b"", Some("application/octet-stream"));
        check("audio/wav", b"hello", Some("application/octet-stream"));
        check("text/plain; charset=utf-8", b"hello", None);
        check("text/csv", b"", None);
        check("application/x-of-my-own", b"\0\x01\x02", None);
    }

    #[test]
    fn members_of_a_family_are_not_told_apart() {
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        check(docx, ZIP, None);
        check("application/epub+zip", ZIP, None);
        check("image/png", ZIP, Some("application/zip"));
        check("text/plain", b"<html><body>", None);
        check("image/svg+xml", b"<?xml version=\"1.0\"?><svg/>", None);
        check("application/zip", PNG, Some("image/png"));
    }

    #[test]
    fn anything_may_be_declared_to_be_just_bytes() {
        check("application/octet-stream", PNG, None);
        check("application/octet-stream", b"", None);
    }

    #[test]
    fn a_media_type_has_two_parts_and_no_wildcards() {
        for text in ["image/png", "text/plain; charset=utf-8", "application/vnd.x.y+json"] {
            assert!(parse(text).is_some(), "{text}");
        }
        let long = format!("text/{}", "a".repeat(300));
        for text in ["", "image", "image/", "/png", "*/*", "image/*", " image/png", "image/png\n", "a b/c", &long] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert_eq!(parse("IMAGE/PNG").unwrap().as_ref(), "image/png");
    }

    #[test]
    fn a_kind_is_told_from_the_media_type() {
        for (text, expected) in [
            ("image/svg+xml", "image"),
            ("video/mp4", "video"),
            ("audio/ogg", "audio"),
            ("text/csv", "document"),
            ("application/pdf", "document"),
            ("application/vnd.oasis.opendocument.text", "document"),
            ("application/zip", "other"),
            ("font/woff", "other"),
        ] {
            assert_eq!(kind(&text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn an_extension_follows_the_last_dot() {
        assert_eq!(extension("a.tar.GZ").as_deref(), Some("gz"));
        for name in ["a", "a.", ".bashrc", "a.b c", "."] {
            assert_eq!(extension(name), None, "{name}");
        }
    }
}
