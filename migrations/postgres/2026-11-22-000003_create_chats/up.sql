-- Chats of two and of many. `last_sequence` numbers the messages of a chat; 0 before the first.
CREATE TABLE chats (
    id uuid NOT NULL,
    chat_type text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    title text COLLATE "C",
    title_folded text COLLATE "C",
    icon_url text COLLATE "C",
    icon_thumbnail_url text COLLATE "C",
    open boolean NOT NULL DEFAULT true,
    initiator_id uuid,
    last_sequence bigint NOT NULL DEFAULT 0,
    last_message_at timestamptz,
    member_count integer NOT NULL DEFAULT 0,
    past_users_involved text COLLATE "C" NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT chats_pkey PRIMARY KEY (id),
    CONSTRAINT chats_initiator_id_fkey FOREIGN KEY (initiator_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT chats_chat_type_check CHECK (chat_type IN ('direct', 'group')),
    CONSTRAINT chats_status_check CHECK (status IN ('pending', 'active', 'declined'))
);

CREATE INDEX chats_initiator_id_idx ON chats (initiator_id);
