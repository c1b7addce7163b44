-- Whatever a page reads of each conversation, and whatever tells a chat's newest and unread messages, is in the index that
-- finds it: no row is looked up. A partial index has to have the column of its condition too before SQLite reads it alone.
DROP INDEX direct_conversations_first_listed_idx;
CREATE INDEX direct_conversations_first_listed_idx ON direct_conversations (first_user_id, chat_updated_at DESC, created_at, id, chat_id, second_user_id, updated_at, first_listed) WHERE first_listed;
DROP INDEX direct_conversations_second_listed_idx;
CREATE INDEX direct_conversations_second_listed_idx ON direct_conversations (second_user_id, chat_updated_at DESC, created_at, id, chat_id, first_user_id, updated_at, second_listed) WHERE second_listed;
DROP INDEX messages_undeleted_idx;
CREATE INDEX messages_undeleted_idx ON messages (chat_id, sequence, author_id, id, deleted) WHERE (NOT deleted);
