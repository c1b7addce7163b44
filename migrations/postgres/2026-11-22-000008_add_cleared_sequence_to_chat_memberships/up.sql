-- A copy of the user's clear point in this chat, so that reading messages needs the membership alone.
ALTER TABLE chat_memberships ADD COLUMN cleared_sequence bigint NOT NULL DEFAULT 0;
