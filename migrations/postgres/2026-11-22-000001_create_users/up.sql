-- Accounts. Texts compare bytewise on both databases, by their folded form where there is one.
CREATE TABLE users (
    id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    email_folded text COLLATE "C" NOT NULL,
    password_hash text COLLATE "C" NOT NULL,
    first_name text COLLATE "C",
    first_name_folded text COLLATE "C",
    last_name text COLLATE "C",
    last_name_folded text COLLATE "C",
    title text COLLATE "C",
    title_folded text COLLATE "C",
    avatar_url text COLLATE "C",
    direct_message_policy text COLLATE "C" NOT NULL DEFAULT 'open',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_folded_key UNIQUE (email_folded),
    CONSTRAINT users_direct_message_policy_check CHECK (direct_message_policy IN ('open', 'request'))
);

CREATE INDEX users_name_folded_idx ON users (name_folded, created_at, id);
CREATE INDEX users_created_at_idx ON users (created_at, id);
