-- How many replies that are not deleted a message has, and the sequence of what a reply answers: who cleared the chat
-- after that doesn't see it.
ALTER TABLE messages ADD COLUMN reply_count integer NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN parent_sequence bigint;
