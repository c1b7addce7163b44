DROP INDEX messages_undeleted_idx;
CREATE INDEX messages_undeleted_idx ON messages (chat_id, sequence, author_id) WHERE (NOT deleted);
DROP INDEX direct_conversations_second_listed_idx;
CREATE INDEX direct_conversations_second_listed_idx ON direct_conversations (second_user_id, chat_updated_at DESC, created_at, id) WHERE second_listed;
DROP INDEX direct_conversations_first_listed_idx;
CREATE INDEX direct_conversations_first_listed_idx ON direct_conversations (first_user_id, chat_updated_at DESC, created_at, id) WHERE first_listed;
