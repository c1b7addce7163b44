//! The tables, as both databases have them.
//!
//! Written by hand next to `migrations/`, because the two databases share it. `…_folded` columns hold the text as it
//! is compared and sorted. A `?` of SQL (`Nullable`) is said only where a value can be missing.
#![expect(missing_docs, reason = "columns are described by the attributes that show them")]

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::{Instant, Uid};

    /// Accounts; removing one really deletes its row.
    users (id) {
        id -> Uid,
        name -> Text,
        name_folded -> Text,
        email -> Text,
        email_folded -> Text,
        password_hash -> Text,
        first_name -> Nullable<Text>,
        first_name_folded -> Nullable<Text>,
        last_name -> Nullable<Text>,
        last_name_folded -> Nullable<Text>,
        title -> Nullable<Text>,
        title_folded -> Nullable<Text>,
        avatar_url -> Nullable<Text>,
        /// `open` or `request`.
        direct_message_policy -> Text,
        created_at -> Instant,
        updated_at -> Instant,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Binary;
    use crate::db::{Instant, Uid};

    /// Sign-ins; the token itself is never stored.
    sessions (id) {
        id -> Uid,
        user_id -> Uid,
        token_hash -> Binary,
        created_at -> Instant,
        last_used_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::db::{Instant, Uid};

    /// Chats of two (`direct`) and of any number of users (`group`).
    chats (id) {
        id -> Uid,
        /// `direct` or `group`.
        chat_type -> Text,
        /// `pending`, `active` or `declined`.
        status -> Text,
        title -> Nullable<Text>,
        title_folded -> Nullable<Text>,
        icon_url -> Nullable<Text>,
        icon_thumbnail_url -> Nullable<Text>,
        open -> Bool,
        initiator_id -> Nullable<Uid>,
        /// The sequence of the newest message; 0 before the first.
        last_sequence -> BigInt,
        last_message_at -> Nullable<Instant>,
        member_count -> Integer,
        /// Names of removed accounts, a JSON array in removal order.
        past_users_involved -> Text,
        created_at -> Instant,
        updated_at -> Instant,
        version -> BigInt,
        /// The other half of a direct chat.
        direct_conversation_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::{Instant, Uid};

    /// Who is in a chat, and how that user sees it; leaving deletes the row.
    chat_memberships (id) {
        id -> Uid,
        chat_id -> Uid,
        user_id -> Uid,
        /// `admin`, `member` or `reader`.
        role -> Text,
        archived -> Bool,
        hidden -> Bool,
        /// The member deleted the chat for themselves, until something revives it.
        deleted -> Bool,
        mute -> Bool,
        /// The end of the mute; null while muted means for ever.
        mute_until -> Nullable<Instant>,
        joined_sequence -> BigInt,
        read_sequence -> BigInt,
        read_until -> Nullable<Instant>,
        created_at -> Instant,
        updated_at -> Instant,
        version -> BigInt,
        /// A copy of the user's clear point in this chat.
        cleared_sequence -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::db::{Instant, Uid};

    /// Up to where a user cleared a chat; outlives the membership.
    clear_points (user_id, chat_id) {
        user_id -> Uid,
        chat_id -> Uid,
        sequence -> BigInt,
        cleared_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::db::{Instant, Uid};

    /// The two sides of a direct chat. A side is null once its account is removed.
    direct_conversations (id) {
        id -> Uid,
        chat_id -> Uid,
        first_user_id -> Nullable<Uid>,
        second_user_id -> Nullable<Uid>,
        /// The lesser of the two ids; with the greater one it makes the unordered pair unique.
        low_user_id -> Nullable<Uid>,
        high_user_id -> Nullable<Uid>,
        /// The folded name of the removed side, so that it is still found.
        former_peer_folded -> Nullable<Text>,
        /// The chat is not deleted for that side.
        first_visible -> Bool,
        second_visible -> Bool,
        /// Visible, not hidden, and the chat is active: what the list shows by default.
        first_listed -> Bool,
        second_listed -> Bool,
        /// A copy of `chats.updated_at`, so that a list is read from one index per side.
        chat_updated_at -> Instant,
        created_at -> Instant,
        updated_at -> Instant,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::db::{Instant, Uid};

    /// Messages; a deleted one stays as a tombstone.
    messages (id) {
        id -> Uid,
        chat_id -> Uid,
        /// The order within the chat, from 1.
        sequence -> BigInt,
        author_id -> Nullable<Uid>,
        /// The author's name at the removal of the account.
        user_deleted_name -> Nullable<Text>,
        parent_id -> Nullable<Uid>,
        content -> Nullable<Text>,
        content_folded -> Nullable<Text>,
        image_url -> Nullable<Text>,
        link_preview_url -> Nullable<Text>,
        expected_attachment_count -> Integer,
        deleted -> Bool,
        edited_at -> Nullable<Instant>,
        created_at -> Instant,
        updated_at -> Instant,
        version -> BigInt,
        /// Replies that are not deleted.
        reply_count -> Integer,
        /// The sequence of the parent.
        parent_sequence -> Nullable<BigInt>,
        user_deleted_name_folded -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::{Instant, Uid};

    /// Who asked whom to chat; the chat goes by the answer.
    chat_requests (id) {
        id -> Uid,
        chat_id -> Uid,
        sender_id -> Nullable<Uid>,
        recipient_id -> Nullable<Uid>,
        /// `pending`, `active` or `declined`; the chat has the same.
        status -> Text,
        /// When it was last answered.
        responded_at -> Nullable<Instant>,
        created_at -> Instant,
        updated_at -> Instant,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::db::{Instant, Uid};

    /// Emoji on messages, each once per user.
    reactions (id) {
        id -> Uid,
        message_id -> Uid,
        /// The message's chat.
        chat_id -> Uid,
        author_id -> Nullable<Uid>,
        emoji -> Text,
        created_at -> Instant,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::db::{Instant, Uid};

    /// Files of messages: bytes of ours, or a URL elsewhere.
    attachments (id) {
        id -> Uid,
        message_id -> Uid,
        /// The message's chat.
        chat_id -> Uid,
        name -> Text,
        name_folded -> Text,
        extension -> Nullable<Text>,
        mime_type -> Text,
        /// `image`, `video`, `audio`, `document` or `other`.
        kind -> Text,
        size -> Nullable<BigInt>,
        source_url -> Nullable<Text>,
        /// `uploading`, `success` or `error`.
        upload_status -> Text,
        /// A thumbnail is still to be made.
        processing -> Bool,
        processing_tries -> Integer,
        /// The media type of the thumbnail; null while there is none.
        thumbnail_type -> Nullable<Text>,
        width -> Nullable<Integer>,
        height -> Nullable<Integer>,
        sha256 -> Nullable<Text>,
        created_at -> Instant,
        updated_at -> Instant,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Nullable;
    use crate::db::{Instant, Uid};

    /// Bytes in the storage, by the name they have there; a row is made before them, and goes after them.
    contents (id) {
        id -> Uid,
        /// Whose bytes they are; null while they arrive, and once the attachment is gone.
        attachment_id -> Nullable<Uid>,
        /// When they may be removed if they are nobody's.
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::Instant;

    /// Secrets of the server.
    keys (name) {
        name -> Text,
        bytes -> Binary,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Nullable, Text};
    use crate::db::{Instant, Uid};

    /// Answers to requests that may be sent again, by the user's key.
    idempotency_keys (user_id, key) {
        user_id -> Uid,
        key -> Text,
        /// A hash of the request.
        fingerprint -> Binary,
        status -> Integer,
        media_type -> Nullable<Text>,
        language -> Nullable<Text>,
        location -> Nullable<Text>,
        tag -> Nullable<Text>,
        body -> Binary,
        /// The resource that the answer tells of.
        about_type -> Nullable<Text>,
        about_id -> Nullable<Uid>,
        created_at -> Instant,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(idempotency_keys -> users (user_id));
diesel::joinable!(chats -> users (initiator_id));
diesel::joinable!(chat_memberships -> chats (chat_id));
diesel::joinable!(chat_memberships -> users (user_id));
diesel::joinable!(clear_points -> chats (chat_id));
diesel::joinable!(clear_points -> users (user_id));
diesel::joinable!(direct_conversations -> chats (chat_id));
diesel::joinable!(messages -> chats (chat_id));
diesel::joinable!(reactions -> messages (message_id));
diesel::joinable!(attachments -> messages (message_id));
diesel::joinable!(contents -> attachments (attachment_id));
diesel::joinable!(chat_requests -> chats (chat_id));

diesel::allow_tables_to_appear_in_same_query!(
    users,
    sessions,
    chats,
    chat_memberships,
    clear_points,
    direct_conversations,
    messages,
    reactions,
    attachments,
    contents,
    chat_requests,
    idempotency_keys,
);
