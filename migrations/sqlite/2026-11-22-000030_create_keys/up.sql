-- Secrets of the server that all its processes share and that outlive them, e.g. what cursors are sealed with.
CREATE TABLE keys (
    name TEXT NOT NULL,
    bytes BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT keys_pkey PRIMARY KEY (name)
) STRICT;
