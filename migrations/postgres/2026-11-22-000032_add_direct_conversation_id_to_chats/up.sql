-- The other half of a direct chat, set when both are made and never changed: finding it by its own index was a fifth of
-- what reading a page of chats cost. No foreign key, since it is the conversation that refers to its chat, and goes with it.
ALTER TABLE chats ADD COLUMN direct_conversation_id uuid;

UPDATE chats SET direct_conversation_id =
    (SELECT direct_conversations.id FROM direct_conversations WHERE direct_conversations.chat_id = chats.id);
