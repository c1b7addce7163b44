-- Chats of two and of many. `last_sequence` numbers the messages of a chat; 0 before the first.
CREATE TABLE chats (
    id BLOB NOT NULL,
    chat_type TEXT NOT NULL,
    status TEXT NOT NULL,
    title TEXT,
    title_folded TEXT,
    icon_url TEXT,
    icon_thumbnail_url TEXT,
    open INTEGER NOT NULL DEFAULT 1,
    initiator_id BLOB,
    last_sequence INTEGER NOT NULL DEFAULT 0,
    last_message_at INTEGER,
    member_count INTEGER NOT NULL DEFAULT 0,
    past_users_involved TEXT NOT NULL DEFAULT '[]',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT chats_pkey PRIMARY KEY (id),
    CONSTRAINT chats_initiator_id_fkey FOREIGN KEY (initiator_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT chats_chat_type_check CHECK (chat_type IN ('direct', 'group')),
    CONSTRAINT chats_status_check CHECK (status IN ('pending', 'active', 'declined'))
) STRICT, WITHOUT ROWID;

CREATE INDEX chats_initiator_id_idx ON chats (initiator_id);
