-- Messages of a chat, in the order of `sequence`. A deleted one stays as a tombstone without content.
CREATE TABLE messages (
    id uuid NOT NULL,
    chat_id uuid NOT NULL,
    sequence bigint NOT NULL,
    author_id uuid,
    user_deleted_name text COLLATE "C",
    parent_id uuid,
    content text COLLATE "C",
    content_folded text COLLATE "C",
    image_url text COLLATE "C",
    link_preview_url text COLLATE "C",
    expected_attachment_count integer NOT NULL DEFAULT 0,
    deleted boolean NOT NULL DEFAULT false,
    edited_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT messages_chat_id_sequence_key UNIQUE (chat_id, sequence),
    CONSTRAINT messages_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT messages_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT messages_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES messages (id) ON DELETE SET NULL
);

CREATE INDEX messages_chat_id_created_at_idx ON messages (chat_id, created_at DESC, sequence DESC, id);
CREATE INDEX messages_author_id_idx ON messages (author_id);
CREATE INDEX messages_parent_id_idx ON messages (parent_id, sequence);
