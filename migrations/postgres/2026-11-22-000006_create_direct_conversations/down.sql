DROP TABLE direct_conversations;
