-- The two sides of a direct chat. A list of one side is read from its partial index alone, in its order.
CREATE TABLE direct_conversations (
    id BLOB NOT NULL,
    chat_id BLOB NOT NULL,
    first_user_id BLOB,
    second_user_id BLOB,
    low_user_id BLOB,
    high_user_id BLOB,
    former_peer_folded TEXT,
    first_visible INTEGER NOT NULL DEFAULT 1,
    second_visible INTEGER NOT NULL DEFAULT 1,
    first_listed INTEGER NOT NULL DEFAULT 1,
    second_listed INTEGER NOT NULL DEFAULT 1,
    chat_updated_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT direct_conversations_pkey PRIMARY KEY (id),
    CONSTRAINT direct_conversations_chat_id_key UNIQUE (chat_id),
    CONSTRAINT direct_conversations_pair_key UNIQUE (low_user_id, high_user_id),
    CONSTRAINT direct_conversations_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT direct_conversations_first_user_id_fkey FOREIGN KEY (first_user_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT direct_conversations_second_user_id_fkey FOREIGN KEY (second_user_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT direct_conversations_low_user_id_fkey FOREIGN KEY (low_user_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT direct_conversations_high_user_id_fkey FOREIGN KEY (high_user_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT direct_conversations_pair_check CHECK (low_user_id < high_user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX direct_conversations_first_user_id_idx ON direct_conversations (first_user_id);
CREATE INDEX direct_conversations_second_user_id_idx ON direct_conversations (second_user_id);
CREATE INDEX direct_conversations_high_user_id_idx ON direct_conversations (high_user_id);
CREATE INDEX direct_conversations_first_listed_idx ON direct_conversations (first_user_id, chat_updated_at DESC, created_at, id) WHERE first_listed;
CREATE INDEX direct_conversations_second_listed_idx ON direct_conversations (second_user_id, chat_updated_at DESC, created_at, id) WHERE second_listed;
