//! Error codes: the closed catalogue of what a request can fail with.
//!
//! Each code has one status and one title, whatever the occurrence.
//! Spec: <https://jsonapi.org/format/1.1/#error-objects> (ERR-06 to ERR-08, ERR-12)

use super::language::Language;
use std::borrow::Cow;

macro_rules! catalogue {
    ($($variant:ident $status:literal $code:literal $title:literal;)*) => {
        /// What went wrong, as a word for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = concat!("`", $code, "`, ", stringify!($status), ": ", $title, ".")] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the catalogue.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The HTTP status, 400 to 503.
            pub fn status(self) -> u16 {
                match self { $(Code::$variant => $status),* }
            }

            /// The word shown as `code`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code),* }
            }

            /// The `title`, the same at each occurrence.
            pub fn title_in(self, language: Language) -> Cow<'static, str> {
                match language {
                    Language::English => Cow::Borrowed(self.title()),
                    other => other.about(self.as_str(), "title").map_or(Cow::Borrowed(self.title()), Cow::Owned),
                }
            }

            /// The code that is shown as `word`.
            pub fn of(word: &str) -> Option<Code> {
                Self::ALL.iter().copied().find(|code| code.as_str() == word)
            }

            /// The English `title`.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title),* }
            }
        }
    };
}

catalogue! {
    Unauthorized 401 "unauthorized" "Authentication required";
    InvalidCredentials 401 "invalid_credentials" "Invalid credentials";
    Forbidden 403 "forbidden" "Forbidden";
    FieldReadOnly 403 "field_read_only" "Read-only field";
    ClientIdForbidden 403 "client_id_forbidden" "Client-generated id not accepted";
    ChatRequestRequired 403 "chat_request_required" "Chat request required";
    PasswordRequired 403 "password_required" "Current password required";
    NotFound 404 "not_found" "Not found";
    MethodNotAllowed 405 "method_not_allowed" "Method not allowed";
    NotAcceptable 406 "not_acceptable" "Not acceptable";
    TypeMismatch 409 "type_mismatch" "Resource type mismatch";
    IdMismatch 409 "id_mismatch" "Resource id mismatch";
    IdTaken 409 "id_taken" "Id already in use";
    AlreadyExists 409 "already_exists" "Resource already exists";
    AlreadyMember 409 "already_member" "Already a member";
    EmailTaken 409 "email_taken" "E-mail address already in use";
    ReadConflict 409 "read_conflict" "Newer messages exist";
    ChatNotActive 409 "chat_not_active" "Chat not active";
    ChatClosed 409 "chat_closed" "Chat closed";
    PeerGone 409 "peer_gone" "The other participant is gone";
    RequestClosed 409 "request_closed" "Chat request closed";
    LastAdmin 409 "last_admin" "Last admin of the chat";
    MessageDeleted 409 "message_deleted" "Message deleted";
    ContentExists 409 "content_exists" "Content already uploaded";
    IdempotencyInFlight 409 "idempotency_in_flight" "First request still running";
    PreconditionFailed 412 "precondition_failed" "Precondition failed";
    TooLarge 413 "too_large" "Request too large";
    UnsupportedMediaType 415 "unsupported_media_type" "Unsupported media type";
    RangeNotSatisfiable 416 "range_not_satisfiable" "Range not satisfiable";
    SelfConversation 422 "self_conversation" "Conversation with oneself";
    FieldRequired 422 "field_required" "Required field missing";
    FieldInvalid 422 "field_invalid" "Invalid field";
    FieldUnknown 422 "field_unknown" "Unknown field";
    MessageNotInChat 422 "message_not_in_chat" "Message of another chat";
    ParentInvalid 422 "parent_invalid" "Invalid parent message";
    IdempotencyMismatch 422 "idempotency_mismatch" "Idempotency key used for another request";
    RateLimited 429 "rate_limited" "Too many requests";
    IncludeUnknown 400 "include_unknown" "Unknown include path";
    FieldSetUnknown 400 "field_set_unknown" "Unknown sparse fieldset";
    SortUnknown 400 "sort_unknown" "Unknown sort field";
    FilterUnknown 400 "filter_unknown" "Unknown filter";
    FilterInvalid 400 "filter_invalid" "Invalid filter value";
    PageInvalid 400 "page_invalid" "Invalid page parameter";
    HeaderInvalid 400 "header_invalid" "Invalid header";
    ParameterUnknown 400 "parameter_unknown" "Unknown query parameter";
    JsonInvalid 400 "json_invalid" "Invalid JSON";
    DocumentInvalid 400 "document_invalid" "Invalid JSON:API document";
    Internal 500 "internal" "Internal error";
    Unavailable 503 "unavailable" "Temporarily unavailable";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_snake_case_words_with_distinct_titles() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert!(code.as_str().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{code:?}");
            assert!((400..=599).contains(&code.status()), "{code:?}");
            for other in &Code::ALL[index + 1..] {
                assert_ne!(code.as_str(), other.as_str());
                assert_ne!(code.title(), other.title());
            }
        }
    }
}
