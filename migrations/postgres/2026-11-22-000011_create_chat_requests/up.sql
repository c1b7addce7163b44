-- Who asked whom to chat, and what became of it. A pair has one chat, and a chat at most one request.
CREATE TABLE chat_requests (
    id uuid NOT NULL,
    chat_id uuid NOT NULL,
    sender_id uuid,
    recipient_id uuid,
    status text COLLATE "C" NOT NULL,
    responded_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT chat_requests_pkey PRIMARY KEY (id),
    CONSTRAINT chat_requests_chat_id_key UNIQUE (chat_id),
    CONSTRAINT chat_requests_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT chat_requests_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT chat_requests_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT chat_requests_status_check CHECK (status IN ('pending', 'active', 'declined'))
);

CREATE INDEX chat_requests_sender_id_created_at_idx ON chat_requests (sender_id, created_at DESC, id);
CREATE INDEX chat_requests_recipient_id_created_at_idx ON chat_requests (recipient_id, created_at DESC, id);
CREATE INDEX chat_requests_sender_id_status_idx ON chat_requests (sender_id, status);
CREATE INDEX chat_requests_recipient_id_status_idx ON chat_requests (recipient_id, status);
