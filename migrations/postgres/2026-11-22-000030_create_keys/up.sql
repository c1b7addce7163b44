-- Secrets of the server that all its processes share and that outlive them, e.g. what cursors are sealed with.
CREATE TABLE keys (
    name text COLLATE "C" NOT NULL,
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT keys_pkey PRIMARY KEY (name)
);
