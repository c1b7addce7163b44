-- Emoji that members put on messages. A user puts each of them once; without the account they stay.
CREATE TABLE reactions (
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    author_id uuid,
    emoji text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT reactions_pkey PRIMARY KEY (id),
    CONSTRAINT reactions_message_id_author_id_emoji_key UNIQUE (message_id, author_id, emoji),
    CONSTRAINT reactions_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT reactions_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE SET NULL
);

CREATE INDEX reactions_author_id_idx ON reactions (author_id);
