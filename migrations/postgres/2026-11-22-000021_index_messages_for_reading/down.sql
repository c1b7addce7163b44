DROP INDEX messages_parent_id_idx;
CREATE INDEX messages_parent_id_idx ON messages (parent_id, sequence);
DROP INDEX messages_author_id_idx;
CREATE INDEX messages_author_id_idx ON messages (author_id);
DROP INDEX messages_undeleted_idx;
