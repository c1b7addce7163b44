-- Files of messages: bytes of ours, or a URL elsewhere.
CREATE TABLE attachments (
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    chat_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    extension text COLLATE "C",
    mime_type text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    size bigint,
    source_url text COLLATE "C",
    upload_status text COLLATE "C" NOT NULL,
    processing boolean NOT NULL DEFAULT false,
    processing_tries integer NOT NULL DEFAULT 0,
    thumbnail_type text COLLATE "C",
    width integer,
    height integer,
    sha256 text COLLATE "C",
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT attachments_pkey PRIMARY KEY (id),
    CONSTRAINT attachments_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    CONSTRAINT attachments_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT attachments_kind_check CHECK (kind IN ('image', 'video', 'audio', 'document', 'other')),
    CONSTRAINT attachments_upload_status_check CHECK (upload_status IN ('uploading', 'success', 'error'))
);

CREATE INDEX attachments_message_id_idx ON attachments (message_id, created_at, id);
CREATE INDEX attachments_chat_id_created_at_idx ON attachments (chat_id, created_at DESC, id);
CREATE INDEX attachments_processing_idx ON attachments (id) WHERE processing;
CREATE INDEX attachments_waiting_idx ON attachments (updated_at) WHERE upload_status <> 'success';

-- Bytes in the storage, by the name they have there. A row is made before the bytes and goes after them, so that
-- bytes that nothing refers to are found without looking through the storage.
CREATE TABLE contents (
    id uuid NOT NULL,
    attachment_id uuid,
    expires_at timestamptz NOT NULL,
    CONSTRAINT contents_pkey PRIMARY KEY (id),
    CONSTRAINT contents_attachment_id_key UNIQUE (attachment_id),
    CONSTRAINT contents_attachment_id_fkey FOREIGN KEY (attachment_id) REFERENCES attachments (id) ON DELETE SET NULL
);

CREATE INDEX contents_expires_at_idx ON contents (expires_at) WHERE attachment_id IS NULL;
