-- Who is in a chat, and how that user sees it. Leaving deletes the row.
CREATE TABLE chat_memberships (
    id BLOB NOT NULL,
    chat_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    role TEXT NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    mute INTEGER NOT NULL DEFAULT 0,
    mute_until INTEGER,
    joined_sequence INTEGER NOT NULL DEFAULT 0,
    read_sequence INTEGER NOT NULL DEFAULT 0,
    read_until INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT chat_memberships_pkey PRIMARY KEY (id),
    CONSTRAINT chat_memberships_chat_id_user_id_key UNIQUE (chat_id, user_id),
    CONSTRAINT chat_memberships_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT chat_memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT chat_memberships_role_check CHECK (role IN ('admin', 'member', 'reader'))
) STRICT, WITHOUT ROWID;

CREATE INDEX chat_memberships_user_id_idx ON chat_memberships (user_id, chat_id);
