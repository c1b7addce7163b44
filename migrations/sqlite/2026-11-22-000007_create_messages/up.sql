-- Messages of a chat, in the order of `sequence`. A deleted one stays as a tombstone without content.
CREATE TABLE messages (
    id BLOB NOT NULL,
    chat_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    author_id BLOB,
    user_deleted_name TEXT,
    parent_id BLOB,
    content TEXT,
    content_folded TEXT,
    image_url TEXT,
    link_preview_url TEXT,
    expected_attachment_count INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    edited_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT messages_chat_id_sequence_key UNIQUE (chat_id, sequence),
    CONSTRAINT messages_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT messages_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT messages_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES messages (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX messages_chat_id_created_at_idx ON messages (chat_id, created_at DESC, sequence DESC, id);
CREATE INDEX messages_author_id_idx ON messages (author_id);
CREATE INDEX messages_parent_id_idx ON messages (parent_id, sequence);
