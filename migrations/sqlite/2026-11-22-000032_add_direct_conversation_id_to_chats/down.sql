ALTER TABLE chats DROP COLUMN direct_conversation_id;
