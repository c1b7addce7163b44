-- Accounts. Texts compare bytewise on both databases, by their folded form where there is one.
CREATE TABLE users (
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    first_name TEXT,
    first_name_folded TEXT,
    last_name TEXT,
    last_name_folded TEXT,
    title TEXT,
    title_folded TEXT,
    avatar_url TEXT,
    direct_message_policy TEXT NOT NULL DEFAULT 'open',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_folded_key UNIQUE (email_folded),
    CONSTRAINT users_direct_message_policy_check CHECK (direct_message_policy IN ('open', 'request'))
) STRICT, WITHOUT ROWID;

CREATE INDEX users_name_folded_idx ON users (name_folded, created_at, id);
CREATE INDEX users_created_at_idx ON users (created_at, id);
