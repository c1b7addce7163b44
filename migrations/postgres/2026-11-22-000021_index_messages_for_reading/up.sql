-- Unread messages are counted in an index alone; those of an author are read in their order; few messages are replies.
CREATE INDEX messages_undeleted_idx ON messages (chat_id, sequence, author_id) WHERE (NOT deleted);
DROP INDEX messages_author_id_idx;
CREATE INDEX messages_author_id_idx ON messages (author_id, created_at DESC, sequence DESC, id);
DROP INDEX messages_parent_id_idx;
CREATE INDEX messages_parent_id_idx ON messages (parent_id, sequence) WHERE (parent_id IS NOT NULL);
