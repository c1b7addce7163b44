-- The answers to requests that a user marked with a key, so that one sent again is answered and not carried out again.
CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    status integer NOT NULL,
    media_type text COLLATE "C",
    language text COLLATE "C",
    location text COLLATE "C",
    tag text COLLATE "C",
    body bytea NOT NULL,
    about_type text COLLATE "C",
    about_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key),
    CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
