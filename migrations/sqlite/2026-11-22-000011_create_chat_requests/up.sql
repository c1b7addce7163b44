-- Who asked whom to chat, and what became of it. A pair has one chat, and a chat at most one request.
CREATE TABLE chat_requests (
    id BLOB NOT NULL,
    chat_id BLOB NOT NULL,
    sender_id BLOB,
    recipient_id BLOB,
    status TEXT NOT NULL,
    responded_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT chat_requests_pkey PRIMARY KEY (id),
    CONSTRAINT chat_requests_chat_id_key UNIQUE (chat_id),
    CONSTRAINT chat_requests_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT chat_requests_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT chat_requests_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT chat_requests_status_check CHECK (status IN ('pending', 'active', 'declined'))
) STRICT, WITHOUT ROWID;

CREATE INDEX chat_requests_sender_id_created_at_idx ON chat_requests (sender_id, created_at DESC, id);
CREATE INDEX chat_requests_recipient_id_created_at_idx ON chat_requests (recipient_id, created_at DESC, id);
CREATE INDEX chat_requests_sender_id_status_idx ON chat_requests (sender_id, status);
CREATE INDEX chat_requests_recipient_id_status_idx ON chat_requests (recipient_id, status);
