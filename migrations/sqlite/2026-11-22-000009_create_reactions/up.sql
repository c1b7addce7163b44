-- Emoji that members put on messages. A user puts each of them once; without the account they stay.
CREATE TABLE reactions (
    id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    author_id BLOB,
    emoji TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT reactions_pkey PRIMARY KEY (id),
    CONSTRAINT reactions_message_id_author_id_emoji_key UNIQUE (message_id, author_id, emoji),
    CONSTRAINT reactions_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT reactions_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX reactions_author_id_idx ON reactions (author_id);
