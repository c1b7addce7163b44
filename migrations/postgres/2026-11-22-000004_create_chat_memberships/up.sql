-- Who is in a chat, and how that user sees it. Leaving deletes the row.
CREATE TABLE chat_memberships (
    id uuid NOT NULL,
    chat_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text COLLATE "C" NOT NULL,
    archived boolean NOT NULL DEFAULT false,
    hidden boolean NOT NULL DEFAULT false,
    deleted boolean NOT NULL DEFAULT false,
    mute boolean NOT NULL DEFAULT false,
    mute_until timestamptz,
    joined_sequence bigint NOT NULL DEFAULT 0,
    read_sequence bigint NOT NULL DEFAULT 0,
    read_until timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT chat_memberships_pkey PRIMARY KEY (id),
    CONSTRAINT chat_memberships_chat_id_user_id_key UNIQUE (chat_id, user_id),
    CONSTRAINT chat_memberships_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT chat_memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT chat_memberships_role_check CHECK (role IN ('admin', 'member', 'reader'))
);

CREATE INDEX chat_memberships_user_id_idx ON chat_memberships (user_id, chat_id);
